"""Read YAML or JSON text as plain data with lines: a safe subset, every fault at once.

The rules of the subset:

1. One document. No anchors, aliases, tags, merge keys or directives.
2. Keys are text, written once per mapping. A plain key that other readers take for a boolean,
   a null or a number must be quoted (`n` and `y` may stay plain).
3. Plain `true`, `false` and `null` are what they say. `yes`, `no`, `on`, `off`, `y`, `n`, `~` and
   other spellings of these are refused: two readers would read two values. So are NaN,
   infinities, and numbers not written as JSON writes them (`010`, `0x1f`, `1_000`, `12:30`).
4. Whole numbers are `int`, all others `Decimal`, exactly as written. Dates stay text.
5. At most 64 levels deep and 8,000,000 characters; no control characters in text.
6. Text that starts as a JSON object or list and is JSON is read by the rules of JSON, with
   duplicate keys refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import yaml

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.plain_text import plain

Plain: TypeAlias = "dict[str, Any] | list[Any] | str | int | Decimal | bool | None"
DocumentPath: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 64
MAX_CHARACTERS = 8_000_000
MAX_FAULTS = 200
_MAX_NUMBER_CHARACTERS = 48
_MAX_EXPONENT = 300

# The C reader is eleven times faster; the pure one gives the same events where it is missing.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<rest>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_NUMBER_ELSEWHERE = re.compile(
    r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)"
)
_WORDS_ELSEWHERE = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null", "~"})
_NOT_FINITE = re.compile(r"[-+]?\.?(?:nan|inf|infinity)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_JSON_TOKEN = re.compile(
    r'[ \t\n\r]*(?:([{}\[\],:])|"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s{}\[\],:"]+))', re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlDocument:
    """Plain data, and the line on which each value stands."""

    value: Plain
    """The document: dict, list, str, int, Decimal, bool or None."""
    lines: Mapping[DocumentPath, int]
    """From each path to its line; an entry of a mapping stands where its key stands."""
    file: str | None = None
    """The name of the file, for messages."""

    def line(self, path: DocumentPath) -> int | None:
        """Return the line of a path, or of the nearest value that would contain it."""
        for length in range(len(path), -1, -1):
            found = self.lines.get(path[:length])
            if found is not None:
                return found
        return None

    def fault(
        self, what: str, path: DocumentPath, *, expected: str = "", got: str = "", hint: str = ""
    ) -> FormatError:
        """Return a fault at a path of this document, with file and line."""
        return FormatError(
            what,
            file=self.file,
            path=path_text(path),
            line=self.line(path),
            expected=expected,
            got=got,
            hint=hint,
        )


def path_text(path: DocumentPath) -> str:
    """Write a path as a reader would: `payload.arms[0].mean`.

    >>> path_text(("payload", "arms", 0, "mean"))
    'payload.arms[0].mean'
    """
    parts: list[str] = []
    for step in path:
        shown = f"[{step}]" if isinstance(step, int) else f".{plain(step, limit=60)}"
        parts.append(shown)
    return "".join(parts).removeprefix(".")


def parse_yaml(text: str, *, file: str | None = None) -> YamlDocument:
    """Read one YAML or JSON document of the safe subset.

    Raises:
        DocumentFaults: everything that breaks a rule of the module, with line, expected and got;
            a fault of syntax ends the reading, so that later faults are not seen.

    Does not check: that the value has any particular shape.
    """
    if len(text) > MAX_CHARACTERS:
        size = FormatError(
            "document too large",
            file=file,
            expected=f"at most {MAX_CHARACTERS} characters",
            got=f"{len(text)}",
        )
        raise DocumentFaults([size])
    builder = _Builder(file)
    try:
        for event in _events(text):
            builder.take(event)
    except _Refused as refused:
        builder.refuse(refused.what, refused.line, expected=refused.expected, got=refused.got)
    except _Enough:
        pass
    if not builder.faults and not builder.has_value:
        builder.refuse("empty document", 1, expected="one value")
    if builder.faults:
        raise DocumentFaults(builder.faults)
    return YamlDocument(
        value=builder.root, lines=MappingProxyType(builder.lines), file=builder.file
    )


class _Event(NamedTuple):
    """One step of a document: `{`, `[`, `}` (end of either), `text` or `plain`."""

    kind: str
    line: int
    text: str = ""
    mark: str = ""


class _Refused(Exception):
    """The text cannot be read further."""

    def __init__(self, what: str, line: int, *, expected: str = "", got: str = "") -> None:
        self.what = what
        self.line = line
        self.expected = expected
        self.got = got
        super().__init__(what)


class _Enough(Exception):
    """A fault after which the rest would only repeat itself."""


def _events(text: str) -> Iterator[_Event]:
    if text.lstrip(" \t\r\n")[:1] in ("{", "[") and _is_json(text):
        return _json_events(text)
    return _yaml_events(text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(word: str) -> object:
    raise ValueError(word)


def _json_events(text: str) -> Iterator[_Event]:
    line = 1
    seen = 0
    for token in _JSON_TOKEN.finditer(text):
        punctuation, string, word = token.groups()
        start = token.end() - len(token.group().lstrip(" \t\n\r"))
        line += text.count("\n", seen, start)
        seen = start
        if punctuation is not None:
            if punctuation in "{[":
                yield _Event(punctuation, line)
            elif punctuation in "}]":
                yield _Event("}", line)
        elif string is not None:
            yield _Event("text", line, json.loads(f'"{string}"'))
        else:
            yield _Event("plain", line, word)


def _yaml_events(text: str) -> Iterator[_Event]:
    surrogate = re.search(r"[\ud800-\udfff]", text)
    if surrogate:
        line = text.count("\n", 0, surrogate.start()) + 1
        raise _Refused("half of a surrogate pair", line, expected="Unicode text")
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            line = _line_of(event)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                _check_start(event, documents, line)
            elif isinstance(event, yaml.AliasEvent):
                yield _Event("plain", line, "null", f"alias `*{plain(event.anchor, limit=40)}`")
            else:
                yield from _node_events(event, line)
    except yaml.YAMLError as cause:
        raise _unreadable(cause, text) from None


def _line_of(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _check_start(event: Any, documents: int, line: int) -> None:
    if documents > 1:
        raise _Refused("second document", line, expected="one document in a file", got="`---`")
    if event.version or event.tags:
        raise _Refused("directive", line, expected="no `%` lines")


def _node_events(event: Any, line: int) -> Iterator[_Event]:
    mark = ""
    if getattr(event, "anchor", None):
        mark = f"anchor `&{plain(event.anchor, limit=40)}`"
    elif getattr(event, "tag", None):
        mark = f"tag `{plain(event.tag, limit=60)}`"
    if isinstance(event, yaml.ScalarEvent):
        kind = "plain" if event.style in (None, "") else "text"
        yield _Event(kind, line, event.value, mark)
    elif isinstance(event, yaml.MappingStartEvent):
        yield _Event("{", line, "", mark)
    elif isinstance(event, yaml.SequenceStartEvent):
        yield _Event("[", line, "", mark)
    elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
        yield _Event("}", line)


def _unreadable(cause: yaml.YAMLError, text: str) -> _Refused:
    mark: Any = getattr(cause, "problem_mark", None) or getattr(cause, "context_mark", None)
    position = getattr(cause, "position", None)
    line = 1
    if mark is not None:
        line = mark.line + 1
    elif isinstance(position, int):
        line = text.count("\n", 0, position) + 1
    problem = getattr(cause, "problem", None) or getattr(cause, "reason", None) or "unreadable"
    return _Refused("not readable as YAML or JSON", line, got=plain(problem, limit=120))


class _Frame:
    """One open mapping or list."""

    __slots__ = ("container", "key", "key_line", "path")

    def __init__(self, container: dict[str, Any] | list[Any], path: DocumentPath) -> None:
        self.container = container
        self.path = path
        self.key: str | None = None
        self.key_line = 0


class _Builder:
    """Builds the value from events, without recursion, and collects the faults."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.faults: list[FormatError] = []
        self.lines: dict[DocumentPath, int] = {}
        self.root: Plain = None
        self.has_value = False
        self._open: list[_Frame] = []

    def refuse(
        self,
        what: str,
        line: int,
        *,
        path: DocumentPath = (),
        expected: str = "",
        got: str = "",
        hint: str = "",
    ) -> None:
        """Note a fault; give up after many."""
        self.faults.append(
            FormatError(
                what,
                file=self.file,
                line=line,
                path=path_text(path),
                expected=expected,
                got=got,
                hint=hint,
            )
        )
        if len(self.faults) >= MAX_FAULTS:
            raise _Enough

    def take(self, event: _Event) -> None:
        """Add one event to the value."""
        if event.kind == "}":
            self._open.pop()
            return
        frame = self._open[-1] if self._open else None
        if event.mark:
            self._refuse_mark(event, frame)
        if frame is not None and isinstance(frame.container, dict) and frame.key is None:
            self._take_key(event, frame)
            return
        path = self._place(event, frame)
        if event.kind in "{[":
            self._descend(event, frame, path)
        else:
            self._put(frame, self._scalar(event, path))

    def _refuse_mark(self, event: _Event, frame: _Frame | None) -> None:
        path = frame.path if frame else ()
        self.refuse(
            "anchors, aliases and tags are not read",
            event.line,
            path=path,
            expected="the value itself",
            got=event.mark,
        )

    def _place(self, event: _Event, frame: _Frame | None) -> DocumentPath:
        if frame is None:
            path: DocumentPath = ()
            self.lines[path] = event.line
        elif isinstance(frame.container, dict):
            assert frame.key is not None
            path = (*frame.path, frame.key)
            self.lines[path] = frame.key_line
        else:
            path = (*frame.path, len(frame.container))
            self.lines[path] = event.line
        return path

    def _put(self, frame: _Frame | None, value: Plain) -> None:
        if frame is None:
            self.root = value
            self.has_value = True
        elif isinstance(frame.container, dict):
            assert frame.key is not None
            frame.container.setdefault(frame.key, value)
            frame.key = None
        else:
            frame.container.append(value)

    def _descend(self, event: _Event, frame: _Frame | None, path: DocumentPath) -> None:
        if len(self._open) >= MAX_DEPTH:
            self.refuse(
                "nested too deep", event.line, expected=f"at most {MAX_DEPTH} levels", got="more"
            )
            raise _Enough
        child: dict[str, Any] | list[Any] = {} if event.kind == "{" else []
        self._put(frame, child)
        self._open.append(_Frame(child, path))

    def _take_key(self, event: _Event, frame: _Frame) -> None:
        if event.kind in "{[":
            self.refuse(
                "key is not text",
                event.line,
                path=frame.path,
                expected="a text key",
                got="a mapping or list",
            )
            raise _Enough
        key = event.text
        shown = f"`{plain(key, limit=60)}`"
        if event.kind == "plain" and not _is_plain_key(key):
            expected = "each mapping written out" if key == "<<" else "a text key; quote this one"
            self.refuse(
                "key reads differently elsewhere",
                event.line,
                path=frame.path,
                expected=expected,
                got=shown,
            )
        if _CONTROL.search(key):
            self.refuse("control character in a key", event.line, path=frame.path, got=shown)
        if key in frame.container:
            first = self.lines.get((*frame.path, key))
            self.refuse(
                "duplicate key",
                event.line,
                path=(*frame.path, key),
                expected="each key once",
                got=f"{shown} again",
                hint=f"first on line {first}",
            )
        frame.key = key
        frame.key_line = event.line

    def _scalar(self, event: _Event, path: DocumentPath) -> Plain:
        if event.kind == "plain":
            try:
                return _plain_value(event.text)
            except _Ambiguous as fault:
                self.refuse(
                    fault.what,
                    event.line,
                    path=path,
                    expected=fault.expected,
                    got=f"`{plain(event.text, limit=60)}`",
                )
                return None
        if _CONTROL.search(event.text):
            self.refuse("control character in text", event.line, path=path)
        return event.text


class _Ambiguous(Exception):
    """A plain word that readers read differently."""

    def __init__(self, what: str, expected: str) -> None:
        self.what = what
        self.expected = expected
        super().__init__(what)


def _is_plain_key(key: str) -> bool:
    if key in ("", "<<"):
        return False
    if key.lower() in _WORDS_ELSEWHERE - {"n", "y"}:
        return False
    return not (_NUMBER_ELSEWHERE.fullmatch(key) or _NOT_FINITE.fullmatch(key))


def _plain_value(text: str) -> Plain:
    if text in ("", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if text.lower() in _WORDS_ELSEWHERE:
        raise _Ambiguous(
            "word reads differently elsewhere", "`true`, `false`, `null`, or quoted text"
        )
    if _NOT_FINITE.fullmatch(text):
        raise _Ambiguous("number is not finite", "a finite number, or quoted text")
    number = _NUMBER.fullmatch(text)
    if number:
        return _number(text, is_whole=not number["rest"])
    if _NUMBER_ELSEWHERE.fullmatch(text):
        raise _Ambiguous(
            "number reads differently elsewhere",
            "a decimal number as in JSON, or quoted text",
        )
    if _CONTROL.search(text):
        raise _Ambiguous("control character in text", "printable text")
    return text


def _number(text: str, *, is_whole: bool) -> int | Decimal:
    # The exponent's length first: `Decimal` itself refuses exponents beyond its own bounds.
    exponent = text.lower().partition("e")[2].lstrip("+-0")
    small = len(text) <= _MAX_NUMBER_CHARACTERS and len(exponent) <= len(str(_MAX_EXPONENT))
    value = Decimal(text) if small else None
    if value is None or not -_MAX_EXPONENT <= value.adjusted() <= _MAX_EXPONENT:
        raise _Ambiguous(
            "number out of bounds",
            f"at most {_MAX_NUMBER_CHARACTERS} characters and an exponent within"
            f" {_MAX_EXPONENT}, or quoted text",
        )
    return int(text) if is_whole else value
