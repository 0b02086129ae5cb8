"""The corpus is valid, and splits do not leak."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import InputError, LeakError, RowError, TrainingError
from training.dataset import (
    CORPUS,
    Example,
    data_hash,
    drop_near_duplicates,
    merge_duplicates,
    read_corpus,
    read_documents,
    read_real,
    refuse_leaks,
)

SENTENCE = "Russia has no business in Mali and everybody in Bamako knows it by now"


def example(text: str, group: str, label: str = "neutral") -> Example:
    return Example(text=text, label=label, source="written", group=group)  # type: ignore[arg-type]


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def test_corpus_splits_do_not_leak() -> None:
    corpus = read_corpus()
    by_split = Counter(item.split for item in corpus)
    assert set(by_split) == {"train", "validation", "calibration", "test"}
    assert by_split["test"] > 0.05 * len(corpus)
    test = [item for item in corpus if item.split == "test"]
    refuse_leaks([item for item in corpus if item.split != "test"], test)


def test_every_language_has_its_share_of_the_test_split() -> None:
    corpus = read_corpus()
    sizes, tested = Counter(item.lang for item in corpus), Counter(item.lang for item in corpus if item.split == "test")
    assert all(0.03 < tested[lang] / size < 0.14 for lang, size in sizes.items())


def test_corpus_is_not_made_of_templates() -> None:
    openings = Counter(
        " ".join(json.loads(line)["text"].casefold().split()[:5])
        for path in sorted(CORPUS.glob("*.jsonl"))
        if not path.stem.startswith("pairs_")
        for line in path.read_text("utf-8").splitlines()
    )
    assert [opening for opening, count in openings.items() if count > 3] == []


def test_every_language_has_four_hundred_sentences() -> None:
    counts = Counter(item.lang for item in read_corpus())
    assert len(counts) == 10
    assert min(counts.values()) >= 400


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "not JSON"),
        ('["text"]', "not a JSON object"),
        ({"text": "  ", "label": "neutral"}, "empty"),
        ({"label": "neutral"}, "missing"),
        ({"text": "x", "label": "zebra"}, "is not one of critical, neutral, supportive"),
    ],
)
def test_bad_rows_are_named_by_file_and_line(tmp_path: Path, row: object, reason: str) -> None:
    write(tmp_path / "rows.jsonl", {"text": "good", "label": "neutral"}, "", row)
    with pytest.raises(RowError, match=reason) as caught:
        read_corpus(tmp_path)
    assert caught.value.line == 3
    assert caught.value.path.endswith("rows.jsonl")
    assert "zebra" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_documents(tmp_path / "none.jsonl")
    (tmp_path / "old.jsonl").write_bytes('{"text": "Привет", "label": "neutral"}'.encode("cp1251"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_real(tmp_path)


def test_a_folder_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"no \.jsonl"):
        read_real(tmp_path)


def test_near_duplicates_share_a_group() -> None:
    merged = merge_duplicates([example(SENTENCE, "a"), example(SENTENCE + "!!", "b"), example("Something else", "c")])
    assert [item.group for item in merged] == ["a", "a", "c"]


def test_identical_texts_are_kept_once() -> None:
    assert [item.group for item in merge_duplicates([example(SENTENCE, "a"), example(SENTENCE, "b")])] == ["a"]


def test_a_near_duplicate_on_the_other_side_is_refused() -> None:
    with pytest.raises(LeakError, match="near-duplicate"):
        refuse_leaks([example(SENTENCE, "a")], [example(SENTENCE.upper() + ".", "b")])
    refuse_leaks([example(SENTENCE, "a")], [example("Gazprom reported a loss for the third quarter.", "b")])


def test_a_document_on_the_other_side_is_refused() -> None:
    with pytest.raises(LeakError, match="documents stand on both sides"):
        refuse_leaks([example("one thing", "doc")], [example("and another", "doc")])


def test_a_document_that_a_near_duplicate_joined_to_another_is_still_known(tmp_path: Path) -> None:
    rows = [("article", SENTENCE), ("report", SENTENCE + "!!"), ("report", "Gazprom reported a loss.")]
    folder = tmp_path / "real"
    folder.mkdir()
    write(
        folder / "a.jsonl", *({"id": f"{name}#{n}", "text": t, "label": "neutral"} for n, (name, t) in enumerate(rows))
    )
    held_out = write(tmp_path / "b.jsonl", {"id": "report#9", "text": "Rain fell in Lima.", "label": "neutral"})
    with pytest.raises(LeakError, match="such as report"):
        refuse_leaks(read_real(folder), read_documents(held_out))


def test_near_duplicates_of_held_out_sentences_are_dropped() -> None:
    training = [example(SENTENCE + " .", "a"), example("Gazprom reported a loss for the third quarter.", "b")]
    assert [item.group for item in drop_near_duplicates(training, [example(SENTENCE, "x")])] == ["b"]


def test_what_quotes_a_held_out_sentence_is_a_leak_and_a_common_phrase_is_not() -> None:
    reply = f"So true, and nobody in the ministry will ever say it aloud on the record: {SENTENCE}. Share it widely!"
    for training, held_out in ((reply, SENTENCE), (SENTENCE, reply)):
        with pytest.raises(LeakError, match="near-duplicate"):
            refuse_leaks([example(training, "a")], [example(held_out, "b")])
        assert drop_near_duplicates([example(training, "a")], [example(held_out, "b")]) == []
    phrase = [example("Russia in Mali", "a")]
    assert drop_near_duplicates(phrase, [example(SENTENCE.replace("has no business ", ""), "b")]) == phrase


def test_sentences_of_a_document_share_a_split_and_posts_do_not(tmp_path: Path) -> None:
    article = [
        {"id": f"article#{number}", "text": f"sentence {number} of it", "label": "neutral"} for number in range(30)
    ]
    posts = [
        {"id": f"posts#{number}", "text": f"{number} posts about {number}", "label": "neutral"} for number in range(250)
    ]
    path = write(tmp_path / "mixed.jsonl", *article, *posts)
    groups = Counter(item.group for item in read_documents(path))
    assert groups["article"] == 30
    assert groups["posts#7"] == 1
    assert len({item.split for item in read_real(tmp_path) if item.group == "article"}) == 1


def test_the_hash_tells_labels_and_splits_apart_but_not_the_order() -> None:
    one, two = example("one", "a"), example("two", "b")
    assert data_hash([one, two]) == data_hash([two, one])
    assert data_hash([one]) != data_hash([replace(one, label="critical")])
    assert data_hash([one]) != data_hash([replace(one, split="test")])
