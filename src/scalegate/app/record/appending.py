"""Append to a log so that nothing acknowledged is lost, whoever else appends.

1. A batch is committed by *creating* `journal/<size>`: the name is the size the log had, so only
   one of several writers can commit there. The journal holds the leaves, the envelopes and the new
   signed checkpoint.
2. Then its files are written: envelopes, tiles, and last the checkpoint, which is swapped for the
   one before, so that a slow writer never puts an old one back.
3. Whoever opens a log applies a committed journal that a killed writer left behind, before
   anything else. Applying twice changes nothing.
4. Only when its files are durable is a journal removed. One with a size below the checkpoint's is
   never applied.
5. The same envelope is recorded once: appending it again returns where it stands.
6. The tree that the tiles give must have the root that the checkpoint signs; if not, nothing is
   appended.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import OutsideError, UsageError
from scalegate.ledger.checkpoints import (
    Checkpoint,
    TreeHead,
    cosign,
    parse_checkpoint,
    sign_head,
    verify_checkpoint,
)
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.growth import EMPTY_EDGE, Edge, grow, read_edge
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.notes import Note, NoteKind, NoteSignature, VerifierKey
from scalegate.ledger.signing import Algorithm
from scalegate.ledger.strict_json import parse_json
from scalegate.ledger.tiles import WIDTH, TileId, check_tile
from scalegate.ledger.tree import EMPTY_ROOT, HASH_SIZE, leaf_hash
from scalegate.ports import Clock, LogFiles, Signer

CHECKPOINT = "checkpoint"
JOURNAL = "journal"
STATEMENT = "statement"
MOST_TRIES = 50
MOST_JOURNALS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where an envelope stands in the log."""

    index: int
    """From 0."""
    envelope: str
    """SHA-256 of its bytes."""
    is_new: bool
    """Whether this call appended it."""


def log_key(signer: Signer, origin: str) -> VerifierKey:
    """Return the key under which a signer signs the checkpoints of a log.

    Raises:
        UsageError: its algorithm signs no notes.
    """
    check_note_algorithm(signer.key.algorithm)
    is_plain = signer.key.algorithm is Algorithm.ED25519
    kind = NoteKind.ED25519 if is_plain else NoteKind.ML_DSA_44_COSIGNATURE
    return VerifierKey(name=origin, kind=kind, public=signer.key.public)


def check_note_algorithm(algorithm: Algorithm) -> None:
    """Refuse a key that can sign envelopes, but no checkpoint.

    Raises:
        UsageError: it is one.
    """
    if algorithm is Algorithm.ECDSA_P256:
        raise UsageError(
            f"a key of {algorithm} signs no checkpoints",
            hint="for a log or a witness take ed25519 or ml-dsa-44",
        )


def statement_path(envelope: str) -> str:
    """Return where an envelope lies, by the SHA-256 of its bytes."""
    return f"{STATEMENT}/{envelope[:2]}/{envelope}"


class LogWriter:
    """Appends to one log."""

    def __init__(
        self,
        files: LogFiles,
        signers: Sequence[Signer],
        *,
        origin: str,
        clock: Clock,
        known: Sequence[VerifierKey] = (),
    ) -> None:
        """Take the files and the log's signers; the first is Ed25519, as public logs must have.

        `known` are keys by which the log was signed so far, where its signers change: checkpoints
        under them are read, none is signed by them any more.
        """
        self._files = files
        self._signers = tuple(signers)
        self._origin = origin
        self._clock = clock
        self._known = tuple(known)
        self._edge = EMPTY_EDGE
        self._places: dict[bytes, int] = {}

    def create(self) -> Checkpoint:
        """Begin an empty log.

        Raises:
            UsageError: there is one already.
            OutsideError: the files cannot be written.
        """
        head = TreeHead(origin=self._origin, size=0, root=EMPTY_ROOT)
        note = self._sign(head)
        if not self._files.create(CHECKPOINT, note.to_text().encode()):
            raise UsageError("there is a log already", hint="append to it, or name another folder")
        return Checkpoint(head=head, note=note)

    def append(self, envelopes: Sequence[bytes]) -> tuple[Recorded, ...]:
        """Record envelopes in their order; when this returns, they survive a kill and a power cut.

        Raises:
            MalformedRecord: an envelope is none, or holds no statement; nothing is recorded.
            Refused: the log's files are not what its checkpoint signs; nothing is recorded.
            OutsideError: the files cannot be written, or too many others append.
        """
        leaves = [leaf_of(content).to_bytes() for content in envelopes]
        for _ in range(MOST_TRIES):
            self._catch_up()
            known = {leaf: self._places.get(leaf_hash(leaf)) for leaf in leaves}
            missing = [leaf for leaf in dict.fromkeys(leaves) if known[leaf] is None]
            fresh = dict(zip(leaves, envelopes, strict=True))
            if not missing or self._commit(missing, [fresh[leaf] for leaf in missing]):
                return tuple(
                    Recorded(
                        index=self._places[leaf_hash(leaf)],
                        envelope=sha256(content).hexdigest(),
                        is_new=known[leaf] is None,
                    )
                    for leaf, content in zip(leaves, envelopes, strict=True)
                )
        raise OutsideError("others append to this log all the time; try again")

    def _commit(self, leaves: Sequence[bytes], envelopes: Sequence[bytes]) -> bool:
        size = self._edge.size
        before = read_checkpoint_bytes(self._files)
        edge, files = grow(self._edge, leaves)
        head = TreeHead(origin=self._origin, size=edge.size, root=edge.root())
        checkpoint = self._sign(head).to_text().encode()
        journal = write_journal(leaves, envelopes, checkpoint)
        if not self._files.create(f"{JOURNAL}/{size}", journal):
            return False
        if read_size(self._files) != size:
            # Others went on. Either they removed their own journal of this name, and ours counts
            # for nothing; or they applied ours, whose files may not be on disk yet (rule 4).
            settle(self._files, [str(size)])
            return False
        _apply(self._files, envelopes, files, (before, checkpoint))
        self._take(edge, leaves)
        self._tidy()
        return True

    def _take(self, edge: Edge, leaves: Sequence[bytes]) -> None:
        for at, leaf in enumerate(leaves, start=self._edge.size):
            self._places.setdefault(leaf_hash(leaf), at)
        self._edge = edge

    def _sign(self, head: TreeHead) -> Note:
        lines: list[NoteSignature] = []
        for signer in self._signers:
            key = log_key(signer, self._origin)
            if key.kind is NoteKind.ED25519:
                lines.append(sign_head(head, key, signer.sign))
            else:
                seconds = int(self._clock.now().timestamp())
                lines.append(cosign(head, key, signer.sign, seconds=seconds))
        return Note(text=head.to_text(), signatures=tuple(lines))

    def _catch_up(self) -> None:
        """Apply journals that were left behind, then read what is new (rules 3 and 6)."""
        recover(self._files)
        own = [log_key(signer, self._origin) for signer in self._signers]
        keys = dict.fromkeys([*own, *self._known])
        head = verify_checkpoint(read_checkpoint_bytes(self._files), keys).head
        if head.size == self._edge.size and head.root == self._edge.root():
            return
        if head.size <= self._edge.size:
            raise Refused(
                "the log was put back while it was open",
                expected=f"at least {self._edge.size} entries", got=str(head.size),
            )  # fmt: skip
        edge = read_edge(head.size, lambda tile: read_tile(self._files, tile))
        if edge.root() != head.root:
            raise Refused(
                "the tiles are not the tree that was signed", where=f"size {head.size}",
                expected=head.root.hex(), got=edge.root().hex(),
            )  # fmt: skip
        for at, hashed in read_leaf_hashes(self._files, self._edge.size, head.size):
            self._places.setdefault(hashed, at)
        self._edge = edge

    def _tidy(self) -> None:
        names = [name for name in self._files.names(JOURNAL) if name.isdigit()]
        if len(names) >= MOST_JOURNALS:
            settle(self._files, names)


def read_checkpoint_bytes(files: LogFiles) -> bytes:
    """Return the checkpoint's bytes.

    Raises:
        UsageError: there is no log.
    """
    content = files.read(CHECKPOINT)
    if content is None:
        raise UsageError("there is no log here", hint="`scalegate keys init ORIGIN` begins one")
    return content


def read_size(files: LogFiles) -> int:
    """Return how many entries the checkpoint says there are. Does not check: its signature."""
    return parse_checkpoint(read_checkpoint_bytes(files)).head.size


def read_tile(files: LogFiles, tile: TileId) -> bytes:
    """Return a tile, from the full one where the partial one is gone.

    Raises:
        Refused: neither is there.
    """
    content = files.read(tile.path())
    if content is None and tile.width < WIDTH and tile.level >= 0:
        full = files.read(TileId(level=tile.level, index=tile.index).path())
        content = full[: tile.width * HASH_SIZE] if full is not None else None
    if content is None:
        raise Refused("a file of the log is missing", where=tile.path())
    return content


def read_leaf_hashes(files: LogFiles, start: int, end: int) -> list[tuple[int, bytes]]:
    """Return index and hash of the leaves from `start` to `end` (exclusive)."""
    found: list[tuple[int, bytes]] = []
    for index in range(start // WIDTH, -(-end // WIDTH)):
        tile = TileId(level=0, index=index, width=min(WIDTH, end - index * WIDTH))
        content = check_tile(tile, read_tile(files, tile))
        found.extend(
            (index * WIDTH + at, content[at * HASH_SIZE : (at + 1) * HASH_SIZE])
            for at in range(tile.width)
        )
    return [each for each in found if each[0] >= start]


def write_journal(leaves: Sequence[bytes], envelopes: Sequence[bytes], checkpoint: bytes) -> bytes:
    """Write a batch as one document."""
    return canonical_bytes(
        {
            "checkpoint": checkpoint.decode(),
            "entries": [b64encode(each).decode() for each in leaves],
            "envelopes": [b64encode(each).decode() for each in envelopes],
        }
    )


def recover(files: LogFiles) -> int:
    """Apply the journals that killed writers left behind; return how many (rule 3).

    Raises:
        Refused: a journal does not lead from the tree that is there to the one that it signs.
        MalformedRecord: a journal is damaged.
    """
    applied = 0
    while True:
        before = read_checkpoint_bytes(files)
        size = parse_checkpoint(before).head.size
        content = files.read(f"{JOURNAL}/{size}")
        if content is None:
            return applied
        _redo(files, before, content)
        applied += 1


def _redo(files: LogFiles, before: bytes, content: bytes) -> None:
    size = parse_checkpoint(before).head.size
    found: Any = parse_json(content, f"journal {size}")
    try:
        leaves = [b64decode(each) for each in found["entries"]]
        envelopes = [b64decode(each) for each in found["envelopes"]]
        checkpoint = found["checkpoint"].encode()
    except (KeyError, TypeError, ValueError) as cause:
        raise MalformedRecord("journal is damaged", where=f"{JOURNAL}/{size}") from cause
    head = parse_checkpoint(checkpoint).head
    edge, new = grow(read_edge(size, lambda tile: read_tile(files, tile)), leaves)
    if (edge.size, edge.root()) != (head.size, head.root) or not leaves:
        raise Refused("journal does not lead to what it signs", where=f"{JOURNAL}/{size}")
    _apply(files, envelopes, new, (before, checkpoint))


def _apply(
    files: LogFiles,
    envelopes: Sequence[bytes],
    new: Mapping[str, bytes],
    checkpoints: tuple[bytes, bytes],
) -> None:
    for content in envelopes:
        files.write(statement_path(sha256(content).hexdigest()), content)
    for path, content in new.items():
        files.write(path, content)
    before, after = checkpoints
    files.swap(CHECKPOINT, before, after)  # if another writer was quicker, it is done already


def settle(files: LogFiles, names: Sequence[str]) -> None:
    """Make the files of applied journals durable, then remove the journals (rule 4)."""
    size = read_size(files)
    done = sorted(int(name) for name in names if name.isdigit() and int(name) < size)
    paths = {CHECKPOINT}
    for start in done:
        content = files.read(f"{JOURNAL}/{start}")
        if content is not None:
            paths |= _paths_of(parse_json(content, f"journal {start}"), start)
    files.settle([path for path in sorted(paths) if files.read(path) is not None])
    for start in done:
        files.remove(f"{JOURNAL}/{start}")


def _paths_of(journal: Any, start: int) -> set[str]:
    from scalegate.ledger.tiles import new_tiles

    envelopes = [b64decode(each) for each in journal["envelopes"]]
    end = start + len(journal["entries"])
    tiles = {tile.path() for tile in new_tiles(start, end)}
    return tiles | {statement_path(sha256(each).hexdigest()) for each in envelopes}
