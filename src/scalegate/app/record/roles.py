"""Make trust documents: which keys fill which roles, and sign them by the role `root`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scalegate.app.record.sealing import seal
from scalegate.base.errors import UsageError
from scalegate.base.instants import format_instant
from scalegate.ledger.envelopes import PublicKey, key_to_mapping
from scalegate.ledger.notes import VerifierKey
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.ledger.trust import Trust, rotate_trust, start_trust
from scalegate.ports import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRule:
    """How a role is filled."""

    name: str
    """As the trust document calls it."""
    keys: int
    """How many keys a new record makes for it."""
    threshold: int
    """How many of them must sign."""
    signs: tuple[Predicate, ...]
    """What it may sign."""


USUAL_ROLES = (
    RoleRule(name="root", keys=3, threshold=2, signs=(Predicate.TRUST,)),
    RoleRule(
        name="policy-publisher",
        keys=3,
        threshold=2,
        signs=(Predicate.POLICY, Predicate.POLICY_DIFF, Predicate.SPECIFICATION),
    ),
    RoleRule(
        name="evaluator",
        keys=1,
        threshold=1,
        signs=(
            Predicate.EVALUATION_PLAN,
            Predicate.EVIDENCE,
            Predicate.REGISTER_EDGE,
            Predicate.DISCLOSURE,
        ),
    ),
    RoleRule(
        name="safeguard-operator",
        keys=1,
        threshold=1,
        signs=(Predicate.SAFEGUARD_STATUS, Predicate.INCIDENT),
    ),
    RoleRule(
        name="gate",
        keys=1,
        threshold=1,
        signs=(Predicate.GATE_DECISION, Predicate.PERMIT, Predicate.DUTY),
    ),
    RoleRule(
        name="approver",
        keys=3,
        threshold=2,
        signs=(
            Predicate.ACT,
            Predicate.ORDER,
            Predicate.DOCUMENT,
            Predicate.WAIVER,
            Predicate.WITHDRAWAL,
        ),
    ),
    RoleRule(
        name="auditor",
        keys=1,
        threshold=1,
        signs=(Predicate.DISCLOSURE, Predicate.POLICY_DIFF),
    ),
)
"""The roles of the design, with the thresholds that it names. A lab may choose others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRole:
    """A role with the keys that fill it."""

    name: str
    """As the trust document calls it."""
    threshold: int
    """How many must sign."""
    keys: tuple[PublicKey, ...]
    """Public keys."""
    signs: tuple[Predicate, ...]
    """What it may sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustTerms:
    """What a trust document says, before it is signed."""

    version: int
    """From 1."""
    previous: str
    """Digest of the payload of the version before; empty for the first."""
    expires: datetime
    """When nothing new is accepted any more."""
    roles: tuple[FilledRole, ...]
    """All roles, `root` among them."""
    log_keys: tuple[VerifierKey, ...]
    """Keys of the log, named as its origin."""
    witnesses: str = "quorum none\n"
    """A C2SP tlog-policy file."""


def trust_statement(terms: TrustTerms) -> Statement:
    """Return the statement to sign; its subjects are the keys."""
    keys = {key.public: key for role in terms.roles for key in role.keys}
    return Statement(
        predicate_type=Predicate.TRUST.uri,
        subjects=tuple(
            Subject(name=f"key:{key.owner}", sha256=key.key_id) for key in keys.values()
        ),
        predicate={
            "expires": format_instant(terms.expires),
            "keys": [key_to_mapping(key) for key in keys.values()],
            "log": [key.to_text() for key in terms.log_keys],
            "previous": terms.previous,
            "roles": {role.name: _role(role) for role in terms.roles},
            "version": str(terms.version),
            "witnesses": terms.witnesses,
        },
    )


def _role(role: FilledRole) -> Mapping[str, object]:
    return {
        "keys": [key.key_id for key in role.keys],
        "signs": sorted(str(each) for each in role.signs),
        "threshold": str(role.threshold),
    }


def begin_trust(terms: TrustTerms, signers: Sequence[Signer]) -> tuple[bytes, Trust]:
    """Sign a first trust document; return its envelope, and what it means.

    Raises:
        SignatureRefused: the signers do not fill its role `root`.
        MalformedRecord: it would not be read back.
    """
    content = seal(trust_statement(terms), signers)
    return content, start_trust(content)


def next_trust(trust: Trust, terms: TrustTerms, signers: Sequence[Signer]) -> tuple[bytes, Trust]:
    """Sign the next trust document by root keys of both versions.

    Raises:
        SignatureRefused: a threshold of either version is not met.
        MalformedRecord: it is not the next version.
    """
    content = seal(trust_statement(terms), signers)
    return content, rotate_trust(trust, content)


def fill(
    rules: Iterable[RoleRule], keys: Mapping[str, Sequence[PublicKey]]
) -> tuple[FilledRole, ...]:
    """Fill roles by their names.

    Raises:
        UsageError: a role has fewer keys than its threshold.
    """
    filled = []
    for rule in rules:
        found = tuple(keys.get(rule.name, ()))
        if len(found) < rule.threshold:
            raise UsageError(
                f"role `{rule.name}` needs {rule.threshold} keys, has {len(found)}",
                hint="make more with `scalegate keys make`",
            )
        filled.append(
            FilledRole(name=rule.name, threshold=rule.threshold, keys=found, signs=rule.signs)
        )
    return tuple(filled)
