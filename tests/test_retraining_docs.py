"""docs/retraining.md, run as it stands: from fifty corrections to a released model and back, with a tiny base."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models.directory import DIRECTORY_VARIABLE, verify
from models.registry import SHIPPED, Registry
from tests.readme_examples import ROOT, examples
from tests.training.conftest import small_corpus, tiny_base, train_tiny

__all__ = ["small_corpus", "tiny_base"]
TEXT = (ROOT / "docs" / "retraining.md").read_text("utf-8")


@pytest.fixture(scope="module")
def tiny_released(tiny_base: Path, small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that takes seconds to train on from, in the place of the shipped one."""
    return train_tiny(tiny_base, small_corpus, tmp_path_factory.mktemp("released") / "model", epochs=2)


def test_every_command_of_the_tutorial_does_what_it_says(tiny_released: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ru-stance").write_text(f"#!{sys.executable}\nfrom ru_stance import main\nmain()\n", "utf-8")
    (programs / "ru-stance").chmod(0o755)
    shutil.copy(ROOT / "docs" / "corrections.csv", tmp_path)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RU_STANCE_DATA": str(tmp_path / "data"),
        DIRECTORY_VARIABLE: str(tiny_released),
    }
    registry = Registry(tmp_path / "data" / "registry")
    commands = [example.source for example in examples(TEXT) if example.language == "sh"]
    assert len(commands) == 9
    told = {}
    for command in commands:
        done = subprocess.run(
            ["sh", "-ec", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        told[command] = done.stdout + done.stderr
        if " train " in command:
            assert (registry.released(), len(registry.versions())) == (None, 1)
    (version,) = registry.versions()
    place = registry.place_of(version)
    verify(place)
    frozen = [json.loads(line) for line in (place / "frozen.jsonl").read_text("utf-8").splitlines()]
    assert "40 to learn from" in told[commands[2]] or len(frozen) >= 3
    assert "is kept" in told[commands[2]]
    assert "shipped-test" in told[commands[3]]
    assert f"Released: {version}" in told[commands[4]]
    log = [json.loads(line) for line in told[commands[5]].splitlines()]
    assert [(line["action"], line["version"], line["why"]) for line in log] == [
        ("release", version, "knows the code words")
    ]
    assert [each["set"] for each in log[0]["figures"]["sets"]] == ["your frozen test", "the shipped test split"]
    released = registry.released()
    assert released is not None
    assert released.version == SHIPPED, "rolled back"
    assert len((tmp_path / "next.csv").read_text("utf-8").splitlines()) == 6
    assert (tmp_path / "doubtful.csv").is_file()
