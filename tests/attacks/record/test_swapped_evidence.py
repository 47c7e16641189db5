"""The evidence in a bundle is swapped for other evidence than was decided on."""

from __future__ import annotations

from hashlib import sha256

from scalegate.app.record.bundling import read_files, write_files
from tests.attacks.record.stage import Stage


def test_swapped_evidence_is_refused(stage: Stage) -> None:
    files = dict(read_files((stage.folder / "sent.zip").read_bytes()))
    path = next(path for path, content in files.items() if b'"watched"' in content)
    swapped = files[path].replace(b"true", b"false")
    assert swapped != files[path]
    for name in (path, f"{path.rpartition('/')[0]}/{sha256(swapped).hexdigest()}"):
        other = {each: content for each, content in files.items() if each != path}
        (stage.folder / "swapped.zip").write_bytes(write_files(other | {name: swapped}))
        stage.refused("verify", "swapped.zip", "--root", "record/root.json")
