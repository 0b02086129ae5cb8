"""The report with a scoring and later, by the commands, on a model that is made in a moment."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import ru_stance
from models.errors import ColumnError, InputError, OutputError
from tests.models.conftest import make_model

POSTS = "outlet,body,published\nA,bad bad,2026-01-02\nB,good,2026-02-03\nA,plain,2026-02-04\nB,\xe9,2026-02-05\n"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("report") / "tiny")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("posts.csv").write_text(POSTS, "utf-8")

    def run(*words: str) -> Result:
        return CliRunner().invoke(ru_stance.app, [*words, "--model", str(model)])

    return run


def test_with_the_scoring_and_later_it_tells_the_same(run: Run) -> None:
    assert run("score", "posts.csv", "-o", "out.csv.gz", "--report", "now.html", "--by", "outlet").exit_code == 0
    assert run("report", "out.csv.gz", "-o", "later.html").exit_code == 0
    now, later = (Path(name).read_text("utf-8") for name in ("now.html", "later.html"))
    for page in (now, later):
        assert "By outlet" in page
        assert "column published" in page
        assert "0.0.1 (4 rows)" in page
    assert now.count("data:image") == later.count("data:image") == 3
    assert "<td>posts.csv</td>" in now
    assert "the model&#39;s own" in now or "the model's own" in now
    assert "<td>out.csv.gz</td>" in later


def test_a_folder_with_rejects_and_sentences(run: Run) -> None:
    Path("corpus").mkdir()
    Path("corpus/a.jsonl").write_text('{"text": "bad. good."}\n{"text": 3}\n', "utf-8")
    Path("corpus/b.txt").write_text("plain. good. bad.", "utf-8")
    scored = run("score", "corpus", "-o", "done", "--split", "--prefix", "our_", "--report", "now.html")
    assert scored.exit_code == 1  # for the row that has no text
    assert run("report", "done", "--prefix", "our_").exit_code == 0
    for name in ("now.html", "report.html"):
        page = " ".join(Path(name).read_text("utf-8").split())
        assert "in 2 documents" in page
        assert "<dt>rows rejected: could not be used</dt><dd>1</dd>" in page


def test_a_column_that_the_first_line_of_json_lacks_can_be_named(run: Run) -> None:
    Path("posts.jsonl").write_text('{"text": "It is cold."}\n{"text": "They left.", "desk": "North"}\n', "utf-8")
    done = run("score", "posts.jsonl", "-o", "out.jsonl", "--report", "r.html", "--by", "desk")
    assert done.exit_code == 0, done.output
    assert "North" in Path("r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (["score", "posts.csv", "--report", "r.html"], OutputError, "name it with --output"),
        (["score", "posts.csv", "-o", "out.csv", "--by", "outlet"], InputError, "are for --report"),
        (["score", "posts.csv", "-o", "out.csv", "--report", "out.csv"], OutputError, "another name"),
        (["score", "posts.csv", "-o", "out.csv", "--report", "posts.csv"], OutputError, "another name"),
        (["score", "posts.csv", "-o", "out.csv", "--report", "no/r.html"], OutputError, "in a folder that there is"),
        (["score", "posts.csv", "-o", "out.csv", "--report", "r.html", "--by", "country"], ColumnError,
         "no column country for the report; it has: outlet, body, published"),
        (["report", "posts.csv"], ColumnError, "no column label"),
        (["report", "posts.csv", "-o", "posts.csv"], OutputError, "another name"),
        (["report", "none.csv"], InputError, "none.csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_before_anything_is_written(
    run: Run, words: list[str], error: type[Exception], told: str
) -> None:
    done = run(*words)
    assert isinstance(done.exception, error)
    assert told in str(done.exception)
    assert [path.name for path in Path().iterdir()] == ["posts.csv"]
    assert Path("posts.csv").read_text("utf-8") == POSTS
