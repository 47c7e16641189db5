"""in-toto statements: what a signed payload says, about which bytes.

1. A statement has `_type`, `subject`, `predicateType` and `predicate`; other fields are kept and
   ignored, and ignoring one never opens a gate (the monotonic principle of in-toto).
2. Each subject has a SHA-256 digest.
3. Predicates of ours hold no JSON numbers: numbers are decimal strings, so that every language
   reads the same value. A SLSA summary may count in integers.
4. The payload is its own canonical form.

Source: in-toto attestation framework, Statement v1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scalegate.base.canonical import canonical_bytes
from scalegate.ledger.faults import MalformedRecord
from scalegate.ledger.strict_json import parse_canonical

TYPE = "https://in-toto.io/Statement/v1"
BASE = "https://scalegate.example/predicate/"
"""Where our predicate types live; `.example` cannot be registered by anybody (RFC 2606)."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_SUBJECTS = 256
SUMMARY = "https://slsa.dev/verification_summary/v1"
"""The one type of others that a role of ours signs: a SLSA verification summary of a decision."""


class Predicate(StrEnum):
    """What a statement of ours can say."""

    POLICY = "policy"
    """A policy document is published, in this version, from this day."""
    POLICY_DIFF = "policy-diff"
    """What a revision loosened and tightened, with the digest of its certificate."""
    EVALUATION_PLAN = "evaluation-plan"
    """What will be run, on which thresholds, before it is run."""
    EVIDENCE = "evidence"
    """A document or a log was imported: its kind, its digest, what is withheld."""
    SAFEGUARD_STATUS = "safeguard-status"
    """The state of a safeguard on a deployment."""
    ACT = "act"
    """A recommendation, determination, interpretation, approval, invocation, reversal, override."""
    ORDER = "order"
    """A hold from outside the policy."""
    INCIDENT = "incident"
    """Something went wrong: when, what it impugns."""
    SPECIFICATION = "specification"
    """A standard that was only named is specified; its text may be withheld."""
    DOCUMENT = "document"
    """A report or card: digest, coverage date, audiences."""
    REGISTER_EDGE = "register-edge"
    """How one checkpoint came from another."""
    GATE_DECISION = "gate-decision"
    """The answer at a gate, and everything it follows from."""
    WAIVER = "waiver"
    """Somebody lets something pass: who, why, until when. The finding stays."""
    DUTY = "duty"
    """A duty started, was fulfilled or was missed."""
    DISCLOSURE = "disclosure"
    """Withheld items are opened, or refused with a reason."""
    TRUST = "trust"
    """Which keys fill which roles, from this version on."""
    PERMIT = "permit"
    """This deployment or run may pass this gate, for a while."""
    WITHDRAWAL = "withdrawal"
    """An envelope is no longer shown, or a permit no longer holds; the record of it stays."""

    @property
    def uri(self) -> str:
        """The predicate type as written in a statement."""
        return f"{BASE}{self.value}/v1"


_KINDS = {each.uri: each for each in Predicate}


def short_type(predicate_type: str) -> str:
    """Return a predicate type as people call it: ours by its word, others in full."""
    if predicate_type == SUMMARY:
        return "slsa-summary"
    kind = _KINDS.get(predicate_type)
    return predicate_type if kind is None else kind.value


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Subject:
    """Bytes that a statement is about."""

    name: str
    """What they are called."""
    sha256: str
    """Their digest, in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A parsed statement: only as good as the signatures over its bytes."""

    predicate_type: str
    """A URI; ours begin with `BASE`."""
    subjects: tuple[Subject, ...]
    """At least one."""
    predicate: Mapping[str, Any]
    """Plain data. Treat as read-only."""

    @property
    def kind(self) -> Predicate | None:
        """Which of our predicates it is; nothing for a type of others."""
        return _KINDS.get(self.predicate_type)

    @property
    def signed_as(self) -> Predicate | None:
        """As what a role may sign it: a summary says no more than the decision that it sums up."""
        return Predicate.GATE_DECISION if self.predicate_type == SUMMARY else self.kind

    def to_payload(self) -> bytes:
        """Write the bytes to sign.

        Raises:
            MalformedRecord: the statement would not be read back (rules 2 and 3).
            FormatError: the predicate has no canonical form.
        """
        value = {
            "_type": TYPE,
            "predicate": dict(self.predicate),
            "predicateType": self.predicate_type,
            "subject": [
                {"digest": {"sha256": each.sha256}, "name": each.name} for each in self.subjects
            ],
        }
        payload = canonical_bytes(value)
        parse_statement(payload)
        return payload


def parse_statement(payload: bytes) -> Statement:
    """Read a statement from the bytes that were signed.

    Raises:
        MalformedRecord: a rule above is broken.

    Does not check: any signature; what the predicate says (`app` and its schemas do).
    """
    found = parse_canonical(payload, "statement")
    if not isinstance(found, dict) or found.get("_type") != TYPE:
        raise MalformedRecord("not an in-toto statement", expected=f"`_type` {TYPE}")
    kind, predicate = found.get("predicateType"), found.get("predicate")
    if not isinstance(kind, str) or not kind:
        raise MalformedRecord("statement has no predicate type")
    if not isinstance(predicate, dict):
        raise MalformedRecord("predicate is no object", where=f"`{kind[:80]}`")
    if kind.startswith(BASE) or kind == SUMMARY:
        _no_numbers(predicate, "predicate", has_counts=kind == SUMMARY)
    return Statement(
        predicate_type=kind, subjects=_subjects(found.get("subject")), predicate=predicate
    )


def _subjects(found: Any) -> tuple[Subject, ...]:
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise MalformedRecord("statement has no subjects")
    if not 0 < len(found) <= MOST_SUBJECTS:
        raise MalformedRecord(
            "statement needs subjects", expected=f"1 to {MOST_SUBJECTS}", got=str(len(found))
        )
    return tuple(_subject(each) for each in found)


def _subject(found: Any) -> Subject:
    digest = found.get("digest") if isinstance(found, dict) else None
    sha256 = digest.get("sha256") if isinstance(digest, dict) else None
    name = found.get("name", "") if isinstance(found, dict) else ""
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or not isinstance(name, str):
        raise MalformedRecord("subject has no SHA-256 digest", got=f"`{str(found)[:80]}`")
    return Subject(name=name, sha256=sha256)


def _no_numbers(value: Any, where: str, *, has_counts: bool) -> None:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if has_counts and isinstance(value, int):
        return
    if isinstance(value, dict):
        for name, each in value.items():
            _no_numbers(each, f"{where}.{name}"[:120], has_counts=has_counts)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            _no_numbers(each, f"{where}[{at}]"[:120], has_counts=has_counts)
    else:
        raise MalformedRecord(
            "a signed number must be a decimal string", where=where, got=f"`{value}`"
        )
