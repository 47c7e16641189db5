"""The Preparedness Framework (Beta), as encoded, does what its text says at each gate.

Pages are as printed. The expectations are written from the safety baselines (pp. 20-21), not from
the encoding.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.codes import Severity
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import Outcome, evaluate, strictest
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    Flag,
    Gate,
    Level,
    Modality,
    SafeguardState,
)

FILE = Path(scalegate.__file__).parent / "frameworks" / "openai-pf@beta.yaml"
TEXT = FILE.read_text(encoding="utf-8")
POLICY = parse_policy(TEXT, file=FILE.name)
PROGRAM = compile_policy(POLICY)

CATEGORIES = ("CYBER", "CBRN", "PERSUASION", "AUTONOMY")
LEVELS = ("PRE-HIGH", "PRE-CRITICAL", "POST-HIGH", "POST-CRITICAL")
EXTERNAL = (Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
INTERNAL = (Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK)
GATES = (Gate.TRAIN, *INTERNAL, *EXTERNAL)
LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
ALLOW, HOLD = EffectLevel.ALLOW, EffectLevel.HOLD
EVERY_MODEL = {"second-score": "every_model", "forecast-deadline": "at_once"}
AT_LEVEL_ONLY = {**EVERY_MODEL, "second-score": "at_the_level_only"}
BY_THE_TIME = {**EVERY_MODEL, "forecast-deadline": "by_the_time"}

# One category's score before and after mitigation: how far up the scale each stands.
PRE = ("medium", "high", "critical")
POST = ("medium", "high", "critical")


def situation(
    *crossed: str,
    without: tuple[str, ...] = (),
    forecast: tuple[str, ...] = (),
    readings: dict[str, str] | None = None,
    safety: bool = False,
    **changes: Any,
) -> Situation:
    """All thresholds ruled out but `crossed`; everything in place but what `without` names."""
    given: dict[str, Any] = {
        "statuses": {
            item.id: Status(
                level=Level.CROSSED if item.id in crossed else Level.RULED_OUT,
                flags=frozenset({Flag.FORECAST}) if item.id in forecast else frozenset(),
            )
            for item in POLICY.thresholds
        },
        "safeguards": {
            item.id: ABSENT if item.id in without else LIVE for item in POLICY.safeguards
        },
        "facts": {"safety-enhancing": safety},
        "readings": EVERY_MODEL if readings is None else readings,
    }
    return Situation(**(given | changes))


def at(gate: Gate, given: Situation, ask: Ask = Ask.START) -> Outcome:
    return evaluate(PROGRAM, given, gate, ask)


def test_file_names_itself_its_days_and_supersedes_nothing() -> None:
    assert POLICY.name == "openai-pf@beta"
    assert (POLICY.effective_on, POLICY.superseded_on) == ("2023-12-18", "2025-04-15")
    assert POLICY.supersedes is None


def test_lint_finds_no_error_and_no_warning() -> None:
    assert not [item for item in lint_text(TEXT) if item.severity is not Severity.NOTE]


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(PROGRAM))


def test_knowing_nothing_holds_every_governed_gate() -> None:
    for gate in GATES:
        assert at(gate, Situation()).level is HOLD
    assert not at(Gate.STORE, Situation()).governed


def test_each_category_has_two_scores_with_two_levels() -> None:
    """Scorecard, p. 13-15: pre-mitigation and post-mitigation."""
    assert {item.id for item in POLICY.thresholds} == {
        f"{category}-{level}" for category, level in product(CATEGORIES, LEVELS)
    }
    for item in POLICY.thresholds:
        category, score, rung = item.id.split("-")
        other = f"{category}-{score}-{'HIGH' if rung == 'CRITICAL' else 'CRITICAL'}"
        assert item.above == ((other,) if rung == "CRITICAL" else ())
        assert item.rules_out == ((other,) if rung == "HIGH" else ())


# Situation, gate, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        situation("CYBER-PRE-HIGH", without=("hardened-security-cyber",)),
        Gate.TRAIN,
        HOLD,
        {"HARDEN-CYBER"},
        id="Asset Protection, p.20: security by the time high is hit",
    ),
    pytest.param(
        situation("CYBER-PRE-HIGH", without=("hardened-security-cyber",)),
        Gate.INTERNAL,
        HOLD,
        {"HARDEN-CYBER"},
        id="Asset Protection, p.20: reached means reached, whatever is done with the model",
    ),
    pytest.param(
        situation("CYBER-PRE-HIGH", without=("hardened-security-cbrn",)),
        Gate.TRAIN,
        ALLOW,
        None,
        id="p.6, p.26: security answers the actors of its own category",
    ),
    pytest.param(
        situation("PERSUASION-PRE-HIGH"),
        Gate.EXTERNAL_GENERAL,
        ALLOW,
        None,
        id="Example scenario 1, p.26: high before, medium after mitigation",
    ),
    pytest.param(
        situation("PERSUASION-PRE-HIGH", "PERSUASION-POST-HIGH"),
        Gate.EXTERNAL_GENERAL,
        HOLD,
        {"CAP-DEPLOYMENT-PERSUASION"},
        id="Restricting deployment, p.21: high after mitigation",
    ),
    pytest.param(
        situation("CBRN-PRE-HIGH", "CBRN-POST-HIGH"),
        Gate.EXTERNAL_LIMITED,
        HOLD,
        {"CAP-DEPLOYMENT-CBRN"},
        id="footnote 2, p.2: every way of releasing for external impact",
    ),
    pytest.param(
        situation("CBRN-PRE-HIGH", "CBRN-POST-HIGH"),
        Gate.INTERNAL,
        ALLOW,
        None,
        id="footnote 2, p.2: internal use is not deployment",
    ),
    pytest.param(
        situation("CBRN-PRE-HIGH", "CBRN-POST-HIGH"),
        Gate.TRAIN,
        ALLOW,
        None,
        id="Restricting development, p.21: high or below may be developed further",
    ),
    pytest.param(
        situation("CYBER-PRE-CRITICAL", "CYBER-POST-CRITICAL"),
        Gate.TRAIN,
        HOLD,
        {"CAP-DEVELOPMENT-CYBER"},
        id="Restricting development, p.21: critical after mitigation",
    ),
    pytest.param(
        situation("CYBER-PRE-CRITICAL", "CYBER-POST-CRITICAL", safety=True),
        Gate.TRAIN,
        ALLOW,
        None,
        id="Restricting development, p.21: safety-enhancing development goes on",
    ),
    pytest.param(
        situation("AUTONOMY-PRE-CRITICAL", without=("dependable-alignment-autonomy",)),
        Gate.TRAIN,
        HOLD,
        {"ALIGNED-AUTONOMY"},
        id="Restricting development, p.21: dependable evidence of alignment",
    ),
    pytest.param(
        situation("AUTONOMY-PRE-HIGH", without=("dependable-alignment-autonomy",)),
        Gate.TRAIN,
        ALLOW,
        None,
        id="Restricting development, p.21: needed against critical only",
    ),
    pytest.param(
        situation(forecast=("CYBER-PRE-CRITICAL",), without=("mitigations-to-high-cyber",)),
        Gate.TRAIN,
        HOLD,
        {"FORECAST-DEVELOPMENT-CYBER"},
        id="Example scenario 2, p.26: a forecast of critical stops training",
    ),
    pytest.param(
        situation(forecast=("CYBER-PRE-HIGH",), without=("hardened-security-cyber",)),
        Gate.TRAIN,
        HOLD,
        {"HARDEN-FORECAST-CYBER"},
        id="Asset Protection, p.20: or forecast to reach high",
    ),
    pytest.param(
        situation(forecast=("CYBER-PRE-HIGH",), without=("hardened-security-cyber",)),
        Gate.EXTERNAL_GENERAL,
        ALLOW,
        None,
        id="Restricting deployment, p.21: the deployed model's own score decides",
    ),
    pytest.param(
        situation(
            forecast=("CYBER-PRE-HIGH", "CYBER-PRE-CRITICAL"),
            without=("hardened-security-cyber", "mitigations-to-high-cyber"),
            readings=BY_THE_TIME,
        ),
        Gate.TRAIN,
        ALLOW,
        None,
        id="p.20-21: the deadline is the time the level is hit",
    ),
]


@pytest.mark.parametrize(("given", "gate", "effect", "rows"), TABLE)
def test_a_clause_decides_as_the_text_says(
    given: Situation, gate: Gate, effect: EffectLevel, rows: set[str] | None
) -> None:
    outcome = at(gate, given)
    assert outcome.level is effect
    if rows is not None:
        assert set(outcome.determining) == rows


def _crossed(category: str, pre: str, post: str) -> tuple[str, ...]:
    rungs = {"medium": (), "high": ("HIGH",), "critical": ("HIGH", "CRITICAL")}
    return (
        *(f"{category}-PRE-{rung}" for rung in rungs[pre]),
        *(f"{category}-POST-{rung}" for rung in rungs[post]),
    )


def _expected(
    gate: Gate, pre: str, post: str, *, mild: bool, hardened: bool, aligned: bool, safety: bool
) -> EffectLevel:
    """Safety baselines, pp. 20-21."""
    if pre != "medium" and not hardened:
        return HOLD
    if gate in EXTERNAL and post != "medium" and not (mild and pre == "medium"):
        return HOLD
    capped = post == "critical" and not (mild and pre != "critical")
    if gate is Gate.TRAIN and capped and not safety:
        return HOLD
    return HOLD if gate is Gate.TRAIN and pre == "critical" and not aligned else ALLOW


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_whole_gate_matrix_of_a_category_follows_the_baselines(category: str) -> None:
    checked = 0
    toggles = product((False, True), repeat=4)
    for (pre, post), (mild, hardened, aligned, safety) in product(product(PRE, POST), toggles):
        lower = category.lower()
        without = (() if hardened else (f"hardened-security-{lower}",)) + (
            () if aligned else (f"dependable-alignment-{lower}",)
        )
        given = situation(
            *_crossed(category, pre, post),
            without=without,
            safety=safety,
            readings=AT_LEVEL_ONLY if mild else EVERY_MODEL,
        )
        for gate, ask in product(GATES, Ask):
            expected = _expected(
                gate, pre, post, mild=mild, hardened=hardened, aligned=aligned, safety=safety
            )
            assert at(gate, given, ask).level is expected, (gate, pre, post, mild, without)
            checked += 1
    assert checked == 9 * 16 * len(GATES) * 2


def test_any_single_category_triggers_the_baselines() -> None:
    """Page 6: not only when all increase together."""
    for category, post in product(CATEGORIES, ("high", "critical")):
        outcome = at(Gate.EXTERNAL_GENERAL, situation(*_crossed(category, post, post)))
        assert outcome.determining == (f"CAP-DEPLOYMENT-{category}",)


def test_a_model_without_a_score_after_mitigation_is_not_deployed() -> None:
    """Restricting deployment, p. 21: only a score of medium or below."""
    known = situation()
    statuses = {
        name: status for name, status in known.statuses.items() if name != "CYBER-POST-HIGH"
    }
    given = situation(statuses=statuses)
    assert at(Gate.EXTERNAL_GENERAL, given).determining == ("CAP-DEPLOYMENT-CYBER",)
    assert at(Gate.INTERNAL, given).level is ALLOW


@pytest.mark.parametrize(
    ("gate", "pre", "post"),
    [
        (Gate.EXTERNAL_GENERAL, "CBRN-PRE-HIGH", "CBRN-POST-HIGH"),
        (Gate.TRAIN, "CBRN-PRE-CRITICAL", "CBRN-POST-CRITICAL"),
    ],
)
def test_whether_a_model_below_the_level_needs_a_second_score_is_a_reading(
    gate: Gate, pre: str, post: str
) -> None:
    """Page 21: the cap, and what it is in other words."""
    for crossed in ((), (pre,)):
        scored = situation(*crossed)
        statuses = {name: given for name, given in scored.statuses.items() if name != post}
        given = situation(*crossed, statuses=statuses, readings={})
        worst, outcomes = strictest(PROGRAM, given, gate)
        levels = {chosen["second-score"]: item.level for chosen, item in outcomes}
        assert worst.level is HOLD
        mild = HOLD if crossed else ALLOW
        assert levels == {"every_model": HOLD, "at_the_level_only": mild}


def test_an_unfixed_reading_of_forecasts_holds_and_says_so() -> None:
    """Pages 20-21."""
    given = situation(
        forecast=("CBRN-PRE-CRITICAL",),
        without=("mitigations-to-high-cbrn",),
        readings={"second-score": "every_model"},
    )
    worst, outcomes = strictest(PROGRAM, given, Gate.TRAIN)
    levels = {chosen["forecast-deadline"]: item.level for chosen, item in outcomes}
    assert worst.level is HOLD
    assert levels == {"at_once": HOLD, "by_the_time": ALLOW}


def test_assurance_and_the_aim_at_medium_are_advice() -> None:
    """Pages 14 and 21: would, aiming."""
    advice = {row.id: row.modality for row in POLICY.commitments if not row.binds}
    assert advice.pop("KEEP-AT-MEDIUM") is Modality.AIM
    assert advice == {f"ASSURANCE-{category}": Modality.WOULD for category in CATEGORIES}


def test_doubled_compute_asks_for_evaluation() -> None:
    """Evaluating pre-mitigation risk, p. 13."""
    growth = next(item for item in POLICY.cadence if item.id == "growth")
    assert growth.effective_compute_ratio == Decimal(2)
    assert growth.elapsed is None


def test_reports_are_monthly_and_drills_yearly() -> None:
    """Operations, p. 23; Accountability, p. 25."""
    duties = {item.id: item for item in POLICY.duties}
    assert duties["monthly-report"].every == "1m"
    assert "OpenAI Board of Directors" in duties["monthly-report"].to
    assert len(duties["monthly-report"].must_contain) == 4
    assert duties["mitigation-oversight"].modality.binds
    assert duties["safety-drills"].every == "1y"
    assert duties["audits"].modality is Modality.WILL


def test_the_board_stands_above_leadership_and_leadership_above_the_group() -> None:
    """Operations, p. 22-24."""
    rank = {item.id: item.rank for item in POLICY.roles}
    assert rank["board"] > rank["leadership"] > rank["sag-chair"] > rank["sag"]


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in POLICY.thresholds)
    assert not any(item.checks for item in POLICY.safeguards)
