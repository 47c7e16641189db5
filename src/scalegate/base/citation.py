"""Where a fact or clause stands: document, section, page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A place in a named document. Never the words: those belong to their publisher."""

    document: str
    """Short name of the document, such as `RSP 2.2` or `Claude 4 system card`."""
    section: str = ""
    """Section number or heading as printed."""
    page: str = ""
    """Page or pages as printed (or of the file where none is printed)."""
    url: str = ""
    """The publisher's address, where one is known."""

    def __str__(self) -> str:
        parts = [self.document]
        if self.section:
            parts.append(f"§{self.section}" if self.section[:1].isdigit() else self.section)
        if self.page:
            parts.append(f"p. {self.page}")
        return ", ".join(parts)

    def to_mapping(self) -> dict[str, str]:
        """Return the citation as plain data, without empty fields."""
        fields = {
            "document": self.document,
            "section": self.section,
            "page": self.page,
            "url": self.url,
        }
        return {key: value for key, value in fields.items() if value}
