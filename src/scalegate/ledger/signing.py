"""Signature algorithms: Ed25519 and ML-DSA-44, over raw keys.

Source: RFC 8032 (Ed25519), FIPS 204 (ML-DSA-44, empty context).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scalegate.ledger.faults import MalformedRecord, SignatureRefused

if TYPE_CHECKING:  # `cryptography` is loaded when something is verified
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey


class Algorithm(StrEnum):
    """What makes a signature."""

    ED25519 = "ed25519"
    """32-byte keys, 64-byte signatures."""
    ML_DSA_44 = "ml-dsa-44"
    """1,312-byte keys, 2,420-byte signatures."""


def verify_signature(
    algorithm: Algorithm, public: bytes, signature: bytes, message: bytes, *, by: str
) -> None:
    """Check one signature.

    Raises:
        SignatureRefused: it does not verify.
        MalformedRecord: the public key is no key of that algorithm.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        _public_key(algorithm, public).verify(signature, message)
    except InvalidSignature as cause:
        raise SignatureRefused("signature does not verify", where=f"`{by}`") from cause


def _public_key(algorithm: Algorithm, public: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    try:
        if algorithm is Algorithm.ED25519:
            from cryptography.hazmat.primitives.asymmetric import ed25519

            return ed25519.Ed25519PublicKey.from_public_bytes(public)
        from cryptography.hazmat.primitives.asymmetric import mldsa

        return mldsa.MLDSA44PublicKey.from_public_bytes(public)
    except ValueError as cause:
        raise MalformedRecord(
            f"not a public key of {algorithm}", got=f"{len(public)} bytes"
        ) from cause
