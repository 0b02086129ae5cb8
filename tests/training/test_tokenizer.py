"""The tokenizer of a model: what is built into it, and what trimming its vocabulary costs."""

import json
import shutil
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from training.tokenizer import build_tokenizer, with_rewrites
from training.vocabulary import trim_tokenizer


@pytest.fixture
def built(tiny_base: Path, tmp_path: Path) -> Tokenizer:
    assert build_tokenizer(tiny_base, tmp_path, None) is None
    return Tokenizer.from_file(str(tmp_path / "tokenizer.json"))


@pytest.mark.parametrize(
    ("noisy", "plain"),
    [
        ("Rus\u200bsia\u202e left", "Russia left"),
        ("<p>Russia</p> left", " Russia  left"),
        ("war &amp; peace &quot;now&quot;", 'war & peace "now"'),
        ("see https://t.co/a?b=c now", "see http now"),
        ("@first @second: @third you said", "you said"),
        ("you @second @third said", "you @user said"),
        ("what?????? no!!!!! never", "what??? no!!! never"),
        ("- Russia left. !!", "Russia left."),
        ("... * Russia left!!!!", "Russia left!"),
        ("Russia left ,,", "Russia left"),
        ("U.S. and - 5 of them...", "U.S. and - 5 of them."),
        ("\U0001f4cc Russia \u27a1\ufe0f left \U0001f5de\ufe0f", "Russia left"),
        ("2 < 3 and a <- b", "2 < 3 and a <- b"),
        ("Rus\U000e0041sia\U000e01ef left", "Russia left"),
        ("&amp;quot;now&amp;quot; it&rsquo;s &laquo;war&raquo;", '"now" it\'s «war»'),
        ("war &mdash; peace&#8230;", "war – peace..."),
        ("Russiа invаdеd Сrimеа, not Ukraineаа", "Russia invaded Crimea, not Ukraineaa"),
        ("L'аrmée russе", "L'armée russe"),
    ],
)
def test_noise_is_rewritten(built: Tokenizer, noisy: str, plain: str) -> None:
    assert built.encode(noisy).ids == built.encode(plain.replace("  ", " ")).ids


def test_a_token_that_looks_like_a_tag_does_not_become_a_blank(tiny_base: Path, tmp_path: Path) -> None:
    base, folder = tmp_path / "base", tmp_path / "model"
    shutil.copytree(tiny_base, base)
    folder.mkdir()
    content = json.loads((base / "tokenizer.json").read_text("utf-8"))
    for token in content["added_tokens"]:
        token["normalized"] = token["content"] == "<unk>"  # as in all-mpnet-base-v2
    (base / "tokenizer.json").write_text(json.dumps(content), "utf-8")
    build_tokenizer(base, folder, None)
    plain, built = (Tokenizer.from_file(str(path / "tokenizer.json")) for path in (tiny_base, folder))
    assert built.encode("Russia left in March").ids == plain.encode("Russia left in March").ids


@pytest.mark.parametrize(
    "text",
    ["СВО, ВВС и НАТО", "HIMARSов и HIMARSы", "Xамас и Cевер", "сiрі очі, Украiна", "NATO-шники", "RT о США", "BВС"],
)
def test_cyrillic_words_stay_cyrillic(built: Tokenizer, text: str) -> None:
    assert built.normalizer.normalize_str(text) == text


def test_building_twice_changes_nothing(tiny_base: Path) -> None:
    once = with_rewrites(json.loads((tiny_base / "tokenizer.json").read_text("utf-8"))["normalizer"])
    assert with_rewrites(once) == once


def test_trimmed_pieces_keep_their_segmentation(tiny_base: Path) -> None:
    content = json.loads((tiny_base / "tokenizer.json").read_text("utf-8"))
    full = Tokenizer.from_file(str(tiny_base / "tokenizer.json"))
    keep = [0, 1, 2, 3, *range(4, len(content["model"]["vocab"]) // 2)]
    trimmed = Tokenizer.from_str(json.dumps(trim_tokenizer(tiny_base / "tokenizer.json", keep)))
    known = {content["model"]["vocab"][index][0] for index in keep}
    for text in ("Russia and the war", "The minister said on Tuesday"):
        if set(full.encode(text).tokens) <= known:
            assert trimmed.encode(text).tokens == full.encode(text).tokens
    assert trimmed.encode("Russia").ids[0] == 0
    assert trimmed.encode("Russia").ids[-1] == 2
