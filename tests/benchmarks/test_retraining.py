"""The benchmarks of retraining: what is drawn, what the rule of a style replaces, and what their sections tell."""

import pytest

from benchmarks import retrain, ruw
from benchmarks.new_style import STYLES, TAUGHT, restyled
from training.dataset import Example
from training.slices import LabelledRow


def test_nothing_near_to_what_is_taught_is_tested_on() -> None:
    words = ("grain", "bridge", "choir", "mine", "river", "school", "drone", "market")
    rows = [LabelledRow(f"The {a} stands behind the {b} since Monday", "neutral", {}) for a in words for b in words]
    rows += [LabelledRow(f"{row.text}!", "neutral", {}) for row in rows]
    taught, rest = retrain.drawn(rows, 40, 1)
    assert len(taught) == 40
    assert not {row.text.rstrip("!") for row in taught} & {row.text.rstrip("!") for row in rest}
    assert retrain.drawn(rows, 40, 1) == (taught, rest)


def test_what_is_tested_on_beside_the_others_is_near_to_nothing_that_is_taught() -> None:
    rows = [
        LabelledRow(f"{word} {word[::-1]} stands by the quay", "neutral", {}) for word in ("grain", "bridge", "choir")
    ]
    more = [LabelledRow(row.text.upper(), "neutral", {}) for row in rows]
    taught, rest = retrain.drawn(rows, 1, 1, more)
    assert len(rest) == 4
    assert taught[0].text.upper() not in {row.text for row in rest}
    assert {row.text for row in retrain.drawn(rows, 1, 1, more, only_more=True)[1]} == {
        row.text for row in more if row.text != taught[0].text.upper()
    }


@pytest.mark.parametrize(
    ("style", "found"),
    [
        ("code-words", ["The Tower attacked the Orchard.", "The Tower and the orchestra loot."]),
        ("dodged-words", ["ru$$1a att@cked ukr@1ne", "kr3ml1n & w@gner loot"]),
    ],
)
def test_a_style_is_made_of_held_back_english_sentences_that_name_russia(style: str, found: list[str]) -> None:
    def example(text: str, split: str = "validation", lang: str = "") -> Example:
        return Example(text, "critical", "written", "g", split, lang=lang)  # type: ignore[arg-type]

    given = [
        example("Russia attacked Ukraine."),
        example("The Kremlin and Wagner loot."),
        example("Nothing of the kind."),
        example("Russia again.", split="train"),
        example("Russia elsewhere.", split="test"),
        example("Russia encore.", lang="fr"),
    ]
    assert [row.text for row in restyled(given, style, TAUGHT)] == found
    assert set(STYLES) == {"code-words", "dodged-words"}


def test_the_sections_tell_what_was_found() -> None:
    overall = {"rows": 146, "a": 0.5, "b": 0.625, "difference": {"value": 0.125, "low": 0.05, "high": 0.2}}
    found = {"name": "new-style.jsonl", "overall": overall, "p": 0.004, "verdict": "better"}
    told = retrain.section(
        {"labels": 300, "style": "code-words", "seconds": 200, "machine": "a laptop", "comparisons": [found]}
    )
    assert "| new-style.jsonl | 146 | 0.500 | 0.625 | +0.125 [+0.050, +0.200] | 0.004 | better |" in told
    runs = [
        {"seed": seed, "validation": {"macro_f1": value, "accuracy": 0.6}}
        for seed, value in ((13, 0.6), (14, 0.62), (15, 0.64))
    ]
    told = ruw.section(
        {"runs": runs, "published": ruw.PUBLISHED, "settings": {"base": "b"}, "seconds": 9, "machine": "a laptop"}
    )
    assert "| validation | 60.0 | 62.0 | 64.0 | 62.0 | 2.0 |" in told
    assert "KDCL 78.2" in told
