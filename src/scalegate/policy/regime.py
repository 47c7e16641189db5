"""What binds a lab on a day: its policies in force, their editions, and the laws beside them.

1. A policy binds from its first day in force until the first day of the version that replaces it.
   Several of a lab may bind at once; each is a member of its own, and none stands for another.
2. The edition that counts on a day is the last one seen by then; before the first was seen, the
   first.
3. A law is in force from its day on. Whether it binds a lab is not computed: what the lab's own
   frameworks in force say of it is shown, or that nothing which was read says it.
4. A day that is still to come is pending: a policy or law not in force yet, a policy that is to be
   replaced, a dated step of a law.

Does not check: that the data is complete; it ends on the day that its source states.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from scalegate.base.yaml_text import parse_yaml
from scalegate.policy.fields import Cite, Day, Identifier, Part, Sha256, Source, Text, YesNo
from scalegate.policy.parse import raise_faults, validated
from scalegate.policy.references import Found

FrameworkName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*@[A-Za-z0-9._-]+$")]
Mark = Literal["primary", "secondary"]


class Edition(Part):
    """One uploaded file of a version."""

    first_seen_on: Day
    """Day of publication, or of the first capture that carries it."""
    sha256: Sha256
    """Digest of the publisher's file."""
    is_read: YesNo = False
    """Whether the encoding was made from it."""
    note: str = ""
    """In what it differs, in our words."""


class KnownVersion(Part):
    """A version of a policy, encoded or not."""

    framework: FrameworkName
    """Its name, as `anthropic-rsp@2.2`."""
    lab: Text
    """Who published it."""
    title: Text
    """Title as published."""
    published_on: Day
    """Day of publication."""
    encoded: YesNo = True
    """Whether it is among the shipped policies; those say themselves since when they bind."""
    in_force_from: Day | None = None
    """For one that is not encoded: its first day in force."""
    superseded_on: Day | None = None
    """For one that is not encoded: the first day that it is no longer in force."""
    editions: tuple[Edition, ...] = ()
    """Uploaded files, oldest first."""
    note: str = ""
    """What a reader must know."""


class EditionList(Part):
    """Known versions and editions of the labs' policies."""

    schema_: Literal["scalegate/editions@1"] = Field(alias="schema")
    """The format of the document and its version."""
    source: Source
    """Where the list comes from."""
    versions: tuple[KnownVersion, ...] = Field(min_length=1)
    """The versions."""


class LawAnswer(Part):
    """What a lab's framework says of a law."""

    lab: Text
    """The lab."""
    framework: Identifier
    """The framework that answers."""
    versions: tuple[Text, ...] = Field(min_length=1)
    """In which of its versions."""
    statement: Text
    """What it says of the law, paraphrased."""
    mark: Mark
    """Whether the text itself was read."""
    cite: Cite
    """Where it says so."""


class LawDate(Part):
    """A dated step of a law."""

    day: Day
    """The day."""
    what: Text
    """What happens."""
    mark: Mark
    """Whether the text itself was read."""


class LawSource(Part):
    """A text from which a law was described."""

    what: Text
    """The text."""
    mark: Mark
    """Whether it is the law itself, or a report."""
    url: str = ""
    """Its address."""


class Law(Part):
    """A law, or a code that providers follow in order to meet one."""

    id: Identifier
    """Id of the law."""
    title: Text
    """Its name."""
    jurisdiction: Identifier
    """Where it holds, such as `us-ca` or `eu`."""
    kind: Literal["statute", "code_of_practice", "order_to_agencies"]
    """What it is."""
    in_force_from: Day
    """First day in force; for a code, of its publication."""
    in_force_mark: Mark
    """Whether that day was read in the text itself."""
    binds: Text
    """Whom, paraphrased."""
    asks: tuple[Text, ...] = Field(min_length=1)
    """What it asks of them, paraphrased."""
    answers: tuple[LawAnswer, ...] = ()
    """What labs say of it."""
    dates: tuple[LawDate, ...] = ()
    """Dated steps."""
    sources: tuple[LawSource, ...] = Field(min_length=1)
    """What it was described from."""
    notes: tuple[Text, ...] = ()
    """Doubts."""


class LawList(Part):
    """Laws as data."""

    schema_: Literal["scalegate/laws@1"] = Field(alias="schema")
    """The format of the document and its version."""
    laws: tuple[Law, ...] = Field(min_length=1)
    """The laws."""


def parse_editions(text: str, *, file: str | None = None) -> EditionList:
    """Read a list of versions and editions.

    Raises:
        DocumentFaults: every fault found.
    """
    document = parse_yaml(text, file=file)
    found = validated(EditionList, document)
    raise_faults(document, _edition_faults(found))
    return found


def parse_laws(text: str, *, file: str | None = None) -> LawList:
    """Read laws.

    Raises:
        DocumentFaults: every fault found.
    """
    document = parse_yaml(text, file=file)
    found = validated(LawList, document)
    raise_faults(document, _law_faults(found))
    return found


def _edition_faults(listed: EditionList) -> Iterable[Found]:
    seen: set[str] = set()
    for index, item in enumerate(listed.versions):
        path = ("versions", index)
        if item.framework in seen:
            yield (*path, "framework"), "version listed twice", "one entry", f"`{item.framework}`"
        seen.add(item.framework)
        if item.encoded != (item.in_force_from is None):
            expected = "`in_force_from` exactly where it is not encoded"
            yield path, "day in force", expected, f"`{item.in_force_from}`"
        days = [each.first_seen_on for each in item.editions]
        if days != sorted(days):
            yield (*path, "editions"), "editions out of order", "oldest first", ", ".join(days)


def _law_faults(listed: LawList) -> Iterable[Found]:
    seen: set[str] = set()
    for index, item in enumerate(listed.laws):
        if item.id in seen:
            yield ("laws", index, "id"), "law listed twice", "one entry", f"`{item.id}`"
        seen.add(item.id)


# --- what binds on a day --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySpan:
    """What a regime needs of an encoded policy."""

    name: str
    """Name, as `anthropic-rsp@2.2`."""
    lab: str
    """Who published it."""
    title: str
    """Title as published."""
    effective_on: str
    """First day in force."""
    superseded_on: str = ""
    """First day no longer in force; empty: none is known."""
    digest: str = ""
    """SHA-256 of the file that encodes it; empty: it is not encoded."""

    def binds(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        on = day.isoformat()
        return self.effective_on <= on and (not self.superseded_on or on < self.superseded_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A policy that binds on the day."""

    policy: PolicySpan
    """The policy."""
    days_in_force: int
    """Whole days since its first day in force."""
    edition: Edition | None
    """The edition that counts on the day; None: no file is known."""
    editions_known: int
    """How many editions of this version are known."""
    note: str
    """What a reader must know."""

    @property
    def decides(self) -> bool:
        """Whether it is encoded, so that it decides gates."""
        return bool(self.policy.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class LawOnDay:
    """A law on the day, and what the lab's frameworks say of it."""

    law: Law
    """The law."""
    days_in_force: int
    """Whole days since its first day; below 0: so many days until then."""
    answers: tuple[LawAnswer, ...]
    """What its frameworks in force that day say; empty: nothing that was read says anything."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pending:
    """Something that happens on a day to come."""

    on: str
    """The day."""
    days: int
    """Days until then."""
    what: str
    """What happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """What binds a lab on a day."""

    lab: str
    """The lab."""
    on: str
    """The day."""
    members: tuple[Member, ...]
    """Policies in force, by name."""
    laws: tuple[LawOnDay, ...]
    """Laws in force, by id."""
    pending: tuple[Pending, ...]
    """What is to come, earliest first."""


def regime_of(
    lab: str,
    day: date,
    policies: Sequence[PolicySpan],
    listed: EditionList,
    *,
    laws: Sequence[Law] = (),
) -> Regime:
    """Return what binds a lab on a day."""
    known = {item.framework: item for item in listed.versions}
    spans = [each for each in _spans(policies, listed) if each.lab == lab]
    members = [_member(each, known.get(each.name), day) for each in spans if each.binds(day)]
    bound = frozenset(each.policy.name for each in members)
    on_day = [_law_on(each, bound, day) for each in sorted(laws, key=lambda each: each.id)]
    pending = [*_pending_policies(spans, day), *_pending_laws(laws, day)]
    return Regime(
        lab=lab,
        on=day.isoformat(),
        members=tuple(sorted(members, key=lambda each: each.policy.name)),
        laws=tuple(each for each in on_day if each.days_in_force >= 0),
        pending=tuple(sorted(pending)),
    )


def _spans(policies: Sequence[PolicySpan], listed: EditionList) -> list[PolicySpan]:
    others = [
        PolicySpan(
            name=item.framework,
            lab=item.lab,
            title=item.title,
            effective_on=str(item.in_force_from),
            superseded_on=item.superseded_on or "",
        )
        for item in listed.versions
        if not item.encoded
    ]
    return [*policies, *others]


def _member(span: PolicySpan, version: KnownVersion | None, day: date) -> Member:
    editions = version.editions if version else ()
    seen = [each for each in editions if each.first_seen_on <= day.isoformat()]
    return Member(
        policy=span,
        days_in_force=(day - date.fromisoformat(span.effective_on)).days,
        edition=seen[-1] if seen else editions[0] if editions else None,
        editions_known=len(editions),
        note=version.note if version else "",
    )


def _law_on(law: Law, bound: frozenset[str], day: date) -> LawOnDay:
    return LawOnDay(
        law=law,
        days_in_force=(day - date.fromisoformat(law.in_force_from)).days,
        answers=tuple(
            each
            for each in law.answers
            if bound & {f"{each.framework}@{version}" for version in each.versions}
        ),
    )


def _pending_policies(spans: Sequence[PolicySpan], day: date) -> Iterable[Pending]:
    begins = {each.effective_on for each in spans}
    for each in spans:
        before = sorted(item.name for item in spans if item.superseded_on == each.effective_on)
        instead = f", in place of {' and '.join(before)}" if before else ""
        yield from _to_come(each.effective_on, day, f"{each.name} comes into force{instead}")
        if each.superseded_on and each.superseded_on not in begins:
            yield from _to_come(each.superseded_on, day, f"{each.name} is no longer in force")


def _pending_laws(laws: Sequence[Law], day: date) -> Iterable[Pending]:
    for law in laws:
        yield from _to_come(law.in_force_from, day, f"{law.title} takes effect")
        for each in law.dates:
            yield from _to_come(each.day, day, f"{law.title}: {each.what}")


def _to_come(on: str, day: date, what: str) -> Iterable[Pending]:
    if on > day.isoformat():
        yield Pending(on=on, days=(date.fromisoformat(on) - day).days, what=what)
