"""Engines for the two databases, and their errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool, StaticPool

from scalegate.adapters.store_sql.rows import RESTORE, STATE
from scalegate.base.errors import OutsideError, ScalegateError, TrustError, UsageError
from scalegate.base.plain_text import plain


def engine_of(text: str, folder: Path, wait_seconds: float, *, may_create: bool) -> sa.Engine:
    """Return an engine for a URL; a relative SQLite path starts at `folder`.

    A writer waits `wait_seconds` for another.

    Raises:
        UsageError: the URL cannot be read, or names no database that this store knows.
    """
    try:
        url = sa.make_url(text)
    except SQLAlchemyError as cause:
        raise UsageError(
            "the store's URL cannot be read",
            hint="expected `sqlite:///workspace.sqlite` or `postgresql://host/name`",
        ) from cause
    if url.drivername == "sqlite":
        is_memory = url.database in {None, "", ":memory:"}
        file = None if is_memory else (folder / str(url.database)).absolute()
        return _sqlite_engine(file, wait_seconds, may_create=may_create)
    if url.drivername in {"postgresql", "postgresql+psycopg"}:
        return _postgresql_engine(url, wait_seconds)
    raise UsageError(
        f"unknown database `{plain(url.drivername)}`", hint="expected `sqlite` or `postgresql`"
    )


def _sqlite_engine(file: Path | None, wait_seconds: float, *, may_create: bool) -> sa.Engine:
    if file is None:
        engine = sa.create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        mode = "rwc" if may_create else "rw"
        address = f"file:{quote(file.as_posix())}?mode={mode}"

        def connected() -> sqlite3.Connection:
            return sqlite3.connect(address, uri=True, timeout=wait_seconds, check_same_thread=False)

        engine = sa.create_engine("sqlite://", creator=connected, poolclass=NullPool)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions start late and never as writers: we say BEGIN ourselves.
    connection.isolation_level = None
    for setting in ("synchronous=EXTRA", "trusted_schema=OFF", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("scalegate_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: sa.URL, wait_seconds: float) -> sa.Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = sa.create_engine(
            url,
            poolclass=NullPool,
            connect_args={"connect_timeout": max(2, round(wait_seconds))},
        )
    except ImportError as cause:
        raise UsageError(
            "PostgreSQL needs a driver that is not installed",
            hint="install `scalegate[postgres]`",
        ) from cause
    # `SET` takes no parameters; the number is ours.
    milliseconds = round(wait_seconds * 1000)

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")

    sa.event.listen(engine, "begin", begin)
    return engine


def lock_tables(connection: sa.Connection, *, has_tables: bool) -> None:
    """Take the write lock of PostgreSQL, before anything is read."""
    if has_tables:
        connection.execute(sa.text(f"LOCK TABLE {STATE.name} IN EXCLUSIVE MODE"))
    else:
        # There is no table to lock yet: two that create at once take turns by a named lock.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(7224537)"))


@contextmanager
def in_words() -> Iterator[None]:
    """Turn errors of the database into ours."""
    try:
        yield
    except DBAPIError as cause:
        raise _worded(cause.orig or cause) from cause
    except sqlite3.Error as cause:
        raise _worded(cause) from cause
    except UnicodeDecodeError as cause:
        raise TrustError(f"the workspace's database is damaged; {RESTORE}") from cause
    except SQLAlchemyError as cause:
        raise OutsideError(f"the workspace's database failed: {plain(cause)}") from cause


_DAMAGE = ("malformed", "not a database", "disk i/o error", "could not decode", "corrupt")


def _worded(cause: BaseException) -> ScalegateError:
    text = str(cause).strip().lower()
    shown = plain(text)
    if "locked" in text or "lock timeout" in text or "could not serialize" in text:
        return OutsideError(
            "another process is writing to this workspace; try again when it is done"
        )
    if (
        "no such table" in text
        or "no such column" in text
        or ("relation" in text and "does not exist" in text)
    ):
        return TrustError(f"the database is empty or not a workspace's; {RESTORE}")
    if any(word in text for word in _DAMAGE):
        return TrustError(f"the workspace's database is damaged ({shown}); {RESTORE}")
    if "unable to open" in text:
        return OutsideError(
            "the workspace's database cannot be opened; expected the file that `scalegate init`"
            f" made, in a folder that can be written; got `{shown}`"
        )
    if "readonly" in text or "read-only" in text:
        return OutsideError("the workspace is read-only; nothing was recorded")
    if "disk is full" in text or "database or disk is full" in text:
        return OutsideError("the disk is full; nothing was recorded; free some space")
    return OutsideError(f"the workspace's database failed: {shown}")
