"""Write a row of sharpness for a terminal: what it can detect, and the numbers behind it."""

from __future__ import annotations

from scalegate.base.instants import format_instant
from scalegate.estimate.certificate import UNALLOWED_LOGITS, conditional_error, detection
from scalegate.estimate.model import Estimate
from scalegate.gate.sharpen import Sharpened


def row_head(row: Sharpened) -> str:
    """Say the verdict, what the design can do, and how many units are wanting."""
    known = row.verdict
    if known is None:
        return "no verdict"
    parts = [known.outcome.value.replace("_", " ")]
    named = (
        ("power", known.power_at_safe),
        ("tolerated gap", known.tolerated_gap),
        ("detectable excess", known.minimum_detectable_excess),
        ("detection at the line", detection(known, unallowed=0.0)),
        (
            f"with {UNALLOWED_LOGITS:g} logits unallowed",
            detection(known, unallowed=UNALLOWED_LOGITS),
        ),
    )
    parts += [f"{name} {value:.2f}" for name, value in named if value is not None]
    if row.units_more:
        parts.append(f"{row.units_more} units more for power")
    return ", ".join(parts)


def row_numbers(row: Sharpened) -> tuple[str, ...]:
    """Say what was estimated from how much, against which line, with which allowances and error."""
    known = row.verdict
    if known is None:
        return ()
    ends = "no limit set" if row.expires_at is None else format_instant(row.expires_at)
    if not isinstance(known.estimate, Estimate):
        return (f"no estimate: {known.estimate.detail}", f"expires: {ends}")
    made = known.estimate
    moved = "" if known.effective_line is None else f", {known.effective_line:.3g} after allowances"
    bound = "none" if known.bound is None else f"{known.bound:.3g}"
    given = [
        f"{each.component.value} {each.amount:g} {each.unit.value}"
        f" ({'evidenced' if each.evidence else 'never evidenced'})"
        for each in known.allowances
    ]
    size = f"{made.n_units} units, {made.n_samples} samples, {made.n_effective:.3g} effective"
    return (
        f"{made.estimand} by {made.unit}: {size}",
        f"bound {bound}, line {known.line.value}{moved}",
        f"allowances: {', '.join(given) or 'none'}",
        f"error: {conditional_error(known)}",
        f"looks: {known.n_looks} assumed unless recorded; expires: {ends}",
    )
