"""What a comparison asks of a satisfiability solver; the adapter keeps these promises.

A clause is a sequence of whole numbers that are not 0: `n` says that variable `n` is true, `-n`
that it is false; at least one of them must hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scalegate.base.errors import UsageError
from scalegate.compare.model import Engine

Clause = Sequence[int]
Proof = tuple[tuple[int, ...], ...]
"""Clauses, each following from the given ones and those before it; the last one is empty."""


class SolverStopped(UsageError):
    """The solver reached its limit without an answer."""


class Solver(Protocol):
    """A set of clauses that grows."""

    def add(self, clause: Clause) -> None:
        """Add a clause."""
        ...

    def model(self, assumed: Sequence[int]) -> frozenset[int] | None:
        """Return the variables that are true in some model in which all of `assumed` hold.

        None says that there is no model. Variables that occur in no clause are left out.

        Raises:
            SolverStopped: its limit is reached; whether there is a model is not known.
        """
        ...


class SolverKit(Protocol):
    """Makes solvers, and proves that there is no model."""

    def solver(self) -> Solver:
        """Return a solver without clauses."""
        ...

    def refuted(self, clauses: Iterable[Clause]) -> Proof | None:
        """Return a proof that these clauses have no model; None where they have one.

        The proof is a list of clauses, the last one empty, of which each follows from those before
        it by unit propagation (`refutation`).

        Raises:
            SolverStopped: its limit is reached.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """With what a comparison is searched."""

    engine: Engine = Engine.AUTO
    kit: SolverKit | None = None
    """Needed for the engine `sat`; without one `auto` leaves undecided what needs it."""

    def __post_init__(self) -> None:
        if self.engine is Engine.SAT and self.kit is None:
            raise UsageError("the engine `sat` needs a solver", hint=INSTALL)


INSTALL = "install the extra: pip install 'scalegate[sat]'"
BY_POINTS = Means(engine=Engine.POINTS)
"""Without a solver."""
