"""Literals: one comparison of one variable with a constant, over the variable's own values.

1. A variable with a closed list of values (a level, a state, true or false, a choice) has
   literals that accept a set of them; `not` accepts the rest.
2. A number has literals that compare it with one constant; `not` turns the comparison round.
3. `crossed` is accepted together with `unassessed`: an unassessed threshold decides as crossed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from scalegate.policy.conditions import Atom, Constant
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import Kind, Level, SafeguardState


class Literal(NamedTuple):
    """One comparison of one variable with a constant."""

    kind: Kind
    name: str
    relation: str
    """`at_least`, `above`, `at_most`, `below` for numbers; `in` for closed lists."""
    constant: Any
    """The number, or the frozenset of accepted values."""


_LEVELS = tuple(Level)
_STATES = tuple(SafeguardState)
_OPPOSITE = {"at_least": "below", "below": "at_least", "at_most": "above", "above": "at_most"}


def literal_of(atom: Atom, policy: Policy, *, positive: bool) -> Literal:
    """Write an atom (or its negation) as a literal over its variable's values."""
    kind = Kind(atom.word)
    if kind is Kind.FACT and isinstance(atom.constant, Decimal):
        relation = atom.relation if positive else _OPPOSITE[atom.relation]
        return Literal(kind, atom.name, relation, atom.constant)
    values = values_of(kind, atom.name, policy)
    accepted, refused = _split(atom.word, atom.relation, atom.constant, values)
    return Literal(kind, atom.name, "in", accepted if positive else refused)


@lru_cache(maxsize=4096, typed=True)
def _split(
    word: str, relation: str, constant: Constant, values: tuple[Any, ...]
) -> tuple[frozenset[Any], frozenset[Any]]:
    """Return the values that a comparison accepts, and the others."""
    accepted = frozenset(value for value in values if _accepts(word, relation, constant, value))
    if word == "status" and Level.CROSSED in accepted:
        accepted |= {Level.UNASSESSED}
    elif word == "status":
        accepted -= {Level.UNASSESSED}
    return accepted, frozenset(values) - accepted


def values_of(kind: Kind, name: str, policy: Policy) -> tuple[Any, ...]:
    """Return every known value of a variable with a closed list; unknown is not among them."""
    if kind is Kind.STATUS:
        return _LEVELS
    if kind is Kind.SAFEGUARD:
        return _STATES
    if kind is Kind.READING:
        reading = next(item for item in policy.readings if item.id == name)
        return tuple(option.id for option in reading.options)
    if kind is Kind.FACT:
        fact = next(item for item in policy.facts if item.id == name)
        return fact.choices or (False, True)
    return (False, True)


def in_region(literal: Literal, region: int, cuts: list[Decimal]) -> bool:
    """Say whether a number's literal accepts a region: `2i` below cut `i`, `2i+1` on it."""
    place = 2 * cuts.index(literal.constant) + 1
    return {
        "at_least": region >= place,
        "above": region > place,
        "at_most": region <= place,
        "below": region < place,
    }[literal.relation]


def bits_of(mask: int) -> Iterator[int]:
    """Yield the places of the set bits of a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _accepts(word: str, relation: str, constant: Any, value: Any) -> bool:
    if word == "status":
        constant = Level.from_word(constant)
    elif word == "safeguard":
        # `at_least` means at least as good, and the better states come first.
        constant, value = SafeguardState.from_word(constant), -value
        constant = -constant
    return bool(
        {
            "at_least": lambda: value >= constant,
            "above": lambda: value > constant,
            "at_most": lambda: value <= constant,
            "below": lambda: value < constant,
            "is": lambda: value == constant,
        }[relation]()
    )
