"""Name a piece of evidence in a decision."""

from __future__ import annotations

from scalegate.evidence.record import Record
from scalegate.gate.model import EvidenceRef


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
