"""Find every fault of a bridge against the two policies that it joins.

1. It is about these two policies, in this order.
2. Every id names a part that its policy has.
3. No part is mapped twice, neither in the bridge nor under a rival.
4. One part is matched with one or several, never several with several: what several make together
   would not be said.
5. Only what is true or false, or has an order from good to bad, can be joined or have a rest. A
   number, a choice or a way out is matched with one of its kind.
6. Facts that are matched have one type and one unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scalegate.compare.bridge import Bridge, Entry, Named, PartKind
from scalegate.compare.model import Side
from scalegate.policy.document import Fact, Policy
from scalegate.policy.references import Found
from scalegate.policy.vocabulary import FactType

ONE_TO_ONE = frozenset({PartKind.SUBSTITUTE, PartKind.DISCRETION, PartKind.READING})
"""Kinds that are matched one to one, without a rest."""
MARKS = {Side.OLD: "--old", Side.NEW: "--new"}
"""How an id goes on that stands for a part of one policy only."""
RESTS = {Side.OLD: "--old-rest", Side.NEW: "--new-rest"}
"""How an id goes on that stands for what one policy covers beyond the match."""
Path = tuple[str | int, ...]
Known = Mapping[tuple[PartKind, Side], Mapping[str, Any]]


def parts_of(policy: Policy, kind: PartKind) -> tuple[Any, ...]:
    """Return the parts of a kind that a policy has."""
    if kind is PartKind.INDICATOR:
        return tuple(line for threshold in policy.thresholds for line in threshold.indicators)
    found: tuple[Any, ...] = getattr(policy, kind.section)
    return found


def bridge_faults(bridge: Bridge, old: Policy, new: Policy) -> Iterator[Found]:
    """Yield every fault as path, what, expected, got."""
    policies = {Side.OLD: old, Side.NEW: new}
    for side, name in ((Side.OLD, bridge.old), (Side.NEW, bridge.new)):
        if name != policies[side].name:
            yield (side.value,), "another policy", f"`{policies[side].name}`", f"`{name}`"
    known = {
        (kind, side): {part.id: part for part in parts_of(policy, kind)}
        for kind in PartKind
        for side, policy in policies.items()
    }
    yield from _endings(known)
    yield from _twice(bridge.entries, ("entries",))
    for index, rival in enumerate(bridge.rivals):
        if rival.id in [other.id for other in bridge.rivals[:index]]:
            yield ("rivals", index, "id"), "id used twice", "ids that differ", f"`{rival.id}`"
        yield from _twice(rival.entries, ("rivals", index, "entries"))
    for path, entry in _entries(bridge):
        missing = list(_unknown(entry, path, known))
        yield from missing or (*_shape(entry, path), *_kinds(entry, path, known))


def _endings(known: Known) -> Iterator[Found]:
    """Yield the ids that could be taken for those that a comparison makes."""
    for (_, side), names in known.items():
        for name in names:
            if name.endswith((*MARKS.values(), *RESTS.values())):
                expected = "ids without the endings that comparisons add"
                yield (side.value,), "id cannot be told apart", expected, f"`{name}`"


def _entries(bridge: Bridge) -> Iterator[tuple[Path, Entry]]:
    yield from ((("entries", index), entry) for index, entry in enumerate(bridge.entries))
    for place, rival in enumerate(bridge.rivals):
        for index, entry in enumerate(rival.entries):
            yield ("rivals", place, "entries", index), entry


def _twice(entries: Iterable[Entry], path: Path) -> Iterator[Found]:
    seen: dict[Named, int] = {}
    for index, entry in enumerate(entries):
        for named in entry.named():
            if named in seen:
                expected = f"one entry per part; entry {seen[named] + 1} has it"
                got = f"`{named.id}`"
                where = (*path, index, named.side.value)
                yield where, f"{named.kind.value} mapped twice", expected, got
            seen.setdefault(named, index)


def _unknown(entry: Entry, path: Path, known: Known) -> Iterator[Found]:
    for named in entry.named():
        names = known[named.kind, named.side]
        if named.id not in names:
            shown = ", ".join(f"`{item}`" for item in sorted(names)[:12]) or "none is declared"
            where = (*path, named.side.value)
            yield where, f"unknown {named.kind.value}", shown, f"`{named.id}`"


def _shape(entry: Entry, path: Path) -> Iterator[Found]:
    if not entry.old and not entry.new:
        yield path, "entry names nothing", "`old`, `new`, or both", "neither"
    elif not entry.is_match:
        for key in ("joined", "old_rest", "new_rest"):
            if getattr(entry, key) is not None:
                yield (*path, key), f"`{key}` without a match", "both `old` and `new`", "one side"
    else:
        yield from _match(entry, path)


def _match(entry: Entry, path: Path) -> Iterator[Found]:
    counts = len(entry.old), len(entry.new)
    rests = [key for key in ("old_rest", "new_rest") if getattr(entry, key) is not None]
    is_joined = max(counts) > 1 or bool(rests)
    if min(counts) > 1:
        got = f"{counts[0]} with {counts[1]}"
        yield path, "several matched with several", "one with one, or one with several", got
    if entry.kind is PartKind.THRESHOLD and entry.joined == "all":
        yield (*path, "joined"), "thresholds joined by `all`", "`any`: the highest counts", "`all`"
    if entry.joined is not None and not is_joined:
        expected = "several ids on one side, or a rest"
        yield (*path, "joined"), "nothing to join", expected, "one on each side"
    for key in rests:
        if len(getattr(entry, key.removesuffix("_rest"))) > 1:
            yield (*path, key), "rest of several", "a rest of the side with one id", "several ids"
    if entry.kind in ONE_TO_ONE and is_joined:
        expected = f"one {entry.kind.value} with one, without a rest"
        yield path, "match that cannot be joined", expected, "several, or a rest"


def _kinds(entry: Entry, path: Path, known: Known) -> Iterator[Found]:
    if not entry.is_match or entry.kind is not PartKind.FACT:
        return
    facts: list[Fact] = [known[named.kind, named.side][named.id] for named in entry.named()]
    kinds = dict.fromkeys((fact.type.value, fact.unit) for fact in facts)
    if len(kinds) > 1:
        got = " and ".join(f"{kind} {unit}".strip() for kind, unit in kinds)
        yield path, "facts that cannot be the same", "one type and one unit", got
    is_joined = max(len(entry.old), len(entry.new)) > 1 or entry.old_rest or entry.new_rest
    if is_joined and any(fact.type is not FactType.BOOLEAN for fact in facts):
        yield path, "facts that cannot be joined", "facts that are true or false", "another type"
    elif is_joined and entry.joined is None:
        yield path, "facts joined without saying how", "`joined: all` or `joined: any`", "neither"
