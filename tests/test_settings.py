from pathlib import Path

import pytest
from pydantic import ValidationError

from qa_service.errors import SettingsError
from qa_service.settings import Settings, load_settings


def test_defaults_name_the_shipped_models() -> None:
    settings = load_settings()
    assert (Path(settings.encoder) / "model.onnx").is_file()
    assert (Path(settings.reader) / "model.onnx").is_file()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is_for(name: str) -> None:
    assert (Settings.model_fields[name].description or "").endswith(".")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PORT", "9001")
    monkeypatch.setenv("QA_INDEX_DIR", "/srv/index")
    settings = load_settings()
    assert settings.port == 9001
    assert settings.index_dir == Path("/srv/index")


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PORT", "9001")
    assert load_settings(port=9002).port == 9002
    assert load_settings(port=None).port == 9001


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("QA_PORT", "http"),
        ("QA_PORT", "65536"),
        ("QA_THREADS", "0"),
        ("QA_PASSAGE_WORDS", "19"),
        ("QA_THRESHOLD", "1.5"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert variable in str(raised.value)
    assert value in str(raised.value)


def test_keys_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_API_KEYS", " first-of-two-keys, second-of-two-keys,")
    settings = load_settings()
    assert settings.api_keys == ("first-of-two-keys", "second-of-two-keys")
    assert "first" not in repr(settings)
    monkeypatch.setenv("QA_API_KEYS", "")
    assert load_settings().api_keys == ()


@pytest.mark.parametrize("key", ["short-key", "key-with-a-letter-ā", "key-with-\x01-control"])
def test_a_weak_key_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("QA_API_KEYS", f"first-of-two-keys,{key}")
    with pytest.raises(SettingsError, match=r"QA_API_KEYS is set: .*at least 16") as raised:
        load_settings()
    assert "key-with" not in str(raised.value)
    assert "short" not in str(raised.value)


def test_an_unknown_override_is_named() -> None:
    with pytest.raises(SettingsError, match="QA_COLOUR"):
        load_settings(colour="red")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]
