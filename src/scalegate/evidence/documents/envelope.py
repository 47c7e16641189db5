"""What every evidence document has around its payload."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from scalegate.base.citation import Citation
from scalegate.evidence.documents.fields import (
    Cite,
    Identifier,
    Instant,
    Part,
    Sha256,
    Subject,
    Text,
    fault_unless,
    refuse,
)

Mark = Literal["primary", "digest", "secondary", "record", "synthetic"]


class Source(Cite):
    """Where the document's content stands, and how it was read."""

    sha256: Sha256 | None = None
    """Digest of the text that was read."""
    mark: Mark
    """How it was read: in the `primary` text; in a page-cited `digest` of it; in a `secondary`
    report; from an own `record`; or `synthetic`: made up, for tests and demonstrations."""

    def to_citation(self) -> Citation:
        """Return the place as a citation."""
        return Citation(
            document=self.document,
            section=self.section or "",
            page=self.page or "",
            url=self.url or "",
        )


class Envelope(Part):
    """The envelope of every kind; the payload is read by its kind's own model."""

    schema_name: Annotated[
        str, StringConstraints(pattern=r"^scalegate/[a-z-]+@1$"), Field(alias="schema")
    ]
    """`scalegate/<kind>@1`; written `schema` in the document."""
    id: Identifier
    """The document's name; a later version keeps it."""
    subject: Subject
    """What it is about: `model:claude-opus-4`."""
    true_from: Instant
    """From when it is so in the world."""
    true_until: Instant | None = None
    """Until when, where it ended."""
    known_from: Instant
    """From when it was known to whoever decides."""
    source: Source
    """Where it stands."""
    note: Text | None = None
    """What else to know."""
    payload: dict[str, Any]
    """What the kind says."""

    @model_validator(mode="after")
    def _runs_forward(self) -> Envelope:
        refuse(
            fault_unless(
                self.true_until is None or self.true_from < self.true_until,
                "true_until",
                "ends before it starts",
                expected="an instant after `true_from`",
            )
        )
        return self


__all__ = ["Envelope", "Mark", "Source"]
