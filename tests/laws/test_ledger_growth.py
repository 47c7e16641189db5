"""Growing a log in any batches gives the same files and the root of the definition."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.ledger.growth import EMPTY_EDGE, grow, read_edge
from scalegate.ledger.tiles import TileId, new_tiles
from scalegate.ledger.tree import Tree

CUTS = st.lists(st.integers(0, 300), min_size=1, max_size=6)


@settings(max_examples=40)
@given(CUTS)
def test_any_cut_into_batches_gives_one_tree(cuts: Any) -> None:
    entries = [b"entry %d" % at for at in range(sum(cuts))]
    edge, at = EMPTY_EDGE, 0
    files: dict[str, bytes] = {}
    for width in cuts:
        old = edge.size
        edge, new = grow(edge, entries[at : at + width])
        at += width
        assert {tile.path() for tile in new_tiles(old, edge.size)} == set(new)
        assert all(files.get(path, content) == content for path, content in new.items())
        files.update(new)
        assert edge.root() == Tree(entries[:at]).root()
    whole, at_once = grow(EMPTY_EDGE, entries)
    assert whole == edge
    assert all(files[path] == content for path, content in at_once.items())
    assert read_edge(edge.size, lambda tile: files[tile.path()]) == edge


def test_a_tree_of_several_levels_is_the_trees() -> None:
    entries = [b"%d" % at for at in range(70_000)]
    edge, files = grow(EMPTY_EDGE, entries)
    tree = Tree(entries)
    assert edge.root() == tree.root()
    assert files[TileId(level=1, index=0).path()][:32] == tree.node(8, 0)
    assert files[TileId(level=2, index=0, width=1).path()] == tree.node(16, 0)
