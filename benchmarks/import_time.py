"""Measure how long Scalegate takes to start: `python benchmarks/import_time.py [ROUNDS]`.

Wall-clock milliseconds of fresh processes, median and range, after one round that warms the disk.
A bare interpreter is measured in turn with the others and shown apart: its start is in each figure.
The budgets are 150 ms for `import scalegate` and 300 ms for `scalegate --version`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15
SCRIPT = Path(sys.executable).with_name("scalegate")
COMMANDS = {
    "python -c pass": ([sys.executable, "-c", "pass"], None),
    "import scalegate": ([sys.executable, "-c", "import scalegate"], 150),
    "scalegate --version": ([str(SCRIPT), "--version"], 300),
}


def main() -> int:
    """Print the table; return 1 if a median is over its budget."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for number in range(rounds + 1):
        for name, (command, _) in COMMANDS.items():
            spent = _milliseconds(command)
            if number:
                times[name].append(spent)
    is_over = False
    print(f"{'':<22}{'median ms':>10}{'least':>8}{'most':>8}{'budget':>8}")
    for name, (_, budget) in COMMANDS.items():
        median = statistics.median(times[name])
        is_over |= budget is not None and median > budget
        print(
            f"{name:<22}{median:>10.0f}{min(times[name]):>8.0f}{max(times[name]):>8.0f}"
            f"{budget or '':>8}"
        )
    return int(is_over)


def _milliseconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    raise SystemExit(main())
