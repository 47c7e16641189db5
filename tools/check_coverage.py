"""Say how well each room is tested, and fail where a pure room falls short.

Reads the `.coverage` file that `make test` left. The measure is branches: of all ways out of all
decisions, how many did a test take. Pure rooms owe 95 %, young ones what is stated for them; doors
are reported.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from coverage import Coverage

PURE = ("base", "policy", "evidence", "estimate", "gate", "case", "ledger", "compare", "report")
OWED_PERCENT = 95.0


@dataclass(kw_only=True)
class Tally:
    """What one room has, and what tests reached of it."""

    lines: int = 0
    lines_reached: int = 0
    branches: int = 0
    branches_reached: int = 0

    @property
    def percent(self) -> float:
        """Branches reached, in percent; a room without a branch is judged by its lines."""
        total, reached = self.branches, self.branches_reached
        if not total:
            total, reached = self.lines, self.lines_reached
        return 100.0 * reached / total if total else 0.0


def main() -> int:
    """Print the table; return 1 if a pure room is below what it owes."""
    rooms = _tally()
    short = []
    print(f"{'room':<12}{'lines':>8}{'branches':>10}{'reached':>9}{'percent':>9}")
    for room, tally in sorted(rooms.items()):
        falls_short = room in PURE and tally.percent < OWED_PERCENT
        short += [room] if falls_short else []
        note = f"  owes {OWED_PERCENT:.0f}" if falls_short else ""
        note = note or ("  pure" if room in PURE else "")
        print(
            f"{room:<12}{tally.lines:>8}{tally.branches:>10}"
            f"{tally.branches_reached:>9}{tally.percent:>9.1f}{note}"
        )
    if not any(room in PURE for room in rooms):
        print("no pure room was measured", file=sys.stderr)
        return 1
    if short:
        print(
            f"too few branches reached in {', '.join(short)}; see `coverage report -m`",
            file=sys.stderr,
        )
    return 1 if short else 0


def _tally() -> dict[str, Tally]:
    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(target))
        files = json.loads(target.read_text(encoding="utf-8"))["files"]
    rooms: dict[str, Tally] = defaultdict(Tally)
    for name, measured in files.items():
        within = name.replace("\\", "/").partition("scalegate/")[2].split("/")
        tally = rooms[within[0].removesuffix(".py")]
        summary = measured["summary"]
        tally.lines += summary["num_statements"]
        tally.lines_reached += summary["covered_lines"]
        tally.branches += summary["num_branches"]
        tally.branches_reached += summary["covered_branches"]
    return rooms


if __name__ == "__main__":
    raise SystemExit(main())
