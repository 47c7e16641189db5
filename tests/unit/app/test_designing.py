"""What a line declares of allowances counts in a design as it counts in the gate."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scalegate.app.designing import Wish, question_of
from scalegate.estimate.model import AllowanceComponent, ElicitationLevel
from scalegate.policy.document import Indicator
from tests.strategies import lab

CITED, OURS = {"cite": lab.CITE}, {"ours": "a guess of ours"}


def line(*allowances: lab.Plain) -> Indicator:
    entries = [{"statement": "as said", **entry} for entry in allowances]
    plain = lab.line("L1", allowances=entries)
    return (
        lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", plain)])
        .thresholds[0]
        .indicators[0]
    )


@pytest.mark.parametrize(
    ("entries", "amount"),
    [
        ([{"component": "elicitation", "amount": 0.5, **CITED}], 0.5),
        ([{"component": "elicitation", "amount": 0.5, **OURS}], 1.5),
        ([{"component": "elicitation", "amount": 3, **OURS}], 3.0),
        ([{"component": "growth", "amount": 1, **CITED}], 1.5),
    ],
)
def test_an_allowance_that_is_ours_never_makes_the_gap_smaller(
    entries: list[lab.Plain], amount: float
) -> None:
    question = question_of(
        Wish(line=Decimal("0.5"), elicitation=ElicitationLevel.E2), line(*entries)
    )
    assert dict(question.applied())[AllowanceComponent.ELICITATION] == amount


def test_allowances_of_one_component_add_up() -> None:
    entry = {"component": "growth", "amount": 0.5, **CITED}
    question = question_of(Wish(), line(entry, entry))
    assert dict(question.allowances)[AllowanceComponent.GROWTH] == 1.0
