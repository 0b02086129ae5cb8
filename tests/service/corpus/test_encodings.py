"""Files in other encodings: read as they were written, or refused; never as other letters."""

import contextlib
import sys
from pathlib import Path

import pytest

from models.errors import FormatError, MissingExtra, RowError
from models.rows import Row
from service.corpus.encodings import encoding_of, require_codec
from service.corpus.plan import Options, Source
from service.corpus.reading import Table, read

# Sentences as people write them, in the languages that have encodings of their own.
TEXTS = {
    "ru": "Они пришли грабить, а не защищать. Переговоры продолжаются в Москве, сообщает «агентство». ",
    "uk": "Окупанти знову обстріляли нашу школу. Її відбудують, кажуть у Києві. ",
    "fr": "Les occupants ont bombardé notre école. Là-bas, tout a été détruit à l'été. Où êtes-vous allés ? ",
    "pl": "Najeźdźcy znów ostrzelali naszą szkołę. Źródła mówią, że rozmowy trwają. Śmierć sięga cywilów. ",
    "de": "Die Besatzer haben unsere Schule beschossen. Überall hört man Schüsse, größer als früher. ",
    "es": "Los ocupantes bombardearon otra vez nuestra escuela. Mañana habrá más negociación en España. ",
    "pt": "Os ocupantes bombardearam a nossa escola. Amanhã haverá mais negociações, não há solução à vista. ",
    "it": "Gli occupanti hanno colpito la città. Perché? Così è la libertà, più o meno, di lì a là. ",
    "ar": "قصف المحتلون مدرستنا مرة أخرى. وقالت المصادر إن المحادثات مستمرة. ",
}
ENCODINGS = [
    *[("ru", name) for name in ("cp1251", "koi8-r", "cp866", "iso8859-5", "utf-16", "utf-16-le", "utf-32", "utf-8")],
    *[("uk", name) for name in ("cp1251", "koi8-u", "utf-8-sig")],
    *[(language, "cp1252") for language in ("fr", "de", "es", "pt", "it")],
    *[("fr", "iso8859-15"), ("fr", "mac-roman"), ("fr", "cp850"), ("de", "cp850"), ("es", "mac-roman")],
    *[("pl", "cp1250"), ("pl", "iso8859-2"), ("ar", "cp1256"), ("ar", "iso8859-6")],
]


def read_file(path: Path, encoding: str | None = None) -> tuple[list[Row | RowError], list[str]]:
    notices: list[str] = []
    table = Table(Source(str(path), path.name, "csv"))
    rows = [row for row, _ in read(table, Options(encoding=encoding), notices.append)]
    return [row for row in rows if isinstance(row, Row | RowError)], notices


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
@pytest.mark.parametrize("times", [1, 30])
def test_it_is_the_right_encoding_or_none(language: str, encoding: str, times: int) -> None:
    text = "id;text\n" + "".join(f"{number};{TEXTS[language]}\n" for number in range(times))
    written = text.encode(encoding, errors="replace" if encoding.startswith(("iso", "koi", "cp866")) else "strict")
    found = None
    with contextlib.suppress(FormatError):
        found = encoding_of(written, "in.csv")
    if found is None:
        # What cp850 has for French is what other old encodings have for their languages.
        assert times == 1 or (language, encoding) == ("fr", "cp850")
    else:
        assert written.decode(found) == written.decode(encoding)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16-le", "cp1252", "cp1256"])
def test_too_little_to_tell_is_refused(encoding: str) -> None:
    word = {"cp1252": "été", "cp1256": "قصف"}.get(encoding, "Привет")
    with pytest.raises(FormatError, match=r"in\.csv is not UTF-8, and its encoding cannot be told for sure.*iconv"):
        encoding_of(f"text\n{word}\n".encode(encoding), "in.csv")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("克里米亚是乌克兰的领土", "gbk"),
        ("制裁没有效果\n克里米亚是乌克兰的领土\n俄方表示愿意对话", "gbk"),
        ("สงครามยังดำเนินต่อไปในยูเครน", "cp874"),
    ],
)
@pytest.mark.parametrize("times", [1, 20])
def test_what_is_in_another_script_is_not_read_as_ours(text: str, encoding: str, times: int) -> None:
    with pytest.raises(FormatError, match="cannot be told for sure"):
        encoding_of(("text\n" + f"{text}\n" * times).encode(encoding), "in.csv")


def test_what_is_in_no_encoding_is_refused() -> None:
    with pytest.raises(FormatError, match="cannot be told for sure"):
        encoding_of(bytes(range(128, 256)) * 50, "in.csv")


def test_a_found_encoding_is_told_and_a_named_one_is_used(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(("text\n" + f'"{TEXTS["ru"]}"\n' * 20).encode("cp1251"))
    rows, notices = read_file(path)
    assert {row.text for row in rows if isinstance(row, Row)} == {TEXTS["ru"]}
    assert notices == [f"{path}: read as cp1251, which its letters tell; name another with --encoding."]
    rows, notices = read_file(path, "windows-1251")
    assert {row.text for row in rows if isinstance(row, Row)} == {TEXTS["ru"]}
    assert notices == []


def test_a_byte_that_is_no_character_costs_its_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    lines = [f'{number},"{TEXTS["ru"]}"'.encode() for number in range(20)]
    lines[7], lines[9] = b"7,half \xd0 of it", b"\xff,whole"
    path.write_bytes(b"id,text\n" + b"\n".join(lines) + b"\n")
    rows, _ = read_file(path)
    assert [row.line for row in rows if isinstance(row, RowError)] == [9, 11]
    assert len(rows) == 20
    assert "no characters" in str(rows[9])


def test_a_name_that_is_no_encoding_is_told() -> None:
    assert require_codec("UTF8") == "utf-8-sig"
    for name in ("windows-9999", "base64"):
        with pytest.raises(FormatError, match=f"{name}.*windows-1251"):
            require_codec(name)


def test_a_wrong_name_is_told(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"text\nan odd lengths")
    with pytest.raises(FormatError, match=r"in\.csv is not UTF-16.*--encoding"):
        read_file(path, "utf-16-le")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)
    assert encoding_of("text\nПривет".encode(), "in.csv") == "utf-8-sig"
    with pytest.raises(MissingExtra, match=r"in\.csv is not UTF-8.*\[corpus\]"):
        encoding_of("Привет".encode("cp1251"), "in.csv")
