"""Laws of estimates: order, partition, cautious completion, complements, monotony."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import clopper_pearson_upper, lower_bound, upper_bound
from scalegate.estimate.horizon import HorizonRun, merge_runs, summarise_runs
from scalegate.estimate.model import (
    Allowance,
    AllowanceComponent,
    CrossedWhen,
    Design,
    Estimate,
    Line,
    Outcome,
)
from scalegate.estimate.proportion import estimate_proportion
from scalegate.estimate.proved import e_upper_bound
from scalegate.estimate.summary import Sample, Summary, completed, merge, summarise, unit_means
from scalegate.estimate.verdict import judge_line

SCORES = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1), st.sampled_from([0.1, 0.2, 0.7]))
ALPHAS = st.sampled_from([0.05, 0.01, 0.025, 0.2])
VALUES = st.lists(SCORES, max_size=40)


class TestBound:
    """The bound is a bound: inside [0, 1], around the mean, whatever the values."""

    @given(VALUES, ALPHAS)
    def test_bounds_stay_in_range_and_enclose_the_mean(self, x: list[float], alpha: float) -> None:
        lower, upper = lower_bound(x, alpha), upper_bound(x, alpha)
        assert 0.0 <= lower <= upper <= 1.0
        assert lower < upper
        if x:
            assert lower - 1e-12 <= sum(x) / len(x) <= upper + 1e-12

    @given(VALUES, ALPHAS, st.randoms())
    def test_order_does_not_change_a_bit(self, x: list[float], alpha: float, rng: Any) -> None:
        shuffled = list(x)
        rng.shuffle(shuffled)
        assert upper_bound(shuffled, alpha) == upper_bound(x, alpha)
        assert lower_bound(shuffled, alpha) == lower_bound(x, alpha)

    @given(st.lists(SCORES, min_size=1, max_size=40), ALPHAS)
    def test_bounds_of_complements_mirror_each_other(self, x: list[float], alpha: float) -> None:
        mirrored = upper_bound([1.0 - value for value in x], alpha)
        assert lower_bound(x, alpha) == pytest.approx(1.0 - mirrored, abs=1e-9)

    @given(st.lists(st.booleans(), max_size=300), ALPHAS)
    def test_zero_one_units_give_clopper_pearson(self, x: list[bool], alpha: float) -> None:
        exact = clopper_pearson_upper(sum(x), len(x), alpha)
        assert upper_bound([float(value) for value in x], alpha) == pytest.approx(exact, abs=1e-9)

    @given(VALUES, ALPHAS, st.data())
    def test_turning_a_failed_unit_into_a_solved_one_never_lowers_the_bound(
        self, x: list[float], alpha: float, data: st.DataObject
    ) -> None:
        place = data.draw(st.integers(0, len(x)))
        failed, solved = [*x[:place], 0.0, *x[place:]], [*x[:place], 1.0, *x[place:]]
        assert upper_bound(solved, alpha) >= upper_bound(failed, alpha) - 1e-9

    @given(st.lists(SCORES, min_size=10, max_size=40), st.data())
    def test_raising_one_of_ten_or_more_units_never_lowers_the_bound_by_a_visible_amount(
        self, x: list[float], data: st.DataObject
    ) -> None:
        """Exact monotony does not hold for the matched Beta; the docs give the measured size."""
        place = data.draw(st.integers(0, len(x) - 1))
        raised = list(x)
        raised[place] = data.draw(st.floats(x[place], 1.0))
        assert upper_bound(raised, 0.05) >= upper_bound(x, 0.05) - 0.003

    @given(VALUES, st.floats(0.001, 0.1))
    def test_a_smaller_error_gives_a_wider_bound(self, x: list[float], alpha: float) -> None:
        assert upper_bound(x, alpha) >= upper_bound(x, alpha * 2) - 1e-12

    @given(st.lists(SCORES, max_size=12))
    @settings(max_examples=25, deadline=None)
    def test_the_sequential_bound_only_falls_as_units_arrive(self, x: list[float]) -> None:
        bounds = [e_upper_bound(x[:count], 0.05) for count in range(len(x) + 1)]
        assert bounds == sorted(bounds, reverse=True)


NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f"])
SAMPLES = st.lists(
    st.builds(
        Sample, path=st.tuples(NAMES, NAMES), score=st.one_of(st.none(), SCORES, st.floats(0, 1))
    ),
    max_size=60,
)


class TestPartition:
    """Law 8: any partition of the samples, merged in any order, gives the same estimate."""

    @given(SAMPLES, st.lists(st.integers(0, 4), min_size=60, max_size=60), st.randoms())
    def test_partition_and_order_do_not_change_a_bit(
        self, samples: list[Sample], places: list[int], rng: Any
    ) -> None:
        whole = summarise(samples)
        shards: list[list[Sample]] = [[] for _ in range(5)]
        for sample, place in zip(samples, places, strict=False):
            shards[place].append(sample)
        for shard in shards:
            rng.shuffle(shard)
        rng.shuffle(shards)
        merged = reduce(merge, [summarise(shard) for shard in shards])
        assert merged == whole
        for level in (1, 2):
            assert self.estimate(merged, level) == self.estimate(whole, level)

    @staticmethod
    def estimate(summary: Summary, level: int) -> object:
        means = unit_means(summary, level=level)
        return estimate_proportion(
            high=means.high,
            low=means.low,
            alpha=0.05,
            n_samples=means.n_samples,
            missing=means.missing,
        )

    @given(
        st.lists(
            st.tuples(NAMES, NAMES, st.sampled_from([1.0, 8.0, 90.0]), st.booleans(), st.booleans())
        ),
        st.integers(0, 50),
    )
    def test_horizon_runs_merge_the_same_way(
        self, rows: list[tuple[str, str, float, bool, bool]], cut: int
    ) -> None:
        runs = [
            HorizonRun(family=f, task=t, human_minutes=m, succeeded=s, limit_stopped=stop)
            for f, t, m, s, stop in rows
        ]
        a, b = summarise_runs(runs[:cut]), summarise_runs(runs[cut:])
        assert merge_runs(a, b) == merge_runs(b, a) == summarise_runs(runs)


class TestCautiousCompletion:
    """Missing data only widens: the upper bound rises, the lower bound falls."""

    @given(
        st.lists(st.lists(st.booleans(), min_size=1, max_size=4), min_size=1, max_size=14),
        st.data(),
    )
    def test_losing_samples_never_narrows_a_bound(
        self, items: list[list[bool]], data: st.DataObject
    ) -> None:
        full = [
            Sample(path=(f"i{i}",), score=float(won))
            for i, item in enumerate(items)
            for won in item
        ]
        gone = data.draw(st.sets(st.integers(0, len(full) - 1)))
        lossy = [
            Sample(path=sample.path, score=None) if index in gone else sample
            for index, sample in enumerate(full)
        ]
        before = TestPartition.estimate(summarise(full), 1)
        after = TestPartition.estimate(summarise(lossy), 1)
        assert isinstance(before, Estimate)
        if not isinstance(after, Estimate):
            assert len(gone) == len(full)
            return
        assert after.upper is not None
        assert before.upper is not None
        assert after.upper >= before.upper - 0.003
        assert after.lower <= before.lower + 0.003

    @given(st.lists(SCORES, min_size=1, max_size=12), st.integers(1, 5))
    def test_a_planned_sample_that_is_absent_is_a_missing_one(
        self, scores: list[float], absent: int
    ) -> None:
        seen = summarise([Sample(path=("i", str(n)), score=s) for n, s in enumerate(scores)])
        plan: dict[tuple[str, ...], int] = {("i", str(n)): 1 for n in range(len(scores) + absent)}
        filled = completed(seen, plan)
        assert filled.missing == absent
        assert filled.n_samples == len(scores) + absent
        assert completed(filled, plan) == filled


class TestVerdict:
    """The rule is monotone, and nothing is ruled out without evidence of elicitation."""

    @given(
        st.integers(0, 120),
        st.integers(1, 120),
        st.decimals(0, 1, places=3),
        st.sampled_from(list(CrossedWhen)),
        st.sampled_from(["rule_out", "alert"]),
    )
    def test_without_elicitation_nothing_is_ruled_out(
        self, k: int, n: int, value: Decimal, crossed_when: CrossedWhen, role: str
    ) -> None:
        x = [1.0] * min(k, n) + [0.0] * max(0, n - k)
        found = estimate_proportion(high=x, low=x, alpha=0.05)
        verdict = judge_line(found, Line(value=value, crossed_when=crossed_when), role=role)
        assert verdict.outcome is not Outcome.RULED_OUT

    @given(
        st.integers(0, 100), st.floats(0, 4), st.floats(0, 2), st.decimals("0.05", "0.95", places=2)
    )
    def test_a_larger_allowance_never_clears_more(
        self, k: int, gap: float, more: float, value: Decimal
    ) -> None:
        x = [1.0] * k + [0.0] * (100 - k)
        found = estimate_proportion(high=x, low=x, alpha=0.05)
        line = Line(value=value, crossed_when=CrossedWhen.AT_LEAST)

        def clears(amount: float) -> bool:
            item = Allowance(component=AllowanceComponent.ELICITATION, amount=amount, evidence="x")
            verdict = judge_line(
                found, line, elicitation="E3c", allowances=(item,), design=Design(p_safe=0.01)
            )
            return verdict.outcome is Outcome.RULED_OUT

        assert clears(gap) or not clears(gap + more)

    @given(st.integers(0, 99), st.decimals("0.05", "0.95", places=2))
    def test_one_more_success_never_clears_more(self, k: int, value: Decimal) -> None:
        line = Line(value=value, crossed_when=CrossedWhen.AT_LEAST)

        def clears(successes: int) -> bool:
            x = [1.0] * successes + [0.0] * (100 - successes)
            found = estimate_proportion(high=x, low=x, alpha=0.05)
            return judge_line(found, line, elicitation="E3b").outcome is Outcome.RULED_OUT

        assert clears(k) or not clears(k + 1)

    @given(st.integers(0, 60), st.decimals("0.05", "0.95", places=2))
    def test_both_directions_mirror_each_other(self, k: int, value: Decimal) -> None:
        x = [1.0] * k + [0.0] * (60 - k)
        up = estimate_proportion(high=x, low=x, alpha=0.05)
        mirrored = [1.0 - value for value in x]
        down = estimate_proportion(high=mirrored, low=mirrored, alpha=0.05)
        a = judge_line(
            up,
            Line(value=value, crossed_when=CrossedWhen.AT_LEAST),
            role="alert",
            elicitation="E3c",
        )
        b = judge_line(
            down,
            Line(value=1 - value, crossed_when=CrossedWhen.AT_MOST),
            role="alert",
            elicitation="E3c",
        )
        assert a.outcome is b.outcome


def test_samples_that_cannot_be_counted_are_refused() -> None:
    for wrong in (Sample(path=(), score=1.0), Sample(path=("a",), score=float("nan"))):
        with pytest.raises(UsageError):
            summarise([wrong])
    with pytest.raises(UsageError):
        unit_means(summarise([Sample(path=("a",), score=1.0)]), level=2)
