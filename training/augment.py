"""What is done to training sentences: neutral copies of those that take a side, and noise on some.

A copy has another country's name, or is told as someone's words.
Counterfactual augmentation (Kaushik, Hovy & Lipton 2020, "Learning the difference that makes a difference with
counterfactually-augmented data"): who acts, and who speaks, decides the label, while all other words stay. Copies are
made of the training split only, and no teacher is asked about them, since it would repeat the error to be mended.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from training.dataset import Example
from training.testbeds.noise import noisy

SWAPPED: Final = "name swap"
REPORTED: Final = "reported"
# What stands in a copy's register.
AUGMENTED: Final = frozenset({SWAPPED, REPORTED})


@dataclass(frozen=True, slots=True)
class _Country:
    name: str
    adjective: str
    people: str
    capital: str
    government: str
    leader: str


_COUNTRIES: Final = (
    _Country("Turkey", "Turkish", "Turks", "Ankara", "the Turkish presidency", "Erdogan"),
    _Country("Brazil", "Brazilian", "Brazilians", "Brasilia", "the Brazilian government", "Lula"),
    _Country("China", "Chinese", "Chinese", "Beijing", "the Chinese leadership", "Xi"),
    _Country("India", "Indian", "Indians", "New Delhi", "the Indian government", "Modi"),
    _Country("France", "French", "French", "Paris", "the French government", "Macron"),
    _Country("Rwanda", "Rwandan", "Rwandans", "Kigali", "the Rwandan government", "Kagame"),
    _Country("Iran", "Iranian", "Iranians", "Tehran", "the Iranian leadership", "Khamenei"),
)
_NAMES: Final = re.compile(
    r"\b(?P<leader>(?:President |Vladimir )*Putin)\b|\b(?P<government>(?:[Tt]he )?Kremlin)\b|\b(?P<people>Russians)\b|"
    r"\b(?P<adjective>Russian)\b|\b(?P<name>Russia)\b|\b(?P<capital>Moscow)\b",
)
# With any of them left, a sentence may still speak of Russia, or lean on what only Russia did.
_TELLING: Final = re.compile(
    r"russ|putin|kreml|mosc|soviet|ussr|wagner|afri\w* corps|prigozhin|lavrov|peskov|medvedev|shoigu|zakharova|gazprom|"
    r"rosatom|rosneft|lukoil|sputnik|\brt\b|tass\b|\bfsb\b|\bgru\b|\bkgb\b|\bsvr\b|novichok|skripal|navalny|crimea|"
    r"donb|donets|luhans|lugans|bucha|mariupol|zaporiz|kherson|izium|\bz\b|\borcs?\b|ruzz|rash|vatnik|special military|"
    r"smo\b|denazif|minsk|nord ?stream|transnistria|ossetia|abkhazia|georgia|chechn|kadyrov|grozny|syria|assad|siberia|"
    r"petersburg|rubles?\b|roubles?\b|kursk|belgorod|nuland|maidan|azov|bandera|kiev regime|nazi|slav|orthodox|1991|"
    r"duma\b|khrushchev|stalin|lenin|tsar|yanukov",
    re.IGNORECASE,
)
# Own voice into reported: who says it is named before it or after it.
_REPORTS: Final[dict[str, tuple[str, ...]]] = {
    "en": ('"{}", an analyst said.', 'A lawmaker told reporters: "{}"', '"{}", one resident wrote.', 'He wrote: "{}"'),
    "ru": ("«{}», — сказал эксперт.", "Депутат заявил: «{}»", "«{}», — написал один из подписчиков."),
    "uk": ("«{}», — сказав експерт.", "Депутат заявив: «{}»", "«{}», — написав один із дописувачів."),
    "fr": ("« {} », a déclaré un analyste.", "Un député a dit : « {} »", "« {} », écrit un habitant."),
    "de": ("„{}“, sagte ein Analyst.", "Ein Abgeordneter sagte: „{}“", "„{}“, schrieb eine Leserin."),
    "es": ("«{}», dijo un analista.", "Un diputado declaró: «{}»", "«{}», escribió un vecino."),
    "it": ("«{}», ha detto un analista.", "Un deputato ha dichiarato: «{}»", "«{}», scrive una lettrice."),
    "pt": ("“{}”, disse um analista.", "Um deputado declarou: “{}”", "“{}”, escreveu uma leitora."),
    "pl": ("„{}” – powiedział ekspert.", "Poseł oświadczył: „{}”", "„{}” – napisała czytelniczka."),
    "ar": ("قال محلل: «{}»", "وصرح نائب: «{}»", "وكتب أحد السكان: «{}»"),
}
# The noises that no normalisation undoes; typing errors are of more kinds, and rarer in the corpus, than the others.
_ROUGH: Final = ("typing errors", "typing errors", "all lower case", "mentions and hashtags")
_QUOTES: Final = frozenset("\"'“”„«»‘")


def augmented(examples: Sequence[Example], name_swaps: float, reported: float, seed: int) -> list[Example]:
    """The examples, and behind them neutral copies of some that take a side.

    Args:
        examples: the training split.
        name_swaps: share, in [0, 1], of the sentences whose name of Russia can be swapped that are copied so.
        reported: share, in [0, 1], of the sentences that can be put in quotation marks that are copied so.
        seed: of the choice.
    """
    chooser = random.Random(seed)
    copies = []
    for example in examples:
        if example.label == "neutral":
            continue
        for share, register, change in ((name_swaps, SWAPPED, _swapped), (reported, REPORTED, _told)):
            # Drawn for every sentence, so that one share does not move what the other chooses.
            chosen, which = chooser.random() < share, chooser.random()
            text = change(example, which) if chosen else None
            if text is not None:
                copies.append(replace(example, text=text, label="neutral", register=register))
    return [*examples, *copies]


def roughened(examples: Sequence[Example], noise: float, seed: int) -> list[Example]:
    """The examples in their order, some of them with typing errors, without capitals, or with mentions and hashtags.

    Args:
        examples: the training split.
        noise: share, in [0, 1], of the examples that are changed.
        seed: of the choice.
    """
    chooser = random.Random(seed)
    return [
        replace(example, text=noisy(kind, example.text)) if chosen < noise else example
        for example in examples
        for chosen, kind in [(chooser.random(), chooser.choice(_ROUGH))]
    ]


def _swapped(example: Example, which: float) -> str | None:
    """The English text with every name of Russia swapped; None where something else in it still tells of Russia."""
    if (example.lang or "en") != "en":
        return None
    country = _COUNTRIES[int(which * len(_COUNTRIES))]
    text, names = _NAMES.subn(lambda found: _name(country, found), example.text)
    others = (country.name, country.adjective, country.capital, country.leader)
    if not names or _TELLING.search(text) or any(other in example.text for other in others):
        return None
    return re.sub(r"\b([Aa])n? (?=[A-Z])", lambda found: _article(found, text), text)


def _name(country: _Country, found: re.Match[str]) -> str:
    name = str(getattr(country, str(found.lastgroup)))
    begins = found.start() == 0 or found[0].startswith("The ")
    return name[0].upper() + name[1:] if begins else name


def _article(found: re.Match[str], text: str) -> str:
    noun = text[found.end() :]
    if not noun.startswith(tuple(country.adjective for country in _COUNTRIES)):
        return found[0]
    return found[1] + ("n " if noun[0] in "AEIO" else " ")


def _told(example: Example, which: float) -> str | None:
    """The text as someone's words; None where it quotes already, or has the marks of a post or a dangling end."""
    text, frames = example.text.strip(), _REPORTS.get(example.lang or "en", ())
    if not frames or not text.endswith((".", "!", "؟")) or text.endswith("..") or _QUOTES & set(text) or "@" in text:
        return None
    return frames[int(which * len(frames))].format(text[:-1] if text.endswith(".") else text)
