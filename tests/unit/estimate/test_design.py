"""What it takes to rule a share out, against the reference table and against simulation."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import upper_bounds
from scalegate.estimate.design import Question, design, smallest
from scalegate.estimate.model import AllowanceComponent, ElicitationLevel
from scalegate.estimate.power import MOST_UNITS, simulated_power

ELICITATION = AllowanceComponent.ELICITATION
GROWTH = AllowanceComponent.GROWTH


def question(
    *, safe: float = 0.2, gap: float = 0.5, level: ElicitationLevel = ElicitationLevel.E3C
) -> Question:
    return Question(
        line=Decimal("0.5"), safe=safe, elicitation=level, allowances=((ELICITATION, gap),)
    )


# Items for 80 % power at line .5, four attempts, correlation .5: docs/explanation/statistics.md,
# "Before the run". That table was searched on a coarse grid, so an entry is the next step above.
TABLE = [
    (0.0, {0.0: 5, 0.5: 8, 1.0: 10, 1.5: 15, 2.0: 25}),
    (0.05, {0.0: 8, 0.5: 10, 1.0: 20, 1.5: 40, 2.0: 100}),
    (0.1, {0.0: 8, 0.5: 15, 1.0: 30, 1.5: 100}),
    (0.2, {0.0: 15, 0.5: 40, 1.0: 200}),
]


@pytest.mark.parametrize(("safe", "needed"), TABLE)
def test_the_sizes_of_the_reference_are_enough_and_not_far_too_many(
    safe: float, needed: dict[float, int]
) -> None:
    for gap, printed in needed.items():
        size = smallest(question(safe=safe, gap=gap), epochs=4, seed=0)
        assert size is not None
        assert printed * 0.55 <= size.units <= printed * 1.05


@pytest.mark.parametrize(("safe", "gap", "epochs"), [(0.2, 0.5, 1), (0.1, 1.0, 4), (0.0, 1.5, 2)])
def test_a_size_keeps_its_promise_under_another_seed(safe: float, gap: float, epochs: int) -> None:
    asked = question(safe=safe, gap=gap)
    size = smallest(asked, epochs=epochs, seed=0)
    assert size is not None
    seen = simulated_power(
        safe=safe,
        line=asked.effective_line(),
        n_units=size.units,
        epochs=epochs,
        rho=asked.rho,
        alpha=asked.alpha,
        seed=99,
    )
    assert seen >= asked.power - 0.015


@given(
    line=st.decimals("0.02", "0.98", places=2),
    gap=st.floats(0.0, 3.0),
    alpha=st.sampled_from([0.01, 0.05, 0.1]),
)
@settings(max_examples=15, deadline=None)
def test_fewer_items_than_the_fewest_clear_nothing_and_so_many_do(
    line: Decimal, gap: float, alpha: float
) -> None:
    import numpy as np

    asked = Question(
        line=line,
        safe=0.0,
        elicitation=ElicitationLevel.E2,
        allowances=((ELICITATION, gap),),
        alpha=alpha,
    )
    answer = design(asked, epochs=1)
    assert answer.fewest is not None
    assert upper_bounds(np.zeros((1, answer.fewest)), alpha)[0] < answer.effective_line
    if answer.fewest > 1:
        assert upper_bounds(np.zeros((1, answer.fewest - 1)), alpha)[0] >= answer.effective_line
    assert all(power == 0.0 for units, power in answer.curve if units < answer.fewest)
    if answer.chosen is not None:
        assert answer.chosen.units >= answer.fewest


def test_an_allowance_moves_the_line_in_logits_and_costs_items() -> None:
    asked = Question(
        line=Decimal("0.5"),
        safe=0.05,
        elicitation=ElicitationLevel.E3C,
        allowances=((GROWTH, 1.0),),
    )
    answer = design(asked)
    assert asked.applied() == ((ELICITATION, 0.75), (GROWTH, 1.0))
    assert answer.effective_line == pytest.approx(1 / (1 + 2.718281828459045**1.75))
    costs = {component: units for component, _, units in answer.costs}
    assert all(units is not None and units > 0 for units in costs.values())
    assert not any("growth" in text for text in answer.never)


def test_a_plain_prompt_rules_nothing_out_at_any_size() -> None:
    answer = design(question(level=ElicitationLevel.E0))
    assert answer.chosen is None
    assert answer.fewest is None
    assert all(power == 0.0 for _, power in answer.curve)
    assert answer.never[0].startswith("anything")


def test_a_safe_level_at_the_moved_line_is_refused_in_words() -> None:
    answer = design(question(safe=0.4))
    assert all(size is None for _, size in answer.sizes)
    assert answer.never[0].startswith("a model at the safe level of 0.4")
    assert [units for _, _, units in answer.costs] == [None]


def test_more_items_than_anybody_runs_are_not_proposed() -> None:
    asked = Question(line=Decimal("0.0004"), safe=0.0, elicitation=ElicitationLevel.E2)
    assert smallest(asked, epochs=1, seed=0) is None
    assert MOST_UNITS < 7_500


def test_a_size_of_thousands_is_simulated_too() -> None:
    asked = Question(
        line=Decimal("0.001"),
        safe=0.0,
        elicitation=ElicitationLevel.E2,
        allowances=((GROWTH, 0.0), (ELICITATION, 0.0)),
    )
    size = smallest(asked, epochs=1, seed=0)
    assert size is not None
    assert size.units == 2_995
    assert size.simulated == 1.0


def test_a_level_that_hiding_defeats_is_named() -> None:
    names = " ".join(design(question(level=ElicitationLevel.E2)).never)
    assert "hides what it can do" in names
    assert "hides what it can do" not in " ".join(design(question()).never)


@pytest.mark.parametrize(
    "change",
    [
        {"line": Decimal(1)},
        {"line": Decimal("NaN")},
        {"safe": 1.0},
        {"alpha": 0.0},
        {"power": 1.0},
        {"rho": 1.5},
        {"allowances": ((GROWTH, -1.0),)},
        {"allowances": ((GROWTH, float("nan")),)},
        {"allowances": ((GROWTH, 1.0), (GROWTH, 1.0))},
    ],
)
def test_a_question_outside_its_range_is_refused(change: dict[str, object]) -> None:
    plain: dict[str, object] = {
        "line": Decimal("0.5"),
        "safe": 0.1,
        "elicitation": ElicitationLevel.E2,
    }
    with pytest.raises(UsageError):
        Question(**{**plain, **change})  # type: ignore[arg-type]


def test_at_least_one_attempt_is_made() -> None:
    with pytest.raises(UsageError):
        design(question(), epochs=0)
