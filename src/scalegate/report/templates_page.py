# ruff: noqa: E501 (markup: a line break inside an element would show as a space)
"""The page: header, summary, what turns next, one section per framework, the lists at the end."""

from __future__ import annotations

PAGE = """
{%- import "parts" as p with context -%}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="scalegate {{ report.engine }}">
<title>{{ report.title }}, as of {{ instant }}</title>
<style>{{ style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="wrap">
<p class="kicker">Gate report</p>
<h1>{{ report.title }}</h1>
<dl class="facts">
<dt>As of</dt><dd>{{ instant }}</dd>
{% if report.generated_for %}<dt>For</dt><dd>{{ report.generated_for }}</dd>{% endif %}
<dt>Asked</dt><dd>{% for each in report.asked %}{{ each }}{% if not loop.last %}<br>{% endif %}{% endfor %}</dd>
<dt>Engine</dt><dd>scalegate {{ report.engine }}</dd>
</dl>
<p class="isnot"><strong>What this report is, and is not.</strong> It sets the evidence on record against the policies named and arranges the result so that others can check it. It makes no claim of safety or of compliance: not about a model, not about a policy, not about anyone who follows one. Acts in it are unsigned records.</p>
<nav class="contents" aria-label="Contents"><ul>
<li><a href="#summary">Summary</a></li>
<li><a href="#next">What turns next</a></li>
{% for view in report.policies %}<li><a href="#{{ view.anchor }}">{{ view.framework }}{% if many_subjects %}, {{ view.subject }}{% endif %}</a></li>
{% endfor -%}
<li><a href="#clocks">Clocks</a></li>
<li><a href="#evidence">Evidence</a></li>
<li><a href="#sources">Sources</a></li>
<li><a href="#glossary">Words</a></li>
</ul></nav>
</div></header>
<main id="main" class="wrap" tabindex="-1">
<section aria-labelledby="summary">
<h2 id="summary">Summary</h2>
{% for table in report.summaries %}
<div class="scroll" role="region" tabindex="0" aria-label="Gates of {{ table.subject }}">
<table class="gates">
<caption>Gates of {{ table.subject }}, by policy</caption>
{% set heads, rows = table.shown %}
<thead><tr><th scope="col">{{ "Policy" if table.is_turned else "Gate" }}</th>{% for name in heads %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for name, cells in rows -%}
<tr><th scope="row">{{ name }}</th>
{%- for cell in cells -%}
<td>{% if cell.word %}{{ p.word(cell.word) }}<span class="cell-note"><a href="#{{ cell.anchor }}">{% if cell.word.word != "NOT GOVERNED" %}fixed by {% endif %}{{ cell.because | short(110) }}</a>{% if cell.turn %}<br>{{ cell.turn }}{% endif %}</span>{% else %}<span class="muted">not asked</span>{% endif %}</td>
{%- endfor -%}
</tr>
{% else -%}
<tr><th scope="row">none</th>{% for name in table.frameworks %}<td>no gate was asked about</td>{% endfor %}</tr>
{% endfor -%}
</tbody>
</table></div>
{% endfor -%}
<p class="muted">Every policy is decided and shown apart. A gate at which a policy binds nothing is not open under it: the policy is silent there.</p>
{% for subject, count, head in report.adverse -%}
<p class="muted">Register of adverse records for {{ subject }}: {{ count }} record{{ '' if count == 1 else 's' }}{% if head %}, head <code>{{ head }}</code>{% endif %}.</p>
{% endfor -%}
</section>
<section aria-labelledby="next">
<h2 id="next">What turns next</h2>
{% if report.expiries %}
<div class="scroll" role="region" tabindex="0" aria-label="What turns next">
<table>
<caption>What turns by itself, with nothing new on record, earliest first</caption>
<thead><tr><th scope="col">Day</th><th scope="col">From now</th><th scope="col">What</th></tr></thead>
<tbody>
{% for each in report.expiries -%}
<tr><th scope="row">{{ each.day }}</th><td>{{ each.distance }}</td><td><a href="#{{ each.anchor }}">{{ each.what }}</a></td></tr>
{% endfor -%}
</tbody></table></div>
{% else %}<p>Nothing on record turns by itself after {{ instant }}.</p>{% endif %}
</section>
{% for view in report.policies %}{% include "policy" %}{% endfor %}
{% include "lists" %}
</main>
<footer><div class="wrap">
<p>Made by scalegate {{ report.engine }} from records as they stood on {{ instant }}. The same records and policies give the same bytes.</p>
</div></footer>
</body>
</html>
"""

LISTS = """
{%- import "parts" as p with context -%}
<section aria-labelledby="clocks">
<h2 id="clocks">Clocks</h2>
{% if report.clocks %}
<div class="scroll" role="region" tabindex="0" aria-label="Clocks">
<table class="wide">
<caption>Duties, where their windows stand</caption>
<thead><tr><th scope="col" class="broad">Duty</th><th scope="col">State</th><th scope="col">Started</th><th scope="col">Due</th><th scope="col">Owed to</th><th scope="col">Source</th></tr></thead>
<tbody>
{% for c in report.clocks -%}
<tr><th scope="row">{{ c.duty }}<span class="cell-note">{{ c.statement }}</span><span class="cell-note">starts on: {{ c.starts_on }} ({{ c.started_by }})</span><span class="cell-note">{{ c.framework }}, {{ c.subject }}; strength of the verb: {{ c.modality | replace("_", " ") }}</span></th>
<td>{{ p.word(c.state) }}</td>
<td>{{ c.started }}</td>
<td>{{ c.due }}{% if c.distance %}<span class="cell-note">{{ c.distance }}</span>{% endif %}</td>
<td>{{ c.to | join("; ") or "–" }}{% if c.must_contain %}<span class="cell-note">must contain: {{ c.must_contain | join("; ") }}</span>{% endif %}</td>
<td>{% if c.source %}{{ p.source(c.source) }}{% else %}–{% endif %}</td></tr>
{% endfor -%}
</tbody></table></div>
{% else %}<p>No duty with a clock is on record for what was asked.</p>{% endif %}
</section>
<section aria-labelledby="evidence">
<h2 id="evidence">Evidence</h2>
{% if report.evidence %}
<div class="scroll" role="region" tabindex="0" aria-label="Evidence">
<table class="wide">
<caption>Evidence that some finding, safeguard or fact rests on, with its validity flags</caption>
<thead><tr><th scope="col">Id and digest</th><th scope="col">Kind</th><th scope="col">Observed</th><th scope="col">Validity flags</th><th scope="col">Source</th><th scope="col">Used for</th></tr></thead>
<tbody>
{% for e in report.evidence -%}
<tr id="{{ e.anchor }}"><th scope="row">{{ e.id }}<span class="cell-note"><code>{{ e.digest }}</code></span></th>
<td>{{ e.kind }}</td><td>{{ e.observed }}</td>
<td>{% if e.flags %}<ul>{% for name, count in e.flags %}<li>{{ name | replace("_", " ") }}: {{ count }}</li>{% endfor %}</ul>{% if e.samples %}<span class="cell-note">such as {{ e.samples | join(", ") }}</span>{% endif %}{% else %}none{% endif %}</td>
<td>{% if e.source %}{{ p.source(e.source) }}{% else %}the log itself{% endif %}</td>
<td>{{ e.used_for | join("; ") }}</td></tr>
{% endfor -%}
</tbody></table></div>
{% else %}<p>No evidence is on record for what was asked.</p>{% endif %}
</section>
<section aria-labelledby="sources">
<h2 id="sources">Sources</h2>
<p class="muted">Places cited, in the order in which this report first cites them. Addresses are the publishers' own.</p>
{% if report.sources %}<ol class="sources">
{% for s in report.sources -%}
<li id="{{ s.anchor }}">{{ s.label }}{% if s.url %}<br>{% if s.linked %}<a href="{{ s.url }}" rel="noopener noreferrer"><code>{{ s.url }}</code></a>{% else %}<code>{{ s.url }}</code>{% endif %}{% endif %}</li>
{% endfor -%}
</ol>{% else %}<p>Nothing is cited.</p>{% endif %}
</section>
<section aria-labelledby="glossary">
<h2 id="glossary">Words</h2>
<div class="scroll" role="region" tabindex="0" aria-label="Words">
<table>
<caption>State words and what they mean</caption>
<thead><tr><th scope="col">Of</th><th scope="col">Word</th><th scope="col">Meaning</th></tr></thead>
<tbody>
{% for group, words in glossary -%}
{% for w in words -%}
<tr><td>{{ group }}</td><th scope="row">{{ p.word(w) }}</th><td>{{ w.meaning }}</td></tr>
{% endfor -%}
{% endfor -%}
</tbody></table></div>
</section>
"""
