"""What a verifier remembers of a log from one call to the next, in a file of its own.

1. Of every complete bundle of 256 entries, the root of its subtree; the size and root of the log;
   and each trust document and withdrawal, by place. That is enough to tell whether a log goes on
   from the one remembered, and to read only what came since.
2. A log that is shorter, has another history, or follows from another first trust document is
   refused: what was seen once, such as a withdrawal, is not unseen.
3. A bundle that is read again must be the one remembered.
4. It carries a digest of itself, which shows damage. It is not signed: who can write the file can
   make the verifier forget. It belongs where only the verifier writes.

Does not check: signatures; whoever uses it verifies checkpoint and envelopes anew (`passing`).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scalegate.base.canonical import canonical_bytes
from scalegate.ledger.checkpoints import TreeHead, parse_decimal
from scalegate.ledger.faults import MalformedRecord, RollbackRefused
from scalegate.ledger.tiles import WIDTH
from scalegate.ledger.tree import HASH_SIZE, Tree, leaf_hash, root_of

SCHEMA = "scalegate/log-memory@1"
_LEVEL = WIDTH.bit_length() - 1
_NEXT = "what was written here; if it is yours to do so, remove it: the log is then read anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMemory:
    """A log as it was seen."""

    trust: str
    """Digest of the first trust document, from which it was followed."""
    head: TreeHead
    """Its origin, size and root."""
    bundles: tuple[bytes, ...]
    """Roots of the complete bundles, in order."""
    kept: tuple[tuple[int, bytes], ...]
    """Trust documents and withdrawals: place from 0, and the leaf."""


def memory_to_bytes(memory: LogMemory) -> bytes:
    """Return the bytes of its file."""
    said = {
        "schema": SCHEMA,
        "trust": memory.trust,
        "origin": memory.head.origin,
        "size": str(memory.head.size),
        "root": memory.head.root.hex(),
        "bundles": base64.b64encode(b"".join(memory.bundles)).decode(),
        "kept": [[str(index), leaf.decode()] for index, leaf in memory.kept],
    }
    return json.dumps({**said, "sha256": _digest(said)}).encode() + b"\n"


def parse_memory(content: bytes) -> LogMemory:
    """Read a memory from the bytes of its file.

    Raises:
        MalformedRecord: it is damaged, or none.
    """
    try:
        found = json.loads(content)
        if not isinstance(found, dict) or found.pop("sha256", None) != _digest(found):
            raise MalformedRecord("memory of the log is damaged", got="another digest")
        return _memory(found)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as cause:
        raise MalformedRecord("memory of the log is not in its form", expected=_NEXT) from cause


def _digest(said: dict[str, Any]) -> str:
    return sha256(canonical_bytes(said)).hexdigest()


def _memory(found: dict[str, Any]) -> LogMemory:
    if found["schema"] != SCHEMA:
        raise MalformedRecord("memory of the log is not in its form", expected=SCHEMA)
    size = parse_decimal(found["size"], "size of the log remembered")
    roots = base64.b64decode(found["bundles"], validate=True)
    if len(roots) != size // WIDTH * HASH_SIZE:
        raise MalformedRecord("memory of the log lacks bundles", expected=_NEXT)
    return LogMemory(
        trust=found["trust"],
        head=TreeHead(origin=found["origin"], size=size, root=bytes.fromhex(found["root"])),
        bundles=tuple(roots[at : at + HASH_SIZE] for at in range(0, len(roots), HASH_SIZE)),
        kept=tuple(
            (parse_decimal(index, "place remembered"), leaf.encode())
            for index, leaf in found["kept"]
        ),
    )


def check_follows(memory: LogMemory, first: str, head: TreeHead) -> None:
    """Refuse a log that cannot go on from the one remembered, by its head alone (rule 2).

    Raises:
        RollbackRefused: it is shorter, or another one.
    """
    if (memory.head.origin, memory.trust) != (head.origin, first):
        raise RollbackRefused(
            "another log than the one remembered", expected=f"`{memory.head.origin[:80]}`, from"
            f" trust document {memory.trust[:16]}", got=f"`{head.origin[:80]}`, from {first[:16]}",
        )  # fmt: skip
    if head.size < memory.head.size:
        raise RollbackRefused(
            "shorter than what was seen", expected=f"at least {memory.head.size} entries",
            got=str(head.size),
        )  # fmt: skip
    if head.size == memory.head.size and head.root != memory.head.root:
        raise RollbackRefused(
            "two histories of one size", expected=memory.head.root.hex(), got=head.root.hex()
        )


class Growing:
    """The tree of a log, bundle by bundle, from what is remembered and what is read.

    A bundle that is remembered may be skipped, or read again and compared (rule 3).
    """

    def __init__(self, memory: LogMemory | None) -> None:
        self._memory = memory
        self._roots = list(memory.bundles) if memory is not None else []
        self._tail: list[bytes] = []

    @property
    def bundles(self) -> int:
        """How many complete bundles are known."""
        return len(self._roots)

    def take(self, bundle: int, entries: Iterable[bytes]) -> None:
        """Add a bundle, or compare it with the one remembered.

        Raises:
            RollbackRefused: it is another one than was seen.
        """
        hashes = [leaf_hash(each) for each in entries]
        if self._memory is not None and bundle == self._memory.head.size // WIDTH:
            self._compare(hashes[: self._memory.head.size % WIDTH])
        if len(hashes) < WIDTH:
            self._tail = hashes
            return
        root = _tree(hashes).node(_LEVEL, 0)
        if bundle == len(self._roots):
            self._roots.append(root)
        elif self._roots[bundle] != root:
            raise RollbackRefused(
                "entries are others than were seen", where=f"entries from {bundle * WIDTH}"
            )

    def _compare(self, hashes: list[bytes]) -> None:
        """Refuse a log whose first entries are not those of the root remembered."""
        memory = self._memory
        if memory is None or _root(memory.bundles, hashes) != memory.head.root:
            raise RollbackRefused("another history than the one that was seen")

    def root(self) -> bytes:
        """Return the root over all that is known."""
        return _root(self._roots, self._tail)

    def remembered(
        self, first: str, head: TreeHead, kept: Iterable[tuple[int, bytes]]
    ) -> LogMemory:
        """Return what to remember of a log whose root was found to be this one."""
        return LogMemory(trust=first, head=head, bundles=tuple(self._roots), kept=tuple(kept))


def _tree(hashes: Iterable[bytes]) -> Tree:
    tree = Tree()
    for each in hashes:
        tree.append_hash(each)
    return tree


def _root(bundles: Iterable[bytes], tail: list[bytes]) -> bytes:
    whole, rest = _tree(bundles), _tree(tail)

    def node(level: int, index: int) -> bytes:
        if level >= _LEVEL:
            return whole.node(level - _LEVEL, index)
        return rest.node(level, index - (whole.size * WIDTH >> level))

    return root_of(whole.size * WIDTH + rest.size, node)
