"""What stands beside an outcome: advice not followed, clauses unarmed, the best case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scalegate.policy.compile import Encoded, Program, Row
from scalegate.policy.document import Commitment
from scalegate.policy.evaluate import Outcome, applies, evaluate_encoded, satisfied
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, Burden, Gate, Kind


def advice_at(
    program: Program, situation: Situation, gate: Gate, ask: Ask
) -> tuple[Commitment, ...]:
    """Return the rows that do not bind, apply, and are not satisfied, in declared order."""
    encoded = program.encode(situation)
    return tuple(
        row.source
        for row in program.advice.get((gate, ask), ())
        if applies(row, encoded) and not satisfied(row, encoded)
    )


def unarmed_at(program: Program, situation: Situation, gate: Gate, ask: Ask) -> tuple[str, ...]:
    """Return the clauses that would hold if the facts somebody else must show were shown.

    Source: design, "Burden of a fact": a clause whose text binds only on shown evidence does not
    bind while it is unknown, and the decision lists it.
    """
    encoded = program.encode(situation)
    armed = encoded
    for bit in _unknown_bits(program, situation, Burden.TO_HOLD):
        armed = replace(armed, trigger=armed.trigger | bit, require=armed.require & ~bit)
    return tuple(
        row.source.id
        for row in program.rows.get((gate, ask), ())
        if _holds_back(row, armed) and not _holds_back(row, encoded)
    )


def _holds_back(row: Row, encoded: Encoded) -> bool:
    return applies(row, encoded) and not satisfied(row, encoded)


def best_case(program: Program, situation: Situation, gate: Gate, ask: Ask) -> Outcome:
    """Return the outcome if every unknown fact turned out to be the value that opens most.

    Readings that nobody fixed stay at their strictest: a reading is not evidence.
    """
    encoded = program.encode(situation)
    for bit in _unknown_bits(program, situation, None):
        encoded = replace(encoded, trigger=encoded.trigger & ~bit, require=encoded.require | bit)
    return evaluate_encoded(program, encoded, gate, ask)


def _unknown_bits(program: Program, situation: Situation, burden: Burden | None) -> Iterator[int]:
    named = {fact.id for fact in program.policy.facts if burden is None or fact.burden is burden}
    for bit, literal in enumerate(program.literals):
        is_named = literal.kind is Kind.FACT and literal.name in named
        if is_named and situation.facts.get(literal.name) is None:
            yield 1 << bit
