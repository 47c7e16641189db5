"""What OpenAI's and Google DeepMind's revisions are known to have loosened and tightened is found.

Each test names the clauses of both texts.
"""

from __future__ import annotations

import pytest

from scalegate.compare.model import Change, Side, Strength
from scalegate.policy.vocabulary import EffectLevel, Gate
from tests.unit.compare.revisions import departures, element, gaps_of, gates_of, held, revision

LOOSENED, TIGHTENED = Change.LOOSENED, Change.TIGHTENED
OUTSIDE = {Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS}


@pytest.mark.parametrize("category", ["CYBER", "CBRN", "AUTONOMY"])
def test_the_cap_at_medium_after_mitigation_is_gone(category: str) -> None:
    """PF Beta, Restricting deployment, p. 21; PF 2, 4.2, p. 11-12."""
    result = revision("openai-pf", "beta", "2")
    gaps = [gap for _, gap in gaps_of(result, f"CAP-DEPLOYMENT-{category}")]
    assert gates_of(result, f"CAP-DEPLOYMENT-{category}") == OUTSIDE
    assert any(f"{category}-POST-HIGH" in departures(gap) for gap in gaps)


def test_persuasion_is_gone() -> None:
    """PF Beta, Tracked Risk Categories, Persuasion, p. 10; PF 2, 2.2 Table 1, p. 6-7."""
    result = revision("openai-pf", "beta", "2")
    assert element(result, "domain", "manipulation").change is LOOSENED
    assert element(result, "threshold", "PERSUASION-PRE-HIGH").change is LOOSENED
    assert Gate.EXTERNAL_GENERAL in gates_of(result, "CAP-DEPLOYMENT-PERSUASION")


def test_a_clause_about_the_marginal_risk_of_others_was_added() -> None:
    """PF 2, 4.3, p. 13; PF Beta has none.

    For AI self-improvement the clause could release nothing: no row of that category asks for what
    it softens.
    """
    result = revision("openai-pf", "beta", "2")
    for category in ("BIO", "CYBER"):
        found = element(result, "discretion", f"MARGINAL-RISK-{category}")
        assert found.change is LOOSENED
        assert found.cites == ("", "PF 2, 4.3, p. 13")
    ways = {
        each.name: each for each in result.difference.unmatched if each.kind.value == "discretion"
    }
    assert {each.change for each in ways.values()} == {LOOSENED}
    assert {each.side for each in ways.values()} == {Side.NEW}


@pytest.mark.parametrize("category", ["CYBER", "CBRN", "AUTONOMY"])
def test_evidence_of_alignment_is_no_longer_a_condition(category: str) -> None:
    """PF Beta, Restricting development, p. 21; PF 2, 2.2 Table 1, p. 6-7."""
    result = revision("openai-pf", "beta", "2")
    names = {f"dependable-alignment-{category.lower()}"}
    found = [
        gap
        for _, gap in gaps_of(result, f"ALIGNED-{category}")
        if names <= departures(gap) and not any("--old-rest" in name for name in departures(gap))
    ]
    assert found
    assert all(gap.instead.level < EffectLevel.HOLD for gap in found)


def test_radiological_nuclear_and_replication_risk_left_the_thresholds() -> None:
    """PF Beta, Tracked Risk Categories, p. 9-11; PF 2, 2.3 Table 2, p. 8."""
    result = revision("openai-pf", "beta", "2")
    assert "nuclear" in element(result, "threshold", "CBRN-PRE-HIGH -> BIO-HIGH").old
    assert (
        "replication" in element(result, "threshold", "AUTONOMY-PRE-CRITICAL -> AISI-CRITICAL").old
    )


def test_the_doubling_of_compute_no_longer_calls_for_evaluations() -> None:
    """PF Beta, Evaluating pre-mitigation risk, p. 13; PF 2, 3.2 and 3.3, p. 10."""
    assert element(revision("openai-pf", "beta", "2"), "cadence", "growth").change is LOOSENED


def test_a_halt_at_critical_and_internal_misalignment_safeguards_came_with_pf_2() -> None:
    """PF 2, 2.2 Table 1, p. 6-7."""
    result = revision("openai-pf", "beta", "2")
    assert Gate.TRAIN in gates_of(result, "CRITICAL-HALT-CYBER", TIGHTENED)
    assert Gate.INTERNAL in gates_of(result, "HIGH-MISALIGNMENT-CYBER", TIGHTENED)
    names = {"CYBER-HIGH", "large-scale-internal", "misalignment-safeguards-cyber"}
    assert held(result, "HIGH-MISALIGNMENT-CYBER", names, TIGHTENED)


def test_that_a_model_would_be_held_became_that_a_plan_may_hold_it() -> None:
    """FSF 1.0, Framework, 3, p. 2 ("would put on hold"); FSF 2.0, Framework, 3, p. 3 ("may")."""
    result = revision("gdm-fsf", "1.0", "2.0")
    moved = [
        each
        for each in result.difference.elements
        if each.what == "commitment" and each.name.endswith("HOLD-IN-RESPONSE-PLAN: modality")
    ]
    assert [each.change for each in moved] == [LOOSENED]
    assert moved[0].old.startswith("would")
    assert moved[0].new.startswith("may")
    for clause, gate in (("HOLD-DEVELOPMENT-MLRD-1", Gate.TRAIN),
                         ("HOLD-DEPLOYMENT-MLRD-1", Gate.EXTERNAL_GENERAL)):  # fmt: skip
        found = [at.gate for at, _ in gaps_of(result, clause, LOOSENED, Strength.WOULD)]
        assert gate in found


def test_the_cadence_of_evaluations_and_the_buffer_are_gone() -> None:
    """FSF 1.0, Framework, 2 and footnote 4, p. 2; FSF 2.0, Framework, 2, p. 3."""
    result = revision("gdm-fsf", "1.0", "2.0")
    assert element(result, "cadence", "growth").change is LOOSENED
    assert element(result, "cadence", "regular-evaluation: modality").change is LOOSENED
    assert element(result, "elicitation", "safety-buffer").change is LOOSENED


def test_autonomy_left_and_deceptive_alignment_came_with_2_0() -> None:
    """FSF 1.0, table, p. 5; FSF 2.0, Deceptive Alignment, Table 2, p. 7."""
    result = revision("gdm-fsf", "1.0", "2.0")
    assert element(result, "threshold", "AUTONOMY-1").change is LOOSENED
    assert element(result, "threshold", "INSTRUMENTAL-REASONING-2").change is TIGHTENED
    assert element(result, "discretion", "INDUSTRY-CONDITIONALITY").change is LOOSENED


def test_general_availability_needs_an_adequate_safety_case_since_2_0() -> None:
    """FSF 2.0, Misuse, Deployment Mitigations, steps 1 and 2, p. 4."""
    result = revision("gdm-fsf", "1.0", "2.0")
    assert Gate.EXTERNAL_GENERAL in gates_of(result, "DEPLOY-CBRN-UPLIFT-1", TIGHTENED)


def test_the_sentence_about_a_hold_was_removed() -> None:
    """FSF 2.0, Framework, 3, p. 3; FSF 3.0, 1.4 and 1.6, p. 6-7, has none."""
    result = revision("gdm-fsf", "2.0", "3.0")
    found = list(gaps_of(result, "HOLD-IN-RESPONSE-PLAN", LOOSENED, Strength.MAY))
    assert Gate.TRAIN in {at.gate for at, _ in found}
    attributions = [
        item
        for comparison in result.difference.comparisons
        for item in comparison.clauses
        if item.clause == "HOLD-IN-RESPONSE-PLAN"
    ]
    assert not any(item.still_there for item in attributions)


def test_every_external_deployment_needs_the_safety_case_since_3_0() -> None:
    """FSF 2.0, footnote 8, p. 4; FSF 3.0, 2.1.2 step 2, p. 9."""
    result = revision("gdm-fsf", "2.0", "3.0")
    assert Gate.EXTERNAL_LIMITED in gates_of(result, "DEPLOY-CBRN-UPLIFT-1", TIGHTENED)
    assert Gate.INTERNAL in gates_of(result, "DEPLOY-INTERNAL-MLRD-ACCELERATION-1", TIGHTENED)


def test_instrumental_reasoning_2_was_removed() -> None:
    """FSF 3.0, 4, Table 4.a, p. 15; FSF 3.1 has none."""
    result = revision("gdm-fsf", "3.0", "3.1")
    assert element(result, "threshold", "INSTRUMENTAL-REASONING-2").change is LOOSENED
    strengths = {
        comparison.strength
        for comparison in result.difference.comparisons
        for item in comparison.clauses
        if item.clause == "MITIGATIONS-INSTRUMENTAL-REASONING-2"
    }
    assert strengths  # the row was advice, so it is seen among the weaker verbs
    assert Strength.BINDING not in strengths


def test_insiders_and_tampering_came_into_the_scope_of_security_with_3_1() -> None:
    """FSF 3.0, 2.1.1, p. 8; FSF 3.1, 2.1.1, p. 9."""
    found = element(
        revision("gdm-fsf", "3.0", "3.1"), "standard", "SL2 -> SL2PLUS: actors in scope"
    )
    assert (found.change, "Insiders" in found.new) == (TIGHTENED, True)


def test_a_way_out_for_few_testers_came_with_3_1() -> None:
    """FSF 3.1, 1.3.2 footnote 4, p. 5."""
    result = revision("gdm-fsf", "3.0", "3.1")
    assert element(result, "discretion", "LOW-RISK-EXTERNAL").change is LOOSENED
    assert Gate.EXTERNAL_LIMITED in {
        comparison.gate for comparison in result.difference.comparisons if comparison.loosened
    }
