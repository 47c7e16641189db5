"""Read a log from its files: what it holds, proofs, and whether everything is as it was signed.

Verification, by the numbers that code and messages cite:

1. The trust chain: the first document is the one the caller brought; each next one is signed by
   the roots of both versions.
2. The checkpoint is signed by the log, and cosigned by the witnesses that the trust document asks.
3. Every hash is computed anew from the entries; the root is the one signed.
4. Every leaf is in the one form, and names an envelope that is there with that digest, or hidden.
5. Every envelope is signed by a role that may say so, at its threshold; no key acts in two roles.
6. The newest trust document has not ended by a stated clock: the reader's, where one is given; else
   the latest time at which a witness cosigned the checkpoint, since the log has no time of its own.
   Without either, its end is compared with nothing, and the report says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from scalegate.app.record.appending import (
    read_checkpoint_bytes,
    read_size,
    read_tile,
    statement_path,
)
from scalegate.base.errors import TrustError
from scalegate.base.instants import format_instant
from scalegate.ledger.checkpoints import Checkpoint, parse_checkpoint
from scalegate.ledger.envelopes import parse_envelope
from scalegate.ledger.faults import Refused
from scalegate.ledger.growth import EMPTY_EDGE, grow
from scalegate.ledger.leaves import Leaf, parse_leaf, verify_leaf
from scalegate.ledger.log_proofs import LogProof
from scalegate.ledger.statements import Predicate, Statement, parse_statement
from scalegate.ledger.tiles import WIDTH, TileId, node_reader, read_bundle
from scalegate.ledger.tree import prove_inclusion
from scalegate.ledger.trust import (
    Trust,
    Vouched,
    check_current,
    check_separation,
    rotate_trust,
    vouch,
)
from scalegate.ledger.view import View, open_view
from scalegate.ports import LogFiles

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, beyond which no calendar of ours goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a log, with its envelope where it is shown."""

    index: int
    """From 0."""
    leaf: Leaf
    """What the log records."""
    content: bytes | None
    """The envelope's bytes; nothing where they are withheld or withdrawn."""
    statement: Statement | None
    """What it says, if it is shown. Nothing of it is verified here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFault:
    """One entry that does not hold."""

    index: int
    """From 0."""
    reason: str
    """What, expected, got."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What a verification found."""

    view: View
    """The checkpoint that was verified."""
    trust: Trust
    """The newest trust document."""
    vouched: tuple[tuple[int, Vouched], ...]
    """Entries that hold, in order."""
    faults: tuple[EntryFault, ...]
    """Entries that do not."""
    hidden: tuple[int, ...]
    """Entries whose envelope is not shown; nothing but their place is checked."""
    clock: datetime | None = None
    """With what the end of the trust document was compared; None: with nothing (rule 6)."""
    clock_given: bool = False
    """Whether the reader gave that clock; else it is that of the checkpoint's witnesses."""

    @property
    def clock_text(self) -> str:
        """Which clock the end of the trust document was compared with, in words."""
        if self.clock is None:
            return "compared with no clock: no witness cosigned, and none was given"
        whose = "the clock you gave" if self.clock_given else "the newest checkpoint's witnesses"
        return f"not reached by {format_instant(self.clock)}, by {whose}"


def read_entries(files: LogFiles, size: int, *, start: int = 0) -> Iterator[Entry]:
    """Yield the entries from `start` to `size`, reading one bundle at a time.

    Raises:
        Refused: a bundle is missing.
        MalformedRecord: a bundle or a leaf is not in its form.
    """
    for index in range(start // WIDTH, -(-size // WIDTH)):
        for at, content in enumerate(read_entry_bundle(files, index, size)):
            place = index * WIDTH + at
            if place >= start:
                yield _entry(files, place, content)


def read_entry_bundle(files: LogFiles, index: int, size: int) -> list[bytes]:
    """Return the entries of one bundle of a log of `size`.

    Raises:
        Refused: it is missing.
        MalformedRecord: it has another count.
    """
    width = min(WIDTH, size - index * WIDTH)
    tile = TileId(level=-1, index=index, width=width)
    content = files.read(tile.path())
    if content is None and width < WIDTH:
        full = files.read(TileId(level=-1, index=index).path())
        if full is not None:
            return read_bundle(full, width=WIDTH)[:width]
    if content is None:
        raise Refused("a file of the log is missing", where=tile.path())
    return read_bundle(content, width=width)


def _entry(files: LogFiles, index: int, leaf_bytes: bytes) -> Entry:
    leaf = parse_leaf(leaf_bytes)
    content = files.read(statement_path(leaf.envelope))
    statement = None
    if content is not None:
        _, statement = verify_leaf(leaf, content)
    return Entry(index=index, leaf=leaf, content=content, statement=statement)


def prove_entry(files: LogFiles, index: int) -> LogProof:
    """Return the proof file's content for an entry, to the log's present checkpoint.

    Raises:
        ProofRefused: there is no such entry.
        Refused: a tile is missing.
    """
    checkpoint = parse_checkpoint(read_checkpoint_bytes(files))
    size = checkpoint.head.size
    node = node_reader(size, lambda tile: read_tile(files, tile))
    path = tuple(prove_inclusion(index, size, node))
    return LogProof(index=index, path=path, checkpoint=checkpoint)


def check_tree(files: LogFiles, checkpoint: Checkpoint) -> None:
    """Compute every hash anew from the entries, and compare with the tiles and the root (rule 3).

    Shapes: one bundle of 256 entries is in memory at a time.

    Raises:
        Refused: a tile is missing or differs, or the root is another.
    """
    head = checkpoint.head
    edge = EMPTY_EDGE
    for index in range(-(-head.size // WIDTH)):
        edge, new = grow(edge, read_entry_bundle(files, index, head.size))
        for path, content in new.items():
            stored = files.read(path)
            if stored is not None and stored != content:
                raise Refused("a tile is not what the entries give", where=path)
    if edge.size != head.size or edge.root() != head.root:
        raise Refused(
            "the entries are not the tree that was signed",
            expected=head.root.hex(), got=edge.root().hex(),
        )  # fmt: skip


def verify_log(files: LogFiles, trust: Trust, *, at: datetime | None = None) -> LogReport:
    """Check a whole log (rules 1 to 6).

    Args:
        files: the log.
        trust: the first trust document, which the reader got elsewhere.
        at: the reader's clock; None: that of the newest checkpoint's witnesses.

    Raises:
        UsageError: there is no log.
        TrustError: the checkpoint or the tree does not hold, or the trust document has ended.
            Entries that do not hold are reported.

    Does not check: that an older checkpoint seen elsewhere is a prefix (`view.advance`), what the
    statements say, or that decisions follow from them.
    """
    newest = trust_in_log(files, trust)
    view = open_view(newest, read_checkpoint_bytes(files))
    check_tree(files, view.checkpoint)
    clock = at or witnessed_at(view)
    if clock is not None:
        check_current(newest, clock)
    acted: dict[bytes, str] = {}
    vouched: list[tuple[int, Vouched]] = []
    faults: list[EntryFault] = []
    hidden: list[int] = []
    chain = trust
    for index, leaf_bytes in _leaves(files, view.head.size):
        try:
            entry = _entry(files, index, leaf_bytes)
            if entry.content is None:
                hidden.append(index)
                continue
            chain = _follow(chain, entry)
            each = vouch(chain, entry.content)
            check_separation([each], acted)
            vouched.append((index, each))
        except TrustError as cause:
            faults.append(EntryFault(index=index, reason=str(cause)))
    return LogReport(
        view=view,
        trust=newest,
        vouched=tuple(vouched),
        faults=tuple(faults),
        hidden=tuple(hidden),
        clock=clock,
        clock_given=at is not None,
    )


def witnessed_at(view: View) -> datetime | None:
    """Return the latest time at which a witness cosigned a checkpoint; None where none did."""
    seconds = max((each.seconds for each in view.cosigned), default=None)
    if seconds is None:
        return None
    return datetime.fromtimestamp(min(seconds, LAST_SECOND), UTC)


def _leaves(files: LogFiles, size: int) -> Iterator[tuple[int, bytes]]:
    for index in range(-(-size // WIDTH)):
        for at, content in enumerate(read_entry_bundle(files, index, size)):
            yield index * WIDTH + at, content


def _follow(trust: Trust, entry: Entry) -> Trust:
    """Move on to the trust document of an entry, if it is the next one (rule 1)."""
    if entry.statement is None or entry.content is None:
        return trust
    if entry.statement.kind is not Predicate.TRUST:
        return trust
    return follow_trust(trust, entry.content)


def follow_trust(trust: Trust, content: bytes) -> Trust:
    """Return the trust document of an envelope, or the one in force where it is the same version.

    Raises:
        TrustError: it is no trust document, or does not follow from the one in force.
    """
    statement = parse_statement(parse_envelope(content).payload)
    if statement.predicate.get("version") == str(trust.version):
        return trust
    return rotate_trust(trust, content)


def trust_in_log(files: LogFiles, first: Trust) -> Trust:
    """Return the newest trust document that follows from the first one (rule 1).

    Documents that do not follow change nothing here; `verify_log` reports them.
    """
    return trusts_in_log(files, first)[-1]


def trusts_in_log(files: LogFiles, first: Trust) -> tuple[Trust, ...]:
    """Return the first trust document and those that follow from it in the log, oldest first."""
    found = [first]
    size = parse_checkpoint(read_checkpoint_bytes(files)).head.size
    for _, leaf_bytes in _leaves(files, size):
        leaf = parse_leaf(leaf_bytes)
        if leaf.predicate_type != Predicate.TRUST.uri:
            continue
        content = files.read(statement_path(leaf.envelope))
        if content is None:
            continue
        try:
            following = _follow(found[-1], _entry_of(leaf, content))
        except TrustError:
            continue
        if following is not found[-1]:
            found.append(following)
    return tuple(found)


def _entry_of(leaf: Leaf, content: bytes) -> Entry:
    _, statement = verify_leaf(leaf, content)
    return Entry(index=-1, leaf=leaf, content=content, statement=statement)


def vouched_of(
    files: LogFiles, first: Trust, kinds: Collection[Predicate]
) -> Iterator[tuple[int, Vouched]]:
    """Yield the shown entries of some kinds that hold under the trust of their place, in order.

    Entries that do not hold are left out here; `verify_log` reports them.

    Raises:
        TrustError: a file of the log is missing or not in its form.
    """
    trust, uris = first, {each.uri for each in kinds}
    for index, leaf_bytes in _leaves(files, read_size(files)):
        leaf = parse_leaf(leaf_bytes)
        is_trust = leaf.predicate_type == Predicate.TRUST.uri
        content = files.read(statement_path(leaf.envelope))
        if content is None or not (is_trust or leaf.predicate_type in uris):
            continue
        try:
            if is_trust:
                trust = follow_trust(trust, content)
            if leaf.predicate_type in uris:
                verify_leaf(leaf, content)
                yield index, vouch(trust, content)
        except TrustError:
            continue


def signers_of_entry(entry: Entry) -> Sequence[str]:
    """Return the key ids that an entry's envelope names, unverified."""
    if entry.content is None:
        return entry.leaf.keys
    return [each.key_id for each in parse_envelope(entry.content).signatures]


def vouch_under(trusts: Sequence[Trust], content: bytes) -> Vouched:
    """Return what vouches for an envelope under the newest of the trust documents that does.

    Raises:
        MalformedRecord, SignatureRefused, RoleRefused: none of them does, as the oldest says it.
    """
    for trust in reversed(trusts[1:]):
        with suppress(TrustError):
            return vouch(trust, content)
    return vouch(trusts[0], content)
