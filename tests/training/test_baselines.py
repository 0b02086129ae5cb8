"""The baselines learn what words tell, and refuse what cannot be learnt from."""

from pathlib import Path

import numpy as np
import pytest

from models.errors import BaseModelError, TrainingError
from models.labels import LABELS, Label
from training.baselines import Baselines, Embedder
from training.dataset import Example
from training.slices import from_examples

WORDS: dict[Label, list[str]] = {
    "critical": ["condemn", "crime", "invader"],
    "neutral": ["tuesday", "minister", "report"],
    "supportive": ["praise", "liberate", "welcome"],
}


def examples(rows: int, seed: int) -> list[Example]:
    generator = np.random.default_rng(seed)
    found = []
    for number in range(rows):
        label = LABELS[int(generator.choice(3, p=[0.25, 0.5, 0.25]))]
        words = generator.choice([*WORDS[label], "the", "russia", "and"], 6)
        found.append(Example(" ".join(words), label, "written", str(number)))
    return found


def test_baselines_beat_the_majority_where_words_tell_the_label(tiny_base: Path) -> None:
    rows = from_examples(examples(120, 2))
    found = Baselines(examples(200, 0), examples(60, 1), str(tiny_base)).measure(rows)
    assert list(found) == ["majority", "tfidf", "embeddings"]
    majority = found["majority"]
    assert majority.labels["neutral"].predicted == 120
    assert majority.coverage is None
    for name in ("tfidf", "embeddings"):
        macro = found[name].macro_f1
        assert macro is not None
        assert macro.value > 0.8
        assert majority.macro_f1 is not None
        assert macro.low > majority.macro_f1.high


def test_a_label_that_training_lacks_scores_zero() -> None:
    two = [example for example in examples(150, 0) if example.label != "supportive"]
    found = Baselines(two, two[:40]).measure(from_examples(examples(50, 1)))
    assert list(found) == ["majority", "tfidf"]
    assert found["tfidf"].labels["supportive"].predicted == 0
    assert found["tfidf"].labels["critical"].f1 is not None
    assert found["tfidf"].labels["critical"].f1.value > 0.5


def test_an_embedding_is_the_mean_over_tokens_whatever_the_batch(tiny_base: Path) -> None:
    embed = Embedder(str(tiny_base))
    texts = ["praise russia", "the minister and the report on tuesday", "crime"]
    together = embed(texts)
    assert together.shape == (3, 32)
    alone = np.concatenate([embed([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_too_little_to_learn_from() -> None:
    one = [example for example in examples(30, 0) if example.label == "neutral"]
    with pytest.raises(TrainingError, match="at least two labels"):
        Baselines(one, one)
    with pytest.raises(TrainingError, match="validation"):
        Baselines(examples(30, 0), [])
    with pytest.raises(BaseModelError, match="no base named"):
        Baselines(examples(100, 0), examples(30, 1), "nothing-like-it")
