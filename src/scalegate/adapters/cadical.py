"""The solver CaDiCaL, through python-sat (the extra `sat`), which is loaded when it is needed.

No call goes on for ever: one that meets more than `CONFLICTS` conflicts is ended by the solver, and
a solver that has been asked for longer than `SECONDS` altogether answers nothing more.

Proofs are written by the solver to a temporary file, which this adapter reads back.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from scalegate.compare.solver import Clause, Proof, SolverStopped

CONFLICTS = 200_000
SECONDS = 30.0


class CadicalSolver:
    """Keeps the promises of `compare.solver.Solver`."""

    def __init__(self, conflicts: int, seconds: float) -> None:
        from pysat.solvers import Cadical195

        self._solver = Cadical195()
        self._limits = (conflicts, seconds)
        self._began = time.monotonic()

    def add(self, clause: Clause) -> None:
        """Add a clause."""
        self._solver.add_clause(list(clause))

    def model(self, assumed: Sequence[int]) -> frozenset[int] | None:
        """Return the variables that are true in some model, or None.

        Raises:
            SolverStopped: a limit is reached.
        """
        conflicts, seconds = self._limits
        if time.monotonic() - self._began > seconds:
            raise SolverStopped(f"the solver was stopped after {seconds:g} seconds")
        self._solver.conf_budget(conflicts)
        answer = self._solver.solve_limited(assumptions=list(assumed))
        if answer is None:
            raise SolverStopped(f"the solver was stopped after {conflicts} conflicts")
        return frozenset(each for each in self._solver.get_model() if each > 0) if answer else None


class Cadical:
    """Keeps the promises of `compare.solver.SolverKit`."""

    def __init__(self, conflicts: int = CONFLICTS, seconds: float = SECONDS) -> None:
        self._limits = (conflicts, seconds)

    def solver(self) -> CadicalSolver:
        """Return a solver without clauses."""
        return CadicalSolver(*self._limits)

    def refuted(self, clauses: Iterable[Clause]) -> Proof | None:
        """Return a proof that these clauses have no model; None where they have one.

        The deletions that the solver logs are left out: a checker does not need them.

        Raises:
            SolverStopped: a limit is reached.
        """
        from pysat.solvers import Cadical195

        given = [list(clause) for clause in clauses]
        if [] in given:
            return ((),)
        with Cadical195(bootstrap_with=given, with_proof=True) as solver:
            solver.conf_budget(self._limits[0])
            answer = solver.solve_limited()
            if answer is None:
                raise SolverStopped(f"the solver was stopped after {self._limits[0]} conflicts")
            if answer:
                return None
            logged = solver.get_proof() or ()
        lines = [line.split() for line in logged if not line.startswith("d")]
        return tuple(tuple(int(word) for word in line if word != "0") for line in lines)
