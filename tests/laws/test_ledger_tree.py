"""Laws of the tree: it is RFC 6962's, and proofs hold exactly where they should."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalegate.ledger.faults import MalformedRecord, ProofRefused
from scalegate.ledger.tiles import (
    TileId,
    hashes_of,
    new_tiles,
    node_reader,
    read_bundle,
    tiles_of,
    write_bundle,
)
from scalegate.ledger.tree import (
    Tree,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

SIZES = st.integers(1, 700)


def slow_root(leaves: Any) -> Any:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def entries(size: Any) -> Any:
    return [b"entry %d" % at for at in range(size)]


@given(st.lists(st.binary(max_size=4), max_size=80))
def test_the_root_is_the_one_of_the_definition(leaves: Any) -> None:
    assert Tree(leaves).root() == slow_root(leaves)


@given(SIZES, st.data())
def test_every_leaf_is_proved_and_no_other_place_or_leaf_is(size: Any, data: Any) -> None:
    tree = Tree(entries(size))
    index = data.draw(st.integers(0, size - 1))
    proof, root = tree.prove_inclusion(index), tree.root()
    leaf = leaf_hash(b"entry %d" % index)
    verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)
    other = data.draw(st.integers(0, size - 1).filter(lambda at: at != index)) if size > 1 else 1
    for changed in (
        {"index": other},
        {"proof": [*proof, root]},
        {"proof": proof[:-1], "root": root if proof else b"x" * 32},
        {"root": sha256(root).digest()},
    ):
        with pytest.raises(ProofRefused):
            verify_inclusion(
                leaf, **{"index": index, "size": size, "proof": proof, "root": root, **changed}
            )
    with pytest.raises(ProofRefused):
        verify_inclusion(leaf_hash(b"else"), index=index, size=size, proof=proof, root=root)


@given(SIZES, SIZES)
def test_a_prefix_is_proved_and_a_changed_history_is_not(one: Any, two: Any) -> None:
    old, new = sorted((one, two))
    tree = Tree(entries(new))
    roots = tree.root(old), tree.root(new)
    proof = tree.prove_consistency(old)
    verify_consistency(old=old, old_root=roots[0], new=new, new_root=roots[1], proof=proof)
    rewritten = Tree([b"another past", *entries(new)[1:]])
    with pytest.raises(ProofRefused):
        verify_consistency(
            old=old,
            old_root=roots[0],
            new=new,
            new_root=rewritten.root(),
            proof=rewritten.prove_consistency(old),
        )


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_new_tiles_are_the_tiles_that_were_not_there(one: Any, two: Any) -> None:
    old, new = sorted((one, two))
    before = set(tiles_of(old))
    written = [tile for tile in new_tiles(old, new) if tile.level >= 0]
    assert sorted(written) == sorted(set(tiles_of(new)) - before)


@given(st.integers(1, 1500), st.data())
def test_proofs_made_from_tiles_are_those_of_the_tree(size: Any, data: Any) -> None:
    tree = Tree(entries(size))
    stored = {}
    for tile in tiles_of(size):
        first = tile.index * 256
        row = [tree.node(8 * tile.level, first + at) for at in range(tile.width)]
        stored[tile] = b"".join(row)
    node = node_reader(size, stored.__getitem__)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    assert root_of(size, node) == tree.root()
    assert prove_inclusion(index, size, node) == tree.prove_inclusion(index)
    assert prove_consistency(old, size, node) == tree.prove_consistency(old)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_back_its_entries(found: Any) -> None:
    content = write_bundle(found)
    assert read_bundle(content, width=len(found)) == found
    assert len(hashes_of(found)) == 32 * len(found)
    with pytest.raises(MalformedRecord):
        read_bundle(content, width=len(found) + 1)
    with pytest.raises(MalformedRecord):
        read_bundle(content[:-1] or b"\x00", width=len(found))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(level=0, index=0), "tile/0/000"),
        (TileId(level=2, index=1234067), "tile/2/x001/x234/067"),
        (TileId(level=-1, index=5, width=7), "tile/entries/005.p/7"),
    ],
)
def test_tiles_lie_where_the_specification_says(tile: Any, path: Any) -> None:
    assert tile.path() == path


def test_bounds_are_refused() -> None:
    with pytest.raises(ProofRefused):
        prove_inclusion(3, 3, Tree(entries(3)).node)
    with pytest.raises(ProofRefused):
        prove_consistency(0, 3, Tree(entries(3)).node)
    with pytest.raises(ProofRefused):
        node_reader(3, lambda _: b"")(9, 0)
    with pytest.raises(MalformedRecord):
        node_reader(3, lambda _: b"short")(0, 0)
    with pytest.raises(MalformedRecord):
        write_bundle([b"x" * 65_536])
