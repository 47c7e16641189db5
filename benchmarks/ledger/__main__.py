"""Measure the record: appending, proving and verifying beside `pymerkle`; then on a folder.

    python -m benchmarks.ledger            measure, print, fail where ours is short of a promise
    python -m benchmarks.ledger --write    the same, and write docs/reference/benchmarks-ledger.md

In memory both sides hold the same entries and must reach the same root (both are RFC 6962 trees)
before anything is timed. Times are CPU seconds of this process; the fastest of three rounds
counts. On the folder every batch is on disk when `append` returns, so those figures
are wall time and depend on the disk. `pymerkle` is under the GPL: it is installed to measure with,
and nothing else imports it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pymerkle import InmemoryTree, verify_inclusion

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record.appending import LogWriter
from scalegate.ledger.checkpoints import TreeHead
from scalegate.ledger.growth import EMPTY_EDGE, Edge, grow
from scalegate.ledger.tiles import TileId, node_reader
from scalegate.ledger.tree import leaf_hash, prove_inclusion
from scalegate.ledger.tree import verify_inclusion as verify_ours
from tests.unit.ledger.signers import LOG, Signer, said, sealed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "benchmarks-ledger.md"
ENTRIES, PROVED, ROUNDS = 100_000, 5_000, 3
LARGE = 1_000_000
MOST_SECONDS, MOST_MEGABYTES = 15.0, 500.0
APPENDS, VERIFIES = 4.0, 1.5
BATCHES = (1, 10, 100, 1_000)


def entry(number: int) -> bytes:
    """Return an entry of the size of a leaf of the record."""
    return b'{"envelope":"%064x","predicate":"evidence","signers":["%016x"]}' % (number, number)


def main() -> int:
    """Measure, print; return 1 where a promise is not kept."""
    warnings.simplefilter("ignore", DeprecationWarning)
    memory, in_memory = _in_memory()
    durable = _durable()
    seconds, megabytes = _large()
    kept = in_memory and seconds <= MOST_SECONDS and megabytes <= MOST_MEGABYTES
    table = "\n".join([*memory, "", *durable, "", *_large_lines(seconds, megabytes)])
    print(table)
    if "--write" in sys.argv:
        PAGE.write_text(_page(table), encoding="utf-8")
    return 0 if kept else 1


# --- in memory ------------------------------------------------------------------------------------


def _in_memory() -> tuple[list[str], bool]:
    entries = [entry(number) for number in range(ENTRIES)]
    ours = _fastest(lambda: _grown(entries, batch=1_000))
    single = _fastest(lambda: _grown(entries[:20_000], batch=1)) * (ENTRIES / 20_000)
    peer = _fastest(lambda: _peer(entries))
    edge, files = _grown(entries, batch=1_000)
    tree = _peer(entries)
    root = edge.root()
    assert root == tree.get_root(), "both trees must have one root"
    node = node_reader(ENTRIES, lambda tile: _tile(files, tile))
    places = range(0, ENTRIES, ENTRIES // PROVED)
    leaves = {at: leaf_hash(entries[at]) for at in places}
    proving = _fastest(lambda: [prove_inclusion(at, ENTRIES, node) for at in places])
    peer_proving = _fastest(lambda: [tree.prove_inclusion(at + 1, ENTRIES) for at in places])
    proofs = [(at, prove_inclusion(at, ENTRIES, node)) for at in places]
    peer_proofs = [(at, tree.prove_inclusion(at + 1, ENTRIES)) for at in places]

    def verified() -> None:
        for at, proof in proofs:
            verify_ours(leaves[at], index=at, size=ENTRIES, proof=proof, root=root)

    def peer_verified() -> None:
        for at, proof in peer_proofs:
            verify_inclusion(leaves[at], root, proof)

    checking, peer_checking = _fastest(verified), _fastest(peer_verified)
    rows = [
        ("append, batches of 1,000", ENTRIES, ours, peer, APPENDS),
        ("append, one by one", ENTRIES, single, peer, 0.0),
        ("prove inclusion", PROVED, proving, peer_proving, 0.0),
        ("verify inclusion", PROVED, checking, peer_checking, VERIFIES),
    ]
    lines = [
        f"| in memory, {ENTRIES:,} entries | ours, a second | pymerkle, a second | ratio | bar |",
        "|---|---|---|---|---|",
    ]
    for name, count, own, other, bar in rows:
        shown = f"{bar:g}" if bar else ""
        rates = f"{count / own:,.0f} | {count / other:,.0f}"
        lines.append(f"| {name} | {rates} | {other / own:.1f} | {shown} |")
    return lines, all(other / own >= bar for _, _, own, other, bar in rows)


def _grown(entries: Sequence[bytes], *, batch: int) -> tuple[Edge, dict[str, bytes]]:
    edge, files = EMPTY_EDGE, dict[str, bytes]()
    for at in range(0, len(entries), batch):
        edge, new = grow(edge, entries[at : at + batch])
        files.update(new)
    return edge, files


def _peer(entries: Sequence[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for each in entries:
        tree.append_entry(each)
    return tree


def _tile(files: dict[str, bytes], tile: TileId) -> bytes:
    return files[tile.path()]


def _fastest(run: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return min(times)


# --- on a folder ----------------------------------------------------------------------------------


class _Noon:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, 12, tzinfo=UTC)


def _durable() -> list[str]:
    lines = ["| durable appends, batch size | entries per second | ms per batch |", "|---|---|---|"]
    for size in BATCHES:
        rounds = max(3, min(60, 600 // size))
        envelopes = [
            sealed(said("act", {"note": f"{size}-{n}"}), "a") for n in range(size * rounds)
        ]
        with tempfile.TemporaryDirectory() as folder:
            log = LogWriter(LogFolder(Path(folder)), [Signer("log")], origin=LOG, clock=_Noon())
            log.create()
            started = time.perf_counter()
            for at in range(0, len(envelopes), size):
                log.append(envelopes[at : at + size])
            taken = time.perf_counter() - started
        lines.append(f"| {size:,} | {len(envelopes) / taken:,.0f} | {1000 * taken / rounds:.1f} |")
    return lines


# --- a million entries ----------------------------------------------------------------------------


def _large() -> tuple[float, float]:
    """Recompute every hash of a large log from its files, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        head = _written(Path(folder))
        asked = [sys.executable, "-m", "benchmarks.ledger.recompute", folder]
        done = subprocess.run(
            [*asked, str(head.size), head.root.hex()],
            capture_output=True, check=True, cwd=ROOT, text=True, timeout=300,
        )  # fmt: skip
        seconds, megabytes = map(float, done.stdout.split())
        return seconds, megabytes


def _written(folder: Path) -> TreeHead:
    files, edge = LogFolder(folder), EMPTY_EDGE
    for at in range(0, LARGE, 25_600):
        edge, new = grow(edge, [entry(n) for n in range(at, min(LARGE, at + 25_600))])
        for path, content in new.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    assert files.read(TileId(level=0, index=0).path()) is not None
    return TreeHead(origin=LOG, size=LARGE, root=edge.root())


def _large_lines(seconds: float, megabytes: float) -> list[str]:
    return [
        f"| {LARGE:,} entries, all hashes recomputed from the files | measured | bar |",
        "|---|---|---|",
        f"| CPU seconds | {seconds:.1f} | {MOST_SECONDS:g} |",
        f"| peak MB | {megabytes:.0f} | {MOST_MEGABYTES:g} |",
    ]


def _page(table: str) -> str:
    return f"""# Reference: benchmark of the record

Written by `python -m benchmarks.ledger --write`: one run, Python {sys.version.split()[0]},
pymerkle {version("pymerkle")}. Another machine gives other seconds; the ratios are what counts.

Both sides hold the same entries in memory and reach the same root before anything is timed.
pymerkle keeps its tree node by node and appends one entry at a time; ours grows by batches and
keeps tiles of 256 hashes. Signature checks are apart: no figure includes one, except the durable
appends, each of which signs a checkpoint (Ed25519) and returns when the batch is on disk.

{table}
"""


if __name__ == "__main__":
    sys.exit(main())
