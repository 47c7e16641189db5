"""Acts: who answered which question, with what authority, still in force.

1. An act answers one question: `threshold:`, `question:`, `reading:`, `discretion:`,
   `substitute:`, `duty:` or `before:`, followed by `framework/name`.
2. It counts for a subject when its document is about the subject or what contains it.
3. It is in force from its instant until it expires or an act `reverse` names it.
4. A `reverse` counts if its role has at least the rank of the role it reverses, if it is not
   earlier, and if no later `reverse` that counts names it in turn.
5. Among acts that answer one question, the highest rank in the policy's table of roles prevails,
   then the latest, then one that does not say yes; a role that the table does not name has no rank
   and an act of it opens nothing, but is shown.
6. Two acts of one rank and instant that read a clause differently fix nothing.
7. An act under another version of the framework counts where the policy says, cited, that it
   stands under this one (`carried_over`), and nowhere else.
8. An act is unsigned here. It is shown with whoever recorded it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scalegate.base.instants import parse_duration
from scalegate.evidence.documents.records import Act, Incident
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
    """The document."""
    act: Act
    """What it says."""
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
    questions = carried_questions(inputs, question)
    found = [
        item
        for item in acts_in_force(inputs, at)
        if item.act.question in questions and item.record.subject in subject.names
    ]
    return tuple(sorted(found, key=_prevails))


def carried_questions(inputs: Inputs, question: str) -> frozenset[str]:
    """Return a question and those under other versions whose answers stand for it."""
    kind, _, name = question.partition(":")
    own = name.removeprefix(f"{inputs.policy.name}/")
    carried = {
        f"{entry.kind}:{entry.framework}/{entry.was}"
        for entry in inputs.policy.carried_over
        if entry.kind == kind and entry.now == own
    }
    return frozenset({question, *carried})


def acts_in_force(inputs: Inputs, at: datetime) -> tuple[InForce, ...]:
    """Return every act that has begun, has not ended and is not reversed, in order of ids."""
    ranks = {role.id: role.rank for role in inputs.policy.roles}
    begun = [
        InForce(record=record, act=act, rank=ranks.get(act.by.role, -1))
        for record in inputs.bundle.of_kind(Kind.ACT)
        for act in [record.payload_as(Act)]
        if _has_begun(record, act, at) and not _has_ended(record, act, at)
    ]
    gone = _reversed_ids(begun)
    return tuple(item for item in begun if item.record.id not in gone)


def _reversed_ids(begun: list[InForce]) -> set[str]:
    """Return the ids that a `reverse` names, the latest first so that it may itself be reversed."""
    by_id = {item.record.id: item for item in begun}
    gone: set[str] = set()
    for item in sorted(begun, key=lambda one: (-one.decided_at.timestamp(), one.record.digest)):
        target = by_id.get(item.act.reverses or "") if item.act.act == "reverse" else None
        if target is None or item.record.id in gone or item.rank < max(0, target.rank):
            continue
        if item.decided_at >= target.decided_at:
            gone.add(target.record.id)
    return gone


def _prevails(item: InForce) -> tuple[int, float, bool, str]:
    return -item.rank, -item.decided_at.timestamp(), says_yes(item), item.record.digest


def is_closed(inputs: Inputs, incident: Incident, at: datetime) -> bool:
    """Say whether an act in force, of a role that the policy's table names, closed an incident."""
    if incident.closed_at is None or incident.closed_at > at:
        return False
    acts = acts_in_force(inputs, at)
    return any(item.record.id == incident.closed_by and item.rank >= 0 for item in acts)


def _has_begun(record: Record, act: Act, at: datetime) -> bool:
    return (act.acted_at or record.true_from) <= at


def _has_ended(record: Record, act: Act, at: datetime) -> bool:
    ends = [end for end in (act.expires_at, record.true_until) if end is not None]
    return any(end <= at for end in ends)


def says_yes(item: InForce) -> bool:
    """Say whether the act answers its question with yes."""
    return item.act.answer.lower() in YES


_DECIDING = frozenset({"decides", "approves", "may_overrule"})


def may_decide(inputs: Inputs, item: InForce) -> bool:
    """Say whether the policy's table lets the act's role decide, approve or overrule."""
    role = item.act.by.role
    return any(entry.id == role and entry.neutral in _DECIDING for entry in inputs.policy.roles)


def is_grounded(inputs: Inputs, item: InForce) -> bool:
    """Say whether all grounds of an act are on record, and one of them is no act itself."""
    grounds = set(item.act.grounds)
    acts = {
        name for record in inputs.bundle.of_kind(Kind.ACT) for name in (record.id, record.digest)
    }
    return grounds <= inputs.ids and bool(grounds - acts)


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
        latest = min(
            (item for item in acts if item.act.by.role == role),
            key=_latest_no_first,
            default=None,
        )
        end = latest.decided_at + span if latest and span else None
        if latest is None or not says_yes(latest) or (end is not None and end <= at):
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
        chosen = None if _is_split(acts) else acts[0]
        found[reading.id] = Named(
            name=reading.id,
            value=chosen.act.answer if chosen else None,
            evidence=_refs([chosen.record]) if chosen else (),
            expires_at=chosen.act.expires_at if chosen else None,
            text=f"read as {chosen.act.answer}" if chosen else "not fixed by any act",
        )
    return found


def _is_split(acts: list[InForce]) -> bool:
    """Say whether nothing prevails: no act, or two of one rank and instant that differ."""
    if not acts:
        return True
    first = acts[0]
    level = [
        item.act.answer
        for item in acts
        if (item.rank, item.decided_at) == (first.rank, first.decided_at)
    ]
    return len(set(level)) > 1
