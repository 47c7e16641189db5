"""Units carry every doubt as an interval; rule numbers are those of `evidence.units`."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from scalegate.base.errors import UnknownName, UsageError
from scalegate.evidence.eval_log import Detail
from scalegate.evidence.units import cautious_units, merge_units
from tests.unit.evidence.log_making import Run, log


def ends(*runs: Run, **changes: Any) -> list[tuple[float, float]]:
    units = cautious_units(log(list(runs), **changes), "match")
    return list(zip(units.low, units.high, strict=True))


def test_a_clean_score_is_both_ends_rule_1() -> None:
    assert ends(Run(score=0.0), Run(item="b", score=0.4)) == [(0.0, 0.0), (0.4, 0.4)]


@pytest.mark.parametrize(
    "run",
    [
        Run(score=0.0, error="errored"),
        Run(score=0.0, error="cancelled"),
        Run(score=0.0, unscored="absent"),
        Run(score=0.0, limit="token"),
        Run(score=0.5, limit="token"),
        Run(score=0.0, stop="max_tokens"),
        Run(score=0.0, stop="content_filter"),
        Run(score=0.0, is_refused=True),
        Run(score=0.0, note="no_answer"),
        Run(score=0.0, note="invalid_response_format"),
        Run(score=0.0, fallbacks=1),
        Run(score=0.0, is_invalidated=True),
        Run(score=0.0, note="grader_failed"),
        Run(score=7.0),
    ],
)
def test_a_doubtful_failure_could_have_been_a_success_rules_2_3_5(run: Run) -> None:
    units = cautious_units(log([run]), "match")
    assert (units.low, units.high, units.n_missing) == ((0.0,), (1.0,), 1)


@pytest.mark.parametrize(
    "run",
    [Run(limit="token"), Run(stop="max_tokens"), Run(is_refused=True), Run(error="errored")],
)
def test_a_success_in_spite_of_a_blemish_stays_a_success_rule_4(run: Run) -> None:
    units = cautious_units(log([run]), "match")
    assert (units.low, units.high, units.n_missing) == ((1.0,), (1.0,), 1)


@pytest.mark.parametrize(
    "run", [Run(is_invalidated=True), Run(note="scoring_failed"), Run(score=1.01)]
)
def test_a_void_success_counts_for_neither_side_rule_5(run: Run) -> None:
    assert ends(run) == [(0.0, 1.0)]


def test_for_a_safeguard_the_worse_news_is_failure() -> None:
    runs = [Run(limit="token"), Run(item="b", limit="token", score=0.0)]
    units = cautious_units(log(runs), "match", cautious="failure")
    assert list(zip(units.low, units.high, strict=True)) == [(0.0, 1.0), (0.0, 0.0)]
    assert units.worse == units.low


def test_absent_items_and_epochs_are_open_rule_6() -> None:
    assert ends(Run(), planned_ids=("a", "b")) == [(1.0, 1.0), (0.0, 1.0)]
    assert ends(Run(), planned_epochs=4) == [(0.25, 1.0)]


def test_items_that_no_list_names_are_units_too_rule_9() -> None:
    units = cautious_units(log([Run(), Run(item="?1")], planned_id_count=4), "match")
    assert units.unit_ids == ("?1", "?2", "?3", "a")
    assert (units.n_units, units.n_attempts, units.n_missing) == (4, 4, 2)


def test_an_evaluation_plan_can_ask_for_more_than_the_header_rule_9() -> None:
    units = cautious_units(log([Run()]), "match", planned_samples=2, planned_epochs=2)
    assert (units.low, units.high) == ((0.0, 0.5), (1.0, 1.0))


def test_a_lost_run_gives_way_to_a_retry_rule_7() -> None:
    assert ends(Run(uuid="1", error="errored", score=0.0), Run(uuid="2", score=0.0)) == [(0.0, 0.0)]


def test_a_cut_run_does_not_give_way_rule_7() -> None:
    assert ends(Run(uuid="1", limit="time", score=0.0), Run(uuid="2", score=0.0)) == [(0.0, 1.0)]


def test_two_answers_to_one_attempt_are_an_interval_never_the_best_rule_7() -> None:
    units = cautious_units(log([Run(uuid="1"), Run(uuid="2", score=0.0)]), "match")
    assert (units.low, units.high, units.n_missing) == ((0.0,), (1.0,), 1)


def test_the_same_run_twice_counts_once_rule_8() -> None:
    assert ends(Run(uuid="1"), Run(uuid="1")) == [(1.0, 1.0)]


def test_a_run_under_two_items_counts_for_the_first_only_rule_8() -> None:
    assert ends(Run(uuid="1", score=0.0), Run(item="b", uuid="1", score=0.0)) == [
        (0.0, 0.0),
        (0.0, 1.0),
    ]


def test_families_are_means_over_their_items_rule_10() -> None:
    runs = [
        Run(family="f"),
        Run(item="b", family="f", score=0.0),
        Run(item="c"),
    ]
    units = cautious_units(log(runs, planned_ids=("a", "b", "c", "d")), "match",
                           family_key="family")  # fmt: skip
    assert units.unit_ids == ("family f", "item c", "item d")
    assert units.low == (0.5, 1.0, 0.0)
    assert units.high == (0.5, 1.0, 1.0)
    assert units.items == (2, 1, 1)


def test_the_best_of_k_epochs_can_be_asked_for() -> None:
    runs = [Run(score=0.0), Run(epoch=2), Run(item="b", score=0.0)]
    units = cautious_units(log(runs, planned_epochs=2), "match", over_epochs="max")
    assert list(zip(units.low, units.high, strict=True)) == [(1.0, 1.0), (0.0, 1.0)]


@pytest.mark.parametrize(("solved", "k"), [(0, 2), (1, 2), (3, 2), (2, 4), (5, 5), (1, 1)])
def test_the_best_of_k_is_the_mean_over_every_choice_of_k(solved: int, k: int) -> None:
    scores = [1.0] * solved + [0.0] * (5 - solved)
    runs = [Run(epoch=number, score=score) for number, score in enumerate(scores, 1)]
    units = cautious_units(log(runs, planned_epochs=5), "match", over_epochs="max", best_of=k)
    every = [max(choice) for choice in combinations(scores, k)]
    assert units.low == units.high
    assert units.low[0] == pytest.approx(sum(every) / len(every))


def test_attempts_that_are_wanting_for_the_best_of_k_are_missing_and_not_failed() -> None:
    runs = [Run(score=0.0), Run(item="b", score=1.0)]
    units = cautious_units(log(runs), "match", over_epochs="max", best_of=3)
    assert list(zip(units.low, units.high, strict=True)) == [(0.0, 1.0), (1.0, 1.0)]
    assert units.missing == (2, 2)
    with pytest.raises(UsageError, match="best of so many"):
        cautious_units(log(runs), "match", best_of=3)


def test_a_log_without_the_score_is_open_throughout() -> None:
    assert ends(Run(), has_score=False) == [(0.0, 1.0)]


def test_units_refuse_what_they_cannot_mean() -> None:
    whole = log([Run()])
    cheap = replace(whole, samples=replace(whole.samples, detail=Detail.SCORES))
    with pytest.raises(UsageError, match="need the whole log"):
        cautious_units(cheap, "match")
    with pytest.raises(UnknownName, match="unknown score"):
        cautious_units(whole, "other")
    with pytest.raises(UnknownName, match="metadata column"):
        cautious_units(whole, "match", family_key="topic")
    with pytest.raises(UsageError, match="range"):
        cautious_units(whole, "match", score_range=(1.0, 1.0))


def test_only_units_of_the_same_measure_merge() -> None:
    left = cautious_units(log([Run()]), "match")
    with pytest.raises(UsageError, match="do not measure the same"):
        merge_units([left, cautious_units(log([Run()], model="lab/m-2"), "match")])
    with pytest.raises(UsageError, match="nothing to merge"):
        merge_units([])
