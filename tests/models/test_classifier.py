"""What the classifier promises, on a tiny model whose every score is known."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models import Classifier
from models.calibration import softmax
from models.errors import InputError, ModelError, TextError
from models.labels import LABELS

TEXTS = ["good", "bad bad bad", "plain plain plain plain", "good doubtful", "bad", "plain bad good"]


def test_labels_and_scores_are_those_of_the_graph(tiny: Classifier) -> None:
    critical, supportive = tiny.classify(["bad", "good"])
    assert (critical.label, supportive.label) == ("critical", "supportive")
    # [CLS] bad [SEP]: the mean of (0, 30, 0) is a logit of 10.
    assert tiny.logits(["bad"]).tolist() == [[10, 0, 0]]
    assert critical.scores == pytest.approx(
        {"critical": 1 / (1 + 2 * np.exp(-10)), "neutral": 0, "supportive": 0}, abs=1e-4
    )


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_order_is_kept_whatever_the_lengths_and_the_kinds(tiny_model_dir: Path, threads: int) -> None:
    texts = [*TEXTS, "", "战争结束了"]
    with Classifier.load(tiny_model_dir, threads=threads) as classifier:
        alone = [classifier.classify_one(text) for text in texts]
        assert len({(each.label, each.confidence, each.tokens) for each in alone}) == len(texts)
        for times in (0, 1, 2, 20):
            assert classifier.classify(texts * times) == alone * times


def test_logits_are_in_the_order_of_the_texts(tiny: Classifier) -> None:
    alone = np.concatenate([tiny.logits([text]) for text in TEXTS])
    assert np.array_equal(tiny.logits(TEXTS), alone)
    assert tiny.logits([]).shape == (0, 3)


def test_doubt_shows_in_the_set_and_the_margin(tiny: Classifier) -> None:
    sure, unsure = tiny.classify(["bad bad bad", "doubtful"])
    assert (sure.prediction_set, sure.doubtful) == (("critical",), False)
    assert (unsure.prediction_set, unsure.doubtful) == (("critical", "neutral"), True)
    assert unsure.margin == pytest.approx(unsure.scores["critical"] - unsure.scores["neutral"])


def test_a_prior_shifts_the_scores_and_has_its_own_thresholds(tiny: Classifier, tiny_model_dir: Path) -> None:
    balanced, news = tiny.classify_one("doubtful"), tiny.classify_one("doubtful", prior="news")
    assert (balanced.label, news.label) == ("critical", "neutral")
    assert np.log(news.scores["neutral"] / news.scores["critical"]) == pytest.approx(
        np.log(balanced.scores["neutral"] / balanced.scores["critical"]) + 4
    )
    assert not news.doubtful
    assert Classifier.load(tiny_model_dir, prior="news").classify(["doubtful"]) == [news]
    assert np.array_equal(Classifier.load(tiny_model_dir, prior="news").logits(TEXTS), tiny.logits(TEXTS))


@pytest.mark.parametrize("text", ["", " ", "\t\n\u2003", "\0 \0"])
def test_blank_text_says_nothing_and_is_neutral(tiny: Classifier, text: str) -> None:
    prediction = tiny.classify_one(text)
    assert (prediction.label, prediction.confidence, prediction.prediction_set) == ("neutral", 1, ("neutral",))


def test_what_a_caller_does_to_a_prediction_changes_no_other(tiny: Classifier) -> None:
    for text in ("", "战争结束了"):
        tiny.classify_one(text).scores["critical"] = 5
        assert sum(tiny.classify_one(text).scores.values()) == pytest.approx(1)


def test_foreign_text_is_told_and_scored_uniformly(tiny: Classifier) -> None:
    prediction = tiny.classify_one("没有人知道这场战争什么时候会结束")
    assert prediction.unsupported
    assert prediction.prediction_set == LABELS
    assert set(prediction.scores.values()) == {1 / 3}
    assert prediction.margin == 0


def test_long_text_is_cut_and_told_so(tiny: Classifier) -> None:
    fits, cut = tiny.classify(["bad " * 14, "bad " * 14 + "good " * 50])
    assert (fits.truncated, cut.truncated) == (False, True)
    assert cut.scores == fits.scores


@pytest.mark.parametrize("bad", ["half \ud83d", None, 7, b"bytes"])
def test_what_is_no_text_is_refused_by_its_index(tiny: Classifier, bad: object) -> None:
    with pytest.raises(TextError) as raised:
        tiny.classify(["secret", bad])  # type: ignore[list-item]
    assert raised.value.index == 1
    assert "Text 1" in str(raised.value)
    assert "half" not in str(raised.value)


def test_one_string_is_no_list_of_texts(tiny: Classifier) -> None:
    with pytest.raises(InputError, match=r"classify\(\[text\]\)"):
        tiny.classify("bad")


def test_an_unknown_prior_or_no_thread_is_refused(tiny: Classifier, tiny_model_dir: Path) -> None:
    with pytest.raises(InputError, match="balanced, news"):
        tiny.classify(["bad"], prior="weather")
    with pytest.raises(InputError, match="balanced, news"):
        Classifier.load(tiny_model_dir, prior="weather")
    with pytest.raises(InputError, match="threads"):
        Classifier.load(tiny_model_dir, threads=0)


def test_several_threads_may_classify_at_once(tiny: Classifier) -> None:
    expected = tiny.classify(TEXTS)
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: tiny.classify(TEXTS), range(100)))
    assert answers == [expected] * 100


@pytest.mark.parametrize("threads", [1, 2])
def test_a_closed_classifier_says_so_and_leaves_no_thread(tiny_model_dir: Path, threads: int) -> None:
    before = set(threading.enumerate())
    with Classifier.load(tiny_model_dir, threads=threads) as classifier:
        assert [each.label for each in classifier.classify(["bad", "good"] * 4)] == ["critical", "supportive"] * 4
    assert set(threading.enumerate()) == before
    for call in (lambda: classifier.classify_one("bad"), lambda: classifier.classify(["bad", "good"])):
        with pytest.raises(ModelError, match="Load the model again"):
            call()


def test_the_logits_are_those_that_the_scores_are_the_softmax_of(tiny_model_dir: Path) -> None:
    for prior in ("balanced", "news"):
        found = Classifier.load(tiny_model_dir, prior=prior).classify_one("bad doubtful")
        assert found.logits is not None
        assert softmax(found.logits).tolist() == pytest.approx(list(found.scores.values()))


def test_the_beginning_of_a_long_text_may_be_left_out(tiny: Classifier) -> None:
    text = "bad " * 20 + "good " * 20
    right, left = tiny.classify_one(text), tiny.classify_one(text, truncation_side="left")
    assert (right.label, left.label) == ("critical", "supportive")
    assert (right.truncated, left.truncated) == (True, True)
    assert tiny.classify_one("bad", truncation_side="left") == tiny.classify_one("bad")


def test_a_document_has_its_sentences_in_place(tiny: Classifier) -> None:
    text = "Good good good. \n\nBad bad bad! 😀 Plain plain plain."
    document = tiny.document(text)
    assert [sentence.prediction.label for sentence in document.sentences] == ["supportive", "critical", "neutral"]
    assert all(text[each.start : each.end] == each.text for each in document.sentences)
    assert document.summary.counts == {"critical": 1, "neutral": 1, "supportive": 1}
    assert tiny.document(" \n ").sentences == ()
