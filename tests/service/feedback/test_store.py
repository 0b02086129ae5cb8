"""Votes in SQLite and in PostgreSQL: what stands, what is kept of the rest, and what happens at the same time."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from models.errors import InputError, LabelNotFound, TextError
from service.feedback.database import Database
from service.feedback.store import PAGE, Filter, LabelStore
from service.feedback.votes import Vote

TEXT = "They came to loot and not to protect."


def test_a_database_that_nobody_wrote_holds_nothing(store: LabelStore) -> None:
    assert store.look_up([TEXT]) == [[]]
    assert store.latest(Filter()) == list(store.all()) == []
    with pytest.raises(LabelNotFound):
        store.take_back(1)
    assert store.erase(annotator="a") == 0


def test_what_was_given_is_kept_as_it_was(store: LabelStore) -> None:
    before = datetime.now(UTC)
    vote = Vote("Они пришли\nграбить. 🌾 ", "critical", "Ада", "a 'note'; --", "site\\x")
    (row,) = store.give([vote])
    (again,) = store.look_up([vote.text])[0]
    assert again == row
    assert (row.text, row.label, row.annotator, row.note, row.source) == (
        vote.text, vote.label, vote.annotator, vote.note, vote.source,
    )  # fmt: skip
    assert before <= row.created <= datetime.now(UTC)
    assert row.deleted is None


def test_the_later_vote_of_an_annotator_replaces_the_earlier(store: LabelStore) -> None:
    (first,), (other,) = store.give([Vote(TEXT, "neutral", "ada")]), store.give([Vote(TEXT, "neutral", "bob")])
    (second,) = store.give([Vote(TEXT, "critical", "ada")])
    assert [row.id for row in store.look_up([TEXT])[0]] == [other.id, second.id]
    gone = next(row for row in store.latest(Filter(deleted=True)) if row.id == first.id)
    assert (gone.text, gone.label) == (TEXT, "neutral")
    assert gone.deleted >= gone.created


def test_votes_of_one_call_replace_one_another_too(store: LabelStore) -> None:
    rows = store.give([Vote(TEXT, "neutral", "ada"), Vote("other", "neutral"), Vote(TEXT, "critical", "ada")])
    assert [row.label for row in rows] == ["neutral", "neutral", "critical"]
    assert [row.label for row in store.look_up([TEXT])[0]] == ["critical"]


def test_the_same_vote_again_changes_nothing(store: LabelStore) -> None:
    vote = Vote(TEXT, "critical", "ada", "note", "source")
    assert store.give([vote]) == store.give([vote, vote])[:1]
    assert len(store.latest(Filter(deleted=True))) == 1


def test_those_without_a_name_count_as_one(store: LabelStore) -> None:
    store.give([Vote(TEXT, "critical"), Vote(TEXT, "neutral")])
    assert [row.label for row in store.look_up([TEXT])[0]] == ["neutral"]


def test_a_vote_taken_back_stands_no_more_and_is_kept(store: LabelStore) -> None:
    (row,) = store.give([Vote(TEXT, "critical", "ada")])
    taken = store.take_back(row.id)
    assert taken.deleted is not None
    assert store.take_back(row.id) == taken, "taking it back again changes nothing"
    assert store.look_up([TEXT]) == [[]]
    (anew,) = store.give([Vote(TEXT, "critical", "ada")])
    assert anew.id > row.id
    with pytest.raises(LabelNotFound):
        store.take_back(anew.id + 1)


def test_a_text_is_found_however_it_is_spaced_and_composed(store: LabelStore) -> None:
    store.give([Vote("Le café  a\u00a0fermé.", "neutral")])
    found = store.look_up(["nothing", " Le cafe\u0301 a\nfermé. ", "le café a fermé."])
    assert [len(rows) for rows in found] == [0, 1, 0]


def test_filters_choose_and_pages_follow_one_another(store: LabelStore) -> None:
    votes = [Vote(f"text {number}", "critical" if number % 3 else "neutral", "ab"[number % 2]) for number in range(50)]
    rows = store.give(votes)
    chosen = store.latest(Filter(label="critical", annotator="a"))
    assert [row.text for row in chosen] == [f"text {n}" for n in reversed(range(50)) if n % 3 and n % 2 == 0]
    first = store.latest(Filter(), limit=20)
    assert [*first, *store.latest(Filter(), before=first[-1].id)] == rows[::-1]
    assert store.latest(Filter(since=datetime.now(UTC) + timedelta(hours=1))) == []
    assert len(store.latest(Filter(since=datetime.now(UTC) - timedelta(hours=1)), limit=100)) == 50
    assert store.latest(Filter(source="x")) == []


def test_all_votes_are_read_page_by_page_with_those_on_one_text_together(store: LabelStore) -> None:
    count = PAGE // 2 + 7
    store.give([Vote(f"text {number}", "neutral", name) for name in "abc" for number in range(count)])
    rows = list(store.all())
    assert len({row.id for row in rows}) == len(rows) == 3 * count
    assert all(len({row.text for row in rows[at : at + 3]}) == 1 for at in range(0, len(rows), 3))
    assert store.look_up([f"text {number}" for number in range(count)])[-1] == [
        row for row in rows if row.text == f"text {count - 1}"
    ]


def test_a_call_with_an_empty_text_writes_nothing(store: LabelStore) -> None:
    with pytest.raises(TextError):
        store.give([Vote(TEXT, "neutral"), Vote(" \0\n", "neutral")])
    assert store.latest(Filter()) == []


def test_nul_is_kept_as_a_space(store: LabelStore) -> None:
    (row,) = store.give([Vote("a\0b", "neutral")])
    assert row.text == "a b"
    assert store.look_up(["a b", "a\0b"]) == [[row], [row]]


def test_erasing_needs_to_know_what_and_takes_tombstones_too(store: LabelStore) -> None:
    store.give([Vote(TEXT, "neutral", "ada"), Vote("b", "neutral", "ada"), Vote("b", "neutral", "bob")])
    store.give([Vote(TEXT, "critical", "ada")])
    with pytest.raises(InputError):
        store.erase()
    assert store.erase(text=TEXT + " ") == 2
    assert store.erase(annotator="ada") == 1
    (left,) = store.latest(Filter(deleted=True))
    assert (left.text, left.annotator) == ("b", "bob")
    store.take_back(left.id)
    assert store.erase(deleted=True) == 1


def test_votes_given_at_the_same_time_leave_one_that_stands(store: LabelStore) -> None:
    barrier = threading.Barrier(6)

    def give(number: int) -> None:
        barrier.wait(60)
        for turn in range(5):
            store.give([Vote(TEXT, "neutral", "ada", note=f"{number} {turn}")])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(give, range(6)))
    assert len(store.look_up([TEXT])[0]) == 1
    assert len(store.latest(Filter(deleted=True))) == 30


START = """
import sys
from service.feedback.database import Database
from service.feedback.store import LabelStore
from service.feedback.votes import Vote
sys.stdin.read(1)
database = Database(sys.argv[1])
database.migrate()
LabelStore(database).give([Vote("a", "neutral", sys.argv[2])])
database.close()
"""


def test_processes_that_start_at_once_migrate_once_and_lose_nothing(address: str) -> None:
    words = [sys.executable, "-W", "error", "-c", START, address]
    started = [subprocess.Popen([*words, str(n)], stdin=subprocess.PIPE, stderr=subprocess.PIPE) for n in range(3)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=120)[1] for process in started]
    assert errors == [b""] * 3
    database = Database(address)
    assert {row.annotator for row in LabelStore(database).look_up(["a"])[0]} == set("012")
    database.close()
