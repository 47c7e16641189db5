"""A small policy document as text, for tests that look at lines."""

# ruff: noqa: E501 - documents and tables of cases keep one part a line

from __future__ import annotations

TOY = """\
schema: scalegate/policy@1
id: toy
version: "1"
lab: Toy lab
title: Toy policy
effective_on: "2025-01-01"
source: {title: Toy policy, published_at_url: "https://example.org/toy"}
semantics:
  not_ruled_out: {rule: treat_as_crossed, cite: {document: Toy, section: "1"}}
  forecast: {rule: no_effect, cite: {document: Toy, section: "1"}}
  softer_determination: {rule: counts, cite: {document: Toy, section: "1"}}
  carriage: {edges: [helpful_only], cite: {document: Toy, section: "1"}}
domains:
  - {id: bio, neutral: cbrn, native: Bio, cite: {document: Toy, section: "1"}}
thresholds:
  - {id: B1, native: B1, domain: bio, statement: one, indicators: [{id: b1-out, eval: quiz, role: rule_out, measure: proportion, comparator: at_least, value: 0.5, unit: share, safe_level: 0.3, alpha: 0.05, statement: q, cite: {document: Toy, section: "1"}}, {id: b1-in, eval: quiz, role: rule_in, measure: proportion, comparator: at_least, value: 0.9, unit: share, statement: q, cite: {document: Toy, section: "1"}}], cite: {document: Toy, section: "1"}}
  - {id: B2, native: B2, domain: bio, statement: two, above: [B1], indicators: [{id: b2-out, eval: quiz, role: rule_out, measure: proportion, comparator: at_least, value: 0.5, unit: share, safe_level: 0.3, alpha: 0.05, statement: q, cite: {document: Toy, section: "1"}}, {id: b2-in, eval: quiz, role: rule_in, measure: proportion, comparator: at_least, value: 0.9, unit: share, statement: q, cite: {document: Toy, section: "1"}}], cite: {document: Toy, section: "1"}}
safeguards:
  - {id: filter, native: F, family: deployment_filters, statement: f, checks: [{id: runs, statement: it runs, comparator: is, value: true}], cite: {document: Toy, section: "2"}}
standards:
  - {id: S1, native: S1, members: [filter], cite: {document: Toy, section: "2"}}
substitutes:
  - {id: interim, kind: interim, in_place_of: S1, statement: i, obligations: [tell the board], cite: {document: Toy, section: "2"}}
facts:
  - {id: agentic, type: boolean, statement: acts by itself, cite: {document: Toy, section: "2"}}
  - {id: growth, type: number, statement: growth, cite: {document: Toy, section: "2"}}
  - {id: place, type: choice, choices: [eu, us], statement: place, cite: {document: Toy, section: "2"}}
roles:
  - {id: ceo, native: CEO, neutral: decides, rank: 9, cite: {document: Toy, section: "5"}}
questions:
  - {id: may-ship, statement: may it, act: approve, by: [ceo], cite: {document: Toy, section: "5"}}
documents:
  - {id: report, statement: report, aspects: [covered], cite: {document: Toy, section: "5"}}
commitments:
  - id: C1
    statement: deploy only with level 1
    if: {status: B1, at_least: crossed}
    at: [store, train, internal, internal_high_risk, external_limited, external_general, open_weights]
    require: {any: [{met: S1}, {substitute: interim}]}
    otherwise: hold
    modality: must
    native_verb: must
    cite: {document: Toy, section: "3"}
  - id: C2
    statement: agents and growth need approval and a report
    if: {any: [{fact: agentic}, {fact: growth, at_least: 4}, {fact: place, is: eu}, {reading: staff, is: wide}]}
    at: [external_general]
    require: {all: [{act: may-ship}, {document: report, is: covered}]}
    otherwise: {level: restrict, limits: {audience: staff}}
    modality: will
    native_verb: will
    cite: {document: Toy, section: "3"}
discretions:
  - {id: way-out, statement: w, invoked_by: [ceo], tests: [{id: a, statement: s, evidence: e}], releases: [C2], cite: {document: Toy, section: "4"}}
readings:
  - id: staff
    statement: who is staff
    options: [{id: narrow, statement: few}, {id: wide, statement: all}]
    fixed_by: [ceo]
    cite: {document: Toy, section: "4"}
duties:
  - {id: tell, statement: tell, starts_on: crossing, started_by: event, within: 30d, to: [Board], modality: will, native_verb: will, cite: {document: Toy, section: "6"}}
"""


def line_of(text: str, part: str) -> int:
    """Return the number of the first line that contains a part."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)
