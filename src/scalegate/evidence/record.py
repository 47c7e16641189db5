"""A record: one validated document, and its canonical form.

1. The canonical form leaves out every field that has its default, writes instants in UTC, and
   keeps each exact number as it was written, decimals printed included: `{"number": "2.50"}`.
2. Two documents are the same record if their canonical forms are the same bytes (RFC 8785),
   whatever their layout, comments or format (YAML, JSON).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from scalegate.base.canonical import canonical_bytes, sha256_hex
from scalegate.base.instants import format_instant
from scalegate.evidence.documents.envelope import Source
from scalegate.evidence.documents.fields import Part
from scalegate.evidence.documents.results import HorizonRun
from scalegate.evidence.model import Kind

Payload = TypeVar("Payload", bound=Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One evidence document, validated: envelope, payload, digests."""

    kind: Kind
    """What sort of document it is."""
    id: str
    """Its name; a later version has the same name and a later `known_from`."""
    subject: str
    """What it is about, with its kind: `model:claude-opus-4`."""
    true_from: datetime
    """From when it is so in the world (UTC)."""
    true_until: datetime | None
    """Until when, where it ended (UTC)."""
    known_from: datetime
    """From when it was known (UTC)."""
    source: Source
    """Where it stands and how it was read."""
    note: str | None
    """What else to know."""
    payload: Part
    """The validated payload; `payload_as` gives it with its type."""
    digest: str
    """SHA-256 of the canonical form: the same content has the same digest in YAML and JSON."""
    bytes_sha256: str
    """SHA-256 of the text as it was read."""
    file: str | None = None
    """The file it was read from, for messages; not part of its content."""
    attached: tuple[HorizonRun, ...] = ()
    """Runs read from the file that a horizon document names by digest."""

    def payload_as(self, model: type[Payload]) -> Payload:
        """Return the payload as one model.

        Raises:
            TypeError: the record is of another kind; a caller's bug.
        """
        if not isinstance(self.payload, model):
            raise TypeError(f"a `{self.kind}` has no payload `{model.__name__}`")
        return self.payload

    def to_mapping(self) -> dict[str, Any]:
        """Return the document as plain data; reading it again gives the same record.

        Numbers are `int` or `Decimal`, instants RFC 3339 text, absent fields left out.
        """
        envelope = {
            "schema": self.kind.schema,
            "id": self.id,
            "subject": self.subject,
            "true_from": format_instant(self.true_from),
            "true_until": format_instant(self.true_until) if self.true_until else None,
            "known_from": format_instant(self.known_from),
            "source": plain_of(self.source),
            "note": self.note,
            "payload": plain_of(self.payload),
        }
        return {key: value for key, value in envelope.items() if value is not None}

    @property
    def canonical(self) -> bytes:
        """The canonical form: the bytes that `digest` is of."""
        return canonical_bytes(_numbers_as_written(self.to_mapping()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def plain_of(part: Part) -> dict[str, Any]:
    """Return a part of a document as plain data, without fields that have their default."""
    plain: dict[str, Any] = _plain(part.model_dump(by_alias=True, exclude_defaults=True))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    return value


def canonical_digest(mapping: dict[str, Any]) -> str:
    """Return the digest of a document given as plain data (rule 2 of the module)."""
    return sha256_hex(canonical_bytes(_numbers_as_written(mapping)))


def _numbers_as_written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers_as_written(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_numbers_as_written(entry) for entry in value]
    if isinstance(value, Decimal):
        return {"number": str(value)}
    return value
