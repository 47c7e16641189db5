"""A permit lets through exactly what it was issued for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scalegate.base.errors import FormatError
from scalegate.ledger.checkpoints import Checkpoint, TreeHead, sign_head
from scalegate.ledger.faults import MalformedRecord, Refused, RoleRefused, SignatureRefused
from scalegate.ledger.notes import Note, NoteKind
from scalegate.ledger.permits import (
    MANIFEST,
    Asked,
    Permit,
    PermitRefused,
    manifest_of,
    permit_statement,
    verify_permit,
)
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import start_trust, vouch
from scalegate.ledger.view import View, open_view
from tests.unit.ledger.signers import LOG, ROLES, Signer, said, sealed, trust_content

SIGNS = {**ROLES, "approver": (2, ("appr-1", "appr-2", "appr-3"), ("act", "waiver", "withdrawal"))}
TRUST = start_trust(sealed(said("trust", trust_content(roles=SIGNS)), "root-1", "root-2"))
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DATA: dict[str, Any] = {
    "schema": MANIFEST,
    "subject": "deployment:x",
    "weights": "a" * 64,
    "configuration": "b" * 64,
    "surface": "api",
    "audience": "vetted",
    "jurisdictions": ["EU", "US"],
}
OURS = manifest_of(DATA)
PERMIT = Permit(
    subject="deployment:x",
    manifest=OURS.digest,
    gate="external_general",
    ask="start",
    valid_from=NOON,
    valid_until=NOON + timedelta(hours=24),
    decision="d" * 64,
    log_size=2,
)
ASKED = Asked(manifest=OURS, gate="external_general", ask="start", at=NOON)


def view(size: int = 3) -> View:
    head = TreeHead(origin=LOG, size=size, root=Tree([b"%d" % at for at in range(size)]).root())
    signer = Signer("log")
    line = sign_head(head, signer.note_key(LOG, NoteKind.ED25519), signer.sign)
    text = Checkpoint(head=head, note=Note(text=head.to_text(), signatures=(line,))).to_text()
    return open_view(TRUST, text.encode())


def content(permit: Permit = PERMIT, *words: str) -> Any:
    return sealed(permit_statement(permit).to_payload(), *(words or ("gate-1",)))


def test_it_lets_through_what_it_was_issued_for() -> None:
    assert verify_permit(TRUST, content(), ASKED, view=view()) == PERMIT


@pytest.mark.parametrize(
    "change",
    [
        {"weights": "c" * 64},  # other weights
        {"configuration": "c" * 64},  # same weights, a classifier removed
        {"surface": "unregistered cloud"},
        {"audience": "general"},  # widened from vetted
        {"jurisdictions": ["EU", "US", "XX"]},
        {"subject": "deployment:y"},
    ],
)
def test_another_deployment_is_refused(change: dict[str, Any]) -> None:
    asked = replace(ASKED, manifest=manifest_of(DATA | change))
    with pytest.raises(PermitRefused, match="rule 2"):
        verify_permit(TRUST, content(), asked, view=view())


@pytest.mark.parametrize(
    "change",
    [
        {"gate": "open_weights"},
        {"ask": "continue"},
        {"at": NOON + timedelta(hours=24)},  # expired, or replayed later
        {"at": NOON - timedelta(seconds=1)},
    ],
)
def test_another_gate_ask_or_time_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PermitRefused):
        verify_permit(TRUST, content(), replace(ASKED, **change), view=view())


def test_a_forged_permit_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        verify_permit(TRUST, content(PERMIT, "eval-1"), ASKED, view=view())
    with pytest.raises(SignatureRefused):
        verify_permit(TRUST, content(PERMIT, "mallory"), ASKED, view=view())
    longer = content(replace(PERMIT, valid_until=NOON + timedelta(days=9)), "mallory")
    with pytest.raises(SignatureRefused):
        verify_permit(TRUST, longer, ASKED, view=view())
    decision = sealed(said("gate-decision"), "gate-1")
    with pytest.raises(MalformedRecord, match="not a permit"):
        verify_permit(TRUST, decision, ASKED, view=view())


def test_a_verifier_that_has_seen_less_than_the_issuer_refuses() -> None:
    with pytest.raises(PermitRefused, match="rule 6"):
        verify_permit(TRUST, content(), ASKED, view=view(1))


def test_an_expired_trust_document_lets_nothing_through() -> None:
    late = replace(ASKED, at=datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(RoleRefused, match="expired"):
        verify_permit(TRUST, content(), late, view=view())


def entry(predicate: str, subject: Subject, said_of_it: dict[str, Any], *words: str) -> Any:
    statement = Statement(
        predicate_type=Predicate(predicate).uri, subjects=(subject,), predicate=said_of_it
    )
    return vouch(TRUST, sealed(statement.to_payload(), *words))


def test_a_withdrawal_of_permit_decision_or_manifest_refuses() -> None:
    from hashlib import sha256

    digests = (sha256(content()).hexdigest(), PERMIT.decision, PERMIT.manifest)
    for digest in digests:
        named = Subject(name="it", sha256=digest)
        later = [(0, entry("withdrawal", named, {"why": "x"}, "appr-1", "appr-2"))]
        with pytest.raises(PermitRefused, match="withdrawn"):
            verify_permit(TRUST, content(), ASKED, view=view(), later=later)
    other = Subject(name="it", sha256="e" * 64)
    later = [(0, entry("withdrawal", other, {"why": "x"}, "appr-1", "appr-2"))]
    assert verify_permit(TRUST, content(), ASKED, view=view(), later=later) == PERMIT


@pytest.mark.parametrize(
    ("index", "gate", "effect", "subject", "refuses"),
    [
        (2, "external_general", "hold", "deployment:x", True),
        (2, "external_general", "ungoverned", "deployment:x", True),
        (2, "external_general", None, "deployment:x", True),
        (2, "external_general", "allow", "deployment:x", False),
        (1, "external_general", "hold", "deployment:x", False),  # the issuer had seen it
        (2, "internal", "hold", "deployment:x", False),
        (2, "external_general", "hold", "deployment:y", False),
    ],
)
def test_a_later_contrary_decision_refuses(
    index: int, gate: str, effect: str | None, subject: str, *, refuses: bool
) -> None:
    named = Subject(name=subject, sha256="f" * 64)
    later = [(index, entry("gate-decision", named, {"gate": gate, "effect": effect}, "gate-1"))]
    if refuses:
        with pytest.raises(PermitRefused, match="later decision"):
            verify_permit(TRUST, content(), ASKED, view=view(), later=later)
    else:
        assert verify_permit(TRUST, content(), ASKED, view=view(), later=later) == PERMIT


def test_a_permit_that_would_last_too_long_is_not_made() -> None:
    for until in (NOON, NOON - timedelta(hours=1), NOON + timedelta(days=32)):
        with pytest.raises(Refused, match="short-lived"):
            permit_statement(replace(PERMIT, valid_until=until))


@pytest.mark.parametrize(
    "change",
    [
        {"from": "yesterday"},
        {"until": None},
        {"logSize": "many"},
        {"logSize": "9" * 19},
        {"gate": ["internal"]},
    ],
)
def test_a_malformed_permit_is_refused(change: dict[str, Any]) -> None:
    statement = permit_statement(PERMIT)
    broken = replace(statement, predicate={**statement.predicate, **change})
    with pytest.raises(MalformedRecord):
        verify_permit(TRUST, sealed(broken.to_payload(), "gate-1"), ASKED, view=view())


@pytest.mark.parametrize(
    "found",
    [
        [],
        {},
        DATA | {"extra": "field"},
        DATA | {"weights": "not a digest"},
        DATA | {"surface": ""},
        DATA | {"jurisdictions": []},
        DATA | {"jurisdictions": "EU"},
        DATA | {"schema": "scalegate/manifest@2"},
    ],
)
def test_a_malformed_manifest_is_refused(found: Any) -> None:
    with pytest.raises(FormatError):
        manifest_of(found)


def test_the_order_of_jurisdictions_does_not_matter() -> None:
    assert manifest_of(DATA | {"jurisdictions": ["US", "EU"]}).digest == OURS.digest
