"""The calibration page is what was recorded, and parts of the record come out again."""

from __future__ import annotations

import json

import pytest

from benchmarks.calibration.__main__ import FOLDER
from benchmarks.calibration.grid import cells, oracle_rate
from benchmarks.calibration.measure import POWER, REPLICATES, cleared_share
from benchmarks.calibration.page import LIMIT, Figures, from_csv, rendered, to_csv
from benchmarks.calibration.peers import METHODS

CELLS = list(cells())


@pytest.fixture(scope="module")
def recorded() -> Figures:
    return from_csv((FOLDER / "cells.csv").read_text(encoding="utf-8"))


def mean(values: list[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known)


def test_every_recorded_cell_of_ours_keeps_the_error(recorded: Figures) -> None:
    assert set(recorded) == {cell.name for cell in CELLS}
    assert max(row["error ours"] or 0.0 for row in recorded.values()) <= LIMIT


def test_recorded_power_is_kept(recorded: Figures) -> None:
    assert mean([row["power ours"] for row in recorded.values()]) >= 0.55
    large = [recorded[cell.name]["power ours"] for cell in CELLS if cell.n >= 200]
    assert mean(large) >= 0.70


def test_customary_bounds_fail_in_the_recorded_grid(recorded: Figures) -> None:
    for method in METHODS:
        worst = max(row[f"error {method}"] or 0.0 for row in recorded.values())
        assert (worst > 0.1) == (method != "ours"), method


def test_the_page_is_what_was_recorded(recorded: Figures) -> None:
    found = json.loads((FOLDER / "stresses.json").read_text(encoding="utf-8"))
    page = FOLDER.with_suffix(".md").read_text(encoding="utf-8")
    assert page == rendered(recorded, found)
    assert to_csv(recorded) == (FOLDER / "cells.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [3, 160, 330, 700])
def test_recorded_cells_come_out_again(number: int, recorded: Figures) -> None:
    cell = CELLS[number]
    again = cleared_share(cell, cell.tau, method="ours", replicates=REPLICATES)
    assert again == pytest.approx(recorded[cell.name]["error ours"], abs=0.0005)
    rate = oracle_rate(cell)
    if rate is not None:
        power = cleared_share(cell, rate, method="ours", replicates=REPLICATES, stream=POWER)
        assert power == pytest.approx(recorded[cell.name]["power ours"], abs=0.0005)
