"""The documentation tells all that there is, and nothing that there is not; its links lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest
import typer

import ru_stance
from models.directory import CHECKSUMS, SERVED, TRAINING
from service.corpus.score import DOCUMENT_COLUMNS, FILE_COLUMNS, PLACE_COLUMNS, RESULT_COLUMNS
from service.feedback.tables import StoredLabel
from service.settings import ENV_PREFIX, Settings
from tests.reference import DOCS, SECTIONS, endpoints, metrics
from training.marked import write_section
from training.user_labels import FROZEN

ROOT = DOCS.parent
# What a command has made from other facts may name what once was.
_HISTORY = {"CHANGELOG.md"}
PAGES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()
]  # fmt: skip
TEXTS = {page: page.read_text("utf-8") for page in PAGES if page.name not in _HISTORY}
# Read by the commands and by the tests, and not settings of the service.
OTHER_VARIABLES = {"RU_STANCE_CACHE"}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_reference_is_what_the_code_says(name: str, tmp_path: Path) -> None:
    page, make = SECTIONS[name]
    copy = tmp_path / page.name
    copy.write_text(page.read_text("utf-8"), "utf-8")
    assert not write_section(copy, name, make()), "out of date: python -m tests.reference"


def test_every_variable_that_is_told_is_read() -> None:
    known = OTHER_VARIABLES | {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    for page, text in TEXTS.items():
        assert set(re.findall(r"\bRU_STANCE_[A-Z_]*[A-Z]\b", text)) <= known, page
    assert "`RU_STANCE_CACHE`" in TEXTS[DOCS / "settings.md"]


def test_every_command_that_is_told_exists() -> None:
    app = typer.main.get_command(ru_stance.app)
    groups = {name: set(getattr(command, "commands", ())) for name, command in app.commands.items()}  # type: ignore[attr-defined]
    for page, text in TEXTS.items():
        for command, rest in re.findall(r"(?:`|^|\$ )ru-stance ([a-z]+)(?: ([a-z]+))?", text, re.MULTILINE):
            assert command in groups, f"{page}: ru-stance {command}"
            assert not rest or not groups[command] or rest in groups[command], f"{page}: ru-stance {command} {rest}"


def test_every_path_that_is_told_is_answered() -> None:
    known = set(re.findall(r"^### \w+ (\S+)$", endpoints(), re.MULTILINE))
    known |= {"/v1", "/docs", "/openapi.json"}
    for page, text in TEXTS.items():
        for path in re.findall(r"(?<![\w./])(/v1(?:/[\w{}/]+)?|/predict|/info|/metrics|/livez|/readyz)\b}?", text):
            told = path + "}" if path.count("{") > path.count("}") else path
            assert told in known, f"{page}: {told}"


def test_every_series_that_is_told_is_counted() -> None:
    known = set(re.findall(r"`(ru_stance_\w+)`", metrics()))
    assert len(known) > 10
    for page, text in TEXTS.items():
        assert set(re.findall(r"\bru_stance_\w+", text)) <= known | {"ru_stance_"}, page


def test_every_column_and_file_is_told() -> None:
    parts = re.split(r"^## ", TEXTS[DOCS / "files.md"], flags=re.MULTILINE)
    named = {part.partition("\n")[0]: set(re.findall(r"`([\w.]+)`", part)) for part in parts}
    assert {*FILE_COLUMNS, *PLACE_COLUMNS, *RESULT_COLUMNS, *DOCUMENT_COLUMNS} <= named["A scored table"]
    assert {*SERVED, TRAINING, CHECKSUMS, FROZEN} <= named["A model directory"]
    assert {column.name for column in StoredLabel.__table__.columns} <= named["The data folder"]


def test_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text("utf-8")):
            name, _, anchor = target.partition("#")
            linked = page.parent / name if name else page
            assert linked.exists(), f"{page}: {target}"
            if anchor:
                assert anchor in _anchors(linked.read_text("utf-8")), f"{page}: {target}"


def test_every_test_that_is_told_exists() -> None:
    for page, text in TEXTS.items():
        for path, name in re.findall(r"\b(tests/[\w/]+\.py)(?:::(\w+))?", text):
            assert (ROOT / path).is_file(), f"{page}: {path}"
            assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{page}: {path}::{name}"


@pytest.mark.parametrize("page", [DOCS / "reliability.md", ROOT / "SECURITY.md"])
def test_what_is_said_of_faults_and_attacks_names_the_tests_that_show_it(page: Path) -> None:
    rows = [line for line in TEXTS[page].splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    assert [row for row in rows if not re.search(r"`tests/\S+`[^|]*\|$", row)] == []


def test_every_page_of_the_documentation_is_listed() -> None:
    listed = re.findall(r"\]\((\w[\w-]*\.md)\)", TEXTS[DOCS / "README.md"])
    there = [page.name for page in DOCS.glob("*.md") if page.name != "README.md"]
    assert sorted(listed) == sorted(there), "docs/README.md lists every page once, by what it is for"
    assert "](docs/README.md)" in TEXTS[ROOT / "README.md"]


def _anchors(text: str) -> set[str]:
    """What a heading is linked by on the usual sites for code."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
