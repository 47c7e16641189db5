"""Name a piece of evidence in a decision, and say whether adverse evidence bears on a subject."""

from __future__ import annotations

from scalegate.evidence.record import Record
from scalegate.gate.model import EvidenceRef, Inputs, Subject


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
