"""Carry a situation from one policy to another: the same facts, in the other's words.

1. Within one framework (two versions), what has the same id is the same thing.
2. Otherwise a threshold has the worst status of the thresholds that the crosswalk puts in its
   domain at its tier or above; where the first policy has none there, nothing is known of it.
3. A safeguard has the worst state of the first policy's safeguards of its family; where there are
   none, it is absent.
4. What is procedure (acts, documents, facts) is taken at its best, so that a difference is one of
   substance; the caller says so to the reader.

Does not check: that what is called alike is equally demanding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from scalegate.compare.shared import TIERS, best_situation
from scalegate.policy.compile import Program
from scalegate.policy.crosswalk import Analogy
from scalegate.policy.document import Policy
from scalegate.policy.situation import UNASSESSED, Situation, Status
from scalegate.policy.vocabulary import Family, Level, SafeguardState


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """A situation in another policy's words."""

    situation: Situation
    """What the other policy sees."""
    unknown: tuple[str, ...]
    """Thresholds of the other policy of which the first says nothing."""


def transfer(
    old: Program, new: Program, situation: Situation, analogies: Iterable[Analogy]
) -> Transferred:
    """Return a situation of `old` as `new` would see it."""
    rows = tuple(analogies)
    is_same = old.policy.id == new.policy.id
    placed = {each.name: _places(each, rows) for each in (old.policy, new.policy)}
    statuses: dict[str, Status] = {}
    unknown = []
    for threshold in new.policy.thresholds:
        if is_same and threshold.id in situation.statuses:
            statuses[threshold.id] = situation.statuses[threshold.id]
            continue
        here = placed[new.policy.name].get(threshold.id)
        alike = [
            situation.statuses.get(name, UNASSESSED)
            for name, place in placed[old.policy.name].items()
            if here is not None and place[0] == here[0] and place[1] >= here[1]
        ]
        if not alike:
            unknown.append(threshold.id)
        statuses[threshold.id] = _worst(alike)
    safeguards = _safeguards(old.policy, new.policy, situation, is_same=is_same)
    seen = replace(best_situation(new), statuses=statuses, safeguards=safeguards)
    return Transferred(situation=seen, unknown=tuple(unknown))


def _places(policy: Policy, analogies: Iterable[Analogy]) -> Mapping[str, tuple[str, int]]:
    neutral = {each.id: each.neutral.value for each in policy.domains}
    tier = {
        each.native: TIERS.index(each.neutral)
        for each in analogies
        if each.framework == policy.name and each.kind == "tier" and each.neutral in TIERS
    }
    return {
        each.id: (neutral[each.domain], tier[each.id])
        for each in policy.thresholds
        if each.id in tier
    }


def _worst(statuses: list[Status]) -> Status:
    """Return the worst status; of none, that nothing was assessed."""
    if not statuses:
        return UNASSESSED
    level = max(each.level for each in statuses)
    flags = frozenset(flag for each in statuses for flag in each.flags)
    return Status(level=Level(level), flags=flags)


def _safeguards(
    old: Policy, new: Policy, situation: Situation, *, is_same: bool
) -> dict[str, SafeguardState]:
    by_family: dict[Family, list[SafeguardState]] = {}
    for each in old.safeguards:
        state = situation.safeguards.get(each.id, SafeguardState.ABSENT)
        by_family.setdefault(each.family, []).append(state)
    found = {}
    for each in new.safeguards:
        if is_same and each.id in situation.safeguards:
            found[each.id] = situation.safeguards[each.id]
        else:
            found[each.id] = max(by_family.get(each.family, [SafeguardState.ABSENT]))
    return found
