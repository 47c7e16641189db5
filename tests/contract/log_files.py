"""What every keeper of a log's files promises (`ports.LogFiles`)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scalegate.base.errors import UsageError


class LogFilesPromises:
    """Run over every adapter; a subclass gives `files`, and `again` for the same place."""

    def test_what_is_written_is_read(self, files: Any, again: Any) -> None:
        assert files.read("tile/0/000") is None
        files.write("tile/0/000", b"one")
        files.write("tile/0/000", b"two")
        assert again().read("tile/0/000") == b"two"

    def test_a_path_is_created_once(self, files: Any, again: Any) -> None:
        assert files.create("journal/0", b"mine")
        assert not again().create("journal/0", b"theirs")
        assert files.read("journal/0") == b"mine"

    def test_of_many_callers_one_creates(self, files: Any, again: Any) -> None:
        names = [b"%d" % at for at in range(16)]
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda name: again().create("journal/7", name), names))
        assert sum(told) == 1
        assert files.read("journal/7") == names[told.index(True)]

    def test_a_swap_needs_the_old_content(self, files: Any, again: Any) -> None:
        files.write("checkpoint", b"1")
        assert again().swap("checkpoint", b"1", b"2")
        assert not files.swap("checkpoint", b"1", b"3")
        assert files.read("checkpoint") == b"2"

    def test_of_many_swaps_one_succeeds(self, files: Any, again: Any) -> None:
        files.write("checkpoint", b"old")
        names = [b"%d" % at for at in range(16)]
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda name: again().swap("checkpoint", b"old", name), names))
        assert sum(told) == 1
        assert files.read("checkpoint") == names[told.index(True)]

    def test_names_are_listed_and_removed(self, files: Any, again: Any) -> None:
        assert files.names("journal") == ()
        for name in ("10", "9"):
            files.create(f"journal/{name}", b"x")
        files.settle(["journal/10", "journal/9"])
        assert again().names("journal") == ("10", "9")
        files.remove("journal/10")
        files.remove("journal/10")
        assert files.names("journal") == ("9",)

    @pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a/../b", "", "a/./b", "a\\b", "ü"])
    def test_a_path_that_could_leave_is_refused(self, files: Any, path: str) -> None:
        for act in (files.read, files.remove, lambda p: files.write(p, b"")):
            with pytest.raises(UsageError):
                act(path)
