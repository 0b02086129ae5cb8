"""Builds what a Dockerfile builds, without a container engine: its COPY and RUN lines, run in an empty folder.

It knows the instructions that our Dockerfile has, refuses any other, and takes absolute paths of the image as paths
below the folder. Run it to see the image's service run on this machine::

    python -m tests.docker_build /tmp/image
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass
class Image:
    """What a build comes to.

    Attributes:
        root: the folder that stands for ``/`` of the last stage.
        workdir: where commands run, inside of it.
        environment: what the ENV lines set.
        user: what the last stage's USER line says.
        command: what CMD starts.
        healthcheck: what HEALTHCHECK runs.
    """

    root: Path
    workdir: Path
    environment: dict[str, str] = field(default_factory=dict)
    user: str = "root"
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)


def build(root: Path, dockerfile: Path = ROOT / "Dockerfile") -> Image:
    """Run a Dockerfile's lines.

    Args:
        root: an empty folder; each stage is built here and set aside, so that paths in it stay true.
        dockerfile: what to build; its context is the folder that it is in.
    """
    image = Image(root, root)
    stages: dict[str, Path] = {}
    name = ""
    for instruction, rest in _instructions(dockerfile.read_text("utf-8")):
        if instruction == "FROM":
            if name:
                stages[name] = root.with_name(f"{root.name}.{name}")
                root.rename(stages[name])
            name = rest.partition(" AS ")[2] or "last"
            root.mkdir(parents=True, exist_ok=True)
            image = Image(root, root)
        elif instruction == "WORKDIR":
            image.workdir = _inside(image, rest)
            image.workdir.mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            _copy(image, shlex.split(rest), stages, dockerfile.parent)
        elif instruction == "RUN":
            # A cache mount is where pip keeps its cache here too.
            rest = re.sub(r"^--mount=type=cache,\S+\s+", "", rest)
            subprocess.run(rest, shell=True, check=True, cwd=image.workdir, env=environment_of(image))
        elif instruction == "ENV":
            image.environment |= dict(item.split("=", 1) for item in shlex.split(rest))
        elif instruction == "CMD":
            image.command = json.loads(rest)
        elif instruction == "HEALTHCHECK":
            image.healthcheck = json.loads(rest.partition("CMD ")[2])
        elif instruction == "USER":
            image.user = rest
        elif instruction != "EXPOSE":
            raise ValueError(f"{dockerfile} has an instruction that this does not know: {instruction}")
    return image


def environment_of(image: Image, **more: str) -> dict[str, str]:
    """The environment of a command in the image: nothing of ours but what finds Python and its packages."""
    ours = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG"))}
    ours["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    set_here = {
        name: re.sub(r"(?<![\w$])/app", str(image.root / "app"), value).replace("$PATH", ours["PATH"])
        for name, value in image.environment.items()
    }
    return {**ours, **set_here, **more}


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def _inside(image: Image, path: str) -> Path:
    return image.root / path.lstrip("/") if path.startswith("/") else image.workdir / path


def _copy(image: Image, words: list[str], stages: dict[str, Path], context: Path) -> None:
    origin = context
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).removeprefix("--from=")]
    *sources, target = words
    destination = _inside(image, target)
    for source in sources:
        found = sorted(origin.glob(source.lstrip("/")))
        if not found:
            raise FileNotFoundError(f"nothing to copy: {source}")
        for path in found:
            if path.is_dir():
                skipped = None if origin != context else shutil.ignore_patterns("__pycache__")
                shutil.copytree(path, destination, symlinks=True, ignore=skipped, dirs_exist_ok=True)
            else:
                to = destination / path.name if target.endswith("/") else destination
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, to)


if __name__ == "__main__":
    built = build(Path(sys.argv[1]).resolve())
    os.chdir(built.workdir)
    environment = environment_of(built, RU_STANCE_ALLOW_OPEN="true")
    os.execvpe(str(built.workdir / "venv" / "bin" / built.command[0]), built.command, environment)
