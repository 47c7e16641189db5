"""What was found against what was published and recorded, without deciding anything."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.app.replaying import (
    Replayed,
    agreement,
    by_lab,
    compared,
    recorded,
    without_causes,
)
from scalegate.evidence.case import Case, parse_case
from scalegate.ports import FiledCase

FRAMEWORK = "anthropic-rsp@2.2"
CASE_FILE = """
schema: scalegate/case@1
id: c
title: A case
subject: model:m
lab: lab:{lab}
as_of: '2026-01-02'
frameworks: ['{framework}']
gates: [{{gate: external_general}}]
sources: [{{document: A card, mark: synthetic}}]
"""


def finding(**fields: Any) -> dict[str, Any]:
    return {"own": "ruled_out", "status": "ruled_out", **fields}


def gate(**fields: Any) -> dict[str, Any]:
    return {"gate": "external_general", "ask": "start", "effect": "hold", **fields}


def answer(findings: dict[str, Any], *gates: dict[str, Any]) -> dict[str, Any]:
    part = {"findings": findings, "gates": list(gates)}
    return {"schema": "scalegate/expected@1", "case": "c", "frameworks": {FRAMEWORK: part}}


def filed(expected: dict[str, Any] | None, *, lab: str = "anthropic") -> FiledCase:
    file = parse_case(CASE_FILE.format(lab=lab, framework=FRAMEWORK))
    return FiledCase(name=f"{lab}/c", case=Case(file=file, expected=expected), logs={})


def alike(expected: dict[str, Any]) -> Replayed:
    """Compare an expectation with the same answer, and nothing that people wrote."""
    return compared(filed(expected), without_causes(expected))


def test_what_is_found_as_recorded_is_as_recorded() -> None:
    done = alike(answer({"A": finding(published="ruled_out")}, gate(published="held")))
    assert done.is_as_recorded
    assert done.as_of == "2026-01-02"
    assert done.findings[0].agrees_alone
    assert done.gates[0].agrees


def test_a_threshold_of_which_nothing_is_known_is_not_shown() -> None:
    silent = finding(own="unassessed", status="unassessed")
    done = alike(answer({"A": silent, "B": finding()}))
    assert [each.threshold for each in done.findings] == ["B"]


@pytest.mark.parametrize(
    ("cause", "unmet"),
    [({}, 1), ({"cause": "It was weighed."}, 0)],
)
def test_a_finding_that_differs_from_the_published_level_needs_a_cause(
    cause: dict[str, str], unmet: int
) -> None:
    differing = finding(own="not_ruled_out", published="ruled_out", **cause)
    assert len(alike(answer({"A": differing})).unmet) == unmet


@pytest.mark.parametrize(
    ("effect", "at_its_word", "published", "differs"),
    [
        ("hold", "allow", "open", True),
        ("hold", "hold", "open", True),
        ("hold", "hold", "held", False),
        # Agreement by another reason is none: at its word the policy would open.
        ("hold", "allow", "held", True),
        ("allow_with", "allow", "open", False),
        ("restrict", "restrict", "restricted", False),
        ("ungoverned", "ungoverned", "open", True),
        ("hold", "allow", "not_said", False),
    ],
)
def test_a_gate_differs_where_one_of_its_two_answers_is_not_what_the_lab_did(
    effect: str, at_its_word: str, published: str, differs: bool
) -> None:
    asked = gate(effect=effect, at_its_word=at_its_word, published=published)
    done = alike(answer({}, asked))
    assert done.gates[0].differs is differs
    assert done.is_as_recorded is not differs
    explained = alike(answer({}, {**asked, "cause": "The lab held it for another reason."}))
    assert explained.is_as_recorded


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"own": "crossed"}, "A: own: expected ruled_out, got crossed"),
        ({"reasons": ["x"]}, "A: reasons: expected line_cleared, got x"),
        ({"reasons": []}, "A: reasons: expected line_cleared, got none"),
    ],
)
def test_every_recorded_field_is_compared(changed: dict[str, Any], said: str) -> None:
    written = finding(reasons=["line_cleared"])
    found = answer({"A": {**written, **changed}})
    assert compared(filed(answer({"A": written})), found).unmet == (f"{FRAMEWORK}, {said}",)


def test_a_field_that_is_not_recorded_is_not_compared() -> None:
    found = answer({"A": finding(reasons=["line_cleared"], flags=["alert"])})
    assert compared(filed(answer({"A": finding()})), found).is_as_recorded


def test_missing_and_additional_parts_are_named() -> None:
    found = answer({"A": finding()}, gate())
    done = compared(filed(answer({"B": finding()})), found)
    assert done.unmet == (
        f"{FRAMEWORK}: threshold `A` has no expectation",
        f"{FRAMEWORK}: threshold `B` is expected and not there",
        f"{FRAMEWORK}: expected 0 gates, got 1",
    )
    other = {**answer({}), "case": "another", "frameworks": {}}
    assert compared(filed(other), answer({})).unmet == (
        "the expectation is of case `another`",
        f"framework `{FRAMEWORK}` has no expectation",
    )
    logs = {**answer({}), "logs": {"a.json": {"samples": 3}}}
    assert compared(filed(logs), answer({})).unmet == ("the logs are not as recorded",)


def test_without_an_expectation_the_first_determination_is_what_was_published() -> None:
    judged = [{"by": "RSO", "level": "ruled_out", "grade": "judged", "counts": True}]
    done = compared(filed(None), answer({"A": finding(determinations=judged)}))
    assert done.findings[0].published == "ruled_out"
    assert done.unmet[0].startswith("no expectation is recorded")


@pytest.mark.parametrize(
    ("written", "because", "text"),
    [
        ({"because": "reading", "cause": "Two texts."}, "reading", "Two texts."),
        ({"cause": "Judgement softened: it was weighed."}, "judgement_softened", "it was weighed."),
        ({"cause": "Note: it was weighed."}, "", "Note: it was weighed."),
        ({"because": "inherited", "cause": "Reading: of two."}, "inherited", "Reading: of two."),
    ],
)
def test_the_kind_of_a_cause_stands_apart_or_before_the_text(
    written: dict[str, str], because: str, text: str
) -> None:
    expected = answer({"A": finding(own="unassessed", published="ruled_out", **written)})
    cause = recorded(filed(expected)).findings[0].cause
    assert (cause.because, cause.text) == (because, text)


def test_agreement_counts_what_was_published_and_only_that() -> None:
    first = answer(
        {
            "A": finding(published="ruled_out"),
            "B": finding(own="unassessed", published="ruled_out", cause="No number."),
            "C": finding(own="crossed", status="crossed"),
        },
        gate(published="open", at_its_word="allow", cause="No case.", clause="6.1"),
        gate(published="not_said"),
        gate(published="held", at_its_word="hold"),
    )
    count = agreement([alike(first)])
    assert (count.findings, count.alone, count.entered) == (2, 1, 2)
    assert (count.gates, count.on_record, count.at_its_word, count.explained) == (2, 1, 2, 1)
    assert dict(count.confusion) == {
        ("ruled_out", "ruled_out"): 1,
        ("ruled_out", "unassessed"): 1,
    }
    # Causes are what the expectation says, so they are counted from there.
    assert dict(agreement([recorded(filed(first))]).causes) == {"not_said": 1}


def test_labs_stand_by_name_and_cases_as_given() -> None:
    empty = answer({})
    done = [recorded(filed(empty, lab=lab)) for lab in ("openai", "anthropic", "openai")]
    assert {lab: len(cases) for lab, cases in by_lab(done).items()} == {"anthropic": 1, "openai": 2}
    assert list(by_lab(done)) == ["anthropic", "openai"]
