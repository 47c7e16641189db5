"""The table of samples of a log, as bytes: all that a decision reads of it, and no more.

1. It is the log as `eval_log` holds it, in JSON, fields in the order of that module, without the
   messages of errors. No prompt and no answer is in it.
2. A table that another version wrote is read too: a field that it lacks has its default, one that
   this version does not know is passed over. No key stands twice, so nothing can be read two ways.
3. Columns are of one length, numbers are finite and below 2**53, instants have a zone.

That a table is that of its log is not checked here: whoever has the log reads it again
(`app.record.rereading`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import FormatError
from scalegate.evidence.eval_log import EvalLog, SampleTable

_MOST = 1 << 53
_LOOSE = frozenset({"detail", "scores", "metadata", "error_texts"})
_SCHEMA = b'{"schema":"scalegate/sample-table@1","log":'


def table_bytes(log: EvalLog) -> bytes:
    """Write the table of a log (rule 1)."""
    import msgspec

    quiet = replace(
        log, header=replace(log.header, error=""), samples=replace(log.samples, error_texts=())
    )
    return _SCHEMA + msgspec.json.encode(quiet) + b"}"


def read_table(content: bytes, *, log_sha256: str) -> EvalLog:
    """Read the table of the log whose file has this digest.

    Raises:
        FormatError: it is no table, or of another log.
    """
    import msgspec

    name = f"table {sha256_hex(content)[:16]}"
    if not content.startswith(_SCHEMA) or not content.endswith(b"}"):
        raise FormatError("not a table of samples", file=name, expected="scalegate/sample-table@1")
    try:
        log = msgspec.json.decode(content[len(_SCHEMA) : -1], type=EvalLog)
        json.loads(content, object_pairs_hook=_once)
    except (ValueError, msgspec.DecodeError, RecursionError) as cause:
        raise FormatError("not a table of samples", file=name, got=f"`{cause}`"[:160]) from cause
    if log.digest_sha256 != log_sha256:
        raise FormatError("table is of another log", file=name, expected=log_sha256)
    _check(log, name)
    return log


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")


def _check(log: EvalLog, name: str) -> None:
    count = len(log.samples.ids)
    for what, column in columns_of(log.samples):
        if len(column) != count:
            raise FormatError(
                f"column `{what}` of a table", file=name, expected=f"{count} rows",
                got=str(len(column)),
            )  # fmt: skip
    header = log.header
    if any(
        each is not None and each.tzinfo is None
        for each in (header.created_at, header.started_at, header.completed_at)
    ):
        raise FormatError("instant without a zone in a table", file=name)
    if any(abs(each) > _MOST for each in _numbers(log)):
        raise FormatError("number in a table is too large", file=name, expected="below 2**53")


def columns_of(samples: SampleTable) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the name and the values of each column that has one for every sample."""
    for field in fields(samples):
        if field.name not in _LOOSE:
            yield field.name, getattr(samples, field.name)
    for score in samples.scores:
        for part in ("values", "unscored", "notes", "edited"):
            yield f"{score.name}.{part}"[:80], getattr(score, part)
    for each in samples.metadata:
        yield each.name[:80], each.values


def _numbers(value: Any) -> Iterator[float]:
    """Yield every number in a value; a table is flat, so this is not deep."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _numbers(each)
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):
            yield from _numbers(getattr(value, field.name))


__all__ = ["columns_of", "read_table", "table_bytes"]
