"""Every error of ours, in one tree with four branches.

The branch decides the exit code (and, later, the HTTP status):

1. `FormatError` and `DocumentFaults`: a document is wrong (exit 2).
2. `TrustError`: a digest, signature, proof or order is wrong (exit 12).
3. `UsageError`: the caller is wrong (exit 2).
4. `OutsideError`: something outside failed; always chained from its cause (exit 1).

A threshold that is crossed, evidence that is insufficient, a safeguard that is stale are
*values*, never errors: they belong in the decision.
"""

from __future__ import annotations

from collections.abc import Iterable


class ScalegateError(Exception):
    """The root of all errors that leave this package."""

    exit_code: int = 1
    """The process exit code that `cli` uses for this error (design, "Command line")."""

    def diagnostics(self) -> str:
        """Say what happened, where, and the next step, in plain lines."""
        return str(self)


class FormatError(ScalegateError):
    """One fault of one document: what, where, expected, got, next step."""

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        file: str | None = None,
        path: str = "",
        line: int | None = None,
        expected: str = "",
        got: str = "",
        hint: str = "",
    ) -> None:
        self.what = what
        self.file = file
        self.path = path
        self.line = line
        self.expected = expected
        self.got = got
        self.hint = hint
        super().__init__(self._message())

    def _message(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        parts = [self.what]
        if self.path:
            parts.append(f"at {self.path}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.got:
            parts.append(f"got {self.got}")
        if self.hint:
            parts.append(self.hint)
        return (f"{where}: " if where else "") + "; ".join(parts)

    def in_file(self, file: str) -> FormatError:
        """Return the same fault, naming the file it was found in."""
        return FormatError(
            self.what,
            file=self.file or file,
            path=self.path,
            line=self.line,
            expected=self.expected,
            got=self.got,
            hint=self.hint,
        )

    def to_mapping(self) -> dict[str, str | int | None]:
        """Return the fault as plain data for `--json`."""
        return {
            "what": self.what,
            "file": self.file,
            "path": self.path,
            "line": self.line,
            "expected": self.expected,
            "got": self.got,
            "hint": self.hint,
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FormatError) and self.to_mapping() == other.to_mapping()

    def __hash__(self) -> int:
        return hash((self.what, self.file, self.path, self.line, self.expected, self.got))


class DocumentFaults(ScalegateError):
    """All faults of a document at once, in the order of their lines."""

    exit_code = 2

    def __init__(self, faults: Iterable[FormatError]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.path)))
        count = len(self.faults)
        head = f"{count} fault{'s' if count != 1 else ''}"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))


class TrustError(ScalegateError):
    """A digest, signature, proof or order does not hold."""

    exit_code = 12


class DigestMismatch(TrustError):
    """The bytes of something are not the bytes that were named."""

    def __init__(self, what: str, *, expected: str, got: str) -> None:
        self.what = what
        self.expected = expected
        self.got = got
        super().__init__(f"{what} has another digest; expected `{expected}`; got `{got}`")


class UsageError(ScalegateError):
    """The caller asked for something that cannot be asked."""

    exit_code = 2

    def __init__(self, what: str, *, hint: str = "") -> None:
        self.what = what
        self.hint = hint
        super().__init__(f"{what}; {hint}" if hint else what)


class UnknownName(UsageError):
    """A name was given that the policy, workspace or program does not define."""

    def __init__(self, kind: str, name: str, *, known: Iterable[str] = ()) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(sorted(known))
        shown = ", ".join(f"`{item}`" for item in self.known[:12])
        more = f" and {len(self.known) - 12} more" if len(self.known) > 12 else ""
        none = _NONE_KNOWN.get(kind, "")
        hint = f"known: {shown}{more}" if shown else none
        super().__init__(f"unknown {kind} `{name}`", hint=hint)


_NONE_KNOWN = {
    "subject": "no model is registered; import a document `scalegate/model@1` with"
    " `scalegate evidence import`"
}
"""The next step where nothing of a kind is known at all."""


class FileForName(UsageError):
    """A file was given where a framework's name is asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"`{name}` is a file, and a framework has a name",
            hint="put the file into `policies/` of the workspace, and say its `id@version`",
        )


class OutsideError(ScalegateError):
    """A port failed: file system, database, process. Always raised `from` its cause."""

    exit_code = 1
