"""What the command would not use, it refuses; and the commands that it names are whole."""

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.errors import RuStanceError
from ru_stance import app as whole
from training.commands import train


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--output", "out", "--test-share", "0.3"], "--test-share would do nothing"),
        (
            ["--output", "out", "--replay", "1", "--teacher-weight-on-labels", "0.1"],
            "would do nothing without --labels",
        ),
        (["--output", "out", "--only"], "--only would do nothing without --labels"),
        (["--output", "out", "--teacher-weight", "0.3"], "--teacher-weight would do nothing without --teacher"),
        (["--output", "out", "--real-weight", "3"], "--real-weight would do nothing without --real"),
        (["--labels", "mine.csv", "--language", "fr"], "--language would do nothing with --labels"),
        (["--labels", "mine.csv", "--real", "folder", "--teacher", "run"], "--real and --teacher would do nothing"),
        (["--labels", "mine.csv", "--patience", "2"], "--patience would do nothing with --labels"),
        (["--labels", "mine.csv", "--only", "--replay", "0"], "--replay would do nothing with --only"),
        (["--labels", "mine.csv", "--only", "--variants", "2"], "--variants would do nothing with --only"),
        ([], "--labels to learn from"),
    ],
)
def test_options_that_would_do_nothing_are_refused(options: list[str], told: str) -> None:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(train)
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_the_commands_that_come_next_can_be_given_as_they_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RU_STANCE_DATA", str(tmp_path))
    monkeypatch.setattr("training.versions.train_version", lambda *_: tmp_path / "v1")
    result = CliRunner().invoke(whole, ["train", "--labels", "mine.csv"])
    told = re.findall(r": ru-stance (.+)", result.output)
    assert len(told) == 2
    for command in told:
        # There is no such version; an option that is missing would be told before.
        assert isinstance(CliRunner().invoke(whole, command.split()).exception, RuStanceError), command
