"""What a witness has seen, in one SQLite table: the origin, the size, the root."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from scalegate.base.errors import OutsideError
from scalegate.ports import SeenHead

_TABLE = """
CREATE TABLE IF NOT EXISTS seen (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL
) STRICT
"""


class SqliteWitnessStore:
    """Keeps the promises of `ports.WitnessStore` in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as connection:
            connection.execute(_TABLE)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as found:
                found.execute("PRAGMA synchronous=FULL")
                yield found
        except sqlite3.Error as cause:
            raise OutsideError(f"the witness's table cannot be used: {cause}") from cause

    def seen(self, origin: str) -> SeenHead | None:
        """Return what was last cosigned for a log, or nothing.

        Raises:
            OutsideError: it cannot be read.
        """
        with self._open() as connection:
            return _seen(connection, origin)

    def swap(self, origin: str, old: SeenHead | None, new: SeenHead) -> bool:
        """Store `new` if `old` is what is stored; tell whether it was.

        Raises:
            OutsideError: it cannot be written.
        """
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if _seen(connection, origin) != old:
                connection.execute("ROLLBACK")
                return False
            connection.execute(
                "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE"
                " SET size = excluded.size, root = excluded.root",
                (origin, new.size, new.root),
            )
            connection.execute("COMMIT")
            return True


def _seen(connection: sqlite3.Connection, origin: str) -> SeenHead | None:
    row = connection.execute("SELECT size, root FROM seen WHERE origin = ?", (origin,)).fetchone()
    return SeenHead(size=row[0], root=row[1]) if row else None
