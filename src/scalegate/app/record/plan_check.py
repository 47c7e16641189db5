"""Hold what ran against the plans, and the plans' receipts against the log.

1. A plan is recorded if one of its receipts holds against the log (`preregistration`). It then
   counts as fixed by the earliest instant of those that hold, or by its own word if that is later.
2. Every planned run is met or listed; so is every run that nobody planned, that is repeated, that
   began too early, or that no mapping binds (`evidence.plan`).
3. Every line that the receipts name is compared with the policy as it now is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from scalegate.app.record.appending import read_size, statement_path
from scalegate.app.record.preregistration import LogSeen, check_row, receipt_row
from scalegate.app.record.reading import read_entry_bundle, vouch_under
from scalegate.base.errors import TrustError
from scalegate.evidence.documents.plans import CommittedLine, Plan, PlanReceipt
from scalegate.evidence.model import Kind
from scalegate.evidence.plan import Missing, missing_from
from scalegate.evidence.record import Record
from scalegate.gate.model import Inputs
from scalegate.gate.planned import counts_on, observed_runs
from scalegate.gate.preregistered import line_digest, line_in_short
from scalegate.ledger.leaves import parse_leaf
from scalegate.ledger.tiles import WIDTH
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import Trust
from scalegate.ports import LogFiles

if TYPE_CHECKING:
    from scalegate.app.deciding import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeen:
    """A receipt, held against the log."""

    record: Record
    """The document."""
    fault: str
    """Why it does not hold; empty where it does."""

    @property
    def said(self) -> PlanReceipt:
        """What it says."""
        return self.record.payload_as(PlanReceipt)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """What is to be said of one plan."""

    record: Record
    """The plan."""
    receipts: tuple[ReceiptSeen, ...]
    """Its receipts."""
    fixed_at: datetime | None
    """By when it was recorded; None: no receipt holds."""
    missing: tuple[Missing, ...]
    """Every difference between it and what ran."""
    changed: tuple[str, ...]
    """Lines that no longer say what they said when it was recorded."""

    @property
    def is_refused(self) -> bool:
        """Whether a receipt does not hold against the log."""
        return any(each.fault for each in self.receipts)

    @property
    def is_answered(self) -> bool:
        """Whether it was recorded first, every run came, and no line moved."""
        blocked = any(each.is_blocking for each in self.missing)
        return self.fixed_at is not None and not blocked and not self.changed


def log_seen(files: LogFiles, trusts: Sequence[Trust]) -> LogSeen:
    """Return a whole log, to hold receipts against.

    Raises:
        UsageError: there is no log.
        TrustError: a file of it is missing or not in its form.
    """
    size = read_size(files)
    leaves = [
        entry
        for index in range(-(-size // WIDTH))
        for entry in read_entry_bundle(files, index, size)
    ]
    tree = Tree(leaves)

    def said(index: int) -> Mapping[str, Any] | None:
        content = files.read(statement_path(parse_leaf(leaves[index]).envelope))
        return None if content is None else vouch_under(trusts, content).statement.predicate

    return LogSeen(size=size, entry=leaves.__getitem__, root=tree.root, said=said, trusts=trusts)


def check_plans_on_record(prepared: Prepared, log: LogSeen) -> tuple[PlanReport, ...]:
    """Return a report on every plan on record, sorted by id (rules 1 to 3)."""
    bundle = prepared.bundle
    receipts = [
        ReceiptSeen(record=record, fault=_fault(record, log))
        for record in bundle.of_kind(Kind.PLAN_RECEIPT)
    ]
    known = prepared.inputs[0]
    plans = sorted(bundle.of_kind(Kind.PLAN), key=lambda each: each.id)
    mine = [[one for one in receipts if one.said.plan == plan.digest] for plan in plans]
    fixed = [_fixed(plan, own) for plan, own in zip(plans, mine, strict=True)]
    asked = [
        (plan, counts_on(known, record.subject))
        for (plan, _), record in zip(fixed, plans, strict=True)
    ]
    missing = missing_from(asked, observed_runs(known))
    return tuple(
        _report(prepared.inputs, record, own, (at, lacks))
        for record, own, (_, at), lacks in zip(plans, mine, fixed, missing, strict=True)
    )


def void_receipts(records: Iterable[Record], log: LogSeen | None) -> Mapping[str, str]:
    """Return the receipts that a log does not bear out, by digest, with why.

    Args:
        records: receipts.
        log: a whole log; None: there is none, so that nothing bears them out.
    """
    faults = {
        record.digest: "there is no record here to hold it against; `--record` names one"
        if log is None
        else fault
        for record in records
        if log is None or (fault := _fault(record, log))
    }
    return MappingProxyType(faults)


def _fixed(record: Record, receipts: Sequence[ReceiptSeen]) -> tuple[Plan, datetime | None]:
    """Return a plan as it was fixed, and by when a receipt that holds says that it was."""
    plan = record.payload_as(Plan)
    held = [one.said.recorded_at for one in receipts if not one.fault]
    if not held:
        return plan, None
    fixed_at = max(plan.committed_at, min(held))
    return plan.model_copy(update={"committed_at": fixed_at}), fixed_at


def _fault(record: Record, log: LogSeen) -> str:
    try:
        check_row(receipt_row(record.payload_as(PlanReceipt)), log, where=f"receipt `{record.id}`")
    except TrustError as fault:
        return str(fault)
    return ""


def _report(
    inputs: Sequence[Inputs],
    record: Record,
    receipts: Sequence[ReceiptSeen],
    found: tuple[datetime | None, tuple[Missing, ...]],
) -> PlanReport:
    fixed_at, missing = found
    held = [one.said for one in receipts if not one.fault]
    lines = {line.clause: line for said in held for line in said.lines}
    return PlanReport(
        record=record,
        receipts=tuple(receipts),
        fixed_at=fixed_at,
        missing=missing,
        changed=tuple(_changed(lines.values(), inputs)),
    )


def _changed(lines: Iterable[CommittedLine], inputs: Sequence[Inputs]) -> Iterator[str]:
    now = {
        f"{known.policy.name}/{line.id}": line
        for known in inputs
        for threshold in known.policy.thresholds
        for line in threshold.indicators
    }
    for line in lines:
        found = now.get(line.clause)
        if found is None:
            yield f"{line.clause}: it was `{line.statement}`, and no policy used here has it"
        elif line_digest(found) != line.sha256:
            yield f"{line.clause}: it was `{line.statement}`, it is `{line_in_short(found)}`"
