"""Versions of the model on this machine, which of them is released, and who released what.

::

    <registry>/versions/<version>/    a model directory
    <registry>/released.json          the pointer: which version is served; without it, the shipped model
    <registry>/audit.jsonl            one line for every release, forced release, rollback and removal

The pointer is replaced as a whole: who reads it sees the old release or the new one. Those who write it wait for each
other. Nothing is made by reading.
"""

import json
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from models import audit
from models.atomic import replacing
from models.errors import InputError, ModelBroken, ModelNotFound, OutputError
from models.folders import registry_folder
from models.locks import locked

# What commands call the model that comes with the package, which lies outside of the registry, and the released one.
SHIPPED, RELEASED = "shipped", "released"
_VERSIONS, _POINTER, _AUDIT = "versions", "released.json", "audit.jsonl"
_REMOVED: Final = ".removed-"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# Releases that can be gone back, one rollback after the other.
_KEPT: Final = 50
# What a release was decided by; None where nothing was measured.
Figures = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Release:
    """What the pointer says.

    Attributes:
        version: the version that is released; :data:`SHIPPED` for the model that comes with the package.
        path: its directory, relative to the registry; None for the shipped model.
        released: when, in ISO 8601, UTC.
        by: who released it.
        why: for which reason.
        previous: the versions released before it, the latest last; where a rollback goes.
    """

    version: str
    path: str | None
    released: str
    by: str
    why: str
    previous: tuple[str, ...] = ()


class Registry:
    """The versions in a folder.

    Args:
        folder: the registry; :func:`models.folders.registry_folder` when left out. It need not be there.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = registry_folder() if folder is None else Path(folder)

    @property
    def pointer(self) -> Path:
        """The file that says which version is released."""
        return self.folder / _POINTER

    def versions(self) -> list[str]:
        """The versions that there are, the oldest first."""
        folder = self.folder / _VERSIONS
        if not folder.is_dir():
            return []
        found = [each for each in folder.iterdir() if each.is_dir() and _is_free(each.name)]
        return [each.name for each in sorted(found, key=lambda each: (each.stat().st_mtime, each.name))]

    def place_of(self, version: str) -> Path:
        """Where a version is, or would be.

        Raises:
            InputError: it is no name of a version.
        """
        if not _is_free(version):
            raise InputError(
                "A version's name has 1 to 100 letters, digits, dots, dashes and underscores, begins with a letter or "
                f"a digit, and is neither {SHIPPED!r} nor {RELEASED!r}."
            )
        return self.folder / _VERSIONS / version

    def find(self, version: str) -> Path | None:
        """The directory of a version; None for the shipped model.

        Raises:
            InputError: it is no name of a version.
            ModelNotFound: there is no such version.
        """
        if version == SHIPPED:
            return None
        place = self.place_of(version)
        if not place.is_dir():
            known = ", ".join((*self.versions(), SHIPPED))
            raise ModelNotFound(f"There is no version {version} in {self.folder}; there are: {known}.")
        return place

    def released(self) -> Release | None:
        """What the pointer says; None without a pointer: the shipped model is served then.

        Raises:
            ModelBroken: the pointer cannot be read.
        """
        try:
            content = json.loads(self.pointer.read_text("utf-8"))
            release = Release(**content | {"previous": tuple(content["previous"])})
            is_name = all(map(_NAME.fullmatch, (release.version, *release.previous)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelBroken(
                f"{self.pointer} cannot be read ({type(error).__name__}): release a version again, or delete the file "
                "to serve the shipped model."
            ) from error
        expected = None if release.version == SHIPPED else f"{_VERSIONS}/{release.version}"
        if not is_name or release.path != expected:
            raise ModelBroken(f"{self.pointer} names no version of this registry: release a version again.")
        return release

    def released_directory(self) -> Path | None:
        """The directory of the released version; None where the shipped model is the released one.

        Raises:
            ModelBroken: the pointer cannot be read.
        """
        release = self.released()
        return None if release is None or release.path is None else self.folder / release.path

    def release(
        self, version: str, *, why: str, by: str | None = None, action: str = "release", figures: Figures = None
    ) -> Release:
        """Point to a version, and note it in the audit log. Whether the version is any good is not looked at here.

        Args:
            version: which one; :data:`SHIPPED` for the shipped model.
            why: the reason.
            by: who; the user of the system when left out.
            action: what the log calls it.
            figures: what it was decided by.

        Raises:
            InputError, ModelNotFound: there is no such version.
            OutputError: the registry cannot be written.
        """
        with self._changing():
            self.find(version)
            before = None
            with suppress(ModelBroken):  # a release mends a broken pointer
                before = self.released()
            present = before.version if before else SHIPPED
            # A version that is released once more is not its own way back.
            previous = (*(before.previous if before else ()), *([present] if present != version else []))
            return self._point(version, previous[-_KEPT:], why, by, action, figures)

    def rollback(self, *, why: str, by: str | None = None) -> Release:
        """Point to the version that was released before the present one, and has not been removed.

        Raises:
            InputError: there is none.
            ModelBroken: the pointer cannot be read.
            OutputError: the registry cannot be written.
        """
        with self._changing():
            before = self.released()
            previous = before.previous if before else ()
            there = {SHIPPED, *self.versions()} - {before.version if before else SHIPPED}
            place = next((place for place in reversed(range(len(previous))) if previous[place] in there), None)
            if place is None:
                raise InputError("No version that is still there was released before the present one; release one.")
            return self._point(previous[place], previous[:place], why, by, "rollback", None)

    def announce(self) -> Release:
        """Write the pointer anew as it is, so that every process that watches it loads the released model again.

        Raises:
            ModelBroken: the pointer cannot be read.
            OutputError: the registry cannot be written.
        """
        with self._changing():
            shipped = Release(SHIPPED, None, audit.now(), audit.user(), "no version has been released")
            return self._write(self.released() or shipped)

    def remove(self, version: str, *, why: str, by: str | None = None) -> None:
        """Delete a version that is not released.

        Raises:
            InputError: it is released, or it is the shipped model.
            ModelNotFound: there is no such version.
            OutputError: it cannot be deleted.
        """
        place = self.place_of(version)
        with self._changing():
            self.find(version)
            released = self.released()
            if released is not None and released.version == version:
                raise InputError(f"Version {version} is released; release another one, or roll back, first.")
            audit.note(self.folder / _AUDIT, action="remove", version=version, by=by or audit.user(), why=why)
            try:
                # Under a name that is no version's: what is half deleted is none.
                place.rename(place.with_name(f"{_REMOVED}{uuid.uuid4().hex[:8]}"))
                for each in place.parent.glob(f"{_REMOVED}*"):
                    shutil.rmtree(each)
            except OSError as error:
                raise OutputError(f"{place} cannot be deleted: {error.strerror or error}.") from error

    def history(self) -> list[dict[str, Any]]:
        """The audit log, the oldest line first."""
        return audit.read(self.folder / _AUDIT)

    def _point(
        self, version: str, previous: tuple[str, ...], why: str, by: str | None, action: str, figures: Figures
    ) -> Release:
        path = None if version == SHIPPED else f"{_VERSIONS}/{version}"
        release = Release(version, path, audit.now(), by or audit.user(), why, previous)
        # First the log: what cannot be noted is not done.
        audit.note(self.folder / _AUDIT, action=action, version=version, by=release.by, why=why, figures=figures)
        return self._write(release)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with suppress(OSError):  # what is wrong is told when the folder cannot be locked
            self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder):
            yield

    def _write(self, release: Release) -> Release:
        with replacing(self.pointer) as temporary:
            temporary.write_text(json.dumps(asdict(release), ensure_ascii=False, indent=1) + "\n", "utf-8")
        return release


def _is_free(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and name not in (SHIPPED, RELEASED)
