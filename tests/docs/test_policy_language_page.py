"""The fragments of `docs/explanation/policy-language.md` parse and do what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level, SafeguardState

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "policy-language.md"
HEAD = """schema: scalegate/policy@1
id: fragment
version: "1"
lab: Lab
title: Fragment
effective_on: "2026-01-01"
source: {title: Fragment, published_at_url: "https://example.org/policy"}
"""
FRAGMENTS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
RSP_1, RSP_3, PF_BETA, FSF_1 = (
    compile_policy(parse_policy(HEAD + text, file=PAGE.name)) for text in FRAGMENTS
)
LIVE = SafeguardState.LIVE_AND_SUFFICIENT
CALM = Status(level=Level.RULED_OUT)
ALERTED = Status(level=Level.RULED_OUT, flags=frozenset({Flag.ALERT}))
FORECAST = Status(level=Level.RULED_OUT, flags=frozenset({Flag.FORECAST}))
CROSSED = Status(level=Level.CROSSED)


def test_a_trigger_pauses_before_the_level_is_crossed_and_containment_lets_training_go_on() -> None:
    far = {"near-next-level": False}
    paused = Situation(statuses={"ARA": ALERTED}, facts=far)
    ready = Situation(statuses={"ARA": ALERTED}, facts=far, safeguards={"asl3-containment": LIVE})
    near = Situation(
        statuses={"ARA": ALERTED},
        facts={"near-next-level": True},
        safeguards={"asl3-containment": LIVE},
    )
    assert evaluate(RSP_1, paused, Gate.TRAIN).determining == ("PAUSE-ON-TRIGGER",)
    assert evaluate(RSP_1, ready, Gate.TRAIN).level is EffectLevel.ALLOW
    assert evaluate(RSP_1, near, Gate.TRAIN).determining == ("NO-RESUME-NEAR-NEXT-LEVEL",)


def test_a_model_past_the_level_has_its_weights_locked() -> None:
    given = Situation(statuses={"ARA": CROSSED}, safeguards={})
    assert evaluate(RSP_1, given, Gate.STORE, Ask.CONTINUE).level is EffectLevel.WITHDRAW


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, EffectLevel.ALLOW),
        ({"lead-is-clear": False}, EffectLevel.ALLOW),
        ({"lead-is-clear": True}, EffectLevel.HOLD),
    ],
)
def test_a_competitor_contingent_row_binds_only_on_what_is_shown(
    facts: dict[str, bool], level: EffectLevel
) -> None:
    given = Situation(statuses={"TM2": FORECAST}, facts=facts)
    assert evaluate(RSP_3, given, Gate.TRAIN).level is level


def test_neither_column_binds() -> None:
    advice = {row.source.id for row in RSP_3.advice[(Gate.TRAIN, Ask.START)]}
    assert advice == {"COMPANY-COLUMN", "INDUSTRY-COLUMN"}


def test_the_cap_is_lifted_by_a_lower_score_and_by_nothing_else() -> None:
    everything = {"hardened-security": LIVE, "aligned": LIVE}
    pre = {"PRE-HIGH": CROSSED, "PRE-CRITICAL": CALM}
    high = Situation(
        statuses={**pre, "POST-HIGH": CROSSED, "POST-CRITICAL": CALM}, safeguards=everything
    )
    medium = Situation(
        statuses={**pre, "POST-HIGH": CALM, "POST-CRITICAL": CALM}, safeguards=everything
    )
    assert evaluate(PF_BETA, high, Gate.EXTERNAL_GENERAL).level is EffectLevel.HOLD
    assert evaluate(PF_BETA, medium, Gate.EXTERNAL_GENERAL).level is EffectLevel.ALLOW
    assert evaluate(PF_BETA, high, Gate.TRAIN).level is EffectLevel.ALLOW


def test_a_forecast_of_high_asks_for_security() -> None:
    names = ("PRE-CRITICAL", "POST-HIGH", "POST-CRITICAL")
    given = Situation(statuses={**dict.fromkeys(names, CALM), "PRE-HIGH": FORECAST})
    quiet = Situation(
        statuses={**dict.fromkeys(names, CALM), "PRE-HIGH": CALM},
    )
    # The default rule for forecasts is strict; the row that names the flag is among what holds.
    assert "HARDEN" in evaluate(PF_BETA, given, Gate.TRAIN).determining
    assert evaluate(PF_BETA, quiet, Gate.TRAIN).level is EffectLevel.ALLOW


def test_a_hold_under_would_is_advice_and_the_response_plan_is_owed() -> None:
    outcome = evaluate(FSF_1, Situation(statuses={"AUTONOMY-1": ALERTED}), Gate.TRAIN)
    assert outcome.level is EffectLevel.ALLOW_WITH
    assert outcome.obligations == ("Formulate a response plan",)
    advice = {row.source.id for row in FSF_1.advice[(Gate.TRAIN, Ask.START)]}
    assert advice == {"HOLD-OR-PROTOCOLS"}
