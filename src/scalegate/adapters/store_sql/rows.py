"""Rows of the store, and the chain that ties each to the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from scalegate.base.errors import TrustError, UsageError
from scalegate.ports import Attachment, EvidenceItem

FORMAT = 1
"""The layout of the tables; another number is refused."""
GENESIS = hashlib.sha256(b"scalegate/store@1").hexdigest()
RESTORE = "restore the workspace from a copy"

TABLES = sa.MetaData()
EVIDENCE = sa.Table(
    "evidence",
    TABLES,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("content_digest", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("id", sa.String(200), nullable=False),
    sa.Column("subject", sa.String(500), nullable=False),
    sa.Column("true_from", sa.String(27), nullable=False),
    sa.Column("true_until", sa.String(27), nullable=False),
    sa.Column("known_from", sa.String(27), nullable=False),
    sa.Column("recorded_at", sa.String(27), nullable=False),
    sa.Column("source_name", sa.Text, nullable=False),
    sa.Column("extension", sa.String(10), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("attachments", sa.Text, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False),
    sa.UniqueConstraint("id", "known_from"),
)
STATE = sa.Table(
    "workspace_state",
    TABLES,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("format", sa.Integer, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("chain", sa.String(64), nullable=False),
)
_CHAINED = tuple(column.name for column in EVIDENCE.columns if column.name != "chain")


def _instant_text(value: datetime | None) -> str:
    """Write an instant in a fixed width, so that text order is the order of time."""
    if value is None:
        return ""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _to_row(item: EvidenceItem, *, seq: int, before: str) -> dict[str, Any]:
    attachments = [[each.name, each.digest, each.size_bytes] for each in item.attachments]
    row: dict[str, Any] = {
        "seq": seq,
        "digest": item.digest,
        "content_digest": item.content_digest,
        "kind": item.kind,
        "id": item.id,
        "subject": item.subject,
        "true_from": _instant_text(item.true_from),
        "true_until": _instant_text(item.true_until),
        "known_from": _instant_text(item.known_from),
        "recorded_at": _instant_text(item.recorded_at),
        "source_name": item.source_name,
        "extension": item.extension,
        "size_bytes": item.size_bytes,
        "attachments": json.dumps(attachments),
    }
    row["chain"] = _chained(before, [row[name] for name in _CHAINED])
    return row


def _chained(before: str, fields: list[Any]) -> str:
    return hashlib.sha256(json.dumps([before, *fields]).encode("ascii")).hexdigest()


def _from_row(row: Any) -> EvidenceItem:
    until = row.true_until
    return EvidenceItem(
        digest=row.digest,
        content_digest=row.content_digest,
        kind=row.kind,
        id=row.id,
        subject=row.subject,
        true_from=datetime.fromisoformat(row.true_from),
        true_until=datetime.fromisoformat(until) if until else None,
        known_from=datetime.fromisoformat(row.known_from),
        recorded_at=datetime.fromisoformat(row.recorded_at),
        source_name=row.source_name,
        extension=row.extension,
        size_bytes=row.size_bytes,
        attachments=tuple(
            Attachment(name=name, digest=digest, size_bytes=size)
            for name, digest, size in json.loads(row.attachments)
        ),
    )


def rows_of(connection: sa.Connection) -> tuple[EvidenceItem, ...]:
    """Read all records in order, and walk their chain.

    Raises:
        TrustError: a record was altered, added or lost.
        UsageError: the tables have another layout.
    """
    state = state_of(connection)
    before = GENESIS
    items: list[EvidenceItem] = []
    for seq, row in enumerate(connection.execute(EVIDENCE.select().order_by(EVIDENCE.c.seq)), 1):
        fields = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for the mapping of a row
        before = _chained(before, [fields[name] for name in _CHAINED])
        if row.seq != seq or row.chain != before:
            raise TrustError(f"record {seq} of the workspace was altered, added or lost; {RESTORE}")
        items.append(_from_row(row))
    if (state.count, state.chain) != (len(items), before):
        raise TrustError(
            f"the workspace has lost or gained records; expected {state.count};"
            f" got {len(items)}; {RESTORE}"
        )
    return tuple(items)


def state_of(connection: sa.Connection) -> Any:
    """Read the one row that says how many records there are, and the head of their chain.

    Raises:
        TrustError: the tables or the row are missing.
        UsageError: the tables have another layout.
    """
    if not sa.inspect(connection).has_table(STATE.name):
        raise TrustError(f"the workspace's database is empty or not a workspace's; {RESTORE}")
    row = connection.execute(STATE.select()).one_or_none()
    if row is None:
        raise TrustError(f"the workspace's database has lost its state; {RESTORE}")
    if row.format != FORMAT:
        raise UsageError(
            f"the workspace has storage format {row.format}; expected {FORMAT}",
            hint="open it with the version of Scalegate that made it",
        )
    return row


def append_rows(
    connection: sa.Connection, known: Sequence[EvidenceItem], new: Sequence[EvidenceItem]
) -> None:
    """Add records after the known ones, and move the head of the chain."""
    seq, before = len(known), state_of(connection).chain
    rows = []
    for item in new:
        seq += 1
        rows.append(_to_row(item, seq=seq, before=before))
        before = rows[-1]["chain"]
    connection.execute(EVIDENCE.insert(), rows)
    connection.execute(STATE.update().values(count=seq, chain=before))
