"""The settings of a training, as its record tells them: without where anything lies on the machine."""

import json
from pathlib import Path

import pytest

from training.settings import TrainingSettings


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
