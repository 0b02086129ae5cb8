"""The settings of a training, as its record tells them: without where anything lies on the machine."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from training.commands import train
from training.settings import TrainingSettings, command_of, recipe


def test_folders_are_told_by_their_last_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for base in (str(tmp_path / "runs" / "mine"), "runs/mine", "runs/mine/"):
        settings = TrainingSettings(
            output=tmp_path / "out", base=base, real=tmp_path / "real", held_out=(tmp_path / "a",)
        )
        told = settings.to_dict()
        assert (settings.base_name, told["base"], told["real"], told["held_out"]) == ("mine", "mine", "real", ["a"])
        assert str(tmp_path) not in json.dumps(told)


@pytest.mark.parametrize("base", ["intfloat/multilingual-e5-small", "multilingual-e5-small", "released"])
def test_a_base_that_is_no_folder_keeps_its_name(base: str) -> None:
    assert TrainingSettings(output=Path("out"), base=base).to_dict()["base"] == base


def test_the_command_that_is_told_trains_with_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = TrainingSettings(
        output=Path("out"),
        real=Path("real"),
        held_out=(Path("dev.jsonl"),),
        teachers=(Path("large"), Path("small")),
        languages=("en", "fr"),
        vocabulary_size=None,
        embeddings=True,
        epochs=2.5,
        noise=0.0,
        name_swaps=0.4,
        reported=0.12,
        variants=2,
    )
    command = settings.command()
    for held, name in (("<folder of real sentences>", "real"), ("<file to evaluate on>", "dev.jsonl")):
        assert held in command
        command = command.replace(held, name)
    done: list[TrainingSettings] = []

    def run(given: TrainingSettings) -> Path:
        done.append(given)
        return given.output

    monkeypatch.setattr("training.train.train", run)
    app = typer.Typer()
    app.command()(train)
    result = CliRunner().invoke(app, [*command.split()[2:], "--output", "out"])
    assert result.exit_code == 0, result.output
    assert done == [settings]


def test_the_command_tells_only_what_is_not_the_recipe() -> None:
    usual = TrainingSettings(output=Path("out"), **recipe(False, False, None))  # type: ignore[arg-type]
    assert usual.command() == "ru-stance train"
    older = {name: value for name, value in usual.to_dict().items() if name != "noise"}
    assert command_of(older) == "ru-stance train --noise 0"
    mine = TrainingSettings(output=Path("out"), labels=(Path("a"),), **recipe(True, False, None))  # type: ignore[arg-type]
    assert mine.command() == "ru-stance train --labels <your labels>"
    large = {"output": Path("out"), "labels": (Path("a"),), **recipe(True, False, "all-mpnet-base-v2")}
    assert TrainingSettings(**large).command() == "ru-stance train --base all-mpnet-base-v2 --labels <your labels>"  # type: ignore[arg-type]
    only = TrainingSettings(output=Path("out"), labels=(Path("a"),), only=True, **recipe(True, True, None))  # type: ignore[arg-type]
    assert only.command() == "ru-stance train --labels <your labels> --only"
