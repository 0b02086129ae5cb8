"""Noise that keeps the meaning: what keyboards, web pages, social media and people who dodge filters add to a text.

The typing errors follow Belinkov & Bisk 2018, "Synthetic and natural noise both break neural machine translation"; the
look-alikes are confusables of Unicode Technical Standard 39.
"""

import html
import random
from collections.abc import Callable
from typing import Final

from training.lookalikes import LOOKALIKES

Noise = Callable[[str, random.Random], str]

# One word in so many gets a typing error, one letter in so many an invisible character or a look-alike.
_WORDS_A_TYPO: Final = 8
_LETTERS_A_MARK: Final = 6
_SHORTEST_MISTYPED: Final = 4
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202c\u2066\u2069"
_CONFUSED: Final = {latin: cyrillic for cyrillic, latin in LOOKALIKES.items()}


def noisy(kind: str, text: str) -> str:
    """The text with one kind of noise of :data:`NOISES`; the same text always gets the same noise."""
    return NOISES[kind](text, random.Random(f"{kind}:{text}"))


def _typos(text: str, chooser: random.Random) -> str:
    words = text.split(" ")
    long = [
        place
        for place, word in enumerate(words)
        if len(word) >= _SHORTEST_MISTYPED and word.isalpha() and word.islower()
    ]
    for place in chooser.sample(long, min(len(long), max(1, len(words) // _WORDS_A_TYPO))):
        word = words[place]
        # The first and the last letter stay, as in most slips.
        at = chooser.randrange(1, len(word) - 2)
        words[place] = chooser.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
            )
        )
    return " ".join(words)


def _punctuation(text: str, chooser: random.Random) -> str:
    return chooser.choice(("", "- ", "... ", "* ")) + text + chooser.choice(("..", " !!", " ...", "!!!!", " .", ",,"))


def _html(text: str, chooser: random.Random) -> str:
    words = html.escape(text).replace("’", "&rsquo;").replace("—", "&mdash;").split(" ")
    place = chooser.randrange(len(words))
    tag = chooser.choice(("b", "i", "em", "strong", "span"))
    words[place] = f"<{tag}>{words[place]}</{tag}>"
    joined = " ".join(words[:-1]) + ("&nbsp;" if len(words) > 1 else "") + words[-1]
    return chooser.choice(('<p class="lead">{}</p>', "<div><p>{}</p></div>", "{}<br/>")).format(joined)


def _url(text: str, chooser: random.Random) -> str:
    code = "".join(chooser.choices("abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789", k=10))
    return f"{text} " + chooser.choice(
        (f"https://t.co/{code}", f"http://www.example.com/{code}?id=7", f"www.example.org/{code}")
    )


def _emoji(text: str, chooser: random.Random) -> str:
    # None that takes a side: no faces, hearts, flags, fists or flames.
    before, after = (chooser.choice(("📌", "📍", "🗞️", "➡️", "📷", "🔎", "🕐", "⬇️", "🧵", "🔗")) for _ in range(2))
    return chooser.choice((f"{before} {text}", f"{text} {after}", f"{before} {text} {after}"))


def _invisible(text: str, chooser: random.Random) -> str:
    return "".join(
        letter + (chooser.choice(_INVISIBLE) if letter.isalpha() and chooser.randrange(_LETTERS_A_MARK) == 0 else "")
        for letter in text
    )


def _lookalikes(text: str, chooser: random.Random) -> str:
    return "".join(
        _CONFUSED[letter] if letter in _CONFUSED and chooser.randrange(_LETTERS_A_MARK) == 0 else letter
        for letter in text
    )


def _mentions(text: str, chooser: random.Random) -> str:
    names = [
        "@" + "".join(chooser.choices("abcdefghiklmnoprstuvy", k=7)) + str(chooser.randrange(10, 99)) for _ in range(2)
    ]
    tag = chooser.choice(("#news", "#politics", "#world", "#thread", "#today"))
    return chooser.choice(
        (f"{names[0]} {text}", f"{' '.join(names)} {text}", f"{text} {tag}", f"{names[0]} {text} {tag}")
    )


def _spaces(text: str, chooser: random.Random) -> str:
    words = text.split(" ")
    gaps = [chooser.choice((" ", " ", "  ", "\n", "\t", "\u00a0", " \n ")) for _ in words]
    return "".join(word + gap for word, gap in zip(words, gaps, strict=True))


NOISES: Final[dict[str, Noise]] = {
    "typing errors": _typos,
    "all lower case": lambda text, _: text.lower(),
    "all upper case": lambda text, _: text.upper(),
    "added punctuation": _punctuation,
    "HTML": _html,
    "URL": _url,
    "emoji": _emoji,
    "invisible characters": _invisible,
    "look-alike letters": _lookalikes,
    "mentions and hashtags": _mentions,
    "white space": _spaces,
}
