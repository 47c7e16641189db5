"""Controls of an eval: what the same harness showed where the answer was known beforehand.

1. A mapping with `control` binds a log or a document to a line as a control. It measures the eval,
   never the subject, and counts for no plan.
2. The control must have gone through the same eval: task, version, arguments and items of a log,
   name, versions and data set of a document, and the same scorer. It must have been taken on
   something that no edge joins to the subject, and a log's model must not be the subject's.
3. Several controls of one kind: the one that speaks most against the eval counts.
4. A control that is on record and cannot be used, for whatever reason, makes the verdict invalid:
   else a control that failed would be lost by spoiling it.
5. A log or document that the subject's own mapping names by digest or id is a measurement, whatever
   else is said of it: no control can take evidence against the subject away.

So a control opens nothing: with one, a verdict is what it is without, or invalid. All of them stand
on the adverse register (`adverse`), so that none is left out unseen.

*Not checked here:* that what a control was taken on is as far beyond, or below, the line as the
mapping says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scalegate.estimate.model import Estimate
from scalegate.evidence.documents.fields import EvalName
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.results import HorizonRuns, PublishedResult, UpliftTrial
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.model import EvidenceRef, Inputs, Subject
from scalegate.gate.readings_of import printed_readings
from scalegate.gate.refer import evidence_ref
from scalegate.gate.samples import from_logs, scorer_in
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import Comparator

Logs = Sequence[tuple[str, EvalLog]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """The controls of one line for one subject, summed up."""

    positive: Estimate | None = None
    """The one that shows least, of those known to be beyond the line."""
    negative: Estimate | None = None
    """The one that shows most, of those known to be below it."""
    faults: tuple[str, ...] = ()
    """Why controls on record cannot be used, one sentence each (rule 4)."""
    evidence: tuple[EvidenceRef, ...] = ()
    """Their mappings, logs and documents."""


NO_CONTROLS = Controls()
"""Nothing is on record."""


def control_mappings(inputs: Inputs) -> Iterator[tuple[Record, Binding]]:
    """Yield the mappings that bind controls, in order of their ids."""
    for record in inputs.bundle.of_kind(Kind.MAPPING):
        binding = record.payload_as(Binding)
        if binding.control is not None:
            yield record, binding


def is_control_log(inputs: Inputs, digest: str) -> bool:
    """Say whether a log is named by a control mapping, and by digest by no other (rule 5)."""
    named = [
        binding.control
        for record in inputs.bundle.of_kind(Kind.MAPPING)
        for binding in [record.payload_as(Binding)]
        if binding.selects.log_sha256 == digest
    ]
    return bool(named) and None not in named


def without_controls(inputs: Inputs, subject: Subject, logs: Logs) -> Logs:
    """Return the logs that a task selects for a subject, without what are controls of its eval.

    A log that was taken on what is joined to the subject, or whose model is that of another of
    the logs, stays: it may be evidence about the subject (rules 2 and 5).
    """
    aside = {
        binding.selects.log_sha256
        for _, binding in control_mappings(inputs)
        if not _is_joined(inputs, subject, binding.taken_on or "")
    }
    named = {digest for digest, _ in logs if digest in aside and is_control_log(inputs, digest)}
    own = {_served(log) for digest, log in logs if digest not in named}
    return tuple((d, log) for d, log in logs if d not in named or _served(log) in own)


def controls_for(
    inputs: Inputs,
    subject: Subject,
    asked: tuple[Binding, Indicator, float],
    measured: Record | Logs,
) -> Controls:
    """Return the controls of a line for what was measured against it.

    Args:
        inputs: what was known.
        subject: whom the measurement is about.
        asked: the measurement's own mapping, its line, and the error of each bound.
        measured: the document, or the logs.
    """
    own, indicator, alpha = asked
    found: dict[str, list[Estimate]] = {"positive": [], "negative": []}
    faults: list[str] = []
    refs: list[EvidenceRef] = []
    for record, binding in control_mappings(inputs):
        if binding.indicator != own.indicator or _is_own(binding, own, measured):
            continue
        estimates, why, seen = _read(inputs, subject, (binding, indicator, alpha), (own, measured))
        found[str(binding.control)] += estimates
        faults += [f"{binding.control} control {record.id}: {text}" for text in why]
        refs += [evidence_ref(record), *seen]
    higher = indicator.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
    return Controls(
        positive=_worst(found["positive"], _shown(higher=higher)),
        negative=_worst(found["negative"], _shown(higher=not higher)),
        faults=tuple(faults),
        evidence=tuple(refs),
    )


def control_digests(inputs: Inputs) -> Iterator[str]:
    """Yield the digests of every control mapping, and of what it names, for the register."""
    for record, binding in control_mappings(inputs):
        yield record.digest
        document = inputs.bundle.find(binding.selects.document or "")
        if document is not None:
            yield document.digest
        if binding.selects.log_sha256 in inputs.bundle.logs:
            yield str(binding.selects.log_sha256)


def _shown(*, higher: bool) -> Callable[[Estimate], float]:
    """Return how far an estimate lies on the high (or low) side by its cautious bound."""

    def far(estimate: Estimate) -> float:
        if higher:
            return estimate.lower
        return -estimate.upper if estimate.upper is not None else float("-inf")

    return far


def _worst(found: Iterable[Estimate], far: Callable[[Estimate], float]) -> Estimate | None:
    return min(found, key=far, default=None)


def _is_own(binding: Binding, own: Binding, measured: Record | Logs) -> bool:
    if isinstance(measured, Record):
        return binding.selects.document == measured.id
    return own.selects.log_sha256 is not None and binding.selects == own.selects


_Read = tuple[list[Estimate], list[str], list[EvidenceRef]]


def _read(
    inputs: Inputs,
    subject: Subject,
    control: tuple[Binding, Indicator, float],
    against: tuple[Binding, Record | Logs],
) -> _Read:
    binding = control[0]
    digest = binding.selects.log_sha256
    if digest is not None:
        log = inputs.bundle.logs.get(digest)
        if log is None:
            return [], ["its log is not on record"], []
        estimates, why, refs = _of_log((digest, log), control)
        why += _differences((binding, log), against)
        tested = binding.taken_on or ""
    else:
        document = inputs.bundle.find(binding.selects.document or "")
        if document is None:
            return [], [f"document `{binding.selects.document}` is not on record"], []
        estimates, why = _of_document(document, control)
        why += _differences((binding, document), against)
        refs = [evidence_ref(document)]
        tested = getattr(document.payload, "tested", None) or document.subject
    if _is_joined(inputs, subject, tested):
        why.append("taken on what an edge joins to the subject")
    return estimates, why, refs


def _is_joined(inputs: Inputs, subject: Subject, tested: str) -> bool:
    asked = subject.checkpoint or subject.model or subject.ref
    return tested in subject.names or inputs.register.carry(tested, asked).connected


def _of_log(named: tuple[str, EvalLog], control: tuple[Binding, Indicator, float]) -> _Read:
    binding, indicator, alpha = control
    found = from_logs([named], indicator, binding, alpha)
    why = [*found.problems, *found.invalid]
    if isinstance(found.estimate, Estimate):
        return [found.estimate], why, list(found.evidence)
    if found.estimate is not None:
        why.append(found.estimate.detail)
    return [], why, list(found.evidence)


def _of_document(
    document: Record, control: tuple[Binding, Indicator, float]
) -> tuple[list[Estimate], list[str]]:
    binding, indicator, alpha = control
    estimates: list[Estimate] = []
    why: list[str] = []
    for reading in printed_readings(document, indicator, spread_read_as=binding.spread_read_as):
        if not reading.decides:
            continue
        made = reading.estimate(alpha)
        if isinstance(made, Estimate):
            estimates.append(made)
        else:
            why.append(reading.problem or ("it has no number" if made is None else made.detail))
    return estimates, why


def _differences(
    control: tuple[Binding, EvalLog | Record], against: tuple[Binding, Record | Logs]
) -> list[str]:
    """Say in what the control's eval differs from the one it is to vouch for (rule 2)."""
    (binding, seen), (own, measured) = control, against
    others = [measured] if isinstance(measured, Record) else [log for _, log in measured]
    pairs = [_facts(seen, other) for other in others]
    found = [name for each in pairs for name, (a, b) in each.items() if a != b]
    if _how_read(binding) != _how_read(own):
        found.append("reading of its scores")
    said = [f"not the same eval: other {name}" for name in dict.fromkeys(found)]
    if isinstance(seen, EvalLog) and not isinstance(measured, Record):
        if {scorer_in(seen, binding)} != {scorer_in(log, own) for _, log in measured}:
            said.append("not the same eval: other scorer")
        if _served(seen) in {_served(log) for _, log in measured}:
            said.append("its log names the model that the subject's logs name")
    return said


def _facts(
    control: EvalLog | Record, other: EvalLog | Record
) -> Mapping[str, tuple[object, object]]:
    """Return what must be equal, by name: all that both sides can say."""
    if isinstance(control, EvalLog) and isinstance(other, EvalLog):
        a, b = control.header, other.header
        return {
            "task": (a.task, b.task),
            "task version": (a.task_version, b.task_version),
            "task arguments": (a.task_args_digest, b.task_args_digest),
            "items": (a.dataset_ids_digest, b.dataset_ids_digest),
            "epochs": (a.planned_epochs, b.planned_epochs),
        }
    if isinstance(control, Record) and isinstance(other, Record):
        left, right = _named(control), _named(other)
        if left is None or right is None:
            return {"name": (None, "an eval that is named")}
        return {
            "name": (left.name, right.name),
            "task version": (left.task_version, right.task_version),
            "harness": (left.harness, right.harness),
            "harness version": (left.harness_version, right.harness_version),
            "data set": (left.dataset_sha256, right.dataset_sha256),
        }
    (name, version), (same, again) = _task(control), _task(other)
    return {"name": (name, same), "task version": (version, again)}


def _task(seen: EvalLog | Record) -> tuple[str | None, str | None]:
    """Return what a log and a document can both say of their eval; None names no eval."""
    if isinstance(seen, EvalLog):
        return seen.header.task, seen.header.task_version or None
    named = _named(seen)
    return (None, None) if named is None else (named.name, named.task_version)


def _named(seen: Record) -> EvalName | None:
    payload = seen.payload
    if isinstance(payload, (PublishedResult, UpliftTrial, HorizonRuns)):
        return payload.eval
    return None


def _how_read(binding: Binding) -> tuple[object, ...]:
    return (binding.family_key, binding.scale_max, binding.attempts, binding.direction)


def _served(log: EvalLog) -> tuple[str, str]:
    return log.header.model, log.header.model_args_digest
