"""Policy documents, indicator sets and bridges from folders of YAML or JSON files.

1. Shipped: `frameworks/*.yaml` of the package, `frameworks/indicators/*.yaml`,
   `frameworks/bridges/*.yaml`, and tables in `frameworks/coverage/`, `regime/` and `crosswalk/`.
   The workspace's own: `policies/`, `indicators/` and `bridges/`, with the folders below.
2. Every YAML or JSON file of such a folder is a document of its kind; another file is a fault,
   but for read-me files and names that begin with a dot.
3. A shipped framework that the index names and that is not there is an error: a policy that is
   left out would decide nothing.
4. Links are refused; sizes are bounded; text is UTF-8.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from scalegate.base.canonical import sha256_hex
from scalegate.base.errors import FormatError, OutsideError
from scalegate.base.plain_text import plain
from scalegate.ports import PolicyText, TableKind

MAX_BYTES = 8_000_000
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_NOT_POLICIES = frozenset({".md", ".txt", ".rst"})


class PolicyFiles:
    """Keeps the promises of `ports.PolicySource` over folders."""

    def __init__(
        self,
        *,
        shipped: Path,
        own_policies: Path | None,
        own_sets: Path | None,
        own_bridges: Path | None = None,
        expected: Collection[str] = (),
    ) -> None:
        """Take the folders; `expected`: shipped files that have to be there."""
        self._shipped = shipped
        self._expected = frozenset(expected)
        self._own_bridges = own_bridges
        self._own_policies = own_policies
        self._own_sets = own_sets

    def policies(self) -> tuple[PolicyText, ...]:
        """Return the shipped frameworks, then the workspace's own policies.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read, or a shipped framework is missing.
        """
        shipped = tuple(_texts(self._shipped, is_shipped=True, is_deep=False))
        missing = self._expected - {each.file for each in shipped}
        if missing:
            raise OutsideError(
                f"framework file missing: `{min(missing)}`; expected {len(self._expected)} files;"
                f" got {len(shipped)}; install Scalegate again"
            )
        return (
            *shipped,
            *_texts(self._own_policies, is_shipped=False, is_deep=True),
        )

    def indicator_sets(self) -> tuple[PolicyText, ...]:
        """Return the shipped indicator sets, then the workspace's own.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read.
        """
        return (
            *_texts(self._shipped / "indicators", is_shipped=True, is_deep=False),
            *_texts(self._own_sets, is_shipped=False, is_deep=True),
        )

    def tables(self, kind: TableKind) -> tuple[PolicyText, ...]:
        """Return the shipped tables of one kind: coverage, regime or crosswalk.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read.
        """
        return tuple(_texts(self._shipped / kind, is_shipped=True, is_deep=False))

    def bridges(self) -> tuple[PolicyText, ...]:
        """Return the shipped bridges, then the workspace's own.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read.
        """
        return (
            *_texts(self._shipped / "bridges", is_shipped=True, is_deep=False),
            *_texts(self._own_bridges, is_shipped=False, is_deep=True),
        )


def _texts(folder: Path | None, *, is_shipped: bool, is_deep: bool) -> Iterator[PolicyText]:
    if folder is None:
        return
    for path in _files(folder, is_deep=is_deep):
        name = path.name if is_shipped else f"{folder.name}/{path.relative_to(folder).as_posix()}"
        yield text_of(path, name=name, is_shipped=is_shipped)


def text_of(path: Path, *, name: str, is_shipped: bool = False) -> PolicyText:
    """Read the text of one document.

    Args:
        path: where it lies.
        name: what messages call it.
        is_shipped: whether it came with this program.

    Raises:
        FormatError: it is no regular file, no UTF-8 text, or too large.
        OutsideError: it cannot be read.
    """
    shown = plain(name)
    content = _bytes(path, shown=shown)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=shown, expected="UTF-8") from cause
    return PolicyText(file=shown, text=text, digest=sha256_hex(content), is_shipped=is_shipped)


def _files(folder: Path, *, is_deep: bool) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot list `{plain(folder.name)}/`: {reason}") from cause
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            raise FormatError(
                "symbolic link", file=plain(entry.name), expected="a file in the folder itself"
            )
        if entry.is_dir():
            if is_deep:
                yield from _files(entry, is_deep=True)
        elif entry.suffix.lower() in _SUFFIXES:
            yield entry
        elif is_deep and entry.suffix.lower() not in _NOT_POLICIES:
            raise FormatError(
                "not a policy file",
                file=plain(entry.name),
                expected="`.yaml`, `.yml` or `.json`",
                hint="move it out of this folder",
            )


def _bytes(path: Path, *, shown: str) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FormatError("not a regular file", file=shown)
            content = file.read(MAX_BYTES + 1)
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot read `{shown}`: {reason}") from cause
    if len(content) > MAX_BYTES:
        raise FormatError("file too large", file=shown, expected=f"at most {MAX_BYTES} bytes")
    return content
