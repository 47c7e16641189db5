"""What changed between neighbouring versions of the Frontier Safety Framework, at the gates.

Each test puts one situation, in each version's own names, to two versions. The docstrings name
the clauses of the older and the newer text.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import EffectLevel, Gate, Level, Modality, SafeguardState

FOLDER = Path(scalegate.__file__).parent / "frameworks"
LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
STRICT = {"acceptance-conditions": "necessary", "mlrd-tiers": "separate"}
MILD = {**STRICT, "acceptance-conditions": "sufficient_only"}
FIRST = ("first-external-deployment",)


@cache
def program(version: str) -> Program:
    file = FOLDER / f"gdm-fsf@{version}.yaml"
    return compile_policy(parse_policy(file.read_text(encoding="utf-8"), file=file.name))


def policy(version: str) -> Policy:
    return program(version).policy


def level(
    version: str,
    gate: Gate,
    *crossed: str,
    without: tuple[str, ...] = (),
    true: tuple[str, ...] = (),
    **changes: Any,
) -> EffectLevel:
    """All levels ruled out but `crossed`, all facts false but `true`, all there but `without`."""
    text = policy(version)
    declared = names(version, "safeguards") | names(version, "documents")
    declared |= names(version, "questions")
    assert set(without) <= declared
    given: dict[str, Any] = {
        "statuses": {
            item.id: Status(level=Level.CROSSED if item.id in crossed else Level.RULED_OUT)
            for item in text.thresholds
        },
        "safeguards": {item.id: ABSENT if item.id in without else LIVE for item in text.safeguards},
        "documents": {f"{item.id}.covered": item.id not in without for item in text.documents},
        "acts": {item.id: item.id not in without for item in text.questions},
        "facts": {item.id: item.id in true for item in text.facts},
        "readings": STRICT,
    }
    return evaluate(program(version), Situation(**(given | changes)), gate).level


def names(version: str, section: str) -> set[str]:
    return {item.id for item in getattr(policy(version), section)}


def test_the_versions_follow_each_other_without_a_gap() -> None:
    days = [
        (policy(version).effective_on, policy(version).superseded_on, policy(version).supersedes)
        for version in ("1.0", "2.0", "3.0", "3.1")
    ]
    for older, newer in pairwise(days):
        assert older[1] == newer[0]
    assert [item[2] for item in days] == [None, "gdm-fsf@1.0", "gdm-fsf@2.0", "gdm-fsf@3.0"]


# From 1.0 to 2.0.


def test_from_2_0_general_availability_waits_for_a_safety_case() -> None:
    """1.0 Framework 3, p.2 (would hold, or protocols); 2.0 Deployment Mitigations 2, p.4."""
    assert level("1.0", Gate.EXTERNAL_GENERAL, "CYBER-AUTONOMY-1") is ALLOW
    lacking = ("safety-case-adequate",)
    assert level("2.0", Gate.EXTERNAL_GENERAL, "CYBER-AUTONOMY-1", without=lacking) is HOLD


def test_the_hold_went_from_would_to_may_to_nothing() -> None:
    """1.0 Framework 3, p.2; 2.0 Framework 3, p.3; 3.0 section 1.4, p.6."""

    def verbs(version: str) -> set[Modality]:
        rows = policy(version).commitments
        return {row.modality for row in rows if "on hold" in row.native_verb}

    assert verbs("1.0") == {Modality.WOULD}
    assert verbs("2.0") == {Modality.MAY}
    assert verbs("3.0") == verbs("3.1") == set()


def test_in_2_0_the_numbers_of_the_cadence_are_gone() -> None:
    """1.0 Framework 2, p.2; 2.0 Framework 2, p.3."""
    assert any(item.effective_compute_ratio for item in policy("1.0").cadence)
    assert not any(item.effective_compute_ratio for item in policy("2.0").cadence)


def test_in_2_0_autonomy_goes_and_deceptive_alignment_comes() -> None:
    """2.0 footnote 9, p.5; Table 2, p.7."""
    assert names("1.0", "domains") - names("2.0", "domains") == {"AUTONOMY", "BIO"}
    assert names("2.0", "domains") - names("1.0", "domains") == {"CBRN", "MISALIGNMENT"}


def test_in_2_0_security_is_mapped_and_stays_advice() -> None:
    """1.0 Future work, p.6; 2.0 Table 1, p.5-6."""
    assert any(item.unspecified for item in policy("1.0").standards if "SECURITY" in item.id)
    assert not any(item.unspecified for item in policy("2.0").standards if item.id[:2] == "SL")
    missing = ("sl2-goals", "sl3-additions", "sl4-additions")
    assert level("2.0", Gate.TRAIN, "MLRD-AUTONOMY-1", without=missing) is ALLOW


# From 2.0 to 3.0.

SHARED = pytest.mark.parametrize("name", ["CBRN-UPLIFT-1", "CYBER-UPLIFT-1"])


@SHARED
def test_from_3_0_limited_external_deployment_waits_as_well(name: str) -> None:
    """2.0 step 2 and footnote 8, p.4; 3.0 section 2.1.2 step 2, p.9."""
    lacking = ("safety-case-adequate",)
    assert level("2.0", Gate.EXTERNAL_LIMITED, name, without=lacking) is ALLOW_WITH
    assert level("3.0", Gate.EXTERNAL_LIMITED, name, without=lacking) is HOLD
    for version in ("2.0", "3.0"):
        assert level(version, Gate.EXTERNAL_GENERAL, name, without=lacking) is HOLD
        assert level(version, Gate.INTERNAL, name, without=lacking) is not HOLD


@SHARED
def test_from_3_0_missing_security_holds_training_if_the_conditions_are_necessary(
    name: str,
) -> None:
    """2.0 Table 1, p.5; 3.0 section 1.6, p.7."""
    lacking = ("sl2-goals",)
    assert level("2.0", Gate.TRAIN, name, without=lacking) is ALLOW
    assert level("3.0", Gate.TRAIN, name, without=lacking) is HOLD
    assert level("3.0", Gate.TRAIN, name, without=lacking, readings=MILD) is ALLOW


def test_from_3_0_large_scale_internal_use_of_ml_rnd_waits() -> None:
    """2.0 step 2, p.4; 3.0 section 3.1.2 step 2, p.12. The levels bear other names."""
    lacking = ("safety-case-adequate",)
    for gate in (Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK):
        assert level("2.0", gate, "MLRD-AUTONOMY-1", without=lacking) is ALLOW_WITH
        large = level(
            "3.0", gate, "MLRD-AUTOMATION-1", without=lacking, true=("large-scale-internal",)
        )
        assert large is HOLD


def test_from_3_0_the_first_external_deployment_waits_for_an_assessment() -> None:
    """2.0 Framework 2, p.3 (intend to evaluate); 3.0 section 1.3, p.4."""
    assert level("2.0", Gate.EXTERNAL_LIMITED) is ALLOW
    held = level("3.0", Gate.EXTERNAL_LIMITED, without=("risk-assessment",), true=FIRST)
    assert held is HOLD


def test_in_3_0_levels_come_go_and_change_their_names() -> None:
    """2.0 Table 1, p.5-6; 3.0 section 2.2.3, p.10-11; section 3.2.1, p.13-14."""
    gone = {"CYBER-AUTONOMY-1", "MLRD-UPLIFT-1", "MLRD-AUTONOMY-1"}
    come = {"MANIPULATION-1", "MLRD-ACCELERATION-1", "MLRD-AUTOMATION-1"}
    assert names("2.0", "thresholds") - names("3.0", "thresholds") == gone
    assert names("3.0", "thresholds") - names("2.0", "thresholds") == come


def test_only_2_0_lets_adoption_depend_on_others() -> None:
    """2.0 Introduction, p.1; 3.0 Overview, p.2."""
    for version in ("1.0", "3.0", "3.1"):
        assert "INDUSTRY-CONDITIONALITY" not in names(version, "discretions")
    assert "INDUSTRY-CONDITIONALITY" in names("2.0", "discretions")


def test_in_3_0_councils_and_control_evaluations_are_gone() -> None:
    """2.0 Governance, p.7; 3.0 sections 2.1.2, p.9, and 4, p.15."""
    assert {item for item in names("2.0", "roles") if "council" in item}
    assert not {item for item in names("3.0", "roles") if "council" in item}
    assert "control-evaluations" in names("2.0", "safeguards") - names("3.0", "safeguards")


def test_in_3_0_the_update_of_a_safety_case_became_optional_and_that_of_the_text_yearly() -> None:
    """2.0 step 3, p.4, and Introduction, p.1; 3.0 section 2.1.2 step 3, p.9, and 5.1, p.16."""
    old, new = ({item.id: item for item in policy(name).duties} for name in ("2.0", "3.0"))
    assert old["post-market-update"].modality is Modality.WILL
    assert new["post-market-update"].modality is Modality.MAY
    assert (old["framework-review"].every, new["framework-review"].every) == (None, "1y")


# From 3.0 to 3.1.


@pytest.mark.parametrize("name", ["CBRN-UPLIFT-1", "CYBER-UPLIFT-1", "MANIPULATION-1"])
def test_in_3_1_security_level_2_alone_no_longer_suffices(name: str) -> None:
    """3.0 section 2.2, p.10; 3.1 section 2.1.1, p.9."""
    assert level("3.0", Gate.TRAIN, name) is ALLOW
    assert level("3.1", Gate.TRAIN, name, without=("sl2-plus-additions",)) is HOLD


@pytest.mark.parametrize("name", ["MLRD-ACCELERATION-1", "MLRD-AUTOMATION-1"])
def test_in_3_1_high_risk_replaces_large_scale_internal_deployment(name: str) -> None:
    """3.0 section 3.1.2, p.12; 3.1 section 3.1.2, p.14."""
    lacking, large = ("safety-case",), ("large-scale-internal",)
    assert level("3.0", Gate.INTERNAL, name, without=lacking, true=large) is HOLD
    assert level("3.1", Gate.INTERNAL, name, without=lacking) is ALLOW
    assert level("3.0", Gate.INTERNAL_HIGH_RISK, name, without=lacking) is ALLOW
    assert level("3.1", Gate.INTERNAL_HIGH_RISK, name, without=lacking) is HOLD


def test_in_3_1_a_residual_risk_assessment_is_asked_beside_the_safety_case() -> None:
    """3.0 section 1.5, p.6; 3.1 section 1.3.4, p.7."""
    assert level("3.0", Gate.EXTERNAL_GENERAL, "CYBER-UPLIFT-1") is ALLOW
    lacking = ("residual-risk-assessment",)
    assert level("3.1", Gate.EXTERNAL_GENERAL, "CYBER-UPLIFT-1", without=lacking) is HOLD


def test_in_3_1_new_capabilities_alone_no_longer_ask_for_an_assessment() -> None:
    """3.0 section 1.3, p.4-5; 3.1 section 1.3.2, p.5."""
    new, both = ("meaningful-new-capabilities",), "could-undermine-justification"
    old_text, new_text = ("risk-assessment",), ("critical-capability-assessment",)
    gate = Gate.EXTERNAL_GENERAL
    assert level("3.0", gate, without=old_text, true=new) is HOLD
    assert level("3.1", gate, without=new_text, true=new) is ALLOW
    assert level("3.1", gate, without=new_text, true=(*new, both)) is HOLD


def test_in_3_1_low_risk_external_deployment_may_skip_the_assessment() -> None:
    """3.1 section 1.3.2 footnote 4, p.5."""
    skipped = {"discretions": {"LOW-RISK-EXTERNAL": True}}
    gate = Gate.EXTERNAL_LIMITED
    assert level("3.0", gate, without=("risk-assessment",), true=FIRST) is HOLD
    lacking = ("critical-capability-assessment",)
    assert level("3.1", gate, without=lacking, true=FIRST, **skipped) is ALLOW_WITH
    assert not policy("3.0").discretions


def test_in_3_1_tracked_levels_hold_and_instrumental_reasoning_is_gone() -> None:
    """3.0 section 4, p.15; 3.1 sections 2.2.1, p.11, and 3.2.1, p.14."""
    gate = Gate.EXTERNAL_GENERAL
    tracked = ("mitigations-cbrn-uplift-tcl",)
    assert level("3.1", gate, "CBRN-UPLIFT-TCL", without=tracked) is HOLD
    unmonitored = ("automated-monitoring",)
    assert level("3.0", gate, "INSTRUMENTAL-REASONING-1", without=unmonitored) is ALLOW
    unmitigated = ("mitigations-ssa-tcl", "very-unlikely-propensities")
    assert level("3.1", gate, "SSA-TCL", without=unmitigated) is HOLD
    gone = {"INSTRUMENTAL-REASONING-1", "INSTRUMENTAL-REASONING-2"}
    assert names("3.0", "thresholds") - names("3.1", "thresholds") == gone


def test_in_3_1_the_text_is_reviewed_where_it_was_updated() -> None:
    """3.0 section 5.1, p.16; 3.1 section 5.1, p.17."""
    verbs = [
        next(item for item in policy(name).duties if item.id == "framework-review").native_verb
        for name in ("3.0", "3.1")
    ]
    assert verbs == ["will be updated", "will be reviewed"]
