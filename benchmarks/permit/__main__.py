"""Measure `permit verify`: from files to the answer, imports and hashing of weights apart.

    python -m benchmarks.permit            measure, print, fail where it is short of the promise
    python -m benchmarks.permit --write    the same, and write docs/reference/benchmarks-permit.md

Each call reads trust document, manifest, permit, checkpoint and log from a folder, as the verb
does: once with the memory of an earlier call in a file (`--memory`), which it reads too, and once
with nothing kept. CPU time of this process, system included; median and 95th percentile of 50
calls.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from scalegate.adapters.log_folder import LogFolder
from scalegate.adapters.workspace_folder import digest_of_folder
from scalegate.app.record.appending import LogWriter
from scalegate.app.record.passing import look, verify_in
from scalegate.app.record.reading import verify_log
from scalegate.ledger.permits import MANIFEST, Asked, Permit, manifest_of, permit_statement
from scalegate.ledger.trust import start_trust
from scalegate.wiring import read_memory, write_memory
from tests.unit.ledger.signers import LOG, Signer, said, sealed, trust_content

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "benchmarks-permit.md"
SIZES = (10, 100, 1_000, 10_000, 100_000)
MOST_MS = 10.0
CALLS = 50
LARGE = 100_000
WEIGHTS_BYTES = 512 << 20
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DATA: dict[str, Any] = {
    "schema": MANIFEST,
    "subject": "deployment:x",
    "weights": "a" * 64,
    "configuration": "b" * 64,
    "surface": "api",
    "audience": "vetted",
    "jurisdictions": ["EU"],
}


class _Noon:
    def now(self) -> datetime:
        return NOON


def main() -> int:
    """Measure, print; return 1 where the promise is not kept."""
    rows, kept = _verifying()
    lines = [
        "| entries | remembered: median ms | p95 ms | bar | anew: median ms | `ledger verify` ms |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        _hashing(),
    ]
    table = "\n".join(lines)
    print(table)
    if "--write" in sys.argv:
        PAGE.write_text(_page(table), encoding="utf-8")
    return 0 if kept else 1


def _verifying() -> tuple[list[str], bool]:
    rows, kept = [], True
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            place = Path(folder) / str(size)
            _write(place, size)
            seen = place / "seen.json"
            times = _times(lambda place=place, seen=seen: _verify(place, seen), CALLS)  # type: ignore[misc]
            median, p95 = statistics.median(times), sorted(times)[int(CALLS * 0.95) - 1]
            calls = CALLS if size < LARGE else 3
            anew = statistics.median(_times(lambda place=place: _verify(place), calls))  # type: ignore[misc]
            whole = "not run"
            if size < LARGE:
                whole = f"{min(_times(lambda place=place: _verify_all(place), 3)):,.0f}"  # type: ignore[misc]
            rows.append(
                f"| {size:,} | {median:.1f} | {p95:.1f} | {MOST_MS:g} | {anew:,.1f} | {whole} |"
            )
            kept = kept and median < MOST_MS
    return rows, kept


def _write(place: Path, size: int) -> None:
    """Write a record whose log has so many entries: two decisions of five, the rest evidence."""
    signers: Any = [Signer("log")]
    root = sealed(said("trust", trust_content()), "root-1", "root-2")
    writer = LogWriter(LogFolder(place / "log"), signers, origin=LOG, clock=_Noon())
    writer.create()
    others = [
        sealed(said("gate-decision", {"note": str(at)}), "gate-1")
        if at % 5 < 2
        else sealed(said("evidence", {"note": str(at)}), "eval-1")
        for at in range(size - 2)
    ]
    writer.append([root, *others])
    permit = Permit(
        subject="deployment:x",
        manifest=manifest_of(DATA).digest,
        gate="external_general",
        ask="start",
        valid_from=NOON,
        valid_until=NOON + timedelta(hours=24),
        decision="d" * 64,
        log_size=size - 1,
    )
    content = sealed(permit_statement(permit).to_payload(), "gate-1")
    writer.append([content])
    (place / "root.json").write_bytes(root)
    (place / "permit.json").write_bytes(content)
    (place / "manifest.json").write_text(json.dumps(DATA))


def _verify(place: Path, seen: Path | None = None) -> None:
    trust = start_trust((place / "root.json").read_bytes())
    bound = manifest_of(json.loads((place / "manifest.json").read_bytes()))
    asked = Asked(manifest=bound, gate="external_general", ask="start", at=NOON)
    content = (place / "permit.json").read_bytes()
    memory = read_memory(seen) if seen else None
    looked = look(LogFolder(place / "log"), trust, content, memory)
    if seen and looked.memory != memory:
        write_memory(seen, looked.memory)
    assert verify_in(looked, content, asked).subject == "deployment:x"


def _verify_all(place: Path) -> None:
    report = verify_log(LogFolder(place / "log"), start_trust((place / "root.json").read_bytes()))
    assert not report.faults


def _times(run: Callable[[], object], calls: int) -> list[float]:
    run()
    times = []
    for _ in range(calls):
        started = time.process_time()
        run()
        times.append(1000 * (time.process_time() - started))
    return times


def _hashing() -> str:
    """Say how fast a folder of weights is hashed, block by block."""
    block = sha256(b"weights").digest() * (1 << 15)
    with tempfile.TemporaryDirectory() as folder:
        for part in range(4):
            with (Path(folder) / f"part-{part}").open("wb") as file:
                for _ in range(WEIGHTS_BYTES // 4 // len(block)):
                    file.write(block)
        started = time.process_time()
        digest_of_folder(Path(folder))
        seconds = time.process_time() - started
    rate = WEIGHTS_BYTES / seconds / 1e9
    return (
        f"Hashing {WEIGHTS_BYTES >> 20} MiB of weights in four files: {rate:.2f} GB per CPU second."
    )


def _page(table: str) -> str:
    return f"""# Reference: benchmark of `permit verify`

Written by `python -m benchmarks.permit --write`: one run, Python {sys.version.split()[0]}. Another
machine gives other times. The promise: a median under {MOST_MS:g} ms after import, hashing of
weights apart, for a verifier that remembers the log (`--memory`), whatever the log's size.

Each call reads trust document, manifest, permit, checkpoint and log from a folder; two entries of
five are decisions, the permit is the newest entry. Remembered: it also reads the memory that an
earlier call wrote, and of the log the last bundle of 256 entries: those from where the permit
stands, and those that came since the call before. An older permit makes it read more. Anew: it
hashes every entry. Both verify the signatures of entries that could refuse the permit; `ledger
verify`, beside them, verifies all. CPU time of one process, {CALLS} calls (3 of the slowest),
files in the cache of the system.

{table}
"""


if __name__ == "__main__":
    sys.exit(main())
