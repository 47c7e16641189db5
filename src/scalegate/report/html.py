"""Render a report as one HTML file: no script, no address is loaded, the same bytes every time.

1. Every value passes `plain` (no control or direction characters, bounded length) and is escaped;
   only the templates of this room make markup.
2. Only plain `http` and `https` addresses are linked (`cite`); all are shown as text.
3. Everything can be read without scripts; disclosures are native, and paper shows them open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.report.model import Report
from scalegate.report.style import style_sheet
from scalegate.report.templates_page import LISTS, PAGE
from scalegate.report.templates_parts import PARTS
from scalegate.report.templates_policy import GATE, LADDER, POLICY, WORK
from scalegate.report.words import glossary, part_word

LONGEST_TEXT = 4_000
"""More characters of one value than this are cut."""
MOST_SETS = 4
"""More sets of work than this are counted, not shown."""


def render_html(report: Report) -> str:
    """Return the report as one self-contained HTML document."""
    page = _environment().get_template("page")
    text = page.render(
        report=report,
        instant=format_instant(report.as_of),
        style=Markup(style_sheet()),  # noqa: S704 (a constant of this room)
        glossary=glossary(),
        many_subjects=len(report.summaries) > 1,
    )
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


@cache
def _environment() -> Environment:
    found = environment(
        {
            "page": PAGE,
            "lists": LISTS,
            "parts": PARTS,
            "policy": POLICY,
            "ladder": LADDER,
            "gate": '{%- from "work" import opening -%}' + GATE,
            "work": WORK,
        }
    )
    found.filters.update(short=_short, capitalised=_capitalised, sentence=_sentence)
    found.globals.update(part_word=part_word, most_sets=MOST_SETS)
    return found


def environment(templates: Mapping[str, str]) -> Environment:
    """Return an environment for templates of this room: each value is there, and harmless."""
    return Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _harmless(value: object) -> object:
    """Pass every value that is not markup of ours through `plain`."""
    if isinstance(value, Markup):
        return value
    return plain(value, limit=LONGEST_TEXT)


def _capitalised(value: str) -> str:
    return value[:1].upper() + value[1:].rstrip(".")


def _sentence(parts: Iterable[str]) -> str:
    """Join what is said, each thing once, as one sentence."""
    said = dict.fromkeys(part.strip().rstrip(".;") for part in parts)
    joined = "; ".join(part for part in said if part)
    return f"{joined}." if joined else ""


def _short(value: object, limit: int) -> str:
    return plain(value, limit=limit)
