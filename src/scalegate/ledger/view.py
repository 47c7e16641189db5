"""What a verifier has seen of a log, and how it may move on. Bytes in, a verified view out.

1. The first checkpoint is accepted if the log signed it and the witness quorum is reached.
2. A later one must be at least as large and consistent with the one seen; an equal size must have
   an equal root.
3. A smaller one is a rollback: refused, with both sizes named.
4. An entry counts as recorded only with a proof to the checkpoint in view, or to one that a
   consistency proof ties to it.

There is no I/O here, so that an attack is a short test (after python-tuf's TrustedMetadataSet).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalegate.ledger.checkpoints import Checkpoint, Cosigned, TreeHead
from scalegate.ledger.faults import ProofRefused, RollbackRefused
from scalegate.ledger.quorum import verify_quorum, verify_witnessed
from scalegate.ledger.tree import leaf_hash, verify_consistency, verify_inclusion
from scalegate.ledger.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The newest checkpoint that a verifier accepted."""

    checkpoint: Checkpoint
    """As it was signed."""
    cosigned: tuple[Cosigned, ...]
    """Which witnesses vouch for it, and when."""

    @property
    def head(self) -> TreeHead:
        """Origin, size and root."""
        return self.checkpoint.head


def open_view(trust: Trust, content: bytes) -> View:
    """Accept a first checkpoint (rule 1).

    Raises:
        MalformedRecord, SignatureRefused: it is not one that this trust accepts.

    Does not check: that an older view of the caller's agrees; use `advance` where there is one.
    """
    checkpoint, cosigned = verify_witnessed(content, trust.witnesses, logs=trust.log_keys)
    return View(checkpoint=checkpoint, cosigned=cosigned)


def advance(view: View, trust: Trust, content: bytes, proof: Sequence[bytes]) -> View:
    """Move on to a later checkpoint (rules 2 and 3).

    Raises:
        RollbackRefused: it is smaller, of another log, or of the same size with another root.
        ProofRefused: it does not contain what was seen.
        MalformedRecord, SignatureRefused: it is not one that this trust accepts.
    """
    later = open_view(trust, content)
    check_later(view.head, later.head, proof)
    return later


def check_later(seen: TreeHead, offered: TreeHead, proof: Sequence[bytes]) -> None:
    """Refuse a tree head that does not contain the one seen (rules 2 and 3)."""
    if seen.origin != offered.origin:
        raise RollbackRefused(
            "another log", expected=f"`{seen.origin[:80]}`", got=f"`{offered.origin[:80]}`"
        )
    if offered.size < seen.size:
        raise RollbackRefused(
            "older than what was seen", expected=f"at least {seen.size} entries",
            got=str(offered.size),
        )  # fmt: skip
    if offered.size == seen.size and offered.root != seen.root:
        raise RollbackRefused(
            "two histories of one size", expected=seen.root.hex(), got=offered.root.hex()
        )
    if seen.size == 0:
        return  # the empty tree is a prefix of every tree; there is nothing to prove
    verify_consistency(
        old=seen.size, old_root=seen.root, new=offered.size, new_root=offered.root, proof=proof
    )


def check_recorded(view: View, entry: bytes, *, index: int, proof: Sequence[bytes]) -> None:
    """Refuse an entry that is not at that index of the tree in view (rule 4).

    Raises:
        ProofRefused: it is not there.
    """
    head = view.head
    if head.size == 0:
        raise ProofRefused("the log is empty", got=f"index {index}")
    verify_inclusion(leaf_hash(entry), index=index, size=head.size, proof=proof, root=head.root)


def check_witnessed(view: View, trust: Trust) -> tuple[Cosigned, ...]:
    """Return the cosignatures anew under another trust document, if its quorum is reached."""
    return verify_quorum(view.checkpoint, trust.witnesses)
