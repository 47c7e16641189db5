"""Write a verdict with everything that it rests on, and what nobody evidenced, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.estimate.certificate import GateAnswer, conditional_error, line_after
from scalegate.estimate.model import Estimate, Verdict
from scalegate.report.numerals import rounded_beside


def verdict_numbers(verdict: Verdict, *, expires_at: datetime | None) -> tuple[str, ...]:
    """Say a verdict in sentences: what was estimated, from how much, and how it could be wrong.

    Args:
        verdict: the verdict.
        expires_at: when its evidence stops counting; None: the framework sets no limit.
    """
    return tuple(_numbers(verdict, expires_at))


def _numbers(verdict: Verdict, expires_at: datetime | None) -> Iterator[str]:
    ends = "no limit set" if expires_at is None else format_instant(expires_at)
    made = verdict.estimate
    if isinstance(made, Estimate):
        yield from _estimated(verdict, made)
    else:
        yield f"no estimate: {made.detail}"
    yield from _allowances(verdict)
    if isinstance(made, Estimate):
        yield _power(verdict)
    for name, control in (
        ("positive", verdict.positive_control),
        ("negative", verdict.negative_control),
    ):
        yield f"{name} control: {_control(control)}"
    if isinstance(made, Estimate):
        yield f"error: {conditional_error(verdict)}"
    yield f"looks on record: {verdict.n_looks}{_looked(verdict)}; expires: {ends}"


def _estimated(verdict: Verdict, made: Estimate) -> Iterator[str]:
    size = f"{made.n_units} units, {made.n_samples} samples, {made.n_effective:.3g} effective"
    yield f"{made.estimand} by {made.unit}: {size}, {made.missing} missing; method {made.method}"
    yield from (f"note: {plain(note, limit=200)}" for note in made.notes)
    line, effective = float(verdict.line.value), verdict.effective_line
    moved = "" if effective is None else f", {rounded_beside(effective, line)} after allowances"
    beside = line if effective is None else effective
    bound = "none" if verdict.bound is None else rounded_beside(verdict.bound, beside)
    yield f"bound {bound}, line {verdict.line.value}{moved}"


def _allowances(verdict: Verdict) -> Iterator[str]:
    if not verdict.allowances:
        yield "allowances: none"
    for each in verdict.allowances:
        why = f"evidence: {each.evidence}" if each.evidence else "never evidenced"
        after, line = line_after(verdict, each), float(verdict.line.value)
        costs = "" if after is None else f" (alone: line {rounded_beside(after, line)})"
        size = f"{each.amount:.3g} {each.unit.value}{costs}"
        yield f"allowance for {each.component.value}: {size}, {why}"


def _power(verdict: Verdict) -> str:
    gap = "none" if verdict.tolerated_gap is None else f"{verdict.tolerated_gap:.3g}"
    safe = verdict.design.p_safe
    where = "no safe level declared" if safe is None else f"at the safe level {safe:g}"
    power = "none" if verdict.power_at_safe is None else f"{verdict.power_at_safe:.2f}"
    excess = verdict.minimum_detectable_excess
    least = "" if excess is None else f"; detectable excess {excess:.2g}"
    return f"tolerated gap {gap}; power {power}, {where}{least}"


def _control(control: Estimate | None) -> str:
    if control is None:
        return "none on record"
    top = "none" if control.upper is None else f"{control.upper:.3g}"
    return (
        f"{control.point:.3g} from {control.n_units} units, between {control.lower:.3g} and {top}"
    )


def _looked(verdict: Verdict) -> str:
    made = verdict.estimate
    if isinstance(made, Estimate) and made.anytime_valid:
        return ", the bound allows any number"
    looks = verdict.design.looks
    if looks == 1:
        return ""
    return f" of {looks} promised, each with an error of {verdict.design.alpha / looks:.2%}"


def gate_texts(gates: Sequence[GateAnswer]) -> tuple[str, ...]:
    """Say which gates of the sharpness certificate are open, each with why, and which are met."""
    texts: dict[str, list[str]] = {}
    for each in gates:
        if not each.is_met:
            texts.setdefault(each.text, []).append(each.gate.value)
    said = [f"open {', '.join(names)}: {text}" for text, names in texts.items()]
    met = [each.gate.value for each in gates if each.is_met]
    return (*said, f"met {', '.join(met)}") if met else tuple(said)
