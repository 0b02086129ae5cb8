"""The limits on texts: what is refused, in which words, and what a text counts in the queue."""

import math
from typing import Final

from models.errors import LimitExceeded
from service.settings import Settings

# A token has more characters than that in all ten languages, so that no text counts for less than it costs.
_CHARACTERS_A_TOKEN: Final = 3
# Beginning and end.
_SPECIAL_TOKENS: Final = 2


def check_length(text: str, name: str, limits: Settings) -> None:
    """Check the length of a text that is classified as one sentence.

    Args:
        text: the text.
        name: what the error calls it, such as ``texts[3]``.
        limits: the settings.

    Raises:
        LimitExceeded: it is too long.
    """
    if len(text) > limits.max_characters:
        raise LimitExceeded(
            f"{name} has {len(text)} characters; a text may have {limits.max_characters}. "
            "Send longer texts to /v1/document, which splits them into sentences."
        )


def tokens_of(text: str, most: int | None = None) -> int:
    """About how many tokens a text has, told from its length; that costs nothing, which tokenising would.

    Args:
        text: the text.
        most: tokens that the model reads of it; all when left out.
    """
    tokens = _SPECIAL_TOKENS + math.ceil(len(text) / _CHARACTERS_A_TOKEN)
    return tokens if most is None else min(tokens, most)
