"""Which encoding a text file is in: told by its bytes where they leave no doubt, and asked for where they do.

A guess that is wrong makes other letters of a text, which the model then reads. So an encoding other than Unicode is
taken only if there is enough to judge by, if what it gives is written with the letters of the language that it is in,
and if no other encoding gives another text that is, too.
"""

import codecs
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from models.errors import FormatError, MissingExtra
from models.languages import guess

# Bytes that are looked at, and of them those of so many lines that are not ASCII.
SAMPLE: Final = 1 << 20
_JUDGED: Final = 1 << 16
_FEWEST: Final = 20
_SHARE: Final = 0.98
# Of the letters beyond ASCII so many may be capitals behind a small letter; a reading of Chinese or Thai has more.
_INNER_CAPITALS: Final = 0.1
# A file of which so many of the letters beyond ASCII are UTF-8 is UTF-8 with some bad rows.
_UTF8_SHARE: Final = 0.9
_COHERENT: Final = 0.3
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_USUAL: Final = (
    "cp1251", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic", "cp1252", "iso8859-15", "cp850", "mac-roman", "cp1250",
    "iso8859-2", "cp1256", "iso8859-6", "utf-16-le", "utf-16-be",
)  # fmt: skip
_CYRILLIC: Final = "".join(map(chr, range(0x410, 0x450))) + "ЁёІіЇїЄєҐґ"
_LETTERS: Final = {
    "en": "éèïö", "fr": "àâæçéèêëîïôœùûüÿ", "de": "äöüß", "es": "áéíóúüñ¿¡ªº", "pt": "áâãàçéêíóôõúüªº",
    "it": "àèéìíîòóùú", "pl": "ąćęłńóśźż", "ru": _CYRILLIC, "uk": _CYRILLIC,
    "ar": "".join(map(chr, range(0x600, 0x700))),
}  # fmt: skip
_PUNCTUATION: Final = "\u00a0\u00ad\u200e\u200f\ufeff«»“”„‘’‚‹›–—…•·№§©®™€£°±½"


def encoding_of(sample: bytes, name: str) -> str:
    """The encoding of a file, by its first bytes; ``utf-8-sig`` reads UTF-8 with and without a byte order mark.

    Args:
        sample: the first ``SAMPLE`` bytes, or the whole file.
        name: the file, for the errors.

    Raises:
        FormatError: it is not Unicode, and which other encoding it is cannot be told for sure.
        MissingExtra: it is not Unicode, and the library that tells other encodings is not installed.
    """
    for mark, encoding in _MARKS.items():
        if sample.startswith(mark):
            return encoding
    if b"\0" not in sample and _utf8_share(sample) >= _UTF8_SHARE:
        return "utf-8-sig"
    return _detected(b"\n".join(_telling(sample)), name)


def require_codec(encoding: str) -> str:
    """The encoding that a user named, as Python calls it.

    Raises:
        FormatError: there is none of that name.
    """
    try:
        found = codecs.lookup(encoding)
    except LookupError:
        raise FormatError(
            f"There is no encoding {encoding}; give a name such as utf-8, windows-1251 or koi8-r."
        ) from None
    if not found._is_text_encoding:
        raise FormatError(f"{encoding} is no encoding of text; give a name such as utf-8, windows-1251 or koi8-r.")
    return "utf-8-sig" if found.name == "utf-8" else encoding


def _utf8_share(sample: bytes) -> float:
    """How many of the characters beyond ASCII are whole ones in UTF-8; a last one that is cut off does not count."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    beyond = [character for character in text if character > "\x7f"]
    broken = sum("\udc80" <= character <= "\udcff" for character in beyond)
    return 1 - broken / max(len(beyond), 1)


def _telling(sample: bytes) -> Iterator[bytes]:
    """The lines that are not ASCII, as far as they are judged; all of it if NUL tells of two bytes a character."""
    if b"\0" in sample:
        yield sample[:_JUDGED]
        return
    length = 0
    for line in sample.splitlines():
        if not line.isascii() and length < _JUDGED:
            length += len(line)
            yield line[:_JUDGED]


def _detected(sample: bytes, name: str) -> str:
    try:
        from charset_normalizer import from_bytes
    except ImportError as error:
        raise MissingExtra(f"{name} is not UTF-8. Telling its encoding", "corpus") from error
    best = from_bytes(sample).best()
    readings = {
        encoding: text
        for encoding in (*([best.encoding] if best else []), *_USUAL)
        if (text := _read(sample, encoding)) is not None
    }
    sure = set(readings.values())
    if len(sure) > 1 and best is not None and best.coherence >= _COHERENT and str(best) in sure:
        sure = {str(best)}
    if len(sure) == 1:
        return next(encoding for encoding in (*_USUAL, *readings) if readings.get(encoding) in sure)
    raise FormatError(
        f"{name} is not UTF-8, and its encoding cannot be told for sure. Name it, as in --encoding windows-1251"
        f"{f'; it may be {_listed(readings)}' if readings else ''}. Or save the file as UTF-8, for example by "
        "iconv -f WINDOWS-1251 -t UTF-8 OLD > NEW"
    )


def _read(sample: bytes, encoding: str) -> str | None:
    """The sample in this encoding; None if it is none, or gives what nobody writes."""
    try:
        text = sample.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    beyond = [character for character in text if character > "\x7f"]
    language = guess(text)
    if len(beyond) < _FEWEST or language is None:
        return None
    usual = {*_LETTERS[language], *_LETTERS[language].upper(), *_PUNCTUATION}
    odd = sum(character < " " and character not in "\t\r\n\f\v" for character in text)
    inner = sum(letter > "\x7f" and letter.isupper() and before.islower() for before, letter in pairwise(text))
    if odd or inner > _INNER_CAPITALS * len(beyond):
        return None
    return text if sum(character in usual for character in beyond) >= _SHARE * len(beyond) else None


def _listed(readings: dict[str, str]) -> str:
    return ", ".join(dict.fromkeys(readings))
