"""Weights are hashed block by block, and the caller is told how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalegate.adapters.workspace_folder import digest_of_folder
from scalegate.base.errors import FormatError, OutsideError


def test_progress_ends_with_all_bytes_and_changes_no_digest(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a" * (1 << 20) + b"b")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"c")
    told: list[tuple[int, int, str]] = []
    digest = digest_of_folder(tmp_path, on_progress=lambda *each: told.append(each))
    total = (1 << 20) + 2
    assert told == [(1 << 20, total, "a"), (total - 1, total, "a"), (total, total, "c")]
    assert digest_of_folder(tmp_path) == digest
    (tmp_path / "b" / "c").rename(tmp_path / "c")
    assert digest_of_folder(tmp_path) != digest


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutsideError):
        digest_of_folder(tmp_path)
    with pytest.raises(OutsideError):
        digest_of_folder(tmp_path / "nowhere")
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(FormatError):
        digest_of_folder(tmp_path)
