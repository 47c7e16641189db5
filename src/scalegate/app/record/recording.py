"""Put decisions, permits and their summaries into a record, or nothing of them.

1. What is to be recorded is made and signed first; then each envelope must be one that the trust in
   force accepts (`admitting`); then the batch is appended at once.
2. A decision is dated no earlier than the newest one in the log, and counts only recorded plans
   that the log has.
3. Waivers of the log that are in force at its instant stand beside a decision.
4. What decisions were computed from is kept before they are in the log (`kept_material`).
5. Summaries, where they are wanted, are of decisions that are open, and stand behind them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scalegate.app.deciding import Prepared
from scalegate.app.record.admitting import admit, check_dated
from scalegate.app.record.appending import LogWriter, Recorded, read_checkpoint_bytes
from scalegate.app.record.deciding import Seen, Words, decision_statement
from scalegate.app.record.kept_material import keep_material
from scalegate.app.record.material import table_list, tables_of
from scalegate.app.record.plan_check import log_seen
from scalegate.app.record.preregistration import check_plans, plan_rows
from scalegate.app.record.reading import trusts_in_log
from scalegate.app.record.sealing import seal
from scalegate.app.record.summaries import of_permit, of_register, summary_of
from scalegate.app.record.waivers import waiver_rows, waivers_in
from scalegate.base.canonical import sha256_hex
from scalegate.gate.model import Decision, Subject
from scalegate.ledger.checkpoints import parse_checkpoint
from scalegate.ledger.permits import Manifest, permit_of
from scalegate.ledger.statements import Statement
from scalegate.ledger.trust import Trust
from scalegate.ports import Clock, LogFiles, PolicySource, Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What decisions rest on."""

    prepared: Prepared
    """The workspace, read at their instants."""
    source: PolicySource
    """Where the files of its policies are read."""
    subject: Subject
    """What was decided about, as the register has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A record with the keys by which somebody writes into it."""

    log: LogFiles
    """The log."""
    kept: LogFiles
    """Where what decisions were computed from is kept, beside the log."""
    first: Trust
    """The first trust document."""
    log_signer: Signer
    """The log's own key."""
    clock: Clock
    """The present."""
    build: str
    """Digest of the build of the engine."""

    def writer(self) -> tuple[LogWriter, Seen]:
        """Return what appends to the log, and the log as it is now.

        Raises:
            UsageError: there is no log.
            OutsideError: it cannot be read.
        """
        head = parse_checkpoint(read_checkpoint_bytes(self.log)).head
        writer = LogWriter(self.log, [self.log_signer], origin=head.origin, clock=self.clock)
        return writer, Seen(size=head.size, root=head.root)

    def admit(self, contents: Sequence[bytes]) -> None:
        """Refuse what the trust in force would not accept, before it is in the log for good.

        Raises:
            TrustError: an envelope is refused.
        """
        trusts = list(trusts_in_log(self.log, self.first))
        for content in contents:
            admit(trusts, content, clock=self.clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsRecorded:
    """Decisions in the log."""

    entries: tuple[tuple[Recorded, bytes], ...]
    """Where each stands, and its envelope, in the order of the decisions."""
    summaries: Mapping[str, tuple[Recorded, bytes]]
    """The summary of an open decision, by the envelope of the decision."""


def record_decisions(
    desk: Desk,
    decisions: Sequence[Decision],
    basis: Basis,
    *,
    signers: Sequence[Signer],
    words: Words,
    is_summed: bool = False,
) -> DecisionsRecorded:
    """Record decisions, and summaries of those that are open (rules 1 to 5).

    Args:
        desk: the record.
        decisions: what was decided.
        basis: from what.
        signers: keys of a role that may say so.
        words: what whoever decides adds.
        is_summed: whether summaries are recorded, too.

    Raises:
        TrustError: a plan, a date or a signature is refused; nothing is recorded.
        OutsideError: the record cannot be written.
    """
    writer, seen = desk.writer()
    waivers = waivers_in(desk.log, desk.first)
    _hold_plans_to_log(desk, decisions)
    now = desk.clock.now()
    check_dated(desk.log, now)
    tables = tables_of(basis.prepared.bundle)
    named = sha256_hex(table_list(tables))

    def stated(decision: Decision) -> Statement:
        asked = (decision.subject, decision.framework, decision.gate.value)
        rows = waiver_rows(waivers, asked=asked, at=decision.as_of)
        return decision_statement(
            decision,
            decided_at=now,
            seen=seen,
            tables=named,
            build=desk.build,
            words=words,
            waivers=rows,
        )

    contents = [seal(stated(each), signers) for each in decisions]
    pairs = list(zip(decisions, contents, strict=True)) if is_summed else []
    summed = _summed(desk, pairs, basis, at=now, signers=signers)
    desk.admit([*contents, *summed.values()])
    keep_material(basis.prepared.policies, basis.source, tables, desk.kept)
    entries = writer.append([*contents, *summed.values()])
    more = zip(entries[len(contents) :], summed.values(), strict=True)
    return DecisionsRecorded(
        entries=tuple(zip(entries[: len(contents)], contents, strict=True)),
        summaries=dict(zip(summed, more, strict=True)),
    )


def record_permit(
    desk: Desk,
    content: bytes,
    pairs: Sequence[tuple[Decision, bytes]],
    manifest: Manifest,
    *,
    signers: Sequence[Signer],
) -> tuple[Recorded, tuple[tuple[Recorded, bytes], ...]]:
    """Record a permit, and a summary of each decision behind it (rules 1 and 5).

    Args:
        desk: the record.
        content: the permit's envelope.
        pairs: the decisions of which summaries are recorded, with their envelopes; none: none.
        manifest: what the permit is bound to.
        signers: keys of the role that signs summaries.

    Returns:
        Where the permit stands; and the summaries.

    Raises:
        TrustError: a signature is refused; nothing is recorded.
        OutsideError: the record cannot be written.
    """
    summed = of_permit(permit_of(content), manifest)
    made = [
        summary_of(decision, each, summed, origin=desk.first.origin, signers=signers)
        for decision, each in pairs
    ]
    desk.admit([content, *made])
    writer, _ = desk.writer()
    entry, *more = writer.append([content, *made])
    return entry, tuple(zip(more, made, strict=True))


def _summed(
    desk: Desk,
    pairs: Sequence[tuple[Decision, bytes]],
    basis: Basis,
    *,
    at: datetime,
    signers: Sequence[Signer],
) -> dict[str, bytes]:
    """Return a summary of each open decision, by the envelope of the decision."""

    def summed(decision: Decision, content: bytes) -> bytes:
        found = of_register(basis.subject, decision, basis.prepared.bundle, at=at)
        return summary_of(decision, content, found, origin=desk.first.origin, signers=signers)

    return {
        sha256_hex(content): summed(decision, content)
        for decision, content in pairs
        if decision.is_open
    }


def _hold_plans_to_log(desk: Desk, decisions: Sequence[Decision]) -> None:
    """Refuse to sign a decision that counts a recorded plan which this log does not have."""
    if not any(each.answers for each in decisions):
        return
    log = log_seen(desk.log, trusts_in_log(desk.log, desk.first))
    for each in decisions:
        check_plans(plan_rows(each.answers), log, where=f"decision under {each.framework}")
