from __future__ import annotations

import math
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalegate.base.canonical import canonical_bytes, digest_of, sha256_hex
from scalegate.base.citation import Citation
from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain


def test_canonical_bytes_sort_keys_and_drop_spaces() -> None:
    assert canonical_bytes({"b": [1, 1.0, True], "a": None}) == b'{"a":null,"b":[1,1,true]}'


def test_the_order_of_keys_does_not_change_a_digest() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_the_digest_of_nothing_is_the_published_one() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, {1: 2}, {"a": object()}, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(FormatError, match="no canonical form"):
        canonical_bytes(value)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\x1b]8;;http://evil\x07link", "\ufffd]8;;http://evil\ufffdlink"),
        ("a\u202eb", "a\ufffdb"),
        ("a\u200bb", "a\ufffdb"),
        ("two\nlines\tand\rmore", "two lines and more"),
        (42, "42"),
    ],
)
def test_hostile_text_becomes_harmless(hostile: object, shown: str) -> None:
    assert plain(hostile) == shown


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert plain("x" * 10, limit=10) == "x" * 10
    assert plain("x" * 11, limit=10) == "x" * 9 + "…"


@given(st.text(max_size=300))
def test_shown_text_is_bounded_and_has_no_control_character(text: str) -> None:
    shown = plain(text, limit=50)
    assert len(shown) <= 50
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_a_citation_says_document_section_and_page() -> None:
    assert str(Citation(document="RSP 2.2", section="3.1", page="5")) == "RSP 2.2, §3.1, p. 5"
    assert str(Citation(document="Card", section="Appendix A")) == "Card, Appendix A"
    assert str(Citation(document="Card")) == "Card"


def test_a_citation_leaves_out_what_it_does_not_have() -> None:
    cited = Citation(document="Card", page="5", url="https://example.org/card")
    assert cited.to_mapping() == {
        "document": "Card",
        "page": "5",
        "url": "https://example.org/card",
    }
