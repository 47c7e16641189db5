"""A bundle is small, and would be huge unpacked."""

from __future__ import annotations

from zipfile import ZIP_DEFLATED

from tests.attacks.record.stage import Stage
from tests.attacks.test_bundles import zipped


def test_a_bundle_that_unpacks_to_much_more_is_refused(stage: Stage) -> None:
    for size, said in ((8 << 20, "compressed"), (64 << 20, "too large")):
        bomb = zipped(("checkpoint", b"0" * size), how=ZIP_DEFLATED)
        assert len(bomb) < size // 500
        (stage.folder / "bomb.zip").write_bytes(bomb)
        assert said in stage.refused("verify", "bomb.zip", "--root", "record/root.json")
