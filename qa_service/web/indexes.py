"""The shapes of the index over HTTP: what is served, the Snapshots there are, the last builds."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from qa_service.builds import Record
from qa_service.history import Entry
from qa_service.schema import Summary
from qa_service.snapshot import Manifest
from qa_service.web import examples


class SnapshotOut(BaseModel):
    """A Snapshot that is or was served; `current` tells the one that is."""

    id: str
    created: str
    documents: int
    passages: int
    current: bool


class BuildOut(BaseModel):
    """A build: `done` of `total` files, and what became of it once it has ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.BUILD]})

    id: str
    state: Literal["waiting", "running", "published", "unchanged", "failed"]
    stage: str | None = Field(description="`reading` files, or `checking` answers at a gate.")
    done: int
    total: int
    message: str | None
    report: list[str] = Field(description="What is wrong with the files that were left out.")
    snapshot: str | None = Field(description="The Snapshot served after it.")
    started: str | None
    ended: str | None

    @classmethod
    def of(cls, record: Record) -> "BuildOut":
        return cls(
            id=record.id,
            state=record.state,
            stage=record.stage,
            done=record.done,
            total=record.total,
            message=record.message,
            report=list(record.report),
            snapshot=record.snapshot,
            started=record.started,
            ended=record.ended,
        )


class IndexOut(BaseModel):
    """The Snapshot in use, what was deleted since left out of its counts."""

    snapshot: str | None = Field(description="Null before the first build.")
    created: str | None
    documents: int
    passages: int
    encoder: str | None
    writable: bool = Field(description="Whether this client may add, delete, build, roll back.")
    report: bool = Field(description="Whether GET /report shows an evaluation.")
    snapshots: list[SnapshotOut] = Field(description="Newest first.")
    builds: list[BuildOut] = Field(description="The last ones, newest first.")

    @classmethod
    def of(
        cls,
        served: Manifest | None,
        documents: Sequence[Summary],
        entries: Sequence[Entry],
        builds: Sequence[Record],
        writable: bool,
        report: bool,
    ) -> "IndexOut":
        return cls(
            snapshot=served and served.id,
            created=served and served.created,
            documents=len(documents),
            passages=sum(document.passages for document in documents),
            encoder=served and served.encoder,
            writable=writable,
            report=report,
            snapshots=[
                SnapshotOut(
                    id=entry.id,
                    created=entry.manifest.created,
                    documents=entry.manifest.documents,
                    passages=entry.manifest.passages,
                    current=served is not None and entry.id == served.id,
                )
                for entry in entries
                if entry.manifest and entry.state != "never published"
            ],
            builds=[BuildOut.of(record) for record in builds],
        )


class RollbackRequest(BaseModel):
    """The Snapshot to serve again; null for the newest that is older than the one served."""

    model_config = ConfigDict(extra="forbid")

    snapshot: str | None = Field(None, max_length=100)
