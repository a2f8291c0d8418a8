"""One frozen Settings, the only reader of the environment (`QA_...`)."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from qa_service.errors import SettingsError

WEIGHTS = Path(__file__).parent / "weights"
_KEY_LENGTH = 16  # characters: nothing slows down who tries keys


class Settings(BaseSettings):
    """Every knob of the service; each is also the environment variable `QA_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="QA_", frozen=True, extra="forbid")

    corpus_dir: Path = Field(Path("corpus"), description="Folder of source documents.")
    index_dir: Path = Field(Path("index"), description="Folder of built Snapshots.")

    encoder: str = Field(
        str(WEIGHTS / "encoder"), description="A sentence-transformers folder or hub name."
    )
    reader: str = Field(
        str(WEIGHTS / "reader"), description="A question-answering model folder or hub name."
    )
    calibration: Path | None = Field(
        None, description="File of the reader's calibration; unset: the one in its folder."
    )
    threads: int = Field(
        # More threads than free cores slow a model down by an order of magnitude.
        min(os.cpu_count() or 1, 4),
        ge=1,
        le=64,
        description="Threads one model run may use.",
    )

    passage_words: int = Field(80, ge=20, le=300, description="Words a Passage aims at.")
    snapshots_kept: int = Field(3, ge=1, le=100, description="Snapshots kept after a build.")
    max_file_bytes: int = Field(20_000_000, ge=1, description="Largest source file read.")

    threshold: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Confidence under which the service abstains; unset: the calibration's own.",
    )

    feedback_file: Path | None = Field(
        None, description="File of readers' opinions; unset: `feedback.sqlite` in the index folder."
    )
    feedback_kept: int = Field(
        10_000, ge=1, le=100_000, description="Readers' opinions kept at most; the oldest go."
    )

    report_file: Path | None = Field(
        None,
        description="HTML report of an evaluation that the library links to; unset: `report.html` "
        "in the index folder.",
    )

    examples_file: Path | None = Field(
        None,
        description="Questions that the page offers, one a line; unset: `.examples.txt` in the "
        "corpus.",
    )

    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the server listens on.")
    max_waiting: int = Field(
        32, ge=1, description="Questions that may wait for a free model before 503 is answered."
    )
    max_body_bytes: int = Field(64_000, ge=1000, description="Largest request body accepted.")
    api_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        repr=False,
        description="Keys, separated by commas, of those who may add and delete documents; unset: "
        "this machine only.",
    )

    @field_validator("api_keys", mode="before")
    @classmethod
    def _separated(cls, keys: object) -> object:
        if isinstance(keys, str):
            return tuple(key.strip() for key in keys.split(",") if key.strip())
        return keys

    @field_validator("api_keys")
    @classmethod
    def _strong(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if not all(len(key) >= _KEY_LENGTH and key.isascii() and key.isprintable() for key in keys):
            raise ValueError(f"each key needs at least {_KEY_LENGTH} letters, digits or signs")
        return keys

    @property
    def feedback_path(self) -> Path:
        return self.feedback_file or self.index_dir / "feedback.sqlite"

    @property
    def examples_path(self) -> Path:
        return self.examples_file or self.corpus_dir / ".examples.txt"

    @property
    def report_path(self) -> Path:
        return self.report_file or self.index_dir / "report.html"


def load_settings(**overrides: object) -> Settings:
    """The Settings of the environment, with `overrides` (None means: not given) on top."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        value = "set" if name == "api_keys" else repr(first["input"])
        raise SettingsError(
            f"QA_{name.upper()} is {value}: {first['msg']}. "
            "Correct the environment variable or the option of that name."
        ) from None
