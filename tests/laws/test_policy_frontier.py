"""Minimal hold points: complete, sound and minimal, against enumeration of all situations."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.frontier import HoldPoint, minimal_hold_points
from scalegate.policy.situation import Situation
from scalegate.policy.space import Region
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind
from tests.strategies.policies import (
    MISSING,
    count_situations,
    every_situation,
    policies,
    policy_of,
    situation_of,
)

FIELDS = {
    Kind.STATUS: "statuses",
    Kind.SAFEGUARD: "safeguards",
    Kind.SPECIFIED: "specified",
    Kind.SUBSTITUTE: "substitutes",
    Kind.ACT: "acts",
    Kind.DOCUMENT: "documents",
    Kind.FACT: "facts",
    Kind.DISCRETION: "discretions",
    Kind.READING: "readings",
}


def value_at(situation: Situation, kind: Kind, name: str) -> Any:
    field = FIELDS[kind]
    if name.endswith(".members"):
        field, name = "specified_members", name.removesuffix(".members")
    value = getattr(situation, field).get(name)
    if kind is Kind.DISCRETION:
        return value is True
    return None if value == "mars" else value


def accepts(cell: Any, value: Any) -> bool:
    if isinstance(cell, Region):
        if value is None:
            return False
        if cell.low is not None and cell.low == cell.high:
            return bool(value == cell.low)
        over = cell.low is None or value > cell.low
        return bool(over and (cell.high is None or value < cell.high))
    if cell is None or value is None:
        return cell is value
    if hasattr(cell, "flags"):
        # Flags that no cell of the variable names make no difference.
        return bool(cell == value)
    return bool(cell == value)


def lies_in(situation: Situation, point: HoldPoint) -> bool:
    return all(
        any(
            accepts(cell, value_at(situation, literal.kind, literal.name)) for cell in literal.cells
        )
        for literal in point.literals
    )


small = policies(most_rows=3, most_atoms=2)
cuts = st.sampled_from(
    (EffectLevel.ALLOW_WITH, EffectLevel.RESTRICT, EffectLevel.HOLD, EffectLevel.WITHDRAW)
)


@settings(max_examples=60)
@given(small, cuts)
def test_a_gate_holds_exactly_where_a_minimal_hold_point_holds(
    policy: Policy, cut: EffectLevel
) -> None:
    assume(count_situations(policy) <= 1500)
    program = compile_policy(policy)
    every = list(every_situation(policy))
    for gate, ask in program.rows:
        points = minimal_hold_points(program, gate, ask, cut)
        for situation in every:
            held = evaluate(program, situation, gate, ask).level >= cut
            assert held == any(lies_in(situation, point) for point in points)
        for point in points:
            assert lies_in(point.situation, point)
            assert evaluate(program, point.situation, gate, ask).level >= cut


def points_by_brute_force(policy: Policy, gate: Gate, ask: Ask) -> set[frozenset[Any]]:
    """Return every widest box over the two-valued acts and documents of a policy."""
    program = compile_policy(policy)
    variables = (("acts", "Q1"), ("documents", "D1.covered"), ("facts", "F1"))
    values = (False, True, None)
    choices = [frozenset(chosen) for size in (1, 2, 3) for chosen in combinations(values, size)]
    held = {
        (a, b, c): evaluate(
            program,
            situation_of(
                {
                    key: MISSING if value is None else value
                    for key, value in zip(variables, (a, b, c), strict=True)
                }
            ),
            gate,
            ask,
        ).level
        >= EffectLevel.HOLD
        for a in values
        for b in values
        for c in values
    }
    boxes = [
        (x, y, z)
        for x in choices
        for y in choices
        for z in choices
        if all(held[a, b, c] for a in x for b in y for c in z)
    ]
    widest = [
        box
        for box in boxes
        if not any(
            other != box and all(mine <= theirs for mine, theirs in zip(box, other, strict=True))
            for other in boxes
        )
    ]
    return {
        frozenset(
            (key, chosen)
            for (_, key), chosen in zip(variables, box, strict=True)
            if len(chosen) < 3
        )
        for box in widest
    }


bare_atoms = st.sampled_from(
    ({"act": "Q1"}, {"document": "D1", "is": "covered"}, {"fact": "F1"}, {"not": {"act": "Q1"}},
     {"fact": "F1", "is": False}, {"not": {"document": "D1", "is": "covered"}})
)  # fmt: skip
bare = st.recursive(
    bare_atoms,
    lambda parts: st.builds(
        lambda key, items: {key: items},
        st.sampled_from(("all", "any")),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=4,
)


@given(
    st.lists(st.tuples(bare, bare), min_size=1, max_size=3),
    st.sampled_from(("to_release", "to_hold")),
)
def test_the_list_is_complete_and_each_point_is_minimal(rows: Any, burden: str) -> None:
    cite = {"document": "Toy", "section": "1", "page": "1"}
    policy = policy_of(
        [
            {"id": f"K{index}", "statement": "a row", "if": trigger, "require": require,
             "at": ["train"], "otherwise": "hold", "modality": "must", "native_verb": "must",
             "cite": cite}
            for index, (trigger, require) in enumerate(rows)
        ],
        burden=burden,
    )  # fmt: skip
    found = {
        frozenset((literal.name, frozenset(literal.cells)) for literal in point.literals)
        for point in minimal_hold_points(compile_policy(policy), Gate.TRAIN, Ask.START)
    }
    assert found == points_by_brute_force(policy, Gate.TRAIN, Ask.START)
