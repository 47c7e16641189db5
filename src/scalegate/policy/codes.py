"""The codes of `lint`, each with a long explanation: what, why it matters, an example, the fix.

A code keeps its number and its meaning for ever. Codes of one hundred belong together: 01 rows,
02 directions, 03 names, 04 gates, 05 sources, 06 lines, 07 governance,
08 what is left open.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from scalegate.base.errors import UnknownName
from scalegate.policy.code import Code, Severity
from scalegate.policy.document_codes import DOCUMENT_CODES
from scalegate.policy.open_codes import OPEN_CODES
from scalegate.policy.row_codes import ROW_CODES

__all__ = ["CODES", "Code", "Severity", "explain"]

CODES: Mapping[str, Code] = MappingProxyType(
    {item.code: item for item in (*ROW_CODES, *DOCUMENT_CODES, *OPEN_CODES)}
)
"""Every code, in order."""


def explain(code: str) -> str:
    """Return the long text of a code.

    Raises:
        UnknownName: no finding has this code.
    """
    found = CODES.get(code.strip().upper())
    if found is None:
        raise UnknownName("code", code, known=CODES)
    example = "\n".join(f"    {line}" for line in found.example.splitlines())
    return (
        f"{found.code} ({found.severity.value}): {found.title}\n\n{found.what}\n\n"
        f"Why it matters: {found.why}\n\nExample:\n\n{example}\n\nWhat to do: {found.fix}\n"
    )
