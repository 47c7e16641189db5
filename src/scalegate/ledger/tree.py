"""RFC 6962 Merkle trees: hashes, roots, proofs of inclusion and of consistency.

The whole rule, by numbers that code and tests cite:

1. A leaf hashes as SHA-256(0x00 || bytes), an inner node as SHA-256(0x01 || left || right).
2. The root of no leaves is SHA-256 of nothing.
3. A tree of n > 1 leaves splits at the largest power of two below n.
4. Proofs are lists of node hashes from the leaf's side upwards.
5. Consistency from size 0 proves nothing, so it is refused, as the Go verifier does; a witness that
   has seen nothing accepts an empty proof by its own rule (C2SP tlog-witness), not by this one.

Source: RFC 6962 section 2.1, RFC 9162 sections 2.1.3.2 and 2.1.4.2 (verification).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from scalegate.ledger.faults import ProofRefused

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""

HASH_SIZE = 32
"""Bytes in a node hash."""

NodeHash = Callable[[int, int], bytes]
"""Given a level (0 = leaves) and an index within it, the hash of that *complete* subtree."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree in memory: all complete subtrees, level by level.

    Shapes: level `k` holds one 32-byte hash for every complete run of 2**k leaves, in order.
    """

    __slots__ = ("_levels", "_size")

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self._size = 0
        for each in leaves:
            self.append_hash(leaf_hash(each))

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._size

    def append(self, entry: bytes) -> int:
        """Add a leaf, and return its index."""
        self.append_hash(sha256(b"\x00" + entry).digest())
        return self._size - 1

    def append_hash(self, leaf: bytes) -> None:
        """Add a leaf whose hash is known."""
        levels = self._levels
        levels[0].append(leaf)
        self._size = size = self._size + 1
        level = 0
        while not size & 1:
            row = levels[level]
            leaf = sha256(b"\x01" + row[-2] + row[-1]).digest()
            level += 1
            if level == len(levels):
                levels.append([])
            levels[level].append(leaf)
            size >>= 1

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of the `index`-th complete subtree of 2**level leaves."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Return the root at a size (default: all leaves)."""
        return root_of(self._size if size is None else size, self.node)

    def prove_inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the path from a leaf to the root at a size."""
        return prove_inclusion(index, self._size if size is None else size, self.node)

    def prove_consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Return the proof that the tree of size `old` is a prefix of the one of size `new`."""
        return prove_consistency(old, self._size if new is None else new, self.node)


def root_of(size: int, node: NodeHash) -> bytes:
    """Return the root of the first `size` leaves, from the hashes of complete subtrees."""
    if size == 0:
        return EMPTY_ROOT
    return range_root(0, size, node)


def range_root(start: int, end: int, node: NodeHash) -> bytes:
    """Return the hash over leaves `start` to `end` (exclusive), `start` aligned (RFC 6962)."""
    parts = []
    while start < end:
        level = _level_below(start, end)
        parts.append(node(level, start >> level))
        start += 1 << level
    found = parts[-1]
    for part in reversed(parts[:-1]):
        found = sha256(b"\x01" + part + found).digest()
    return found


def _level_below(start: int, end: int) -> int:
    widest = (end - start).bit_length() - 1
    aligned = (start & -start).bit_length() - 1 if start else widest
    return min(widest, aligned)


def prove_inclusion(index: int, size: int, node: NodeHash) -> list[bytes]:
    """Return the sibling hashes from leaf `index` up to the root of `size` leaves (RFC 6962 2.1.1).

    Raises:
        ProofRefused: the index lies outside the tree.
    """
    if not 0 <= index < size:
        raise ProofRefused("no such leaf", expected=f"an index below {size}", got=str(index))
    start, end, path = 0, size, []
    while end - start > 1:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < split:
            path.append(range_root(split, end, node))
            end = split
        else:
            path.append(range_root(start, split, node))
            start = split
    return path[::-1]


def prove_consistency(old: int, new: int, node: NodeHash) -> list[bytes]:
    """Return the proof that `old` leaves are a prefix of `new` ones (RFC 6962 2.1.2).

    Raises:
        ProofRefused: the sizes are not 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ProofRefused(
            "no proof between these sizes", expected=f"0 < old <= {new}", got=str(old)
        )
    if old == new:
        return []
    start, end, path, is_known = 0, new, [], True
    while end - start > 1 and old != end:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if old <= split:
            path.append(range_root(split, end, node))
            end = split
        else:
            path.append(range_root(start, split, node))
            start, is_known = split, False
    if not is_known:
        path.append(range_root(start, end, node))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf with hash `leaf` stands at `index` in the tree of `size` with `root`.

    Raises:
        ProofRefused: it does not follow.

    Does not check: that anyone signed `root`, or what the leaf says.
    """
    if not 0 <= index < size:
        raise ProofRefused("no such leaf", expected=f"an index below {size}", got=str(index))
    if len(leaf) != HASH_SIZE:
        raise ProofRefused("leaf hash has a wrong length", got=f"{len(leaf)} bytes")
    here, last, found = index, size - 1, leaf
    for step in proof:
        if not last:
            raise ProofRefused("inclusion proof is too long", got=f"{len(proof)} hashes")
        if here & 1 or here == last:
            found = sha256(b"\x01" + step + found).digest()
            while not here & 1 and here:
                here >>= 1
                last >>= 1
        else:
            found = sha256(b"\x01" + found + step).digest()
        here >>= 1
        last >>= 1
    if last:
        raise ProofRefused("inclusion proof is too short", got=f"{len(proof)} hashes")
    if found != root:
        raise ProofRefused("leaf is not in the tree", expected=root.hex(), got=found.hex())


def verify_consistency(
    *, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree (`old`, `old_root`) is a prefix of (`new`, `new_root`).

    Raises:
        ProofRefused: it does not follow; `old` is 0 or above `new` (rule 5).

    Does not check: that anyone signed the roots.
    """
    if not 0 < old <= new:
        raise ProofRefused("sizes are out of order", expected=f"0 < old <= {new}", got=str(old))
    if old == new:
        _same_tree(old_root, new_root, proof)
        return
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise ProofRefused("consistency proof is empty", expected=f"a proof from {old} to {new}")
    first, second = _climb(old, new, steps)
    if first != old_root:
        raise ProofRefused("old root does not follow", expected=old_root.hex(), got=first.hex())
    if second != new_root:
        raise ProofRefused("new root does not follow", expected=new_root.hex(), got=second.hex())


def _same_tree(old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofRefused("sizes are equal", expected="an empty proof", got=f"{len(proof)} hashes")
    if old_root != new_root:
        raise ProofRefused("one size has two roots", expected=old_root.hex(), got=new_root.hex())


def _climb(old: int, new: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return both roots that the steps lead to (RFC 9162 section 2.1.4.2, steps 3 to 7)."""
    here, last = old - 1, new - 1
    while here & 1:
        here >>= 1
        last >>= 1
    first = second = steps[0]
    for step in steps[1:]:
        if not last:
            raise ProofRefused("consistency proof is too long", got=f"{len(steps)} hashes")
        if here & 1 or here == last:
            first = sha256(b"\x01" + step + first).digest()
            second = sha256(b"\x01" + step + second).digest()
            while not here & 1 and here:
                here >>= 1
                last >>= 1
        else:
            second = sha256(b"\x01" + second + step).digest()
        here >>= 1
        last >>= 1
    if last:
        raise ProofRefused("consistency proof is too short", got=f"{len(steps)} hashes")
    return first, second
