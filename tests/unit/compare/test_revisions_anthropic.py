"""What Anthropic's revisions are known to have loosened and tightened is found, with citations.

Each test names the clauses of both texts.
"""

from __future__ import annotations

import pytest

from scalegate.compare.model import Change, Strength, Verdict
from scalegate.policy.vocabulary import EffectLevel, Gate
from tests.unit.compare.revisions import departures, element, gaps_of, gates_of, held, revision

LAB = "anthropic-rsp"
LOOSENED, TIGHTENED = Change.LOOSENED, Change.TIGHTENED


def test_the_interval_between_assessments_went_from_three_months_to_six() -> None:
    """RSP 1.0, Evaluation Protocol, Timing, p. 12; RSP 2.0, 3.1, p. 9, and Changelog, p. 21."""
    found = element(revision(LAB, "1.0", "2.0"), "cadence",
                    "next-asl-evaluation -> notably-more-capable: elapsed")  # fmt: skip
    assert (found.change, found.old, found.new) == (LOOSENED, "3m", "6m")
    assert found.cites == (
        "RSP 1.0, Evaluation Protocol, Timing, p. 12",
        "RSP 2.0, 3.1, p. 9",
    )
    ratio = "next-asl-evaluation -> notably-more-capable: effective compute"
    names = {each.name for each in revision(LAB, "1.0", "2.0").difference.elements}
    assert ratio not in names  # fourfold in both


def test_the_first_revision_is_told_in_a_hundred_situations_or_fewer() -> None:
    """Without a bridge every id of RSP 1.0 is foreign to RSP 2.0: tens of thousands of items."""
    view = revision(LAB, "1.0", "2.0").view()
    assert sum(len(item.families) for items in view.clauses.values() for item in items) <= 100


def test_autonomous_replication_became_a_checkpoint_that_holds_nothing() -> None:
    """RSP 1.0, ASL-3 Capabilities, item 2, p. 7; RSP 2.0, 2, p. 8, and Changelog, p. 21."""
    result = revision(LAB, "1.0", "2.0")
    for clause, gate in (
        ("train-past-the-level", Gate.TRAIN),
        ("use-past-the-level", Gate.INTERNAL),
    ):
        found = [
            gap
            for comparison, gap in gaps_of(result, clause)
            if comparison.gate is gate and "checkpoint-2-8h" in departures(gap)
        ]
        assert found
        assert all(gap.instead.level < EffectLevel.HOLD for gap in found)
    # What is left is advice: to be close to the ASL-3 Security Standard.
    left = {name for gap in found for name in gap.advice}
    assert left <= {"checkpoint-security"}


def test_the_pause_on_a_trigger_is_gone_and_cyber_misuse_holds_nothing() -> None:
    """RSP 1.0, Evaluation Protocol, Response policy, p. 13; RSP 2.0, 2, p. 8; 6.2, p. 15."""
    result = revision(LAB, "1.0", "2.0")
    assert gates_of(result, "pause-on-trigger") == {Gate.TRAIN}
    assert any("MISUSE-CYBER" in departures(gap) for _, gap in gaps_of(result, "pause-on-trigger"))


def test_affirmative_cases_and_reports_came_with_2_0() -> None:
    """RSP 2.0, 3.3, p. 10: the decision on a Capability Report before a deployment."""
    result = revision(LAB, "1.0", "2.0")
    decision = "capability-decision-external"
    assert Gate.EXTERNAL_GENERAL in gates_of(result, decision, change=TIGHTENED)
    names = {"CBRN-3", "capability-decision-shared"}
    assert held(result, decision, names, change=TIGHTENED)


def test_the_threshold_of_ai_research_was_split_and_not_moved() -> None:
    """RSP 2.0, Appendix C, p. 20; RSP 2.1, Appendix C, p. 20."""
    result = revision(LAB, "2.0", "2.1")
    assert not [gap for _, gap in gaps_of(result, "asl-3-security") if "AIRD-4" in departures(gap)]


def test_the_next_thresholds_need_no_longer_be_named_before_a_deployment() -> None:
    """RSP 2.0, 5, p. 14; RSP 2.1, 5, p. 14."""
    result = revision(LAB, "2.0", "2.1")
    gaps = [gap for _, gap in gaps_of(result, "next-thresholds-first")]
    assert gaps
    assert all("next-thresholds-in-policy" in departures(gap) for gap in gaps)


def test_a_second_cbrn_threshold_came_with_2_1() -> None:
    """RSP 2.1, 2, row CBRN-4, p. 8."""
    assert element(revision(LAB, "2.0", "2.1"), "threshold", "CBRN-4").change is TIGHTENED


def test_insiders_left_the_scope_of_the_security_standard() -> None:
    """RSP 2.1, 4.2, note 11, p. 13; RSP 2.2, 4.2, note 11, p. 13, and Changelog, p. 23."""
    result = revision(LAB, "2.1", "2.2")
    assert result.difference.verdict is Verdict.LOOSENED
    rest = "ASL3S-most-insider-risk--old-rest"
    assert [each.name for each in result.difference.unmatched] == [rest]
    for comparison in result.difference.comparisons:
        assert all(rest in departures(gap) for gap in comparison.loosened)
    assert Gate.STORE in gates_of(result, "asl-3-security")
    scope = [
        (each.change, each.new)
        for each in result.difference.elements
        if each.name == "ASL-3-Security: actors out of scope" and each.new
    ]
    assert [(change, "sophisticated insiders" in new) for change, new in scope] == [
        (LOOSENED, True)
    ]
    lost = element(result, "safeguard", "ASL3S-most-insider-risk -> ASL3S-basic-insider-risk")
    assert lost.change is LOOSENED


@pytest.mark.parametrize("new", ["3.0", "3.4"])
def test_training_is_no_longer_paused_for_want_of_security(new: str) -> None:
    """RSP 2.2, 6.2, Monitoring pretraining and note 13, p. 15; RSP 3.0, p. 3-4; Appendix A."""
    result = revision(LAB, "2.2", new)
    gaps = [(at, gap) for at, gap in gaps_of(result, "pause-comparable-training")]
    assert {at.gate for at, _ in gaps} == {Gate.TRAIN}
    assert all(
        gap.instead.level < EffectLevel.HOLD for at, gap in gaps if at.cut >= EffectLevel.HOLD
    )
    assert any("ASL3S-3-audits" in departures(gap) for _, gap in gaps)


@pytest.mark.parametrize("new", ["3.0", "3.4"])
def test_the_asl_4_standards_are_gone(new: str) -> None:
    """RSP 2.2, 2, rows CBRN-4 and AI R&D-5, p. 8; RSP 3.0 and 3.4, Appendix B."""
    result = revision(LAB, "2.2", new)
    for clause in ("asl-4-standards-described", "asl-4-security-described"):
        assert Gate.TRAIN in gates_of(result, clause)
    assert any(
        "ASL-4-Deployment" in departures(gap)
        for _, gap in gaps_of(result, "asl-4-standards-described")
    )


@pytest.mark.parametrize("new", ["3.0", "3.4"])
def test_radiological_and_nuclear_weapons_are_gone(new: str) -> None:
    """RSP 2.2, 2, row CBRN-3, p. 8; RSP 3.0, 1, first row, p. 6."""
    result = revision(LAB, "2.2", new)
    found = element(result, "threshold", "CBRN-3 -> CB-1")
    assert found.change is LOOSENED
    assert "radiological and nuclear" in found.old
    assert found.cites[0].startswith("RSP 2.2, 2")
    assert any(
        "CBRN-3--old-rest" in departures(gap) for _, gap in gaps_of(result, "asl-3-security")
    )


def test_the_watch_on_cyber_operations_is_gone() -> None:
    """RSP 2.2, 2, Cyber Operations, p. 9; RSP 3.0, 1, p. 6-9, has none."""
    result = revision(LAB, "2.2", "3.0")
    assert element(result, "duty", "cyber-assessment").change is LOOSENED
    assert element(result, "domain", "cyber").change is LOOSENED


def test_notice_to_the_government_and_readiness_exercises_are_gone() -> None:
    """RSP 2.2, 7.2, item 3, p. 17; 7.1, item 2, p. 16."""
    result = revision(LAB, "2.2", "3.0")
    for duty in ("us-government-notice", "readiness", "reapprove-safeguards"):
        assert element(result, "duty", duty).change is LOOSENED


def test_risk_reports_and_board_approval_of_marginal_risk_came_with_3_0() -> None:
    """RSP 3.0, 3, p. 10-12; 3.4, item 5, p. 12."""
    result = revision(LAB, "2.2", "3.0")
    assert Gate.EXTERNAL_GENERAL in gates_of(result, "marginal-risk-approval", change=TIGHTENED)
    assert element(result, "duty", "external-review-required").change is TIGHTENED


def test_the_officer_approves_in_both_versions() -> None:
    """RSP 2.2, 7.1, item 1 (2), p. 16; RSP 3.0, 4, item 1 (2), p. 15."""
    result = revision(LAB, "2.2", "3.0")
    for change in (LOOSENED, TIGHTENED):
        assert not list(gaps_of(result, "officer-approval", change=change))


@pytest.mark.parametrize(("old", "new"), [("3.3", "3.4")])
def test_automated_research_became_harder_to_trigger(old: str, new: str) -> None:
    """RSP 3.3, 1, fourth row, scenario 2, p. 9-10; RSP 3.4, the same with notes 8 and 9."""
    result = revision(LAB, old, new)
    assert element(result, "threshold", "TM2").change is LOOSENED
    gaps = [gap for _, gap in gaps_of(result, "delay-in-the-lead")]
    assert gaps
    assert all({"TM2--old-rest", "lead-is-clear"} <= departures(gap) for gap in gaps)
    assert result.difference.verdict is Verdict.LOOSENED


def test_automated_research_measured_against_the_past_no_longer_counts() -> None:
    """RSP 3.0, 1, fourth row, p. 8-9; RSP 3.1, 1, fourth row and note 4, p. 8-9."""
    result = revision(LAB, "3.0", "3.1")
    changes = {
        each.change
        for each in result.difference.elements
        if (each.what, each.name) == ("threshold", "TM2")
    }
    assert changes == {LOOSENED, TIGHTENED}


def test_the_trust_gained_approval_of_reviewers_and_briefings() -> None:
    """RSP 3.2, 3.6, p. 14; 4, item 2, p. 16."""
    result = revision(LAB, "3.1", "3.2")
    for duty in ("external-review-on-request", "trust-briefings"):
        assert element(result, "duty", duty).change is TIGHTENED


def test_off_cycle_analyses_left_out_chemical_and_biological_risk_of_internal_models() -> None:
    """RSP 3.2, 3.1, Scope and note 5, p. 11; RSP 3.3, 3.1, Off-cycle updates, p. 11."""
    result = revision(LAB, "3.2", "3.3")
    names = {"internal-chem-bio-risk-beyond-report", "off-cycle-analysis.published"}
    (gap, *_) = held(result, "off-cycle-internal", names)
    assert gap.instead.level is EffectLevel.ALLOW


def test_redactions_are_disclosed_since_3_4() -> None:
    """RSP 3.4, 3.5, p. 14."""
    assert element(revision(LAB, "3.3", "3.4"), "duty", "disclose-redactions").change is TIGHTENED


def test_the_industry_column_is_seen_among_the_weakest_verbs_only() -> None:
    """RSP 2.2, 2, row AI R&D-5, p. 8; RSP 3.0, 1, fourth row, industry, p. 8."""
    result = revision(LAB, "2.2", "3.0")
    gaps = [gap for _, gap in gaps_of(result, "aird-5-security")]
    assert any("tm2-industry" in gap.advice for gap in gaps)
    assert list(gaps_of(result, "tm2-industry", TIGHTENED, Strength.RECOMMENDS_INDUSTRY))
