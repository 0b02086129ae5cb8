"""The lean of a text follows the sides it takes, not its length."""

from dataclasses import replace

import pytest

from models.document import SentencePrediction, summarise
from models.labels import LABELS, Label
from models.prediction import Prediction


def sentences(*labels: tuple[Label, float]) -> list[SentencePrediction]:
    """Sentences with these labels and scores; what is left over is shared by the other labels."""
    found = []
    for label, score in labels:
        scores = {each: score if each == label else (1 - score) / 2 for each in LABELS}
        prediction = Prediction(label, scores, (label,), margin=score - (1 - score) / 2)
        found.append(SentencePrediction(0, 1, "x", prediction))
    return found


NEUTRAL: tuple[Label, float] = ("neutral", 0.9)
CRITICAL: tuple[Label, float] = ("critical", 0.9)
SUPPORTIVE: tuple[Label, float] = ("supportive", 0.9)


def test_counts_shares_and_mean_scores() -> None:
    summary = summarise(sentences(CRITICAL, NEUTRAL, NEUTRAL, SUPPORTIVE))
    assert summary.counts == {"critical": 1, "neutral": 2, "supportive": 1}
    assert summary.shares == {"critical": 0.25, "neutral": 0.5, "supportive": 0.25}
    assert summary.mean_scores == pytest.approx({"critical": 0.2625, "neutral": 0.475, "supportive": 0.2625})
    assert (summary.lean, summary.doubtful) == (0, 0)


def test_a_text_without_sentences_leans_nowhere() -> None:
    summary = summarise([])
    assert (summary.lean, summary.lean_interval) == (0, (0, 0))
    assert set(summary.shares.values()) == {0}


def test_unsupported_sentences_are_told_and_are_not_neutral() -> None:
    unsupported = SentencePrediction(
        0, 1, "x", Prediction("neutral", dict.fromkeys(LABELS, 1 / 3), LABELS, margin=0.0, unsupported=True)
    )
    known = summarise(sentences(CRITICAL, NEUTRAL))
    mixed = summarise([*sentences(CRITICAL, NEUTRAL), unsupported, unsupported])
    assert (known.unsupported, mixed.unsupported) == (0, 2)
    assert (mixed.counts, mixed.shares, mixed.mean_scores) == (known.counts, known.shares, known.mean_scores)
    alone = summarise([unsupported])
    assert {*alone.counts.values(), *alone.shares.values(), *alone.mean_scores.values(), alone.lean} == {0}
    assert (alone.unsupported, alone.doubtful) == (1, 1)


def test_truncated_sentences_are_counted() -> None:
    long = SentencePrediction(0, 1, "x", replace(sentences(CRITICAL)[0].prediction, truncated=True))
    summary = summarise([long, *sentences(NEUTRAL)])
    assert (summary.truncated, summary.unsupported, summary.counts["critical"]) == (1, 0, 1)


@pytest.mark.parametrize(("side", "sign"), [(CRITICAL, -1), (SUPPORTIVE, 1)])
def test_a_side_shows_through_a_long_neutral_stretch(side: tuple[Label, float], sign: int) -> None:
    for neutral in (0, 10, 100):
        summary = summarise(sentences(*[side] * 12, *[NEUTRAL] * neutral))
        assert sign * summary.lean > 0.5
        assert all(sign * bound > 0.3 for bound in summary.lean_interval)


def test_one_weak_sentence_in_a_long_neutral_text_hardly_counts() -> None:
    summary = summarise(sentences(("critical", 0.5), *[NEUTRAL] * 60))
    assert -0.1 < summary.lean < 0


def test_equal_sides_cancel_and_the_interval_says_so() -> None:
    summary = summarise(sentences(*[CRITICAL, SUPPORTIVE] * 10))
    assert summary.lean == 0
    assert summary.lean_interval[0] < -0.2 < 0.2 < summary.lean_interval[1]


def test_more_sentences_make_the_interval_narrower() -> None:
    few, many = (summarise(sentences(*[CRITICAL, CRITICAL, SUPPORTIVE, NEUTRAL] * n)) for n in (3, 50))
    assert many.lean_interval[1] - many.lean_interval[0] < 0.5 * (few.lean_interval[1] - few.lean_interval[0])
    assert few.lean_interval[0] < few.lean < few.lean_interval[1]


def test_the_same_sentences_give_the_same_interval() -> None:
    found = sentences(CRITICAL, NEUTRAL, SUPPORTIVE, CRITICAL)
    assert summarise(found) == summarise(found)


def test_falling_to_the_other_side_of_a_tie_makes_no_jump() -> None:
    def near_tie(label: Label, other: Label) -> SentencePrediction:
        scores = dict.fromkeys(LABELS, 0.0) | {label: 0.501, other: 0.499}
        return SentencePrediction(0, 1, "x", Prediction(label, scores, (label, other), margin=0.002))

    rest = sentences(CRITICAL, NEUTRAL)
    here = summarise([*rest, near_tie("critical", "neutral")])
    there = summarise([*rest, near_tie("neutral", "critical")])
    assert here.lean == pytest.approx(there.lean, abs=0.01)
    assert here.doubtful == there.doubtful == 1
