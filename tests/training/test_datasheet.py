"""The datasheet's counts, and sections that a command writes."""

import json
from pathlib import Path

import pytest

from models.directory import RELEASED, open_directory
from models.errors import FormatError
from models.labels import LABELS
from training.dataset import CORPUS
from training.datasheet import SECTION, counts
from training.marked import write_section
from training.readme import README, figures
from training.readme import SECTION as FIGURES

ROWS = [
    {"text": "The occupiers took the well.", "label": "critical", "lang": "en", "register": "news", "theatre": "sahel"},
    {
        "text": "Moscow kept its word to us.",
        "label": "supportive",
        "lang": "en",
        "register": "news",
        "theatre": "sahel",
    },
    {"text": "Delegacja przybyła.", "label": "neutral", "lang": "pl", "register": "wire", "theatre": "none"},
]


def written(folder: Path, rows: list[dict[str, str]], name: str = "rows") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def test_rows_are_counted(tmp_path: Path) -> None:
    section = counts(written(tmp_path, ROWS))
    assert section.startswith("3 sentences.")
    assert "| `en` | 1 | 0 | 1 | 2 |\n| `pl` | 0 | 1 | 0 | 1 |" in section
    assert "| `news` | 1/0/1 | – |\n| `wire` | – | 0/1/0 |" in section
    assert "blind" not in section


def test_second_labels_are_compared_with_disputed_rows_among_them(tmp_path: Path) -> None:
    agreed = [row | {"blind": row["label"]} for row in ROWS]
    written(tmp_path, agreed)
    written(tmp_path / "disputed", [ROWS[0] | {"text": "Something else.", "blind": "neutral"}])
    section = counts(tmp_path)
    assert "4 sentences have a second, blind label" in section
    assert "the same on 75.0% of them (Cohen's kappa 0.64)" in section
    assert "| critical | 1 | 1 | 0 |" in section
    assert section.startswith("3 sentences.")


def test_the_committed_datasheet_is_up_to_date(tmp_path: Path) -> None:
    copy = tmp_path / "README.md"
    copy.write_text((CORPUS / "README.md").read_text("utf-8"), "utf-8")
    assert not write_section(copy, SECTION, counts()), "run: python -m training.datasheet"


def test_the_readme_gives_the_figures_of_the_shipped_model(tmp_path: Path) -> None:
    copy = tmp_path / "README.md"
    copy.write_text(README.read_text("utf-8"), "utf-8")
    info = open_directory(RELEASED).info
    assert not write_section(copy, FIGURES, figures(info.metrics, info.coverage)), "run: python -m training.readme"
    assert info.version in copy.read_text("utf-8")


def test_a_section_is_replaced_and_the_rest_is_left(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("before\n<!-- begin a (made by: x) -->\nold\n<!-- end a -->\n<!-- begin ab -->\n<!-- end ab -->\n")
    assert write_section(file, "a", "new \\1 | text\n")
    assert not write_section(file, "a", "new \\1 | text")
    text = file.read_text()
    assert text.startswith(
        "before\n<!-- begin a (made by: x) -->\n\nnew \\1 | text\n\n<!-- end a -->\n<!-- begin ab -->"
    )
    with pytest.raises(FormatError, match="0 sections 'b'"):
        write_section(file, "b", "new")


def test_the_definitions_name_every_label_and_have_nine_rules() -> None:
    text = (CORPUS / "LABELS.md").read_text("utf-8")
    assert text.count("\n### ") == 9
    for label in LABELS:
        assert f"| `{label}` |" in text
        assert text.count(f"- {label}: *") >= 5
