"""What a text has to be before anything reads it."""

from models.errors import TextError


def checked(text: object, index: int = 0) -> str:
    """The text, with every NUL turned into a space (some tools read it as the end), so that offsets stay.

    Args:
        text: what the caller sent.
        index: its position in the caller's list, for the error.

    Raises:
        TextError: it is not a string, or has lone surrogates, which are no characters.
    """
    if not isinstance(text, str):
        raise TextError(f"Text {index} is of type {type(text).__name__}; give a string.", index)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TextError(
            f"Text {index} has a lone surrogate at character {error.start}; decode it from its bytes with "
            'errors="replace".',
            index,
        ) from None
    return text.replace("\0", " ")
