"""Permits: this deployment or run may pass this gate, until then.

Verification, by the numbers that code and messages cite:

1. The permit is a statement of predicate `permit`, signed by a role that may say so.
2. Its manifest digest is that of the manifest in hand: weights, configuration, surface, audience
   and jurisdictions, all of them.
3. Gate and ask are those asked for. A permit to start is no permit to go on, and the other way;
   what runs already may go on for a while (`ledger.grace`).
4. The instant asked about is at or after `from` and before `until`.
5. Nothing recorded in the view contradicts it: no withdrawal that names it, no later decision on
   the same subject and gate that is not open.
6. The view is not older than the permit's own checkpoint: a verifier that has seen less than the
   issuer cannot know of a withdrawal that the issuer knew.

Anything missing, malformed or contradicted refuses; nothing is assumed in the permit's favour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scalegate.base.canonical import digest_of
from scalegate.base.errors import FormatError
from scalegate.base.instants import format_instant, parse_instant
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.leaves import Leaf
from scalegate.ledger.statements import Predicate, Statement, Subject, parse_statement
from scalegate.ledger.trust import Trust, Vouched, check_current, vouch
from scalegate.ledger.view import View

MANIFEST = "scalegate/manifest@1"
DEFAULT_LIFE = timedelta(hours=24)
MOST_LIFE = timedelta(days=31)
"""A longer permit would outlive what it rests on."""
GRACE = timedelta(hours=24)
"""How long what is served goes on after its permit."""
TRAINING_GRACE = timedelta(hours=1)
"""How long a training run does; it is to stop at its next checkpoint before that."""
MOST_GRACE = MOST_LIFE
"""No grace that a policy states is longer."""
OPEN = frozenset({"allow", "allow_with"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FIELDS = {"schema", "weights", "configuration", "surface", "audience", "jurisdictions", "subject"}


class PermitRefused(Refused):
    """A permit does not let this through: which rule, expected, got."""


class PermitEnded(PermitRefused):
    """The permit fits, and has ended, or is one to start: what runs already may have grace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a deployment or run consists of. Any change is another manifest."""

    subject: str
    """The deployment or run, as the register names it."""
    weights: str
    """Digest of the weights: of a directory, or of a signed model manifest."""
    configuration: str
    """Digest of the configuration: adapters, prompts, classifier and monitor versions."""
    surface: str
    """Where it is served, or the kind of run."""
    audience: str
    """Who may use it."""
    jurisdictions: tuple[str, ...]
    """Where; sorted."""

    def to_mapping(self) -> Mapping[str, Any]:
        """Write the manifest as plain data."""
        return {
            "schema": MANIFEST,
            "subject": self.subject,
            "weights": self.weights,
            "configuration": self.configuration,
            "surface": self.surface,
            "audience": self.audience,
            "jurisdictions": list(self.jurisdictions),
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form."""
        return digest_of(dict(self.to_mapping()))


def manifest_of(found: Any) -> Manifest:
    """Read a manifest from plain data.

    Raises:
        FormatError: a field is missing, unknown, or of a wrong form.
    """
    if not isinstance(found, Mapping) or set(found) != _FIELDS or found["schema"] != MANIFEST:
        got = ", ".join(sorted(map(str, found))) if isinstance(found, Mapping) else "no mapping"
        raise FormatError("not a manifest", expected=", ".join(sorted(_FIELDS)), got=got[:200])
    for name in ("weights", "configuration"):
        if not isinstance(found[name], str) or not _SHA256.fullmatch(found[name]):
            raise FormatError("not a digest", path=name, expected="64 hexadecimal digits")
    for name in ("subject", "surface", "audience"):
        if not isinstance(found[name], str) or not found[name]:
            raise FormatError("not a name", path=name, expected="text")
    places = found["jurisdictions"]
    if not isinstance(places, list) or not places or not all(isinstance(p, str) for p in places):
        raise FormatError("no jurisdictions", path="jurisdictions", expected="a list of names")
    return Manifest(
        subject=found["subject"],
        weights=found["weights"],
        configuration=found["configuration"],
        surface=found["surface"],
        audience=found["audience"],
        jurisdictions=tuple(sorted(places)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What a permit says."""

    subject: str
    """The deployment or run."""
    manifest: str
    """Digest of its manifest."""
    gate: str
    """The gate."""
    ask: str
    """`start` or `continue`."""
    valid_from: datetime
    """From when."""
    valid_until: datetime
    """Until before when."""
    decision: str
    """SHA-256 of the envelope of the decision that it rests on."""
    log_size: int
    """Entries of the log that the issuer had seen."""
    grace: timedelta | None = None
    """How long what runs may go on after its end; None: as long as the gate's default."""
    afterwards: str = ""
    """What is to happen then; empty: the default."""
    stated_by: tuple[Subject, ...] = ()
    """The policies that state this grace, each with its digest; none: no policy does."""


def default_grace(gate: str) -> timedelta:
    """Return the grace at a gate where no policy states one (law 10 of the design)."""
    return TRAINING_GRACE if gate == "train" else GRACE


def grace_for(permit: Permit) -> timedelta:
    """Return how long what runs may go on after a permit's end.

    Longer than the gate's default only where the permit names the policy that states so, by its
    digest. Does not check: that this policy does; `scalegate verify` reads it.
    """
    usual = default_grace(permit.gate)
    if permit.grace is None:
        return usual
    return max(timedelta(), min(permit.grace, MOST_GRACE if permit.stated_by else usual))


def permit_statement(permit: Permit) -> Statement:
    """Return the statement to sign.

    Raises:
        Refused: it would last longer than `MOST_LIFE`, or end before it begins; or its grace is
            longer than the default, and no policy is named that states it.
    """
    if not permit.valid_from < permit.valid_until <= permit.valid_from + MOST_LIFE:
        raise Refused(
            "a permit is short-lived", expected=f"at most {MOST_LIFE.days} days",
            got=str(permit.valid_until - permit.valid_from),
        )  # fmt: skip
    if permit.grace is not None and grace_for(permit) != permit.grace:
        raise Refused(
            "a grace may be shorter than the default, and longer only where a policy states it",
            expected=f"at most {MOST_GRACE if permit.stated_by else default_grace(permit.gate)}",
            got=str(permit.grace),
        )  # fmt: skip
    return Statement(
        predicate_type=Predicate.PERMIT.uri,
        subjects=(Subject(name=permit.subject, sha256=permit.manifest),),
        predicate={
            "ask": permit.ask,
            "decision": permit.decision,
            "from": format_instant(permit.valid_from),
            "gate": permit.gate,
            "logSize": str(permit.log_size),
            "until": format_instant(permit.valid_until),
            **_beyond(permit),
        },
    )


def _beyond(permit: Permit) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if permit.grace is not None:
        said["grace"] = str(int(permit.grace.total_seconds()))
    if permit.afterwards:
        said["afterwards"] = permit.afterwards
    if permit.stated_by:
        said["graceStatedBy"] = [
            {"framework": each.name, "policy": each.sha256} for each in permit.stated_by
        ]
    return said


def _read_afterwards(found: Mapping[str, Any]) -> str:
    afterwards = found.get("afterwards", "")
    if not isinstance(afterwards, str):
        raise MalformedRecord("permit does not say what is to happen after it", where="afterwards")
    return afterwards


def _read_grace(found: Mapping[str, Any]) -> timedelta | None:
    seconds = found.get("grace")
    if seconds is None:
        return None
    if not isinstance(seconds, str) or not seconds.isdigit() or len(seconds) > 9:
        raise MalformedRecord("permit has no grace that can be read", where="grace")
    return timedelta(seconds=int(seconds))


def _read_stated_by(found: Mapping[str, Any]) -> tuple[Subject, ...]:
    rows = found.get("graceStatedBy", [])
    is_named = isinstance(rows, list) and all(_is_policy(row) for row in rows)
    if not is_named:
        raise MalformedRecord("permit does not name who states its grace", where="graceStatedBy")
    return tuple(Subject(name=row["framework"], sha256=row["policy"]) for row in rows)


def _is_policy(row: Any) -> bool:
    if not isinstance(row, Mapping) or not isinstance(row.get("framework"), str):
        return False
    return isinstance(row.get("policy"), str) and _SHA256.fullmatch(row["policy"]) is not None


def read_permit(statement: Statement) -> Permit:
    """Return what a permit's statement says.

    Raises:
        MalformedRecord: it is no permit, or a field is missing or of a wrong form.
    """
    found = statement.predicate
    fields = ("ask", "decision", "from", "gate", "logSize", "until")
    if statement.kind is not Predicate.PERMIT or len(statement.subjects) != 1:
        raise MalformedRecord("not a permit", got=f"`{statement.predicate_type[:80]}`")
    missing = [name for name in fields if not isinstance(found.get(name), str)]
    if missing or not found["logSize"].isdigit() or len(found["logSize"]) > 18:
        raise MalformedRecord("permit lacks a field", expected=", ".join(missing) or "logSize")
    subject = statement.subjects[0]
    try:
        start, end = parse_instant(found["from"]), parse_instant(found["until"])
    except FormatError as cause:
        raise MalformedRecord("permit has no instants", got=str(cause)[:120]) from cause
    return Permit(
        subject=subject.name,
        manifest=subject.sha256,
        gate=found["gate"],
        ask=found["ask"],
        valid_from=start,
        valid_until=end,
        decision=found["decision"],
        log_size=int(found["logSize"]),
        grace=_read_grace(found),
        afterwards=_read_afterwards(found),
        stated_by=_read_stated_by(found),
    )


def permit_of(content: bytes) -> Permit:
    """Return what the permit in an envelope says.

    Raises:
        MalformedRecord: it holds no permit.

    Does not check: any signature, or whether it lets anything through; `verify_permit` does.
    """
    return read_permit(parse_statement(parse_envelope(content).payload))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is about to happen."""

    manifest: Manifest
    """What it consists of, as found where it runs."""
    gate: str
    """The gate to pass."""
    ask: str
    """`start` or `continue`."""
    at: datetime
    """Now."""


def verify_permit(
    trust: Trust,
    content: bytes,
    asked: Asked,
    *,
    view: View,
    later: Iterable[tuple[int, Vouched]] = (),
) -> Permit:
    """Return the permit, if it lets this through (rules 1 to 6).

    Args:
        trust: the trust document in force.
        content: the permit's envelope.
        asked: what is about to happen.
        view: the newest checkpoint that the verifier accepted.
        later: entries of that log that hold, with their index.

    Raises:
        PermitEnded: rule 3 or 4 does not hold in a way that what runs already may outlive.
        PermitRefused: rule 2 to 6 does not hold.
        SignatureRefused, RoleRefused, MalformedRecord: rule 1 does not hold.

    Does not check: that the manifest describes what really runs; whoever computes its digests does.
    """
    check_current(trust, asked.at)
    vouched = vouch(trust, content)
    permit = read_permit(vouched.statement)
    check_binding(permit, asked)
    if view.head.size < permit.log_size:
        raise PermitRefused(
            "the log in hand is older than the permit (rule 6)",
            expected=f"at least {permit.log_size} entries", got=str(view.head.size),
        )  # fmt: skip
    for index, each in later:
        _check_contradiction(permit, vouched.envelope, (index, each))
    return permit


def check_binding(permit: Permit, asked: Asked) -> None:
    """Refuse a permit that is for something else, or not in force (rules 2 to 4).

    Raises:
        PermitEnded: it has ended, or is one to start where something asks to go on.
        PermitRefused: it is for something else.
    """
    own = (
        ("manifest (rule 2)", permit.manifest, asked.manifest.digest),
        ("subject (rule 2)", permit.subject, asked.manifest.subject),
        ("gate (rule 3)", permit.gate, asked.gate),
    )
    for what, said, found in own:
        if said != found:
            raise PermitRefused(f"permit is for another {what}", expected=said, got=found)
    if permit.ask != asked.ask:
        fault = PermitEnded if asked.ask == "continue" else PermitRefused
        raise fault("permit is for another ask (rule 3)", expected=permit.ask, got=asked.ask)
    if not permit.valid_from <= asked.at < permit.valid_until:
        fault = PermitEnded if asked.at >= permit.valid_until else PermitRefused
        raise fault(
            "permit is not in force (rule 4)",
            expected=f"{format_instant(permit.valid_from)} to {format_instant(permit.valid_until)}",
            got=format_instant(asked.at),
        )  # fmt: skip


def may_contradict(permit: Permit, envelope: str, index: int, leaf: Leaf) -> bool:
    """Say whether an entry could refuse a permit, by its leaf alone (rule 5).

    Args:
        permit: the permit.
        envelope: SHA-256 of its envelope.
        index: where the entry stands, from 0.
        leaf: what the log records of it.
    """
    if leaf.predicate_type == Predicate.WITHDRAWAL.uri:
        return _is_named(permit, envelope, leaf.subjects)
    is_later = leaf.predicate_type == Predicate.GATE_DECISION.uri and index >= permit.log_size
    return is_later and _is_about(permit, leaf.subjects)


def _is_named(permit: Permit, envelope: str, subjects: Iterable[Subject]) -> bool:
    named = {subject.sha256 for subject in subjects}
    return bool(named & {envelope, permit.decision, permit.manifest})


def _is_about(permit: Permit, subjects: Iterable[Subject]) -> bool:
    return permit.subject in {subject.name for subject in subjects}


def _check_contradiction(permit: Permit, envelope: str, entry: tuple[int, Vouched]) -> None:
    index, each = entry
    said = each.statement
    if said.kind is Predicate.WITHDRAWAL and _is_named(permit, envelope, said.subjects):
        raise PermitRefused("permit was withdrawn (rule 5)", where=f"entry {index}")
    if said.kind is Predicate.GATE_DECISION and index >= permit.log_size:
        is_same = _is_about(permit, said.subjects) and said.predicate.get("gate") == permit.gate
        if is_same and said.predicate.get("effect") not in OPEN:
            raise PermitRefused(
                "a later decision is not open (rule 5)", where=f"entry {index}",
                got=f"`{said.predicate.get('effect')}`",
            )  # fmt: skip
