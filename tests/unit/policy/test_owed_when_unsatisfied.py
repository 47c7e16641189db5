"""A row that is not satisfied and allows with obligations says which."""

from __future__ import annotations

from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import EffectLevel, Gate

POLICY = """\
schema: scalegate/policy@1
id: owing
version: "1"
lab: Example Lab
title: Owing
effective_on: "2026-01-01"
source: {title: Owing, published_at_url: "https://example.org/owing"}
domains:
  - {id: bio, neutral: cbrn, native: Bio, cite: {document: Owing, section: "1"}}
documents:
  - {id: report, statement: a report, cite: {document: Owing, section: "2"}}
commitments:
  - id: PUBLISH
    statement: a report is published, or owed
    at: [external_general]
    require: {document: report, is: published}
    otherwise: {level: allow_with, obligations: [publish the report within a month]}
    modality: will
    native_verb: will publish
    cite: {document: Owing, section: "2"}
"""


def test_an_unsatisfied_row_that_allows_with_names_what_is_owed() -> None:
    program = compile_policy(parse_policy(POLICY))
    outcome = evaluate(program, Situation(), Gate.EXTERNAL_GENERAL)
    assert outcome.level is EffectLevel.ALLOW_WITH
    assert outcome.obligations == ("publish the report within a month",)


def test_a_satisfied_row_owes_nothing_of_its_otherwise() -> None:
    program = compile_policy(parse_policy(POLICY))
    published = Situation(documents={"report.published": True})
    outcome = evaluate(program, published, Gate.EXTERNAL_GENERAL)
    assert (outcome.level, outcome.obligations) == (EffectLevel.ALLOW, ())
