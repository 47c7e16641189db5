"""Name evidence and subjects as a decision does, and say what adverse evidence bears on."""

from __future__ import annotations

from collections.abc import Iterator

from scalegate.evidence.record import Record
from scalegate.evidence.register import Register
from scalegate.gate.model import EvidenceRef, Inputs, Subject
from scalegate.policy.document import Indicator, Threshold


def evidence_ref(
    record: Record, *, flags: tuple[tuple[str, int], ...] = (), samples: tuple[str, ...] = ()
) -> EvidenceRef:
    """Return the reference of a document: id, digest, kind, instant, citation."""
    return EvidenceRef(
        id=record.id,
        digest=record.digest,
        kind=str(record.kind),
        observed_at=record.true_from,
        citation=record.source.to_citation(),
        flags=flags,
        samples=samples,
    )


def clauses_of(inputs: Inputs, *names: str) -> frozenset[str]:
    """Return how evidence may name thresholds or lines: under the policy, or an indicator set."""
    owners = (inputs.policy.name, *inputs.indicator_sets)
    return frozenset(f"{owner}/{name}" for owner in owners for name in names)


def lines_named(inputs: Inputs, clause: str) -> Iterator[tuple[Threshold, Indicator]]:
    """Yield the lines, each with its threshold, that a mapping means by a name (`owner/line`)."""
    owner, _, name = clause.partition("/")
    if owner != inputs.policy.name and owner not in inputs.indicator_sets:
        return
    for threshold in inputs.policy.thresholds:
        for indicator in threshold.indicators:
            if indicator.id == name:
                yield threshold, indicator


def bears_on(inputs: Inputs, about: str, subject: Subject) -> bool:
    """Say whether what is adverse about one thing counts against the subject asked about.

    It does wherever the register joins the two (register, rule 2): a concern about a checkpoint
    counts against its model, and what is missing on a model is missing on its deployments.
    """
    if about in subject.names:
        return True
    register = inputs.register
    if not register.knows(about):
        return False
    found = register.resolve(about)
    if found.model is not None and found.model == subject.model:
        return True
    taken_on = found.checkpoint or found.model
    asked = subject.checkpoint or subject.model
    if taken_on is None or asked is None:
        return False
    return register.carry(taken_on, asked).connected


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
