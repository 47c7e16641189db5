"""One code of `lint`: its severity and its texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of finding."""

    code: str
    """Such as `SG0101`."""
    severity: Severity
    """`error`: the document contradicts itself; `warning`: probably not meant; `note`: to know."""
    title: str
    """What was found, in a few words."""
    what: str
    """What was found, in full."""
    why: str
    """Why it matters."""
    example: str
    """A document, in part, that gives the finding."""
    fix: str
    """What to do about it."""
