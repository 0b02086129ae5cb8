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
        (["--output", "out", "--only"], "--labels to learn from"),
        (["--labels", "mine.csv", "--language", "fr"], "no --real, --teacher or"),
        (["--labels", "mine.csv", "--real", "folder"], "no --real, --teacher or"),
    ],
)
def test_options_that_would_do_nothing_are_refused(options: list[str], told: str) -> None:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(train)
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
