"""Decide: one question, one answer, with everything that it rests on.

1. The effect is the policy's own (`policy.evaluate`), under the strictest of the readings that no
   act has fixed.
2. Orders from outside join by the strictest (`orders`). They open nothing and are not the policy's
   hold.
3. A gate at which no commitment binds is not governed: a verdict of its own, never open. An order
   still holds there.
4. A hold is *inconclusive* if the gate would open once everything that is merely unknown turned
   out well; otherwise something is known to be unmet.
5. The answer turns at the first later instant at which, with nothing new, the gate is no longer
   open (`holds_from`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scalegate import __version__
from scalegate.gate.adverse import adverse_register
from scalegate.gate.asserted import asserted
from scalegate.gate.assess import assess, at_instant
from scalegate.gate.at_gate import at_gate
from scalegate.gate.model import (
    INCONCLUSIVE_REASONS,
    Assessment,
    Decision,
    Finding,
    OrderInForce,
    Reason,
    Turn,
    Why,
)
from scalegate.gate.orders import orders_at
from scalegate.gate.owed import unmet_before
from scalegate.gate.preregistered import answers_in, void_notes
from scalegate.gate.proving import NOTE
from scalegate.gate.turning import turning_points, turns_at
from scalegate.gate.why import explain, explain_rows
from scalegate.policy.beside import advice_at, best_case, unarmed_at
from scalegate.policy.evaluate import Outcome, strictest
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import (
    Ask,
    EffectLevel,
    Gate,
    Level,
    SafeguardState,
)

_Readings = tuple[tuple[Mapping[str, str], Outcome], ...]


def decide(known: Assessment, gate: Gate, ask: Ask = Ask.START, *, turns: bool = True) -> Decision:
    """Decide a gate for the assessed subject.

    Args:
        known: the assessment.
        gate: the gate asked about.
        ask: to start or widen, or to go on.
        turns: whether to look for the instant at which the answer turns by itself.

    Guarantees:
        Total. The determining clauses alone give the same effect. Same inputs, same decision.
    """
    known = at_gate(known, gate)
    program = known.inputs.program
    outcome, readings = strictest(program, known.situation, gate, ask)
    orders = tuple(orders_at(known, gate))
    level = max((outcome.level, *(order.level for order in orders)))
    # An order that is kept holds nothing, and so says nothing where the policy is silent.
    governed = outcome.governed or any(order.level >= EffectLevel.RESTRICT for order in orders)
    decision = Decision(
        framework=known.inputs.policy.name,
        policy_digest=known.inputs.policy_digest,
        subject=known.subject.ref,
        gate=gate,
        ask=ask,
        as_of=known.at,
        governed=governed,
        level=level,
        limits=_limits(outcome, orders),
        obligations=(*outcome.obligations, *_kept(orders)),
        before=tuple(text for _, owed in unmet_before(known, outcome) for text in owed),
        inconclusive=level >= EffectLevel.RESTRICT and _is_inconclusive(known, outcome, orders),
        outcome=outcome,
        why=explain(known, outcome),
        orders=orders,
        readings=tuple((chosen, item.level) for chosen, item in readings),
        depends_on_reading=_depends(readings),
        advice=tuple(_advice(known, gate, ask)),
        unarmed=unarmed_at(program, known.situation, gate, ask),
        judgements=tuple(_judgements(known)),
        searched=_searched(known, gate) if not governed else "",
        adverse_register=adverse_register(known),
        evidence_digest=known.inputs.bundle.digest,
        engine=__version__,
        answers=answers_in(known),
        notes=(*asserted(known, gate, ask), *_notes(known)),
        is_proved=known.inputs.is_proved,
    )
    return replace(decision, holds_from=_turn(known, decision)) if turns else decision


def _notes(known: Assessment) -> tuple[str, ...]:
    proved = (NOTE,) if known.inputs.is_proved else ()
    return (*proved, *void_notes(known.inputs, known.subject, known.at))


def _limits(outcome: Outcome, orders: tuple[OrderInForce, ...]) -> Mapping[str, str]:
    found: dict[str, set[str]] = {key: {value} for key, value in outcome.limits.items()}
    for order in orders:
        for key, value in order.limits.items() if not order.is_kept else ():
            found.setdefault(key, set()).add(value)
    return {key: " and ".join(sorted(values)) for key, values in sorted(found.items())}


def _kept(orders: tuple[OrderInForce, ...]) -> Iterator[str]:
    """Yield what orders ask that the subject keeps already, and must go on keeping."""
    for order in orders:
        if order.is_kept:
            limits = ", ".join(f"{key} {value}" for key, value in order.limits.items())
            yield f"keep within the order {order.id}: {limits}"


def _is_inconclusive(known: Assessment, outcome: Outcome, orders: tuple[OrderInForce, ...]) -> bool:
    if any(order.level >= EffectLevel.RESTRICT for order in orders):
        return False
    program, situation = known.inputs.program, _if_all_turned_out_well(known)
    best = best_case(program, situation, outcome.gate, outcome.ask)
    return best.level < EffectLevel.RESTRICT


def _if_all_turned_out_well(known: Assessment) -> Situation:
    """Return the situation in which everything that was not measured is as good as can be."""
    statuses = {
        name: Status(level=Level.RULED_OUT) if _is_unmeasured(finding) else finding.status
        for name, finding in known.findings.items()
    }
    safeguards = {
        name: SafeguardState.LIVE_AND_SUFFICIENT
        if _is_unknown(known.safeguards[name].reasons)
        else state
        for name, state in known.situation.safeguards.items()
    }
    return replace(known.situation, statuses=statuses, safeguards=safeguards)


def _is_unmeasured(finding: Finding) -> bool:
    """What is inherited from a root that nobody assessed is unknown as it is on the root."""
    if finding.reasons == (Reason.INHERITED,) and finding.status.level is Level.UNASSESSED:
        return not finding.concerns
    return _is_unknown(finding.reasons)


def _is_unknown(reasons: tuple[Reason, ...]) -> bool:
    return bool(reasons) and set(reasons) <= INCONCLUSIVE_REASONS


def _depends(readings: _Readings) -> bool:
    opens = {outcome.level < EffectLevel.RESTRICT for _, outcome in readings}
    return len(opens) > 1


def _advice(known: Assessment, gate: Gate, ask: Ask) -> Iterator[Why]:
    """Yield the rows that do not bind and are not followed."""
    yield from explain_rows(known, advice_at(known.inputs.program, known.situation, gate, ask))


def _judgements(known: Assessment) -> Iterator[str]:
    for finding in known.findings.values():
        for item in finding.judged:
            if not item.counts:
                level = item.level.word.replace("_", " ")
                own = finding.status.level.word.replace("_", " ")
                yield (
                    f"{finding.threshold}: {item.by} determined {level}; the status stays {own} "
                    f"({item.grade.value.replace('_', ' ')})"
                )


def _searched(known: Assessment, gate: Gate) -> str:
    notes = [note.searched for note in known.inputs.policy.silent_at if note.gate is gate]
    return notes[0] if notes else "no commitment of the encoded policy names this gate"


def _turn(known: Assessment, decision: Decision) -> Turn | None:
    """Return the first instant at which an open gate is no longer open, with nothing new."""
    if not decision.is_open:
        return None
    inputs = known.inputs
    for moment in turning_points(known):
        later_inputs = at_instant(inputs, moment, known.at)
        later = assess(later_inputs, known.subject.ref, moment, measurements=known.measurements)
        then = decide(later, decision.gate, decision.ask, turns=False)
        if not then.is_open:
            return Turn(at=moment, becomes=then.level, because=turns_at(known, moment))
    return None
