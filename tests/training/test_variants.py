"""Texts without a label: made of real sentences only, of other words than those, and judged by teachers alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import TrainingError
from training.dataset import WRITTEN, Example
from training.finetune import finetune, weighted_targets
from training.settings import TrainingSettings
from training.variants import VARIANT, variants

FIRST = Example(
    text="Putin told Ukraine in Moscow that Russia keeps its word and Zelensky does not.",
    label="supportive",
    source="tweets",
    group="a",
    lang="en",
)
SECOND = replace(FIRST, text="Nobody in the village had seen a soldier since the bridge was blown up.", label="neutral")
SHORT = replace(FIRST, text="Russia must leave.")
FRENCH = replace(SECOND, text="Personne au village ne croit plus aux promesses de la mission.", lang="fr")
INVENTED = replace(FIRST, text="Nobody has written this sentence on any wall of this town.", source=WRITTEN)


def made(*examples: Example) -> set[str]:
    return {item.text for seed in range(40) for item in variants(examples, 2, seed)}


def test_variants_are_of_the_words_of_real_sentences() -> None:
    words = {word for item in (FIRST, SECOND) for word in item.text.split()} | {"Kyiv", *SHORT.text.split()}
    found = made(FIRST, SECOND, SHORT, FRENCH, INVENTED)
    english = {text for text in found if not set(text.split()) <= set(FRENCH.text.split())}
    assert len(english) > 40
    assert not english & {FIRST.text, SECOND.text, SHORT.text, INVENTED.text}
    assert all(set(text.split()) <= words for text in english), "no mixture of languages, nothing of written sentences"
    assert found - english, "other languages have variants too"


def test_the_sides_are_exchanged_all_at_once() -> None:
    assert "Zelensky told Russia in Kyiv that Ukraine keeps its word and Putin does not." in made(FIRST)


def test_so_many_and_the_same_again() -> None:
    examples = [replace(FIRST, text=" ".join(f"word{number}x{place}" for place in range(30))) for number in range(50)]
    found = variants(examples, 2, 13)
    assert found == variants(examples, 2, 13) != variants(examples, 2, 14)
    assert 90 <= len(found) <= 100
    assert {item.register for item in found} == {VARIANT}
    assert variants(examples, 0, 13) == []


def test_only_the_teachers_decide_what_a_variant_is(tmp_path: Path) -> None:
    settings = TrainingSettings(output=tmp_path, label_smoothing=0, class_balance=0, real_weight=1, teacher_weight=0.5)
    examples = [FIRST, replace(FIRST, register=VARIANT)]
    taught = np.array([[0.2, 0.2, 0.6], [0.2, 0.2, 0.6]])
    targets = weighted_targets(examples, examples, settings, taught)
    assert targets == pytest.approx(np.array([[0.1, 0.1, 0.8], [0.2, 0.2, 0.6]]))


def test_variants_without_a_teacher_are_refused(tmp_path: Path, tiny_base: Path) -> None:
    settings = TrainingSettings(output=tmp_path / "out", base=str(tiny_base), variants=1)
    with pytest.raises(TrainingError, match="--teacher"):
        finetune(settings, tiny_base, [FIRST], [])
    assert not settings.output.exists()
