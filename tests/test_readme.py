"""The README and the pages beside it keep their word: examples run and answer as shown, and commands exist."""

import csv
import importlib.util
import io
import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.folders import DATA_VARIABLE
from models.labels import LABELS
from service.corpus.score import RESULT_COLUMNS
from tests.readme_examples import PAGES, README, ROOT, Example, examples, place, run

# Pages that show commands which would take too long here; those of the others are run.
SHOWN = (*PAGES, ROOT / "docs" / "training.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md")
PLAIN = sorted({each.source for page in SHOWN for each in examples(page.read_text("utf-8")) if each.language == "sh"})
# A model that is trained anew may score otherwise. Which label these plain sentences get is a promise.
_SCORES = set(RESULT_COLUMNS) - {"label"}


@pytest.fixture(scope="module")
def somewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str], int]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATA_VARIABLE, str(tmp_path_factory.mktemp("data")))
        with place() as found:
            yield found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_answers_as_shown(page: Path, somewhere: tuple[Path, dict[str, str], int]) -> None:
    found = [each for each in examples(page.read_text("utf-8")) if each.language in ("console", "python")]
    assert len(found) >= (8 if page == README else 2)
    for example in found:
        assert _promise(run(example, *somewhere)) == _promise(example.shown or ""), example.source


@pytest.mark.parametrize("command", PLAIN)
def test_what_takes_long_is_at_least_a_command_that_there_is(
    command: str, somewhere: tuple[Path, dict[str, str], int]
) -> None:
    program, *words = shlex.split(command)
    if program == "make":
        done = subprocess.run(["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    elif program == "ru-stance":
        # Options are read before help is shown, and one that there is not is refused.
        run(Example("sh", f"{command} --help", None), *somewhere)
    elif program == "docker":
        if words[0] == "run":
            assert {"--read-only", "RU_STANCE_ALLOW_OPEN=true"} <= set(words)
    elif program == ".venv/bin/python":
        assert importlib.util.find_spec(words[1]), command
    elif program == "curl":
        assert "/v1/score" in command
    else:
        assert program == ".venv/bin/pip", command


def _promise(answer: str) -> Any:
    """What of an answer must not change when the model is trained anew."""
    if answer.startswith("{"):
        return _shape(json.loads(answer))
    rows = list(csv.DictReader(io.StringIO(answer)))
    if rows and "label" in rows[0]:
        assert all(row["label"] in LABELS for row in rows)
        return [tuple(rows[0]), *({name: row[name] for name in row if name not in _SCORES} for row in rows)]
    return answer


def _shape(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _shape(inner, key) for key, inner in value.items()}
    if isinstance(value, list) and name != "prediction_set":
        return [_shape(inner, name) for inner in value]
    return value if name in ("label", "detail", "status", "type", "title") else type(value).__name__
