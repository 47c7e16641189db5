# ruff: noqa: E501 (markup: a line break inside an element would show as a space)
"""Pieces of the page that several sections use: words, sources, reasons, charts."""

from __future__ import annotations

PARTS = """
{%- macro word(w, big=False) -%}
<span class="word tone-{{ w.tone }}{% if big %} big{% endif %}"><span class="sign" aria-hidden="true">{{ w.symbol }}</span> {{ w.word }}</span>
{%- if w.qualifier %} <span class="qualifier">{{ w.qualifier }}</span>{% endif %}
{%- endmacro -%}

{%- macro source(s) -%}
<span class="cite"><a href="#{{ s.anchor }}">{{ s.label }} [{{ s.number }}]</a></span>
{%- endmacro -%}

{%- macro evidence(ids) -%}
{%- for id in ids -%}
{%- set place = report.anchors.get(id) -%}
{%- if place %}<a href="#{{ place }}"><code>{{ id }}</code></a>{% else %}<code>{{ id }}</code>{% endif -%}
{%- if not loop.last %}, {% endif -%}
{%- endfor -%}
{%- endmacro -%}

{%- macro reason(node) -%}
{%- if node.holds is not none %}{% set w = part_word(holds=node.holds) %}<span class="word tone-{{ w.tone }}"><span class="sign" aria-hidden="true">{{ w.symbol }}</span> {{ w.word }}</span> {% endif -%}
{{ node.text }}
{%- if node.citation %} <span class="cite">({{ node.citation }})</span>{% endif -%}
{%- if node.evidence %} <span class="cite">evidence: {{ evidence(node.evidence) }}</span>{% endif -%}
{%- endmacro -%}

{%- macro why(nodes, depth=0) -%}
<ul{% if depth == 0 %} class="why"{% endif %}>
{% for node in nodes -%}
<li{% if not node.children %} class="leafy"{% endif %}>
{%- if node.same_as -%}
<span class="leaf">{{ reason(node) }} <a class="cite" href="#{{ node.same_as }}">parts shown above</a></span>
{%- elif node.children and depth < 40 -%}
<details id="{{ node.anchor }}"{% if depth < 1 %} open{% endif %}><summary>{{ reason(node) }}</summary>
{{ why(node.children, depth + 1) }}</details>
{%- else -%}
<span class="leaf">{{ reason(node) }}</span>
{%- endif -%}
</li>
{% endfor -%}
</ul>
{%- endmacro -%}

{%- macro chart(c) -%}
<figure>
<svg viewBox="0 0 {{ c.width }} {{ c.height }}" role="img" aria-labelledby="{{ c.anchor }}-title {{ c.anchor }}-desc">
<title id="{{ c.anchor }}-title">{{ c.title }}</title>
<desc id="{{ c.anchor }}-desc">{{ c.description }}</desc>
<defs><pattern id="{{ c.anchor }}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>
{% for x, text in c.ticks -%}
<line class="axis" x1="{{ x }}" x2="{{ x }}" y1="{{ c.axis_y }}" y2="{{ c.axis_y + 5 }}"/><text class="small" x="{{ x }}" y="{{ c.axis_y + 18 }}" text-anchor="{% if x < 30 %}start{% elif x > 450 %}end{% else %}middle{% endif %}">{{ text }}</text>
{% endfor -%}
<line class="axis" x1="8" x2="472" y1="{{ c.axis_y }}" y2="{{ c.axis_y }}"/>
<text class="small" x="472" y="{{ c.axis_y + 34 }}" text-anchor="end">{{ c.axis }}</text>
{% for b in c.bars -%}
<text class="label" x="8" y="{{ b.y + 14 }}">{{ b.label | short(36) }}</text>
<text class="label tone-{{ b.state.tone }}" x="472" y="{{ b.y + 14 }}" text-anchor="end">{{ b.state.symbol }} {{ b.state.word }}</text>
<rect class="track" x="8" y="{{ b.y + 20 }}" width="464" height="18"/>
{% if b.danger_start is not none -%}
<rect class="danger" x="{{ b.danger_start }}" y="{{ b.y + 20 }}" width="{{ b.danger_end - b.danger_start }}" height="18"/>
<rect fill="url(#{{ c.anchor }}-hatch)" x="{{ b.danger_start }}" y="{{ b.y + 20 }}" width="{{ b.danger_end - b.danger_start }}" height="18" opacity=".45"/>
{% endif -%}
{% if b.start is not none -%}
<rect class="bar" x="{{ b.start }}" y="{{ b.y + 26 }}" width="{{ [b.end - b.start, 1.5] | max }}" height="6"/>
{% if b.open_right %}<path class="bar" d="M{{ b.end - 9 }} {{ b.y + 22 }}L{{ b.end }} {{ b.y + 29 }}L{{ b.end - 9 }} {{ b.y + 36 }}Z"/>{% endif -%}
{% if b.open_left %}<path class="bar" d="M{{ b.start + 9 }} {{ b.y + 22 }}L{{ b.start }} {{ b.y + 29 }}L{{ b.start + 9 }} {{ b.y + 36 }}Z"/>{% endif -%}
{% endif -%}
{% if b.effective is not none and b.effective != b.line -%}
<line class="effective" x1="{{ b.effective }}" x2="{{ b.effective }}" y1="{{ b.y + 17 }}" y2="{{ b.y + 41 }}"/>
{% endif -%}
{% if b.line is not none -%}
<line class="line" x1="{{ b.line }}" x2="{{ b.line }}" y1="{{ b.y + 17 }}" y2="{{ b.y + 41 }}"/>
{% endif -%}
{% if b.point is not none %}<circle class="point" cx="{{ b.point }}" cy="{{ b.y + 29 }}" r="4.5"/>{% endif -%}
<text class="small" x="8" y="{{ b.y + 54 }}">{{ b.caption | short(78) }}</text>
{% endfor -%}
</svg>
<figcaption>{{ c.title }}</figcaption>
</figure>
{%- endmacro -%}

{%- macro named_list(title, items) -%}
{% if items %}<h5>{{ title }}</h5><ul>{% for each in items %}<li>{{ each }}</li>{% endfor %}</ul>{% endif %}
{%- endmacro -%}
"""
