"""The files that a scoring makes, and no others beside them."""

import sys
from pathlib import Path
from typing import Any

import pytest

from models.errors import MissingExtra, OutputError
from service.corpus.plan import Options, Plan
from service.corpus.sources import sources_of
from service.corpus.targets import Outputs, target_of
from tests.service.corpus.killing import score


def test_partitions_of_an_earlier_run_do_not_stay_among_the_new_ones(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n" + "".join(f"t{n}\n" for n in range(7)))
    words, output = [str(tmp_path / "in.csv")], tmp_path / "out"
    score(words, output, partition_rows=2, split=True)
    (output / "notes.csv").write_text("mine")
    score(words, output, partition_rows=5, split=True)
    assert {path.name for path in output.iterdir()} == {"part-00000.csv", "part-00001.csv", "notes.csv"}
    assert len(list((tmp_path / "out.documents").iterdir())) == 2


def test_partitions_never_take_the_place_of_an_input(tmp_path: Path) -> None:
    (tmp_path / "part-00003.csv").write_text("text\none\n")
    sources = sources_of([str(tmp_path / "part-00003.csv")])
    target = target_of(tmp_path, sources, folder=False, format=None, partitions=True)
    with pytest.raises(OutputError, match="holds an input"):
        Outputs(Plan(sources, target, Options(partition_rows=1))).require_apart()


@pytest.mark.parametrize("options", [{"output": "out.parquet"}, {"output": "out", "format": "parquet", "folder": True}])
def test_parquet_without_its_extra_is_told_before_anything_is_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    asked = {"folder": False, "format": None, "partitions": False, **options, "output": tmp_path / options["output"]}
    with pytest.raises(MissingExtra, match=r"\[corpus\]"):
        target_of(sources=(), **asked)
