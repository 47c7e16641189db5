"""Two policies, ready to be compared: the questions, and the answers that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from scalegate.compare.joint import Base, Joint, joint_of
from scalegate.compare.model import Engine, Side, Strength, Unmatched
from scalegate.compare.order import Order
from scalegate.compare.search import At, Index, Searched, Task, best_places, can_reach, searched
from scalegate.compare.solve import Solving, solved
from scalegate.compare.solver import BY_POINTS, INSTALL, Means
from scalegate.compare.strengths import Selection, strengths_of
from scalegate.policy.compile import Program, every_row
from scalegate.policy.vocabulary import Ask, Burden, EffectLevel, Gate, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to compare."""

    at: At
    cut: EffectLevel
    strength: Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two policies, ready to be compared."""

    joint: Joint
    views: Mapping[Strength, Mapping[Side, Program]]
    """Per strength: the programs of the rows that count."""
    index: Index
    to_hold: Mapping[Side, tuple[tuple[int, int], ...]]
    """Per policy: its facts with burden `to_hold`, by place, with the bits of their literals."""
    means: Means = BY_POINTS
    kept: dict[object, Searched] = field(default_factory=dict)
    solvings: list[Solving] = field(default_factory=list)
    """The solver, once it is needed."""
    bests: dict[object, tuple[Order, Base]] = field(default_factory=dict)

    @classmethod
    def of(cls, old: Program, new: Program, *, means: Means = BY_POINTS) -> Pair:
        """Prepare two compiled policies, and with what to search."""
        every = {Side.OLD: every_row(old), Side.NEW: every_row(new)}
        joint = joint_of(every[Side.OLD], every[Side.NEW])
        index = Index.of(joint)
        return cls(
            joint=joint,
            index=index,
            means=means,
            views=_views(every, {Side.OLD: old, Side.NEW: new}),
            to_hold={side: tuple(_to_hold(joint, side)) for side in Side},
        )

    def questions(self) -> Iterator[Question]:
        """Yield what is to be compared: strictest cut first, binding rows first."""
        for at in product(Gate, Ask):
            seen: set[object] = set()
            for strength, views in self.views.items():
                rows = tuple(_names(views[side], at) for side in Side)
                cuts = () if rows in seen else _cuts(views, at)
                seen.add(rows)
                yield from (Question(at=at, cut=cut, strength=strength) for cut in cuts)

    def searched(self, question: Question, *, is_whole: bool = False) -> Searched:
        """Answer a question; one with the same rows is answered once.

        Args:
            question: what to answer.
            is_whole: whether hold points are wanted that both policies have by the same row.
        """
        key = (is_whole, self.key(question))
        if key not in self.kept:
            views = self.views[question.strength]
            task = Task(index=self.index, at=question.at, cut=question.cut, is_whole=is_whole)
            answer = self._searched(task, views)
            self.kept[key] = replace(answer, number=len(self.kept))
        return self.kept[key]

    def _searched(self, task: Task, views: Mapping[Side, Program]) -> Searched:
        """Answer by hold points, or with a solver where that is asked or they are too many."""
        engine, kit = self.means.engine, self.means.kit
        by_points = task.is_whole or task.cut is EffectLevel.ALLOW
        if engine is not Engine.SAT or by_points:
            answer = searched(task, views)
            if not answer.refused or by_points or engine is Engine.POINTS:
                return answer
            if kit is None:
                return replace(answer, refused=f"{answer.refused}; a solver may answer: {INSTALL}")
        assert kit is not None
        if not self.solvings:
            self.solvings.append(Solving.of(self.index, kit))
        return solved(task, views, self.solvings[0])

    def key(self, question: Question) -> object:
        """Return what two questions share that have the same answer."""
        views = self.views[question.strength]
        # All cuts above `allow_with` that the same rows reach have the same answer.
        return (
            min(question.cut, EffectLevel.RESTRICT),
            *(_kept_by(views[side], question) for side in Side),
        )

    def best(self, question: Question) -> tuple[Order, Base]:
        """Return the order over all rows of a gate, and its best situation."""
        whole = self.index.whole
        key = (question.at, question.strength) if whole.mixed else None
        if key not in self.bests:
            order, base = whole, self.index.best
            if key is not None:
                views = self.views[question.strength]
                rows = {side: view.rows.get(question.at, ()) for side, view in views.items()}
                order = self.index.order(rows, EffectLevel.HOLD)
                base = self.joint.base(best_places(order))
            self.bests[key] = order, base
        return self.bests[key]


def _names(view: Program, at: At) -> tuple[str, ...]:
    return tuple(row.name for row in view.rows.get(at, ()))


def _kept_by(view: Program, question: Question) -> tuple[tuple[str, bool], ...]:
    cut = question.cut
    return tuple(
        [
            (row.name, row.level is EffectLevel.ALLOW)
            for row in view.rows.get(question.at, ())
            if row.level >= cut or can_reach(row, cut)
        ]
    )


def _views(
    every: Mapping[Side, Program], given: Mapping[Side, Program]
) -> dict[Strength, dict[Side, Program]]:
    """Return the views per strength; one that counts the same rows as another says nothing new."""
    found: dict[Strength, dict[Side, Program]] = {}
    seen: set[tuple[Selection, ...]] = set()
    for strength in strengths_of(*(program.policy for program in given.values())):
        chosen = {
            side: Selection.of(program.policy.commitments, strength)
            for side, program in given.items()
        }
        if tuple(chosen.values()) not in seen:
            seen.add(tuple(chosen.values()))
            found[strength] = {side: chosen[side].view(every[side]) for side in Side}
    return found


def _cuts(views: Mapping[Side, Program], at: At) -> Iterator[EffectLevel]:
    rows = [row for view in views.values() for row in view.rows.get(at, ())]
    levels = {row.level for row in rows if row.level > EffectLevel.ALLOW}
    if any(row.owes or row.softened for row in rows):
        levels.add(EffectLevel.ALLOW_WITH)
    if len({bool(view.rows.get(at)) for view in views.values()}) > 1:
        levels.add(EffectLevel.ALLOW)
    yield from sorted(levels, reverse=True)


def _to_hold(joint: Joint, side: Side) -> Iterator[tuple[int, int]]:
    """Yield the facts that somebody else must show, each with the bits of its literals."""
    program = joint.programs[side]
    named = {fact.id for fact in program.policy.facts if fact.burden is Burden.TO_HOLD}
    for (kind, name), place in joint.index[side].items():
        if kind is Kind.FACT and name in named:
            bits = sum(
                1 << bit
                for bit, literal in enumerate(program.literals)
                if (literal.kind, literal.name) == (kind, name)
            )
            yield place, bits


def unmatched(index: Index) -> Iterator[Unmatched]:
    """Yield the variables that only one policy has, with the commitments that depend on them."""
    for place, variable in enumerate(index.joint.variables):
        if len(variable.known_to) == 1:
            (side,) = variable.known_to
            names = tuple(
                name for name, named in index.firings[side].places.items() if place in named
            )
            yield Unmatched(kind=variable.kind, name=variable.name, side=side, clauses=names)
