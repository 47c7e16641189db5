"""A witness: says of a log's checkpoint that it contains all that the witness has seen.

The answers, by the numbers that code and tests cite (C2SP tlog-witness, `add-checkpoint`):

1. 400: the request is malformed, or its old size is above the checkpoint's.
2. 404: the log is unknown. 403: no trusted key of the log signed.
3. 409: the old size is not the one last cosigned; the body is that size. Also where the sizes are
   equal and the roots are not.
4. 422: the consistency proof does not hold. From size 0 the proof must be empty.
5. 200: the new size was *first* stored, by compare-and-swap, *then* answered with the cosignatures.

A request that loses the race of rule 5 is answered 409 with what was stored meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scalegate.app.record.appending import check_note_algorithm
from scalegate.base.errors import TrustError
from scalegate.ledger.checkpoints import (
    Checkpoint,
    cosign,
    parse_decimal,
    parse_head,
    verify_checkpoint,
)
from scalegate.ledger.faults import ProofRefused, SignatureRefused
from scalegate.ledger.notes import NoteKind, VerifierKey, decode_base64, parse_note
from scalegate.ledger.tree import verify_consistency
from scalegate.ports import Clock, SeenHead, Signer, WitnessStore

MOST_PROOF_LINES = 63
MOST_BODY = 1 << 20
PLAIN = "text/plain; charset=utf-8"
SIZE_TYPE = "text/x.tlog.size"
NOTHING_SEEN = SeenHead(size=0, root=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    status: int
    """The status code."""
    body: bytes
    """What is said."""
    content_type: str = PLAIN
    """Its media type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A parsed `add-checkpoint` request."""

    old_size: int
    """What the caller believes was cosigned last."""
    proof: tuple[bytes, ...]
    """Consistency proof from there."""
    checkpoint: bytes
    """The checkpoint as signed."""


def parse_request(body: bytes) -> AddCheckpoint:
    """Read the body of a request.

    Raises:
        MalformedRecord: it is not in the format.
    """
    from scalegate.ledger.faults import MalformedRecord

    head, separator, checkpoint = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as cause:
        raise MalformedRecord("request is not plain text") from cause
    if not separator or not lines[0].startswith("old "):
        raise MalformedRecord("bad request", expected="an `old` line, a proof, a checkpoint")
    if len(lines) - 1 > MOST_PROOF_LINES:
        raise MalformedRecord("proof is too long", expected=f"at most {MOST_PROOF_LINES} lines")
    return AddCheckpoint(
        old_size=parse_decimal(lines[0].removeprefix("old "), "old size"),
        proof=tuple(decode_base64(line, "proof line") for line in lines[1:]),
        checkpoint=checkpoint,
    )


class Witness:
    """Cosigns the checkpoints of known logs."""

    def __init__(
        self,
        store: WitnessStore,
        signers: Mapping[VerifierKey, Signer],
        *,
        logs: Sequence[VerifierKey],
        clock: Clock,
    ) -> None:
        """Take the witness's cosignature keys with their signers, and the keys of trusted logs."""
        self._store = store
        self._signers = dict(signers)
        self._logs = tuple(logs)
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request. Never raises for a bad one."""
        if len(body) > MOST_BODY:
            return _said(400, "request is too large")
        try:
            request = parse_request(body)
            origin = parse_head(parse_note(request.checkpoint).text).origin
        except TrustError as cause:
            return _said(400, str(cause))
        keys = [key for key in self._logs if key.name == origin]
        if not keys:
            return _said(404, "unknown log")
        try:
            checkpoint = verify_checkpoint(request.checkpoint, keys)
        except SignatureRefused:
            return _said(403, "no trusted key of this log signed")
        return self._consider(request, checkpoint)

    def _consider(self, request: AddCheckpoint, checkpoint: Checkpoint) -> Answer:
        head = checkpoint.head
        if request.old_size > head.size:
            return _said(400, "old size is above the checkpoint's")
        seen = self._store.seen(head.origin) or NOTHING_SEEN
        if request.old_size != seen.size:
            return _conflict(seen)
        if seen.size == head.size and seen.root and seen.root != head.root:
            return _conflict(seen)
        try:
            _check_growth(seen, checkpoint, request.proof)
        except ProofRefused as cause:
            return _said(422, str(cause))
        new = SeenHead(size=head.size, root=head.root)
        if not self._store.swap(head.origin, seen if seen.root else None, new):
            return _conflict(self._store.seen(head.origin) or NOTHING_SEEN)
        seconds = int(self._clock.now().timestamp())
        lines = [
            cosign(head, key, signer.sign, seconds=seconds) for key, signer in self._signers.items()
        ]
        return Answer(status=200, body="".join(line.to_line() for line in lines).encode())


def _check_growth(seen: SeenHead, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    head = checkpoint.head
    if seen.size == 0:
        if proof:
            raise ProofRefused("nothing was seen", expected="an empty proof")
        return
    verify_consistency(
        old=seen.size, old_root=seen.root, new=head.size, new_root=head.root, proof=proof
    )


def _said(status: int, text: str) -> Answer:
    return Answer(status=status, body=f"{text}\n".encode())


def _conflict(seen: SeenHead) -> Answer:
    return Answer(status=409, body=f"{seen.size}\n".encode(), content_type=SIZE_TYPE)


def witness_key(signer: Signer, name: str) -> VerifierKey:
    """Return the cosignature key of a witness.

    Raises:
        UsageError: its algorithm signs no notes.
    """
    from scalegate.ledger.signing import Algorithm

    check_note_algorithm(signer.key.algorithm)
    is_old = signer.key.algorithm is Algorithm.ED25519
    kind = NoteKind.ED25519_COSIGNATURE if is_old else NoteKind.ML_DSA_44_COSIGNATURE
    return VerifierKey(name=name, kind=kind, public=signer.key.public)
