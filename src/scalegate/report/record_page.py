# ruff: noqa: E501 (markup: a line break inside an element would show as a space)
"""Render a published record: an index of its entries, and a page for each that is shown.

By the rules and in the style of the report: no script, nothing is loaded, every value harmless and
escaped, the same bytes every time. What a statement says is shown as JSON in ASCII, so that no
hidden direction mark is shown as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from scalegate.ledger.statements import Predicate, short_type
from scalegate.ledger.trust import Vouched
from scalegate.report.html import environment
from scalegate.report.style import style_sheet

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title }}</title>
<style>{{ style }}</style>
</head>
<body>
<header class="top"><div class="wrap">
<p class="kicker">Published record</p>
<h1>{{ title }}</h1>
"""
_INDEX = (
    _HEAD
    + """<p class="isnot">This page was written by whoever keeps the record. What it shows can be checked from the files beside it, with the first trust document got elsewhere. It does not say that what was recorded is true or complete, and decisions were not computed anew for it.</p>
<dl class="facts">
<dt>Entries</dt><dd>{{ index.size }}, of which {{ index.withheld }} are withheld</dd>
<dt>Root</dt><dd><code>{{ index.root }}</code></dd>
<dt>Cosigned by</dt><dd>{{ index.cosigned | join(", ") or "no witness" }}</dd>
<dt>Signed head</dt><dd><a href="{{ index.checkpoint }}">checkpoint</a></dd>
</dl>
</div></header>
<main class="wrap">
<table><thead><tr><th>Entry</th><th>Kind</th><th>About</th><th>Envelope</th></tr></thead><tbody>
{% for row in index.rows %}
<tr><td>{{ row.index }}</td><td>{{ row.kind }}</td><td>{{ row.about }}</td><td>{% if row.page %}<a href="{{ row.page }}">shown</a>{% else %}withheld{% endif %}</td></tr>
{% endfor %}
</tbody></table>
{% if index.parts %}
<h2>Withheld inside statements that are shown</h2>
<table><thead><tr><th>Entry</th><th>Name</th><th>How much</th><th>Why</th><th>Opened</th><th>Refused when asked for</th></tr></thead><tbody>
{% for part in index.parts %}
<tr><td>{{ part.index }}</td><td>{{ part.name }}</td><td>{{ part.count }}</td><td>{{ part.reason }}</td><td>{{ part.opened }}</td><td>{{ part.refused }}</td></tr>
{% endfor %}
</tbody></table>
{% endif %}
{% if index.demands %}
<h2>What auditors drew</h2>
<ul>{% for demand in index.demands %}<li>{{ demand }}</li>{% endfor %}</ul>
{% endif %}
</main>
</body></html>
"""
)
_ENTRY = (
    _HEAD
    + """<p><a href="../index.html">All entries</a>. <a href="../{{ envelope }}">Signed envelope</a>.</p>
<p>Signed by {{ signers | join(", ") }} as {{ role.name }} ({{ role.threshold }} needed).</p>
{% if decision %}
<p>{{ decision[0] }} under {{ decision[1] }}: <strong>{{ decision[2] }}</strong>, as of {{ decision[3] }}.</p>
{% endif %}
</div></header>
<main class="wrap">
<pre style="white-space:pre-wrap;overflow-wrap:anywhere">{{ said }}</pre>
</main>
</body></html>
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry in the index."""

    index: int
    kind: str
    about: str
    """What it is about."""
    page: str = ""
    """Address of its page; empty where its envelope is withheld."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One field or list that a statement withholds."""

    index: int
    """The entry that withholds it."""
    name: str
    count: str
    """`a field`, or how many items."""
    reason: str
    opened: int
    """How many items, or whether the field, were opened."""
    refused: int
    """How many items were asked for and refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordIndex:
    """What the index page shows."""

    origin: str
    size: int
    """Entries in the log."""
    root: str
    """Root of its tree, in hexadecimal."""
    cosigned: tuple[str, ...]
    """Names of the witnesses that cosigned."""
    withheld: int
    checkpoint: str
    """Address of the signed head."""
    rows: Sequence[EntryRow]
    parts: Sequence[PartRow] = ()
    """What is withheld inside statements that are shown."""
    demands: Sequence[str] = ()
    """What auditors drew, in words."""


def render_index(index: RecordIndex) -> str:
    """Return the index as one HTML document."""
    return _rendered("index", title=f"Record {index.origin}", index=index)


def render_entry(place: int, vouched: Vouched, *, envelope: str) -> str:
    """Return one entry as one HTML document.

    Args:
        place: where it stands in the log.
        vouched: what it says, and who signed it.
        envelope: address of its envelope, from the root of the site.
    """
    statement = vouched.statement
    return _rendered(
        "entry",
        title=f"Entry {place}: {short_type(statement.predicate_type)}",
        signers=[each.owner or each.key_id[:16] for each in vouched.signers],
        role=vouched.role,
        decision=_decision(statement.kind, statement.predicate),
        said=Markup(escape(json.dumps(statement.predicate, indent=2, sort_keys=True))),  # noqa: S704 (escaped)
        envelope=envelope,
    )


def _decision(kind: Predicate | None, said: Mapping[str, Any]) -> tuple[str, ...]:
    if kind is not Predicate.GATE_DECISION:
        return ()
    return tuple(str(said.get(each, "")) for each in ("gate", "framework", "effect", "asOf"))


def _rendered(template: str, **values: Any) -> str:
    style = Markup(style_sheet())  # noqa: S704 (a constant of this room)
    return _environment().get_template(template).render(style=style, **values) + "\n"


@cache
def _environment() -> Environment:
    return environment({"index": _INDEX, "entry": _ENTRY})
