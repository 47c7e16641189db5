"""What a model has from a reference that bounds it, domain by domain, and what it never has."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.model import Finding, Reason
from scalegate.policy.vocabulary import Flag, Level
from tests.strategies import lab

SMALL, BIG, BIGGER = "model:small", "model:big", "model:bigger"
COMPARED = lab.doc(
    "document",
    "comparison",
    {
        "kind": "system_card",
        "title": "Comparison",
        "coverage_until": lab.SEEN,
        "covers": [SMALL],
        "published": True,
    },
)
DOMAINS = [
    {"id": "bio", "neutral": "cbrn", "native": "Bio", "cite": lab.CITE},
    {"id": "cyber", "neutral": "cyber", "native": "Cyber", "cite": lab.CITE},
]


def model(ref: str, *bounds: str, **changes: Any) -> Record:
    """Return a model that these references bound, in biology unless the change says."""
    edge = {"kind": "bounded_by", "domains": ["cbrn"], "evidence": ["comparison"], **changes}
    edges = [{**edge, "start": ref, "to": other} for other in bounds]
    payload = {"series": "series:s", "edges": edges}
    return lab.doc("model", ref.replace(":", "-"), payload, subject=ref)


def determined(ref: str, answer: str, **changes: Any) -> Record:
    """Return a determination on a model, on the grounds of the comparison."""
    name = f"{ref.replace(':', '-')}-{answer}"
    given = {"subject": ref, "grounds": ["comparison"], **changes}
    return lab.act(name, "threshold:T3", answer, **given)


def found(*records: Record, rule: str = "inherits", threshold: str = "T3") -> Finding:
    """Return the finding on the small model."""
    policy = lab.policy_of(
        lab.row("K"),
        domains=DOMAINS,
        thresholds=[lab.threshold("T1", lab.line("P1")), lab.threshold("T3"),
                    lab.threshold("C3", domain="cyber")],
        semantics={"bounding": {"rule": rule, "ours": "for this test"}},
        facts=[],
    )  # fmt: skip
    kept = {record.id: record for record in (COMPARED, model(BIG), *records)}
    known = lab.assessed(policy, kept.values(), ref=SMALL)
    return known.findings[threshold]


BELOW = determined(BIG, "ruled_out")


def test_a_bound_gives_the_status_of_the_reference_in_its_domains_alone() -> None:
    bounded = found(model(SMALL, BIG), BELOW)
    assert bounded.status.level is Level.RULED_OUT
    assert bounded.reasons == (Reason.BOUNDED_BY_REFERENCE,)
    assert "model:big" in bounded.text
    assert "comparison" in bounded.text
    assert found(model(SMALL, BIG), BELOW, threshold="C3").status.level is Level.UNASSESSED


def test_where_the_framework_has_no_rule_for_it_a_bound_is_shown_beside() -> None:
    beside = found(model(SMALL, BIG), BELOW, rule="shown_beside")
    assert (beside.status.level, beside.reasons) == (Level.UNASSESSED, (Reason.NO_INDICATOR,))
    assert "bounded by model:big, which is ruled out" in beside.text


NOT_HELD: dict[str, list[Record]] = {
    "its evidence is not on record": [model(SMALL, BIG, evidence=["lost"]), BELOW],
    "it was drawn for another framework": [model(SMALL, BIG, framework="other@1"), BELOW],
    "it begins later": [model(SMALL, BIG, since=lab.day(1)), BELOW],
    "the reference itself was not assessed": [model(SMALL, BIG)],
    "the determination on the reference rests on nothing": [
        model(SMALL, BIG),
        determined(BIG, "ruled_out", grounds=["lost"]),
    ],
}


@pytest.mark.parametrize("name", NOT_HELD)
def test_a_bound_gives_nothing_where(name: str) -> None:
    assert found(*NOT_HELD[name]).status.level is Level.UNASSESSED


def test_a_flag_of_the_reference_comes_with_its_status() -> None:
    precaution = determined(BIG, "crossed", treated_as=True)
    bounded = found(model(SMALL, BIG), precaution)
    assert bounded.status.level is Level.CROSSED
    assert Flag.TREATED_AS in bounded.status.flags


def test_what_was_found_on_the_model_itself_stays() -> None:
    asked = {"question": f"threshold:{lab.FRAMEWORK}/T3", "subject": SMALL}
    concern = lab.judgement("view", "cannot_rule_out", **asked)
    assert found(model(SMALL, BIG), BELOW, concern).status.level is not Level.RULED_OUT
    own = determined(SMALL, "crossed")
    assert found(model(SMALL, BIG), BELOW, own).status.level is Level.CROSSED


def test_a_line_whose_evidence_was_lost_is_not_outweighed_by_a_bound() -> None:
    below = lab.act(
        "big-t1", "threshold:T1", "ruled_out", subject=BIG, grounds=["comparison"]
    )  # against a line of its own: it does not count for the reference either
    lost = found(model(SMALL, BIG), below, lab.mapping("P1"), threshold="T1")
    assert lost.status.level is Level.UNASSESSED


def test_of_two_references_the_one_that_was_found_to_be_less_counts() -> None:
    crossed = determined(BIGGER, "crossed")
    records = (model(SMALL, BIG, BIGGER), model(BIGGER), BELOW, crossed)
    assert found(*records).status.level is Level.RULED_OUT


def test_a_bound_reaches_through_a_reference_that_is_bounded_itself() -> None:
    far = determined(BIGGER, "ruled_out")
    chain = (model(SMALL, BIG), model(BIG, BIGGER), model(BIGGER), far)
    assert found(*chain).status.level is Level.RULED_OUT
    assert found(model(SMALL, BIG), model(BIGGER), far).status.level is Level.UNASSESSED
