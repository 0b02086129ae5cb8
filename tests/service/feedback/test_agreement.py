"""Majorities, and Krippendorff's alpha held to the values that its author published."""

from collections import Counter
from pathlib import Path

import pytest

from service.feedback.agreement import Votes, agreement, krippendorff_alpha
from service.feedback.database import Database
from service.feedback.store import LabelStore
from service.feedback.votes import Vote

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): what each observer said of each unit.
PUBLISHED = [
    (["0100000010", "1110010000"], 0.095),
    (["aabbdcccedda", "babbbcccedd" + "d"], 0.692),
    (["123321412...", "123322412" + "5.3", ".3332342251.", "12332441251."], 0.743),
]


def units(observers: list[str]) -> Counter[Votes]:
    names = sorted({name for said in observers for name in said if name != "."})
    said = zip(*observers, strict=True)
    return Counter(Votes(tuple(unit.count(name) for name in names)) for unit in said)


@pytest.mark.parametrize(("observers", "alpha"), PUBLISHED)
def test_alpha_is_what_its_author_computed(observers: list[str], alpha: float) -> None:
    assert krippendorff_alpha(units(observers)) == pytest.approx(alpha, abs=0.0005)


def test_alpha_is_1_at_full_agreement_and_not_defined_without_variety() -> None:
    assert krippendorff_alpha({Votes((2, 0, 0)): 3, Votes((0, 0, 4)): 1}) == 1
    assert krippendorff_alpha({Votes((2, 0, 0)): 3}) is None
    assert krippendorff_alpha({Votes((1, 0, 0)): 3, Votes((0, 1, 0)): 3}) is None
    assert krippendorff_alpha({}) is None


@pytest.mark.parametrize(
    ("counts", "majority"), [((0, 0, 0), None), ((1, 0, 0), "critical"), ((2, 2, 1), None), ((1, 1, 2), "supportive")]
)
def test_a_majority_has_more_votes_than_any_other(counts: tuple[int, int, int], majority: str | None) -> None:
    assert Votes(counts).majority == majority


def test_agreement_counts_the_votes_that_stand(tmp_path: Path) -> None:
    database = Database(tmp_path / "labels.sqlite3")
    store = LabelStore(database)
    said = {"a": "ccc", "b": "cn", "c": "s", "d": "nnc"}
    names = {"c": "critical", "n": "neutral", "s": "supportive"}
    store.give([Vote(text, names[each], f"p{n}") for text, all_ in said.items() for n, each in enumerate(all_)])  # type: ignore[arg-type]
    taken = store.give([Vote("c", "critical", "p9")])[0]
    store.take_back(taken.id)
    found = agreement(store.all())
    database.close()
    assert (found.texts, found.votes, found.annotators) == (4, 9, 3)
    assert (found.majorities, found.ties) == ({"critical": 1, "neutral": 1, "supportive": 1}, 1)
    assert (found.compared, found.unanimous) == (3, 1)
    assert found.alpha == krippendorff_alpha({Votes((3, 0, 0)): 1, Votes((1, 1, 0)): 1, Votes((1, 2, 0)): 1})
