"""The tokenizer of a model: the base's own, with our normalisation and a smaller vocabulary built in.

What is built in here, every reader of ``tokenizer.json`` applies: our classifier, the Hugging Face pipeline.
"""

import json
from itertools import dropwhile
from pathlib import Path
from typing import Final

from models.errors import BaseModelError
from training.lookalikes import LOOKALIKE_REWRITES
from training.vocabulary import kept_pieces, trim_tokenizer

# Invisible characters and bidirectional controls carry no stance, but split words into pieces never seen in training.
_INVISIBLE: Final = (
    r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"  # the engine takes longer numbers as characters only
)
# Signs that point, list or decorate, as pins, arrows, clocks and cameras do. Faces, hands, hearts, flags and flames may
# tell a side, and stay.
_DECORATION: Final = (
    "[\u2022\u2190-\u21ff\u25a0-\u25ff\u2794-\u27bf\u2b00-\u2b1b\U0001f4cc-\U0001f4ce\U0001f517\U0001f9f5"
    "\U0001f4f0\U0001f5de\U0001f4f7-\U0001f4fa\U0001f3a5\U0001f50d\U0001f50e\U0001f550-\U0001f567\U0001f534-\U0001f53d]"
)
_REWRITES: Final[tuple[tuple[str, str], ...]] = (
    (_INVISIBLE, ""),
    (r"<[A-Za-z/!][^<>]{0,200}>", " "),
    (r"&amp;", "&"),
    (r"&(?:nbsp|#160|#xa0);", " "),
    (r"&(?:quot|#34|#x22|#8220|#8221|ldquo|rdquo|bdquo);", '"'),
    (r"&(?:apos|#39|#x27|#8216|#8217|#x2019|lsquo|rsquo);", "'"),
    (r"&(?:laquo|#171);", "«"),
    (r"&(?:raquo|#187);", "»"),
    (r"&(?:ndash|mdash|#8211|#8212|#x2013|#x2014);", "–"),
    (r"&(?:hellip|#8230|#x2026);", "..."),
    (r"&lt;", "<"),
    (r"&gt;", ">"),
    (r"(?:https?://|www\.)\S+", "http"),
    (r"@\w{2,}", "@user"),
    (r"\A(?:\s*@user[\s,:]+)+", ""),
    (r"(?:@user[\s,]+){2,}", "@user "),
    (_DECORATION, " "),
    (r"(?<=!!!)!+|(?<=\?\?\?)\?+|(?<=\.\.\.)\.+", ""),
    # What stands before the first word and behind the last sign of a sentence.
    (r"\A[\s.,*…–—-]+(?=\S)", ""),
    (r"(?<=[.!?…])[\s.,!?…]+\z|[\s,]+\z", ""),
    *LOOKALIKE_REWRITES,
)


def build_tokenizer(base: Path, folder: Path, vocabulary_size: int | None) -> list[int] | None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json`` of a model into the folder.

    Args:
        base: Hugging Face folder with a ``tokenizer.json``.
        folder: where to write.
        vocabulary_size: keep at most so many pieces; None keeps all.

    Returns:
        The old ids of the kept pieces in their new order, or None where all were kept.

    Raises:
        BaseModelError: the vocabulary cannot be trimmed.
    """
    source = base / "tokenizer.json"
    content = json.loads(source.read_text(encoding="utf-8"))
    keep = None
    if vocabulary_size is not None and vocabulary_size < len(content["model"].get("vocab", ())):
        keep = kept_pieces(source, vocabulary_size)
        content = trim_tokenizer(source, keep)
    content["normalizer"] = with_rewrites(content.get("normalizer"))
    # A token that is normalised, too, would become what our rewrites make of its name: "<unk>", a tag, a blank.
    for token in content["added_tokens"]:
        token["normalized"] = False
    content["truncation"] = content["padding"] = None
    (folder / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), "utf-8")
    settings = json.loads((base / "tokenizer_config.json").read_text(encoding="utf-8"))
    # The generic class loads tokenizer.json as it is; a model's own class may build its normaliser anew.
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    settings.pop("added_tokens_decoder", None)
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    return keep


def with_rewrites(normalizer: dict[str, object] | None) -> dict[str, object]:
    """Our rewrites, then whatever the base's own normaliser does; applied once, however often it is called."""
    ours = [{"type": "Replace", "pattern": {"Regex": pattern}, "content": to} for pattern, to in _REWRITES]
    theirs: list[object] = []
    if normalizer:
        parts = normalizer["normalizers"] if normalizer["type"] == "Sequence" else [normalizer]
        if not isinstance(parts, list):
            raise BaseModelError("tokenizer.json has a Sequence normaliser without its parts")
        theirs = [part for part in parts if part not in ours]
    return {"type": "Sequence", "normalizers": [*ours, *theirs]}


def without_rewrites(normalizer: dict[str, object]) -> dict[str, object]:
    """A normaliser of :func:`with_rewrites` without our rewrites: the base's own."""
    parts = normalizer["normalizers"]
    if not isinstance(parts, list):
        raise BaseModelError("tokenizer.json has a Sequence normaliser without its parts")
    theirs = list(dropwhile(lambda part: part["type"] == "Replace", parts))  # ours come first, also of an older version
    return {"type": "Sequence", "normalizers": theirs}
