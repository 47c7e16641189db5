"""The library of published decisions: `LAB/CASE/` folders below one root.

Each folder of a lab is a history (docs/reference/cases.md): nothing but case folders, and files
for readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from scalegate.base.errors import FormatError, OutsideError, UnknownName
from scalegate.base.plain_text import plain
from scalegate.ports import FiledCase

ReadCase = Callable[[Path, str], FiledCase]
"""Reads the case in a folder and gives it a name."""


class CaseLibrary:
    """Keeps the promises of `ports.CaseSource` over a folder."""

    def __init__(self, root: Path, read: ReadCase) -> None:
        self._root = root
        self._read = read

    def names(self) -> tuple[str, ...]:
        """Return the name of every case of the library.

        Raises:
            FormatError: a folder of a lab holds a folder that is no case, or a link.
            OutsideError: a folder cannot be read.
        """
        return tuple(
            f"{lab.name}/{case.name}"
            for lab in _folders(self._root)
            for case in _folders(lab)
            if _is_case(case, lab)
        )

    def read(self, name: str) -> FiledCase:
        """Read a case of the library by its name.

        Raises:
            UnknownName: no case of that name.
            DocumentFaults: every fault of every file.
        """
        known = self.names()
        if name not in known:
            raise UnknownName("case", name, known=known)
        return self._read(self._root / name, name)

    def read_folder(self, folder: Path) -> FiledCase:
        """Read a case from a folder anywhere.

        Raises:
            UsageError: no such folder, or no `case.yaml` in it.
            DocumentFaults: every fault of every file.
        """
        return self._read(folder, folder.resolve().name)


def _is_case(folder: Path, lab: Path) -> bool:
    if (folder / "case.yaml").is_file():
        return True
    raise FormatError(
        "folder without a case",
        file=plain(f"{lab.name}/{folder.name}"),
        expected="`case.yaml` in it",
        hint="remove the folder, or write the case",
    )


def _folders(root: Path) -> Iterator[Path]:
    try:
        entries = sorted(root.iterdir())
    except OSError as cause:
        reason = (cause.strerror or "").lower()
        raise OutsideError(f"cannot list `{plain(root.name)}/`: {reason}") from cause
    for entry in entries:
        if entry.is_symlink():
            raise FormatError(
                "symbolic link", file=plain(entry.name), expected="a folder of the library itself"
            )
        if entry.is_dir() and not entry.name.startswith((".", "__")):
            yield entry
