"""Ask witnesses to cosign a log's checkpoint, and keep what they say beside it.

1. Each witness is asked with the old size that it last told (0 at first); on 409 it is asked once
   more with the size it names.
2. A cosignature that does not verify is not kept, and the witness is reported.
3. A witness that cannot be reached is reported; the others still count.
4. New lines are added to the checkpoint by `swap`; where the log went on meanwhile, nothing is
   written, and the caller asks again.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from scalegate.app.record.appending import CHECKPOINT, read_checkpoint_bytes, read_tile
from scalegate.base.errors import OutsideError, TrustError
from scalegate.base.plain_text import plain
from scalegate.ledger.checkpoints import Checkpoint, parse_checkpoint, verify_cosignatures
from scalegate.ledger.notes import (
    Note,
    NoteSignature,
    VerifierKey,
    parse_signature_lines,
    with_signatures,
)
from scalegate.ledger.quorum import Witness, WitnessPolicy
from scalegate.ledger.tiles import node_reader
from scalegate.ledger.tree import prove_consistency
from scalegate.ports import HttpPost, LogFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """What came of asking one witness."""

    name: str
    """Its name in the policy."""
    lines: tuple[NoteSignature, ...] = ()
    """Cosignatures that verify."""
    reason: str = ""
    """Why there is none."""


def gather(
    files: LogFiles, policy: WitnessPolicy, post: HttpPost
) -> tuple[Checkpoint, tuple[WitnessAnswer, ...]]:
    """Ask every witness of the policy that has an address; return the checkpoint with their lines.

    Raises:
        UsageError: there is no log.
        OutsideError: the log's files cannot be read or written, or the log went on meanwhile.
    """
    before = read_checkpoint_bytes(files)
    checkpoint = parse_checkpoint(before)
    answers = tuple(_ask(files, checkpoint, each, post) for each in policy.witnesses)
    lines = [line for answer in answers for line in answer.lines]
    note = with_signatures(_without_old(checkpoint.note, lines), lines)
    after = Checkpoint(head=checkpoint.head, note=note)
    if lines and not files.swap(CHECKPOINT, before, after.to_text().encode()):
        raise OutsideError("the log went on while witnesses were asked; ask again")
    return after, answers


def _without_old(note: Note, lines: Sequence[NoteSignature]) -> Note:
    """Drop the earlier cosignatures of those who cosigned anew."""
    anew = {(line.name, line.key_id) for line in lines}
    kept = tuple(each for each in note.signatures if (each.name, each.key_id) not in anew)
    return Note(text=note.text, signatures=kept)


def _ask(
    files: LogFiles, checkpoint: Checkpoint, witness: Witness, post: HttpPost
) -> WitnessAnswer:
    if not witness.url:
        return WitnessAnswer(name=witness.name, reason="no address in the policy")
    try:
        status, body = post(_address(witness), _request(files, checkpoint, 0))
        if status == 409:
            old = _size(body)
            if not 0 < old <= checkpoint.head.size:
                return WitnessAnswer(name=witness.name, reason=f"has seen size {old} already")
            status, body = post(_address(witness), _request(files, checkpoint, old))
        if status != 200:
            return WitnessAnswer(
                name=witness.name, reason=f"answered {status} at `{plain(_address(witness))[:80]}`"
            )
        return WitnessAnswer(
            name=witness.name, lines=_verified(checkpoint, witness.key, body.decode())
        )
    except (OutsideError, TrustError, UnicodeDecodeError) as cause:
        return WitnessAnswer(name=witness.name, reason=str(cause))


def _address(witness: Witness) -> str:
    return witness.url.rstrip("/") + "/add-checkpoint"


def _size(body: bytes) -> int:
    text = body.decode("ascii", errors="replace").strip()
    return int(text) if text.isdigit() and len(text) < 20 else -1


def _request(files: LogFiles, checkpoint: Checkpoint, old: int) -> bytes:
    size = checkpoint.head.size
    proof: list[bytes] = []
    if old:
        node = node_reader(size, lambda tile: read_tile(files, tile))
        proof = prove_consistency(old, size, node)
    lines = [f"old {old}", *(b64encode(each).decode() for each in proof)]
    return "\n".join([*lines, "", checkpoint.to_text()]).encode()


def _verified(checkpoint: Checkpoint, key: VerifierKey, body: str) -> tuple[NoteSignature, ...]:
    lines = tuple(
        line
        for line in parse_signature_lines(body)
        if (line.name, line.key_id) == (key.name, key.key_id)
    )
    note = Note(text=checkpoint.note.text, signatures=lines)
    verify_cosignatures(Checkpoint(head=checkpoint.head, note=note), [key])
    return lines
