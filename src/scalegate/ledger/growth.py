"""How a log grows: new entries in, the files to write and the new edge out.

The *edge* of a tree is what of its right border is still needed: for each level the hashes of the
partial tile, and the entries of the partial bundle. Everything to its left is finished.

Guarantees (laws with a property test): the files of any cut into batches are, where their paths are
the same, the same bytes; the root is that of `tree.Tree`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scalegate.ledger.tiles import (
    WIDTH,
    TileId,
    check_tile,
    fold,
    read_bundle,
    write_bundle,
)
from scalegate.ledger.tree import HASH_SIZE, leaf_hash, root_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The right border of a tree."""

    size: int
    """Entries in the tree."""
    rows: tuple[bytes, ...]
    """For each level the hashes of the partial tile, laid end to end; may be empty bytes."""
    entries: tuple[bytes, ...]
    """The entries of the partial bundle."""

    def root(self) -> bytes:
        """Return the root of the tree."""
        return root_of(self.size, self._node)

    def _node(self, level: int, index: int) -> bytes:
        row, inside = divmod(level, 8)
        first = (index << inside) % WIDTH
        content = self.rows[row]
        return fold(content[first * HASH_SIZE : (first + (1 << inside)) * HASH_SIZE])


EMPTY_EDGE = Edge(size=0, rows=(), entries=())
"""The edge of a tree without entries."""


def grow(edge: Edge, entries: Sequence[bytes]) -> tuple[Edge, Mapping[str, bytes]]:
    """Add entries; return the new edge, and every file of the larger tree that is new, by path.

    Raises:
        MalformedRecord: an entry is longer than 65,535 bytes.
    """
    files: dict[str, bytes] = {}
    kept = list(edge.entries)
    first = edge.size // WIDTH
    kept.extend(entries)
    while len(kept) >= WIDTH:
        files[TileId(level=-1, index=first).path()] = write_bundle(kept[:WIDTH])
        del kept[:WIDTH]
        first += 1
    if kept and entries:
        files[TileId(level=-1, index=first, width=len(kept)).path()] = write_bundle(kept)
    hashes = b"".join(leaf_hash(each) for each in entries)
    rows = _grow_rows(list(edge.rows), edge.size, hashes, files)
    size = edge.size + len(entries)
    return Edge(size=size, rows=tuple(rows), entries=tuple(kept)), files


def _grow_rows(rows: list[bytes], size: int, more: bytes, files: dict[str, bytes]) -> list[bytes]:
    level = 0
    full = WIDTH * HASH_SIZE
    while more:
        if level == len(rows):
            rows.append(b"")
        content, index, above = rows[level] + more, size // WIDTH, []
        while len(content) >= full:
            files[TileId(level=level, index=index).path()] = content[:full]
            above.append(fold(content[:full]))
            content, index = content[full:], index + 1
        if content:
            width = len(content) // HASH_SIZE
            files[TileId(level=level, index=index, width=width).path()] = content
        rows[level] = content
        more, size, level = b"".join(above), size // WIDTH, level + 1
    return rows


def read_edge(size: int, read: Callable[[TileId], bytes]) -> Edge:
    """Rebuild the edge of a tree from its partial tiles.

    Raises:
        MalformedRecord: a tile or the bundle has a wrong length or count.

    Does not check: that root and size are those that were signed; compare `Edge.root`.
    """
    rows, level, rest = [], 0, size
    while rest:
        width = rest % WIDTH
        tile = TileId(level=level, index=rest // WIDTH, width=width)
        rows.append(check_tile(tile, read(tile)) if width else b"")
        rest, level = rest // WIDTH, level + 1
    width = size % WIDTH
    bundle = TileId(level=-1, index=size // WIDTH, width=width)
    entries = read_bundle(read(bundle), width=width) if width else []
    return Edge(size=size, rows=tuple(rows), entries=tuple(entries))
