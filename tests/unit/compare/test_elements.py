"""Changes that no gate shows: each has the direction that a reader would give it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scalegate.compare.elements import elements_of
from scalegate.compare.model import Change
from scalegate.compare.moved import days, turned
from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_policy
from tests.unit.policy.toy import TOY

RSP = Path(__file__).parents[3] / "src" / "scalegate" / "frameworks" / "anthropic-rsp@2.2.yaml"


@pytest.fixture(scope="module")
def rsp() -> dict[str, Any]:
    policy = parse_policy(RSP.read_text(encoding="utf-8"))
    return policy.model_dump(mode="json", by_alias=True)


CASES: list[tuple[str, str, str, dict[str, Any], str, Change]] = [
    ("cadence", "notably-more-capable", "cadence", {"effective_compute_ratio": "6"},
     "notably-more-capable: effective compute", Change.LOOSENED),
    ("cadence", "notably-more-capable", "cadence", {"elapsed": "12m"},
     "notably-more-capable: elapsed", Change.LOOSENED),
    ("cadence", "notably-more-capable", "cadence", {"elapsed": "13w"},
     "notably-more-capable: elapsed", Change.TIGHTENED),
    ("duties", "conclude-assessment", "duty", {"within": "2m"},
     "conclude-assessment: within", Change.LOOSENED),
    ("duties", "reapprove-safeguards", "duty", {"every": None},
     "reapprove-safeguards: every", Change.LOOSENED),
    ("duties", "public-summaries", "duty", {"modality": "aim"},
     "public-summaries: modality", Change.LOOSENED),
    ("duties", "staff-transparency", "duty", {"to": ["staff with regular clearance"]},
     "staff-transparency: owed to", Change.LOOSENED),
    ("questions", "capability-decision", "question", {"by": ["CEO"]},
     "capability-decision: by", Change.LOOSENED),
    ("questions", "capability-decision", "question", {"any_of": True},
     "capability-decision: by", Change.LOOSENED),
    ("questions", "safeguards-decision-security", "question", {"expires_after": "2y"},
     "safeguards-decision-security: expires after", Change.LOOSENED),
    ("documents", "capability-report", "document", {"approved_by": ["CEO"]},
     "capability-report: approved by", Change.LOOSENED),
    ("standards", "ASL-4-Security", "standard", {"in_scope": []},
     "ASL-4-Security: actors in scope", Change.LOOSENED),
    ("standards", "ASL-2-Security", "standard", {"out_of_scope": ["insiders"]},
     "ASL-2-Security: actors out of scope", Change.LOOSENED),
    ("substitutes", "interim-security", "substitute", {"approvals": []},
     "interim-security: approvals", Change.LOOSENED),
    ("discretions", "competitor-contingency", "discretion", {"approvals": []},
     "competitor-contingency: approvals", Change.LOOSENED),
    ("discretions", "competitor-contingency", "discretion", {"tests": []},
     "competitor-contingency: tests", Change.LOOSENED),
    ("facts", "rso_limits_training", "fact", {"burden": "to_release"},
     "rso_limits_training: burden", Change.TIGHTENED),
    ("commitments", "cbrn-3-deployment", "commitment", {"obligations": []},
     "cbrn-3-deployment: obligations", Change.LOOSENED),
    ("commitments", "asl-2-security", "commitment", {"asks": ["start"]},
     "asl-2-security: stands for", Change.LOOSENED),
    ("roles", "RSO", "role", {"rank": 1}, "RSO: rank", Change.CHANGED),
    ("roles", "Board", "role", {"neutral": "informed"}, "Board: does", Change.CHANGED),
    ("thresholds", "AIRD-5", "threshold", {"operational_test": ""},
     "AIRD-5: operational test", Change.LOOSENED),
    ("thresholds", "CBRN-4", "threshold", {"above": []}, "CBRN-4: implies", Change.LOOSENED),
    ("documents", "capability-report", "document",
     {"sent_to": [{"audience": "Board"}]}, "capability-report: sent to", Change.TIGHTENED),
    ("safeguards", "ASL2S-2-offices", "safeguard", {"family": "process"},
     "ASL2S-2-offices: family", Change.CHANGED),
    ("substitutes", "interim-security", "substitute", {"kind": "adequacy_judgement"},
     "interim-security: kind", Change.CHANGED),
    ("documents", "capability-report", "document", {"aspects": ["covered"]},
     "capability-report: can be asked of it", Change.CHANGED),
]  # fmt: skip


@pytest.mark.parametrize(("section", "name", "what", "update", "named", "change"), CASES)
def test_a_part_that_moved_has_its_direction_and_turned_round_the_other(
    rsp: dict[str, Any],
    section: str,
    name: str,
    what: str,
    update: dict[str, Any],
    named: str,
    change: Change,
) -> None:
    items = [{**each, **update} if each["id"] == name else each for each in rsp[section]]
    old = Policy.model_validate(rsp)
    new = Policy.model_validate({**rsp, section: items})
    (found,) = elements_of(old, new)
    assert (found.what, found.name, found.change) == (what, named, change)
    assert all(cite.startswith("RSP 2.2") for cite in found.cites)
    (back,) = elements_of(new, old)
    assert (back.name, back.change) == (named, turned(change))


def test_one_role_fewer_of_which_any_may_answer_is_stricter(rsp: dict[str, Any]) -> None:
    def with_roles(*by: str) -> Policy:
        update = {"by": list(by), "any_of": True}
        items = [
            {**each, **update} if each["id"] == "capability-decision" else each
            for each in rsp["questions"]
        ]
        return Policy.model_validate({**rsp, "questions": items})

    (found,) = elements_of(with_roles("RSO", "CEO"), with_roles("RSO"))
    assert (found.what, found.name) == ("question", "capability-decision: by")
    assert found.change is Change.TIGHTENED
    (back,) = elements_of(with_roles("RSO"), with_roles("RSO", "CEO"))
    assert (back.name, back.change) == ("capability-decision: by", Change.LOOSENED)


@pytest.mark.parametrize(
    ("section", "name", "change"),
    [
        ("duties", "procedural-review", Change.LOOSENED),
        ("cadence", "notably-more-capable", Change.LOOSENED),
        ("elicitation", "forecasting", Change.LOOSENED),
        ("exemptions", "not-notably-more-capable", Change.TIGHTENED),
        ("discretions", "competitor-contingency", Change.TIGHTENED),
        ("readings", "store-needs", Change.CHANGED),
    ],
)
def test_an_element_that_is_gone_is_looser_where_it_asked_and_stricter_where_it_gave_way(
    rsp: dict[str, Any], section: str, name: str, change: Change
) -> None:
    items = [each for each in rsp[section] if each["id"] != name]
    old, new = Policy.model_validate(rsp), Policy.model_validate({**rsp, section: items})
    (found,) = elements_of(old, new)
    assert (found.name, found.change, found.new) == (name, change, "")


def test_a_threshold_of_the_same_words_under_another_id_is_renumbered(rsp: dict[str, Any]) -> None:
    items = [
        {**each, "id": "AIRD-6"} if each["id"] == "AIRD-5" else each for each in rsp["thresholds"]
    ]
    old, new = Policy.model_validate(rsp), Policy.model_validate({**rsp, "thresholds": items})
    (found,) = [each for each in elements_of(old, new) if each.what == "threshold"]
    assert (found.name, found.change) == ("AIRD-5: renumbered", Change.CHANGED)


@pytest.mark.parametrize(
    ("comparator", "value", "change"),
    [
        ("at_least", "240", Change.LOOSENED),
        ("at_least", "60", Change.TIGHTENED),
        ("below", "240", Change.TIGHTENED),
        ("at_most", "60", Change.LOOSENED),
    ],
)
def test_the_comparator_says_which_way_a_line_moved(
    rsp: dict[str, Any], comparator: str, value: str, change: Change
) -> None:
    def with_line(line: str) -> Policy:
        def moved(each: dict[str, Any]) -> dict[str, Any]:
            line_of = {"comparator": comparator, "value": line}
            return {**each, "indicators": [{**item, **line_of} for item in each["indicators"]]}

        thresholds = [moved(each) for each in rsp["thresholds"]]
        return Policy.model_validate({**rsp, "thresholds": thresholds})

    (found,) = elements_of(with_line("120"), with_line(value))
    assert (found.what, found.name, found.change) == ("indicator", "horizon-2h: line", change)


def with_check(**changed: Any) -> Policy:
    plain = parse_policy(TOY).model_dump(mode="json", by_alias=True)
    check = {
        "id": "blocked",
        "statement": "share blocked",
        "comparator": "at_least",
        "value": "0.95",
        "unit": "share",
        "fresh_for": "90d",
        "independent": True,
        **changed,
    }
    plain["safeguards"][0]["checks"] = [check] if changed.get("id") != "none" else []
    return Policy.model_validate(plain)


@pytest.mark.parametrize(
    ("changed", "named", "change"),
    [
        ({"value": "0.9"}, "filter: check blocked", Change.LOOSENED),
        ({"value": "0.99"}, "filter: check blocked", Change.TIGHTENED),
        ({"fresh_for": "1y"}, "filter: check blocked, fresh for", Change.LOOSENED),
        ({"independent": False}, "filter: check blocked, independent", Change.LOOSENED),
        ({"unit": "percent"}, "filter: check blocked", Change.CHANGED),
        ({"id": "none"}, "filter: checks", Change.LOOSENED),
    ],
)
def test_a_check_that_is_met_more_easily_is_looser(
    changed: dict[str, Any], named: str, change: Change
) -> None:
    (found,) = elements_of(with_check(), with_check(**changed))
    assert (found.what, found.name, found.change) == ("safeguard", named, change)


def with_line(**changed: Any) -> Policy:
    plain = parse_policy(RSP.read_text(encoding="utf-8")).model_dump(mode="json", by_alias=True)
    for each in plain["thresholds"]:
        each["indicators"] = [{**item, **changed} for item in each["indicators"]]
    return Policy.model_validate(plain)


def allowance(amount: str) -> dict[str, Any]:
    entry = {"component": "growth", "amount": amount, "statement": "room to grow", "ours": "a toy"}
    return {"allowances": [entry]}


@pytest.mark.parametrize(
    ("old", "new", "named", "change"),
    [
        (allowance("2"), allowance("1"), "allowance for growth", Change.LOOSENED),
        (allowance("1"), allowance("2"), "allowance for growth", Change.TIGHTENED),
        (allowance("1"), {"allowances": []}, "allowance for growth", Change.LOOSENED),
        ({}, {"estimand": "fixed_list"}, "estimand", Change.CHANGED),
        ({}, {"subjects": ["one model"]}, "drawn for", Change.CHANGED),
        ({"safe_level": "0.1"}, {"safe_level": "0.2"}, "safe level", Change.CHANGED),
    ],
)
def test_a_buffer_that_shrank_is_looser(
    old: dict[str, Any], new: dict[str, Any], named: str, change: Change
) -> None:
    (found,) = elements_of(with_line(**old), with_line(**new))
    assert (found.what, found.change) == ("indicator", change)
    assert found.name.endswith(f": {named}")


@pytest.mark.parametrize(
    ("sent", "named", "change"),
    [
        ({"redaction": "significant"}, "withheld from Board", Change.LOOSENED),
        ({"within": "8w"}, "sent to Board within", Change.LOOSENED),
        ({"within": "1w"}, "sent to Board within", Change.TIGHTENED),
    ],
)
def test_a_document_sent_later_or_with_more_withheld_is_looser(
    rsp: dict[str, Any], sent: dict[str, str], named: str, change: Change
) -> None:
    def with_audience(**changed: str) -> Policy:
        audience = {"audience": "Board", "redaction": "minor", "within": "2w", **changed}
        documents = [
            {**each, "sent_to": [audience]} if each["id"] == "capability-report" else each
            for each in rsp["documents"]
        ]
        return Policy.model_validate({**rsp, "documents": documents})

    (found,) = elements_of(with_audience(), with_audience(**sent))
    assert (found.name, found.change) == (f"capability-report: {named}", change)


def test_more_edges_that_carry_a_rule_out_are_looser(rsp: dict[str, Any]) -> None:
    edges = ["helpful_only", "fine_tuned", "quantised"]
    carriage = {**rsp["semantics"]["carriage"], "edges": edges}
    new = {**rsp, "semantics": {**rsp["semantics"], "carriage": carriage}}
    (found,) = elements_of(Policy.model_validate(rsp), Policy.model_validate(new))
    assert (found.what, found.name, found.change) == (
        "semantics", "carries a rule-out", Change.LOOSENED
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("recorded", "not_required", Change.LOOSENED),
        ("not_required", "recorded", Change.TIGHTENED),
        ("witnessed", "recorded", Change.LOOSENED),
    ],
)
def test_asking_for_plans_before_runs_is_stricter(
    rsp: dict[str, Any], old: str, new: str, change: Change
) -> None:
    def asking(rule: str) -> Policy:
        semantics = {**rsp["semantics"], "preregistration": {"rule": rule}}
        return Policy.model_validate({**rsp, "semantics": semantics})

    (found,) = elements_of(asking(old), asking(new))
    assert (found.what, found.name, found.change) == ("semantics", "preregistration", change)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({}, {"serving": "72h"}, {"grace of serving": Change.LOOSENED}),
        ({"training": "2h"}, {}, {"grace of training": Change.TIGHTENED}),
        ({}, {"serving": "none"}, {"grace of serving": Change.TIGHTENED}),
        ({"training": "none"}, {"training": "5min"}, {"grace of training": Change.LOOSENED}),
        ({"serving": "24h"}, {"serving": "1d"}, {}),
        ({"afterwards": "reads"}, {}, {"after the grace": Change.TIGHTENED}),
        ({}, {"afterwards": "reads"}, {"after the grace": Change.LOOSENED}),
        ({"afterwards": "reads"}, {"afterwards": "chat"}, {"after the grace": Change.CHANGED}),
    ],
)
def test_a_longer_grace_is_looser(
    rsp: dict[str, Any], old: dict[str, str], new: dict[str, str], changes: dict[str, Change]
) -> None:
    def granting(grace: dict[str, str]) -> Policy:
        return Policy.model_validate({**rsp, "semantics": {**rsp["semantics"], "grace": grace}})

    found = elements_of(granting(old), granting(new))
    assert {each.name: each.change for each in found} == changes


def test_spans_are_compared_in_days() -> None:
    assert days("12m") == days("1y")
    assert days("26w") < days("6m")
    assert days("48h") == days("2d") == days("2880min")
    assert days(None) > days("99y")
