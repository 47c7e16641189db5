"""Which way each variable of a policy pulls: towards a hold, towards release, or both.

1. Each variable has an order: a status is *more* when it is more dangerous, a flag when it is set,
   a number when it is larger, a safeguard when it is better, anything else when it is true. Each
   option of a choice or a reading is a variable of its own, which is true or not.
2. A trigger (`if`) that more of it makes hold pulls to hold; a requirement that more of it makes
   hold pulls to release. `not` turns the direction round.
3. A comparison that neither more nor less satisfies (`is` in the middle of a list) pulls both ways.
4. Only binding rows pull. Advice and exemptions are listed as places and pull nowhere.

A policy in which nothing pulls both ways is *unate*: its hold situations have minimal points, and
one evaluation at the worst completion settles what is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scalegate.policy.compile import written_out
from scalegate.policy.conditions import Atom, Condition, atoms_of
from scalegate.policy.document import Commitment, Policy
from scalegate.policy.literals import literal_of, values_of
from scalegate.policy.vocabulary import Kind, SafeguardState


class Direction(StrEnum):
    """Which way more of a variable pulls."""

    TO_HOLD = "to_hold"
    TO_RELEASE = "to_release"
    BOTH = "both"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One comparison that names a variable."""

    owner: str
    """Id of the commitment, discretion or exemption."""
    part: str
    """`if`, `require`, `releases` or `when`."""
    direction: Direction
    """Which way more of the variable pulls here; `unused` where the place does not decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableDirection:
    """One variable with all its places."""

    kind: Kind
    name: str
    """Its id; `fact=option` for an option of a choice or a reading."""
    direction: Direction
    """Which way it pulls over all places."""
    places: tuple[Place, ...]
    """Where it is named, in the order of the file."""


def directions(policy: Policy) -> tuple[VariableDirection, ...]:
    """Return every variable of the policy with the way it pulls, in the order of the file."""
    places: dict[tuple[Kind, str], list[Place]] = {key: [] for key in _declared(policy)}
    for key, place in _places(policy):
        places.setdefault(key, []).append(place)
    return tuple(
        VariableDirection(
            kind=kind, name=name, direction=_joined(found), places=tuple(dict.fromkeys(found))
        )
        for (kind, name), found in places.items()
    )


def unate(policy: Policy) -> bool:
    """Say whether no variable pulls both ways."""
    return all(item.direction is not Direction.BOTH for item in directions(policy))


def _joined(places: list[Place]) -> Direction:
    pulls = {place.direction for place in places} - {Direction.UNUSED}
    if not pulls:
        return Direction.UNUSED
    return pulls.pop() if len(pulls) == 1 else Direction.BOTH


def _declared(policy: Policy) -> Iterator[tuple[Kind, str]]:
    for kind, section in (
        (Kind.STATUS, policy.thresholds),
        (Kind.SAFEGUARD, policy.safeguards),
        (Kind.SUBSTITUTE, policy.substitutes),
        (Kind.ACT, policy.questions),
        (Kind.DISCRETION, policy.discretions),
    ):
        for item in section:
            yield kind, item.id
    for document in policy.documents:
        yield from ((Kind.DOCUMENT, f"{document.id}.{aspect.value}") for aspect in document.aspects)
    for fact in policy.facts:
        names = [f"{fact.id}={choice}" for choice in fact.choices]
        yield from ((Kind.FACT, name) for name in names or [fact.id])
    for reading in policy.readings:
        yield from ((Kind.READING, f"{reading.id}={option.id}") for option in reading.options)


def _places(policy: Policy) -> Iterator[tuple[tuple[Kind, str], Place]]:
    for row in policy.commitments:
        yield from _of_condition(policy, row.if_, (row.id, "if"), binds=row.binds)
        yield from _of_condition(policy, row.require, (row.id, "require"), binds=row.binds)
    for exemption in policy.exemptions:
        yield from _of_condition(policy, exemption.when, (exemption.id, "when"), binds=False)
    rows: dict[str, Commitment] = {row.id: row for row in policy.commitments}
    for discretion in policy.discretions:
        for name in discretion.releases:
            pull = Direction.TO_RELEASE if rows[name].binds else Direction.UNUSED
            place = Place(owner=name, part="releases", direction=pull)
            yield (Kind.DISCRETION, discretion.id), place


def _of_condition(
    policy: Policy, condition: Condition, at: tuple[str, str], *, binds: bool
) -> Iterator[tuple[tuple[Kind, str], Place]]:
    for atom, positive in atoms_of(condition):
        for part in _written_out(policy, atom):
            more = _more_satisfies(policy, part)
            direction = Direction.UNUSED
            if binds:
                direction = Direction.BOTH if more is None else _pull(at[1], more is positive)
            yield _key(part), Place(owner=at[0], part=at[1], direction=direction)


def _pull(part: str, upwards: bool) -> Direction:  # noqa: FBT001 - private, one use
    return Direction.TO_HOLD if (part == "if") == upwards else Direction.TO_RELEASE


def _written_out(policy: Policy, atom: Atom) -> tuple[Atom, ...]:
    if atom.word != "met":
        return (atom,)
    members = tuple(part for part in written_out(policy, atom) if isinstance(part, Atom))
    specified = Atom(word="specified", name=atom.name, relation="is", constant=True)
    return members or (specified,)


def _key(atom: Atom) -> tuple[Kind, str]:
    kind = Kind(atom.word)
    is_choice = isinstance(atom.constant, str) and kind in (Kind.FACT, Kind.READING)
    return kind, f"{atom.name}={atom.constant}" if is_choice else atom.name


def _more_satisfies(policy: Policy, atom: Atom) -> bool | None:
    """Say whether more of the variable satisfies the atom, less does (False), or neither (None)."""
    kind = Kind(atom.word)
    if isinstance(atom.constant, Decimal):
        return atom.relation in ("at_least", "above")
    if kind not in (Kind.STATUS, Kind.SAFEGUARD):
        return atom.constant is not False
    accepted = literal_of(atom, policy, positive=True).constant
    order = values_of(kind, atom.name, policy)
    if kind is Kind.SAFEGUARD:
        order = tuple(reversed(SafeguardState))
    if accepted == set(order[len(order) - len(accepted) :]):
        return True
    return False if accepted == set(order[: len(accepted)]) else None
