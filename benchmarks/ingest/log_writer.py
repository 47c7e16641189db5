"""Write Inspect logs without Inspect: small ones like its own, and large ones from templates.

Writing 80,000 samples through Inspect takes most of an hour. Here a small run of Inspect's mock
model gives one real sample of each kind (plain, cut, filtered, errored); a large log repeats them
with fresh ids, questions, answers and event ids. That the container is right is shown by writing
the small run again with this writer and comparing what Inspect reads from both.
"""

from __future__ import annotations

import json
import random
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import zstandard

_NUMBERED = re.compile(r"@@([QA])(\d{3})@@[qa]{492,592}")
_SHORT_ID = re.compile(r'"([2-9A-HJ-NP-Za-km-z]{22})"')
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_WORDS = tuple(
    "".join(random.Random(seed).choices("etaoinshrdlucmfwypvbgk", k=2 + seed % 9))
    for seed in range(3000)
)
_ZSTD = 93
_KINDS = ("plain", "cut", "filtered", "errored")


class ZipWriter:
    """A zip archive of Zstandard members, zip64 where it has to be."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._entries: list[tuple[bytes, int, int, int, int]] = []
        self._pack = zstandard.ZstdCompressor(level=3).compress

    def add(self, name: str, content: bytes) -> None:
        """Append one member."""
        packed = self._pack(content)
        raw = name.encode()
        crc, offset = zlib.crc32(content), self._file.tell()
        self._file.write(
            struct.pack(
                "<4s5H3L2H",
                b"PK\x03\x04",
                63,
                0x800,
                _ZSTD,
                0,
                33,
                crc,
                len(packed),
                len(content),
                len(raw),
                0,
            )
        )
        self._file.write(raw)
        self._file.write(packed)
        self._entries.append((raw, crc, len(packed), len(content), offset))

    def close(self) -> None:
        """Write the directory and close the file."""
        begin = self._file.tell()
        for raw, crc, packed, size, offset in self._entries:
            self._file.write(
                struct.pack(
                    "<4s6H3L5H2L",
                    b"PK\x01\x02",
                    63,
                    63,
                    0x800,
                    _ZSTD,
                    0,
                    33,
                    crc,
                    packed,
                    size,
                    len(raw),
                    0,
                    0,
                    0,
                    0,
                    0,
                    offset,
                )
            )
            self._file.write(raw)
        end, count = self._file.tell(), len(self._entries)
        if count >= 0xFFFF:
            self._file.write(
                struct.pack(
                    "<4sQ2H2L4Q", b"PK\x06\x06", 44, 63, 63, 0, 0, count, count, end - begin, begin
                )
            )
            self._file.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1))
        short = min(count, 0xFFFF)
        self._file.write(
            struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, short, short, end - begin, begin, 0)
        )
        self._file.close()


class Template:
    """The text of one JSON document with places for a question, an answer, ids and an epoch."""

    def __init__(self, document: dict[str, Any]) -> None:
        marked = json.loads(json.dumps(document))
        marked["id"] = "@@ID@@"
        marked["epoch"] = "@@EPOCH@@"
        _mark_ids(marked)
        text = json.dumps(marked, separators=(",", ":"))
        text = _NUMBERED.sub(r"@@\1\2@@", text)
        text = _SHORT_ID.sub(lambda found: f'"@@{found.group(1)}@@"', text)
        text = text.replace('"@@ID@@"', "@@ID@@").replace('"@@EPOCH@@"', "@@EPOCH@@")
        self._parts = re.split(r"@@(\w+)@@", text)
        self._slots = self._parts[1::2]

    def fill(self, values: dict[str, str], source: random.Random) -> bytes:
        """Return the document with its places filled: given values, fresh text, fresh ids."""
        parts = list(self._parts)
        for index, slot in enumerate(self._slots):
            value = values.get(slot)
            if value is None:
                value = values[slot] = _fresh(slot, source)
            parts[2 * index + 1] = value
        return "".join(parts).encode()


def question(number: int) -> str:
    """Return a place for a question of 600 characters."""
    return f"@@Q{number:03}@@".ljust(600, "q")


def answer(number: int) -> str:
    """Return a place for an answer of 500 characters."""
    return f"@@A{number:03}@@".ljust(500, "a")


def _fresh(slot: str, source: random.Random) -> str:
    if len(slot) == 4 and slot[0] in "QA" and slot[1:].isdigit():
        return prose(source, 600 if slot[0] == "Q" else 500)
    return "".join(source.choices(_LETTERS, k=22))


def _mark_ids(document: dict[str, Any]) -> None:
    """Mark the item id where events repeat it."""
    for event in document.get("events", ()):
        sample = event.get("sample")
        if isinstance(sample, dict) and "id" in sample:
            sample["id"] = "@@ID@@"


def prose(source: random.Random, length: int) -> str:
    """Return words of about that many characters."""
    return " ".join(source.choices(_WORDS, k=length // 6))[:length]


def members_of(path: Path) -> dict[str, bytes]:
    """Read all members of a small log."""
    from zipfile import ZipFile

    import inspect_ai.log  # noqa: F401  # teaches `zipfile` method 93

    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(members: dict[str, bytes], path: Path) -> None:
    """Write the same members with this writer."""
    writer = ZipWriter(path)
    for name, content in members.items():
        writer.add(name, content)
    writer.close()


def kinds_of(samples: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Pick one sample of each kind."""
    found: dict[str, dict[str, Any]] = {}
    for sample in samples:
        choices = sample["output"].get("choices") or [{}]
        stop = choices[0].get("stop_reason")
        kind = {"max_tokens": "cut", "content_filter": "filtered"}.get(stop, "plain")
        found.setdefault("errored" if sample.get("error") else kind, sample)
    return found


class BigLog:
    """Makes logs of any size from the members of one small log."""

    def __init__(self, members: dict[str, bytes]) -> None:
        samples = [json.loads(c) for name, c in members.items() if name.startswith("samples/")]
        summaries = {
            (str(entry["id"]), entry["epoch"]): entry
            for entry in json.loads(members["summaries.json"])
        }
        self._header = json.loads(members["header.json"])
        self._start = json.loads(members["_journal/start.json"])
        chosen = kinds_of(samples)
        self._templates = {
            kind: (Template(sample), Template(summaries[str(sample["id"]), sample["epoch"]]))
            for kind, sample in chosen.items()
        }

    def write(self, path: Path, *, items: int, epochs: int, seed: int = 0) -> None:
        """Write a finished log of `items` x `epochs` samples, kinds mixed."""
        source = random.Random(seed)
        writer = ZipWriter(path)
        ids = list(range(1, items + 1))
        for document in (self._header, self._start):
            document["eval"]["dataset"].update(samples=items, sample_ids=ids)
            document["eval"]["config"]["epochs"] = epochs
            for name in ("eval_id", "run_id", "task_id"):
                document["eval"][name] = "".join(source.choices(_LETTERS, k=22))
        writer.add("_journal/start.json", json.dumps(self._start).encode())
        summaries: list[bytes] = []
        batch: list[bytes] = []
        errors = 0
        for item, epoch, kind in self._plan(items, epochs, source):
            sample, summary = self._templates[kind]
            values = {"ID": str(item), "EPOCH": str(epoch)}
            writer.add(f"samples/{item}_epoch_{epoch}.json", sample.fill(values, source))
            batch.append(summary.fill(values, source))
            errors += kind == "errored"
            if len(batch) == 1000:
                writer.add(f"_journal/summaries/{len(summaries) // 1000 + 1}.json", _array(batch))
                summaries += batch
                batch = []
        if batch:
            writer.add(f"_journal/summaries/{len(summaries) // 1000 + 1}.json", _array(batch))
            summaries += batch
        writer.add("summaries.json", _array(summaries))
        writer.add("reductions.json", b"[]")
        self._header["results"].update(
            total_samples=items * epochs, completed_samples=items * epochs - errors
        )
        writer.add("header.json", json.dumps(self._header).encode())
        writer.close()

    def _plan(
        self, items: int, epochs: int, source: random.Random
    ) -> Iterator[tuple[int, int, str]]:
        weights = {"plain": 0.92, "cut": 0.03, "filtered": 0.03, "errored": 0.02}
        kinds = [kind for kind in _KINDS if kind in self._templates]
        for epoch in range(1, epochs + 1):
            chosen = source.choices(kinds, [weights[kind] for kind in kinds], k=items)
            yield from ((item, epoch, kind) for item, kind in enumerate(chosen, start=1))


def _array(documents: list[bytes]) -> bytes:
    return b"[" + b",".join(documents) + b"]"
