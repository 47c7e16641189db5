"""The page can be read by everyone: WCAG 2.2 AA where a program can check it."""

from __future__ import annotations

import functools
import itertools
import re

import pytest

from scalegate.report.html import render_html
from scalegate.report.style import DARK, LIGHT, TONES, style_sheet
from tests.strategies.page import Element, read_page
from tests.strategies.report_case import report_case

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LOADING = ("script", "iframe", "img", "link", "object", "embed", "video", "audio", "base", "form")


@functools.cache
def page() -> Element:
    return read_page(render_html(report_case().report()))


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    brighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(colours: dict[str, str]) -> None:
    pairs = [(text, ground) for text in ("ink", "muted", "link") for ground in ("page", "surface")]
    pairs += [(tone, f"{tone}-tint") for tone in TONES]
    # In charts a state's word stands on the page or on a card.
    pairs += [(tone, ground) for tone in TONES for ground in ("page", "surface")]
    weak = [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    assert not weak


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_mark_of_a_chart_and_the_focus_stand_out(colours: dict[str, str]) -> None:
    pairs = [("bar", "surface"), ("bar", "danger"), ("danger-ink", "surface"), ("ink", "danger")]
    pairs += [("focus", "page"), ("focus", "surface"), ("danger-ink", "danger")]
    assert not [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 3]


def test_both_schemes_name_the_same_colours_and_the_style_sheet_uses_no_other() -> None:
    assert LIGHT.keys() == DARK.keys()
    style = style_sheet()
    rules = re.sub(r":root\{[^}]*\}", "", style)
    assert not re.findall(r"#[0-9a-f]{3,8}\b", rules)
    assert set(re.findall(r"var\(--([a-z-]+)", rules)) - {"step"} <= LIGHT.keys()


def test_paper_is_light_and_shows_what_is_folded() -> None:
    style = style_sheet()
    assert "@media screen and (prefers-color-scheme:dark)" in style
    assert "details::details-content" in style.split("@media print{\nhtml", 1)[1]
    assert "prefers-reduced-motion" in style
    assert "size:A4" in style


def test_the_page_names_its_language_title_and_landmarks() -> None:
    (root,) = page().all("html")
    assert root.attributes["lang"] == "en"
    assert page().all("head")[0].all("title")[0].text
    assert [len(page().all(tag)) for tag in ("main", "nav", "header", "footer")] == [1] * 4
    skip = page().all("a")[0]
    assert skip.attributes == {"class": "skip", "href": "#main"}
    assert page().all("nav")[0].attributes["aria-label"]


def test_headings_start_at_one_and_skip_no_level() -> None:
    levels = [int(element.tag[1]) for element in page().all(*HEADINGS)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    jumps = [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1]
    assert not jumps
    assert all(element.text for element in page().all(*HEADINGS))


def test_every_table_has_a_caption_and_every_header_a_scope() -> None:
    tables = page().all("table")
    assert len(tables) > 10
    for table in tables:
        assert table.children[0].tag == "caption"
        assert table.children[0].text
        assert all(cell.attributes.get("scope") in ("row", "col") for cell in table.all("th"))
        width = len(table.all("thead")[0].all("th"))
        rows = table.all("tbody")[0].all("tr")
        assert rows
        assert all(len(row.all("th", "td")) == width for row in rows), table.children[0].text


def test_every_chart_says_in_words_what_it_shows_and_has_a_table_beside_it() -> None:
    charts = page().all("svg")
    assert charts
    for chart in charts:
        named = {element.attributes["id"]: element for element in chart.all("title", "desc")}
        assert chart.attributes["role"] == "img"
        assert chart.attributes["aria-labelledby"].split() == list(named)
        assert all(element.text for element in named.values())
    text = page().text
    for bound in ("0.289 to 0.415", "0.6 share", "0.169"):
        assert bound in text


def test_ids_are_unique_and_every_inner_link_and_label_leads_somewhere() -> None:
    ids = [e.attributes["id"] for e in page().walk() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    targets = [a.attributes["href"][1:] for a in page().all("a") if a.attributes["href"][:1] == "#"]
    targets += [e.attributes["aria-labelledby"].split()[0] for e in page().walk()
                if "aria-labelledby" in e.attributes]  # fmt: skip
    assert set(targets) <= set(ids)


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name_of_its_own() -> None:
    regions = [e for e in page().walk() if "scroll" in e.attributes.get("class", "").split()]
    assert regions
    assert all(e.attributes["tabindex"] == "0" and e.attributes["role"] == "region"
               for e in regions)  # fmt: skip
    names = [e.attributes["aria-label"] for e in regions]
    assert len(names) == len(set(names))


def test_a_state_is_always_a_symbol_and_a_word() -> None:
    words = [e for e in page().walk() if "word" in e.attributes.get("class", "").split()]
    assert len(words) > 50
    for element in words:
        sign, word = element.parts[0], element.parts[1]
        assert isinstance(sign, Element)
        assert isinstance(word, str)
        assert sign.text
        assert word.strip()


def test_nothing_runs_and_nothing_is_loaded() -> None:
    assert not page().all(*LOADING)
    for element in page().walk():
        assert not [name for name in element.attributes if name.startswith("on")]
        assert not element.attributes.keys() & {"src", "srcset", "action", "data", "style"}
        if element.tag == "a" and not element.attributes["href"].startswith("#"):
            assert re.match("https?://", element.attributes["href"])
            assert "noopener" in element.attributes["rel"]
    style = page().all("style")[0].text
    assert "@import" not in style
    assert "url(" not in style
