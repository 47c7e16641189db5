"""What open incidents put in doubt: it is as if it had never been, for whatever it would release.

1. Evidence that an incident impugns counts for nothing until the incident is closed: no line is
   cleared by it, no safeguard shown sufficient, no bound held, no softer determination grounded.
2. What it says against the subject still counts. Doubt never relaxes anything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scalegate.evidence.documents.records import Incident
from scalegate.evidence.model import Kind
from scalegate.gate.acts import is_closed
from scalegate.gate.model import Inputs


def impugned_evidence(inputs: Inputs, at: datetime) -> frozenset[str]:
    """Return the ids of evidence that incidents not yet closed put in doubt."""
    return frozenset(
        name
        for record in inputs.bundle.of_kind(Kind.INCIDENT)
        for incident in [record.payload_as(Incident)]
        if not is_closed(inputs, incident, at)
        for name in incident.evidence
    )


def credited(inputs: Inputs, at: datetime) -> Inputs:
    """Return the inputs with only what is not in doubt on the list of what may be rested on."""
    doubted = impugned_evidence(inputs, at)
    if not doubted:
        return inputs
    both = {
        name
        for record in inputs.bundle.records
        if doubted & {record.id, record.digest}
        for name in (record.id, record.digest)
    }
    return replace(inputs, ids=inputs.ids - both - doubted)
