"""The README keeps its word: its examples run and answer as shown, and it tells every command, route and setting."""

import csv
import io
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.labels import LABELS
from service.corpus.score import RESULT_COLUMNS
from service.settings import ENV_PREFIX, Settings
from tests.readme_examples import README, ROOT, Example, examples, place, run

TEXT = README.read_text("utf-8")
EXAMPLES = examples(TEXT)
RUN = [example for example in EXAMPLES if example.language in ("console", "python")]
PLAIN = [example.source for example in EXAMPLES if example.language == "sh"]
# A model that is trained anew may score otherwise. Which label these plain sentences get is a promise.
_SCORES = set(RESULT_COLUMNS) - {"label"}


@pytest.fixture(scope="module")
def somewhere() -> Iterator[tuple[Path, dict[str, str], int]]:
    with place() as found:
        yield found


def test_every_example_answers_as_shown(somewhere: tuple[Path, dict[str, str], int]) -> None:
    assert len(RUN) >= 8
    for example in RUN:
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
    else:
        assert program == "docker"
        if words[0] == "run":
            assert {"--read-only", "RU_STANCE_ALLOW_OPEN=true"} <= set(words)


def test_every_setting_is_told_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(RU_STANCE_\w+)` \| (?:`(.*?)`)? \|", TEXT, re.MULTILINE))
    settings = Settings.model_fields
    assert set(told) == {ENV_PREFIX + name.upper() for name in settings}
    for name, field in settings.items():
        shown = told[ENV_PREFIX + name.upper()]
        assert shown == ("" if field.default in (None, ()) else json.dumps(field.default).strip('"').removesuffix(".0"))


def test_every_route_and_command_is_told(somewhere: tuple[Path, dict[str, str], int]) -> None:
    usage = run(Example("sh", "ru-stance --help", None), *somewhere)
    commands = re.findall(r"^  (\w+)  ", usage.partition("Commands:")[2], re.MULTILINE)
    assert {"serve", "score", "train", "evaluate"} <= set(commands)
    for command in commands:
        assert f"ru-stance {command} " in TEXT
    document = run(Example("sh", "curl -s http://127.0.0.1:8000/openapi.json", None), *somewhere)
    for path in json.loads(document)["paths"]:
        assert f" {path}`" in TEXT


def test_every_file_that_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)(.+?)\)", TEXT):
        assert (ROOT / target).is_file(), target


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
