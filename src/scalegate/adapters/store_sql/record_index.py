"""An index of the record in the workspace's database: what stands where, for questions.

1. One table, `record_entries`, with a row per entry of a log. It can be dropped at any time:
   everything in it comes from the log.
2. A row keeps the leaf and, while it is shown, the envelope. Its other columns repeat what those
   say, for whoever asks the database directly.
3. Nothing here decides whether a row is true: `app.record.asking` proves each answer by the log.
4. A writer takes the workspace's write lock, and adds what is new in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from scalegate.adapters.store_sql.engines import engine_of, in_words, lock_tables
from scalegate.adapters.store_sql.rows import state_of
from scalegate.ports import IndexedEntry

TABLES = sa.MetaData()
ENTRIES = sa.Table(
    "record_entries",
    TABLES,
    sa.Column("log", sa.String(500), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("envelope", sa.String(64), nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary),
)


class SqlRecordIndex:
    """Keeps the promises of `ports.RecordIndex` in a workspace's database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, folder: Path, wait_seconds: float = 10.0) -> SqlRecordIndex:
        """Open the index in a workspace's database, which must exist; make its table if absent.

        Args:
            url: `sqlite:///file` or `postgresql://...`.
            folder: where a relative SQLite path starts.
            wait_seconds: how long a writer waits for another.

        Raises:
            UsageError: the URL names no database that we know.
            TrustError: the database is no workspace's.
            OutsideError: it cannot be reached or written.
        """
        index = cls(engine_of(url, folder, wait_seconds, may_create=False))
        with index._reading() as connection:
            state_of(connection)
            has_table = sa.inspect(connection).has_table(ENTRIES.name)
        if not has_table:
            with index._writing() as connection:
                TABLES.create_all(connection)
        return index

    def entries(self, log: str) -> tuple[IndexedEntry, ...]:
        """Return the rows of a log in the order of `seq`, as they stand.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be read.
        """
        query = ENTRIES.select().where(ENTRIES.c.log == log).order_by(ENTRIES.c.seq)
        with self._reading() as connection:
            return tuple(_from_row(row) for row in connection.execute(query))

    def add(self, log: str, entries: Sequence[IndexedEntry]) -> None:
        """Add rows; one that is there already, by its place, is left as it is.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be written.
        """
        places = sa.select(ENTRIES.c.seq).where(ENTRIES.c.log == log)
        with self._writing() as connection:
            there = set(connection.execute(places).scalars())
            rows = [_to_row(log, each) for each in entries if each.seq not in there]
            if rows:
                connection.execute(ENTRIES.insert(), rows)

    def replace(self, log: str, entries: Sequence[IndexedEntry]) -> None:
        """Put rows in the place of those that have their places.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be written.
        """
        with self._writing() as connection:
            for each in entries:
                chosen = (ENTRIES.c.log == log) & (ENTRIES.c.seq == each.seq)
                connection.execute(ENTRIES.update().where(chosen).values(_to_row(log, each)))

    def clear(self, log: str) -> None:
        """Drop all rows of a log.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be written.
        """
        with self._writing() as connection:
            connection.execute(ENTRIES.delete().where(ENTRIES.c.log == log))

    def close(self) -> None:
        """Let go of connections."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with in_words(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with in_words(), self._engine.connect() as plain_connection:
            connection = plain_connection.execution_options(scalegate_writes=True)
            with connection.begin():
                if self._engine.dialect.name == "postgresql":
                    lock_tables(connection, has_tables=True)
                yield connection


def _to_row(log: str, entry: IndexedEntry) -> dict[str, object]:
    return {
        "log": log,
        "seq": entry.seq,
        "envelope": entry.envelope,
        "type": entry.type,
        "about": json.dumps(list(entry.about)),
        "leaf": entry.leaf,
        "content": entry.content,
    }


def _from_row(row: sa.Row[tuple[object, ...]]) -> IndexedEntry:
    try:
        about = json.loads(row.about)
    except ValueError:
        about = []
    return IndexedEntry(
        seq=row.seq,
        envelope=row.envelope,
        type=row.type,
        about=tuple(str(each) for each in about) if isinstance(about, list) else (),
        leaf=bytes(row.leaf),
        content=None if row.content is None else bytes(row.content),
    )
