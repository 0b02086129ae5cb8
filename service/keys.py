"""The API keys' file: who may do what. It holds hashes; a key itself is shown once, when it is made."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.atomic import replacing
from models.errors import InputError, SettingsError
from models.locks import locked
from service.scopes import Scope as Scope

# What a key begins with, so that scanners for leaked secrets can tell one.
PREFIX: Final = "rustance_"
# Where the scope of a request (in ASGI's sense) holds its key.
KEY: Final = "ru_stance.key"
_NAME: Final = r"[A-Za-z0-9._-]{1,64}"


class Key(BaseModel):
    """One key, without the key itself.

    Attributes:
        name: whose it is; stands in the log.
        scopes: what it may do.
        sha256: hash of the key, in hexadecimal. A key has 256 random bits, which nobody can try through, so that a
            slow hash such as scrypt, made for passwords that people choose, would only cost time.
        created: when it was made.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=f"^{_NAME}$")
    scopes: frozenset[Scope] = Field(min_length=1)
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    created: datetime


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keys: list[Key]


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys of a file.

    Raises:
        SettingsError: there is no such file, or it is not one that ``ru-stance keys`` has written.
    """
    try:
        return tuple(_File.model_validate_json(path.read_bytes()).keys)
    except OSError as error:
        raise SettingsError(
            f"The file of keys {path} cannot be read: {error.strerror or error}. "
            "ru-stance keys add makes it; the service needs the right to read it."
        ) from error
    except ValidationError:
        raise SettingsError(
            f"The file of keys {path} is damaged. Put back a copy, or move it away and make new keys."
        ) from None


def find_key(keys: Iterable[Key], presented: str) -> Key | None:
    """The key that was presented, if it is one of ``keys``; every one is compared, each in constant time."""
    digest, found = _digest(presented), None
    for key in keys:
        if hmac.compare_digest(key.sha256, digest):
            found = key
    return found


def add_key(path: Path, name: str, scopes: Iterable[Scope]) -> str:
    """Make a key and add its hash to the file, which is made if there is none.

    Returns:
        The key. It is not kept anywhere.

    Raises:
        InputError: the name cannot be used or is taken, or there is no scope.
        SettingsError: the file is damaged.
        OutputError: the file cannot be written.
    """
    granted = frozenset(scopes)
    if not re.fullmatch(_NAME, name):
        raise InputError("A key's name has 1 to 64 letters, digits, dots, dashes and underscores, without accents.")
    if not granted:
        raise InputError(f"Give the key a scope: one or more of {', '.join(Scope)}.")
    secret = PREFIX + secrets.token_urlsafe(32)
    created = datetime.now(UTC).replace(microsecond=0)
    with locked(path.resolve().parent):
        keys = read_keys(path) if path.exists() else ()
        if any(key.name == name for key in keys):
            raise InputError(f"There is a key named {name} in {path}. Choose another name, or remove that key first.")
        _write(path, [*keys, Key(name=name, scopes=granted, sha256=_digest(secret), created=created)])
    return secret


def remove_key(path: Path, name: str) -> None:
    """Take a key out of the file. A running service refuses it from its next request on.

    Raises:
        InputError: there is no key of that name.
        SettingsError: there is no such file, or it is damaged.
        OutputError: the file cannot be written.
    """
    read_keys(path)  # an absent file is told as such
    with locked(path.resolve().parent):
        keys = read_keys(path)
        kept = [key for key in keys if key.name != name]
        if len(kept) == len(keys):
            raise InputError(
                f"There is no key named {name} in {path}. It has: {', '.join(key.name for key in keys) or 'none'}."
            )
        _write(path, kept)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _write(path: Path, keys: list[Key]) -> None:
    with replacing(path) as temporary:
        if not path.exists():
            temporary.chmod(0o600)
        temporary.write_text(_File(keys=keys).model_dump_json(indent=2) + "\n", "utf-8")
