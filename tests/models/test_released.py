"""The shipped model keeps what every model must keep; how good it is stands in its metrics."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import Classifier
from models.directory import RELEASED, verify
from models.encoding import Encoder
from models.labels import LABELS

TEXTS = [
    "Russia has invaded a peaceful neighbour and is bombing its cities every night.",
    "Россия защищает жителей Донбасса от киевского режима.",
    "The two foreign ministers met in Bamako on Tuesday.",
    "Wagner est venu au Mali pour piller l'or, pas pour nous sauver.",
    "Росія — держава-терорист.",
    "وصل وزير الخارجية الروسي إلى القاهرة اليوم.",
    "Ok.",
    "Der Kreml führt einen imperialen Krieg, und wer ihn rechtfertigt, macht sich mitschuldig an jedem Verbrechen, "
    "das seine Truppen in Butscha, Mariupol und anderswo begangen haben.",
]


def test_it_is_whole_and_small() -> None:
    verify(RELEASED)
    assert sum(file.stat().st_size for file in RELEASED.iterdir()) < 60_000_000


def test_a_text_scores_the_same_alone_and_in_any_company(released: Classifier) -> None:
    alone = np.concatenate([released.logits([text]) for text in TEXTS])
    together = released.logits(TEXTS[::-1] * 3)
    assert np.abs(together - np.tile(alone[::-1], (3, 1))).max() < 1e-3


def test_every_prediction_is_consistent(released: Classifier) -> None:
    for prediction in released.classify(TEXTS):
        assert sum(prediction.scores.values()) == pytest.approx(1)
        assert (
            prediction.label == max(LABELS, key=lambda label: prediction.scores[label]) == prediction.prediction_set[0]
        )
        assert not prediction.unsupported
        assert not prediction.truncated


def test_it_tells_plain_cases_apart(released: Classifier) -> None:
    critical, supportive, neutral = released.classify(TEXTS[:3])
    assert (critical.label, supportive.label, neutral.label) == ("critical", "supportive", "neutral")


def test_every_prior_is_usable(released: Classifier) -> None:
    for prior in released.info.priors:
        assert len(released.classify(TEXTS, prior=prior)) == len(TEXTS)


def test_long_text_is_cut_and_told_so(released: Classifier) -> None:
    cut = released.classify_one(TEXTS[0] * 50)
    assert cut.truncated
    assert released.classify_one(TEXTS[0] * 60).scores == cut.scores


@pytest.mark.parametrize("unit", ["россия", "россия "])
def test_a_megabyte_is_cut_before_it_is_tokenised(unit: str) -> None:
    read: list[int] = []

    class Spy:
        def encode(self, text: str) -> Any:
            read.append(len(text))
            return tokenizer.encode(text)

    encoder = Encoder(RELEASED / "tokenizer.json", 128)
    tokenizer = encoder._tokenizer
    encoder._tokenizer = Spy()  # type: ignore[assignment]
    assert encoder.encode(unit * 150_000).truncated
    assert max(read) <= 12_800


def test_one_directory_serves_several_classifiers(
    released: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    other = Classifier.load(RELEASED, threads=1)
    assert other.classify(TEXTS) == released.classify(TEXTS)
