"""Reading a sentence behind its neighbour: which sentences have one, and what the change is."""

from pathlib import Path

from benchmarks.context import table, with_predecessors
from models import Classifier
from tests.training.tiny_model import write_tiny_model
from training.slices import LabelledRow


def row(name: str, text: str, label: str = "neutral") -> LabelledRow:
    return LabelledRow(text, label, {"id": name})  # type: ignore[arg-type]


ROWS = [
    row("a.txt#0", "praise praise praise"),
    row("a.txt#1", "we condemn it", "critical"),
    row("a.txt#3", "alone"),
    row("b.txt#m2", "another document"),
    row("b.txt#m3", "and its next sentence"),
    row("", "no document"),
]


def test_only_neighbours_of_one_document_are_put_together() -> None:
    assert [(before, found.text) for before, found in with_predecessors(ROWS)] == [
        ("praise praise praise", "we condemn it"),
        ("another document", "and its next sentence"),
    ]


def test_what_the_neighbour_changes_is_told(tmp_path: Path) -> None:
    told = table(Classifier.load(write_tiny_model(tmp_path), threads=1), ROWS).splitlines()
    assert told[0].startswith("2 sentences, model tiny-1")
    assert told[4] == "| alone | 1.000 | |"
    assert told[5].startswith("| behind its neighbour | 0.500 | -0.500 ["), "praise outweighs the condemnation there"
