"""Scoring a stream of rows."""

from collections.abc import Iterator

import pytest

from models.classifier import Classifier
from models.errors import ColumnError, RowError
from models.rows import Row
from service.corpus import score
from service.corpus.score import PLACE_COLUMNS, RESULT_COLUMNS, score_rows, usable

ARTICLE = "The convoy left on Monday.  They came to loot and not to protect.\n\nBread went up by a tenth."


def row(line: int, text: str, **more: object) -> Row:
    return Row(line, text, {"id": line, "text": text, **more})


def test_rows_keep_their_columns_and_get_the_models_answer(classifier: Classifier) -> None:
    rows = [row(2, "They came to loot and not to protect.", likes=3), row(3, " ", likes=None)]
    found = list(score_rows(classifier, rows))
    assert [tuple(fields) for fields in found] == [("id", "text", "likes", *RESULT_COLUMNS)] * 2
    for given, fields in zip(rows, found, strict=True):
        prediction = classifier.classify_one(given.text)
        assert given.fields.items() <= fields.items()
        assert fields["label"] == prediction.label
        assert fields["confidence"] == fields[prediction.label] == pytest.approx(prediction.confidence, abs=1e-6)
        assert fields["prediction_set"] == "|".join(prediction.prediction_set)
        assert (fields["doubtful"], fields["truncated"], fields["unsupported"]) == (
            prediction.doubtful,
            prediction.truncated,
            prediction.unsupported,
        )


def test_a_long_and_a_foreign_text_are_told(classifier: Classifier) -> None:
    long = "The convoy of the peacekeepers reached the border on Tuesday evening. " * 50
    cut, foreign = score_rows(classifier, [row(1, long), row(2, "ვალუტის კურსი დღეს არ შეცვლილა.")])
    assert (cut["truncated"], cut["unsupported"]) == (True, False)
    assert (foreign["truncated"], foreign["unsupported"]) == (False, True)


def test_sentences_stand_where_they_are_said_to_and_are_those_of_the_document(classifier: Classifier) -> None:
    found = list(score_rows(classifier, [row(1, ARTICLE), row(5, "\n"), row(7, "One more.")], split_text=True))
    assert tuple(found[0]) == ("id", "text", *PLACE_COLUMNS, *RESULT_COLUMNS)
    assert [fields["line"] for fields in found] == [1, 1, 1, 7]
    for fields, sentence in zip(found, classifier.document(ARTICLE).sentences, strict=False):
        assert (fields["start"], fields["end"], fields["text"]) == (sentence.start, sentence.end, sentence.text)
        assert ARTICLE[fields["start"] : fields["end"]] == fields["text"]
        assert fields["label"] == sentence.prediction.label
        assert fields["id"] == 1


def test_a_split_text_stays_in_the_column_that_was_named(classifier: Classifier) -> None:
    given = Row(2, "One. Two.", {"text": "a summary", "comment": "One. Two."})
    found = list(score_rows(classifier, [given], split_text=True, text_column="comment"))
    assert [(fields["text"], fields["comment"]) for fields in found] == [("a summary", "One."), ("a summary", "Two.")]


def test_blocks_change_nothing_and_rows_are_read_as_they_are_needed(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"The convoy of {number} lorries left on Monday." for number in range(7)]
    whole = list(score_rows(classifier, [row(line, text) for line, text in enumerate(texts)]))
    monkeypatch.setattr(score, "BLOCK", 3)
    read: list[int] = []

    def rows() -> Iterator[Row]:
        for line, text in enumerate(texts):
            read.append(line)
            yield row(line, text)

    scored = score_rows(classifier, rows())
    assert next(scored) == whole[0]
    assert read == [0, 1, 2]
    assert list(scored) == whole[1:]


@pytest.mark.parametrize(("column", "split"), [("label", False), ("neutral", True), ("start", True)])
def test_a_column_is_never_written_over(classifier: Classifier, column: str, split: bool) -> None:
    rows = [row(2, "The convoy left.", **{column: "mine"})]
    with pytest.raises(ColumnError, match=f"column {column} already.*--prefix"):
        list(score_rows(classifier, rows, split_text=split))
    (fields,) = score_rows(classifier, rows, split_text=split, prefix="our_")
    assert fields[column] == "mine"
    assert f"our_{column}" in fields


def test_bad_rows_are_reported_and_the_rest_goes_on() -> None:
    bad = RowError("in.csv", 3, "is no row")
    reported: list[RowError] = []
    assert list(usable([row(2, "a"), bad, row(4, "b")], reported.append)) == [row(2, "a"), row(4, "b")]
    assert reported == [bad]
