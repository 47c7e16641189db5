"""Files that a user names: read within bounds, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.base.errors import FormatError, OutsideError, UsageError
from scalegate.base.plain_text import plain
from scalegate.ports import EvidenceReader, PolicyText

if TYPE_CHECKING:
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record

_MAX_SIGNED_BYTES = 16 << 20
_MAX_BUNDLE_BYTES = 1 << 30


class FileReader:
    """Keeps the promises of `ports.EvidenceReader`; remembers logs in a folder, if it is given."""

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache

    def measure(self, path: Path) -> tuple[str, int]:
        """Return the SHA-256 and the size in bytes of a regular file, in bounded memory.

        Raises:
            FormatError: a symbolic link, a folder, a device or a pipe.
            OutsideError: absent, or not readable.
        """
        from scalegate.adapters.workspace_folder import digest_of_file

        return digest_of_file(path)

    def read_head(self, path: Path, *, at_most_bytes: int) -> bytes:
        """Return the first bytes of a regular file.

        Raises:
            FormatError: a symbolic link, a folder, a device or a pipe.
            OutsideError: absent, or not readable.
        """
        from scalegate.adapters.workspace_folder import open_regular

        with open_regular(path) as file:
            return file.read(at_most_bytes)

    def read_log(self, path: Path, *, digest: str, metadata_keys: tuple[str, ...] = ()) -> EvalLog:
        """Read an evaluation log whose bytes have this digest.

        Raises:
            FormatError: it is damaged, or of a layout that cannot be read.
            OutsideError: the file cannot be read.
        """
        from scalegate.adapters.inspect_log import SideIndex, read_log

        if self._cache is None or not _may_write(self._cache):
            return read_log(path, metadata_keys=metadata_keys)
        index = SideIndex(self._cache)
        return index.read_log(path, metadata_keys=metadata_keys, digest=digest)

    def read_document(self, path: Path) -> Record:
        """Read an evidence document, and the file that it names, beside it or below.

        Raises:
            FormatError: the document, or the file that it names, is wrong.
            DocumentFaults: the same, with every fault.
            UsageError: a file cannot be opened.
        """
        from scalegate.adapters.documents import read_document

        return read_document(path)

    def read_kept(self, path: Path, *, name: str, attached: Mapping[str, Path]) -> Record:
        """Read an evidence document of a workspace, whose files are kept elsewhere.

        Raises:
            FormatError: the document, or a file that it names, is wrong.
            DocumentFaults: the same, with every fault.
            OutsideError: a file cannot be read.
        """
        from scalegate.evidence.documents.results import HorizonRuns
        from scalegate.evidence.horizon import parse_horizon_file
        from scalegate.evidence.parse import parse_document

        record = parse_document(_kept_text(path, name), file=name)
        payload = record.payload
        if not isinstance(payload, HorizonRuns) or payload.file is None:
            return record
        if payload.file.path not in attached:
            raise FormatError("file of runs was not kept", file=name, got=f"`{payload.file.path}`")
        text = _kept_text(attached[payload.file.path], payload.file.path)
        return replace(record, attached=parse_horizon_file(text, payload.file))


def _kept_text(path: Path, name: str) -> str:
    """Read a file that was bounded when it was imported, and has the same digest since."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot read the copy of `{plain(name)}`: {reason}") from cause
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=plain(name), expected="UTF-8") from cause


def _may_write(folder: Path) -> bool:
    return os.access(folder if folder.exists() else folder.parent, os.W_OK)


def evidence_reader(cache: Path | None = None) -> EvidenceReader:
    """Return a reader of evidence files, for verbs that need no workspace."""
    return FileReader(cache)


def read_policy_text(path: Path) -> PolicyText:
    """Read a text that the user named, such as a document of the policy language.

    Raises:
        UsageError: there is none.
        FormatError: it is no regular file, no UTF-8 text, or too large.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.policy_files import text_of

    if not path.exists():
        raise UsageError(f"no file `{plain(path)}`", hint="check the path")
    return text_of(path, name=str(path))


def read_signed(path: Path) -> bytes:
    """Return the bytes of a small file, such as an envelope or a trust document.

    Raises:
        UsageError: there is none.
        FormatError: above 16 MiB, or no regular file.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.workspace_folder import read_at_most

    return read_at_most(path, _MAX_SIGNED_BYTES)


def read_bundle_file(path: Path) -> bytes:
    """Return the bytes of a bundle.

    Raises:
        UsageError: there is none.
        FormatError: above 1 GiB, or no regular file.
        OutsideError: it cannot be read.
    """
    from scalegate.adapters.workspace_folder import read_at_most

    return read_at_most(path, _MAX_BUNDLE_BYTES)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file for readers so that it is there whole or not at all.

    Raises:
        OutsideError: the folder is missing, full, or may not be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as cause:
        temporary.unlink(missing_ok=True)
        reason = (cause.strerror or "cannot be written").lower()
        raise OutsideError(f"cannot write `{plain(path)}`: {reason}") from cause


def write_private(path: Path, content: str) -> None:
    """Write a new file that only its owner can read.

    Raises:
        UsageError: the file exists; what is withheld in it may be nowhere else.
        OutsideError: it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as cause:
        raise UsageError(f"`{plain(path)}` exists", hint="name another file") from cause
    except OSError as cause:
        reason = (cause.strerror or "cannot be written").lower()
        raise OutsideError(f"cannot write `{plain(path)}`: {reason}") from cause
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def digests_below(
    path: Path, *, on_progress: Callable[[int, int, str], None] | None = None
) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder, by its path below it; or of one file.

    Raises:
        FormatError: a link, device or pipe; nothing is followed.
        OutsideError: absent, or not readable.
    """
    from scalegate.adapters import workspace_folder

    return workspace_folder.digests_below(path, on_progress=on_progress)


def digest_of_tree(
    path: Path, *, on_progress: Callable[[int, int, str], None] | None = None
) -> str:
    """Return the SHA-256 of a file, or of a folder's listing: path, size and SHA-256 of each file.

    Args:
        path: the file or folder, read block by block.
        on_progress: called after each block with the bytes done, the bytes there are, and the name
            of the file.

    Raises:
        FormatError: a link, device or pipe; nothing is followed.
        OutsideError: absent, or not readable.
    """
    from scalegate.adapters.workspace_folder import digest_of_folder

    return digest_of_folder(path, on_progress=on_progress)
