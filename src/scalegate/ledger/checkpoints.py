"""Checkpoints: a log's signed tree head, and the cosignatures of witnesses on it.

1. A checkpoint's text is the origin, the size, the root in base64, then extension lines, each
   ended by a newline; size 0 has the root of the empty tree.
2. The log signs the text; its key's name is the origin.
3. An Ed25519 cosignature signs `cosignature/v1`, `time T` and the whole text; an ML-DSA-44 one
   signs the cosigner's name, T, the origin, 0, the size and the root, and no extension lines.
4. A cosignature is a time (eight bytes, seconds since 1970, big-endian) and then a signature.

Source: C2SP tlog-checkpoint (v1.0.0), tlog-cosignature.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scalegate.ledger.faults import MalformedRecord, SignatureRefused
from scalegate.ledger.notes import (
    Note,
    NoteKind,
    NoteSignature,
    VerifierKey,
    decode_base64,
    parse_note,
    verify_note,
)
from scalegate.ledger.signing import verify_signature
from scalegate.ledger.tree import EMPTY_ROOT, HASH_SIZE

_LABEL = b"subtree/v1\n\x00"
MOST_SIZE = (1 << 63) - 1

Signing = Callable[[bytes], bytes]
"""Signs a message with a private key that only the caller holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """What a checkpoint says: which log, how many entries, which root."""

    origin: str
    """The log's name: a URL without scheme, by convention."""
    size: int
    """Entries in the tree."""
    root: bytes
    """32 bytes."""
    extensions: tuple[str, ...] = ()
    """Opaque lines; ours has none."""

    def to_text(self) -> str:
        """Write the signed text."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head with the signatures as they came. Only `verify_checkpoint` vouches for one."""

    head: TreeHead
    """What is signed."""
    note: Note
    """The text and all signature lines, known or not."""

    def to_text(self) -> str:
        """Write the checkpoint as it is served."""
        return self.note.to_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A witness's word on a checkpoint: at this time, this was the largest it had seen."""

    key: VerifierKey
    """The witness."""
    seconds: int
    """Since 1970-01-01T00:00:00Z, by the witness's clock."""


def parse_head(text: str) -> TreeHead:
    """Read the text of a checkpoint.

    Raises:
        MalformedRecord: rule 1 is broken.
    """
    if not text.endswith("\n"):
        raise MalformedRecord("checkpoint does not end with a newline")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise MalformedRecord("checkpoint is not origin, size and root", got=f"{len(lines)} lines")
    size = parse_decimal(lines[1], "tree size")
    root = decode_base64(lines[2], "root hash")
    if len(root) != HASH_SIZE:
        raise MalformedRecord("root hash has a wrong length", got=f"{len(root)} bytes")
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedRecord("an empty tree has another root", expected=EMPTY_ROOT.hex())
    return TreeHead(origin=lines[0], size=size, root=root, extensions=tuple(lines[3:]))


def parse_decimal(text: str, what: str) -> int:
    """Read an ASCII decimal without leading zeroes, below 2**63."""
    is_plain = text.isascii() and text.isdigit() and len(text) < 20
    if not is_plain or (text[0] == "0" and text != "0") or int(text) > MOST_SIZE:
        raise MalformedRecord(f"bad {what}", expected="a plain decimal", got=f"`{text[:24]}`")
    return int(text)


def parse_checkpoint(content: bytes) -> Checkpoint:
    """Read a checkpoint from bytes. Does not check: any signature."""
    note = parse_note(content)
    return Checkpoint(head=parse_head(note.text), note=note)


def verify_checkpoint(content: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint if a key of the log, named as its origin, signed it.

    A log signs with a plain Ed25519 key, with an ML-DSA-44 cosignature key of its own, or both.

    Raises:
        MalformedRecord: it is no checkpoint.
        SignatureRefused: no such key signed, or a known key's signature does not verify.

    Does not check: that the tree grew from one seen before (`view.advance`), or witnesses.
    """
    found = parse_checkpoint(content)
    of_log = [key for key in keys if key.name == found.head.origin]
    cosigned = verify_cosignatures(found, of_log)
    plain = [key for key in of_log if key.kind is NoteKind.ED25519]
    if cosigned and not _has_line(found.note, plain):
        return found
    if not of_log:
        raise SignatureRefused(
            "checkpoint is of an unknown log", expected="an origin that a trusted key names",
            got=f"`{found.head.origin[:80]}`",
        )  # fmt: skip
    verify_note(found.note, plain)
    return found


def _has_line(note: Note, keys: Sequence[VerifierKey]) -> bool:
    known = {(key.name, key.key_id) for key in keys}
    return any((each.name, each.key_id) in known for each in note.signatures)


def verify_cosignatures(
    checkpoint: Checkpoint, keys: Iterable[VerifierKey]
) -> tuple[Cosigned, ...]:
    """Return who of `keys` cosigned, one for each key (rule 3).

    Lines of unknown keys are ignored; there may be none.

    Raises:
        SignatureRefused: a known key's cosignature does not verify.
    """
    known = {(key.name, key.key_id): key for key in keys if key.kind is not NoteKind.ED25519}
    found: dict[bytes, Cosigned] = {}
    for line in checkpoint.note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None:
            seconds = _verify_cosignature(checkpoint.head, checkpoint.note.text, line, key)
            found[key.public] = Cosigned(key=key, seconds=seconds)
    return tuple(found.values())


def _verify_cosignature(head: TreeHead, text: str, line: NoteSignature, key: VerifierKey) -> int:
    if len(line.signature) < 8:
        raise SignatureRefused("cosignature has no time", where=f"`{key.name}`")
    seconds = int.from_bytes(line.signature[:8], "big")
    if seconds > MOST_SIZE:
        raise SignatureRefused("cosignature has an impossible time", where=f"`{key.name}`")
    message = cosigned_message(head, text, key, seconds)
    verify_signature(key.algorithm, key.public, line.signature[8:], message, by=key.name)
    return seconds


def cosigned_message(head: TreeHead, text: str, key: VerifierKey, seconds: int) -> bytes:
    """Return the bytes that a cosignature signs (rule 3)."""
    if key.kind is NoteKind.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    return b"".join(
        [
            _LABEL,
            _short(key.name),
            seconds.to_bytes(8, "big"),
            _short(head.origin),
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        ]
    )


def _short(text: str) -> bytes:
    content = text.encode()
    if not 0 < len(content) < 256:
        raise MalformedRecord("name is too long to cosign", got=f"{len(content)} bytes")
    return bytes([len(content)]) + content


def sign_head(head: TreeHead, key: VerifierKey, sign: Signing) -> NoteSignature:
    """Sign a tree head with a plain Ed25519 key (rule 2)."""
    signature = sign(head.to_text().encode())
    return NoteSignature(name=key.name, key_id=key.key_id, signature=signature)


def cosign(head: TreeHead, key: VerifierKey, sign: Signing, *, seconds: int) -> NoteSignature:
    """Cosign a tree head at a time in seconds since 1970 (rules 3 and 4)."""
    message = cosigned_message(head, head.to_text(), key, seconds)
    signature = seconds.to_bytes(8, "big") + sign(message)
    return NoteSignature(name=key.name, key_id=key.key_id, signature=signature)
