"""Change who may say what: the next trust document, from the one in force.

1. A key is named by its owner. It is replaced in every role it fills, or removed from all of them;
   a new one is added to a role. Thresholds, the end and the witnesses may change too.
2. A key that comes in fills one role only, and none that it fills already under another name.
3. The document is signed by the root keys of both versions, at both thresholds, and recorded. From
   that entry on, what a removed key signs is refused; what it signed before stays as it was.
4. A revoked key whose statements are in the log keeps them: they were made under the trust of
   their place. Whoever doubts them records that, by an incident or a withdrawal.
5. The log's own key changes likewise. Checkpoints from that entry on are signed by the new one; a
   writer that has only the old one can no longer append. Witnesses need the new key from the lab.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from scalegate.app.record.roles import FilledRole, TrustTerms, trust_statement
from scalegate.base.errors import UnknownName, UsageError
from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.ledger.envelopes import PublicKey, parse_envelope, signers_of
from scalegate.ledger.notes import VerifierKey
from scalegate.ledger.statements import Statement
from scalegate.ledger.trust import ROOT, Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to change."""

    replaced: Mapping[str, PublicKey] = field(default_factory=dict)
    """New keys, by the owner of the key that each stands for."""
    removed: frozenset[str] = frozenset()
    """Owners whose key goes."""
    added: tuple[tuple[str, PublicKey], ...] = ()
    """Roles and keys that come in."""
    thresholds: Mapping[str, int] = field(default_factory=dict)
    """New thresholds, by role."""
    log_key: VerifierKey | None = None
    """The log's new key; None: as before."""
    witnesses: str | None = None
    """A C2SP tlog-policy file; None: as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Root signatures that a rotation still lacks."""

    version: int
    """Whose root keys."""
    expected: int
    """How many."""
    got: int
    """How many there are."""


def rotation(trust: Trust, change: Change, *, expires: datetime) -> Statement:
    """Return the statement of the next trust document, to be signed (rules 1 and 2).

    Raises:
        UnknownName: no key has that owner, or there is no such role.
        UsageError: an owner has several keys, a key fills two roles, a role is left with fewer
            keys than its threshold, or the end is not later than the one before.
    """
    if expires <= trust.expires and not _is_narrower(change):
        raise UsageError(
            f"the next trust document would end no later than this one,"
            f" {format_instant(trust.expires)}, and change nothing",
            hint="name a key, a threshold, or a later --expires",
        )
    _check_names(trust, change)
    roles = tuple(_changed(role, change) for role in _filled(trust))
    _check_new(trust, change)
    return trust_statement(
        TrustTerms(
            version=trust.version + 1,
            previous=trust.digest,
            expires=expires,
            roles=roles,
            log_keys=trust.log_keys if change.log_key is None else (change.log_key,),
            witnesses=trust.witness_text if change.witnesses is None else change.witnesses,
        )
    )


def _is_narrower(change: Change) -> bool:
    said = (change.replaced, change.removed, change.added, change.thresholds)
    return any(said) or change.witnesses is not None or change.log_key is not None


def _filled(trust: Trust) -> tuple[FilledRole, ...]:
    return tuple(
        FilledRole(
            name=role.name, threshold=role.threshold, keys=role.keys, signs=tuple(role.signs)
        )
        for role in trust.roles.values()
    )


def _check_names(trust: Trust, change: Change) -> None:
    owners = [key.owner for key in trust.keys]
    for owner in (*change.replaced, *change.removed):
        if owner not in owners:
            raise UnknownName("key", owner, known=sorted(set(owners)))
        if owners.count(owner) > 1:
            raise UsageError(f"several keys have the owner `{plain(owner)}`")
    for role in (*change.thresholds, *(name for name, _ in change.added)):
        if role not in trust.roles:
            raise UnknownName("role", role, known=list(trust.roles))
    both = change.removed & set(change.replaced)
    if both:
        raise UsageError(f"`{plain(min(both))}` is both replaced and removed")


def _check_new(trust: Trust, change: Change) -> None:
    """Refuse a key that is there already, or comes in twice (rule 2)."""
    there = {key.public: key.owner for key in trust.keys}
    there |= {key.public: "the log" for key in trust.log_keys}
    if change.log_key is not None and change.log_key.public in there:
        owner = there[change.log_key.public]
        raise UsageError(f"the log's new key is that of `{plain(owner)}` already")
    for key in (*change.replaced.values(), *(key for _, key in change.added)):
        if key.public in there:
            raise UsageError(
                f"the key of `{plain(key.owner)}` is that of `{plain(there[key.public])}` already",
                hint="one key fills one role: make another with `scalegate keys make`",
            )
        there[key.public] = key.owner


def _changed(role: FilledRole, change: Change) -> FilledRole:
    keys = [
        change.replaced.get(key.owner, key) for key in role.keys if key.owner not in change.removed
    ]
    keys += [key for name, key in change.added if name == role.name]
    threshold = change.thresholds.get(role.name, role.threshold)
    if not 1 <= threshold <= len(keys):
        raise UsageError(
            f"role `{role.name}` would need {threshold} of {len(keys)} keys",
            hint="add a key to it, or change its threshold",
        )
    return replace(role, keys=tuple(keys), threshold=threshold)


def owners_of_root(trust: Trust, change: Change) -> tuple[str, ...]:
    """Return the owners of the root keys of both versions, each once."""
    new = _changed(next(each for each in _filled(trust) if each.name == ROOT), change)
    return tuple(dict.fromkeys(key.owner for key in (*trust.roles[ROOT].keys, *new.keys)))


def missing_signatures(trust: Trust, change: Change, content: bytes) -> Sequence[Missing]:
    """Return which root signatures a next document still lacks; nothing if complete (rule 3)."""
    envelope = parse_envelope(content)
    old = trust.roles[ROOT]
    new = _changed(next(each for each in _filled(trust) if each.name == ROOT), change)
    needed = (
        (trust.version, old.keys, old.threshold),
        (trust.version + 1, new.keys, new.threshold),
    )
    counted = [(at, least, len(signers_of(envelope, keys))) for at, keys, least in needed]
    return [
        Missing(version=at, expected=least, got=got) for at, least, got in counted if got < least
    ]
