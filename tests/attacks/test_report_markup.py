"""Text from outside never becomes markup, a link to a script, or a sign that hides itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.report.cite import is_linkable
from scalegate.report.html import LONGEST_TEXT, render_html
from tests.strategies.page import Element, read_page
from tests.strategies.report_case import URL, report_case

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"' onmouseover='alert(1)' x=\"",
    "end of style": "</style></title></desc></textarea><img src=x onerror=alert(1)>",
    "template": "{{ 7*7 }}{% for x in y %}{{ report.__class__ }}",
    "comment": "--><!-- <svg/onload=alert(1)>",
    "entity": "&lt;script&gt;&#60;b&#62;",
}
HIDDEN = (
    "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07 "
    "\u202egnp.exe\u2066 \u200bz\x00\x9b"
)

REPORT = report_case().report()
BASE = read_page(render_html(REPORT))
TAGS = {element.tag for element in BASE.walk()}
ATTRIBUTES = {name for element in BASE.walk() for name in element.attributes}


def assert_no_new_markup(page: Element) -> None:
    for element in page.walk():
        assert element.tag in TAGS, element.tag
        assert set(element.attributes) <= ATTRIBUTES, element.attributes


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_text_of_documents_stays_text(payload: str) -> None:
    page = read_page(render_html(report_case(payload).report()))
    assert_no_new_markup(page)
    assert [element.tag for element in page.walk()] == [element.tag for element in BASE.walk()]
    assert payload in page.text


def replaced(value: Any, payload: str) -> Any:
    """Put a payload in place of every text of a value, however deep."""
    if isinstance(value, Enum | datetime | bool | int | float) or value is None:
        return value
    if isinstance(value, str):
        return payload if value else value
    if isinstance(value, tuple | list | frozenset):
        return type(value)(replaced(each, payload) for each in value)
    if isinstance(value, Mapping):
        return {replaced(key, payload): replaced(each, payload) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: replaced(getattr(value, f.name), payload)
                   for f in dataclasses.fields(value)}  # fmt: skip
        return dataclasses.replace(value, **changes)
    return value


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_no_field_of_a_report_can_carry_markup(payload: str) -> None:
    """Even the fields that this program fills itself: ids, tones, addresses."""
    report = report_case().report()
    report = dataclasses.replace(report, sources=(), policies=tuple(
        dataclasses.replace(view, source_linked=False) for view in report.policies
    ))  # fmt: skip
    assert_no_new_markup(read_page(render_html(replaced(report, payload))))


def test_no_control_or_direction_character_reaches_the_page() -> None:
    report = replaced(report_case().report(), HIDDEN)
    text = render_html(dataclasses.replace(report, sources=()))
    assert not set(text) & set("\x1b\x07\x00\x9b\u202e\u2066\u200b")
    assert "\ufffd[31mred" in text


def test_a_long_text_is_cut() -> None:
    report = dataclasses.replace(report_case().report(), generated_for="x" * (3 * LONGEST_TEXT))
    text = render_html(report)
    assert "x" * (LONGEST_TEXT - 1) + "…" in text
    assert "x" * LONGEST_TEXT not in text


REFUSED = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example/x",
    "/local",
    "",
    "https://",
    "https://user@evil.example/",
    "https://good.example@evil.example/",
    "https://good.example\\@evil.example/",
    'https://a.example/"onclick="x',
    "https://a.example/\u202egnp.exe",
    "https://a.example/ x",
    "https://ex\u0430mple.org/",
    "https://a.example/\n",
    "http:evil",
    "https:///evil.example",
]


@pytest.mark.parametrize("url", REFUSED)
def test_only_plain_web_addresses_are_linked(url: str) -> None:
    assert not is_linkable(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://example.org/a?b=c&d=%20#e", "https://a.example:8443/x(1).pdf"],
)
def test_plain_web_addresses_are_linked(url: str) -> None:
    assert is_linkable(url)


@pytest.mark.parametrize("url", [url for url in REFUSED if url.strip() and "\n" not in url])
def test_a_refused_address_is_shown_and_not_linked(url: str) -> None:
    page = read_page(render_html(report_case(url=url).report()))
    hrefs = {element.attributes["href"] for element in page.all("a")}
    outside = {href for href in hrefs if not href.startswith("#")}
    assert outside == {"https://example.org/other", URL}


@settings(max_examples=25)
@given(st.text(min_size=1, max_size=60))
def test_no_text_at_all_makes_markup(text: str) -> None:
    report = dataclasses.replace(REPORT, title=text, generated_for=text, asked=(text,), engine=text)
    page = read_page(render_html(report))
    assert [element.tag for element in page.walk()] == [element.tag for element in BASE.walk()]
