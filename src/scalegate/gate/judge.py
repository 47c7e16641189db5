"""Find the status of each threshold: the engine's own finding, then the acts upon it.

The engine's own finding:

1. Where all rule-out lines must rule out, the strictest contribution counts; where any may, the
   mildest does. A threshold without a rule-out line is `unassessed`: nothing could rule it out.
2. A rule-in line that is reached makes it `crossed`, whatever was not measured beside it.
3. A planned run that is absent makes it `unassessed`, one that is short at least `not_ruled_out`.
4. An adverse judgement on record (a concern, "cannot rule out") makes it at least
   `not_ruled_out`; "likely" or "crossed" makes it `crossed`.
5. A threshold that has no line and no plan of its own, and that another one rules out when it is
   ruled out itself (`rules_out`), is `ruled_out` with reason `inferred`; not if an act determined
   the other one stricter than that.
6. A subject that a cited rule exempts has `not_required`, or what its root has if that is worse.

7. Where the policy asks for pre-registration, a line that no recorded plan precedes clears nothing
   (see `preregistered`).
8. A line that lacks what a binding row of the policy asks of elicitation clears nothing (see
   `elicitation_asked`).

Determinations (see `determined`) then fix the status that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from scalegate.base.instants import parse_duration
from scalegate.evidence.documents.results import Judgement
from scalegate.evidence.model import Kind
from scalegate.evidence.plan import Missing, Shortfall
from scalegate.gate.acts import carried_questions
from scalegate.gate.alerts import raised_flags
from scalegate.gate.determined import determine
from scalegate.gate.elicitation_asked import holder_to_rows
from scalegate.gate.impugned import impugned_evidence
from scalegate.gate.lines import line_finding
from scalegate.gate.measure import Measurement, applies_to
from scalegate.gate.model import (
    EvidenceRef,
    Finding,
    IndicatorFinding,
    Inputs,
    Reason,
    Subject,
)
from scalegate.gate.planned import promises, shortfalls
from scalegate.gate.preregistered import holder_to_plans
from scalegate.gate.refer import bears_on, clauses_of, evidence_ref
from scalegate.policy.document import Threshold
from scalegate.policy.vocabulary import IndicatorRole, Level

_Own = tuple[Level, tuple[Reason, ...]]


def findings(
    inputs: Inputs, subject: Subject, measurements: Sequence[Measurement], at: datetime
) -> dict[str, Finding]:
    """Return a finding for every threshold of the policy."""
    in_force = [item for item in measurements if item.mapping.id in inputs.ids]
    held, asked = holder_to_plans(inputs, subject, at), holder_to_rows(inputs)
    missing = shortfalls(inputs, subject, at)
    promised = promises(inputs, subject, at)
    own: dict[str, _Own] = {}
    lines: dict[str, tuple[IndicatorFinding, ...]] = {}
    for threshold in inputs.policy.thresholds:
        found = _lines(inputs, subject, (threshold, at), (in_force, promised))
        lines[threshold.id] = tuple(asked(held(line)) for line in found)
        level, reasons = _from_lines(threshold, lines[threshold.id])
        for extra in (
            _from_plan(_about(threshold, missing, inputs)),
            _from_concerns(concerns(inputs, subject, threshold.id, at)),
        ):
            if extra[1]:
                level, reasons = max(level, extra[0]), (*reasons, *extra[1])
        own[threshold.id] = (level, reasons)
    clear = {
        threshold.id
        for threshold in inputs.policy.thresholds
        for status, _ in [determine(inputs, subject, (threshold, at), own[threshold.id])]
        if max(status.level, own[threshold.id][0]) <= Level.RULED_OUT
    }
    own = _inferred(inputs, own, lines, (missing, clear))
    return {
        threshold.id: _finding(
            inputs, subject, (threshold, at), (own[threshold.id], lines[threshold.id], missing)
        )
        for threshold in inputs.policy.thresholds
    }


def _lines(
    inputs: Inputs,
    subject: Subject,
    asked: tuple[Threshold, datetime],
    known: tuple[Sequence[Measurement], Mapping[str, int]],
) -> tuple[IndicatorFinding, ...]:
    (threshold, at), (measurements, promised) = asked, known
    span = inputs.policy.semantics.verdict_valid_for
    valid_for: timedelta | None = parse_duration(span) if span else None
    impugned = impugned_evidence(inputs, at)
    return tuple(
        line_finding(
            indicator,
            [item for item in measurements if item.indicator == indicator.id],
            at,
            valid_for=valid_for,
            impugned=impugned,
            promised=promised,
        )
        for indicator in threshold.indicators
        if applies_to(indicator, subject)
    )


def _from_lines(threshold: Threshold, lines: Iterable[IndicatorFinding]) -> _Own:
    ruling_out = _contributions(lines, IndicatorRole.RULE_OUT)
    ruling_in = _contributions(lines, IndicatorRole.RULE_IN)
    level, reasons = Level.UNASSESSED, [Reason.NO_INDICATOR]
    if ruling_out:
        levels = [own for own, _ in ruling_out]
        level = min(levels) if threshold.combine == "any" else max(levels)
        reasons = [reason for own, said in ruling_out if own is level for reason in said]
    for own, said in ruling_in:
        if own >= level or own is Level.CROSSED:
            reasons = [*said, *reasons]
    # Reached, it is known to be crossed, whatever was not measured beside it.
    reached = Level.CROSSED in [own for own, _ in ruling_in]
    level = Level.CROSSED if reached else max((level, *(own for own, _ in ruling_in)))
    return level, tuple(dict.fromkeys(reasons))


def _contributions(lines: Iterable[IndicatorFinding], role: IndicatorRole) -> list[_Own]:
    return [
        (item.level, item.reasons)
        for item in lines
        if item.indicator.role is role and item.level is not None
    ]


def concerns(
    inputs: Inputs, subject: Subject, threshold: str, at: datetime
) -> tuple[tuple[Level, EvidenceRef], ...]:
    """Return the adverse judgements on a threshold, each with the level it forces."""
    questions = carried_questions(inputs, f"threshold:{inputs.policy.name}/{threshold}")
    found = []
    for record in inputs.bundle.of_kind(Kind.JUDGEMENT):
        judged = record.payload_as(Judgement)
        if judged.question not in questions or not bears_on(inputs, record.subject, subject):
            continue
        level = _FORCED.get((judged.scale, judged.answer))
        if level is not None and record.true_from <= at:
            found.append((level, evidence_ref(record)))
    return tuple(found)


_FORCED = {
    ("concern", "some_concern"): Level.NOT_RULED_OUT,
    ("concern", "substantial_concern"): Level.NOT_RULED_OUT,
    ("crossing", "cannot_rule_out"): Level.NOT_RULED_OUT,
    ("crossing", "likely"): Level.CROSSED,
    ("crossing", "crossed"): Level.CROSSED,
}


def _from_concerns(found: Sequence[tuple[Level, EvidenceRef]]) -> _Own:
    if not found:
        return Level.NOT_REQUIRED, ()
    return max(level for level, _ in found), (Reason.EXPERT_CONCERN,)


def _from_plan(missing: Sequence[Missing]) -> _Own:
    blocking = [item for item in missing if item.is_blocking]
    if not blocking:
        return Level.NOT_REQUIRED, ()
    absent = any(item.shortfall is Shortfall.ABSENT for item in blocking)
    early = any(item.shortfall is Shortfall.BEFORE_PLAN for item in blocking)
    reason = Reason.NOT_PREREGISTERED if early and not absent else Reason.MISSING_RUNS
    return (Level.UNASSESSED if absent else Level.NOT_RULED_OUT), (reason,)


def _about(threshold: Threshold, missing: Sequence[Missing], inputs: Inputs) -> list[Missing]:
    clauses = clauses_of(inputs, threshold.id, *(line.id for line in threshold.indicators))
    return [item for item in missing if item.is_blocking and clauses & set(item.answers)]


def _inferred(
    inputs: Inputs,
    own: Mapping[str, _Own],
    lines: Mapping[str, tuple[IndicatorFinding, ...]],
    known: tuple[Sequence[Missing], set[str]],
) -> dict[str, _Own]:
    missing, clear = known
    found = dict(own)
    by_id = {threshold.id: threshold for threshold in inputs.policy.thresholds}
    for threshold in inputs.policy.thresholds:
        if threshold.id not in clear:
            continue
        for name in threshold.rules_out:
            listed = lines[name] or _about(by_id[name], missing, inputs)
            if own[name] == (Level.UNASSESSED, (Reason.NO_INDICATOR,)) and not listed:
                found[name] = (Level.RULED_OUT, (Reason.INFERRED,))
    return found


def _finding(
    inputs: Inputs,
    subject: Subject,
    asked: tuple[Threshold, datetime],
    found: tuple[_Own, tuple[IndicatorFinding, ...], Sequence[Missing]],
) -> Finding:
    (threshold, at), (own, lines, missing) = asked, found
    status, judged = determine(inputs, subject, (threshold, at), own)
    flags, alerts = raised_flags(inputs, subject, (threshold, at), lines)
    reasons = own[1]
    if judged and judged[0].counts:
        reasons = (Reason.DETERMINED, *reasons)
    ends = [line.expires_at for line in lines if line.expires_at is not None]
    return Finding(
        threshold=threshold.id,
        status=type(status)(level=status.level, flags=status.flags | flags),
        alerts=alerts,
        own=own[0],
        reasons=reasons,
        indicators=lines,
        judged=judged,
        concerns=tuple(ref for _, ref in concerns(inputs, subject, threshold.id, at)),
        missing=tuple(_missing_text(_about(threshold, missing, inputs))),
        expires_at=min(ends, default=None),
        text=_text(own),
    )


def _missing_text(missing: Iterable[Missing]) -> Iterator[str]:
    for item in missing:
        what = item.shortfall.value.replace("_", " ")
        name = item.planned or "a run"
        yield f"{name}: {what}; expected {item.expected}" + (
            f"; got {item.got}" if item.got else ""
        )


def _text(own: _Own) -> str:
    words = ", ".join(reason.value.replace("_", " ") for reason in own[1])
    return f"{own[0].word.replace('_', ' ')}: {words}" if words else own[0].word.replace("_", " ")
