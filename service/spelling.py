"""Which known name a misspelt one was meant to be."""

import difflib
from collections.abc import Iterable


def meant(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: what it was perhaps meant to be, or else which names there are."""
    choices = sorted(known)
    near = difflib.get_close_matches(name, choices, 1)
    return f"is {near[0]} meant?" if near else f"there are {', '.join(choices) or 'none'}."
