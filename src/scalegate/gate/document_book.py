"""The book of documents: what each covers, who has it, and how it stands to what policies ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scalegate.evidence.documents.records import DocumentEntry
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.documents import Standing, answers, standing_of
from scalegate.gate.model import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One kind of a policy that a document answers to."""

    framework: str
    """The policy."""
    kind: str
    """Id of the kind in the policy."""
    standing: Standing
    """How the document stands to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedDocument:
    """One document."""

    record: Record
    """The document's record."""
    entry: DocumentEntry
    """What it says."""
    age_days: int
    """Days since the date up to which it covers what happened."""
    answered: tuple[Answered, ...]
    """The kinds that it answers to, under each policy."""


def document_book(inputs: Sequence[Inputs], at: datetime) -> tuple[BookedDocument, ...]:
    """Return every document in force, the one with the latest coverage first.

    Args:
        inputs: what is on record, under each policy that decides.
        at: the instant asked about.
    """
    found = []
    for record in inputs[0].bundle.of_kind(Kind.DOCUMENT):
        if record.true_from > at:
            continue
        entry = record.payload_as(DocumentEntry)
        answered = tuple(
            Answered(
                framework=each.policy.name, kind=kind.id, standing=standing_of(record, kind, at)
            )
            for each in inputs
            for kind in each.policy.documents
            if answers(record, kind, each.policy.name)
        )
        age = (at - entry.coverage_until).days
        found.append(BookedDocument(record=record, entry=entry, age_days=age, answered=answered))
    return tuple(sorted(found, key=lambda each: (each.age_days, each.record.id)))
