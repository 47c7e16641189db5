"""Spoil real logs at random: their bytes, their archive, or the JSON inside.

Everything derives from one `random.Random`, so a seed names a mutant exactly.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tests.contract.eval_files import DEFLATE, STORED, ZSTD, Entry, write_zip

LOGS = Path(__file__).parents[1] / "data/inspect-logs"
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(10**30), 1e308, -0.0, float("nan"),
    float("inf"), float("-inf"), "", "C", "nan", "NaN", "9" * 400, "\x00", "\x1b[2J", "\ud800",
    "../../x", "x" * 70_000, [], {}, [[]], [None], {"value": None}, {"": ""}, {"a": {"b": [1]}},
)  # fmt: skip


@cache
def originals() -> tuple[tuple[str, bytes], ...]:
    """Return the real logs that are small enough to be spoiled many times a second."""
    paths = sorted([*LOGS.glob("*.eval"), *LOGS.glob("*.json")])
    small = [path for path in paths if path.stat().st_size < 70_000]
    return tuple((path.name, path.read_bytes()) for path in small)


def mutant(source: random.Random, scratch: Path) -> bytes:
    """Return a spoiled log."""
    name, content = source.choice(originals())
    if source.random() < 0.4:
        return spoil_bytes(content, source)
    if name.endswith(".json"):
        return _dump(spoil_json(json.loads(content), source))
    return spoil_archive(content, source, scratch)


def spoil_bytes(content: bytes, source: random.Random) -> bytes:
    """Flip, cut, double, drop or mix bytes, one to four times."""
    found = bytearray(content)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(found) + 1)
        length = source.choice((1, 2, 4, 8, 64, 4096))
        kind = source.randrange(6)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << source.randrange(8)
        elif kind == 1:
            del found[at : at + length]
        elif kind == 2:
            found[at:at] = found[at : at + length]
        elif kind == 3:
            found[at:at] = source.randbytes(length)
        elif kind == 4:
            del found[at:]
        else:
            _, other = source.choice(originals())
            begin = source.randrange(len(other))
            found[at : at + length] = other[begin : begin + length]
    return bytes(found)


def spoil_archive(content: bytes, source: random.Random, scratch: Path) -> bytes:
    """Write the members again with one of them spoiled, renamed, doubled, lost or lying."""
    with ZipFile(BytesIO(content)) as archive:
        method = source.choice((STORED, DEFLATE, ZSTD))
        entries = [
            Entry(name=name, content=archive.read(name), method=method)
            for name in archive.namelist()
        ]
    for _ in range(source.randint(1, 3)):
        if entries:
            at = source.randrange(len(entries))
            entries[at : at + 1] = source.choice(_ENTRY_CHANGES)(entries[at], source)
    return write_zip(scratch / "mutant.eval", entries).read_bytes()


def _changed(entry: Entry, **changes: Any) -> Entry:
    fields = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return Entry(**{**fields, **changes})


def _with_json(entry: Entry, source: random.Random) -> list[Entry]:
    try:
        document = json.loads(entry.content)
    except ValueError:
        return [entry]
    return [_changed(entry, content=_dump(spoil_json(document, source)))]


def _with_bytes(entry: Entry, source: random.Random) -> list[Entry]:
    return [_changed(entry, content=spoil_bytes(entry.content, source))]


def _renamed(entry: Entry, source: random.Random) -> list[Entry]:
    names = (
        "../x.json",
        "/abs",
        "",
        "samples/.json",
        "samples/a_epoch_1/sample.json",
        "header.json",
        "summaries.json",
        "_journal/summaries/x.json",
        "samples/\udcfe.json",
    )
    return [_changed(entry, name=source.choice(names))]


def _doubled(entry: Entry, source: random.Random) -> list[Entry]:
    return [entry, *_with_json(entry, source)]


def _lost(_entry: Entry, _source: random.Random) -> list[Entry]:
    return []


def _lying(entry: Entry, source: random.Random) -> list[Entry]:
    size = source.choice((0, 1, len(entry.content) + 1, 10**6, 2**31, 2**32 - 2))
    lies: tuple[dict[str, Any], ...] = (
        {"size": size}, {"crc": source.randrange(2**32)}, {"flag": source.randrange(2**16)},
        {"method": source.choice((0, 1, 8, 12, 14, 93, 99))}, {"packed": source.randbytes(40)},
        {"offset": source.choice((0, 1, 10**6, 2**32 - 2))},
        {"is_zip64": True, "size": source.choice((0, 2**40, 2**63))},
    )  # fmt: skip
    return [_changed(entry, **source.choice(lies))]


_ENTRY_CHANGES: tuple[Callable[[Entry, random.Random], list[Entry]], ...] = (
    _with_json, _with_json, _with_json, _with_bytes, _renamed, _doubled, _lost, _lying,
)  # fmt: skip


def spoil_json(document: Any, source: random.Random) -> Any:
    """Change one to three values somewhere in a document."""
    for _ in range(source.randint(1, 3)):
        document = _spoil_once(document, source)
    return document


def _spoil_once(value: Any, source: random.Random) -> Any:
    """Walk down at random; at the end put something odd, drop an entry, or double one."""
    if isinstance(value, dict) and value and source.random() < 0.9:
        key = source.choice(list(value))
        kind = source.random()
        if kind < 0.1:
            return {name: entry for name, entry in value.items() if name != key}
        if kind < 0.15:
            return {**value, f"{key}x": value[key]}
        return {**value, key: _spoil_once(value[key], source)}
    if isinstance(value, list) and value and source.random() < 0.9:
        at = source.randrange(len(value))
        if source.random() < 0.15:
            return [*value, value[at]]
        return [*value[:at], _spoil_once(value[at], source), *value[at + 1 :]]
    return source.choice(_ODD)


def _dump(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")
