"""How far a model has grown from its root (rule 5 of `register`).

1. A root has not grown from itself.
2. A model's own entry may say its growth since the root. Steps of `successor_of` may say the growth
   since what they succeed; multiplied back to a root (months are added), they say it too.
3. Where both lead to one root the greater counts. Where they lead to two, the entry's counts: it
   names the model that the growth was measured against.
4. A step of unknown size makes what the steps say unknown, never 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from scalegate.evidence.documents.registry import Edge, ModelEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How far a model has grown from its root."""

    root: str
    """The last comprehensively assessed model."""
    effective_compute_ratio: Decimal | None
    """Effective compute relative to the root; None is unknown, never 1."""
    elicitation_months: Decimal | None
    """Months of elicitation progress since the root; None is unknown."""
    steps: tuple[Edge, ...] = ()
    """The steps of succession it was multiplied from, the first after the root first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What growth is read from."""

    models: Mapping[str, ModelEntry]
    """From the name of a model to its entry."""
    steps: Mapping[str, Edge]
    """From a model or checkpoint to its `successor_of` edge."""
    model_of: Mapping[str, str]
    """From a checkpoint to its model."""


def growth_of(lineage: Lineage, model: str) -> Growth | None:
    """Return a model's growth since its root; None where no root is registered for it."""
    entry = lineage.models[model]
    if entry.is_root:
        none = Decimal(0)
        return Growth(root=model, effective_compute_ratio=Decimal(1), elicitation_months=none)
    by_steps = _by_steps(lineage, model)
    if entry.root is None:
        return by_steps
    own = Growth(
        root=entry.root,
        effective_compute_ratio=entry.effective_compute_ratio,
        elicitation_months=entry.elicitation_months,
    )
    return _greater(own, by_steps) if by_steps and by_steps.root == own.root else own


def _by_steps(lineage: Lineage, model: str) -> Growth | None:
    """Multiply the steps of succession back to the root; None where they lead to none."""
    step = lineage.steps.get(model)
    if step is None:
        return None
    before = growth_of(lineage, lineage.model_of.get(step.to, step.to))
    if before is None:
        return None
    size, since = step.effective_compute_ratio, step.elicitation_months
    ratio, months = before.effective_compute_ratio, before.elicitation_months
    return Growth(
        root=before.root,
        effective_compute_ratio=None if ratio is None or size is None else ratio * size,
        elicitation_months=None if months is None or since is None else months + since,
        steps=(*before.steps, step),
    )


def _greater(own: Growth, by_steps: Growth) -> Growth:
    """Return the greater of two growths from one root; one that is unknown says nothing."""
    pairs = (
        (own.effective_compute_ratio, by_steps.effective_compute_ratio),
        (own.elicitation_months, by_steps.elicitation_months),
    )
    ratio, months = (max((x for x in pair if x is not None), default=None) for pair in pairs)
    return Growth(
        root=own.root,
        effective_compute_ratio=ratio,
        elicitation_months=months,
        steps=by_steps.steps,
    )
