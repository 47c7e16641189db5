"""`.tlog-proof` files: that an entry is in a log, checkable offline by one file.

Source: C2SP tlog-proof (v1).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from scalegate.ledger.checkpoints import Checkpoint, Cosigned, parse_checkpoint, parse_decimal
from scalegate.ledger.faults import MalformedRecord
from scalegate.ledger.notes import VerifierKey, decode_base64
from scalegate.ledger.quorum import WitnessPolicy, verify_witnessed
from scalegate.ledger.tree import HASH_SIZE, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """A parsed proof file. Nothing about it is verified."""

    index: int
    """Where the entry stands, from 0."""
    path: tuple[bytes, ...]
    """The inclusion proof, from the leaf's sibling upwards."""
    checkpoint: Checkpoint
    """The tree it leads to."""
    extra: bytes = b""
    """Opaque and unauthenticated."""

    def to_text(self) -> str:
        """Write the file."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines.extend(b64encode(each).decode() for each in self.path)
        return "\n".join([*lines, "", self.checkpoint.to_text()])


def parse_log_proof(content: bytes) -> LogProof:
    """Read a proof file.

    Raises:
        MalformedRecord: it is not in the format.
    """
    head, separator, checkpoint = content.partition(b"\n\n")
    if not separator:
        raise MalformedRecord("proof has no checkpoint", expected="an empty line before it")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as cause:
        raise MalformedRecord("proof is not plain text") from cause
    if lines[0] != HEADER:
        raise MalformedRecord("not a log proof", expected=f"`{HEADER}`", got=f"`{lines[0][:40]}`")
    extra = b""
    rest = lines[1:]
    if rest and rest[0].startswith("extra "):
        extra = decode_base64(rest.pop(0).removeprefix("extra "), "extra data")
    if not rest or not rest[0].startswith("index "):
        raise MalformedRecord("proof has no index line")
    index = parse_decimal(rest[0].removeprefix("index "), "index")
    path = tuple(_hash(line) for line in rest[1:])
    if len(path) > MOST_HASHES:
        raise MalformedRecord("proof is too long", got=f"{len(path)} hashes")
    return LogProof(index=index, path=path, checkpoint=parse_checkpoint(checkpoint), extra=extra)


def _hash(line: str) -> bytes:
    found = decode_base64(line, "proof line")
    if len(found) != HASH_SIZE:
        raise MalformedRecord("proof line has a wrong length", got=f"{len(found)} bytes")
    return found


def verify_log_proof(
    content: bytes, *, entry: bytes, policy: WitnessPolicy, logs: Iterable[VerifierKey] = ()
) -> tuple[LogProof, tuple[Cosigned, ...]]:
    """Return the proof if it shows `entry` in a log that the policy accepts.

    Raises:
        MalformedRecord: the file is not in the format.
        SignatureRefused: no trusted log signed, or the quorum is not reached.
        ProofRefused: the entry is not at that index of that tree.

    Does not check: that the checkpoint is the newest (`view.advance`), or what the entry says.
    """
    proof = parse_log_proof(content)
    text = proof.checkpoint.to_text().encode()
    checkpoint, cosigned = verify_witnessed(text, policy, logs=logs)
    head = checkpoint.head
    verify_inclusion(
        leaf_hash(entry), index=proof.index, size=head.size, proof=proof.path, root=head.root
    )
    return proof, cosigned
