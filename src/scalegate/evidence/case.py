"""A case: one question about one model, as a folder of evidence with the answer expected.

A case folder holds `case.yaml` (this module reads it), `documents/`, `logs/`, `indicators/`,
`expected.json` and `README.md`. A history is a folder of cases of one lab, in order of their
instants. Reading folders is the business of `adapters.documents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.plain_text import plain
from scalegate.base.yaml_text import parse_yaml
from scalegate.evidence.documents.envelope import Source
from scalegate.evidence.documents.fields import (
    FrameworkRef,
    Identifier,
    Instant,
    LabRef,
    Many,
    ModelRef,
    Part,
    Short,
    Subject,
    Text,
    fault_unless,
    refuse,
)
from scalegate.evidence.parse import validated
from scalegate.evidence.record import Record

CASE_SCHEMA = "scalegate/case@1"


class AskedGate(Part):
    """A gate that the case asks about."""

    gate: Literal[
        "store",
        "train",
        "internal",
        "internal_high_risk",
        "external_limited",
        "external_general",
        "open_weights",
    ]
    """The gate."""
    ask: Literal["start", "continue"] = "start"
    """Whether something is to begin or widen, or to go on."""
    of: Subject | None = None
    """The deployment or run that asks; absent: the case's subject."""


class CaseFile(Part):
    """What `case.yaml` says."""

    schema_name: Annotated[Literal["scalegate/case@1"], Field(alias="schema")]
    """`scalegate/case@1`; written `schema` in the file."""
    id: Identifier
    """The case's name."""
    title: Short
    """One line for readers."""
    subject: ModelRef
    """The model that the case is about."""
    lab: LabRef
    """Its developer."""
    as_of: Instant
    """The instant of the question: what was true then."""
    known_at: Instant | None = None
    """What was known by then; absent: by `as_of`."""
    frameworks: Annotated[Many[FrameworkRef], Field(min_length=1)]
    """The frameworks that decide, each shown apart."""
    indicator_sets: Many[Identifier] = ()
    """Indicator sets of the folder `indicators/`, by id."""
    gates: Annotated[Many[AskedGate], Field(min_length=1)]
    """The gates asked."""
    sources: Annotated[Many[Source], Field(min_length=1)]
    """What the case was made from."""
    statement: Text | None = None
    """What the case shows, in our words."""

    @model_validator(mode="after")
    def _asks_each_once(self) -> CaseFile:
        refuse(
            [
                *fault_unless(
                    len(set(self.frameworks)) == len(self.frameworks),
                    "frameworks",
                    "framework named twice",
                ),
                *fault_unless(len(set(self.gates)) == len(self.gates), "gates", "gate asked twice"),
            ]
        )
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case folder, read."""

    file: CaseFile
    """What `case.yaml` says."""
    records: tuple[Record, ...] = ()
    """The documents, sorted by file name."""
    logs: tuple[str, ...] = ()
    """Paths of the log files, relative to the folder, sorted."""
    indicators: Mapping[str, str] = field(default_factory=dict)
    """From file name to the text of each indicator set; `policy` reads them."""
    expected: Mapping[str, Any] | None = None
    """What `expected.json` says, as plain data; None where there is none."""
    readme: str = ""
    """The text of `README.md`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Cases of one lab in the order of their instants."""

    lab: str
    """The lab."""
    cases: tuple[Case, ...]
    """Its cases, earliest first."""


def parse_case(text: str, *, file: str | None = None) -> CaseFile:
    """Read `case.yaml`.

    Raises:
        DocumentFaults: every fault, with file, line, expected, got.

    Does not check: that the frameworks, indicator sets and subjects it names exist.
    """
    document = parse_yaml(text, file=file)
    value = document.value
    if not isinstance(value, dict) or value.get("schema") != CASE_SCHEMA:
        got = plain(value.get("schema"), limit=60) if isinstance(value, dict) else "no mapping"
        fault = document.fault(
            "not a case file", ("schema",), expected=f"`{CASE_SCHEMA}`", got=f"`{got}`"
        )
        raise DocumentFaults([fault])
    faults: list[FormatError] = []
    case = validated(CaseFile, value, document, faults=faults)
    if case is None:
        raise DocumentFaults(faults)
    return case


def history_of(cases: Iterable[Case]) -> History:
    """Put cases of one lab in order.

    Raises:
        DocumentFaults: no case, cases of two labs, or two cases with one id.
    """
    ordered = tuple(sorted(cases, key=lambda case: (case.file.as_of, case.file.id)))
    faults: list[FormatError] = []
    if not ordered:
        raise DocumentFaults([FormatError("history without cases", expected="a case folder")])
    lab = ordered[0].file.lab
    seen: set[str] = set()
    for case in ordered:
        if case.file.lab != lab:
            faults.append(
                FormatError(
                    "case of another lab",
                    file=case.file.id,
                    expected=f"`{lab}`",
                    got=f"`{case.file.lab}`",
                )
            )
        if case.file.id in seen:
            faults.append(FormatError("case id used twice", file=case.file.id))
        seen.add(case.file.id)
    if faults:
        raise DocumentFaults(faults)
    return History(lab=lab, cases=ordered)
