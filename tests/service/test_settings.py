"""The settings: read from the environment, refused with the variable's name, safe by default."""

from pathlib import Path

import pytest

from models.errors import SettingsError
from service.settings import Settings, load_settings


def test_defaults_are_for_this_machine_only() -> None:
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    settings.require_safe()


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_come_from_the_environment_and_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RU_STANCE_PORT", "9000")
    monkeypatch.setenv("RU_STANCE_MODEL", "/models/mine")
    monkeypatch.setenv("RU_STANCE_ALLOWED_HOSTS", "Stance.example.org, *.internal")
    settings = load_settings(port=9001, host=None)
    assert settings.port == 9001
    assert settings.host == "127.0.0.1"
    assert settings.model == Path("/models/mine")
    assert settings.allowed_hosts == ("stance.example.org", "*.internal")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RU_STANCE_PORT", "eighty"),
        ("RU_STANCE_PORT", "70000"),
        ("RU_STANCE_THREADS", "0"),
        ("RU_STANCE_DEADLINE", "0"),
        ("RU_STANCE_ALLOWED_HOSTS", "a*.example.org"),
        ("RU_STANCE_LOG_LEVEL", "loud"),
    ],
)
def test_an_unusable_value_is_refused_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("RU_STANCE_WORKER", "is WORKERS meant"),
        ("ru_stance_prot", "is PORT meant"),
        ("RU_STANCE_ZEBRA", "there are .*, PORT, "),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_one_that_is_meant(
    monkeypatch: pytest.MonkeyPatch, variable: str, told: str
) -> None:
    monkeypatch.setenv(variable, "2")
    with pytest.raises(SettingsError, match=f"{variable}: no such variable is read; {told}"):
        load_settings()


def test_the_variable_of_the_training_is_no_misspelt_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RU_STANCE_CACHE", "/tmp")
    load_settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST"])
def test_loopback_needs_no_flag(host: str) -> None:
    load_settings(host=host).require_safe()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "stance.example.org", "localhost.example.org"])
def test_another_address_needs_the_flag(host: str) -> None:
    with pytest.raises(SettingsError, match="RU_STANCE_ALLOW_OPEN"):
        load_settings(host=host).require_safe()
    load_settings(host=host, allow_open=True).require_safe()
