"""Waivers beside decisions: who lets what pass, why, until when. They open nothing.

1. A waiver counts if it stands in the log before the decision, signed by a role that may waive,
   about the same subject, policy and gate; if the instant of the decision lies from its `from` to
   before its `until`; and if nothing in the log withdraws it. An ended waiver counts as none.
2. A decision lists the waivers that count, with who, why and until when. Its effect, its rows and
   whether it is open are those without them.
3. A row on a waiver that does not say what the log's entry says is refused, and so is one on a
   waiver that had been withdrawn in the log as whoever decided saw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scalegate.app.record.preregistration import LogSeen
from scalegate.app.record.reading import vouched_of
from scalegate.base.errors import FormatError
from scalegate.base.instants import parse_instant
from scalegate.ledger.checkpoints import parse_decimal
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.leaves import parse_leaf
from scalegate.ledger.statements import Predicate, Statement
from scalegate.ledger.trust import Trust, Vouched
from scalegate.ports import LogFiles

_COPIED = ("by", "reason", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverSeen:
    """A waiver beside a decision."""

    entry: int
    """Where it stands in the log, from 0."""
    by: str
    """Who waives, with the role."""
    reason: str
    """Why."""
    until: str
    """Until before when."""


def waivers_in(files: LogFiles, first: Trust) -> tuple[tuple[int, Vouched], ...]:
    """Return the waivers of a log that nothing withdraws, with where they stand (rule 1).

    Raises:
        TrustError: a file of the log is missing or not in its form.
    """
    kinds = (Predicate.WAIVER, Predicate.WITHDRAWAL)
    found = list(vouched_of(files, first, kinds))
    gone = {
        subject.sha256
        for _, each in found
        if each.statement.kind is Predicate.WITHDRAWAL
        for subject in each.statement.subjects
    }
    return tuple(
        (index, each)
        for index, each in found
        if each.statement.kind is Predicate.WAIVER and each.envelope not in gone
    )


def waiver_rows(
    waivers: Iterable[tuple[int, Vouched]], *, asked: tuple[str, str, str], at: datetime
) -> list[dict[str, Any]]:
    """Return the rows of a decision's statement on the waivers that count (rules 1 and 2).

    Args:
        waivers: those of the log.
        asked: subject, policy and gate.
        at: the instant that the decision speaks of.
    """
    return _rows(waivers, asked, lambda said: is_in_force(said, at))


def ended_waivers(
    waivers: Iterable[tuple[int, Vouched]], *, asked: tuple[str, str, str], at: datetime
) -> list[dict[str, Any]]:
    """Return the rows of waivers that counted once and have ended: they count as none.

    Args:
        waivers: those of the log.
        asked: subject, policy and gate.
        at: the instant asked about.
    """

    def has_ended(said: Mapping[str, Any]) -> bool:
        start, end = _span(said) or (at, at)
        return start < end <= at and is_in_force(said, start)

    return _rows(waivers, asked, has_ended)


def _rows(
    waivers: Iterable[tuple[int, Vouched]],
    asked: tuple[str, str, str],
    counts: Callable[[Mapping[str, Any]], bool],
) -> list[dict[str, Any]]:
    return [
        {
            "entry": str(index),
            "envelope": each.envelope,
            **{name: each.statement.predicate[name] for name in _COPIED},
        }
        for index, each in waivers
        if _is_about(each.statement.predicate, asked) and counts(each.statement.predicate)
    ]


def _is_about(said: Mapping[str, Any], asked: tuple[str, str, str]) -> bool:
    return tuple(said.get(name) for name in ("about", "framework", "gate")) == asked


def _span(said: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    try:
        return parse_instant(str(said["from"])), parse_instant(str(said["until"]))
    except (FormatError, KeyError):
        return None


def is_in_force(said: Mapping[str, Any], at: datetime) -> bool:
    """Tell whether a waiver counts at an instant; one that cannot be read does not."""
    span = _span(said)
    if span is None:
        return False
    who = said.get("by")
    names = [who.get(each) for each in ("name", "role")] if isinstance(who, Mapping) else [None]
    named = all(isinstance(each, str) and each for each in names)
    return span[0] <= at < span[1] and named and isinstance(said.get("reason"), str)


def check_waivers(log: LogSeen, stated: Statement, where: str) -> tuple[WaiverSeen, ...]:
    """Return the waivers beside a decision, if each is what the log says (rule 3).

    Args:
        log: the log up to the decision.
        stated: the decision.
        where: for messages.

    Raises:
        MalformedRecord: a row is not in the form.
        Refused: a row does not hold.
    """
    rows = stated.predicate.get("waivers", [])
    if not isinstance(rows, list):
        raise MalformedRecord("`waivers` is no list", where=where)
    return tuple(_waiver(row, log, stated, where) for row in rows)


def _waiver(row: Any, log: LogSeen, stated: Statement, where: str) -> WaiverSeen:
    if not isinstance(row, Mapping) or not all(
        isinstance(row.get(name), str) for name in ("entry", "envelope", "reason", "until")
    ):
        raise MalformedRecord("row on a waiver lacks a field", where=where)
    entry = parse_decimal(row["entry"], "entry of the waiver")
    if entry >= log.size:
        raise Refused("waiver stands behind the decision", where=where, got=str(entry))
    leaf = parse_leaf(log.entry(entry))
    if leaf.predicate_type != Predicate.WAIVER.uri or leaf.envelope != row["envelope"]:
        raise Refused(f"entry {entry} is not the waiver that is named", where=where)
    if log.withdrawn.get(leaf.envelope, log.size) < _seen_by(stated):
        raise Refused("waiver had been withdrawn", where=where, got=f"entry {entry}")
    own = log.said(entry)
    if own is not None:  # one that is not shown cannot be compared; its place is
        _compare(row, own, stated, where)
    who = row.get("by")
    who = who if isinstance(who, Mapping) else {}
    by = f"{who.get('name', '')} ({who.get('role', '')})"
    return WaiverSeen(entry=entry, by=by, reason=row["reason"], until=row["until"])


def _seen_by(stated: Statement) -> int:
    """Return how many entries the log had for whoever decided: a later withdrawal came too late."""
    log = stated.predicate.get("log")
    size = log.get("size") if isinstance(log, Mapping) else None
    return parse_decimal(size if isinstance(size, str) else "", "size of the log")


def _compare(row: Mapping[str, Any], own: Mapping[str, Any], stated: Statement, where: str) -> None:
    said = stated.predicate
    if any(row.get(name) != own.get(name) for name in _COPIED):
        raise Refused("waiver says something else than the decision", where=where)
    if any(own.get(name) != said.get(name) for name in ("framework", "gate")):
        raise Refused("waiver is of another policy or gate", where=where)
    if own.get("about") != stated.subjects[0].name:
        raise Refused("waiver is about something else", where=where)
    try:
        at = parse_instant(str(said.get("asOf")))
    except FormatError as cause:
        raise MalformedRecord("decision does not say of when it speaks", where=where) from cause
    if not is_in_force(own, at):
        raise Refused("waiver was not in force", where=where, got=f"`{row['until'][:40]}`")
