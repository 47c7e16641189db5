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

import io
import struct
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from scalegate.adapters.inspect_log.limits import ReadLimits
from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<8x2H4x3L2H10xL")
_LENGTHS = struct.Struct("<4s24x3H")
_LOCAL = struct.Struct("<4s22x2H")
_WINDOW = 1 << 18
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_STORED, _DEFLATE, _ZSTD = 0, 8, 93
_ENCRYPTED = 0x1


class Member(NamedTuple):
    """One entry of the directory."""

    name: str
    method: int
    is_encrypted: int
    crc: int
    packed: int
    size: int
    offset: int


_new_member: Callable[[tuple[Any, ...]], Member] = partial(tuple.__new__, Member)
"""Make a member without a call of Python code: a log has a hundred thousand."""


class _ZstandardFault(Exception):
    """What the Zstandard library said, without importing it before it is needed."""


class Window:
    """A file read through one reused buffer: sequential reads cost one system call per 256 KiB."""

    def __init__(self, file: io.FileIO, size: int) -> None:
        self._file = file
        self._start = 0
        self._held = 0
        self._view = memoryview(bytearray(min(_WINDOW, size)))
        self.size = size

    def read(self, offset: int, length: int) -> memoryview:
        """Return exactly `length` bytes from `offset`; the view holds until the next read.

        Raises:
            FormatError: the file ends before that.
        """
        begin = offset - self._start
        if begin < 0 or begin + length > self._held:
            self._fill(offset, length)
            begin = 0
        return self._view[begin : begin + length]

    def _fill(self, offset: int, length: int) -> None:
        if offset < 0 or offset + length > self.size:
            raise FormatError(
                "zip archive is cut short",
                expected=f"{length} bytes at offset {offset}",
                got=f"a file of {self.size} bytes",
                hint="copy the log again from where it was written",
            )
        if length > len(self._view):
            self._view = memoryview(bytearray(length))
        self._start, self._held = offset, 0
        while self._held < length:
            self._file.seek(offset + self._held)
            found = self._file.readinto(self._view[self._held :])
            if not found:
                raise FormatError(
                    "file became shorter while it was read",
                    expected=f"{self.size} bytes",
                    got=f"{offset + self._held} bytes",
                    hint="read the log again when nothing writes it",
                )
            self._held += found


class Archive:
    """The directory of a zip archive and a way to unpack its members."""

    def __init__(self, window: Window, limits: ReadLimits) -> None:
        self._window = window
        self._limits = limits
        begin, length, count = _directory_place(window)
        limits.require(
            "directory of the zip archive",
            length,
            limits.directory_bytes,
            setting="directory_bytes",
        )
        limits.require("number of zip members", count, limits.members, setting="members")
        self._directory = bytes(window.read(begin, length))
        self._zstandard: _Zstandard | None = None
        self._places: dict[str, int] = {}
        self.repeated = 0
        self._walk(count)

    def _walk(self, count: int) -> None:
        """Note where the entry of each name begins; a later entry replaces an earlier one.

        Bytes of a name that are not UTF-8 become lone surrogates.
        """
        directory, places, unpack = self._directory, self._places, _LENGTHS.unpack_from
        position, end = 0, len(directory)
        for number in range(count):
            if position + 46 > end:
                raise _bad_directory(f"{count} entries", f"{number} entries")
            signature, named, extra, comment = unpack(directory, position)
            if signature != b"PK\x01\x02":
                raise _bad_directory("an entry signature", f"`{signature.hex()}`")
            begin = position + 46
            name = directory[begin : begin + named].decode("utf-8", "surrogateescape")
            places[name] = position
            position = begin + named + extra + comment
        if position != end:
            raise _bad_directory(f"{end} bytes of directory", f"{position} bytes used")
        self.repeated = count - len(places)

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def names(self) -> list[str]:
        """Return the names of all members."""
        return list(self._places)

    def _member(self, name: str) -> Member:
        place = self._places.get(name)
        if place is None:
            raise FormatError(
                "zip archive lacks a member", expected=f"`{_shown(name)}`", got="no such member"
            )
        flag, method, crc, packed, size, named, extra, offset = _ENTRY.unpack_from(
            self._directory, place
        )
        if _FULL32 in (packed, size, offset):
            begin = place + 46 + named
            field = self._directory[begin : begin + extra]
            packed, size, offset = _large_sizes(field, packed, size, offset)
        member = _new_member((name, method, flag & _ENCRYPTED, crc, packed, size, offset))
        if size > self._limits.ratio_from_bytes or size > self._limits.member_bytes:
            self._require_size(member)
        return member

    def _require_size(self, member: Member) -> None:
        limits = self._limits
        limits.require(
            "zip member", member.size, limits.member_bytes,
            setting="member_bytes", path=_shown(member.name),
        )  # fmt: skip
        if member.size > max(limits.ratio_from_bytes, limits.ratio * max(member.packed, 1)):
            raise FormatError(
                "zip member unpacks to far more than it holds",
                path=_shown(member.name),
                expected=f"at most {limits.ratio} times its packed size",
                got=f"{member.size} bytes from {member.packed}",
                hint="raise the read limit `ratio` if the log is meant to be this repetitive",
            )

    def unpack(self, name: str) -> bytes:
        """Return the content of one member.

        Raises:
            FormatError: no such member, or it cannot be unpacked as declared.
        """
        return self._content(self._member(name))

    def unpack_each(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield (name, content) in the order of the file, one member in memory at a time.

        Raises:
            FormatError: a member cannot be unpacked as declared, members overlap, or together
                they exceed the limit.
        """
        members = sorted(map(self._member, names), key=itemgetter(6))
        total = sum(member.size for member in members)
        self._limits.require(
            "sum of zip members", total, self._limits.total_bytes, setting="total_bytes"
        )
        end = 0
        for member in members:
            if member.offset < end:
                raise FormatError(
                    "zip members overlap",
                    path=_shown(member.name),
                    expected=f"an offset of at least {end}",
                    got=str(member.offset),
                    hint="the archive was built to unpack to more than it holds; do not use it",
                )
            end = member.offset + 30 + member.packed
            yield member.name, self._content(member)

    def _content(self, member: Member) -> bytes:
        if member.is_encrypted:
            raise _bad_member(member, "a member without encryption", "an encrypted member")
        packed = self._packed(member)
        content = self._expand(member, packed)
        if len(content) != member.size:
            raise _bad_member(member, f"{member.size} bytes", f"{_amount(content, member)} bytes")
        if zlib.crc32(content) != member.crc:
            raise _bad_member(
                member, f"CRC-32 {member.crc:08x}", f"CRC-32 {zlib.crc32(content):08x}"
            )
        return content

    def _packed(self, member: Member) -> memoryview:
        window = self._window
        _, _, _, _, packed, _, offset = member
        likely = min(packed + 1024, window.size - offset)
        view = window.read(offset, max(30, likely))
        signature, named, extra = _LOCAL.unpack_from(view)
        if signature != b"PK\x03\x04":
            raise _bad_member(member, "a local header", f"`{signature.hex()}`")
        begin = 30 + named + extra
        if begin + packed <= len(view):
            return view[begin : begin + packed]
        return window.read(offset + begin, packed)

    def _expand(self, member: Member, packed: memoryview) -> bytes:
        try:
            if member.method == _ZSTD:
                if self._zstandard is None:
                    self._zstandard = _zstandard()
                return self._zstandard.unpack(packed, member.size)
            if member.method == _DEFLATE:
                return zlib.decompressobj(-15).decompress(packed, member.size + 1)
        except (zlib.error, _ZstandardFault) as cause:
            raise _bad_member(member, "compressed data", f"`{plain(cause)}`") from cause
        if member.method == _STORED:
            return bytes(packed)
        raise _bad_member(
            member, "stored, deflate or Zstandard (method 0, 8 or 93)", f"method {member.method}"
        )


class _Zstandard:
    """The library's functions, and a decompressor that only one thread uses."""

    __slots__ = ("_fault", "_frame_size", "_unpack", "decompressor")

    def __init__(self) -> None:
        import zstandard

        self.decompressor = zstandard.ZstdDecompressor()
        self._fault = zstandard.ZstdError
        self._frame_size = zstandard.frame_content_size
        self._unpack = self.decompressor.decompress

    def unpack(self, packed: memoryview, size: int) -> bytes:
        """Unpack one frame at once, several one after the other; at most `size` + 1 bytes.

        A frame that declares more is not unpacked at once: the library would believe it.
        """
        if size == 0:
            return b""
        try:
            if self._frame_size(packed) <= size:
                content: bytes = self._unpack(packed, max_output_size=size)
                if len(content) == size:
                    return content
            return _frames(self.decompressor, packed, size)
        except self._fault as cause:
            raise _ZstandardFault(str(cause)) from cause


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
            part = reader.read(min(_WINDOW, size + 1 - held))
            if not part:
                break
            parts.append(part)
            held += len(part)
    return b"".join(parts)


def _directory_place(window: Window) -> tuple[int, int, int]:
    """Return (offset, length, number of entries) of the directory."""
    tail_length = min(window.size, 22 + _FULL16)
    tail_start = window.size - tail_length
    tail = bytes(window.read(tail_start, tail_length))
    at = tail.rfind(b"PK\x05\x06")
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


def _amount(content: bytes, member: Member) -> str:
    return f"more than {member.size}" if len(content) > member.size else str(len(content))


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
        path=_shown(member.name),
        expected=expected,
        got=got,
        hint="copy the log again from where it was written",
    )
