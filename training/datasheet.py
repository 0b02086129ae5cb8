"""The counts in the corpus's datasheet, made from the corpus: ``python -m training.datasheet``."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sklearn.metrics import cohen_kappa_score

from models.labels import LABELS
from training.card_tables import markdown_table
from training.dataset import CORPUS, SPLITS, Example, count_examples, read_corpus
from training.marked import write_section

SECTION: Final = "counts"
# The second reader's label of a row, who saw neither the first label nor anything else of the row but its text.
BLIND: Final = "blind"


def counts(folder: Path = CORPUS) -> str:
    """The section of the datasheet that counts the corpus, as Markdown.

    Raises:
        RowError: a row is not valid; names the file and the line.
        TrainingError: the folder has no ``.jsonl`` file.
    """
    return "\n\n".join(_sections(read_corpus(folder), _second_labels(folder)))


def _sections(examples: Sequence[Example], pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield f"{len(examples)} sentences. By split and label:"
    by_split = count_examples(examples)["written"]
    yield markdown_table(
        ("split", *LABELS, "all"),
        [[split, *counted.values(), sum(counted.values())] for split in SPLITS if (counted := by_split.get(split))],
    )
    yield "By language and label:"
    yield _by_label("language", [(item.lang, item.label) for item in examples])
    yield "By theatre and label (`none`: no Russian involvement in it; `russia`: Russia at home):"
    yield _by_label("theatre", [(item.theatre, item.label) for item in examples])
    yield "By register and label:"
    yield _by_label("register", [(item.register, item.label) for item in examples])
    yield "By register and theatre, critical / neutral / supportive:"
    yield _register_by_theatre(examples)
    if pairs:
        yield from _agreement(pairs)


def _by_label(heading: str, values: Sequence[tuple[str, str]]) -> str:
    found, sizes = Counter(values), Counter(value for value, _ in values)
    rows = [[f"`{value}`", *(found[value, label] for label in LABELS), size] for value, size in _by_size(sizes)]
    return markdown_table((heading, *LABELS, "all"), rows)


def _register_by_theatre(examples: Sequence[Example]) -> str:
    found = Counter((item.register, item.theatre, item.label) for item in examples)
    theatres = [theatre for theatre, _ in _by_size(Counter(item.theatre for item in examples))]
    rows = []
    for register, _ in _by_size(Counter(item.register for item in examples)):
        cells = [[found[register, theatre, label] for label in LABELS] for theatre in theatres]
        rows.append([f"`{register}`", *("/".join(map(str, cell)) if any(cell) else None for cell in cells)])
    return markdown_table(("register", *(f"`{theatre}`" for theatre in theatres)), rows)


def _agreement(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    first, second = zip(*pairs, strict=True)
    equal = sum(left == right for left, right in pairs) / len(pairs)
    yield (
        f"{len(pairs)} sentences have a second, blind label, disputed ones included. It is the same on {equal:.1%} of "
        f"them (Cohen's kappa {cohen_kappa_score(first, second):.2f}). The first label by the second:"
    )
    found = Counter(pairs)
    rows = [[left, *(found[left, right] for right in LABELS)] for left in LABELS]
    yield markdown_table(("first \\ second", *LABELS), rows)


def _second_labels(folder: Path) -> list[tuple[str, str]]:
    """First and second label of the rows that have both, with the disputed rows that no training reads."""
    lines = (line for path in sorted(folder.rglob("*.jsonl")) for line in path.read_text("utf-8").split("\n"))
    rows = (json.loads(line) for line in lines if line.strip())
    return [(row["label"], row[BLIND]) for row in rows if row.get(BLIND)]


def _by_size(sizes: Counter[str]) -> list[tuple[str, int]]:
    return sorted(sizes.items(), key=lambda item: (-item[1], item[0]))


if __name__ == "__main__":
    write_section(CORPUS / "README.md", SECTION, counts())
