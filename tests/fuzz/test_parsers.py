"""A short fuzz of what reads other people's bytes; ``make fuzz`` is the long one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import parsers

PIECES = [
    b"text", b"label", b"id", b"critical", b"neutral", b"a", b"\xd0\xb6", b"\xf0\x9f\x8c\xbe", b" ", b"\n", b"\r",
    b'"', b'""', b",", b";", b"\t", b"{", b"}", b"[", b"]", b":", b"\0", b"\xef\xbb\xbf", b"\\ud800", b"\\u0000",
    b"1e5", b"-0", b"NaN", b"null", b".", b"?", b"Mr. ", b"\xe2\x80\xa8", b"\x1c", b"\x85", b"\xff", b"=1",
    b'{"text": "a", "label": "neutral"}', b'"text": ', b'"data": {', b'"annotations": [', b'"result": [',
    b'"value": {"choices": [',
]  # fmt: skip
FILES = st.builds(
    lambda kind, parts: bytes([kind]) + b"".join(parts),
    st.integers(0, 15),
    st.lists(st.sampled_from(PIECES), max_size=30),
)


@pytest.mark.parametrize("name", parsers.PARSERS)
def test_a_parser_keeps_its_word_whatever_it_reads(name: str) -> None:
    parse = parsers.PARSERS[name]

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.one_of(st.binary(max_size=64), FILES))
    def read(data: bytes) -> None:
        parse(data)

    read()
