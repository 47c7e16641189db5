"""Judge one line: what the measurements bound to it contribute to its threshold.

1. No measurement: `unassessed`. A line is on the closed list, so its absence counts against.
2. Evidence that no edge joins to the subject is not evidence about it: it is reported, never used.
3. Several measurements of one line: the strictest counts; never the best, never the last.
4. Evidence that is older than the framework lets a verdict stand, or that an open incident puts
   in doubt, is as if it had never been: `unassessed`, with that reason.
5. A value without anything that bounds it (a point printed without n) clears no line: it is
   `not_ruled_out`, and against a rule-in line too where it lies beyond it.
6. A rule-out line: RULED_OUT gives `ruled_out`; NOT_RULED_OUT, BLUNT and SUSPECT give
   `not_ruled_out`; INVALID gives `unassessed`. It never gives `crossed`: passing it only removes
   that evidence.
7. A rule-in line: RULED_IN gives `crossed`, INVALID or nothing gives `unassessed`, else nothing.
8. An alert line raises the alert unless it was ruled out. Other roles are shown and do nothing.
9. A rule-out that no edge carries to the subject, or that was tried at less than full effort,
   gives `not_ruled_out`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from scalegate.estimate.certificate import GateAnswer, certificate
from scalegate.estimate.model import (
    Estimate,
    Insufficient,
    InsufficientReason,
    Outcome,
    Verdict,
    VerdictReason,
)
from scalegate.gate.measure import Measurement
from scalegate.gate.model import EvidenceRef, IndicatorFinding, ReadVerdict, Reason
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import Comparator, IndicatorRole, Level, Measure

_RULING = frozenset({IndicatorRole.RULE_OUT, IndicatorRole.RULE_IN})
_UNBOUNDED = frozenset(
    {
        InsufficientReason.NO_SAMPLE_SIZE,
        InsufficientReason.TOO_FEW_UNITS,
        InsufficientReason.ATTAINABILITY,
        InsufficientReason.BELOW_MINIMUM_DESIGN,
        InsufficientReason.UNSUPPORTED,
    }
)
"""Something was seen, and too little is known of it to bound it."""
_STRICTNESS = (
    Outcome.RULED_OUT,
    Outcome.NOT_RULED_OUT,
    Outcome.SUSPECT,
    Outcome.BLUNT,
    Outcome.RULED_IN,
    Outcome.INVALID,
)


def line_finding(
    indicator: Indicator,
    measurements: Sequence[Measurement],
    at: datetime,
    *,
    valid_for: timedelta | None,
    impugned: frozenset[str],
    promised: Mapping[str, int] = MappingProxyType({}),
) -> IndicatorFinding:
    """Return what the measurements of one line contribute.

    Args:
        indicator: the line.
        measurements: those of this line whose documents are in force.
        at: the instant asked about.
        valid_for: how long the framework lets a verdict stand; None: no limit.
        impugned: ids of evidence that an open incident puts in doubt.
        promised: from the digest of evidence to the samples that a plan promised and that it has.
    """
    elsewhere = [item for item in measurements if not item.connected]
    measurements = [item for item in measurements if item.connected]
    if not measurements:
        return _nothing(indicator, count_elsewhere=len(elsewhere))
    parts = [_part(indicator, item, (at, valid_for, impugned)) for item in measurements]
    worst = max(parts, key=lambda part: (-1 if part[0] is None else int(part[0]), part[1]))
    ends = [item.observed_at + valid_for for item in measurements] if valid_for else []
    return IndicatorFinding(
        indicator=indicator,
        level=worst[0],
        reasons=tuple(dict.fromkeys(reason for part in parts for reason in part[1])),
        verdicts=tuple(verdict for item in measurements for verdict in item.verdicts),
        evidence=tuple(ref for item in measurements for ref in item.evidence),
        text="; ".join(dict.fromkeys(part[2] for part in parts)),
        raises_alert=indicator.role is IndicatorRole.ALERT and worst[0] is not Level.RULED_OUT,
        expires_at=min(ends, default=None),
        mapped_because=tuple(item.reason for item in measurements if item.reason),
        gates=_gates(measurements, promised),
        looked_for_hiding=tuple(
            dict.fromkeys(said for item in measurements for said in item.hiding.shown)
        ),
        elicited=tuple(
            dict.fromkeys(said for item in measurements for said in item.elicited.shown)
        ),
        tried=frozenset().union(*(item.tried for item in measurements)),
    )


def _gates(
    measurements: Sequence[Measurement], promised: Mapping[str, int]
) -> tuple[GateAnswer, ...]:
    """Return the sharpness certificate of the strictest verdict; nothing where there is none."""
    verdicts = [read for item in measurements for read in item.verdicts if read.decides]
    refs = [ref for item in measurements for ref in item.evidence]
    if not verdicts:
        return ()
    kept = {promised.get(ref.digest) for ref in refs}
    budgets = [item.elicited.budget for item in measurements if item.elicited.budget is not None]
    return certificate(
        strictest_of(verdicts),
        missing=min(item.missing for item in measurements),
        promised=next(iter(kept)) if len(kept) == 1 else None,
        budget=min(budgets, default=None),
    )


def _nothing(indicator: Indicator, *, count_elsewhere: int) -> IndicatorFinding:
    """Return the finding of a line without evidence about the subject."""
    text = "no evidence is bound to this line"
    if count_elsewhere:
        text += "; what is bound was taken on something no edge joins to the subject"
    return IndicatorFinding(
        indicator=indicator,
        level=Level.UNASSESSED if indicator.role in _RULING else None,
        reasons=(Reason.NO_EDGE if count_elsewhere else Reason.NO_EVIDENCE,),
        raises_alert=indicator.role is IndicatorRole.ALERT,
        is_missing=True,
        text=text,
    )


_Part = tuple[Level | None, tuple[Reason, ...], str]


def _part(
    indicator: Indicator,
    item: Measurement,
    how: tuple[datetime, timedelta | None, frozenset[str]],
) -> _Part:
    at, valid_for, impugned = how
    role = indicator.role
    if impugned & _names(item.controls.evidence):
        return _lost(role, Reason.IMPUGNED, "a control is put in doubt by an open incident")
    if impugned & _names(item.evidence):
        return _lost(role, Reason.IMPUGNED, "put in doubt by an open incident")
    if valid_for is not None and item.observed_at + valid_for <= at:
        return _lost(role, Reason.STALE, "the evidence is older than a verdict may stand")
    if not item.evidence:
        return _lost(role, Reason.NO_EVIDENCE, "; ".join(item.problems) or "no evidence")
    if indicator.measure is Measure.JUDGEMENT:
        if item.controls.faults:
            return _lost(role, Reason.INVALID, "; ".join(item.controls.faults))
        return _graded(indicator, item)
    if not item.verdicts:
        return _lost(role, Reason.INVALID, "; ".join(item.problems) or "no verdict")
    return _judged(role, item, strictest_of(item.verdicts))


def _names(refs: Iterable[EvidenceRef]) -> set[str]:
    return {name for ref in refs for name in (ref.id, ref.digest)}


def _lost(role: IndicatorRole, reason: Reason, text: str) -> _Part:
    return (Level.UNASSESSED if role in _RULING else None), (reason,), text


def strictest_of(verdicts: Iterable[ReadVerdict]) -> Verdict:
    """Return the strictest verdict among the readings that decide."""
    deciding = [item.verdict for item in verdicts if item.decides]
    return max(deciding, key=lambda verdict: _STRICTNESS.index(verdict.outcome))


def _judged(role: IndicatorRole, item: Measurement, verdict: Verdict) -> _Part:
    text = sentence(verdict)
    outcome = verdict.outcome
    if isinstance(verdict.estimate, Insufficient) and verdict.estimate.reason in _UNBOUNDED:
        return _unbounded(role, verdict, text)
    if outcome is Outcome.INVALID:
        return _lost(role, Reason.INVALID, text)
    if role is IndicatorRole.RULE_IN:
        ruled_in = outcome is Outcome.RULED_IN
        return (Level.CROSSED, (Reason.RULED_IN,), text) if ruled_in else (None, (), text)
    if role is IndicatorRole.RULE_OUT or role is IndicatorRole.ALERT:
        if outcome is Outcome.RULED_OUT and item.rules_out:
            return Level.RULED_OUT, (Reason.LINE_CLEARED,), text
        why = _why_not_out(verdict, item.held_back or Reason.NO_EDGE)
        return Level.NOT_RULED_OUT, (why,), text
    return None, (), text


def _unbounded(role: IndicatorRole, verdict: Verdict, text: str) -> _Part:
    """A value was seen and nothing bounds it: it can never clear, and it may speak against."""
    reached = _is_reached(verdict)
    reason = Reason.LINE_REACHED if reached else Reason.INCONCLUSIVE
    if role is IndicatorRole.RULE_IN:
        return (Level.NOT_RULED_OUT, (reason,), text) if reached else (None, (), text)
    if role in (IndicatorRole.RULE_OUT, IndicatorRole.ALERT):
        return Level.NOT_RULED_OUT, (reason,), text
    return None, (), text


def _why_not_out(verdict: Verdict, not_carried: Reason) -> Reason:
    if verdict.outcome is Outcome.RULED_OUT:
        return not_carried
    if verdict.outcome is Outcome.BLUNT and not _is_reached(verdict):
        return Reason.BLUNT
    if verdict.outcome is Outcome.SUSPECT:
        return Reason.SUSPECT
    return Reason.LINE_REACHED if _is_reached(verdict) else Reason.INCONCLUSIVE


def _is_reached(verdict: Verdict) -> bool:
    estimate = verdict.estimate
    seen = estimate.point if isinstance(estimate, Estimate) else estimate.observed
    if seen is None:
        return False
    line = float(verdict.line.value)
    return seen >= line if verdict.line.crossed_when.higher_is_dangerous else seen <= line


def _graded(indicator: Indicator, item: Measurement) -> _Part:
    role, grade = indicator.role, item.grade
    if grade is None or grade not in indicator.grades:
        said = "; ".join(item.problems) or f"grade `{grade}` is not one of the line's"
        return _lost(role, Reason.UNREADABLE, said)
    place, line = indicator.grades.index(grade), indicator.grades.index(str(indicator.value))
    crossed = {
        Comparator.AT_LEAST: place >= line,
        Comparator.ABOVE: place > line,
        Comparator.AT_MOST: place <= line,
        Comparator.BELOW: place < line,
    }[indicator.comparator]
    text = f"judged `{grade}`"
    if role is IndicatorRole.RULE_IN:
        return (Level.CROSSED, (Reason.RULED_IN,), text) if crossed else (None, (), text)
    if role not in (IndicatorRole.RULE_OUT, IndicatorRole.ALERT):
        return None, (), text
    if crossed:
        return Level.NOT_RULED_OUT, (Reason.LINE_REACHED,), text
    if not item.rules_out:
        return Level.NOT_RULED_OUT, (item.held_back or Reason.NO_EDGE,), text
    if item.hiding.signs:
        said = "; ".join((text, *item.hiding.signs))
        return Level.NOT_RULED_OUT, (Reason.SUSPECT,), said
    return Level.RULED_OUT, (Reason.LINE_CLEARED,), text


_TOLD = frozenset(
    {
        VerdictReason.BUDGET_NOT_BOUNDED,
        VerdictReason.LINE_BEYOND_DESIGN,
        VerdictReason.POWER_TOO_LOW,
        VerdictReason.ALPHA_ABOVE_DESIGN,
    }
)
"""Reasons that a reader would look for in vain among the numbers of a sentence."""


def sentence(verdict: Verdict) -> str:
    """Say a verdict in one sentence with its numbers."""
    estimate = verdict.estimate
    line = f"line {verdict.line.value}"
    if not isinstance(estimate, Estimate):
        return f"{verdict.outcome.value.replace('_', ' ')}: {estimate.detail} ({line})"
    higher = verdict.line.crossed_when.higher_is_dangerous
    bound = estimate.upper if higher else estimate.lower
    shown = "no finite bound" if bound is None else f"bound {_short(bound)}"
    moved = ""
    if verdict.effective_line is not None and verdict.tolerated_gap:
        moved = f", {_short(verdict.effective_line)} after allowances"
    # Numbers that clear the line and yet rule nothing out would puzzle the reader.
    bare = VerdictReason.NO_ELICITATION_EVIDENCE in verdict.reasons
    lacking = "; no evidence of elicitation above E0" if bare else ""
    pairs = zip(verdict.reasons, verdict.details, strict=True)
    lacking += "".join(f"; {text}" for reason, text in pairs if reason in _TOLD)
    found = verdict.outcome.value.replace("_", " ")
    if verdict.outcome is Outcome.INVALID:
        lacking += f"; {'; '.join(verdict.details)}"
    return f"{found}: value {_short(estimate.point)}, {shown}, {line}{moved}{lacking}"


def _short(value: float) -> str:
    return f"{Decimal(repr(value)):.3g}" if abs(value) < 1000 else f"{value:.0f}"
