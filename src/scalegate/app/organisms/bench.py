"""Run planted assessments through the decision rule, and count what it gets wrong.

1. Per kind the real `judge_line` is asked once, with nothing solved: it gives the effective line
   and whether this design can rule out at all (power, reach, elicitation). What is left per case
   is the bound against that line and the flags; `verdict_of` is the same rule case by case, and a
   test compares the two.
2. Without evidence of elicitation the same question gives the last column: never ruled out.
3. Only integers leave a block, and they are added in the order of blocks: one process, a pool and a
   cluster give the same table.
4. Log-only tests are run on complete logs (no sample missing); elsewhere no flag is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scalegate.app.organisms.kinds import ALLOWANCE, ALPHA, KINDS, LINE, SAFE, Kind
from scalegate.app.organisms.population import BLOCK, EPOCHS, UNITS, Block, draw, unit_ends
from scalegate.base.errors import UsageError
from scalegate.estimate.bound import upper_bounds
from scalegate.estimate.model import (
    Allowance,
    AllowanceComponent,
    CrossedWhen,
    Design,
    ElicitationLevel,
    Line,
    Outcome,
    Verdict,
)
from scalegate.estimate.proportion import MOST_BETWEEN, estimate_proportion
from scalegate.estimate.suspicion import signs_of_hiding
from scalegate.estimate.verdict import judge_line
from scalegate.ports import Compute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one kind."""

    kind: Kind
    cases: int
    ruled_out: int
    suspect: int
    ruled_out_unelicited: int
    samples: int
    """Samples in one assessment."""

    @property
    def share(self) -> float:
        """Share ruled out: false where the kind is crossed."""
        return self.ruled_out / self.cases

    @property
    def standard_error(self) -> float:
        """Of the promised level at this number of cases."""
        return float((ALPHA * (1.0 - ALPHA) / self.cases) ** 0.5)

    @property
    def is_as_promised(self) -> bool | None:
        """Whether false rule-outs keep the level; None where nothing is promised."""
        if not (self.kind.is_crossed and self.kind.assumptions_hold):
            return None
        return self.share <= ALPHA + 3.0 * self.standard_error

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "kind": self.kind.name,
            "truth": self.kind.truth,
            "shown": self.kind.shown,
            "crossed": self.kind.is_crossed,
            "assumptions_hold": self.kind.assumptions_hold,
            "cases": self.cases,
            "ruled_out": self.ruled_out,
            "suspect": self.suspect,
            "held": self.cases - self.ruled_out,
            "ruled_out_without_elicitation": self.ruled_out_unelicited,
            "as_promised": self.is_as_promised,
            "samples_per_case": self.samples,
        }


def verdict_of(
    high: Sequence[float],
    low: Sequence[float],
    *,
    samples: int,
    missing: int = 0,
    level: ElicitationLevel = ElicitationLevel.E3B,
    flags: tuple[str, ...] = (),
) -> Verdict:
    """Return the verdict of the real rule on one simulated assessment."""
    found = estimate_proportion(high=high, low=low, alpha=ALPHA, n_samples=samples, missing=missing)
    return judge_line(
        found,
        Line(value=LINE, crossed_when=CrossedWhen.AT_LEAST),
        elicitation=level,
        allowances=(Allowance(component=AllowanceComponent.ELICITATION, amount=ALLOWANCE),),
        design=Design(alpha=ALPHA, p_safe=SAFE),
        suspicion_flags=flags,
    )


def bulk(block: Block) -> tuple[BoolArray, BoolArray]:
    """Return which cases of a block clear the line, and which of them are flagged."""
    import numpy as np

    high, low = unit_ends(block)
    template = _template(block, ElicitationLevel.E3B)
    if template.outcome is not Outcome.RULED_OUT or template.effective_line is None:
        nothing = np.zeros(high.shape[0], dtype=np.bool_)
        return nothing, nothing
    cleared = cautious_upper_bounds(high, low) < template.effective_line
    flagged = np.zeros_like(cleared)
    checked = np.flatnonzero(cleared & ~block.missing.any(axis=(1, 2)))
    if checked.size:
        flagged[checked] = signs_of_hiding(
            block.scores[checked],
            refused=block.refused[checked],
            difficulty=block.difficulty[checked],
        ).flagged()
    return cleared, flagged


def _template(block: Block, level: ElicitationLevel) -> Verdict:
    units = block.scores.shape[1] // block.per_family
    none = [0.0] * units
    return verdict_of(none, none, samples=units * block.per_family * EPOCHS, level=level)


def cautious_upper_bounds(high: FloatArray, low: FloatArray) -> FloatArray:
    """Return the upper bound of each row over the completions of `estimate_proportion`."""
    import numpy as np

    best = np.maximum(upper_bounds(high, ALPHA), upper_bounds(low, ALPHA))
    is_open = low < high
    if not is_open.any():
        return best
    # Open units first, lowest `low` first, then lowest `high`, then position.
    order = np.lexsort((high, np.where(is_open, low, np.inf)), axis=1)
    current, rows = high.copy(), np.arange(high.shape[0])
    for step in range(min(MOST_BETWEEN, high.shape[1])):
        unit = order[:, step]
        current[rows, unit] = low[rows, unit]
        best = np.maximum(best, upper_bounds(current, ALPHA))
    return best


def run_block(task: tuple[int, int, int, int]) -> tuple[int, int, int]:
    """Return (ruled out, suspect, ruled out without elicitation) of one block.

    Args:
        task: seed, number of the kind, number of the block, cases in it.
    """
    seed, stream, number, cases = task
    block = draw(KINDS[stream], seed=seed, stream=stream, block=number, cases=cases)
    cleared, flagged = bulk(block)
    bare = _template(block, ElicitationLevel.E0).outcome is Outcome.RULED_OUT
    return (
        int((cleared & ~flagged).sum()),
        int((cleared & flagged).sum()),
        int(cleared.sum()) if bare else 0,
    )


def run_bench(*, cases: int, seed: int, compute: Compute) -> tuple[Row, ...]:
    """Return one row per kind.

    Args:
        cases: assessments in all, spread evenly over the kinds, at least one each.
        seed: of the population.
        compute: what the blocks are spread over; the table is the same for any.

    Raises:
        UsageError: fewer cases than kinds, or a negative seed.
        OutsideError: `compute` failed.
    """
    if cases < len(KINDS) or seed < 0:
        raise UsageError(
            f"at least {len(KINDS)} cases and a seed from 0 are needed;"
            f" got `{cases}` cases, seed `{seed}`"
        )
    sizes = [
        cases // len(KINDS) + (1 if stream < cases % len(KINDS) else 0)
        for stream in range(len(KINDS))
    ]
    tasks = [
        (seed, stream, number, min(BLOCK, size - number * BLOCK))
        for stream, size in enumerate(sizes)
        for number in range((size + BLOCK - 1) // BLOCK)
    ]
    totals = [[0, 0, 0] for _ in KINDS]
    for task, counts in zip(tasks, compute.map(run_block, tasks), strict=True):
        totals[task[1]] = [a + b for a, b in zip(totals[task[1]], counts, strict=True)]
    return tuple(
        Row(
            kind=kind,
            cases=size,
            ruled_out=total[0],
            suspect=total[1],
            ruled_out_unelicited=total[2],
            samples=UNITS * kind.per_family * EPOCHS,
        )
        for kind, size, total in zip(KINDS, sizes, totals, strict=True)
    )
