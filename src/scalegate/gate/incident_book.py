"""The book of incidents: each incident, where it stands, and what it breaches.

1. Of an incident the latest version known counts.
2. It is *going on* until its last instant, then *ended, not closed* until an act that counts under
   the policies closes it: only a *closed* incident lets go of what it breached.
3. A closure counts under a policy if the policy's table of roles names the role that closed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scalegate.evidence.documents.records import Incident, Order
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.acts import is_closed
from scalegate.gate.model import Inputs


class IncidentState(StrEnum):
    """Where an incident stands."""

    GOING_ON = "going_on"
    ENDED = "ended"
    CLOSED = "closed"
    NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedIncident:
    """One incident, and where it stands."""

    record: Record
    """The document."""
    incident: Incident
    """What it says."""
    state: IncidentState
    """Where it stands, under the policy that lets go of it last."""
    not_closed_under: tuple[str, ...]
    """Policies under which no closure counts; empty for one that is closed."""
    orders: tuple[str, ...]
    """Ids of the orders that were given after it."""

    @property
    def is_open(self) -> bool:
        """Whether it breaches what it names."""
        return self.state in (IncidentState.GOING_ON, IncidentState.ENDED)


def incident_book(inputs: Sequence[Inputs], at: datetime) -> tuple[BookedIncident, ...]:
    """Return every incident known, the open ones first, then by when they began.

    Args:
        inputs: what is on record, under each policy that decides.
        at: the instant asked about.
    """
    bundle = inputs[0].bundle
    latest = {record.id: record for record in bundle.history if record.kind is Kind.INCIDENT}
    orders: dict[str, list[str]] = {}
    for record in bundle.history:
        if record.kind is Kind.ORDER and (name := record.payload_as(Order).incident):
            orders.setdefault(name, []).append(record.id)
    found = []
    for record in latest.values():
        incident = record.payload_as(Incident)
        lacking = tuple(each.policy.name for each in inputs if not is_closed(each, incident, at))
        state = _state(incident, at, is_shut=not lacking)
        found.append(
            BookedIncident(
                record=record,
                incident=incident,
                state=state,
                not_closed_under=() if state is IncidentState.CLOSED else lacking,
                orders=tuple(dict.fromkeys(orders.get(record.id, ()))),
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda each: (not each.is_open, each.incident.occurred.start, each.record.id),
        )
    )


def _state(incident: Incident, at: datetime, *, is_shut: bool) -> IncidentState:
    if incident.occurred.start > at:
        return IncidentState.NOT_BEGUN
    end = incident.occurred.end
    if end is None or end >= at:
        return IncidentState.GOING_ON
    return IncidentState.CLOSED if is_shut else IncidentState.ENDED
