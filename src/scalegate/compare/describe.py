"""Say of a point what it is: the values, what either policy does there, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import overload

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
from scalegate.compare.search import OTHER, Asking, Found
from scalegate.policy.compile import Encoded, Program, Row
from scalegate.policy.evaluate import Outcome, applies, evaluate_encoded, satisfied
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import EffectLevel

CHANGES = {Side.OLD: Change.LOOSENED, Side.NEW: Change.TIGHTENED}


Heirs = Mapping[Side, Mapping[str, tuple[str, ...]]]
"""Per policy and commitment: its ids among the commitments of the other policy."""


def heirs_of(pair: Pair, kin: Mapping[str, tuple[str, ...]] | None = None) -> Heirs:
    """Return which commitments of either policy are which of the other.

    Args:
        pair: the policies.
        kin: per commitment of the old policy, those of the new; None: those of one id.
    """
    ids = {
        side: [row.id for row in program.policy.commitments]
        for side, program in pair.joint.programs.items()
    }
    if kin is None:
        kin = {name: (name,) for name in (*ids[Side.OLD], *ids[Side.NEW])}
    found = {}
    for side in Side:
        there = set(ids[OTHER[side]])
        known = _seen_from(side, kin)
        found[side] = {
            name: tuple(heir for heir in known.get(name, ()) if heir in there) for name in ids[side]
        }
    return found


def compared(pair: Pair, question: Question, heirs: Heirs) -> Comparison:
    """Answer a question and describe the answer."""
    answer = pair.searched(question)
    gaps: dict[Side, Sequence[Gap]] = dict.fromkeys(Side, ())
    clauses: Sequence[Attribution] = ()
    if answer.order is not None:
        writer = _Writer.of(pair, question, answer.order)
        gaps = {
            side: writer.gaps(side, found.points, found.asking)
            for side, found in answer.found.items()
        }
        clauses = _Clauses(writer=writer, found=answer.found, heirs=heirs)
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
        answer=answer.number,
        engine=answer.engine,
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

    def gaps(self, side: Side, points: Sequence[Point], asking: Asking) -> Sequence[Gap]:
        return _Gaps(writer=self, side=side, points=points, asking=asking) if points else ()

    def attributions(
        self, side: Side, found: Found, heirs: Mapping[str, tuple[str, ...]]
    ) -> Iterator[Attribution]:
        for name, points in found.by_clause.items():
            yield Attribution(
                clause=name,
                change=CHANGES[side],
                still_there=bool(heirs[name]),
                heirs=heirs[name],
                gaps=_Gaps(writer=self, side=side, points=points, asking=found.asking),
            )


def _seen_from(side: Side, kin: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Return, per commitment of a policy, those of the other policy that are the same."""
    if side is Side.OLD:
        return kin
    found: dict[str, tuple[str, ...]] = {}
    for old, heirs in kin.items():
        for heir in dict.fromkeys(heirs):
            found[heir] = (*found.get(heir, ()), old)
    return found


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class _Clauses(Sequence[Attribution]):
    """What was found per commitment, written when it is looked at."""

    writer: _Writer
    found: Mapping[Side, Found]
    heirs: Heirs

    def __len__(self) -> int:
        return sum(len(found.by_clause) for found in self.found.values())

    @overload
    def __getitem__(self, place: int) -> Attribution: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Attribution]: ...
    def __getitem__(self, place: int | slice) -> Attribution | Sequence[Attribution]:
        return self._written[place]

    @cached_property
    def _written(self) -> tuple[Attribution, ...]:
        return tuple(
            item
            for side, found in self.found.items()
            for item in self.writer.attributions(side, found, self.heirs[side])
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class _Gaps(Sequence[Gap]):
    """Gaps that are written when they are looked at, those with the fewest departures first."""

    writer: _Writer
    side: Side
    points: Sequence[Point]
    asking: Asking

    def __len__(self) -> int:
        return len(self.points)

    @overload
    def __getitem__(self, place: int) -> Gap: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Gap]: ...
    def __getitem__(self, place: int | slice) -> Gap | Sequence[Gap]:
        return self._written[place]

    @cached_property
    def _written(self) -> tuple[Gap, ...]:
        order = self.writer.order
        masks = [(order.mask(point), point) for point in self.points]
        masks.sort(key=lambda item: (item[0].bit_count(), item[0]))
        change = CHANGES[self.side]
        return tuple(
            Gap(
                change=change,
                told=_Telling(writer=self.writer, side=self.side, point=point, asking=self.asking),
            )
            for _, point in masks
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class _Telling:
    """Keeps the promises of `model.Told`; pure, so it does not matter when it is asked."""

    writer: _Writer
    side: Side
    """The policy that holds."""
    point: Point
    asking: Asking

    @cached_property
    def deviations(self) -> tuple[VariableValue, ...]:
        return self.writer.values(self.point)

    @cached_property
    def situations(self) -> tuple[Situation, Situation]:
        joint = self.writer.pair.joint
        places = {**self.writer.base.places, **self._changes}
        return joint.situation(Side.OLD, places), joint.situation(Side.NEW, places)

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        question, encoded = self.writer.question, self._encoded[self.side]
        firing = tuple(
            row.name
            for row in self._views[self.side].rows.get(question.at, ())
            if row.level >= question.cut > EffectLevel.ALLOW and _is_unmet(row, encoded)
        )
        return firing or self.outcomes[0].determining

    @cached_property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        at = self.writer.question.at
        held, instead = (
            evaluate_encoded(self._views[each], self._encoded[each], *at)
            for each in (self.side, OTHER[self.side])
        )
        return held, instead

    @cached_property
    def advice(self) -> tuple[str, ...]:
        at, other = self.writer.question.at, OTHER[self.side]
        counted = {row.name for row in self._views[other].rows.get(at, ())}
        return tuple(
            row.name
            for row in self.writer.pair.joint.programs[other].rows.get(at, ())
            if row.name not in counted and _is_unmet(row, self._encoded[other])
        )

    @cached_property
    def unless_shown(self) -> tuple[str, ...]:
        """Name the clauses that would reach the cut if facts with burden `to_hold` were shown.

        Source: design, "Burden of a fact": such a clause is reported as *loosened unless shown*.
        """
        question, other = self.writer.question, OTHER[self.side]
        encoded, places = self._encoded[other], {**self.writer.base.places, **self._changes}
        armed = 0
        for place, bits in self.writer.pair.to_hold[other]:
            if self.writer.pair.joint.variables[place].cells[places[place]] is None:
                armed |= bits
        shown = replace(encoded, trigger=encoded.trigger | armed, require=encoded.require & ~armed)
        return tuple(
            row.name
            for row in self._views[other].rows.get(question.at, ())
            if row.level >= question.cut > EffectLevel.ALLOW
            and _is_unmet(row, shown)
            and not _is_unmet(row, encoded)
        )

    @cached_property
    def reach(self) -> tuple[VariableValue, ...]:
        return tuple(self.writer.value(*raised) for raised in self.asking.reach(self.point))

    @cached_property
    def _changes(self) -> dict[int, int]:
        return {place: self.writer.place(place, chosen) for place, chosen in self.point.items()}

    @cached_property
    def _encoded(self) -> dict[Side, Encoded]:
        joint = self.writer.pair.joint
        return {each: joint.encoded(each, self.writer.base, self._changes) for each in Side}

    @property
    def _views(self) -> Mapping[Side, Program]:
        return self.writer.pair.views[self.writer.question.strength]


def _is_unmet(row: Row, encoded: Encoded) -> bool:
    return applies(row, encoded) and not satisfied(row, encoded)
