"""Sign decisions of the gate, and issue permits for those that are open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from scalegate import __version__
from scalegate.app.record.granting import NO_MORE, Granted
from scalegate.app.record.material import NO_TABLES, TABLES
from scalegate.app.record.preregistration import plan_rows
from scalegate.app.record.sealing import without_numbers
from scalegate.base.canonical import digest_of
from scalegate.base.errors import UsageError
from scalegate.base.instants import format_instant
from scalegate.gate.model import Decision
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.permits import (
    DEFAULT_LIFE,
    Manifest,
    Permit,
    permit_statement,
)
from scalegate.ledger.statements import Predicate, Statement, Subject, parse_statement
from scalegate.report.json_view import decision_to_mapping

PROVED = "proved"
"""Value of `bounds` in a decision whose rule-outs were asked to rest on no conjecture."""
BUILD = "build"
"""The field of a decision that names the build of the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The log as whoever decides had seen it."""

    size: int
    """Entries."""
    root: bytes
    """Root of the tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What whoever decides adds in words. The engine reads none of it."""

    reasons: str = ""
    """Why."""
    dissent: str = ""
    """Who disagrees, and why."""
    conditions: tuple[str, ...] = ()
    """Under which conditions."""


NO_WORDS = Words()


def decision_statement(
    decision: Decision,
    *,
    decided_at: datetime,
    seen: Seen,
    tables: str = NO_TABLES,
    build: str = "",
    words: Words = NO_WORDS,
    waivers: Sequence[Mapping[str, Any]] = (),
) -> Statement:
    """Return the statement of a decision: what was decided, from what, and what the log was then.

    The whole explanation is in it by digest, and beside it in words where somebody gives reasons.
    `tables` is the digest of the list of the logs' tables of samples (`material`), `build` that of
    the engine's source and surroundings, by which the same bytes can be expected again. Conditions
    and waivers (rows of `waivers.waiver_rows`) stand beside it: nothing of it depends on them.
    """
    view = without_numbers(decision_to_mapping(decision))
    return Statement(
        predicate_type=Predicate.GATE_DECISION.uri,
        subjects=(
            Subject(name=decision.subject, sha256=_digest(decision.evidence_digest)),
            Subject(name=decision.framework, sha256=_digest(decision.policy_digest)),
        ),
        predicate={
            "adverse": {
                "count": str(decision.adverse_register[0]),
                "head": decision.adverse_register[1],
            },
            "asOf": format_instant(decision.as_of),
            BUILD: build,
            "ask": decision.ask.value,
            "conditions": list(words.conditions),
            "decidedAt": format_instant(decided_at),
            "determining": list(decision.outcome.determining),
            "dissent": words.dissent,
            "effect": decision.level.word if decision.governed else "ungoverned",
            "engine": decision.engine or __version__,
            "explanation": digest_of(view),
            "framework": decision.framework,
            "gate": decision.gate.value,
            "inconclusive": decision.inconclusive,
            "isOpen": decision.is_open,
            "log": {"root": seen.root.hex(), "size": str(seen.size)},
            "obligations": list(decision.obligations),
            "plans": plan_rows(decision.answers),
            "reasons": words.reasons,
            TABLES: tables,
            "waivers": [dict(row) for row in waivers],
            # Absent is the usual bound, so that records from before say what they said.
            **({"bounds": PROVED} if decision.is_proved else {}),
        },
    )


def stated_in(content: bytes) -> Statement:
    """Return the statement in an envelope. Does not check: any signature."""
    return parse_statement(parse_envelope(content).payload)


def said_by(content: bytes) -> Mapping[str, Any]:
    """Return what the statement in an envelope says. Does not check: any signature."""
    return stated_in(content).predicate


def _digest(text: str) -> str:
    """Return a digest as it is; of anything else the digest of its text."""
    is_digest = len(text) == 64 and set(text) <= set("0123456789abcdef")
    return text if is_digest else sha256(text.encode()).hexdigest()


def permit_for(
    decisions: Iterable[tuple[Decision, bytes]],
    manifest: Manifest,
    *,
    at: datetime,
    seen: Seen,
    life: timedelta = DEFAULT_LIFE,
    granted: Granted = NO_MORE,
) -> Statement:
    """Return the statement of a permit, if every decision of the gate is open.

    Args:
        decisions: the decision of every policy that binds, with the envelope recorded for it.
        manifest: what the permit is bound to.
        at: from when it is valid.
        seen: the log with those envelopes in it.
        life: how long; cut to the instant at which a decision turns by itself.
        granted: how long what runs may go on after its end, and what is to happen then.

    Raises:
        UsageError: there is no decision, one is not open, or they are about something else.
        Refused: the life or the grace is too long.
    """
    found = list(decisions)
    if not found:
        raise UsageError("no policy decided this gate, so nothing is permitted")
    until = at + life
    for decision, _ in found:
        if not decision.is_open:
            raise UsageError(
                f"{decision.framework} does not open {decision.gate.value}",
                hint=f"`scalegate why {decision.subject} {decision.gate.value}`",
            )
        if decision.subject != manifest.subject:
            raise UsageError(
                f"the manifest is about `{manifest.subject}`, the decision about"
                f" `{decision.subject}`"
            )
        if decision.holds_from is not None:
            until = min(until, decision.holds_from.at)
    first, envelope = found[0]
    permit = Permit(
        subject=manifest.subject,
        manifest=manifest.digest,
        gate=first.gate.value,
        ask=first.ask.value,
        valid_from=at,
        valid_until=until,
        decision=sha256(envelope).hexdigest(),
        log_size=seen.size,
        grace=granted.length,
        afterwards=granted.afterwards,
        stated_by=granted.stated_by,
    )
    return permit_statement(permit)
