"""Planted series of checkpoints: what each way to forecast misses, measured.

1. A series has a true logit at each checkpoint, one step apart, and at the next one. Its start lies
   between -4 and -1, its mean gain per step between 0.2 and 1. Scores are 100 draws per checkpoint.
2. Four families go on as they went: a straight line, one with a wobble of 0.4, one that saturates,
   and one whose gain tripled before the last checkpoint. In two it changes after the last
   checkpoint: the gain becomes four times as large, or the score jumps by 2 to 4 logits.
3. Only series whose last checkpoint is truly below the line count. *Missed*: of those that cross at
   the next checkpoint, the share whose forecast stayed below. *Cleared*: of the others, the share
   whose forecast stayed below.

Source: the design follows the comparison of methods in the statistics that this project started
from; families, ranges and figures are ours (docs/reference/forecast.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalegate.estimate.forecast import Axis, Checkpoint, Question, Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

ITEMS = 100
LINE = 0.5
GOES_ON = ("straight", "wobble", "saturating", "tripled before")
CHANGES = ("gain times 4 after", "jump after")
METHODS = ("forecast", "trend", "steepest", "now", "two logits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """How one method fared on one family."""

    crossing: int
    """Series that cross at the next checkpoint."""
    missed: int
    """Of them, how many were forecast to stay below."""
    staying: int
    """Series that stay below."""
    cleared: int
    """Of them, how many were forecast to stay below."""

    @property
    def missed_share(self) -> float:
        """Share of crossing series that were missed."""
        return self.missed / max(1, self.crossing)

    @property
    def cleared_share(self) -> float:
        """Share of staying series that were cleared."""
        return self.cleared / max(1, self.staying)


def true_logits(family: str, checkpoints: int, rng: np.random.Generator) -> FloatArray:
    """Return the true logits of a series and of its next checkpoint: `checkpoints` + 1 numbers."""
    import numpy as np

    start, gain = rng.uniform(-4.0, -1.0), rng.uniform(0.2, 1.0)
    steps = np.full(checkpoints, gain)
    match family:
        case "saturating":
            at = np.arange(checkpoints + 1.0)
            whole = 1.0 - np.exp(-checkpoints / 3.0)
            grown: FloatArray = start + checkpoints * gain * (1.0 - np.exp(-at / 3.0)) / whole
            return grown
        case "tripled before":
            steps = steps / 2.0
            steps[-2:] *= 3.0
        case "gain times 4 after":
            steps = steps / 2.0
            steps[-1] *= 4.0
        case "jump after":
            steps = steps / 2.0
            steps[-1] += rng.uniform(2.0, 4.0)
        case _:
            pass
    logits: FloatArray = start + np.concatenate([[0.0], np.cumsum(steps)])
    if family == "wobble":
        logits = logits + rng.normal(0.0, 0.4, checkpoints + 1)
    return logits


def measured(family: str, *, checkpoints: int, cases: int, seed: int) -> Mapping[str, Missed]:
    """Return how each method fares on a family; the same seed gives the same counts."""
    import numpy as np
    from scipy.stats import beta

    stream = [seed, checkpoints, (*GOES_ON, *CHANGES).index(family)]
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(stream)))
    counts = {method: [0, 0, 0, 0] for method in METHODS}
    question = Question(axis=Axis.SHARE, line=LINE)
    bounds = beta.ppf(1.0 - question.alpha, np.arange(ITEMS) + 1, ITEMS - np.arange(ITEMS))
    uppers = [*bounds.tolist(), 1.0]
    for _ in range(cases):
        shares = 1.0 / (1.0 + np.exp(-true_logits(family, checkpoints, rng)))
        solved = rng.binomial(ITEMS, shares[:-1]).tolist()
        if shares[-2] >= LINE:
            continue
        series = Series(
            [
                Checkpoint(name=str(i), at=float(i), point=k / ITEMS, upper=uppers[k], n=ITEMS)
                for i, k in enumerate(solved)
            ],
            question,
        )
        parts = series.parts(1.0)
        found = {**parts, "forecast": series.bound(1.0), "two logits": parts["now"] + 2.0}
        first = 0 if shares[-1] >= LINE else 2
        for method in METHODS:
            counts[method][first] += 1
            counts[method][first + 1] += found[method] < series.line
    return {
        method: Missed(crossing=a, missed=b, staying=c, cleared=d)
        for method, (a, b, c, d) in counts.items()
    }
