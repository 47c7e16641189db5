"""A permit is shown for weights that it was not issued for."""

from __future__ import annotations

from tests.attacks.record.stage import Stage


def test_other_weights_do_not_pass(stage: Stage) -> None:
    (stage.folder / "weights" / "part-1").write_bytes(b"weighty")
    assert "manifest" in stage.refused(*stage.passing(stage.manifest()))
