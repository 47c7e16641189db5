"""Anthropic RSP 1.0 as data: situations, and the effect that a clause of the text gives each.

The expectations are written from the text, not from the encoding. Pages are the printed ones.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import product

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.evaluate import condition_holds, evaluate
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    Flag,
    Gate,
    IndicatorRole,
    Level,
    SofterRule,
    StatusRule,
)
from tests.unit.frameworks.rsp_versions import (
    MET,
    Changes,
    Row,
    changed,
    duty_of,
    level_of,
    members_of,
    outcome_of,
    policy_of,
    program_of,
    row_of,
    status,
    text_of,
)

NAME = "anthropic-rsp@1.0"
ALLOW, ALLOW_WITH, RESTRICT, HOLD, WITHDRAW = EffectLevel
GENERAL, LIMITED, INTERNAL = Gate.EXTERNAL_GENERAL, Gate.EXTERNAL_LIMITED, Gate.INTERNAL
STORE, TRAIN, WEIGHTS = Gate.STORE, Gate.TRAIN, Gate.OPEN_WEIGHTS
CONTINUE = Ask.CONTINUE
CROSSED, NOT = Level.CROSSED, Level.NOT_RULED_OUT
THRESHOLDS = ("MISUSE-CBRN", "MISUSE-CYBER", "ARA")
TRIGGERED = {"MISUSE-CBRN": Flag.ALERT}
ARA_TRIGGERED = {"ARA": Flag.ALERT}
CONTAINED: Changes = {
    "safeguards": dict.fromkeys(members_of(NAME, "ASL-3-Containment"), MET),
    "acts": {"asl-4-defined": True},
}
ASL_3: Changes = {
    "safeguards": dict.fromkeys(members_of(NAME, "ASL-3-Containment", "ASL-3-Deployment"), MET),
    "acts": {"asl-4-defined": True},
}
CONSERVATIVE: Changes = {
    "facts": {"buffer": Decimal("6.5"), "not-near-next-level": True},
    "acts": {"policy-updated": True},
}
WARNING: Changes = {"readings": {"ara-line": "a-warning-sign"}}
RATIO = "effective_compute_ratio"


@cache
def below_every_test() -> Situation:
    """An ASL-2 model: every evaluation below its line, ASL-2 measures in place."""
    return Situation(
        statuses={name: status(Level.RULED_OUT) for name in THRESHOLDS},
        safeguards=dict.fromkeys(members_of(NAME, "ASL-2-Containment", "ASL-2-Deployment"), MET),
        documents={"capability-forecast.covered": True},
        facts={
            "asl-1": False,
            "buffer": Decimal(1),
            "not-near-next-level": False,
            "asl-4-warning-signs": False,
            "safety-emergency": False,
            "baseline-counts-other-models": False,
            "through-distribution-partner": False,
            RATIO: Decimal(1),
            "elicitation_months": Decimal(0),
        },
    )


ROWS = (
    # ASL-2
    Row(says="below every test", clause="table, p. 4", gate=GENERAL, expect=ALLOW),
    Row(says="below every test", clause="table, p. 4", gate=STORE, expect=ALLOW),
    Row(says="below every test", clause="table, p. 4", gate=TRAIN, expect=ALLOW),
    Row(
        says="no watch for distillation",
        clause="appendix, p. 21",
        gate=STORE,
        absent=frozenset({"ASL2S-distillation-monitoring"}),
        expect=HOLD,
    ),
    Row(
        says="an ASL-2 deployment measure is missing inside",
        clause="table, p. 4",
        gate=INTERNAL,
        absent=frozenset({"ASL2D-2-harmlessness-and-detection"}),
        expect=HOLD,
    ),
    Row(
        says="an ASL-1 model needs nothing",
        clause="table, p. 4",
        gate=GENERAL,
        absent=members_of(NAME, "ASL-2-Deployment"),
        changes={"facts": {"asl-1": True}},
        expect=ALLOW,
    ),
    # (2) pause on trigger
    Row(says="a test triggers", clause="(2), p. 13", gate=TRAIN, flags=TRIGGERED, expect=HOLD),
    Row(
        says="a test triggers mid-training",
        clause="(2), p. 13",
        gate=TRAIN,
        ask=CONTINUE,
        flags=TRIGGERED,
        expect=HOLD,
    ),
    Row(
        says="a test could not rule out",
        clause="(2), p. 13",
        gate=TRAIN,
        levels={"MISUSE-CYBER": NOT},
        expect=HOLD,
    ),
    Row(
        says="it triggers with containment ready",
        clause="(1), p. 13",
        gate=TRAIN,
        flags=TRIGGERED,
        changes=CONTAINED,
        expect=ALLOW,
    ),
    Row(
        says="containment ready, ASL-4 undefined",
        clause="initial commitments 3, p. 4; p. 8",
        gate=TRAIN,
        flags=TRIGGERED,
        changes={"safeguards": CONTAINED["safeguards"]},
        expect=HOLD,
    ),
    Row(
        says="too conservative, policy updated",
        clause="(2a), p. 13",
        gate=TRAIN,
        flags=TRIGGERED,
        changes=CONSERVATIVE,
        expect=ALLOW,
    ),
    Row(
        says="a buffer of exactly six is not more than six",
        clause="(2a), p. 13",
        gate=TRAIN,
        flags=TRIGGERED,
        changes={**CONSERVATIVE, "facts": {"buffer": Decimal(6), "not-near-next-level": True}},
        expect=HOLD,
    ),
    Row(
        says="too conservative, policy not updated",
        clause="(2a), p. 13",
        gate=TRAIN,
        flags=TRIGGERED,
        changes={"facts": CONSERVATIVE["facts"]},
        expect=HOLD,
    ),
    Row(
        says="near the next level",
        clause="(2b), p. 13",
        gate=TRAIN,
        flags=TRIGGERED,
        changes={**CONSERVATIVE, "facts": {"buffer": Decimal(9), "not-near-next-level": False}},
        expect=HOLD,
    ),
    Row(
        says="it triggers, weights may lie",
        clause="(2), p. 13",
        gate=STORE,
        ask=CONTINUE,
        flags=TRIGGERED,
        expect=ALLOW,
    ),
    Row(
        says="ASL-4 warning signs under ASL-3 measures",
        clause="ASL-3 containment, p. 8",
        gate=TRAIN,
        flags=TRIGGERED,
        changes={**ASL_3, "facts": {"asl-4-warning-signs": True}},
        expect=HOLD,
    ),
    # deployment
    Row(
        says="it triggers before release",
        clause="p. 11, 13",
        gate=GENERAL,
        flags=TRIGGERED,
        expect=HOLD,
    ),
    Row(
        says="it triggers, ASL-3 measures in place",
        clause="table, p. 4",
        gate=GENERAL,
        flags=TRIGGERED,
        changes=ASL_3,
        expect=ALLOW,
    ),
    Row(
        says="it triggers, containment only",
        clause="table, p. 4",
        gate=LIMITED,
        flags=TRIGGERED,
        changes=CONTAINED,
        expect=HOLD,
    ),
    Row(
        says="it triggers inside", clause="table, p. 4", gate=INTERNAL, flags=TRIGGERED, expect=HOLD
    ),
    Row(
        says="weights released on trigger",
        clause="p. 8-9",
        gate=WEIGHTS,
        flags=TRIGGERED,
        expect=HOLD,
    ),
    Row(
        says="a deployed model passes the test",
        clause="(2d), p. 13",
        gate=GENERAL,
        ask=CONTINUE,
        flags=TRIGGERED,
        expect=RESTRICT,
    ),
    Row(
        says="and its deployments are an emergency",
        clause="(2d), p. 13",
        gate=GENERAL,
        ask=CONTINUE,
        flags=TRIGGERED,
        changes={"facts": {"safety-emergency": True}},
        expect=HOLD,
    ),
    Row(
        says="an emergency met with additional safeguards",
        clause="(2d), p. 13",
        gate=GENERAL,
        ask=CONTINUE,
        flags=TRIGGERED,
        changes={
            "facts": {"safety-emergency": True},
            "safeguards": {"emergency-safeguards": MET},
        },
        expect=RESTRICT,
    ),
    # (2c)
    Row(
        says="the level is passed",
        clause="(2c), p. 13",
        gate=STORE,
        ask=CONTINUE,
        levels={"MISUSE-CBRN": CROSSED},
        expect=WITHDRAW,
    ),
    Row(
        says="the level is passed, new copy",
        clause="table, p. 4",
        gate=STORE,
        levels={"MISUSE-CBRN": CROSSED},
        expect=HOLD,
    ),
    Row(
        says="the level is passed under containment",
        clause="table, p. 4",
        gate=STORE,
        ask=CONTINUE,
        levels={"MISUSE-CBRN": CROSSED},
        changes=CONTAINED,
        expect=ALLOW,
    ),
    Row(
        says="past the level no buffer helps",
        clause="(2c), p. 13",
        gate=TRAIN,
        levels={"MISUSE-CBRN": CROSSED},
        changes=CONSERVATIVE,
        expect=HOLD,
    ),
    Row(
        says="never evaluated",
        clause="ASL-2 containment, p. 5",
        gate=TRAIN,
        levels={"ARA": Level.UNASSESSED},
        changes=ASL_3,
        expect=HOLD,
    ),
    # autonomy
    Row(
        says="half of the tasks, read as the level",
        clause="ASL-3 capabilities 2, p. 7",
        gate=STORE,
        ask=CONTINUE,
        flags=ARA_TRIGGERED,
        expect=WITHDRAW,
    ),
    Row(
        says="half of the tasks, read as a warning sign",
        clause="appendix, p. 15",
        gate=STORE,
        ask=CONTINUE,
        flags=ARA_TRIGGERED,
        changes=WARNING,
        expect=ALLOW,
    ),
    Row(
        says="half of the tasks, read as a warning sign",
        clause="(2), p. 13",
        gate=TRAIN,
        flags=ARA_TRIGGERED,
        changes=WARNING,
        expect=HOLD,
    ),
    # note 5
    Row(
        says="others' models pose the risk already",
        clause="note 5, p. 5",
        gate=GENERAL,
        changes={"facts": {"baseline-counts-other-models": True}},
        expect=HOLD,
    ),
    Row(
        says="nobody says what the baseline counts",
        clause="note 5, p. 5",
        gate=TRAIN,
        changes={"facts": {"baseline-counts-other-models": None}},
        expect=HOLD,
    ),
    # timing
    Row(
        says="fourfold effective compute",
        clause="timing (1), p. 12",
        gate=TRAIN,
        ask=CONTINUE,
        changes={"facts": {RATIO: Decimal(4)}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="less than fourfold",
        clause="timing (1), p. 12",
        gate=TRAIN,
        ask=CONTINUE,
        changes={"facts": {RATIO: Decimal("3.99")}},
        expect=ALLOW,
    ),
    Row(
        says="three months",
        clause="timing (2), p. 12",
        gate=TRAIN,
        ask=CONTINUE,
        changes={"facts": {"elicitation_months": Decimal(3)}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="beyond the buffer, an aim only",
        clause="evaluation protocol, p. 11",
        gate=TRAIN,
        ask=CONTINUE,
        changes={"facts": {RATIO: Decimal(7)}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="no forecast before the run",
        clause="evaluation protocol, p. 13",
        gate=TRAIN,
        changes={"documents": {"capability-forecast.covered": False}},
        expect=ALLOW_WITH,
    ),
    # partners
    Row(
        says="a partner without contract",
        clause="procedural commitments 2, p. 10",
        gate=LIMITED,
        changes={"facts": {"through-distribution-partner": True}},
        expect=HOLD,
    ),
    Row(
        says="a partner under contract",
        clause="procedural commitments 2, p. 10",
        gate=LIMITED,
        changes={
            "facts": {"through-distribution-partner": True},
            "safeguards": {"partner-contracts": MET},
        },
        expect=ALLOW,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_situation_has_the_effect_its_clause_gives(row: Row) -> None:
    outcome = outcome_of(NAME, row.situation(below_every_test()), row.gate, row.ask)
    assert outcome.governed
    assert outcome.level is row.expect, outcome.determining


def test_file_names_itself_and_its_days_and_supersedes_nothing() -> None:
    policy = policy_of(NAME)
    assert policy.name == NAME
    assert (policy.effective_on, policy.superseded_on) == ("2023-09-19", "2024-10-15")
    assert policy.supersedes is None


def test_lint_finds_no_error_and_no_warning() -> None:
    found = [item for item in lint_text(text_of(NAME)) if item.severity is not Severity.NOTE]
    assert not found


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(program_of(NAME)))


def test_every_gate_is_governed_and_nothing_known_is_held() -> None:
    for gate, ask in product(Gate, Ask):
        outcome = evaluate(program_of(NAME), Situation(), gate, ask)
        assert outcome.governed
        assert outcome.level >= HOLD


def test_statuses_are_read_as_the_response_policy_says() -> None:
    """Response policy, p. 13: a trigger pauses, it does not yet count as the level."""
    rules = policy_of(NAME).semantics
    assert rules.not_ruled_out.rule is StatusRule.NO_EFFECT
    assert rules.forecast.rule is StatusRule.NO_EFFECT
    assert rules.softer_determination.rule is SofterRule.SHOWN_BESIDE
    assert rules.verdict_valid_for == "3m"


def test_autonomy_test_is_half_of_the_tasks() -> None:
    """Appendix, p. 15: at least half of the tasks, each with one success in ten tries."""
    lines = next(item for item in policy_of(NAME).thresholds if item.id == "ARA").indicators
    assert {line.role for line in lines} == {IndicatorRole.RULE_OUT, IndicatorRole.ALERT}
    for line in lines:
        assert line.value == Decimal("0.5")
        assert line.estimand == "fixed_list"
        assert not line.ours


def test_retention_is_thirty_days() -> None:
    """ASL-3 deployment measures, p. 9."""
    checks = {
        check.id: check.value
        for item in policy_of(NAME).safeguards
        for check in item.checks
        if check.unit == "days"
    }
    assert checks == {"retention": Decimal(30), "internal-retention": Decimal(30)}


def test_asl_4_is_named_without_content() -> None:
    """AI Safety Levels table, p. 4."""
    assert [item.id for item in policy_of(NAME).standards if item.unspecified] == [
        "ASL-4-Containment"
    ]


def test_locking_weights_owes_a_decision_on_deletion() -> None:
    """Response policy (2c), p. 13."""
    row = row_of(NAME, "lock-weights")
    assert row.otherwise.level is WITHDRAW
    assert any("deleted" in item for item in row.otherwise.obligations)


def test_restricted_deployment_keeps_existing_customers_only() -> None:
    """Response policy (2d), p. 13."""
    triggered = {"statuses": {"MISUSE-CBRN": status(Level.RULED_OUT, Flag.ALERT)}}
    outcome = outcome_of(NAME, changed(below_every_test(), triggered), GENERAL, CONTINUE)
    assert dict(outcome.limits) == {"audience": "existing customers"}


def test_emergency_clause_loosens_asl_3_but_not_asl_2() -> None:
    """Procedural commitments, item 1, p. 10."""
    crossed = changed(
        below_every_test(),
        {"statuses": {"MISUSE-CBRN": status(CROSSED)}},
    )
    invoked = replace(crossed, discretions={"extreme-emergency": True})
    assert level_of(NAME, crossed, GENERAL) is HOLD
    assert level_of(NAME, invoked, GENERAL) is ALLOW_WITH
    assert level_of(NAME, replace(invoked, safeguards={}), GENERAL) is HOLD


@pytest.mark.parametrize(("known", "exempt"), [(True, True), (False, False), (None, False)])
def test_only_a_model_shown_to_be_asl_1_is_exempt(known: bool | None, exempt: bool) -> None:
    """AI Safety Levels table, p. 4."""
    policy = policy_of(NAME)
    situation = Situation(facts={"asl-1": known})
    assert condition_holds(policy, policy.exemptions[0].when, situation) is exempt


def test_clocks_have_the_lengths_of_the_text() -> None:
    """Timing, p. 12; procedural commitments, item 7, p. 10."""
    cadence = policy_of(NAME).cadence[0]
    assert (cadence.effective_compute_ratio, cadence.elapsed) == (Decimal(4), "3m")
    assert duty_of(NAME, "quarterly-report").every == "3m"


def test_losing_any_one_safeguard_act_or_document_never_opens_a_gate() -> None:
    base = changed(
        changed(below_every_test(), ASL_3),
        {"statuses": {"MISUSE-CYBER": status(CROSSED)}},
    )
    for gate in Gate:
        before = level_of(NAME, base, gate)
        for part in ("safeguards", "acts", "documents", "facts"):
            for name in getattr(base, part):
                left = {key: value for key, value in getattr(base, part).items() if key != name}
                assert level_of(NAME, replace(base, **{part: left}), gate) >= before
