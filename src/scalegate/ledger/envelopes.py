"""DSSE envelopes: bytes with a type, and signatures over both.

1. What is signed is `DSSEv1 LEN(type) type LEN(payload) payload` (PAE).
2. Key ids are hints: every trusted key is tried where the id names none of them.
3. Signatures are counted by *public key bytes*: one key under two ids counts once.
4. The payload is parsed only after a signature over exactly those bytes verified.
5. An envelope has at most 64 signatures. Fields that DSSE does not define are refused.

Source: DSSE protocol 1.0.0 and its envelope.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scalegate.base.canonical import canonical_bytes
from scalegate.ledger.faults import MalformedRecord, SignatureRefused
from scalegate.ledger.signing import Algorithm, verify_signature
from scalegate.ledger.strict_json import parse_json

STATEMENT_TYPE = "application/vnd.in-toto+json"
"""The payload type of all our statements."""
MOST_SIGNATURES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key with the names it goes by here."""

    algorithm: Algorithm
    """What it verifies."""
    public: bytes
    """The raw key."""
    owner: str = ""
    """Who holds the private half, as the trust document says."""

    @property
    def key_id(self) -> str:
        """SHA-256 of the algorithm's name, a colon and the raw key, in hexadecimal."""
        return sha256(f"{self.algorithm}:".encode() + self.public).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeSignature:
    """One signature, with its hint."""

    key_id: str
    """Not authenticated."""
    signature: bytes
    """Raw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A parsed envelope. Nothing about it is verified."""

    payload: bytes
    """The signed bytes."""
    payload_type: str
    """How to read them."""
    signatures: tuple[EnvelopeSignature, ...]
    """In the order of the file."""

    def to_bytes(self) -> bytes:
        """Write the envelope in its canonical form."""
        signatures = [
            {"keyid": each.key_id, "sig": b64encode(each.signature).decode()}
            for each in self.signatures
        ]
        return canonical_bytes(
            {
                "payload": b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": signatures,
            }
        )


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed (rule 1)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def parse_envelope(content: bytes) -> Envelope:
    """Read an envelope.

    Raises:
        MalformedRecord: not strict JSON, a field missing or unknown, base64 that is neither form.

    Does not check: any signature, or the payload.
    """
    found = parse_json(content, "envelope")
    if not isinstance(found, dict) or set(found) != {"payload", "payloadType", "signatures"}:
        got = ", ".join(sorted(found)) if isinstance(found, dict) else "no object"
        raise MalformedRecord(
            "not an envelope", expected="payload, payloadType, signatures", got=got[:120]
        )
    signatures = found["signatures"]
    if not isinstance(signatures, list) or not 0 < len(signatures) <= MOST_SIGNATURES:
        raise MalformedRecord("envelope needs 1 to 64 signatures")
    kind = found["payloadType"]
    if not isinstance(kind, str) or not kind:
        raise MalformedRecord("envelope has no payload type")
    return Envelope(
        payload=_decode(found["payload"], "payload"),
        payload_type=kind,
        signatures=tuple(_signature(each) for each in signatures),
    )


def _signature(found: Any) -> EnvelopeSignature:
    if not isinstance(found, dict) or "sig" not in found or set(found) - {"keyid", "sig"}:
        raise MalformedRecord("bad signature in envelope", expected="keyid and sig")
    key_id = found.get("keyid", "")
    if not isinstance(key_id, str):
        raise MalformedRecord("key id is no text")
    return EnvelopeSignature(key_id=key_id, signature=_decode(found["sig"], "signature"))


def _decode(text: Any, what: str) -> bytes:
    if not isinstance(text, str) or not text.isascii():
        raise MalformedRecord(f"{what} is not base64")
    try:
        return b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as cause:
        raise MalformedRecord(f"{what} is not base64", got=f"`{text[:40]}`") from cause


def signers_of(envelope: Envelope, keys: Iterable[PublicKey]) -> tuple[PublicKey, ...]:
    """Return the trusted keys that signed, each public key once (rules 2 and 3).

    A signature that no trusted key verifies is passed over, as DSSE has it: it adds nothing.
    """
    message = pre_authentication(envelope.payload_type, envelope.payload)
    known = {key.public: key for key in keys}
    by_id = {key.key_id: key for key in known.values()}
    found: dict[bytes, PublicKey] = {}
    for each in envelope.signatures:
        hinted = by_id.get(each.key_id)
        candidates = (hinted,) if hinted else tuple(known.values())
        for key in candidates:
            if key.public not in found and _is_by(key, each.signature, message):
                found[key.public] = key
                break
    return tuple(found.values())


def _is_by(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        verify_signature(key.algorithm, key.public, signature, message, by=key.owner)
    except SignatureRefused:
        return False
    return True


def verify_envelope(
    content: bytes, keys: Iterable[PublicKey], *, at_least: int, payload_type: str = STATEMENT_TYPE
) -> tuple[Envelope, tuple[PublicKey, ...]]:
    """Return an envelope that at least so many distinct trusted keys signed, and those keys.

    Raises:
        MalformedRecord: it is no envelope, or of another payload type.
        SignatureRefused: too few distinct keys signed, or none was asked for.
    """
    envelope = parse_envelope(content)
    if envelope.payload_type != payload_type:
        raise MalformedRecord(
            "envelope of another payload type", expected=f"`{payload_type}`",
            got=f"`{envelope.payload_type[:80]}`",
        )  # fmt: skip
    if at_least < 1:
        raise SignatureRefused(
            "a threshold of no signatures accepts anything", expected="1 or more"
        )
    signers = signers_of(envelope, keys)
    if len(signers) < at_least:
        raise SignatureRefused(
            "too few trusted signatures",
            expected=f"{at_least} distinct keys",
            got=str(len(signers)),
        )
    return envelope, signers


def key_to_mapping(key: PublicKey) -> Mapping[str, str]:
    """Write a public key as plain data."""
    return {
        "algorithm": str(key.algorithm),
        "owner": key.owner,
        "public": b64encode(key.public).decode(),
    }
