"""What the evaluation plans promised, against what is on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from scalegate.evidence.documents.fields import Elicitation, Level
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.plans import Plan, PlannedRun
from scalegate.evidence.documents.results import HorizonRuns, PublishedResult, UpliftTrial
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.plan import (
    Missing,
    ObservedRun,
    Shortfall,
    kept_by,
    missing_from,
    planned_for,
)
from scalegate.evidence.record import Record
from scalegate.gate.controls import is_control_log
from scalegate.gate.elicited import AS_WORD, counted_level, level_by_word
from scalegate.gate.model import Inputs, Subject
from scalegate.gate.refer import bears_on, clauses_of, lines_named, resolve_subject
from scalegate.policy.vocabulary import IndicatorRole, Measure

_Claims = tuple[Elicitation | None, set[str]]
"""What evidence itself claims of elicitation, and its ids and digests."""


def promises(inputs: Inputs, subject: Subject, at: datetime) -> dict[str, int]:
    """Return the samples promised of each run that kept exactly what a plan promised of it."""
    plans = tuple(_plans(inputs, subject, at))
    if not plans:
        return {}
    observed = observed_runs(inputs)
    found: dict[str, int] = {}
    for record in plans:
        whose = counts_on(inputs, record.subject)
        found |= kept_by(record.payload_as(Plan), observed, counts_on=whose)
    return found


def planned_rules(inputs: Inputs, subject: Subject) -> dict[str, PlannedRun]:
    """Return, by digest, the planned runs that fix stopping, looks or a seed before a run."""
    plans = [
        record
        for record in inputs.bundle.of_kind(Kind.PLAN)
        if any(run.stopping or run.seed or run.looks for run in record.payload_as(Plan).runs)
        and bears_on(inputs, record.subject, subject)
    ]
    found: dict[str, PlannedRun] = {}
    observed = observed_runs(inputs) if plans else ()
    for record in plans:
        whose = counts_on(inputs, record.subject)
        found |= planned_for(record.payload_as(Plan), observed, counts_on=whose)
    return found


def _plans(inputs: Inputs, subject: Subject, at: datetime) -> Iterator[Record]:
    for record in inputs.bundle.of_kind(Kind.PLAN):
        if bears_on(inputs, record.subject, subject) and record.true_from <= at:
            yield record


def shortfalls(inputs: Inputs, subject: Subject, at: datetime) -> tuple[Missing, ...]:
    """Return every difference between the plans about the subject and what is on record."""
    plans = tuple(_plans(inputs, subject, at))
    if not plans:
        return ()
    promised = [(each.payload_as(Plan), counts_on(inputs, each.subject)) for each in plans]
    answers = missing_from(promised, observed_runs(inputs))
    return tuple(item for each in answers for item in each)


def observed_runs(inputs: Inputs) -> tuple[ObservedRun, ...]:
    """Return what ran, as logs and documents say, each once."""
    return (*_observed_logs(inputs), *_observed_documents(inputs))


def unplanned_runs(inputs: Inputs, subject: Subject, at: datetime) -> Iterator[str]:
    """Yield the digests of runs that began before their plan, or that no mapping binds (rule 6)."""
    against = (Shortfall.BEFORE_PLAN, Shortfall.LEFT_OUT)
    for item in shortfalls(inputs, subject, at):
        if item.shortfall in against and item.observed is not None:
            yield item.observed


def counts_on(inputs: Inputs, subject: str) -> frozenset[str]:
    """Return the checkpoints and models on which a run about the subject counts."""
    names = (*inputs.register.checkpoints, *inputs.register.models, subject)
    return frozenset(name for name in names if inputs.register.carry(name, subject).connected)


def _observed_logs(inputs: Inputs) -> Iterator[ObservedRun]:
    for digest, log in inputs.bundle.logs.items():
        if is_control_log(inputs, digest):
            continue
        bound = tuple(_bindings(inputs, digest, log))
        binding = bound[0] if bound else None
        claim = binding.elicitation if binding else None
        header, table = log.header, log.samples
        clean = {
            sample for sample, error in zip(table.ids, table.errors, strict=False) if not error
        }
        yield ObservedRun(
            digest=digest,
            name=header.task,
            taken_on=binding.taken_on if binding else None,
            task_version=header.task_version or None,
            dataset_sha256=header.dataset_ids_digest or None,
            scored_samples=len(clean),
            items=frozenset(clean),
            listed_samples=len(header.planned_ids),
            stopping=header.stopping,
            epochs=max(table.epochs, default=0) or 1,
            elicitation=AS_WORD[level_by_word(claim)],
            elicitation_on=_levels(inputs, binding.taken_on or "", bound, (None, {digest}))
            if binding
            else (),
            claimed=claim.level if claim else None,
            started_at=header.started_at or header.created_at,
            model=header.model or None,
        )


def _bindings(inputs: Inputs, digest: str, log: EvalLog) -> Iterator[Binding]:
    for binding in _measuring(inputs):
        task = binding.selects.task
        of_task = task is not None and task.name == log.header.task
        if of_task or binding.selects.log_sha256 == digest:
            yield binding


def _measuring(inputs: Inputs) -> Iterator[Binding]:
    for record in inputs.bundle.of_kind(Kind.MAPPING):
        binding = record.payload_as(Binding)
        if binding.control is None:
            yield binding


def _levels(
    inputs: Inputs, taken_on: str, bound: Iterable[Binding], claims: _Claims
) -> tuple[tuple[str, Level], ...]:
    """Return the level that counts on each clause that evidence is bound to, the least on each.

    It is the level by which the allowance of the line goes, for what the evidence was taken on.
    """
    if not inputs.register.knows(taken_on):
        return ()
    claim, names = claims
    subject = resolve_subject(inputs.register, taken_on)
    found: dict[str, Level] = {}
    for binding in bound:
        measured = (binding.elicitation or claim, names)
        for threshold, indicator in lines_named(inputs, binding.indicator):
            counted = counted_level(inputs, subject, (threshold, indicator, binding), measured)
            level = AS_WORD[counted]
            for clause in clauses_of(inputs, threshold.id, indicator.id):
                found[clause] = min(level, found.get(clause, level))
    by_word = AS_WORD[level_by_word(claim)]
    found |= {clause: min(by_word, found[clause]) for clause in _open_ends(inputs, found)}
    return tuple(sorted(found.items()))


def _open_ends(inputs: Inputs, found: dict[str, Level]) -> Iterator[str]:
    """Yield clauses of thresholds that any line may rule out, one of which nothing is bound to.

    There the evidence counts by word: if the least were taken over the lines it is bound to, losing
    the mapping of the weakest would raise it, and open what was held (law 1). Where all lines must
    rule out, a line without a mapping holds by itself.
    """
    for threshold in inputs.policy.thresholds:
        named = [each for each in clauses_of(inputs, threshold.id) if each in found]
        measured = [
            line
            for line in threshold.indicators
            if line.role is IndicatorRole.RULE_OUT and line.measure is not Measure.JUDGEMENT
        ]
        if threshold.combine == "any" and any(
            found.keys().isdisjoint(clauses_of(inputs, line.id)) for line in measured
        ):
            yield from named


_MEASURED = (Kind.PUBLISHED_RESULT, Kind.UPLIFT_TRIAL, Kind.HORIZON_RUNS)


def _observed_documents(inputs: Inputs) -> Iterator[ObservedRun]:
    for kind in _MEASURED:
        for record in inputs.bundle.of_kind(kind):
            yield from _observed_document(inputs, record)


def _observed_document(inputs: Inputs, record: Record) -> Iterator[ObservedRun]:
    payload = record.payload
    if not isinstance(payload, (PublishedResult, UpliftTrial, HorizonRuns)) or not payload.eval:
        return
    names, claim = {record.id, record.digest}, payload.elicitation
    bound = [each for each in _measuring(inputs) if each.selects.document in names]
    claim = next((each.elicitation for each in bound if each.elicitation), claim)
    taken_on = payload.tested or record.subject
    yield ObservedRun(
        digest=record.digest,
        name=payload.eval.name,
        taken_on=taken_on,
        task_version=payload.eval.task_version,
        harness=payload.eval.harness,
        harness_version=payload.eval.harness_version,
        dataset_sha256=payload.eval.dataset_sha256,
        scored_samples=_size(record, payload),
        epochs=(payload.epochs or 1) if isinstance(payload, PublishedResult) else 1,
        elicitation=AS_WORD[level_by_word(claim)],
        elicitation_on=_levels(inputs, taken_on, bound, (payload.elicitation, names)),
        claimed=claim.level if claim else None,
        started_at=payload.started_at or record.true_from,
        is_start_known=payload.started_at is not None,
    )


def _size(record: Record, payload: PublishedResult | UpliftTrial | HorizonRuns) -> int:
    if isinstance(payload, PublishedResult):
        return payload.n or payload.of or 0
    if isinstance(payload, UpliftTrial):
        return sum(
            arm.n or arm.n_min or len(arm.scores) for arm in (payload.control, payload.treated)
        )
    return len(record.attached or payload.runs)
