"""Anthropic RSP 2.0 as data: situations, and the effect that a clause of the text gives each.

Pages are the file's own count, as in the framework file.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.evaluate import condition_holds
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level, StatusRule
from tests.unit.frameworks.rsp_2_table import GENERAL, INTERNAL, STORE, TRAIN, Row2, rows_at
from tests.unit.frameworks.rsp_versions import (
    asl_3_in_place_2,
    changed,
    duties_of,
    far_from_everything_2,
    level_of,
    outcome_of,
    policy_of,
    program_of,
    row_of,
    status,
    text_of,
)

NAME, BEFORE, AFTER = "anthropic-rsp@2.0", "anthropic-rsp@1.0", "anthropic-rsp@2.1"
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
AIRD = {"AIRD": Level.NOT_RULED_OUT}
CLAUSES = {
    "s61": "6.1, p. 14",
    "shared": "3.3 step 4, p. 10",
    "as_though": "3.3, p. 11",
    "forecast": "3.2, p. 9-10",
    "stronger": "6.2, p. 15",
    "red": "4.1 criterion 3, p. 11",
    "trusted": "changelog, p. 22",
    "interim": "6.2, p. 14-15",
    "pause": "6.2 note 14, p. 15",
    "cap": "3.3 note 9, p. 10",
    "checkpoint": "2, p. 8",
}
ROWS = (
    *rows_at(CLAUSES),
    Row2(
        says="AI R&D open, ASL-2 only",
        clause="2, p. 7",
        base="asl-2",
        levels=AIRD,
        gate=STORE,
        expect=HOLD,
    ),
    Row2(
        says="AI R&D open under ASL-3", clause="2, p. 7", levels=AIRD, gate=INTERNAL, expect=ALLOW
    ),
    Row2(
        says="AI R&D asks no ASL-3 Deployment Standard",
        clause="2, p. 7",
        levels=AIRD,
        absent=frozenset({"ASL3D-3-red-teaming"}),
        gate=GENERAL,
        expect=ALLOW,
    ),
    Row2(
        says="insider risk left open",
        clause="4.2 note 12, p. 12",
        levels=AIRD,
        absent=frozenset({"ASL3S-most-insider-risk"}),
        gate=STORE,
        expect=HOLD,
    ),
    Row2(
        says="the next thresholds are not in the policy",
        clause="5, p. 14",
        levels={"CBRN-3": Level.CROSSED},
        changes={"acts": {"next-thresholds-in-policy": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="the next thresholds are not needed to store",
        clause="5, p. 14",
        levels={"CBRN-3": Level.CROSSED},
        changes={"acts": {"next-thresholds-in-policy": False}},
        gate=STORE,
        expect=ALLOW,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_situation_has_the_effect_its_clause_gives(row: Row2) -> None:
    base = asl_3_in_place_2(NAME) if row.base == "asl-3" else far_from_everything_2(NAME)
    outcome = outcome_of(NAME, row.situation(base), row.gate, row.ask)
    assert outcome.governed
    assert outcome.level is row.expect, outcome.determining


def test_file_names_itself_its_days_and_the_version_before() -> None:
    policy = policy_of(NAME)
    assert policy.name == NAME
    assert (policy.effective_on, policy.superseded_on) == ("2024-10-15", "2025-03-31")
    assert policy.supersedes == BEFORE


def test_lint_finds_no_error() -> None:
    found = [item for item in lint_text(text_of(NAME)) if item.severity is Severity.ERROR]
    assert not found


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(program_of(NAME)))


def test_version_has_one_weapons_threshold_one_research_threshold_and_the_checkpoint() -> None:
    """Section 2, p. 7-8."""
    assert [item.id for item in policy_of(NAME).thresholds] == ["CBRN-3", "checkpoint-2-8h", "AIRD"]
    checkpoint = policy_of(NAME).thresholds[1]
    assert checkpoint.rules_out == ("AIRD",)


# What changed from 1.0


def test_autonomy_no_longer_stops_anything() -> None:
    """Changelog, p. 21: replication became a checkpoint; 1.0, p. 13: a trigger pauses."""
    autonomy = changed(
        far_from_everything_2(NAME), {"statuses": {"checkpoint-2-8h": status(Level.CROSSED)}}
    )
    for gate in Gate:
        for ask in Ask:
            assert level_of(NAME, autonomy, gate, ask) is ALLOW
    assert not row_of(NAME, "checkpoint-security").binds


@pytest.mark.parametrize(("months", "exempt"), [("3", True), ("5.9", True), ("6", False)])
def test_cadence_of_three_months_became_six(months: str, exempt: bool) -> None:
    """Section 3.1, p. 9; 1.0, Timing, p. 12."""
    policy = policy_of(NAME)
    facts: dict[str, Decimal | bool | str | None] = {
        "effective_compute_ratio": Decimal("3.9"),
        "elicitation_months": Decimal(months),
        "rso_asks_for_assessment": False,
    }
    rule = policy.exemptions[0]
    assert condition_holds(policy, rule.when, Situation(facts=facts)) is exempt
    assert policy.cadence[0].elapsed == "6m"
    assert policy_of(BEFORE).cadence[0].elapsed == "3m"


def test_what_cannot_be_ruled_out_counts_as_crossed_where_it_paused() -> None:
    """Section 3.3, p. 11; 1.0, Response policy, p. 13."""
    assert policy_of(NAME).semantics.not_ruled_out.rule is StatusRule.TREAT_AS_CROSSED
    assert policy_of(BEFORE).semantics.not_ruled_out.rule is StatusRule.NO_EFFECT


def test_no_printed_test_of_autonomy_and_no_thirty_days_of_logs_remain() -> None:
    """Changelog, p. 21-22: prespecified evaluations and listed controls are gone."""
    assert not any(item.checks for item in policy_of(NAME).safeguards)
    roles = [line.id for item in policy_of(NAME).thresholds for line in item.indicators]
    assert roles == ["horizon-2h"]


def test_watch_for_distillation_is_gone() -> None:
    """Changelog, p. 22; 1.0, appendix, p. 21."""
    gone = "ASL2S-distillation-monitoring"
    assert gone in {item.id for item in policy_of(BEFORE).safeguards}
    assert gone not in {item.id for item in policy_of(NAME).safeguards}


def test_another_developers_threshold_may_lower_safeguards_where_it_was_no_excuse() -> None:
    """Section 7.1, note 18, p. 16; 1.0, note 5, p. 5."""
    crossed = changed(
        far_from_everything_2(NAME),
        {
            "statuses": {"CBRN-3": status(Level.CROSSED)},
            "acts": {"follow-up-decision": True},
        },
    )
    invoked = changed(crossed, {"discretions": {"competitor-contingency": True}})
    assert level_of(NAME, crossed, GENERAL) is HOLD
    assert level_of(NAME, invoked, GENERAL) is ALLOW_WITH
    before = policy_of(BEFORE)
    assert [item.id for item in before.discretions] == ["extreme-emergency"]
    assert row_of(BEFORE, "other-models-no-excuse").binds


def test_interim_measures_are_new() -> None:
    """Section 6.2, p. 14-15."""
    assert {item.id for item in policy_of(NAME).substitutes} == {
        "interim-deployment",
        "interim-security",
    }
    assert not policy_of(BEFORE).substitutes


def test_forecast_of_a_crossing_counts_where_it_informed_only() -> None:
    """Section 3.2, p. 9-10; 1.0, p. 13."""
    expected = {"statuses": {"CBRN-3": status(Level.RULED_OUT, Flag.FORECAST)}}
    assert level_of(NAME, changed(far_from_everything_2(NAME), expected), GENERAL) is HOLD
    assert policy_of(BEFORE).semantics.forecast.rule is StatusRule.NO_EFFECT


# What changed to 2.1


def test_affirmative_case_binds_only_from_the_next_version_on() -> None:
    """Section 2, p. 7: expected; 2.1, section 2, p. 8: will develop."""
    research = changed(asl_3_in_place_2(NAME), {"statuses": {"AIRD": status(Level.CROSSED)}})
    after = changed(asl_3_in_place_2(AFTER), {"statuses": {"AIRD-4": status(Level.CROSSED)}})
    assert level_of(NAME, research, INTERNAL) is ALLOW
    assert level_of(AFTER, after, INTERNAL) is HOLD


def test_dramatic_acceleration_needs_more_than_asl_3_security_only_from_the_next_version_on() -> (
    None
):
    """Section 2, p. 7: expected; 2.1, section 2, p. 8: required."""
    research = changed(asl_3_in_place_2(NAME), {"statuses": {"AIRD": status(Level.CROSSED)}})
    after = changed(asl_3_in_place_2(AFTER), {"statuses": {"AIRD-5": status(Level.CROSSED)}})
    assert level_of(NAME, research, TRAIN) is ALLOW
    assert level_of(AFTER, after, TRAIN) is HOLD


def test_next_thresholds_come_before_deployment_here_and_beside_the_upgrade_later() -> None:
    """Section 5, p. 14, of both versions."""
    crossed = {"statuses": {"CBRN-3": status(Level.CROSSED)}}
    missing = {"acts": {"next-thresholds-in-policy": False}}
    here = changed(changed(asl_3_in_place_2(NAME), crossed), missing)
    assert level_of(NAME, here, GENERAL) is HOLD
    after = changed(changed(asl_3_in_place_2(AFTER), crossed), missing)
    assert level_of(AFTER, after, GENERAL) is ALLOW_WITH
    assert "revisit-thresholds" in duties_of(AFTER) - duties_of(NAME)


def test_weapons_of_state_programmes_are_a_threshold_from_the_next_version_on() -> None:
    """2.1, section 2, p. 8."""
    states = {item.id for item in policy_of(AFTER).thresholds}
    assert "CBRN-4" in states - {item.id for item in policy_of(NAME).thresholds}
