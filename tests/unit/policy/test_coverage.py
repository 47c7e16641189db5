"""A coverage table is refused where it leaves a sentence or an element without an answer."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from scalegate.base.errors import DocumentFaults
from scalegate.policy.coverage import Coverage, parse_coverage, text_faults
from scalegate.policy.normative import normative_sentences
from scalegate.policy.parse import parse_policy
from tests.unit.policy.toy import TOY

TEXT = """\
## 3 Rules

We will hold at level 1. We must keep it so. Others may go on. The board is told.
"""
POLICY = parse_policy(TOY)


def table(**changes: Any) -> dict[str, Any]:
    one, two, three, four = (
        {"section": each.section, "modality": each.modality, "sha256": each.sha256}
        | ({"ordinal": each.ordinal} if each.ordinal else {})
        for each in normative_sentences(TEXT, with_present=True)
    )
    named = [
        f"{section}:{item.id}"
        for section in ("commitments", "duties", "discretions")
        for item in getattr(POLICY, section)
    ]
    plain: dict[str, Any] = {
        "schema": "scalegate/coverage@1",
        "framework": "toy@1",
        "text": {"file": "toy.txt", "edition": "1", "read": "passages"},
        "rows": [
            one | {"binding": True, "encoded": named},
            two | {"binding": True, "restates": "3#1"},
            three | {"binding": False, "reason": "descriptive"},
            four | {"binding": True, "encoded": ["scope"]},
        ],
    }
    return plain | changes


def read(plain: dict[str, Any]) -> Coverage:
    return parse_coverage(yaml.safe_dump(plain, sort_keys=False), POLICY, file="toy.yaml")


def faults(plain: dict[str, Any]) -> list[str]:
    with pytest.raises(DocumentFaults) as refused:
        read(plain)
    return [each.what for each in refused.value.faults]


def with_row(index: int, **changes: Any) -> dict[str, Any]:
    plain = table()
    row = plain["rows"][index] | changes
    plain["rows"][index] = {key: value for key, value in row.items() if value is not None}
    return plain


def test_a_complete_table_is_read_and_each_row_has_one_outcome() -> None:
    assert [row.outcome for row in read(table()).rows] == [
        "encoded",
        "restates",
        "descriptive",
        "encoded",
    ]
    assert [row.is_answered for row in read(table()).rows] == [True, True, False, True]


@pytest.mark.parametrize(
    ("plain", "what"),
    [
        (table(framework="toy@2"), "another framework"),
        (table(text={"file": "t", "edition": "1", "read": "whole"}), "no digest of the text"),
        (with_row(3, encoded=["no-such"]), "unknown element"),
        (with_row(3, encoded=["facts:scope"]), "element of another section"),
        (with_row(3, encoded=[]), "row without one answer"),
        (with_row(3, reason="preamble", note="why"), "row without one answer"),
        (with_row(1, restates="3#9"), "restates no row"),
        (with_row(1, restates="3#2"), "restates no row"),
        (with_row(1, ordinal=1), "place listed twice"),
        (with_row(1, ordinal=None), "ordinal does not fit"),
        (with_row(3, ordinal=4), "ordinal does not fit"),
        (with_row(1, restates=None, reason="out_of_scope"), "reason without a note"),
        (with_row(1, binding=False), "binding denied without a note"),
        (with_row(2, reason="boring"), "wrong value"),
    ],
)
def test_a_faulty_table_is_refused(plain: dict[str, Any], what: str) -> None:
    assert what in faults(plain)


@pytest.mark.parametrize("section", ["commitments", "duties", "discretions"])
def test_an_element_that_no_sentence_names_is_a_fault_until_it_is_explained(section: str) -> None:
    """In both directions: nothing of the text is missing, and nothing is made up."""
    element = f"{section}:{getattr(POLICY, section)[0].id}"
    plain = table()
    plain["rows"][0]["encoded"].remove(element)
    assert faults(plain) == [f"{section[:-1]} without a sentence"]
    plain["unnamed"] = [{"element": element, "reason": "ours", "note": "no clause asks for it"}]
    assert read(plain).unnamed[0].element == element


def test_an_id_of_two_sections_needs_its_section() -> None:
    double = TOY.replace("id: ceo,", "id: C1,").replace("[ceo]", "[C1]")
    plain = table()
    plain["rows"][3]["encoded"] = ["C1"]
    with pytest.raises(DocumentFaults) as refused:
        parse_coverage(yaml.safe_dump(plain), parse_policy(double))
    assert [each.what for each in refused.value.faults] == ["element of several sections"]


def test_a_table_and_its_text_agree_or_the_difference_is_said() -> None:
    good = read(table())
    whole = normative_sentences(TEXT, with_present=True)
    assert list(text_faults(good, whole)) == []
    more = normative_sentences(TEXT + "We will add this.\n", with_present=True)
    assert [each.split(":")[0] for each in text_faults(good, more)] == ["not in the table"]
    less = normative_sentences("We will hold at level 1.", with_present=True)
    assert [each.split(":")[0] for each in text_faults(good, less)] == ["not in the text"] * 3
    graded = read(with_row(2, modality="aim"))
    assert [each.split(":")[0] for each in text_faults(graded, whole)] == [
        "graded `aim`, in the text `may`"
    ]


def test_a_sentence_that_stands_twice_needs_two_rows() -> None:
    twice = normative_sentences(TEXT + "\n## 4 More\n\nWe must keep it so.\n", with_present=True)
    assert [each.split(",")[0] for each in text_faults(read(table()), twice)] == [
        "not in the table: 4#1"
    ]
