"""What stands in the log: small records that name an envelope, never the envelope itself.

1. A leaf is canonical JSON: schema, predicate type, the envelope's SHA-256, subjects, key ids.
2. It says nothing that is not in the envelope, so the same envelope always gives the same leaf.
3. The envelope lies beside the tiles at `statement/<sha256>`. If it is withdrawn, the leaf stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scalegate.base.canonical import canonical_bytes
from scalegate.ledger.envelopes import Envelope, parse_envelope
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.statements import Statement, Subject, parse_statement
from scalegate.ledger.strict_json import parse_canonical

SCHEMA = "scalegate/leaf@1"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One record of the log."""

    envelope: str
    """SHA-256 of the envelope's bytes, in hexadecimal."""
    predicate_type: str
    """A URI."""
    subjects: tuple[Subject, ...]
    """What the statement is about."""
    keys: tuple[str, ...]
    """Key ids as the envelope gives them: hints, not proof."""

    def to_bytes(self) -> bytes:
        """Write the leaf."""
        return canonical_bytes(
            {
                "envelope": self.envelope,
                "keys": list(self.keys),
                "schema": SCHEMA,
                "subjects": [[each.name, each.sha256] for each in self.subjects],
                "type": self.predicate_type,
            }
        )


def leaf_of(content: bytes) -> Leaf:
    """Return the leaf that records an envelope (rule 2).

    Raises:
        MalformedRecord: it is no envelope with a statement in it.
    """
    envelope = parse_envelope(content)
    statement = parse_statement(envelope.payload)
    return Leaf(
        envelope=sha256(content).hexdigest(),
        predicate_type=statement.predicate_type,
        subjects=statement.subjects,
        keys=tuple(each.key_id for each in envelope.signatures),
    )


def parse_leaf(content: bytes) -> Leaf:
    """Read a leaf.

    Raises:
        MalformedRecord: it is not in the one form.
    """
    found = parse_canonical(content, "leaf")
    fields = {"envelope", "keys", "schema", "subjects", "type"}
    if not isinstance(found, dict) or set(found) != fields or found["schema"] != SCHEMA:
        raise MalformedRecord("not a leaf of ours", expected=f"schema `{SCHEMA}`")
    if not isinstance(found["envelope"], str) or not _SHA256.fullmatch(found["envelope"]):
        raise MalformedRecord("leaf names no envelope")
    if not isinstance(found["type"], str) or not _are_texts(found["keys"]):
        raise MalformedRecord("leaf has a field of a wrong kind")
    return Leaf(
        envelope=found["envelope"],
        predicate_type=found["type"],
        subjects=_subjects(found["subjects"]),
        keys=tuple(found["keys"]),
    )


def _are_texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def _subjects(found: Any) -> tuple[Subject, ...]:
    if not isinstance(found, list) or not all(
        _are_texts(each) and len(each) == 2 for each in found
    ):
        raise MalformedRecord("leaf has no subjects")
    return tuple(Subject(name=name, sha256=digest) for name, digest in found)


def verify_leaf(leaf: Leaf, content: bytes) -> tuple[Envelope, Statement]:
    """Return what the envelope holds, if it is the one the leaf records.

    Raises:
        Refused: the bytes are not those, or the leaf says something else of them.

    Does not check: any signature.
    """
    own = leaf_of(content)
    if own.envelope != leaf.envelope:
        raise Refused("envelope is not the one recorded", expected=leaf.envelope, got=own.envelope)
    if own != leaf:
        raise Refused("leaf says something else than its envelope", where=leaf.envelope)
    envelope = parse_envelope(content)
    return envelope, parse_statement(envelope.payload)
