"""Microsoft's framework of February 2026, as encoded, does what its text says at each gate.

Pages are as printed. The expectations are written from the text, not from the encoding.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from scalegate.policy.evaluate import condition_holds
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate
from tests.unit.frameworks.other_labs import (
    ALLOW,
    ALLOW_WITH,
    CONTINUE,
    HOLD,
    INSIDE,
    OUTSIDE,
    START,
    at,
    faults_of,
    in_place,
    silent_gates,
)
from tests.unit.frameworks.rsp_versions import duty_of, policy_of, row_of

NAME = "microsoft-fgf@2026-02"
CAPABILITIES = ("CBRN", "CYBER", "AUTONOMY")
IN_SCOPE = {"in-scope": True}
SHOWN = {"in-scope": True, "frontier-capabilities-shown": True}
NO_WAY = {"risk-cannot-be-mitigated": True}
PRACTICES = ("mitigation-practices-suffice",)


def test_lint_finds_nothing_but_notes_and_nothing_worse_relaxes_a_gate() -> None:
    assert faults_of(NAME) == ()


def test_knowing_nothing_holds_training_and_every_deployment() -> None:
    for gate in (Gate.TRAIN, *INSIDE, *OUTSIDE):
        assert at(NAME, gate, Situation()).level is HOLD
    assert at(NAME, Gate.STORE, Situation()).level is ALLOW_WITH
    assert silent_gates(NAME) == set()


# Situation, gate, ask, effect, rows that decide; clause.
TABLE = [
    pytest.param(
        in_place(NAME, facts=IN_SCOPE, without=("leading-indicator-assessment.covered",)),
        Gate.EXTERNAL_LIMITED,
        START,
        HOLD,
        {"LEADING-INDICATORS"},
        id="3 p.5: leading indicators before deployment",
    ),
    pytest.param(
        in_place(NAME, without=("leading-indicator-assessment.covered",)),
        Gate.EXTERNAL_LIMITED,
        START,
        ALLOW,
        None,
        id="1 p.2: nothing is imposed on less capable models",
    ),
    pytest.param(
        in_place(NAME, facts=SHOWN, without=("deeper-capability-assessment.covered",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"DEEPER-ASSESSMENT"},
        id="3 p.5: frontier capabilities lead to the deeper assessment",
    ),
    pytest.param(
        in_place(NAME, facts=IN_SCOPE, without=("deeper-capability-assessment.covered",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="3 p.5: and only they do",
    ),
    pytest.param(
        in_place(NAME, facts=SHOWN, without=("deployment-approved",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"DECISION"},
        id="5 p.9: the Executive Officers decide",
    ),
    pytest.param(
        in_place(NAME, "CBRN-MEDIUM", facts=SHOWN, without=("mitigated-cbrn",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW,
        None,
        id="3 p.6: low or medium may be deployed",
    ),
    pytest.param(
        in_place(NAME, "CBRN-HIGH", without=("advanced-red-teaming",)),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"MITIGATE-CBRN"},
        id="3 p.6, 4 p.7: security mitigations before deployment",
    ),
    pytest.param(
        in_place(NAME, "CBRN-HIGH", without=("advanced-red-teaming",)),
        Gate.TRAIN,
        CONTINUE,
        ALLOW_WITH,
        {"HIGH-SECURITY"},
        id="4 p.7: in training security is owed",
    ),
    pytest.param(
        in_place(NAME, "CYBER-CRITICAL"),
        Gate.EXTERNAL_GENERAL,
        START,
        HOLD,
        {"CRITICAL-SECURITY"},
        id="4 p.7: security for critical is not specified",
    ),
    pytest.param(
        in_place(NAME, "CYBER-CRITICAL"),
        Gate.TRAIN,
        CONTINUE,
        ALLOW_WITH,
        {"CRITICAL-SECURITY-OWED"},
        id="4 p.7-8: critical by itself does not stop development",
    ),
    pytest.param(
        in_place(NAME, facts=NO_WAY, without=PRACTICES),
        Gate.TRAIN,
        CONTINUE,
        HOLD,
        {"PAUSE-DEVELOPMENT"},
        id="4 p.8: development pauses on a risk that cannot be mitigated",
    ),
    pytest.param(
        in_place(NAME, facts=NO_WAY, without=PRACTICES),
        Gate.EXTERNAL_GENERAL,
        CONTINUE,
        HOLD,
        {"PAUSE-DEPLOYMENT"},
        id="4 p.8: and so does deployment",
    ),
    pytest.param(
        in_place(NAME, facts=NO_WAY),
        Gate.TRAIN,
        CONTINUE,
        ALLOW,
        None,
        id="4 p.8: until practices meet the risk",
    ),
    pytest.param(
        in_place(NAME, facts=IN_SCOPE, without=("public-information.published",)),
        Gate.EXTERNAL_GENERAL,
        START,
        ALLOW_WITH,
        {"PUBLIC-INFORMATION"},
        id="5 p.9: information is shared publicly",
    ),
    pytest.param(
        in_place(NAME, facts=IN_SCOPE, without=("baseline-security",)),
        Gate.STORE,
        CONTINUE,
        ALLOW_WITH,
        {"BASELINE-SECURITY"},
        id="4 p.7: a robust baseline of security",
    ),
]


@pytest.mark.parametrize(("given", "gate", "ask", "effect", "rows"), TABLE)
def test_a_clause_decides_as_the_text_says(
    given: Situation, gate: Gate, ask: Ask, effect: EffectLevel, rows: set[str] | None
) -> None:
    outcome = at(NAME, gate, given, ask)
    assert outcome.level is effect
    if rows is not None:
        assert set(outcome.determining) == rows


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_high_waits_for_mitigation_down_to_low_or_medium(capability: str) -> None:
    """3 p.6, 4 p.8."""
    mitigated = f"mitigated-{capability.lower()}"
    for missing in (mitigated, "post-mitigation-assessment.covered"):
        given = in_place(NAME, f"{capability}-HIGH", without=(missing,))
        for gate in OUTSIDE:
            outcome = at(NAME, gate, given)
            assert (outcome.level, outcome.determining) == (HOLD, (f"MITIGATE-{capability}",))
    assert at(NAME, Gate.EXTERNAL_GENERAL, in_place(NAME, f"{capability}-HIGH")).level is ALLOW


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_internal_use_waits_only_where_it_counts_as_deployment(capability: str) -> None:
    missing = (f"mitigated-{capability.lower()}",)
    for option, effect in (("internal_too", HOLD), ("external_only", ALLOW)):
        given = in_place(
            NAME, f"{capability}-HIGH", without=missing, readings={"deployment": option}
        )
        for gate in INSIDE:
            assert at(NAME, gate, given).level is effect


def test_a_recorded_specification_of_critical_security_opens_deployment() -> None:
    """4 p.7."""
    specified = {"SECURITY-CRITICAL": True}
    given = replace(
        in_place(NAME, "AUTONOMY-CRITICAL"), specified=specified, specified_members=specified
    )
    assert at(NAME, Gate.EXTERNAL_GENERAL, given).level is ALLOW


def test_a_model_without_leading_indicators_is_exempt_once_that_was_assessed() -> None:
    """3 p.5."""
    policy = policy_of(NAME)
    rule = next(item for item in policy.exemptions if item.id == "NO-LEADING-INDICATOR")
    assert set(rule.thresholds) == {item.id for item in policy.thresholds}
    assert condition_holds(policy, rule.when, in_place(NAME, facts=IN_SCOPE))
    assert not condition_holds(
        policy,
        rule.when,
        in_place(NAME, facts=IN_SCOPE, without=("leading-indicator-assessment.covered",)),
    )


def test_loss_of_control_and_manipulation_are_watched_without_thresholds() -> None:
    """Appendix I p.14."""
    policy = policy_of(NAME)
    assert {item.id for item in policy.domains if item.watch_list} == {"LOC", "MANIPULATION"}
    assert {item.domain for item in policy.thresholds} == set(CAPABILITIES)


def test_permission_for_low_and_medium_is_advice() -> None:
    """3 p.6: may."""
    assert not row_of(NAME, "MEDIUM-WITH-SAFEGUARDS").binds


def test_clocks_are_six_months_twelve_months_and_thirty_days() -> None:
    """3 p.5, 5 p.9."""
    assert duty_of(NAME, "leading-indicator-renewal").every == "6m"
    assert duty_of(NAME, "framework-review").every == "12m"
    assert duty_of(NAME, "publish-revisions").within == "30d"


def test_no_number_of_a_line_is_invented() -> None:
    assert not any(threshold.indicators for threshold in policy_of(NAME).thresholds)
