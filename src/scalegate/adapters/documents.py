"""Read evidence documents, cases and histories from folders on disk.

1. Only regular files inside the folder are read: a link that leaves it, a linked folder, a
   device or a pipe is refused. A path inside a document may not climb out of its folder.
2. Sizes and numbers of files are bounded before and while reading.
3. Faults of all files are reported together; nothing is half read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import Any, TypeVar

from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import DocumentFaults, FormatError, UsageError
from scalegate.base.plain_text import plain
from scalegate.base.yaml_text import MAX_CHARACTERS
from scalegate.evidence.case import Case, History, history_of, parse_case
from scalegate.evidence.documents.results import HorizonFile, HorizonRuns
from scalegate.evidence.expectation import parse_expectation
from scalegate.evidence.horizon import parse_horizon_file
from scalegate.evidence.parse import parse_document
from scalegate.evidence.record import Record

MAX_DOCUMENT_BYTES = MAX_CHARACTERS
MAX_RUNS_BYTES = 64_000_000
MAX_FILES = 5_000
DOCUMENT_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
LOG_SUFFIXES = frozenset({".eval", ".json"})

Value = TypeVar("Value")


def read_document(path: Path) -> Record:
    """Read one evidence document, and the file of runs that it names.

    Raises:
        DocumentFaults: every fault of the document or its file of runs.
        FormatError: not a regular file, too large, not UTF-8, or another digest than named.
        UsageError: the file cannot be opened.
    """
    return _document(path, shown=path.name)


def read_documents(folder: Path) -> tuple[Record, ...]:
    """Read every YAML and JSON document of a folder and the folders below, by file name.

    Raises:
        DocumentFaults: every fault of every file.
        UsageError: no such folder.
    """
    faults: list[FormatError] = []
    found = _documents_below(folder, folder, faults)
    if faults:
        raise DocumentFaults(faults)
    return found


def read_case(folder: Path) -> Case:
    """Read a case folder (see `evidence.case`).

    Raises:
        DocumentFaults: every fault of every file, `case.yaml` first.
        UsageError: no such folder, or no `case.yaml` in it.

    Does not check: the logs and indicator sets; their readers do.
    """
    _folder(folder)
    case_text = _text_inside(folder / "case.yaml", folder)
    faults: list[FormatError] = []
    file = _collecting(faults, lambda: parse_case(case_text, file="case.yaml"))
    records = _documents_below(folder / "documents", folder, faults)
    indicators = _collecting(faults, lambda: _texts_below(folder / "indicators", folder))
    logs = _collecting(faults, lambda: _names_below(folder / "logs", folder, LOG_SUFFIXES))
    expected = _collecting(faults, lambda: _expected(folder))
    readme = _collecting(faults, lambda: _optional_text(folder / "README.md", folder))
    if faults or file is None:
        raise DocumentFaults(faults)
    return Case(
        file=file,
        records=records,
        logs=logs or (),
        indicators=MappingProxyType(indicators or {}),
        expected=expected,
        readme=readme or "",
    )


def read_history(folder: Path) -> History:
    """Read a folder of cases of one lab; each folder in it with a `case.yaml` is a case.

    Raises:
        DocumentFaults: every fault of every case, cases of two labs, or no case.
        UsageError: no such folder.
    """
    _folder(folder)
    faults: list[FormatError] = []
    cases: list[Case] = []
    for entry in sorted(folder.iterdir()):
        if not (entry / "case.yaml").is_file():
            continue
        found: list[FormatError] = []
        case = _collecting(found, partial(_case_inside, entry, folder))
        faults.extend(_below(fault, entry.name) for fault in found)
        if case is not None:
            cases.append(case)
    if faults:
        raise DocumentFaults(faults)
    return history_of(cases)


def read_runs_file(folder: Path, named: HorizonFile) -> str:
    """Read the file of runs that a document in `folder` names, and check its digest.

    Raises:
        FormatError: a path that leaves the folder, too large, not UTF-8, or another digest.
        UsageError: the file cannot be opened.
    """
    parts = PurePosixPath(named.path)
    windows = PureWindowsPath(named.path)
    if parts.is_absolute() or windows.drive or "\\" in named.path or ".." in parts.parts:
        raise FormatError(
            "path leaves the folder",
            path="payload.file.path",
            expected="a path below the document's folder",
            got=f"`{plain(named.path, limit=80)}`",
        )
    path = _inside(folder / named.path, folder)
    content = _bytes(path, limit=MAX_RUNS_BYTES, shown=named.path)
    digest = sha256_hex(content)
    if digest != named.sha256:
        raise FormatError(
            "file of runs has another digest",
            path="payload.file.sha256",
            expected=f"`{named.sha256}`",
            got=f"`{digest}`",
        )
    return _decoded(content, named.path)


def _document(path: Path, *, shown: str) -> Record:
    text = _decoded(_bytes(path, limit=MAX_DOCUMENT_BYTES, shown=shown), shown)
    record = parse_document(text, file=shown)
    payload = record.payload
    if not isinstance(payload, HorizonRuns) or payload.file is None:
        return record
    try:
        runs = parse_horizon_file(read_runs_file(path.parent, payload.file), payload.file)
    except FormatError as fault:
        raise fault.in_file(shown) from None
    return replace(record, attached=runs)


def _documents_below(folder: Path, root: Path, faults: list[FormatError]) -> tuple[Record, ...]:
    if folder != root and not folder.exists():
        return ()
    records: list[Record] = []
    names = _collecting(faults, lambda: _names_below(folder, root, DOCUMENT_SUFFIXES)) or ()
    for name in names:
        read = _collecting(faults, partial(_document_inside, name, root))
        if read is not None:
            records.append(read)
    return tuple(records)


def _document_inside(name: str, root: Path) -> Record:
    return _document(_inside(root / name, root), shown=name)


def _case_inside(folder: Path, root: Path) -> Case:
    return read_case(_inside(folder, root))


def _texts_below(folder: Path, root: Path) -> dict[str, str]:
    return {
        name: _text_inside(root / name, root)
        for name in _names_below(folder, root, DOCUMENT_SUFFIXES)
    }


def _expected(folder: Path) -> dict[str, Any] | None:
    text = _optional_text(folder / "expected.json", folder)
    return parse_expectation(text, file="expected.json") if text else None


def _names_below(folder: Path, root: Path, suffixes: frozenset[str]) -> tuple[str, ...]:
    """Names of the regular files below a folder, relative to the root, sorted."""
    if not folder.exists():
        return ()
    _inside(folder, root)
    _folder(folder)
    names: list[str] = []
    for path in _walk(folder, root):
        if path.suffix.lower() in suffixes:
            names.append(path.relative_to(root).as_posix())
        if len(names) > MAX_FILES:
            raise FormatError("too many files", file=folder.name, expected=f"at most {MAX_FILES}")
    return tuple(sorted(names))


def _walk(folder: Path, root: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, followlinks=False):
        here = Path(parent)
        for name in folders:
            if (here / name).is_symlink():
                raise FormatError(
                    "linked folder",
                    file=plain((here / name).relative_to(root)),
                    expected="a folder, not a link to one",
                )
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (here / name for name in sorted(files) if not name.startswith("."))


def _folder(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"no folder `{plain(folder)}`", hint="give the folder's path")


def _inside(path: Path, root: Path) -> Path:
    """Return the real path, if it is inside the root."""
    real = path.resolve()
    if not real.is_relative_to(root.resolve()):
        raise FormatError(
            "link or path leaves the folder",
            file=plain(path.name),
            expected="a file inside the folder",
        )
    return path


def _text_inside(path: Path, root: Path) -> str:
    shown = path.relative_to(root).as_posix()
    content = _bytes(_inside(path, root), limit=MAX_DOCUMENT_BYTES, shown=shown)
    return _decoded(content, shown)


def _optional_text(path: Path, root: Path) -> str:
    return _text_inside(path, root) if path.exists() or path.is_symlink() else ""


def _bytes(path: Path, *, limit: int, shown: str) -> bytes:
    """Read a regular file of at most `limit` bytes."""
    try:
        # Without this flag, opening a named pipe would wait for a writer for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as cause:
        raise UsageError(
            f"cannot open `{plain(shown)}`: {(cause.strerror or 'unreadable').lower()}",
            hint="check the path and its permissions",
        ) from cause
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise FormatError("not a regular file", file=plain(shown))
    with os.fdopen(handle, "rb") as file:
        content = file.read(limit + 1) if status.st_size <= limit else b""
    if status.st_size > limit or len(content) > limit:
        raise FormatError("file too large", file=plain(shown), expected=f"at most {limit} bytes")
    return content


def _decoded(content: bytes, shown: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as cause:
        line = content.count(b"\n", 0, cause.start) + 1
        raise FormatError(
            "not UTF-8 text", file=plain(shown), line=line, expected="UTF-8"
        ) from None


def _collecting(faults: list[FormatError], read: Callable[[], Value]) -> Value | None:
    """Return what `read` gives, or None with its faults added."""
    try:
        return read()
    except DocumentFaults as found:
        faults.extend(found.faults)
    except FormatError as fault:
        faults.append(fault)
    except UsageError as error:
        faults.append(FormatError(error.what, hint=error.hint))
    return None


def _below(fault: FormatError, folder: str) -> FormatError:
    file = f"{folder}/{fault.file}" if fault.file else folder
    return FormatError(
        fault.what,
        file=file,
        path=fault.path,
        line=fault.line,
        expected=fault.expected,
        got=fault.got,
        hint=fault.hint,
    )


__all__ = [
    "read_case",
    "read_document",
    "read_documents",
    "read_history",
    "read_runs_file",
]
