"""Findings about a policy document that is well formed: what was probably not meant.

`lint` looks at a policy, `lint_text` at a document with its lines. The codes and their long texts
stand in `codes`. Rows are judged over all situations (`analyse`), never by sampling.

Does not check: that a paraphrase is faithful to its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from scalegate.base.yaml_text import DocumentPath, parse_yaml, path_text
from scalegate.policy.analyse import row_findings
from scalegate.policy.codes import CODES, Severity, explain
from scalegate.policy.compile import compile_policy
from scalegate.policy.direction import Direction, VariableDirection, directions
from scalegate.policy.document import Indicator, Part, Policy
from scalegate.policy.fields import Cite
from scalegate.policy.names import unused_names
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import EffectLevel, Gate, IndicatorRole, Kind

__all__ = ["Finding", "explain", "lint", "lint_text"]

Found = tuple[str, DocumentPath, str]
"""Code, path, message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding about a policy document."""

    code: str
    """Such as `SG0101`; `explain` has the long text."""
    severity: Severity
    """`error`, `warning` or `note`."""
    path: DocumentPath
    """Where it stands in the document."""
    line: int | None
    """Its line; `None` where only the value was at hand."""
    file: str | None
    """The name of the file, for messages."""
    message: str
    """What was found here."""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        at = f" (at {path_text(self.path)})" if self.path else ""
        return f"{where}{': ' if where else ''}{self.severity.value} {self.code}: {self.message}{at}"


def lint(policy: Policy) -> tuple[Finding, ...]:
    """Return every finding about a policy, in the order of codes and of the document."""
    return _ordered(policy, {}, None)


def lint_text(text: str, *, file: str | None = None) -> tuple[Finding, ...]:
    """Return every finding about a policy document, each with its line.

    Raises:
        DocumentFaults: the document is not a well-formed policy; there is nothing to lint yet.
    """
    policy = parse_policy(text, file=file)
    document = parse_yaml(text, file=file)
    lines = {path: document.line(path) for _, path, _ in _all(policy, lambda _: None)}
    return _ordered(policy, lines, file, document.line)


def _ordered(
    policy: Policy,
    lines: dict[DocumentPath, int | None],
    file: str | None,
    line_of: Callable[[DocumentPath], int | None] = lambda _: None,
) -> tuple[Finding, ...]:
    found = [
        Finding(
            code=code,
            severity=CODES[code].severity,
            path=path,
            line=lines.get(path),
            file=file,
            message=message,
        )
        for code, path, message in _all(policy, line_of)
    ]
    return tuple(replace(item) for item in sorted(found, key=_order))
