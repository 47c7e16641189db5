"""Files of a workspace, each kept under the SHA-256 of its bytes.

1. A copy is written to a temporary name in the same folder, flushed to the disk, then renamed: a
   file is whole under its final name, or absent.
2. The copy's digest is computed while it is written; other bytes than announced are refused.
3. Copies are read-only files. Names come from digests only, never from what was imported.
4. Symbolic links, devices, pipes and folders are refused, at the source and in the workspace.
5. Memory is bounded by one block, whatever the size.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from scalegate.base.errors import DigestMismatch, FormatError, OutsideError, TrustError, UsageError
from scalegate.base.plain_text import plain

_BLOCK = 1 << 20
_INCOMING = "incoming"
_LINKS = frozenset({errno.ELOOP, errno.EMLINK})
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading, without following a link and without blocking.

    Raises:
        FormatError: a symbolic link, a folder, a device or a pipe.
        OutsideError: absent, or not readable.
    """
    shown = plain(path.name)
    try:
        if path.is_symlink():  # for systems where opening cannot refuse links
            raise _symbolic_link(shown)
        descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW | _BINARY)
    except OSError as cause:
        if cause.errno in _LINKS:
            raise _symbolic_link(shown) from cause
        raise OutsideError(f"cannot read `{shown}`: {_reason(cause)}") from cause
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FormatError("not a regular file", file=shown, expected="a regular file")
    return os.fdopen(descriptor, "rb")


def read_at_most(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file that the user named.

    Raises:
        UsageError: there is none.
        FormatError: it is above `most` bytes, or no regular file.
        OutsideError: it cannot be read.
    """
    shown = plain(path.name)
    if not path.exists() and not path.is_symlink():
        raise UsageError(f"no file `{shown}`", hint="check the path")
    with open_regular(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise FormatError("file is too large", file=shown, expected=f"at most {most >> 20} MiB")
    return content


def _symbolic_link(shown: str) -> FormatError:
    return FormatError(
        "symbolic link", file=shown, expected="a regular file", hint="name its target"
    )


def digest_of_file(path: Path, *, on_block: Callable[[int], None] | None = None) -> tuple[str, int]:
    """Return the SHA-256 and the size in bytes of a regular file, in bounded memory.

    Args:
        path: the file.
        on_block: called after each block with its number of bytes.

    Raises:
        FormatError: a symbolic link, a folder, a device or a pipe.
        OutsideError: absent, or not readable.
    """
    digest = hashlib.sha256()
    size = 0
    with open_regular(path) as file:
        for block in _blocks(file, plain(path.name)):
            digest.update(block)
            size += len(block)
            if on_block is not None:
                on_block(len(block))
    return digest.hexdigest(), size


def digest_of_folder(
    path: Path, *, on_progress: Callable[[int, int, str], None] | None = None
) -> str:
    """Return the SHA-256 of a file, or of a folder's listing: path, size and SHA-256 of each file.

    Args:
        path: the file or folder.
        on_progress: called after each block with the bytes done, the bytes there are, and the name
            of the file.

    Guarantees:
        Names count: the same bytes under another name are another digest. Links are not followed.

    Raises:
        FormatError: a link, device or pipe.
        OutsideError: absent, empty, or not readable.
    """
    if not path.is_dir() or path.is_symlink():
        return _measured([path], on_progress)[0][0]
    files = _files_below(path)
    found = [
        (each.relative_to(path).as_posix(), *measure)
        for each, measure in zip(files, _measured(files, on_progress), strict=True)
    ]
    if not found:
        raise OutsideError(f"`{plain(path.name)}` holds no file")
    lines = "".join(f"{digest} {size} {name}\n" for name, digest, size in sorted(found))
    return hashlib.sha256(lines.encode("utf-8", errors="surrogateescape")).hexdigest()


def digests_below(
    path: Path, *, on_progress: Callable[[int, int, str], None] | None = None
) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder, by its path below it; or of one file.

    Raises:
        FormatError: a link, device or pipe.
        OutsideError: absent, or not readable.
    """
    if not path.is_dir() or path.is_symlink():
        return {path.name: _measured([path], on_progress)[0][0]}
    files = _files_below(path)
    found = _measured(files, on_progress)
    return {
        each.relative_to(path).as_posix(): digest
        for each, (digest, _) in zip(files, found, strict=True)
    }


def _files_below(path: Path) -> list[Path]:
    below = sorted(path.rglob("*"))
    return [each for each in below if each.is_symlink() or not each.is_dir()]


def _measured(
    files: list[Path], on_progress: Callable[[int, int, str], None] | None
) -> list[tuple[str, int]]:
    """Return SHA-256 and size of each file, telling of the bytes done of all."""
    done, total = 0, sum(each.lstat().st_size for each in files if os.path.lexists(each))

    def measure(file: Path) -> tuple[str, int]:
        def on_block(size: int) -> None:
            nonlocal done
            done += size
            if on_progress is not None:
                on_progress(done, total, file.name)

        return digest_of_file(file, on_block=on_block)

    return [measure(each) for each in files]


class ContentFolder:
    """Keeps the promises of `ports.ContentStore` in `<folder>/<2 hex>/<sha256>.<extension>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._touched: set[Path] = set()

    def put(self, source: Path, *, digest: str, extension: str) -> None:
        """Copy a regular file in; does nothing where it is already kept unharmed.

        Raises:
            DigestMismatch: the file's bytes are not those that were named.
            FormatError: it is a symbolic link or no regular file.
            OutsideError: it cannot be read, or the copy cannot be written.
        """
        target = self._path(digest, extension)
        if self._is_unharmed(target, digest):
            self._touched.update((target.parent, self._folder))
            return
        with open_regular(source) as reading, _writing_to(self._folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            incoming = self._folder / _INCOMING
            incoming.mkdir(exist_ok=True)
            temporary = incoming / target.name
            try:
                self._copy(reading, temporary, digest=digest, shown=plain(source.name))
                temporary.replace(target)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
                raise
        self._touched.update((target.parent, self._folder))

    def _copy(self, reading: BinaryIO, temporary: Path, *, digest: str, shown: str) -> None:
        temporary.unlink(missing_ok=True)
        found = hashlib.sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
        with os.fdopen(os.open(temporary, flags, 0o444), "wb") as writing:
            for block in _blocks(reading, shown):
                found.update(block)
                writing.write(block)
            writing.flush()
            os.fsync(writing.fileno())
        if found.hexdigest() != digest:
            raise DigestMismatch(
                f"`{shown}` changed while it was imported, so it",
                expected=digest,
                got=found.hexdigest(),
            )

    def flush(self) -> None:
        """Make the names of everything that was put durable.

        Raises:
            OutsideError: the file system refused.
        """
        with _writing_to(self._folder):
            for folder in sorted(self._touched):
                _flush_folder(folder)
        self._touched.clear()

    def verified(self, digest: str, *, extension: str) -> Path:
        """Return the path of kept bytes after comparing all of them with their digest.

        Raises:
            TrustError: the file is gone or has other bytes.
            OutsideError: it cannot be read.
        """
        path = self._path(digest, extension)
        shown = f"{self._folder.name}/{path.parent.name}/{path.name}"
        remedy = "put it back from a copy, or import the original file again"
        try:
            found, _ = digest_of_file(path)
        except FormatError as cause:
            raise TrustError(f"evidence file `{shown}` was replaced: {cause}; {remedy}") from cause
        except OutsideError as cause:
            if isinstance(cause.__cause__, FileNotFoundError | NotADirectoryError):
                raise TrustError(f"evidence file `{shown}` is gone; {remedy}") from cause
            raise
        if found != digest:
            raise DigestMismatch(
                f"evidence file `{shown}` was altered ({remedy}): it", expected=digest, got=found
            )
        return path

    def leftovers(self, expected: frozenset[str]) -> tuple[Path, ...]:
        """Return files that no record names, given the names `<digest>.<extension>` that do.

        Raises:
            OutsideError: the folder cannot be listed.
        """
        found: list[Path] = []
        try:
            for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
                if folder.is_symlink() or not folder.is_dir():
                    found.append(folder)
                else:
                    is_incoming = folder.name == _INCOMING
                    found.extend(
                        path
                        for path in sorted(folder.iterdir())
                        if is_incoming or path.name not in expected
                    )
        except OSError as cause:
            raise OutsideError(f"cannot list `{self._folder.name}`: {_reason(cause)}") from cause
        return tuple(found)

    def _path(self, digest: str, extension: str) -> Path:
        assert len(digest) == 64
        assert digest.isalnum()
        assert extension.isalnum()
        return self._folder / digest[:2] / f"{digest}.{extension}"

    @staticmethod
    def _is_unharmed(target: Path, digest: str) -> bool:
        try:
            return digest_of_file(target)[0] == digest
        except (FormatError, OutsideError):
            return False


def _blocks(file: BinaryIO, shown: str) -> Iterator[bytes]:
    while True:
        try:
            block = file.read(_BLOCK)
        except OSError as cause:
            raise OutsideError(f"cannot read `{shown}`: {_reason(cause)}") from cause
        if not block:
            return
        yield block


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise OutsideError(
            f"cannot write to `{plain(folder)}`: {_reason(cause)}; nothing was recorded"
        ) from cause


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there; renames are journalled
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(cause: OSError) -> str:
    words = {
        errno.ENOSPC: "the disk is full; free some space and try again",
        errno.EDQUOT: "the disk quota is used up; free some space and try again",
        errno.EFBIG: "the file is larger than this process may write",
        errno.EROFS: "the file system is read-only",
        errno.EACCES: "permission denied",
        errno.EPERM: "permission denied",
        errno.ENOENT: "no such file",
    }
    return words.get(cause.errno or 0, (cause.strerror or "unknown reason").lower())


__all__ = ["ContentFolder", "digest_of_file", "open_regular"]
