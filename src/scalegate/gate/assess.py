"""Turn evidence into a situation: everything known of one subject under one framework.

1. The evidence is what was known and true at the instant asked about; what an open incident puts
   in doubt may not be rested on (`impugned`).
2. Each line is measured once (`measure_all`); the same measurements serve every later instant, so
   that asking when an answer turns costs no new estimate.
3. A subject that a cited rule exempts keeps what its root has, and one that is bounded by another
   may have what that one has (`inherit`).
4. A standard named without content is specified by an act `approve` on `specification:...` whose
   safeguards are then asked as members. Unless the act says that its text is public, it is only
   asserted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from scalegate.evidence.bundle import Bundle
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.register import Register, register_from
from scalegate.gate.acts import (
    acts_on,
    answered,
    is_grounded,
    may_decide,
    resolved_readings,
    says_yes,
)
from scalegate.gate.documents import document_aspects
from scalegate.gate.facts import discretion_values, fact_values, substitute_values
from scalegate.gate.impugned import credited
from scalegate.gate.inherit import inherited
from scalegate.gate.judge import findings
from scalegate.gate.measure import Measurement, measure_all
from scalegate.gate.model import (
    Assessment,
    Inputs,
    Named,
    Subject,
)
from scalegate.gate.refer import evidence_ref, resolve_subject
from scalegate.gate.safeguards import beyond, safeguard_findings
from scalegate.policy.compile import Program
from scalegate.policy.document import Policy
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import SafeguardState


def inputs_of(
    program: Program,
    bundle: Bundle[EvalLog],
    *,
    policy_digest: str,
    indicator_sets: Sequence[str] = (),
    is_proved: bool = False,
) -> Inputs:
    """Collect what a decision is computed from, with the register read from the bundle.

    With `is_proved` what rules out must rest on no conjecture.

    Raises:
        DocumentFaults: the register in the bundle contradicts itself.
    """
    named = (policy_digest, tuple(sorted(indicator_sets)))
    return replace(_inputs(program.policy, program, bundle, named), is_proved=is_proved)


def _inputs(
    policy: Policy, program: Program, bundle: Bundle[EvalLog], named: tuple[str, tuple[str, ...]]
) -> Inputs:
    register: Register = register_from(bundle.records)
    ids = {record.id for record in bundle.records} | {record.digest for record in bundle.records}
    return Inputs(
        policy=policy,
        program=program,
        policy_digest=named[0],
        bundle=bundle,
        register=register,
        indicator_sets=named[1],
        ids=frozenset(ids | set(bundle.logs)),
    )


def at_instant(inputs: Inputs, true_at: datetime, known_at: datetime) -> Inputs:
    """Return the inputs as they stood: what was known at one instant of another."""
    bundle = inputs.bundle.as_of(true_at, known_at)
    named = (inputs.policy_digest, inputs.indicator_sets)
    found = _inputs(inputs.policy, inputs.program, bundle, named)
    return replace(found, is_proved=inputs.is_proved, void_receipts=inputs.void_receipts)


def assess(
    inputs: Inputs,
    ref: str,
    at: datetime,
    *,
    measurements: Sequence[Measurement] | None = None,
) -> Assessment:
    """Find the status of every threshold and the state of everything a condition may name.

    Args:
        inputs: what was known at the instant asked about (`at_instant`).
        ref: the deployment, run, checkpoint or model asked about.
        at: the instant asked about.
        measurements: those of an earlier call for the same subject and evidence; None measures.

    Raises:
        UnknownName: the subject is not registered.
    """
    inputs = credited(inputs, at)
    subject = resolve_subject(inputs.register, ref)
    measured = measure_all(inputs, subject) if measurements is None else tuple(measurements)
    acts = {item.id: answered(inputs, subject, item, at) for item in inputs.policy.questions}
    safeguards = safeguard_findings(inputs, subject, at)
    facts = fact_values(inputs, subject, at)
    documents = document_aspects(inputs, subject, at)
    known = Assessment(
        inputs=inputs,
        subject=subject,
        at=at,
        situation=Situation(),
        findings=findings(inputs, subject, measured, at),
        safeguards=safeguards,
        facts=facts,
        acts=acts,
        documents=documents,
        substitutes=substitute_values(inputs, subject, at, (acts, safeguards, documents)),
        discretions=discretion_values(inputs, subject, at, acts),
        readings=resolved_readings(inputs, subject, at),
        specified=specifications(inputs, subject, at),
        measurements=measured,
        unused=tuple(_unused(inputs, measured)),
        beyond=tuple(beyond(inputs, subject, at)),
    )
    situated = replace(known, situation=situation_of(known))
    changed = inherited(situated)
    if changed is None:
        return situated
    with_others = replace(situated, findings=changed)
    return replace(with_others, situation=situation_of(with_others))


def situation_of(known: Assessment) -> Situation:
    """Write what is known as the policy function's situation."""
    policy = known.inputs.policy
    return Situation(
        statuses={name: finding.status for name, finding in known.findings.items()},
        safeguards={item.id: known.safeguards[item.id].state for item in policy.safeguards},
        specified={name: bool(item.value) for name, item in known.specified.items()},
        specified_members={
            name: _members_live(known, item) for name, item in known.specified.items()
        },
        substitutes={name: bool(item.value) for name, item in known.substitutes.items()},
        acts={name: bool(item.value) for name, item in known.acts.items()},
        documents={name: bool(item.value) for name, item in known.documents.items()},
        facts={name: item.value for name, item in known.facts.items()},
        discretions={name: bool(item.value) for name, item in known.discretions.items()},
        readings={
            name: item.value for name, item in known.readings.items() if item.value is not None
        },
    )


def _members_live(known: Assessment, item: Named) -> bool:
    """A specification is met by safeguard evidence recorded under the standard's own id."""
    own = known.safeguards.get(item.name)
    return own is not None and own.state is SafeguardState.LIVE_AND_SUFFICIENT


def specifications(inputs: Inputs, subject: Subject, at: datetime) -> dict[str, Named]:
    """Return, for each standard named without content, whether a specification is recorded."""
    found = {}
    for standard in inputs.policy.standards:
        if not standard.unspecified:
            continue
        question = f"specification:{inputs.policy.name}/{standard.id}"
        acts = [
            item
            for item in acts_on(inputs, subject, question, at)
            if item.act.act == "approve" and may_decide(inputs, item)
        ]
        value = bool(acts) and says_yes(acts[0]) and is_grounded(inputs, acts[0])
        found[standard.id] = Named(
            name=standard.id,
            value=value,
            evidence=(evidence_ref(acts[0].record),) if acts else (),
            expires_at=acts[0].act.expires_at if acts else None,
            text=_specified_text(value=value, withheld=value and acts[0].act.text != "public"),
            withheld=value and acts[0].act.text != "public",
        )
    return found


def _specified_text(*, value: bool, withheld: bool) -> str:
    if not value:
        return "named, not specified"
    if withheld:
        return "specified by a recorded act whose text is not public: asserted, no more"
    return "specified by a recorded act"


def _unused(inputs: Inputs, measured: Sequence[Measurement]) -> Iterator[str]:
    for item in measured:
        if not item.connected:
            yield f"{item.mapping.id}: no edge joins its evidence to the subject"
    bound = {ref.digest for item in measured for ref in item.evidence}
    for digest in inputs.bundle.logs:
        if digest not in bound:
            yield f"log {digest[:12]}: bound to no line"
