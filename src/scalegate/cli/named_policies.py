"""A policy that `lint` is given: a file, or the name of one that is known here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.cli.asking import known_folder

if TYPE_CHECKING:
    from scalegate.ports import PolicyText

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*@[A-Za-z0-9.-]*[A-Za-z0-9]")


def is_name(given: Path) -> bool:
    """Say whether this names a policy, and no file: a file of that name comes first."""
    name = str(given)
    is_document = name.endswith((".yaml", ".yml", ".json"))
    return not is_document and _NAME.fullmatch(name) is not None and not given.exists()


def text_of(given: Path, workspace: Path | None) -> PolicyText:
    """Return the text of a policy that was given by name or as a file.

    Raises:
        UnknownName: there is no policy of that name.
        UsageError: there is no such file.
        FormatError: it is no regular file, no UTF-8 text, or too large.
        OutsideError: it cannot be read.
    """
    from scalegate.app.bridging import policy_named
    from scalegate.wiring import policy_source, read_policy_text

    if is_name(given):
        return policy_named(policy_source(known_folder(workspace)), str(given))
    return read_policy_text(given)
