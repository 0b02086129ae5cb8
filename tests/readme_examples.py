"""Examples of the README and of ``docs``: found, run, and written anew: ``python -m tests.readme_examples``."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from models.classifier import Classifier
from models.folders import DATA_VARIABLE
from tests.service.live import running

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
# Pages whose examples a command can write anew; those with moments in them have tests of their own.
PAGES = (README, ROOT / "docs" / "scoring.md", ROOT / "docs" / "deploy.md")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# As much of curl as the pages use.
_CURL = """
import sys, urllib.error, urllib.request
url, headers, body, words = None, {}, None, iter(sys.argv[1:])
for word in words:
    if word == "-H":
        name, _, value = next(words).partition(": ")
        headers[name] = value
    elif word == "-d":
        body = next(words).encode()
    elif word != "-s":
        assert not word.startswith("-"), word
        url = word
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, body, headers))
except urllib.error.HTTPError as error:
    answer = error
sys.stdout.write(answer.read().decode())
"""


@dataclass(frozen=True)
class Example:
    """One command or script of a page.

    Attributes:
        language: ``console``, ``sh`` or ``python``.
        source: what is run.
        shown: the answer that the page gives; None where it gives none.
    """

    language: str
    source: str
    shown: str | None


def examples(text: str) -> list[Example]:
    """The examples in the order of the text. A ``text`` block is the answer to the block before it."""
    found: list[Example] = []
    for language, content in _BLOCK.findall(text):
        if language == "console":
            found += [Example(language, *_parted(part)) for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]]
        elif language == "text":
            found[-1] = Example(found[-1].language, found[-1].source, content)
        elif language == "sh":
            found += [Example(language, line, None) for line in content.splitlines()]
        elif language not in ("nginx", "ini"):
            found.append(Example(language, content, None))
    return found


@contextmanager
def place() -> Iterator[tuple[Path, dict[str, str], int]]:
    """An empty folder, an environment that has our command, and the port of a running server."""
    with TemporaryDirectory() as folder, running(Classifier.load(threads=1), threads=1) as server:
        programs = Path(folder, ".bin")
        programs.mkdir()
        scripts = {"ru-stance": "from ru_stance import main\nmain()\n", "curl": _CURL}
        for name, script in scripts.items():
            (programs / name).write_text(f"#!{sys.executable}\n{script}", "utf-8")
            (programs / name).chmod(0o755)
        path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), os.environ["PATH"]))
        yield Path(folder), {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}, server.port


def run(example: Example, folder: Path, environment: dict[str, str], port: int) -> str:
    """Run an example and give what it prints; it has to end with exit status 0 and no complaint."""
    source = example.source.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    command = [sys.executable, "-c", source] if example.language == "python" else ["sh", "-ec", source]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{example.source}\n{done.stderr}"
    assert not done.stderr, f"{example.source}\n{done.stderr}"
    return done.stdout.replace(f"127.0.0.1:{port}", "127.0.0.1:8000")


def _parted(part: str) -> tuple[str, str]:
    """A command, which goes on after a backslash, and its answer."""
    command = re.match(r"(?:[^\n]*\\\n)*[^\n]*\n", part)
    assert command is not None
    return command[0].rstrip("\n"), part[command.end() :]


def _renewed(text: str) -> str:
    with place() as (folder, environment, port):
        answers = iter(
            [
                run(example, folder, environment, port)
                for example in examples(text)
                if example.language in ("console", "python")
            ]
        )

        def block(match: re.Match[str]) -> str:
            language, content = match.groups()
            if language == "console":
                commands = [_parted(part)[0] for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]]
                content = "".join(f"$ {command}\n{_ended(next(answers))}" for command in commands)
            elif language == "text":
                content = pending.pop()
            elif language == "python":
                pending.append(next(answers))
            return f"```{language}\n{content}```"

        pending: list[str] = []
        return _BLOCK.sub(block, text)


def _ended(answer: str) -> str:
    return answer if not answer or answer.endswith("\n") else answer + "\n"


if __name__ == "__main__":
    with TemporaryDirectory() as data:
        # What the user has released or labelled is nothing that an example may show, or change.
        os.environ[DATA_VARIABLE] = data
        for page in PAGES:
            page.write_text(_renewed(page.read_text("utf-8")), "utf-8")
