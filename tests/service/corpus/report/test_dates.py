"""What is a date, and counts by period."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from service.corpus.report import dates
from service.corpus.report.dates import Periods, named, parse_date

ONE = [1, 0, 0]


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 11, 22), datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "2026-11-22", " 2026-11-22T23:59:00+05:00 ",
        "2026-11-22 10:00:00", "20261122", "2026/11/22", "22.11.2026", "Sun Nov 22 10:00:00 +0000 2026",
        "Sun, 22 Nov 2026 10:00:00 +0000", 1795342200, "1795342200", 1795342200000, 1795342200.5,
    ],
)  # fmt: skip
def test_known_forms_of_a_day(value: Any) -> None:
    assert parse_date(value) == (date(2026, 11, 22), "day")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2026-11", (date(2026, 11, 1), "month")),
        ("2026", (date(2026, 1, 1), "year")),
        (2026, (date(2026, 1, 1), "year")),
    ],
)
def test_months_and_years(value: Any, wanted: Any) -> None:
    assert parse_date(value) == wanted


@pytest.mark.parametrize(
    "value",
    ["03/04/2026", "yesterday", "", "   ", None, "12:30", True, 12, -5, float("nan"), float("inf"), "2026-13-40",
     "x" * 100_000, ["2026-11-22"], "Monday", "99999999999999999999", "nan"],
)  # fmt: skip
def test_what_is_no_date_for_certain(value: Any) -> None:
    assert parse_date(value) is None


def periods(*days: date) -> Periods:
    found = Periods()
    for day in days:
        found.add((day, "day"), ONE)
    return found


def shown(found: Periods) -> tuple[str, dict[str, int]]:
    unit, rows = found.shown()
    return unit, {named(day, unit): shares.rows for day, shares in rows}


def test_the_unit_follows_the_span_and_empty_periods_are_shown() -> None:
    first = date(2026, 1, 30)
    assert shown(periods(first, first + timedelta(2))) == (
        "day", {"2026-01-30": 1, "2026-01-31": 0, "2026-02-01": 1},
    )  # fmt: skip
    assert shown(periods(first, first + timedelta(60)))[0] == "week"
    assert "week of 2026-01-26" in shown(periods(first, first + timedelta(60)))[1]
    unit, found = shown(periods(first, first + timedelta(400)))
    assert (unit, next(iter(found)), len(found), sum(found.values())) == ("month", "2026-01", 15, 2)
    assert shown(periods(first, first + timedelta(3000)))[0] == "quarter"
    assert "2026 Q1" in shown(periods(first, first + timedelta(3000)))[1]
    assert shown(periods(date(1, 1, 1), date(9999, 12, 31)))[0] == "year"
    assert shown(Periods()) == ("day", {})


def test_a_month_among_days_makes_months() -> None:
    found = periods(date(2026, 1, 5), date(2026, 1, 6))
    found.add((date(2026, 2, 1), "month"), ONE)
    assert shown(found) == ("month", {"2026-01": 2, "2026-02": 1})


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "LIMIT", 50)
    found = Periods()
    for number in range(20_000):
        found.add((date(1900, 1, 1) + timedelta(number), "day"), ONE)
        assert len(found._shares) <= 62  # months, until there are too many; then years
    assert sum(shares.rows for _, shares in found.shown()[1]) == 20_000
