"""The statuses that a framework decides on, from the statuses that were found.

1. `not_ruled_out`, `forecast` and `treated_as` are written as the level the framework gives them.
2. A rung that is reached carries the rungs below it (`above`): they count as crossed.
3. A threshold without a status is unassessed, and its flags are unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from scalegate.policy.document import Policy, Semantics
from scalegate.policy.situation import UNASSESSED, Status
from scalegate.policy.vocabulary import Flag, Level, StatusRule


def decided_statuses(
    policy: Policy, ladder: Mapping[str, tuple[str, ...]], statuses: Mapping[str, Status]
) -> dict[str, Status]:
    """Return the statuses as the framework decides on them (rules 1 to 3 of the module)."""
    semantics = policy.semantics
    decided = {
        threshold.id: decided_alone(statuses.get(threshold.id, UNASSESSED), semantics)
        for threshold in policy.thresholds
    }
    reached = [rungs for upper, rungs in ladder.items() if decided[upper].level >= Level.CROSSED]
    for rung in chain.from_iterable(reached):
        if decided[rung].level < Level.CROSSED:
            decided[rung] = Status(level=Level.CROSSED, flags=decided[rung].flags)
    return decided


def decided_alone(given: Status, semantics: Semantics) -> Status:
    """Return one status as the framework decides on it, before the ladder."""
    level = given.level
    if not given.flags and level is not Level.NOT_RULED_OUT:
        return given
    if level is Level.NOT_RULED_OUT:
        level = _stricter(level, semantics.not_ruled_out.rule)
    if Flag.FORECAST in given.flags:
        level = _stricter(level, semantics.forecast.rule)
    if Flag.TREATED_AS in given.flags:
        level = max(level, Level.CROSSED)
    return given if level is given.level else Status(level=level, flags=given.flags)


def _stricter(level: Level, rule: StatusRule) -> Level:
    if rule is StatusRule.TREAT_AS_CROSSED:
        return max(level, Level.CROSSED)
    return Level.UNASSESSED if rule is StatusRule.DETERMINATION_REQUIRED else level


def rungs_below(policy: Policy) -> dict[str, tuple[str, ...]]:
    """Return, per threshold that has any, every rung below it, nearest first."""
    direct = {threshold.id: threshold.above for threshold in policy.thresholds}
    ladder: dict[str, tuple[str, ...]] = {}
    for name, nearest in direct.items():
        found: list[str] = []
        frontier = list(nearest)
        while frontier:
            rung = frontier.pop(0)
            if rung not in found:
                found.append(rung)
                frontier.extend(direct[rung])
        if found:
            ladder[name] = tuple(found)
    return ladder
