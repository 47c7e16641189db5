# ruff: noqa: E501 (markup: a line break inside an element would show as a space)
"""Render an arranged comparison as one HTML file, by the rules and in the style of the report.

No script, no address is loaded, the same bytes every time; disclosures are native, and paper shows
them open. A direction is a word and a symbol, never a colour alone.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from scalegate.report.cite import is_linkable
from scalegate.report.difference import DifferenceView, element_words
from scalegate.report.difference_text import (
    HEADS,
    VERDICTS,
    capitalised,
    counted,
    heirs_text,
    summary,
)
from scalegate.report.html import environment
from scalegate.report.style import style_sheet

_SIGNS = {
    "loosened": ("hold", "▼", "looser"),
    "tightened": ("open", "▲", "stricter"),
    "changed": ("limit", "◆", "changed"),
    "equivalent": ("none", "=", "the same"),
    "incomparable": ("limit", "▼▲", "looser and stricter"),
    "undecided": ("unknown", "?", "undecided"),
}
"""Per direction or verdict: tone, symbol, word."""

PAGE = """
{%- macro sign(name) -%}
{%- set found = signs[name] -%}
<span class="word tone-{{ found[0] }}"><span class="sign" aria-hidden="true">{{ found[1] }}</span> {{ found[2] }}</span>
{%- endmacro -%}
{%- macro code(text) -%}
{%- for part in text.split("`") -%}{% if loop.index0 % 2 %}<code>{{ part }}</code>{% else %}{{ part }}{% endif %}{%- endfor -%}
{%- endmacro -%}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="scalegate {{ engine }}">
<title>{{ view.heads[0].name }} to {{ view.heads[1].name }}: what the revision loosened</title>
<style>{{ style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="wrap">
<p class="kicker">Difference of two policies</p>
<h1>{{ view.heads[0].name }} to {{ view.heads[1].name }}</h1>
<p class="headline">{{ sign(view.verdict.value) }} <span>{{ verdict }}</span></p>
<dl class="facts">
{% for head in view.heads -%}
<dt>{{ "Older" if loop.first else "Newer" }}</dt><dd>{{ head.title }}, in force from {{ head.effective_on }}{% if linkable(head.url) %}, <a href="{{ head.url }}" rel="noopener noreferrer">text as published</a>{% endif %}<br><code>{{ head.digest }}</code></dd>
{% endfor -%}
<dt>Engine</dt><dd>scalegate {{ engine }}</dd>
</dl>
<p class="isnot"><strong>What this page is, and is not.</strong> Both policies are compared over all situations, as they are written down in the two files named by digest. It says what the written commitments do; it makes no claim about what a lab does, nor of safety or of compliance.</p>
<nav class="contents" aria-label="Contents"><ul>
<li><a href="#short">In short</a></li>
<li><a href="#gates">Gates</a></li>
{% for change, views in view.clauses.items() if views %}<li><a href="#{{ change.value }}">{{ heads[change] }} ({{ views | length }})</a></li>
{% endfor -%}
<li><a href="#elements">No gate shows it</a></li>
{% if view.unmatched %}<li><a href="#unmatched">Without a match</a></li>{% endif %}
{% if view.past %}<li><a href="#past">Past decisions</a></li>{% endif %}
<li><a href="#bridge">Bridge</a></li>
<li><a href="#words">Words</a></li>
</ul></nav>
</div></header>
<main id="main" class="wrap" tabindex="-1">
<section aria-labelledby="short">
<h2 id="short">In short</h2>
<ul>{% for line in summary(view) %}<li>{{ line }}</li>
{% endfor %}</ul>
</section>
<section aria-labelledby="gates">
<h2 id="gates">At the gates</h2>
<div class="scroll" role="region" tabindex="0" aria-label="Gates">
<table>
<caption>Among the rows that decide, per effect: the newer policy against the older</caption>
<thead><tr><th scope="col">Gate</th><th scope="col">To begin</th><th scope="col">To go on</th></tr></thead>
<tbody>
{% for gate in view.gates | map(attribute="gate") | unique -%}
<tr><th scope="row">{{ gate }}</th>{% for ask in ("start", "continue") -%}<td>{% for row in view.gates if row.gate == gate and row.ask == ask %}{% for cell in row.cells %}{{ sign(cell.verdict.value) }} <span class="qualifier">{{ cell.cut }}{% if cell.certainty %}, {{ cell.certainty }}{% endif %}</span>{% if cell.refused %}<span class="cell-note">{{ cell.refused }}</span>{% endif %}<br>{% endfor %}{% else %}<span class="muted">nothing to compare</span>{% endfor %}</td>{%- endfor %}</tr>
{% endfor -%}
</tbody></table></div>
</section>
{% for change, views in view.clauses.items() if views %}
<section aria-labelledby="{{ change.value }}">
<h2 id="{{ change.value }}">{{ heads[change] }} commitments</h2>
{% set own = view.short_names[0] if change.value == "loosened" else view.short_names[1] -%}
{% set other = view.short_names[1] if change.value == "loosened" else view.short_names[0] -%}
{% for each in views %}
<article class="card edge-{{ signs[change.value][0] }}" aria-labelledby="{{ change.value }}-{{ loop.index }}">
<h3 id="{{ change.value }}-{{ loop.index }}">{{ sign(change.value) }} <code>{{ each.id }}</code>{% if each.certainty %} <span class="qualifier">{{ each.certainty }}</span>{% endif %}</h3>
<p>{{ own }}: {{ each.statement }} <span class="cite">({{ each.verb }}; {{ each.cite }})</span></p>
<p>{{ other }}: {{ code(heirs(each)) }}.</p>
<p class="muted">{{ each.gates | join(", ") }}{% if each.strength %}; seen among rows that say <code>{{ each.strength }}</code> or stronger{% endif %}</p>
{% for family in each.families -%}
{% set said = family.said -%}
{% if loop.index == 3 %}<details class="fold"><summary>{{ counted(each.families | length - 2, "more kind") }} of situation</summary>{% endif %}
<div class="set">
<p><strong>{{ code(capitalised(said.situation or "in every situation")) }}</strong>{% if family.count > 1 %} <span class="qualifier">{{ counted(family.count, "situation") }}</span>{% endif %}</p>
<p>{{ code(said.holds) }}; {{ code(said.instead) }}.</p>
{% if said.left %}<p>What is left: {{ code(said.left) }}.</p>{% endif %}
{% if said.unless %}<p>Unless shown: {{ code(said.unless) }}.</p>{% endif %}
{% if said.reach %}<p class="muted">How far: {{ code(said.reach) }}.</p>{% endif %}
{% for place in family.alternatives if place | length > 3 %}<details><summary>All {{ place | length }} that may stand there</summary><ul>{% for text in place %}<li>{{ code(text) }}</li>{% endfor %}</ul></details>{% endfor %}
</div>
{% if loop.last and loop.index > 2 %}</details>{% endif %}
{% endfor -%}
</article>
{% endfor %}
</section>
{% endfor %}
<section aria-labelledby="elements">
<h2 id="elements">What no gate shows</h2>
{% for change, elements in view.elements.items() if elements %}
<h3>{{ sign(change.value) }} {{ elements | length }}</h3>
<ul>{% for each in elements %}<li>{{ code(words(each)) }}</li>
{% endfor %}</ul>
{% else %}<p>Nothing.</p>{% endfor %}
</section>
{% if view.unmatched %}
<section aria-labelledby="unmatched">
<h2 id="unmatched">Without a match</h2>
<p>What only one policy has. An older commitment that depends on it counts as looser, a newer one as stricter; for ways out it is the other way round.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Without a match">
<table class="wide"><caption>Parts that only one policy has, with the commitments that depend on them</caption>
<thead><tr><th scope="col" class="broad">What</th><th scope="col">Only in</th><th scope="col">So they are</th><th scope="col">Commitments</th></tr></thead>
<tbody>
{% for each in view.unmatched -%}
<tr><th scope="row">{% for label in each.labels %}{{ code(label) }}{% if not loop.last %}<br>{% endif %}{% endfor %}</th><td>{{ each.policy }}</td><td>{{ sign(each.change.value) }}</td><td>{% for name in each.clauses %}<code>{{ name }}</code>{% if not loop.last %}, {% endif %}{% endfor %}</td></tr>
{% endfor -%}
</tbody></table></div>
</section>
{% endif %}
{% if view.past %}
<section aria-labelledby="past">
<h2 id="past">Past decisions</h2>
<p>{{ capitalised(view.past.summary) }}; {{ view.past.assumption }}.</p>
{% if view.past.changed %}
<div class="scroll" role="region" tabindex="0" aria-label="Past decisions">
<table class="wide"><caption>Decisions that would differ under the newer policy</caption>
<thead><tr><th scope="col">Day</th><th scope="col">Case</th><th scope="col">Gate</th><th scope="col">Then</th><th scope="col">Now</th><th scope="col" class="broad">By</th></tr></thead>
<tbody>
{% for each in view.past.changed -%}
<tr><th scope="row">{{ each.day }}</th><td><code>{{ each.case }}</code></td><td>{{ each.gate }}</td><td>{{ each.then }}</td><td>{{ each.here }}</td><td>{% for name in each.because %}<code>{{ name }}</code>{% if not loop.last %}, {% endif %}{% endfor %}{% if each.unknown %}<span class="cell-note">nothing is known of {{ each.unknown | join(", ") }}</span>{% endif %}</td></tr>
{% endfor -%}
</tbody></table></div>
{% endif %}
</section>
{% endif %}
<section aria-labelledby="bridge">
<h2 id="bridge">Bridge</h2>
{% if view.bridge %}
<p>{{ view.bridge.statement }} <span class="cite">Digest <code>{{ view.bridge.digest }}</code></span></p>
<details class="fold"><summary>{{ view.bridge.entries | length }} correspondences, each with its reason</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Correspondences">
<table class="wide"><caption>Which parts are the same, and which have no equal</caption>
<thead><tr><th scope="col">Kind</th><th scope="col">Older</th><th scope="col">Newer</th><th scope="col" class="broad">Why</th></tr></thead>
<tbody>
{% for entry in view.bridge.entries -%}
<tr><th scope="row">{{ entry.kind.value }}</th><td>{% for name in entry.old %}<code>{{ name }}</code>{% if not loop.last %}, {% endif %}{% else %}nothing{% endfor %}{% if entry.old_rest %}<span class="cell-note">beyond the match: {{ entry.old_rest }}</span>{% endif %}</td><td>{% for name in entry.new %}<code>{{ name }}</code>{% if not loop.last %}, {% endif %}{% else %}nothing{% endfor %}{% if entry.new_rest %}<span class="cell-note">beyond the match: {{ entry.new_rest }}</span>{% endif %}</td><td>{{ entry.reason }}{% if entry.cite %} <span class="cite">({{ entry.cite }})</span>{% endif %}</td></tr>
{% endfor -%}
</tbody></table></div></details>
{% for rival in view.bridge.rivals -%}
<div class="set apart"><h3>Rival <code>{{ rival.id }}</code></h3><p>Held by {{ rival.held_by }}. {{ rival.reason }}</p></div>
{% endfor -%}
{% for names, texts in view.only_under -%}
<h3>Possibly, only as {{ names | join(" and ") }} reads it</h3>
<ul>{% for text in texts %}<li>{{ code(text) }}</li>{% endfor %}</ul>
{% endfor -%}
{% else %}<p>None: parts are matched by their ids alone.</p>{% endif %}
</section>
<section aria-labelledby="words">
<h2 id="words">What the ids stand for</h2>
{% if view.words %}
<dl class="facts">
{% for word in view.words -%}
<dt><code>{{ word.id }}</code></dt><dd>{{ word.statement }} <span class="cite">({{ word.cite }})</span></dd>
{% endfor -%}
</dl>
{% else %}<p>No sentence names an id.</p>{% endif %}
</section>
</main>
<footer><div class="wrap">
<p>Made by scalegate {{ engine }}. The same two files and the same bridge give the same bytes. The list can be checked without a search: <code>scalegate diff {{ view.heads[0].name }} {{ view.heads[1].name }} --verify CERTIFICATE</code>.</p>
</div></footer>
</body>
</html>
"""


def render_difference(view: DifferenceView, *, engine: str) -> str:
    """Return the comparison as one self-contained HTML document."""
    text = (
        _environment()
        .get_template("difference")
        .render(
            view=view,
            engine=engine,
            verdict=VERDICTS[view.verdict],
            style=Markup(style_sheet()),  # noqa: S704 (a constant of this room)
        )
    )
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


@cache
def _environment() -> Environment:
    found = environment({"difference": PAGE})
    found.globals.update(
        signs=_SIGNS,
        heads=HEADS,
        heirs=heirs_text,
        summary=summary,
        words=element_words,
        linkable=is_linkable,
        capitalised=capitalised,
        counted=counted,
    )
    return found
