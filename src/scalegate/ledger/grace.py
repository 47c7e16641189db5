"""Going on by grace: what runs already, when its permit has ended or the log is out of reach.

1. Only who asks to *continue* has grace. Nothing starts and nothing widens by it.
2. It ends so long after the permit's own end as the policy states, and the permit says of it. Where
   no policy states one: an hour for training, which is to stop at its next checkpoint before that,
   and 24 hours for anything else. A permit may say less.
3. It covers a permit that has ended, a permit to start in place of one to go on, and a log that
   cannot be reached.
4. It does not cover another manifest, subject or gate, a signature that does not count, a
   withdrawal or a later decision that is not open, or a log that is damaged, older than the one
   remembered, or another: that is how a withdrawal would be hidden. These stop it at once.
5. It is said aloud: why, until when, and what is to happen then.

Source: law 10 of the design of this program. Not checked: that what asks to go on does run already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scalegate.base.instants import format_instant
from scalegate.ledger.faults import Refused
from scalegate.ledger.permits import Asked, Permit, PermitRefused, grace_for

CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """Something may go on for a while without a permit that lets it."""

    permit: Permit
    """Under which it last passed."""
    because: str
    """What is wrong."""
    until: datetime
    """Until before when."""
    then: str
    """What is to happen then."""


def has_grace(asked: Asked) -> bool:
    """Tell whether what is asked can go on by grace at all (rule 1)."""
    return asked.ask == CONTINUE


def go_on(permit: Permit, asked: Asked, because: Refused | str) -> Grace:
    """Return until when it may go on by grace.

    Args:
        permit: under which it last passed; all but its end was checked by the caller.
        asked: what is to go on.
        because: why it does not simply pass.

    Raises:
        PermitRefused: it asks to start, or the grace has ended too.
    """
    why = str(because)
    if not has_grace(asked):
        raise PermitRefused("nothing starts by grace", got=why)
    until = permit.valid_until + grace_for(permit)
    if not permit.valid_from <= asked.at < until:
        raise PermitRefused(
            "the permit has ended, and its grace too (rule 4)",
            expected=f"before {format_instant(until)}", got=format_instant(asked.at),
        )  # fmt: skip
    return Grace(permit=permit, because=why, until=until, then=permit.afterwards or _then(permit))


def last_instant(permit: Permit) -> datetime:
    """Return an instant at which the permit was in force: all else is checked as of it."""
    return permit.valid_until - timedelta(microseconds=1)


def _then(permit: Permit) -> str:
    if permit.gate == "train":
        return "stop at the next checkpoint, and by then at the latest"
    return "stop: no policy states a restriction under which it goes on"
