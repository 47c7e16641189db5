"""Published vectors: what others' implementations answer, ours answers too."""

import json
from base64 import b64decode, b64encode
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scalegate.base.canonical import canonical_bytes
from scalegate.ledger.checkpoints import TreeHead, parse_checkpoint, sign_head, verify_checkpoint
from scalegate.ledger.envelopes import parse_envelope, pre_authentication
from scalegate.ledger.faults import ProofRefused
from scalegate.ledger.notes import parse_key, parse_note, verify_note
from scalegate.ledger.tiles import TileId, hashes_of, node_reader, read_bundle, tiles_of
from scalegate.ledger.tree import (
    Tree,
    prove_consistency,
    root_of,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[1] / "data" / "vectors"
MERKLE = VECTORS / "transparency-dev_merkle"
LOG = VECTORS / "transparency-dev_tessera" / "testdata" / "log"
# Both from transparency-dev/tessera, testdata/build_log.sh.
SECRET = (
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
)
PUBLIC = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SIZES = range(16)


def folder(name: Any) -> Any:
    found = sorted((MERKLE / name).rglob("*.json"))
    assert len(found) == 98
    return found


def proof_of(case: Any) -> Any:
    return [b64decode(each) for each in case["proof"] or ()]


@pytest.mark.parametrize("path", folder("inclusion"), ids=lambda path: path.stem)
def test_inclusion_is_judged_as_published(path: Any) -> None:
    case = json.loads(path.read_text())
    call = partial(
        verify_inclusion,
        b64decode(case["leafHash"]),
        index=case["leafIdx"],
        size=case["treeSize"],
        proof=proof_of(case),
        root=b64decode(case["root"]),
    )
    if case["wantErr"]:
        with pytest.raises(ProofRefused):
            call()
    else:
        call()


@pytest.mark.parametrize("path", folder("consistency"), ids=lambda path: path.stem)
def test_consistency_is_judged_as_published(path: Any) -> None:
    case = json.loads(path.read_text())
    call = partial(
        verify_consistency,
        old=case["size1"],
        old_root=b64decode(case["root1"] or ""),
        new=case["size2"],
        new_root=b64decode(case["root2"] or ""),
        proof=proof_of(case),
    )
    if case["wantErr"]:
        with pytest.raises(ProofRefused):
            call()
    else:
        call()


def checkpoint(size: Any) -> Any:
    return (LOG / f"checkpoint.{size}").read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_a_checkpoint_signed_again_has_the_same_bytes(size: Any) -> None:
    found = verify_checkpoint(checkpoint(size), [parse_key(PUBLIC)])
    assert found.head.size == size
    private = Ed25519PrivateKey.from_private_bytes(b64decode(SECRET.split("+", 4)[4])[1:])
    line = sign_head(found.head, parse_key(PUBLIC), private.sign)
    assert found.head.to_text() + "\n" + line.to_line() == checkpoint(size).decode()


def entries() -> Any:
    bundle = TileId(level=-1, index=0, width=15)
    return read_bundle((LOG / bundle.path()).read_bytes(), width=15)


def read_tile(tile: TileId) -> bytes:
    return (LOG / tile.path()).read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_the_tiles_give_the_root_that_was_signed(size: Any) -> None:
    head = parse_checkpoint(checkpoint(size)).head
    assert root_of(size, node_reader(size, read_tile)) == head.root
    assert Tree(entries()[:size]).root() == head.root
    for tile in tiles_of(size):
        assert read_tile(tile) == hashes_of(entries()[:size])


def test_every_published_size_is_a_prefix_of_every_later_one() -> None:
    tree = Tree(entries())
    roots = {size: parse_checkpoint(checkpoint(size)).head.root for size in SIZES}
    for old in SIZES[1:]:
        for new in range(old, 16):
            proof = prove_consistency(old, new, tree.node)
            verify_consistency(
                old=old, old_root=roots[old], new=new, new_root=roots[new], proof=proof
            )


@pytest.mark.parametrize("case", json.loads((VECTORS / "notes.json").read_text()))
def test_a_published_note_verifies_and_a_changed_one_does_not(case: Any) -> None:
    note = parse_note(case["note"].encode())
    assert verify_note(note, [parse_key(case["vkey"])])[0].to_text() == case["vkey"]
    assert note.to_text() == case["note"]


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_canonical_json_is_as_published(name: Any) -> None:
    folder = VECTORS / "cyberphone_json-canonicalization" / "testdata"
    value = json.loads((folder / "input" / f"{name}.json").read_text(encoding="utf-8"))
    assert canonical_bytes(value) == (folder / "output" / f"{name}.json").read_bytes()


def test_the_dsse_example_verifies() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    text = (
        b'{"payload": "aGVsbG8gd29ybGQ=", "payloadType": "http://example.com/HelloWorld",'
        b' "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJ'
        b'PcIAriEGAHTVeCUjW2JIZA=="}]}'
    )
    envelope = parse_envelope(text)
    message = pre_authentication(envelope.payload_type, envelope.payload)
    assert message == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    raw = envelope.signatures[0].signature
    signature = encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    key = ec.EllipticCurvePublicNumbers(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
        ec.SECP256R1(),
    ).public_key()
    key.verify(signature, message, ec.ECDSA(SHA256()))


def test_a_tree_head_is_written_as_it_was_read() -> None:
    head = TreeHead(origin="example.com/log", size=3, root=b"\x07" * 32)
    assert head.to_text().split("\n")[2] == b64encode(b"\x07" * 32).decode()
