"""What is told of a model's quality: our own figures, and none of those that others wrote in another form."""

import json
from typing import Any

import pytest

from models.directory import METRICS, RELEASED
from service.routes.model import summary

SHIPPED = json.loads((RELEASED / METRICS).read_text("utf-8"))


def test_every_set_that_the_shipped_model_was_measured_on_is_told() -> None:
    measured = SHIPPED["sets"]
    told = summary(SHIPPED)["sets"]
    assert list(told) == list(measured)
    for name, figures in told.items():
        assert figures["overall"]["accuracy"] == measured[name]["overall"]["accuracy"]
        assert set(figures["by"]) == set(measured[name]["by"])


@pytest.mark.parametrize(
    "figures",
    [{"macro_f1": 0.7}, {"prior": "news", "overall": {"rows": 5}}, {"prior": "news", "overall": 1}, 0.7, None],
)
def test_a_set_in_another_form_is_left_out(figures: Any) -> None:
    measured = SHIPPED["sets"]
    told = summary({"made": "2026-11-22", "sets": {"theirs": figures, **measured}})
    assert told == {"made": "2026-11-22", "sets": summary({"sets": measured})["sets"]}


@pytest.mark.parametrize("metrics", [{}, {"macro_f1": 0.7}, {"sets": None}, {"sets": [0.7]}])
def test_metrics_in_another_form_have_no_sets(metrics: dict[str, Any]) -> None:
    assert summary(metrics) == {"sets": {}}
