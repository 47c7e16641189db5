"""Read JSON into shapes: strictly and fast, and tolerantly only where strict JSON cannot.

1. Strict first. If it fails, the tolerant parser reads the same bytes: it accepts the constants
   `NaN`, `Infinity` and `-Infinity`, integers of any usual length and lone surrogates.
2. A non-finite number that arrives this way stays one only long enough for the score reader to
   call it unscored; every other field drops it.
3. What the tolerant parser refuses too is a fault of the document, with its place.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from scalegate.adapters.inspect_log.limits import ReadLimits
from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain

Shape = TypeVar("Shape")
STRICT_FAULTS = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What the strict parser raises for a text that the tolerant one may still read."""


@functools.cache
def _decoder(shape: Any) -> Any:
    return msgspec.json.Decoder(shape)


class ShapeReader(Generic[Shape]):
    """Reads JSON bytes (or plain data) as one shape."""

    def __init__(self, shape: Any, limits: ReadLimits) -> None:
        self._shape = shape
        self._limits = limits
        self.decode: Callable[[bytes | msgspec.Raw], Shape] = _decoder(shape).decode
        """The strict parser alone; raises `STRICT_FAULTS`."""
        self.tolerant_count = 0

    def read(self, content: bytes | msgspec.Raw, *, path: str) -> Shape:
        """Read JSON bytes.

        Raises:
            FormatError: not JSON, not of this shape, or too large for the tolerant parser.
        """
        try:
            return self.decode(content)
        except STRICT_FAULTS:
            self.tolerant_count += 1
            return self.convert(parse_tolerantly(bytes(content), self._limits, path), path=path)

    def convert(self, value: Any, *, path: str) -> Shape:
        """Read plain data.

        Raises:
            FormatError: not of this shape.
        """
        try:
            return msgspec.convert(value, self._shape)  # type: ignore[no-any-return]
        except UnicodeEncodeError:
            return self.convert(_encodable(value), path=path)
        except (msgspec.ValidationError, RecursionError) as cause:
            raise wrong_shape(cause, path) from cause


def parse_tolerantly(content: bytes, limits: ReadLimits, path: str) -> Any:
    """Read JSON that may hold NaN, infinities, long integers or lone surrogates.

    Raises:
        FormatError: not JSON even so, nested too deeply, or too large.
    """
    limits.require(
        "JSON with NaN or other constants that strict JSON lacks",
        len(content),
        limits.tolerant_bytes,
        setting="tolerant_bytes",
        path=plain(path),
    )
    try:
        return json.loads(content.decode("utf-8", "surrogatepass"))
    except json.JSONDecodeError as cause:
        raise FormatError(
            "not JSON",
            path=plain(path),
            line=cause.lineno,
            expected="a complete JSON document",
            got=f"`{plain(cause.msg)}` at byte {cause.pos} of {len(content)}",
            hint="the log is cut short or damaged; copy it again",
        ) from cause
    except (ValueError, RecursionError) as cause:
        raise FormatError(
            "not readable JSON",
            path=plain(path),
            expected="UTF-8 text with ordinary nesting and numbers",
            got=f"`{plain(cause)}`",
        ) from cause


def _encodable(value: Any) -> Any:
    """Return plain data with every lone surrogate replaced by a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(entry) for key, entry in value.items()}
    return [_encodable(entry) for entry in value] if isinstance(value, list) else value


def wrong_shape(cause: BaseException, path: str) -> FormatError:
    """Say where a document has another shape than a log."""
    text = plain(cause, limit=300)
    what, _, place = text.partition(" - at ")
    expected, _, got = what.partition(", got ")
    return FormatError(
        "not the shape of an evaluation log",
        path=f"{plain(path)} {place.strip('`')}".strip(),
        expected=expected.removeprefix("Expected ") or "an evaluation log",
        got=got or what,
    )
