"""False rule-outs of ours beside the customary bounds.

    python -m benchmarks.calibration            a part of the grid, in about a minute
    python -m benchmarks.calibration --write    the whole grid and every stress, into the docs;
                                                --grid, --stresses, --render: one step of it

A run that was stopped goes on where it was: cells are kept as they are measured.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.calibration.grid import Cell, cells
from benchmarks.calibration.measure import REPLICATES, SLOW_REPLICATES, measured
from benchmarks.calibration.page import LIMIT, Figures, from_csv, rendered, to_csv
from benchmarks.calibration.peers import METHODS
from benchmarks.calibration.stresses import FULL, stresses

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "calibration"


def whole_grid(kept: Path) -> Figures:
    """Measure every cell, keeping each in `kept` as soon as it is known."""
    figures: Figures = {}
    if kept.exists():
        for text in kept.read_text(encoding="utf-8").splitlines():
            name, found = json.loads(text)
            figures[name] = found
    wanted = [cell for cell in cells() if cell.name not in figures]
    pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))
    with kept.open("a", encoding="utf-8") as file, pool:
        for cell, found in zip(wanted, pool.map(_measured, wanted), strict=True):
            figures[cell.name] = found
            file.write(json.dumps([cell.name, found]) + "\n")
            file.flush()
    return figures


def _measured(cell: Cell) -> dict[str, float | None]:
    return measured(cell, replicates=REPLICATES, slow_replicates=SLOW_REPLICATES)


def write_grid() -> None:
    """Measure and record every cell."""
    FOLDER.mkdir(exist_ok=True)
    kept = FOLDER / "unfinished.jsonl"
    (FOLDER / "cells.csv").write_text(to_csv(whole_grid(kept)), encoding="utf-8")
    kept.unlink()


def write_stresses() -> None:
    """Measure and record what lies outside of the grid."""
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(stresses(FULL), indent=1) + "\n"
    (FOLDER / "stresses.json").write_text(text, encoding="utf-8")


def render() -> None:
    """Write the page from what is recorded."""
    figures = from_csv((FOLDER / "cells.csv").read_text(encoding="utf-8"))
    recorded = json.loads((FOLDER / "stresses.json").read_text(encoding="utf-8"))
    FOLDER.with_suffix(".md").write_text(rendered(figures, recorded), encoding="utf-8")


def part() -> None:
    """Print the worst error of every method in each thirtieth cell."""
    worst = dict.fromkeys(METHODS, 0.0)
    chosen = [cell for number, cell in enumerate(cells()) if number % 30 == 7 and cell.n <= 100]
    for cell in chosen:
        found = measured(cell, replicates=4000, slow_replicates=1000)
        for method in METHODS:
            worst[method] = max(worst[method], found[f"error {method}"] or 0.0)
    sys.stdout.write(f"worst error in {len(chosen)} of 992 cells; ours must stay below {LIMIT}\n")
    for method, error in worst.items():
        sys.stdout.write(f"{error:7.3f}  {method}\n")


if __name__ == "__main__":
    steps = {"--grid": write_grid, "--stresses": write_stresses, "--render": render}
    asked = list(steps) if "--write" in sys.argv else [name for name in steps if name in sys.argv]
    for name in asked:
        steps[name]()
    if not asked:
        part()
