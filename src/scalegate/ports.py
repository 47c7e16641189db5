"""What we ask of the outside: protocols, and the promises that each implementation must keep.

`app` works against these; `wiring` picks the adapters that keep them. The promises stand in the
docstrings and are tested once for all adapters of a port (`tests/contract`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from scalegate.evidence.case import Case
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record
    from scalegate.ledger.envelopes import PublicKey

ComputeTask = TypeVar("ComputeTask")
ComputeAnswer = TypeVar("ComputeAnswer")
LOG_KIND = "log"
"""The kind of an evaluation log; every other kind is the `Kind` of an evidence document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a document names by digest and that is kept beside it."""

    name: str
    """The name that the document uses for it."""
    digest: str
    """SHA-256 of its bytes."""
    size_bytes: int
    """Its size in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """One recorded piece of evidence: what it is called, about, and from when."""

    digest: str
    """SHA-256 of the file's bytes: the item's identity."""
    content_digest: str
    """SHA-256 of the canonical content; for a log, of its bytes. YAML and JSON of one document
    share it."""
    kind: str
    """`log`, or the kind of the document: `published-result`, `act`, ..."""
    id: str
    """Its name; a later version has the same name and a later `known_from`."""
    subject: str
    """What it is about; empty for a log, which a mapping ties to a checkpoint."""
    true_from: datetime
    """From when it is so in the world (UTC)."""
    true_until: datetime | None
    """Until when, where it ended (UTC)."""
    known_from: datetime
    """From when it was known (UTC)."""
    recorded_at: datetime
    """When it entered this workspace (UTC)."""
    source_name: str
    """Name of the file that it was imported from; for readers only."""
    extension: str
    """How the kept copy's name ends: `eval`, `json` or `yaml`."""
    size_bytes: int
    """Size of the file in bytes."""
    attachments: tuple[Attachment, ...] = ()
    """Files kept beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file that was read, judged well-formed, and may be recorded."""

    path: Path
    """Where its bytes lie now."""
    item: EvidenceItem
    """What would be recorded; `recorded_at` is set by the store."""
    attached: Mapping[str, Path]
    """Where the attachments lie now, by name."""


class Outcome(StrEnum):
    """What became of an offer."""

    IMPORTED = "imported"
    """It is recorded and durable."""
    ALREADY_THERE = "already there"
    """The same bytes, or the same content, were recorded before; nothing was added."""
    REFUSED = "refused"
    """It contradicts what is recorded; nothing of it was kept."""
    HELD_BACK = "held back"
    """It was in order, but another offer of an all-or-nothing import was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one offer."""

    outcome: Outcome
    """What became of it."""
    item: EvidenceItem
    """The recorded item; for what was not recorded, the item as offered."""
    reason: str = ""
    """Why, and the next step, where it was not imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHead:
    """The state of a store in two values: equal heads mean equal records."""

    count: int
    """How many items are recorded, superseded ones included."""
    chain: str
    """SHA-256 over all records in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFinding:
    """One thing that a check of the store noticed."""

    what: str
    """What is wrong, where, and the next step."""
    is_fault: bool
    """False for leavings of an interrupted import: harmless, and removed by `sweep`."""


class Clock(Protocol):
    """Says what time it is.

    Promises:
        1. `now` is an aware instant in UTC.
        2. Nothing is decided by it: it dates records, and is the default of `--as-of`.
    """

    def now(self) -> datetime:
        """Return the present instant."""
        ...


class ContentStore(Protocol):
    """Keeps bytes under their SHA-256.

    Promises:
        1. `put` copies in bounded memory, and refuses bytes whose digest is not the named one.
        2. After `flush`, what was put survives the end of the process and of the machine.
        3. A file is complete or absent under its final name; nothing is ever overwritten with
           other bytes.
        4. `verified` gives a path only after all bytes were compared with the digest.
    """

    def put(self, source: Path, *, digest: str, extension: str) -> None:
        """Copy a regular file in; does nothing where it is already kept unharmed.

        Raises:
            DigestMismatch: the file's bytes are not those that were named.
            FormatError: it is a symbolic link or no regular file.
            OutsideError: it cannot be read, or the copy cannot be written.
        """
        ...

    def flush(self) -> None:
        """Make everything that was put durable.

        Raises:
            OutsideError: the file system refused.
        """
        ...

    def verified(self, digest: str, *, extension: str) -> Path:
        """Return the path of kept bytes after comparing all of them with their digest.

        Raises:
            TrustError: the file is gone or has other bytes.
            OutsideError: it cannot be read.
        """
        ...

    def leftovers(self, expected: frozenset[str]) -> tuple[Path, ...]:
        """Return files that no record names, given the names `<digest>.<extension>` that do."""
        ...


class EvidenceStore(Protocol):
    """Records evidence, never changes it, and answers what was known when.

    Promises:
        1. Atomic: everything that one `add` imports becomes visible at once, or nothing does.
        2. Durable: what `add` returned as imported survives `kill -9` and a power cut.
        3. Idempotent: the same bytes, or the same content, are one record.
        4. Append-only: nothing recorded is overwritten or removed. A later `known_from` of the
           same id supersedes on read; both stay.
        5. Fail closed: a record that was altered, a file that is gone or has other bytes, a cut
           database is a `TrustError`, never a shorter answer.
        6. One writer at a time: a second waits for a bounded time, then fails in words.
        7. The order of arrival changes no answer of `items`.
    """

    def add(
        self, offers: Sequence[Offer], *, is_all_or_nothing: bool = False
    ) -> tuple[Receipt, ...]:
        """Record what is in order, in one transaction; one receipt per offer, in their order.

        Raises:
            TrustError: the store is damaged, or a file changed after it was read.
            OutsideError: it cannot be written, or another writer did not finish in time.
        """
        ...

    def items(
        self,
        *,
        true_at: datetime,
        known_at: datetime,
        kind: str | None = None,
        subject: str | None = None,
    ) -> tuple[EvidenceItem, ...]:
        """Return what was known at `known_at` about the world at `true_at`, ordered by id.

        Of each id the version with the latest `known_from` not after `known_at` counts, if it is
        true at `true_at` (`true_from` <= `true_at` < `true_until`): the rule of
        `evidence.bundle`. What has ended, an incident say, stays in `history`.

        Raises:
            TrustError: the store is damaged.
            OutsideError: it cannot be read.
        """
        ...

    def history(self, evidence_id: str | None = None) -> tuple[EvidenceItem, ...]:
        """Return every record in the order of arrival, superseded ones too; of one id, or all.

        Raises:
            TrustError: the store is damaged.
            OutsideError: it cannot be read.
        """
        ...

    def locate(self, item: EvidenceItem) -> Path:
        """Return the path of an item's file after comparing all its bytes with its digest.

        Raises:
            TrustError: the file is gone or has other bytes.
            OutsideError: it cannot be read.
        """
        ...

    def locate_attachment(self, attachment: Attachment) -> Path:
        """Return the path of an attachment, compared like `locate`.

        Raises:
            TrustError: the file is gone or has other bytes.
            OutsideError: it cannot be read.
        """
        ...

    def head(self) -> StoreHead:
        """Return the state of the records, so that a decision can name what it rests on.

        Raises:
            TrustError: the store is damaged.
            OutsideError: it cannot be read.
        """
        ...

    def check(self) -> tuple[StoreFinding, ...]:
        """Compare every record and every file; return what is wrong instead of raising it."""
        ...

    def sweep(self) -> tuple[str, ...]:
        """Remove files that no record names, and return their names.

        Raises:
            TrustError: the records are damaged; then nothing is removed.
            OutsideError: a file cannot be removed.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class EvidenceReader(Protocol):
    """Reads evidence files into values.

    Promises:
        1. Hostile content is refused with its fault, within bounded memory; nothing is executed.
        2. A value is of the whole file: nothing is silently left out.
        3. The digest in a value is of the bytes that were read.
    """

    def measure(self, path: Path) -> tuple[str, int]:
        """Return the SHA-256 and the size in bytes of a regular file, in bounded memory.

        Raises:
            FormatError: a symbolic link, a folder, a device or a pipe.
            OutsideError: absent, or not readable.
        """
        ...

    def read_head(self, path: Path, *, at_most_bytes: int) -> bytes:
        """Return the first bytes of a regular file.

        Raises:
            FormatError: a symbolic link, a folder, a device or a pipe.
            OutsideError: absent, or not readable.
        """
        ...

    def read_log(self, path: Path, *, digest: str, metadata_keys: tuple[str, ...] = ()) -> EvalLog:
        """Read an evaluation log whose bytes have this digest.

        Raises:
            FormatError: it is damaged, or of a layout that cannot be read.
            DocumentFaults: the same, with several faults.
            OutsideError: the file cannot be read.
        """
        ...

    def read_document(self, path: Path) -> Record:
        """Read an evidence document, and the file that it names, beside it or below.

        Raises:
            FormatError: the document, or the file that it names, is wrong.
            DocumentFaults: the same, with every fault.
            UsageError: a file cannot be opened.
        """
        ...

    def read_kept(self, path: Path, *, name: str, attached: Mapping[str, Path]) -> Record:
        """Read an evidence document of a workspace, whose files are kept elsewhere.

        Args:
            path: the kept copy of the document, already compared with its digest.
            name: what to call it in messages.
            attached: the kept copies of the files that it names, compared likewise.

        Raises:
            FormatError: the document, or a file that it names, is wrong.
            DocumentFaults: the same, with every fault.
            OutsideError: a file cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """The text of a policy document, and where it came from."""

    file: str
    """Name of the file, for messages."""
    text: str
    """The text."""
    digest: str
    """SHA-256 of the file's bytes."""
    is_shipped: bool
    """Whether it came with this program; else it is the workspace's own."""


TableKind = Literal["coverage", "regime", "crosswalk"]
"""What is shipped beside the policies: a folder of `frameworks/` each."""


class PolicySource(Protocol):
    """Gives the texts of policies, of indicator sets, and of bridges between policies.

    Promises:
        1. Every document of the source is given, in the order of their names, or an error is
           raised: a file that cannot be read is never left out.
        2. The digest is of the bytes whose text is given.
    """

    def policies(self) -> tuple[PolicyText, ...]:
        """Return the shipped frameworks, then the workspace's own policies.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read.
        """
        ...

    def indicator_sets(self) -> tuple[PolicyText, ...]:
        """Return the shipped indicator sets, then the workspace's own.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read.
        """
        ...

    def tables(self, kind: TableKind) -> tuple[PolicyText, ...]:
        """Return the shipped tables of one kind: coverage, regime or crosswalk.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read.
        """
        ...

    def bridges(self) -> tuple[PolicyText, ...]:
        """Return the shipped bridges between policies, then the workspace's own.

        Raises:
            FormatError: a file is no UTF-8 text, too large, or a symbolic link.
            OutsideError: a file or folder cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledCase:
    """A case, and where it was filed."""

    name: str
    """`lab/case` in the library; for a folder outside it, the folder's name."""
    case: Case
    """The case."""
    logs: Mapping[str, EvalLog]
    """Its evaluation logs, by the names that the case has for them."""


class CaseSource(Protocol):
    """Gives published decisions as cases.

    Promises:
        1. `names` lists every case of the library by `lab/case`, sorted; a folder of a lab that
           holds something else is an error, never skipped.
        2. `read` gives a case whole, logs included, or raises.
    """

    def names(self) -> tuple[str, ...]:
        """Return the name of every case of the library.

        Raises:
            FormatError: a folder of a lab holds something that is no case.
            OutsideError: a folder cannot be read.
        """
        ...

    def read(self, name: str) -> FiledCase:
        """Read a case of the library by its name.

        Raises:
            UnknownName: no case of that name.
            DocumentFaults: every fault of every file.
        """
        ...

    def read_folder(self, folder: Path) -> FiledCase:
        """Read a case from a folder anywhere.

        Raises:
            UsageError: no such folder, or no `case.yaml` in it.
            DocumentFaults: every fault of every file.
        """
        ...


class LogFiles(Protocol):
    """The files of a log, named by paths below its address.

    Promises:
        1. `create` is atomic and durable when it returns, and only one of several callers creates
           a path, also from several processes and machines.
        2. `write` is atomic: a reader sees the old content or the new one, never a part.
        3. After `settle` returns, all that was written before is durable.
        4. `swap` replaces a path only if its content is still what the caller believes, also
           against other processes and machines.
        5. A path that is no plain relative path is refused.
    """

    def read(self, path: str) -> bytes | None:
        """Return the content, or nothing where the path does not exist.

        Raises:
            OutsideError: it cannot be read.
        """
        ...

    def create(self, path: str, content: bytes) -> bool:
        """Write a new path; tell whether this call created it.

        Raises:
            OutsideError: it cannot be written.
        """
        ...

    def write(self, path: str, content: bytes) -> None:
        """Write a path, whether or not it exists.

        Raises:
            OutsideError: it cannot be written.
        """
        ...

    def swap(self, path: str, old: bytes, new: bytes) -> bool:
        """Replace `old` by `new`; tell whether the content was still `old`.

        Raises:
            OutsideError: it cannot be read or written.
        """
        ...

    def settle(self, paths: Sequence[str]) -> None:
        """Make these paths durable.

        Raises:
            OutsideError: that cannot be done.
        """
        ...

    def remove(self, path: str) -> None:
        """Remove a path, if it exists.

        Raises:
            OutsideError: it cannot be removed.
        """
        ...

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names directly below a folder, sorted; none where it does not exist."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedEntry:
    """A row of an index of a log: a copy, as it stands."""

    seq: int
    """The entry's place, from 0."""
    envelope: str
    """SHA-256 of the envelope's bytes, in hexadecimal."""
    type: str
    """The predicate type, a URI."""
    about: tuple[str, ...]
    """Names of what it is about."""
    leaf: bytes
    """The leaf's bytes."""
    content: bytes | None
    """The envelope's bytes; nothing where the log does not show them."""


class RecordIndex(Protocol):
    """Keeps copies of what stands in logs, by the log's origin; nobody believes it unproved.

    Promises:
        1. `add` and `replace` are atomic, also against other processes.
        2. What was added is given back as it is, in the order of places.
        3. A row whose place is taken is not added.
    """

    def entries(self, log: str) -> tuple[IndexedEntry, ...]:
        """Return the rows of a log, by place.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be read.
        """
        ...

    def add(self, log: str, entries: Sequence[IndexedEntry]) -> None:
        """Add rows.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be written.
        """
        ...

    def replace(self, log: str, entries: Sequence[IndexedEntry]) -> None:
        """Put rows in the place of those that have their places.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be written.
        """
        ...

    def clear(self, log: str) -> None:
        """Drop all rows of a log.

        Raises:
            TrustError: the database is damaged.
            OutsideError: it cannot be written.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Signer(Protocol):
    """Signs with a private key that never leaves it.

    Promises:
        1. `sign` gives a signature that `key` verifies over exactly these bytes.
        2. The private key is never shown, logged or written where others can read it.
    """

    @property
    def key(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature of a message.

        Raises:
            OutsideError: the key cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHead:
    """The tree head that a witness last cosigned for a log."""

    size: int
    """Entries."""
    root: bytes
    """32 bytes."""


class WitnessStore(Protocol):
    """Remembers, for each log, what a witness has cosigned.

    Promises:
        1. `swap` compares and stores in one step, also against other processes.
        2. What `swap` stored is durable when it returns.
    """

    def seen(self, origin: str) -> SeenHead | None:
        """Return what was last cosigned for a log, or nothing.

        Raises:
            OutsideError: it cannot be read.
        """
        ...

    def swap(self, origin: str, old: SeenHead | None, new: SeenHead) -> bool:
        """Store `new` if `old` is what is stored; tell whether it was.

        Raises:
            OutsideError: it cannot be written.
        """
        ...


class HttpPost(Protocol):
    """Sends bytes to an address.

    Promises:
        1. It ends within a stated time, and reads a bounded answer.
        2. It follows no redirection, and speaks http and https only.
    """

    def __call__(self, url: str, body: bytes, /) -> tuple[int, bytes]:
        """Return the status code and the body of the answer, whatever the status.

        Raises:
            OutsideError: no answer.
        """
        ...


class Compute(Protocol):
    """Runs one function over many tasks.

    Promises:
        1. Answers come in the order of tasks, one each, whatever finished first.
        2. Function, tasks and answers are handed on unchanged: one process would answer the same.
        3. A task that fails fails the whole; no answer is left out.
    """

    def map(
        self, work: Callable[[ComputeTask], ComputeAnswer], tasks: Sequence[ComputeTask], /
    ) -> list[ComputeAnswer]:
        """Return `work(task)` for each task.

        Args:
            work: a function of a module, so that another process can find it.
            tasks: plain data.

        Raises:
            OutsideError: the processes cannot be started, or one of them ended.
        """
        ...
