"""Arrange a comparison of two policies for a reader; nothing is compared here.

1. Each commitment that is looser or stricter somewhere stands once, with its paraphrase, both
   citations, the gates, and its minimal situations written as families, the plainest first.
2. What no gate shows, and what has no match, follow; then what only a rival reading finds.
3. Every id that a sentence names is explained once at the end, with its citation.
4. Where the bridge has rivals, each claim says whether it holds under all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from scalegate.compare.bridge import Bridge
from scalegate.compare.bridge_faults import MARKS, RESTS
from scalegate.compare.families import Family, families_of
from scalegate.compare.model import (
    Attribution,
    Change,
    Comparison,
    Difference,
    Element,
    Side,
    Strength,
    Verdict,
)
from scalegate.compare.rivals import Certainty, Claim, Readings, clause_claim, gate_claim
from scalegate.compare.sentences import (
    GATES,
    Said,
    claim_text,
    element_text,
    name_of,
    names_of,
    said_of,
    value_text,
)
from scalegate.policy.document import Commitment, Policy
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate

CUTS = {
    EffectLevel.ALLOW: "whether it speaks at all",
    EffectLevel.ALLOW_WITH: "obligations",
    EffectLevel.RESTRICT: "restrictions",
    EffectLevel.HOLD: "holds",
    EffectLevel.WITHDRAW: "withdrawals",
}
"""What is compared at a gate, per effect: when the policies reach it or a stricter one."""
ENDINGS = (*MARKS.values(), *RESTS.values())
LOOSER, STRICTER = Change.LOOSENED, Change.TIGHTENED


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyHead:
    """One of the two policies."""

    name: str
    title: str
    effective_on: str
    digest: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCell:
    """The answer at one gate, ask and cut, among the rows that decide."""

    cut: str
    """What is compared: holds, say."""
    verdict: Verdict
    certainty: str
    """`robustly` or `possibly`, where the bridge has rivals."""
    refused: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One gate, for beginning or for going on."""

    gate: str
    ask: str
    cells: tuple[GateCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyView:
    """Minimal situations that differ only in which alternative stands in a place."""

    said: Said
    count: int
    """How many situations it stands for."""
    alternatives: tuple[tuple[str, ...], ...]
    """Per place with several values: all of them, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseView:
    """One commitment that is looser or stricter somewhere."""

    id: str
    statement: str
    cite: str
    verb: str
    change: Change
    heirs: tuple[tuple[str, str], ...]
    """Its ids in the other policy, each with its citation."""
    certainty: str
    gates: tuple[str, ...]
    strength: str
    """The verb among whose rows it is seen; empty where it is seen among the rows that decide."""
    families: tuple[FamilyView, ...]

    @property
    def count(self) -> int:
        """How many minimal situations there are."""
        return sum(family.count for family in self.families)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordView:
    """What an id stands for."""

    id: str
    statement: str
    cite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedView:
    """Parts that only one of the policies has, and the commitments that depend on them."""

    labels: tuple[str, ...]
    policy: str
    change: Change
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """A decision of the past that would differ under the newer policy."""

    day: str
    case: str
    gate: str
    then: str
    """Effect, and the policy of its day."""
    here: str
    """Effect under the newer policy, and which way it differs."""
    because: tuple[str, ...]
    """Commitments that fix the stricter answer."""
    unknown: tuple[str, ...]
    """Thresholds of the newer policy of which the case says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastView:
    """A lab's past decisions under the newer policy."""

    summary: str
    """How many there are, and how many would differ."""
    assumption: str
    """How they were decided anew."""
    changed: tuple[PastDecision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceView:
    """A comparison, arranged."""

    heads: tuple[PolicyHead, PolicyHead]
    short_names: tuple[str, str]
    verdict: Verdict
    looser: bool
    """Whether the newer policy is looser somewhere, under any bridge."""
    stricter: bool
    """Whether it is stricter somewhere, under the bridge."""
    bridge: Bridge | None
    gates: tuple[GateRow, ...]
    clauses: Mapping[Change, tuple[ClauseView, ...]]
    elements: Mapping[Change, tuple[Element, ...]]
    unmatched: tuple[UnmatchedView, ...]
    only_under: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """What only rivals find: their ids, and the claims in words."""
    words: tuple[WordView, ...]
    past: PastView | None = None
    """Where a history was given."""


def arranged(
    readings: Readings, policies: tuple[Policy, Policy], crossed: tuple[Policy, Policy]
) -> DifferenceView:
    """Arrange a comparison.

    Args:
        readings: the comparison under the bridge and its rivals.
        policies: both policies as they were given.
        crossed: both policies in the words of the bridge.
    """
    difference = readings.main
    clauses = {
        change: tuple(_clauses(readings, change, policies, crossed))
        for change in (LOOSER, STRICTER)
    }
    return DifferenceView(
        heads=(_head(policies[0], difference, 0), _head(policies[1], difference, 1)),
        short_names=names_of(*policies),
        verdict=difference.verdict,
        looser=readings.is_looser_somewhere,
        stricter=difference.is_stricter_somewhere,
        bridge=readings.bridge,
        gates=tuple(_gates(readings)),
        clauses=clauses,
        elements={
            change: tuple(each for each in difference.elements if each.change is change)
            for change in Change
        },
        unmatched=tuple(_unmatched(difference, crossed)),
        only_under=tuple(_only_under(readings)),
        words=tuple(_words(clauses, policies)),
    )


def _head(policy: Policy, difference: Difference, place: int) -> PolicyHead:
    return PolicyHead(
        name=policy.name,
        title=policy.title,
        effective_on=policy.effective_on,
        digest=difference.digests[place],
        url=policy.source.published_at_url,
    )


def _gates(readings: Readings) -> Iterator[GateRow]:
    found: dict[tuple[Gate, Ask], list[Comparison]] = {}
    for comparison in readings.main.comparisons:
        if comparison.strength is Strength.BINDING:
            found.setdefault((comparison.gate, comparison.ask), []).append(comparison)
    for (gate, ask), comparisons in found.items():
        yield GateRow(
            gate=GATES[gate],
            ask=ask.value,
            cells=tuple(
                GateCell(
                    cut=CUTS[each.cut],
                    verdict=each.verdict,
                    certainty=_gate_certainty(readings, each),
                    refused=each.refused,
                )
                for each in comparisons
            ),
        )


def _gate_certainty(readings: Readings, comparison: Comparison) -> str:
    claims = [
        gate_claim(comparison, change)
        for change, found in ((LOOSER, comparison.loosened), (STRICTER, comparison.tightened))
        if found
    ]
    return _certainty(readings, claims)


def _certainty(readings: Readings, claims: Iterable[Claim]) -> str:
    if not readings.rivals:
        return ""
    found = {readings.certainty(claim) for claim in claims}
    if not found:
        return ""
    return (Certainty.POSSIBLY if Certainty.POSSIBLY in found else Certainty.ROBUSTLY).value


def _clauses(
    readings: Readings,
    change: Change,
    policies: tuple[Policy, Policy],
    crossed: tuple[Policy, Policy],
) -> Iterator[ClauseView]:
    found: dict[str, list[tuple[Comparison, Attribution]]] = {}
    for comparison in readings.main.comparisons:
        for item in comparison.clauses:
            if item.change is change:
                found.setdefault(item.clause, []).append((comparison, item))
    own, other = policies if change is LOOSER else policies[::-1]
    rows = {row.id: row for row in own.commitments}
    cites = {row.id: str(row.cite) for row in other.commitments}
    # What the rows that decide show comes first; the order is else that of the gates.
    chosen = {name: min(places, key=_decides_first) for name, places in found.items()}
    for name in sorted(found, key=lambda name: chosen[name][0].strength is not Strength.BINDING):
        comparison, item = chosen[name]
        places = found[name]
        families = families_of(item.gaps)
        yield ClauseView(
            id=name,
            statement=rows[name].statement,
            cite=str(rows[name].cite),
            verb=_verb(rows[name]),
            change=change,
            heirs=tuple((heir, cites[heir]) for heir in item.heirs),
            certainty=_certainty(readings, [clause_claim(name, change)]),
            gates=tuple(dict.fromkeys(GATES[each.gate] for each, _ in places)),
            strength="" if comparison.strength is Strength.BINDING else comparison.strength.value,
            families=tuple(_family(family, comparison, crossed) for family in families),
        )


def _verb(row: Commitment) -> str:
    decides = "decides" if row.binds else "advice"
    return f"{row.modality.word.replace('_', ' ')}, {decides}"


def _decides_first(place: tuple[Comparison, Attribution]) -> tuple[bool, int]:
    """Order places: rows that decide first, then the strictest cut."""
    comparison, _ = place
    return comparison.strength is not Strength.BINDING, -comparison.cut


def _family(family: Family, comparison: Comparison, crossed: tuple[Policy, Policy]) -> FamilyView:
    policies = crossed if family.gap.change is LOOSER else crossed[::-1]
    return FamilyView(
        said=said_of(family.gap, comparison, crossed, family.places),
        count=family.count,
        alternatives=tuple(
            tuple(value_text(value, policies) for value in place)
            for place in family.places
            if len(place) > 1
        ),
    )


def _unmatched(difference: Difference, crossed: tuple[Policy, Policy]) -> Iterator[UnmatchedView]:
    """Yield what has no match, those together on which the same commitments depend."""
    found: dict[tuple[Side, Change, tuple[str, ...]], list[str]] = {}
    for item in difference.unmatched:
        if item.clauses:
            policy = crossed[0] if item.side is Side.OLD else crossed[1]
            key = (item.side, item.change, item.clauses)
            found.setdefault(key, []).append(name_of(item.kind, item.name, (policy,)))
    for (side, change, clauses), labels in found.items():
        yield UnmatchedView(
            labels=tuple(labels),
            policy=(difference.old if side is Side.OLD else difference.new),
            change=change,
            clauses=clauses,
        )


def _only_under(readings: Readings) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for claim, names in readings.only_under():
        if claim[0] != "gate":
            found.setdefault(names, []).append(claim_text(claim))
    yield from ((names, tuple(texts)) for names, texts in found.items())


_SECTIONS = ("facts", "questions", "documents", "discretions", "substitutes", "readings")
"""Sections whose parts are called by their ids."""


def _words(
    clauses: Mapping[Change, tuple[ClauseView, ...]], policies: tuple[Policy, Policy]
) -> Iterator[WordView]:
    """Yield what the ids that the sentences name stand for."""
    said = " ".join(
        f"{family.said.situation} {family.said.reach} {' '.join(sum(family.alternatives, ()))}"
        for views in clauses.values()
        for view in views
        for family in view.families
    )
    named = {word.partition("--")[0] for word in said.split("`")[1::2]}
    parts: dict[tuple[str, str], WordView] = {}
    for section, policy in product(_SECTIONS, policies):
        for part in getattr(policy, section):
            if part.id in named:
                word = WordView(id=part.id, statement=part.statement, cite=str(part.cite))
                parts.setdefault((section, part.id), word)
    yield from parts.values()


def element_words(element: Element) -> str:
    """Say one change that no gate shows."""
    return element_text(element)
