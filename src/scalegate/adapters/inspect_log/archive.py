"""Find and unpack the members of a zip archive, reading the file in order through one window.

The whole rule:

1. The archive's directory is read once. Members are known by name only; a name is never used as
   a path, and nothing is ever written to disk.
2. A name that occurs more than once means its last entry (Inspect appends replacements).
3. Declared sizes are checked against the limits before anything is unpacked; unpacking stops one
   byte after the declared size; size and CRC-32 must then be exactly what was declared.
4. Members may not overlap, so a small file cannot be counted many times over.
5. Methods: stored (0), deflate (8), Zstandard (93, any number of frames). Encryption is refused.

Source: APPNOTE.TXT 6.3.10, sections 4.3 and 4.5; RFC 1951; RFC 8878 section 3.1.
Does not check: the JSON inside, members that no one asks for.
"""

from __future__ import annotations

import hashlib
import io
import struct
import threading
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from zlib_ng import zlib_ng
from zlib_ng.zlib_ng import crc32

from scalegate.adapters.inspect_log.limits import ReadLimits
from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<L4x2H4x3L3H8xL")
_LOCAL = struct.Struct("<L22x2H")
_ENTRY_SIGNATURE, _LOCAL_SIGNATURE = 0x02014B50, 0x04034B50
_LOCAL_LIKELY = 1024
"""Bytes read beyond a member's own, for its local header with name and extra fields."""
WINDOW = 1 << 18
"""A buffer for reading a log in order."""
SMALL_WINDOW = 1 << 14
"""A buffer for reading little: the end of a small log with its directory, summaries and header."""
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_STORED, _DEFLATE, _ZSTD = 0, 8, 93
_ENCRYPTED = 0x1
_DEFLATE_FAULT: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # their stub errs


Member = tuple[str, int, int, int, int, int, int]
"""One entry of the directory: name, flag, method, CRC-32, packed size, size, offset.

A plain tuple, because a log has a hundred thousand.
"""
_size_of, _offset_of = itemgetter(5), itemgetter(6)


class Window:
    """A file read through one reused buffer: sequential reads cost one system call per buffer.

    If asked, what passes is hashed on its way: a log read in order is read once for both.
    """

    def __init__(
        self, file: io.FileIO, size: int, *, buffer: int = WINDOW, is_hashed: bool = False
    ) -> None:
        self._file = file
        self._buffer = min(buffer, size)
        self.start = 0
        """Where in the file the buffer begins."""
        self.held = 0
        """How many bytes of the buffer are filled."""
        self.view = memoryview(bytearray(self._buffer))
        """The buffer; `locate` says where in it a wanted part is."""
        self.size = size
        """Size of the file."""
        self._digest = hashlib.sha256() if is_hashed else None
        self._hashed = 0

    def read(self, offset: int, length: int) -> memoryview:
        """Return exactly `length` bytes from `offset`; the view holds until the next read.

        Raises:
            FormatError: the file ends before that.
        """
        begin = self.locate(offset, length)
        return self.view[begin : begin + length]

    def head(self, length: int) -> bytes:
        """Return at most the first `length` bytes, without filling the buffer."""
        self._file.seek(0)
        return self._file.read(length) or b""

    def locate(self, offset: int, length: int) -> int:
        """Say where in `view` the `length` bytes from `offset` are, until the next read.

        Raises:
            FormatError: the file ends before that.
        """
        begin = offset - self.start
        if begin < 0 or begin + length > self.held:
            self._fill(offset, length)
            begin = offset - self.start
        return begin

    def digest(self) -> str:
        """Return the SHA-256 of the whole file, reading what was not read yet.

        Raises:
            FormatError: the file became shorter.
        """
        if self._digest is None:
            return ""
        while self._hashed < self.size:
            self._fill(self._hashed, min(WINDOW, self.size - self._hashed))
        return self._digest.hexdigest()

    def _fill(self, offset: int, length: int) -> None:
        if offset < 0 or offset + length > self.size:
            raise FormatError(
                "zip archive is cut short",
                expected=f"{length} bytes at offset {offset}",
                got=f"a file of {self.size} bytes",
                hint="copy the log again from where it was written",
            )
        # A short way behind what was hashed so far: read on from there, and hash it in passing.
        is_near = self._digest is not None and 0 < offset - self._hashed < WINDOW
        begin = self._hashed if is_near else offset
        wanted = offset + length - begin
        room = max(wanted, self._buffer)
        if room != len(self.view):
            self.view = memoryview(bytearray(room))
        self.start, self.held = begin, 0
        while self.held < wanted:
            self._file.seek(begin + self.held)
            found = self._file.readinto(self.view[self.held :])
            if not found:
                raise FormatError(
                    "file became shorter while it was read",
                    expected=f"{self.size} bytes",
                    got=f"{begin + self.held} bytes",
                    hint="read the log again when nothing writes it",
                )
            self.held += found
        if self._digest is not None and begin <= self._hashed < begin + self.held:
            self._digest.update(self.view[self._hashed - begin : self.held])
            self._hashed = begin + self.held


class Archive:
    """The directory of a zip archive and a way to unpack its members."""

    def __init__(self, window: Window, limits: ReadLimits) -> None:
        self._window = window
        self._limits = limits
        self._checked_from = min(limits.ratio_from_bytes, limits.member_bytes)
        begin, length, count = _directory_place(window)
        limits.require(
            "directory of the zip archive",
            length,
            limits.directory_bytes,
            setting="directory_bytes",
        )
        limits.require("number of zip members", count, limits.members, setting="members")
        self._zstandard: _Zstandard | None = None
        self._members: dict[str, Member] = {}
        self.repeated = 0
        self._walk(bytes(window.read(begin, length)), count)

    def _walk(self, directory: bytes, count: int) -> None:
        """Note the entry of each name; a later entry replaces an earlier one.

        Bytes of a name that are not UTF-8 become lone surrogates.
        """
        members, unpack = self._members, _ENTRY.unpack_from
        position, end = 0, len(directory)
        for number in range(count):
            if position + 46 > end:
                raise _bad_directory(f"{count} entries", f"{number} entries")
            signature, flag, method, crc, packed, size, named, extra, comment, offset = unpack(
                directory, position
            )
            if signature != _ENTRY_SIGNATURE:
                raise _bad_directory("an entry signature", f"`{signature:08x}`")
            begin = position + 46
            position = begin + named
            name = directory[begin:position].decode("utf-8", "surrogateescape")
            if _FULL32 in (packed, size, offset):
                field = directory[position : position + extra]
                packed, size, offset = _large_sizes(field, packed, size, offset)
            members[name] = (name, flag, method, crc, packed, size, offset)
            position += extra + comment
        if position != end:
            raise _bad_directory(f"{end} bytes of directory", f"{position} bytes used")
        self.repeated = count - len(members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self) -> list[str]:
        """Return the names of all members."""
        return list(self._members)

    def _require_size(self, member: Member) -> None:
        name, _, _, _, packed, size, _ = member
        limits = self._limits
        limits.require(
            "zip member", size, limits.member_bytes, setting="member_bytes", path=_shown(name)
        )
        if size > max(limits.ratio_from_bytes, limits.ratio * max(packed, 1)):
            raise FormatError(
                "zip member unpacks to far more than it holds",
                path=_shown(name),
                expected=f"at most {limits.ratio} times its packed size",
                got=f"{size} bytes from {packed}",
                hint="raise the read limit `ratio` if the log is meant to be this repetitive",
            )

    def unpack(self, name: str) -> bytes:
        """Return the content of one member.

        Raises:
            FormatError: no such member, or it cannot be unpacked as declared.
        """
        member = self._members.get(name)
        if member is None:
            raise FormatError(
                "zip archive lacks a member", expected=f"`{_shown(name)}`", got="no such member"
            )
        return self._content(member)

    def unpack_each(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield (name, content) in the order of the file, one member in memory at a time.

        The names are some of `names`.

        Raises:
            FormatError: a member cannot be unpacked as declared, members overlap, or together
                they exceed the limit.
        """
        members = sorted(map(self._members.__getitem__, names), key=_offset_of)
        total = sum(map(_size_of, members))
        self._limits.require(
            "sum of zip members", total, self._limits.total_bytes, setting="total_bytes"
        )
        end = 0
        for member in members:
            name, _, _, _, packed, _, offset = member
            if offset < end:
                raise FormatError(
                    "zip members overlap",
                    path=_shown(name),
                    expected=f"an offset of at least {end}",
                    got=str(offset),
                    hint="the archive was built to unpack to more than it holds; do not use it",
                )
            end = offset + 30 + packed
            yield name, self._content(member)

    def _content(self, member: Member) -> bytes:
        _, flag, method, crc, packed, size, offset = member
        window = self._window
        if size > self._checked_from:
            self._require_size(member)
        at = offset - window.start
        if at < 0 or at + _LOCAL_LIKELY + packed > window.held:
            likely = min(_LOCAL_LIKELY + packed, window.size - offset)
            at = window.locate(offset, max(_LOCAL.size, likely))
        signature, named, extra = _LOCAL.unpack_from(window.view, at)
        if signature != _LOCAL_SIGNATURE:
            raise _bad_member(member, "a local header", f"`{signature:08x}`")
        begin = at + _LOCAL.size + named + extra
        if begin + packed > window.held:
            begin = window.locate(offset + begin - at, packed)
        packed_view = window.view[begin : begin + packed]
        if method == _ZSTD and not flag & _ENCRYPTED:
            content = self._unpack_zstandard(member, packed_view)
        else:
            content = _expand(member, packed_view)
        if len(content) != size:
            raise _bad_member(member, f"{size} bytes", f"{_amount(content, size)} bytes")
        if crc32(content) != crc:
            raise _bad_member(member, f"CRC-32 {crc:08x}", f"CRC-32 {crc32(content):08x}")
        return content

    def _unpack_zstandard(self, member: Member, packed: memoryview) -> bytes:
        """Unpack one frame at once, several one after the other; at most the size + 1 bytes.

        A frame that declares more is not unpacked at once: the library would believe it.
        """
        size = member[5]
        library = self._zstandard or self._take_zstandard()
        try:
            if library.frame_size(packed) <= size:
                content: bytes = library.unpack(packed, size)
                if len(content) == size:
                    return content
            return _frames(library.decompressor, packed, size)
        except library.fault as cause:
            raise _bad_member(member, "compressed data", f"`{plain(cause)}`") from cause

    def _take_zstandard(self) -> _Zstandard:
        self._zstandard = _zstandard()
        return self._zstandard


def _expand(member: Member, packed: memoryview) -> bytes:
    """Unpack a member that is not in Zstandard, or refuse it."""
    _, flag, method, _, _, size, _ = member
    if flag & _ENCRYPTED:
        raise _bad_member(member, "a member without encryption", "an encrypted member")
    if method == _STORED:
        return bytes(packed)
    if method != _DEFLATE:
        raise _bad_member(
            member, "stored, deflate or Zstandard (method 0, 8 or 93)", f"method {method}"
        )
    try:
        return zlib_ng.decompressobj(-15).decompress(packed, size + 1)
    except _DEFLATE_FAULT as cause:
        raise _bad_member(member, "compressed data", f"`{plain(cause)}`") from cause


class _Zstandard:
    """The library's functions, and a decompressor that only one thread uses."""

    __slots__ = ("decompressor", "fault", "frame_size", "unpack")

    def __init__(self) -> None:
        import zstandard

        self.decompressor = zstandard.ZstdDecompressor()
        self.fault = zstandard.ZstdError
        self.frame_size = zstandard.frame_content_size
        self.unpack = self.decompressor.decompress


_THREAD = threading.local()


def _zstandard() -> _Zstandard:
    """Return this thread's decompressor; the library is imported when a member first needs it."""
    found: _Zstandard | None = getattr(_THREAD, "zstandard", None)
    if found is None:
        found = _THREAD.zstandard = _Zstandard()
    return found


def _frames(decompressor: Any, packed: memoryview, size: int) -> bytes:
    """Unpack frame after frame, stopping as soon as more than `size` bytes came out."""
    parts: list[bytes] = []
    held = 0
    with decompressor.stream_reader(packed, read_across_frames=True) as reader:
        while held <= size:
            part = reader.read(min(WINDOW, size + 1 - held))
            if not part:
                break
            parts.append(part)
            held += len(part)
    return b"".join(parts)


def _directory_place(window: Window) -> tuple[int, int, int]:
    """Return (offset, length, number of entries) of the directory."""
    # The record ends the file, unless a comment of up to 64 KiB follows it.
    for likely in (SMALL_WINDOW, 22 + _FULL16):
        tail_length = min(window.size, likely)
        tail_start = window.size - tail_length
        view = window.read(tail_start, tail_length)
        tail = bytes(view[-22:])
        if tail[:4] == b"PK\x05\x06" and tail[20:] == b"\0\0":
            tail_start = window.size - 22
            at, tail_length = 0, 22
            break
        tail = bytes(view)
        at = tail.rfind(b"PK\x05\x06")
        if at >= 0:
            break
    if at < 0 or at + 22 > tail_length:
        raise FormatError(
            "zip archive has no directory",
            expected="an end-of-directory record",
            got=f"{window.size} bytes without one",
            hint="the file is cut short or still being written; copy it again",
        )
    _, disk, _, _, count, length, begin, _ = _END.unpack_from(tail, at)
    end = tail_start + at
    if end >= 20:
        locator = bytes(window.read(end - 20, 20))
        if locator[:4] == b"PK\x06\x07":
            end = _LOCATOR.unpack(locator)[2]
            record = bytes(window.read(end, 56))
            if record[:4] != b"PK\x06\x06":
                raise _bad_directory("a zip64 end record", f"`{record[:4].hex()}`")
            disk, count, length, begin = (_END64.unpack(record)[field] for field in (4, 7, 8, 9))
    if disk != 0 or begin + length > end:
        raise _bad_directory(f"a directory before offset {end}", f"{length} bytes at {begin}")
    return begin, length, count


def _large_sizes(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Read the zip64 sizes that did not fit into 32 bits (APPNOTE 4.5.3)."""
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, position)
        if tag == 1:
            field = extra[position + 4 : position + 4 + length]
            large = [number for (number,) in struct.iter_unpack("<Q", field[: len(field) // 8 * 8])]
            wanted = [value == _FULL32 for value in (size, packed, offset)]
            if len(large) >= sum(wanted):
                numbers = iter(large)
                size, packed, offset = (
                    next(numbers) if is_large else value
                    for is_large, value in zip(wanted, (size, packed, offset), strict=True)
                )
                return packed, size, offset
        position += 4 + length
    raise _bad_directory("zip64 sizes", "none")


def _shown(name: str) -> str:
    return plain(name, limit=120)


def _amount(content: bytes, size: int) -> str:
    return f"more than {size}" if len(content) > size else str(len(content))


def _bad_directory(expected: str, got: str) -> FormatError:
    return FormatError(
        "zip archive has a damaged directory",
        expected=expected,
        got=got,
        hint="copy the log again from where it was written",
    )


def _bad_member(member: Member, expected: str, got: str) -> FormatError:
    return FormatError(
        "zip member cannot be unpacked",
        path=_shown(member[0]),
        expected=expected,
        got=got,
        hint="copy the log again from where it was written",
    )
