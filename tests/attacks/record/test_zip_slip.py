"""A bundle names files outside of itself, or links."""

from __future__ import annotations

import pytest

from tests.attacks.record.stage import Stage
from tests.attacks.test_bundles import zipped


@pytest.mark.parametrize("path", ["../outside", "/etc/outside", "a/../../outside", "C:outside"])
def test_a_path_that_leaves_the_bundle_is_refused(stage: Stage, path: str) -> None:
    (stage.folder / "slip.zip").write_bytes(zipped((path, b"x")))
    assert "could leave" in stage.refused("verify", "slip.zip", "--root", "record/root.json")
    assert not (stage.folder.parent / "outside").exists()


def test_a_link_in_a_bundle_is_refused(stage: Stage) -> None:
    linked = zipped(("checkpoint", b"/etc/passwd"), mode=0o120777 << 16)
    (stage.folder / "link.zip").write_bytes(linked)
    assert "link" in stage.refused("verify", "link.zip", "--root", "record/root.json")
