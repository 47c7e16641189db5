"""Sign a statement: the envelope that goes into the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from scalegate.base.errors import UsageError
from scalegate.base.instants import format_instant
from scalegate.ledger.envelopes import (
    STATEMENT_TYPE,
    Envelope,
    EnvelopeSignature,
    parse_envelope,
    pre_authentication,
)
from scalegate.ledger.statements import Statement, parse_statement
from scalegate.ports import Signer


def seal(statement: Statement, signers: Sequence[Signer]) -> bytes:
    """Return the envelope of a statement, signed by each signer once, in the order of key ids.

    Raises:
        UsageError: nobody signs, or one key is given twice.
        MalformedRecord: the statement would not be read back.
    """
    keys = [signer.key.public for signer in signers]
    if not keys or len(set(keys)) != len(keys):
        raise UsageError("an envelope is signed by one key or more, each once")
    payload = statement.to_payload()
    message = pre_authentication(STATEMENT_TYPE, payload)
    in_order = sorted(signers, key=lambda signer: signer.key.key_id)
    signatures = tuple(
        EnvelopeSignature(key_id=each.key.key_id, signature=each.sign(message)) for each in in_order
    )
    return Envelope(payload=payload, payload_type=STATEMENT_TYPE, signatures=signatures).to_bytes()


def sign_more(content: bytes, signers: Sequence[Signer]) -> bytes:
    """Return an envelope with more signatures over the same payload, in the order of key ids.

    So holders who are not in one room sign one after the other.

    Raises:
        MalformedRecord: it is no envelope with a statement of ours.
        UsageError: nobody signs, or a key signs that has signed.

    Does not check: the signatures that are there, or whether any role allows these keys.
    """
    envelope = parse_envelope(content)
    parse_statement(envelope.payload)
    there = {each.key_id for each in envelope.signatures}
    new = [signer.key.key_id for signer in signers]
    if not new or len({*there, *new}) != len(there) + len(new):
        raise UsageError("an envelope is signed by one key or more, each once")
    message = pre_authentication(envelope.payload_type, envelope.payload)
    added = [
        EnvelopeSignature(key_id=each.key.key_id, signature=each.sign(message)) for each in signers
    ]
    signatures = tuple(sorted((*envelope.signatures, *added), key=lambda each: each.key_id))
    return replace(envelope, signatures=signatures).to_bytes()


def without_numbers(value: Any) -> Any:
    """Return plain data with every number as decimal text, as signed statements have them.

    A float becomes the shortest text that gives the same float again.

    Raises:
        TypeError: a kind of value that is not plain data.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {str(name): without_numbers(each) for name, each in value.items()}
    if isinstance(value, Sequence):
        return [without_numbers(each) for each in value]
    raise TypeError(f"not plain data: {type(value).__name__}")
