"""An incident stays in the bundle until an act closes it."""

from __future__ import annotations

from datetime import UTC, datetime

from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.parse import parse_document

INCIDENT = """\
schema: scalegate/incident@1
id: leak
subject: model:m
true_from: 2026-01-01
true_until: 2026-02-01
known_from: 2026-01-02
source: {document: register, mark: synthetic}
payload:
  summary: weights were seen outside
  occurred: {start: 2026-01-01, end: 2026-01-02}
  discovered_at: 2026-01-02
  severity: critical
  safeguards: [egress]
"""


def test_the_end_date_of_its_document_does_not_end_an_incident() -> None:
    bundle: Bundle[object] = bundle_of([parse_document(INCIDENT)], {})
    later = datetime(2026, 6, 1, tzinfo=UTC)
    assert [record.id for record in bundle.as_of(later, later).records] == ["leak"]


def test_an_incident_is_not_there_before_it_began() -> None:
    bundle: Bundle[object] = bundle_of([parse_document(INCIDENT)], {})
    known = datetime(2026, 6, 1, tzinfo=UTC)
    before = datetime(2025, 12, 31, tzinfo=UTC)
    assert bundle.as_of(before, known).records == ()
