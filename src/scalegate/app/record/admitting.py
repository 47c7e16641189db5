"""Append only what a verifier will accept: checked before it is in the log for good.

1. An envelope is signed by a role that may say so, under the trust document in force at its place;
   a next trust document, by the root keys of both versions. So a revoked key adds nothing.
2. A key that signs stands in no other role of any trust document of the log. So no key comes to
   act in two roles, which a verifier would refuse.
3. After the trust document's end, by the clock given, only its successor is taken.
4. Who signs the log's checkpoint from now on is a key of the log in the newest trust document.
5. A decision is dated no earlier than the newest one in the log: a clock that was put back dates
   none.
6. A statement has the published form of its predicate. Fields that are not listed are kept.
7. What a disclosure opens is what the log has committed to, and an answer opens what was drawn;
   the recorded plans that a decision counts are those of the log, and a summary is of an open
   decision before it.

A log cannot forget: an entry that does not hold would make every later verification fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scalegate.app.record.appending import LogWriter, Recorded, log_key, read_size
from scalegate.app.record.predicates import check_said
from scalegate.app.record.reading import Entry, read_entries, trusts_in_log
from scalegate.base.errors import FormatError, UsageError
from scalegate.base.instants import format_instant, parse_instant
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.faults import Refused
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.statements import SUMMARY, Predicate, parse_statement
from scalegate.ledger.tiles import WIDTH
from scalegate.ledger.trust import Trust, check_current, check_separation, rotate_trust, vouch
from scalegate.ports import Clock, LogFiles, Signer


def append_admitted(
    files: LogFiles,
    first: Trust,
    contents: Sequence[bytes],
    *,
    signers: Sequence[Signer],
    clock: Clock,
) -> tuple[Recorded, ...]:
    """Append envelopes in their order, or none of them (rules 1 to 4, 6 and 7).

    Args:
        files: the log.
        first: the first trust document; those in the log are followed from it.
        contents: the envelopes.
        signers: the log's own keys.
        clock: whose present is compared with the trust document's end.

    Raises:
        UsageError: no signer is a key of the log as the trust document then names them.
        TrustError: an envelope is not one that the trust in force accepts; nothing is recorded.
        OutsideError: the files cannot be written.
    """
    trusts = list(trusts_in_log(files, first))
    before = trusts[-1].log_keys
    for content in contents:
        check_said(parse_statement(parse_envelope(content).payload))
        admit(trusts, content, clock=clock)
    check_linked(files, trusts, contents)
    origin = trusts[-1].origin
    if not {log_key(signer, origin) for signer in signers} & set(trusts[-1].log_keys):
        raise UsageError(
            f"the log has another key in version {trusts[-1].version} of the trust document",
            hint="name its file with `--log-key`",
        )
    writer = LogWriter(files, signers, origin=origin, clock=clock, known=before)
    return writer.append(contents)


def admit(trusts: list[Trust], content: bytes, *, clock: Clock) -> None:
    """Refuse an envelope that may not be recorded (rules 1 to 3).

    Args:
        trusts: the trust documents of the log, oldest first; a next one is added.
        content: the envelope.
        clock: whose present is compared with the end of the newest.

    Raises:
        MalformedRecord: it is no envelope with a statement.
        SignatureRefused, RoleRefused: it is not signed as it must be, or the trust has ended.
    """
    statement = parse_statement(parse_envelope(content).payload)
    is_trust = statement.kind is Predicate.TRUST
    if is_trust and statement.predicate.get("version") != str(trusts[-1].version):
        trusts.append(rotate_trust(trusts[-1], content))
    check_current(trusts[-1], clock.now())
    found = vouch(trusts[-1], content)
    acted = {
        key.public: role.name
        for trust in trusts
        for role in trust.roles.values()
        for key in role.keys
        if role.name != found.role.name
    }
    check_separation([found], acted)


def check_linked(files: LogFiles, trusts: Sequence[Trust], contents: Sequence[bytes]) -> None:
    """Refuse what names entries of the log that are not as it says (rule 7).

    Raises:
        TrustError: it does not hold, or a file of the log is missing or not in its form.
    """
    stated = [parse_statement(parse_envelope(content).payload) for content in contents]
    if any(each.kind in (Predicate.EVIDENCE, Predicate.DISCLOSURE) for each in stated):
        from scalegate.app.record.disclosing import book_over

        book_over(files, trusts, contents)
    if any(each.predicate_type == SUMMARY for each in stated):
        from scalegate.app.record.summaries import summaries_in

        there = ((each.leaf, each.statement) for each in read_entries(files, read_size(files)))
        summaries_in([*there, *zip(map(leaf_of, contents), stated, strict=True)])
    counted = [each.predicate["plans"] for each in stated if each.predicate.get("plans")]
    if counted:
        from scalegate.app.record.plan_check import log_seen
        from scalegate.app.record.preregistration import check_plans

        log = log_seen(files, trusts)
        for rows in counted:
            check_plans(rows, log, where="decision to be recorded")


def check_dated(files: LogFiles, at: datetime) -> None:
    """Refuse to date a decision before the newest one in the log (rule 5).

    Raises:
        Refused: `at` is earlier.
        TrustError: a file of the log is missing or not in its form.
    """
    size = read_size(files)
    for index in reversed(range(-(-size // WIDTH))):
        entries = read_entries(files, min(size, (index + 1) * WIDTH), start=index * WIDTH)
        dated = [found for each in entries if (found := _decided_at(each)) is not None]
        if dated:
            if at < max(dated):
                raise Refused(
                    "the clock is behind the newest decision in the log",
                    expected=f"{format_instant(max(dated))} or later", got=format_instant(at),
                )  # fmt: skip
            return


def _decided_at(entry: Entry) -> datetime | None:
    said = entry.statement
    if said is None or said.kind is not Predicate.GATE_DECISION:
        return None
    try:
        return parse_instant(str(said.predicate.get("decidedAt")))
    except FormatError:  # of another version; a verifier says what it thinks of it
        return None
