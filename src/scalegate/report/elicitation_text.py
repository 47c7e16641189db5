"""Say which of a policy's requirements on elicitation are shown by what is on record."""

from __future__ import annotations

from collections.abc import Sequence

from scalegate.gate.elicitation_asked import CheckedOff

_WORDS = {True: "shown", False: "not shown", None: "not checked"}


def checked_off_texts(rows: Sequence[CheckedOff]) -> tuple[str, ...]:
    """Return one sentence for each requirement, with its clause; what is not shown comes first."""
    order = (False, True, None)
    return tuple(
        f"{_WORDS[row.is_shown]}: {row.requirement.statement.rstrip('.')}"
        f" ({row.requirement.modality.word}): {row.text} [{row.requirement.cite}]"
        for row in sorted(rows, key=lambda row: order.index(row.is_shown))
    )
