"""Documents are read whole or refused with every fault, each with file, line, expected and got."""

# ruff: noqa: E501 - documents and tables of cases keep one part a line

from __future__ import annotations

import json

import pytest

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.policy.parse import (
    framework_of,
    parse_indicator_set,
    parse_policy,
    with_indicators,
)
from tests.unit.policy.toy import TOY, line_of


def faults_of(text: str) -> tuple[FormatError, ...]:
    with pytest.raises(DocumentFaults) as caught:
        parse_policy(text, file="toy.yaml")
    return caught.value.faults


def test_the_toy_policy_is_read() -> None:
    policy = parse_policy(TOY)
    assert policy.name == "toy@1"
    assert [row.id for row in policy.commitments] == ["C1", "C2"]
    assert str(policy.commitments[0].cite) == "Toy, 3"


def test_a_policy_written_out_as_json_reads_back_as_itself() -> None:
    policy = parse_policy(TOY)
    assert parse_policy(json.dumps(policy.to_plain())) == policy


CHANGES: dict[str, tuple[str, str, str, str, str]] = {
    # what is replaced, by what, line of, expected, got
    "unknown field": ("lab: Toy lab", "lab: Toy lab\ncolour: red", "colour", "a field", ""),
    "missing field": ("title: Toy policy\n", "", "schema:", "`title`", ""),
    "wrong word": ("neutral: cbrn", "neutral: weather", "weather", "`cbrn`", "`weather`"),
    "wrong modality": ("modality: must", "modality: shall", "shall", "one of", "`shall`"),
    "wrong effect": ("otherwise: hold", "otherwise: stop", "stop", "one of allow", "`stop`"),
    "text as boolean": (
        "members: [filter]",
        'unspecified: "true"',
        "S1, native",
        "`true` or `false`",
        "`true`",
    ),
    "faulty condition": (
        "{met: S1}, {substitute",
        "{met: 7}, {substitute",
        "{met: 7}",
        "an id",
        "`7`",
    ),
    "id used twice": ("id: C2", "id: C1", "statement: agents", "ids that differ", "`C1`"),
    "unknown standard": ("{met: S1}", "{met: S9}", "S9", "`S1`", "`S9`"),
    "unknown threshold": ("{status: B1,", "{status: B9,", "B9", "`B1`, `B2`", "`B9`"),
    "unknown member": ("members: [filter]", "members: [wall]", "wall", "`filter`", "`wall`"),
    "unknown role": ("by: [ceo]", "by: [cfo]", "cfo", "`ceo`", "`cfo`"),
    "unknown release": ("releases: [C2]", "releases: [C7]", "C7", "`C1`, `C2`", "`C7`"),
    "one option": (", {id: wide, statement: all}", "", "few", "at least 2", "narrow"),
    "unknown option": ("is: wide}", "is: open}", "open}", "`narrow`, `wide`", "`open`"),
    "unknown document": ("{document: report, is", "{document: book, is", "book", "`report`", ""),
    "in place of nothing": ("in_place_of: S1", "in_place_of: S9", "S9", "`S1`", "`S9`"),
    "empty standard": (
        "members: [filter], ",
        "",
        "S1, native",
        "members, or `unspecified: true`",
        "0 members",
    ),
    "ladder in a circle": (
        "statement: one,",
        "statement: one, above: [B2],",
        "statement: one",
        "an order without a cycle",
        "`B1`",
    ),
    "number against a boolean": (
        "{fact: agentic}",
        "{fact: agentic, at_least: 3}",
        "agentic, at",
        "`is` true or false",
        "`at_least: 3`",
    ),
    "word against a number": (
        "at_least: 4}",
        "is: big}",
        "is: big",
        "with a number",
        "`is: big`",
    ),
    "undeclared choice": ("place, is: eu", "place, is: mars", "mars", "one of eu, us", "mars"),
    "no commitments": (TOY[TOY.index("commitments:") : TOY.index("discretions:")], "commitments: []\n", "commitments", "at least 1", ""),
    "pages of nonsense": ('effective_on: "2025-01-01"', "effective_on: soon", "soon", "text of the form", "`soon`"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "expected", "got"), CHANGES.values(), ids=CHANGES)
def test_a_fault_says_where_what_was_expected_and_what_was_found(
    old: str, new: str, at: str, expected: str, got: str
) -> None:
    assert old in TOY
    text = TOY.replace(old, new, 1)
    faults = faults_of(text)
    assert all(fault.file == "toy.yaml" for fault in faults)
    near = {line_of(text, at) + shift for shift in (-1, 0)}
    assert any(
        fault.line in near and expected in fault.expected and got in fault.got for fault in faults
    ), [str(fault) for fault in faults]


def test_all_faults_of_shape_come_at_once() -> None:
    text = TOY.replace("neutral: cbrn", "neutral: sun").replace("otherwise: hold", "otherwise: x")
    text = text.replace("within: 30d", "within: soon").replace("{met: S1}", "{met: 1}")
    assert len(faults_of(text)) == 4


def test_all_dangling_references_come_at_once() -> None:
    text = TOY.replace("{met: S1}", "{met: S9}").replace("{met: S1}, {sub", "{met: S9}, {sub")
    text = text.replace(" by: [ceo]", " by: [cfo]")
    text = text.replace("members: [filter]", "members: [wall]")
    assert len(faults_of(text)) == 3


SET = """\
schema: scalegate/indicators@1
id: card
framework: toy@1
applies_to: a model
effective_on: "2025-02-01"
source: {title: Card, published_at_url: "https://example.org/card"}
combine: {B1: any}
indicators:
  - {id: quiz, threshold: B1, eval: quiz, role: rule_out, measure: proportion, comparator: at_least, value: 0.5, unit: share, statement: q, cite: {document: Card, page: "3"}}
  - {id: panel, threshold: B2, eval: panel, role: rule_in, measure: judgement, comparator: at_least, value: high, grades: [low, high], unit: grade, statement: p, cite: {document: Card, page: "4"}}
"""


def test_an_indicator_set_adds_its_lines() -> None:
    policy = parse_policy(TOY)
    added = with_indicators(policy, [parse_indicator_set(SET, policy)])
    assert framework_of(SET) == "toy@1"
    first, second = added.thresholds
    assert [line.id for line in first.indicators] == ["b1-out", "b1-in", "quiz"]
    assert first.combine == "any"
    assert [line.id for line in second.indicators] == ["b2-out", "b2-in", "panel"]
    assert second.combine == "all"
    # Round trip: the line stays a number, the grade stays a word.
    assert parse_policy(json.dumps(added.to_plain())) == added


def test_a_set_never_replaces_a_line_of_the_policy() -> None:
    policy = parse_policy(TOY)
    once = with_indicators(policy, [parse_indicator_set(SET, policy)])
    changed = parse_indicator_set(SET.replace("value: 0.5", "value: 0.9"), policy)
    assert with_indicators(once, [changed]).thresholds == once.thresholds


SET_FAULTS = {
    "another framework": ("framework: toy@1", "framework: toy@2", "`toy@1`", "`toy@2`"),
    "unknown threshold": ("threshold: B2", "threshold: B9", "`B1`, `B2`", "`B9`"),
    "no threshold": ("threshold: B2, ", "", "`threshold`", "nothing"),
    "unknown combine": ("{B1: any}", "{B7: any}", "`B1`, `B2`", "`B7`"),
    "id used twice": ("id: panel", "id: quiz", "ids that differ", "`quiz`"),
    "undeclared grade": ("value: high", "value: huge", "one of the indicator's `grades`", "`huge`"),
    "line is a word": ("value: 0.5", "value: half", "an exact number", "`half`"),
}


@pytest.mark.parametrize(("old", "new", "expected", "got"), SET_FAULTS.values(), ids=SET_FAULTS)
def test_a_fault_of_a_set_is_named(old: str, new: str, expected: str, got: str) -> None:
    with pytest.raises(DocumentFaults) as caught:
        parse_indicator_set(SET.replace(old, new), parse_policy(TOY))
    assert any((fault.expected, fault.got) == (expected, got) for fault in caught.value.faults), (
        str(caught.value)
    )


@pytest.mark.parametrize("text", ["- a\n", "framework: 3\n", "id: x\n"])
def test_a_document_that_names_no_framework_is_refused(text: str) -> None:
    with pytest.raises(DocumentFaults) as caught:
        framework_of(text)
    assert caught.value.faults[0].what == "no framework named"
