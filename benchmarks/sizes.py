"""What an installation takes on the disk: ours without extras, and the environments of the others."""

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.servers import INFINITY, NotRun
from benchmarks.serving import ROOT, RUNS

BASE: Final = RUNS / "base"
# What the hand-made application needs.
_PIPELINE: Final = ("torch", "transformers", "fastapi", "uvicorn")
_MEGABYTE: Final = 1_000_000


def measure() -> dict[str, Any]:
    """Megabytes by environment; None for one that is not there.

    Raises:
        NotRun: ours cannot be installed here.
    """
    if not (BASE / "done").exists() or (BASE / "done").read_text("utf-8") != _wanted():
        _install()
    return {
        "ru-stance": megabytes(next((BASE / "lib").glob("python*")) / "site-packages"),
        "FastAPI + pipeline": sum(_package(name) for name in _with_dependencies(_PIPELINE)),
        "infinity": megabytes(next((INFINITY / "lib").glob("python*")) / "site-packages")
        if (INFINITY / "done").exists()
        else None,
    }


def megabytes(folder: Path) -> float:
    """Size of the files in a folder, links not followed."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / _MEGABYTE


def _wanted() -> str:
    content = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    return hashlib.sha256(content).hexdigest()


def _install() -> None:
    """Ours without extras in a fresh environment, with no pip, which nothing needs to serve."""
    shutil.rmtree(BASE, ignore_errors=True)
    constraints = str(ROOT / "constraints.txt")
    pip = [sys.executable, "-m", "pip", "--python", str(BASE / "bin" / "python"), "install", "--quiet"]
    environment = {**os.environ, "PIP_CONSTRAINT": constraints, "PIP_BUILD_CONSTRAINT": constraints}
    for command in ([sys.executable, "-m", "venv", "--without-pip", str(BASE)], [*pip, str(ROOT)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=RUNS)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
            raise NotRun(f"the base install failed: {lines[-1]}")
    (BASE / "done").write_text(_wanted(), "utf-8")


def _with_dependencies(names: tuple[str, ...]) -> set[str]:
    """The installed packages that these need, themselves among them, extras left out."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        needed = [Requirement(line) for line in requires]
        waiting += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def _package(name: str) -> float:
    files = importlib.metadata.files(name) or []
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file()) / _MEGABYTE
