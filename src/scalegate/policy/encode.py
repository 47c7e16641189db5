"""Write a situation as bits: which literals hold where they stand.

1. Two numbers are kept: the literals that hold where they stand as a trigger (`if`), and those
   that hold where they stand as a requirement (`require`). They differ only for what is unknown.
2. Unknown is the worst value whatever the phrasing: every literal of an unknown variable holds in
   a trigger and none holds in a requirement. A fact with burden `to_hold` is the other way round:
   unknown, it does not bind.
3. A value that the policy does not declare (a choice that is none of its choices, a number that is
   not one) is unknown. So are the flags of a threshold without a status.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scalegate.policy.document import Policy
from scalegate.policy.literals import Literal, in_region, values_of
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Burden, FactType, Flag, Kind

Pair = tuple[int, int]
"""Bits that hold in a trigger, bits that hold in a requirement."""
Table = tuple[str, Mapping[Any, Pair], Pair]
"""Name, bits per known value, bits where unknown."""
MEMBERS = ".members"
"""Ends the name of the variable "what the specification lists is live and sufficient"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How each variable is written as bits."""

    statuses: tuple[Table, ...]
    flags: tuple[tuple[str, Flag, Mapping[Any, Pair], Pair], ...]
    plain: tuple[tuple[str, tuple[Table, ...]], ...]
    """Per field of a situation: its variables with closed lists of values."""
    numbers: tuple[tuple[str, tuple[Decimal, ...], tuple[int, ...], Pair], ...]
    """Name, cuts, bits per region, bits where unknown."""

    def bits(self, situation: Situation, decided: Mapping[str, Status]) -> Pair:
        """Return the literals that hold in triggers and in requirements."""
        held = shown = 0
        for name, table, _ in self.statuses:
            pair = table[decided[name].level]
            held |= pair[0]
            shown |= pair[1]
        for name, flag, table, unknown in self.flags:
            known = name in situation.statuses
            pair = table[flag in decided[name].flags] if known else unknown
            held |= pair[0]
            shown |= pair[1]
        for field, tables in self.plain:
            values: Mapping[str, Any] = getattr(situation, field)
            for name, table, unknown in tables:
                pair = table.get(values.get(name), unknown)
                held |= pair[0]
                shown |= pair[1]
        for name, cuts, masks, unknown in self.numbers:
            pair = _number_bits(situation.facts.get(name), cuts, masks) or unknown
            held |= pair[0]
            shown |= pair[1]
        return held, shown

    def of_variable(self, field: str, name: str) -> Callable[[Any], Pair]:
        """Return what gives the literals that a value of one variable, no status, makes hold.

        Guarantees:
            The same as `bits` of a situation with that value alone, for the literals of it.
        """
        tables = [each for each in dict(self.plain).get(field, ()) if each[0] == name]
        is_fact = field == _FIELDS[Kind.FACT]
        numbers = [each for each in self.numbers if each[0] == name] if is_fact else []

        def bits(value: Any) -> Pair:
            held = shown = 0
            pairs = [table.get(value, unknown) for _, table, unknown in tables]
            pairs += [_number_bits(value, *each[1:3]) or each[3] for each in numbers]
            for pair in pairs:
                held, shown = held | pair[0], shown | pair[1]
            return held, shown

        return bits


def encoding_of(policy: Policy, bits: Mapping[Literal, int]) -> Encoding:
    """Return how the variables of these literals are written as bits."""
    variables: dict[tuple[Kind, str], list[tuple[Literal, int]]] = {}
    for literal, bit in bits.items():
        variables.setdefault((literal.kind, literal.name), []).append((literal, 1 << bit))
    facts = {fact.id: fact for fact in policy.facts}
    statuses: list[Table] = []
    flags: list[tuple[str, Flag, Mapping[Any, Pair], Pair]] = []
    plain: dict[str, list[Table]] = {}
    numbers: list[tuple[str, tuple[Decimal, ...], tuple[int, ...], Pair]] = []
    for (kind, name), literals in variables.items():
        unknown = _unknown(literals, armed=kind is Kind.FACT and _to_hold(policy, name))
        if kind is Kind.FACT and facts[name].type is FactType.NUMBER:
            numbers.append((name, *_regions(literals), unknown))
            continue
        table = _table(values_of(kind, name, policy), literals)
        if kind is Kind.STATUS:
            statuses.append((name, table, unknown))
        elif kind is Kind.FLAG:
            threshold, flag = name.rsplit(".", 1)
            flags.append((threshold, Flag(flag), table, unknown))
        else:
            field, key = field_of(kind, name)
            default = table[False] if kind is Kind.DISCRETION else unknown
            plain.setdefault(field, []).append((key, table, default))
    return Encoding(
        statuses=tuple(statuses),
        flags=tuple(flags),
        plain=tuple((field, tuple(tables)) for field, tables in plain.items()),
        numbers=tuple(numbers),
    )


_FIELDS = {
    Kind.SAFEGUARD: "safeguards",
    Kind.SPECIFIED: "specified",
    Kind.SUBSTITUTE: "substitutes",
    Kind.ACT: "acts",
    Kind.DOCUMENT: "documents",
    Kind.FACT: "facts",
    Kind.DISCRETION: "discretions",
    Kind.READING: "readings",
}


def field_of(kind: Kind, name: str) -> tuple[str, str]:
    """Return the field of a situation that holds a variable, and its key there."""
    if kind is Kind.SPECIFIED and name.endswith(MEMBERS):
        return "specified_members", name.removesuffix(MEMBERS)
    return _FIELDS[kind], name


def _to_hold(policy: Policy, name: str) -> bool:
    return any(fact.id == name and fact.burden is Burden.TO_HOLD for fact in policy.facts)


def _unknown(literals: Sequence[tuple[Literal, int]], *, armed: bool) -> Pair:
    every = sum(bit for _, bit in literals)
    return (0, every) if armed else (every, 0)


def _table(
    values: Sequence[Any], literals: Sequence[tuple[Literal, int]]
) -> dict[Any, tuple[int, int]]:
    table = {}
    for value in values:
        mask = sum(bit for literal, bit in literals if value in literal.constant)
        table[value] = (mask, mask)
    return table


def _regions(
    literals: Sequence[tuple[Literal, int]],
) -> tuple[tuple[Decimal, ...], tuple[int, ...]]:
    # Region 2i lies below cut i, region 2i+1 on it: exact, since facts meet constants only.
    cuts = sorted({literal.constant for literal, _ in literals})
    masks = [
        sum(bit for literal, bit in literals if in_region(literal, region, cuts))
        for region in range(2 * len(cuts) + 1)
    ]
    return tuple(cuts), tuple(masks)


def _number_bits(value: object, cuts: Sequence[Decimal], masks: Sequence[int]) -> Pair | None:
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    mask = masks[bisect_left(cuts, value) + bisect_right(cuts, value)]
    return mask, mask
