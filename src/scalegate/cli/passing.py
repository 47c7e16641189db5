"""What `permit verify` answers: it may pass, it may go on by grace, or it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.base.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from scalegate.ledger.grace import Grace
    from scalegate.ledger.permits import Asked, Permit
    from scalegate.ledger.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """It may pass: by its permit, or by grace."""

    permit: Permit
    grace: Grace | None = None
    """Set where it may only go on, for a while."""
    log_size: int | None = None
    """Entries of the log that was looked at; None: it could not be reached."""


def answer_with(
    trust: Trust, content: bytes, asked: Asked, *, log: Path | str, kept_in: Path | None
) -> Answer:
    """Return the answer, and remember the log where that is asked for.

    Args:
        trust: the first trust document.
        content: the permit's envelope.
        asked: what is about to happen.
        log: where the log is.
        kept_in: the file in which the log is remembered; None: nowhere.

    Raises:
        TrustError: it is refused.
        UsageError, OutsideError: there is no log, or it cannot be reached, and nothing has grace.
    """
    from scalegate.app.record.passing import go_on_in, go_on_without_log, look, verify_in
    from scalegate.ledger.grace import has_grace
    from scalegate.ledger.permits import PermitEnded
    from scalegate.wiring import log_files, read_memory, write_memory

    before = read_memory(kept_in) if kept_in else None
    try:
        looked = look(log_files(log), trust, content, before)
    except (OutsideError, UsageError) as fault:
        if not has_grace(asked):
            raise
        grace = go_on_without_log(trust, content, asked, fault)
        return Answer(permit=grace.permit, grace=grace)
    if kept_in and looked.memory != before:
        write_memory(kept_in, looked.memory)  # also where the permit is refused after this
    size = looked.memory.head.size
    try:
        return Answer(permit=verify_in(looked, content, asked), log_size=size)
    except PermitEnded as fault:
        if not has_grace(asked):
            raise
        grace = go_on_in(looked, content, asked, fault)
        return Answer(permit=grace.permit, grace=grace, log_size=size)


def show_answer(answer: Answer, *, is_remembered: bool, is_json: bool) -> None:
    """Write the answer; grace is also said aloud on stderr."""
    from scalegate.base.instants import format_instant
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import line, note, print_json

    permit, grace = answer.permit, answer.grace
    until = format_instant(grace.until if grace else permit.valid_until)
    if grace:
        note(f"GOING ON BY GRACE until {until}, not by a permit: {plain(grace.because)}")
        note(f"then: {plain(grace.then)}")
    if is_json:
        said = {
            "until": until,
            "decision": permit.decision,
            "log_size": answer.log_size,
            "is_remembered": is_remembered,
            "is_by_grace": grace is not None,
            "because": grace.because if grace else "",
            "then": grace.then if grace else "",
        }
        print_json("permit-verify", {"exit_code": 0, **said})
        return
    verb = "may go on, by grace, at" if grace else "may pass"
    ask = "" if grace else f" ({permit.ask})"
    line(f"{verb} {permit.gate}{ask} until {until}")
    if not is_remembered:
        line("the log is not remembered, so an older copy would go unnoticed: --memory FILE")
