"""Brute force for comparisons: every situation of two small policies, put to the evaluator.

Nothing here imports the room under test except its plain values. "At least as bad" is found from
the outcomes alone: a value is at least as bad as another when, with everything else as it is, no
policy stops reaching the cut by the step.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from scalegate.compare.model import Comparison, Gap, Strength
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import evaluate
from scalegate.policy.situation import UNASSESSED, Situation, Status
from scalegate.policy.space import Region
from scalegate.policy.statuses import decided_alone
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Level
from tests.strategies.policies import (
    ALL_VALUES,
    MISSING,
    Plain,
    commitments,
    policy_of,
    situation_of,
    variables_of,
)

FIELDS = {
    Kind.STATUS: "statuses",
    Kind.SAFEGUARD: "safeguards",
    Kind.SPECIFIED: "specified",
    Kind.SUBSTITUTE: "substitutes",
    Kind.ACT: "acts",
    Kind.DOCUMENT: "documents",
    Kind.FACT: "facts",
    Kind.DISCRETION: "discretions",
    Kind.READING: "readings",
}
Array = np.ndarray[Any, Any]


def seen_at(policy: Policy, strength: Strength) -> Program:
    """Return the policy with only the rows that count at a strength, each of which decides."""
    rows = [
        row.model_copy(update={"binding": True})
        for row in policy.commitments
        if (row.binds if strength is Strength.BINDING else row.modality >= strength.modality)  # type: ignore[operator]
    ]
    return compile_policy(policy.model_copy(update={"commitments": tuple(rows)}))


class World:
    """Two policies and every situation that either can tell apart."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self.policies = (old, new)
        found: dict[tuple[str, str], tuple[Any, ...]] = {}
        for policy in self.policies:
            for key, values in variables_of(policy).items():
                found[key] = max(found.get(key, ()), values, key=len)
        self.variables = {key: found[key] for key in ALL_VALUES if key in found}

    @property
    def size(self) -> int:
        total = 1
        for values in self.variables.values():
            total *= len(values)
        return total

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.variables.values())

    @cached_property
    def situations(self) -> list[Situation]:
        return [
            situation_of(dict(zip(self.variables, values, strict=True)))
            for values in product(*self.variables.values())
        ]

    def levels(self, program: Program, gate: Gate, ask: Ask) -> Array:
        """Return the effect in every situation; -1 where the gate is not governed."""
        outcomes = (evaluate(program, each, gate, ask) for each in self.situations)
        plain = [int(each.level) if each.governed else -1 for each in outcomes]
        return np.array(plain).reshape(self.shape)

    @cached_property
    def closed(self) -> Array:
        """Return, per situation, the one with T1 crossed where T2 carries it by some ladder.

        A test must look whether the two are one situation for both policies.
        """
        places = np.arange(self.size).reshape(self.shape)
        upper, lower = ("statuses", "T2"), ("statuses", "T1")
        ladders = [
            policy
            for policy in self.policies
            if "T1" in next(item.above for item in policy.thresholds if item.id == "T2")
        ]
        if not {upper, lower} <= set(self.variables):
            return places.reshape(-1)
        keys = list(self.variables)
        result = places.copy()
        for index in np.ndindex(*self.shape):
            high, low = (self.variables[key][index[keys.index(key)]] for key in (upper, lower))
            if low is MISSING or not any(_level(high, each) >= Level.CROSSED for each in ladders):
                continue
            moved = list(index)
            target = Status(level=Level.CROSSED, flags=low.flags)
            moved[keys.index(lower)] = self.variables[lower].index(target)
            result[index] = places[tuple(moved)]
        return np.asarray(result.reshape(-1))

    def places_of(self, key: tuple[str, str], cell: Any) -> list[int]:
        """Return the places of the values that a cell stands for."""
        return [at for at, value in enumerate(self.variables[key]) if _is_in(cell, value, key[0])]

    def covered(self, gap: Gap, held: tuple[Array, Array]) -> Array:
        """Return the situations at least as bad as the gap's in every variable that departs."""
        result = np.ones(self.shape, dtype=bool)
        keys = list(self.variables)
        for deviation in gap.deviations:
            key = key_of(deviation.kind, deviation.name)
            axis = keys.index(key)
            allowed = np.zeros(self.shape[axis], dtype=bool)
            for place in self.places_of(key, deviation.cell):
                allowed |= self._at_least_as_bad(axis, place, held)
            view = [1] * len(keys)
            view[axis] = len(allowed)
            result &= allowed.reshape(view)
        return result

    @staticmethod
    def _at_least_as_bad(axis: int, place: int, held: tuple[Array, Array]) -> Array:
        result = None
        for each in held:
            rows = np.moveaxis(each, axis, 0).reshape(each.shape[axis], -1)
            kept = ~(rows[place][None, :] & ~rows).any(axis=1)
            result = kept if result is None else result & kept
        return np.asarray(result)


def _level(value: Any, policy: Policy) -> Level:
    given = UNASSESSED if value is MISSING else value
    return decided_alone(given, policy.semantics).level


def key_of(kind: Kind, name: str) -> tuple[str, str]:
    if name.endswith(".members"):
        return "specified_members", name.removesuffix(".members")
    return FIELDS[kind], name


def _is_in(cell: Any, value: Any, field: str) -> bool:
    if value is MISSING and field == "discretions":
        return cell is False
    if value is MISSING or value in (None, "mars"):
        return cell is None
    if isinstance(cell, Region):
        if cell.low is not None and cell.low == cell.high:
            return bool(value == cell.low)
        over = cell.low is None or value > cell.low
        return bool(over and (cell.high is None or value < cell.high))
    return cell is not None and type(cell) is type(value) and bool(cell == value)


def reached(levels: Array, cut: EffectLevel) -> Array:
    return np.asarray(levels >= int(cut))


def brute_verdict(held: tuple[Array, Array]) -> tuple[bool, bool]:
    """Return whether anything is loosened, and whether anything is tightened."""
    old, new = held
    return bool((old & ~new).any()), bool((new & ~old).any())


def gaps_of(comparison: Comparison) -> tuple[Gap, ...]:
    return (*comparison.loosened, *comparison.tightened)


ONE_GATE = ("train", "external_general")


@st.composite
def rows(draw: st.DrawFn, most_rows: int, most_atoms: int) -> list[Plain]:
    found = []
    for index in range(draw(st.integers(1, most_rows))):
        row = draw(commitments(index, most_atoms))
        found.append({**row, "at": [draw(st.sampled_from(ONE_GATE))], "asks": ["start"]})
    return found


@st.composite
def pairs(draw: st.DrawFn, most_rows: int = 3, most_atoms: int = 2) -> tuple[Policy, Policy]:
    """Draw two small policies: unrelated, or one a revision of the other."""
    old = draw(rows(most_rows, most_atoms))
    new = draw(rows(most_rows, most_atoms))
    if draw(st.booleans()):
        kept = [row for row in old if draw(st.booleans())]
        changed = draw(rows(1, most_atoms))
        new = [*kept, *({**row, "id": f"N{row['id']}"} for row in changed)]
    return draw(dressed(old)), draw(dressed(new))


@st.composite
def dressed(draw: st.DrawFn, found: list[Plain]) -> Policy:
    """Draw how a framework with these rows reads statuses, facts and ways out."""
    rules = st.sampled_from(
        ("treat_as_crossed", "treat_as_crossed", "determination_required", "no_effect")
    )
    names = [row["id"] for row in found]
    return policy_of(
        found,
        releases=draw(st.lists(st.sampled_from(names), unique=True)),
        ladder=draw(st.sampled_from(([], ["T1"], ["T1"]))),
        not_ruled_out=draw(rules),
        forecast=draw(rules),
        burden=draw(st.sampled_from(("to_release", "to_hold"))),
    )
