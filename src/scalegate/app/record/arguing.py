"""Check a bundle, and say step by step what follows from it and what does not.

1. The file is in its one form (`bundling`, rules 1 to 6).
2. Trust, checkpoint, tree, leaves and envelopes hold (`reading`, rules 1 to 5), and no entry fails.
3. Where the reader has seen a checkpoint before, the log in the bundle contains all of it.
4. Each decision and each permit names a tree that is a beginning of this log, and stands behind it:
   nothing that claims to have seen entries comes before them. By its own date a decision is not
   earlier than one that it had seen, and not later than the end of the trust document of its place.
5. Each recorded plan that a decision counts stands before it, and before the runs that answer it
   (`preregistration`, rules 1 to 5).
6. Material, where there is some, is what verified decisions name, each file by its digest, and
   nothing else (`material`). Whether decisions follow from it, `following` computes anew.
7. Each waiver beside a decision is what the log says, and was in force (`waivers`, rule 3).
8. Each disclosure opens what was committed to, and each answer what the seed draws
   (`ledger.disclosures`).
9. Each SLSA verification summary is of an open decision before it (`summaries`, rule 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scalegate.app.record.appending import statement_path
from scalegate.app.record.bundling import BundledLog
from scalegate.app.record.disclosing import read_book
from scalegate.app.record.material import Material
from scalegate.app.record.preregistration import LogSeen, PlanSeen, check_plans
from scalegate.app.record.reading import LogReport, read_entry_bundle, verify_log
from scalegate.app.record.summaries import SummarySeen, summaries_in
from scalegate.app.record.waivers import WaiverSeen, check_waivers
from scalegate.base.errors import FormatError
from scalegate.base.instants import format_instant, parse_instant
from scalegate.ledger.checkpoints import parse_decimal, verify_checkpoint
from scalegate.ledger.disclosures import DisclosureBook
from scalegate.ledger.faults import MalformedRecord, Refused, RoleRefused, RollbackRefused
from scalegate.ledger.leaves import parse_leaf
from scalegate.ledger.notes import VerifierKey
from scalegate.ledger.statements import Predicate, Statement
from scalegate.ledger.tiles import WIDTH
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import Trust, check_current, rotate_trust

NOT_CHECKED = (
    "whether every decision follows from policy and evidence: see step 9",
    "that what was recorded is true, or that everything was recorded",
    "times: those in statements are the signers' own; only cosignatures have a time from outside",
    "when the runs of an evaluation began, and that there were no others: their logs say so alone",
    "that the log shows everybody the same: only witnesses can say so",
)
NO_WEIGHTS = "that the weights of a SLSA summary are those of the register or the permit's manifest"
"""Not checked either, where there is a summary."""
NO_CLOCK = "that the trust document has not expired: its end is compared with no clock"
"""Not checked either, where nobody gave a clock and no witness cosigned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSeen:
    """A recorded decision, as its statement says."""

    index: int
    """Where it stands, from 0."""
    subject: str
    """What it is about."""
    framework: str
    """Under which policy."""
    gate: str
    """Which gate."""
    effect: str
    """What was decided."""
    as_of: str
    """Of when it speaks; the signer's word."""
    seen: int
    """How many entries the log had for whoever decided."""
    decided_at: datetime | None = None
    """When it was signed, by the signer's word; None where it says nothing."""
    waivers: tuple[WaiverSeen, ...] = ()
    """Waivers beside it; they change nothing of it."""
    plans: tuple[PlanSeen, ...] = ()
    """Recorded plans that its evidence answers, each held against the log."""
    reasons: str = ""
    """Why, in the signer's words."""
    dissent: str = ""
    """Who disagrees, and why, in the signer's words."""
    conditions: tuple[str, ...] = ()
    """Under which conditions, in the signer's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What a bundle shows."""

    report: LogReport
    """Who signed what, in which order."""
    decisions: tuple[DecisionSeen, ...]
    """Decisions, in the order of the log."""
    summaries: tuple[SummarySeen, ...]
    """SLSA verification summaries, in the order of the log."""
    disclosures: DisclosureBook
    """What is withheld inside statements that are shown, and what was opened of it."""
    contains: int | None
    """How many entries the reader had seen before, where a checkpoint was given."""
    material: Material | None = None
    """What decisions were computed from; nothing where the bundle is of a log alone."""


def check_bundle(
    content: bytes, trust: Trust, *, seen: bytes | None = None, at: datetime | None = None
) -> Argument:
    """Check a bundle (rules 1 to 6).

    Args:
        content: the bundle.
        trust: the first trust document, which the reader got elsewhere.
        seen: a checkpoint of this log that the reader kept from before.
        at: the reader's clock, for the end of the trust document (`reading`, rule 6).

    Raises:
        TrustError: a step does not hold; the message names it.

    Does not check: what `NOT_CHECKED` lists.
    """
    files = BundledLog(content)
    report = verify_log(files, trust, at=at)
    if report.faults:
        first = report.faults[0]
        raise Refused(f"entry {first.index}: {first.reason}", where="step 5, signatures")
    leaves = _leaves(files, report.view.head.size)
    tree = Tree(leaves)
    decisions: list[DecisionSeen] = []
    trusts = [trust]
    said = {index: each.statement.predicate for index, each in report.vouched}
    withdrawn = dict[str, int]()
    for index, each in report.vouched:
        kind = each.statement.kind
        if kind is Predicate.TRUST and each.statement.predicate["version"] != str(trust.version):
            shown = files.read(statement_path(each.envelope))
            trusts.append(rotate_trust(trusts[-1], shown or b""))
        if kind is Predicate.WITHDRAWAL:
            withdrawn = {one.sha256: index for one in each.statement.subjects} | withdrawn
        if kind is Predicate.GATE_DECISION:
            log = LogSeen(
                size=index,
                entry=leaves.__getitem__,
                root=tree.root,
                said=said.get,
                trusts=trusts,
                withdrawn=withdrawn,
            )
            found = _decision(index, each.statement, log)
            _check_date(found, decisions, trusts[-1])
            decisions.append(found)
    keys = [key for each in trusts for key in each.log_keys]
    stated = {index: each.statement for index, each in report.vouched}
    summaries = summaries_in(
        (parse_leaf(leaf), stated.get(index)) for index, leaf in enumerate(leaves)
    )
    contains = _contains(tree, keys, seen)
    return Argument(
        report=report,
        decisions=tuple(decisions),
        summaries=summaries,
        disclosures=read_book(report, tree.root),
        contains=contains,
        material=files.material(each.statement for _, each in report.vouched),
    )


def _leaves(files: BundledLog, size: int) -> list[bytes]:
    return [
        entry
        for index in range(-(-size // WIDTH))
        for entry in read_entry_bundle(files, index, size)
    ]


def _contains(tree: Tree, keys: Sequence[VerifierKey], seen: bytes | None) -> int | None:
    if seen is None:
        return None
    head = verify_checkpoint(seen, keys).head
    if head.size > tree.size:
        raise RollbackRefused(
            "older than what was seen", where="step 6, what you saw before",
            expected=f"at least {head.size} entries", got=str(tree.size),
        )  # fmt: skip
    if tree.root(head.size) != head.root:
        raise RollbackRefused(
            "another history than what was seen", where="step 6, what you saw before",
            expected=head.root.hex(), got=tree.root(head.size).hex(),
        )  # fmt: skip
    return head.size


def _decision(index: int, statement: Statement, log_seen: LogSeen) -> DecisionSeen:
    said = statement.predicate
    log: Any = said.get("log")
    log = log if isinstance(log, dict) else {}
    where = f"step 7, decision at entry {index}"
    size = parse_decimal(_text(log.get("size"), where), "size of the log seen")
    root = _text(log.get("root"), where)
    if size > index:
        raise Refused(
            "decision names entries that come after it", where=where,
            expected=f"at most {index}", got=str(size),
        )  # fmt: skip
    own = log_seen.root(size).hex()
    if own != root:
        raise Refused("decision saw another log", where=where, expected=own, got=root[:64])
    return DecisionSeen(
        index=index,
        subject=statement.subjects[0].name,
        framework=_text(said.get("framework"), where),
        gate=_text(said.get("gate"), where),
        effect=_text(said.get("effect"), where),
        as_of=_text(said.get("asOf"), where),
        seen=size,
        decided_at=_dated(said.get("decidedAt"), where),
        waivers=check_waivers(log_seen, statement, where),
        plans=check_plans(said.get("plans", []), log_seen, where=where),
        reasons=_words(said.get("reasons")),
        dissent=_words(said.get("dissent")),
        conditions=_listed(said.get("conditions")),
    )


def _words(found: Any) -> str:
    """Return words that nothing rests on; what is no text is passed over."""
    return found if isinstance(found, str) else ""


def _listed(found: Any) -> tuple[str, ...]:
    rows = found if isinstance(found, list) else []
    return tuple(each for each in rows if isinstance(each, str))


def _dated(found: Any, where: str) -> datetime | None:
    if found is None:
        return None
    try:
        return parse_instant(_text(found, where))
    except FormatError as cause:
        raise MalformedRecord("decision has a date that is none", where=where) from cause


def _check_date(found: DecisionSeen, before: Sequence[DecisionSeen], trust: Trust) -> None:
    """Refuse a date that the decision's own place in the log gives the lie (rule 4)."""
    where = f"step 7, decision at entry {found.index}"
    if found.decided_at is None:
        return
    seen = [each.decided_at for each in before if each.index < found.seen and each.decided_at]
    if any(found.decided_at < at for at in seen):
        raise Refused(
            "decision is dated before one that it had seen", where=where,
            expected=f"{format_instant(max(seen))} or later", got=format_instant(found.decided_at),
        )  # fmt: skip
    try:
        check_current(trust, found.decided_at)
    except RoleRefused as cause:
        raise Refused(
            "decision was signed after the end of the trust document", where=where,
            expected=cause.expected, got=cause.got,
        ) from cause  # fmt: skip


def _text(found: Any, where: str) -> str:
    if not isinstance(found, str):
        raise MalformedRecord("decision lacks a field, or it is no text", where=where)
    return found
