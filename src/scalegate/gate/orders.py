"""Orders from outside the policy: which reach a subject at a gate, and what they do there.

1. An order is in force from its first instant until it is lifted or its document ends. The date of
   its review lifts nothing.
2. It reaches a deployment or run that every way of its selector fits. What the register does not
   say (no label, no jurisdiction, no compute) fits: nobody said that the order does not reach it.
3. A selector of runs alone reaches no deployment, and one of deployments alone reaches no run.
4. It reaches a model, or a checkpoint, at a gate that it reaches one of its registered deployments
   or runs at: asked for as a whole, the model is held where a part of it is. A run is a part at
   `train`, a deployment at its own gates. Without any part, the model is not reached.
5. A restriction whose every limit the register shows to be kept does not restrict: it is owed to
   go on keeping it. A limit that the register cannot show is not kept.
6. Orders join by the strictest, open nothing, and are never counted as the policy's own hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scalegate.evidence.documents.records import Limits, Order, Selector
from scalegate.evidence.documents.registry import DeploymentEntry, RunEntry
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.evidence.register import Register
from scalegate.gate.model import Assessment, OrderInForce
from scalegate.policy.vocabulary import EffectLevel, Gate

_AUDIENCES = ("staff", "named_testers", "vetted_tier", "everyone")
"""Narrowest first."""


def orders_at(known: Assessment, gate: Gate) -> Iterator[OrderInForce]:
    """Yield the orders in force that reach the subject at a gate."""
    for record in known.inputs.bundle.of_kind(Kind.ORDER):
        order = record.payload_as(Order)
        lifted = order.lifted_at is not None and order.lifted_at <= known.at
        if lifted or record.true_from > known.at:
            continue
        reached = reaches(known.inputs.register, order.reaches, known.subject.names, gate)
        if reached is not None:
            yield _in_force(known, record, order, because=reached)


def _in_force(known: Assessment, record: Record, order: Order, *, because: str) -> OrderInForce:
    found = OrderInForce(
        id=record.id,
        authority=order.authority,
        kind=order.kind,
        level=EffectLevel.HOLD,
        limits=order_limits(order.limits) if order.limits else {},
        statement=order.statement,
        review_on=order.review_on,
        because=because,
    )
    if order.limits is None:
        return found
    register, subject = known.inputs.register, known.subject
    deployment = register.deployments.get(subject.deployment or "")
    run = register.runs.get(subject.run or "")
    kept = _is_kept(order.limits, deployment, run)
    return replace(found, level=EffectLevel.ALLOW_WITH if kept else EffectLevel.RESTRICT)


def reaches(
    register: Register, selector: Selector, names: frozenset[str], gate: Gate | None = None
) -> str | None:
    """Return by what a selector reaches a subject, in words; None where it does not.

    Args:
        register: what is registered.
        selector: whom the order means.
        names: every name of the subject and of what contains it.
        gate: the gate asked about; None asks whether it reaches the subject at any.
    """
    named = sorted(set(selector.subjects) & names)
    if selector.subjects and not named:
        return None
    if set(selector.except_subjects) & names:
        return None
    if gate is not None and selector.gates and gate.value not in selector.gates:
        return None
    if not (selector.labels or selector.of_runs or selector.of_deployments):
        return ", ".join(named) or "at this gate, whatever the subject"
    own = sorted(names & (register.runs.keys() | register.deployments.keys()))
    if own:
        return _fits(register, selector, own[0])
    return _by_part(register, selector, names, gate)


def _by_part(
    register: Register, selector: Selector, names: frozenset[str], gate: Gate | None
) -> str | None:
    for ref in sorted(register.runs.keys() | register.deployments.keys()):
        found = register.resolve(ref)
        if not names & {found.checkpoint, found.model} or ref in selector.except_subjects:
            continue
        passes = gate is None or gate in gates_of(register, ref)
        if passes and _fits(register, selector, ref) is not None:
            return f"its {ref}"
    return None


def gates_of(register: Register, ref: str) -> tuple[Gate, ...]:
    """Return the gates that a deployment or run passes: those that it says, else all it may."""
    if ref in register.runs:
        return (Gate.TRAIN,)
    said = register.deployments[ref].gates
    return tuple(
        gate
        for gate in Gate
        if (gate.value in said if said else gate not in (Gate.TRAIN, Gate.STORE))
    )


def _fits(register: Register, selector: Selector, ref: str) -> str | None:
    run = register.runs.get(ref)
    if run is not None:
        return None if selector.of_deployments else _run_fits(selector, run)
    return None if selector.of_runs else _deployment_fits(selector, register.deployments[ref])


def _run_fits(selector: Selector, run: RunEntry) -> str | None:
    said: list[str] = []
    if selector.run_kinds:
        if run.kind not in selector.run_kinds:
            return None
        said.append(f"kind {run.kind}")
    if selector.effective_compute_at_least is not None:
        amounts = [
            amount
            for amount in (run.planned_effective_compute, run.consumed_effective_compute)
            if amount is not None and run.unit == "ratio_to_root"
        ]
        if amounts and max(amounts) < selector.effective_compute_at_least:
            return None
        said.append(f"compute {max(amounts)}" if amounts else "compute not said")
    return _with_label(selector, run.labels, said)


def _deployment_fits(selector: Selector, entry: DeploymentEntry) -> str | None:
    said: list[str] = []
    ways: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
        ("surface", selector.surfaces, tuple(surface.kind for surface in entry.surfaces)),
        ("audience", selector.audiences, (entry.audience,)),
        ("jurisdiction", selector.jurisdictions, entry.jurisdictions),
    )
    for word, wanted, own in ways:
        if not wanted:
            continue
        shared = [each for each in own if each in wanted]
        if own and not shared:
            return None
        said.append(f"{word} {', '.join(dict.fromkeys(shared)) or 'not said'}")
    return _with_label(selector, entry.labels, said)


def _with_label(selector: Selector, own: tuple[str, ...], said: list[str]) -> str | None:
    if selector.labels:
        shared = [each for each in own if each in selector.labels]
        if own and not shared:
            return None
        said = [*said, f"label {', '.join(shared)}" if shared else "no label"]
    return ", ".join(said)


def _is_kept(limits: Limits, deployment: DeploymentEntry | None, run: RunEntry | None) -> bool:
    """Say whether the register shows every limit to be kept (rule 5 of the module)."""
    if limits == Limits():
        return False
    if run is not None:
        others = limits.model_copy(update={"effective_compute_ratio": None})
        return others == Limits() and _is_within(run, limits)
    if deployment is None or limits.effective_compute_ratio is not None:
        return False
    own = deployment.configuration
    kinds = {surface.kind for surface in deployment.surfaces}
    where = set(deployment.jurisdictions)
    return (
        (limits.audience is None or _no_wider(deployment.audience, limits.audience))
        and (not limits.surfaces or kinds <= set(limits.surfaces))
        and (not limits.jurisdictions or (bool(where) and where <= set(limits.jurisdictions)))
        and set(limits.blocked_domains) <= set(own.blocked_domains)
        and limits.fallback in (None, own.fallback)
    )


def _is_within(run: RunEntry, limits: Limits) -> bool:
    cap, planned = limits.effective_compute_ratio, run.planned_effective_compute
    if cap is None or planned is None or run.unit != "ratio_to_root":
        return False
    return planned <= cap and (run.consumed_effective_compute or 0) <= cap


def _no_wider(own: str, limit: str) -> bool:
    return _AUDIENCES.index(own) <= _AUDIENCES.index(limit)


def order_limits(limits: Limits) -> dict[str, str]:
    """Return the limits of a restriction as words by name."""
    plain = limits.model_dump(mode="json", exclude_defaults=True)
    return {
        key: ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        for key, value in plain.items()
    }


def reached_by(register: Register, selector: Selector) -> tuple[tuple[str, str], ...]:
    """Return every registered deployment and run that a selector reaches, and by what.

    A model is listed where it has neither.
    """
    parts: dict[str, list[str]] = {model: [] for model in register.models}
    loose: list[str] = []
    for ref in (*register.deployments, *register.runs):
        parts.get(register.resolve(ref).model or "", loose).append(ref)
    asked = [*loose, *(ref for model, own in parts.items() for ref in own or [model])]
    found = ((ref, reaches(register, selector, _names_of(register, ref))) for ref in asked)
    return tuple(sorted((ref, because) for ref, because in found if because is not None))


def _names_of(register: Register, ref: str) -> frozenset[str]:
    found = register.resolve(ref)
    names = (ref, found.checkpoint, found.model, found.series, found.lab)
    return frozenset(name for name in names if name)
