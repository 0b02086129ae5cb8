"""Cyrillic letters that look like Latin ones, in Latin words: put there to slip past filters, or by a wrong keyboard.

Unicode Technical Standard 39 calls them confusables. Only words that are wholly Latin but for them are mended: a
Cyrillic ending of a Latin name (``HIMARSов``) and a Latin letter in a Cyrillic word stay as they are.
"""

from typing import Final

LOOKALIKES: Final = dict(zip("аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅ", "aeopcyxijsdhqwABEKMHOPCTYXIJS", strict=True))

_HERE: Final = f"[{''.join(LOOKALIKES)}A-Za-z\\u00c0-\\u024f]"
# Latin letters that nobody types for a Cyrillic one; a word without any of them may be a Cyrillic word.
_LATIN: Final = "[bdfghj-lmnq-wzDFGJLNQRSUVWZ\\u00c0-\\u024f]"
_OTHER: Final = f"[\\p{{Cyrillic}}&&[^{''.join(LOOKALIKES)}]]"
_BEHIND: Final = "|".join(f"{_LATIN}{_HERE * length}" for length in range(1, 6))


def _pattern(letter: str) -> str:
    """The letter in a Latin word: no Cyrillic letter but look-alikes beside it, a Latin one before or after it."""
    # The letter first: it is what the search engine looks for, and most texts have none.
    alone = f"(?<!{_OTHER}{letter})(?={_HERE}*+(?!\\p{{L}}))"
    return f"{letter}{alone}(?:(?={_HERE}*?{_LATIN})|(?<={_BEHIND}))"


# One rule a letter, as the tokenizers library replaces by one fixed text.
LOOKALIKE_REWRITES: Final[tuple[tuple[str, str], ...]] = tuple(
    (_pattern(letter), latin) for letter, latin in LOOKALIKES.items()
)
