"""What cannot be estimated is refused with a reason: no bare number, no interval of no width."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

import pytest

from scalegate.base.errors import UsageError
from scalegate.estimate.grader import corrected_upper
from scalegate.estimate.horizon import HorizonRun, estimate_time_horizon, summarise_runs
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason
from scalegate.estimate.n_of_m import estimate_n_of_m
from scalegate.estimate.proportion import estimate_mean_score, estimate_proportion
from scalegate.estimate.uplift import ArmScores, ArmSummary, estimate_fold_uplift

Answer = Estimate | Insufficient
REASON = InsufficientReason


def share(values: list[float], *, unit: str = "item") -> Answer:
    return estimate_proportion(high=values, low=values, alpha=0.05, unit=unit)


def fold(treated: ArmScores | ArmSummary, control: ArmScores | ArmSummary) -> Answer:
    return estimate_fold_uplift(treated=treated, control=control, alpha=0.05)


def horizon(minutes: list[float], *, solved: bool = False) -> Answer:
    runs = (
        HorizonRun(family=f"f{i}", task=f"t{i}", human_minutes=each, succeeded=solved)
        for i, each in enumerate(minutes)
    )
    return estimate_time_horizon(summarise_runs(runs), alpha=0.05, evidence_digest="x")


REFUSED: dict[str, tuple[Callable[[], Answer], InsufficientReason]] = {
    "zero items": (lambda: share([]), REASON.NO_DATA),
    "one cluster": (lambda: share([0.2], unit="family"), REASON.TOO_FEW_UNITS),
    "score above its range": (lambda: share([1.2, 0.1]), REASON.OUT_OF_RANGE),
    "score below its range": (lambda: share([-0.2, 0.1]), REASON.OUT_OF_RANGE),
    "score that is no number": (
        lambda: estimate_mean_score(high=[nan], low=[nan], alpha=0.05),
        REASON.OUT_OF_RANGE,
    ),
    "an arm of nobody": (
        lambda: fold(ArmScores(scores=()), ArmScores(scores=(0.1, 0.2))),
        REASON.NO_DATA,
    ),
    "a control arm without a success": (
        lambda: fold(ArmSummary(n=8, mean=0.5, spread=0.1), ArmSummary(n=8, mean=0.0, spread=0.0)),
        REASON.DEGENERATE,
    ),
    "no runs": (lambda: horizon([]), REASON.NO_DATA),
    "no run that succeeded": (
        lambda: horizon([float(i + 1) for i in range(30)]),
        REASON.DEGENERATE,
    ),
    "a battery of nothing": (
        lambda: estimate_n_of_m(
            successes=[], missing=[], trials=[], m=5, tasks="fixed", alpha=0.05
        ),
        REASON.NO_DATA,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_estimated_gives_a_reason(name: str) -> None:
    ask, reason = REFUSED[name]
    found = ask()
    assert isinstance(found, Insufficient)
    assert found.reason is reason
    assert found.detail


@pytest.mark.parametrize("minutes", [nan, 0.0, -3.0, inf])
def test_a_task_without_a_human_time_is_refused(minutes: float) -> None:
    with pytest.raises(UsageError, match="human minutes"):
        horizon([minutes, *(float(i + 1) for i in range(30))])


@pytest.mark.parametrize("weights", [[1.0, -1.0], [0.0, 0.0], [nan, 1.0], [1.0]])
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    with pytest.raises(UsageError, match="weight"):
        estimate_proportion(high=[0.1, 0.2], low=[0.1, 0.2], alpha=0.05, weights=weights)


def test_units_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UsageError, match="finite"):
        share([nan, 0.2])


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_equal_scores_have_an_interval_with_a_width(value: float) -> None:
    found = share([value] * 20)
    assert isinstance(found, Estimate)
    assert found.upper is not None
    assert found.upper - found.lower > 0.1


def test_a_grader_that_nobody_audited_corrects_nothing() -> None:
    assert isinstance(corrected_upper([0.1] * 50, 0.05, audit=None), Insufficient)
