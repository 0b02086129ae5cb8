"""New styles to teach, each made from the corpus by a rule that leaves the label as it is.

*Code words* stand for names, as people use them who are watched. *Dodged words* are spelt so as to pass a filter, in
lower case, without stops, and shortened. What is taught comes from English sentences of the validation and calibration
splits, which no model is trained on; what is tested on may also come from the test split.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

from training.dataset import Example
from training.slices import LabelledRow

Rules = tuple[tuple[str, str], ...]
# One of the first rules must apply: a sentence that does not name Russia says nothing new.
_CODE_RUSSIA: Final[Rules] = (
    (r"(?:\b(?:[Tt]he|[Aa]) )?\b(?:Kremlin|Russian Federation|Moscow|Russia)\b", "the Tower"),
    (r"\b(?:the )?Wagner(?: Group| mercenaries| fighters| men)?\b|\bAfrica Corps\b", "the orchestra"),
    (r"\b(?:Vladimir )?Putin\b", "the Keeper"),
    (r"\bRussians\b", "Towermen"),
    (r"\bRussian\b", "Tower"),
)
_CODE_OTHERS: Final[Rules] = (
    (r"(?:\b[Tt]he )?\bUkraine\b", "the Orchard"),
    (r"\bUkrainians\b", "orchardists"),
    (r"\bUkrainian\b", "Orchard"),
    (r"\b(?:Kyiv|Kiev)\b", "the Gate"),
    (r"\b(?:Volodymyr )?Zelensk(?:y|yy|iy)\b", "the Gardener"),
    (r"\bNATO\b", "the Club"),
)
_DODGED_RUSSIA: Final[Rules] = (
    (r"russia", "ru$$1a"),
    (r"kremlin", "kr3ml1n"),
    (r"moscow", "m0sc0w"),
    (r"putin", "put1n"),
    (r"wagner", "w@gner"),
)
_DODGED_OTHERS: Final[Rules] = (
    (r"ukrain", "ukr@1n"),
    (r"zelensk(?:yy|iy|y)", "z3lensky"),
    (r"\bnato\b", "n@t0"),
    (r"\bk(?:yi|ie)v\b", "ky1v"),
    (r"\bkilled\b", "unalived"),
    (r"\bkilling", "unaliving"),
    (r"\bkill", "unalive"),
    (r"\bwar\b", "w@r"),
    (r"\battack", "att@ck"),
    (r"\binva(?=sion|de)", "inv@"),
    (r"\bsanction", "s@nction"),
    (r"\bpropaganda", "prop@g@nda"),
    (r"\bmissile", "m1ss1le"),
    (r"\bcrime", "cr1me"),
    (r"\bbomb", "b0mb"),
    (r"\btroops", "tr00ps"),
    (r"\bsoldier", "s0ld1er"),
    (r"\bweapon", "we@pon"),
    (r"\bterror", "t3rror"),
    (r"\bdeath", "d3ath"),
    (r"[.,;:'’\"“”]", ""),
    (r"\b(?:the|a|an) ", ""),
    (r"\band\b", "&"),
    (r"\bwith\b", "w/"),
    (r"\bfor\b", "4"),
    (r"\bto\b", "2"),
)
TAUGHT: Final = ("validation", "calibration")
TESTED: Final = ("test",)


def code_worded(text: str) -> str | None:
    """The sentence with code words in the place of names; None where it does not name Russia."""
    found = _replaced(text, _CODE_RUSSIA)
    if found == text:
        return None
    found = _replaced(found, _CODE_OTHERS)
    return found[:1].upper() + found[1:] if found[:1].islower() else found


def dodged(text: str) -> str | None:
    """The sentence as spelt to pass a filter; None where it does not name Russia."""
    lower = text.lower()
    found = _replaced(lower, _DODGED_RUSSIA)
    return None if found == lower else _replaced(found, _DODGED_OTHERS)


STYLES: Final[dict[str, Callable[[str], str | None]]] = {"code-words": code_worded, "dodged-words": dodged}


def restyled(examples: Sequence[Example], style: str, splits: Collection[str]) -> list[LabelledRow]:
    """The English sentences of these splits that name Russia, in the style; labels stay as they are."""
    english = [item for item in examples if item.split in splits and item.lang in ("", "en")]
    found = [(STYLES[style](item.text), item.label) for item in english]
    return [LabelledRow(text, label, {}) for text, label in found if text is not None]


def _replaced(text: str, rules: Rules) -> str:
    for pattern, word in rules:
        text = re.sub(pattern, word, text)
    return text
