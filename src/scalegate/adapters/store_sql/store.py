"""The records of a workspace in a SQL database: an embedded SQLite file, or PostgreSQL by URL.

1. Two tables. `evidence` has a row per item, never updated or deleted; `workspace_state` has one
   row with the format, the number of rows and the head of their chain.
2. Each row's `chain` is the SHA-256 of the row before and of its own fields. Every read walks the
   chain: a changed, lost or added row is a `TrustError`. This catches damage and careless hands;
   somebody who rewrites the whole chain is caught by signatures, which this store does not make.
3. Files are durable before the rows that name them are committed. A process that dies in between
   leaves files that no row names: invisible, and removed by `sweep`.
4. One writer: a write transaction takes the database's write lock first (SQLite: `BEGIN
   IMMEDIATE`; PostgreSQL: a table lock) and waits for a bounded time.
5. SQLite runs with a rollback journal and `synchronous=EXTRA`: the file stands alone between
   transactions, and what was acknowledged survives the loss of power.
6. The database is opened, never created, except by `create`: an empty or missing file is not an
   empty workspace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from scalegate.adapters.store_sql.engines import engine_of, in_words, lock_tables
from scalegate.adapters.store_sql.judge import ATTACHED, Known, file_names, held_back, is_true
from scalegate.adapters.store_sql.rows import (
    FORMAT,
    GENESIS,
    RESTORE,
    STATE,
    TABLES,
    append_rows,
    rows_of,
    state_of,
)
from scalegate.base.errors import OutsideError, ScalegateError, TrustError
from scalegate.base.plain_text import plain
from scalegate.ports import (
    Attachment,
    Clock,
    ContentStore,
    EvidenceItem,
    Offer,
    Outcome,
    Receipt,
    StoreFinding,
    StoreHead,
)


class SqlEvidenceStore:
    """Keeps the promises of `ports.EvidenceStore` in a SQL database and a content store."""

    def __init__(self, engine: sa.Engine, files: ContentStore, clock: Clock) -> None:
        self._engine = engine
        self._files = files
        self._clock = clock
        # One snapshot per read: state and rows must be of the same instant.
        # A transaction of SQLite always is.
        is_sqlite = engine.dialect.name == "sqlite"
        self._read_options = {} if is_sqlite else {"isolation_level": "REPEATABLE READ"}

    @classmethod
    def create(
        cls,
        url: str,
        files: ContentStore,
        clock: Clock,
        *,
        folder: Path,
        wait_seconds: float = 10.0,
    ) -> SqlEvidenceStore:
        """Make the tables where they are absent, and open the store.

        Args:
            url: `sqlite:///file` or `postgresql://...`.
            files: where the bytes are kept.
            clock: dates the records.
            folder: where a relative SQLite path starts.
            wait_seconds: how long a writer waits for another.

        Raises:
            UsageError: the URL names no database that this store knows.
            TrustError: there is a store already, and it is damaged.
            OutsideError: the database cannot be reached or written.
        """
        store = cls(engine_of(url, folder, wait_seconds, may_create=True), files, clock)
        with store._writing(has_tables=False) as connection:
            TABLES.create_all(connection)
            if connection.execute(sa.select(STATE.c.only)).first() is None:
                connection.execute(
                    STATE.insert().values(only=1, format=FORMAT, count=0, chain=GENESIS)
                )
        store.head()
        return store

    @classmethod
    def open(
        cls,
        url: str,
        files: ContentStore,
        clock: Clock,
        *,
        folder: Path,
        wait_seconds: float = 10.0,
    ) -> SqlEvidenceStore:
        """Open a store that exists, after checking that its database is whole.

        Args: as of `create`.

        Raises:
            UsageError: the URL names no database that this store knows.
            TrustError: the database is damaged, empty, or not a workspace's.
            OutsideError: the database cannot be reached.
        """
        store = cls(engine_of(url, folder, wait_seconds, may_create=False), files, clock)
        store._check_database()
        store.head()
        return store

    def add(
        self, offers: Sequence[Offer], *, is_all_or_nothing: bool = False
    ) -> tuple[Receipt, ...]:
        """Record what is in order, in one transaction; one receipt per offer, in their order.

        Raises:
            TrustError: the store is damaged, or a file changed after it was read.
            OutsideError: it cannot be written, or another writer did not finish in time.
        """
        recorded_at = self._clock.now().astimezone(UTC)
        with self._writing() as connection:
            known = Known(rows_of(connection))
            receipts = tuple(
                known.judge(offer, replace(offer.item, recorded_at=recorded_at)) for offer in offers
            )
            if is_all_or_nothing and any(each.outcome is Outcome.REFUSED for each in receipts):
                return tuple(held_back(each) for each in receipts)
            self._keep_files(offers, receipts)
            new = [each.item for each in receipts if each.outcome is Outcome.IMPORTED]
            if new:
                append_rows(connection, known.items, new)
        return receipts

    def _keep_files(self, offers: Sequence[Offer], receipts: Sequence[Receipt]) -> None:
        """Copy the files in; for what is already there too, which mends a lost copy."""
        for offer, receipt in zip(offers, receipts, strict=True):
            item = receipt.item
            is_same_file = item.digest == offer.item.digest
            if receipt.outcome is Outcome.REFUSED or not is_same_file:
                continue
            self._files.put(offer.path, digest=item.digest, extension=item.extension)
            for each in item.attachments:
                if each.name in offer.attached:
                    path = offer.attached[each.name]
                    self._files.put(path, digest=each.digest, extension=ATTACHED)
        self._files.flush()

    def items(
        self,
        *,
        true_at: datetime,
        known_at: datetime,
        kind: str | None = None,
        subject: str | None = None,
    ) -> tuple[EvidenceItem, ...]:
        """Return what was known at `known_at` about the world at `true_at`, ordered by id.

        Raises:
            TrustError: the store is damaged.
            OutsideError: it cannot be read.
        """
        latest: dict[str, EvidenceItem] = {}
        for item in sorted(self.history(), key=lambda each: each.known_from):
            if item.known_from <= known_at:
                latest[item.id] = item
        return tuple(
            item
            for _, item in sorted(latest.items())
            if is_true(item, true_at) and kind in (None, item.kind)
            if subject in (None, item.subject)
        )

    def history(self, evidence_id: str | None = None) -> tuple[EvidenceItem, ...]:
        """Return every record in the order of arrival, superseded ones too; of one id, or all.

        Raises:
            TrustError: the store is damaged.
            OutsideError: it cannot be read.
        """
        with self._reading() as connection:
            rows = rows_of(connection)
        return tuple(item for item in rows if evidence_id in (None, item.id))

    def locate(self, item: EvidenceItem) -> Path:
        """Return the path of an item's file after comparing all its bytes with its digest.

        Raises:
            TrustError: the file is gone or has other bytes.
            OutsideError: it cannot be read.
        """
        return self._files.verified(item.digest, extension=item.extension)

    def locate_attachment(self, attachment: Attachment) -> Path:
        """Return the path of an attachment, compared like `locate`.

        Raises:
            TrustError: the file is gone or has other bytes.
            OutsideError: it cannot be read.
        """
        return self._files.verified(attachment.digest, extension=ATTACHED)

    def head(self) -> StoreHead:
        """Return the state of the records, so that a decision can name what it rests on.

        Raises:
            TrustError: the store is damaged.
            OutsideError: it cannot be read.
        """
        with self._reading() as connection:
            count = len(rows_of(connection))
            return StoreHead(count=count, chain=state_of(connection).chain)

    def check(self) -> tuple[StoreFinding, ...]:
        """Compare every record and every file; return what is wrong instead of raising it."""
        findings: list[StoreFinding] = []
        try:
            self._check_database()
            items = self.history()
        except ScalegateError as fault:
            return (StoreFinding(what=str(fault), is_fault=True),)
        for item in items:
            try:
                self.locate(item)
                for attachment in item.attachments:
                    self.locate_attachment(attachment)
            except ScalegateError as fault:
                findings.append(StoreFinding(what=f"`{item.id}`: {fault}", is_fault=True))
        findings.extend(
            StoreFinding(
                what=f"`{plain(path.name)}` belongs to no record: an interrupted import left it,"
                " or the record was lost; import it again or sweep it away",
                is_fault=False,
            )
            for path in self._files.leftovers(file_names(items))
        )
        return tuple(findings)

    def sweep(self) -> tuple[str, ...]:
        """Remove files that no record names, and return their names.

        Raises:
            TrustError: the records are damaged; then nothing is removed.
            OutsideError: a file cannot be removed.
        """
        removed: list[str] = []
        with self._writing() as connection:
            for path in self._files.leftovers(file_names(rows_of(connection))):
                try:
                    path.unlink()
                except OSError as cause:
                    shown = plain(path.name)
                    raise OutsideError(f"cannot remove `{shown}`: {cause.strerror}") from cause
                removed.append(path.name)
        return tuple(removed)

    def close(self) -> None:
        """Let go of connections."""
        self._engine.dispose()

    def _check_database(self) -> None:
        if self._engine.dialect.name != "sqlite":
            return
        with self._reading() as connection:
            found = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise TrustError(f"the workspace's database is damaged: {plain(found)}; {RESTORE}")

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with in_words(), self._engine.connect() as plain_connection:
            connection = plain_connection.execution_options(**self._read_options)
            with connection.begin():
                yield connection

    @contextmanager
    def _writing(self, *, has_tables: bool = True) -> Iterator[sa.Connection]:
        with in_words(), self._engine.connect() as plain_connection:
            connection = plain_connection.execution_options(scalegate_writes=True)
            with connection.begin():
                if self._engine.dialect.name == "postgresql":
                    lock_tables(connection, has_tables=has_tables)
                yield connection
