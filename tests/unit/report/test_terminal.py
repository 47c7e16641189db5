"""Rows for terminals say what the findings say, in one phrase each."""

from __future__ import annotations

import dataclasses

import pytest

from scalegate.gate.model import Why
from scalegate.report.terminal import evidence_phrase, gate_rows, status_rows, unmet_parts
from tests.strategies.report_case import report_case

CASE = report_case()


def test_a_row_has_the_evidence_the_level_the_safeguards_and_the_gate() -> None:
    rows = {
        row.threshold: row
        for known in CASE.assessments
        for row in status_rows(known, CASE.decisions)
    }
    bio = rows["BIO-1"]
    assert bio.evidence == "upper 0.415 > 0.169 (line 0.6)"
    assert bio.level.word == "not ruled out"
    assert bio.safeguards == "0/2"
    assert bio.gate.word == "HOLD"
    assert bio.gates == ("general release, to start or widen",)
    assert rows["BIO-2"].gate.word == "WITHDRAW"
    assert rows["RND-1"].evidence == "no evidence on 1 of 1 line"
    assert rows["B"].evidence == "upper 0.415 < 0.549 (line 0.9)"
    assert rows["B"].next_expiry == "2032-01-10"


def test_no_row_is_lost_on_the_way() -> None:
    for known in CASE.assessments:
        rows = status_rows(known, CASE.decisions)
        assert [row.threshold for row in rows] == [t.id for t in known.inputs.policy.thresholds]
    assert len(gate_rows(CASE.decisions)) == len(CASE.decisions)


def test_a_threshold_that_no_deciding_row_names_takes_no_part() -> None:
    (row,) = status_rows(CASE.assessments[1], [])
    assert row.gate.word == "no part"
    assert row.gates == ()


def test_missing_planned_runs_come_before_any_number() -> None:
    finding = dataclasses.replace(CASE.assessments[0].findings["BIO-1"], missing=("run 1", "run 2"))
    assert evidence_phrase(finding) == "2 planned runs missing"


def test_a_gate_row_says_what_fixes_it_and_when_it_turns() -> None:
    rows = {(row.framework, row.gate.split(",")[0]): row for row in gate_rows(CASE.decisions)}
    assert rows["other-frame@1", "general release"].turns == "hold from 2032-01-10"
    assert rows["other-frame@1", "use internally"].because == "order of A court"
    silent = rows["other-frame@1", "store weights"]
    assert silent.word.word == "NOT GOVERNED"
    assert silent.because.startswith("searched: ")


@pytest.mark.parametrize(
    ("why", "found"),
    [
        (Why(text="a", holds=True), []),
        (Why(text="a", holds=False), ["a"]),
        (Why(text="a", holds=False, children=(Why(text="b", holds=False), Why(text="c"))), ["b"]),
        (Why(text="a", holds=False, children=(Why(text="b", holds=True),)), ["a"]),
    ],
)
def test_unmet_parts_are_the_innermost_ones(why: Why, found: list[str]) -> None:
    assert [part.text for part in unmet_parts(why)] == found
