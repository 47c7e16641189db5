"""False rule-outs of ours beside the customary bounds.

    python -m benchmarks.calibration            a part of the grid, in about a minute
    python -m benchmarks.calibration --write    the whole grid and every stress, into the docs;
                                                --grid, --stresses, --render: one step of it
    python -m benchmarks.calibration --slow     only the bounds that are slow to compute, in the
                                                cells that are recorded

A run that was stopped goes on where it was: cells are kept as they are measured.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.calibration.grid import Cell, cells
from benchmarks.calibration.measure import measured, measured_for_page, slow_for_page
from benchmarks.calibration.page import LIMIT, Figures, from_csv, rendered, to_csv
from benchmarks.calibration.peers import METHODS
from benchmarks.calibration.stresses import FULL, stresses
from scalegate.adapters.compute import ProcessPool

TOGETHER = 124
"""Cells that are measured before they are kept: those of one n."""
FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "calibration"


Measure = Callable[[Cell], dict[str, float | None]]


def _processes() -> ProcessPool:
    return ProcessPool(os.cpu_count() or 1)


def whole_grid(kept: Path, measure: Measure = measured_for_page) -> Figures:
    """Measure every cell, keeping them in `kept` on the way."""
    figures: Figures = {}
    if kept.exists():
        for text in kept.read_text(encoding="utf-8").splitlines():
            name, found = json.loads(text)
            figures[name] = found
    wanted = [cell for cell in cells() if cell.name not in figures]
    with kept.open("a", encoding="utf-8") as file:
        for start in range(0, len(wanted), TOGETHER):
            part = wanted[start : start + TOGETHER]
            for cell, found in zip(part, _processes().map(measure, part), strict=True):
                figures[cell.name] = found
                file.write(json.dumps([cell.name, found]) + "\n")
            file.flush()
    return figures


def write_grid() -> None:
    """Measure and record every cell."""
    FOLDER.mkdir(exist_ok=True)
    kept = FOLDER / "unfinished.jsonl"
    (FOLDER / "cells.csv").write_text(to_csv(whole_grid(kept)), encoding="utf-8")
    kept.unlink()


def write_slow() -> None:
    """Measure the slow bounds anew in every recorded cell."""
    recorded = from_csv((FOLDER / "cells.csv").read_text(encoding="utf-8"))
    kept = FOLDER / "unfinished-slow.jsonl"
    for name, found in whole_grid(kept, slow_for_page).items():
        recorded[name] |= found
    (FOLDER / "cells.csv").write_text(to_csv(recorded), encoding="utf-8")
    kept.unlink()


def write_stresses() -> None:
    """Measure and record what lies outside of the grid."""
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(stresses(FULL, _processes()), indent=1) + "\n"
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
    if "--slow" in sys.argv:
        asked = ["--slow", "--render"]
    for name in asked:
        {**steps, "--slow": write_slow}[name]()
    if not asked:
        part()
