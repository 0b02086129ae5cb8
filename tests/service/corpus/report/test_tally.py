"""Counting in one pass and in bounded memory: groups, picks and the whole."""

import random
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

import pytest

from models.errors import ColumnError, FormatError
from service.corpus.report import dates, groups
from service.corpus.report.columns import Columns, find_columns
from service.corpus.report.groups import NO_VALUE, Groups, group_of
from service.corpus.report.picks import Picks
from service.corpus.report.tally import PICKS, Tally

SCORES = {"critical": (0.7, 0.2, 0.1), "neutral": (0.2, 0.6, 0.2), "supportive": (0.0, 0.1, 0.9)}


def scored(text: str, label: str = "neutral", prefix: str = "", **more: Any) -> dict[str, Any]:
    """A row as scoring writes it to a csv file, where every value is a string."""
    critical, neutral, supportive = SCORES[label]
    flags = dict.fromkeys(("doubtful", "truncated", "unsupported"), "false")
    added = {"label": label, "confidence": str(max(SCORES[label])), "critical": str(critical), "neutral": str(neutral),
             "supportive": str(supportive), "prediction_set": label, **flags, "model": "1"}  # fmt: skip
    own = {name: more.pop(name) for name in list(more) if name in added or name in ("line", "start", "end", "file")}
    return {"text": text, **more} | {prefix + name: value for name, value in (added | own).items()}


def tally(*tables: Sequence[dict[str, Any]], **asked: Any) -> Tally:
    find = partial(find_columns, **{"text": None, "date": None, "by": (), "prefix": ""} | asked)
    found = Tally()
    for rows in tables:
        found.take(rows, find)
    return found


def test_everything_is_counted() -> None:
    rows = [
        scored("They came to loot.", "critical", source="A", date="2026-11-22", doubtful="true"),
        scored("It is cold.", source="A", date="2026-11-23", truncated="true"),
        scored("It is cold.", source="", date="soon"),
        scored(" ", source="B", date="2026-11-23"),
        scored("გამარჯობა", source="B", date="2026-11-23", unsupported="True", model="2"),
    ]
    found = tally(rows)
    assert (found.rows, found.doubtful, found.truncated, found.unsupported, found.blank) == (5, 1, 1, 1, 1)
    # Of an unsupported text the model says nothing: it is in no share.
    assert found.overall.counts == [1, 3, 0]
    assert {name: shares.counts for name, shares in found.groups["source"].shown(9).largest} == {
        "A": [1, 1, 0], "B": [0, 1, 0], NO_VALUE: [0, 1, 0],
    }  # fmt: skip
    assert [shares.counts for _, shares in found.periods.shown()[1]] == [[1, 0, 0], [0, 2, 0]]
    assert found.undated == 1
    assert found.models == Counter({"1": 4, "2": 1})
    (pick,) = found.confident[0].shown()
    assert (pick.text, pick.where, pick.times) == ("They came to loot.", ("A", "2026-11-22"), 1)
    # The blank text is nothing to look at; the one that came twice is shown once.
    assert [(pick.text, pick.times) for pick in found.confident[1].shown()] == [("It is cold.", 2)]


def test_sentences_are_of_documents_and_documents_end_with_their_file() -> None:
    sentences = [scored("One.", "critical", line="1", start="0", end="4"), scored("Two.", line="1", start="5", end="9")]
    found = tally([*sentences, scored("Three.", line="2", start="0", end="6")], sentences)
    assert found.split
    assert (found.overall.rows, found.overall.documents) == (5, 3)
    assert found.overall.documents_with == [2, 3, 0]
    joined = [scored("One.", line="1", start="0", end="4", file=name) for name in ("a.txt", "b.txt")]
    assert tally(joined).overall.documents == 2
    assert not tally([scored("A text.", line="1")]).split


@pytest.mark.parametrize("asked", [{"prefix": "our_"}, {"by": ("country", "text"), "date": "when"}])
def test_columns_are_found_or_named(asked: dict[str, Any]) -> None:
    rows = [
        scored("A text.", prefix=asked.get("prefix", ""), Outlet="X", country="ML", when="2026-01", Published="2025")
    ]
    found = tally(rows, **asked)
    assert found.columns["text"] == ["text"]
    assert found.columns["by"] == list(asked.get("by", ["Outlet"]))
    assert found.columns["date"] == [asked.get("date", "Published")]
    assert found.overall.rows == 1


@pytest.mark.parametrize("asked", [{}, {"by": ("outlet",), "date": "published"}])
def test_a_first_line_of_json_may_lack_what_nobody_filled_in(asked: dict[str, Any]) -> None:
    rows = [scored("One.", "critical"), scored("Two.", outlet="A", published="2026-11-22")]
    rows = [{"content": row.pop("text"), **row} for row in rows]
    found = tally([rows[0], rows[1] | {"text": "what was not scored"}], **asked)
    assert found.columns == {"text": ["content"], "date": ["published"], "by": ["outlet"]}
    assert (found.overall.rows, found.undated) == (2, 1)
    assert {name: shares.counts for name, shares in found.groups["outlet"].shown(9).largest} == {
        "A": [0, 1, 0], NO_VALUE: [1, 0, 0],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "asked", "error", "told"),
    [
        ([{"text": "a"}], {}, ColumnError, "no column label, critical, .*ru-stance score.*They have: text"),
        ([scored("a")], {"prefix": "x_"}, ColumnError, "no column x_label"),
        ([scored("a")], {"by": ("outlet",)}, ColumnError, "no column outlet; they have: text, label"),
        ([scored("a")], {"date": "when"}, ColumnError, "no column when"),
        ([scored("a"), scored("b") | {"label": "good"}], {}, FormatError, "Row 2 does not have a label"),
        ([scored("a") | {"critical": ""}], {}, FormatError, "Row 1 does not have"),
        ([scored("a"), {"text": "b"}], {}, FormatError, "Row 2 does not have"),
    ],
)
def test_rows_that_were_not_scored_are_refused(
    rows: list[dict[str, Any]], asked: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        tally(rows, **asked)


def test_large_groups_survive_any_number_of_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "LIMIT", 100)
    found, wanted = Groups(), Counter[str]()
    generator = random.Random(1)
    for number in range(20_000):
        name = generator.choice("ABC") if generator.random() < 0.4 else f"small {number}"
        wanted[name] += 1
        found.add(name, [1, 0, 0])
        assert len(found._shares) <= 100
    shown = found.shown(3)
    assert [name for name, _ in shown.largest] == [name for name, _ in wanted.most_common(3)]
    assert shown.folded is None
    for name, shares in shown.largest:
        assert 0 <= wanted[name] - shares.rows <= shown.missed < 20
    assert shown.other is not None
    assert sum(shares.rows for _, shares in shown.largest) + shown.other.rows == 20_000


def test_few_groups_are_exact() -> None:
    found = Groups()
    for name in "ABBCCC":
        found.add(name, [1, 0, 0])
    shown = found.shown(2)
    assert [(name, shares.rows) for name, shares in shown.largest] == [("C", 3), ("B", 2)]
    assert shown.other is not None
    assert (shown.other.rows, shown.folded, shown.missed) == (1, 1, 0)
    assert found.shown(3).other is None
    assert group_of(" a\n b ") == "a b"
    assert len(group_of("x" * 100_000)) == 80


def test_picks_are_the_highest_with_their_true_numbers() -> None:
    generator = random.Random(2)
    ranks = {f"text {number}": round(generator.random(), 2) for number in range(300)}
    offers = [text for text in ranks for _ in range(generator.randrange(1, 5))]
    generator.shuffle(offers)
    first_seen = {text: offers.index(text) for text in ranks}
    wanted = sorted(ranks, key=lambda text: (-ranks[text], first_seen[text]))[:PICKS]
    picks = Picks(PICKS)
    for text in offers:
        picks.offer(ranks[text], text, (), ())
    assert [(pick.text, pick.times) for pick in picks.shown()] == [(text, offers.count(text)) for text in wanted]
    picks.offer(2.0, "x" * 100_000, (), ())
    assert len(picks.shown()[0].text) == 401


@pytest.mark.skipif(sys.gettrace() is not None, reason="what traces the lines takes memory, too")
def test_memory_does_not_grow_with_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "LIMIT", 60)
    monkeypatch.setattr(dates, "LIMIT", 60)

    def rows(number: int) -> Iterator[dict[str, Any]]:
        for each in range(number):
            day = date.fromordinal(700_000 + each).isoformat()
            yield scored(f"Text {each} " * 20, "critical", source=f"source {each}", date=day)

    def peak(number: int) -> int:
        tracemalloc.start()
        find: Any = partial(find_columns, text=None, date=None, by=(), prefix="")
        Tally().take(rows(number), find)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1500)  # what is made once, such as compiled expressions, counts for nobody
    # Ten thousand more rows, of some 250 letters each.
    assert peak(12_000) - peak(1500) < 500_000


def test_columns_are_plain_values() -> None:
    assert find_columns(list(scored("a")), [], text="text", date=None, by=(), prefix="") == Columns(
        "text", None, (), (), ""
    )
