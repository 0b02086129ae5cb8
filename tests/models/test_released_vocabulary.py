"""The shipped vocabulary reads every language that it was trimmed to about as well as the full one."""

import json

import pytest
from tokenizers import Tokenizer

from models.directory import RELEASED
from models.languages import LANGUAGES
from tests.models.full_vocabulary import COUNTS, sample


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    return sample()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(RELEASED / "tokenizer.json"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_token_is_unknown(language: str, texts: dict[str, list[str]], tokenizer: Tokenizer) -> None:
    unknown = tokenizer.token_to_id("<unk>")
    assert [text for text in texts[language] if unknown in tokenizer.encode(text).ids] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_most_a_tenth_more_tokens_than_the_full_vocabulary(
    language: str, texts: dict[str, list[str]], tokenizer: Tokenizer
) -> None:
    full = json.loads(COUNTS.read_text("utf-8"))[language]
    ours = sum(len(tokenizer.encode(text).tokens) for text in texts[language])
    assert ours / full <= 1.1
