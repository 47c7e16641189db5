"""Hold the tables of samples in a bundle against the logs that they were taken from.

1. A signed decision names, for each log by its digest, the table of its samples by its own. Whoever
   has the log reads it again, and writes its table: the same bytes, or it is refused.
2. A difference is named: the sample by its id and epoch, the column, what the log has and what the
   table has. A sample that one of them lacks is named, too.
3. A table by another version of the program may have other bytes, and still say the same of every
   sample, of the header and of the flags: that is said, and is no difference.
4. A log that is not at hand, and a table that is withheld, is listed as not compared.

Does not check: that the log is the one that was run, or that it was not edited before it was first
recorded; its digest is what the decision signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from scalegate.app.record.material import Material, named_by, tables_in
from scalegate.base.plain_text import plain
from scalegate.ledger.faults import Refused
from scalegate.ledger.statements import Statement

if TYPE_CHECKING:
    from scalegate.evidence.eval_log import EvalLog

ReadLog = Callable[[str, tuple[str, ...]], "EvalLog | None"]
"""Gives the log of a digest with these metadata fields; nothing where it is not at hand."""
SHOWN = 3
"""So many differences of one log are named; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSeen:
    """A table of samples, and what came of comparing it."""

    log: str
    """SHA-256 of the log."""
    table: str
    """SHA-256 of the table."""
    samples: int = 0
    """How many samples were compared."""
    missing: str = ""
    """Why it was not compared; empty where it is that of its log."""
    is_other_version: bool = False
    """Whether another version of the program wrote it (rule 3)."""


def compare_tables(
    material: Material, decisions: Iterable[Statement], read: ReadLog
) -> tuple[TableSeen, ...]:
    """Return every table that decisions name, sorted by log, each held against its log.

    Args:
        material: what the bundle carries.
        decisions: verified statements of decisions.
        read: reads the logs.

    Raises:
        Refused: a table is not that of its log (rule 2).
        FormatError: a table or a log cannot be read by this version.
        OutsideError: a log cannot be read.
    """
    named: dict[tuple[str, str], None] = {}
    for stated in decisions:
        found = named_by(stated)
        listed = tables_in(material.content.get(found.tables)) if found and found.tables else {}
        named |= dict.fromkeys(listed.items())
    return tuple(_seen(log, table, material.content, read) for log, table in sorted(named))


def _seen(log: str, table: str, content: Mapping[str, bytes], read: ReadLog) -> TableSeen:
    from scalegate.base.canonical import sha256_hex
    from scalegate.evidence.sample_table import read_table, table_bytes

    if table not in content:
        return TableSeen(log=log, table=table, missing="the table is withheld")
    said = read_table(content[table], log_sha256=log)
    own = read(log, tuple(column.name for column in said.samples.metadata))
    if own is None:
        return TableSeen(log=log, table=table, missing="the log is not at hand")
    written = table_bytes(own)
    is_same = sha256_hex(written) == table
    if not is_same:
        _compare(read_table(written, log_sha256=log), said, log)
    return TableSeen(log=log, table=table, samples=len(said.samples), is_other_version=not is_same)


def _compare(own: EvalLog, said: EvalLog, log: str) -> None:
    """Refuse two tables that say something else, naming the first differences (rules 2 and 3)."""
    found = [*_in_samples(own, said), *_in_fields(own, said)]
    if not found:
        return
    where, expected, got = found[0]
    more = [f"{place}: the log has {ours}, the table {theirs}" for place, ours, theirs in found[1:]]
    rest = f"; and {'; '.join(more[: SHOWN - 1])}" if more else ""
    left = len(found) - SHOWN
    raise Refused(
        "table of samples is not that of its log",
        where=f"log {log[:16]}, {where}",
        expected=expected,
        got=f"{got}{rest}{f'; and {left} more differences' if left > 0 else ''}",
    )


def _in_samples(own: EvalLog, said: EvalLog) -> Iterator[tuple[str, str, str]]:
    ours, theirs = _rows(own), _rows(said)
    loose = {"place"} if ours.keys() != theirs.keys() else set()
    for name in sorted(ours.keys() - theirs.keys()):
        yield _name(name), "this sample", "no such sample in the table"
    for name in sorted(theirs.keys() - ours.keys()):
        yield _name(name), "no such sample", "a sample that the log has not"
    for name in ours:
        for column in sorted((ours[name].keys() | theirs.get(name, ours[name]).keys()) - loose):
            left = ours[name].get(column)
            right = theirs.get(name, ours[name]).get(column)
            if left != right:
                yield f"{_name(name)}, {plain(column, limit=80)}", _value(left), _value(right)


def _rows(log: EvalLog) -> dict[tuple[str, int, int], dict[str, Any]]:
    """Return the columns of each sample, by id, epoch and how often these stood before."""
    from scalegate.evidence.sample_table import columns_of

    columns = list(columns_of(log.samples))
    seen: dict[tuple[str, int], int] = {}
    rows: dict[tuple[str, int, int], dict[str, Any]] = {}
    for at, key in enumerate(zip(log.samples.ids, log.samples.epochs, strict=True)):
        seen[key] = seen.get(key, 0) + 1
        rows[*key, seen[key]] = {"place": at} | {name: column[at] for name, column in columns}
    return rows


def _name(name: tuple[str, int, int]) -> str:
    again = f", the {name[2]}th of that name" if name[2] > 1 else ""
    return f"sample `{plain(name[0], limit=80)}`, epoch {name[1]}{again}"


def _in_fields(own: EvalLog, said: EvalLog) -> Iterator[tuple[str, str, str]]:
    quiet = replace(own.header, error="")
    for field in fields(quiet):
        left, right = getattr(quiet, field.name), getattr(said.header, field.name)
        if left != right:
            yield f"header, {field.name}", _value(left), _value(right)
    for name in ("flags", "byte_size"):
        left, right = getattr(own, name), getattr(said, name)
        if left != right:
            yield name, _value(left), _value(right)
    if own.samples.detail != said.samples.detail:
        yield "detail", _value(own.samples.detail), _value(said.samples.detail)


def _value(value: Any) -> str:
    return f"`{plain(str(value), limit=60)}`"
