"""Say whether evidence answers a recorded plan that precedes its run, and hold a line to that.

The whole rule:

1. A plan is recorded where a receipt on record names its digest. It counts as recorded from the
   instant that the receipt names: by a witness's clock, or by the lab's own, and the answer says
   which. A receipt is taken at its word, unless whoever asks found that no log bears it out
   (`Inputs.void_receipts`): then it counts as none, and the answer says so. The command line holds
   every receipt against the log before it asks.
2. A run answers a recorded plan for a line if the plan names its evaluation, version and data set,
   the receipt lists the line, the line still says what it said then, and the run started when the
   plan was fixed and recorded, or later. When it started is the word of its log or document; a
   document that does not say (`started_at`) answers none.
3. Where the policy asks for pre-registration, only evidence that answers such a plan clears a
   rule-out or alert line; one piece that does not is enough to hold it (`not_preregistered`).
4. A line on a judgement is no run and has no plan: it is exempt.
5. A receipt only helps: losing one never clears a line. Where the policy asks for nothing, the
   answers are shown and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scalegate.base.canonical import digest_of
from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.evidence.documents.plans import Plan, PlannedRun, PlanReceipt
from scalegate.evidence.model import Kind
from scalegate.evidence.plan import ObservedRun, is_same_task, version_differences
from scalegate.evidence.record import Record
from scalegate.gate.model import (
    Assessment,
    EvidenceRef,
    IndicatorFinding,
    Inputs,
    PlanAnswer,
    Reason,
    Subject,
)
from scalegate.gate.planned import counts_on, observed_runs
from scalegate.gate.refer import bears_on
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import IndicatorRole, Level, Measure, PreregistrationRule

_PROSE = frozenset({"cite", "statement", "ours", "threshold"})
_CLEARS = frozenset({IndicatorRole.RULE_OUT, IndicatorRole.ALERT})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPlan:
    """A plan with one receipt of it."""

    plan: Record
    receipt: Record
    counts_on: frozenset[str]
    """Checkpoints and models on which a run of it counts."""

    @property
    def said(self) -> PlanReceipt:
        """What the receipt says."""
        return self.receipt.payload_as(PlanReceipt)

    @property
    def fixed_at(self) -> datetime:
        """From when on a run can answer it."""
        return max(self.plan.payload_as(Plan).committed_at, self.said.recorded_at)


def line_digest(indicator: Indicator) -> str:
    """Return the digest of what a line says, without its prose and citation."""
    return digest_of(_said_by(indicator))


def line_in_short(indicator: Indicator) -> str:
    """Say a line in a few words."""
    error = f", alpha {indicator.alpha}" if indicator.alpha is not None else ""
    safe = f", safe level {indicator.safe_level}" if indicator.safe_level is not None else ""
    comparator = indicator.comparator.value.replace("_", " ")
    measure = indicator.measure.value.replace("_", " ")
    said = f"{measure} {comparator} {indicator.value} {indicator.unit}{safe}{error}"
    return plain(said, limit=190)


def _said_by(indicator: Indicator) -> Mapping[str, Any]:
    found: dict[str, Any] = _as_text(indicator.model_dump(mode="python", exclude=set(_PROSE)))
    return found


def _as_text(value: Any) -> Any:
    """Write every scalar as text, so that exact numbers keep their spelling; drop prose."""
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items() if name not in _PROSE}
    if isinstance(value, (list, tuple)):
        return [_as_text(each) for each in value]
    return value if value is None else str(value)


def recorded_plans(inputs: Inputs, subject: Subject, at: datetime) -> tuple[RecordedPlan, ...]:
    """Return the plans about a subject that have a receipt, once for each receipt (rule 1)."""
    receipts = [
        record
        for record in inputs.bundle.of_kind(Kind.PLAN_RECEIPT)
        if record.true_from <= at and record.digest not in inputs.void_receipts
    ]
    if not receipts:
        return ()
    return tuple(
        RecordedPlan(plan=plan, receipt=receipt, counts_on=counts_on(inputs, plan.subject))
        for plan in inputs.bundle.of_kind(Kind.PLAN)
        if bears_on(inputs, plan.subject, subject) and plan.true_from <= at
        for receipt in receipts
        if receipt.payload_as(PlanReceipt).plan == plan.digest
    )


def holder_to_plans(
    inputs: Inputs, subject: Subject, at: datetime
) -> Callable[[IndicatorFinding], IndicatorFinding]:
    """Return what holds each line of a policy to the recorded plans (rules 2 to 5)."""
    rule = inputs.policy.semantics.preregistration.rule
    plans, void = recorded_plans(inputs, subject, at), void_notes(inputs, subject, at)
    is_asked = rule is not PreregistrationRule.NOT_REQUIRED
    if not plans and not void and not is_asked:
        return lambda line: line
    runs = {run.digest: run for run in observed_runs(inputs)}

    def hold(line: IndicatorFinding) -> IndicatorFinding:
        exempt = line.indicator.measure is Measure.JUDGEMENT
        if exempt or line.indicator.role not in _CLEARS or not line.evidence:
            return line
        clause = f"{inputs.policy.name}/{line.indicator.id}"
        asked = (clause, line.indicator, rule)
        answers = tuple(_answer(ref, runs.get(ref.digest), asked, plans) for ref in line.evidence)
        if void and not all(each.holds for each in answers):
            said = "; ".join(void)
            answers = tuple(replace(each, text=f"{each.text}; {said}") for each in answers)
        return _held(line, answers, is_asked=is_asked)

    return hold


def void_notes(inputs: Inputs, subject: Subject, at: datetime) -> tuple[str, ...]:
    """Say which receipts of plans about a subject count as none, and why (rule 1)."""
    if not inputs.void_receipts:
        return ()
    plans = {
        plan.digest
        for plan in inputs.bundle.of_kind(Kind.PLAN)
        if bears_on(inputs, plan.subject, subject)
    }
    return tuple(
        f"receipt `{plain(record.id, limit=60)}` counts as none:"
        f" {plain(inputs.void_receipts[record.digest], limit=200)}"
        for record in inputs.bundle.of_kind(Kind.PLAN_RECEIPT)
        if record.digest in inputs.void_receipts
        and record.true_from <= at
        and record.payload_as(PlanReceipt).plan in plans
    )


def answers_in(known: Assessment) -> tuple[PlanAnswer, ...]:
    """Return the answers that hold, over all lines, each once."""
    found = {
        (answer.evidence, answer.receipt.envelope): answer
        for finding in known.findings.values()
        for line in finding.indicators
        for answer in line.answers
        if answer.holds and answer.receipt is not None
    }
    return tuple(found[key] for key in sorted(found))


def _held(
    line: IndicatorFinding, answers: tuple[PlanAnswer, ...], *, is_asked: bool
) -> IndicatorFinding:
    said = "; ".join(dict.fromkeys(each.text for each in answers))
    shown = replace(line, answers=answers, text=f"{line.text}; {said}")
    if not is_asked or line.level is not Level.RULED_OUT or all(each.holds for each in answers):
        return shown
    return replace(
        shown,
        level=Level.NOT_RULED_OUT,
        reasons=(Reason.NOT_PREREGISTERED,),
        raises_alert=line.indicator.role is IndicatorRole.ALERT,
        text=f"{shown.text}; the policy lets no evidence without such a plan rule out",
    )


_Asked = tuple[str, Indicator, PreregistrationRule]


def _answer(
    ref: EvidenceRef, run: ObservedRun | None, asked: _Asked, plans: tuple[RecordedPlan, ...]
) -> PlanAnswer:
    if run is None:
        text = "answers no recorded plan: nothing says which evaluation it was a run of"
        return PlanAnswer(evidence=ref.id, holds=False, text=text)
    found = [
        candidate
        for recorded in plans
        for planned in recorded.plan.payload_as(Plan).runs
        if is_same_task(planned, run, counts_on=recorded.counts_on)
        for candidate in _candidates(ref, (run, planned), recorded, asked)
    ]
    if not found:
        text = "answers no recorded plan: none names this evaluation on this checkpoint for it"
        return PlanAnswer(evidence=ref.id, holds=False, text=text)
    return next((each for each in found if each.holds), found[0])


def _candidates(
    ref: EvidenceRef, met: tuple[ObservedRun, PlannedRun], recorded: RecordedPlan, asked: _Asked
) -> Iterator[PlanAnswer]:
    clause, indicator, rule = asked
    run, planned = met
    committed = {line.clause: line for line in recorded.said.lines}.get(clause)
    if committed is None:
        return
    name = f"plan `{plain(recorded.plan.id, limit=60)}`"
    differing = version_differences(planned, run)
    if differing:
        expected, got = differing[0]
        why = f"does not answer {name}: expected {expected}, got {got}"
    elif committed.sha256 != line_digest(indicator):
        was = plain(committed.statement, limit=120)
        why = (
            f"does not answer {name}: the line was changed after it was recorded"
            f" (it was `{was}`, it is `{line_in_short(indicator)}`)"
        )
    else:
        why = _too_early(run, recorded, name) or _by_whose_clock(recorded, name, rule)
    yield PlanAnswer(
        evidence=ref.id,
        holds=not why,
        text=why or _answered(run, recorded, name),
        receipt=recorded.said,
        started_at=run.started_at,
    )


def _too_early(run: ObservedRun, recorded: RecordedPlan, name: str) -> str:
    if run.started_at is None:
        return f"does not answer {name}: nothing says when its run started"
    if not run.is_start_known:
        return f"does not answer {name}: the document does not say when its runs began"
    if run.started_at >= recorded.fixed_at:
        return ""
    return (
        f"does not answer {name}: it started at {format_instant(run.started_at)}, and the plan was"
        f" recorded by {format_instant(recorded.fixed_at)}"
    )


def _by_whose_clock(recorded: RecordedPlan, name: str, rule: PreregistrationRule) -> str:
    if rule is not PreregistrationRule.WITNESSED or recorded.said.clock == "witness":
        return ""
    return (
        f"does not answer {name} as the policy asks: no witness says when it was recorded, only"
        " the lab's own clock"
    )


def _answered(run: ObservedRun, recorded: RecordedPlan, name: str) -> str:
    said = recorded.said
    clock = "witnesses' clocks" if said.clock == "witness" else "the lab's own clock"
    started = format_instant(run.started_at) if run.started_at else ""
    return (
        f"answers {name}, entry {said.entry} of `{plain(said.log, limit=80)}` by"
        f" {format_instant(said.recorded_at)} ({clock}), before its start at {started} (its own"
        " word)"
    )
