"""A permit lets through exactly what it was issued for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scalegate.app.record.bundling import BundledLog
from scalegate.app.record.passing import look, verify_in
from scalegate.app.record.reading import verify_log
from scalegate.base.errors import FormatError, TrustError
from scalegate.ledger.checkpoints import Checkpoint, TreeHead, sign_head
from scalegate.ledger.faults import MalformedRecord, Refused, RoleRefused, SignatureRefused
from scalegate.ledger.grace import Grace, go_on
from scalegate.ledger.notes import Note, NoteKind
from scalegate.ledger.permits import (
    MANIFEST,
    Asked,
    Permit,
    PermitEnded,
    PermitRefused,
    grace_for,
    manifest_of,
    permit_statement,
    read_permit,
    verify_permit,
)
from scalegate.ledger.statements import Predicate, Statement, Subject
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import start_trust, vouch
from scalegate.ledger.view import View, open_view
from tests.attacks.test_bundles import files_of, path_of
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


# --- going on by grace ----------------------------------------------------------------------------


def on(at: timedelta, **change: Any) -> Asked:
    return replace(ASKED, ask="continue", at=NOON + at, **change)


def goes_on(asked: Asked, permit: Permit = PERMIT) -> Grace:
    with pytest.raises(PermitEnded) as fault:
        passes(permit, asked)
    return go_on(permit, asked, fault.value)


def passes(permit: Permit, asked: Asked) -> Permit:
    return verify_permit(TRUST, content(permit), asked, view=view())


def test_what_runs_goes_on_for_its_grace_and_nothing_starts_by_it() -> None:
    own = replace(PERMIT, ask="continue")
    assert passes(own, on(timedelta(hours=1))) == own
    ended = on(timedelta(hours=30))
    for permit in (own, PERMIT):  # under a permit to go on, or under the one that let it start
        assert goes_on(ended, permit).until == NOON + timedelta(hours=48)
    assert goes_on(on(timedelta(hours=1))).until == NOON + timedelta(hours=48)  # to start only
    with pytest.raises(PermitRefused, match="nothing starts by grace"):
        go_on(PERMIT, replace(ended, ask="start"), "ended")
    with pytest.raises(PermitRefused, match="its grace too"):
        goes_on(on(timedelta(hours=48)), own)


def test_training_has_an_hour_and_a_permit_may_say_less_but_not_more() -> None:
    run = replace(PERMIT, gate="train", ask="continue")
    found = goes_on(on(timedelta(hours=24, minutes=59), gate="train"), run)
    assert found.until == NOON + timedelta(hours=25)
    assert "next checkpoint" in found.then
    short = replace(PERMIT, ask="continue", grace=timedelta(0), afterwards="reads only")
    with pytest.raises(PermitRefused, match="its grace too"):
        goes_on(on(timedelta(hours=24)), short)
    kept = read_permit(permit_statement(replace(short, grace=timedelta(hours=2))))
    assert (kept.grace, kept.afterwards) == (timedelta(hours=2), "reads only")
    with pytest.raises(Refused, match="longer only where"):
        permit_statement(replace(short, grace=timedelta(hours=25)))
    forged = replace(PERMIT, grace=timedelta(days=9))
    assert grace_for(forged) == timedelta(hours=24)  # whatever was signed


def test_a_longer_grace_names_the_policy_that_states_it_and_has_an_end() -> None:
    long = replace(
        PERMIT, grace=timedelta(days=9), stated_by=(Subject(name="p@1", sha256="a" * 64),)
    )
    assert read_permit(permit_statement(long)) == long
    ended = on(timedelta(days=9))
    assert goes_on(ended, long).until == NOON + timedelta(days=10)
    with pytest.raises(PermitRefused, match="its grace too"):
        goes_on(replace(ended, at=NOON + timedelta(days=10)), long)
    endless = replace(long, grace=timedelta(days=400))
    assert grace_for(endless) == timedelta(days=31)
    with pytest.raises(Refused, match="only where a policy states it"):
        permit_statement(endless)


@pytest.mark.parametrize(
    "change", [{"gate": "internal"}, {"manifest": manifest_of(DATA | {"surface": "web"})}]
)
def test_something_else_has_no_grace(change: dict[str, Any]) -> None:
    with pytest.raises(PermitRefused) as fault:
        passes(replace(PERMIT, ask="continue"), on(timedelta(hours=30), **change))
    assert not isinstance(fault.value, PermitEnded)


@pytest.mark.parametrize(
    "change",
    [
        {"grace": "soon"},
        {"grace": "-1"},
        {"grace": 5},
        {"afterwards": []},
        {"graceStatedBy": "p@1"},
        {"graceStatedBy": [{"framework": "p@1"}]},
        {"graceStatedBy": [{"framework": "p@1", "policy": "no digest"}]},
        {"graceStatedBy": ["p@1"]},
    ],
)
def test_a_grace_that_cannot_be_read_is_refused(change: dict[str, Any]) -> None:
    statement = permit_statement(PERMIT)
    said_of_it = {**statement.predicate, **change}
    with pytest.raises(MalformedRecord):
        read_permit(replace(statement, predicate=said_of_it))


# --- against a whole log --------------------------------------------------------------------------

ROOT = sealed(said("trust", trust_content(roles=SIGNS)), "root-1", "root-2")
NAMED = Subject(name="it", sha256=PERMIT.decision)
ELSEWHERE = Subject(name="it", sha256="e" * 64)


def stated(predicate: str, subject: Subject, content: dict[str, Any], *words: str) -> Any:
    statement = Statement(
        predicate_type=Predicate(predicate).uri, subjects=(subject,), predicate=content
    )
    return sealed(statement.to_payload(), *words)


WITHDRAWAL = stated("withdrawal", NAMED, {"why": "x"}, "appr-1", "appr-2")
OTHER = stated("withdrawal", ELSEWHERE, {"why": "x"}, "appr-1", "appr-2")
SUBJECT = Subject(name="deployment:x", sha256="f" * 64)
CONTRARY = stated(
    "gate-decision", SUBJECT, {"gate": "external_general", "effect": "hold"}, "gate-1"
)
OWN = replace(PERMIT, log_size=1)


class Held(BundledLog):
    """A log of these files, without a bundle around them."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._held = files


def log_of(*envelopes: bytes, hidden: bytes = b"", **change: Any) -> Held:
    files = files_of(ROOT, *envelopes)
    return Held({path: each for path, each in files.items() if each != hidden} | change)


def admitted(log: Held, permit: Permit = OWN) -> Permit:
    return verify_in(look(log, TRUST, content(permit)), content(permit), ASKED)


def test_a_log_with_nothing_against_it_lets_the_permit_through() -> None:
    assert admitted(log_of()) == OWN
    assert admitted(log_of(OTHER, sealed(said("evidence"), "eval-1"))) == OWN
    seen = replace(OWN, log_size=2)  # the issuer had seen the contrary decision
    assert admitted(log_of(CONTRARY), seen) == seen


@pytest.mark.parametrize("against", [WITHDRAWAL, CONTRARY])
def test_what_is_against_it_refuses_and_cannot_be_hidden(against: bytes) -> None:
    with pytest.raises(PermitRefused, match="rule 5"):
        admitted(log_of(against))
    with pytest.raises(Refused, match="not shown"):
        admitted(log_of(against, hidden=against))
    edited = {path_of(against): against.replace(b"sig", b"gis")}
    with pytest.raises(Refused, match="does not hold"):
        admitted(log_of(against, **edited))
    by_nobody = stated("withdrawal", NAMED, {"why": "x"}, "appr-1")
    with pytest.raises(SignatureRefused):
        admitted(log_of(by_nobody))


def test_a_log_that_is_not_whole_lets_nothing_through() -> None:
    whole = files_of(ROOT, WITHDRAWAL)
    with pytest.raises(Refused, match="not the tree that was signed"):
        admitted(log_of(OTHER, checkpoint=whole["checkpoint"]))
    with pytest.raises(Refused, match="missing"):
        admitted(log_of(checkpoint=whole["checkpoint"]))
    with pytest.raises(PermitRefused, match="rule 6"):
        admitted(log_of(), PERMIT)


def test_a_trust_document_that_does_not_follow_lets_nothing_through() -> None:
    digest = TRUST.digest
    following = said("trust", trust_content(version="2", previous=digest, roles=SIGNS))
    rotated = sealed(following, "root-1", "root-2")
    assert admitted(log_of(rotated)) == OWN
    with pytest.raises(Refused, match="not shown"):
        admitted(log_of(rotated, hidden=rotated))
    with pytest.raises(SignatureRefused):
        admitted(log_of(sealed(following, "root-1")))


def by_everything(log: Held) -> Permit:
    report = verify_log(log, TRUST)
    return verify_permit(report.trust, content(OWN), ASKED, view=report.view, later=report.vouched)


def answer(way: Any, log: Held) -> str:
    try:
        return str(way(log))
    except TrustError as refused:
        return str(refused)


def test_both_ways_of_reading_a_log_agree() -> None:
    for log in (log_of(), log_of(OTHER), log_of(WITHDRAWAL), log_of(CONTRARY)):
        assert answer(admitted, log) == answer(by_everything, log)
