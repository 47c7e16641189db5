"""What the architecture tests look at: the source files, their rooms, and their syntax trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "scalegate"
PURE_ROOMS = frozenset(
    ("base", "policy", "evidence", "estimate", "gate", "case", "ledger", "compare", "report")
)


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One Python file of the package."""

    path: Path
    module: str
    room: str
    text: str
    tree: ast.Module

    @property
    def is_pure(self) -> bool:
        return self.room in PURE_ROOMS

    @property
    def name(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()


def read_source(path: Path) -> SourceFile:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    text = path.read_text(encoding="utf-8")
    return SourceFile(
        path=path,
        module=".".join(part for part in parts if part != "__init__"),
        room=parts[1],
        text=text,
        tree=ast.parse(text, filename=str(path)),
    )


@cache
def package_files() -> tuple[SourceFile, ...]:
    """Return every file of the package, parsed once a process."""
    return tuple(read_source(path) for path in sorted(PACKAGE.rglob("*.py")))


def rooms() -> list[str]:
    """Return the rooms that exist: packages with at least one module."""
    return sorted(
        folder.name
        for folder in PACKAGE.iterdir()
        if folder.is_dir() and any(folder.rglob("*.py")) and folder.name != "__pycache__"
    )


def pure_rooms() -> list[str]:
    return [room for room in rooms() if room in PURE_ROOMS]
