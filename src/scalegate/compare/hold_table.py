"""Minimal hold points of two policies for one question, as a table, and its check.

The check searches nothing and trusts nothing of the table (`certificate`, rules 2 to 5). Questions
share most situations, so what a row does in one is asked of the evaluator once:

1. A listed point is written as a whole situation and read by `Program.encode`.
2. Its milder neighbours, of which there are many more, are written by their bits, which are those
   of `Program.encode` (`Joint.encoded`, tested against whole situations).
3. The boxes in which a row reaches a cut do not depend on the other rows of a question, so each row
   is written as boxes once (`frontier.BoxWriter`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from scalegate.base.errors import TrustError, UsageError
from scalegate.compare import proof
from scalegate.compare.joint import Base
from scalegate.compare.model import Side
from scalegate.compare.order import Order, Point, order_of, polarity_of
from scalegate.compare.pair import Pair, Question
from scalegate.compare.point_values import PointReader, PointValue, Words, point_text, values_of
from scalegate.compare.points import Restrictions
from scalegate.compare.search import Searched, reaching
from scalegate.compare.solver import SolverKit
from scalegate.policy.compile import Encoded, Row
from scalegate.policy.document import Part
from scalegate.policy.evaluate import firing
from scalegate.policy.frontier import BoxWriter
from scalegate.policy.vocabulary import EffectLevel

Cells = tuple[tuple[int, int], ...]
"""What departs from a base: variables by place, each with the place of its value."""


class CertifiedPoint(Part):
    """One minimal hold point with the other policy's answer."""

    values: tuple[PointValue, ...]
    """What departs from the best. A variable that is used both ways is always there."""
    held_by: str
    """The commitment of the other policy that reaches the cut too; empty where none does."""


class Table(Part):
    """The minimal hold points of both policies, for some rows of each."""

    old: tuple[CertifiedPoint, ...]
    """Those of the old policy; one with an empty `held_by` is loosened."""
    new: tuple[CertifiedPoint, ...]
    """Those of the new policy; one with an empty `held_by` is tightened."""
    old_proof: str = ""
    """A solver's proof, in the format DRUP, that no loosened situation is missing; may be empty."""
    new_proof: str = ""
    """The same of the tightened ones."""


def written(answer: Searched, order: Order) -> Table:
    """Return the table of an answer that has every hold point."""
    points = {
        side: tuple(
            CertifiedPoint(values=tuple(values_of(order, point)), held_by=held_by)
            for point, held_by in answer.found[side].answers
        )
        for side in Side
    }
    return Table(old=points[Side.OLD], new=points[Side.NEW])


def proved(table: Table, asked: tuple[Pair, Question], answer: Searched, kit: SolverKit) -> Table:
    """Return a table with the solver's proofs that it lacks nothing."""
    pair, question = asked
    if question.cut is EffectLevel.ALLOW:
        return table
    proofs = {
        f"{side.value}_proof": proof.proved(
            kit,
            proof.unlisted(
                pair,
                question,
                side,
                [point for point, held_by in answer.found[side].answers if not held_by],
            ),
        )
        for side in Side
    }
    return table.model_copy(update=proofs)


@dataclass(slots=True)
class _Fired:
    """What some rows of a policy do in one situation, one bit per row."""

    encoded: Encoded
    asked: int = 0
    unmet: int = 0
    owing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one policy that can reach a cut at a gate."""

    every: tuple[tuple[int, Row], ...]
    """Each with its bit."""
    bits: int
    strict: int
    """Those that reach the cut where they are unmet."""
    mild: int
    """Those that reach it where they are met and owe something."""

    @classmethod
    def of(cls, places: Mapping[str, int], rows: Iterable[Row], cut: EffectLevel) -> Rows:
        """Return these rows with their bits."""
        every = tuple((places[row.name], row) for row in rows)
        bits = sum(bit for bit, _ in every)
        return cls(
            every=every,
            bits=bits,
            strict=sum(bit for bit, row in every if row.level >= cut),
            mild=bits if cut is EffectLevel.ALLOW_WITH else 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Situations:
    """Situations of one policy that depart from one base, each asked of the evaluator once."""

    encode: Callable[[Cells], Encoded]
    softening: int
    found: dict[Cells, _Fired] = field(default_factory=dict)

    def reached(self, rows: Rows, cells: Cells) -> int:
        """Return which of some rows of the policy reach their cut at a point, one bit each."""
        known = self.found.get(cells)
        if known is None:
            known = self.found[cells] = _Fired(self.encode(cells))
        lacking = rows.bits & ~known.asked
        if lacking:
            asked = [(bit, row) for bit, row in rows.every if bit & lacking]
            unmet, owing = firing(asked, known.encoded, self.softening)
            known.asked |= lacking
            known.unmet |= unmet
            known.owing |= owing
        return known.unmet & rows.strict | known.owing & rows.mild


class Known:
    """What was asked of the evaluator about two policies; each thing is asked once."""

    def __init__(self, pair: Pair) -> None:
        self.joint = pair.joint
        self.words = Words.of(pair.joint)
        names = {
            side: [row.name for rows in program.rows.values() for row in rows]
            for side, program in self.joint.programs.items()
        }
        self.bits = {
            side: {name: 1 << at for at, name in enumerate(dict.fromkeys(found))}
            for side, found in names.items()
        }
        self.writers = {side: pair.index.writers[side] for side in Side}
        self._boxes = {side: BoxWriter(self.joint.spaces[side]) for side in Side}
        self._whole: dict[tuple[Side, Base], Situations] = {}
        self._milder: dict[tuple[Side, Base], Situations] = {}
        self._restrictions: dict[tuple[Side, str, EffectLevel], tuple[Restrictions, ...]] = {}

    def whole(self, side: Side, base: Base) -> Situations:
        """Return situations that are written as whole ones (rule 1)."""
        if (side, base) not in self._whole:
            program, start = self.joint.programs[side], self.joint.situation(side, base.places)
            self._whole[side, base] = Situations(
                encode=lambda cells: program.encode(self.joint.changed(side, start, dict(cells))),
                softening=program.softening,
            )
        return self._whole[side, base]

    def milder(self, side: Side, base: Base) -> Situations:
        """Return situations that are written by their bits (rule 2)."""
        if (side, base) not in self._milder:
            self._milder[side, base] = Situations(
                encode=lambda cells: self.joint.encoded(side, base, dict(cells)),
                softening=self.joint.programs[side].softening,
            )
        return self._milder[side, base]

    def boxes(self, side: Side, row: Row, cut: EffectLevel) -> tuple[Restrictions, ...]:
        """Return the boxes in which a row reaches a cut (rule 3).

        Raises:
            TrustError: there are too many to write out.
        """
        key = (side, row.name, cut)
        if key not in self._restrictions:
            try:
                boxes = self._boxes[side].row(row, cut)
            except UsageError as error:
                raise TrustError(f"completeness cannot be checked: {error.what}") from error
            self._restrictions[key] = tuple(self.writers[side].restrictions_of(boxes))
        return self._restrictions[key]


class HoldTableCheck:
    """Checks one table for the rows of one question."""

    def __init__(self, pair: Pair, question: Question, known: Known) -> None:
        self.pair = pair
        self.known = known
        self.question = question
        self.rows = {
            side: Rows.of(
                known.bits[side],
                reaching(view, question.at, question.cut).rows[question.at],
                question.cut,
            )
            for side, view in pair.views[question.strength].items()
        }
        self.order = Order(joint=pair.joint, classes={})
        if question.cut is not EffectLevel.ALLOW:
            counted = 0
            for side, rows in self.rows.items():
                for _, row in rows.every:
                    counted |= pair.joint.packing.packed(side, polarity_of(row, question.cut))
            self.order = order_of(pair.joint, counted)
        self.base = pair.index.base(self.order)
        self.reader = PointReader(self.order, known.words)
        self.whole = {side: known.whole(side, self.base) for side in Side}
        self.milder = {side: known.milder(side, self.base) for side in Side}

    def table(self, tables: tuple[Table, ...], place: int) -> None:
        """Check the table at a place among some; -1 says that there is none.

        Raises:
            TrustError: an item is wrong, missing, or too many; or there should be a table.
        """
        if place < 0:
            if not self.pair.searched(self.question, is_whole=True).refused:
                raise TrustError("the certificate leaves out a question that can be answered")
            return
        for side, other in ((Side.OLD, Side.NEW), (Side.NEW, Side.OLD)):
            listed = tables[place].old if side is Side.OLD else tables[place].new
            points = [self.reader.point(item.values) for item in listed]
            masks = {self.order.mask(point) for point in points}
            if len(masks) != len(points):
                raise TrustError("the certificate lists a hold point twice")
            for item, point in zip(listed, points, strict=True):
                self._holds(side, point)
                self._answer(other, item, point)
            self._complete(side, masks)
            logged = tables[place].old_proof if side is Side.OLD else tables[place].new_proof
            if logged:
                self._proved(side, logged, listed, points)

    def _proved(
        self, side: Side, logged: str, listed: tuple[CertifiedPoint, ...], points: list[Point]
    ) -> None:
        if self.question.cut is EffectLevel.ALLOW:
            raise TrustError("the certificate has a proof where there is nothing to prove")
        apart = [point for item, point in zip(listed, points, strict=True) if not item.held_by]
        proof.check(proof.unlisted(self.pair, self.question, side, apart), logged)

    def _reaches(self, side: Side, point: Point) -> int:
        """Return the rows of a policy that reach the cut at a point."""
        rows = self.rows[side]
        if self.question.cut is EffectLevel.ALLOW:
            return rows.bits
        return self.whole[side].reached(rows, self.order.cells(point))

    def _holds(self, side: Side, point: Point) -> None:
        if not self._reaches(side, point):
            raise TrustError(f"a listed point is no hold point: {point_text(self.order, point)}")
        rows, milder = self.rows[side], self.milder[side]
        if any(milder.reached(rows, cells) for cells in self._a_step_better(point)):
            raise TrustError(f"a listed point is not minimal: {point_text(self.order, point)}")

    def _a_step_better(self, point: Point) -> Iterator[Cells]:
        """Yield other situations that are better than a point in one variable."""
        order, cells = self.order, self.order.cells(point)
        carries = not order.joint.any_rungs.isdisjoint(point)
        for at, (place, chosen) in enumerate(point.items()):
            classes = order.classes[place]
            for better in classes.better_than(chosen):
                if carries and order.closed({**point, place: better}) == point:
                    continue
                yield (*cells[:at], (place, classes.cells[better][0]), *cells[at + 1 :])

    def _answer(self, other: Side, item: CertifiedPoint, point: Point) -> None:
        if not item.held_by:
            if self._reaches(other, point):
                raise TrustError(f"a point is not let through: {point_text(self.order, point)}")
            return
        bit = self.known.bits[other].get(item.held_by, 0)
        if not self._reaches(other, point) & bit:
            raise TrustError(
                f"`{item.held_by}` does not reach the cut: {point_text(self.order, point)}"
            )

    def _complete(self, side: Side, masks: set[int]) -> None:
        for point in self._corners(side):
            mask = self.order.mask(point)
            if mask in masks or any(not listed & ~mask for listed in masks):
                continue
            if not self.order.is_above(point, masks):
                raise TrustError("the certificate lacks a hold point")

    def _corners(self, side: Side) -> Iterator[Point]:
        """Yield the mildest corners of every box in which the policy reaches the cut."""
        rows, cut = self.rows[side].every, self.question.cut
        if rows and cut is EffectLevel.ALLOW:
            yield {}
            return
        order = self.order
        for _, row in rows:
            for point in self.known.writers[side].corners_of(
                order, self.known.boxes(side, row, cut)
            ):
                yield order.closed(point)
