"""What the report takes of a model directory: our own figures, and none of those that others wrote in another form."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.directory import METRICS, RELEASED, write_checksums
from service.corpus.report.card import Quality, read_card
from tests.models.conftest import make_model

MEASURED = json.loads((RELEASED / METRICS).read_text("utf-8"))["sets"]


def quality(folder: Path, sets: Any) -> list[Quality]:
    model = make_model(folder / "model")
    (model / METRICS).write_text(json.dumps({"sets": sets}), "utf-8")
    write_checksums(model)
    return read_card(model).quality


@pytest.mark.parametrize("figures", [{"macro_f1": 0.7}, {"overall": {"rows": 5, "macro_f1": 0.7}}, {"overall": 1}, 0.7])
def test_a_set_in_another_form_is_left_out(tmp_path: Path, figures: Any) -> None:
    assert [each.name for each in quality(tmp_path, {"theirs": figures, **MEASURED})] == list(MEASURED)


@pytest.mark.parametrize("sets", [None, [0.7], {}])
def test_metrics_in_another_form_have_no_sets(tmp_path: Path, sets: Any) -> None:
    assert quality(tmp_path, sets) == []
