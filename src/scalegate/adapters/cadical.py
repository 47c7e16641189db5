"""The solver CaDiCaL, through python-sat (the extra `sat`), which is loaded when it is needed.

Proofs are written by the solver to a temporary file, which this adapter reads back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Clause = Sequence[int]


class CadicalSolver:
    """Keeps the promises of `compare.solver.Solver`."""

    def __init__(self) -> None:
        from pysat.solvers import Cadical195

        self._solver = Cadical195()

    def add(self, clause: Clause) -> None:
        """Add a clause."""
        self._solver.add_clause(list(clause))

    def model(self, assumed: Sequence[int]) -> frozenset[int] | None:
        """Return the variables that are true in some model, or None."""
        if not self._solver.solve(assumptions=list(assumed)):
            return None
        return frozenset(each for each in self._solver.get_model() if each > 0)


class Cadical:
    """Keeps the promises of `compare.solver.SolverKit`."""

    def solver(self) -> CadicalSolver:
        """Return a solver without clauses."""
        return CadicalSolver()

    def refuted(self, clauses: Iterable[Clause]) -> tuple[tuple[int, ...], ...] | None:
        """Return a proof that these clauses have no model; None where they have one.

        The deletions that the solver logs are left out: a checker does not need them.
        """
        from pysat.solvers import Cadical195

        given = [list(clause) for clause in clauses]
        if [] in given:
            return ((),)
        with Cadical195(bootstrap_with=given, with_proof=True) as solver:
            if solver.solve():
                return None
            logged = solver.get_proof() or ()
        lines = [line.split() for line in logged if not line.startswith("d")]
        return tuple(tuple(int(word) for word in line if word != "0") for line in lines)
