"""The tree as static files: where each tile lies, and what stands in it (C2SP `tlog-tiles`).

1. A tile at level L holds up to 256 hashes of complete subtrees of 256**L entries.
2. `tile/L/N` is a full tile; `tile/L/N.p/W` a partial one with W hashes.
3. `tile/entries/N` holds the entries of level 0, each after its length in two bytes.

Nothing here reads a file: tiles come through a function, and what is to be written is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scalegate.ledger.faults import MalformedRecord, ProofRefused
from scalegate.ledger.tree import HASH_SIZE, NodeHash, leaf_hash, node_hash

WIDTH = 256
"""Hashes in a full tile."""
MOST_ENTRY = 0xFFFF
"""Bytes in one entry: its length has 16 bits."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TileId:
    """Which tile: a level, an index, and how wide it is."""

    level: int
    """0 for leaf hashes; -1 stands for entry bundles."""
    index: int
    """From 0, from the left."""
    width: int = WIDTH
    """256 for a full tile."""

    def path(self) -> str:
        """Return where the tile lies below the log's address."""
        where = "entries" if self.level < 0 else str(self.level)
        suffix = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{where}/{index_path(self.index)}{suffix}"


def index_path(index: int) -> str:
    """Write an index in groups of three digits: 1234067 is `x001/x234/067`."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def tiles_of(size: int) -> Iterator[TileId]:
    """Yield every hash tile of a tree, full and partial, level by level."""
    level = 0
    while size:
        full, rest = divmod(size, WIDTH)
        for index in range(full):
            yield TileId(level=level, index=index)
        if rest:
            yield TileId(level=level, index=full, width=rest)
        size, level = full, level + 1


def new_tiles(old: int, new: int) -> Iterator[TileId]:
    """Yield the tiles of hashes and of entries that a tree of `new` has and one of `old` lacks."""
    level, before, after = 0, old, new
    while after > before:
        for index in range(before // WIDTH, -(-after // WIDTH)):
            width = min(WIDTH, after - index * WIDTH)
            yield TileId(level=level, index=index, width=width)
            if level == 0:
                yield TileId(level=-1, index=index, width=width)
        before, after, level = before // WIDTH, after // WIDTH, level + 1


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """Write an entry bundle (rule 3).

    Raises:
        MalformedRecord: an entry is longer than 65,535 bytes.
    """
    parts = []
    for each in entries:
        if len(each) > MOST_ENTRY:
            raise MalformedRecord(
                "entry is too long for a log", expected=f"at most {MOST_ENTRY} bytes",
                got=str(len(each)),
            )  # fmt: skip
        parts.append(len(each).to_bytes(2, "big"))
        parts.append(each)
    return b"".join(parts)


def read_bundle(content: bytes, *, width: int) -> list[bytes]:
    """Return the entries of a bundle that must hold exactly `width` of them."""
    found, at, end = [], 0, len(content)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(content[at:start], "big")
        if start > end or at > end:
            raise MalformedRecord("entry bundle is cut off", got=f"{end} bytes")
        found.append(content[start:at])
    if len(found) != width:
        raise MalformedRecord(
            "entry bundle has another count", expected=str(width), got=str(len(found))
        )
    return found


def check_tile(tile: TileId, content: bytes) -> bytes:
    """Return the bytes of a hash tile, or refuse a wrong length."""
    if len(content) != tile.width * HASH_SIZE:
        raise MalformedRecord(
            "tile has a wrong length", where=tile.path(),
            expected=f"{tile.width * HASH_SIZE} bytes", got=str(len(content)),
        )  # fmt: skip
    return content


ReadTile = Callable[[TileId], bytes]
"""Fetches the bytes of a tile; what comes is not trusted."""


def node_reader(size: int, read: ReadTile) -> NodeHash:
    """Return a function that gives any complete subtree's hash of a tree of `size`, from its tiles.

    What comes from tiles is only as good as the proof made with it: verify the proof.
    """

    @lru_cache(maxsize=1024)
    def tile(level: int, index: int) -> bytes:
        width = min(WIDTH, (size >> (8 * level)) - index * WIDTH)
        if width <= 0:
            raise ProofRefused("no such tile", got=f"level {level}, index {index}, size {size}")
        which = TileId(level=level, index=index, width=width)
        return check_tile(which, read(which))

    def node(level: int, index: int) -> bytes:
        row, inside = divmod(level, 8)
        first = index << inside
        content = tile(row, first // WIDTH)
        at = (first % WIDTH) * HASH_SIZE
        return fold(content[at : at + (HASH_SIZE << inside)])

    return node


def fold(hashes: bytes) -> bytes:
    """Return the root over a power of two of hashes laid end to end."""
    row = [hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def hashes_of(entries: Sequence[bytes]) -> bytes:
    """Return the leaf hashes of entries, laid end to end: the content of their tile."""
    return b"".join(leaf_hash(each) for each in entries)
