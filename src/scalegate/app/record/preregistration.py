"""Hold what a decision says of recorded plans against the log, with no evidence at hand.

1. A row names a plan by its digest, the envelope that records it and where that stands. There the
   log has an `evaluation-plan` of that envelope whose first subject is that plan.
2. The row's lines are those that the signed plan lists, each with its digest. Where that envelope
   is not shown, this cannot be checked, and is said.
3. The row's checkpoint contains that entry, is signed by a key of this log, and is a beginning of
   the log at hand: the tree at its size has its root.
4. Where the row's clock is `witness`, a trust document up to here asks for a quorum, the checkpoint
   reaches it, and the latest of these witnesses' times is the instant in the row. Where it is
   `own`, the instant is the lab's word; that is said, not checked.
5. No run that the row counts started before that instant, and the plan stands before the decision.

What remains the lab's word: when a run started, and that no other run was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scalegate.app.record.planning import cosigned_by_quorum, recorded_by
from scalegate.base.errors import FormatError, TrustError
from scalegate.base.instants import format_instant, parse_instant
from scalegate.evidence.documents.plans import PlanReceipt
from scalegate.gate.model import PlanAnswer
from scalegate.ledger.checkpoints import parse_checkpoint, parse_decimal, verify_checkpoint
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.leaves import parse_leaf
from scalegate.ledger.statements import Predicate
from scalegate.ledger.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSeen:
    """A log as far as somebody has it."""

    size: int
    """How many entries count: for a decision, those before it."""
    entry: Callable[[int], bytes]
    """The leaf at an index."""
    root: Callable[[int], bytes]
    """The root of its first so many entries."""
    said: Callable[[int], Mapping[str, Any] | None]
    """What the statement of an entry says, if a role that may say so signed it; nothing where it
    is not shown."""
    trusts: Sequence[Trust]
    """The trust documents up to here, oldest first."""
    withdrawn: Mapping[str, int] = field(default_factory=dict)
    """Where envelopes were withdrawn, by their digests; the first place of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSeen:
    """A recorded plan that a decision counts, held against the log."""

    plan: str
    """Digest of the plan."""
    entry: int
    """Where it stands, from 0."""
    recorded_at: str
    """By when."""
    clock: str
    """`own` or `witness`."""
    runs: int
    """How many runs answer it."""
    is_shown: bool
    """Whether the signed plan is shown, so that its lines could be compared."""


def plan_rows(answers: Iterable[PlanAnswer]) -> list[dict[str, Any]]:
    """Return the rows of a decision's statement on the recorded plans that it counts."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for answer in answers:
        said, started = answer.receipt, answer.started_at
        if said is None or started is None:
            continue
        row = rows.setdefault((said.envelope, said.checkpoint), receipt_row(said))
        row["runs"].append({"evidence": answer.evidence, "startedAt": format_instant(started)})
    return [rows[key] for key in sorted(rows)]


def receipt_row(said: PlanReceipt) -> dict[str, Any]:
    """Return what a receipt says, as a row without runs."""
    return {
        "checkpoint": said.checkpoint,
        "clock": said.clock,
        "entry": str(said.entry),
        "envelope": said.envelope,
        "lines": {line.clause: line.sha256 for line in said.lines},
        "plan": said.plan,
        "recordedAt": format_instant(said.recorded_at),
        "runs": [],
    }


def check_plans(rows: Any, log: LogSeen, *, where: str) -> tuple[PlanSeen, ...]:
    """Return the recorded plans of a decision, if every row holds (rules 1 to 5).

    Raises:
        MalformedRecord: a row is not in the form.
        Refused: a row does not hold.
    """
    if not isinstance(rows, list):
        raise MalformedRecord("`plans` is no list", where=where)
    return tuple(check_row(row, log, where=where) for row in rows)


def check_row(row: Any, log: LogSeen, *, where: str) -> PlanSeen:
    """Return one row, if it holds.

    Raises:
        MalformedRecord: it is not in the form.
        Refused: it does not hold.
    """
    fields = ("checkpoint", "clock", "entry", "envelope", "plan", "recordedAt")
    if not isinstance(row, Mapping) or not all(isinstance(row.get(each), str) for each in fields):
        raise MalformedRecord("row on a plan lacks a field", where=where)
    entry = parse_decimal(row["entry"], "entry of the plan")
    _stands(row, entry, log, where=where)
    is_shown = _lists(row, entry, log, where=where)
    _vouched(row, entry, log, where=where)
    runs = row.get("runs")
    if not isinstance(runs, list):
        raise MalformedRecord("row on a plan has no runs", where=where)
    for run in runs:
        _later(run, row["recordedAt"], where=where)
    return PlanSeen(
        plan=row["plan"], entry=entry, recorded_at=row["recordedAt"], clock=row["clock"],
        runs=len(runs), is_shown=is_shown,
    )  # fmt: skip


def _stands(row: Mapping[str, Any], entry: int, log: LogSeen, *, where: str) -> None:
    if entry >= log.size:
        raise Refused(
            "plan stands behind the decision that counts it", where=where,
            expected=f"below {log.size}", got=str(entry),
        )  # fmt: skip
    leaf = parse_leaf(log.entry(entry))
    if leaf.predicate_type != Predicate.EVALUATION_PLAN.uri or leaf.envelope != row["envelope"]:
        raise Refused(f"entry {entry} is not the plan that is named", where=where)
    if not leaf.subjects or leaf.subjects[0].sha256 != row["plan"]:
        got = leaf.subjects[0].sha256 if leaf.subjects else "none"
        raise Refused("entry records another plan", where=where, expected=row["plan"][:64], got=got)


def _lists(row: Mapping[str, Any], entry: int, log: LogSeen, *, where: str) -> bool:
    said = log.said(entry)
    if said is None:
        return False
    listed = said.get("lines", [])
    rows = listed if isinstance(listed, list) else [None]
    pairs = [
        (each.get("clause"), each.get("sha256")) if isinstance(each, Mapping) else (None, None)
        for each in rows
    ]
    are_texts = all(isinstance(text, str) for pair in pairs for text in pair)
    if not are_texts or row.get("lines") != dict(pairs):
        raise Refused("names other lines than the plan that was recorded", where=where)
    return True


def _vouched(row: Mapping[str, Any], entry: int, log: LogSeen, *, where: str) -> None:
    content = row["checkpoint"].encode()
    trusts = [trust for trust in reversed(log.trusts) if _is_signed(content, trust)]
    if not trusts:
        raise Refused("checkpoint of the plan is not signed by this log", where=where)
    head = parse_checkpoint(content).head
    if not entry < head.size <= log.size or log.root(head.size) != head.root:
        raise Refused("checkpoint of the plan is not one of this log with it", where=where)
    if row["clock"] == "own":
        return
    found = [cosigned for trust in trusts if (cosigned := cosigned_by_quorum(content, trust))]
    if row["clock"] != "witness" or not found:
        raise Refused("no quorum of witnesses says when the plan was recorded", where=where)
    at = format_instant(recorded_by(found[0]))
    if at != row["recordedAt"]:
        raise Refused(
            "plan was recorded at another time", where=where, expected=at,
            got=f"`{row['recordedAt'][:40]}`",
        )  # fmt: skip


def _is_signed(content: bytes, trust: Trust) -> bool:
    try:
        verify_checkpoint(content, trust.log_keys)
    except TrustError:
        return False
    return True


def _later(run: Any, recorded_at: str, *, where: str) -> None:
    if not isinstance(run, Mapping) or not isinstance(run.get("startedAt"), str):
        raise MalformedRecord("run of a plan does not say when it started", where=where)
    if _instant(run["startedAt"], where) < _instant(recorded_at, where):
        raise Refused(
            "run started before its plan was recorded", where=where,
            expected=f"{recorded_at[:40]} or later", got=f"`{run['startedAt'][:40]}`",
        )  # fmt: skip


def _instant(text: str, where: str) -> datetime:
    try:
        return parse_instant(text)
    except FormatError as cause:
        raise MalformedRecord("not an instant", where=where, got=f"`{text[:40]}`") from cause
