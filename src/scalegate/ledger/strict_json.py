"""JSON with one meaning: no key twice, no NaN, canonical form (RFC 8785), bounded."""

from __future__ import annotations

import json
from typing import Any

from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import FormatError
from scalegate.ledger.faults import MalformedRecord

MOST_BYTES = 16 << 20
"""A signed document is at most 16 MiB; samples and logs are referred to by digest."""
MOST_DEPTH = 64


def parse_json(content: bytes, what: str) -> Any:
    """Read JSON strictly.

    Raises:
        MalformedRecord: not UTF-8 JSON, a key twice, NaN or an infinity, too large or too deep.
    """
    if len(content) > MOST_BYTES:
        raise MalformedRecord(f"{what} is too large", expected=f"at most {MOST_BYTES} bytes")
    try:
        found = json.loads(content, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except RecursionError as cause:
        raise MalformedRecord(
            f"{what} is too deep", expected=f"at most {MOST_DEPTH} levels"
        ) from cause
    except ValueError as cause:
        raise MalformedRecord(f"{what} is not JSON", got=f"`{cause}`"[:120]) from cause
    _bounded(found, what, MOST_DEPTH)
    return found


def parse_canonical(content: bytes, what: str) -> Any:
    """Read JSON that must be its own canonical form, so that its digest names its meaning.

    Raises:
        MalformedRecord: as `parse_json`, or the bytes are another spelling.
    """
    found = parse_json(content, what)
    try:
        own = canonical_bytes(found)
    except FormatError as cause:
        raise MalformedRecord(f"{what} has no canonical form", got=f"`{cause}`"[:120]) from cause
    if own != content:
        raise MalformedRecord(f"{what} is not in canonical form", expected="RFC 8785 bytes")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key twice: {twice[:40]!r}")
    return found


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _bounded(value: Any, what: str, depth: int) -> None:
    if depth == 0:
        raise MalformedRecord(f"{what} is too deep", expected=f"at most {MOST_DEPTH} levels")
    if isinstance(value, dict):
        for each in value.values():
            _bounded(each, what, depth - 1)
    elif isinstance(value, list):
        for each in value:
            _bounded(each, what, depth - 1)
