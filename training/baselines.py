"""What simpler methods reach on the same rows, measured alike: without it a figure says little."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from models.errors import BaseModelError, TrainingError
from models.labels import LABEL2ID, LABELS
from training.dataset import Example
from training.metrics import Metrics, Outcomes, measure
from training.slices import LabelledRow

# Inverse strengths of regularisation that the validation examples choose from.
STRENGTHS: Final = (0.001, 0.01, 0.1, 1.0, 10.0)
# What a base's authors say to put before a text whose embedding feeds a classifier.
PREFIXES: Final[dict[str, str]] = {"multilingual-e5-small": "query: "}
_BATCH: Final = 32
_MAX_LENGTH: Final = 128


class Baselines:
    """Majority class, TF-IDF + logistic regression, and frozen embeddings + logistic regression; fitted once.

    Args:
        training: examples to fit on.
        validation: examples that choose the strength of regularisation, by macro-F1.
        base: short name, folder or hub name of the base whose frozen embeddings are used; None leaves that one out.

    Raises:
        TrainingError: the training examples have fewer than two labels, or there is no validation example.
        BaseModelError: the base cannot be had.
    """

    def __init__(self, training: Sequence[Example], validation: Sequence[Example], base: str | None = None) -> None:
        if len({example.label for example in training}) < 2 or not validation:
            raise TrainingError("baselines need training examples of at least two labels, and validation examples")
        self._methods: dict[str, tuple[Callable[[Sequence[str]], Any], BaseEstimator]] = {}
        self._fit("majority", list, training, validation, lambda _: DummyClassifier(strategy="prior"), (1.0,))
        self._fit("tfidf", list, training, validation, _tfidf)
        if base is not None:
            self._fit("embeddings", Embedder(base), training, validation, _on_embeddings)

    def measure(self, rows: Sequence[LabelledRow]) -> dict[str, Metrics]:
        """Figures of each method on the rows: ``majority``, ``tfidf`` and, with a base, ``embeddings``.

        They give no prediction sets, so that the figures of sets are None.
        """
        truth = np.array([LABEL2ID[row.label] for row in rows])
        texts = [row.text for row in rows]
        nothing = np.zeros(len(rows), dtype=bool)
        found = {}
        for name, (features, model) in self._methods.items():
            scores = np.zeros((len(rows), len(LABELS)))
            scores[:, model.classes_] = model.predict_proba(features(texts))
            found[name] = measure(Outcomes(truth, scores.argmax(axis=1), scores, None, nothing, nothing))
        return found

    def _fit(
        self,
        name: str,
        features: Callable[[Sequence[str]], Any],
        training: Sequence[Example],
        validation: Sequence[Example],
        make: Callable[[float], BaseEstimator],
        strengths: Sequence[float] = STRENGTHS,
    ) -> None:
        inputs, held_out = ([item.text for item in examples] for examples in (training, validation))
        labels, wanted = ([LABEL2ID[item.label] for item in examples] for examples in (training, validation))
        seen, unseen = features(inputs), features(held_out)
        models = [make(strength).fit(seen, labels) for strength in strengths]
        reached = [f1_score(wanted, model.predict(unseen), average="macro", zero_division=0) for model in models]
        self._methods[name] = (features, models[int(np.argmax(reached))])


class Embedder:
    """Frozen embeddings of a base: the mean of its last hidden states over the tokens of a text.

    Args:
        base: short name, folder or hub name of the base.

    Raises:
        BaseModelError: the base cannot be had, or lacks weights.
    """

    def __init__(self, base: str) -> None:
        from transformers import AutoModel, AutoTokenizer

        from training.bases import fetch_base

        folder = fetch_base(base)
        self._prefix = PREFIXES.get(Path(base).name, "")
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        model, report = AutoModel.from_pretrained(folder, output_loading_info=True)
        # The pooler is not used; anything else that is missing would be random.
        if missing := sorted(name for name in report["missing_keys"] if not name.startswith("pooler")):
            raise BaseModelError(f"{base} lacks weights of its encoder, such as {missing[0]}")
        self._model = model.eval()

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings ``[texts, hidden size]``; of a long text, those of its first 128 tokens."""
        import torch

        found = np.zeros((len(texts), self._model.config.hidden_size), dtype=np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            batch = self._tokenizer(
                [self._prefix + texts[row] for row in rows],
                truncation=True,
                max_length=_MAX_LENGTH,
                padding=True,
                return_tensors="pt",
            )
            with torch.inference_mode():
                hidden = self._model(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1)
            found[rows] = ((hidden * mask).sum(dim=1) / mask.sum(dim=1)).numpy()
        return found


def _tfidf(strength: float) -> BaseEstimator:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    return make_pipeline(make_union(words, letters), _regression(strength))


def _on_embeddings(strength: float) -> BaseEstimator:
    return make_pipeline(StandardScaler(), _regression(strength))


def _regression(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
