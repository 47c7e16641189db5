"""CaDiCaL keeps the promises of `compare.solver`."""

from __future__ import annotations

import pytest

from scalegate.adapters.cadical import Cadical
from scalegate.base.errors import UsageError
from scalegate.compare.model import Engine
from scalegate.compare.refutation import refutes
from scalegate.compare.solver import Means, SolverKit, SolverStopped
from tests.unit.compare.test_refutation import pigeons


@pytest.fixture(name="kit")
def _kit() -> SolverKit:
    return Cadical()


def test_a_model_makes_every_clause_and_every_assumption_true(kit: SolverKit) -> None:
    solver = kit.solver()
    for clause in ((1, 2), (-1, 3), (-2, 3)):
        solver.add(clause)
    model = solver.model((-1,))
    assert model is not None
    assert {2, 3} <= model
    assert 1 not in model


def test_there_is_no_model_under_assumptions_that_contradict(kit: SolverKit) -> None:
    solver = kit.solver()
    solver.add((1, 2))
    assert solver.model((-1, -2)) is None
    assert solver.model((-1,)) is not None


def test_clauses_can_be_added_between_questions(kit: SolverKit) -> None:
    solver = kit.solver()
    solver.add((1, 2))
    assert solver.model(()) is not None
    solver.add((-1,))
    solver.add((-2,))
    assert solver.model(()) is None


def test_a_refutation_is_a_proof_and_none_where_there_is_a_model(kit: SolverKit) -> None:
    assert kit.refuted([(1, 2), (-1,)]) is None
    clauses = [(1, 2), (-1, 2), (1, -2), (-1, -2)]
    proof = kit.refuted(clauses)
    assert proof is not None
    assert refutes(clauses, proof)
    assert kit.refuted([(1,), ()]) == ((),)


def test_a_call_ends_at_its_limit_and_says_so() -> None:
    clauses = pigeons(9, 8)
    with pytest.raises(SolverStopped, match="stopped after 10 conflicts"):
        Cadical(conflicts=10).refuted(clauses)
    solver = Cadical(conflicts=10).solver()
    for clause in clauses:
        solver.add(clause)
    with pytest.raises(SolverStopped, match="stopped after 10 conflicts"):
        solver.model(())
    with pytest.raises(SolverStopped, match="stopped after -1 seconds"):
        Cadical(seconds=-1).solver().model(())


def test_the_engine_that_needs_a_solver_is_refused_without_one() -> None:
    with pytest.raises(UsageError) as caught:
        Means(engine=Engine.SAT)
    assert "scalegate[sat]" in str(caught.value)
