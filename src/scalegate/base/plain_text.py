"""Make hostile text harmless to show: no control bytes, no escapes, no hidden direction.

Model output, log content and policy text are untrusted. A terminal acts on escape sequences and
on hyperlinks hidden in them; bidirectional overrides and zero-width characters make a line read
as something it is not. `plain` leaves printable characters and ordinary spaces only, and bounds
the length. HTML is escaped where HTML is made, not here.
"""

from __future__ import annotations

import unicodedata

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: object, *, limit: int = 200) -> str:
    r"""Return `text` on one line, printable, at most `limit` characters.

    Control, format (bidirectional, zero-width), surrogate and unassigned characters become
    `\ufffd`; line breaks and tabs become one space. A cut text ends in an ellipsis.
    """
    raw = str(text)
    if len(raw) <= limit and raw.isascii() and raw.isprintable():
        return raw
    cut = raw[: limit + 1]
    shown = "".join(_shown(character) for character in cut)
    return shown[: limit - 1] + "…" if len(raw) > limit else shown


def _shown(character: str) -> str:
    if character in "\t\n\r":
        return " "
    return "\ufffd" if unicodedata.category(character) in _DROPPED else character
