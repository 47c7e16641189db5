"""Law 7: `diff(a, b)` is complete and sound: a situation is listed if and only if brute-force
enumeration finds it. `diff(a, a)` is empty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from scalegate.base.errors import TrustError
from scalegate.compare.certificate import Certificate, certify, verify
from scalegate.compare.diff import diff
from scalegate.compare.hold_table import Table
from scalegate.compare.model import Change, Comparison, Difference, Verdict
from scalegate.compare.moved import turned
from scalegate.compare.pair import Pair
from scalegate.compare.search import best_places, reaching
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.situation import Situation
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
    carried = np.ones(world.size, dtype=bool)
    for each in held:
        carried &= each.reshape(-1) == each.reshape(-1)[world.closed]
    # Complete: every situation that enumeration finds lies above a listed one.
    for gaps, found in (
        (comparison.loosened, held[0] & ~held[1]),
        (comparison.tightened, held[1] & ~held[0]),
    ):
        above = np.zeros(world.shape, dtype=bool)
        for gap in gaps:
            above |= world.covered(gap, held)
        flat = above.reshape(-1)
        missed = found.reshape(-1) & ~flat & ~(flat[world.closed] & carried)
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
    max_examples=30, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
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


@settings(max_examples=40)
@given(pairs())
def test_swapping_the_policies_gives_the_mirror(pair: tuple[Policy, Policy]) -> None:
    old, new = map(compile_policy, pair)
    there, back = diff(old, new), diff(new, old)
    assert list(map(straight, there.comparisons)) == list(map(mirrored, back.comparisons))
    assert there.is_looser_somewhere == back.is_stricter_somewhere
    assert {(each.name, each.change) for each in there.elements} == {
        (each.name, turned(each.change)) for each in back.elements
    }


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(pairs(most_rows=2), pairs(most_rows=2))
def test_what_two_steps_loosen_is_loosened_by_one_of_them(
    first: tuple[Policy, Policy], second: tuple[Policy, Policy]
) -> None:
    """Over the same facts loosened(a, c) is covered by loosened(a, b) and loosened(b, c)."""
    a, b, c = (compile_policy(each) for each in (*first, second[1]))
    whole = {place_of(each): each for each in diff(a, c).comparisons}
    steps = [
        {place_of(each): each for each in diff(*pair).comparisons} for pair in ((a, b), (b, c))
    ]
    for place, comparison in whole.items():
        programs = [seen_at(each.policy, comparison.strength) for each in (a, b, c)]
        for gap in comparison.loosened:
            # One situation for all three: the vocabulary is the same.
            situation = joined(*gap.situations)
            reached_by = [
                (outcome := evaluate(each, situation, comparison.gate, comparison.ask)).governed
                and outcome.level >= comparison.cut
                for each in programs
            ]
            assert reached_by[0]
            assert not reached_by[2]
            step = steps[1] if reached_by[1] else steps[0]
            assert stricter_or_same(step, place)


def place_of(comparison: Comparison) -> tuple[object, ...]:
    return comparison.gate, comparison.ask, comparison.strength, comparison.cut


def stricter_or_same(step: dict[tuple[object, ...], Comparison], place: tuple[object, ...]) -> bool:
    """Say whether a step is looser at this place, or where its answer is that of a stricter cut."""
    gate, ask, strength, cut = place
    assert isinstance(cut, EffectLevel)
    for each in EffectLevel:
        if each >= cut and (gate, ask, strength, each) in step:
            return bool(step[gate, ask, strength, each].loosened)
    # Left out: the same rows count at another strength.
    return any(item.loosened for key, item in step.items() if key[:2] == (gate, ask))


def joined(old: Situation, new: Situation) -> Situation:
    """Return one situation with the values of both; they agree on what both have."""
    fields = Situation.__slots__
    return Situation(**{name: {**getattr(old, name), **getattr(new, name)} for name in fields})


@settings(max_examples=40)
@given(pairs())
def test_each_item_is_minimal(pair: tuple[Policy, Policy]) -> None:
    """One variable back at its best, the policy that held no longer does."""
    prepared = Pair.of(*map(compile_policy, pair))
    for question in prepared.questions():
        answer = prepared.searched(question)
        if question.cut is EffectLevel.ALLOW or answer.order is None or answer.order.mixed:
            continue
        order = answer.order
        base = best_places(order)
        for side, found in answer.found.items():
            view = prepared.views[question.strength][side]
            for point in found.points:
                for restored in point:
                    less = {at: chosen for at, chosen in point.items() if at != restored}
                    if order.closed(less) == point:
                        continue
                    places = {**base, **{at: order.cell(at, chosen) for at, chosen in less.items()}}
                    situation = prepared.joint.situation(side, places)
                    part = reaching(view, question.at, question.cut)
                    assert evaluate(part, situation, *question.at).level < question.cut


@settings(max_examples=25)
@given(pairs())
def test_a_certificate_holds_and_one_with_an_item_more_or_less_is_refused(
    pair: tuple[Policy, Policy],
) -> None:
    old, new = map(compile_policy, pair)
    certificate = certify(old, new)
    assert verify(Certificate.from_mapping(certificate.to_mapping()), old, new) == certificate
    for at, table in enumerate(certificate.tables):
        for side in ("old", "new"):
            points = getattr(table, side)
            for place, point in enumerate(points):
                others = (*points[:place], *points[place + 1 :])
                flipped = point.model_copy(update={"held_by": "" if point.held_by else "K0"})
                for changed in (others, (*points, point), (*others, flipped)):
                    forged = with_table(certificate, at, table.model_copy(update={side: changed}))
                    with pytest.raises(TrustError):
                        verify(forged, old, new)


def with_table(certificate: Certificate, at: int, table: Table) -> Certificate:
    tables = (*certificate.tables[:at], table, *certificate.tables[at + 1 :])
    return certificate.model_copy(update={"tables": tables})
