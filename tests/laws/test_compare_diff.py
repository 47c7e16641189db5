"""Law 7: `diff(a, b)` is complete and sound: a situation is listed if and only if brute-force
enumeration finds it. `diff(a, a)` is empty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from scalegate.compare.diff import diff
from scalegate.compare.model import Change, Comparison, Difference, Verdict
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.vocabulary import EffectLevel
from tests.laws.compare_worlds import (
    World,
    brute_verdict,
    gaps_of,
    pairs,
    reached,
    seen_at,
)
from tests.strategies.policies import policies

MOST = 4000


def check_against_enumeration(old: Policy, new: Policy) -> None:
    world = World(old, new)
    assume(world.size <= MOST)
    found = diff(compile_policy(old), compile_policy(new))
    for comparison in found.comparisons:
        check_one(world, comparison)
    check_nothing_is_left_out(world, found)


def held_in(world: World, comparison: Comparison) -> tuple[np.ndarray, np.ndarray]:
    old, new = (
        reached(
            world.levels(seen_at(policy, comparison.strength), comparison.gate, comparison.ask),
            comparison.cut,
        )
        for policy in world.policies
    )
    return old, new


def check_one(world: World, comparison: Comparison) -> None:
    held = held_in(world, comparison)
    assert comparison.verdict is not Verdict.UNDECIDED
    assert (bool(comparison.loosened), bool(comparison.tightened)) == brute_verdict(held)
    programs = [seen_at(policy, comparison.strength) for policy in world.policies]
    at = (comparison.gate, comparison.ask)
    for gap in gaps_of(comparison):
        # Sound: the one evaluator says so, in the very situation that is shown.
        levels = [
            evaluate(program, situation, *at)
            for program, situation in zip(programs, gap.situations, strict=True)
        ]
        does = [each.governed and each.level >= comparison.cut for each in levels]
        assert does == ([True, False] if gap.change is Change.LOOSENED else [False, True])
        assert (gap.effect, gap.instead.level) == (
            (levels[0].level, levels[1].level)
            if gap.change is Change.LOOSENED
            else (levels[1].level, levels[0].level)
        )
    for each in held:
        assert (each.reshape(-1) == each.reshape(-1)[world.closed]).all()
    # Complete: every situation that enumeration finds lies above a listed one.
    for gaps, found in (
        (comparison.loosened, held[0] & ~held[1]),
        (comparison.tightened, held[1] & ~held[0]),
    ):
        above = np.zeros(world.shape, dtype=bool)
        for gap in gaps:
            above |= world.covered(gap, held)
        flat = above.reshape(-1)
        missed = found.reshape(-1) & ~flat & ~flat[world.closed]
        assert not missed.any(), world.situations[int(np.argmax(missed))]


def check_nothing_is_left_out(world: World, found: Difference) -> None:
    """A cut or strength without a comparison has the answer of one that is there."""
    listed = {(each.gate, each.ask, each.strength, each.cut) for each in found.comparisons}
    for gate, ask, strength in {(each[0], each[1], each[2]) for each in listed}:
        levels = [world.levels(seen_at(p, strength), gate, ask) for p in world.policies]
        for cut in EffectLevel:
            if (gate, ask, strength, cut) in listed:
                continue
            held = (reached(levels[0], cut), reached(levels[1], cut))
            stricter = [each for each in EffectLevel if each > cut]
            same = next((c for c in stricter if (gate, ask, strength, c) in listed), None)
            if same is None or cut is EffectLevel.ALLOW:
                assert brute_verdict(held) == (False, False)
                continue
            assert (held[0] == reached(levels[0], same)).all()
            assert (held[1] == reached(levels[1], same)).all()


@settings(
    max_examples=120, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(pairs())
def test_a_situation_is_listed_exactly_where_enumeration_finds_it(
    pair: tuple[Policy, Policy],
) -> None:
    check_against_enumeration(*pair)


@pytest.mark.slow
@settings(
    max_examples=2000, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(pairs(most_rows=4, most_atoms=3))
def test_two_thousand_pairs_agree_with_enumeration(pair: tuple[Policy, Policy]) -> None:
    check_against_enumeration(*pair)


@settings(max_examples=60)
@given(policies())
def test_a_policy_does_not_differ_from_itself(policy: Policy) -> None:
    program = compile_policy(policy)
    found = diff(program, program)
    assert found.verdict is Verdict.EQUIVALENT
    assert not any(gaps_of(each) or each.clauses for each in found.comparisons)
    assert not found.unmatched
    assert not found.elements
    assert not found.is_looser_somewhere
    assert not found.is_stricter_somewhere


def mirrored(comparison: Comparison) -> tuple[object, ...]:
    return (
        comparison.gate, comparison.ask, comparison.cut, comparison.strength,
        frozenset(each.deviations for each in comparison.tightened),
        frozenset(each.deviations for each in comparison.loosened),
    )  # fmt: skip


def straight(comparison: Comparison) -> tuple[object, ...]:
    return (
        comparison.gate, comparison.ask, comparison.cut, comparison.strength,
        frozenset(each.deviations for each in comparison.loosened),
        frozenset(each.deviations for each in comparison.tightened),
    )  # fmt: skip
