"""Collect the places a report cites into one numbered list.

1. A place is cited by document, section, page and address; the same place has one number.
2. Numbers follow the order in which places are first cited, so the same input gives the same list.
3. An address is linked only if it is plain `http` or `https`: no script, no user name in it, no
   character that has no place in an address. Any other is shown as text.
"""

from __future__ import annotations

import re
from typing import Protocol

from scalegate.base.citation import Citation
from scalegate.report.model import Source

_LINKABLE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][!-~]*)?", re.ASCII)
_ODD = frozenset("\"'<>`\\{}|^")


class Place(Protocol):
    """What both a policy's and an evidence document's citations have."""

    @property
    def document(self) -> str:
        """Short name of the document."""
        ...

    @property
    def section(self) -> str:
        """Section as printed."""
        ...

    @property
    def page(self) -> str:
        """Page as printed."""
        ...

    @property
    def url(self) -> str:
        """The publisher's address."""
        ...


def is_linkable(url: str) -> bool:
    """Say whether an address may be put behind a link (rule 3)."""
    return bool(_LINKABLE.fullmatch(url)) and not _ODD & set(url)


class SourceList:
    """The list under construction; it grows while a report is arranged."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], Source] = {}

    def cite(self, place: Place) -> Source:
        """Return the entry of a place, adding it where it is new."""
        key = (place.document, place.section, place.page, place.url)
        if key not in self._found:
            label = str(Citation(document=place.document, section=place.section, page=place.page))
            self._found[key] = Source(
                number=len(self._found) + 1,
                label=label,
                url=place.url,
                linked=is_linkable(place.url),
            )
        return self._found[key]

    def all(self) -> tuple[Source, ...]:
        """Return every entry, in order of its number."""
        return tuple(self._found.values())
