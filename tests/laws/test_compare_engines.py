"""Law 7, the two engines: what a solver finds is what the minimal hold points are, item by item.

A formula says of every situation what the evaluator says. A proof that nothing is left holds with
every item ruled out, and holds no longer when one is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scalegate.adapters.cadical import Cadical
from scalegate.compare.firing import Fired
from scalegate.compare.formula import Formula
from scalegate.compare.model import Engine, Side
from scalegate.compare.order import Order, Point
from scalegate.compare.pair import Pair
from scalegate.compare.search import Searched
from scalegate.compare.solver import Means
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import firing
from tests.laws.compare_worlds import pairs
from tests.strategies.frameworks import CHAINS, NEIGHBOURS, load

SAT = Means(engine=Engine.SAT, kit=Cadical())
SLOW_TO_DRAW = [HealthCheck.filter_too_much, HealthCheck.too_slow]
Items = set[frozenset[tuple[int, int]]]


def items(order: Order | None, points: Iterable[Point]) -> Items:
    assert order is not None
    return {frozenset(order.cells(point)) for point in points}


def clause_items(answer: Searched, side: Side) -> Mapping[str, Items]:
    found = answer.found[side].by_clause
    return {name: items(answer.order, points) for name, points in found.items()}


def check_engines(old: Policy, new: Policy) -> None:
    programs = compile_policy(old), compile_policy(new)
    by_points, by_solver = Pair.of(*programs), Pair.of(*programs, SAT)
    for question in by_points.questions():
        one, other = by_points.searched(question), by_solver.searched(question)
        assert not one.refused
        assert not other.refused
        for side in Side:
            found = (one.found[side].points, other.found[side].points)
            assert items(one.order, found[0]) == items(other.order, found[1])
            assert clause_items(one, side) == clause_items(other, side)


@settings(max_examples=40, suppress_health_check=SLOW_TO_DRAW)
@given(pairs())
def test_both_engines_find_the_same_items(pair: tuple[Policy, Policy]) -> None:
    check_engines(*pair)


@pytest.mark.slow
@settings(max_examples=2000, suppress_health_check=SLOW_TO_DRAW)
@given(pairs(most_rows=4, most_atoms=3))
def test_both_engines_find_the_same_items_of_two_thousand_pairs(
    pair: tuple[Policy, Policy],
) -> None:
    check_engines(*pair)


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS)
def test_both_engines_agree_on_neighbouring_versions(old: str, new: str) -> None:
    check_engines(load(old), load(new))


@pytest.mark.slow
@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain[0].partition("@")[0])
def test_both_engines_agree_on_every_pair_of_versions(chain: tuple[str, ...]) -> None:
    for place, old in enumerate(chain):
        for new in chain[place:]:
            check_engines(load(old), load(new))


@settings(max_examples=60, suppress_health_check=SLOW_TO_DRAW)
@given(pairs(), st.data())
def test_a_formula_says_of_a_situation_what_the_evaluator_says(
    pair: tuple[Policy, Policy], data: st.DataObject
) -> None:
    old, new = map(compile_policy, pair)
    index = Pair.of(old, new).index
    order, base = index.whole, index.best
    point = {
        place: data.draw(st.integers(0, len(classes.cells) - 1))
        for place, classes in order.classes.items()
    }
    plain = {
        place: chosen
        for place, chosen in point.items()
        if order.classes[place].is_mixed or chosen != order.classes[place].best[0]
    }
    assume(order.closed(plain) == plain)
    formula = Formula(order, base)
    solver = Cadical().solver()
    said = [
        (side, row, is_mild, formula.reaches(side, row, is_mild=is_mild))
        for side in Side
        for row in index.firings[side].rows.values()
        for is_mild in (False, True)
    ]
    for clause in formula.clauses:
        solver.add(clause)
    assumed = [formula.among(place, (chosen,)) for place, chosen in point.items()]
    model = solver.model(assumed)
    assert model is not None
    assert {place: formula.point(model)[place] for place in point} == point
    for side, row, is_mild, literal in said:
        program = index.joint.programs[side]
        encoded = index.joint.encoded(side, base, dict(order.cells(plain)))
        fired = Fired(*firing([(1, row)], encoded, program.softening))
        strict = fired.unmet if row.level else 0
        expected = bool(strict | fired.owing if is_mild else fired.unmet)
        assert (literal in model if literal > 0 else -literal not in model) == expected
