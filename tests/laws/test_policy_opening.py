"""Law 5 for the policy alone: each set of moves opens the gate, and no minimal one is missing.

The oracle tries every set of up to three moves with the evaluator.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scalegate.policy import opening
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import strictest
from scalegate.policy.opening import Move, Moves, apply_moves, opening_sets
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    FactType,
    Gate,
    Kind,
    Level,
    SafeguardState,
)
from tests.strategies.policies import policies, policy_of, situations
from tests.unit.compare.toy_pairs import row

AT = (Gate.TRAIN, Ask.START)
GATES = tuple(product((Gate.TRAIN, Gate.INTERNAL, Gate.OPEN_WEIGHTS), Ask))
MOST = 3


def is_open(program: Program, situation: Situation, at: tuple[Gate, Ask]) -> bool:
    return strictest(program, situation, *at)[0].level <= EffectLevel.ALLOW_WITH


def moves_of(policy: Policy) -> Iterator[Move]:
    """Yield every move but those of numbers, which are without end."""
    for threshold in policy.thresholds:
        yield Move(kind=Kind.STATUS, name=threshold.id, value=Level.RULED_OUT)
        yield Move(kind=Kind.STATUS, name=threshold.id, value=Level.CROSSED)
    for guard in policy.safeguards:
        live = SafeguardState.LIVE_AND_SUFFICIENT
        yield Move(kind=Kind.SAFEGUARD, name=guard.id, value=live)
    for kind, parts in (
        (Kind.ACT, policy.questions),
        (Kind.SUBSTITUTE, policy.substitutes),
        (Kind.DISCRETION, policy.discretions),
    ):
        for part in parts:
            for value in (False, True):
                yield Move(kind=kind, name=part.id, value=value)
    for reading in policy.readings:
        for option in reading.options:
            yield Move(kind=Kind.READING, name=reading.id, value=option.id)
    for fact in policy.facts:
        for shown in (False, True) if fact.type is FactType.BOOLEAN else fact.choices:
            yield Move(kind=Kind.FACT, name=fact.id, value=shown)


def minimal_by_trying(program: Program, situation: Situation, at: tuple[Gate, Ask]) -> set[Moves]:
    found: set[Moves] = set()
    every = list(moves_of(program.policy))
    for size in range(1, MOST + 1):
        for chosen in combinations(every, size):
            moves = frozenset(chosen)
            apart = {(move.kind, move.name) for move in moves}
            if len(apart) < size or any(smaller <= moves for smaller in found):
                continue
            if is_open(program, apply_moves(situation, moves), at):
                found.add(moves)
    return found


def is_wasted(move: Move, situation: Situation) -> bool:
    """Say whether a move asks for an assessment that is there already."""
    status = situation.statuses.get(move.name)
    return (
        move.kind is Kind.STATUS
        and move.value is Level.CROSSED
        and status is not None
        and status.level is not Level.UNASSESSED
    )


@settings(max_examples=60)
@given(policies(most_rows=3, most_atoms=2), situations() | st.just(Situation()))
def test_every_minimal_set_is_found_and_each_opens_the_gate(
    policy: Policy, situation: Situation
) -> None:
    program = compile_policy(policy)
    at = next((each for each in GATES if not is_open(program, situation, each)), None)
    assume(at is not None)
    assert at is not None
    found = opening_sets(program, situation, at, lambda move: not _is_number(move, policy))
    assert found.complete_up_to is None
    for moves in found.sets:
        assert is_open(program, apply_moves(situation, moves), at)
        for move in moves:
            assert not is_open(program, apply_moves(situation, moves - {move}), at)
    tried = {
        moves
        for moves in minimal_by_trying(program, situation, at)
        if not any(is_wasted(move, situation) for move in moves)
    }
    assert tried <= set(found.sets)


def _is_number(move: Move, policy: Policy) -> bool:
    numbers = {fact.id for fact in policy.facts if fact.type is FactType.NUMBER}
    return move.kind is Kind.FACT and move.name in numbers


@settings(max_examples=60)
@given(policies(), situations() | st.just(Situation()))
def test_making_exactly_these_changes_opens_the_gate(policy: Policy, situation: Situation) -> None:
    program = compile_policy(policy)
    for at in GATES:
        for moves in opening_sets(program, situation, at, lambda move: True).sets:
            assert is_open(program, apply_moves(situation, moves), at)


def test_a_move_that_would_set_off_another_row_is_not_enough() -> None:
    """Assessing T1, whatever the answer, needs G1 as well; once it is crossed, K asks for it."""
    program = compile_policy(policy_of([row()]))
    found = {
        frozenset((move.name, str(move.value)) for move in moves)
        for moves in opening_sets(program, Situation(), AT, lambda move: True).sets
    }
    live = str(SafeguardState.LIVE_AND_SUFFICIENT)
    assert found == {
        frozenset({("T1", str(Level.RULED_OUT))}),
        frozenset({("T1", str(Level.CROSSED)), ("G1", live)}),
    }


def test_a_search_that_ends_early_says_up_to_which_size_it_is_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    either = {"any": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    rows = [row(f"K{place}", if_={"status": "T1", "at_least": "crossed"}) for place in range(2)]
    rows[1]["require"] = either
    program = compile_policy(policy_of([*rows, row("L", if_={"act": "Q1"}, require=either)]))
    whole = opening_sets(program, Situation(), AT, lambda move: True)
    assert whole.complete_up_to is None
    monkeypatch.setattr(opening, "MAX_SETS", 1)
    found = opening_sets(program, Situation(), AT, lambda move: True)
    assert found.complete_up_to is not None
    small = [moves for moves in whole.sets if len(moves) <= found.complete_up_to]
    assert set(small) <= set(found.sets)
