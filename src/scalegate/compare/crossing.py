"""Put both policies over one vocabulary, as a bridge says.

1. The parts of both that are the same become one *shared* part; a part that is made of several is
   written out as `all` or `any` of them, in every condition that names it. So the coarser policy is
   said in the words of the finer one, and the comparison itself knows nothing of bridges.
2. What a part covers beyond its match (its rest) is a part that only its policy has. So is a part
   that nothing matches. They vary freely, and a commitment that depends on one is reported.
3. A threshold that is `any` of several has the highest of their levels; a safeguard that is `all`
   of several has the worst of their states. A ladder that carries a threshold carries each of them.
4. Commitments keep their ids and their citations; only what their conditions name is said anew.

Without a bridge, parts of one kind and one id are shared, and nothing is rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from scalegate.compare.bridge import Bridge, Entry, PartKind
from scalegate.compare.bridge_faults import MARKS, RESTS, parts_of
from scalegate.compare.model import Side
from scalegate.compare.moved import Kin
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.reword import SECTION_OF, Whole, Wholes, reworded

OTHER = {Side.OLD: Side.NEW, Side.NEW: Side.OLD}
_VARIABLES = tuple(
    kind for kind in PartKind if kind.section in {*SECTION_OF.values(), "discretions"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Both policies over one vocabulary."""

    old: Policy
    new: Policy
    kin: Kin
    """Which parts of the old policy are which of the new one."""
    entries: tuple[Entry, ...] = ()
    """The correspondences that were used."""


def crossing_of(old: Policy, new: Policy, bridge: Bridge | None) -> Crossing:
    """Return both policies over the vocabulary that a bridge gives them.

    Does not check: the bridge; `parse_bridge` does.
    """
    policies = {Side.OLD: old, Side.NEW: new}
    entries = bridge.entries if bridge is not None else ()
    kin: Kin = {kind: dict(_kin(kind, policies, entries)) for kind in PartKind}
    if bridge is None:
        return Crossing(old=old, new=new, kin=kin)
    wholes: dict[Side, Wholes] = {
        side: {kind.section: _wholes(kind, side, policies, entries) for kind in _VARIABLES}
        for side in Side
    }
    crossed = {side: _crossed(policies[side], policies[OTHER[side]], wholes[side]) for side in Side}
    return Crossing(old=crossed[Side.OLD], new=crossed[Side.NEW], kin=kin, entries=entries)


def programs_of(crossing: Crossing, old: Program, new: Program) -> tuple[Program, Program]:
    """Return both policies of a crossing as programs; those given are taken where they are its."""
    return (
        old if crossing.old is old.policy else compile_policy(crossing.old),
        new if crossing.new is new.policy else compile_policy(crossing.new),
    )


def _kin(
    kind: PartKind, policies: Mapping[Side, Policy], entries: Iterable[Entry]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    mine = [entry for entry in entries if entry.kind is kind]
    said = {side: {named.id for entry in mine for named in entry.named() if named.side is side}
            for side in Side}  # fmt: skip
    there = {part.id for part in parts_of(policies[Side.NEW], kind)} - said[Side.NEW]
    heirs = {name: entry.new for entry in mine for name in entry.old}
    for part in parts_of(policies[Side.OLD], kind):
        own = (part.id,) if part.id in there and part.id not in said[Side.OLD] else ()
        yield part.id, heirs.get(part.id, own)


def _wholes(
    kind: PartKind, side: Side, policies: Mapping[Side, Policy], entries: Iterable[Entry]
) -> dict[str, Whole]:
    """Return what each part of a policy is in the common vocabulary."""
    mine = [entry for entry in entries if entry.kind is kind]
    ids = {each: {part.id for part in parts_of(policy, kind)} for each, policy in policies.items()}
    named = {each for entry in mine for each in entry.named()}
    taken = {each.id for each in named if each.side is OTHER[side]}
    found = {
        name: Whole(join="all", atoms=(_own(name, side, ids) if name in taken else name,))
        for name in ids[side]
    }
    for entry in mine:
        found.update(_said(entry, side, ids))
    return found


def _said(entry: Entry, side: Side, ids: Mapping[Side, set[str]]) -> Iterator[tuple[str, Whole]]:
    """Yield what the parts that an entry names on a side are."""
    is_old = side is Side.OLD
    names, rest = (entry.old, entry.old_rest) if is_old else (entry.new, entry.new_rest)
    for place, name in enumerate(names):
        atoms = _shared(entry, ids) if entry.is_match else (_own(name, side, ids),)
        if entry.is_match and len(names) > 1:
            atoms = (atoms[place],)
        tail = (name + RESTS[side],) if rest else ()
        yield name, Whole(join=entry.join, atoms=(*atoms, *tail), rest=rest or "")


def _own(name: str, side: Side, ids: Mapping[Side, set[str]]) -> str:
    """Return an id for a part of one policy, where the other may have another of that id."""
    return name if name not in ids[OTHER[side]] else name + MARKS[side]


def _shared(entry: Entry, ids: Mapping[Side, set[str]]) -> tuple[str, ...]:
    """Return the ids of what both policies have: those of the policy that tells more apart."""
    if len(entry.old) > 1:
        return tuple(_own(name, Side.OLD, ids) for name in entry.old)
    return entry.new


def _crossed(policy: Policy, other: Policy, wholes: Wholes) -> Policy:
    update: dict[str, Any] = {
        kind.section: tuple(_declared(kind, policy, other, wholes)) for kind in _VARIABLES
    }
    update["commitments"] = tuple(
        row.model_copy(
            update={
                "if_": reworded(row.if_, policy, wholes),
                "require": reworded(row.require, policy, wholes),
            }
        )
        for row in policy.commitments
    )
    return policy.model_copy(update=update)


def _declared(kind: PartKind, policy: Policy, other: Policy, wholes: Wholes) -> Iterator[Any]:
    """Yield the parts of a policy, each under its ids in the common vocabulary."""
    matched = {part.id: part for part in parts_of(other, kind)}
    for part in parts_of(policy, kind):
        if kind is PartKind.STANDARD and not part.unspecified:
            yield part  # it is written out wherever a condition names it
            continue
        whole = wholes[kind.section][part.id]
        for atom in whole.atoms:
            yield part.model_copy(update={"id": atom, **_changed(part, atom, whole, matched)}
                                  | _ladder(part, kind, wholes))  # fmt: skip


def _changed(part: Any, atom: str, whole: Whole, matched: Mapping[str, Any]) -> dict[str, str]:
    """Return how one of several atoms is called."""
    if len(whole.atoms) == 1:
        return {}
    field = "native" if hasattr(part, "native") else "statement"
    if whole.rest and atom == whole.atoms[-1]:
        # A part without a native name is called by its id, and its rest by what it is.
        rest = f"{part.native} ({whole.rest})" if field == "native" else whole.rest
        return {field: rest}
    if whole.rest and len(whole.atoms) == 2:
        return {}
    return {field: str(getattr(matched[atom], field))} if atom in matched else {}


def _ladder(part: Any, kind: PartKind, wholes: Wholes) -> dict[str, tuple[str, ...]]:
    if kind is not PartKind.THRESHOLD:
        return {}
    return {
        field: tuple(
            chain.from_iterable(wholes[kind.section][name].atoms for name in getattr(part, field))
        )
        for field in ("above", "rules_out")
    }


_REFERENCES: tuple[tuple[str, str, PartKind], ...] = (
    ("thresholds", "above", PartKind.THRESHOLD),
    ("thresholds", "rules_out", PartKind.THRESHOLD),
    ("standards", "members", PartKind.SAFEGUARD),
    ("substitutes", "approvals", PartKind.QUESTION),
    ("questions", "by", PartKind.ROLE),
    ("documents", "approved_by", PartKind.ROLE),
    ("discretions", "invoked_by", PartKind.ROLE),
    ("discretions", "approvals", PartKind.QUESTION),
    ("discretions", "releases", PartKind.COMMITMENT),
    ("readings", "fixed_by", PartKind.ROLE),
    ("cadence", "discretion_of", PartKind.ROLE),
    ("exemptions", "thresholds", PartKind.THRESHOLD),
)
_OF_AMENDMENT = ("proposed_by", "approved_by", "consulted")


def renamed(old: Policy, kin: Kin) -> Policy:
    """Return the old policy with what its parts refer to named as the new policy names it.

    The parts keep their own ids. What the new policy has nothing for keeps its name.
    """
    update: dict[str, Any] = {}
    for section, field, kind in _REFERENCES:
        parts = update.get(section, getattr(old, section))
        update[section] = tuple(
            part.model_copy(update={field: tuple(_heirs(getattr(part, field), kin[kind]))})
            for part in parts
        )
    if old.amendment is not None:
        roles = kin[PartKind.ROLE]
        update["amendment"] = old.amendment.model_copy(
            update={
                field: tuple(_heirs(getattr(old.amendment, field), roles))
                for field in _OF_AMENDMENT
            }
        )
    return old.model_copy(update=update)


def _heirs(names: Iterable[str], kin: Mapping[str, tuple[str, ...]]) -> dict[str, None]:
    """Return names as the new policy has them, each once."""
    return dict.fromkeys(heir for name in names for heir in kin.get(name) or (name,))
