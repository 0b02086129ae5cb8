"""Labelled sentences: read, validated, and split so that nothing of a test leaks into training."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, get_args

from models.errors import InputError, LeakError, RowError, TrainingError
from models.labels import LABELS, Label

Split = Literal["train", "validation", "calibration", "test"]
SPLITS: Final[tuple[Split, ...]] = get_args(Split)

WRITTEN: Final = "written"
CORPUS: Final = Path(__file__).parent / "data"
# Neighbouring rows of a file share situations, so they go to one split together.
NEIGHBOURS: Final = 20
# A real document is an article; ids that share a prefix beyond this are a collection of unrelated posts.
LONGEST_DOCUMENT: Final = 200
_GOLDEN: Final = (5**0.5 - 1) / 2
# Shares of the splits. Real text has no test split here: it is evaluated on files that training never opens.
WRITTEN_SHARES: Final[dict[Split, float]] = {"train": 0.84, "validation": 0.04, "calibration": 0.04, "test": 0.08}
REAL_SHARES: Final[dict[Split, float]] = {"train": 0.85, "validation": 0.05, "calibration": 0.10}


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence.

    Attributes:
        text: the sentence.
        label: its stance label.
        source: :data:`WRITTEN` for the corpus of this project, else the stem of the file that it came from.
        group: rows of one group (an article, neighbours in a file, near-duplicates) share a split.
        split: where it is used.
        document: the group that it was read with; near-duplicates may since have joined that group to another.
        lang, register, theatre: what the file says of it; empty where it says nothing.
    """

    text: str
    label: Label
    source: str
    group: str
    split: Split = "train"
    document: str = ""
    lang: str = ""
    register: str = ""
    theatre: str = ""


def read_corpus(folder: Path = CORPUS) -> list[Example]:
    """Read the written corpus.

    Raises:
        RowError: a row is not valid; names the file and the line.
        InputError: a file cannot be read.
        TrainingError: the folder has no ``.jsonl`` file.
    """
    examples = []
    for path in _files(folder):
        for number, row in enumerate(_rows(path)):
            document = row.get("doc") or number // NEIGHBOURS
            examples.append(_example(row, WRITTEN, f"{path.stem}:{document}"))
    return assign_splits(merge_duplicates(examples), WRITTEN_SHARES, stratum=_file_and_language)


def read_real(folder: Path) -> list[Example]:
    """Read real sentences (rows: id, text, label, and lang if known); one document stays in one split.

    Raises:
        RowError: a row is not valid; names the file and the line.
        InputError: a file cannot be read.
        TrainingError: the folder has no ``.jsonl`` file.
    """
    examples = [example for path in _files(folder) for example in read_documents(path)]
    return assign_splits(merge_duplicates(examples), REAL_SHARES)


def read_documents(path: Path) -> list[Example]:
    """Read one file of real sentences; a row's group is its document, the part of the id before ``#``.

    Raises:
        RowError: a row is not valid; names the file and the line.
        InputError: a file cannot be read.
    """
    rows = list(_rows(path))
    documents = [str(row.get("id", f"{path.stem}#{number}")) for number, row in enumerate(rows)]
    sizes = Counter(name.split("#")[0] for name in documents)
    groups = [name.split("#")[0] if sizes[name.split("#")[0]] <= LONGEST_DOCUMENT else name for name in documents]
    return [_example(row, str(row.get("source", path.stem)), group) for row, group in zip(rows, groups, strict=True)]


def merge_duplicates(examples: Sequence[Example]) -> list[Example]:
    """Give near-duplicates one group, and drop all but the first of identical texts."""
    from training.duplicates import near_duplicates

    unique = list({example.text: example for example in reversed(examples)}.values())[::-1]
    parent = {example.group: example.group for example in unique}

    def root(group: str) -> str:
        while parent[group] != group:
            group = parent[group]
        return group

    for left, right in near_duplicates([example.text for example in unique]):
        low, high = sorted((root(unique[left].group), root(unique[right].group)))
        parent[high] = low
    return [replace(example, group=root(example.group)) for example in unique]


def assign_splits(
    examples: Sequence[Example], shares: dict[Split, float], *, stratum: Callable[[Example], str] | None = None
) -> list[Example]:
    """Assign whole groups to splits by a hash of the group's name, so that added files move nothing.

    Args:
        examples: what to split.
        shares: share of the groups that each split gets.
        stratum: what an example belongs to; each stratum then gives every split nearly its share. Its groups, in the
            order of their hashes, take the places of an additive recurrence with the golden ratio (a sequence of low
            discrepancy: Kuipers and Niederreiter, Uniform Distribution of Sequences, 1974), from a hashed start.
    """
    places = {example.group: hashed(example.group) for example in examples}
    if stratum is not None:
        strata: dict[str, dict[str, None]] = {}
        for example in {example.group: example for example in examples}.values():
            strata.setdefault(stratum(example), {})[example.group] = None
        for name, groups in strata.items():
            for number, group in enumerate(sorted(groups, key=hashed)):
                places[group] = (hashed(name) + number * _GOLDEN) % 1
    return [replace(example, split=_split_at(places[example.group], shares)) for example in examples]


def refuse_leaks(training: Iterable[Example], held_out: Iterable[Example]) -> None:
    """Check that no document stands on both sides, and no near-duplicate or quotation.

    Raises:
        LeakError: with the number of leaks and the first group that leaks.
    """
    from training.duplicates import shared_sentences

    left, right = list(training), list(held_out)
    documents = _documents(left) & _documents(right)
    if documents:
        raise LeakError(f"{len(documents)} documents stand on both sides of a split, such as {min(documents)}")
    pairs = shared_sentences([example.text for example in left], [example.text for example in right])
    if pairs:
        groups = sorted((left[pairs[0][0]].group, right[pairs[0][1]].group))
        raise LeakError(
            f"{len(pairs)} sentences have a near-duplicate on the other side of a split, first in "
            f"{' and '.join(groups)}; give both one group, or drop one"
        )


def drop_near_duplicates(training: Sequence[Example], held_out: Sequence[Example]) -> list[Example]:
    """Return the training sentences that no held-out one is near to, quotes, or is quoted by."""
    from training.duplicates import shared_sentences

    pairs = shared_sentences([example.text for example in training], [example.text for example in held_out])
    leaking = {left for left, _ in pairs}
    return [example for index, example in enumerate(training) if index not in leaking]


def data_hash(examples: Iterable[Example]) -> str:
    """SHA-256 over texts, labels and splits, independent of their order."""
    digests = sorted(f"{item.split}\t{item.label}\t{item.text}" for item in examples)
    return hashlib.sha256("\n".join(digests).encode("utf-8", "surrogatepass")).hexdigest()


def count_examples(examples: Iterable[Example]) -> dict[str, dict[str, dict[str, int]]]:
    """Number of examples by source, split and label."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for example in examples:
        of_split = counts.setdefault(example.source, {}).setdefault(example.split, dict.fromkeys(LABELS, 0))
        of_split[example.label] += 1
    return counts


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise TrainingError(f"{folder} has no .jsonl file: name a folder of labelled sentences")
    return files


def _rows(path: Path) -> Iterator[dict[str, object]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8; save it as UTF-8") from error
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            row = json.loads(content)
        except ValueError as error:
            raise RowError(path, line, f"not JSON ({error}); one object a line is expected") from error
        if not isinstance(row, dict):
            raise RowError(path, line, "not a JSON object with text and label")
        sentence, label = row.get("text"), row.get("label")
        if not isinstance(sentence, str) or not sentence.strip():
            raise RowError(path, line, "text is missing or empty")
        if label not in LABELS:
            # What stands there may be a text, which a message must not quote.
            raise RowError(path, line, f"the label is not one of {', '.join(LABELS)}")
        yield row


def _example(row: dict[str, object], source: str, group: str) -> Example:
    facts = {name: str(row.get(name, "")) for name in ("lang", "register", "theatre")}
    label = LABELS[LABELS.index(row["label"])]
    return Example(text=str(row["text"]), label=label, source=source, group=group, document=group, **facts)  # type: ignore[arg-type]


def _documents(examples: Iterable[Example]) -> set[str]:
    return {name for example in examples for name in (example.group, example.document) if name}


def _file_and_language(example: Example) -> str:
    return f"{example.group.split(':')[0]}:{example.lang}"


def hashed(name: str) -> float:
    """A place in [0, 1) that a name always has."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def _split_at(place: float, shares: dict[Split, float]) -> Split:
    for split, share in shares.items():
        place -= share
        if place < 0:
            return split
    return "train"
