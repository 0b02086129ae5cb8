"""How often a label changes where it must not, and stays where it must change."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.classifier import Classifier
from models.directory import TOKENIZER, ModelDirectory, open_directory, write_checksums
from models.encoding import Encoder
from models.labels import Label
from training.intervals import share
from training.testbeds.noise import NOISES, noisy
from training.tokenizer import without_rewrites

ROWS: Final = Path(__file__).parent / "rows"
# Whether the two sentences of a pair have one label, by kind of pair.
PAIRS: Final[dict[str, bool]] = {
    "paraphrases": True,
    "theatre_swaps": True,
    "name_swaps": False,
    "negations": False,
    "attributions": False,
}
_NEVER_LOADED: Final = shutil.ignore_patterns("run", "*.safetensors", "*.svg", "README.md")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences that differ in one thing, each with its label."""

    text: str
    label: Label
    other: str
    other_label: Label
    lang: str


def read_pairs(kind: str) -> list[Pair]:
    """The written pairs of one of :data:`PAIRS`."""
    lines = (ROWS / f"{kind}.jsonl").read_text("utf-8").splitlines()
    return [Pair(**json.loads(line)) for line in lines]


def noise_flips(directory: Path, texts: Sequence[str]) -> dict[str, dict[str, object]]:
    """Share of the texts whose label noise changes, by kind; only texts that the noise changes count.

    Returns:
        By kind, ``rows``, and the shares ``without`` our normalisation and ``with`` the model's own.
    """
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare"
        shutil.copytree(directory, bare, ignore=_NEVER_LOADED)
        content = json.loads((bare / TOKENIZER).read_text("utf-8"))
        content["normalizer"] = without_rewrites(content["normalizer"])
        (bare / TOKENIZER).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        write_checksums(bare)
        with _Bare(open_directory(bare)) as without, Classifier.load(directory) as ours:
            flips = {"without": _flips(without, texts), "with": _flips(ours, texts)}
    return {
        kind: {
            "rows": flips["with"][kind][1],
            **{name: _plain(*found[kind]) for name, found in flips.items()},
        }
        for kind in NOISES
    }


def pair_figures(classifier: Classifier, kind: str) -> dict[str, object]:
    """What the model makes of the pairs of one kind.

    Returns:
        ``pairs``; the shares ``first`` and ``second`` of right labels; and ``failed``: where the label must stay, the
        share of pairs whose two labels differ; where it must change, the share of pairs whose second label is wrong.
    """
    pairs = read_pairs(kind)
    labels = [item.label for item in classifier.classify([text for pair in pairs for text in (pair.text, pair.other)])]
    found = list(zip(pairs, labels[::2], labels[1::2], strict=True))
    failed = [first != second if PAIRS[kind] else second != pair.other_label for pair, first, second in found]
    return {
        "pairs": len(pairs),
        "first": _plain(sum(first == pair.label for pair, first, _ in found), len(pairs)),
        "second": _plain(sum(second == pair.other_label for pair, _, second in found), len(pairs)),
        "failed": _plain(sum(failed), len(pairs)),
    }


class _Bare(Classifier):
    """A model that reads capitals as they are written."""

    def __init__(self, directory: ModelDirectory) -> None:
        super().__init__(directory)
        self._encoder = Encoder(directory.tokenizer, directory.info.max_length, prepare=str)


def _flips(classifier: Classifier, texts: Sequence[str]) -> dict[str, tuple[int, int]]:
    clean = [item.label for item in classifier.classify(texts)]
    found = {}
    for kind in NOISES:
        changed = [
            (label, other) for label, text in zip(clean, texts, strict=True) if (other := noisy(kind, text)) != text
        ]
        labels = [item.label for item in classifier.classify([other for _, other in changed])]
        found[kind] = (sum(a != b for (a, _), b in zip(changed, labels, strict=True)), len(changed))
    return found


def _plain(hits: int, rows: int) -> Mapping[str, float] | None:
    estimate = share(hits, rows)
    return None if estimate is None else estimate.to_dict()
