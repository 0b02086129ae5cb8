"""Dates of rows, and counts by period in bounded memory."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal

from service.corpus.report.shares import Shares

Unit = Literal["day", "week", "month", "quarter", "year"]

# Points that a plot of A4 width can show.
_POINTS: Final = 40
# Periods in memory at a time: eleven years of days.
LIMIT: Final = 4000
# Seconds since 1970 of 2001-09-09 to 2286-11-20; a thousand times as much is milliseconds.
_SECONDS: Final = range(10**9, 10**10)
_X_TWITTER: Final = "%a %b %d %H:%M:%S %z %Y"
_FORMS: Final[tuple[tuple[str, Unit], ...]] = (
    ("%Y/%m/%d", "day"), ("%d.%m.%Y", "day"), (_X_TWITTER, "day"), ("%Y-%m", "month"), ("%Y/%m", "month"),
    ("%Y", "year"),
)  # fmt: skip

_STARTS: Final[dict[Unit, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: date.fromordinal(max(day.toordinal() - day.weekday(), 1)),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=day.month - (day.month - 1) % 3, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
UNITS: Final[tuple[Unit, ...]] = ("day", "week", "month", "quarter", "year")


def parse_date(value: Any) -> tuple[date, Unit] | None:
    """The day, month or year that a value tells, by its first day; None if it tells none for certain.

    Known are dates of Python and parquet, ISO 8601, ``2026/11/22``, ``22.11.2026``, the dates of e-mail, RSS and
    X/Twitter, years, and numbers of seconds or milliseconds since 1970. A date is taken as it is written, in the time
    zone that it is written in. ``03/04/2026`` is not known: it may be in March or in April.
    """
    if isinstance(value, datetime):
        return value.date(), "day"
    if isinstance(value, date):
        return value, "day"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _since_1970(value)
    return _parse_text(value.strip()) if isinstance(value, str) and 4 <= len(value) <= 64 else None


class Periods:
    """Counts by period. Days become months, and months years, where there are too many of them."""

    def __init__(self) -> None:
        self._unit: Unit = "day"
        self._shares: dict[date, Shares] = {}

    def add(self, key: tuple[date, Unit], counts: Sequence[int]) -> None:
        """Add one document, as in :meth:`Shares.add`, at what :func:`parse_date` gave."""
        day, unit = key
        self._coarsen(unit)
        self._shares.setdefault(_STARTS[self._unit](day), Shares()).add(counts)
        if len(self._shares) > LIMIT:
            self._coarsen("month" if self._unit == "day" else "year")

    def shown(self) -> tuple[Unit, list[tuple[date, Shares]]]:
        """The finest unit with few enough periods to draw, and every period from the first to the last with rows."""
        found = {day: shares for day, shares in self._shares.items() if shares.rows}
        if not found:
            return self._unit, []
        for unit in UNITS[UNITS.index(self._unit) :]:
            periods = _between(min(found), max(found), unit)
            if len(periods) <= _POINTS or unit == "year":
                break
        merged = {start: Shares() for start in periods}
        for day, shares in found.items():
            merged[_STARTS[unit](day)].merge(shares)
        return unit, list(merged.items())

    def _coarsen(self, unit: Unit) -> None:
        if UNITS.index(unit) <= UNITS.index(self._unit):
            return
        self._unit, old, self._shares = unit, self._shares, {}
        for day, shares in old.items():
            self._shares.setdefault(_STARTS[unit](day), Shares()).merge(shares)


def named(start: date, unit: Unit) -> str:
    """A period as it is told: 2026-11-22, week of 2026-11-16, 2026-11, 2026 Q4 or 2026."""
    return {
        "day": start.isoformat(),
        "week": f"week of {start.isoformat()}",
        "month": f"{start.year:04}-{start.month:02}",
        "quarter": f"{start.year:04} Q{(start.month + 2) // 3}",
        "year": f"{start.year:04}",
    }[unit]


def _between(first: date, last: date, unit: Unit) -> list[date]:
    start, end = _STARTS[unit], _STARTS[unit](last)
    # Longer than any unit, and shorter than two of it.
    step = timedelta({"day": 1, "week": 7, "month": 32, "quarter": 93, "year": 367}[unit])
    periods = [start(first)]
    while periods[-1] < end:
        try:
            periods.append(start(periods[-1] + step))
        except OverflowError:  # after the last day that there is, 9999-12-31
            break
    return periods


def _since_1970(value: float) -> tuple[date, Unit] | None:
    if value != value or abs(value) == float("inf"):
        return None
    whole = int(value)
    seconds = whole if whole in _SECONDS else whole // 1000
    if seconds in _SECONDS:
        return datetime.fromtimestamp(seconds, UTC).date(), "day"
    return (date(whole, 1, 1), "year") if 1000 <= value == whole <= 9999 else None


def _parse_text(text: str) -> tuple[date, Unit] | None:
    try:
        if len(text) >= 8:  # shorter ones are months, years or times
            return datetime.fromisoformat(text).date(), "day"
    except ValueError:
        pass
    for form, unit in _FORMS:
        try:
            return datetime.strptime(text, form).date(), unit
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text).date(), "day"
    except (ValueError, IndexError, TypeError):
        pass
    try:
        return _since_1970(float(text))
    except ValueError:
        return None
