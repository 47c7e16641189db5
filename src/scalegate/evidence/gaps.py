"""What the register does not say, though decisions turn on it.

Each gap is counted as the worse case wherever it matters; this lists them, so that they can be
filled. A gap is no fault: a register with gaps can be read (`check_register` has the faults).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scalegate.evidence.documents.registry import Edge
from scalegate.evidence.register import ELICITATION_VARIANTS, Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that the register does not say."""

    subject: str
    """Of whom."""
    text: str
    """What, and how it counts until it is said."""


def gaps(register: Register, ids: frozenset[str]) -> tuple[Gap, ...]:
    """List the gaps of a register, by subject.

    Args:
        register: what is registered.
        ids: ids of the documents on record, for the evidence of bounds.
    """
    found = [
        *(Gap(subject=ref, text=text) for ref in register.models for text in _model(register, ref)),
        *(Gap(subject=edge.start, text=text) for edge, text in _bounds(register, ids)),
        *_deployments(register),
        *_runs(register),
    ]
    return tuple(sorted(found, key=lambda gap: (gap.subject, gap.text)))


def _model(register: Register, ref: str) -> Iterator[str]:
    growth = register.growth(ref)
    if growth is None:
        yield "no root: growth since the last comprehensive assessment is unknown"
    elif growth.effective_compute_ratio is None:
        yield f"effective compute since {growth.root} is not said: growth is unknown"
    if growth is not None and growth.elicitation_months is None:
        yield f"months of elicitation since {growth.root} are not said: growth is unknown"
    own = register.models[ref].checkpoints
    refusing = [each.id for each in own if each.role == "shipped" and each.refuses]
    for checkpoint in refusing:
        variants = [
            edge.start
            for edge in register.parent_of.values()
            if edge.to == checkpoint and edge.variant in ELICITATION_VARIANTS
        ]
        if not variants:
            yield f"no variant of {checkpoint} made to elicit: nothing can be ruled out for it"


def _bounds(register: Register, ids: frozenset[str]) -> Iterator[tuple[Edge, str]]:
    for edge in register.bounds:
        lost = [name for name in edge.evidence if name not in ids]
        if lost:
            yield edge, f"bound by {edge.to}: {', '.join(lost)} is not on record, so it is no bound"


def _deployments(register: Register) -> Iterator[Gap]:
    for ref, entry in register.deployments.items():
        for surface in entry.surfaces:
            if not surface.registered:
                seen = f"surface {surface.name} was seen and never registered"
                text = f"{seen}: nothing is live there"
                yield Gap(subject=ref, text=text)


def _runs(register: Register) -> Iterator[Gap]:
    for ref, run in register.runs.items():
        if run.planned_effective_compute is None:
            yield Gap(subject=ref, text="planned effective compute is not said: no cap is kept")
