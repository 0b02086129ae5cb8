"""A user's labels are parted so that the frozen test never moves and nothing near to it is learned."""

import json
import random
from pathlib import Path

import pytest

from models.errors import RowError, TrainingError
from training.slices import LabelledRow
from training.user_labels import FEWEST, as_examples, fewest_of_a_label, part, read_labels, write_frozen

WORDS = ["convoy", "bridge", "grain", "embassy", "drone", "market", "river", "school", "mine", "harbour", "train"]


def rows(count: int, seed: int = 1) -> list[LabelledRow]:
    draw = random.Random(seed)
    return [
        LabelledRow(f"{number} {' '.join(draw.choices(WORDS, k=8))}", ("critical", "neutral")[number % 2], {})
        for number in range(count)
    ]


def texts(found: list[LabelledRow]) -> set[str]:
    return {row.text for row in found}


def test_added_labels_move_no_row_to_the_other_side() -> None:
    first, more = rows(200), rows(200, seed=2)
    before = part(first, 0.2)
    assert 20 < len(before.frozen) < 60
    for order in ([*first, *more], [*more, *reversed(first)]):
        after = part(order, 0.2)
        assert texts(before.frozen) <= texts(after.frozen)
        assert not texts(before.frozen) & texts(after.learned)
        assert not texts(before.learned) & texts(after.frozen)


def test_what_is_near_to_the_frozen_test_is_not_learned() -> None:
    parted = part(rows(100), 0.2)
    near = [LabelledRow(f"{row.text.upper()}!!", row.label, {}) for row in parted.frozen]
    retold = [LabelledRow(f"{row.text} today", row.label, {}) for row in parted.frozen]
    after = part([*rows(100), *near, *retold], 0.2)
    assert texts(after.frozen) >= texts(parted.frozen)
    assert not texts(retold) & texts(after.learned)
    assert len(after.learned) + len(after.frozen) + after.left_out == 100 + len(near) + len(retold)
    assert after.left_out >= len(near)


def test_of_texts_that_differ_in_case_only_and_have_other_labels_none_is_learned_or_tested_on() -> None:
    known = rows(100)
    against = [LabelledRow(f"{row.text.upper()}!", "supportive", {}) for row in known[:10]]
    parted = part([*known, *against], 0.2)
    assert texts(parted.learned) | texts(parted.frozen) == texts(known[10:])
    assert parted.left_out == 20


def test_rows_of_one_group_are_on_one_side() -> None:
    named = [LabelledRow(row.text, row.label, {"group": f"article {n // 5}"}) for n, row in enumerate(rows(100))]
    by_id = [LabelledRow(row.text, row.label, {"id": f"article {n // 5}#{n}"}) for n, row in enumerate(rows(100))]
    for given in (named, by_id):
        parted = part(given, 0.2)
        sides = [{example.group for example in as_examples(side)} for side in (parted.learned, parted.frozen)]
        assert not sides[0] & sides[1]
        assert len(sides[0]) + len(sides[1]) == 20


def test_a_share_of_zero_freezes_nothing_and_too_few_labels_are_refused() -> None:
    assert part(rows(50), 0).frozen == []
    with pytest.raises(TrainingError, match="give more labels"):
        part(rows(2), 0.01)


def test_files_are_read_one_after_the_other_and_contradictions_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    first.write_text("text,label\n" + "".join(f"{row.text},{row.label}\n" for row in rows(FEWEST)), "utf-8")
    second.write_text(json.dumps({"text": rows(1)[0].text.replace(" ", "  "), "label": "supportive"}), "utf-8")
    assert len(read_labels([first])) == FEWEST
    with pytest.raises(TrainingError, match=r"1 texts have more than one label.*labels import"):
        read_labels([first, second])
    with pytest.raises(TrainingError, match="1 labels are too few"):
        read_labels([second])
    first.write_text("text,label\na secret,good\n", "utf-8")
    with pytest.raises(RowError, match=r"a\.csv, line 2") as told:
        read_labels([first])
    assert "secret" not in str(told.value)


def test_the_frozen_file_holds_no_names_and_no_notes(tmp_path: Path) -> None:
    row = LabelledRow("A text.", "neutral", {"id": "7", "annotator": "Ada", "note": "unsure", "lang": "en"})
    write_frozen(tmp_path / "frozen.jsonl", [row])
    assert json.loads((tmp_path / "frozen.jsonl").read_text("utf-8")) == {
        "text": "A text.", "label": "neutral", "id": "7", "lang": "en",
    }  # fmt: skip


def test_the_rarest_label_is_counted_also_if_it_does_not_occur() -> None:
    assert fewest_of_a_label(rows(10)) == 0
    assert fewest_of_a_label([*rows(10), LabelledRow("a", "supportive", {})]) == 1
