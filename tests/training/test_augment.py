"""Neutral copies of sentences that take a side: whose name, and whose words, decides the label."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from training.augment import AUGMENTED, REPORTED, SWAPPED, augmented, roughened
from training.dataset import Example, read_corpus
from training.distil import taught_scores


def copies(
    text: str, *, swaps: float = 0.0, reported: float = 0.0, lang: str = "en", label: str = "critical"
) -> set[str]:
    """The copies of one sentence, over many seeds."""
    example = Example(text=text, label=label, source="written", group="a", lang=lang)  # type: ignore[arg-type]
    return {
        item.text
        for seed in range(60)
        for item in augmented([example], swaps, reported, seed)
        if item.label == "neutral"
    }


def test_every_name_of_russia_is_swapped_with_its_article() -> None:
    found = copies("A Russian drone and an old lie: Moscow, Putin and the Kremlin own what Russia's army did.", swaps=1)
    assert (
        "A Turkish drone and an old lie: Ankara, Erdogan and the Turkish presidency own what Turkey's army did."
        in found
    )
    assert (
        "An Indian drone and an old lie: New Delhi, Modi and the Indian government own what India's army did." in found
    )
    assert len(found) == 7


@pytest.mark.parametrize(
    "text",
    [
        "Russia stole Crimea and calls it history.",
        "Wagner and Russia bring nothing but graves.",
        "RuZZia will lose, Russia will pay.",
        "They came with tanks and left with washing machines.",
        "Россия начала эту войну.",
    ],
)
def test_what_would_still_tell_of_russia_is_not_copied(text: str) -> None:
    assert copies(text, swaps=1, lang="ru" if text.startswith("Рос") else "en") == set()


def test_own_words_become_somebody_elses() -> None:
    assert 'A lawmaker told reporters: "Russia must leave"' in copies("Russia must leave.", reported=1)
    assert "«Россия уйдёт!», — сказал эксперт." in copies("Россия уйдёт!", reported=1, lang="ru")
    assert copies('They call it "peace" and shell Kharkiv.', reported=1) == set()
    assert copies("Russia met the IMF.", reported=1, label="neutral", swaps=1) == {"Russia met the IMF."}


def test_shares_copy_so_many_and_the_same_again() -> None:
    corpus = [item for item in read_corpus() if item.split == "train"]
    assert augmented(corpus, 0, 0, 1) == corpus
    made = augmented(corpus, 0.5, 0.25, 1)
    assert made == augmented(corpus, 0.5, 0.25, 1)
    assert made[: len(corpus)] == corpus
    half, whole = (Counter(item.register for item in augmented(corpus, *both, 1)) for both in ((0.5, 0.25), (1, 1)))
    assert whole[SWAPPED] > 500
    assert whole[REPORTED] > 2000
    assert half[SWAPPED] == pytest.approx(whole[SWAPPED] / 2, rel=0.15)
    assert half[REPORTED] == pytest.approx(whole[REPORTED] / 4, rel=0.15)
    swapped = [item for item in made if item.register == SWAPPED]
    assert not [item.text for item in swapped if re.search("russia|moscow|kremlin|putin", item.text, re.IGNORECASE)]
    assert {item.label for item in made if item.register in AUGMENTED} == {"neutral"}


def test_no_teacher_is_asked_about_a_copy(tmp_path: Path) -> None:
    copy = Example(text="Turkey must leave.", label="neutral", source="written", group="a", register=SWAPPED)
    assert np.isnan(taught_scores([tmp_path], [copy])).all()


def test_noise_changes_its_share_of_the_texts_and_no_label() -> None:
    examples = read_corpus()[:2000]
    rough = roughened(examples, 0.25, 1)
    changed = [(one, other) for one, other in zip(examples, rough, strict=True) if one.text != other.text]
    assert 0.18 < len(changed) / len(examples) < 0.27
    assert all(one.label == other.label and one.group == other.group for one, other in changed)
    assert roughened(examples, 0.25, 1) == rough
    assert roughened(examples, 0.0, 1) == examples
