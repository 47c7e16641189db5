"""Measure how long the shipped policies take to load: `python benchmarks/frameworks [ROUNDS]`.

A load is what a verb needs before it can decide: the file read, checked and compiled. The index is
the list of all policies with lab, title, days in force and digest. Nothing is kept between rounds.
Wall-clock milliseconds in one process, median and range, after one round that warms the disk. The
budgets are 150 ms for each policy and 50 ms for the index; a median over its budget is exit 1.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src")]

from scalegate.app.workspace import framework_entries, policies_of  # noqa: E402
from scalegate.policy.compile import compile_policy  # noqa: E402
from scalegate.wiring import policy_source  # noqa: E402

ROUNDS = 7
POLICY_BUDGET_MS, INDEX_BUDGET_MS = 150.0, 50.0


def main() -> int:
    """Print the table; return 1 if a median is over its budget."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    names = [each.name for each in framework_entries(policy_source())]
    jobs: dict[str, tuple[Callable[[], object], float]] = {
        name: (partial(_load, name), POLICY_BUDGET_MS) for name in names
    }
    jobs["index"] = (_index, INDEX_BUDGET_MS)
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, (job, _) in jobs.items():
            started = time.perf_counter()
            job()
            if number:
                times[name].append((time.perf_counter() - started) * 1000)
    print(f"{rounds} rounds, Python {sys.version.split()[0]}")
    print(f"{'':<26}{'median ms':>10}{'least':>8}{'most':>8}{'budget':>8}")
    over = []
    for name, (_, budget) in jobs.items():
        median = statistics.median(times[name])
        over += [name] if median > budget else []
        shown = f"{min(times[name]):>8.1f}{max(times[name]):>8.1f}{budget:>8.0f}"
        print(f"{name:<26}{median:>10.1f}{shown}")
    if over:
        print(f"over budget: {', '.join(over)}", file=sys.stderr)
    return 1 if over else 0


def _index() -> object:
    return framework_entries(policy_source())


def _load(name: str) -> object:
    return compile_policy(policies_of(policy_source(), [name])[0].policy)


if __name__ == "__main__":
    raise SystemExit(main())
