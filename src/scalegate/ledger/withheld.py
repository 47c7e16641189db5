"""Salted commitments: say how many items there are, and open them later one by one.

Two forms:

1. *Fields*: a disclosure is `base64url(JSON [salt, name, value])`; its SHA-256 in base64url stands
   in the statement (RFC 9901 section 4.2, without decoys: the count is meant to be seen).
2. *Items*: a Merkle tree whose leaf `i` is salt || canonical item; root and count stand in the
   statement. Salts come from one secret: the first 16 bytes of HMAC-SHA-256(secret, index in eight
   bytes), so that one secret opens all, and one salt opens one item only.
3. An auditor's k random items follow from a seed that the lab could not choose: the root hash of a
   checkpoint that is later than the commitment, hashed with the commitment's root and a counter.

Source: RFC 9901 (SD-JWT), RFC 6962 (tree), RFC 2104 (HMAC).
"""

from __future__ import annotations

import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scalegate.base.canonical import canonical_bytes
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.strict_json import parse_json
from scalegate.ledger.tree import Tree, leaf_hash, verify_inclusion

SALT_SIZE = 16
LEAST_SECRET = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCommitment:
    """What a statement says of withheld items."""

    root: str
    """Root of the salted tree, in hexadecimal."""
    count: int
    """How many items there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedItem:
    """One item, opened."""

    index: int
    """From 0."""
    salt: bytes
    """16 bytes."""
    item: Any
    """Plain data."""
    path: tuple[bytes, ...]
    """Inclusion proof."""


def commit_field(name: str, value: Any, *, salt: bytes) -> tuple[str, str]:
    """Return the disclosure of a field, and its digest for the statement (form 1).

    Raises:
        MalformedRecord: the salt has fewer than 16 bytes.
    """
    if len(salt) < SALT_SIZE:
        raise MalformedRecord("salt is too short", expected="16 bytes", got=str(len(salt)))
    text = canonical_bytes([_url64(salt), name, value])
    disclosure = _url64(text)
    return disclosure, digest_of_disclosure(disclosure)


def digest_of_disclosure(disclosure: str) -> str:
    """Return the digest of a disclosure, over its text as it stands (RFC 9901 section 4.2.3)."""
    return _url64(sha256(disclosure.encode("ascii")).digest())


def open_field(disclosure: str, digests: Sequence[str]) -> tuple[str, Any]:
    """Return the name and value of a disclosed field, if its digest stands in the statement.

    Raises:
        Refused: it does not.
        MalformedRecord: it is no disclosure.
    """
    if not disclosure.isascii():
        raise MalformedRecord("disclosure is no base64url")
    if digest_of_disclosure(disclosure) not in digests:
        raise Refused("disclosure was never committed to", got=f"`{disclosure[:40]}`")
    try:
        padded = disclosure + "=" * (-len(disclosure) % 4)
        content = b64decode(padded, altchars=b"-_", validate=True)
    except ValueError as cause:
        raise MalformedRecord("disclosure is no base64url") from cause
    found = parse_json(content, "disclosure")
    if not isinstance(found, list) or len(found) != 3 or not isinstance(found[1], str):
        raise MalformedRecord("disclosure is not [salt, name, value]")
    return found[1], found[2]


def _url64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def salt_of(secret: bytes, index: int) -> bytes:
    """Return the salt of an item (form 2).

    Raises:
        MalformedRecord: the secret has fewer than 32 bytes.
    """
    if len(secret) < LEAST_SECRET:
        raise MalformedRecord("secret is too short", expected="32 bytes", got=str(len(secret)))
    return hmac.digest(secret, index.to_bytes(8, "big"), "sha256")[:SALT_SIZE]


def commit_items(items: Sequence[Any], *, secret: bytes) -> tuple[ItemCommitment, Tree]:
    """Return a commitment to items, and the tree that proves each."""
    tree = Tree()
    for index, item in enumerate(items):
        tree.append(salt_of(secret, index) + canonical_bytes(item))
    return ItemCommitment(root=tree.root().hex(), count=tree.size), tree


def open_item(items: Sequence[Any], tree: Tree, index: int, *, secret: bytes) -> OpenedItem:
    """Return one item with what proves it."""
    path = tuple(tree.prove_inclusion(index))
    return OpenedItem(index=index, salt=salt_of(secret, index), item=items[index], path=path)


def verify_item(commitment: ItemCommitment, opened: OpenedItem) -> Any:
    """Return the item, if it is the one that was committed to at its index.

    Raises:
        ProofRefused: it is not.
        MalformedRecord: the salt has a wrong length.
    """
    if len(opened.salt) != SALT_SIZE:
        raise MalformedRecord("salt has a wrong length", got=str(len(opened.salt)))
    verify_inclusion(
        leaf_hash(opened.salt + canonical_bytes(opened.item)),
        index=opened.index,
        size=commitment.count,
        proof=opened.path,
        root=bytes.fromhex(commitment.root),
    )
    return opened.item


def draw_items(commitment: ItemCommitment, *, seed: bytes, count: int) -> tuple[int, ...]:
    """Return which items an auditor is owed: `count` distinct indexes, ascending (form 3).

    Guarantees:
        Every set of that size is equally likely over a random seed (rejection, no modulo bias).

    Raises:
        MalformedRecord: there are fewer items than that, or none was asked for.
    """
    if not 0 < count <= commitment.count:
        raise MalformedRecord(
            "cannot draw so many items", expected=f"1 to {commitment.count}", got=str(count)
        )
    chosen: set[int] = set()
    limit = (1 << 256) - (1 << 256) % commitment.count
    counter = 0
    root = bytes.fromhex(commitment.root)
    while len(chosen) < count:
        drawn = int.from_bytes(sha256(seed + root + counter.to_bytes(8, "big")).digest(), "big")
        counter += 1
        if drawn < limit:
            chosen.add(drawn % commitment.count)
    return tuple(sorted(chosen))


def commitment_to_mapping(commitment: ItemCommitment) -> Mapping[str, str]:
    """Write a commitment for a statement: numbers as decimal strings."""
    return {"count": str(commitment.count), "root": commitment.root}
