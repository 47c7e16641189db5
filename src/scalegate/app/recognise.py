"""Tell what a file is by its content: an evaluation log, an evidence document, or neither.

1. A zip archive is taken for a log; its reader says whether it is one.
2. A JSON object is judged by the keys of its outermost level: `schema: scalegate/...` makes it a
   document, `eval` a log. What stands deeper, model output above all, decides nothing.
3. Any other text is judged by its outermost `schema` line, as YAML has it.
4. Names of files decide nothing, but say what was meant where a file is damaged.
"""

from __future__ import annotations

import re
from enum import StrEnum

HEAD_BYTES = 8_000_000
"""How much of a file is looked at: as much as the largest document."""

# Possessive, and an unclosed text ends with the file: a hostile file costs no more than its length.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\]:,]', re.DOTALL)
_SCHEMA_LINE = re.compile(rb"^schema:\s*[\"']?(scalegate/[a-z-]{1,40}@[0-9]{1,4})", re.MULTILINE)
_MEANT = re.compile(r"\.(?:eval|json|ya?ml)\Z", re.IGNORECASE)


class FileKind(StrEnum):
    """What a file turned out to be."""

    LOG = "log"
    """An evaluation log."""
    DOCUMENT = "document"
    """An evidence document."""
    CASE = "case"
    """The description or the expectation of a case; its documents are evidence, they are not."""
    POLICY = "policy"
    """A policy document or an indicator set: rules, not evidence."""
    DAMAGED = "damaged"
    """Neither, under a name that promises evidence, and not even well-formed."""
    OTHER = "other"
    """Something else."""


_OF_SCHEMA = {
    "case": FileKind.CASE,
    "expected": FileKind.CASE,
    "policy": FileKind.POLICY,
    "indicators": FileKind.POLICY,
    "workspace": FileKind.OTHER,
}


def recognise(head: bytes, *, name: str) -> FileKind:
    """Say what a file is, from its first `HEAD_BYTES` bytes."""
    if head[:2] == b"PK":
        return FileKind.LOG
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not text:
        return FileKind.DAMAGED if _MEANT.search(name) else FileKind.OTHER
    if text[:1] == b"{":
        found = _of_json(text)
        if found is not None:
            return found
    schema = _SCHEMA_LINE.search(text)
    if schema is not None:
        return _of_schema(schema[1].decode("ascii"))
    is_damaged = name.lower().endswith(".eval") or (text[:1] == b"{" and not text.endswith(b"}"))
    return FileKind.DAMAGED if is_damaged and _MEANT.search(name) else FileKind.OTHER


def _of_schema(schema: str) -> FileKind:
    word = schema.removeprefix("scalegate/").partition("@")[0]
    return _OF_SCHEMA.get(word, FileKind.DOCUMENT)


def _of_json(text: bytes) -> FileKind | None:
    """Judge an object by its outermost keys; None where they say nothing."""
    depth = 0
    key = b""
    awaits_value = False
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word in (b":", b","):
            awaits_value = word == b":" and depth == 1
        elif word in (b"{", b"["):
            if awaits_value and key == b'"eval"' and word == b"{":
                return FileKind.LOG
            awaits_value = False
            depth += 1
        elif word in (b"}", b"]"):
            awaits_value = False
            depth -= 1
        elif depth == 1 and awaits_value and key == b'"schema"':
            value = word.strip(b'"').decode("utf-8", "replace")
            return _of_schema(value) if value.startswith("scalegate/") else None
        elif depth == 1:
            key = b"" if awaits_value else word
            awaits_value = False
    return None
