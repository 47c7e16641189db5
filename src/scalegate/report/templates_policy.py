# ruff: noqa: E501 (markup: a line break inside an element would show as a space)
"""One framework on one subject: gates, ladders, safeguards, what is on record, notes."""

from __future__ import annotations

POLICY = """
{%- import "parts" as p with context -%}
<section aria-labelledby="{{ view.anchor }}">
<h2 class="policy" id="{{ view.anchor }}">{{ view.framework }} on {{ view.subject }}</h2>
<dl class="facts">
<dt>Policy</dt><dd>{{ view.title }} ({{ view.lab }}), {{ view.in_force }}</dd>
<dt>Text</dt><dd>{% if view.source_linked %}<a href="{{ view.source_url }}" rel="noopener noreferrer">{{ view.source_url }}</a>{% else %}{{ view.source_url }}{% endif %}</dd>
<dt>Digest</dt><dd><code>{{ view.digest }}</code> (policy document{% if view.indicator_sets %} with {{ view.indicator_sets | join(", ") }}{% endif %})</dd>
{% for name, rule in view.rules %}<dt>Reads {{ name }} as</dt><dd>{{ rule }}</dd>{% endfor %}
</dl>
<h3 id="{{ view.anchor }}-ladders">Where the model stands</h3>
<p class="muted">In the charts a bar spans the two one-sided bounds, with missing data completed cautiously; the circle is the point seen, the solid line the policy's line, the dashed line that line after allowances, the hatched side the crossed one. Only a bar that ends before the dashed line rules a level out. Readings that a mapping set aside are drawn too. The tables below the charts give the same numbers.</p>
{% for ladder in view.ladders %}{% include "ladder" %}{% endfor %}
<h3 id="{{ view.anchor }}-gates">Gates</h3>
{% for gate in view.gates %}{% include "gate" %}{% else %}<p>No gate was asked about under this policy.</p>{% endfor %}
<h3 id="{{ view.anchor }}-safeguards">Safeguards</h3>
{% if view.safeguards %}
<div class="scroll" role="region" tabindex="0" aria-label="Safeguards, {{ view.framework }}, {{ view.subject }}">
<table class="wide">
<caption>Safeguards of {{ view.framework }} on {{ view.subject }}</caption>
<thead><tr><th scope="col">Safeguard</th><th scope="col">State</th><th scope="col">Claimed</th><th scope="col" class="tight">Age</th><th scope="col">Expires</th><th scope="col">Surfaces</th><th scope="col" class="broad">Source and evidence</th></tr></thead>
<tbody>
{% for s in view.safeguards -%}
<tr><th scope="row">{{ s.native }}<span class="cell-note">{{ s.id }}, {{ s.family }}</span></th>
<td>{{ p.word(s.state) }}<span class="cell-note">{{ s.text or s.reasons }}</span>{% if s.withheld %}<span class="cell-note">rests on a withheld specification: asserted only</span>{% endif %}</td>
<td>{% if s.claimed %}{{ s.claimed }}{% if s.differs %}<span class="cell-note"><strong>≠ differs from the state derived</strong></span>{% endif %}{% else %}nothing claimed{% endif %}</td>
<td>{% if s.age %}{{ s.age }}<span class="cell-note">{{ s.observed }}</span>{% else %}–{% endif %}</td>
<td>{{ s.expires }}</td>
<td>{% if s.surfaces %}<ul>{% for name, own in s.surfaces %}<li>{{ name }}: {{ own.symbol }} {{ own.word }}</li>{% endfor %}</ul>{% else %}–{% endif %}</td>
<td>{{ p.source(s.source) }}{% if s.evidence %}<span class="cell-note">{{ p.evidence(s.evidence) }}</span>{% endif %}</td></tr>
{% endfor -%}
</tbody></table></div>
{% else %}<p>The policy names no safeguard.</p>{% endif %}
{% if view.named -%}
<details class="fold"><summary>Facts, acts, documents, substitutes, discretions and readings on record</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Named values, {{ view.framework }}, {{ view.subject }}">
<table class="wide">
<caption>What else a condition of {{ view.framework }} may ask about</caption>
<thead><tr><th scope="col">Kind</th><th scope="col">Name</th><th scope="col">Value</th><th scope="col">How it came about</th><th scope="col">Expires</th><th scope="col">Evidence</th></tr></thead>
<tbody>
{% for n in view.named -%}
<tr><td>{{ n.kind }}</td><th scope="row">{{ n.name }}</th><td>{{ n.value }}</td><td>{{ n.text }}</td><td>{{ n.expires }}</td><td>{{ p.evidence(n.evidence) or "–" }}</td></tr>
{% endfor -%}
</tbody></table></div></details>
{% endif -%}
{% if view.elicitation -%}
<details class="fold"><summary>What the policy asks of elicitation ({{ view.elicitation | length }})</summary>
<ul>{% for each in view.elicitation %}<li>{{ each }}</li>{% endfor %}</ul></details>
{% endif -%}
{% if view.unused -%}
<details class="fold"><summary>Evidence on record that was not used ({{ view.unused | length }})</summary>
<ul>{% for each in view.unused %}<li>{{ each }}</li>{% endfor %}</ul></details>
{% endif -%}
{% if view.notes or view.source_note -%}
<details class="fold"><summary>Notes of the encoder</summary>
<ul>{% if view.source_note %}<li>{{ view.source_note }}</li>{% endif %}{% for each in view.notes %}<li>{{ each }}</li>{% endfor %}</ul></details>
{% endif -%}
</section>
"""

LADDER = """
{%- import "parts" as p with context -%}
<h4>{{ ladder.native }}</h4>
{% if ladder.watch_list %}<p class="muted">Watched by the policy without a threshold. {{ p.source(ladder.source) }}</p>{% endif %}
{% if not ladder.rungs and not ladder.watch_list %}<p class="muted">No threshold in this domain. {{ p.source(ladder.source) }}</p>{% endif %}
{% if ladder.charts %}<div class="charts">{% for c in ladder.charts %}{{ p.chart(c) }}{% endfor %}</div>{% endif %}
{% if ladder.verdicts %}
<div class="scroll" role="region" tabindex="0" aria-label="Numbers, {{ ladder.native }}, {{ view.framework }}, {{ view.subject }}">
<table class="wide">
<caption>Each line of {{ ladder.native }} and what was measured against it</caption>
<thead><tr><th scope="col">Line</th><th scope="col">Verdict</th><th scope="col">Point</th><th scope="col">Bounds</th><th scope="col">Line at</th><th scope="col">After allowances</th><th scope="col" class="broad">How it came about</th></tr></thead>
<tbody>
{% for v in ladder.verdicts -%}
<tr><th scope="row">{{ v.indicator }}<span class="cell-note">{{ v.eval }}{% if v.reading %}; read as: {{ v.reading }}{% endif %}{% if not v.decides %}; does not decide{% endif %}</span></th>
<td>{{ p.word(v.verdict) }}</td>
<td>{{ v.point }}</td><td>{{ v.interval }}</td><td>{{ v.line }}</td><td>{{ v.effective }}</td>
<td>{{ v.units }}{% if v.details %}<span class="cell-note">{{ v.details | join("; ") }}</span>{% endif %}{% for each in v.allowances %}<span class="cell-note">allowance: {{ each }}</span>{% endfor %}{% if v.budget %}<span class="cell-note">error: {{ v.budget }}</span>{% endif %}</td></tr>
{% endfor -%}
</tbody></table></div>
{% endif %}
{% if ladder.rungs %}<ol class="rungs" reversed aria-label="Ladder of {{ ladder.native }}, highest first">
{% for r in ladder.rungs -%}
<li><div class="card edge-{{ r.level.tone }} step-{{ [r.height, 6] | min }}" id="{{ r.anchor }}">
<h5 class="headline"><span>{{ r.native }}{% if r.native != r.id %} <small>{{ r.id }}</small>{% endif %}</span> {{ p.word(r.level) }}{% for f in r.flags %} {{ p.word(f) }}{% endfor %}</h5>
<p>{{ [r.evidence, r.reasons, r.until] | sentence }}</p>
{% if r.judged %}<div class="scroll" role="region" tabindex="0" aria-label="Finding beside determinations, {{ r.id }}, {{ view.framework }}, {{ view.subject }}"><table>
<caption>Finding beside determinations: {{ r.id }}</caption>
<thead><tr><th scope="col">Who</th><th scope="col">Says</th><th scope="col">Grade</th><th scope="col">Because</th></tr></thead>
<tbody>
<tr><th scope="row">The engine, from the evidence</th><td>{{ p.word(r.own) }}</td><td>–</td><td>{{ r.text or r.reasons or "no reason recorded" }}</td></tr>
{% for j in r.judged -%}
<tr><th scope="row">{{ j.by }}<span class="cell-note">{{ j.act }}, {{ j.decided }}, unsigned</span></th>
<td>{{ p.word(j.level) }}{% if j.treated_as %}<span class="cell-note">treated as, by precaution</span>{% endif %}<span class="cell-note">{{ "counts" if j.counts else "shown beside the finding; does not fix the status" }}</span></td>
<td>{{ p.word(j.grade) }}</td>
<td>{{ j.statement }} {{ p.source(j.source) }}{% if j.cause %}<span class="cell-note">Why they differ: {{ j.cause }}</span>{% endif %}{% for d in j.dissent %}<span class="cell-note"><strong>Dissent:</strong> {{ d }}</span>{% endfor %}</td></tr>
{% endfor -%}
</tbody></table></div>
{% else %}<p>The engine, from the evidence: {{ p.word(r.own) }} {{ [r.text or r.reasons or "no reason recorded"] | sentence }} No determination is on record.</p>
{% endif -%}
<details class="fold"><summary>The threshold, its lines and their evidence</summary>
<p>{{ r.statement }} {{ p.source(r.source) }}</p>
{% if r.operational_test %}<p><strong>Test in the text:</strong> {{ r.operational_test }}</p>{% endif %}
{% if r.required %}<p><strong>What the text asks for at it:</strong> {{ r.required }}</p>{% endif %}
{% for m in r.missing %}<p>✖ planned and missing: {{ m }}</p>{% endfor %}
{% if r.concerns %}<p>⚑ adverse judgements on record: {{ p.evidence(r.concerns) }}</p>{% endif %}
{% if r.indicators %}<ul>{% for i in r.indicators -%}
<li><strong>{{ i.id }}</strong> {{ p.word(i.level) }}{% if i.alert %} ⚑ raises an alert{% endif %}<br>
{{ i.eval }} ({{ i.role }} line, {{ i.rule }}). {{ i.statement }} {{ p.source(i.source) }}<br>
{{ [i.text, i.reasons, i.until] | sentence }}
{%- if i.evidence %}<br><span class="cite">evidence: {{ p.evidence(i.evidence) }}</span>{% endif %}
{%- for m in i.mapped_because %}<br><span class="cite">bound to this line because: {{ m }}</span>{% endfor %}
{%- if i.ours %}<br><span class="cite">ours, not the policy's: {{ i.ours }}</span>{% endif %}
{%- if i.rests_on %}<details class="fold"><summary>What this verdict rests on</summary><ul>{% for t in i.rests_on %}<li>{{ t }}</li>{% endfor %}</ul></details>{% endif %}</li>
{% endfor %}</ul>{% else %}<p class="muted">No line is set for this threshold, so nothing can rule it out.</p>{% endif %}
</details>
</div></li>
{% endfor -%}
</ol>{% endif %}
"""

GATE = """
{%- import "parts" as p with context -%}
{%- set d = gate.decision -%}
<article class="card edge-{{ gate.word.tone }}" aria-labelledby="{{ gate.anchor }}">
<h4 class="headline" id="{{ gate.anchor }}"><span>{{ gate.gate }}, {{ gate.ask }}</span> {{ p.word(gate.word, big=True) }}</h4>
<p class="muted">{% if gate.word.word == "NOT GOVERNED" %}The policy says nothing here; that is not permission. {{ gate.summary | capitalised }}.{% else %}Fixed by {{ gate.summary }}.{% endif %}</p>
{% if gate.turn %}<p>↻ {{ gate.turn }}</p>{% endif %}
{% if d.limits %}<p>Limits: {% for key, value in d.limits | dictsort %}{{ key }}: {{ value }}{% if not loop.last %}; {% endif %}{% endfor %}.</p>{% endif %}
{{ p.named_list("Owed before, and not recorded as met", d.before) }}
{{ p.named_list("Owed", d.obligations) }}
{% if gate.orders -%}
<div class="scroll" role="region" tabindex="0" aria-label="Orders, {{ gate.gate }}, {{ gate.ask }}, {{ view.framework }}, {{ view.subject }}"><table>
<caption>Orders from outside the policy; never counted as its own hold</caption>
<thead><tr><th scope="col">Authority</th><th scope="col">Kind</th><th scope="col">Effect</th><th scope="col">Says</th><th scope="col">Review</th></tr></thead>
<tbody>{% for authority, kind, effect, statement, review in gate.orders %}<tr><th scope="row">{{ authority }}</th><td>{{ kind }}</td><td>{{ effect }}</td><td>{{ statement }}</td><td>{{ review }}</td></tr>{% endfor %}</tbody>
</table></div>
{% endif -%}
{% if gate.waivers -%}
<div class="scroll" role="region" tabindex="0" aria-label="Waivers, {{ gate.gate }}, {{ gate.ask }}, {{ view.framework }}, {{ view.subject }}"><table>
<caption>Recorded waivers; they open nothing, and the answer above stands</caption>
<thead><tr><th scope="col">By</th><th scope="col">Reason</th><th scope="col">Until</th><th scope="col">Entry of the log</th></tr></thead>
<tbody>{% for each in gate.waivers %}<tr><th scope="row">{{ each.by }}</th><td>{{ each.reason }}</td><td>{{ each.until }}{% if not each.is_in_force %} (ended: counts as none){% endif %}</td><td>{{ each.entry }}</td></tr>{% endfor %}</tbody>
</table></div>
{% endif -%}
{% if gate.clauses -%}
<div class="scroll" role="region" tabindex="0" aria-label="Clauses, {{ gate.gate }}, {{ gate.ask }}, {{ view.framework }}, {{ view.subject }}"><table>
<caption>Clauses that fix the answer</caption>
<thead><tr><th scope="col">Clause</th><th scope="col">What it says, paraphrased</th><th scope="col">Verb</th><th scope="col">Otherwise</th><th scope="col">Source</th></tr></thead>
<tbody>
{% for c in gate.clauses -%}
<tr><th scope="row">{{ c.id }}</th><td>{{ c.statement }}{% if c.binding_reason %}<span class="cell-note">{{ c.binding_reason }}</span>{% endif %}</td><td>{{ c.verb }}</td><td>{{ p.word(c.otherwise) }}</td><td>{{ p.source(c.source) }}</td></tr>
{% endfor -%}
</tbody></table></div>
{% endif -%}
{% if d.outcome.softened_by %}<p>Rests on a substitute or a discretion, beside the unmet requirement: {{ d.outcome.softened_by | join(", ") }}.</p>{% endif %}
<details class="fold"><summary>Why, down to the evidence</summary>{{ p.why([gate.why]) }}</details>
{% if gate.has_work and not d.is_open -%}
<h5>What would open it</h5>
{% if gate.work.count %}<p class="muted">{{ gate.work.count }} set{{ '' if gate.work.count == 1 else 's' }} of work. Doing exactly one opens the gate{% if d.orders %}, as far as the policy goes: no work lifts an order{% endif %}.</p>
{{ opening(gate.work, most_sets) }}
{% elif gate.work_limit %}<p>No set of work that was searched opens it.</p>
{% else %}<p>No set of work opens it as things stand.</p>{% endif %}
{% if gate.work_limit %}<p class="muted">The search has a limit: {{ gate.work_limit }}.</p>{% endif %}
{% if gate.judgement.count -%}
<div class="set apart"><h5>Only by judgement</h5>
<p class="muted">{{ gate.judgement.count }} further set{{ '' if gate.judgement.count == 1 else 's' }}. Not work alone: someone would have to sign for what is marked as judgement.</p>
{{ opening(gate.judgement, most_sets) }}
</div>
{% endif -%}
{% endif -%}
{% if gate.readings and not gate.readings_differ -%}
<p class="muted">Readings: the effect is the same under each of the {{ gate.readings | length }} combinations that no act has fixed.</p>
{% elif gate.readings -%}
<details class="fold"{% if d.depends_on_reading %} open{% endif %}><summary>Readings{% if d.depends_on_reading %}: the answer depends on one{% endif %}</summary>
<div class="scroll" role="region" tabindex="0" aria-label="Readings, {{ gate.gate }}, {{ gate.ask }}, {{ view.framework }}, {{ view.subject }}"><table>
<caption>The effect under each reading that no act has fixed; the strictest counts</caption>
<thead><tr><th scope="col">Reading</th><th scope="col">Effect</th></tr></thead>
<tbody>{% for said, w in gate.readings %}<tr><th scope="row">{{ said }}</th><td>{{ p.word(w) }}</td></tr>{% endfor %}</tbody>
</table></div></details>
{% endif -%}
{{ p.named_list("Unarmed: would hold if its facts were shown", d.unarmed) }}
{{ p.named_list("Determinations that do not fix the status", d.judgements) }}
{% if gate.advice %}<details class="fold"><summary>Advice of the policy that is not followed ({{ gate.advice | length }})</summary>{{ p.why(gate.advice) }}</details>{% endif -%}
{{ p.named_list("Notes", d.notes) }}
<p class="cite">Evidence digest <code>{{ d.evidence_digest or "none" }}</code></p>
</article>
"""

WORK = """
{%- macro item(w) -%}
{{ w.text }}
{%- if w.owner or w.lead_days is not none %} <span class="muted">({{ w.owner or "no owner named" }}{% if w.lead_days is not none %}, {{ w.lead_days }} day{{ '' if w.lead_days == 1 else 's' }}{% endif %})</span>{% endif -%}
{%- if w.by_judgement %} <span class="muted">◇ judgement; would have to sign: {{ w.signed_by | join(", ") or "no role named" }}</span>{% endif -%}
{%- endmacro -%}

{%- macro opening(o, most_sets) -%}
{% if o.shared %}<p><strong>{{ "Needed in every set" if o.rest else "Needed" }}</strong> ({{ o.shared | length }})</p>
<ul class="columns">{% for w in o.shared %}<li>{{ item(w) }}</li>{% endfor %}</ul>{% endif %}
{% if o.rest %}<p><strong>{{ "and one of" if o.shared else "One of" }}</strong></p>
<ol>{% for each in o.rest[:most_sets] %}<li>{% if each | length == 1 %}{{ item(each[0]) }}{% else %}all of these {{ each | length }}:<ul class="columns">{% for w in each %}<li>{{ item(w) }}</li>{% endfor %}</ul>{% endif %}</li>{% endfor %}</ol>
{% if o.rest | length > most_sets %}<p class="muted">{{ o.rest | length - most_sets }} further sets, none smaller, are left out here; the JSON output has all.</p>{% endif %}{% endif %}
{%- endmacro -%}
"""
