"""The nouns of a comparison: what one policy holds and the other lets through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from scalegate.base.canonical import digest_of
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import Outcome
from scalegate.policy.situation import Situation
from scalegate.policy.space import Cell
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Modality


class Strength(StrEnum):
    """Which rows of a policy count: those that decide, or those with at least this verb."""

    BINDING = "binding"
    """The rows that decide."""
    MUST = "must"
    WILL = "will"
    WOULD = "would"
    INTEND = "intend"
    AIM = "aim"
    MAY = "may"
    RECOMMENDS_INDUSTRY = "recommends_industry"

    @property
    def modality(self) -> Modality | None:
        """The weakest verb that counts; None where only binding rows do."""
        return None if self is Strength.BINDING else Modality[self.name]


class Engine(StrEnum):
    """How a comparison is searched."""

    AUTO = "auto"
    """By minimal hold points; with a solver what is beyond their bounds, where there is one."""
    POINTS = "points"
    """By minimal hold points alone, without a solver."""
    SAT = "sat"
    """With a solver alone."""


class Verdict(StrEnum):
    """How a newer policy stands to an older one."""

    EQUIVALENT = "equivalent"
    LOOSENED = "loosened"
    TIGHTENED = "tightened"
    INCOMPARABLE = "incomparable"
    """Looser in some situation and stricter in another."""
    UNDECIDED = "undecided"
    """Too large to compare completely; nothing is guessed."""


class Change(StrEnum):
    """Which way one item goes."""

    LOOSENED = "loosened"
    TIGHTENED = "tightened"
    CHANGED = "changed"
    """Different, and the text alone does not say which way."""


class Side(StrEnum):
    """One of the two policies."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableValue:
    """A value of one variable, with the values that nothing tells from it here."""

    kind: Kind
    name: str
    """Id of the threshold, safeguard, fact, ..."""
    cell: Cell
    """The value."""
    alike: tuple[Cell, ...]
    """Every value that both policies treat like it here, itself among them."""
    known_to: frozenset[Side]
    """The policies that have the variable."""


class Told(Protocol):
    """What there is to say of a gap, worked out when it is asked for.

    A comparison of two texts that share little has thousands of gaps, and a reader looks at few.
    """

    @property
    def deviations(self) -> tuple[VariableValue, ...]:
        """What departs from the best; everything else is at its best."""
        ...

    @property
    def situations(self) -> tuple[Situation, Situation]:
        """The situation as the old and as the new policy see it, at the gate."""
        ...

    @property
    def clauses(self) -> tuple[str, ...]:
        """Commitments of the policy that holds which reach the cut here."""
        ...

    @property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        """What the policy that holds does, and what the other does instead."""
        ...

    @property
    def advice(self) -> tuple[str, ...]:
        """Commitments of the other policy that apply and are unmet, and do not count here."""
        ...

    @property
    def unless_shown(self) -> tuple[str, ...]:
        """Commitments of the other policy that facts not shown keep from reaching the cut."""
        ...

    @property
    def reach(self) -> tuple[VariableValue, ...]:
        """Single worse values at which the other policy reaches the cut again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A minimal situation in which one policy reaches the cut and the other does not."""

    change: Change
    """`loosened`: the old policy holds and the new does not; `tightened`: the other way round."""
    told: Told
    """What there is to say of it."""

    @property
    def deviations(self) -> tuple[VariableValue, ...]:
        """What departs from the best; everything else is at its best."""
        return self.told.deviations

    @property
    def situations(self) -> tuple[Situation, Situation]:
        """The situation as the old and as the new policy see it, at the gate."""
        return self.told.situations

    @property
    def clauses(self) -> tuple[str, ...]:
        """Commitments of the policy that holds which reach the cut here."""
        return self.told.clauses

    @property
    def effect(self) -> EffectLevel:
        """What the policy that holds does."""
        return self.told.outcomes[0].level

    @property
    def instead(self) -> Outcome:
        """What the other policy does."""
        return self.told.outcomes[1]

    @property
    def advice(self) -> tuple[str, ...]:
        """What is left: commitments of the other policy that apply, are unmet, and do not count."""
        return self.told.advice

    @property
    def unless_shown(self) -> tuple[str, ...]:
        """Commitments of the other policy that facts not shown keep from reaching the cut.

        Somebody else must show them; where there are any, the item reads "unless shown".
        """
        return self.told.unless_shown

    @property
    def reach(self) -> tuple[VariableValue, ...]:
        """How far it reaches: single worse values at which the other policy reaches the cut again.

        Empty where no single value does.
        """
        return self.told.reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """One commitment of one policy, and where the other policy lets through what it holds."""

    clause: str
    """Id of the commitment."""
    change: Change
    """`loosened`: a commitment of the old policy; `tightened`: one of the new."""
    still_there: bool
    """Whether the other policy has this commitment, under this id or another."""
    gaps: Sequence[Gap]
    """Every minimal situation in which this commitment reaches the cut and the other policy does
    not; each is written when it is looked at."""
    heirs: tuple[str, ...] = ()
    """Its ids in the other policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The two policies at one gate, for one ask, at one cut, over rows of one strength."""

    gate: Gate
    ask: Ask
    cut: EffectLevel
    """The effect that is to be reached; at `allow` the question is whether the gate is governed."""
    strength: Strength
    verdict: Verdict
    loosened: Sequence[Gap]
    """Complete and minimal; each is written when it is looked at."""
    tightened: Sequence[Gap]
    """The mirror list."""
    clauses: Sequence[Attribution]
    """The same, attributed to each commitment for itself."""
    answer: int
    """Comparisons of one number have the same rows, and so the same lists."""
    refused: str = ""
    """Why it is undecided."""
    engine: Engine = Engine.POINTS
    """What answered it: `points` or `sat`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A variable that only one of the policies has."""

    kind: Kind
    name: str
    side: Side
    """The policy that has it."""
    clauses: tuple[str, ...]
    """Its commitments that depend on it."""

    @property
    def change(self) -> Change:
        """Which way it goes: an old requirement without a match is loosened, a new one tightened.

        A way out that only one policy has goes the other way round.
        """
        is_way_out = self.kind in (Kind.DISCRETION, Kind.SUBSTITUTE)
        is_lost = self.side is Side.OLD
        return Change.LOOSENED if is_lost is not is_way_out else Change.TIGHTENED


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A change that is not an effect of a gate."""

    what: str
    """The kind of element: `threshold`, `indicator`, `cadence`, `duty`, ..."""
    name: str
    """Id of the element, with the part of it that changed."""
    change: Change
    old: str
    """What the old policy says; empty where it says nothing."""
    new: str
    """What the new policy says; empty where it says nothing."""
    cites: tuple[str, str]
    """Citations of the old and of the new text; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that a newer policy loosened or tightened against an older one."""

    old: str
    """Name of the older policy."""
    new: str
    """Name of the newer policy."""
    policies: tuple[Policy, Policy]
    """Both documents, the older one first."""
    comparisons: tuple[Comparison, ...]
    """Per gate, ask, strength and cut, strictest cut first. A cut at which no row of either policy
    begins is left out: it has the answer of the next stricter cut that is there. So is a strength
    at which the same rows count as at one that is there."""
    unmatched: tuple[Unmatched, ...]
    """Variables that only one policy has."""
    elements: tuple[Element, ...]
    """What is not an effect of a gate."""

    @property
    def digests(self) -> tuple[str, str]:
        """Digests of both documents (canonical form), worked out when they are asked for."""
        old, new = (digest_of(policy.to_plain()) for policy in self.policies)
        return old, new

    @property
    def verdict(self) -> Verdict:
        """The verdict over all gates, cuts and strengths; elements stand apart."""
        return combined(comparison.verdict for comparison in self.comparisons)

    @property
    def is_looser_somewhere(self) -> bool:
        """Whether any gate, any element, or what a commitment depended on, is looser."""
        return any(item.loosened for item in self.comparisons) or Change.LOOSENED in self._ways

    @property
    def is_stricter_somewhere(self) -> bool:
        """Whether any gate, any element, or what a commitment depends on, is stricter."""
        return any(item.tightened for item in self.comparisons) or Change.TIGHTENED in self._ways

    @property
    def _ways(self) -> set[Change]:
        """Which ways elements go, and commitments that depend on what has no match."""
        lacking = {item.change for item in self.unmatched if item.clauses}
        return {item.change for item in self.elements} | lacking

    @property
    def is_decided(self) -> bool:
        """Whether every comparison was made completely."""
        return not any(item.verdict is Verdict.UNDECIDED for item in self.comparisons)


def verdict_of(*, loosened: bool, tightened: bool) -> Verdict:
    """Return the verdict of the two lists being filled."""
    if loosened and tightened:
        return Verdict.INCOMPARABLE
    if loosened:
        return Verdict.LOOSENED
    return Verdict.TIGHTENED if tightened else Verdict.EQUIVALENT


def combined(verdicts: Iterable[Verdict]) -> Verdict:
    """Return one verdict for several; an undecided one may hide either direction."""
    found = set(verdicts)
    both = Verdict.INCOMPARABLE in found
    loosened = both or Verdict.LOOSENED in found
    tightened = both or Verdict.TIGHTENED in found
    if Verdict.UNDECIDED in found and not (loosened and tightened):
        return Verdict.UNDECIDED
    return verdict_of(loosened=loosened, tightened=tightened)
