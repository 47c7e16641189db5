"""The policy function on a document that fits on one page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scalegate.policy.compile import compile_policy
from scalegate.policy.conditions import read_condition
from scalegate.policy.evaluate import condition_holds, evaluate, strictest, trace
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
from tests.unit.policy.toy import TOY

POLICY = parse_policy(TOY)
PROGRAM = compile_policy(POLICY)
OUT = {"B1": Status(level=Level.RULED_OUT), "B2": Status(level=Level.RULED_OUT)}
CROSSED = {**OUT, "B1": Status(level=Level.CROSSED)}
LIVE = {"filter": SafeguardState.LIVE_AND_SUFFICIENT}
CALM: dict[str, Any] = {"agentic": False, "growth": Decimal(1), "place": "us"}
NARROW = {"staff": "narrow"}


def situation(**changes: Any) -> Situation:
    return Situation(**{"statuses": OUT, "facts": CALM, "readings": NARROW, **changes})


CASES: dict[str, tuple[Situation, EffectLevel, tuple[str, ...]]] = {
    "nothing known": (Situation(), EffectLevel.HOLD, ("C1",)),
    "all ruled out": (situation(), EffectLevel.ALLOW, ("C1", "C2")),
    "crossed": (situation(statuses=CROSSED), EffectLevel.HOLD, ("C1",)),
    "crossed and live": (
        situation(statuses=CROSSED, safeguards=LIVE),
        EffectLevel.ALLOW,
        ("C1",),
    ),
    "crossed and unproven": (
        situation(statuses=CROSSED, safeguards={"filter": SafeguardState.LIVE_UNPROVEN}),
        EffectLevel.HOLD,
        ("C1",),
    ),
    "substitute": (
        situation(statuses=CROSSED, substitutes={"interim": True}),
        EffectLevel.ALLOW_WITH,
        ("C1",),
    ),
    "unassessed with everything": (
        situation(statuses={}, safeguards=LIVE, substitutes={"interim": True}),
        EffectLevel.HOLD,
        ("C1",),
    ),
    "higher rung carries": (
        situation(statuses={**OUT, "B2": Status(level=Level.CROSSED)}),
        EffectLevel.HOLD,
        ("C1",),
    ),
    "treated as": (
        situation(
            statuses={
                **OUT,
                "B1": Status(level=Level.RULED_OUT, flags=frozenset({Flag.TREATED_AS})),
            }
        ),
        EffectLevel.HOLD,
        ("C1",),
    ),
    "on the line": (
        situation(facts={**CALM, "growth": Decimal(4)}),
        EffectLevel.RESTRICT,
        ("C2",),
    ),
    "below the line": (
        situation(facts={**CALM, "growth": Decimal("3.999")}),
        EffectLevel.ALLOW,
        ("C1", "C2"),
    ),
    "number not finite": (
        situation(facts={**CALM, "growth": Decimal("NaN")}),
        EffectLevel.RESTRICT,
        ("C2",),
    ),
    "undeclared choice": (
        situation(facts={**CALM, "place": "mars"}),
        EffectLevel.RESTRICT,
        ("C2",),
    ),
    "fact unknown": (situation(facts={"growth": Decimal(1)}), EffectLevel.RESTRICT, ("C2",)),
    "approved and reported": (
        situation(facts={}, acts={"may-ship": True}, documents={"report.covered": True}),
        EffectLevel.ALLOW,
        ("C2",),
    ),
    "approved without a report": (
        situation(facts={}, acts={"may-ship": True}),
        EffectLevel.RESTRICT,
        ("C2",),
    ),
    "discretion": (
        situation(facts={}, discretions={"way-out": True}),
        EffectLevel.ALLOW_WITH,
        ("C2",),
    ),
    "both": (situation(statuses=CROSSED, facts={}), EffectLevel.HOLD, ("C1",)),
}


@pytest.mark.parametrize(("at", "level", "determining"), CASES.values(), ids=CASES)
def test_a_situation_gives_its_effect(
    at: Situation, level: EffectLevel, determining: tuple[str, ...]
) -> None:
    outcome = evaluate(PROGRAM, at, Gate.EXTERNAL_GENERAL)
    assert outcome.level is level
    if level is not EffectLevel.ALLOW:
        assert outcome.determining == determining
    assert outcome.governed


def test_what_softens_is_named_with_what_it_owes() -> None:
    at = situation(statuses=CROSSED, substitutes={"interim": True})
    outcome = evaluate(PROGRAM, at, Gate.TRAIN)
    assert outcome.softened_by == ("interim",)
    assert outcome.obligations == ("tell the board",)


def test_a_restriction_names_its_limits() -> None:
    outcome = evaluate(PROGRAM, situation(facts={}), Gate.EXTERNAL_GENERAL)
    assert outcome.limits == {"audience": "staff"}


def test_an_unresolved_reading_is_reported_under_each_option() -> None:
    at = situation(readings={})
    worst, each = strictest(PROGRAM, at, Gate.EXTERNAL_GENERAL)
    assert worst.level is EffectLevel.RESTRICT
    assert [(dict(chosen), outcome.level) for chosen, outcome in each] == [
        ({"staff": "narrow"}, EffectLevel.ALLOW),
        ({"staff": "wide"}, EffectLevel.RESTRICT),
    ]
    assert strictest(PROGRAM, situation(), Gate.EXTERNAL_GENERAL)[1] == ()


def test_a_condition_that_releases_must_be_shown() -> None:
    condition, _ = read_condition({"fact": "agentic", "is": False})
    assert condition_holds(POLICY, condition, situation())
    assert not condition_holds(POLICY, condition, situation(facts={}))


def test_a_trace_says_what_holds_part_by_part() -> None:
    at = situation(statuses=CROSSED, safeguards=LIVE)
    found = trace(POLICY, POLICY.commitments[0].require, at, as_trigger=False)
    met, interim = found.parts
    assert (found.holds, met.holds, interim.holds) == (True, True, False)
    assert [part.holds for part in met.parts] == [True]
    negated, _ = read_condition({"not": {"fact": "agentic"}})
    shown = trace(POLICY, negated, situation(facts={}), as_trigger=True)
    assert shown.holds
    assert shown.parts == ()


def test_withdrawing_is_holding_before_it_began() -> None:
    program = compile_policy(parse_policy(TOY.replace("otherwise: hold", "otherwise: withdraw")))
    levels = {
        (gate, ask): evaluate(program, Situation(), gate, ask).level
        for gate in (Gate.TRAIN, Gate.OPEN_WEIGHTS)
        for ask in Ask
    }
    assert levels.pop((Gate.TRAIN, Ask.CONTINUE)) is EffectLevel.WITHDRAW
    assert set(levels.values()) == {EffectLevel.HOLD}


def test_many_unresolved_readings_count_as_their_worst_options() -> None:
    text = TOY.replace("{reading: staff, is: wide}", ", ".join(
        f"{{reading: r{number}, is: wide}}" for number in range(9)
    ))  # fmt: skip
    start, end = TOY.index("  - id: staff"), TOY.index("duties:")
    block = TOY[start:end]
    text = text.replace(block, "".join(block.replace("staff", f"r{n}", 1) for n in range(9)))
    worst, each = strictest(
        compile_policy(parse_policy(text)), situation(readings={}), Gate.EXTERNAL_GENERAL
    )
    assert worst.level is EffectLevel.RESTRICT
    assert each == ()


@pytest.mark.parametrize("word", ["MUST", "shall", "", None, 6])
def test_only_the_printed_word_names_a_modality(word: object) -> None:
    assert Modality.from_word(word) is None


def test_stronger_verbs_bind() -> None:
    assert [item.word for item in Modality if item.binds] == ["will", "must"]
