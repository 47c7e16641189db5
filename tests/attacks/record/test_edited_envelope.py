"""A recorded envelope is edited: it is not the one that its leaf names."""

from __future__ import annotations

from scalegate.base.canonical import canonical_bytes
from tests.attacks.record.stage import Stage, payload_of, with_payload


def test_an_edited_envelope_is_refused(stage: Stage) -> None:
    path = stage.statement("gate-decision")
    said = payload_of(path.read_bytes())
    said["predicate"]["effect"] = "restrict"
    path.write_bytes(with_payload(path.read_bytes(), canonical_bytes(said)))
    assert "not the one recorded" in stage.refused("ledger", "verify")
    stage.done("bundle", "again.zip")  # whoever gets it sees the same
    stage.refused("verify", "again.zip", "--root", "record/root.json")
