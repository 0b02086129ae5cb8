"""From words to files: folders, patterns and URLs, each with its place and its format."""

import sys
from pathlib import Path

import fsspec
import pytest

from models.errors import FormatError, InputError, MissingExtra
from models.rows import Row
from service.corpus.plan import Options, Source
from service.corpus.reading import Table, read
from service.corpus.sources import is_folder, size_of, sources_of


def places(word: str) -> list[tuple[str, str, str | None]]:
    return [(source.relative, source.format, source.compression) for source in sources_of([word])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.csv", "sub/b.JSONL.GZ", "sub/c.txt.zst", "notes.md", ".hidden/d.csv", "_tmp.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text\n")
    return tmp_path


def test_folders_and_patterns_are_walked_in_order(folder: Path) -> None:
    found = [("a.csv", "csv", None), ("sub/b.JSONL.GZ", "jsonl", "gzip"), ("sub/c.txt.zst", "txt", "zstd")]
    assert places(str(folder)) == found
    assert places(f"{folder}/**/*") == found
    assert places(f"{folder}/sub/*.zst") == [("c.txt.zst", "txt", "zstd")]
    assert places(str(folder / "sub" / "c.txt.zst")) == [("c.txt.zst", "txt", "zstd")]
    assert places("-") == [("standard input", "txt", None)]
    assert is_folder(f"{folder}/*.csv")
    assert not is_folder(str(folder / "a.csv"))


def test_a_name_with_a_sign_of_patterns_is_a_file_if_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_text("text\n")
    assert places(str(tmp_path / "a[1].csv")) == [("a[1].csv", "csv", None)]


def test_what_is_no_source_is_told(folder: Path) -> None:
    with pytest.raises(FormatError, match=r"notes\.md: the format cannot be told"):
        sources_of([str(folder / "notes.md")])
    for word in ("none.csv", "none/"):
        with pytest.raises(InputError, match=f"{word} cannot be read: No such file"):
            sources_of([f"{folder}/{word}"])
    with pytest.raises(InputError, match="holds no file that can be read"):
        sources_of([f"{folder}/*.parquet"])
    (folder / "a.parquet.gz").touch()
    with pytest.raises(FormatError, match="packed inside"):
        sources_of([str(folder / "a.parquet.gz")])


def test_urls_are_listed_and_read() -> None:
    files = fsspec.filesystem("memory")
    files.pipe("/corpus/posts/a.csv", b"text\none\n")
    files.pipe("/corpus/posts/sub/b.csv", b"text\ntwo\n")
    assert [source.relative for source in sources_of(["memory://corpus/posts"])] == ["a.csv", "sub/b.csv"]
    assert [source.relative for source in sources_of(["memory://corpus/posts/*.csv"])] == ["a.csv"]
    (source,) = sources_of(["memory://corpus/posts/a.csv"])
    assert size_of(source) == 9
    rows = [row for row, _ in read(Table(source), Options(), print)]
    assert [row.text for row in rows if isinstance(row, Row)] == ["one"]
    with pytest.raises(InputError, match=r"none\.csv cannot be reached"):
        list(read(Table(Source("memory://corpus/none.csv", "none.csv", "csv")), Options(), print))


def test_a_url_that_nothing_opens_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="nosuch://x cannot be reached"):
        sources_of(["nosuch://x"])
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtra, match=r"s3://.*\[corpus\]"):
        sources_of(["s3://bucket/a.csv"])
