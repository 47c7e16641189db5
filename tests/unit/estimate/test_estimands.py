"""Each estimand does what its docstring says, and refuses what it cannot bound."""

from __future__ import annotations

from decimal import Decimal
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import (
    clopper_pearson_lower,
    clopper_pearson_upper,
    lower_bound,
    lower_bounds,
    p_value,
    upper_bound,
    upper_bounds,
    upper_bounds_of_counts,
)
from scalegate.estimate.combine import (
    all_must_rule_out,
    any_may_rule_out,
    combine_alpha,
    reassessment_alpha,
)
from scalegate.estimate.horizon import HorizonRun, estimate_time_horizon, summarise_runs
from scalegate.estimate.model import (
    Allowance,
    AllowanceComponent,
    AllowanceUnit,
    CrossedWhen,
    Design,
    Estimate,
    Insufficient,
    InsufficientReason,
    Line,
    Outcome,
    Scale,
    Verdict,
    VerdictReason,
)
from scalegate.estimate.n_of_m import estimate_n_of_m
from scalegate.estimate.power import effective_trials, fewest_units, simulated_power
from scalegate.estimate.printed import IntervalKind, PrintedInterval, estimate_printed
from scalegate.estimate.proportion import estimate_mean_score, estimate_proportion
from scalegate.estimate.proved import (
    e_upper_bound,
    e_value,
    estimate_betting,
    estimate_one_epoch,
    estimate_sequential,
)
from scalegate.estimate.proved_uplift import estimate_proved_uplift
from scalegate.estimate.uplift import ArmScores, ArmSummary, estimate_fold_uplift
from scalegate.estimate.verdict import judge_line


def number(found: Estimate | Insufficient) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


def refusal(found: Estimate | Insufficient) -> InsufficientReason:
    assert isinstance(found, Insufficient), found
    return found.reason


class TestBound:
    def test_no_data_bounds_nothing(self) -> None:
        assert (upper_bound([], 0.05), lower_bound([], 0.05), p_value([], 0.5)) == (1.0, 0.0, 1.0)

    def test_all_ones_have_upper_bound_one_and_a_lower_one_below(self) -> None:
        assert upper_bound([1.0] * 30, 0.05) == 1.0
        assert lower_bound([1.0] * 30, 0.05) == pytest.approx(0.05 ** (1 / 30))

    def test_one_unit_gives_wide_bounds(self) -> None:
        assert upper_bound([0.0], 0.05) == pytest.approx(0.95)
        assert upper_bound([0.4], 0.05) > 0.95

    @pytest.mark.parametrize("x", [[-0.1], [1.1], [float("nan")], [float("inf")]])
    def test_values_outside_of_the_range_are_refused(self, x: list[float]) -> None:
        with pytest.raises(UsageError):
            upper_bound(x, 0.05)

    @pytest.mark.parametrize("alpha", [0.0, -1.0, 0.6, float("nan")])
    def test_alpha_outside_of_its_range_is_refused(self, alpha: float) -> None:
        with pytest.raises(UsageError):
            upper_bound([0.5], alpha)
        with pytest.raises(UsageError):
            clopper_pearson_upper(1, 2, alpha)

    @pytest.mark.parametrize("epochs", [1, 4])
    def test_counts_of_units_give_the_bounds_of_the_units(self, epochs: int) -> None:
        generator = np.random.default_rng(4)
        values = np.arange(epochs + 1) / epochs
        units = np.sort(generator.choice(values, (300, 7)), axis=1)
        units[:5] = [[0.0] * 7, [1.0] * 7, [0.5 if epochs > 1 else 1.0] * 7, units[3], units[4]]
        counts = (units[:, :, None] == values).sum(axis=1)
        found = upper_bounds_of_counts(counts, values, 0.05)
        assert found == pytest.approx(upper_bounds(units, 0.05), abs=1e-12)
        with pytest.raises(UsageError):
            upper_bounds_of_counts(counts, values, 0.7)

    def test_equal_weights_change_nothing(self) -> None:
        x = [0.1, 0.25, 0.9, 0.4]
        assert upper_bound(x, 0.05, weights=[7.0] * 4) == pytest.approx(upper_bound(x, 0.05))

    def test_unequal_weights_widen_the_bound(self) -> None:
        x = [0.2] * 10 + [0.0] * 10
        even = upper_bound(x, 0.05, weights=[1.0] * 20)
        assert upper_bound(x, 0.05, weights=[10.0, *[1.0] * 9] * 2) > even

    @pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, float("inf")]])
    def test_wrong_weights_are_refused(self, weights: list[float]) -> None:
        with pytest.raises(UsageError):
            upper_bound([0.5, 0.5], 0.05, weights=weights)

    def test_p_value_and_bound_agree(self) -> None:
        x = [0.0, 0.2, 0.4, 0.1, 0.9, 0.0, 0.3]
        assert p_value(x, upper_bound(x, 0.05)) == pytest.approx(0.05)

    def test_rows_agree_with_single_bounds(self) -> None:
        rows = [[0.1, 0.2, 0.3], [0.0, 1.0, 0.5], [1.0, 1.0, 1.0], [0.4, 0.4, 0.4]]
        import numpy as np

        assert upper_bounds(np.array(rows), 0.05) == pytest.approx(
            [upper_bound(row, 0.05) for row in rows], abs=1e-12
        )
        assert upper_bounds(np.empty((2, 0)), 0.05).tolist() == [1.0, 1.0]
        with pytest.raises(UsageError):
            upper_bounds(np.array([0.1]), 0.05)

    def test_clopper_pearson_refuses_impossible_counts(self) -> None:
        with pytest.raises(UsageError):
            clopper_pearson_upper(3, 2, 0.05)
        assert clopper_pearson_upper(0, 0, 0.05) == 1.0
        assert clopper_pearson_lower(0, 0, 0.05) == 0.0


class TestProportion:
    def test_no_unit_is_no_data(self) -> None:
        assert refusal(estimate_proportion(high=[], low=[], alpha=0.05)) == "no_data"

    def test_only_missing_samples_are_insufficient(self) -> None:
        found = estimate_proportion(high=[1.0], low=[0.0], alpha=0.05, n_samples=4, missing=4)
        assert refusal(found) == "all_missing"

    def test_a_mean_outside_of_the_range_is_insufficient(self) -> None:
        found = estimate_proportion(high=[1.5], low=[0.2], alpha=0.05)
        assert refusal(found) == "out_of_range"

    @pytest.mark.parametrize(
        ("high", "low", "n", "missing"),
        [
            ([1.0], [], 1, 0),
            ([0.2], [0.3], 1, 0),
            ([0.2], [0.2], 1, 2),
            ([0.2] * 2, [0.2] * 2, 1, 0),
        ],
    )
    def test_impossible_input_is_refused(
        self, high: list[float], low: list[float], n: int, missing: int
    ) -> None:
        with pytest.raises(UsageError):
            estimate_proportion(high=high, low=low, alpha=0.05, n_samples=n, missing=missing)

    def test_epochs_never_count_as_units(self) -> None:
        few = number(estimate_proportion(high=[0.0] * 10, low=[0.0] * 10, alpha=0.05))
        many = number(
            estimate_proportion(high=[0.0] * 10, low=[0.0] * 10, alpha=0.05, n_samples=1000)
        )
        assert few.upper == many.upper
        assert 10 <= many.n_effective <= 1000

    def test_a_declared_range_gives_bounds_in_points(self) -> None:
        found = number(
            estimate_mean_score(
                high=[3.0] * 40, low=[3.0] * 40, alpha=0.05, declared_range=(1.0, 5.0)
            )
        )
        assert found.scale is Scale.SCORE
        assert found.point == 3.0
        assert found.upper is not None
        assert 1.0 < found.lower < 3.0 < found.upper < 5.0
        line = Line(value=Decimal("4.5"), crossed_when=CrossedWhen.AT_LEAST)
        assert judge_line(found, line, elicitation="E3c").outcome is Outcome.RULED_OUT

    def test_a_score_outside_of_the_declared_range_is_insufficient(self) -> None:
        found = estimate_mean_score(high=[7.0], low=[2.0], alpha=0.05, declared_range=(1.0, 5.0))
        assert refusal(found) == "out_of_range"
        with pytest.raises(UsageError):
            estimate_mean_score(high=[1.0], low=[1.0], alpha=0.05, declared_range=(1.0, 1.0))


class TestEstimateValue:
    @pytest.mark.parametrize(
        "change",
        [
            {"point": float("nan")},
            {"upper": float("inf")},
            {"lower": 0.6},
            {"upper": 0.4},
            {"lower": 0.5, "upper": 0.5},
            {"n_units": 0},
            {"alpha": 0.7},
        ],
    )
    def test_impossible_estimates_cannot_be_written_down(self, change: dict[str, float]) -> None:
        fields = {
            "estimand": "x",
            "unit": "u",
            "n_units": 5,
            "n_samples": 5,
            "n_effective": 5.0,
            "point": 0.5,
            "lower": 0.1,
            "upper": 0.9,
            "alpha": 0.05,
            "method": "m",
            "scale": Scale.PROBABILITY,
        }
        with pytest.raises(UsageError):
            Estimate(**(fields | change))  # type: ignore[arg-type]

    def test_other_impossible_values_are_refused(self) -> None:
        with pytest.raises(UsageError):
            Allowance(component=AllowanceComponent.GROWTH, amount=-1.0)
        with pytest.raises(UsageError):
            Line(value=Decimal("NaN"), crossed_when=CrossedWhen.ABOVE)
        for wrong in ({"alpha": 0.0}, {"rho": 2.0}, {"p_safe": float("nan")}):
            with pytest.raises(UsageError):
                Design(**wrong)  # type: ignore[arg-type]


OPUS = ArmSummary(mean=0.63, spread=0.13, n=9)
SONNET = ArmSummary(mean=0.42, spread=0.11, n=9)
CONTROL = ArmSummary(mean=0.25, spread=0.13, n=9)
ELICITED = (
    Allowance(
        component=AllowanceComponent.ELICITATION,
        amount=0.0,
        unit=AllowanceUnit.LOG_RATIO,
        evidence="participants worked with a model without refusals",
    ),
)


class TestUplift:
    """Acquisition uplift printed for Claude 4: control 25 ± 13, treated 63 ± 13 and 42 ± 11 %.

    Source: Claude Opus 4 and Sonnet 4 system card, section 7.2.4.1; groups of 8 to 10; up to 2.8x
    was called acceptable, 5x or more significant.
    """

    def judged(self, treated: ArmSummary, spread: str, n: int = 9) -> Verdict:
        found = estimate_fold_uplift(
            treated=ArmSummary(mean=treated.mean, spread=treated.spread, n=n),
            control=ArmSummary(mean=CONTROL.mean, spread=CONTROL.spread, n=n),
            alpha=0.05,
            spread=spread,
        )
        line = Line(value=Decimal("2.8"), crossed_when=CrossedWhen.ABOVE)
        return judge_line(found, line, elicitation="E1", allowances=ELICITED)

    @pytest.mark.parametrize("n", [8, 9, 10])
    def test_read_as_standard_deviation_opus_is_not_ruled_out_and_sonnet_is(self, n: int) -> None:
        assert self.judged(OPUS, "sd", n).outcome is Outcome.NOT_RULED_OUT
        assert self.judged(SONNET, "sd", n).outcome is Outcome.RULED_OUT

    @pytest.mark.parametrize("n", [8, 9, 10])
    @pytest.mark.parametrize("arm", [OPUS, SONNET])
    def test_read_as_standard_error_neither_is_ruled_out(self, arm: ArmSummary, n: int) -> None:
        verdict = self.judged(arm, "se", n)
        assert verdict.outcome in {Outcome.BLUNT, Outcome.NOT_RULED_OUT}

    @pytest.mark.parametrize(
        ("arm", "sd_upper", "se_upper"), [(OPUS, 3.5, 6.9), (SONNET, 2.4, 4.8)]
    )
    def test_the_bounds_are_those_of_fieller_and_wider_than_the_delta_method(
        self, arm: ArmSummary, sd_upper: float, se_upper: float
    ) -> None:
        for spread, root, delta in (("sd", 3.0, sd_upper), ("se", 1.0, se_upper)):
            estimate = self.judged(arm, spread).estimate
            assert isinstance(estimate, Estimate)
            assert estimate.upper is not None
            error = sqrt((arm.spread / arm.mean) ** 2 + (0.13 / 0.25) ** 2) / root
            # The log-ratio (delta) bound with a t quantile near 1.78, as in a quick re-reading.
            assert arm.mean / 0.25 * exp(1.78 * error) == pytest.approx(delta, rel=0.05)
            assert estimate.upper > delta

    def test_a_line_of_five_cannot_be_reached_from_a_control_mean_of_a_quarter(self) -> None:
        found = number(estimate_fold_uplift(treated=OPUS, control=CONTROL, alpha=0.05))
        assert found.ceiling == pytest.approx(4.0)
        line = Line(value=Decimal(5), crossed_when=CrossedWhen.AT_LEAST)
        verdict = judge_line(found, line, elicitation="E1", allowances=ELICITED)
        assert verdict.outcome is Outcome.BLUNT
        assert verdict.reasons[0] is VerdictReason.LINE_BEYOND_DESIGN

    def test_scores_and_their_summary_agree(self) -> None:
        treated, control = (0.5, 0.7, 0.6, 0.9, 0.4, 0.8), (0.2, 0.3, 0.1, 0.25, 0.4, 0.3)

        def printed(scores: tuple[float, ...]) -> ArmSummary:
            mean = sum(scores) / 6
            return ArmSummary(mean=mean, spread=sqrt(sum((s - mean) ** 2 for s in scores) / 5), n=6)

        a = number(
            estimate_fold_uplift(
                treated=ArmScores(scores=treated), control=ArmScores(scores=control), alpha=0.05
            )
        )
        b = number(
            estimate_fold_uplift(treated=printed(treated), control=printed(control), alpha=0.05)
        )
        assert (a.point, a.lower, a.upper) == pytest.approx((b.point, b.lower, b.upper))

    def test_drop_outs_widen_both_bounds(self) -> None:
        treated, control = (0.5, 0.7, 0.6, 0.9, 0.4, 0.8), (0.2, 0.3, 0.1, 0.25, 0.4, 0.3)
        full = number(
            estimate_fold_uplift(
                treated=ArmScores(scores=treated), control=ArmScores(scores=control), alpha=0.05
            )
        )
        gone = number(
            estimate_fold_uplift(
                treated=ArmScores(scores=treated[:5], dropped=1),
                control=ArmScores(scores=control[:5], dropped=1),
                alpha=0.05,
            )
        )
        assert full.upper is not None
        assert gone.upper is None or gone.upper > full.upper
        assert gone.lower < full.lower
        assert gone.missing == 2

    @pytest.mark.parametrize(
        ("treated", "reason"),
        [
            (ArmSummary(mean=0.5, spread=0.1, n=4), "too_few_units"),
            (ArmSummary(mean=0.5, spread=0.1, n=0), "no_data"),
            (ArmSummary(mean=1.5, spread=0.1, n=9), "out_of_range"),
            (ArmSummary(mean=0.5, spread=0.0, n=9), "degenerate"),
            (ArmSummary(mean=0.0, spread=0.1, n=9), "degenerate"),
            (ArmScores(scores=(), dropped=9), "no_data"),
            (ArmScores(scores=(0.5,) * 9, dropped=-1), "out_of_range"),
        ],
    )
    def test_arms_that_bound_nothing_are_insufficient(
        self, treated: ArmSummary | ArmScores, reason: str
    ) -> None:
        found = estimate_fold_uplift(treated=treated, control=CONTROL, alpha=0.05)
        assert refusal(found) == reason

    def test_a_control_mean_near_zero_leaves_no_upper_bound(self) -> None:
        found = number(
            estimate_fold_uplift(
                treated=OPUS, control=ArmSummary(mean=0.02, spread=0.1, n=9), alpha=0.05
            )
        )
        assert found.upper is None

    def test_an_impossible_question_is_refused(self) -> None:
        with pytest.raises(UsageError):
            estimate_fold_uplift(treated=OPUS, control=CONTROL, alpha=0.9)


class TestNOfM:
    def test_fixed_and_sampled_tasks_give_different_bounds(self) -> None:
        counts = {"successes": [10] * 3 + [0] * 17, "missing": [0] * 20, "trials": [10] * 20}
        fixed = number(estimate_n_of_m(**counts, m=20, tasks="fixed", alpha=0.05))
        sampled = number(estimate_n_of_m(**counts, m=20, tasks="sampled", alpha=0.05))
        assert fixed.upper is not None
        assert sampled.upper is not None
        assert (fixed.point, sampled.point) == pytest.approx((3.0, 3.0))
        assert fixed.upper < sampled.upper
        assert fixed.scale is Scale.COUNT

    @pytest.mark.parametrize("tasks", ["fixed", "sampled"])
    def test_a_listed_task_without_result_counts_as_done_above_and_undone_below(
        self, tasks: str
    ) -> None:
        counts = {"successes": [0] * 8, "missing": [0] * 8, "trials": [5] * 8}
        full = number(estimate_n_of_m(**counts, m=8, tasks=tasks, alpha=0.05))
        gone = number(estimate_n_of_m(**counts, m=10, tasks=tasks, alpha=0.05))
        assert full.upper is not None
        assert gone.upper is not None
        assert gone.upper > full.upper + 1.5
        assert gone.missing == 10

    def test_what_it_cannot_bound_is_insufficient(self) -> None:
        none = estimate_n_of_m(successes=[], missing=[], trials=[], m=5, tasks="fixed", alpha=0.05)
        gone = estimate_n_of_m(
            successes=[0], missing=[3], trials=[3], m=1, tasks="fixed", alpha=0.05
        )
        uneven = estimate_n_of_m(
            successes=[0, 0], missing=[0, 0], trials=[3, 4], m=2, tasks="fixed", alpha=0.05
        )
        assert [refusal(x) for x in (none, gone, uneven)] == [
            "no_data",
            "all_missing",
            "unsupported",
        ]
        with pytest.raises(UsageError):
            estimate_n_of_m(successes=[4], missing=[0], trials=[3], m=1, tasks="fixed", alpha=0.05)


class TestPrinted:
    def test_a_point_alone_is_shown_and_bounds_nothing(self) -> None:
        found = estimate_printed(point=0.42, alpha=0.05)
        assert refusal(found) == "no_sample_size"
        assert isinstance(found, Insufficient)
        assert found.observed == 0.42

    def test_a_share_with_n_is_clopper_pearson_after_rounding(self) -> None:
        found = number(estimate_printed(point=0.42, n=50, rounding=0.005, alpha=0.05))
        assert found.upper == clopper_pearson_upper(22, 50, 0.05)
        assert found.lower == clopper_pearson_lower(20, 50, 0.05)

    def test_a_two_sided_interval_is_used_as_printed_or_wider(self) -> None:
        interval = PrintedInterval(kind=IntervalKind.TWO_SIDED, lower=109.0, upper=1225.0)
        found = number(
            estimate_printed(point=289.0, scale="minutes", interval=interval, alpha=0.05)
        )
        assert (found.lower, found.upper) == (109.0, 1225.0)
        strict = number(
            estimate_printed(point=289.0, scale="minutes", interval=interval, alpha=0.01)
        )
        assert strict.upper is not None
        assert strict.upper > 1225.0
        assert strict.lower < 109.0

    def test_a_rating_has_its_printed_interval_and_nothing_else(self) -> None:
        interval = PrintedInterval(kind=IntervalKind.TWO_SIDED, lower=1180.0, upper=1220.0)

        def rating(alpha: float = 0.05, **given: Any) -> Estimate | Insufficient:
            return estimate_printed(point=1200.0, scale="elo", alpha=alpha, **given)

        found = number(rating(interval=interval, rounding=0.5))
        assert (found.lower, found.upper) == (1179.5, 1220.5)
        strict = number(rating(interval=interval, alpha=0.01))
        assert strict.upper == pytest.approx(1200.0 + 20.0 * 2.3263 / 1.96, abs=0.01)
        assert refusal(rating()) == "no_sample_size"
        assert refusal(rating(n=5000)) == "unsupported"
        negative = estimate_printed(point=-3.0, scale="elo", alpha=0.05, interval=interval)
        assert refusal(negative) == "out_of_range"
        # One logit of allowance is 400 / ln 10 points; the safe level is 350 points below the line.
        line = Line(value=Decimal(1400), crossed_when=CrossedWhen.AT_LEAST)
        allowance = Allowance(
            component=AllowanceComponent.ELICITATION, amount=173.7, unit=AllowanceUnit.ELO_POINTS
        )
        verdict = judge_line(
            found,
            line,
            elicitation="E2",
            allowances=(allowance,),
            design=Design(p_safe=1050.0),
        )
        assert verdict.outcome is Outcome.RULED_OUT
        assert verdict.effective_line == pytest.approx(1226.3)
        assert verdict.power_at_safe == pytest.approx(1.0)
        assert verdict.minimum_detectable_excess == pytest.approx(
            verdict.clearable_deficit - 173.7 if verdict.clearable_deficit else None
        )
        by_default = judge_line(found, line, elicitation="E2", design=Design(p_safe=1050.0))
        assert by_default.effective_line == pytest.approx(1400.0 - 1.5 * 400.0 / log(10.0))

    def test_the_reading_of_a_plus_minus_matters(self) -> None:
        def read(kind: str, n: int | None) -> Estimate | Insufficient:
            interval = PrintedInterval(kind=IntervalKind(kind), lower=0.40, upper=0.56)
            return estimate_printed(
                point=0.48, n=n, interval=interval, alpha=0.05, scale="score", support=(0.0, 1.0)
            )

        assert number(read("se", None)).upper == pytest.approx(0.48 + 1.6449 * 0.08, abs=1e-4)
        assert number(read("se", None)).n_units == 39
        assert refusal(read("sd", None)) == "no_sample_size"
        assert number(read("sd", 16)).upper == clopper_pearson_upper(8, 16, 0.05)

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"point": 1.2, "n": 10}, "out_of_range"),
            ({"point": float("nan"), "n": 10}, "out_of_range"),
            ({"point": 0.5, "n": 0}, "no_data"),
            ({"point": 427.0, "n": 10, "scale": "ratio"}, "unsupported"),
        ],
    )
    def test_prints_that_bound_nothing_are_insufficient(
        self, fields: dict[str, object], reason: str
    ) -> None:
        assert refusal(estimate_printed(alpha=0.05, **fields)) == reason  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("lower", "upper", "level", "reason"),
        [
            (0.6, 0.7, 0.95, "out_of_range"),
            (0.5, 0.5, 0.95, "degenerate"),
            (0.4, 0.6, 1.0, "degenerate"),
            (0.4, float("inf"), 0.9, "out_of_range"),
        ],
    )
    def test_impossible_intervals_are_insufficient(
        self, lower: float, upper: float, level: float, reason: str
    ) -> None:
        interval = PrintedInterval(
            kind=IntervalKind.TWO_SIDED, lower=lower, upper=upper, level=level
        )
        assert refusal(estimate_printed(point=0.5, interval=interval, alpha=0.05)) == reason

    def test_an_interval_reaching_zero_is_not_widened_on_a_logarithm(self) -> None:
        interval = PrintedInterval(kind=IntervalKind.TWO_SIDED, lower=0.0, upper=9.0, level=0.5)
        found = estimate_printed(point=3.0, scale="ratio", interval=interval, alpha=0.05)
        assert refusal(found) == "unsupported"
        with pytest.raises(UsageError):
            estimate_printed(point=0.5, n=-1, alpha=0.05)


def runs(families: int, *, succeed: str = "short") -> list[HorizonRun]:
    made = []
    for family in range(families):
        for task in range(3):
            minutes = 2.0 ** ((family + 4 * task) % 10)
            for attempt in range(4):
                short = minutes < 16 if attempt else minutes < 64
                won = {"short": short, "all": True, "none": False, "long": not short}[succeed]
                made.append(
                    HorizonRun(
                        family=f"f{family}", task=f"t{task}", human_minutes=minutes, succeeded=won
                    )
                )
    return made


class TestHorizon:
    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ([], "no_data"),
            (runs(4), "too_few_units"),
            (runs(12, succeed="all"), "degenerate"),
            (runs(12, succeed="none"), "degenerate"),
            (runs(12, succeed="long"), "degenerate"),
        ],
    )
    def test_runs_without_a_horizon_are_insufficient(
        self, given: list[HorizonRun], reason: str
    ) -> None:
        found = estimate_time_horizon(summarise_runs(given), alpha=0.05, evidence_digest="d")
        assert refusal(found) == reason

    def test_equal_lengths_and_all_stopped_runs_are_insufficient(self) -> None:
        same = [
            HorizonRun(family=f"f{i}", task="t", human_minutes=5.0, succeeded=bool(i % 2))
            for i in range(12)
        ]
        stopped = [
            HorizonRun(
                family=f"f{i}", task="t", human_minutes=5.0 + i, succeeded=False, limit_stopped=True
            )
            for i in range(12)
        ]
        found = [
            refusal(estimate_time_horizon(summarise_runs(x), alpha=0.05, evidence_digest="d"))
            for x in (same, stopped)
        ]
        assert found == ["degenerate", "all_missing"]

    def test_the_digest_alone_fixes_the_bounds(self) -> None:
        summary = summarise_runs(runs(15))
        a = estimate_time_horizon(summary, alpha=0.05, evidence_digest="one", draws=200)
        b = estimate_time_horizon(summary, alpha=0.05, evidence_digest="one", draws=200)
        c = estimate_time_horizon(summary, alpha=0.05, evidence_digest="two", draws=200)
        assert a == b
        assert a != c
        assert 8 < number(a).point < 64

    def test_runs_stopped_by_a_limit_raise_the_upper_bound(self) -> None:
        plain = runs(15)
        stopped = [
            HorizonRun(
                family=run.family,
                task=run.task,
                human_minutes=run.human_minutes,
                succeeded=run.succeeded,
                limit_stopped=16 <= run.human_minutes < 64,
            )
            for run in plain
        ]
        a = number(estimate_time_horizon(summarise_runs(plain), alpha=0.05, evidence_digest="d"))
        b = number(estimate_time_horizon(summarise_runs(stopped), alpha=0.05, evidence_digest="d"))
        assert a.upper is not None
        assert b.upper is None or b.upper > a.upper
        assert (a.point, a.lower) == (b.point, b.lower)
        assert b.missing > 0

    def test_a_longer_horizon_belongs_to_a_lower_level(self) -> None:
        summary = summarise_runs(runs(15))
        points = [
            number(
                estimate_time_horizon(
                    summary, alpha=0.05, evidence_digest="d", success_level=level, draws=200
                )
            ).point
            for level in (0.8, 0.5, 0.2)
        ]
        assert points == sorted(points)

    def test_impossible_questions_are_refused(self) -> None:
        with pytest.raises(UsageError):
            estimate_time_horizon(
                summarise_runs(runs(12)), alpha=0.05, evidence_digest="d", success_level=1.0
            )
        with pytest.raises(UsageError):
            summarise_runs([HorizonRun(family="f", task="t", human_minutes=0.0, succeeded=True)])


class TestProved:
    def test_one_epoch_is_clopper_pearson_on_units(self) -> None:
        epochs = {f"item {i}": [1, 1] if i < 4 else [0, 0] for i in range(20)}
        found = number(estimate_one_epoch(epochs=epochs, seed="recorded", alpha=0.05))
        assert found.upper == clopper_pearson_upper(4, 20, 0.05)
        assert found == estimate_one_epoch(
            epochs=dict(reversed(epochs.items())), seed="recorded", alpha=0.05
        )

    def test_a_missing_pick_is_completed_both_ways(self) -> None:
        found = number(
            estimate_one_epoch(epochs={"a": [None], "b": [0], "c": [1]}, seed="s", alpha=0.05)
        )
        assert found.upper == clopper_pearson_upper(2, 3, 0.05)
        assert found.lower == clopper_pearson_lower(1, 3, 0.05)

    def test_nothing_to_pick_is_insufficient(self) -> None:
        assert refusal(estimate_one_epoch(epochs={}, seed="s", alpha=0.05)) == "no_data"
        assert refusal(estimate_one_epoch(epochs={"a": [None]}, seed="s", alpha=0.05)) == (
            "all_missing"
        )
        with pytest.raises(UsageError):
            estimate_one_epoch(epochs={"a": [2]}, seed="s", alpha=0.05)

    def test_failures_are_evidence_and_successes_take_it_back(self) -> None:
        assert e_value([], 0.5) == 1.0
        assert e_value([0.0] * 40, 0.5) > 20 > e_value([0.0] * 4, 0.5)
        assert e_value([1.0] * 5, 0.5) < 1.0
        with pytest.raises(UsageError):
            e_value([0.5], 1.0)

    def test_the_sequential_bound_never_forgets_a_rejection(self) -> None:
        early = e_upper_bound([0.0] * 60, 0.05)
        assert e_upper_bound([0.0] * 60 + [1.0] * 60, 0.05) <= early + 1e-12
        assert e_upper_bound([], 0.05) == 1.0
        for wrong in ([1.5], [float("nan")]):
            with pytest.raises(UsageError):
                e_upper_bound(wrong, 0.05)
        with pytest.raises(UsageError):
            e_upper_bound([0.5], 0.0)

    def test_sequential_estimates_refuse_what_bounds_nothing(self) -> None:
        assert refusal(estimate_sequential(high=[], low=[], alpha=0.05)) == "no_data"
        found = estimate_sequential(high=[1.0], low=[0.0], alpha=0.05, missing=1)
        assert refusal(found) == "all_missing"
        with pytest.raises(UsageError):
            estimate_sequential(high=[0.1], low=[0.2], alpha=0.05)


class TestPowerAndCombination:
    @pytest.mark.parametrize(
        ("line", "n"), [(0.01, 299), (0.05, 59), (0.1, 29), (0.2, 14), (0.3, 9), (0.5, 5), (0.8, 2)]
    )
    def test_fewest_units_without_a_success(self, line: float, n: int) -> None:
        assert fewest_units(line, 0.05) == n
        assert upper_bound([0.0] * n, 0.05) <= line < upper_bound([0.0] * (n - 1), 0.05)

    def test_more_epochs_at_most_double_the_units_at_planning_correlation(self) -> None:
        assert effective_trials(50, 50, 0.5) == 50
        assert 95 < effective_trials(50, 50_000, 0.5) < 100
        assert effective_trials(0, 0, 0.5) == 0.0
        with pytest.raises(UsageError):
            fewest_units(1.0, 0.05)

    def test_simulated_power_is_near_the_formula(self) -> None:
        verdict = judge_line(
            number(
                estimate_proportion(high=[0.0] * 150, low=[0.0] * 150, alpha=0.05, n_samples=600)
            ),
            Line(value=Decimal("0.5"), crossed_when=CrossedWhen.AT_LEAST),
            elicitation="E3c",
            design=Design(p_safe=0.3),
        )
        assert verdict.effective_line is not None
        assert verdict.power_at_safe is not None
        seen = simulated_power(
            safe=0.3,
            line=verdict.effective_line,
            n_units=150,
            epochs=4,
            rho=0.5,
            alpha=0.05,
            seed=3,
            replicates=4000,
        )
        assert verdict.power_at_safe == pytest.approx(seen, abs=0.10)

    def test_simulated_power_knows_its_edges(self) -> None:
        def power(safe: float, rho: float) -> float:
            return simulated_power(
                safe=safe,
                line=0.5,
                n_units=10,
                epochs=2,
                rho=rho,
                alpha=0.05,
                seed=1,
                replicates=200,
            )

        assert power(0.0, 0.0) == 1.0
        assert power(0.5, 1.0) < 0.1
        assert power(0.3, 1.0) < power(0.3, 0.0) < 1.0
        with pytest.raises(UsageError):
            power(1.5, 0.0)

    def test_only_alternatives_share_alpha(self) -> None:
        assert combine_alpha("all_must_rule_out", 8) == 0.05
        assert combine_alpha("any_may_rule_out", 8) == pytest.approx(0.00625)
        assert sum(reassessment_alpha(k) for k in range(1, 5000)) < 0.05
        with pytest.raises(UsageError):
            combine_alpha("any_may_rule_out", 0)
        with pytest.raises(UsageError):
            reassessment_alpha(0)

    def test_combined_outcomes(self) -> None:
        def verdict(successes: int, alpha: float, role: str = "alert") -> Verdict:
            x = [1.0] * successes + [0.0] * (200 - successes)
            line = Line(value=Decimal("0.5"), crossed_when=CrossedWhen.AT_LEAST)
            return judge_line(
                estimate_proportion(high=x, low=x, alpha=alpha), line, role=role, elicitation="E3c"
            )

        out, sharp, unsure, into = (
            verdict(0, 0.05),
            verdict(0, 0.025),
            verdict(90, 0.025),
            verdict(180, 0.025),
        )
        assert all_must_rule_out([out, sharp]) is Outcome.RULED_OUT
        assert all_must_rule_out([out, unsure]) is Outcome.NOT_RULED_OUT
        assert all_must_rule_out([out, into]) is Outcome.RULED_IN
        assert any_may_rule_out([sharp, unsure]) is Outcome.RULED_OUT
        assert any_may_rule_out([out, unsure]) is Outcome.NOT_RULED_OUT
        assert any_may_rule_out([sharp, into]) is Outcome.RULED_IN
        assert all_must_rule_out([]) is any_may_rule_out([]) is Outcome.INVALID


class TestEdges:
    def test_rows_have_lower_bounds_too(self) -> None:
        import numpy as np

        rows = [[0.1, 0.2, 0.3], [0.0, 1.0, 0.5]]
        assert lower_bounds(np.array(rows), 0.05) == pytest.approx(
            [lower_bound(row, 0.05) for row in rows], abs=1e-12
        )

    def test_size_weighted_families_have_their_own_method(self) -> None:
        means = [0.1, 0.2, 0.0, 0.4, 0.3]
        found = number(
            estimate_proportion(
                high=means, low=means, alpha=0.05, weights=[9.0, 1.0, 1.0, 1.0, 2.0]
            )
        )
        assert found.method == "gaffke_beta_weighted"
        assert found.point == pytest.approx((0.9 + 0.2 + 0.4 + 0.6) / 14)
        with pytest.raises(UsageError):
            estimate_proportion(high=means, low=means, alpha=0.05, weights=[1.0])

    def test_a_weighted_mean_of_ones_has_no_upper_bound_below_one(self) -> None:
        assert upper_bound([1.0, 1.0], 0.05, weights=[1.0, 3.0]) == 1.0
        assert p_value([1.0, 1.0], 0.5) == 1.0
        assert p_value([0.2, 0.3], 1.5) == 0.0

    def test_more_tasks_than_listed_are_refused(self) -> None:
        with pytest.raises(UsageError):
            estimate_n_of_m(
                successes=[1, 1], missing=[0, 0], trials=[1, 1], m=1, tasks="fixed", alpha=0.05
            )

    def test_a_wide_printed_interval_is_narrowed_to_what_alpha_needs_on_a_share(self) -> None:
        interval = PrintedInterval(kind=IntervalKind.TWO_SIDED, lower=0.4, upper=0.6, level=0.8)
        found = number(estimate_printed(point=0.5, interval=interval, alpha=0.05))
        assert found.upper == pytest.approx(0.5 + 0.1 * 1.6449 / 1.2816, abs=1e-4)

    def test_an_interval_touching_the_print_implies_one_unit_at_least(self) -> None:
        interval = PrintedInterval(kind=IntervalKind.TWO_SIDED, lower=0.0, upper=0.9)
        assert number(estimate_printed(point=0.0, interval=interval, alpha=0.05)).n_units == 1


class TestProvedUplift:
    def bound(self, treated: list[float], control: list[float], dropped: int = 0) -> Estimate:
        return number(
            estimate_proved_uplift(
                treated=ArmScores(scores=tuple(treated), dropped=dropped),
                control=ArmScores(scores=tuple(control)),
                alpha=0.1,
            )
        )

    def test_scores_between_the_ends_are_bounded_by_bets(self) -> None:
        treated, control = [0.3, 0.4, 0.5] * 20, [0.2, 0.3, 0.4] * 20
        found = self.bound(treated, control)
        arms = [
            number(estimate_betting(high=arm, low=arm, alpha=0.05)) for arm in (treated, control)
        ]
        assert arms[0].upper is not None
        assert arms[1].upper is not None
        assert found.upper == pytest.approx(arms[0].upper / arms[1].lower)
        assert found.lower == pytest.approx(arms[0].lower / arms[1].upper)

    def test_drop_outs_count_against_both_bounds(self) -> None:
        whole = self.bound([0.0, 1.0] * 30, [0.0, 1.0] * 30)
        short = self.bound([0.0, 1.0] * 25, [0.0, 1.0] * 30, dropped=10)
        assert whole.upper is not None
        assert short.upper is not None
        assert short.upper > whole.upper
        assert short.lower < whole.lower
        assert short.missing == 10

    def test_a_control_arm_near_zero_has_no_upper_bound(self) -> None:
        assert self.bound([1.0] * 6, [1e-300] * 6).upper is None

    def test_what_it_cannot_bound_it_refuses(self) -> None:
        some, none = ArmScores(scores=(0.0, 1.0)), ArmScores(scores=())
        zero, beyond = ArmScores(scores=(0.0, 0.0)), ArmScores(scores=(0.0, 2.0))
        for control, reason in (
            (none, InsufficientReason.NO_DATA),
            (zero, InsufficientReason.DEGENERATE),
            (beyond, InsufficientReason.OUT_OF_RANGE),
        ):
            found = estimate_proved_uplift(treated=some, control=control, alpha=0.05)
            assert refusal(found) is reason
        for alpha, score_range in ((0.0, (0.0, 1.0)), (0.05, (-1.0, 1.0)), (0.05, (1.0, 1.0))):
            with pytest.raises(UsageError):
                estimate_proved_uplift(
                    treated=some, control=some, alpha=alpha, score_range=score_range
                )
