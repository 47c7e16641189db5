"""Envelopes, statements, leaves: signed bytes with one meaning."""

import json
from typing import Any

import pytest

from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import FormatError
from scalegate.ledger.envelopes import (
    key_to_mapping,
    parse_envelope,
    signers_of,
    verify_envelope,
)
from scalegate.ledger.faults import MalformedRecord, Refused, SignatureRefused
from scalegate.ledger.leaves import leaf_of, parse_leaf, verify_leaf
from scalegate.ledger.statements import Predicate, Statement, Subject, parse_statement
from scalegate.ledger.strict_json import parse_json
from tests.unit.ledger.signers import Signer, said, sealed

KEYS = [Signer(word).key for word in ("a", "b", "c")]


def test_enough_distinct_keys_are_asked_for() -> None:
    content = sealed(said("act"), "a", "b")
    envelope, signers = verify_envelope(content, KEYS, at_least=2)
    assert [key.owner for key in signers] == ["a", "b"]
    assert envelope.to_bytes() == content
    with pytest.raises(SignatureRefused, match="too few"):
        verify_envelope(content, KEYS, at_least=3)
    with pytest.raises(SignatureRefused, match="no signatures"):
        verify_envelope(content, KEYS, at_least=0)


def test_one_key_under_two_ids_counts_once() -> None:
    content = sealed(said("act"), "a", "a", key_ids=["one", "two"])
    assert len(signers_of(parse_envelope(content), KEYS)) == 1
    with pytest.raises(SignatureRefused):
        verify_envelope(content, KEYS, at_least=2)


def test_a_key_id_is_a_hint_only() -> None:
    forged = sealed(said("act"), "mallory", key_ids=[KEYS[0].key_id])
    with pytest.raises(SignatureRefused):
        verify_envelope(forged, KEYS, at_least=1)
    unnamed = sealed(said("act"), "b", key_ids=[""])
    assert verify_envelope(unnamed, KEYS, at_least=1)[1][0].owner == "b"


def test_a_changed_payload_or_type_is_refused() -> None:
    found = json.loads(sealed(said("act"), "a"))
    other = json.loads(sealed(said("act", {"note": "y"}), "a"))
    with pytest.raises(SignatureRefused):
        verify_envelope(
            json.dumps(found | {"payload": other["payload"]}).encode(), KEYS, at_least=1
        )
    with pytest.raises(MalformedRecord, match="payload type"):
        verify_envelope(sealed(b"x", "a", payload_type="text/plain"), KEYS, at_least=1)
    unhinted = [{"sig": each["sig"]} for each in found["signatures"]]
    assert verify_envelope(json.dumps(found | {"signatures": unhinted}).encode(), KEYS, at_least=1)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": 1},
        {"payload": "%%"},
        {"payload": "é"},
        {"payloadType": ""},
        {"signatures": []},
        {"signatures": [1]},
        {"signatures": [{"sig": "AA==", "extra": 1}]},
        {"signatures": [{"sig": "AA==", "keyid": 1}]},
        {"signatures": [{"sig": "AA=="}] * 65},
        {"extra": "field"},
    ],
)
def test_a_malformed_envelope_is_refused(change: Any) -> None:
    found = json.loads(sealed(said("act"), "a"))
    with pytest.raises(MalformedRecord):
        parse_envelope(json.dumps(found | change).encode())


def test_json_with_two_meanings_is_refused() -> None:
    for content in (
        b'{"a":1,"a":2}',
        b"NaN",
        b"[Infinity]",
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000,
        b'{"a":',
        b"\xff",
    ):
        with pytest.raises(MalformedRecord):
            parse_json(content, "it")
    with pytest.raises(MalformedRecord, match="too large"):
        parse_json(b" " * ((16 << 20) + 1), "it")
    for content in (b"[]", b"1"):
        with pytest.raises(MalformedRecord):
            parse_envelope(content)


def test_a_statement_is_read_as_it_was_written() -> None:
    payload = said("waiver", {"until": "2027-01-01", "count": "3", "is_shown": True, "x": [None]})
    found = parse_statement(payload)
    assert found.kind is Predicate.WAIVER
    assert found.to_payload() == payload
    other = Statement(
        predicate_type="https://slsa.dev/verification_summary/v1",
        subjects=found.subjects,
        predicate={"level": 1},
    )
    assert parse_statement(other.to_payload()).kind is None


@pytest.mark.parametrize(
    "change",
    [
        {"_type": "else"},
        {"predicateType": ""},
        {"predicateType": 7},
        {"predicate": []},
        {"predicate": {"score": 0.5}},
        {"predicate": {"deep": [{"count": 3}]}},
        {"subject": []},
        {"subject": "it"},
        {"subject": [{"name": "it"}]},
        {"subject": [{"name": "it", "digest": {"sha256": "AB"}}]},
        {"subject": [7]},
        {"subject": [{"name": "it", "digest": {"sha256": "0" * 64}}] * 257},
    ],
)
def test_a_malformed_statement_is_refused(change: Any) -> None:
    found = json.loads(said("act")) | change
    with pytest.raises(MalformedRecord):
        parse_statement(canonical_bytes(found))


def test_a_payload_in_another_spelling_is_refused() -> None:
    payload = said("act")
    with pytest.raises(MalformedRecord, match="canonical"):
        parse_statement(payload.replace(b'":"', b'": "', 1))
    with pytest.raises(MalformedRecord, match="canonical"):
        parse_statement(b'{"_type":9007199254740993}')
    subject = Subject(name="x", sha256="0" * 64)
    with pytest.raises(FormatError):
        Statement(
            predicate_type="x", subjects=(subject,), predicate={"n": float("nan")}
        ).to_payload()


def test_unknown_fields_are_kept_and_ignored() -> None:
    found = json.loads(said("act")) | {"later": {"field": "x"}}
    assert parse_statement(canonical_bytes(found)).kind is Predicate.ACT


def test_a_leaf_names_its_envelope_and_refuses_another() -> None:
    content = sealed(said("act"), "a")
    leaf = leaf_of(content)
    assert parse_leaf(leaf.to_bytes()) == leaf
    assert verify_leaf(leaf, content)[1].kind is Predicate.ACT
    with pytest.raises(Refused, match="not the one recorded"):
        verify_leaf(leaf, sealed(said("act"), "b"))
    lying = type(leaf)(
        envelope=leaf.envelope, predicate_type="else", subjects=leaf.subjects, keys=leaf.keys
    )
    with pytest.raises(Refused, match="something else"):
        verify_leaf(lying, content)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "scalegate/leaf@2"},
        {"envelope": "x"},
        {"type": 1},
        {"keys": [1]},
        {"subjects": "it"},
        {"subjects": [["a"]]},
        {"more": "x"},
    ],
)
def test_a_malformed_leaf_is_refused(change: Any) -> None:
    found = json.loads(leaf_of(sealed(said("act"), "a")).to_bytes()) | change
    with pytest.raises(MalformedRecord):
        parse_leaf(canonical_bytes(found))


def test_a_key_is_written_with_its_owner() -> None:
    assert key_to_mapping(KEYS[0])["owner"] == "a"
