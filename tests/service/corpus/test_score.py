"""What is added to a row, and what a text that was split comes to."""

import pytest

from models.classifier import Classifier
from models.errors import ColumnError
from models.rows import Row
from models.sentences import split
from service.corpus.plan import Options
from service.corpus.score import (
    DOCUMENT_COLUMNS,
    DOCUMENT_TYPES,
    FILE_COLUMNS,
    PLACE_COLUMNS,
    RESULT_COLUMNS,
    TYPES,
    Fields,
    Rows,
)

ARTICLE = "The convoy left on Monday.  They came to loot and not to protect.\n\nBread went up by a tenth."


def row(line: int, text: str, **more: object) -> Row:
    return Row(line, text, {"id": line, "text": text, **more})


def scored(classifier: Classifier, rows: Rows, given: Row, column: str = "text", *, whole: bool = True) -> list[Fields]:
    spans = None if whole else split(given.text)
    texts = [given.text] if spans is None else [given.text[start:end] for start, end in spans]
    return rows.scored(given, "in.csv", column, spans, classifier.classify(texts))


def test_rows_keep_their_columns_and_get_the_models_answer(classifier: Classifier) -> None:
    rows = Rows(Options(), "v1")
    for given in (row(2, "They came to loot and not to protect.", likes=3), row(3, " ", likes=None)):
        (fields,) = scored(classifier, rows, given)
        prediction = classifier.classify_one(given.text)
        assert tuple(fields) == ("id", "text", "likes", *RESULT_COLUMNS) == rows.columns(tuple(given.fields))
        assert given.fields.items() <= fields.items()
        assert (fields["label"], fields["model"]) == (prediction.label, "v1")
        assert fields["confidence"] == fields[prediction.label] == pytest.approx(prediction.confidence, abs=1e-6)
        assert fields["prediction_set"] == "|".join(prediction.prediction_set)
        assert (fields["doubtful"], fields["truncated"], fields["unsupported"]) == (
            prediction.doubtful,
            prediction.truncated,
            prediction.unsupported,
        )


def test_a_long_and_a_foreign_text_are_told(classifier: Classifier) -> None:
    long = "The convoy of the peacekeepers reached the border on Tuesday evening. " * 50
    (cut,) = scored(classifier, Rows(Options(), "v1"), row(1, long))
    (foreign,) = scored(classifier, Rows(Options(), "v1"), row(2, "ვალუტის კურსი დღეს არ შეცვლილა."))
    assert (cut["truncated"], cut["unsupported"]) == (True, False)
    assert (foreign["truncated"], foreign["unsupported"]) == (False, True)


def test_sentences_stand_where_they_are_said_to_and_make_the_document(classifier: Classifier) -> None:
    rows, given = Rows(Options(split=True), "v1"), row(7, ARTICLE, source="x")
    found = scored(classifier, rows, given, whole=False)
    document = classifier.document(ARTICLE)
    assert tuple(found[0]) == ("id", "text", "source", *PLACE_COLUMNS, *RESULT_COLUMNS)
    for fields, sentence in zip(found, document.sentences, strict=True):
        assert (fields["start"], fields["end"], fields["text"]) == (sentence.start, sentence.end, sentence.text)
        assert (fields["label"], fields["id"], fields["line"]) == (sentence.prediction.label, 7, 7)
    predictions = [sentence.prediction for sentence in document.sentences]
    told = rows.document(given, "in.csv", "text", split(ARTICLE), predictions)
    assert tuple(told) == ("id", "source", *DOCUMENT_COLUMNS) == rows.document_columns(tuple(given.fields), "text")
    assert (told["sentences"], told["critical"], told["neutral"], told["supportive"]) == (3, 1, 2, 0)
    assert told["lean_low"] <= told["lean"] == round(document.summary.lean, 6) <= told["lean_high"]
    assert rows.document(row(1, ""), "in.csv", "text", [], [])["sentences"] == 0


def test_a_split_text_stays_in_the_column_that_was_named(classifier: Classifier) -> None:
    given = Row(2, "One. Two.", {"text": "a summary", "comment": "One. Two."})
    found = scored(classifier, Rows(Options(split=True), "v1"), given, "comment", whole=False)
    assert [(fields["text"], fields["comment"]) for fields in found] == [("a summary", "One."), ("a summary", "Two.")]


@pytest.mark.parametrize(("split_texts", "place"), [(False, FILE_COLUMNS), (True, ("file", *PLACE_COLUMNS))])
def test_the_file_is_told_where_several_make_one_table(
    classifier: Classifier, split_texts: bool, place: tuple[str, ...]
) -> None:
    rows = Rows(Options(split=split_texts, prefix="our_"), "v1", with_file=True)
    (fields,) = scored(classifier, rows, row(3, "The convoy left."), whole=not split_texts)
    assert tuple(fields) == ("id", "text", *(f"our_{name}" for name in (*place, *RESULT_COLUMNS)))
    assert (fields["our_file"], fields["our_line"]) == ("in.csv", 3)


@pytest.mark.parametrize(
    ("column", "split_texts"), [("label", False), ("model", False), ("neutral", True), ("start", True), ("lean", True)]
)
def test_a_column_is_never_written_over(column: str, split_texts: bool) -> None:
    columns = ("id", "text", column)
    with pytest.raises(ColumnError, match=rf"in\.csv has a column {column} already.*--prefix"):
        Rows(Options(split=split_texts), "v1").require_free(columns, "in.csv")
    Rows(Options(split=split_texts, prefix="our_"), "v1").require_free(columns, "in.csv")


def test_every_added_column_has_a_type() -> None:
    assert {*TYPES} == {*FILE_COLUMNS, *PLACE_COLUMNS, *RESULT_COLUMNS}
    assert {*DOCUMENT_TYPES} == {"file", *DOCUMENT_COLUMNS}
