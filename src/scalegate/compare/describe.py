"""Say of a point what it is: the values, what either policy does there, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scalegate.compare.joint import Base
from scalegate.compare.model import (
    Attribution,
    Change,
    Comparison,
    Gap,
    Side,
    VariableValue,
    Verdict,
    verdict_of,
)
from scalegate.compare.order import Order, Point
from scalegate.compare.pair import Pair, Question
from scalegate.compare.search import Found, Raised
from scalegate.policy.compile import Encoded, Program, Row
from scalegate.policy.evaluate import applies, evaluate_encoded, satisfied
from scalegate.policy.vocabulary import EffectLevel

OTHER = {Side.OLD: Side.NEW, Side.NEW: Side.OLD}
CHANGES = {Side.OLD: Change.LOOSENED, Side.NEW: Change.TIGHTENED}


def compared(pair: Pair, question: Question) -> Comparison:
    """Answer a question and describe the answer."""
    answer = pair.searched(question)
    gaps: dict[Side, tuple[Gap, ...]] = {side: () for side in Side}
    clauses: tuple[Attribution, ...] = ()
    if answer.order is not None:
        writer = _Writer.of(pair, question, answer.order)
        gaps = {
            side: tuple(writer.gap(side, point, raised) for point, raised in found.points)
            for side, found in answer.found.items()
        }
        clauses = tuple(
            item
            for side, found in answer.found.items()
            for item in writer.attributions(side, found)
        )
    loosened, tightened = gaps[Side.OLD], gaps[Side.NEW]
    verdict = verdict_of(loosened=bool(loosened), tightened=bool(tightened))
    return Comparison(
        gate=question.at[0],
        ask=question.at[1],
        cut=question.cut,
        strength=question.strength,
        verdict=Verdict.UNDECIDED if answer.refused else verdict,
        loosened=loosened,
        tightened=tightened,
        clauses=clauses,
        refused=answer.refused,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    pair: Pair
    question: Question
    order: Order
    """Of the question."""
    whole: Order
    """Of all rows of the gate."""
    base: Base
    """Everything at its best, as all rows of the gate see it."""

    @classmethod
    def of(cls, pair: Pair, question: Question, order: Order) -> _Writer:
        whole, best = pair.best(question)
        writer = cls(pair=pair, question=question, order=order, whole=whole, base=best)
        if not whole.mixed:
            return writer
        places = {
            place: writer.place(place, classes.best[0]) for place, classes in order.classes.items()
        }
        base = pair.joint.base({**best.places, **places})
        return replace(writer, base=base)

    def place(self, variable: int, chosen: int) -> int:
        """Return the value of a class that all rows of the gate treat most mildly."""
        cells = self.order.classes[variable].cells[chosen]
        whole = self.whole.classes.get(variable)
        if whole is None:
            return cells[0]
        there = {whole.of[cell] for cell in cells}
        return next(
            cell
            for cell in cells
            if not any(
                other != whole.of[cell] and whole.below[whole.of[cell]] >> other & 1
                for other in there
            )
        )

    def values(self, point: Point) -> tuple[VariableValue, ...]:
        """Return what departs from the best, without the rungs that another rung implies."""
        implied = {
            place
            for place in point
            if self.order.closed({at: found for at, found in point.items() if at != place}) == point
        }
        return tuple(
            self.value(place, chosen)
            for place, chosen in sorted(point.items())
            if place not in implied
        )

    def value(self, variable: int, chosen: int) -> VariableValue:
        found = self.order.joint.variables[variable]
        return VariableValue(
            kind=found.kind,
            name=found.name,
            cell=found.cells[self.place(variable, chosen)],
            alike=tuple(found.cells[cell] for cell in self.order.classes[variable].cells[chosen]),
            known_to=found.known_to,
        )

    def gap(self, side: Side, point: Point, raised: tuple[Raised, ...]) -> Gap:
        joint, at = self.order.joint, self.question.at
        changes = {place: self.place(place, chosen) for place, chosen in point.items()}
        encoded = {each: joint.encoded(each, self.base, changes) for each in Side}
        views = self.pair.views[self.question.strength]
        other = OTHER[side]
        held = evaluate_encoded(views[side], encoded[side], *at)
        firing = tuple(self._firing(views[side], encoded[side]))
        places = {**self.base.places, **changes}
        return Gap(
            change=CHANGES[side],
            deviations=self.values(point),
            situations=(joint.situation(Side.OLD, places), joint.situation(Side.NEW, places)),
            clauses=firing or held.determining,
            effect=held.level,
            instead=evaluate_encoded(views[other], encoded[other], *at),
            advice=tuple(self._advice(views[other], joint.programs[other], encoded[other])),
            unless_shown=tuple(self._unless_shown(other, views[other], encoded[other], places)),
            reach=tuple(self.value(place, chosen) for place, chosen in raised),
        )

    def attributions(self, side: Side, found: Found) -> Iterator[Attribution]:
        joint = self.order.joint
        there = {row.id for row in joint.programs[OTHER[side]].policy.commitments}
        for name, points in found.by_clause.items():
            yield Attribution(
                clause=name,
                change=CHANGES[side],
                still_there=name in there,
                situations=tuple(self.values(point) for point in points),
            )

    def _firing(self, view: Program, encoded: Encoded) -> Iterator[str]:
        cut = self.question.cut
        for row in view.rows.get(self.question.at, ()):
            if cut > EffectLevel.ALLOW and row.level >= cut and _is_unmet(row, encoded):
                yield row.name

    def _advice(self, view: Program, every: Program, encoded: Encoded) -> Iterator[str]:
        """Yield the commitments that do not count at this strength and are unmet."""
        counted = {row.name for row in view.rows.get(self.question.at, ())}
        for row in every.rows.get(self.question.at, ()):
            if row.name not in counted and _is_unmet(row, encoded):
                yield row.name

    def _unless_shown(
        self, side: Side, view: Program, encoded: Encoded, places: Mapping[int, int]
    ) -> Iterator[str]:
        """Yield the commitments that would reach the cut if facts not shown were shown.

        Source: design, "Burden of a fact": such a clause is reported as *loosened unless shown*.
        """
        armed = 0
        for place, bits in self.pair.to_hold[side]:
            if self.order.joint.variables[place].cells[places[place]] is None:
                armed |= bits
        if not armed:
            return
        shown = replace(
            encoded, trigger=encoded.trigger | armed, require=encoded.require & ~armed
        )
        for row in view.rows.get(self.question.at, ()):
            reaches = row.level >= self.question.cut > EffectLevel.ALLOW
            if reaches and _is_unmet(row, shown) and not _is_unmet(row, encoded):
                yield row.name


def _is_unmet(row: Row, encoded: Encoded) -> bool:
    return applies(row, encoded) and not satisfied(row, encoded)
