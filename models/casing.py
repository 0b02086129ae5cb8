"""Capitals as prose has them, whatever a post or a headline makes of them: those for emphasis carry no stance.

The vocabulary cuts shouted words and small-letter names into pieces hardly seen (``rus-sia``, ``mos-co-w``), and
what the model knows of them is lost. Every character stays one character, so that offsets stay.
"""

import re
from typing import Final

# A text is shouted with so many capitals, and such a share of them among its letters that have a case. An acronym and a
# short name are not.
_FEWEST_CAPITALS: Final = 12
_SHOUTED: Final = 0.7

# Only the beginning of a name is mended, so that endings stay: "russians", "украине".
_BEGINNINGS: Final = (
    *(
        "Russia",
        "Putin",
        "Kremlin",
        "Moscow",
        "Ukrain",
        "Kyiv",
        "Kiev",
        "Wagner",
        "Crimea",
        "Donbas",
        "Zelensk",
        "Nazi",
    ),
    *("Poutine", "Russie", "Russland", "Rusia", "Ucrania", "Syria"),
    *("Росси", "Путин", "Украин", "Украї", "Кремл", "Москв", "Крым", "Донбас", "Зеленск", "Киев", "Київ", "Росі"),
)
# No word of our languages looks like them in small letters, as "un", "eu" and "usa" do.
_WHOLE: Final = ("NATO", "НАТО", "США")
_MENDED: Final = (
    {name.lower(): name for name in (*_BEGINNINGS, *_WHOLE)}
    | {name.upper(): name for name in _BEGINNINGS}
)  # fmt: skip
_NAMES: Final = re.compile(
    r"\b(?:(?:" + "|".join(name.lower() for name in _BEGINNINGS) + ")"
    "|(?:" + "|".join([*map(str.upper, _BEGINNINGS), *map(str.lower, _WHOLE)]) + r")\b)"
)


def cased(text: str) -> str:
    """The text in small letters if it is mostly in capitals, and the names of those it may be about with a capital.

    Args:
        text: as its author wrote it.

    Returns:
        A text of the same length.
    """
    large = sum(map(str.isupper, text))
    if large >= _FEWEST_CAPITALS and large >= _SHOUTED * (large + sum(map(str.islower, text))):
        text = _in_small_letters(text)
    return _NAMES.sub(lambda name: _MENDED[name[0]], text)


def _in_small_letters(text: str) -> str:
    small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    start = next((place for place, letter in enumerate(text) if letter.isupper()), 0)
    return small[:start] + text[start] + small[start + 1 :]
