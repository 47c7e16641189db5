"""The folder of a log keeps the promises of its port."""

from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters import log_folder
from scalegate.adapters.log_folder import LogFolder
from scalegate.base.errors import OutsideError
from tests.contract.log_files import LogFilesPromises


class TestLogFolder(LogFilesPromises):
    @pytest.fixture
    def again(self, tmp_path: Path) -> Any:
        return lambda: LogFolder(tmp_path)

    @pytest.fixture
    def files(self, again: Any) -> Any:
        return again()

    def test_what_cannot_be_written_is_an_outside_error(self, tmp_path: Path, files: Any) -> None:
        (tmp_path / "tile").write_text("a file where a folder should be")
        with pytest.raises(OutsideError):
            files.write("tile/0/000", b"x")
        assert files.read("tile/0/000") is None
        (tmp_path / "folder").mkdir()
        with pytest.raises(OutsideError):
            files.read("folder")
        with pytest.raises(OutsideError):
            files.settle(["absent"])

    def test_the_folders_of_a_created_file_are_flushed_too(
        self, tmp_path: Path, files: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flushed: list[Path] = []
        monkeypatch.setattr(log_folder, "_flush", flushed.append)
        files.create("journal/0", b"x")
        assert flushed == [tmp_path / "journal", tmp_path]

    def test_temporary_files_are_not_listed(self, tmp_path: Path, files: Any) -> None:
        files.create("journal/1", b"x")
        (tmp_path / "journal" / ".new-1-1").write_bytes(b"cut off")
        assert files.names("journal") == ("1",)
