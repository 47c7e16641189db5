"""A name stands twice in an object, so that two readers read two statements."""

from __future__ import annotations

from scalegate.base.canonical import canonical_bytes
from tests.attacks.record.stage import EVIDENCE, Stage, payload_of, with_payload


def test_a_name_that_stands_twice_is_refused(stage: Stage) -> None:
    path = stage.folder / stage.sealed("evidence", EVIDENCE, "evaluator")
    envelope = path.read_bytes()
    payload = canonical_bytes(payload_of(envelope))
    doubled = payload.replace(b'"about":"model:m"', b'"about":"model:m","about":"model:n"')
    assert doubled != payload
    path.write_bytes(with_payload(envelope, doubled))
    stage.refused("ledger", "add", "forged.json")
    outer = envelope.decode().replace('"payload"', '"payload":"","payload"', 1)
    path.write_text(outer, encoding="utf-8")
    assert "twice" in stage.refused("ledger", "add", "forged.json")
