"""The solver CaDiCaL, through python-sat (the extra `sat`).

Proofs are written by the solver to a temporary file that this adapter reads back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pysat.solvers import Cadical195

Clause = Sequence[int]


class CadicalSolver:
    """One set of clauses."""

    def __init__(self) -> None:
        self._solver = Cadical195()

    def add(self, clause: Clause) -> None:
        """Add a clause."""
        self._solver.add_clause(list(clause))

    def model(self, assumed: Sequence[int]) -> frozenset[int] | None:
        """Return what is true in some model, or None."""
        if not self._solver.solve(assumptions=list(assumed)):
            return None
        return frozenset(each for each in self._solver.get_model() if each > 0)


class Cadical:
    """Keeps the promises of `compare.solver.SolverKit`."""

    def solver(self) -> CadicalSolver:
        """Return a solver without clauses."""
        return CadicalSolver()

    def refuted(self, clauses: Iterable[Clause]) -> tuple[tuple[int, ...], ...] | None:
        """Return a proof that the clauses have no model, without the deletions that it logs."""
        with Cadical195(bootstrap_with=[list(clause) for clause in clauses], with_proof=True) as it:
            if it.solve():
                return None
            logged = it.get_proof()
        lines = [line.split() for line in logged or () if not line.startswith("d")]
        return tuple(tuple(int(word) for word in line if word != "0") for line in lines)
