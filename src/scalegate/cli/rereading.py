"""What `verify --logs` does and shows: tables of samples, held against the logs they came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scalegate.app.record.arguing import Argument
    from scalegate.app.record.rereading import TableSeen
    from scalegate.evidence.eval_log import EvalLog

LogsOption = Annotated[
    Path | None,
    typer.Option(
        "--logs",
        metavar="FOLDER",
        help="Read the logs in here again, and compare the tables of samples with them.",
    ),
]
NO_LOGS = "that a table of samples is that of its log: give the logs with --logs"


class _Shelf:
    """The files below a folder, by their digests; nothing is followed out of it."""

    def __init__(self, folder: Path) -> None:
        from scalegate.base.errors import UsageError
        from scalegate.wiring import evidence_reader

        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder", hint="--logs names one with logs in it")
        self._reader = evidence_reader()
        files = (path for path in sorted(folder.rglob("*")) if not path.is_symlink())
        self._paths = {self._reader.measure(path)[0]: path for path in files if path.is_file()}

    def read(self, digest: str, metadata_keys: tuple[str, ...]) -> EvalLog | None:
        """Return the log of a digest, if it is here."""
        path = self._paths.get(digest)
        if path is None:
            return None
        return self._reader.read_log(path, digest=digest, metadata_keys=metadata_keys)


def reread(found: Argument, logs: Path | None) -> tuple[TableSeen, ...] | None:
    """Return what came of comparing each table; None where no logs are given.

    Raises:
        UsageError: there is no such folder, or the bundle carries no tables.
        Refused: a table is not that of its log.
        FormatError: a log cannot be read.
    """
    if logs is None:
        return None
    from scalegate.app.record.rereading import compare_tables
    from scalegate.base.errors import UsageError

    if found.material is None:
        raise UsageError(
            "the bundle carries no tables to compare with logs",
            hint="ask for one made with `bundle --workspace`",
        )
    stated = [each.statement for _, each in found.report.vouched]
    return compare_tables(found.material, stated, _Shelf(logs).read)


def unread(found: Argument, seen: tuple[TableSeen, ...] | None) -> tuple[str, ...]:
    """Return what is not checked of tables."""
    from scalegate.app.record.material import Part

    if found.material is None or not found.material.count(Part.TABLE):
        return ()
    is_whole = seen is not None and not any(each.missing for each in seen)
    return () if is_whole else (NO_LOGS,)


def tables_data(seen: Iterable[TableSeen] | None) -> list[dict[str, Any]] | None:
    """Return the comparison as plain data."""
    if seen is None:
        return None
    return [
        {
            "log": each.log,
            "table": each.table,
            "samples": each.samples,
            "missing": each.missing,
            "is_other_version": each.is_other_version,
        }
        for each in seen
    ]


def show_tables(seen: tuple[TableSeen, ...] | None) -> None:
    """Write the comparison as a step of the argument."""
    from scalegate.cli.screen import line

    if seen is None:
        return
    count = sum(not each.missing for each in seen)
    line(f"10. tables of samples: {count} of {len(seen)} read again from their logs, and the same")
    for each in seen:
        said = f"{each.samples} samples, the same"
        if each.is_other_version:
            said = f"{said}; written by another version of this program"
        line(f"log {each.log[:16]}: {each.missing or said}", indent=3)
