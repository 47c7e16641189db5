"""Read a coverage table: each normative sentence of a text, and what the encoding makes of it.

1. A row names a sentence by section, ordinal and digest, never by its words. It names the encoded
   elements, or the row that it restates, or says why nothing is encoded.
2. Every element that a row names is in the policy. Where two sections of the policy have the same
   id, the section is written before it: `thresholds:CBRN-3`.
3. A binding row has an element, or a row that it restates, or a reason with a note. A row of
   `must` or `will` binds unless a note says why not.
4. In the other direction: every commitment, duty and discretion of the policy is named by a row, or
   stands under `unnamed` with a reason.
5. No sentence is listed twice: a place (section and ordinal) has one row.

Does not check: that the element says what the sentence says; a reader with the text does that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from scalegate.base.yaml_text import parse_yaml
from scalegate.policy.document import Policy
from scalegate.policy.fields import Part, Sha256, Text, YesNo
from scalegate.policy.normative import NormativeSentence
from scalegate.policy.parse import raise_faults, validated
from scalegate.policy.references import SECTIONS, Found
from scalegate.policy.vocabulary import Modality

BACKWARDS = ("commitments", "duties", "discretions")
"""Sections whose every element must be named by a row."""
Element = Annotated[str, StringConstraints(pattern=r"^([a-z_]+:)?[A-Za-z0-9][A-Za-z0-9_&+.-]*$")]
Place = Annotated[str, StringConstraints(pattern=r"^.+#[1-9][0-9]{0,3}$")]
RowModality = Literal["must", "will", "would", "intend", "aim", "may", "present"]
Reason = Literal["preamble", "out_of_scope", "not_machine_decidable", "definition", "descriptive"]
_BINDING_WORDS = frozenset(item.word for item in Modality if item.binds)


class ReadText(Part):
    """The text that the rows were made from."""

    file: Text
    """Name of the plain text file."""
    edition: Text
    """Version and day of the edition."""
    read: Literal["whole", "passages"]
    """`whole`: the script ran over the file; `passages`: over the normative passages, typed."""
    sha256: Sha256 | None = None
    """Digest of the plain text file; needed where it was read whole."""
    characters: int | None = Field(default=None, ge=1)
    """Length of the file, where its digest is not known."""
    note: str = ""
    """Anything else that a reader needs to find the same text."""


class CoverageRow(Part):
    """One sentence, and what the encoding makes of it."""

    section: Text
    """Label of the section, as the script prints it."""
    page: str = ""
    """Page of the file."""
    ordinal: int | None = Field(default=None, ge=1)
    """Number among the normative sentences of the section; none for a row of `present`."""
    sha256: Sha256
    """Digest of the sentence's letters and digits."""
    modality: RowModality
    """Strength of its strongest verb, as the script prints it."""
    binding: YesNo
    """Whether it binds the lab, as the reader sees it."""
    encoded: tuple[Element, ...] = ()
    """Ids of the policy's elements that say it."""
    reason: Reason | None = None
    """Why nothing is encoded."""
    restates: Place | None = None
    """The row whose norm it repeats, as `SECTION#ORDINAL`."""
    note: str = ""
    """Our words: what is covered, or why not."""

    @property
    def place(self) -> str:
        """Section and ordinal, as `3.1#2`."""
        return f"{self.section}#{'-' if self.ordinal is None else self.ordinal}"

    @property
    def outcome(self) -> str:
        """What became of the sentence: `encoded`, `restates`, or the reason."""
        if self.encoded:
            return "encoded"
        return "restates" if self.restates is not None else str(self.reason)

    @property
    def is_answered(self) -> bool:
        """Whether it has an element, another row that has it, or a reason in our words."""
        return bool(self.encoded or self.restates or (self.reason and self.note))


class Unnamed(Part):
    """An element of the policy that no sentence of the table stands behind."""

    element: Element
    """Its id."""
    reason: Literal["ours", "table", "other_document"]
    """`ours`: no clause asks for it; `table`: it is in a table or figure without a sentence;
    `other_document`: another text of the lab has the clause."""
    note: Text
    """Our words."""


class Coverage(Part):
    """A coverage table of one framework in one version."""

    schema_: Literal["scalegate/coverage@1"] = Field(alias="schema")
    """The format of the document and its version."""
    framework: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    """The framework, as `anthropic-rsp@2.2`."""
    text: ReadText
    """The text that the rows were made from."""
    rows: tuple[CoverageRow, ...] = Field(min_length=1)
    """The sentences, in the order of the text."""
    unnamed: tuple[Unnamed, ...] = ()
    """Elements without a sentence, each with a reason."""
    notes: tuple[Text, ...] = ()
    """Doubts of the reader."""


def parse_coverage(text: str, policy: Policy, *, file: str | None = None) -> Coverage:
    """Read a coverage table of `policy`.

    Raises:
        DocumentFaults: every fault found, those against the policy included.
    """
    document = parse_yaml(text, file=file)
    table = validated(Coverage, document)
    raise_faults(document, coverage_faults(table, policy))
    return table


def elements_of(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """Return each id by which a row may name an element, with the sections that have it."""
    found: dict[str, list[str]] = {}
    for section in SECTIONS:
        for item in getattr(policy, section):
            found.setdefault(item.id, []).append(section)
    for threshold in policy.thresholds:
        for line in threshold.indicators:
            found.setdefault(line.id, []).append("indicators")
    for name in ("not_ruled_out", "forecast", "softer_determination", "carriage"):
        found.setdefault(name, []).append("semantics")
    for note in policy.silent_at:
        found.setdefault(note.gate.value, []).append("silent_at")
    found["scope"] = ["policy"]
    if policy.amendment is not None:
        found["amendment"] = ["policy"]
    return {name: tuple(dict.fromkeys(sections)) for name, sections in found.items()}


def coverage_faults(table: Coverage, policy: Policy) -> Iterator[Found]:
    """Yield every fault of a table against the policy that it names."""
    if table.framework != policy.name:
        got = f"`{table.framework}`"
        yield ("framework",), "another framework", f"`{policy.name}`", got
    if table.text.read == "whole" and table.text.sha256 is None:
        expected = "the digest of the file that was read whole"
        yield ("text",), "no digest of the text", expected, "nothing"
    elements = elements_of(policy)
    places = Counter(row.place for row in table.rows if row.ordinal is not None)
    for index, row in enumerate(table.rows):
        yield from _row_faults(row, ("rows", index), places)
        for number, name in enumerate(row.encoded):
            yield from _element_faults(name, ("rows", index, "encoded", number), elements)
    for index, item in enumerate(table.unnamed):
        yield from _element_faults(item.element, ("unnamed", index, "element"), elements)
    yield from _backwards(table, policy)


def _row_faults(
    row: CoverageRow, path: tuple[str | int, ...], places: Mapping[str, int]
) -> Iterator[Found]:
    if (row.ordinal is None) != (row.modality == "present"):
        expected = "an ordinal, but for `present`"
        yield (*path, "ordinal"), "ordinal does not fit", expected, f"`{row.place}`"
    if places.get(row.place, 0) > 1:
        yield (*path, "ordinal"), "place listed twice", "one row each", f"`{row.place}`"
    ways = (bool(row.encoded), row.reason is not None, row.restates is not None)
    if sum(ways) != 1:
        expected = "one of `encoded`, `reason`, `restates`"
        yield path, "row without one answer", expected, f"{sum(ways)} of them"
    if row.restates is not None and (row.restates == row.place or row.restates not in places):
        expected = "another row, as `SECTION#ORDINAL`"
        yield (*path, "restates"), "restates no row", expected, f"`{row.restates}`"
    if not row.note and row.binding and row.reason is not None:
        expected = "a note on why a binding sentence is not encoded"
        yield path, "reason without a note", expected, f"`{row.reason}`"
    if not row.note and not row.binding and row.modality in _BINDING_WORDS:
        expected = f"a note on why `{row.modality}` does not bind here"
        yield path, "binding denied without a note", expected, "no note"


def _element_faults(
    name: str, path: tuple[str | int, ...], elements: Mapping[str, tuple[str, ...]]
) -> Iterator[Found]:
    section, _, bare = name.rpartition(":")
    sections = elements.get(bare, ())
    if not sections:
        near = ", ".join(f"`{item}`" for item in sorted(elements) if item[:3] == bare[:3])
        yield path, "unknown element", near or "an id of the policy", f"`{name}`"
    elif section and section not in sections:
        expected = " or ".join(f"`{item}:{bare}`" for item in sections)
        yield path, "element of another section", expected, f"`{name}`"
    elif not section and len(sections) > 1:
        expected = " or ".join(f"`{item}:{bare}`" for item in sections)
        yield path, "element of several sections", expected, f"`{name}`"


def _backwards(table: Coverage, policy: Policy) -> Iterator[Found]:
    """Yield the commitments, duties and discretions that neither a row nor `unnamed` names."""
    elements = elements_of(policy)
    named = {name for row in table.rows for name in row.encoded}
    named |= {item.element for item in table.unnamed}
    for section in BACKWARDS:
        for item in getattr(policy, section):
            is_named = f"{section}:{item.id}" in named
            is_named = is_named or (item.id in named and elements[item.id] == (section,))
            if not is_named:
                expected = f"a row that names `{item.id}`, or an entry of `unnamed`"
                yield ("rows",), f"{section[:-1]} without a sentence", expected, "none"


def text_faults(table: Coverage, found: tuple[NormativeSentence, ...]) -> Iterator[str]:
    """Yield in words where a table and a text disagree; `found`: all sentences of the text.

    A text of passages has the listed sentences only; a whole text has others without a verb.
    """
    left = Counter(row.sha256 for row in table.rows)
    there = frozenset(each.sha256 for each in found)
    for each in found:
        left[each.sha256] -= 1
        if each.ordinal is not None and left[each.sha256] < 0:
            yield f"not in the table: {each.section}#{each.ordinal}, {each.modality}, {each.sha256}"
    grades = {each.sha256: each.modality for each in found}
    for row in table.rows:
        if row.sha256 not in there:
            yield f"not in the text: {row.place}, {row.sha256}"
        elif grades[row.sha256] != row.modality:
            yield f"graded `{row.modality}`, in the text `{grades[row.sha256]}`: {row.place}"
