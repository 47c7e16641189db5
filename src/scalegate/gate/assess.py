"""Turn evidence into a situation: everything known of one subject under one framework.

1. The evidence is what was known and true at the instant asked about.
2. Each line is measured once (`measure_all`); the same measurements serve every later instant, so
   that asking when an answer turns costs no new estimate.
3. A subject that a cited rule exempts keeps what its root has (`exempt`).
4. A standard named without content is specified by an act `approve` on `specification:...` whose
   safeguards are then asked as members.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scalegate.base.errors import UnknownName
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
from scalegate.gate.facts import (
    discretion_values,
    document_aspects,
    fact_values,
    substitute_values,
)
from scalegate.gate.judge import findings
from scalegate.gate.measure import Measurement, measure_all
from scalegate.gate.model import (
    Assessment,
    Finding,
    Inputs,
    Named,
    Reason,
    Subject,
)
from scalegate.gate.refer import evidence_ref
from scalegate.gate.safeguards import safeguard_findings
from scalegate.policy.compile import Program
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import condition_holds
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Level, SafeguardState


def inputs_of(
    program: Program,
    bundle: Bundle[EvalLog],
    *,
    policy_digest: str,
    indicator_sets: Sequence[str] = (),
) -> Inputs:
    """Collect what a decision is computed from, with the register read from the bundle.

    Raises:
        DocumentFaults: the register in the bundle contradicts itself.
    """
    return _inputs(program.policy, program, bundle, (policy_digest, tuple(sorted(indicator_sets))))


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
    return _inputs(inputs.policy, inputs.program, bundle, named)


def resolve_subject(register: Register, ref: str) -> Subject:
    """Resolve what a gate is asked for.

    Raises:
        UnknownName: nothing of that name is registered.
    """
    found = register.resolve(ref)
    deployment = register.deployments.get(found.deployment) if found.deployment else None
    checkpoint = register.checkpoints.get(found.checkpoint) if found.checkpoint else None
    surfaces: tuple[tuple[str, bool], ...] = ()
    if deployment is not None:
        surfaces = tuple((surface.name, surface.registered) for surface in deployment.surfaces)
    elif found.model is not None and found.run is None:
        surfaces = tuple(_every_surface(register, found.model))
    return Subject(
        ref=ref,
        model=found.model,
        checkpoint=found.checkpoint,
        deployment=found.deployment,
        run=found.run,
        series=found.series,
        lab=found.lab,
        surfaces=surfaces,
        weights_sha256=checkpoint.weights_sha256 if checkpoint else None,
        configuration_sha256=deployment.configuration.sha256 if deployment else None,
        system_prompt_sha256=(
            deployment.configuration.system_prompt_sha256 if deployment else None
        ),
    )


def _every_surface(register: Register, model: str) -> Iterator[tuple[str, bool]]:
    """Yield every surface of every deployment of a model: live on a model is live on all."""
    for name in sorted(register.deployments):
        deployment = register.deployments[name]
        if register.model_of.get(deployment.checkpoint) == model:
            for surface in deployment.surfaces:
                yield surface.name, surface.registered


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
    subject = resolve_subject(inputs.register, ref)
    measured = measure_all(inputs, subject) if measurements is None else tuple(measurements)
    acts = {item.id: answered(inputs, subject, item, at) for item in inputs.policy.questions}
    safeguards = safeguard_findings(inputs, subject, at)
    facts = fact_values(inputs, subject, at)
    known = Assessment(
        inputs=inputs,
        subject=subject,
        at=at,
        situation=Situation(),
        findings=findings(inputs, subject, measured, at),
        safeguards=safeguards,
        facts=facts,
        acts=acts,
        documents=document_aspects(inputs, subject, at),
        substitutes=substitute_values(inputs, subject, at, (acts, safeguards)),
        discretions=discretion_values(inputs, subject, at, acts),
        readings=resolved_readings(inputs, subject, at),
        specified=specifications(inputs, subject, at),
        measurements=measured,
        unused=tuple(_unused(inputs, measured)),
    )
    situated = replace(known, situation=situation_of(known))
    exempted = _exempted(situated)
    if exempted is None:
        return situated
    with_root = replace(situated, findings=exempted)
    return replace(with_root, situation=situation_of(with_root))


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
            text="specified by a recorded act" if value else "named, not specified",
        )
    return found


def _exempted(known: Assessment) -> Mapping[str, Finding] | None:
    """Return the findings of a subject that a cited rule exempts from assessment, or None."""
    applying = [
        rule
        for rule in known.inputs.policy.exemptions
        if condition_holds(known.inputs.policy, rule.when, known.situation)
    ]
    if not applying:
        return None
    root = _root_findings(known) if any(rule.inherits for rule in applying) else None
    exempted: dict[str, list[Finding]] = {}
    for rule in applying:
        if rule.inherits and root is None:
            continue
        for name in rule.thresholds:
            above = root[name] if root and rule.inherits else None
            exempted.setdefault(name, []).append(_exempt(known.findings[name], above))
    # Several rules on one threshold: the strictest result stands.
    strictest = {
        name: max(found, key=lambda item: item.status.level) for name, found in exempted.items()
    }
    return {**known.findings, **strictest}


def _root_findings(known: Assessment) -> Mapping[str, Finding] | None:
    register, subject = known.inputs.register, known.subject
    growth = register.growth(subject.model) if subject.model else None
    if growth is None or growth.root == subject.model:
        return None
    try:
        root = resolve_subject(register, growth.root)
    except UnknownName:
        return None
    measured = measure_all(known.inputs, root)
    return findings(known.inputs, root, measured, known.at)


def _exempt(own: Finding, root: Finding | None) -> Finding:
    """An exempt subject keeps its root's status where that is worse than `ruled_out`."""
    inherited = root is not None and root.status.level > Level.RULED_OUT
    level = root.status.level if root and inherited else Level.NOT_REQUIRED
    # Adverse evidence on the subject itself still counts: exemption is from assessment only.
    # A line that a mapping names is on the closed list, so losing its evidence is adverse too.
    listed = any(not line.is_missing for line in own.indicators) or bool(own.missing)
    said = bool(own.concerns) or any(item.level > Level.RULED_OUT for item in own.judged)
    adverse = own.status.level in (Level.NOT_RULED_OUT, Level.CROSSED) or (
        (listed or said) and own.status.level > Level.RULED_OUT
    )
    level = max(level, own.status.level) if adverse else level
    reason = Reason.INHERITED if inherited else Reason.EXEMPT
    flags = own.status.flags | (root.status.flags if root else frozenset())
    # What is inherited lasts no longer than what it is inherited from.
    ends = [end for item in (own, root) if item for end in [item.expires_at] if end is not None]
    whence = f" from {root.threshold} of its root" if root else " by a cited rule"
    return replace(
        own,
        status=Status(level=level, flags=flags),
        reasons=(reason, *own.reasons) if adverse else (reason,),
        expires_at=min(ends, default=None),
        text=f"{level.word.replace('_', ' ')}: {reason.value}{whence}",
    )


def _unused(inputs: Inputs, measured: Sequence[Measurement]) -> Iterator[str]:
    for item in measured:
        if not item.connected:
            yield f"{item.mapping.id}: no edge joins its evidence to the subject"
    bound = {ref.digest for item in measured for ref in item.evidence}
    for digest in inputs.bundle.logs:
        if digest not in bound:
            yield f"log {digest[:12]}: bound to no line"
