"""Read an Inspect log from its file: header, scores, or every sample.

1. The container is told by the first bytes (`PK` or `{`), never by the file's name.
2. `.eval`: members are unpacked one at a time in the order of the file; only the wanted fields of
   each are decoded; memory grows with the number of rows, not with the size of the file.
3. The samples themselves are read, not their summaries: the summaries hold no stop reason, no
   refusal, no invalidation. `read_scores` is the cheap pass over the summaries.
4. A log is read whole or refused whole; and if the file changed meanwhile it is refused.
5. A format version that this reader does not know goes to inspect-ai, when it is installed, and
   the log is flagged; otherwise it is refused. Samples stored in chunks are refused by name.

Does not check: transcripts, tool calls, attachments, the log's own metrics beyond comparing them.
"""

from __future__ import annotations

import gc
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from scalegate.adapters.inspect_log import shapes
from scalegate.adapters.inspect_log.archive import SMALL_WINDOW, WINDOW, Archive, Window
from scalegate.adapters.inspect_log.decode import STRICT_FAULTS, ShapeReader, parse_tolerantly
from scalegate.adapters.inspect_log.header import KNOWN_VERSIONS, header_of, id_text
from scalegate.adapters.inspect_log.limits import DEFAULT_LIMITS, ReadLimits
from scalegate.adapters.inspect_log.rows import TableBuilder, in_member
from scalegate.base.errors import FormatError, OutsideError
from scalegate.base.plain_text import plain
from scalegate.evidence.eval_log import (
    Container,
    Detail,
    EvalLog,
    Flag,
    FlagKind,
    LogHeader,
    SampleTable,
)
from scalegate.evidence.recompute import header_mismatches

Pathlike = str | os.PathLike[str]
"""Anything that names a file."""

_SAMPLE = re.compile(r"samples/.*_epoch_\d+\.json", re.DOTALL)
_CHUNKED = re.compile(
    r"samples/.*_epoch_\d+/(?:(?:sample|metadata|skeleton)\.json"
    r"|(?:messages|events|calls|attachments)/[^/]*\.json)",
    re.DOTALL,
)
_ODD = ("\\", "\0", ":", "..", "\n/")
"""What odd names have: a search of all names at once tells whether a single one needs a look."""
_BLOCK = 1 << 22
"""Bytes of JSON whose samples wait, decoded, until they are added together."""
_SUMMARIES = list[shapes.Summary]
_START = "_journal/start.json"
_SUMMARY = re.compile(r"_journal/summaries/(\d{1,9})\.json")
_UPDATE = "_journal/config_updates/"


def read_log(
    path: Pathlike,
    *,
    limits: ReadLimits = DEFAULT_LIMITS,
    metadata_keys: tuple[str, ...] = (),
    digest: str | None = None,
) -> EvalLog:
    """Read a whole log: header, every sample, and what is odd about it.

    Args:
        path: The log's file.
        limits: Bounds on what the file may ask of this machine.
        metadata_keys: Sample metadata fields to keep, such as a family or human minutes.
        digest: SHA-256 of the file, if the caller is sure of it; None: it is computed.

    Raises:
        FormatError: the file is not a readable log, or exceeds a limit.
        OutsideError: the file cannot be opened or read.
    """
    with _open(path) as (file, size):
        source = _Source(path, file, size, limits, digest=digest or None)
        if source.container is Container.JSON:
            return _whole_json(source, metadata_keys)
        return _whole_eval(source, metadata_keys)


def read_scores(path: Pathlike, *, limits: ReadLimits = DEFAULT_LIMITS) -> EvalLog:
    """Read the header and the summaries only: ids, epochs, scores, errors, limits.

    The table's detail is `scores`, the digest is empty: enough for a progress page, not for a
    validity check. A `.json` log has no summaries and is read whole.

    Raises:
        FormatError: the file is not a readable log, or exceeds a limit.
        OutsideError: the file cannot be opened or read.
    """
    with _open(path) as (file, size):
        source = _Source(path, file, size, limits, is_partial=True)
        if source.container is Container.JSON:
            return _whole_json(source, ())
        archive = source.archive()
        header, _ = _eval_header(archive, limits)
        table = _summaries(archive, limits, header)
        return EvalLog(digest_sha256="", byte_size=size, header=header, samples=table, flags=())


def read_header(path: Pathlike, *, limits: ReadLimits = DEFAULT_LIMITS) -> LogHeader:
    """Read the header only.

    Raises:
        FormatError: the file is not a readable log, or exceeds a limit.
        OutsideError: the file cannot be opened or read.
    """
    with _open(path) as (file, size):
        source = _Source(path, file, size, limits, is_partial=True)
        if source.container is Container.JSON:
            return _json_header(source)[1]
        return _eval_header(source.archive(), limits)[0]


def file_digest(path: Pathlike) -> str:
    """Return the SHA-256 of a file, read in small parts.

    Raises:
        OutsideError: the file cannot be opened or read.
    """
    with _open(path) as (file, _):
        return _digest_of(file)


class _Source:
    """An open log file of a known container."""

    def __init__(
        self,
        path: Pathlike,
        file: io.FileIO,
        size: int,
        limits: ReadLimits,
        *,
        digest: str | None = "",
        is_partial: bool = False,
    ) -> None:
        self.path = path
        self.size = size
        self.limits = limits
        buffer = SMALL_WINDOW if is_partial else WINDOW
        self.window = Window(file, size, buffer=buffer, is_hashed=digest is None)
        self._digest = digest
        self.container = _container(self.window)

    def digest(self) -> str:
        """Return the SHA-256 of the file: as given, or of what was read and the rest."""
        return self.window.digest() if self._digest is None else self._digest

    def archive(self) -> Archive:
        return Archive(self.window, self.limits)


@contextmanager
def _open(path: Pathlike) -> Iterator[tuple[io.FileIO, int]]:
    """Open a file; name it in every fault; refuse it if it changed meanwhile.

    The cyclic collector is spared a growing table that holds no cycles: a quarter of the time.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        with io.FileIO(path) as file:
            before = os.fstat(file.fileno())
            yield file, before.st_size
            _require_same(before, os.fstat(file.fileno()))
    except FormatError as fault:
        raise fault.in_file(plain(Path(path).name)) from fault.__cause__
    except OSError as cause:
        name = plain(Path(path).name)
        raise OutsideError(f"cannot read the log `{name}`: {cause.strerror}") from cause
    finally:
        if was_collecting:
            gc.enable()


def _require_same(before: os.stat_result, after: os.stat_result) -> None:
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FormatError(
            "log changed while it was read",
            expected=f"{before.st_size} bytes throughout",
            got=f"{after.st_size} bytes now, or other bytes",
            hint="read it again when nothing writes it",
        )


def _digest_of(file: io.FileIO) -> str:
    digest = hashlib.sha256()
    view = memoryview(bytearray(1 << 18))
    file.seek(0)
    while found := file.readinto(view):
        digest.update(view[:found])
    return digest.hexdigest()


def _container(window: Window) -> Container:
    head = window.head(64)
    if head[:2] == b"PK":
        return Container.EVAL
    if head.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] == b"{":
        return Container.JSON
    raise FormatError(
        "not an evaluation log",
        expected="a zip archive (`.eval`) or a JSON object (`.json`)",
        got="an empty file" if not head else f"a file that begins with `{head[:4].hex()}`",
    )


def _eval_header(archive: Archive, limits: ReadLimits) -> tuple[LogHeader, list[Flag]]:
    """Read `header.json`, or `start.json` of a run that never finished."""
    is_finished = "header.json" in archive
    name = "header.json" if is_finished else _START
    reader: ShapeReader[shapes.Header] = ShapeReader(shapes.Header, limits)
    raw = reader.read(archive.unpack(name), path=name)
    if not is_finished:
        updates = [entry for entry in archive.names() if entry.startswith(_UPDATE)]
        raw.config_updates = [shapes.Skipped() for _ in updates]
    header = header_of(raw, container=Container.EVAL, is_finished=is_finished)
    return header, _header_flags(raw, header)


def _header_flags(raw: shapes.Header, header: LogHeader) -> list[Flag]:
    flags = []
    stats = raw.stats or shapes.Stats()
    instants = (
        ("eval.created", raw.eval.created, header.created_at),
        ("stats.started_at", stats.started_at, header.started_at),
        ("stats.completed_at", stats.completed_at, header.completed_at),
    )
    for where, text, instant in instants:
        if instant is None:
            flags.append(
                Flag(
                    kind=FlagKind.NO_DATE,
                    where=where,
                    expected="an instant with a zone",
                    got=plain(text or "nothing", limit=60),
                )
            )
    return flags


def _is_known_version(version: Any) -> bool:
    return isinstance(version, int | None) and version in KNOWN_VERSIONS


def _whole_eval(source: _Source, metadata_keys: tuple[str, ...]) -> EvalLog:
    archive = source.archive()
    header, flags = _eval_header(archive, source.limits)
    if not _is_known_version(header.format_version):
        return _through_inspect(source, header, metadata_keys)
    names = archive.names()
    builder = TableBuilder(placeholder=_placeholder(header), metadata_keys=metadata_keys)
    reader: ShapeReader[shapes.Sample] = ShapeReader(
        shapes.sample_shape(metadata_keys), source.limits
    )
    for places, samples in _blocks(archive.unpack_each(_sample_names(names)), reader):
        builder.add_block(samples, places)
    flags.extend(_member_flags(archive, names))
    return _finished(source, header, table=builder.table(Detail.FULL), flags=flags)


def _blocks(
    texts: Iterable[tuple[str, bytes]], reader: ShapeReader[shapes.Sample]
) -> Iterator[tuple[list[str], list[shapes.Sample]]]:
    """Read samples; yield them by blocks of bounded size, each with its place in the log."""
    places: list[str] = []
    samples: list[shapes.Sample] = []
    held = 0
    decode = reader.decode
    for place, content in texts:
        try:
            sample = decode(content)
        except STRICT_FAULTS:
            sample = _tolerantly(reader, place, content)
        samples.append(sample)
        places.append(place)
        held += len(content)
        if held > _BLOCK:
            yield places, samples
            places, samples, held = [], [], 0
    yield places, samples


def _tolerantly(
    reader: ShapeReader[shapes.Sample], place: str, content: bytes | msgspec.Raw
) -> shapes.Sample:
    try:
        return reader.read(content, path=place)
    except FormatError as fault:
        raise in_member(fault, place) from fault.__cause__


def _finished(
    source: _Source, header: LogHeader, *, table: SampleTable, flags: list[Flag]
) -> EvalLog:
    return EvalLog(
        digest_sha256=source.digest(),
        byte_size=source.size,
        header=header,
        samples=table,
        flags=(*flags, *header_mismatches(header, table)),
    )


def _sample_names(names: list[str]) -> list[str]:
    """Return the members that hold a sample each.

    Raises:
        FormatError: a sample is stored in chunks.
    """
    found = [name for name in names if name[:8] == "samples/" and name[-5:] == ".json"]
    for name in found:
        # An id may hold a slash too; a chunk has one more than a plain id.
        if name.count("/") > 1 and not _SAMPLE.fullmatch(name) and _CHUNKED.fullmatch(name):
            raise FormatError(
                "sample is stored in chunks, a layout that this reader does not read",
                path=plain(name, limit=120),
                expected="one member `samples/ID_epoch_N.json` per sample",
                got="`samples/ID_epoch_N/...`",
                hint="write the log again with `inspect log convert --to eval`",
            )
    return found


def _member_flags(archive: Archive, names: list[str]) -> Iterator[Flag]:
    if archive.repeated:
        yield Flag(
            kind=FlagKind.SUPERSEDED,
            count=archive.repeated,
            expected="each member once",
            got="a later entry of the same name, which counts",
        )
    listed = "\n" + "\n".join(names)
    odd = list(filter(_is_odd, names)) if any(mark in listed for mark in _ODD) else []
    if odd:
        yield Flag(
            kind=FlagKind.ODD_NAME,
            count=len(odd),
            where=plain(odd[0], limit=120),
            expected="a plain relative name",
            got="a name that would leave the archive's folder if it were used as a path",
        )


def _is_odd(name: str) -> bool:
    if name.startswith(("/", "\\")) or "\\" in name or "\0" in name or name[1:2] == ":":
        return True
    return ".." in name and ".." in name.split("/")


def _summaries(archive: Archive, limits: ReadLimits, header: LogHeader) -> SampleTable:
    """Read `summaries.json`, or the journal of a run that never finished; the last row counts."""
    reader: ShapeReader[list[shapes.Summary]] = ShapeReader(_SUMMARIES, limits)
    if "summaries.json" in archive:
        found = reader.read(archive.unpack("summaries.json"), path="summaries.json")
    else:
        found = []
        numbered = [match for name in archive.names() if (match := _SUMMARY.fullmatch(name))]
        for match in sorted(numbered, key=lambda match: int(match.group(1))):
            found.extend(reader.read(archive.unpack(match.group()), path=match.group()))
    table = _table_of(found, header)
    if len(set(zip(table.ids, table.epochs, strict=True))) == len(found):
        return table
    last = {(id_text(summary.id), summary.epoch): summary for summary in found}
    return _table_of(list(last.values()), header)


def _table_of(summaries: list[shapes.Summary], header: LogHeader) -> SampleTable:
    builder = TableBuilder(placeholder=_placeholder(header))
    builder.add_summaries(summaries)
    return builder.table(Detail.SCORES)


def _json_header(source: _Source) -> tuple[Any, LogHeader]:
    """Read the whole text, leaving each sample unread."""
    limits = source.limits
    limits.require("log", source.size, limits.json_bytes, setting="json_bytes")
    content = bytes(source.window.read(0, source.size)).removeprefix(b"\xef\xbb\xbf")
    raw: Any
    try:
        raw = msgspec.json.decode(content, type=shapes.WholeLog)
    except STRICT_FAULTS:
        whole = parse_tolerantly(content, limits, "")
        tolerant: ShapeReader[Any] = ShapeReader(shapes.WholeLogTolerant, limits)
        raw = tolerant.convert(whole, path="")
    return raw, header_of(raw, container=Container.JSON, is_finished=raw.status != "started")


def _whole_json(source: _Source, metadata_keys: tuple[str, ...]) -> EvalLog:
    raw, header = _json_header(source)
    if not _is_known_version(header.format_version):
        return _through_inspect(source, header, metadata_keys)
    builder = TableBuilder(placeholder=_placeholder(header), metadata_keys=metadata_keys)
    shape = shapes.sample_shape(metadata_keys)
    reader: ShapeReader[shapes.Sample] = ShapeReader(shape, source.limits)
    for index, entry in enumerate(raw.samples or ()):
        place = f"samples[{index}]"
        read = reader.read if isinstance(entry, msgspec.Raw) else reader.convert
        try:
            sample = read(entry, path=place)
        except FormatError as fault:
            raise in_member(fault, place) from fault.__cause__
        builder.add_block([sample], [place])
    flags = _header_flags(raw, header)
    return _finished(source, header, table=builder.table(Detail.FULL), flags=flags)


def _placeholder(header: LogHeader) -> str:
    """Return the name of the only score in logs that do not name it."""
    return next((metric.score for metric in header.reported_metrics), "") or "score"


def _through_inspect(source: _Source, header: LogHeader, metadata_keys: tuple[str, ...]) -> EvalLog:
    from scalegate.adapters.inspect_log.foreign import samples_through_inspect

    builder = TableBuilder(placeholder=_placeholder(header), metadata_keys=metadata_keys)
    reader: ShapeReader[shapes.Sample] = ShapeReader(
        shapes.sample_shape(metadata_keys), source.limits
    )
    for index, plain_data in enumerate(samples_through_inspect(source.path, header.format_version)):
        place = f"samples[{index}]"
        builder.add_block([reader.convert(plain_data, path=place)], [place])
    flag = Flag(
        kind=FlagKind.FOREIGN_READER,
        where="version",
        expected="1, 2 or 3",
        got=str(header.format_version),
    )
    return _finished(source, header, table=builder.table(Detail.FULL), flags=[flag])
