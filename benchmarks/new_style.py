"""A new style to teach, made from the corpus by a rule: code words in the place of names, as people use them who are
watched. Taken are English sentences of the validation and calibration splits, which no model is trained on."""

import re
from typing import Final

from training.dataset import Example
from training.slices import LabelledRow

# The first group must occur: a sentence without it says nothing new.
_RUSSIA: Final = (
    (r"(?:\b(?:[Tt]he|[Aa]) )?\b(?:Kremlin|Russian Federation|Moscow|Russia)\b", "the Tower"),
    (r"\b(?:the )?Wagner(?: Group| mercenaries| fighters| men)?\b|\bAfrica Corps\b", "the orchestra"),
    (r"\b(?:Vladimir )?Putin\b", "the Keeper"),
    (r"\bRussians\b", "Towermen"),
    (r"\bRussian\b", "Tower"),
)
_OTHERS: Final = (
    (r"(?:\b[Tt]he )?\bUkraine\b", "the Orchard"),
    (r"\bUkrainians\b", "orchardists"),
    (r"\bUkrainian\b", "Orchard"),
    (r"\b(?:Kyiv|Kiev)\b", "the Gate"),
    (r"\b(?:Volodymyr )?Zelensk(?:y|yy|iy)\b", "the Gardener"),
    (r"\bNATO\b", "the Club"),
)


def code_worded(examples: list[Example]) -> list[LabelledRow]:
    """The held-back English sentences that name Russia, with code words for the names; labels stay as they are."""
    found = []
    for item in examples:
        if item.split not in ("validation", "calibration") or item.lang not in ("", "en"):
            continue
        text = _replaced(item.text, _RUSSIA)
        if text != item.text:
            found.append(LabelledRow(_replaced(text, _OTHERS), item.label, {}))
    return found


def _replaced(text: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, word in rules:
        text = re.sub(pattern, word, text)
    return text[:1].upper() + text[1:] if text[:1].islower() else text
