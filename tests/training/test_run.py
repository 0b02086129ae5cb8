"""A run goes on with what it began with, and with nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import TrainingError
from training.run import same_run, started_at
from training.settings import TrainingSettings


def test_a_run_does_not_go_on_with_other_sentences(tiny_settings: TrainingSettings, tmp_path: Path) -> None:
    for _ in range(2):
        same_run(tmp_path, tiny_settings, "hash of the sentences")
    with pytest.raises(TrainingError, match="other sentences"):
        same_run(tmp_path, tiny_settings, "another hash")


def test_a_run_that_goes_on_keeps_its_date(tiny_settings: TrainingSettings, tmp_path: Path) -> None:
    same_run(tmp_path, tiny_settings, "hash of the sentences")
    begun = started_at(tmp_path)
    assert abs(datetime.now(UTC) - begun) < timedelta(minutes=5)
    same_run(tmp_path, tiny_settings, "hash of the sentences")
    assert started_at(tmp_path) == begun
