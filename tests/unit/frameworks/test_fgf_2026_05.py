"""The Frontier Governance Framework of May 2026, as encoded, does what its text says at each gate.

Pages are those of the file. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.policy.codes import Severity
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import Outcome, condition_holds, evaluate
from scalegate.policy.lint import lint_text
from scalegate.policy.monotone import relaxations
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    Gate,
    Level,
    Modality,
    SafeguardState,
    StatusRule,
)

FILE = Path(scalegate.__file__).parent / "frameworks" / "openai-fgf@2026-05.yaml"
TEXT = FILE.read_text(encoding="utf-8")
POLICY = parse_policy(TEXT, file=FILE.name)
PROGRAM = compile_policy(POLICY)

TIERS = tuple(f"{domain}-TIER-{rung}" for domain in ("CYBER", "CBRN", "LOC") for rung in (1, 2, 3))
EXTERNAL = (Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS)
INTERNAL = (Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK)
SECURED = (Gate.STORE, Gate.TRAIN, *INTERNAL, Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL)
SECURITY = next(item.members for item in POLICY.standards if item.id == "FGF-SECURITY")
LIVE, ABSENT = SafeguardState.LIVE_AND_SUFFICIENT, SafeguardState.ABSENT
ALLOW, ALLOW_WITH, HOLD = EffectLevel.ALLOW, EffectLevel.ALLOW_WITH, EffectLevel.HOLD
DOCUMENTS = (
    "systemic-risk-assessment.covered",
    "risk-justification.covered",
    "model-report.covered",
    "system-card.published",
)
COVERED: Mapping[str, bool] = {"covered-model": True, "internal-oversight-risk": False}
INSIDE = {**COVERED, "internal-oversight-risk": True}
OUTSIDE_SCOPE = {"covered-model": False, "internal-oversight-risk": True}
UNACCEPTED = ("residual-risk-acceptable", "additional-mitigations")


def situation(
    *crossed: str,
    without: tuple[str, ...] = (),
    facts: Mapping[str, bool] = COVERED,
    **changes: Any,
) -> Situation:
    """No tier reached but `crossed`; everything in place but what `without` names."""
    given: dict[str, Any] = {
        "statuses": {
            name: Status(level=Level.CROSSED if name in crossed else Level.RULED_OUT)
            for name in TIERS
        },
        "safeguards": {
            item.id: ABSENT if item.id in without else LIVE for item in POLICY.safeguards
        },
        "documents": {name: name not in without for name in DOCUMENTS},
        "acts": {"residual-risk-acceptable": "residual-risk-acceptable" not in without},
        "facts": dict(facts),
    }
    return Situation(**(given | changes))


def at(gate: Gate, given: Situation, ask: Ask = Ask.START) -> Outcome:
    return evaluate(PROGRAM, given, gate, ask)


def test_file_names_itself_its_day_and_supersedes_nothing() -> None:
    """1 p.4: the Preparedness Framework goes on beside it."""
    assert POLICY.name == "openai-fgf@2026-05"
    assert (POLICY.effective_on, POLICY.superseded_on) == ("2026-05-28", None)
    assert POLICY.supersedes is None


def test_lint_finds_no_error_and_no_warning() -> None:
    assert not [item for item in lint_text(TEXT) if item.severity is not Severity.NOTE]


def test_nothing_worse_relaxes_a_gate() -> None:
    assert not list(relaxations(PROGRAM))


def test_knowing_nothing_holds_deployment_and_no_training() -> None:
    for gate in (*INTERNAL, *EXTERNAL):
        assert at(gate, Situation()).level is HOLD
    for gate in (Gate.STORE, Gate.TRAIN):
        assert at(gate, Situation()).level is ALLOW_WITH


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        situation(without=("systemic-risk-assessment.covered",)),
        Gate.EXTERNAL_LIMITED,
        Ask.START,
        HOLD,
        {"EVALUATED-EXTERNAL"},
        id="2.3 p.8: scalable evaluations before deployment",
    ),
    pytest.param(
        situation(without=("systemic-risk-assessment.covered",)),
        Gate.INTERNAL,
        Ask.START,
        ALLOW,
        None,
        id="1 p.4: internal deployment is in scope in some cases only",
    ),
    pytest.param(
        situation(without=("systemic-risk-assessment.covered",), facts=INSIDE),
        Gate.INTERNAL,
        Ask.START,
        HOLD,
        {"EVALUATED-INTERNAL"},
        id="1 p.4: where it bears risks from circumventing oversight",
    ),
    pytest.param(
        situation(without=UNACCEPTED),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        HOLD,
        {"RESIDUAL-RISK-EXTERNAL"},
        id="2.5 p.13: not deployed while residual risk exceeds acceptable levels",
    ),
    pytest.param(
        situation(without=UNACCEPTED),
        Gate.EXTERNAL_GENERAL,
        Ask.CONTINUE,
        HOLD,
        {"RESIDUAL-RISK-EXTERNAL"},
        id="2.5 p.13: nor left deployed",
    ),
    pytest.param(
        situation(without=("residual-risk-acceptable",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        ALLOW,
        None,
        id="2.5 p.13: unless additional measures sufficiently minimise it",
    ),
    pytest.param(
        situation("CYBER-TIER-3", "CYBER-TIER-2", "CYBER-TIER-1", without=UNACCEPTED),
        Gate.TRAIN,
        Ask.CONTINUE,
        ALLOW,
        None,
        id="2.5 p.13: continued development may be approved; nothing halts it",
    ),
    pytest.param(
        situation(*TIERS),
        Gate.OPEN_WEIGHTS,
        Ask.START,
        ALLOW,
        None,
        id="2.4 p.9-12: no tier is mapped to an action",
    ),
    pytest.param(
        situation(without=("model-report.covered",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        ALLOW_WITH,
        {"MODEL-REPORT"},
        id="4 p.18: a Model Report is owed",
    ),
    pytest.param(
        situation(without=("system-card.published",)),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        ALLOW_WITH,
        {"SYSTEM-CARD"},
        id="4 p.18: published at launch",
    ),
    pytest.param(
        situation(without=("risk-justification.covered",)),
        Gate.EXTERNAL_LIMITED,
        Ask.START,
        ALLOW_WITH,
        {"JUSTIFICATION"},
        id="2.5 p.13: a documented justification is owed",
    ),
    pytest.param(
        situation(without=("post-deployment-monitoring",)),
        Gate.EXTERNAL_GENERAL,
        Ask.CONTINUE,
        ALLOW_WITH,
        {"MONITORING"},
        id="2.5 p.13: monitoring after deployment",
    ),
    pytest.param(
        situation(without=("weights-protection",)),
        Gate.STORE,
        Ask.CONTINUE,
        ALLOW_WITH,
        {"SECURITY"},
        id="3 p.17: weights are protected; its absence is work owed",
    ),
    pytest.param(
        situation(without=(*UNACCEPTED, *DOCUMENTS, *SECURITY), facts=OUTSIDE_SCOPE),
        Gate.EXTERNAL_GENERAL,
        Ask.START,
        ALLOW,
        None,
        id="1 p.4: a model that is not covered",
    ),
]


@pytest.mark.parametrize(("given", "gate", "ask", "effect", "rows"), TABLE)
def test_a_clause_decides_as_the_text_says(
    given: Situation, gate: Gate, ask: Ask, effect: EffectLevel, rows: set[str] | None
) -> None:
    outcome = at(gate, given, ask)
    assert outcome.level is effect
    if rows is not None:
        assert set(outcome.determining) == rows


def _expected(gate: Gate, ask: Ask, present: Mapping[str, bool]) -> EffectLevel:
    """Sections 1 (p. 4), 2.3 (p. 8), 2.5 (p. 13), 3 (p. 16-17), 4 (p. 18)."""
    if not present["covered-model"]:
        return ALLOW
    governed = gate in EXTERNAL or (gate in INTERNAL and present["internal-oversight-risk"])
    accepted = present["residual-risk-acceptable"] or present["additional-mitigations"]
    unevaluated = ask is Ask.START and not present["systemic-risk-assessment.covered"]
    if governed and (unevaluated or not accepted):
        return HOLD
    owed = gate in EXTERNAL and not present["model-report.covered"]
    insecure = gate in SECURED and not present["weights-protection"]
    return ALLOW_WITH if owed or insecure else ALLOW


def test_the_whole_gate_matrix_turns_on_residual_risk_and_not_on_tiers() -> None:
    names = (
        "covered-model",
        "internal-oversight-risk",
        "residual-risk-acceptable",
        "additional-mitigations",
        "systemic-risk-assessment.covered",
        "model-report.covered",
        "weights-protection",
    )
    checked = 0
    for bits in product((False, True), repeat=len(names)):
        present = dict(zip(names, bits, strict=True))
        missing = tuple(name for name in names[2:] if not present[name])
        facts = {name: present[name] for name in names[:2]}
        for crossed in ((), TIERS):
            given = situation(*crossed, without=missing, facts=facts)
            for gate, ask in product(Gate, Ask):
                expected = _expected(gate, ask, present)
                assert at(gate, given, ask).level is expected, (gate, ask, present)
                checked += 1
    assert checked == 2**7 * 2 * len(Gate) * len(Ask)


def test_unassessed_tiers_hold_nothing_beyond_what_the_assessment_does() -> None:
    for gate in Gate:
        assert at(gate, situation(statuses={})).level is ALLOW


def test_a_model_outside_the_laws_is_exempt_only_when_that_is_shown() -> None:
    """1 p.4."""
    rule = next(item for item in POLICY.exemptions if item.id == "NOT-COVERED")
    assert set(rule.thresholds) == set(TIERS)
    assert condition_holds(POLICY, rule.when, situation(facts=OUTSIDE_SCOPE))
    assert not condition_holds(POLICY, rule.when, Situation())


def test_precaution_is_written_and_cited() -> None:
    """2.3 p.8."""
    rule = POLICY.semantics.not_ruled_out
    assert rule.rule is StatusRule.TREAT_AS_CROSSED
    assert rule.cite is not None
    assert rule.cite.page == "8"


def test_continued_development_and_external_input_are_advice() -> None:
    """2.5 p.13, 5 p.19: may."""
    advice = {row.id: row.modality for row in POLICY.commitments if not row.binds}
    assert advice == {
        "CONTINUED-DEVELOPMENT": Modality.MAY,
        "NEW-TIER-EXTERNAL-INPUT": Modality.MAY,
    }


def test_harmful_manipulation_is_watched_without_tiers() -> None:
    """2.4 p.11."""
    domains = {item.id: item for item in POLICY.domains}
    assert domains["MANIPULATION"].watch_list
    assert {item.domain for item in POLICY.thresholds} == {"CYBER", "CBRN", "LOC"}


def test_clocks_are_six_months_a_year_and_thirty_days() -> None:
    """4 p.18, 7.1 p.21, 7.2 p.22."""
    duties = {item.id: item for item in POLICY.duties}
    assert duties["model-report-review"].every == "6m"
    assert duties["framework-review"].every == "1y"
    assert duties["changelog"].within == "30d"


def test_who_answers_for_which_law_and_what_is_kept_up_are_duties_that_bind() -> None:
    """2.6 p.14; 6 p.20; 2.4 p.10."""
    duties = {item.id: item for item in POLICY.duties}
    for name in ("incident-plans", "compliance-reviews", "compliance-by-entity"):
        assert duties[name].modality.binds, name
    assert "EU Code of Practice" in duties["compliance-by-entity"].statement
    assert "biological-first" in {item.id for item in POLICY.elicitation}


def test_no_approver_of_the_framework_is_named() -> None:
    """7.1 p.21: presented for oversight."""
    assert POLICY.amendment is not None
    assert not POLICY.amendment.approved_by
    assert len(POLICY.amendment.proposed_by) == 7


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in POLICY.thresholds)
