"""Ask what was recorded, by an index that is never trusted over the log.

1. The index is a copy: of each leaf, and of each envelope that the log shows. It is brought up to
   date before every answer, and can be dropped and made again; then it is the same.
2. Before anything is answered, the tree over all its leaves is computed anew. Its root must be the
   one that the log signs, so no leaf is altered, missing or added.
3. Each row's envelope must have the digest in its leaf, and its other columns must be what leaf and
   envelope say. An envelope that the index lacks is asked of the log; so none is hidden by it.
4. What the log no longer shows is never answered, and is dropped from the index when that is swept.
5. Times are those that statements give themselves. A statement without one is never left out for
   its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scalegate.app.record.appending import read_checkpoint_bytes, statement_path
from scalegate.app.record.reading import read_entry_bundle, trust_in_log
from scalegate.base.errors import FormatError, TrustError
from scalegate.base.instants import parse_instant
from scalegate.ledger.faults import Refused
from scalegate.ledger.growth import EMPTY_EDGE, grow
from scalegate.ledger.leaves import Leaf, parse_leaf, verify_leaf
from scalegate.ledger.statements import Predicate, Statement
from scalegate.ledger.tiles import WIDTH
from scalegate.ledger.trust import Trust
from scalegate.ledger.view import open_view
from scalegate.ports import IndexedEntry, LogFiles, RecordIndex

REBUILD = "`scalegate ledger index --rebuild`"
NAMED = ("about", "decision", "framework", "gate", "model", "policy")
"""Fields of a predicate whose text says what a statement is about, besides its subjects."""
DATED = ("decidedAt", "timeVerified", "recordedAt", "known_from", "from", "at")
"""Fields of a predicate, or of the plan in it, that date a statement; the first that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked; every part that is given must hold."""

    about: str = ""
    """Part of a name, or the beginning of a digest (8 digits or more)."""
    kind: Predicate | None = None
    """What a statement says."""
    since: datetime | None = None
    """No statement that dates itself before this instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry that answers, proved by the log."""

    index: int
    """Its place, from 0."""
    leaf: Leaf
    """What the log records."""
    statement: Statement | None
    """What it says; nothing where the log does not show it."""
    stated_at: datetime | None
    """The time it gives itself (rule 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """An index that was brought up to date and proved."""

    origin: str
    """The log's name."""
    size: int
    """Entries."""
    added: int
    """Rows that are new."""
    hidden: int
    """Entries whose envelope the log does not show."""


def bring_up_to_date(
    index: RecordIndex,
    files: LogFiles,
    first: Trust,
    *,
    rebuild: bool = False,
    sweep: bool = False,
) -> Indexed:
    """Add to the index what it lacks, and prove all of it (rules 1 to 3).

    Args:
        index: the copy.
        files: the log.
        first: the first trust document.
        rebuild: drop the copy before.
        sweep: ask the log for every envelope again, and drop what it no longer shows (rule 4).

    Raises:
        UsageError: there is no log.
        TrustError: the log does not hold, or the index is not a copy of it.
        OutsideError: log or database cannot be read or written.
    """
    origin, rows, added = _proved(index, files, first, rebuild=rebuild)
    if sweep:
        again = [_row(each.seq, each.leaf, _envelope(files, each.envelope)) for each in rows]
        index.replace(origin, [new for old, new in zip(rows, again, strict=True) if old != new])
        rows = tuple(again)
    hidden = sum(each.content is None for each in rows)
    return Indexed(origin=origin, size=len(rows), added=added, hidden=hidden)


def ask(index: RecordIndex, files: LogFiles, first: Trust, question: Question) -> tuple[Found, ...]:
    """Return the entries that answer, in the order of the log (rules 2, 3 and 5).

    The index is brought up to date before.

    Raises:
        UsageError: there is no log.
        TrustError: the log does not hold, or the index is not a copy of it.
        OutsideError: log or database cannot be read or written.

    Does not check: signatures of entries (`verify_log`), or that what they say is true.
    """
    _, rows, _ = _proved(index, files, first)
    found = (_found(files, each) for each in rows)
    answers = [each for each in found if _answers(each, question)]
    return tuple(_as_shown(files, each) for each in answers)


def _proved(
    index: RecordIndex, files: LogFiles, first: Trust, *, rebuild: bool = False
) -> tuple[str, tuple[IndexedEntry, ...], int]:
    """Return the log's origin, its rows, proved, and how many are new (rules 1 to 3)."""
    origin, size, root = _head(files, first)
    if rebuild:
        index.clear(origin)
    there = len(index.entries(origin))
    if there > size:
        raise _not_a_copy(f"it has {there} rows, the log {size} entries")
    index.add(origin, list(_read(files, there, size)))
    rows = index.entries(origin)
    _prove(rows, size, root)
    return origin, rows, size - there


def _head(files: LogFiles, first: Trust) -> tuple[str, int, bytes]:
    view = open_view(trust_in_log(files, first), read_checkpoint_bytes(files))
    return view.head.origin, view.head.size, view.head.root


def _read(files: LogFiles, start: int, end: int) -> Iterable[IndexedEntry]:
    for bundle in range(start // WIDTH, -(-end // WIDTH)):
        for at, leaf in enumerate(read_entry_bundle(files, bundle, end)):
            place = bundle * WIDTH + at
            if place >= start:
                parsed = parse_leaf(leaf)
                content = _envelope(files, parsed.envelope)
                yield _row(place, leaf, content)


def _row(seq: int, leaf: bytes, content: bytes | None) -> IndexedEntry:
    """Return the row of an entry: a function of leaf and envelope alone."""
    parsed = parse_leaf(leaf)
    about = [each.name for each in parsed.subjects]
    if content is not None:
        about += _names_in(verify_leaf(parsed, content)[1].predicate)
    return IndexedEntry(
        seq=seq,
        envelope=parsed.envelope,
        type=parsed.predicate_type,
        about=tuple(dict.fromkeys(each for each in about if each)),
        leaf=leaf,
        content=content,
    )


def _names_in(predicate: Mapping[str, Any]) -> list[str]:
    named = (predicate.get(field) for field in NAMED)
    return [each for each in named if isinstance(each, str)]


def _envelope(files: LogFiles, digest: str) -> bytes | None:
    return files.read(statement_path(digest))


def _prove(rows: Sequence[IndexedEntry], size: int, root: bytes) -> None:
    """Compare the index with the tree that was signed, and each row with itself (rules 2 and 3)."""
    edge, _ = grow(EMPTY_EDGE, [each.leaf for each in rows])
    if (edge.size, edge.root()) != (size, root) or [each.seq for each in rows] != [*range(size)]:
        raise _not_a_copy("its leaves are not the tree that the log signs")
    for each in rows:
        try:
            wanted = _row(each.seq, each.leaf, each.content)
        except TrustError as cause:
            raise _not_a_copy(f"row {each.seq}: {cause!s:.200}") from cause
        if each != wanted:
            raise _not_a_copy(f"row {each.seq} says something else than its entry")


def _not_a_copy(why: str) -> Refused:
    return Refused(f"the index is not what the log records ({why}); {REBUILD} makes it anew")


def _as_shown(files: LogFiles, found: Found) -> Found:
    """Return an answer without what the log no longer shows (rule 4)."""
    if _envelope(files, found.leaf.envelope) is not None:
        return found
    return replace(found, statement=None, stated_at=None)


def _found(files: LogFiles, entry: IndexedEntry) -> Found:
    leaf = parse_leaf(entry.leaf)
    content = entry.content
    if content is None:
        content = _envelope(files, leaf.envelope)
    statement = None if content is None else verify_leaf(leaf, content)[1]
    stated = None if statement is None else _stated_at(statement.predicate)
    return Found(index=entry.seq, leaf=leaf, statement=statement, stated_at=stated)


def _stated_at(predicate: Mapping[str, Any]) -> datetime | None:
    plan = predicate.get("plan")
    inner = plan if isinstance(plan, Mapping) else {}
    for field in DATED:
        text = predicate.get(field) or inner.get(field)
        if isinstance(text, str):
            try:
                return parse_instant(text, path=field)
            except FormatError:
                continue
    return None


def _answers(found: Found, question: Question) -> bool:
    leaf = found.leaf
    if question.kind is not None and leaf.predicate_type != question.kind.uri:
        return False
    since, stated = question.since, found.stated_at
    if since is not None and stated is not None and stated < since:
        return False
    names = [each.name for each in leaf.subjects]
    if found.statement is not None:
        names += _names_in(found.statement.predicate)
    digests = [each.sha256 for each in leaf.subjects] + [leaf.envelope]
    text = question.about
    is_digest = len(text) >= 8 and set(text) <= set("0123456789abcdef")
    return any(text in each for each in names) or (
        is_digest and any(each.startswith(text) for each in digests)
    )
