"""Clocks: what is owed, since when, until when.

1. A duty with a window starts when its event is recorded: an act on `duty:<framework>/<id>` with
   answer `started`. It ends with an act that answers `fulfilled`.
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
from scalegate.gate.acts import InForce, acts_on
from scalegate.gate.model import Inputs, Subject
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
    started = _latest(acts, "started")
    fulfilled = _latest(acts, "fulfilled")
    begins, due = _window(inputs, duty, started, fulfilled)
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
        evidence=tuple(item.record.id for item in (started, fulfilled) if item is not None),
    )


def _latest(acts: list[InForce], answer: str) -> InForce | None:
    named = [item for item in acts if item.act.answer == answer]
    return max(named, key=lambda item: item.decided_at, default=None)


def _window(
    inputs: Inputs, duty: Duty, started: InForce | None, fulfilled: InForce | None
) -> tuple[datetime | None, datetime | None]:
    if duty.every:
        since = fulfilled.decided_at if fulfilled else parse_instant(inputs.policy.effective_on)
        return since, since + parse_duration(duty.every)
    begins = started.decided_at if started else None
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
