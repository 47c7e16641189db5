"""Write small Inspect logs by hand, right or wrong in any place."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

STORED, DEFLATE, ZSTD = 0, 8, 93


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One zip member; what is set here is written, true or not."""

    name: str
    content: bytes
    method: int = DEFLATE
    packed: bytes | None = None
    size: int | None = None
    crc: int | None = None
    flag: int = 0x800
    offset: int | None = None
    is_zip64: bool = False


def pack(content: bytes, method: int) -> bytes:
    if method == DEFLATE:
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(content) + packer.flush()
    return zstandard.ZstdCompressor().compress(content) if method == ZSTD else content


def write_zip(path: Path, entries: Iterable[Entry]) -> Path:
    """Write an archive with zip64 sizes where an entry asks for them."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        count += 1
        packed = pack(entry.content, entry.method) if entry.packed is None else entry.packed
        size = len(entry.content) if entry.size is None else entry.size
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        raw, offset = entry.name.encode("utf-8", "surrogateescape"), len(body)
        place = offset if entry.offset is None else entry.offset
        head = (entry.flag, entry.method, 0, 33, crc)
        body += struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, *head, len(packed), size & 0xFFFFFFFF, len(raw), 0
        )
        body += raw + packed
        extra, sizes = b"", (len(packed), size, place)
        if entry.is_zip64:
            extra = struct.pack("<2H3Q", 1, 24, size, len(packed), place)
            sizes = (0xFFFFFFFF,) * 3
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, *head, *sizes[:2], len(raw), len(extra),
            0, 0, 0, 0, sizes[2],
        )  # fmt: skip
        directory += raw + extra
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(bytes(body + directory) + end)
    return path


def sample(item: Any = 1, epoch: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": item, "epoch": epoch, "input": "question", "target": "answer",
        "output": {"model": "m-1", "choices": [{"stop_reason": "stop"}]},
        "scores": {"match": {"value": "C"}}, "uuid": f"u{item}-{epoch}", **fields,
    }  # fmt: skip


def header(**fields: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "version": 2,
        "status": "success",
        "eval": {
            "task": "task", "model": "lab/m-1", "created": "2026-01-02T03:04:05+00:00",
            "dataset": {"samples": 1, "sample_ids": [1]}, "config": {"epochs": 1},
        },
        "stats": {
            "started_at": "2026-01-02T03:04:05+00:00",
            "completed_at": "2026-01-02T03:05:05+00:00",
        },
    }  # fmt: skip
    return {**document, **fields}


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def eval_entries(
    samples: Iterable[dict[str, Any]], *, method: int = DEFLATE, **fields: Any
) -> list[Entry]:
    """Return the members of a finished log."""
    found = list(samples)
    entries = [
        Entry(
            name=f"samples/{entry['id']}_epoch_{entry['epoch']}.json",
            content=dump(entry),
            method=method,
        )
        for entry in found
    ]
    summaries = [
        {
            "id": entry["id"], "epoch": entry["epoch"], "scores": entry.get("scores"),
            "error": (entry.get("error") or {}).get("message"),
            "limit": (entry.get("limit") or {}).get("type"),
        }
        for entry in found
    ]  # fmt: skip
    top = header(**fields)
    start = {key: top[key] for key in ("version", "eval")}
    return [
        Entry(name="_journal/start.json", content=dump(start), method=method),
        *entries,
        Entry(name="_journal/summaries/1.json", content=dump(summaries), method=method),
        Entry(name="summaries.json", content=dump(summaries), method=method),
        Entry(name="header.json", content=dump(top), method=method),
    ]


def write_log(path: Path, *samples: dict[str, Any], method: int = DEFLATE, **fields: Any) -> Path:
    """Write a finished log of these samples."""
    return write_zip(path, eval_entries(samples, method=method, **fields))
