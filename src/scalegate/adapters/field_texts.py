"""Read what each field of a policy or of a bridge means: the docstrings beneath the fields."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

import scalegate

SOURCES = (
    "policy/fields",
    "policy/ruler",
    "policy/governance",
    "policy/document",
    "compare/bridge",
)
"""The modules that define the parts, each after what it builds on."""


def field_texts() -> dict[str, dict[str, str]]:
    """Return, per class and field (as documents write it), the docstring beneath the field."""
    folder = Path(scalegate.__file__).parent
    found: dict[str, dict[str, str]] = {}
    for name in SOURCES:
        module = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        for node in (each for each in module.body if isinstance(each, ast.ClassDef)):
            inherited: dict[str, str] = {}
            for base in node.bases:
                inherited |= found.get(getattr(base, "id", ""), {})
            found[node.name] = {**inherited, **dict(_fields(node))}
    return found


def _fields(node: ast.ClassDef) -> list[tuple[str, str]]:
    texts = []
    for part, following in pairwise(node.body):
        named = isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        if named and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            assert isinstance(part, ast.AnnAssign)
            assert isinstance(part.target, ast.Name)
            text = " ".join(str(following.value.value).split())
            texts.append((part.target.id.rstrip("_"), text))
    return texts
