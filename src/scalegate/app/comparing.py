"""Compare two versions that a source has, and show the result as data or as lines.

1. Both versions are read from the same source; an indicator set that is merged into a policy is
   part of what is compared.
2. The lines for people name each commitment once, with its smallest situation and the number of
   others; the plain data has every item. Items that several gates share are written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalegate.app.bridging import bridge_between, refuse_rings
from scalegate.app.workspace import policies_of
from scalegate.compare.bridge import Bridge
from scalegate.compare.certificate import Certificate, cell_word, certify, verify
from scalegate.compare.crossing import crossing_of
from scalegate.compare.model import (
    Attribution,
    Change,
    Comparison,
    Difference,
    Element,
    Gap,
    Strength,
    VariableValue,
    Verdict,
)
from scalegate.compare.rivals import Claim, Readings, clause_claim, under_each
from scalegate.compare.sentences import (
    GATES,
    cited,
    claim_text,
    element_text,
    names_of,
    ordered,
    sentence,
    situation_text,
    unmatched_text,
)
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import Ask, Gate
from scalegate.ports import PolicySource, PolicyText

if TYPE_CHECKING:
    from scalegate.compare.model import Unmatched

MOST_ELEMENTS = 12
"""More changed elements of one direction than this are counted, not listed, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """Two versions and all that differs between them."""

    readings: Readings
    """The comparison under the bridge, and under each of its rivals."""
    old: Program
    new: Program
    crossed: tuple[Policy, Policy]
    """Both policies in the words of the bridge, for what is said of situations."""

    @property
    def difference(self) -> Difference:
        """The comparison under the bridge itself."""
        return self.readings.main

    @property
    def policies(self) -> tuple[Policy, Policy]:
        """Both policies, the older one first."""
        return self.old.policy, self.new.policy

    def certificate(self) -> Certificate:
        """Return what a reader needs to check the comparison without searching."""
        return certify(self.old, self.new, self.readings.bridge)

    def to_mapping(self) -> dict[str, Any]:
        """Return everything as plain data."""
        difference = self.difference
        return {
            "old": {"name": difference.old, "digest": difference.digests[0]},
            "new": {"name": difference.new, "digest": difference.digests[1]},
            "verdict": difference.verdict.value,
            "bridge": self._bridge(),
            "is_looser_somewhere": self.readings.is_looser_somewhere,
            "is_stricter_somewhere": difference.is_stricter_somewhere,
            "comparisons": [_comparison(each) for each in difference.comparisons],
            "answers": [self._answer(each) for each in _first_of_each(difference).values()],
            "unmatched": [_unmatched(each) for each in difference.unmatched],
            "elements": [_element(each) for each in difference.elements],
            "only_under_rivals": [
                {"claim": list(claim), "rivals": list(names)}
                for claim, names in self.readings.only_under()
            ],
        }

    def _bridge(self) -> dict[str, Any] | None:
        bridge = self.readings.bridge
        if bridge is None:
            return None
        return {
            "name": bridge.name,
            "digest": bridge.digest,
            "statement": bridge.statement,
            "rivals": [
                {"id": rival.id, "held_by": rival.held_by, "reason": rival.reason}
                for rival in bridge.rivals
            ],
        }

    def lines(self) -> Iterator[str]:
        """Yield the result as lines for people; a line that begins with a blank is an item."""
        difference, (old, new) = self.difference, self.policies
        yield f"{difference.old} -> {difference.new}: {difference.verdict.value}"
        yield from self._bridge_lines()
        yield from _gate_lines(difference)
        for change, policy in ((Change.LOOSENED, old), (Change.TIGHTENED, new)):
            yield from self._clause_lines(change, policy)
        yield from _element_lines(difference.elements)
        yield from _unmatched_lines(difference.unmatched, names_of(old, new))
        yield from self._rival_lines()

    def _bridge_lines(self) -> Iterator[str]:
        bridge = self.readings.bridge
        if bridge is None:
            yield "  no bridge between them: parts are matched by their ids alone"
            return
        yield f"  bridge {bridge.name} ({bridge.digest[:12]}): {bridge.statement}"
        for rival in bridge.rivals:
            yield f"    rival {rival.id}, {rival.held_by}: {rival.reason}"

    def _rival_lines(self) -> Iterator[str]:
        found: dict[tuple[str, ...], list[str]] = {}
        for claim, names in self.readings.only_under():
            if claim[0] != "gate":
                found.setdefault(names, []).append(claim_text(claim))
        for names, texts in found.items():
            yield ""
            yield f"Possibly, only as {' and '.join(names)} read it:"
            yield from (f"  {text}" for text in texts)

    def _clause_lines(self, change: Change, policy: Policy) -> Iterator[str]:
        found: dict[str, list[tuple[Comparison, Attribution]]] = {}
        for comparison in self.difference.comparisons:
            for item in comparison.clauses:
                if item.change is change:
                    found.setdefault(item.clause, []).append((comparison, item))
        if found:
            yield ""
            yield f"{change.value.capitalize()}, by commitment of {policy.name}:"
        for name, places in found.items():
            comparison, item = min(places, key=_decides_first)
            gap = next(ordered(item.gaps))
            more = len(item.gaps) - 1
            gates = dict.fromkeys(each.gate.value for each, _ in places)
            words = f"{self._certainty(clause_claim(name, change))}{', '.join(gates)}"
            yield f"  {name} ({words}): {sentence(gap, comparison, *self.crossed)}"
            if comparison.strength is not Strength.BINDING:
                yield f"    among rows that say `{comparison.strength.value}` or stronger"
            if more:
                yield f"    and {more} more minimal situations of this commitment"

    def _certainty(self, claim: Claim) -> str:
        """Say whether a claim holds under every bridge, where there are several."""
        return f"{self.readings.certainty(claim)}, " if self.readings.rivals else ""

    def _answer(self, comparison: Comparison) -> dict[str, Any]:
        return {
            "answer": comparison.answer,
            "said_of": {"gate": comparison.gate.value, "ask": comparison.ask.value},
            "loosened": [self._gap(gap, comparison) for gap in ordered(comparison.loosened)],
            "tightened": [self._gap(gap, comparison) for gap in ordered(comparison.tightened)],
            "by_commitment": [self._attribution(item) for item in comparison.clauses],
        }

    def _gap(self, gap: Gap, comparison: Comparison) -> dict[str, Any]:
        old, new = self.crossed
        holds, lets = (old, new) if gap.change is Change.LOOSENED else (new, old)
        return {
            "sentence": sentence(gap, comparison, old, new),
            "deviations": [_value(value) for value in gap.deviations],
            "commitments": [{"id": name, "cite": cited(holds, [name])} for name in gap.clauses],
            "effect": gap.effect.word,
            "instead": {
                "governed": gap.instead.governed,
                "effect": gap.instead.level.word,
                "obligations": list(gap.instead.obligations),
                "advice": [{"id": name, "cite": cited(lets, [name])} for name in gap.advice],
            },
            "unless_shown": list(gap.unless_shown),
            "reach": [_value(value) for value in gap.reach],
        }

    def _attribution(self, item: Attribution) -> dict[str, Any]:
        smallest = next(ordered(item.gaps))
        return {
            "commitment": item.clause,
            "change": item.change.value,
            "still_there": item.still_there,
            "situations": len(item.gaps),
            "smallest": situation_text(smallest.deviations, self.crossed),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which bridge to use."""

    given: PolicyText | None = None
    """This one; None: the one of the source."""
    is_none: bool = False
    """None at all: parts are matched by their ids."""


ANY_BRIDGE = Choice()
"""The bridge of the source, where it has one."""


def compare_versions(
    old: str, new: str, source: PolicySource, choice: Choice = ANY_BRIDGE
) -> ComparisonResult:
    """Compare two versions of a source, under the bridge between them and each of its rivals.

    Raises:
        DocumentFaults: a policy, an indicator set or the bridge is wrong; versions that supersede
            each other in a ring.
        UnknownName: the source has no policy of that name.
        OutsideError: a file cannot be read.
    """
    programs, bridge = _loaded(old, new, source, choice)
    crossing = crossing_of(programs[0].policy, programs[1].policy, bridge)
    return ComparisonResult(
        readings=under_each(*programs, bridge),
        old=programs[0],
        new=programs[1],
        crossed=(crossing.old, crossing.new),
    )


def check_certificate(
    ends: tuple[str, str], source: PolicySource, plain: object, choice: Choice = ANY_BRIDGE
) -> Certificate:
    """Check a certificate against two versions of a source, without searching.

    Raises:
        FormatError: it is no certificate.
        DocumentFaults: a policy, an indicator set or the bridge is wrong.
        TrustError: it does not hold for these versions and this bridge.
        UnknownName: the source has no policy of that name.
    """
    certificate = Certificate.from_mapping(plain)
    programs, bridge = _loaded(*ends, source, choice)
    return verify(certificate, *programs, bridge)


def _loaded(
    old: str, new: str, source: PolicySource, choice: Choice
) -> tuple[tuple[Program, Program], Bridge | None]:
    refuse_rings(source, (old, new))
    loaded = {
        each.name: each.policy for each in policies_of(source, list(dict.fromkeys((old, new))))
    }
    policies = loaded[old], loaded[new]
    bridge = None
    if not choice.is_none and old != new:
        bridge = bridge_between(*policies, source, choice.given)
    return (compile_policy(policies[0]), compile_policy(policies[1])), bridge


def _decides_first(place: tuple[Comparison, Attribution]) -> tuple[bool, int]:
    """Order places: rows that decide first, then the strictest cut."""
    comparison, _ = place
    return comparison.strength is not Strength.BINDING, -comparison.cut


def _gate_lines(difference: Difference) -> Iterator[str]:
    words: dict[tuple[Gate, Ask], list[Comparison]] = {}
    for comparison in difference.comparisons:
        if comparison.strength is Strength.BINDING:
            words.setdefault((comparison.gate, comparison.ask), []).append(comparison)
    for (gate, ask), found in words.items():
        said = ", ".join(f"{each.cut.word} {each.verdict.value}" for each in found)
        yield f"  {GATES[gate]}, {ask.value}: {said}"
        yield from (f"    undecided: {each.refused}" for each in found if each.refused)


def _element_lines(elements: tuple[Element, ...]) -> Iterator[str]:
    for change in Change:
        found = [element for element in elements if element.change is change]
        if found:
            yield ""
            yield f"Not an effect of a gate, {change.value}: {len(found)}"
            yield from (f"  {element_text(element)}" for element in found[:MOST_ELEMENTS])
            if len(found) > MOST_ELEMENTS:
                yield f"  and {len(found) - MOST_ELEMENTS} more; all with --json"


def _unmatched_lines(found: tuple[Unmatched, ...], names: tuple[str, str]) -> Iterator[str]:
    for side, name in zip(("old", "new"), names, strict=True):
        only = [item.name for item in found if item.side == side]
        if only:
            yield ""
            yield f"Only in {name}, matched with nothing: {', '.join(only)}"


def _first_of_each(difference: Difference) -> Mapping[int, Comparison]:
    found: dict[int, Comparison] = {}
    for comparison in difference.comparisons:
        if comparison.verdict not in (Verdict.EQUIVALENT, Verdict.UNDECIDED):
            found.setdefault(comparison.answer, comparison)
    return found


def _comparison(each: Comparison) -> dict[str, Any]:
    return {
        "gate": each.gate.value,
        "ask": each.ask.value,
        "cut": each.cut.word,
        "strength": each.strength.value,
        "verdict": each.verdict.value,
        "loosened": len(each.loosened),
        "tightened": len(each.tightened),
        "answer": each.answer,
        "refused": each.refused,
    }


def _value(value: VariableValue) -> dict[str, Any]:
    return {
        "kind": value.kind.value,
        "name": value.name,
        "value": cell_word(value.cell),
        "known_to": sorted(value.known_to),
    }


def _unmatched(item: Unmatched) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "name": item.name,
        "side": item.side.value,
        "commitments": list(item.clauses),
        "sentence": unmatched_text(item),
    }


def _element(item: Element) -> dict[str, Any]:
    return {
        "what": item.what,
        "name": item.name,
        "change": item.change.value,
        "old": item.old,
        "new": item.new,
        "cites": list(item.cites),
        "sentence": element_text(item),
    }
