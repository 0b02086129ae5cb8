"""What turns logits into honest scores is fitted by kind of text, and counts news and social media alike."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.labels import LABELS
from training.calibrate import BALANCED, COVERAGE, ENOUGH, MIXED, fit_priors, fit_shift, kind_of
from training.dataset import Example


def sample(
    rows: int, source: str, shares: tuple[float, ...], noise: float, seed: int
) -> tuple[NDArray[np.float32], list[Example]]:
    """Logits, and the examples of one source that they belong to."""
    draw = np.random.default_rng(seed)
    labels = draw.choice(3, rows, p=shares)
    logits = (np.eye(3)[labels] * 2 + draw.normal(size=(rows, 3)) * noise).astype(np.float32)
    return logits, [Example(str(n), LABELS[label], source, str(n)) for n, label in enumerate(labels)]


def both(news: int, social: int) -> tuple[NDArray[np.float32], list[Example]]:
    first, second = sample(news, "news", (0.1, 0.8, 0.1), 0.5, 1), sample(social, "tweets", (0.4, 0.3, 0.3), 1.5, 2)
    return np.concatenate([first[0], second[0]]), first[1] + second[1]


def test_a_written_sentence_is_told_by_its_register_and_a_real_one_by_its_source() -> None:
    def example(source: str, register: str) -> Example:
        return Example("a", "neutral", source, "g", register=register)

    assert [kind_of(example("written", register)) for register in ("tweet", "comment", "news", "")] == [
        "social", "social", "news", "news",
    ]  # fmt: skip
    assert [kind_of(example(source, "")) for source in ("tweets", "news", "headlines_ru")] == ["social", "news", "news"]


def test_a_shift_moves_the_scores_to_how_often_the_labels_occur() -> None:
    draw = np.random.default_rng(3)
    labels = draw.choice(3, 3000, p=(0.1, 0.8, 0.1))
    shift = fit_shift(np.zeros((3000, 3), dtype=np.float32), labels)
    assert shift.sum() == pytest.approx(0, abs=1e-6)
    scores = np.exp(shift) / np.exp(shift).sum()
    assert scores[1] > 0.7
    assert scores[0] == pytest.approx(scores[2], abs=0.02)


def test_each_kind_has_a_shift_of_its_own_and_balanced_has_none() -> None:
    priors = fit_priors(*both(600, 600))
    assert set(priors) == {MIXED, BALANCED, "news", "social"}
    assert priors["news"].shift[1] > priors[MIXED].shift[1] > priors["social"].shift[1]
    assert priors[BALANCED].shift == (0, 0, 0)
    assert priors["news"].shift[1] > 0.1 > priors["social"].shift[1]


@pytest.mark.parametrize("name", [MIXED, BALANCED])
def test_the_mean_of_the_kinds_is_covered_however_many_rows_each_has(name: str) -> None:
    logits, examples = both(3000, 900)
    prior = fit_priors(logits, examples)[name]
    inside = prior.members(prior.scores(logits))
    truth = np.array([LABELS.index(example.label) for example in examples])
    kinds = np.array([kind_of(example) for example in examples])
    held = inside[np.arange(len(truth)), truth]
    for label in range(3):
        shares = [(kinds == kind).mean() for kind in ("news", "social")]
        weights = np.where(kinds == "news", 1 / shares[0], 1 / shares[1]) * (truth == label)
        # The likeliest label is always in the set, so that it may hold the right one more often.
        assert COVERAGE - 0.03 < (held * weights).sum() / weights.sum() < COVERAGE + 0.04


def test_a_kind_with_too_few_rows_of_a_label_takes_the_thresholds_of_all() -> None:
    logits, examples = both(ENOUGH, 600)
    priors = fit_priors(logits, examples)
    scores = priors["news"].scores(logits)
    members = priors["news"].members(scores)
    truth = np.array([LABELS.index(example.label) for example in examples])
    for label in range(3):
        assert members[truth == label, label].mean() == pytest.approx(COVERAGE, abs=0.02)
