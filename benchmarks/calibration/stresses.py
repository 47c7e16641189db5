"""Every stress of the calibration page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import product
from typing import Any

from benchmarks.calibration.grid import Cell, cells
from benchmarks.calibration.stress import (
    Row,
    family_row,
    grader_row,
    missing_error,
    peeking_row,
    tree_row,
    worst_items,
)
from scalegate.ports import Compute


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is drawn."""

    tried: int
    climbs: int
    final: int
    missing: int
    families: int
    graders: int
    peeks: int
    trees: int


FULL = Size(
    tried=2000,
    climbs=40,
    final=60_000,
    missing=500,
    families=4000,
    graders=2000,
    peeks=4000,
    trees=16_000,
)


Task = tuple[str, Callable[..., Row], dict[str, Any]]
"""The table of a row, what measures it, and with what."""


def tasks(size: Size) -> list[Task]:
    """Return every row that is to be measured, in the order of the tables."""
    families = product((5, 10, 20, 40), (0.5, 1.5), (0.2, 0.5, 0.8))
    graders = product((20, 100), (0.2, 0.5, 0.8), (0.0, 0.05))
    search = {"tried": size.tried, "climbs": size.climbs, "final": size.final}
    return [
        *(("items", worst_items, {"n": n, **search}) for n in (5, 10, 20, 50, 200)),
        *(("missing", missing_row, {"lost": lost, "size": size}) for lost in (0.05, 0.20)),
        *(
            (
                "families",
                family_row,
                {"families": count, "spread": spread, "line": line, "replicates": size.families},
            )
            for count, spread, line in families
        ),
        *(
            (
                "graders",
                grader_row,
                {"n": n, "line": line, "false_pass": passes, "replicates": size.graders},
            )
            for n, line, passes in graders
        ),
        *(("looks", peeking_row, {"cell": cell, "replicates": size.peeks}) for cell in looked_at()),
        *(
            ("trees", tree_row, {"evals": evals, "cell": cell, "replicates": size.trees})
            for cell, evals in product(in_trees(), (1, 2, 4, 8, 16))
        ),
    ]


def stresses(
    size: Size, compute: Compute, *, leave_out: Collection[str] = ()
) -> dict[str, list[Row]]:
    """Return the rows of every table but those of `leave_out`, by its name."""
    wanted = [task for task in tasks(size) if task[0] not in leave_out]
    tables: dict[str, list[Row]] = {name: [] for name, _, _ in wanted}
    for (name, _, _), row in zip(wanted, compute.map(_measured, wanted), strict=True):
        tables[name].append(row)
    return tables


def _measured(task: Task) -> Row:
    _, measure, settings = task
    return measure(**settings)


def missing_row(*, lost: float, size: Size) -> Row:
    """Return the largest error over the cells with a share of samples lost."""
    worst, where, count = 0.0, "", 0
    for cell in cells():
        error, count = missing_error(cell, lost=lost, replicates=size.missing), count + 1
        if error >= worst:
            worst, where = error, cell.name
    return {"lost": lost, "cells": count, "error": worst, "where": where}


def looked_at() -> list[Cell]:
    """Return the designs of 300 items that are looked at after every item."""
    single = [Cell(shape="beta", n=300, m=1, rho=0.0, tau=tau) for tau in (0.05, 0.2, 0.5, 0.8)]
    return single + [
        Cell(shape=shape, n=300, m=5, rho=0.3, tau=tau)
        for shape, tau in product(("beta", "two_point", "one_zero"), (0.05, 0.2, 0.5, 0.8))
    ]


def in_trees() -> list[Cell]:
    """Return the designs of the evals that are combined."""
    return [
        Cell(shape="beta", n=100, m=1, rho=0.0, tau=0.5),
        Cell(shape="two_point", n=50, m=5, rho=0.6, tau=0.5),
        Cell(shape="two_point", n=200, m=5, rho=0.6, tau=0.2),
    ]
