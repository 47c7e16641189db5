"""Plain data for `--json`: complete, exact, stable, and refused where it has no plain form."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from scalegate.gate.model import Reason
from scalegate.policy.vocabulary import EffectLevel
from scalegate.report.json_view import (
    SCHEMA_VERSION,
    assessment_to_mapping,
    clocks_to_list,
    decision_to_mapping,
    to_plain,
    works_to_list,
)
from scalegate.report.model import decision_key
from tests.strategies.report_case import report_case

CASE = report_case()


def test_every_field_of_a_decision_is_there() -> None:
    renamed = {"level": "effect", "outcome": "policy_outcome"}
    for decision in CASE.decisions:
        plain = decision_to_mapping(decision)
        names = {renamed.get(name, name) for name in decision.__dataclass_fields__}
        assert names <= plain.keys()
        assert plain["schema_version"] == SCHEMA_VERSION
        assert list(plain) == list(decision_to_mapping(CASE.decisions[0]))
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_every_threshold_line_verdict_and_safeguard_is_there() -> None:
    for known in CASE.assessments:
        plain = assessment_to_mapping(known)
        assert [each["threshold"] for each in plain["thresholds"]] == list(known.findings)
        assert [each["safeguard"] for each in plain["safeguards"]] == list(known.safeguards)
        for each in plain["thresholds"]:
            finding = known.findings[each["threshold"]]
            assert each["reasons"] == [reason.value for reason in finding.reasons]
            for line, item in zip(each["indicators"], finding.indicators, strict=True):
                assert [v["outcome"] for v in line["verdicts"]] == [
                    read.verdict.outcome.value for read in item.verdicts
                ]
                assert [ref["digest"] for ref in line["evidence"]] == [
                    ref.digest for ref in item.evidence
                ]


def test_an_exact_line_stays_decimal_text() -> None:
    plain = assessment_to_mapping(CASE.assessments[0])
    line = plain["thresholds"][0]["indicators"][0]
    assert line["line"]["value"] == "0.6"
    assert line["verdicts"][0]["line"]["value"] == "0.6"


def test_a_determination_keeps_its_grade_its_dissent_and_that_it_is_unsigned() -> None:
    plain = assessment_to_mapping(CASE.assessments[0])
    (judged,) = plain["thresholds"][0]["judged"]
    assert judged["grade"] == "against_act_as_if"
    assert judged["counts"] is False
    assert judged["signed"] is False
    assert judged["dissent"] == ["an evaluator: A sentence of the made-up document."]


def test_sets_of_work_keep_their_order_and_say_which_are_judgement() -> None:
    sets = CASE.works[decision_key(CASE.decisions[2])]
    plain = works_to_list(sets)
    assert [[work["name"] for work in each["work"]] for each in plain] == [
        [work.move.name for work in each] for each in sets
    ]
    for each, own in zip(plain, sets, strict=True):
        assert each["by_judgement"] is any(work.by_judgement for work in own)


def test_a_clock_is_written_whole() -> None:
    ((plain,), ()) = (clocks_to_list(each) for each in CASE.clocks.values())
    assert plain["state"] == "overdue"
    assert plain["due_at"] == "2031-02-04T00:00:00Z"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (0.25, 0.25),
        (Decimal("2.50"), "2.50"),
        (Decimal("1E+3"), "1000"),
        (EffectLevel.ALLOW_WITH, "allow_with"),
        (Reason.STALE, "stale"),
        (datetime(2031, 1, 2, tzinfo=UTC), "2031-01-02T00:00:00Z"),
        ((1, "a"), [1, "a"]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({"b": 1, "a": (2,)}, {"a": [2], "b": 1}),
    ],
)
def test_each_kind_of_value_has_one_plain_form(value: Any, plain: Any) -> None:
    found = to_plain(value)
    assert found == plain
    assert type(found) is type(plain)


def test_a_value_without_a_plain_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no plain form for `object`"):
        to_plain(object())
