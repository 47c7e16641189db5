"""Canonical bytes and digests: the same value gives the same bytes everywhere (RFC 8785)."""

from __future__ import annotations

import hashlib
from typing import Any

from scalegate.base.errors import FormatError


def canonical_bytes(value: Any) -> bytes:
    """Write plain data (dict, list, str, int, float, bool, None) as RFC 8785 JSON.

    Raises:
        FormatError: NaN, an infinity, an integer beyond 2**53 - 1, or a type JSON lacks.
    """
    import rfc8785

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as cause:
        raise FormatError(
            "value has no canonical form", expected="plain JSON data", got=f"`{cause}`"
        ) from cause


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of bytes in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of(value: Any) -> str:
    """Return the SHA-256 of the canonical bytes of plain data, in hexadecimal."""
    return sha256_hex(canonical_bytes(value))
