"""Rows with labels: read from people's files, and grouped by a column."""

import json
from pathlib import Path

import pytest

from models.errors import ColumnError, FormatError, RowError
from training.dataset import Example
from training.slices import LabelledRow, from_examples, read_labelled, slices, usable_columns


def jsonl(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def rows_of(*fields: dict[str, str]) -> list[LabelledRow]:
    return [LabelledRow("a text", "neutral", field) for field in fields]


def test_jsonl_and_csv_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("lang,text,label\nen,We praise it,supportive\nfr,Voilà,neutral\n", "utf-8")
    rows = read_labelled(tmp_path / "rows.csv")
    assert [(row.text, row.label, row.fields["lang"]) for row in rows] == [
        ("We praise it", "supportive", "en"),
        ("Voilà", "neutral", "fr"),
    ]
    same = jsonl(
        tmp_path / "rows.jsonl",
        {"lang": "en", "text": "We praise it", "label": "supportive"},
        {"lang": "fr", "text": "Voilà", "label": "neutral"},
    )
    assert [(row.text, row.label, row.fields["lang"]) for row in read_labelled(same)] == [
        (row.text, row.label, row.fields["lang"]) for row in rows
    ]


def test_a_file_without_labels_names_the_columns_and_the_remedy(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", {"text": "secret words", "stance": "neutral"})
    with pytest.raises(ColumnError, match=r"no column 'label'.*stance.*Name the column") as caught:
        read_labelled(path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("pos", "label 'pos' is not one of critical, neutral, supportive"),
        ("", "an empty label is not"),
        (None, "an empty label is not"),
    ],
)
def test_an_unknown_label_names_the_line(tmp_path: Path, label: object, told: str) -> None:
    path = jsonl(tmp_path / "rows.jsonl", {"text": "a", "label": "neutral"}, {"text": "b", "label": label})
    with pytest.raises(RowError, match="line 2: " + told):
        read_labelled(path)


def test_a_text_under_label_is_not_quoted(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", {"text": "a", "label": "a secret sentence that stands in a wrong column"})
    with pytest.raises(RowError, match="line 1: the label is not one of") as caught:
        read_labelled(path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("name", "content"), [("rows.jsonl", ""), ("rows.csv", "text,label\n")])
def test_an_empty_file(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FormatError, match=name):
        read_labelled(tmp_path / name)


def test_examples_keep_what_is_known_of_them() -> None:
    example = Example("a text", "critical", source="written", group="a", lang="en")
    assert from_examples([example]) == [LabelledRow("a text", "critical", {"source": "written", "lang": "en"})]


def test_slices_have_the_most_frequent_value_first() -> None:
    found = slices(rows_of({"lang": "fr"}, {"lang": "en"}, {"lang": "en"}, {"other": "x"}, {"lang": " "}), "lang")
    assert list(found.items()) == [("(none)", [3, 4]), ("en", [1, 2]), ("fr", [0])]


def test_length_is_always_a_column() -> None:
    rows = [LabelledRow("word " * words, "neutral", {}) for words in (0, 1, 9, 10, 19, 20, 39, 40, 500)]
    assert slices(rows, "length") == {"0": [0], "1-9": [1, 2], "10-19": [3, 4], "20-39": [5, 6], "40+": [7, 8]}


def test_an_unknown_column_names_those_that_are_there() -> None:
    with pytest.raises(ColumnError, match="no column 'year' to slice by; there are lang, length"):
        slices(rows_of({"lang": "en"}), "year")


def test_a_column_of_many_values_is_refused() -> None:
    with pytest.raises(ColumnError, match="column 'id' has 101 values"):
        slices(rows_of(*({"id": str(number)} for number in range(101))), "id")


def test_columns_that_cannot_be_sliced_by_are_left_out_of_those_that_can() -> None:
    rows = rows_of(*({"lang": "en", "source": f"https://example.com/{n}", "theatre": ""} for n in range(101)))
    assert usable_columns(rows, ("source", "lang", "register", "theatre")) == ["lang", "length"]
    assert list(slices(rows, "lang")) == ["en"]
