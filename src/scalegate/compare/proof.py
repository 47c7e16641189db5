"""Clauses that say: one policy holds a situation that the other lets through, and none is listed.

They have no model exactly when every loosened situation is at least as bad as a listed one. A
solver proves that and logs its proof; `refutation` checks it. The clauses are written anew from the
policies and the list by whoever checks, so a proof is about nothing else.

The proof is text in the format DRUP: a clause a line, each ended by `0`. The clauses as text are in
the format DIMACS. Both are what checkers of other people read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scalegate.base.errors import TrustError
from scalegate.compare.formula import Formula
from scalegate.compare.model import Side
from scalegate.compare.order import Point
from scalegate.compare.pair import Pair, Question
from scalegate.compare.refutation import refutes
from scalegate.compare.search import OTHER, reaching
from scalegate.compare.solver import Clause, Proof, SolverKit, SolverStopped
from scalegate.policy.vocabulary import EffectLevel

MAX_TEXT = 16_000_000
"""A longer proof is neither written nor read."""


def unlisted(
    pair: Pair, question: Question, side: Side, points: Iterable[Point]
) -> list[tuple[int, ...]]:
    """Return clauses: the policy reaches the cut, the other does not, and no point lies below.

    Args:
        pair: the policies.
        question: the gate, the cut and the strength; the cut is above `allow`.
        side: the policy that reaches the cut.
        points: what is listed, in the order of the question.
    """
    views = pair.views[question.strength]
    rows = {
        each: reaching(views[each], question.at, question.cut).rows[question.at] for each in Side
    }
    is_mild = question.cut is EffectLevel.ALLOW_WITH
    order = pair.index.order(rows, question.cut)
    base = pair.index.base(order)
    formula = Formula(pair.index.whole, pair.index.best)
    formula.add((formula.any(formula.reaches(side, row, is_mild=is_mild) for row in rows[side]),))
    for row in rows[OTHER[side]]:
        formula.add((-formula.reaches(OTHER[side], row, is_mild=is_mild),))
    for point in points:
        formula.add((-formula.above(order, base, point),))
    return formula.clauses


def proved(kit: SolverKit, clauses: Sequence[Clause]) -> str:
    """Return the proof that nothing is left, as text.

    Raises:
        TrustError: something is left, so the list lacks an item.
        SolverStopped: the solver reached its limit, or the proof is longer than `MAX_TEXT`.
    """
    proof = kit.refuted(clauses)
    if proof is None:
        raise TrustError("the solver finds a situation that the list lacks")
    text = to_text(proof)
    if len(text) > MAX_TEXT:
        raise SolverStopped(f"a proof of {len(text)} characters, more than {MAX_TEXT}")
    return text


def check(clauses: Sequence[Clause], text: str) -> None:
    """Check the proof that these clauses have no model.

    Raises:
        TrustError: it proves nothing of the kind.
    """
    if not refutes(clauses, from_text(text)):
        raise TrustError("the proof of completeness does not hold for these policies and this list")


def to_text(proof: Iterable[Clause]) -> str:
    """Write clauses, one a line."""
    return "".join(" ".join(map(str, (*clause, 0))) + "\n" for clause in proof)


def from_text(text: str) -> Proof:
    """Read clauses, one a line.

    Raises:
        TrustError: a line is no clause.
    """
    found = []
    if len(text) > MAX_TEXT:
        raise TrustError(f"the proof of completeness has more than {MAX_TEXT} characters")
    for line in text.splitlines():
        words = line.split()
        numbers = [int(word) for word in words if word.lstrip("-").isdecimal() and len(word) < 12]
        if len(numbers) != len(words) or numbers[-1:] != [0] or 0 in numbers[:-1]:
            raise TrustError("the proof of completeness is no list of clauses")
        found.append(tuple(numbers[:-1]))
    return tuple(found)
