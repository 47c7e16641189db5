"""Notes, checkpoints, cosignatures, witness policies, proof files."""

from typing import Any

import pytest

from scalegate.ledger.checkpoints import (
    Checkpoint,
    TreeHead,
    cosign,
    parse_checkpoint,
    parse_head,
    sign_head,
    verify_checkpoint,
    verify_cosignatures,
)
from scalegate.ledger.faults import MalformedRecord, ProofRefused, SignatureRefused
from scalegate.ledger.log_proofs import LogProof, parse_log_proof, verify_log_proof
from scalegate.ledger.notes import (
    Note,
    NoteKind,
    parse_key,
    parse_note,
    parse_signature_lines,
    verify_note,
    with_signatures,
)
from scalegate.ledger.quorum import parse_witness_policy, verify_quorum
from scalegate.ledger.signing import Algorithm
from scalegate.ledger.tree import EMPTY_ROOT, Tree
from tests.unit.ledger.signers import LOG, Signer

TREE = Tree([b"one", b"two", b"three"])
HEAD = TreeHead(origin=LOG, size=3, root=TREE.root())
LOG_SIGNER = Signer("log")
LOG_KEY = LOG_SIGNER.note_key(LOG, NoteKind.ED25519)


def witness(word: Any, kind: Any = NoteKind.ED25519_COSIGNATURE) -> Any:
    is_new = kind is NoteKind.ML_DSA_44_COSIGNATURE
    signer = Signer(word, Algorithm.ML_DSA_44 if is_new else Algorithm.ED25519)
    return signer, signer.note_key(f"witness.example/{word}", kind)


def checkpoint(head: Any = HEAD, witnesses: Any = ()) -> Any:
    lines = [sign_head(head, LOG_KEY, LOG_SIGNER.sign)]
    lines += [cosign(head, key, signer.sign, seconds=1_700_000_000) for signer, key in witnesses]
    return Checkpoint(head=head, note=Note(text=head.to_text(), signatures=tuple(lines)))


def policy(*lines: Any) -> Any:
    return parse_witness_policy("\n".join([f"log {LOG_KEY.to_text()}", *lines, ""]))


def test_a_signed_checkpoint_is_accepted_and_read_back() -> None:
    content = checkpoint().to_text().encode()
    assert verify_checkpoint(content, [LOG_KEY]).head == HEAD
    assert parse_checkpoint(content).to_text().encode() == content


def test_a_log_may_sign_with_ml_dsa_alone_or_beside() -> None:
    signer = Signer("log", Algorithm.ML_DSA_44)
    key = signer.note_key(LOG, NoteKind.ML_DSA_44_COSIGNATURE)
    line = cosign(HEAD, key, signer.sign, seconds=5)
    alone = Note(text=HEAD.to_text(), signatures=(line,)).to_text().encode()
    assert verify_checkpoint(alone, [LOG_KEY, key]).head == HEAD
    both = with_signatures(checkpoint().note, [line, line])
    assert len(both.signatures) == 2
    assert verify_checkpoint(both.to_text().encode(), [LOG_KEY, key]).head == HEAD


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n3\n", "\n4\n"), ("log.example/lab\n", "log.example/lap\n"), ("— log", "— lag")],
)
def test_a_changed_checkpoint_is_refused(old: Any, new: Any) -> None:
    content = checkpoint().to_text().replace(old, new, 1).encode()
    with pytest.raises(SignatureRefused):
        verify_checkpoint(content, [LOG_KEY])


def test_another_logs_key_does_not_count() -> None:
    other = Signer("other").note_key("log.example/other", NoteKind.ED25519)
    with pytest.raises(SignatureRefused, match="unknown log"):
        verify_checkpoint(checkpoint().to_text().encode(), [other])


@pytest.mark.parametrize(
    "text",
    ["a\n1\n", "a\n01\nx\n", "a\n-1\nx\n", "a\n1\nAAAA\n", "a\n1\n%%\n", "a\n\nb\n", "a\n1\nx"],
)
def test_a_malformed_head_is_refused(text: Any) -> None:
    with pytest.raises(MalformedRecord):
        parse_head(text)


def test_an_empty_tree_has_one_root_only() -> None:
    assert parse_head(TreeHead(origin="a", size=0, root=EMPTY_ROOT).to_text()).size == 0
    with pytest.raises(MalformedRecord):
        parse_head(TreeHead(origin="a", size=0, root=b"x" * 32).to_text())


@pytest.mark.parametrize("kind", [NoteKind.ED25519_COSIGNATURE, NoteKind.ML_DSA_44_COSIGNATURE])
def test_a_cosignature_covers_time_size_and_root(kind: Any) -> None:
    signer, key = witness("w", kind)
    found = checkpoint(witnesses=[(signer, key)])
    assert [each.seconds for each in verify_cosignatures(found, [key])] == [1_700_000_000]
    for head in (
        TreeHead(origin=LOG, size=4, root=HEAD.root),
        TreeHead(origin=LOG, size=3, root=b"x" * 32),
    ):
        moved = Checkpoint(
            head=head, note=Note(text=head.to_text(), signatures=found.note.signatures)
        )
        with pytest.raises(SignatureRefused):
            verify_cosignatures(moved, [key])
    line = found.note.signatures[1]
    later = (1).to_bytes(8, "big") + line.signature[8:]
    for signature in (later, b"short", b"\xff" * 8 + line.signature[8:]):
        forged = type(line)(name=line.name, key_id=line.key_id, signature=signature)
        note = Note(text=found.note.text, signatures=(forged,))
        with pytest.raises(SignatureRefused):
            verify_cosignatures(Checkpoint(head=HEAD, note=note), [key])


def test_a_quorum_counts_groups_of_groups() -> None:
    named = [witness(f"w{at}") for at in range(4)]
    lines = [f"witness w{at} {key.to_text()}" for at, (_, key) in enumerate(named)]
    found = policy(
        "# labs", *lines, "group labs 2 w0 w1 w2", "group all-of-it all labs w3", "quorum all-of-it"
    )
    assert verify_quorum(checkpoint(witnesses=[named[0], named[2], named[3]]), found)
    for few in ([], named[:3], [named[0], named[3]]):
        with pytest.raises(SignatureRefused, match="quorum"):
            verify_quorum(checkpoint(witnesses=few), found)
    assert verify_quorum(checkpoint(), policy("quorum none")) == ()


KEYS = [witness(f"w{at}")[1].to_text() for at in range(3)]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["quorum w0"],
        ["quorum none", "quorum none"],
        [f"witness none {KEYS[0]}", "quorum none"],
        [f"witness a {KEYS[0]}", f"witness b {KEYS[0]}", "quorum a"],
        [f"witness a {KEYS[0]}", f"witness a {KEYS[1]}", "quorum a"],
        [f"witness a {LOG_KEY.to_text()}", "quorum a"],
        [f"witness a {KEYS[0]}", "group g 2 a", "quorum g"],
        [f"witness a {KEYS[0]}", "group g 0 a", "quorum g"],
        [f"witness a {KEYS[0]}", "group g any a a", "quorum g"],
        [f"witness a {KEYS[0]}", "group g any none", "quorum g"],
        [f"witness a {KEYS[0]}", "group g any b", "quorum g"],
        ["group g any", "quorum none"],
        ["witness a\x01 b", "quorum none"],
        ["watcher a b", "quorum none"],
        ["log", "quorum none"],
        ["log not+a+key", "quorum none"],
    ],
)
def test_a_malformed_witness_policy_is_refused(lines: Any) -> None:
    with pytest.raises(MalformedRecord):
        policy(*lines)


def test_a_key_of_another_id_or_length_or_kind_is_refused() -> None:
    name, key_id, material = LOG_KEY.to_text().split("+", 2)
    assert parse_key(LOG_KEY.to_text()) == LOG_KEY
    for text in (
        f"{name}+00000000+{material}",
        f"{name}+{key_id}+{material[:-4]}",
        f"{name}+{key_id}+AAAA",
        f"a b+{key_id}+{material}",
        name,
    ):
        with pytest.raises(MalformedRecord):
            parse_key(text)


@pytest.mark.parametrize(
    "content",
    [
        b"no signatures\n",
        b"text\n\n\xff\n",
        b"te\x07xt\n\n\xe2\x80\x94 a AAAA\n",
        b"text\n\nhyphen a AAAA\n",
        "text\n\n— a AAAA".encode(),
        "text\n\n— a AAA\n".encode(),
        "text\n\n— a AAAA\n".encode(),
        ("text\n\n" + "— a AAAAAAAA\n" * 101).encode(),
        b"x" * (1 << 20) + b"x",
    ],
)
def test_a_malformed_note_is_refused(content: Any) -> None:
    with pytest.raises(MalformedRecord):
        parse_note(content)


def test_signature_lines_stand_alone_in_a_witness_answer() -> None:
    line = checkpoint().note.signatures[0]
    assert parse_signature_lines(line.to_line()) == (line,)
    with pytest.raises(MalformedRecord):
        parse_signature_lines(line.to_line().rstrip("\n"))
    with pytest.raises(MalformedRecord):
        parse_signature_lines(line.to_line() * 101)


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="no known key"):
        verify_note(checkpoint().note, [])


def proof(index: Any = 1, extra: Any = b"") -> Any:
    path = tuple(TREE.prove_inclusion(index))
    return LogProof(index=index, path=path, checkpoint=checkpoint(), extra=extra)


def test_a_proof_file_shows_its_entry_and_no_other() -> None:
    content = proof(extra=b"context").to_text().encode()
    assert parse_log_proof(content).extra == b"context"
    accepted = policy("quorum none")
    assert verify_log_proof(content, entry=b"two", policy=accepted)[0].index == 1
    with pytest.raises(ProofRefused):
        verify_log_proof(content, entry=b"one", policy=accepted)
    signer, key = witness("w")
    asked = policy(f"witness w {key.to_text()}", "quorum w")
    with pytest.raises(SignatureRefused):
        verify_log_proof(content, entry=b"two", policy=asked)
    assert signer.key.public == key.public


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 1", "index 01"),
        ("index 1\n", ""),
        ("\n\n", "\nAAAA\n\n"),
        ("\n\n", "\n" + "A" * 43 + "=\n" + "\n" * 0 + "é\n\n"),
    ],
)
def test_a_malformed_proof_file_is_refused(old: Any, new: Any) -> None:
    content = proof().to_text().replace(old, new, 1).encode()
    with pytest.raises(MalformedRecord):
        parse_log_proof(content)


def test_a_proof_without_checkpoint_or_with_too_many_hashes_is_refused() -> None:
    with pytest.raises(MalformedRecord):
        parse_log_proof(b"c2sp.org/tlog-proof@v1\nindex 1\n")
    row = "A" * 43 + "=\n"
    content = proof().to_text().replace("index 1\n", "index 1\n" + row * 64, 1)
    with pytest.raises(MalformedRecord, match="too long"):
        parse_log_proof(content.encode())
