"""Draw simulated assessments of a kind of planted model, by item response theory.

1. An item has a difficulty: a family's share and its own. A model has its own ease with an item,
   which nobody knows. Ability is set so that the mean over the *domain* is the score asked for.
2. A sandbagger draws like an able model, then fails at random, on fixed items, or by refusing. An
   imitator draws like a weaker model: nothing in the log tells them apart.
3. Missing samples are lost at random and carry no score.
4. Draws come in blocks of fixed size, each with a seed from (seed, kind, block): how blocks are
   spread over processes changes no bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalegate.app.organisms.kinds import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

UNITS = 60
"""Units (items, or families of items) in each assessment."""
EPOCHS = 4
"""Attempts at each item."""
BLOCK = 1000
"""Assessments drawn from one seed."""
_ITEM_SD, _FAMILY_SD, _EASE_SD = 1.5, 0.8, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Simulated logs of one kind."""

    scores: FloatArray
    """Shape (cases, items, epochs), 0 or 1, as they would be without missing samples."""
    missing: BoolArray
    """Same shape: no score was recorded."""
    refused: BoolArray
    """Same shape: the model refused (and scored 0)."""
    difficulty: FloatArray
    """Shape (cases, items) in logits, as an evaluator may know it."""
    per_family: int
    """Consecutive items that form one unit."""


def draw(
    kind: Kind, *, seed: int, stream: int, block: int, cases: int = BLOCK, units: int = UNITS
) -> Block:
    """Return the logs of one block (rule 4).

    Args:
        kind: what to plant.
        seed: of the whole population.
        stream: number of the kind.
        block: number of the block in its kind.
        cases: logs in the block.
        units: units in each log.
    """
    import numpy as np
    from scipy.special import expit

    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream, block])))
    per, shape = kind.per_family, (cases, units * kind.per_family)
    difficulty = generator.normal(0.0, _ITEM_SD, shape)
    if per > 1:
        difficulty += np.repeat(generator.normal(0.0, _FAMILY_SD, (cases, units)), per, axis=1)
    start = kind.shown if kind.ability is None else kind.ability
    ability = ability_for(start, has_families=per > 1)
    ease = generator.normal(0.0, _EASE_SD, shape)
    chance = expit(ability + ease - difficulty)
    full = (*shape, EPOCHS)
    solved = generator.random(full) < chance[:, :, None]
    keep = kind.shown / start
    refused = np.zeros(full, dtype=np.bool_)
    if kind.how == "items":
        solved &= (generator.random(shape) < keep)[:, :, None]
    elif kind.how == "random":
        solved &= generator.random(full) < keep
    elif kind.how == "refuse":
        refused = generator.random(full) >= keep
        solved &= ~refused
    return Block(
        scores=solved.astype(np.float64),
        missing=generator.random(full) < kind.missing,
        refused=refused,
        difficulty=difficulty,
        per_family=per,
    )


def ability_for(mean: float, *, has_families: bool) -> float:
    """Return the ability, in logits, whose mean score over the domain is `mean`."""
    import numpy as np
    from scipy.optimize import brentq
    from scipy.special import expit

    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    weights = weights / weights.sum()
    family = _FAMILY_SD if has_families else 0.0
    spread = float(np.sqrt(_ITEM_SD**2 + _EASE_SD**2 + family**2))

    def off(ability: float) -> float:
        return float(weights @ expit(ability + spread * nodes)) - mean

    return float(brentq(off, -20.0, 20.0))


def unit_ends(block: Block) -> tuple[FloatArray, FloatArray]:
    """Return each unit's mean with missing samples as successes and as failures.

    Shapes:
        both (cases, units).
    """
    import numpy as np

    cases = block.scores.shape[0]
    per_unit = block.per_family * block.scores.shape[2]
    seen = np.where(block.missing, 0.0, block.scores).reshape(cases, -1, per_unit).sum(axis=2)
    lost = block.missing.reshape(cases, -1, per_unit).sum(axis=2)
    return (seen + lost) / per_unit, seen / per_unit
