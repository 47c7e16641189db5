"""Measure reading Inspect logs: ours beside inspect-ai, in one run.

    python benchmarks/ingest            the whole table (about five minutes, 6 GB of memory)
    python benchmarks/ingest --quick    small sizes, looser bars, the same facts (two minutes)

CPU seconds, user and system, of fresh processes; imports excluded and shown apart; the median of
several. Both sides must find the same facts in every log: id, epoch, score, error, limit, and for
the full pass also stop reason, invalidation and uuid. The peer's full pass is its read alone; ours
is the read with every checksum of the archive, the SHA-256 of the file, and the validity check.
Exit code 1 if a bar is missed or the facts differ.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison and the bar that it has to clear."""

    name: str
    job: str
    path: Path
    bar: float | None
    """Ours may take at most this part of the peer's CPU time; None: no bar."""
    memory_bar: float | None = None
    """Ours may take at most this part of the peer's peak memory."""
    peer_runs: int = 3


def run_side(row: Row, side: str, runs: int) -> dict[str, Any]:
    """Run one side in fresh processes; return the figures of the run with the median time."""
    found: list[dict[str, Any]] = []
    for _ in range(runs):
        finished = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks/ingest/jobs.py"), row.job, side, str(row.path)],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        )
        found.append(json.loads(finished.stdout.strip().splitlines()[-1]))
    found.sort(key=lambda figures: figures["cpu_s"])
    return found[len(found) // 2]


def make_logs(folder: Path, *, is_quick: bool) -> list[Row]:
    """Write every log that is measured."""
    from benchmarks.ingest import log_writer, small_runs

    answers = small_runs.run_answers(folder / "answers")
    members = log_writer.members_of(answers)
    prove_writer(answers, members, folder / "again.eval")
    maker = log_writer.BigLog(members)
    agents = log_writer.BigLog(log_writer.members_of(small_runs.run_agent(folder / "agent")))
    items, small = (1_000, 50) if is_quick else (20_000, 500)
    big, thousand, agentic = folder / "big.eval", folder / "thousand.eval", folder / "agentic.eval"
    maker.write(big, items=items, epochs=4)
    maker.write(thousand, items=1000, epochs=1)
    agents.write(agentic, items=20 if is_quick else 100, epochs=1)
    many = folder / "many"
    many.mkdir()
    for number in range(small):
        maker.write(many / f"{number:03}.eval", items=10, epochs=1, seed=number)
    # The peer's cost per sample grows with the log and ours does not: small logs, lower bars.
    full, scores, folder_bar = (12, 15, 10) if is_quick else (40, 40, 30)
    once = 2 if is_quick else 1
    return [
        Row(
            name=f"{items:,} x 4, full validity pass",
            job="full",
            path=big,
            bar=1 / full,
            memory_bar=1 / (3 if is_quick else 10),
            peer_runs=once,
        ),
        Row(
            name=f"{items:,} x 4, scores and errors",
            job="scores",
            path=big,
            bar=1 / scores,
            peer_runs=once,
        ),
        Row(name="1,000 x 1, full validity pass", job="full", path=thousand, bar=None),
        Row(name="1,000 x 1, scores and errors", job="scores", path=thousand, bar=None),
        Row(name="agentic, 200 messages each, full pass", job="full", path=agentic, bar=1 / 10),
        Row(
            name=f"{small} logs of 10, headers and scores",
            job="folder",
            path=many,
            bar=1 / folder_bar,
        ),
    ]


def prove_writer(answers: Path, members: dict[str, bytes], again: Path) -> None:
    """Check that Inspect reads the same from its own log and from ours of the same content."""
    from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

    from benchmarks.ingest import log_writer

    log_writer.rewrite(members, again)
    left, right = (read_eval_log(str(path)) for path in (answers, again))
    same = left.model_dump(exclude={"location"}) == right.model_dump(exclude={"location"})
    summaries = [read_eval_log_sample_summaries(str(path)) for path in (answers, again)]
    if not same or summaries[0] != summaries[1]:
        raise SystemExit("the benchmark's writer does not write what Inspect writes")
    show("writer: Inspect reads its own small log and the rewritten one identically")


def real_logs() -> list[Row]:
    """Every real log that has scores; the equality of facts is the point here, not the time."""
    folder = ROOT / "tests/data/inspect-logs"
    found = sorted([*folder.glob("*.eval"), *folder.glob("*.json")])
    return [Row(name=path.name[:38], job="full", path=path, bar=None) for path in found]


def compare(row: Row, *, runs: int) -> bool:
    """Measure one row, print it, and say whether it holds."""
    ours = run_side(row, "ours", runs)
    peer = run_side(row, "peer", min(runs, row.peer_runs))
    ratio = peer["cpu_s"] / max(ours["cpu_s"], 1e-6)
    memory = peer["peak_mb"] / ours["peak_mb"]
    same = ours["digest"] == peer["digest"] and ours["rows"] == peer["rows"]
    fast = row.bar is None or ratio >= 1 / row.bar
    lean = row.memory_bar is None or memory >= 1 / row.memory_bar
    bar = "" if row.bar is None else f"{1 / row.bar:.0f}"
    if row.memory_bar is not None:
        bar += f", memory {1 / row.memory_bar:.0f}"
    show(
        f"| {row.name} | {ours['rows']:,} | {peer['cpu_s']:.3f} | {ours['cpu_s']:.3f} "
        f"| {ratio:.0f} | {peer['peak_mb']:.0f} | {ours['peak_mb']:.0f} | {memory:.1f} "
        f"| {bar} | {'yes' if same else 'NO'} | {'yes' if fast and lean else 'NO'} |"
    )
    return bool(same and fast and lean)


def growth(folder: Path, *, is_quick: bool) -> bool:
    """Print the cost per sample at growing sizes: it must stay level."""
    from benchmarks.ingest import log_writer, small_runs

    maker = log_writer.BigLog(
        log_writer.members_of(small_runs.run_answers(folder / "growth-template"))
    )
    sizes = (1_000, 2_000, 4_000) if is_quick else (5_000, 10_000, 20_000, 40_000, 80_000)
    show("\n| samples | full pass, CPU s | microseconds per sample | peak MB |\n|---|---|---|---|")
    costs = []
    for size in sizes:
        path = folder / "growth.eval"
        maker.write(path, items=size, epochs=1)
        figures = run_side(Row(name="", job="full", path=path, bar=None), "ours", 3)
        costs.append(figures["cpu_s"] / size)
        show(
            f"| {size:,} | {figures['cpu_s']:.3f} | {1e6 * costs[-1]:.1f} "
            f"| {figures['peak_mb']:.0f} |"
        )
    is_linear = bool(max(costs) < 1.5 * min(costs))
    show(f"linear in samples: {'yes' if is_linear else 'NO'}")
    return is_linear


def show(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="ours beside inspect-ai, reading logs")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    is_quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = make_logs(folder, is_quick=is_quick)
        for side in ("ours", "peer"):
            figures = run_side(rows[2], side, 3)
            show(
                f"imports, {side}: {figures['import_cpu_s']:.2f} CPU s, "
                f"{figures['import_mb']:.0f} MB"
            )
        show(
            "\n| job | rows | peer CPU s | ours CPU s | ratio | peer MB | ours MB | ratio "
            "| bar | same facts | holds |\n|---|---|---|---|---|---|---|---|---|---|---|"
        )
        holds = [compare(row, runs=2 if is_quick else 5) for row in rows]
        holds += [compare(row, runs=1) for row in real_logs()]
        figures = run_side(Row(name="", job="known", path=rows[0].path, bar=None), "ours", 5)
        show(f"\nfull pass where the caller knows the SHA-256: {figures['cpu_s']:.3f} CPU s")
        figures = run_side(Row(name="", job="cached", path=rows[0].path, bar=None), "ours", 3)
        show(f"second read of the big log through the side index: {figures['cpu_s']:.3f} CPU s")
        holds.append(growth(folder, is_quick=is_quick))
    return 0 if all(holds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
