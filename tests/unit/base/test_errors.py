from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import (
    DigestMismatch,
    DocumentFaults,
    FormatError,
    OutsideError,
    ScalegateError,
    TrustError,
    UnknownName,
    UsageError,
)

FULL: dict[str, Any] = {
    "file": "a.yaml",
    "path": "gates[0]",
    "line": 7,
    "expected": "a word",
    "got": "`3`",
    "hint": "quote it",
}


def test_a_fault_says_where_what_was_expected_what_came_and_what_to_do() -> None:
    fault = FormatError("not a word", **FULL)
    assert str(fault) == ("a.yaml:7: not a word; at gates[0]; expected a word; got `3`; quote it")
    assert fault.to_mapping() == {"what": "not a word", **FULL}


def test_a_fault_leaves_out_what_it_does_not_know() -> None:
    assert str(FormatError("not a word")) == "not a word"
    assert str(FormatError("not a word", line=3)) == "3: not a word"


def test_naming_the_file_of_a_fault_keeps_a_file_that_is_named() -> None:
    assert FormatError("odd").in_file("b.yaml").file == "b.yaml"
    assert FormatError("odd", file="a.yaml").in_file("b.yaml").file == "a.yaml"


def test_faults_are_equal_by_their_fields() -> None:
    assert FormatError("odd", line=1) == FormatError("odd", line=1)
    assert FormatError("odd", line=1) != FormatError("odd", line=2)
    assert FormatError("odd") != "odd"
    assert len({FormatError("odd"), FormatError("odd")}) == 1


def test_faults_of_a_document_come_in_the_order_of_their_lines() -> None:
    faults = DocumentFaults([FormatError("late", line=9), FormatError("first", line=2)])
    assert [fault.what for fault in faults.faults] == ["first", "late"]
    assert str(faults).splitlines() == ["2 faults", "  2: first", "  9: late"]
    assert str(DocumentFaults([FormatError("odd")])).splitlines()[0] == "1 fault"


def test_an_unknown_name_lists_what_is_known_and_says_when_there_is_more() -> None:
    error = UnknownName("gate", "trian", known=["train", "internal"])
    assert str(error) == "unknown gate `trian`; known: `internal`, `train`"
    assert str(UnknownName("gate", "x")) == "unknown gate `x`"
    many = UnknownName("task", "x", known=[f"t{number:02}" for number in range(15)])
    assert str(many).endswith("`t11` and 3 more")


def test_a_usage_error_without_a_hint_is_one_sentence() -> None:
    assert str(UsageError("no workspace here")) == "no workspace here"


def test_a_digest_mismatch_names_both_digests() -> None:
    error = DigestMismatch("evidence file", expected="aa", got="bb")
    assert (error.expected, error.got) == ("aa", "bb")
    assert "expected `aa`; got `bb`" in str(error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FormatError("x"), 2),
        (DocumentFaults([]), 2),
        (UsageError("x"), 2),
        (UnknownName("x", "y"), 2),
        (TrustError("x"), 12),
        (DigestMismatch("x", expected="", got=""), 12),
        (OutsideError("x"), 1),
        (ScalegateError("x"), 1),
    ],
)
def test_the_branch_of_the_tree_decides_the_exit_code(error: ScalegateError, code: int) -> None:
    assert error.exit_code == code
    assert error.diagnostics() == str(error)
