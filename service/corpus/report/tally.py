"""Everything that the report says of the rows, counted as they pass; memory does not grow with their number."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

from models.labels import LABELS
from service.corpus.report.columns import Columns, Scored, scored
from service.corpus.report.dates import Periods, parse_date
from service.corpus.report.groups import Groups, group_of
from service.corpus.report.picks import Picks
from service.corpus.report.shares import Shares

# Sentences shown of each label, the most confident and the most doubtful.
PICKS: Final = 6
# Rows whose columns are looked at, before any is counted.
LOOKED_AT: Final = 1000
# Model versions told apart.
_VERSIONS: Final = 5


class Tally:
    """Counts of scored rows.

    Attributes:
        columns: the columns of each kind that were counted: "text", "date" and "by", each name once.
        split: whether the rows are sentences of documents.
        rows: number of rows.
        blank, doubtful, truncated, unsupported: how many of the rows are; a blank text says nothing and is neutral.
        undated: supported rows without a date that can be read.
        overall: the supported rows by label.
        periods: the same by date.
        groups: the same by the values of each ``by`` column.
        confident, doubted: the surest and the least sure texts of each label, in the order of ``LABELS``.
        models: rows by model version; the versions after the first few are counted as "others".
    """

    def __init__(self) -> None:
        self.columns: dict[str, list[str]] = {"text": [], "date": [], "by": []}
        self.split = False
        self.rows = self.blank = self.doubtful = self.truncated = self.unsupported = self.undated = 0
        self.overall = Shares()
        self.periods = Periods()
        self.groups: dict[str, Groups] = {}
        self.confident = [Picks(PICKS) for _ in LABELS]
        self.doubted = [Picks(PICKS) for _ in LABELS]
        self.models: Counter[str] = Counter()
        # The counts of the document that is being read, by whom they are for.
        self._document: Hashable = None
        self._open: dict[tuple[Periods | Groups | None, Any], list[int]] = {}

    def take(self, rows: Iterable[Mapping[str, Any]], find: Callable[[Sequence[str], Sequence[str]], Columns]) -> None:
        """Count the rows of one file; those of one document must stand together.

        Args:
            rows: the rows.
            find: tells which columns are counted, from those of the first row, and those of some rows after it.

        Raises:
            FormatError: a row was not scored.
        """
        rest = iter(rows)
        head = list(islice(rest, LOOKED_AT))
        if head:
            columns = find(list(head[0]), [name for row in head[1:] for name in row])
            self._note(columns)
            for row in chain(head, rest):
                self._take(row, columns)
        self._close()
        self._document = None

    def _note(self, columns: Columns) -> None:
        self.split = self.split or bool(columns.document)
        for kind, names in (("text", (columns.text,)), ("date", (columns.date,)), ("by", columns.by)):
            self.columns[kind] += [name for name in names if name and name not in self.columns[kind]]
        for name in columns.by:
            self.groups.setdefault(name, Groups())

    def _take(self, row: Mapping[str, Any], columns: Columns) -> None:
        self.rows += 1
        found = scored(row, columns, self.rows)
        text = str(row.get(columns.text) or "")
        blank = not text or text.isspace()
        self.blank += blank
        self.doubtful += found.doubtful
        self.truncated += found.truncated
        self.unsupported += found.unsupported
        if found.model is not None:
            known = found.model in self.models or len(self.models) < _VERSIONS
            self.models[found.model if known else "others"] += 1
        document: Hashable = tuple(str(row.get(name)) for name in columns.document) or self.rows
        if document != self._document:
            self._close()
            self._document = document
        # Of an unsupported text the model says nothing, which is not the same as neutral.
        if found.unsupported:
            return
        self._count(None, None, found.label)
        self._count_date(row, columns, found.label)
        for column in columns.by:
            self._count(self.groups[column], group_of(row.get(column)), found.label)
        if not blank:
            self._pick(row, columns, text, found)

    def _count_date(self, row: Mapping[str, Any], columns: Columns, label: int) -> None:
        day = None if columns.date is None else parse_date(row.get(columns.date))
        if day is None:
            self.undated += 1
        else:
            self._count(self.periods, day, label)

    def _count(self, sink: Periods | Groups | None, key: Any, label: int) -> None:
        counts = self._open.get((sink, key))
        if counts is None:
            counts = self._open[sink, key] = [0] * len(LABELS)
        counts[label] += 1

    def _close(self) -> None:
        for (sink, key), counts in self._open.items():
            if sink is None:
                self.overall.add(counts)
            else:
                sink.add(key, counts)
        self._open.clear()

    def _pick(self, row: Mapping[str, Any], columns: Columns, text: str, found: Scored) -> None:
        first, second, _ = sorted(found.scores, reverse=True)
        names = (*columns.by, *((columns.date,) if columns.date else ()))
        where = tuple(group_of(row.get(name)) for name in names if row.get(name) not in (None, ""))
        self.confident[found.label].offer(first, text, found.scores, where)
        self.doubted[found.label].offer(second - first, text, found.scores, where)
