"""A SLSA verification summary of an open gate, for verifiers that know those and not us.

1. One summary for each policy that opened the gate, in the log behind its decision. None is made
   for a gate that is not open: the format's FAILED says less than a decision does.
2. Its subject is the digest of the weights, so that tools find it by the artefact: of a permit's
   manifest, else of the register. Where neither has one, the subject is the register's document on
   what was asked for, named `register:...`, which can be mistaken for no weights.
3. `resourceUri` says for what: a permit's manifest by its digest (configuration, surface, audience,
   jurisdictions), else the register's name. A consumer that does not compare it lets the same
   weights pass elsewhere.
4. The format has no end. When the answer turns or the permit ends, and what is owed, are in an
   extension field; a consumer that ignores it bounds the age of `timeVerified` itself, and sees no
   withdrawal. Where that matters, verify the permit instead.
5. It claims no SLSA level: its only level is ours, and names gate and ask.
6. The role that may sign `gate-decision` signs it (`ledger.trust`). It names that decision alone,
   by its envelope. In a log, that decision stands before it, is open, and is of the policy, gate
   and ask that the summary says; the summary is not dated before it.

Source: SLSA specification 1.0 and 1.1, verification summary attestation, predicate version 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from scalegate import __version__
from scalegate.app.record.sealing import seal
from scalegate.base.errors import FormatError, UsageError
from scalegate.base.instants import format_instant, parse_instant
from scalegate.evidence.bundle import Bundle
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.gate.model import Decision
from scalegate.gate.model import Subject as Asked
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.leaves import Leaf
from scalegate.ledger.permits import Manifest, Permit
from scalegate.ledger.statements import BASE, SUMMARY, Predicate, Statement, Subject
from scalegate.ports import Signer

PASSED = "PASSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """What a summary is of, and for how long."""

    subject: Subject
    """The artefact (rule 2)."""
    resource: str
    """Path of `resourceUri` below the log's origin (rule 3)."""
    at: datetime
    """When it was verified."""
    until: datetime | None
    """Until before when the answer holds, as far as is known (rule 4)."""
    extension: str
    """URI of the extension field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySeen:
    """A summary in a log, held against its decision (rule 6)."""

    index: int
    """Where it stands, from 0."""
    envelope: str
    """The decision's envelope."""
    subject: str
    """What it is of."""
    sha256: str
    """The digest of that."""
    level: str
    """The level it states."""
    is_compared: bool
    """Whether the decision is shown; else only that it is recorded before is known."""


def of_permit(permit: Permit, manifest: Manifest) -> Summed:
    """Return what a permit's summary is of."""
    return Summed(
        subject=Subject(name=manifest.subject, sha256=manifest.weights),
        resource=f"manifest/{manifest.digest}",
        at=permit.valid_from,
        until=permit.valid_until,
        extension=f"{BASE}permit/v1",
    )


def of_register(
    asked: Asked, decision: Decision, bundle: Bundle[EvalLog], *, at: datetime
) -> Summed:
    """Return what a decision's summary is of, by the register (rule 2).

    Raises:
        UsageError: the register has no document on it.
    """
    subject = Subject(name=asked.checkpoint or asked.ref, sha256=asked.weights_sha256 or "")
    if not asked.weights_sha256:
        kinds = (Kind.MODEL, Kind.DEPLOYMENT, Kind.RUN)
        about = [*bundle.about(asked.ref), *bundle.about(asked.model or asked.ref)]
        found = [each for each in about if each.kind in kinds]
        if not found:
            raise UsageError(f"the register has no document on {asked.ref}")
        subject = Subject(name=f"register:{asked.ref}", sha256=found[0].digest)
    return Summed(
        subject=subject,
        resource=f"register/{quote(asked.ref, safe=':/')}",
        at=at,
        until=decision.holds_from.at if decision.holds_from is not None else None,
        extension=Predicate.GATE_DECISION.uri,
    )


def summary_of(
    decision: Decision, envelope: bytes, summed: Summed, *, origin: str, signers: Sequence[Signer]
) -> bytes:
    """Return the envelope of the summary of a decision (rules 1 to 5).

    Args:
        decision: an open one.
        envelope: what was recorded for it.
        summed: what the summary is of.
        origin: the log's name: who verified.
        signers: keys of the gate.

    Raises:
        UsageError: the decision is not open.
    """
    if not decision.is_open:
        raise UsageError(f"{decision.framework} does not open {decision.gate.value}")
    digest = sha256(envelope).hexdigest()
    stated = Statement(
        predicate_type=SUMMARY,
        subjects=(summed.subject,),
        predicate={
            "inputAttestations": [
                {
                    "digest": {"sha256": digest},
                    "uri": f"https://{origin}/statement/{digest[:2]}/{digest}",
                }
            ],
            "policy": {
                "digest": {"sha256": decision.policy_digest},
                "uri": f"https://{origin}/policy/{decision.framework}",
            },
            "resourceUri": f"https://{origin}/{summed.resource}",
            "slsaVersion": "1.0",
            "timeVerified": format_instant(summed.at),
            "verificationResult": PASSED,
            "verifiedLevels": [_level(decision.gate.value, decision.ask.value)],
            "verifier": {"id": f"https://{origin}", "version": {"scalegate": __version__}},
            summed.extension: {
                "effect": decision.level.word,
                "obligations": list(decision.obligations),
                "until": format_instant(summed.until) if summed.until else "",
            },
        },
    )
    return seal(stated, signers)


def _level(gate: str, ask: str) -> str:
    return f"SCALEGATE_{gate}_{ask}".upper()


def summaries_in(entries: Iterable[tuple[Leaf, Statement | None]]) -> tuple[SummarySeen, ...]:
    """Return the summaries of a log, if each is of an open decision before it (rule 6).

    Args:
        entries: all of them in order, each with what it says, where that is shown and vouched for.

    Raises:
        MalformedRecord: one is not in the form.
        Refused: one sums up no decision of this log, or another one than it says.
    """
    decisions: dict[str, Statement | None] = {}
    found = []
    for index, (leaf, stated) in enumerate(entries):
        if leaf.predicate_type == Predicate.GATE_DECISION.uri:
            decisions.setdefault(leaf.envelope, stated)
        elif leaf.predicate_type == SUMMARY and stated is not None:
            found.append(_seen(index, stated, decisions))
    return tuple(found)


def _seen(index: int, stated: Statement, decisions: Mapping[str, Statement | None]) -> SummarySeen:
    where = f"step 7, summary at entry {index}"
    said = stated.predicate
    try:
        (named,) = said["inputAttestations"]
        envelope, policy = named["digest"]["sha256"], said["policy"]["digest"]["sha256"]
        (level,) = said["verifiedLevels"]
        at = parse_instant(said["timeVerified"])
        result = said["verificationResult"]
    except (KeyError, TypeError, ValueError, AttributeError, FormatError) as cause:
        raise MalformedRecord("not a verification summary of one decision", where=where) from cause
    if result != PASSED or not isinstance(level, str):
        raise Refused("summary says something else than PASSED", where=where)
    if not isinstance(envelope, str) or envelope not in decisions:
        raise Refused("summary of a decision that is not before it in the log", where=where)
    decision = decisions[envelope]
    if decision is not None:
        _compare(decision, (policy, level, at), where)
    return SummarySeen(
        index=index, envelope=envelope, subject=stated.subjects[0].name,
        sha256=stated.subjects[0].sha256, level=level, is_compared=decision is not None,
    )  # fmt: skip


def _compare(decision: Statement, summed: tuple[Any, str, datetime], where: str) -> None:
    policy, level, at = summed
    said = decision.predicate
    if said.get("isOpen") is not True:
        raise Refused("summary says PASSED of a gate that is not open", where=where)
    if policy != decision.subjects[-1].sha256:
        raise Refused("summary names another policy than its decision", where=where)
    own = _level(str(said.get("gate")), str(said.get("ask")))
    if level != own:
        raise Refused(
            "summary is of another gate than its decision", where=where, expected=own,
            got=f"`{level[:80]}`",
        )  # fmt: skip
    try:
        decided_at = parse_instant(str(said.get("decidedAt")))
    except FormatError as cause:
        raise MalformedRecord("decision has a date that is none", where=where) from cause
    if at < decided_at:
        raise Refused("summary is dated before its decision", where=where)
