"""Compare two policies completely: per gate, ask, strength of the verb, and cut.

1. Per gate and ask, the question is put for the binding rows and then for the rows of each strength
   of verb (`strengths`), and for each effect that some row of either policy begins (the cut).
2. `loosened` is where the old policy does at least the cut and the new one does not; `tightened` is
   the mirror image. Both lists are minimal and complete (`search`, rule 2).
3. At the cut `allow` the question is whether the gate is governed at all: a gate that no row names
   is the most permissive there is, so it is looser than one that some row names, in every situation.
4. Variables are matched by id (`joint`); what only one policy has is listed as unmatched.
5. A fact with burden `to_hold` is unknown unless somebody shows it, and then does not bind. An item
   at which the other policy would reach the cut were such facts shown is marked *unless shown*.
6. What is too large to be compared completely is `undecided`, with the reason; nothing is guessed.

Does not check: that two ids mean the same in both texts. That is a judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from scalegate.base.canonical import digest_of
from scalegate.compare.elements import elements_of
from scalegate.compare.joint import Base, Joint, joint_of
from scalegate.compare.model import (
    Attribution,
    Change,
    Comparison,
    Difference,
    Gap,
    Side,
    Strength,
    Unmatched,
    VariableValue,
    Verdict,
    verdict_of,
)
from scalegate.compare.order import Order, Point, order_of, polarity_of
from scalegate.compare.points import PointWriter
from scalegate.compare.search import (
    At,
    Raised,
    Searched,
    best_places,
    can_reach,
    searched,
)
from scalegate.compare.strengths import Selection, strengths_of, with_every_row
from scalegate.policy.compile import Encoded, Program, Row
from scalegate.policy.evaluate import applies, evaluate_encoded, satisfied
from scalegate.policy.space import literals_in
from scalegate.policy.vocabulary import Ask, Burden, EffectLevel, Gate, Kind

OTHER = {Side.OLD: Side.NEW, Side.NEW: Side.OLD}
CHANGES = {Side.OLD: Change.LOOSENED, Side.NEW: Change.TIGHTENED}


def diff(old: Program, new: Program) -> Difference:
    """Return all that the newer policy loosened or tightened against the older one.

    Guarantees:
        Sound and complete (law 7): a situation is loosened if and only if it is at least as bad as
        a listed one in every variable, and the new policy does not reach the cut there. Empty for
        a policy and itself. Swapping the policies gives the mirror.

    Source: design, law 7.
    """
    pair = Pair.of(old, new)
    return Difference(
        old=old.policy.name,
        new=new.policy.name,
        digests=(digest_of(old.policy.to_plain()), digest_of(new.policy.to_plain())),
        comparisons=tuple(
            pair.compared(question, pair.searched(question)) for question in pair.questions()
        ),
        unmatched=tuple(pair.unmatched()),
        elements=elements_of(old.policy, new.policy),
    )


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
    binding: Mapping[Side, Program]
    """The programs as given."""
    views: Mapping[Strength, Mapping[Side, Program]]
    """Per strength: the programs of the rows that count."""
    writers: Mapping[Side, PointWriter]
    order: Order
    """Over all rows of both."""
    to_hold: Mapping[Side, tuple[tuple[int, int], ...]]
    """Per policy: its facts with burden `to_hold`, by place, with the bits of their literals."""
    kept: dict[object, Searched] = field(default_factory=dict)
    bases: dict[object, Base] = field(default_factory=dict)

    @classmethod
    def of(cls, old: Program, new: Program) -> Pair:
        """Prepare two compiled policies."""
        every = {
            Side.OLD: with_every_row(old.policy),
            Side.NEW: with_every_row(new.policy),
        }
        joint = joint_of(every[Side.OLD], every[Side.NEW])
        rows = {
            side: [row for found in program.rows.values() for row in found]
            for side, program in every.items()
        }
        polarities = {
            side: polarity_of(found, EffectLevel.HOLD) for side, found in rows.items()
        }
        return cls(
            joint=joint,
            binding={Side.OLD: old, Side.NEW: new},
            views=_views(every, {Side.OLD: old, Side.NEW: new}),
            writers={side: PointWriter(joint=joint, side=side, written={}) for side in Side},
            order=order_of(joint, polarities),
            to_hold={side: tuple(_to_hold(joint, side)) for side in Side},
        )

    def questions(self) -> Iterator[Question]:
        """Yield what is to be compared: strictest cut first, binding rows first."""
        for gate in Gate:
            for ask in Ask:
                for strength, views in self.views.items():
                    for cut in _cuts(views, (gate, ask)):
                        yield Question(at=(gate, ask), cut=cut, strength=strength)

    def searched(self, question: Question) -> Searched:
        """Answer a question; one with the same rows is answered once."""
        views = self.views[question.strength]
        is_lowest = question.cut is EffectLevel.ALLOW_WITH
        key = (
            is_lowest,
            *(
                tuple(
                    (row.name, is_lowest and row.level is EffectLevel.ALLOW)
                    for row in views[side].rows.get(question.at, ())
                    if can_reach(row, question.cut)
                )
                for side in Side
            ),
        )
        if question.cut is EffectLevel.ALLOW:
            key = tuple(bool(views[side].rows.get(question.at)) for side in Side)
        if key not in self.kept:
            self.kept[key] = searched(self.writers, views, question.at, question.cut)
        return self.kept[key]
