"""Anthropic RSP 2.1 as data: situations, and the effect that a clause of the text gives each.

Pages are the file's own count, as in the framework file.
"""

from __future__ import annotations

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.vocabulary import EffectLevel, Gate, Level
from tests.unit.frameworks.rsp_2_table import GENERAL, INTERNAL, STORE, Row2, rows_at
from tests.unit.frameworks.rsp_versions import (
    MET,
    asl_3_in_place_2,
    changed,
    duties_of,
    far_from_everything_2,
    level_of,
    members_of,
    outcome_of,
    policy_of,
    program_of,
    status,
    text_of,
)

NAME, AFTER = "anthropic-rsp@2.1", "anthropic-rsp@2.2"
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
INSIDERS = "ASL3S-most-insider-risk"
BASIC = "ASL3S-basic-insider-risk"
CASE = {"documents": {"misalignment-affirmative-case.covered": True}}
CLAUSES = {
    "s61": "6.1, p. 15",
    "shared": "3.3 step 4, p. 11",
    "as_though": "3.3, p. 11",
    "forecast": "3.2, p. 10-11",
    "stronger": "6.2, p. 15",
    "red": "4.1 criterion 3, p. 12",
    "trusted": "changelog, p. 22",
    "interim": "6.2, p. 15",
    "pause": "6.2 note 13, p. 15",
    "cap": "3.3 note 8, p. 11",
    "checkpoint": "2, p. 8",
}
ROWS = (
    *rows_at(CLAUSES),
    Row2(
        says="insider risk left open",
        clause="4.2 note 11, p. 13",
        levels={"CBRN-3": Level.CROSSED},
        absent=frozenset({INSIDERS}),
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="AI R&D-4 without affirmative case",
        clause="2, p. 8",
        levels={"AIRD-4": Level.NOT_RULED_OUT},
        gate=INTERNAL,
        expect=HOLD,
    ),
    Row2(
        says="AI R&D-4 with affirmative case",
        clause="2, p. 8",
        levels={"AIRD-4": Level.NOT_RULED_OUT},
        changes=CASE,
        gate=INTERNAL,
        expect=ALLOW,
    ),
    Row2(
        says="AI R&D-5 needs ASL-4 Security",
        clause="2, p. 8",
        levels={"AIRD-5": Level.NOT_RULED_OUT},
        changes=CASE,
        gate=STORE,
        expect=HOLD,
    ),
    Row2(
        says="CBRN-4 open",
        clause="6.1, p. 15; 2, p. 8",
        levels={"CBRN-4": Level.NOT_RULED_OUT},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="CBRN-4 open, training",
        clause="2, p. 8; 4.3, p. 14",
        levels={"CBRN-4": Level.NOT_RULED_OUT},
        gate=Gate.TRAIN,
        expect=HOLD,
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
    assert (policy.effective_on, policy.superseded_on) == ("2025-03-31", "2025-05-14")
    assert policy.supersedes == "anthropic-rsp@2.0"


def test_lint_finds_no_error() -> None:
    found = [item for item in lint_text(text_of(NAME)) if item.severity is Severity.ERROR]
    assert not found


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(program_of(NAME)))


def test_most_insider_risk_is_covered_where_the_next_version_leaves_it_out() -> None:
    """Section 4.2, note 11, p. 13, of both versions."""
    assert INSIDERS in members_of(NAME, "ASL-3-Security")
    assert INSIDERS not in members_of(AFTER, "ASL-3-Security")
    assert BASIC in members_of(AFTER, "ASL-3-Security")
    shown = {"statuses": {"CBRN-3": status(Level.CROSSED)}}
    after = changed(asl_3_in_place_2(AFTER), shown)
    bare = changed(asl_3_in_place_2(AFTER), shown)
    assert level_of(AFTER, after, GENERAL) is ALLOW_WITH
    assert level_of(NAME, bare, GENERAL) is HOLD


@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("threshold", ["CBRN-3", "CBRN-4", "AIRD-4", "AIRD-5"])
def test_every_gate_is_that_of_the_next_version_once_insider_risk_is_controlled(
    gate: Gate, threshold: str
) -> None:
    """Changelog of 2.2: the one change is the scope of ASL-3 Security."""
    for level in (Level.RULED_OUT, Level.NOT_RULED_OUT, Level.CROSSED, Level.UNASSESSED):
        base = changed(asl_3_in_place_2(NAME), {"statuses": {threshold: status(level)}})
        base = changed(base, {"safeguards": {BASIC: MET}})
        assert level_of(NAME, base, gate) is level_of(AFTER, base, gate)


def test_duties_are_those_of_the_next_version() -> None:
    assert duties_of(NAME) == duties_of(AFTER)
