"""Anthropic RSP 3.4 as data: situations, and the effect that a clause of the text gives each."""

from __future__ import annotations

import pytest

from scalegate.policy.codes import Severity
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import (
    Ask,
    Burden,
    EffectLevel,
    Gate,
    Level,
    Modality,
    SofterRule,
)
from tests.unit.frameworks.rsp_3_table import GENERAL, INTERNAL, rows_at
from tests.unit.frameworks.rsp_versions import (
    Row,
    changed,
    duty_of,
    level_of,
    nothing_crossed_3,
    outcome_of,
    policy_of,
    program_of,
    row_of,
    status,
    text_of,
)

NAME = "anthropic-rsp@3.4"
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
PAGES = {
    "officer": "4 item 1 (2), p. 16",
    "decide": "3.4 item 3, p. 13",
    "marginal": "3.4 item 5, p. 14",
    "apa": "Appendix A, p. 17",
    "cb1": "1 row 1, p. 6",
    "cb2": "1 row 2, p. 7",
    "tm1": "1 row 3, p. 7-8",
    "tm2": "1 row 4, p. 8-10",
    "review": "3.6, p. 14",
    "scope": "3.1, p. 11",
}
ROWS = (
    *rows_at(PAGES),
    Row(
        says="more capable than all that was analysed",
        clause="3.1 off-cycle 1, p. 11",
        gate=GENERAL,
        changes={"facts": {"public-model-beyond-analysed": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="internal, R&D risk beyond all that was analysed",
        clause="3.1 off-cycle 2, p. 12",
        gate=INTERNAL,
        changes={"facts": {"internal-rnd-risk-beyond-analysed": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="the same with an analysis published",
        clause="3.1 off-cycle 2, p. 12",
        gate=INTERNAL,
        changes={
            "facts": {"internal-rnd-risk-beyond-analysed": True},
            "documents": {"off-cycle-analysis.published": True},
        },
        expect=ALLOW,
    ),
    Row(
        says="autonomous research, in the report, starts no clock by itself",
        clause="3.1 off-cycle 2, p. 12",
        gate=INTERNAL,
        changes={"facts": {"large-scale-autonomous-research": True}},
        expect=ALLOW,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_situation_has_the_effect_its_clause_gives(row: Row) -> None:
    outcome = outcome_of(NAME, row.situation(nothing_crossed_3(NAME)), row.gate, row.ask)
    assert outcome.governed
    assert outcome.level is row.expect, outcome.determining


def test_file_names_itself_its_days_and_the_version_before() -> None:
    policy = policy_of(NAME)
    assert policy.name == NAME
    assert (policy.effective_on, policy.superseded_on) == ("2026-07-08", None)
    assert policy.supersedes == "anthropic-rsp@3.3"


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


def test_appendix_a_binds_on_shown_evidence_only() -> None:
    """Appendix A, p. 17: clear or strong evidence about competitors arms each scenario."""
    armed = {item.id for item in policy_of(NAME).facts if item.burden is Burden.TO_HOLD}
    assert armed == {
        "lead-is-clear",
        "competitors-argue-containment",
        "competitor-mitigation-better",
        "competitor-mitigation-affordable",
    }


def test_industry_column_is_advice_to_the_industry() -> None:
    """Section 1, p. 4: Anthropic cannot commit to the right column alone."""
    column = [row for row in policy_of(NAME).commitments if row.id.endswith("-industry")]
    assert len(column) == 4
    for row in column:
        assert row.modality is Modality.RECOMMENDS_INDUSTRY
        assert row.addressee == "industry"
        assert not row.binds


def test_expected_criteria_and_considered_pauses_are_advice() -> None:
    """Section 1, p. 6 and 8: expect; Appendix A, p. 17: would strongly consider pausing."""
    assert row_of(NAME, "cb-1-expects-industry-criteria").modality is Modality.INTEND
    assert row_of(NAME, "tm1-expects-industry-criteria").modality is Modality.INTEND
    assert row_of(NAME, "pause-elsewhere").modality is Modality.WOULD


def test_chief_executive_and_officer_have_the_last_word_on_a_finding() -> None:
    """Section 3.4, item 3, p. 13."""
    rule = policy_of(NAME).semantics.softer_determination
    assert rule.rule is SofterRule.COUNTS
    assert rule.cite is not None


def test_clocks_have_the_lengths_of_the_text() -> None:
    """Sections 3.1 and 3.6.2, p. 11-12, 15; section 4, p. 16."""
    assert duty_of(NAME, "publish-risk-report").every == "6m"
    assert duty_of(NAME, "coverage-date").within == "30d"
    assert duty_of(NAME, "publish-off-cycle-internal").within == "30d"
    assert duty_of(NAME, "publish-off-cycle-internal").started_by == "self_determined"
    assert duty_of(NAME, "publish-off-cycle-public").within is None
    assert duty_of(NAME, "external-review-access").within == "1w"
    assert duty_of(NAME, "external-review-comments").within == "30d"
    assert duty_of(NAME, "noncompliance-quarterly").every == "3m"
    assert duty_of(NAME, "procedural-review").every == "1y"


def test_no_growth_or_lapse_of_time_makes_an_assessment_due() -> None:
    """Section 3.1, p. 11: reports follow the calendar, not the model."""
    assert policy_of(NAME).cadence == ()
    assert policy_of(NAME).exemptions == ()


def test_unredacted_reports_go_to_two_hundred_employees_no_longer_to_all_cleared_staff() -> None:
    """Section 4, item 3, p. 16; 3.3, section 4, item 3, p. 16."""
    assert "at least 200 employees" in duty_of(NAME, "staff-transparency").to
    before = duty_of("anthropic-rsp@3.3", "staff-transparency")
    assert before.to == ("staff with regular clearance",)


def test_redactions_must_be_disclosed_unlike_before() -> None:
    """Section 3.5, p. 14."""
    ids = {item.id for item in policy_of(NAME).duties}
    before = {item.id for item in policy_of("anthropic-rsp@3.3").duties}
    assert ids - before == {"coverage-date", "disclose-redactions", "justify-redactions"}
    assert not before - ids


def test_second_route_to_automated_research_asks_for_more_than_before() -> None:
    """Section 1, row 4, p. 9-10: both baselines, and likely to accelerate."""
    after, before = (
        next(item for item in policy_of(name).thresholds if item.id == "TM2").operational_test
        for name in (NAME, "anthropic-rsp@3.3")
    )
    assert "three or more model generations" in after
    assert "three or more model generations" not in before


@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("level", [Level.RULED_OUT, Level.NOT_RULED_OUT, Level.CROSSED])
def test_gates_are_those_of_version_3_3(gate: Gate, level: Level) -> None:
    """The changes of 3.4 are to a threshold's definition and to duties, not to gates."""
    for threshold in ("CB-1", "CB-2", "TM1", "TM2"):
        for facts in ({}, {"lead-is-clear": True}, {"internal-rnd-risk-beyond-analysed": True}):
            found = []
            for name in (NAME, "anthropic-rsp@3.3"):
                base = nothing_crossed_3(name)
                found.append(
                    level_of(
                        name,
                        changed(
                            base,
                            {
                                "statuses": {threshold: status(level)},
                                "facts": facts,
                            },
                        ),
                        gate,
                        Ask.CONTINUE,
                    )
                )
            assert found[0] is found[1]
