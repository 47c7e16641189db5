"""Roles, rotation, separation of duties, and what a verifier has seen."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scalegate.ledger.checkpoints import Checkpoint, TreeHead, sign_head
from scalegate.ledger.faults import (
    MalformedRecord,
    ProofRefused,
    RoleRefused,
    RollbackRefused,
    SignatureRefused,
)
from scalegate.ledger.notes import Note, NoteKind
from scalegate.ledger.tree import EMPTY_ROOT, Tree
from scalegate.ledger.trust import (
    check_current,
    check_separation,
    rotate_trust,
    start_trust,
    vouch,
)
from scalegate.ledger.view import advance, check_recorded, check_witnessed, open_view
from tests.unit.ledger.signers import LOG, ROLES, Signer, said, sealed, trust_content

FIRST = sealed(said("trust", trust_content()), "root-1", "root-2")
TRUST = start_trust(FIRST)


def test_a_first_document_is_signed_by_its_own_root() -> None:
    assert TRUST.version == 1
    assert TRUST.origin == LOG
    with pytest.raises(SignatureRefused, match="2 of 3"):
        start_trust(sealed(said("trust", trust_content()), "root-1"))
    with pytest.raises(SignatureRefused):
        start_trust(sealed(said("trust", trust_content()), "eval-1", "eval-2"))
    with pytest.raises(MalformedRecord, match="not a trust document"):
        start_trust(sealed(said("act"), "root-1", "root-2"))


def second(**changed: Any) -> Any:
    roles = ROLES | {"root": (2, ("root-3", "root-4"), ("trust",))}
    content = trust_content(**{"version": "2", "previous": TRUST.digest, "roles": roles} | changed)
    return said("trust", content)


def test_the_next_version_is_signed_by_old_and_new_roots() -> None:
    found = rotate_trust(TRUST, sealed(second(), "root-1", "root-3", "root-4"))
    assert found.version == 2
    assert found.digest != TRUST.digest
    with pytest.raises(SignatureRefused, match="version 1"):
        rotate_trust(TRUST, sealed(second(), "root-3", "root-4"))
    with pytest.raises(SignatureRefused, match="version 2"):
        rotate_trust(TRUST, sealed(second(), "root-1", "root-2", "root-3"))


@pytest.mark.parametrize("changed", [{"version": "3"}, {"version": "1"}, {"previous": "0" * 64}])
def test_versions_go_one_by_one_and_name_the_one_before(changed: Any) -> None:
    with pytest.raises(MalformedRecord):
        rotate_trust(TRUST, sealed(second(**changed), "root-1", "root-3", "root-4"))


def test_an_expired_document_accepts_nothing_new() -> None:
    check_current(TRUST, datetime(2026, 12, 31, tzinfo=UTC))
    with pytest.raises(RoleRefused, match="expired"):
        check_current(TRUST, datetime(2027, 1, 1, tzinfo=UTC))


def broken(change: Any) -> Any:
    content = trust_content()
    change(content)
    return content


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pop("expires"),
        lambda c: c["keys"].append({**c["keys"][0], "owner": "the same key again"}),
        lambda c: c["keys"].append({"owner": "x"}),
        lambda c: c["keys"].append({**c["keys"][0], "algorithm": "rsa"}),
        lambda c: c.update(keys=[]),
        lambda c: c.update(version=None),
        lambda c: c.update(roles=[]),
        lambda c: c["roles"].pop("root"),
        lambda c: c["roles"]["root"].update(threshold="0"),
        lambda c: c["roles"]["root"].update(threshold="4"),
        lambda c: c["roles"]["root"].update(keys=["unknown"]),
        lambda c: c["roles"]["gate"].update(keys=c["roles"]["gate"]["keys"] * 2),
        lambda c: c["roles"]["gate"].update(signs=["everything"]),
        lambda c: c["roles"]["gate"].pop("signs"),
        lambda c: c["log"].append(Signer("x").note_key("another.log", NoteKind.ED25519).to_text()),
        lambda c: c.update(witnesses=""),
    ],
)
def test_a_malformed_trust_document_is_refused(change: Any) -> None:
    with pytest.raises(MalformedRecord):
        start_trust(sealed(said("trust", broken(change)), "root-1", "root-2"))


def test_a_statement_counts_under_the_role_that_may_say_so() -> None:
    assert vouch(TRUST, sealed(said("evidence"), "eval-2")).role.name == "evaluator"
    with pytest.raises(SignatureRefused, match="evaluator"):
        vouch(TRUST, sealed(said("evidence"), "gate-1"))
    with pytest.raises(SignatureRefused, match="2 of role `policy-publisher`"):
        vouch(TRUST, sealed(said("policy"), "pub-1"))
    with pytest.raises(RoleRefused, match="no role"):
        vouch(TRUST, sealed(said("incident"), "gate-1"))


def test_no_key_acts_in_two_roles_of_one_decision() -> None:
    roles = ROLES | {"gate": (1, ("gate-1", "eval-1"), ("gate-decision",))}
    trust = start_trust(sealed(said("trust", trust_content(roles=roles)), "root-1", "root-2"))
    evidence = vouch(trust, sealed(said("evidence"), "eval-1"))
    check_separation([evidence, vouch(trust, sealed(said("gate-decision"), "gate-1"))])
    with pytest.raises(RoleRefused, match="two roles"):
        check_separation([evidence, vouch(trust, sealed(said("gate-decision"), "eval-1"))])


ENTRIES = [b"e%d" % at for at in range(9)]


def checkpoint(size: Any, entries: Any = ENTRIES, origin: Any = LOG) -> Any:
    root = Tree(entries[:size]).root() if size else EMPTY_ROOT
    head = TreeHead(origin=origin, size=size, root=root)
    signer = Signer("log")
    line = sign_head(head, signer.note_key(origin, NoteKind.ED25519), signer.sign)
    note = Note(text=head.to_text(), signatures=(line,))
    return Checkpoint(head=head, note=note).to_text().encode()


def test_a_view_moves_forward_only() -> None:
    tree = Tree(ENTRIES)
    view = open_view(TRUST, checkpoint(0))
    with pytest.raises(ProofRefused):
        check_recorded(view, b"e0", index=0, proof=[])
    view = advance(view, TRUST, checkpoint(5), [])
    view = advance(view, TRUST, checkpoint(9), tree.prove_consistency(5))
    assert advance(view, TRUST, checkpoint(9), []) == view
    check_recorded(view, b"e3", index=3, proof=tree.prove_inclusion(3))
    assert check_witnessed(view, TRUST) == ()
    with pytest.raises(RollbackRefused, match="older"):
        advance(view, TRUST, checkpoint(5), [])
    with pytest.raises(RollbackRefused, match="two histories"):
        advance(view, TRUST, checkpoint(9, [b"x", *ENTRIES[1:]]), [])


def test_a_rewritten_history_or_another_log_is_refused() -> None:
    view = open_view(TRUST, checkpoint(5))
    rewritten = [b"x", *ENTRIES[1:]]
    with pytest.raises(ProofRefused):
        advance(view, TRUST, checkpoint(9, rewritten), Tree(rewritten).prove_consistency(5))
    roles = trust_content()
    other = [Signer("log").note_key("log.example/else", NoteKind.ED25519).to_text()]
    trust = start_trust(sealed(said("trust", roles | {"log": other}), "root-1", "root-2"))
    with pytest.raises(RollbackRefused, match="another log"):
        advance(view, trust, checkpoint(9, origin="log.example/else"), [])
