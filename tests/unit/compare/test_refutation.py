"""A proof by unit propagation is taken when it holds, and refused when a step or a clause lacks."""

from __future__ import annotations

import random
from itertools import product

import pytest

from scalegate.adapters.cadical import Cadical
from scalegate.compare.refutation import refutes

Clauses = list[tuple[int, ...]]


def pigeons(count: int, holes: int) -> Clauses:
    """Return clauses: each pigeon sits in a hole, and no two in the same."""
    at = {pair: place + 1 for place, pair in enumerate(product(range(count), range(holes)))}
    sits: Clauses = [tuple(at[pigeon, hole] for hole in range(holes)) for pigeon in range(count)]
    apart: Clauses = [
        (-at[one, hole], -at[other, hole])
        for hole in range(holes)
        for one in range(count)
        for other in range(one)
    ]
    return sits + apart


def has_model(clauses: Clauses, variables: int) -> bool:
    return any(
        all(any((each > 0) == bool(bits >> abs(each) - 1 & 1) for each in one) for one in clauses)
        for bits in range(1 << variables)
    )


def test_a_proof_holds_and_lacks_no_step() -> None:
    clauses = pigeons(5, 4)
    proof = Cadical().refuted(clauses)
    assert proof is not None
    assert proof[-1] == ()
    assert refutes(clauses, proof)
    assert not refutes(clauses, proof[-1:])
    assert not refutes(clauses, proof[: len(proof) // 2])


@pytest.mark.parametrize("left_out", range(5))
def test_a_proof_does_not_hold_without_one_of_the_clauses(left_out: int) -> None:
    clauses = pigeons(5, 4)
    proof = Cadical().refuted(clauses)
    assert proof is not None
    assert not refutes([*clauses[:left_out], *clauses[left_out + 1 :]], proof)


@pytest.mark.parametrize(
    ("clauses", "proof", "holds"),
    [
        ([()], [], True),
        ([(1,), (-1,)], [], True),
        ([(1,), (-1, 2), (-2,)], [], True),
        ([(1, 2), (-1, 2), (1, -2), (-1, -2)], [], False),
        ([(1, 2), (-1, 2), (1, -2), (-1, -2)], [(2,)], True),
        ([(1, 2), (-1, 2), (1, -2), (-1, -2)], [()], False),
        ([(1, -1), (2, 2)], [(2,)], False),
        ([(1, 2)], [(1, 2)], False),
        ([(1,)], [(1, 3), (3,)], False),
    ],
)
def test_small_proofs(clauses: Clauses, proof: Clauses, *, holds: bool) -> None:
    assert refutes(clauses, proof) is holds


def test_random_clauses_are_refuted_exactly_when_they_have_no_model() -> None:
    draw = random.Random(5)
    refuted = 0
    for _ in range(150):
        clauses: Clauses = [
            tuple(draw.choice((1, -1)) * draw.randint(1, 7) for _ in range(3))
            for _ in range(draw.randint(15, 50))
        ]
        proof = Cadical().refuted(clauses)
        assert (proof is None) == has_model(clauses, 7)
        if proof is None:
            assert not refutes(clauses, ((),))
        else:
            assert refutes(clauses, proof)
            refuted += 1
    assert 20 < refuted < 130
