"""Anthropic Frontier Compliance Framework 2 as data: situations, and what a clause gives each.

Pages are the printed ones.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, Comparator, EffectLevel, Gate, Level
from tests.unit.frameworks.rsp_versions import (
    MET,
    Row,
    duty_of,
    members_of,
    outcome_of,
    policy_of,
    program_of,
    status,
    text_of,
)

NAME = "anthropic-fcf@2"
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
GENERAL, LIMITED, INTERNAL = Gate.EXTERNAL_GENERAL, Gate.EXTERNAL_LIMITED, Gate.INTERNAL
STORE, TRAIN = Gate.STORE, Gate.TRAIN
TIERS = (
    "CYBER-1",
    "CYBER-2",
    "CBRN-1",
    "CBRN-2",
    "MANIPULATION-1",
    "MANIPULATION-2",
    "LOC-1",
    "LOC-2",
)
CATEGORIES = ("cyber", "cbrn", "manipulation", "loss-of-control")
CROSSED = Level.CROSSED
CYBER_1 = {"CYBER-1": CROSSED}
OUTSIDE = {"readings": {"internal-scope": "external-only"}}


def specified(*tiers: str) -> dict[str, dict[str, bool]]:
    names = {f"{tier}-safeguards": True for tier in tiers}
    return {"specified": names, "specified_members": names}


@cache
def assessed_and_acceptable() -> Situation:
    """A model in scope, below every tier, assessed, acceptable, reported and secured."""
    return Situation(
        statuses={tier: status(Level.RULED_OUT) for tier in TIERS},
        safeguards=dict.fromkeys(members_of(NAME, "security-mitigations"), MET),
        acts={f"residual-risk-acceptable-{category}": True for category in CATEGORIES},
        documents={
            "systemic-risk-assessment.covered": True,
            "justification.covered": True,
            "model-report.published": True,
        },
        facts={"in-scope-model": True, "eu-model": True, "justification-undermined": False},
    )


def unacceptable(category: str) -> dict[str, dict[str, bool]]:
    return {"acts": {f"residual-risk-acceptable-{category}": False}}


ROWS = (
    Row(says="acceptable below every tier", clause="2.5, p. 11", gate=GENERAL, expect=ALLOW),
    Row(says="acceptable below every tier", clause="3, p. 12", gate=STORE, expect=ALLOW),
    *(
        Row(
            says=f"{category} risk not found acceptable",
            clause="2.5, p. 11",
            gate=GENERAL,
            changes=unacceptable(category),
            expect=HOLD,
        )
        for category in CATEGORIES
    ),
    Row(
        says="not found acceptable, inside, strictest reading",
        clause="2.5, p. 11",
        gate=INTERNAL,
        changes=unacceptable("cyber"),
        expect=HOLD,
    ),
    Row(
        says="not found acceptable, inside, read as external only",
        clause="1, p. 4",
        gate=INTERNAL,
        changes={**unacceptable("cyber"), **OUTSIDE},
        expect=ALLOW,
    ),
    Row(
        says="training goes on while unacceptable",
        clause="2.5, p. 11",
        gate=TRAIN,
        ask=Ask.CONTINUE,
        changes=unacceptable("loss-of-control"),
        expect=HOLD,
    ),
    Row(
        says="not assessed before launch",
        clause="2.2, p. 5",
        gate=LIMITED,
        changes={"documents": {"systemic-risk-assessment.covered": False}},
        expect=HOLD,
    ),
    Row(
        says="a model out of scope",
        clause="1, p. 4",
        gate=GENERAL,
        changes={"facts": {"in-scope-model": False}, **unacceptable("cbrn")},
        expect=ALLOW,
    ),
    Row(
        says="nobody says whether it is in scope",
        clause="1, p. 4",
        gate=GENERAL,
        changes={"facts": {"in-scope-model": None}, **unacceptable("cbrn")},
        expect=HOLD,
    ),
    Row(
        says="weights kept without protection",
        clause="3, p. 13",
        gate=STORE,
        absent=frozenset({"unreleased-weights"}),
        expect=HOLD,
    ),
    Row(
        says="cyber tier 1, no safeguards determined",
        clause="2.3, p. 6",
        gate=GENERAL,
        levels=CYBER_1,
        expect=HOLD,
    ),
    Row(
        says="cyber tier 1 with its safeguards",
        clause="2.3, p. 6",
        gate=GENERAL,
        levels=CYBER_1,
        changes=specified("CYBER-1"),
        expect=ALLOW,
    ),
    Row(
        says="cyber tier 2 with the safeguards of tier 1",
        clause="2.3, p. 6",
        gate=GENERAL,
        levels={"CYBER-2": CROSSED},
        changes=specified("CYBER-1"),
        expect=HOLD,
    ),
    Row(
        says="cyber tier 2 carries tier 1",
        clause="2.4, p. 6",
        gate=GENERAL,
        levels={"CYBER-2": CROSSED},
        changes=specified("CYBER-2"),
        expect=HOLD,
    ),
    Row(
        says="cyber tier 2 with the safeguards of both",
        clause="2.3, p. 6",
        gate=GENERAL,
        levels={"CYBER-2": CROSSED},
        changes=specified("CYBER-1", "CYBER-2"),
        expect=ALLOW,
    ),
    Row(
        says="automated R&D inside asks no launch safeguards",
        clause="2.3, p. 6",
        gate=INTERNAL,
        levels={"LOC-2": CROSSED},
        expect=ALLOW,
    ),
    Row(
        says="a tier that was never assessed",
        clause="2.2, p. 5",
        gate=GENERAL,
        levels={"MANIPULATION-1": Level.UNASSESSED},
        changes=specified(*TIERS),
        expect=HOLD,
    ),
    Row(
        says="justification not written down",
        clause="2.5, p. 11",
        gate=GENERAL,
        changes={"documents": {"justification.covered": False}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="no public summary yet",
        clause="4, p. 13-14",
        gate=GENERAL,
        changes={"documents": {"model-report.published": False}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="a European model's justification undermined",
        clause="4, p. 14",
        gate=GENERAL,
        ask=Ask.CONTINUE,
        changes={"facts": {"justification-undermined": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="the same outside Europe",
        clause="4, p. 14",
        gate=GENERAL,
        ask=Ask.CONTINUE,
        changes={"facts": {"justification-undermined": True, "eu-model": False}},
        expect=ALLOW,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_situation_has_the_effect_its_clause_gives(row: Row) -> None:
    outcome = outcome_of(NAME, row.situation(assessed_and_acceptable()), row.gate, row.ask)
    assert outcome.governed
    assert outcome.level is row.expect, outcome.determining


def test_file_names_itself_its_days_and_the_version_before() -> None:
    policy = policy_of(NAME)
    assert policy.name == NAME
    assert (policy.effective_on, policy.superseded_on) == ("2026-07-24", None)
    assert policy.supersedes == "anthropic-fcf@1.2"


def test_lint_finds_no_error_and_no_warning() -> None:
    found = [item for item in lint_text(text_of(NAME)) if item.severity is not Severity.NOTE]
    assert not found


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(program_of(NAME)))


@pytest.mark.parametrize("gate", list(Gate))
def test_every_gate_is_governed_and_nothing_known_is_held(gate: Gate) -> None:
    outcome = outcome_of(NAME, Situation(), gate)
    assert outcome.governed
    assert outcome.level is HOLD


def test_two_tiers_stand_in_each_of_four_categories() -> None:
    """Section 2.4, p. 6-10."""
    policy = policy_of(NAME)
    assert tuple(item.id for item in policy.thresholds) == TIERS
    for lower, upper in zip(policy.thresholds[::2], policy.thresholds[1::2], strict=True):
        assert upper.domain == lower.domain
        assert upper.above == (lower.id,)


def test_manipulation_tiers_carry_the_printed_shares() -> None:
    """Section 2.4, p. 8: more than half of the steps; less than a tenth of oversight."""
    lines = {line.id: line for item in policy_of(NAME).thresholds for line in item.indicators}
    steps, oversight = lines["campaign-steps-automated"], lines["campaign-human-oversight"]
    assert (steps.comparator, steps.value) == (Comparator.ABOVE, Decimal("0.5"))
    assert (oversight.comparator, oversight.value) == (Comparator.BELOW, Decimal("0.1"))
    assert steps.ours
    assert oversight.ours


def test_automated_research_is_worded_as_in_rsp_3_4() -> None:
    """Changelog, p. 17: aligned with version 3.4."""
    voluntary = next(item for item in policy_of("anthropic-rsp@3.4").thresholds if item.id == "TM2")
    here = next(item for item in policy_of(NAME).thresholds if item.id == "LOC-2")
    assert [line.id for line in here.indicators] == [line.id for line in voluntary.indicators]
    assert "three or more model generations" in here.operational_test


def test_clocks_have_the_lengths_of_the_text() -> None:
    """Sections 4 and 7, p. 14, 16."""
    assert duty_of(NAME, "lighter-evaluation").every == "9m"
    assert duty_of(NAME, "publish-policy-change").within == "30d"
    assert duty_of(NAME, "framework-assessment").every == "12m"


def test_what_the_lab_finds_starts_an_assessment_a_report_and_a_plan() -> None:
    """Sections 4 and 7.2, p. 14, 16: arm (b) of the assessment has no period."""
    for name in ("framework-assessment-on-factors", "modified-model-report", "remediation-plan"):
        duty = duty_of(NAME, name)
        assert (duty.started_by, duty.every) == ("self_determined", None)
    assert duty_of(NAME, "modified-model-report").modality.binds
    assert "continued" in duty_of(NAME, "remediation-plan").starts_on
