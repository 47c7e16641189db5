"""Signed notes and verifier keys: a text, and lines that sign it.

1. A note is text ending in a newline, an empty line, and signature lines.
2. It is UTF-8 without control characters other than newline.
3. A key is known by its name *and* its 32-bit id; signatures by other keys are ignored.
4. A signature by a known key that does not verify refuses the whole note.
5. A note that no known key signed is refused.
6. A note has at most 100 signatures and 1 MiB.

Source: C2SP signed-note (v1.0.0), tlog-cosignature.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from scalegate.ledger.faults import MalformedRecord, SignatureRefused
from scalegate.ledger.signing import Algorithm, verify_signature

MOST_SIGNATURES = 100
MOST_BYTES = 1 << 20
_DASH = "\u2014 "


class NoteKind(IntEnum):
    """The signature type byte of a verifier key."""

    ED25519 = 0x01
    """Ed25519 over the note text."""
    ED25519_COSIGNATURE = 0x04
    """Ed25519 over a time and the note text (tlog-cosignature)."""
    ML_DSA_44_COSIGNATURE = 0x06
    """ML-DSA-44 over a time and the tree head (tlog-cosignature)."""


_ALGORITHM = {
    NoteKind.ED25519: Algorithm.ED25519,
    NoteKind.ED25519_COSIGNATURE: Algorithm.ED25519,
    NoteKind.ML_DSA_44_COSIGNATURE: Algorithm.ML_DSA_44,
}
_KEY_SIZE = {Algorithm.ED25519: 32, Algorithm.ML_DSA_44: 1312}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with the name it signs notes under."""

    name: str
    """A URL without scheme, by convention; no spaces, no plus sign."""
    kind: NoteKind
    """What its signatures cover."""
    public: bytes
    """The raw public key: 32 bytes for Ed25519, 1,312 for ML-DSA-44."""

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, kind, key): an identifier, no proof."""
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(material).digest()[:4]

    @property
    def algorithm(self) -> Algorithm:
        """The signature algorithm."""
        return _ALGORITHM[self.kind]

    def to_text(self) -> str:
        """Write the key as `name+id+base64`."""
        material = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line."""

    name: str
    """The key's name."""
    key_id: bytes
    """Four bytes."""
    signature: bytes
    """What follows the id: 64 bytes for Ed25519; eight bytes of time come first in cosignatures."""

    def to_line(self) -> str:
        """Write the line, with its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A parsed note. Nothing about it is verified."""

    text: str
    """With its final newline, without the empty line."""
    signatures: tuple[NoteSignature, ...]
    """In the order of the lines."""

    def to_text(self) -> str:
        """Write the note as it is served."""
        return self.text + "\n" + "".join(each.to_line() for each in self.signatures)


def parse_key(text: str) -> VerifierKey:
    """Read a verifier key.

    Raises:
        MalformedRecord: it is not `name+id+base64`, its id is not its own, or its kind is unknown.
    """
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise MalformedRecord("not a verifier key", expected="name+id+base64", got=f"`{text[:80]}`")
    name, shown_id, encoded = parts
    material = decode_base64(encoded, "verifier key")
    if not material or material[0] not in NoteKind._value2member_map_:
        raise MalformedRecord("verifier key of an unknown kind", got=f"0x{material[:1].hex()}")
    key = VerifierKey(name=check_name(name), kind=NoteKind(material[0]), public=material[1:])
    if len(key.public) != _KEY_SIZE[key.algorithm]:
        raise MalformedRecord("verifier key has a wrong length", got=f"{len(key.public)} bytes")
    if key.key_id.hex() != shown_id:
        raise MalformedRecord(
            "verifier key has another id",
            expected=f"`{key.key_id.hex()}`",
            got=f"`{shown_id[:16]}`",
        )
    return key


def check_name(name: str) -> str:
    """Return a key name, or refuse it (C2SP signed-note, "Format")."""
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 for c in name):
        raise MalformedRecord("bad key name", expected="no space, no plus", got=f"`{name[:80]}`")
    return name


def parse_note(content: bytes) -> Note:
    """Read a note from bytes.

    Raises:
        MalformedRecord: rules 1, 2 or 6 are broken.

    Does not check: any signature.
    """
    if len(content) > MOST_BYTES:
        raise MalformedRecord("note is too large", expected=f"at most {MOST_BYTES} bytes")
    try:
        whole = content.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise MalformedRecord("note is not UTF-8", got=f"`{cause.reason}`") from cause
    if any(ord(c) < 0x20 and c != "\n" for c in whole):
        raise MalformedRecord("note has a control character")
    at = whole.rfind("\n\n")
    if at < 0:
        raise MalformedRecord("note has no signatures", expected="an empty line before them")
    text, block = whole[: at + 1], whole[at + 2 :]
    if not block.endswith("\n"):
        raise MalformedRecord("note does not end with a newline")
    lines = block[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise MalformedRecord("note has too many signatures", got=str(len(lines)))
    return Note(text=text, signatures=tuple(_signature(line) for line in lines))


def parse_signature_lines(text: str) -> tuple[NoteSignature, ...]:
    """Read signature lines that stand alone, as a witness answers them."""
    if not text.endswith("\n"):
        raise MalformedRecord("signature lines do not end with a newline")
    lines = text[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise MalformedRecord("too many signature lines", got=str(len(lines)))
    return tuple(_signature(line) for line in lines)


def _signature(line: str) -> NoteSignature:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise MalformedRecord("bad signature line", got=f"`{line[:80]}`")
    material = decode_base64(parts[1], "signature line")
    if len(material) < 5:
        raise MalformedRecord("signature line is too short", got=f"{len(material)} bytes")
    return NoteSignature(name=check_name(parts[0]), key_id=material[:4], signature=material[4:])


def decode_base64(text: str, what: str) -> bytes:
    """Decode standard base64 in its one canonical form."""
    try:
        found = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise MalformedRecord(f"{what} is not base64", got=f"`{text[:40]}`") from cause
    if b64encode(found).decode() != text:
        raise MalformedRecord(f"{what} is not canonical base64", got=f"`{text[:40]}`")
    return found


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return the known plain keys that signed the note text, each once.

    Cosignature keys are not looked at here: what they sign is not the text
    (`checkpoint.verify_cosignatures`).

    Raises:
        SignatureRefused: a known key's signature does not verify (rule 4), or none signed (rule 5).
    """
    known = {(key.name, key.key_id): key for key in keys if key.kind is NoteKind.ED25519}
    found: dict[bytes, VerifierKey] = {}
    for each in note.signatures:
        key = known.get((each.name, each.key_id))
        if key is None:
            continue
        verify_signature(key.algorithm, key.public, each.signature, note.text.encode(), by=key.name)
        found[key.public] = key
    if not found:
        names = ", ".join(sorted({key.name for key in known.values()})) or "no key"
        raise SignatureRefused("no known key signed the note", expected=f"one of: {names}")
    return tuple(found.values())


def with_signatures(note: Note, more: Sequence[NoteSignature]) -> Note:
    """Return the note with signature lines added that it does not have yet."""
    kept = list(note.signatures)
    kept.extend(each for each in more if each not in kept)
    return Note(text=note.text, signatures=tuple(kept))
