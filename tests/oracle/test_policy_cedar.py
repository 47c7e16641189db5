"""The policy function against Cedar, on a generated policy of 200 commitments."""

from __future__ import annotations

import random

from benchmarks.gate import world
from benchmarks.gate.cedar import cedar_for
from scalegate.policy.compile import compile_policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.vocabulary import EffectLevel, Gate


def test_cedar_gives_the_same_decision_and_the_same_firing_rows() -> None:
    draw = random.Random(11)
    rows = world.rows(draw)
    situations = [world.situation(draw) for _ in range(300)]
    program = compile_policy(world.policy_of(rows))
    cedar = cedar_for(rows, situations)
    seen = set()
    for number, situation in enumerate(situations):
        outcome = evaluate(program, situation, Gate.EXTERNAL_GENERAL)
        holds = outcome.level is EffectLevel.HOLD
        firing = frozenset(outcome.determining) if holds else frozenset()
        assert cedar.firing(number) == (not holds, firing)
        seen.add(holds)
    assert seen == {True, False}
