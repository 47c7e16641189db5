"""When something known begins or stops counting, and what that is in words.

An answer can turn by itself only at one of these instants: evidence grows too old, an act expires,
a document ends, or something known in advance (an order from next Monday on) begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from scalegate.evidence.documents.records import Act, Order
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.model import Assessment, Named

Turning = tuple[datetime | None, str]
"""An instant, or None, and what happens then."""


def turning_points(known: Assessment) -> tuple[datetime, ...]:
    """Return every later instant at which something known begins or stops counting, in order."""
    return tuple(sorted({at for at, _ in _turnings(known) if at is not None and at > known.at}))


def turns_at(known: Assessment, moment: datetime) -> tuple[str, ...]:
    """Return what begins or stops counting at an instant, in words, each once."""
    return tuple(dict.fromkeys(text for at, text in _turnings(known) if at == moment))


def _turnings(known: Assessment) -> Iterator[Turning]:
    for finding in known.findings.values():
        yield finding.expires_at, f"evidence on {finding.threshold} is then too old"
        for line in finding.indicators:
            yield line.expires_at, f"evidence on {finding.threshold} is then too old"
    for safeguard in known.safeguards.values():
        yield safeguard.expires_at, f"evidence on {safeguard.safeguard} expires"
    for table in _tables(known):
        for item in table.values():
            yield item.expires_at, f"{item.name} expires"
    for record in known.inputs.bundle.history:
        yield from _of_record(record)


def _of_record(record: Record) -> Iterator[Turning]:
    yield record.true_from, f"document {record.id} begins"
    yield record.true_until, f"document {record.id} ends"
    if record.kind is Kind.ACT:
        act = record.payload_as(Act)
        yield act.acted_at, f"act {record.id} takes effect"
        yield act.expires_at, f"act {record.id} expires"
    if record.kind is Kind.ORDER:
        yield record.payload_as(Order).lifted_at, f"order {record.id} is lifted"


def _tables(known: Assessment) -> tuple[Mapping[str, Named], ...]:
    return (
        known.facts,
        known.acts,
        known.documents,
        known.substitutes,
        known.discretions,
        known.readings,
        known.specified,
    )
