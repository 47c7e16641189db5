"""Acts: who answered which question, with what authority, still in force.

1. An act answers one question: `threshold:`, `question:`, `reading:`, `discretion:`,
   `substitute:`, `duty:` or `before:`, followed by `framework/name`.
2. It counts for a subject when its document is about the subject or what contains it.
3. It is in force from its instant until it expires or an act `reverse` names it.
4. Among acts that answer one question, the highest rank in the policy's table of roles prevails,
   then the latest, then the stricter; a role that the table does not name has no rank and an act
   of it answers nothing, but is shown.
5. An act is unsigned here. It is shown with whoever recorded it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scalegate.base.instants import parse_duration
from scalegate.evidence.documents.records import Act
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.model import EvidenceRef, Inputs, Named, Subject
from scalegate.gate.refer import evidence_ref
from scalegate.policy.document import Question

YES = frozenset(
    {
        "yes",
        "approved",
        "accepted",
        "acceptable",
        "adequate",
        "sufficient",
        "proceed",
        "determined",
        "recommended",
        "informed",
        "invoked",
        "met",
        "done",
    }
)
"""Words that answer a question with yes; every other word answers no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """An act that answers a question and is in force."""

    record: Record
    act: Act
    rank: int
    """Rank of the role in the policy's table; -1 where the table does not name it."""

    @property
    def decided_at(self) -> datetime:
        """When the act was done."""
        return self.act.acted_at or self.record.true_from


def acts_on(inputs: Inputs, subject: Subject, question: str, at: datetime) -> tuple[InForce, ...]:
    """Return the acts in force on a question, the one that prevails first.

    Args:
        inputs: the policy and the evidence.
        subject: what the gate is asked for.
        question: as the module's first rule says, such as `threshold:anthropic-rsp@2.2/CBRN-3`.
        at: the instant asked about.
    """
    ranks = {role.id: role.rank for role in inputs.policy.roles}
    records = inputs.bundle.of_kind(Kind.ACT)
    reversed_ids = {
        act.reverses
        for record in records
        for act in [record.payload_as(Act)]
        if act.act == "reverse" and act.reverses and _has_begun(record, act, at)
    }
    found = []
    for record in records:
        act = record.payload_as(Act)
        if act.question != question or record.subject not in subject.names:
            continue
        if record.id in reversed_ids or not _has_begun(record, act, at):
            continue
        if _has_ended(record, act, at):
            continue
        found.append(InForce(record=record, act=act, rank=ranks.get(act.by.role, -1)))
    return tuple(sorted(found, key=_prevails))


def _prevails(item: InForce) -> tuple[int, float, str]:
    return -item.rank, -item.decided_at.timestamp(), item.record.digest


def _has_begun(record: Record, act: Act, at: datetime) -> bool:
    return (act.acted_at or record.true_from) <= at


def _has_ended(record: Record, act: Act, at: datetime) -> bool:
    ends = [end for end in (act.expires_at, record.true_until) if end is not None]
    return any(end <= at for end in ends)


def says_yes(item: InForce) -> bool:
    """Say whether the act answers its question with yes."""
    return item.act.answer.lower() in YES


def answered(inputs: Inputs, subject: Subject, question: Question, at: datetime) -> Named:
    """Say whether a question of the policy is answered with yes by everyone it needs.

    For each role the latest act counts, so a later no undoes an earlier yes.
    """
    name = f"question:{inputs.policy.name}/{question.id}"
    acts = [item for item in acts_on(inputs, subject, name, at) if item.act.act == question.act]
    span = parse_duration(question.expires_after) if question.expires_after else None
    yes: dict[str, InForce] = {}
    ends: list[datetime] = []
    for role in question.by:
        own = [item for item in acts if item.act.by.role == role]
        latest = min(own, key=_latest_no_first, default=None)
        if latest is None or not says_yes(latest):
            continue
        end = latest.decided_at + span if span else None
        if end is not None and end <= at:
            continue
        yes[role] = latest
        ends += [moment for moment in (end, latest.act.expires_at) if moment is not None]
    holds = bool(yes) if question.any_of else len(yes) == len(question.by)
    return Named(
        name=question.id,
        value=holds,
        evidence=_refs(item.record for item in yes.values()),
        expires_at=min(ends, default=None),
        text=_said(question, yes),
    )


def _latest_no_first(item: InForce) -> tuple[float, bool]:
    return -item.decided_at.timestamp(), says_yes(item)


def _said(question: Question, yes: dict[str, InForce]) -> str:
    lacking = [role for role in question.by if role not in yes]
    if not lacking or (question.any_of and yes):
        return f"answered by {', '.join(sorted(yes))} (unsigned)"
    joined = " or " if question.any_of else " and "
    return f"no {question.act} in force by {joined.join(lacking)}"


def _refs(records: Iterable[Record]) -> tuple[EvidenceRef, ...]:
    return tuple(evidence_ref(record) for record in records)


def resolved_readings(inputs: Inputs, subject: Subject, at: datetime) -> dict[str, Named]:
    """Return each reading with the option an `interpret` act fixed, or None."""
    found = {}
    for reading in inputs.policy.readings:
        options = {option.id for option in reading.options}
        name = f"reading:{inputs.policy.name}/{reading.id}"
        acts = [
            item
            for item in acts_on(inputs, subject, name, at)
            if item.act.act == "interpret"
            and item.act.answer in options
            and item.act.by.role in reading.fixed_by
        ]
        chosen = acts[0] if acts else None
        found[reading.id] = Named(
            name=reading.id,
            value=chosen.act.answer if chosen else None,
            evidence=_refs([chosen.record]) if chosen else (),
            expires_at=chosen.act.expires_at if chosen else None,
            text=f"read as {chosen.act.answer}" if chosen else "not fixed by any act",
        )
    return found
