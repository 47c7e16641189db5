"""A whole older copy of the log is shown to a verifier that has seen a newer one."""

from __future__ import annotations

import shutil

from tests.attacks.record.stage import GATE, Stage


def test_an_older_copy_is_refused_to_whoever_saw_more(stage: Stage) -> None:
    older = stage.folder.parent / "older"
    shutil.copytree(stage.folder / "record", older)
    stage.done("decide", "model:m", GATE)
    stage.done("bundle", "newer.zip")
    stage.done(*stage.passing(), "--memory", "seen.json")
    assert "shorter than what was seen" in stage.refused(
        *stage.passing(), "--memory", "seen.json", "--record", str(older)
    )
    newest = str(stage.log / "checkpoint")
    stage.done("verify", "newer.zip", "--root", "record/root.json", "--seen", newest)
    assert "older than what was seen" in stage.refused(
        "verify", "sent.zip", "--root", "record/root.json", "--seen", newest
    )
