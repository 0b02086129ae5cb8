"""The page: what it says, that it is one file which asks for nothing, and that no text can do anything in it."""

import base64
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from models.directory import RELEASED, open_directory
from models.errors import ModelNotFound, OutputError
from service.corpus.report.page import MOST_GROUPS, write_report
from service.corpus.report.run import Run
from tests.service.corpus.report.test_tally import scored

EVIL = "<img src=x onerror=alert(1)> \"'> </p><script>alert(2)</script> &lt; https://evil.example/x.png"
VERSION = open_directory(RELEASED).info.version
# Attributes by which a page can reach for something else.
INLINE = {"strong", "em", "span", "bdi", "a", "code"}
REACHING = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction", "manifest"}


class Page(HTMLParser):
    """A page's tags, attributes and text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.content = content
        self.feed(content)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        self.text += "" if tag in INLINE else " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def words(self) -> str:
        return " ".join(self.text.split())

    def pictures(self) -> list[str]:
        found = [attributes["src"] or "" for tag, attributes in self.tags if tag == "img"]
        return [base64.b64decode(each.partition("base64,")[2]).decode() for each in found]


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Page]:
    def write(*tables: list[dict[str, Any]], run: Run | None = None, **asked: Any) -> Page:
        path = write_report(tmp_path / "report.html", tables, run or Run(files=("posts.csv",)), **asked)
        return Page(path.read_text("utf-8"))

    return write


def many() -> list[dict[str, Any]]:
    labels = ["critical"] * 3 + ["neutral"] * 6 + ["supportive"]
    return [
        scored(f"Text {number}", labels[number % 10], source=f"S{number % 20}", date=f"2026-0{1 + number % 6}-10",
               model=VERSION, doubtful=str(number % 4 == 0).lower())
        for number in range(200)
    ]  # fmt: skip


def test_it_tells_what_was_found(written: Callable[..., Page]) -> None:
    run = Run(("posts.csv", "more.csv"), 7, "news", "2026-11-22T04:00:00+00:00", 61.25, "local", "a processor, 2 cores")
    page = written(many(), run=run)
    words = page.words()
    assert "Of 200 rows, the model finds 30.0% critical (24.1% to 36.7%), 60.0% neutral" in words
    assert "doubtful: more than one label is possible 50 25.0%" in words
    assert "rows rejected: could not be used 7" in words
    for fact in (
        "posts.csv",
        "more.csv",
        "news",
        "2026-11-22T04:00:00",
        "61.2 seconds",
        "local",
        "a processor, 2 cores",
    ):
        assert fact in words
    assert "text: text; date: date; by: source" in words
    # The table by group: the largest, and the rest together.
    assert f"Shown are the {MOST_GROUPS} largest; 8 smaller ones are together" in words
    assert "2026-03" in words
    assert len(page.pictures()) == 3
    assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")
    # The card of the model that scored them, and how good it is.
    info = open_directory(RELEASED).info
    assert VERSION in words
    for name, figures in info.metrics["sets"].items():
        assert name in words
        precision = figures["overall"]["labels"]["critical"]["precision"]
        assert f"{precision['value']:.3f} [{precision['low']:.3f}, {precision['high']:.3f}]" in words
    assert "Use and misuse" in words
    assert "A label says how a sentence is worded" in words


def test_texts_and_names_can_do_nothing(written: Callable[..., Page]) -> None:
    rows = [
        scored(EVIL, label, source=EVIL, **{EVIL: EVIL}, date="2026-11-22", model=EVIL)
        for label in ("critical", "neutral")
    ]
    page = written(rows, run=Run((EVIL,), None, EVIL, EVIL, None, EVIL, EVIL), by=(EVIL,))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "svg", "base"}
    assert sum(tag == "img" for tag, _ in page.tags) == 3
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.words().count("<img src=x onerror=alert(1)>") >= 8
    assert all("<script" not in picture and "<img" not in picture for picture in page.pictures())


def test_it_asks_for_nothing(written: Callable[..., Page]) -> None:
    page = written(many())
    for _, attributes in page.tags:
        for name in REACHING & attributes.keys():
            assert (attributes[name] or "").startswith(("#", "data:image/svg+xml;base64,"))
    styles = page.content.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in styles
    assert "@import" not in styles
    assert not re.search(r"https?://", page.content)
    (policy,) = [each["content"] for tag, each in page.tags if tag == "meta" and "http-equiv" in each]
    assert (policy or "").startswith("default-src 'none'")
    for picture in page.pictures():
        assert not re.search(r"(href|src)=\"(?!#)", picture)
        assert not re.search(r"url\((?!#)", picture)


def test_labels_differ_by_more_than_colour(written: Callable[..., Page]) -> None:
    overall, over_time, by_source = written(many()).pictures()
    assert overall.count("<pattern") == 2  # two of the three bars are hatched, each in its own way
    for picture in (overall, over_time, by_source):
        assert all(label in picture for label in ("critical", "neutral", "supportive"))
        # Okabe and Ito's vermilion and blue, and a grey; no green.
        assert {"#d55e00", "#0072b2", "#767676"} <= set(re.findall(r"#[0-9a-f]{6}", picture.lower()))


def test_a_name_that_looks_like_a_formula_is_a_name(written: Callable[..., Page]) -> None:
    rows = [scored("A text.", source=name) for name in ("$x^2$", "$broken{", "名前", "a" * 200)]
    picture = written(rows).pictures()[-1]
    assert "$x^2$" in picture
    assert "$broken{" in picture


def test_no_rows_one_row_one_group_and_none_supported(written: Callable[..., Page]) -> None:
    assert "There are no rows" in written([]).words()
    assert "There are no rows" in written().words()
    foreign = written([scored("გამარჯობა", unsupported="true")])
    assert "None of the 1 rows is in a language" in foreign.words()
    assert not foreign.pictures()
    one = written([scored("It is cold.", source="A", date="2026-11-22")])
    assert "100.0% neutral" in one.words()
    assert len(one.pictures()) == 3
    plain = written([scored("It is cold.")])
    assert len(plain.pictures()) == 1
    assert "Over time" not in plain.words()
    assert "has no date that can be read for certain" in written([scored("Cold.", date="03/04/2026")]).words()


def test_sentences_are_told_to_be_of_documents(written: Callable[..., Page]) -> None:
    rows = [scored(f"{number}", line=str(number // 5), start="0", end="1") for number in range(20)]
    words = written(rows).words()
    assert "Of 20 sentences in 4 documents" in words
    assert "documents with at least one" in words
    assert "tell as much as 4 independent ones" in words
    assert "the intervals are too narrow" in written(rows[:5]).words()


def test_another_models_card_is_not_shown(written: Callable[..., Page]) -> None:
    words = written([scored("Cold.", model="another")]).words()
    assert f"The rows were scored by another. The model at hand is {VERSION}" in words
    assert "How good it is" not in words


def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a directory"):
        write_report(tmp_path, [[scored("Cold.")]], Run(files=()))
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_not_there_is_told_before_the_rows_are_read(tmp_path: Path) -> None:
    rows = iter([scored("Cold.")])
    with pytest.raises(ModelNotFound):
        write_report(tmp_path / "r.html", [rows], Run(files=()), model=tmp_path / "none")
    assert next(rows, None) is not None
    assert list(tmp_path.iterdir()) == []
