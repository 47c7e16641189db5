"""Commitments to what is withheld, opened one by one."""

from collections import Counter

import pytest

from scalegate.ledger.faults import MalformedRecord, ProofRefused, Refused
from scalegate.ledger.withheld import (
    ItemCommitment,
    OpenedItem,
    commit_field,
    commit_items,
    commitment_to_mapping,
    draw_items,
    open_field,
    open_item,
    salt_of,
    verify_item,
)

SECRET = b"s" * 32
ITEMS = [{"question": at, "is_right": at % 3 == 0} for at in range(40)]
COMMITMENT, TREE = commit_items(ITEMS, secret=SECRET)


def test_a_field_is_opened_only_if_it_was_committed_to() -> None:
    disclosure, digest = commit_field("score", "0.41", salt=b"0" * 16)
    assert open_field(disclosure, [digest]) == ("score", "0.41")
    other, _ = commit_field("score", "0.40", salt=b"0" * 16)
    with pytest.raises(Refused, match="never committed"):
        open_field(other, [digest])
    with pytest.raises(MalformedRecord):
        open_field("é", [digest])
    with pytest.raises(MalformedRecord):
        commit_field("score", "1", salt=b"0" * 15)


def test_the_form_is_that_of_rfc_9901() -> None:
    # RFC 9901 section 4.2.3: this disclosure has this digest.
    disclosure = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    digest = "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"
    assert open_field(disclosure, [digest]) == ("family_name", "Möbius")


def test_text_that_is_no_disclosure_is_refused() -> None:
    from scalegate.ledger.withheld import digest_of_disclosure

    for text in ("W10", "A", "eyJhIjoxfQ"):
        with pytest.raises(MalformedRecord):
            open_field(text, [digest_of_disclosure(text)])


def test_an_item_is_opened_at_its_place_only() -> None:
    opened = open_item(ITEMS, TREE, 7, secret=SECRET)
    assert verify_item(COMMITMENT, opened) == ITEMS[7]
    for changed in ({"index": 8}, {"item": ITEMS[8]}, {"salt": b"x" * 16}):
        fields = {"index": 7, "salt": opened.salt, "item": opened.item, "path": opened.path}
        with pytest.raises(ProofRefused):
            verify_item(COMMITMENT, OpenedItem(**fields | changed))
    with pytest.raises(MalformedRecord):
        verify_item(COMMITMENT, OpenedItem(index=7, salt=b"", item=ITEMS[7], path=opened.path))


def test_the_count_is_visible_and_bound() -> None:
    assert commitment_to_mapping(COMMITMENT)["count"] == "40"
    opened = open_item(ITEMS, TREE, 39, secret=SECRET)
    with pytest.raises(ProofRefused):
        verify_item(ItemCommitment(root=COMMITMENT.root, count=39), opened)


def test_salts_differ_and_need_a_real_secret() -> None:
    assert len({salt_of(SECRET, at) for at in range(1000)}) == 1000
    with pytest.raises(MalformedRecord):
        salt_of(b"short", 0)


def test_an_auditors_draw_is_fixed_by_the_seed_and_even() -> None:
    assert draw_items(COMMITMENT, seed=b"root", count=40) == tuple(range(40))
    first = draw_items(COMMITMENT, seed=b"root", count=5)
    assert first == draw_items(COMMITMENT, seed=b"root", count=5)
    assert len(set(first)) == 5
    seen = Counter(
        at for seed in range(2000) for at in draw_items(COMMITMENT, seed=b"%d" % seed, count=2)
    )
    assert len(seen) == 40
    assert all(60 < seen[at] < 145 for at in range(40))  # expected 100, sd 9.7
    for count in (0, 41):
        with pytest.raises(MalformedRecord):
            draw_items(COMMITMENT, seed=b"root", count=count)
