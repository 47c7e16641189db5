"""A crosswalk is refused where an analogy names nothing, contradicts the policy, or is missing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from scalegate.base.errors import DocumentFaults
from scalegate.policy.crosswalk import (
    Analogy,
    frameworks_of,
    gaps_of,
    parse_crosswalk,
    parse_words,
)
from scalegate.policy.parse import parse_policy
from tests.unit.policy.toy import TOY

POLICY = parse_policy(TOY)
POLICIES = {POLICY.name: POLICY}
WORDS = parse_words(
    """\
schema: scalegate/shared-words@1
words:
  - {kind: domain, id: cbrn, meaning: weapons}
  - {kind: domain, id: cyber, meaning: attacks}
  - {kind: tier, id: serious, meaning: first}
  - {kind: tier, id: extreme, meaning: second}
  - {kind: safeguard, id: deployment_filters, meaning: filters}
  - {kind: role, id: decides, meaning: decides}
  - {kind: gate, id: store, meaning: weights}
  - {kind: gate, id: train, meaning: training}
  - {kind: gate, id: internal, meaning: inside}
  - {kind: gate, id: internal_high_risk, meaning: inside at large}
  - {kind: gate, id: external_limited, meaning: some}
  - {kind: gate, id: external_general, meaning: all}
  - {kind: gate, id: open_weights, meaning: weights out}
"""
)
GATES = sorted(WORDS.of_kind("gate"))


def row(kind: str, to: Any, native: list[str], **more: Any) -> dict[str, Any]:
    return {"kind": kind, "to": to, "native": native, "fit": "near", "why": "so it is"} | more


def table() -> dict[str, Any]:
    gate = row("gate", GATES, [], **{"as": "everything"})
    del gate["native"]
    return {
        "schema": "scalegate/crosswalk@1",
        "frameworks": ["toy@1", "toy@2"],
        "rows": [
            row("domain", "cbrn", ["bio"]),
            row("tier", "serious", ["B1"]),
            row("tier", "extreme", ["B2"]),
            row("safeguard", "deployment_filters", ["family:deployment_filters", "S1"]),
            row("role", "decides", ["ceo"]),
            gate,
        ],
    }


def read(plain: dict[str, Any]) -> tuple[Analogy, ...]:
    return parse_crosswalk(yaml.safe_dump(plain), WORDS, POLICIES, file="toy.yaml")


def changed(index: int, **more: Any) -> dict[str, Any]:
    plain = table()
    plain["rows"][index] |= more
    return plain


def test_an_analogy_keeps_the_native_id_and_takes_the_citation_of_the_policy() -> None:
    found = read(table())
    tiers = [
        (each.native, each.neutral, each.cites, each.why) for each in found if each.kind == "tier"
    ]
    assert tiers == [
        ("B1", "serious", ("Toy, 1",), "so it is"),
        ("B2", "extreme", ("Toy, 1",), "so it is"),
    ]
    assert {each.framework for each in found} == {"toy@1"}
    assert [each.native for each in found if each.kind == "safeguard"] == ["filter", "S1"]


def test_a_gate_is_cited_by_the_binding_rows_that_stand_there() -> None:
    cites = {each.neutral: each.cites for each in read(table()) if each.kind == "gate"}
    assert set(cites) == set(GATES)
    assert all(cites.values())


def test_a_row_of_another_version_says_nothing_of_this_one() -> None:
    plain = table()
    plain["rows"].append(row("tier", "extreme", ["B9"], only=["toy@2"]))
    assert "B9" not in {each.native for each in read(plain)}


def test_the_policies_of_a_table_are_known_before_it_is_checked() -> None:
    assert frameworks_of(yaml.safe_dump(table())) == ("toy@1", "toy@2")


@pytest.mark.parametrize(
    ("plain", "what"),
    [
        (changed(0, native=["nope"]), "unknown domain of toy@1"),
        (changed(0, to="weather"), "unknown domain"),
        (changed(0, to="cyber"), "another neutral word"),
        (changed(0, only=["other@1"]), "another policy"),
        (changed(1, to=["serious", "extreme"]), "several words"),
        (changed(1, native=[]), "row of the wrong form"),
        (changed(5, native=["B1"]), "row of the wrong form"),
        (changed(0, **{"as": "bio"}), "row of the wrong form"),
        (changed(3, native=["family:process"]), "another neutral word"),
        (changed(1, why=""), "wrong value"),
    ],
)
def test_a_faulty_table_is_refused(plain: dict[str, Any], what: str) -> None:
    with pytest.raises(DocumentFaults) as refused:
        read(plain)
    assert what in [each.what for each in refused.value.faults]


@pytest.mark.parametrize(
    ("plain", "gaps"),
    [
        (table(), []),
        (changed(1, native=["B2"]), [("tier", "B1")]),
        (changed(3, native=["S1"]), [("safeguard", "filter")]),
        (changed(3, native=["family:deployment_filters"]), [("safeguard", "S1")]),
        (changed(4, only=["toy@2"]), [("role", "ceo")]),
        (changed(5, to=["train"]), [("gate", gate) for gate in GATES if gate != "train"]),
    ],
)
def test_what_has_no_analogy_is_said(plain: dict[str, Any], gaps: list[tuple[str, str]]) -> None:
    assert list(gaps_of(read(plain), POLICY)) == gaps


def test_a_gate_at_which_nothing_binds_has_no_analogy() -> None:
    """Silence is told as silence; a row for it would claim that the text speaks."""
    quiet = parse_policy(TOY.replace("[store, train, internal, internal_high_risk,", "[internal,"))
    with pytest.raises(DocumentFaults) as refused:
        parse_crosswalk(yaml.safe_dump(table()), WORDS, {quiet.name: quiet})
    assert "silent gate" in [each.what for each in refused.value.faults]
