"""Record an evaluation plan before the run: the statement to sign, and the receipt to keep.

1. The statement holds the plan as it is, the digest of every policy that its runs are to answer,
   and each line of it as it then stands. It holds no clock: one plan under the same policies gives
   the same statement, so recording it twice records it once.
2. A line is named by the policy that carries it, also where it comes from an indicator set.
3. The receipt says by when the plan stood in the log: by the latest time of the witnesses who
   cosigned the checkpoint, where they reach the quorum that the trust document asks; else by the
   lab's own clock, which proves nothing to others, and is named so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scalegate import __version__
from scalegate.app.record.sealing import without_numbers
from scalegate.app.workspace import LoadedPolicy
from scalegate.base.errors import TrustError, UsageError
from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.evidence.documents.plans import CommittedLine, Plan
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.preregistered import line_digest, line_in_short
from scalegate.ledger.checkpoints import Cosigned
from scalegate.ledger.quorum import NO_QUORUM, verify_witnessed
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.ledger.trust import Trust
from scalegate.policy.document import Indicator

LATEST = 1 << 37
"""A witness whose time is beyond all calendars says nothing."""
SECOND = timedelta(seconds=1)
"""An instant of the lab's own clock is given as the next whole second: never too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an envelope stands in a log, and the checkpoint that shows it."""

    envelope: str
    """SHA-256 of the envelope."""
    entry: int
    """From 0."""
    checkpoint: bytes
    """A checkpoint of the log that contains it."""
    now: datetime
    """By the lab's own clock."""


def owners_answered(plan: Plan) -> tuple[str, ...]:
    """Return the policies and indicator sets that a plan's runs are to answer, sorted."""
    return tuple(sorted({clause.partition("/")[0] for run in plan.runs for clause in run.answers}))


def committed_lines(plan: Plan, policies: Sequence[LoadedPolicy]) -> tuple[CommittedLine, ...]:
    """Return every line that a plan's runs are to answer, as it stands now (rule 2).

    Raises:
        UsageError: a run is to answer something that no policy here defines.
    """
    found: dict[str, CommittedLine] = {}
    for clause in dict.fromkeys(clause for run in plan.runs for clause in run.answers):
        lines = list(_lines_of(clause, policies))
        if not lines and not _is_threshold(clause, policies):
            raise UsageError(
                f"the plan answers `{plain(clause)}`, and no policy used here has it",
                hint="name its policy with `--policy ID@VERSION`, or correct the plan",
            )
        for name, indicator in lines:
            found[name] = CommittedLine(
                clause=name, sha256=line_digest(indicator), statement=line_in_short(indicator)
            )
    return tuple(found[name] for name in sorted(found))


def _is_threshold(clause: str, policies: Iterable[LoadedPolicy]) -> bool:
    """Tell whether a clause is a threshold; one without a line of its own has none to record."""
    owner, _, name = clause.partition("/")
    return any(
        name == threshold.id
        for loaded in policies
        if owner == loaded.name
        for threshold in loaded.policy.thresholds
    )


def _lines_of(clause: str, policies: Iterable[LoadedPolicy]) -> Iterator[tuple[str, Indicator]]:
    owner, _, name = clause.partition("/")
    for loaded in policies:
        if owner != loaded.name and owner not in {each.id for each in loaded.sets}:
            continue
        lines = [(each.id, line) for each in loaded.policy.thresholds for line in each.indicators]
        for threshold, line in lines:
            if name in (threshold, line.id):
                yield f"{loaded.name}/{line.id}", line


def plan_statement(
    record: Record, lines: Sequence[CommittedLine], policies: Sequence[LoadedPolicy]
) -> Statement:
    """Return the statement that records a plan (rule 1).

    Raises:
        UsageError: the document is no plan.
    """
    if record.kind is not Kind.PLAN:
        raise UsageError(
            f"`{plain(record.id)}` is a `{record.kind}`, not a plan",
            hint="`scalegate design --plan FILE` writes one",
        )
    named = {line.clause.partition("/")[0] for line in lines}
    used = [each for each in policies if each.name in named]
    return Statement(
        predicate_type=Predicate.EVALUATION_PLAN.uri,
        subjects=(
            Subject(name=record.id, sha256=record.digest),
            *(Subject(name=each.name, sha256=each.effective_digest) for each in used),
        ),
        predicate={
            "about": record.subject,
            "lines": [
                {"clause": line.clause, "says": line.statement, "sha256": line.sha256}
                for line in lines
            ],
            "plan": without_numbers(record.to_mapping()),
            "statistics": {"engine": __version__},
        },
    )


def receipt_document(
    record: Record, lines: Sequence[CommittedLine], standing: Standing, trust: Trust
) -> dict[str, Any]:
    """Return the receipt of a recorded plan as a document to import (rule 3)."""
    cosigned = cosigned_by_quorum(standing.checkpoint, trust)
    at = recorded_by(cosigned) if cosigned else standing.now.replace(microsecond=0) + SECOND
    instant = format_instant(at)
    return {
        "schema": Kind.PLAN_RECEIPT.schema,
        "id": f"{record.id[:60]}-receipt-{standing.entry}-{at:%Y%m%dT%H%M%SZ}",
        "subject": record.subject,
        "true_from": instant,
        "known_from": instant,
        "source": {"document": f"Log {trust.origin}"[:200], "mark": "record"},
        "payload": {
            "plan": record.digest,
            "envelope": standing.envelope,
            "log": trust.origin[:200],
            "entry": standing.entry,
            "recorded_at": instant,
            "clock": "witness" if cosigned else "own",
            "checkpoint": standing.checkpoint.decode(),
            "lines": [line.model_dump() for line in lines],
        },
    }


def cosigned_by_quorum(checkpoint: bytes, trust: Trust) -> tuple[Cosigned, ...]:
    """Return who cosigned a checkpoint, if a quorum is asked for and reached; else nothing."""
    if trust.witnesses.quorum == NO_QUORUM:
        return ()
    try:
        found = verify_witnessed(checkpoint, trust.witnesses, logs=trust.log_keys)[1]
    except TrustError:
        return ()
    return found if all(each.seconds < LATEST for each in found) else ()


def recorded_by(cosigned: Sequence[Cosigned]) -> datetime:
    """Return the latest of the witnesses' times: by then, all of them had seen the checkpoint."""
    return datetime.fromtimestamp(max(each.seconds for each in cosigned), UTC)
