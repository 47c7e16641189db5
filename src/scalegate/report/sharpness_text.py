"""Write a row of sharpness for a terminal: what it can detect, and the numbers behind it."""

from __future__ import annotations

from scalegate.estimate.certificate import UNALLOWED_LOGITS, detection
from scalegate.gate.sharpen import Sharpened
from scalegate.report.verdict_text import verdict_numbers


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
    return (*verdict_numbers(known, expires_at=row.expires_at), *row.elicited)
