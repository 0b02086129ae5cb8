"""docs/labels.md keeps its word: its examples answer as shown, its commands exist, and Label Studio's names fit."""

import json
from pathlib import Path

import pytest

from models.labels import LABELS
from service.feedback.export import CONTROL, OBJECT
from tests.readme_examples import ROOT, Example, examples, place, run

TEXT = (ROOT / "docs" / "labels.md").read_text("utf-8")


def test_every_example_answers_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RU_STANCE_DATA", str(tmp_path))
    with place() as somewhere:
        for example in examples(TEXT):
            if example.language == "console":
                assert _without_time(run(example, *somewhere)) == _without_time(example.shown or ""), example.source
            elif example.language == "sh" and example.source.startswith("ru-stance"):
                run(Example("sh", f"{example.source} --help", None), *somewhere)


def test_the_labelling_interface_is_that_of_the_export() -> None:
    assert f'<Text name="{OBJECT}" value="${OBJECT}"/>' in TEXT
    assert f'<Choices name="{CONTROL}" toName="{OBJECT}" choice="single">' in TEXT
    assert all(f'<Choice value="{label}"/>' in TEXT for label in LABELS)


def _without_time(answer: str) -> object:
    if not answer.startswith("{"):
        return answer
    return {name: value for name, value in json.loads(answer).items() if name != "created"}
