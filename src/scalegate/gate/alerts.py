"""Alerts: raised by a line or an act, sticky for the series, until a recorded release.

1. An alert is raised by an alert line that was measured and not cleared, or by an act on
   `alert:<framework>/<threshold>`, about any model of the subject's series: what one of them showed
   is not forgotten when the next one scores less.
2. It belongs to one version of a framework: what was raised under another says nothing here, unless
   the framework says that it stands (`carried_over`).
3. It stays until a `reverse` on the same question names what raised it: an act by its id, and for a
   measurement, by a role that decides under the policy and not before it was made, each document it
   was made from. Saying anew that the alert is not reached releases nothing.
4. An alert line of the subject itself that was not measured raises the alert too, and no release
   stands in for the measurement.

Source: design, "Status of a threshold"; Google DeepMind's reports on Gemini 2.5 to 3, where the
alert of cyber uplift 1 stays reached whatever later models score.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scalegate.base.instants import format_day
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.model import Kind
from scalegate.gate.acts import InForce, acts_in_force, carried_questions, may_decide
from scalegate.gate.lines import line_finding
from scalegate.gate.measure import Measurement, applies_to, measure_all
from scalegate.gate.model import IndicatorFinding, Inputs, Subject
from scalegate.gate.refer import clauses_of, resolve_subject
from scalegate.policy.document import Indicator, Threshold
from scalegate.policy.vocabulary import Flag, IndicatorRole

RAISING = frozenset({"reached", "raised", "yes", "expected_to_cross", "crossed"})
"""Answers of an act that raise a flag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One thing that raised an alert."""

    at: datetime
    """When."""
    text: str
    """What, in words."""
    evidence: tuple[str, ...] = ()
    """Ids of the documents measured; empty for an act."""


def raised_flags(
    inputs: Inputs,
    subject: Subject,
    asked: tuple[Threshold, datetime],
    lines: Sequence[IndicatorFinding],
) -> tuple[frozenset[Flag], tuple[str, ...]]:
    """Return the flags raised on a threshold, and what keeps its alert raised, in words."""
    threshold, at = asked
    measured = [*_by_own_lines(lines), *_by_the_series(inputs, subject, threshold, at)]
    flags, standing = _standing(inputs, subject, (threshold.id, at), measured)
    unmeasured = [line for line in lines if line.raises_alert and not line.evidence]
    said = [f"alert raised on {format_day(each.at)} by {each.text}" for each in standing]
    said += [f"alert line {line.indicator.id} was not measured" for line in unmeasured]
    return flags | ({Flag.ALERT} if said else set()), tuple(said)


def flags_by_acts(
    inputs: Inputs, subject: Subject, threshold: str, at: datetime
) -> frozenset[Flag]:
    """Return the flags that acts alone raised on a threshold and nobody released."""
    return _standing(inputs, subject, (threshold, at), ())[0]


def _standing(
    inputs: Inputs, subject: Subject, asked: tuple[str, datetime], measured: Iterable[Raised]
) -> tuple[frozenset[Flag], tuple[Raised, ...]]:
    """Return the flags of acts and measurements, and what keeps the alert raised."""
    threshold, at = asked
    released = _released(inputs, subject, threshold, at)
    made = [each for each in measured if not _is_released(each, released)]
    standing = (*_by_acts(inputs, subject, threshold, at), *made)
    flags = {Flag.ALERT} if standing else set()
    if any(_answers(item, RAISING) for item in _acts(inputs, subject, ("forecast", threshold), at)):
        flags.add(Flag.FORECAST)
    return frozenset(flags), standing


def _acts(
    inputs: Inputs, subject: Subject, about: tuple[str, str], at: datetime
) -> Iterator[InForce]:
    questions = carried_questions(inputs, f"{about[0]}:{inputs.policy.name}/{about[1]}")
    for item in acts_in_force(inputs, at):
        if item.act.question in questions and item.record.subject in subject.names:
            yield item


def _answers(item: InForce, words: frozenset[str]) -> bool:
    return item.act.act == "determine" and item.act.answer in words


def _siblings(inputs: Inputs, subject: Subject) -> tuple[str, ...]:
    """Return the other models of the subject's series."""
    models = inputs.register.models
    return tuple(
        sorted(
            ref
            for ref, entry in models.items()
            if subject.series is not None
            and entry.series == subject.series
            and ref != subject.model
        )
    )


def _by_acts(inputs: Inputs, subject: Subject, threshold: str, at: datetime) -> Iterator[Raised]:
    questions = carried_questions(inputs, f"alert:{inputs.policy.name}/{threshold}")
    others = set(_siblings(inputs, subject))
    others |= {name for name, model in inputs.register.model_of.items() if model in others}
    for item in acts_in_force(inputs, at):
        about = item.record.subject in subject.names | others
        if item.act.question in questions and about and _answers(item, RAISING):
            yield Raised(at=item.decided_at, text=f"{item.record.id} on {item.record.subject}")


def _by_own_lines(lines: Sequence[IndicatorFinding]) -> Iterator[Raised]:
    for line in lines:
        if line.raises_alert:
            yield from _by_line(line, "")


def _by_line(line: IndicatorFinding, whose: str) -> Iterator[Raised]:
    seen = [ref.observed_at for ref in line.evidence]
    if seen:
        names = tuple(ref.id for ref in line.evidence)
        text = f"{', '.join(names)} against {line.indicator.id}{whose}"
        yield Raised(at=max(seen), text=text, evidence=names)


def _by_the_series(
    inputs: Inputs, subject: Subject, threshold: Threshold, at: datetime
) -> Iterator[Raised]:
    """Yield the alert lines that another model of the series did not clear."""
    alerts = [line for line in threshold.indicators if line.role is IndicatorRole.ALERT]
    bindings = (record.payload_as(Binding) for record in inputs.bundle.of_kind(Kind.MAPPING))
    bound = {binding.indicator for binding in bindings if binding.control is None}
    mapped = [line for line in alerts if clauses_of(inputs, line.id) & bound]
    for ref in _siblings(inputs, subject) if mapped else ():
        sibling = resolve_subject(inputs.register, ref)
        measured = measure_all(inputs, sibling)
        for line in mapped:
            if applies_to(line, sibling):
                yield from _of_sibling(line, measured, at, ref)


def _of_sibling(
    indicator: Indicator, measured: Sequence[Measurement], at: datetime, ref: str
) -> Iterator[Raised]:
    # Age does not take an alert back: that the evidence is old is no reason to forget it.
    own = [item for item in measured if item.indicator == indicator.id and item.connected]
    found = line_finding(indicator, own, at, valid_for=None, impugned=frozenset())
    if own and found.raises_alert:
        yield from _by_line(found, f" on {ref}")


def _released(
    inputs: Inputs, subject: Subject, threshold: str, at: datetime
) -> dict[str, datetime]:
    """Return the documents whose alert was released, each with the latest instant of that."""
    found: dict[str, datetime] = {}
    for item in _acts(inputs, subject, ("alert", threshold), at):
        name = item.act.reverses
        if item.act.act == "reverse" and name is not None and may_decide(inputs, item):
            found[name] = max(item.decided_at, found.get(name, item.decided_at))
    return found


def _is_released(raised: Raised, released: Mapping[str, datetime]) -> bool:
    return all(name in released and released[name] >= raised.at for name in raised.evidence)
