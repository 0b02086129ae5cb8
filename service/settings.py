"""Every setting of the service, in one place; each is read from ``RU_STANCE_<NAME>`` in the environment."""

import ipaddress
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.errors import SettingsError
from models.folders import data_folder
from service.spelling import meant

ENV_PREFIX = "RU_STANCE_"
# Read elsewhere: where training keeps pretrained weights, and where the versions of the model are.
_OTHER_VARIABLES: Final = ("CACHE", "REGISTRY")


class Settings(BaseSettings):
    """What the service runs with. Build it with :func:`load_settings`, whose errors name the variable to mend."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on; by default this machine only.")
    port: int = Field(8000, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    allow_open: bool = Field(
        False,
        description="Serve anyone who can reach the address: needed to listen on more than this machine without keys.",
    )
    keys_file: Path | None = Field(
        None, description="File of API keys, as ru-stance keys add makes it; without one no key is asked for."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names, separated by commas, that requests may give in their Host header, such as "
        "stance.example.org or *.example.org; * takes any. IP addresses, localhost and the host setting always pass.",
    )
    model: Path | None = Field(
        None,
        description="Directory of the model to serve; by default the version that is released in the registry, else "
        "the shipped model.",
    )
    prior: str | None = Field(
        None,
        description="Prior (named in the model's calibration) of requests that name none; the model's own by default.",
    )
    data: Path | None = Field(
        None,
        description="Folder of people's labels and of the models made from them, made when first written; by default "
        "~/.local/share/ru-stance, or wherever the system keeps a user's data.",
    )
    registry: Path | None = Field(
        None,
        description="Folder of the versions of the model, of which the released one is served unless the model setting "
        "names one; registry in the data folder by default.",
    )
    labels_database: str | None = Field(
        None,
        repr=False,
        description="URL of the database of people's labels: sqlite:////path/of/a/file, or "
        "postgresql://user:password@host/name with the extra [postgres]; labels.sqlite3 in the data folder by default.",
    )
    threads: int | None = Field(
        None,
        ge=1,
        le=512,
        description="Sentences classified at the same time, each on one core; one for every core by default. "
        "Several workers share them.",
    )
    workers: int = Field(
        1, ge=1, le=256, description="Processes that serve the port, each with a model and a queue of its own."
    )
    max_texts: int = Field(1024, ge=1, description="Most texts in one request to /v1/classify.")
    max_characters: int = Field(10_000, ge=1, description="Most characters in one text of /v1/classify.")
    max_document_characters: int = Field(200_000, ge=1, description="Most characters in the text of /v1/document.")
    max_sentences: int = Field(4096, ge=1, description="Most sentences in the text of /v1/document.")
    max_body_bytes: int = Field(4 * 1024 * 1024, ge=1024, description="Most bytes in the body of a request.")
    max_waiting_tokens: int = Field(
        262_144,
        ge=1,
        description="Most tokens of the texts that wait for a core, over all requests of a worker, told from their "
        "lengths; past it, or where a request would wait half of its deadline, the answer is 429. If nothing waits, "
        "a request is always taken.",
    )
    result_cache_bytes: int = Field(
        16 * 1024 * 1024,
        ge=0,
        description="Most bytes of the results that a worker keeps for texts that come again; 0 keeps none.",
    )
    deadline: float = Field(
        30.0, gt=0, le=3600, description="Seconds that a request may take to arrive, and then to be answered."
    )
    head_seconds: float = Field(
        10.0, gt=0, le=3600, description="Seconds that the head of a request may take to arrive."
    )
    max_connections: int = Field(
        800, ge=1, description="Most open connections of a worker; past it the answer is 503. Each takes a file handle."
    )
    hang_seconds: float = Field(
        60.0,
        ge=1,
        le=3600,
        description="Seconds that one text, or anything that keeps all requests waiting, may take; past it the process "
        "counts as hung and ends, to be started again.",
    )
    shutdown_seconds: int = Field(30, ge=1, description="Seconds that running requests get to finish after SIGTERM.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe level that is logged."
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())

    @field_validator("allowed_hosts")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any("*" in name.removeprefix("*.") and name != "*" for name in value):
            raise ValueError("a * may stand for all names (*) or for the first part of one (*.example.org) only")
        return value

    @model_validator(mode="after")
    def _shares(self) -> "Settings":
        if self.threads is not None and self.threads < self.workers:
            raise ValueError(f"threads ({self.threads}) must be at least workers ({self.workers}), one for each")
        return self

    @property
    def registry_folder(self) -> Path:
        """Where the versions of the model are."""
        return self.registry or (self.data or data_folder()) / "registry"

    @property
    def labels(self) -> str | Path:
        """Where people's labels are: a URL, or the path of an SQLite file."""
        return self.labels_database or (self.data or data_folder()) / "labels.sqlite3"

    @property
    def loopback(self) -> bool:
        """Only this machine can reach the address."""
        if self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def require_safe(self) -> None:
        """Refuse to listen beyond this machine without keys unless that was asked for.

        Raises:
            SettingsError: other machines reach the host, no key is asked for, and ``allow_open`` is not set.
        """
        if not (self.loopback or self.keys_file or self.allow_open):
            raise SettingsError(
                f"Listening on {self.host} would let anyone who reaches this machine use the service. "
                f"Keep to 127.0.0.1, ask for keys with {ENV_PREFIX}KEYS_FILE (ru-stance keys add makes the file), "
                f"or set {ENV_PREFIX}ALLOW_OPEN=true if that is wanted."
            )


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; ``overrides`` (those that are not None) win over it.

    Raises:
        SettingsError: a value is not usable, or a variable of our prefix names no setting; the message names the
            variable.
    """
    _refuse_unknown(os.environ)
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        problems = [
            ": ".join([*(ENV_PREFIX + str(name).upper() for name in item["loc"][:1]), item["msg"]])
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise SettingsError("Settings that cannot be used:\n  " + "\n  ".join(problems)) from None


def _refuse_unknown(names: Iterable[str]) -> None:
    """Refuse variables of our prefix that nothing reads: they are misspelt, and their setting would not be taken."""
    known = {*(name.upper() for name in Settings.model_fields), *_OTHER_VARIABLES}
    given = {name: name.upper().removeprefix(ENV_PREFIX) for name in names if name.upper().startswith(ENV_PREFIX)}
    unknown = [
        f"{name}: no such variable is read; {meant(rest, known)}" for name, rest in given.items() if rest not in known
    ]
    if unknown:
        raise SettingsError("Settings that cannot be used:\n  " + "\n  ".join(sorted(unknown)))
