"""The attacks that the record promises to withstand, each played in a file of its own."""

from __future__ import annotations

from pathlib import Path

ATTACKS = {
    "audience_widened",
    "backdated_decision",
    "cherry_picked_runs",
    "classifier_removed",
    "duplicate_json_keys",
    "edited_envelope",
    "edited_leaf",
    "expired_permit",
    "forged_key_id",
    "line_edited_after_the_run",
    "non_canonical_payload",
    "one_key_twice",
    "other_gate",
    "permit_for_other_weights",
    "plan_recorded_after_the_run",
    "replayed_permit",
    "revoked_key",
    "rollback_to_an_older_checkpoint",
    "signature_stripping",
    "split_view",
    "swapped_evidence",
    "truncated_log",
    "unregistered_surface",
    "zip_bomb",
    "zip_slip",
}


def test_every_attack_has_a_file() -> None:
    files = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert files >= ATTACKS
