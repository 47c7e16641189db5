"""Documents that a lab writes, as a condition names them: covered, approved, published, sent.

1. A document answers to a kind that the policy names by its native kind, else by its neutral one,
   and covers every subject that it lists: one document may cover several models.
2. It is `covered` when its coverage date is recent enough, `approved` when every role that the
   policy asks has approved it, `published` when the public can read it.
3. It is `sent` when every audience that the policy names has received it, in time, with no more
   withheld than the policy lets. How much was withheld counts as the most where nobody says.
4. Of several documents the one that lasts longest carries an aspect; each aspect by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scalegate.base.instants import parse_duration
from scalegate.evidence.documents.records import DocumentEntry
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.model import Inputs, Named, Subject
from scalegate.gate.refer import evidence_ref
from scalegate.policy.document import DocumentKind, SentTo
from scalegate.policy.vocabulary import DocumentAspect, Redaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one document stands to one kind that a policy names."""

    aspects: frozenset[DocumentAspect]
    """What it is."""
    covers_until: datetime | None
    """When its coverage is too old; None: never."""
    lacking: tuple[str, ...]
    """What it lacks, in words: approvals, audiences, contents that it does not list."""


def document_aspects(inputs: Inputs, subject: Subject, at: datetime) -> dict[str, Named]:
    """Return `document.aspect` for every document the policy names."""
    found = {}
    for kind in inputs.policy.documents:
        standing = [
            (record, standing_of(record, kind, at))
            for record in inputs.bundle.of_kind(Kind.DOCUMENT)
            if answers(record, kind, inputs.policy.name)
            and covers(record, subject)
            and record.true_from <= at
        ]
        for aspect in _asked(kind):
            name = f"{kind.id}.{aspect.value}"
            good = [pair for pair in standing if aspect in pair[1].aspects]
            # The document that lasts longest carries the aspect; one without an end lasts.
            ends = [each.covers_until for _, each in good]
            found[name] = Named(
                name=name,
                value=bool(good),
                evidence=tuple(evidence_ref(record) for record, _ in good),
                expires_at=None if None in ends else max((e for e in ends if e), default=None),
                text=aspect.value if good else f"not {aspect.value}",
            )
    return found


def _asked(kind: DocumentKind) -> Iterator[DocumentAspect]:
    """Yield what can be asked of a kind: nothing can be sent where no audience is named."""
    for aspect in DocumentAspect:
        if aspect is not DocumentAspect.SENT or kind.sent_to:
            yield aspect


def answers(record: Record, kind: DocumentKind, framework: str) -> bool:
    """Say whether a document is of a kind that a framework names."""
    entry = record.payload_as(DocumentEntry)
    if entry.framework not in (None, framework):
        return False
    wanted = kind.id.replace("-", "_").lower()
    native = (entry.native_kind or "").replace("-", "_").replace(" ", "_").lower()
    return wanted == native or (not native and wanted == entry.kind)


def covers(record: Record, subject: Subject) -> bool:
    """Say whether a document covers a subject, or what contains it."""
    return bool(subject.names & set(record.payload_as(DocumentEntry).covers))


def standing_of(record: Record, kind: DocumentKind, at: datetime) -> Standing:
    """Return how a document stands to a kind at an instant (rules 2 and 3 of the module)."""
    entry = record.payload_as(DocumentEntry)
    end = None
    if kind.covers_within:
        end = entry.coverage_until + parse_duration(kind.covers_within)
    if end is not None and end <= at:
        return Standing(
            aspects=frozenset(), covers_until=end, lacking=("coverage that is recent enough",)
        )
    unsent = tuple(_unsent(entry, kind, at))
    given = {item.role for item in entry.approvals if item.approved_at <= at}
    lacking = [f"approval of {role}" for role in kind.approved_by if role not in given]
    aspects = {DocumentAspect.COVERED}
    if kind.approved_by and not lacking:
        aspects.add(DocumentAspect.APPROVED)
    if entry.published and (entry.published_at is None or entry.published_at <= at):
        aspects.add(DocumentAspect.PUBLISHED)
    if kind.sent_to and not unsent:
        aspects.add(DocumentAspect.SENT)
    said = set(entry.contains)
    lacking += [*unsent, *(f"listing of: {text}" for text in kind.must_contain if text not in said)]
    return Standing(aspects=frozenset(aspects), covers_until=end, lacking=tuple(lacking))


def _unsent(entry: DocumentEntry, kind: DocumentKind, at: datetime) -> Iterator[str]:
    for wanted in kind.sent_to:
        if not any(_is_received(entry, wanted, name, at) for name in _audiences(entry)):
            yield f"sending to {wanted.audience}{_MOST[wanted.redaction]}"


_MOST = {
    "none": " with nothing withheld",
    "minor": " with a minor part withheld at most",
    "significant": "",
}
_Audience = tuple[str, str, datetime | None]
"""Whom, how much was withheld, and when they received it."""


def _audiences(entry: DocumentEntry) -> Iterator[_Audience]:
    for audience in entry.audiences:
        yield audience.name, audience.redaction, audience.sent_at


def _is_received(entry: DocumentEntry, wanted: SentTo, audience: _Audience, at: datetime) -> bool:
    name, redaction, sent_at = audience
    if name.lower() != wanted.audience.lower() or (sent_at is not None and sent_at > at):
        return False
    # "Significant" is the most that anybody may name, so what is unstated is not beyond it.
    withheld = min(Redaction[redaction.upper()], Redaction.SIGNIFICANT)
    if withheld > Redaction[wanted.redaction.upper()]:
        return False
    if wanted.within is None:
        return True
    return sent_at is not None and sent_at <= entry.coverage_until + parse_duration(wanted.within)
