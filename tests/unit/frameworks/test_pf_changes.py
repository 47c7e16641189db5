"""What changed from OpenAI's Preparedness Framework (Beta) to version 2, and what the FGF adds.

Each test puts one situation, in each text's own names, to two of them. The docstrings name the
clauses: pages as printed for the Beta, of the file for the other two.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import EffectLevel, Gate, Level, SafeguardState

FOLDER = Path(scalegate.__file__).parent / "frameworks"
BETA, PF_2, FGF = "openai-pf@beta", "openai-pf@2", "openai-fgf@2026-05"
LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
ALLOW, HOLD = EffectLevel.ALLOW, EffectLevel.HOLD
STRICT = {
    "second-score": "every_model",
    "forecast-deadline": "at_once",
    "cyber-misalignment-scope": "unconditional",
    "halt-on-forecast": "reached_or_forecast",
    "bio-misuse-lasts": "throughout",
}
COVERED = ("covered-system", "covered-model")
EXTERNAL = (Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
BETA_CRITICAL = ("CYBER-PRE-HIGH", "CYBER-PRE-CRITICAL")
SPECIFIED = {"PF-CRITICAL-CYBER": True}


@cache
def program(name: str) -> Program:
    file = FOLDER / f"{name}.yaml"
    return compile_policy(parse_policy(file.read_text(encoding="utf-8"), file=file.name))


def policy(name: str) -> Policy:
    return program(name).policy


def ids(name: str, section: str) -> set[str]:
    return {item.id for item in getattr(policy(name), section)}


def level(
    name: str,
    gate: Gate,
    *crossed: str,
    without: tuple[str, ...] = (),
    true: tuple[str, ...] = COVERED,
    **changes: Any,
) -> EffectLevel:
    """All ruled out but `crossed`, all facts false but `true`, all in place but `without`."""
    text = policy(name)
    assert set(crossed) <= ids(name, "thresholds")
    declared = ids(name, "safeguards") | ids(name, "documents") | ids(name, "questions")
    assert set(without) <= declared
    given: dict[str, Any] = {
        "statuses": {
            item.id: Status(level=Level.CROSSED if item.id in crossed else Level.RULED_OUT)
            for item in text.thresholds
        },
        "safeguards": {item.id: ABSENT if item.id in without else LIVE for item in text.safeguards},
        "documents": {
            f"{item.id}.{aspect.value}": item.id not in without
            for item in text.documents
            for aspect in item.aspects
        },
        "acts": {item.id: item.id not in without for item in text.questions},
        "facts": {item.id: item.id in true for item in text.facts},
        "readings": STRICT,
    }
    return evaluate(program(name), Situation(**(given | changes)), gate).level


def test_version_2_follows_the_beta_without_a_gap_and_the_fgf_stands_beside_it() -> None:
    """FGF 1 p.4."""
    assert policy(BETA).superseded_on == policy(PF_2).effective_on
    assert policy(PF_2).supersedes == BETA
    assert policy(PF_2).superseded_on is None
    assert policy(FGF).supersedes is None


@pytest.mark.parametrize("gate", EXTERNAL)
def test_the_cap_on_deployment_became_a_judgement_of_safeguards(gate: Gate) -> None:
    """Beta Restricting deployment, p.21; version 2 section 4.2, p.11-12."""
    assert level(BETA, gate, "CYBER-PRE-HIGH", "CYBER-POST-HIGH") is HOLD
    assert level(PF_2, gate, "CYBER-HIGH") is ALLOW
    assert level(PF_2, gate, "CYBER-HIGH", without=("safeguards-sufficient",)) is HOLD


def test_critical_before_mitigation_went_from_aligned_and_mitigated_to_a_halt() -> None:
    """Beta Restricting development, p.21; version 2 Table 1, p.7, and 4.4, p.13."""
    critical = ("CYBER-HIGH", "CYBER-CRITICAL")
    assert level(BETA, Gate.TRAIN, *BETA_CRITICAL) is ALLOW
    unaligned = ("dependable-alignment-cyber",)
    assert level(BETA, Gate.TRAIN, *BETA_CRITICAL, without=unaligned) is HOLD
    assert level(PF_2, Gate.TRAIN, *critical) is HOLD
    met: dict[str, Any] = {"specified": SPECIFIED, "specified_members": SPECIFIED}
    assert level(PF_2, Gate.TRAIN, *critical, **met) is ALLOW


def test_the_exception_for_safety_work_is_gone() -> None:
    """Beta Restricting development, p.21; version 2 Table 1, p.7."""
    worst = (*BETA_CRITICAL, "CYBER-POST-HIGH", "CYBER-POST-CRITICAL")
    assert level(BETA, Gate.TRAIN, *worst) is HOLD
    assert level(BETA, Gate.TRAIN, *worst, true=("safety-enhancing",)) is ALLOW
    assert "safety-enhancing" not in ids(PF_2, "facts")
    assert level(PF_2, Gate.TRAIN, "CYBER-HIGH", "CYBER-CRITICAL") is HOLD


def test_from_version_2_deployment_waits_for_a_capabilities_report() -> None:
    """Beta Scorecard, p.13; version 2 section 3.3, p.10."""
    assert level(BETA, Gate.EXTERNAL_GENERAL, without=("scorecard",)) is ALLOW
    assert level(PF_2, Gate.EXTERNAL_GENERAL, without=("capabilities-report",)) is HOLD


def test_persuasion_is_gone_and_nuclear_is_only_watched() -> None:
    """Beta p.9-10; version 2 section 2.3, p.8-9."""
    capped = ("PERSUASION-PRE-HIGH", "PERSUASION-POST-HIGH")
    assert level(BETA, Gate.EXTERNAL_GENERAL, *capped) is HOLD
    assert "manipulation" not in {item.neutral.value for item in policy(PF_2).domains}
    watched = {item.id for item in policy(PF_2).domains if item.watch_list}
    assert {"NUCLEAR", "LONG-RANGE-AUTONOMY", "REPLICATION"} <= watched
    assert not any(item.watch_list for item in policy(BETA).domains)


def test_from_version_2_internal_deployment_is_held_too() -> None:
    """Beta footnote 2, p.2; version 2 Table 1, p.6, and 4.2, p.11-12."""
    scored = ("CYBER-PRE-HIGH", "CYBER-POST-HIGH")
    assert level(BETA, Gate.INTERNAL, *scored) is ALLOW
    assert level(PF_2, Gate.INTERNAL, "CYBER-HIGH", without=("safeguards-sufficient",)) is HOLD
    unaligned = ("misalignment-safeguards-cyber",)
    large = (*COVERED, "large-scale-internal")
    assert level(PF_2, Gate.INTERNAL, "CYBER-HIGH", without=unaligned) is ALLOW
    assert level(PF_2, Gate.INTERNAL, "CYBER-HIGH", without=unaligned, true=large) is HOLD


def test_hardened_security_is_asked_at_high_in_both() -> None:
    """Beta Asset Protection, p.20; version 2 Table 1, p.6, and C.3, p.21."""
    lacking = ("hardened-security-cyber",)
    assert level(BETA, Gate.TRAIN, "CYBER-PRE-HIGH", without=lacking) is HOLD
    assert level(PF_2, Gate.TRAIN, "CYBER-HIGH", without=("sec-zero-trust",)) is HOLD


def test_only_version_2_adjusts_safeguards_for_marginal_risk() -> None:
    """Version 2 section 4.3, p.13."""
    assert not policy(BETA).discretions
    assert "MARGINAL-RISK-CYBER" in ids(PF_2, "discretions")


def test_the_clocks_of_the_beta_are_gone() -> None:
    """Beta p.13, 23, 25; version 2 sections 3.2, p.10, and 5, p.13-14."""
    assert any(item.effective_compute_ratio for item in policy(BETA).cadence)
    assert not any(item.effective_compute_ratio for item in policy(PF_2).cadence)
    dropped = {
        "monthly-report",
        "safety-drills",
        "external-access",
        "audits",
        "board-documentation",
    }
    assert dropped <= ids(BETA, "duties")
    assert not dropped & ids(PF_2, "duties")


def test_the_third_tier_halts_nothing_where_critical_halts() -> None:
    """Version 2 Table 1, p.6-7; FGF 2.4, p.9-12, and 2.5, p.13."""
    assert level(PF_2, Gate.TRAIN, "CYBER-HIGH", "CYBER-CRITICAL") is HOLD
    unaccepted = ("residual-risk-acceptable", "additional-mitigations")
    tiers = ("CYBER-TIER-1", "CYBER-TIER-2", "CYBER-TIER-3")
    assert level(FGF, Gate.TRAIN, *tiers, without=unaccepted) is ALLOW
    assert level(FGF, Gate.EXTERNAL_GENERAL, *tiers, without=unaccepted) is HOLD
    assert level(FGF, Gate.EXTERNAL_GENERAL, *tiers) is ALLOW


def test_the_fgf_asks_for_accepted_residual_risk_below_every_tier() -> None:
    """FGF 2.5, p.13; version 2 asks for safeguards at High only (4.2, p.11-12)."""
    unaccepted = ("residual-risk-acceptable", "additional-mitigations")
    assert level(FGF, Gate.EXTERNAL_LIMITED, without=unaccepted) is HOLD
    assert level(PF_2, Gate.EXTERNAL_LIMITED, without=("safeguards-sufficient",)) is ALLOW
