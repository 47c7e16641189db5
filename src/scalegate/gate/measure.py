"""From mapped evidence to verdicts: one measurement for each mapping.

1. Only a mapping binds evidence to a line; nothing is guessed from a name.
2. Evidence that no edge of the register joins to the subject is reported and not used. Evidence
   that is joined but whose rule-out does not carry may only count against the subject.
3. What was printed without saying what its plus-minus means is judged under every meaning. The
   strictest counts, unless the mapping fixes one meaning with a reason; all are shown.
4. A number of participants printed as a range counts as its lower end.
5. A log is completed cautiously: whatever was not cleanly measured counts as the worse news.
6. What was tested on the shipped variant rules nothing out: it may have refused.
7. What was tried at less than the highest effort that the checkpoint has rules nothing out,
   whatever effort a deployment allows; so does what does not say at which effort it was tried.
8. A control measures the eval and not the subject (`controls`): it is no measurement, and the
   verdict is judged with it.
9. Several looks at growing logs need a bound that allows them, or a plan that fixed their sizes:
   then the error is shared out over the looks it promised. Without, the verdict is invalid.
10. Where another mapping names the families of a log's items, a bound that takes the items as units
   is invalid, but on a fixed list of tasks.
11. Elicitation is what the mapping claims, else what the document claims, else `E0`, under which
   nothing can be ruled out; a claim counts as far as records show it, and every arm on record is
   judged too (`elicited`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from scalegate.base.plain_text import plain
from scalegate.estimate.combine import Combination, combine_alpha
from scalegate.estimate.model import (
    CrossedWhen,
    Design,
    Estimate,
    Insufficient,
    Line,
    Role,
)
from scalegate.estimate.verdict import judge_line
from scalegate.evidence.documents.fields import Elicitation
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.results import Judgement
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.evidence.register import Carry, Register
from scalegate.gate.controls import NO_CONTROLS, Controls, controls_for, without_controls
from scalegate.gate.elicited import NOT_ELICITED, Elicited, elicited_behind
from scalegate.gate.hiding import NO_SIGNS, Hiding, hiding_behind
from scalegate.gate.model import EvidenceRef, Inputs, ReadVerdict, Reason, Subject
from scalegate.gate.planned import planned_rules
from scalegate.gate.proving import proven
from scalegate.gate.readings_of import Reading, missing_in, printed_readings
from scalegate.gate.refer import evidence_ref, lines_named
from scalegate.gate.samples import Sampled, from_logs
from scalegate.policy.document import Indicator, Threshold
from scalegate.policy.vocabulary import Comparator, IndicatorRole, Measure

_Beside = tuple[Controls, Hiding, Elicited]
"""What a verdict is judged with, beside its estimate."""
FROM_LOGS = frozenset({Measure.PROPORTION, Measure.MEAN_SCORE, Measure.COUNT_OF})
"""What the samples of a log can be summed up to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one mapping makes of its evidence, against one line."""

    indicator: str
    """The line's id."""
    mapping: Record
    """The document that binds the evidence to the line."""
    records: tuple[Record, ...]
    """The documents measured; empty for logs."""
    evidence: tuple[EvidenceRef, ...]
    """The same, as a decision names it; for logs with flags and samples."""
    logs: tuple[str, ...] = ()
    """Digests of the logs that the mapping selects, those that cannot be read so too."""
    verdicts: tuple[ReadVerdict, ...] = ()
    """One per reading of what was printed."""
    grade: str | None = None
    """For a judgement: the grade given."""
    rules_out: bool = False
    """Whether a rule-out carries to the subject."""
    connected: bool = True
    """Whether any edge joins the evidence to the subject."""
    held_back: Reason | None = None
    """Why a rule-out does not carry, where it is not for want of an edge."""
    is_fine_tuned: bool = False
    """Whether it was taken on a variant fine-tuned to bring the capability out."""
    tried: frozenset[str] = frozenset()
    """What arms with a result tried, and what the variant measured is by itself."""
    observed_at: datetime
    """When it was observed; from then on it grows older."""
    missing: tuple[bool, str] = (True, "missing samples")
    """Whether it tells what became of whatever was not measured, and its word for that, or why it
    does not."""
    problems: tuple[str, ...] = ()
    """Why there is no verdict, in words."""
    reason: str = ""
    """The reason given in the mapping."""
    hiding: Hiding = NO_SIGNS
    """Signs of hidden ability behind the line."""
    controls: Controls = NO_CONTROLS
    """What the eval showed where the answer was known."""
    elicited: Elicited = NOT_ELICITED
    """What is on record of elicitation behind the line."""


def measure_all(inputs: Inputs, subject: Subject) -> tuple[Measurement, ...]:
    """Measure every mapping that names an indicator of the policy, in order of mapping ids."""
    found: list[Measurement] = []
    for record in inputs.bundle.of_kind(Kind.MAPPING):
        binding = record.payload_as(Binding)
        if binding.control is not None:
            continue
        for threshold, indicator in lines_named(inputs, binding.indicator):
            if not applies_to(indicator, subject):
                continue
            found.append(_measurement(inputs, subject, (record, binding), (threshold, indicator)))
    return tuple(found)


def applies_to(indicator: Indicator, subject: Subject) -> bool:
    """Say whether a line is on the subject's list: some were drawn for certain models only."""
    return not indicator.subjects or bool(set(indicator.subjects) & subject.names)


def _measurement(
    inputs: Inputs,
    subject: Subject,
    bound: tuple[Record, Binding],
    line: tuple[Threshold, Indicator],
) -> Measurement:
    binding = bound[1]
    if binding.selects.document is not None:
        document = inputs.bundle.find(binding.selects.document)
        if document is None:
            problem = f"mapped document `{binding.selects.document}` is not on record"
            return _without(bound, line[1], problem)
        if points_elsewhere(line[1], binding, document):
            return _without(bound, line[1], "the score points the other way than the line")
        return _from_document(inputs, subject, bound, (line, document))
    logs = tuple(_selected(inputs, binding))
    if binding.selects.task is not None:
        logs = tuple(without_controls(inputs, subject, logs))
    if not logs:
        return _without(bound, line[1], "no log on record is what the mapping selects")
    if line[1].measure not in FROM_LOGS:
        problem = f"a log cannot be read as `{line[1].measure.value}`"
        return _without(bound, line[1], problem)
    if points_elsewhere(line[1], binding, None):
        return _without(bound, line[1], "the score points the other way than the line")
    return _from_logs(inputs, subject, bound, (line, logs))


def _selected(inputs: Inputs, binding: Binding) -> Iterator[tuple[str, EvalLog]]:
    for digest, log in inputs.bundle.logs.items():
        task = binding.selects.task
        logged = (log.header.task, str(log.header.task_version))
        of_task = task is not None and (task.name, str(task.version)) == logged
        if of_task or binding.selects.log_sha256 == digest:
            yield digest, log


def points_elsewhere(indicator: Indicator, binding: Binding, document: Record | None) -> bool:
    """Say whether a low score is the capable one, and the line is crossed by a high one."""
    said = {binding.direction, getattr(document and document.payload, "direction", None)}
    high_is_dangerous = indicator.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
    return high_is_dangerous and "lower_is_more_capable" in said


def _sampled(
    inputs: Inputs,
    subject: Subject,
    asked: tuple[Indicator, Binding, float],
    logs: tuple[tuple[str, EvalLog], ...],
) -> Sampled:
    indicator, binding, alpha = asked
    rules = planned_rules(inputs, subject)
    found = from_logs(logs, indicator, binding, alpha, planned=rules, is_proved=inputs.is_proved)
    kin = "" if indicator.estimand == "fixed_list" else _families_elsewhere(inputs, binding, logs)
    return replace(found, invalid=(*found.invalid, kin)) if kin else found


def _families_elsewhere(
    inputs: Inputs, binding: Binding, logs: Sequence[tuple[str, EvalLog]]
) -> str:
    """Say where another mapping names the families of these items, and this one takes items."""
    if binding.family_key:
        return ""
    mine = {digest for digest, _ in logs}
    for record in inputs.bundle.of_kind(Kind.MAPPING):
        other = record.payload_as(Binding)
        key = other.family_key
        if key and any(
            digest in mine and (column := log.samples.field(key)) is not None and any(column.values)
            for digest, log in _selected(inputs, other)
        ):
            return (
                f"`{plain(record.id, limit=60)}` names the families of these items under"
                f" `{plain(key, limit=60)}`: items are then no units of their own; name it here too"
                " (`family_key`)"
            )
    return ""


def _without(bound: tuple[Record, Binding], indicator: Indicator, problem: str) -> Measurement:
    record, binding = bound
    return Measurement(
        indicator=indicator.id,
        mapping=record,
        records=(),
        evidence=(),
        observed_at=record.true_from,
        problems=(problem,),
        reason=binding.reason,
    )


def _from_document(
    inputs: Inputs,
    subject: Subject,
    bound: tuple[Record, Binding],
    asked: tuple[tuple[Threshold, Indicator], Record],
) -> Measurement:
    (record, binding), ((threshold, indicator), document) = bound, asked
    tested = getattr(document.payload, "tested", None) or document.subject
    carry = _carry(inputs, tested, subject)
    said = binding.elicitation or getattr(document.payload, "elicitation", None)
    full = _at_full_effort(inputs.register, tested, said) or isinstance(document.payload, Judgement)
    readings = printed_readings(document, indicator, spread_read_as=binding.spread_read_as)
    alpha = alpha_of(threshold, indicator)
    controls = controls_for(inputs, subject, (binding, indicator, alpha), document)
    line = (threshold, indicator, binding)
    hiding = hiding_behind(inputs, subject, line)
    refs = (evidence_ref(document),)
    elicited = elicited_behind(inputs, subject, line, (said, alpha, refs))
    beside = (controls, hiding, elicited)
    grades = [reading.grade for reading in readings if reading.grade]
    return Measurement(
        indicator=indicator.id,
        mapping=record,
        records=(document,),
        evidence=refs,
        verdicts=tuple(_read(readings, (indicator, alpha), beside, is_proved=inputs.is_proved)),
        grade=grades[-1] if grades else None,
        rules_out=carry.rules_out and full and not _is_shipped(document),
        connected=carry.connected,
        held_back=None if full else Reason.BELOW_FULL_EFFORT,
        is_fine_tuned=_tuned(getattr(document.payload, "variant", None), elicited),
        tried=elicited.tried | _by_variant(getattr(document.payload, "variant", None)),
        missing=missing_in(document.payload),
        observed_at=document.true_from,
        problems=(*(each.problem for each in readings if each.problem), *controls.faults),
        reason=binding.reason,
        controls=controls,
        hiding=hiding,
        elicited=elicited,
    )


def _read(
    readings: Iterable[Reading],
    asked: tuple[Indicator, float],
    beside: _Beside,
    *,
    is_proved: bool,
) -> Iterator[ReadVerdict]:
    indicator, alpha = asked
    is_any = False
    for reading in readings:
        estimate = reading.estimate(alpha)
        if estimate is not None:
            if is_proved:
                estimate = proven(estimate, indicator, (), other=reading.proved(alpha))
            yield _verdict(estimate, asked, reading, beside)
            is_any = True
    if is_any:
        yield from _arms(asked, beside, is_proved=is_proved)


def _of_samples(
    sampled: Sampled, asked: tuple[Indicator, float], beside: _Beside, *, is_proved: bool
) -> Iterator[ReadVerdict]:
    if sampled.estimate is not None:
        yield _verdict(sampled.estimate, asked, Reading(), beside, sampled=sampled)
        yield from _arms(asked, beside, is_proved=is_proved)


def _arms(
    asked: tuple[Indicator, float], beside: _Beside, *, is_proved: bool
) -> Iterator[ReadVerdict]:
    """Yield the verdict of each arm of elicitation that has scores of its own."""
    for arm in beside[2].arms:
        found = arm.estimate
        if is_proved:
            found = proven(found, asked[0], (), other=arm.proved)
        yield replace(_verdict(found, asked, Reading(label=arm.label), beside), is_arm=True)


def _is_shipped(document: Record) -> bool:
    """Say whether the shipped variant was tested: what refuses shows nothing it cannot do."""
    return getattr(document.payload, "variant", None) == "shipped"


def _at_full_effort(register: Register, tested: str, said: Elicitation | None) -> bool:
    """Say whether it was tried at the highest effort there is, where there are several.

    A judgement is of everything the judge saw; it is not run at an effort, and not asked.
    """
    own = register.checkpoints.get(tested)
    entry = register.models.get(tested)
    several = (
        own.efforts
        if own
        else next((each.efforts for each in entry.checkpoints if each.efforts), ())
        if entry
        else ()
    )
    return not several or (said is not None and said.effort == several[-1])


def _tuned(variant: str | None, elicited: Elicited) -> bool:
    return "fine_tuning" in elicited.tried | _by_variant(variant)


def _by_variant(variant: str | None) -> frozenset[str]:
    """Return what a variant is evidence of by itself, in the words of elicitation records."""
    return frozenset({_OF_VARIANT[variant]}) if variant in _OF_VARIANT else frozenset()


_OF_VARIANT = {
    "helpful_only": "helpful_only",
    "fine_tuned": "fine_tuning",
    "adversarially_fine_tuned": "fine_tuning",
}


def _carry(inputs: Inputs, tested: str, subject: Subject) -> Carry:
    edges = frozenset(inputs.policy.semantics.carriage.edges)
    asked = subject.checkpoint or subject.model or subject.ref
    return inputs.register.carry(tested, asked, policy_edges=edges)


def alpha_of(threshold: Threshold, indicator: Indicator) -> float:
    """Return the one-sided error each bound may have, shared out where any line may rule out."""
    alpha = float(indicator.alpha) if indicator.alpha is not None else 0.05
    ruling = [line for line in threshold.indicators if line.role is IndicatorRole.RULE_OUT]
    if threshold.combine == "any" and indicator.role is IndicatorRole.RULE_OUT:
        return combine_alpha(Combination.ANY_MAY_RULE_OUT, len(ruling), alpha=alpha)
    return alpha


def _verdict(
    estimate: Estimate | Insufficient,
    asked: tuple[Indicator, float],
    reading: Reading,
    beside: _Beside,
    *,
    sampled: Sampled | None = None,
) -> ReadVerdict:
    (indicator, alpha), (controls, hiding, elicited) = asked, beside
    if not isinstance(indicator.value, Decimal):
        raise TypeError("a judgement has no numeric line")
    verdict = judge_line(
        estimate,
        Line(value=indicator.value, crossed_when=CrossedWhen(indicator.comparator.value)),
        role=Role(indicator.role.value),
        elicitation=elicited.level,
        allowances=elicited.allowances,
        design=Design(
            p_safe=float(indicator.safe_level) if indicator.safe_level is not None else None,
            alpha=alpha,
            alpha_in=alpha,
            looks=sampled.promised_looks if sampled else 1,
        ),
        invalid_flags=(*(sampled.invalid if sampled else ()), *controls.faults),
        withholding_flags=elicited.withholds,
        suspicion_flags=hiding.signs,
        n_looks=sampled.n_looks if sampled else 1,
        positive_control=controls.positive,
        negative_control=controls.negative,
    )
    return ReadVerdict(reading=reading.label, verdict=verdict, decides=reading.decides)


def _from_logs(
    inputs: Inputs,
    subject: Subject,
    bound: tuple[Record, Binding],
    asked: tuple[tuple[Threshold, Indicator], tuple[tuple[str, EvalLog], ...]],
) -> Measurement:
    (record, binding), ((threshold, indicator), logs) = bound, asked
    carry = _carry(inputs, binding.taken_on or "", subject)
    alpha = alpha_of(threshold, indicator)
    full = _at_full_effort(inputs.register, binding.taken_on or "", binding.elicitation)
    sampled = _sampled(inputs, subject, (indicator, binding, alpha), logs)
    controls = controls_for(inputs, subject, (binding, indicator, alpha), logs)
    line = (threshold, indicator, binding)
    hiding = hiding_behind(inputs, subject, line, logs)
    elicited = elicited_behind(
        inputs, subject, line, (binding.elicitation, alpha, sampled.evidence)
    )
    beside = (controls, hiding, elicited)
    return Measurement(
        indicator=indicator.id,
        mapping=record,
        records=(),
        evidence=sampled.evidence,
        logs=tuple(digest for digest, _ in logs),
        verdicts=tuple(
            _of_samples(sampled, (indicator, alpha), beside, is_proved=inputs.is_proved)
        ),
        rules_out=carry.rules_out and full and binding.variant != "shipped",
        connected=carry.connected,
        held_back=None if full else Reason.BELOW_FULL_EFFORT,
        is_fine_tuned=_tuned(binding.variant, elicited),
        tried=elicited.tried | _by_variant(binding.variant),
        observed_at=sampled.observed_at or record.true_from,
        problems=(*sampled.problems, *controls.faults),
        reason=binding.reason,
        controls=controls,
        hiding=hiding,
        elicited=elicited,
    )
