"""What holds under every bridge, and what under some.

Where readers disagree on what corresponds to what, a comparison is made under each reading. What
is looser under all of them is *robustly* looser; what is looser under some is *possibly* looser,
and says under which. With one bridge, or none, everything is robust.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scalegate.compare.bridge import Bridge
from scalegate.compare.diff import diff
from scalegate.compare.model import Change, Comparison, Difference
from scalegate.compare.solver import BY_POINTS, Means
from scalegate.policy.compile import Program

Claim = tuple[str, ...]
"""One thing that a comparison says: what it is about, and which way it goes."""


class Certainty(StrEnum):
    """Under how many bridges something holds."""

    ROBUSTLY = "robustly"
    """Under all."""
    POSSIBLY = "possibly"
    """Under some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """A comparison under a bridge, and under each of its rivals."""

    main: Difference
    bridge: Bridge | None
    rivals: Mapping[str, Difference] = field(default_factory=dict)
    """Per id of a rival."""
    kept: dict[str, frozenset[Claim]] = field(default_factory=dict, repr=False)
    """What was asked for before: the claims under each reading; under the main one, by no name."""

    def claims(self, rival: str = "") -> frozenset[Claim]:
        """Return what the comparison says under a rival, or under the bridge itself."""
        if rival not in self.kept:
            found = self.rivals[rival] if rival else self.main
            self.kept[rival] = frozenset(claims_of(found))
        return self.kept[rival]

    def certainty(self, claim: Claim) -> Certainty:
        """Return whether a claim holds under every bridge."""
        robust = all(claim in self.claims(name) for name in ("", *self.rivals))
        return Certainty.ROBUSTLY if robust else Certainty.POSSIBLY

    def only_under(self) -> Iterator[tuple[Claim, tuple[str, ...]]]:
        """Yield the claims that the main bridge does not make, with the rivals that do."""
        found: dict[Claim, list[str]] = {}
        for name, difference in self.rivals.items():
            for claim in claims_of(difference):
                if claim not in self.claims():
                    found.setdefault(claim, []).append(name)
        yield from ((claim, tuple(names)) for claim, names in found.items())

    @property
    def is_looser_somewhere(self) -> bool:
        """Whether the newer policy is looser somewhere, under any bridge."""
        every = (self.main, *self.rivals.values())
        return any(each.is_looser_somewhere for each in every)


def under_each(
    old: Program, new: Program, bridge: Bridge | None, *, means: Means = BY_POINTS
) -> Readings:
    """Compare two policies under a bridge and under each of its rivals."""
    rivals = bridge.rivals if bridge is not None else ()
    return Readings(
        main=diff(old, new, bridge, means=means),
        bridge=bridge,
        rivals={
            rival.id: diff(old, new, bridge.under(rival), means=means)
            for rival in rivals
            if bridge is not None
        },
    )


def claims_of(difference: Difference) -> Iterator[Claim]:
    """Yield what a comparison says, each thing once: gates, commitments, elements, unmatched."""
    yield from dict.fromkeys(_claims(difference))


def gate_claim(comparison: Comparison, change: Change) -> Claim:
    """Return the claim that a gate is looser, or stricter, at a cut among rows of a strength."""
    words = (comparison.gate.value, comparison.ask.value, comparison.cut.word)
    return ("gate", *words, comparison.strength.value, change.value)


def clause_claim(clause: str, change: Change) -> Claim:
    """Return the claim that a commitment is looser, or stricter, somewhere."""
    return ("commitment", clause, change.value)


def _claims(difference: Difference) -> Iterator[Claim]:
    for comparison in difference.comparisons:
        if comparison.loosened:
            yield gate_claim(comparison, Change.LOOSENED)
        if comparison.tightened:
            yield gate_claim(comparison, Change.TIGHTENED)
        yield from (clause_claim(item.clause, item.change) for item in comparison.clauses)
    for element in difference.elements:
        yield ("element", element.what, element.name, element.change.value)
    for item in difference.unmatched:
        change = item.change.value
        yield from (("unmatched", item.name, clause, change) for clause in item.clauses)
