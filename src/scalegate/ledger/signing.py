"""Signature algorithms over raw keys: Ed25519, ML-DSA-44 and ECDSA on P-256.

1. A public key has one spelling, because keys are counted by their bytes: on P-256 the uncompressed
   point of 65 bytes.
2. ECDSA is here for keys in hardware and in key services, most of which know nothing else. Whoever
   sees such a signature can write another one that verifies too; so an envelope is not the only one
   of its statement, and nothing rests on that.
3. Logs and witnesses sign with Ed25519 or ML-DSA-44 only: signed notes know no other of ours.

Source: RFC 8032 (Ed25519), FIPS 204 (ML-DSA-44, empty context), FIPS 186-5 and SEC 1 (ECDSA with
SHA-256, signatures in DER).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scalegate.ledger.faults import MalformedRecord, SignatureRefused

if TYPE_CHECKING:  # `cryptography` is loaded when something is verified
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey


class Algorithm(StrEnum):
    """What makes a signature."""

    ED25519 = "ed25519"
    """32-byte keys, 64-byte signatures."""
    ML_DSA_44 = "ml-dsa-44"
    """1,312-byte keys, 2,420-byte signatures."""
    ECDSA_P256 = "ecdsa-p256"
    """65-byte keys, signatures of about 71 bytes; for envelopes only."""


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
        _verify(algorithm, public, signature, message)
    except InvalidSignature as cause:
        raise SignatureRefused("signature does not verify", where=f"`{by}`") from cause


def _verify(algorithm: Algorithm, public: bytes, signature: bytes, message: bytes) -> None:
    if algorithm is not Algorithm.ECDSA_P256:
        _raw_key(algorithm, public).verify(signature, message)
        return
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    _point(public).verify(signature, message, ECDSA(SHA256()))


def _raw_key(algorithm: Algorithm, public: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    try:
        if algorithm is Algorithm.ED25519:
            from cryptography.hazmat.primitives.asymmetric import ed25519

            return ed25519.Ed25519PublicKey.from_public_bytes(public)
        from cryptography.hazmat.primitives.asymmetric import mldsa

        return mldsa.MLDSA44PublicKey.from_public_bytes(public)
    except ValueError as cause:
        raise _no_key(algorithm, public) from cause


def _point(public: bytes) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    if len(public) != 65:  # a compressed point would be a second spelling (rule 1)
        raise _no_key(Algorithm.ECDSA_P256, public)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError as cause:
        raise _no_key(Algorithm.ECDSA_P256, public) from cause


def _no_key(algorithm: Algorithm, public: bytes) -> MalformedRecord:
    return MalformedRecord(f"not a public key of {algorithm}", got=f"{len(public)} bytes")
