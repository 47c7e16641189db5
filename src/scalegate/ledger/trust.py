"""Who may say what: keys, roles with thresholds, and how they change.

1. A trust document names keys, roles, the log and its witnesses. It is a statement of predicate
   `trust`, signed by its own role `root` at that role's threshold.
2. Version N + 1 is signed by the thresholds of `root` in N *and* in N + 1, and names the digest of
   N's payload.
3. A key is its bytes: no two entries share them, and an id is computed, never believed. A key that
   signs statements is neither the log's nor a witness's, and the log is no witness of its own.
4. A predicate is signed by one role that lists it, at that role's threshold of distinct keys. A
   SLSA summary of a decision is signed by a role that lists `gate-decision`.
5. No key acts in two roles (separation of duties): not in one log, so in no decision of it. Keys
   are told apart by their bytes.
6. After `expires` nothing new is accepted under the document.

Source: the role of `root` and rule 2 follow TUF (specification 1.0, sections 5.3 and 6.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from scalegate.base.instants import format_instant, parse_instant
from scalegate.ledger.checkpoints import parse_decimal
from scalegate.ledger.envelopes import PublicKey, parse_envelope, signers_of, verify_envelope
from scalegate.ledger.faults import MalformedRecord, RoleRefused, SignatureRefused
from scalegate.ledger.notes import VerifierKey, decode_base64, parse_key
from scalegate.ledger.quorum import WitnessPolicy, parse_witness_policy
from scalegate.ledger.signing import Algorithm
from scalegate.ledger.statements import Predicate, Statement, parse_statement

ROOT = "root"
"""The role that may change the document itself."""
_FIELDS = {"expires", "keys", "log", "previous", "roles", "version", "witnesses"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Some keys, how many of them must sign, and what."""

    name: str
    """As the document calls it: policy-publisher, evaluator, gate, approver, ..."""
    threshold: int
    """Distinct keys, at least 1."""
    keys: tuple[PublicKey, ...]
    """In the order of the document."""
    signs: frozenset[Predicate]
    """The predicates it may sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A verified trust document."""

    version: int
    """From 1, by one at a time."""
    expires: datetime
    """After it nothing new is accepted."""
    keys: tuple[PublicKey, ...]
    """All keys."""
    roles: Mapping[str, Role]
    """By name. Treat as read-only."""
    log_keys: tuple[VerifierKey, ...]
    """Keys of the log, named as its origin."""
    witnesses: WitnessPolicy
    """How many must have cosigned a checkpoint."""
    witness_text: str
    """The same as the document writes it: a C2SP tlog-policy file."""
    digest: str
    """SHA-256 of the payload: what the next version names as `previous`."""

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.log_keys[0].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """A statement with the role and the keys that vouch for it."""

    statement: Statement
    """What is said."""
    role: Role
    """Under which role it counts."""
    signers: tuple[PublicKey, ...]
    """Distinct keys of that role."""
    envelope: str
    """SHA-256 of the envelope's bytes."""


def start_trust(content: bytes) -> Trust:
    """Return the first trust document, which the caller got by a way that it trusts.

    Raises:
        MalformedRecord: it is not in the format.
        SignatureRefused: its own role `root` did not sign it at its threshold.

    Does not check: that it is the right one. Nothing inside a document can.
    """
    envelope = parse_envelope(content)
    trust = _parse(envelope.payload)
    _by_root(content, trust, "its own version")
    return trust


def rotate_trust(trust: Trust, content: bytes) -> Trust:
    """Return the next version, if the root keys of both versions signed it (rule 2).

    Raises:
        MalformedRecord: it is not in the format, or not the next version of this one.
        SignatureRefused: a threshold is not met.
    """
    _by_root(content, trust, f"version {trust.version}")
    envelope, _ = verify_envelope(content, trust.roles[ROOT].keys, at_least=1)
    found = _parse(envelope.payload)
    if found.version != trust.version + 1:
        raise MalformedRecord(
            "not the next trust document", expected=f"version {trust.version + 1}",
            got=str(found.version),
        )  # fmt: skip
    previous = parse_statement(envelope.payload).predicate.get("previous")
    if previous != trust.digest:
        raise MalformedRecord(
            "trust document follows another", expected=trust.digest, got=f"`{str(previous)[:64]}`"
        )
    _by_root(content, found, f"version {found.version}")
    return found


def _by_root(content: bytes, trust: Trust, which: str) -> None:
    root = trust.roles[ROOT]
    try:
        verify_envelope(content, root.keys, at_least=root.threshold)
    except SignatureRefused as cause:
        raise SignatureRefused(
            f"trust document is not signed by the root keys of {which}",
            expected=f"{root.threshold} of {len(root.keys)}", got=cause.got,
        ) from cause  # fmt: skip


def check_current(trust: Trust, at: datetime) -> None:
    """Refuse a trust document that has expired (rule 6).

    Raises:
        RoleRefused: `at` is at or after `expires`.
    """
    if at >= trust.expires:
        raise RoleRefused(
            "trust document has expired", expected=f"before {format_instant(trust.expires)}",
            got=format_instant(at),
        )  # fmt: skip


def vouch(trust: Trust, content: bytes) -> Vouched:
    """Return the statement of an envelope, if a role that may say so signed it (rule 4).

    Raises:
        MalformedRecord: it is no envelope with a statement.
        RoleRefused: no role may sign this predicate.
        SignatureRefused: no such role's threshold is met.
    """
    try:
        envelope, _ = verify_envelope(content, trust.keys, at_least=1)
    except SignatureRefused as cause:
        raise SignatureRefused(
            "no key that the trust document names signed this",
            where=f"trust version {trust.version}",
        ) from cause
    statement = parse_statement(envelope.payload)
    roles = [role for role in trust.roles.values() if statement.signed_as in role.signs]
    if not roles:
        raise RoleRefused(
            "no role may sign this", where=f"trust version {trust.version}",
            got=f"`{statement.predicate_type[:80]}`",
        )  # fmt: skip
    for role in roles:
        signers = signers_of(envelope, role.keys)
        if len(signers) >= role.threshold:
            digest = sha256(content).hexdigest()
            return Vouched(statement=statement, role=role, signers=signers, envelope=digest)
    wanted = " or ".join(f"{role.threshold} of role `{role.name}`" for role in roles)
    raise SignatureRefused(
        "too few keys of the role signed", expected=wanted, got=f"`{statement.predicate_type[:80]}`"
    )


def check_separation(vouched: Iterable[Vouched], acted: dict[bytes, str] | None = None) -> None:
    """Refuse statements of one log in which a key acts in two roles (rule 5), whatever its ids.

    Args:
        vouched: statements, in the order of the log.
        acted: the role of each key so far, by its bytes; those of `vouched` are added.

    Raises:
        RoleRefused: naming the key's owner and both roles.
    """
    acted = {} if acted is None else acted
    for each in vouched:
        for key in each.signers:
            role = acted.setdefault(key.public, each.role.name)
            if role != each.role.name:
                raise RoleRefused(
                    "one key acts in two roles", where=f"key of `{key.owner or key.key_id[:16]}`",
                    got=f"`{role}` and `{each.role.name}`",
                )  # fmt: skip


def _parse(payload: bytes) -> Trust:
    statement = parse_statement(payload)
    if statement.kind is not Predicate.TRUST:
        raise MalformedRecord(
            "not a trust document", expected=f"`{Predicate.TRUST.uri}`",
            got=f"`{statement.predicate_type[:80]}`",
        )  # fmt: skip
    found = statement.predicate
    missing = _FIELDS - set(found)
    if missing:
        raise MalformedRecord("trust document lacks a field", expected=", ".join(sorted(missing)))
    keys = _keys(found["keys"])
    log_keys = _log_keys(found["log"])
    witnesses = parse_witness_policy(_text(found["witnesses"], "witnesses"))
    _check_apart(
        [key.public for key in keys.values()],
        [key.public for key in log_keys],
        [each.key.public for each in witnesses.witnesses],
    )
    return Trust(
        version=parse_decimal(_text(found["version"], "version"), "version"),
        expires=parse_instant(_text(found["expires"], "expires")),
        keys=tuple(keys.values()),
        roles=_roles(found["roles"], keys),
        log_keys=log_keys,
        witnesses=witnesses,
        witness_text=found["witnesses"],
        digest=sha256(payload).hexdigest(),
    )


def _check_apart(*groups: Sequence[bytes]) -> None:
    """Refuse a key that stands in two groups, or twice in one (rule 3)."""
    raw = [public for group in groups for public in group]
    if len(set(raw)) != len(raw):
        raise MalformedRecord(
            "one key is the log's, a witness's or a role's, and another of these",
            where="trust document",
        )


def _text(found: Any, what: str) -> str:
    if not isinstance(found, str):
        raise MalformedRecord(f"`{what}` is no text", where="trust document")
    return found


def _list(found: Any, what: str) -> list[Any]:
    if not isinstance(found, list) or not found:
        raise MalformedRecord(f"`{what}` is no list, or empty", where="trust document")
    return found


def _keys(found: Any) -> dict[str, PublicKey]:
    keys: dict[str, PublicKey] = {}
    seen: set[bytes] = set()
    for each in _list(found, "keys"):
        key = _key(each)
        if key.public in seen:
            raise MalformedRecord("one public key stands twice", where=f"key of `{key.owner[:40]}`")
        seen.add(key.public)
        keys[key.key_id] = key
    return keys


def _key(found: Any) -> PublicKey:
    if not isinstance(found, dict) or not {"algorithm", "owner", "public"} <= set(found):
        raise MalformedRecord(
            "bad key", expected="algorithm, owner, public", where="trust document"
        )
    algorithm = found["algorithm"]
    if algorithm not in Algorithm._value2member_map_:
        raise MalformedRecord("unknown algorithm", got=f"`{str(algorithm)[:40]}`")
    return PublicKey(
        algorithm=Algorithm(algorithm),
        public=decode_base64(_text(found["public"], "public"), "public key"),
        owner=_text(found["owner"], "owner"),
    )


def _roles(found: Any, keys: Mapping[str, PublicKey]) -> dict[str, Role]:
    if not isinstance(found, dict):
        raise MalformedRecord("`roles` is no object", where="trust document")
    roles = {name: _role(name, each, keys) for name, each in found.items()}
    if ROOT not in roles or Predicate.TRUST not in roles[ROOT].signs:
        raise MalformedRecord("no role may change the trust document", expected="role `root`")
    return roles


def _role(name: str, found: Any, keys: Mapping[str, PublicKey]) -> Role:
    if not isinstance(found, dict) or not {"keys", "signs", "threshold"} <= set(found):
        raise MalformedRecord("bad role", expected="keys, signs, threshold", got=f"`{name[:40]}`")
    ids = [_text(each, "keys") for each in _list(found["keys"], "keys")]
    unknown = [each for each in ids if each not in keys]
    if unknown or len(set(ids)) != len(ids):
        raise MalformedRecord(
            "role names a key that is unknown, or one twice", where=f"role `{name[:40]}`"
        )
    threshold = parse_decimal(_text(found["threshold"], "threshold"), "threshold")
    if not 1 <= threshold <= len(ids):
        raise MalformedRecord(
            "bad threshold", where=f"role `{name[:40]}`", expected=f"1 to {len(ids)}",
            got=str(threshold),
        )  # fmt: skip
    signs = frozenset(_predicate(each, name) for each in _list(found["signs"], "signs"))
    return Role(name=name, threshold=threshold, keys=tuple(keys[each] for each in ids), signs=signs)


def _predicate(found: Any, role: str) -> Predicate:
    if found not in Predicate._value2member_map_:
        raise MalformedRecord(
            "unknown predicate", where=f"role `{role[:40]}`", got=f"`{str(found)[:40]}`"
        )
    return Predicate(found)


def _log_keys(found: Any) -> tuple[VerifierKey, ...]:
    keys = tuple(parse_key(_text(each, "log")) for each in _list(found, "log"))
    if len({key.name for key in keys}) != 1:
        raise MalformedRecord("log keys have several names", expected="the log's origin")
    return keys
