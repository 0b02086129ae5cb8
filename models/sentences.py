"""From a text to its sentences, with offsets.

The sentencex library splits paragraphs. Around it stands what a whole text needs: which lines belong together, which
of our languages a paragraph is in, and abbreviations of these languages after which the library would split.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import sentencex

from models.languages import guess
from models.text import checked

# A line narrower than the first was ended on purpose; one wider than the second was not broken to fit a page.
_NARROWEST_WRAP: Final = 40
_WIDEST_WRAP: Final = 120
# The library's time grows with the square of a paragraph's quotation marks, and other threads stand still meanwhile.
_WINDOW: Final = 10_000
# Its Italian rules take a tenth of a millisecond for every full stop: what has more of them in a window is no prose.
_MOST_STOPS: Final = 500
_STOPS: Final = re.compile(r"[.!?…。]")
# Its rules for initials panic at a space of several bytes, such as the no-break space.
_SPACES: Final = {ord(space): " " for space in "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"} | dict.fromkeys(
    range(0x2000, 0x200B), " "
)
_ENDS: Final = tuple(".!?…:;؟؛。")
_BULLET: Final = re.compile(r"[-–—*•·▪‣◦●○■►✓✔❗]|\(?(?:\d{1,3}|\w)[.)]\s|#{1,6}\s|>")
_MARKER: Final = re.compile(r"\(?(?:\d{1,3}|[^\W\d_])[.)]")
_LAST_WORD: Final = re.compile(r"([^\W\d_]+)\.$")
_INITIAL: Final = re.compile(r"(?:^|[\s(«„“\"'’])([^\W\d_])\.$")

# What stands before a name, so that a capital letter after it begins no sentence.
_TITLES: Final = {
    "ar": {"د", "أ"},
    "es": {"dr", "dra", "gral", "sr", "sra"},
    "fr": {"av", "col", "dr", "gén", "me", "mlle", "mm", "mme", "pr"},
    "it": {"avv", "dott", "gen", "prof", "sig"},
    "pl": {"al", "dr", "gen", "inż", "kpt", "ks", "mgr", "mjr", "płk", "ppłk", "prof", "św", "ul"},
    "pt": {"av", "dr", "dra", "eng", "gen", "sr", "sra"},
    "ru": {"адм", "акад", "ген", "им", "полк", "проф", "св", "ул"},
    "uk": {"акад", "вул", "ген", "ім", "проф"},
}
# What may also end a sentence, and does not where a small letter or a number follows.
_ABBREVIATIONS: Final = frozenset({
    "approx", "av", "c", "ca", "cf", "ex", "fig", "mld", "mln", "mlrd", "mrd", "np", "ok", "p", "pp", "r", "tj", "tys",
    "tzw", "ust", "w", "zł", "г", "гг", "грн", "др", "млн", "млрд", "р", "рр", "руб", "см", "ст", "стр", "тис", "тыс",
    "чел", "э",
})  # fmt: skip


class Span(NamedTuple):
    """Where a sentence stands: ``text[start:end]``."""

    start: int
    end: int


def split(text: str) -> list[Span]:
    """Split a text into sentences.

    A line break ends a sentence, unless the line was broken only to fit a page. What has no letter or digit (a row
    of stars, an emoji after the full stop) belongs to the sentence before it on its line; "1." or "a)" to the next.
    What goes on for 10,000 characters without an end is cut there.

    Args:
        text: any length, any mixture of our languages.

    Returns:
        The sentences in order. None begins or ends with white space, none overlap, and every character that is
        not white space is in one.

    Raises:
        TextError: the text is not a string or has lone surrogates.
    """
    clean = checked(text)
    spans: list[Span] = []
    language = "en"
    for block in _blocks(clean):
        language = guess(clean[block[0].start : block[-1].end]) or language
        for unit in _units(clean, block):
            spans.extend(_sentences(clean, unit, language))
    return spans


def _blocks(text: str) -> Iterator[list[Span]]:
    """Lines that no blank line parts, each without the white space around it."""
    block: list[Span] = []
    start = 0
    for line in text.splitlines(keepends=True):
        span = _stripped(text, start, start + len(line))
        start += len(line)
        if span:
            block.append(span)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _units(text: str, block: list[Span]) -> Iterator[Span]:
    """Lines, put together where they were broken only to fit a page."""
    width = max(line.end - line.start for line in block)
    start = block[0].start
    for line, following in pairwise(block):
        if not _goes_on(text, line, following, width if len(block) > 2 else None):
            yield Span(start, line.end)
            start = following.start
    yield Span(start, block[-1].end)


def _goes_on(text: str, line: Span, following: Span, width: int | None) -> bool:
    length = line.end - line.start
    if not _NARROWEST_WRAP <= length <= _WIDEST_WRAP:
        return False
    if text.endswith(_ENDS, line.start, line.end) or _BULLET.match(text, following.start, following.end):
        return False
    if text[following.start].islower():
        return True
    if width is None or width > _WIDEST_WRAP:
        return False
    next_word = text[following.start : min(following.end, following.start + width)].split(maxsplit=1)[0]
    return length + 1 + len(next_word) > width


def _sentences(text: str, unit: Span, language: str) -> Iterator[Span]:
    pending: Span | None = None
    said = False
    for piece in _pieces(text, unit, language):
        says = any(text[index].isalnum() for index in range(piece.start, piece.end))
        if pending and said and says and not _goes_together(text, pending, piece, language):
            yield pending
            pending, said = piece, True
        else:
            pending, said = Span(pending.start if pending else piece.start, piece.end), said or says
    if pending:
        yield pending


def _pieces(text: str, unit: Span, language: str) -> Iterator[Span]:
    """The library's sentences, laid end to end, so that nothing falls between two of them."""
    end = unit.start
    for stop in (*_boundaries(text, unit, language), unit.end):
        piece = _stripped(text, end, stop)
        end = max(end, stop)
        if piece:
            yield piece


def _boundaries(text: str, unit: Span, language: str) -> Iterator[int]:
    """Where the library ends a sentence; it gets a long paragraph in windows that begin with a sentence."""
    start, slow = unit.start, False
    while start < unit.end:
        stop = min(start + _WINDOW, unit.end)
        ends = [start + end for end in _ends(language, text[start:stop])]
        # A sentence at the end of the window may go on in the next one. But rows such as A.A.A. end after the first
        # letter and at the end of every window: going on from that letter again and again would take for ever.
        if stop < unit.end and len(ends) > 1 and not (slow and ends[-2] - start < _WINDOW // 2):
            ends.pop()
        yield from ends
        following = ends[-1] if stop < unit.end and ends and ends[-1] > start else stop
        start, slow = following, following - start < _WINDOW // 2


def _ends(language: str, text: str) -> list[int]:
    """Where the library ends the sentences of a window; one at its end where the library fails."""
    chosen = "en" if language == "it" and len(_STOPS.findall(text)) > _MOST_STOPS else language
    try:
        return [each["end_index"] for each in sentencex.get_sentence_boundaries(chosen, text.translate(_SPACES))]
    except BaseException as error:
        # A panic in the library's Rust is no Exception, and would end the thread, or the whole command.
        if type(error).__name__ != "PanicException":
            raise
        return [len(text)]


def _goes_together(text: str, before: Span, after: Span, language: str) -> bool:
    if _MARKER.fullmatch(text, before.start, before.end):
        return True
    tail = text[max(before.start, before.end - 20) : before.end]
    head = text[after.start]
    initial = _INITIAL.search(tail)
    if initial and initial[1].isupper() and initial[1] != "I" and head.isupper():
        return True
    word = _LAST_WORD.search(tail)
    if word is None:
        return False
    if word[1].casefold() in _TITLES.get(language, ()):
        return True
    return (head.islower() or head.isdigit()) and word[1].casefold() in _ABBREVIATIONS


def _stripped(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
