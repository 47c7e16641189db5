"""The files of a log in a plain folder, which any web server or git host can serve.

1. A file is written under a temporary name, then renamed; `create` also flushes file and folder to
   the disk, and links instead of renaming, so that an existing path is never replaced.
2. Paths come from the log's own code; anything that could leave the folder is refused all the same.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from scalegate.base.errors import OutsideError, UsageError
from scalegate.base.plain_text import plain

_PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_SERIAL = count()
LOCK = ".lock"
"""A file of the folder that is locked while the checkpoint is replaced; its content is nothing."""


class LogFolder:
    """Keeps the promises of `ports.LogFiles` in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        """Return the content, or nothing where the path does not exist.

        Raises:
            OutsideError: it cannot be read.
        """
        try:
            return self._place(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as cause:
            raise _failed("read", path, cause) from cause

    def create(self, path: str, content: bytes) -> bool:
        """Write a new path durably; tell whether this call created it.

        Raises:
            OutsideError: it cannot be written.
        """
        target = self._place(path)
        try:
            temporary = self._temporary(target, content, is_durable=True)
            try:
                os.link(temporary, target)
            except FileExistsError:
                return False
            finally:
                temporary.unlink(missing_ok=True)
            for above in target.parents:  # a folder may be as new as the file in it
                if self._holds(above):
                    _flush(above)
        except OSError as cause:
            raise _failed("write", path, cause) from cause
        return True

    def write(self, path: str, content: bytes) -> None:
        """Write a path atomically, whether or not it exists.

        Raises:
            OutsideError: it cannot be written.
        """
        target = self._place(path)
        try:
            self._temporary(target, content, is_durable=False).replace(target)
        except OSError as cause:
            raise _failed("write", path, cause) from cause

    def swap(self, path: str, old: bytes, new: bytes) -> bool:
        """Replace `old` by `new`; tell whether the content was still `old`.

        Raises:
            OutsideError: it cannot be read or written.
        """
        with self._lock():
            if self.read(path) != old:
                return False
            self.write(path, new)
        return True

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other processes of this machine out; a killed process lets go of it."""
        try:
            with (self._folder / LOCK).open("ab") as file:
                _lock_file(file)
                yield
        except OSError as cause:
            raise _failed("lock", "the log", cause) from cause

    def settle(self, paths: Sequence[str]) -> None:
        """Flush these files and their folders to the disk.

        Raises:
            OutsideError: that cannot be done.
        """
        places = [self._place(path) for path in paths]
        folders = {above for place in places for above in place.parents if self._holds(above)}
        try:
            for place in [*places, *sorted(folders)]:
                _flush(place)
        except OSError as cause:
            raise _failed("flush", "the log", cause) from cause

    def _holds(self, folder: Path) -> bool:
        return folder == self._folder or self._folder in folder.parents

    def remove(self, path: str) -> None:
        """Remove a path, if it exists.

        Raises:
            OutsideError: it cannot be removed.
        """
        try:
            self._place(path).unlink(missing_ok=True)
        except OSError as cause:
            raise _failed("remove", path, cause) from cause

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names directly below a folder, sorted; temporary files are left out."""
        try:
            found = [each.name for each in self._place(folder).iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as cause:
            raise _failed("read", folder, cause) from cause
        return tuple(sorted(name for name in found if not name.startswith(".new-")))

    def _place(self, path: str) -> Path:
        parts = path.split("/")
        if not _PATH.fullmatch(path) or ".." in parts or "." in parts:
            raise UsageError(f"not a path of a log: `{plain(path)[:80]}`")
        return self._folder.joinpath(*parts)

    def _temporary(self, target: Path, content: bytes, *, is_durable: bool) -> Path:
        target.parent.mkdir(parents=True, exist_ok=True)
        place = target.parent / f".new-{os.getpid()}-{next(_SERIAL)}"
        try:
            with place.open("xb") as file:
                file.write(content)
                if is_durable:
                    file.flush()
                    os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                place.unlink(missing_ok=True)
            raise
        return place


def _lock_file(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


def _flush(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(what: str, path: str, cause: OSError) -> OutsideError:
    reason = cause.strerror or type(cause).__name__
    return OutsideError(f"cannot {what} `{plain(path)[:120]}` of the log: {reason}")
