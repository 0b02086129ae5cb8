"""Shares and their intervals, against scipy and against a simulation."""

import random

import pytest
from scipy.stats import binomtest

from models.labels import LABELS
from service.corpus.report.shares import Shares, wilson


@pytest.mark.parametrize(("hits", "rows"), [(0, 1), (1, 1), (3, 10), (0, 500), (500, 500), (123, 4567)])
def test_the_interval_is_wilsons(hits: int, rows: int) -> None:
    share, wanted = wilson(hits, rows), binomtest(hits, rows).proportion_ci(method="wilson")
    assert (share.value, share.low, share.high) == pytest.approx((hits / rows, wanted.low, wanted.high))


def test_of_no_rows_nothing_is_known() -> None:
    share = Shares().of("critical")
    assert (share.value, share.low, share.high) == (0, 0, 1)


def test_rows_of_their_own_are_independent_and_parts_add_up() -> None:
    whole, parts = Shares(), [Shares(), Shares()]
    for number in range(300):
        counts = [int(number % 3 == index) for index in range(3)]
        whole.add(counts)
        parts[number % 2].add(counts)
    parts[0].merge(parts[1])
    for shares in (whole, parts[0]):
        assert (shares.rows, shares.documents, shares.counts, shares.documents_with) == (300, 300, [100] * 3, [100] * 3)
        assert shares.effective() == 300
    assert whole.of("neutral") == parts[0].of("neutral") == wilson(100, 300)


def test_documents_that_speak_with_one_voice_count_once_each() -> None:
    shares = Shares()
    for number in range(40):
        shares.add([10, 0, 0] if number % 2 else [0, 10, 0])
    assert shares.effective() == pytest.approx(40, rel=0.05)
    assert shares.of_documents("critical") == wilson(20, 40)
    wide, narrow = shares.of("critical"), wilson(200, 400)
    assert wide.value == narrow.value
    assert wide.high - wide.low > 2.5 * (narrow.high - narrow.low)


def test_documents_that_say_all_the_same_are_counted_and_one_document_cannot_differ() -> None:
    same, one = Shares(), Shares()
    for _ in range(20):
        same.add([0, 5, 0])
    one.add([3, 5, 1])
    one.add([0, 0, 0])
    assert (same.effective(), one.effective()) == (20, 9)
    assert (one.documents, one.rows) == (1, 9)


def test_the_interval_holds_the_share_that_documents_are_drawn_with() -> None:
    generator, held = random.Random(4), 0
    for _ in range(300):
        shares = Shares()
        for _ in range(60):
            # Half of the documents lean one way, half the other: 0.5 in all.
            chance = generator.choice((0.2, 0.8))
            critical = sum(generator.random() < chance for _ in range(20))
            shares.add([critical, 20 - critical, 0])
        found = shares.of("critical")
        held += found.low <= 0.5 <= found.high
    assert 0.91 <= held / 300 <= 0.99
    assert LABELS[0] == "critical"
