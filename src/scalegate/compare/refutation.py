"""Check a proof that some clauses have no model, by unit propagation alone.

1. A clause *follows by unit propagation* when, with each of its literals false, some clause is left
   without a literal that is not false, after every clause with a single literal left has made that
   literal true (reverse unit propagation).
2. A refutation is a list of clauses of which each follows from the given ones and those before it,
   down to one with no literal.

No solver is needed, and none is trusted. Deletions, which solvers log to keep checkers fast, are
left out: with more clauses the same ones follow.

Source: E. Goldberg and Y. Novikov, Verification of proofs of unsatisfiability for CNF formulas,
DATE 2003; the format DRUP of M. Heule, W. Hunt and N. Wetzler, FMCAD 2013.
"""

from __future__ import annotations

from collections.abc import Iterable

from scalegate.compare.solver import Clause


def refutes(clauses: Iterable[Clause], proof: Iterable[Clause]) -> bool:
    """Say whether a proof shows that the clauses have no model."""
    known = _Known()
    for clause in clauses:
        known.learn(clause)
    for lemma in proof:
        if known.is_refuted:
            return True
        if not known.implies(lemma):
            return False
        known.learn(lemma)
    return known.is_refuted


class _Known:
    """Clauses, each watched at two literals that are not false yet, and what they force."""

    def __init__(self) -> None:
        self.is_refuted = False
        self._true: set[int] = set()
        self._trail: list[int] = []
        self._watching: dict[int, list[list[int]]] = {}

    def learn(self, clause: Clause) -> None:
        """Add a clause, with what it forces."""
        literals = list(dict.fromkeys(clause))
        if self.is_refuted or any(-each in literals or each in self._true for each in literals):
            return
        free = [each for each in literals if -each not in self._true]
        if len(free) > 1:
            for each in free[:2]:
                self._watching.setdefault(each, []).append(free)
        elif not free or not self._forces(free):
            self.is_refuted = True

    def implies(self, clause: Clause) -> bool:
        """Say whether a clause follows by unit propagation."""
        start = len(self._trail)
        holds = self.is_refuted or any(each in self._true for each in clause)
        holds = holds or not self._forces([-each for each in clause])
        for each in self._trail[start:]:
            self._true.discard(each)
        del self._trail[start:]
        return holds

    def _forces(self, literals: Iterable[int]) -> bool:
        """Make literals true and follow what that forces; False where it cannot be."""
        at = len(self._trail)
        for each in literals:
            if -each in self._true:
                return False
            self._set(each)
        while at < len(self._trail):
            if not self._visit(-self._trail[at]):
                return False
            at += 1
        return True

    def _set(self, literal: int) -> None:
        if literal not in self._true:
            self._true.add(literal)
            self._trail.append(literal)

    def _visit(self, false: int) -> bool:
        """Find other literals to watch for the clauses that watched one that is now false."""
        watching = self._watching.get(false)
        if not watching:
            return True
        true = self._true
        kept: list[list[int]] = []
        self._watching[false] = kept
        for at, clause in enumerate(watching):
            if clause[0] == false:
                clause[0], clause[1] = clause[1], false
            if clause[0] in true:
                kept.append(clause)
                continue
            place = next(
                (place for place in range(2, len(clause)) if -clause[place] not in true), 0
            )
            if place:
                clause[1], clause[place] = clause[place], false
                self._watching.setdefault(clause[1], []).append(clause)
                continue
            kept.append(clause)
            if -clause[0] in true:
                kept += watching[at + 1 :]
                return False
            self._set(clause[0])
        return True
