"""Clocks: what is owed, since when, until when.

1. A duty with a window starts when its event is recorded: an act on `duty:<framework>/<id>` with
   answer `started`, or an incident that names the duty, from the instant it was found. Of several
   that nobody fulfilled since, the earliest counts. It ends with an act that answers `fulfilled`.
2. A recurring duty runs from the last time it was fulfilled, and from the day the policy took
   effect before that.
3. A cadence trigger runs from the root's assessment: its date and its growth are shown.
4. A duty that nobody started is shown as not started, with who can start it; `self_determined`
   says that the lab's own finding starts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scalegate.base.instants import parse_duration, parse_instant
from scalegate.evidence.documents.records import Incident
from scalegate.evidence.model import Kind
from scalegate.gate.acts import InForce, acts_on
from scalegate.gate.model import Inputs, Subject
from scalegate.gate.refer import bears_on
from scalegate.policy.document import Duty


class ClockState(StrEnum):
    """Where a clock stands."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    OVERDUE = "overdue"
    FULFILLED = "fulfilled"
    NO_WINDOW = "no_window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One duty, and where its clock stands."""

    duty: str
    """The duty's id."""
    framework: str
    """The framework that lays it down."""
    statement: str
    """What is owed, paraphrased."""
    state: ClockState
    """Where it stands."""
    started_at: datetime | None
    """When its window began; None: nobody started it."""
    due_at: datetime | None
    """When its window ends; None: the text gives no length, or it has not begun."""
    starts_on: str
    """The event that starts it."""
    started_by: str
    """Who can start it; `self determined` where the lab's own finding does."""
    to: tuple[str, ...]
    """Whom it is owed to."""
    modality: str
    """Strength of the verb as written."""
    citation: str
    """Where the text says so."""
    evidence: tuple[str, ...] = ()
    """Ids of the acts that started or fulfilled it."""


def clocks(inputs: Inputs, subject: Subject, at: datetime) -> tuple[Clock, ...]:
    """Return every clock of the policy for a subject, overdue first, then by due date."""
    found = tuple(_clock(inputs, subject, duty, at) for duty in inputs.policy.duties)
    order = [ClockState.OVERDUE, ClockState.RUNNING, ClockState.NO_WINDOW]
    order += [ClockState.NOT_STARTED, ClockState.FULFILLED]
    return tuple(
        sorted(
            found,
            key=lambda clock: (
                order.index(clock.state),
                clock.due_at.timestamp() if clock.due_at else 0.0,
                clock.duty,
            ),
        )
    )


def _clock(inputs: Inputs, subject: Subject, duty: Duty, at: datetime) -> Clock:
    acts = list(acts_on(inputs, subject, f"duty:{inputs.policy.name}/{duty.id}", at))
    fulfilled = max(
        (item for item in acts if item.act.answer == "fulfilled"),
        key=lambda item: item.decided_at,
        default=None,
    )
    started = _started(inputs, subject, duty, (acts, fulfilled, at))
    begins, due = _window(inputs, duty, started, fulfilled)
    named = [started[1]] if started else []
    return Clock(
        duty=duty.id,
        framework=inputs.policy.name,
        statement=duty.statement,
        state=_state(duty, (begins, due), fulfilled, at),
        started_at=begins,
        due_at=due,
        starts_on=duty.starts_on,
        started_by=duty.started_by.replace("_", " "),
        to=duty.to,
        modality=duty.modality.word,
        citation=str(duty.cite),
        evidence=(*named, *([fulfilled.record.id] if fulfilled is not None else [])),
    )


_Start = tuple[datetime, str]
"""When a window began, and the id of the document that says so."""


def _started(
    inputs: Inputs,
    subject: Subject,
    duty: Duty,
    known: tuple[list[InForce], InForce | None, datetime],
) -> _Start | None:
    """Return the earliest start that nobody fulfilled since, else the latest one."""
    acts, fulfilled, at = known
    starts = [(item.decided_at, item.record.id) for item in acts if item.act.answer == "started"]
    clause = f"{inputs.policy.name}/{duty.id}"
    for record in inputs.bundle.of_kind(Kind.INCIDENT):
        incident = record.payload_as(Incident)
        reaches = clause in incident.starts and bears_on(inputs, record.subject, subject)
        if reaches and incident.discovered_at <= at:
            starts.append((incident.discovered_at, record.id))
    since = fulfilled.decided_at if fulfilled else None
    waiting = [start for start in starts if since is None or start[0] > since]
    return min(waiting, default=None) or max(starts, default=None)


def _window(
    inputs: Inputs, duty: Duty, started: _Start | None, fulfilled: InForce | None
) -> tuple[datetime | None, datetime | None]:
    if duty.every:
        since = fulfilled.decided_at if fulfilled else parse_instant(inputs.policy.effective_on)
        return since, since + parse_duration(duty.every)
    begins = started[0] if started else None
    due = begins + parse_duration(duty.within) if begins and duty.within else None
    return begins, due


def _state(
    duty: Duty,
    window: tuple[datetime | None, datetime | None],
    fulfilled: InForce | None,
    at: datetime,
) -> ClockState:
    begins, due = window
    if begins is None:
        return ClockState.NOT_STARTED
    if not duty.every and fulfilled is not None and fulfilled.decided_at >= begins:
        return ClockState.FULFILLED
    if due is None:
        return ClockState.NO_WINDOW
    return ClockState.OVERDUE if due <= at else ClockState.RUNNING


def overdue(found: tuple[Clock, ...]) -> Iterator[Clock]:
    """Yield the clocks that ran out."""
    return (clock for clock in found if clock.state is ClockState.OVERDUE)
