"""Import evidence: logs, documents and whole folders, recorded once, or refused with reasons.

1. Every file is read and judged first; then everything that is in order is recorded in one
   transaction. A process that dies on the way leaves nothing visible.
2. A bad file does not stop the others; the report names each with its reasons, and is not
   complete. With `is_all_or_nothing`, one bad file keeps all others out.
3. Named files must be evidence. In a folder, files that are plainly something else are listed as
   left out; a file that promises evidence and cannot be read is refused.
4. Links are refused, not followed. Files whose names begin with a dot are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.app.recognise import HEAD_BYTES, FileKind, recognise
from scalegate.base.errors import (
    DocumentFaults,
    FormatError,
    OutsideError,
    ScalegateError,
    TrustError,
    UsageError,
)
from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.ports import (
    LOG_KIND,
    Attachment,
    EvidenceItem,
    EvidenceReader,
    EvidenceStore,
    Offer,
    Outcome,
    Receipt,
)

if TYPE_CHECKING:
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.evidence.record import Record

MAX_FILES = 100_000
"""The most files that one import takes."""
_MAX_NAME = 200


class ImportOutcome(StrEnum):
    """What became of a file."""

    IMPORTED = "imported"
    """Recorded and durable."""
    ALREADY_THERE = "already there"
    """Recorded before; nothing was added."""
    REFUSED = "refused"
    """Not evidence that can be recorded; `reasons` say why."""
    HELD_BACK = "held back"
    """In order, but another file of an all-or-nothing import was refused."""
    LEFT_OUT = "left out"
    """Plainly no evidence; `reasons` say what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """What became of one file."""

    name: str
    """The file's path as named, or below the named folder; harmless to show."""
    outcome: ImportOutcome
    """What became of it."""
    item: EvidenceItem | None = None
    """The recorded item; None where there is none."""
    reasons: tuple[FormatError, ...] = ()
    """Why it is not recorded, what it already is, or from when it counts."""
    flag_count: int = 0
    """For a log: how many things about its validity were noticed."""

    @property
    def reason(self) -> str:
        """The reasons on one line."""
        return "; ".join(str(each) for each in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of all files of an import, in the order in which they were read."""

    files: tuple[ImportedFile, ...]
    """One entry per file."""

    @property
    def is_complete(self) -> bool:
        """True when nothing was refused or held back, and something was there to import."""
        bad = {ImportOutcome.REFUSED, ImportOutcome.HELD_BACK}
        good = {ImportOutcome.IMPORTED, ImportOutcome.ALREADY_THERE}
        outcomes = {file.outcome for file in self.files}
        return not outcomes & bad and bool(outcomes & good)

    def count(self, outcome: ImportOutcome) -> int:
        """Return how many files had an outcome."""
        return sum(file.outcome is outcome for file in self.files)

    def of(self, outcome: ImportOutcome) -> tuple[ImportedFile, ...]:
        """Return the files that had an outcome."""
        return tuple(file for file in self.files if file.outcome is outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    path: Path
    name: str
    is_named: bool
    fault: ScalegateError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    file: ImportedFile
    offer: Offer | None = None


def import_paths(
    store: EvidenceStore,
    reader: EvidenceReader,
    paths: Sequence[Path],
    *,
    on_progress: Callable[[int, int, str], None] | None = None,
    is_all_or_nothing: bool = False,
) -> ImportReport:
    """Read files and folders, and record what is evidence and in order.

    Args:
        store: where to record.
        reader: what reads logs and documents.
        paths: files and folders.
        on_progress: called before each file with how many are done, how many there are, and the
            file's name; and once at the end with an empty name.
        is_all_or_nothing: keep everything out if one file is refused.

    Raises:
        UsageError: nothing was named, a path does not exist, or there are too many files.
        TrustError: the store is damaged, or a file changed after it was read.
        OutsideError: the store cannot be written, or a folder cannot be listed.
    """
    found = _found_below(paths)
    judged: list[_Judged] = []
    for number, each in enumerate(found):
        if on_progress is not None:
            on_progress(number, len(found), each.name)
        judged.append(_judged(reader, each))
    owners = _owners(judged)
    judged = [_beside(each, file, owners) for each, file in zip(judged, found, strict=True)]
    has_refused = any(each.file.outcome is ImportOutcome.REFUSED for each in judged)
    if is_all_or_nothing and has_refused:
        report = ImportReport(files=tuple(_kept_out(each) for each in judged))
    else:
        report = _record(store, judged, is_all_or_nothing=is_all_or_nothing)
    if on_progress is not None:
        on_progress(len(found), len(found), "")
    return report


def _owners(judged: Sequence[_Judged]) -> dict[Path, str]:
    """Return every file that an offered document names, with the document's name."""
    return {
        path.resolve(): each.file.name
        for each in judged
        if each.offer is not None
        for path in each.offer.attached.values()
    }


def _beside(judged: _Judged, found: _Found, owners: Mapping[Path, str]) -> _Judged:
    """Say of a file that is no evidence by itself that a document which names it keeps it."""
    owner = owners.get(found.path.resolve())
    if owner is None or _NO_EVIDENCE[FileKind.OTHER] not in judged.file.reason:
        return judged
    reason = FormatError(f"part of `{owner}`, which names it, and kept with it", file=found.name)
    outcome = ImportOutcome.LEFT_OUT
    return _Judged(file=ImportedFile(name=found.name, outcome=outcome, reasons=(reason,)))


def _record(
    store: EvidenceStore, judged: Sequence[_Judged], *, is_all_or_nothing: bool
) -> ImportReport:
    offers = [each.offer for each in judged if each.offer is not None]
    receipts = store.add(offers, is_all_or_nothing=is_all_or_nothing) if offers else ()
    answers = iter(receipts)
    return ImportReport(
        files=tuple(
            each.file if each.offer is None else _answered(each.file, next(answers))
            for each in judged
        )
    )


def _answered(file: ImportedFile, receipt: Receipt) -> ImportedFile:
    is_recorded = receipt.outcome in (Outcome.IMPORTED, Outcome.ALREADY_THERE)
    reasons = [FormatError(receipt.reason, file=file.name)] if receipt.reason else []
    if receipt.outcome is Outcome.IMPORTED and receipt.item.known_from > receipt.item.recorded_at:
        known_from = format_instant(receipt.item.known_from)
        reasons.append(FormatError(f"counts only from `{known_from}`, when it says it is known"))
    return ImportedFile(
        name=file.name,
        outcome=ImportOutcome(receipt.outcome.value),
        item=receipt.item if is_recorded else None,
        reasons=tuple(reasons),
        flag_count=file.flag_count,
    )


def _kept_out(judged: _Judged) -> ImportedFile:
    if judged.offer is None:
        return judged.file
    reason = FormatError("another file was refused", file=judged.file.name)
    return ImportedFile(
        name=judged.file.name,
        outcome=ImportOutcome.HELD_BACK,
        reasons=(reason,),
        flag_count=judged.file.flag_count,
    )


# --- finding files --------------------------------------------------------------------------------


def _found_below(paths: Sequence[Path]) -> list[_Found]:
    if not paths:
        raise UsageError("nothing to import", hint="name files or folders")
    found: list[_Found] = []
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"no file or folder `{plain(path)}`", hint="check the path")
        if path.is_dir() and not path.is_symlink():
            found.extend(_in_folder(path))
        else:
            found.append(_Found(path=path, name=plain(path.name), is_named=True))
        if len(found) > MAX_FILES:
            raise UsageError(
                f"more than {MAX_FILES} files to import", hint="import the folders one by one"
            )
    return found


def _in_folder(folder: Path) -> Iterator[_Found]:
    def refuse(cause: OSError) -> None:
        raise OutsideError(
            f"cannot list `{plain(cause.filename)}`: {(cause.strerror or '').lower()}"
        ) from cause

    for parent, folders, files in os.walk(folder, onerror=refuse):
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in links
        )
        for name in sorted([*files, *links]):
            if not name.startswith("."):
                path = Path(parent) / name
                shown = plain(f"{folder.name}/{path.relative_to(folder).as_posix()}")
                yield _Found(path=path, name=shown, is_named=False)


# --- judging one file -----------------------------------------------------------------------------


def _judged(reader: EvidenceReader, found: _Found) -> _Judged:
    """Read one file; whatever is wrong with it becomes its reasons."""
    try:
        head = reader.read_head(found.path, at_most_bytes=HEAD_BYTES)
        kind = recognise(head, name=found.path.name)
        if kind is FileKind.LOG:
            return _judged_log(reader, found, is_zip=head[:2] == b"PK")
        if kind is FileKind.DOCUMENT:
            return _judged_document(reader, found, is_json=head.lstrip()[:1] == b"{")
    except DocumentFaults as faults:
        return _refused(found, faults.faults)
    except FormatError as fault:
        return _refused(found, (fault,))
    except (TrustError, UsageError, OutsideError) as error:
        return _refused(found, (FormatError(str(error), file=found.name),))
    return _no_evidence(found, kind)


def _refused(found: _Found, faults: Sequence[FormatError]) -> _Judged:
    reasons = tuple(_named(fault, found.name) for fault in faults)
    outcome = ImportOutcome.REFUSED
    return _Judged(file=ImportedFile(name=found.name, outcome=outcome, reasons=reasons))


def _named(fault: FormatError, name: str) -> FormatError:
    """Name the file as the user did; a fault of a file that it names keeps that file's name."""
    if fault.file is not None and fault.file != name.rpartition("/")[2]:
        return fault
    return FormatError(
        fault.what,
        file=name,
        path=fault.path,
        line=fault.line,
        expected=fault.expected,
        got=fault.got,
        hint=fault.hint,
    )


_NO_EVIDENCE: Mapping[FileKind, str] = {
    FileKind.CASE: "describes a case; its documents are imported, it is not",
    FileKind.POLICY: "a policy or an indicator set is no evidence; put it in the workspace's"
    " `policies/` or `indicators/`",
    FileKind.DAMAGED: "the file is empty or damaged",
    FileKind.OTHER: "no evaluation log, and no document with `schema: scalegate/<kind>@1`",
}


def _no_evidence(found: _Found, kind: FileKind) -> _Judged:
    reason = FormatError(_NO_EVIDENCE[kind], file=found.name)
    is_refused = kind is FileKind.DAMAGED or (found.is_named and kind is FileKind.OTHER)
    outcome = ImportOutcome.REFUSED if is_refused else ImportOutcome.LEFT_OUT
    return _Judged(file=ImportedFile(name=found.name, outcome=outcome, reasons=(reason,)))


def _judged_log(reader: EvidenceReader, found: _Found, *, is_zip: bool) -> _Judged:
    digest, size = reader.measure(found.path)
    log = reader.read_log(found.path, digest=digest)
    _require_same(log.digest_sha256, digest, found.name)
    true_from, known_from = _log_instants(log)
    item = EvidenceItem(
        digest=digest,
        content_digest=digest,
        kind=LOG_KIND,
        id=f"log-{digest[:16]}",
        subject="",
        true_from=true_from,
        true_until=None,
        known_from=known_from,
        recorded_at=known_from,
        source_name=found.name[:_MAX_NAME],
        extension="eval" if is_zip else "json",
        size_bytes=size,
    )
    file = ImportedFile(
        name=found.name, outcome=ImportOutcome.HELD_BACK, item=item, flag_count=len(log.flags)
    )
    return _Judged(file=file, offer=Offer(path=found.path, item=item, attached={}))


def _log_instants(log: EvalLog) -> tuple[datetime, datetime]:
    """Return from when a log's results are true, and from when they are known.

    Raises:
        FormatError: the log has no instant with a zone.
    """
    header = log.header
    given = [header.started_at, header.created_at, header.completed_at]
    dated = [instant for instant in given if instant is not None]
    if not dated:
        raise FormatError(
            "log without an instant",
            path="eval.created",
            expected="an RFC 3339 instant with a zone in `eval.created` or `stats`",
            got="none",
            hint="nobody can say from when it was known",
        )
    return dated[0], max(dated)


def _judged_document(reader: EvidenceReader, found: _Found, *, is_json: bool) -> _Judged:
    digest, size = reader.measure(found.path)
    record = reader.read_document(found.path)
    _require_same(record.bytes_sha256, digest, found.name)
    attached = _attached(record, found.path)
    attachments = []
    for name, (path, expected) in attached.items():
        measured, attached_size = reader.measure(path)
        _require_same(measured, expected, name)
        attachments.append(Attachment(name=name, digest=measured, size_bytes=attached_size))
    item = EvidenceItem(
        digest=digest,
        content_digest=record.digest,
        kind=record.kind.value,
        id=record.id,
        subject=record.subject,
        true_from=record.true_from,
        true_until=record.true_until,
        known_from=record.known_from,
        recorded_at=record.known_from,
        source_name=found.name[:_MAX_NAME],
        extension="json" if is_json else "yaml",
        size_bytes=size,
        attachments=tuple(attachments),
    )
    paths = {name: path for name, (path, _) in attached.items()}
    file = ImportedFile(name=found.name, outcome=ImportOutcome.HELD_BACK, item=item)
    return _Judged(file=file, offer=Offer(path=found.path, item=item, attached=paths))


def _attached(record: Record, path: Path) -> dict[str, tuple[Path, str]]:
    """Return the files that a document names: name -> where it lies, and its digest.

    The reader has refused names that leave the document's folder.
    """
    from scalegate.evidence.documents.results import HorizonRuns

    payload = record.payload
    if not isinstance(payload, HorizonRuns) or payload.file is None:
        return {}
    return {payload.file.path: (path.parent / payload.file.path, payload.file.sha256)}


def _require_same(got: str, expected: str, name: str) -> None:
    if got != expected:
        raise FormatError(
            "file changed while it was read",
            file=name,
            expected=f"`{expected}`",
            got=f"`{got}`",
            hint="import it again when nothing writes it",
        )
