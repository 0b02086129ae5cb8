"""What a command would not use, it refuses."""

import pytest
import typer
from typer.testing import CliRunner

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
        ([], "--labels to learn from"),
    ],
)
def test_options_that_would_do_nothing_are_refused(options: list[str], told: str) -> None:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(train)
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
