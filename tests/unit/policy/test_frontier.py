"""Minimal hold points of a document that fits on one page, and their limits."""

from __future__ import annotations

import pytest

from scalegate.base.errors import UsageError
from scalegate.policy import frontier
from scalegate.policy.compile import compile_policy
from scalegate.policy.frontier import minimal_hold_points
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import EffectLevel, Gate
from tests.strategies.policies import CITE, policy_of
from tests.unit.policy.toy import TOY

PROGRAM = compile_policy(parse_policy(TOY))


def test_the_hold_points_of_training_are_three() -> None:
    points = minimal_hold_points(PROGRAM, Gate.TRAIN)
    named = [tuple(literal.name for literal in point.literals) for point in points]
    # Unassessed; crossed without safeguards; carried by the rung above, without safeguards.
    assert named == [("B1",), ("B1", "filter", "interim"), ("B2", "filter", "interim")]
    assert {point.commitments for point in points} == {("C1",)}
    assert str(points[1].literals[2]) == "substitute `interim` is false or unknown"


def test_a_lower_cut_has_the_points_of_the_restriction_too() -> None:
    held = minimal_hold_points(PROGRAM, Gate.EXTERNAL_GENERAL)
    restricted = minimal_hold_points(PROGRAM, Gate.EXTERNAL_GENERAL, cut=EffectLevel.RESTRICT)
    texts = [str(literal) for point in restricted for literal in point.literals]
    assert len(restricted) > len(held)
    assert "fact `growth` is 4 or above 4 or unknown" in texts
    assert "discretion `way-out` is false" in texts


def test_numbers_are_shown_as_regions() -> None:
    row = {"id": "K", "statement": "a row", "at": ["train"], "otherwise": "hold", "cite": CITE,
           "modality": "must", "native_verb": "must",
           "if": {"any": [{"fact": "N1", "below": 1},
                          {"all": [{"fact": "N1", "above": 2}, {"fact": "N1", "below": 3}]}]},
           "require": {"act": "Q1"}}  # fmt: skip
    (point,) = minimal_hold_points(compile_policy(policy_of([row])), Gate.TRAIN)
    assert str(point.literals[0]) == "fact `N1` is below 1 or between 2 and 3 or unknown"


def test_a_gate_without_rows_has_no_points() -> None:
    row = {"id": "K", "statement": "a row", "at": ["train"], "otherwise": "hold", "cite": CITE,
           "modality": "must", "native_verb": "must", "require": {"act": "Q1"}}  # fmt: skip
    assert minimal_hold_points(compile_policy(policy_of([row])), Gate.STORE) == ()


def test_the_cut_allow_is_refused() -> None:
    with pytest.raises(UsageError, match="stricter cut"):
        minimal_hold_points(PROGRAM, Gate.TRAIN, cut=EffectLevel.ALLOW)


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_list_that_is_too_long_is_refused_whole(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontier, "MAX_POINTS", limit)
    with pytest.raises(UsageError, match=f"more than {limit} minimal hold points"):
        minimal_hold_points(PROGRAM, Gate.TRAIN)
