"""A bundle: all the records and logs that a decision may rest on, at two instants.

The whole rule:

1. The same record twice is once; order does not matter.
2. A record with the id of another and a later `known_from` supersedes it. The same id, the same
   `known_from` and other content is a fault: nobody could say which one was known. So is an id
   that changes its kind.
3. At (`true_at`, `known_at`): of each id the latest version known by `known_at`, if it is true at
   `true_at` (`true_from` <= `true_at` < `true_until`). An incident stays until it is closed: its
   own `true_until` does not end it.
4. The adverse register is every incident, reversal, override, alert, expert concern and dissent
   known by `known_at`, superseded versions too: its count and head are named in each decision,
   so that none can be left out unseen (design, law 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Generic, TypeVar

from scalegate.base.canonical import digest_of
from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.instants import format_instant
from scalegate.evidence.documents.records import Act
from scalegate.evidence.documents.results import Judgement, PublishedResult, UpliftTrial
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record

Log = TypeVar("Log")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseHead:
    """How many adverse records there are, and one digest of them all."""

    count: int
    """Number of adverse records."""
    digest: str
    """SHA-256 over their sorted digests."""
    ids: tuple[str, ...]
    """Their ids, sorted, for the reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Generic[Log]):
    """Records and logs that belong together; made by `bundle_of`."""

    records: tuple[Record, ...] = ()
    """The records in force, sorted by kind, id and `known_from`."""
    logs: Mapping[str, Log]
    """From the SHA-256 of a log file to the log."""
    history: tuple[Record, ...] = ()
    """Every version of every record known, for the adverse register."""

    @property
    def digest(self) -> str:
        """SHA-256 over the sorted digests of records and logs: what a decision was made from."""
        return digest_of(
            {
                "history": sorted({record.digest for record in self.history}),
                "logs": sorted(self.logs),
                "records": sorted({record.digest for record in self.records}),
            }
        )

    @property
    def adverse(self) -> AdverseHead:
        """The head of the adverse register (rule 4 of the module)."""
        adverse = {record.digest: record.id for record in self.history if is_adverse(record)}
        return AdverseHead(
            count=len(adverse),
            digest=digest_of(sorted(adverse)),
            ids=tuple(sorted(adverse.values())),
        )

    def of_kind(self, kind: Kind) -> tuple[Record, ...]:
        """Return the records of a kind, in order."""
        return tuple(record for record in self.records if record.kind is kind)

    def about(self, subject: str) -> tuple[Record, ...]:
        """Return the records whose subject is exactly this one, in order."""
        return tuple(record for record in self.records if record.subject == subject)

    def find(self, identifier: str) -> Record | None:
        """Return the record with an id, if it is in force."""
        return next((record for record in self.records if record.id == identifier), None)

    def as_of(self, true_at: datetime, known_at: datetime) -> Bundle[Log]:
        """Return what was known at one instant of another (rule 3 of the module).

        Logs stay: a log has no instants of its own until a mapping record says what it is.
        """
        known = tuple(record for record in self.history if record.known_from <= known_at)
        latest: dict[str, Record] = {}
        for record in known:  # sorted by known_from within an id
            latest[record.id] = record
        current = tuple(record for record in latest.values() if _is_true(record, true_at))
        return Bundle(records=_sorted(current), logs=self.logs, history=known)


def bundle_of(records: Iterable[Record], logs: Mapping[str, Log]) -> Bundle[Log]:
    """Collect records and logs; each once, in an order that does not depend on arrival.

    Raises:
        DocumentFaults: two contents of one id at one `known_from`, or an id of two kinds.
    """
    once = {record.digest: record for record in records}
    history = _sorted(once.values())
    faults = [fault for pair in _neighbours(history) for fault in _clashes(*pair)]
    if faults:
        raise DocumentFaults(faults)
    latest = {record.id: record for record in history}
    return Bundle(
        records=_sorted(latest.values()),
        logs=MappingProxyType({name: logs[name] for name in sorted(logs)}),
        history=history,
    )


def is_adverse(record: Record) -> bool:
    """Say whether a record belongs to the adverse register (rule 4 of the module)."""
    payload = record.payload
    if isinstance(payload, Act):
        return payload.act in ("reverse", "override") or bool(payload.dissent)
    if isinstance(payload, Judgement):
        return payload.concern_rank > 0 or bool(payload.dissent)
    if isinstance(payload, (PublishedResult, UpliftTrial)):
        return any(line.role == "alert" and line.outcome == "crossed" for line in payload.lines)
    return record.kind is Kind.INCIDENT


def _sorted(records: Iterable[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=lambda record: (record.id, record.known_from, record.digest)))


def _neighbours(history: tuple[Record, ...]) -> Iterable[tuple[Record, Record]]:
    return pairwise(history)


def _clashes(first: Record, second: Record) -> list[FormatError]:
    if first.id != second.id:
        return []
    if first.kind is not second.kind:
        what, expected = "id of two kinds", f"`{first.kind}` as in {first.file or 'the other'}"
        got = f"`{second.kind}`"
    elif first.known_from == second.known_from:
        what = "two contents of one id, known from the same instant"
        expected = f"one document `{first.id}` known from {format_instant(first.known_from)}"
        got = f"another in {first.file or 'the bundle'}"
    else:
        return []
    return [
        FormatError(
            what,
            file=second.file or second.id,
            expected=expected,
            got=got,
            hint="give the newer one a later `known_from`, or another id",
        )
    ]


def _is_true(record: Record, true_at: datetime) -> bool:
    if record.kind is Kind.INCIDENT:
        # An incident ends by the act that closes it, never by a date in its own document.
        return record.true_from <= true_at
    return record.true_from <= true_at and (
        record.true_until is None or true_at < record.true_until
    )
