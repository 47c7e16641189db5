"""Append only what a verifier will accept: checked before it is in the log for good.

1. An envelope is signed by a role that may say so, under the trust document in force at its place;
   a next trust document, by the root keys of both versions. So a revoked key adds nothing.
2. After the trust document's end, by the clock given, only its successor is taken.

A log cannot forget: an entry that does not hold would make every later verification fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from scalegate.app.record.appending import LogWriter, Recorded
from scalegate.app.record.reading import trust_in_log
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.statements import Predicate, parse_statement
from scalegate.ledger.trust import Trust, check_current, rotate_trust, vouch
from scalegate.ports import Clock, LogFiles, Signer


def append_admitted(
    files: LogFiles,
    first: Trust,
    contents: Sequence[bytes],
    *,
    signers: Sequence[Signer],
    clock: Clock,
) -> tuple[Recorded, ...]:
    """Append envelopes in their order, or none of them (rules 1 and 2).

    Args:
        files: the log.
        first: the first trust document; those in the log are followed from it.
        contents: the envelopes.
        signers: the log's own keys.
        clock: whose present is compared with the trust document's end.

    Raises:
        TrustError: an envelope is not one that the trust in force accepts; nothing is recorded.
        OutsideError: the files cannot be written.
    """
    trust = trust_in_log(files, first)
    for content in contents:
        trust = admit(trust, content, clock=clock)
    return LogWriter(files, signers, origin=trust.origin, clock=clock).append(contents)


def admit(trust: Trust, content: bytes, *, clock: Clock) -> Trust:
    """Return the trust in force after an envelope, if it may be recorded (rules 1 and 2).

    Raises:
        MalformedRecord: it is no envelope with a statement.
        SignatureRefused, RoleRefused: it is not signed as it must be, or the trust has ended.
    """
    statement = parse_statement(parse_envelope(content).payload)
    is_trust = statement.kind is Predicate.TRUST
    if is_trust and statement.predicate.get("version") != str(trust.version):
        trust = rotate_trust(trust, content)
    check_current(trust, clock.now())
    vouch(trust, content)
    return trust
