"""A row's answer: the columns that are added to it, and the summary of a text that was split."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from models.document import placed, summarise
from models.errors import ColumnError
from models.labels import LABELS
from models.prediction import Prediction
from models.rows import Row
from models.sentences import Span
from service.corpus.plan import Options
from service.schemas import PLACES, fields_of

# Where a row stands: the file, told where several make one table, the line in it, and a sentence's offsets in its text.
FILE_COLUMNS: Final = ("file", "line")
PLACE_COLUMNS: Final = ("line", "start", "end")
RESULT_COLUMNS: Final = (
    "label", "confidence", *LABELS, "prediction_set", "doubtful", "truncated", "unsupported", "model",
)  # fmt: skip
# What a text that was split comes to; numbers of sentences, but for the lean and its 95% interval.
DOCUMENT_COLUMNS: Final = (
    "line", "sentences", *LABELS, "lean", "lean_low", "lean_high", "doubtful", "truncated", "unsupported", "model",
)  # fmt: skip
# Types of all of them, for tables that have types.
TYPES: Final[Mapping[str, type]] = {
    "file": str, "line": int, "start": int, "end": int, "label": str, "confidence": float,
    **dict.fromkeys(LABELS, float), "prediction_set": str, "doubtful": bool, "truncated": bool, "unsupported": bool,
    "model": str,
}  # fmt: skip
DOCUMENT_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(DOCUMENT_COLUMNS, int), "file": str, "lean": float, "lean_low": float, "lean_high": float,
    "model": str,
}  # fmt: skip

Fields = dict[str, Any]


class Rows:
    """Puts the model's answer to the rows of a table.

    Args:
        options: how texts are split and columns named.
        model: version of the model.
        with_file: tell the file and the line of every row, since several files make one table.
    """

    def __init__(self, options: Options, model: str, *, with_file: bool = False) -> None:
        self._split, self._prefix, self._model = options.split, options.prefix, model
        place = (*FILE_COLUMNS[:with_file], *PLACE_COLUMNS) if options.split else FILE_COLUMNS if with_file else ()
        self._place = tuple(options.prefix + name for name in place)
        self._file = (options.prefix + "file",) if with_file else ()
        self.added: tuple[str, ...] = (*self._place, *(options.prefix + name for name in RESULT_COLUMNS))
        self._reserved = {*self.added, *self._document_columns()}

    def require_free(self, columns: Sequence[str], name: str) -> None:
        """Check that no column would be written over.

        Args:
            columns: those of a source.
            name: the source, for the error.

        Raises:
            ColumnError: one would.
        """
        if taken := self.taken(columns):
            raise ColumnError(
                f"{name} has a column {taken} already, which would be written over. Rename it, "
                "or have another name for the added columns: --prefix stance_"
            )

    def taken(self, columns: Iterable[str]) -> str:
        """Those columns that would be written over, as a list to read; empty if none would."""
        return "" if self._reserved.isdisjoint(columns) else ", ".join(sorted(self._reserved & {*columns}))

    def scored(
        self, row: Row, file: str, column: str, spans: Sequence[Span] | None, found: Sequence[Prediction]
    ) -> list[Fields]:
        """The rows that are written for one row: one, or one a sentence.

        Args:
            row: what was read.
            file: where from.
            column: its column of the text.
            spans: its sentences, where texts are split.
            found: the prediction of the text, or of each sentence.
        """
        if spans is None:
            place = (file, row.line) if self._place else ()
            return [row.fields | dict(zip(self.added, (*place, *self._result(found[0])), strict=True))]
        written = []
        for (start, end), prediction in zip(spans, found, strict=True):
            place = (*((file,) if self._file else ()), row.line, start, end)
            fields = row.fields | {column: row.text[start:end]}
            written.append(fields | dict(zip(self.added, (*place, *self._result(prediction)), strict=True)))
        return written

    def document(self, row: Row, file: str, column: str, spans: Sequence[Span], found: Sequence[Prediction]) -> Fields:
        """What the sentences of a text come to together, with the text's other columns."""
        summary = summarise(placed(row.text, spans, found))
        low, high = summary.lean_interval
        values = (
            *((file,) if self._file else ()), row.line, len(spans), *(summary.counts[label] for label in LABELS),
            *(round(value, PLACES) for value in (summary.lean, low, high)), summary.doubtful, summary.truncated,
            summary.unsupported, self._model,
        )  # fmt: skip
        fields = {name: value for name, value in row.fields.items() if name != column}
        return fields | dict(zip(self._document_columns(), values, strict=True))

    def columns(self, of_input: Sequence[str]) -> tuple[str, ...]:
        """The columns of the rows, for an input of these columns."""
        return (*of_input, *self.added)

    def document_columns(self, of_input: Sequence[str], text_column: str) -> tuple[str, ...]:
        """The columns of the table of documents."""
        return (*(name for name in of_input if name != text_column), *self._document_columns())

    def _document_columns(self) -> tuple[str, ...]:
        if not self._split:
            return ()
        return (*self._file, *(self._prefix + name for name in DOCUMENT_COLUMNS))

    def _result(self, prediction: Prediction) -> tuple[Any, ...]:
        told = fields_of(prediction)
        scores = told["scores"]
        return (
            told["label"], scores[told["label"]], *(scores[label] for label in LABELS),
            "|".join(told["prediction_set"]), told["doubtful"], told["truncated"], told["unsupported"], self._model,
        )  # fmt: skip
