"""A verifier's memory of a log, in a file of its own: read with care, written whole, never back.

1. A file that others may write is refused: whoever writes it can make the verifier forget.
2. It is written for its owner alone, flushed, and put in place at once; of two writers at one time
   the one that saw more stays.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from scalegate.base.errors import OutsideError, UsageError
from scalegate.base.plain_text import plain

MOST_BYTES = 256 << 20
"""Of a memory: that of a log of a thousand million entries."""
_WITH_CARE = 0 if sys.platform == "win32" else os.O_NOFOLLOW | os.O_NONBLOCK
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def read_memory_file(path: Path) -> bytes | None:
    """Return what the file holds; None where there is none yet.

    Raises:
        UsageError: others may write it, or it is a link, or no regular file.
        OutsideError: it cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _WITH_CARE)
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise _failed("read", path, cause) from cause
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode) or mode & _OTHERS_WRITE:
        os.close(descriptor)
        raise UsageError(
            f"memory of the log `{plain(path.name)}` is no file that its owner alone can write",
            hint="chmod 600, in a folder where only the verifier writes",
        )
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MOST_BYTES)


def write_memory_file(path: Path, content: bytes, *, is_newer: Callable[[bytes], bool]) -> None:
    """Put a memory in place, unless what is there by now saw more (rule 2).

    Args:
        path: the file.
        content: what to write.
        is_newer: says whether `content` saw more than what is there.

    Raises:
        UsageError, OutsideError: it cannot be read or written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with path.with_name(f".{path.name}.lock").open("ab") as lock:
            if sys.platform != "win32":
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX)
            there = read_memory_file(path)
            if there is not None and not is_newer(there):
                return
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
    except OSError as cause:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _failed("write", path, cause) from cause


def _failed(what: str, path: Path, cause: OSError) -> OutsideError:
    reason = (cause.strerror or type(cause).__name__).lower()
    return OutsideError(f"cannot {what} the memory of the log `{plain(path)}`: {reason}")
