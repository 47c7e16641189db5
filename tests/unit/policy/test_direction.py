"""Which way each variable pulls, case by case."""

# ruff: noqa: E501 - documents and tables of cases keep one part a line

from __future__ import annotations

from typing import Any

import pytest

from scalegate.policy.direction import Direction, directions, unate
from scalegate.policy.vocabulary import Kind
from tests.strategies.policies import CITE, policy_of

HOLD, RELEASE, BOTH = Direction.TO_HOLD, Direction.TO_RELEASE, Direction.BOTH

CASES: dict[str, tuple[Any, Any, Kind, str, Direction]] = {
    "status up": ({"status": "T1", "at_least": "crossed"}, "always", Kind.STATUS, "T1", HOLD),
    "status down": ({"status": "T1", "below": "crossed"}, "always", Kind.STATUS, "T1", RELEASE),
    "status required": ("always", {"status": "T1", "is": "not_required"}, Kind.STATUS, "T1", HOLD),
    "status in the middle": (
        {"status": "T1", "is": "not_ruled_out"}, "always", Kind.STATUS, "T1", BOTH
    ),
    "flag": ({"flag": "alert", "of_threshold": "T1"}, "always", Kind.FLAG, "T1.alert", HOLD),
    "safeguard required": ("always", {"safeguard": "G1"}, Kind.SAFEGUARD, "G1", RELEASE),
    "safeguard bad": ({"safeguard": "G1", "is": "breached"}, "always", Kind.SAFEGUARD, "G1", RELEASE),
    "safeguard exactly": ("always", {"safeguard": "G1", "is": "stale"}, Kind.SAFEGUARD, "G1", BOTH),
    "standard": ("always", {"met": "S1"}, Kind.SAFEGUARD, "G2", RELEASE),
    "named standard": ("always", {"met": "S2"}, Kind.SPECIFIED, "S2", RELEASE),
    "act": ("always", {"act": "Q1"}, Kind.ACT, "Q1", RELEASE),
    "act denied": ("always", {"not": {"act": "Q1"}}, Kind.ACT, "Q1", HOLD),
    "act both": ({"act": "Q1"}, {"act": "Q1"}, Kind.ACT, "Q1", BOTH),
    "document": ("always", {"document": "D1", "is": "covered"}, Kind.DOCUMENT, "D1.covered", RELEASE),
    "fact": ({"fact": "F1"}, "always", Kind.FACT, "F1", HOLD),
    "fact false": ({"fact": "F1", "is": False}, "always", Kind.FACT, "F1", RELEASE),
    "number up": ({"fact": "N1", "above": 4}, "always", Kind.FACT, "N1", HOLD),
    "number down": ({"fact": "N1", "at_most": 4}, "always", Kind.FACT, "N1", RELEASE),
    "choice": ({"fact": "C1", "is": "eu"}, "always", Kind.FACT, "C1=eu", HOLD),
    "other choice": ({"fact": "C1", "is": "eu"}, "always", Kind.FACT, "C1=us", Direction.UNUSED),
    "reading": ({"reading": "R1", "is": "wide"}, "always", Kind.READING, "R1=wide", HOLD),
    "discretion": ({"fact": "F1"}, "always", Kind.DISCRETION, "W1", RELEASE),
    "twice not": ({"not": {"not": {"fact": "F1"}}}, "always", Kind.FACT, "F1", HOLD),
}  # fmt: skip


def policy_with(trigger: Any, require: Any, modality: str = "must") -> Any:
    row = {
        "id": "K",
        "statement": "a row",
        "if": trigger,
        "at": ["train"],
        "require": require,
        "otherwise": "hold",
        "modality": modality,
        "native_verb": modality,
        "cite": CITE,
    }
    return policy_of([row], releases=["K"])


@pytest.mark.parametrize(
    ("trigger", "require", "kind", "name", "expected"), CASES.values(), ids=CASES
)
def test_a_variable_pulls_its_way(
    trigger: Any, require: Any, kind: Kind, name: str, expected: Direction
) -> None:
    policy = policy_with(trigger, require)
    found = {(item.kind, item.name): item for item in directions(policy)}
    assert found[kind, name].direction is expected
    assert unate(policy) is (expected is not BOTH)
    if expected is not Direction.UNUSED:
        assert {place.owner for place in found[kind, name].places} == {"K"}


def test_advice_pulls_nowhere_but_is_listed() -> None:
    policy = policy_with({"fact": "F1"}, {"act": "Q1"}, modality="may")
    found = {item.name: item for item in directions(policy)}
    assert {item.direction for item in found.values()} == {Direction.UNUSED}
    assert [place.part for place in found["F1"].places] == ["if"]
    assert [place.part for place in found["W1"].places] == ["releases"]
