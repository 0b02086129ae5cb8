"""The languages that the model was made for, and how texts outside of them are told.

Two tests, both cautious, since a text wrongly refused is worse than a foreign one scored:

- script: at least half of the letters are Latin, Cyrillic or Arabic;
- language: an identifier (py3langid, a naive Bayes model over byte n-grams after Lui & Baldwin 2012, "langid.py")
  gives our languages less than a tenth of its probability. Short texts are not tested, and on middling ones the
  languages that are easily taken for ours count as ours: an identifier needs some fifty letters to tell a
  Russian headline from a Bulgarian one.
"""

import re
import threading
import unicodedata
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES: Final[tuple[str, ...]] = ("en", "ru", "uk", "fr", "de", "es", "pt", "it", "pl", "ar")

# Speech of the same readers that the identifier files under a code of its own: Nigerian Pidgin, colloquial Arabic.
_DIALECTS: Final = frozenset({"pcm", "arz", "ary"})
_KIN: Final = frozenset({
    "be", "bg", "mk", "sr", "ca", "gl", "oc", "an", "ext", "vec", "lij", "wa", "gcf", "gcr", "ht", "la", "eo", "br",
    "nl", "fy", "lb", "af", "da", "no", "nn", "cs", "sk",
})  # fmt: skip
_OURS: Final = frozenset({*LANGUAGES, *_DIALECTS})
_OURS_AND_KIN: Final = _OURS | _KIN
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "ARABIC")
# A script shows in three letters, a language does not; see the measurements in tests/models/test_languages.py.
_SHORTEST_SCRIPT: Final = 3
_SHORTEST: Final = 20
_KIN_UP_TO: Final = 60
_THRESHOLD: Final = 0.1
# The identifier's time grows with the text, its certainty does not beyond some hundred letters.
_READ: Final = 400

_NOT_LANGUAGE: Final = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+")
_loading: Final = threading.Lock()


def is_supported(text: str) -> bool:
    """Whether a text is in the languages and scripts that the model was made for, as far as can be told.

    Links, mentions and hashtags do not count. A text without letters, or too short to tell, is supported.
    """
    words = _words(text)
    letters = {letter: count for letter, count in Counter(words).items() if letter.isalpha()}
    total = sum(letters.values())
    if total < _SHORTEST_SCRIPT:
        return True
    if 2 * sum(count for letter, count in letters.items() if _is_of_our_scripts(letter)) < total:
        return False
    if total < _SHORTEST:
        return True
    ours = _OURS_AND_KIN if total < _KIN_UP_TO else _OURS
    # Mostly the likeliest language alone decides, and all of them need not be put in order.
    likeliest, share = _identifier().classify(words)
    if likeliest in ours and share >= _THRESHOLD:
        return True
    return sum(share for code, share in _rank(words) if code in ours) >= _THRESHOLD


def guess(text: str) -> str | None:
    """The likeliest of our languages, as an ISO 639-1 code; None for a text that is too short to tell."""
    words = _words(text)
    if sum(letter.isalpha() for letter in words) < _SHORTEST:
        return None
    return next(code for code, _ in _rank(words) if code in LANGUAGES)


def prepare() -> None:
    """Load the identifier now (half a second, 80 MB), rather than at the first text."""
    _identifier()


def _words(text: str) -> str:
    return _NOT_LANGUAGE.sub(" ", text[: 2 * _READ])[:_READ]


@cache
def _is_of_our_scripts(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(_SCRIPTS)


def _rank(words: str) -> list[tuple[str, float]]:
    """Every language that the identifier knows with its probability, the likeliest first."""
    ranked: list[tuple[str, float]] = _identifier().rank(words)
    return ranked


def _identifier() -> "LanguageIdentifier":
    with _loading:
        return _load()


@cache
def _load() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
