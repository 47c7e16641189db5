"""What a solver found for one question, as a table that is checked without a solver.

A solver lists the situations that one policy holds and the other lets through, not every hold
point, so the table has no answers of the other policy. The check trusts nothing of it:

1. At each item one policy reaches the cut and the other does not, by the evaluator. What an item
   leaves open (variables used both ways) is granted against that in every setting at once.
2. In the setting that an item names, no other item lies at or below it. Since nothing is missing
   (3), nothing below it is a difference, so it is minimal there; and it is needed.
3. Nothing is missing: the solver's proof that no such situation is left follows, step by step, from
   the policies and the list (`proof`).

An item that is removed breaks 3; one that is added breaks 1 or 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from scalegate.base.errors import TrustError
from scalegate.compare import proof
from scalegate.compare.model import Side
from scalegate.compare.order import Order, Point
from scalegate.compare.pair import Pair, Question
from scalegate.compare.point_values import PointReader, PointValue, point_text, values_of
from scalegate.compare.search import OTHER, Searched, reaching
from scalegate.compare.solve import best_setting, granted, setting_of
from scalegate.compare.solver import SolverKit
from scalegate.policy.compile import Program
from scalegate.policy.document import Part
from scalegate.policy.evaluate import reaches
from scalegate.policy.vocabulary import EffectLevel


class SolvedItem(Part):
    """A situation that one policy holds and the other lets through."""

    values: tuple[PointValue, ...]
    """What departs from the best."""
    setting: tuple[PointValue, ...] = ()
    """Values of the variables used both ways that it leaves open, at which no other item lies at or
    below it."""


class SolvedTable(Part):
    """Every minimal one of them, for some rows of each policy, with the proofs that none lacks."""

    loosened: tuple[SolvedItem, ...]
    """The old policy holds, the new one does not."""
    tightened: tuple[SolvedItem, ...]
    """The new policy holds, the old one does not."""
    loosened_proof: str = Field(max_length=proof.MAX_TEXT)
    """The solver's proof, in the format DRUP, that no loosened situation is missing."""
    tightened_proof: str = Field(max_length=proof.MAX_TEXT)
    """The same of the tightened ones."""

    def of(self, side: Side) -> tuple[tuple[SolvedItem, ...], str]:
        """Return the items that a policy holds, and the proof."""
        if side is Side.OLD:
            return self.loosened, self.loosened_proof
        return self.tightened, self.tightened_proof


def written(pair: Pair, question: Question, answer: Searched, kit: SolverKit) -> SolvedTable:
    """Return the table of a solver's answer.

    Raises:
        TrustError: the solver finds a situation that the list lacks.
        SolverStopped: the solver reached its limit; or a proof is longer than `proof.MAX_TEXT`.
    """
    order = answer.order
    assert order is not None
    items, proofs = {}, {}
    for side in Side:
        points = tuple(answer.found[side].points)
        items[side] = tuple(_item(order, point, points, kit) for point in points)
        proofs[side] = proof.proved(kit, proof.unlisted(pair, question, side, points))
    return SolvedTable(
        loosened=items[Side.OLD],
        tightened=items[Side.NEW],
        loosened_proof=proofs[Side.OLD],
        tightened_proof=proofs[Side.NEW],
    )


def _item(order: Order, point: Point, points: Sequence[Point], kit: SolverKit) -> SolvedItem:
    others = [each for each in points if each is not point]
    setting = setting_of(order, point, others, kit)
    if setting is None:
        raise TrustError("an item of the solver lies above others in every setting")
    return SolvedItem(
        values=tuple(values_of(order, point)), setting=tuple(values_of(order, setting))
    )


def check(pair: Pair, question: Question, table: SolvedTable) -> None:
    """Check a table against two policies, without a solver.

    Raises:
        TrustError: an item is wrong, missing, or too many.
    """
    if question.cut is EffectLevel.ALLOW:
        raise TrustError("the certificate has a solver's answer where there is nothing to solve")
    checker = _Check(pair, question)
    for side in Side:
        listed, logged = table.of(side)
        points = [checker.order.closed(checker.reader.point(item.values)) for item in listed]
        for place, item in enumerate(listed):
            checker.sound(side, points[place])
            checker.needed(points, place, item)
        proof.check(proof.unlisted(pair, question, side, points), logged)


class _Check:
    """Checks the items of one question."""

    def __init__(self, pair: Pair, question: Question) -> None:
        views = pair.views[question.strength]
        self.question = question
        self.parts = {side: reaching(views[side], question.at, question.cut) for side in Side}
        rows = {side: part.rows[question.at] for side, part in self.parts.items()}
        self.order = pair.index.order(rows, question.cut)
        self.base = pair.index.base(self.order)
        self.reader = PointReader(self.order)
        self.situations = {side: pair.joint.situation(side, self.base.places) for side in Side}
        # Such a row reaches a mild cut while it is satisfied: granting counts both ways there.
        self.twofold = {
            side: frozenset(row.name for row in found if row.level is EffectLevel.ALLOW)
            if question.cut is EffectLevel.ALLOW_WITH
            else frozenset()
            for side, found in rows.items()
        }

    def sound(self, side: Side, point: Point) -> None:
        """Refuse an item that is not held by one policy and let through by the other (rule 1)."""
        free = [place for place in self.order.mixed if place not in point]
        if free and self.twofold[OTHER[side]]:
            raise TrustError(f"an item leaves open what must be said: {self._text(point)}")
        whole = {**point, **best_setting(self.order, free)}
        for each, is_held in ((side, True), (OTHER[side], False)):
            situation = self.order.joint.changed(
                each, self.situations[each], dict(self.order.cells(whole))
            )
            encoded = granted(
                self.order, each, self.parts[each].encode(situation), free, is_against=not is_held
            )
            part = self._without_twofold(each) if free else self.parts[each]
            if reaches(part, encoded, self.question.at, self.question.cut) is not is_held:
                word = "no hold point" if is_held else "not let through"
                raise TrustError(f"a listed situation is {word}: {self._text(point)}")

    def _without_twofold(self, side: Side) -> Program:
        at, part = self.question.at, self.parts[side]
        steps = tuple(step for step in part.steps[at] if step.row.name not in self.twofold[side])
        return replace(part, steps={at: steps})

    def needed(self, points: Sequence[Point], place: int, item: SolvedItem) -> None:
        """Refuse an item that lies above another in the setting that it names (rule 2)."""
        order, point = self.order, points[place]
        setting = self.reader.point(item.setting)
        free = {each for each in order.mixed if each not in point}
        is_setting = set(setting) == free and all(
            chosen in order.classes[each].best for each, chosen in setting.items()
        )
        if not is_setting:
            raise TrustError(f"a listed situation names no setting: {self._text(point)}")
        mask = order.mask({**point, **setting})
        for other, each in enumerate(points):
            if other != place and not order.mask(each) & ~mask:
                raise TrustError(f"a listed situation is not minimal: {self._text(point)}")

    def _text(self, point: Point) -> str:
        return point_text(self.order, point)
