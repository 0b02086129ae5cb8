"""A goal is met by what was measured, and by nothing else."""

import pytest

from benchmarks.goals import goals, nearest
from tests.benchmarks.results import results

WHAT = ("default call", "batches of 32", "beside it", "32 sentences a request", "one sentence", "infinity")
WHAT += ("first answer", "memory", "base environment")


def met() -> dict[str, bool | None]:
    found = goals(results())
    return {name: next(goal.met for goal in found if name in goal.what) for name in WHAT}


def test_each_goal_is_computed_from_the_parts() -> None:
    assert met() == {name: name != "infinity" for name in WHAT}


def test_a_part_that_did_not_run_meets_no_goal() -> None:
    assert {goal.met for goal in goals({})} == {None}
    assert "not measured" in goals({})[0].measured


def test_a_point_that_failed_is_not_passed_over() -> None:
    found = results()
    found["served-infinity"]["points"][2] = {"clients": 64, "size": 32, "error": "TimeoutError"}
    with pytest.raises(KeyError, match="64 clients, 32 sentences"):
        nearest(found, "served-infinity")


def test_scores_that_move_are_told() -> None:
    found = results()
    found["in-process"]["ways"]["ru-stance"]["moved"] = 0.001
    assert [goal.met for goal in goals(found) if "beside it" in goal.what] == [False]
