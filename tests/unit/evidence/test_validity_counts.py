"""Every blemish is counted apart, and `success` hides none of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scalegate.base.errors import UnknownName, UsageError
from scalegate.evidence.eval_log import Detail, FlagKind, ReportedMetric
from scalegate.evidence.recompute import header_mismatches, mean_of
from scalegate.evidence.validity import (
    Expectation,
    check_log,
    check_together,
    is_same_model,
)
from tests.unit.evidence.log_making import Run, header, log, table

CLEAN = Run(item="z")


@pytest.mark.parametrize(
    ("run", "kind", "where"),
    [
        (Run(error="errored"), FlagKind.ERRORED, None),
        (Run(error="cancelled"), FlagKind.CANCELLED, None),
        (Run(limit="token"), FlagKind.LIMIT, "token"),
        (Run(limit="message"), FlagKind.LIMIT, "message"),
        (Run(limit="time"), FlagKind.LIMIT, "time"),
        (Run(stop="max_tokens"), FlagKind.TRUNCATED, "max_tokens"),
        (Run(stop="model_length"), FlagKind.TRUNCATED, "model_length"),
        (Run(stop="content_filter"), FlagKind.FILTERED, "content_filter"),
        (Run(is_refused=True), FlagKind.REFUSED, None),
        (Run(note="no_answer"), FlagKind.REFUSED, None),
        (Run(unscored="not_a_number"), FlagKind.UNSCORED, "not_a_number"),
        (Run(unscored="absent"), FlagKind.UNSCORED, "absent"),
        (Run(note="grader_failed"), FlagKind.INSTRUMENT, "grader_failed"),
        (Run(note="invalid_response_format"), FlagKind.BAD_FORMAT, None),
        (Run(score=1.5), FlagKind.OUT_OF_RANGE, None),
        (Run(score=-0.1), FlagKind.OUT_OF_RANGE, None),
        (Run(is_invalidated=True), FlagKind.INVALIDATED, None),
        (Run(fallbacks=2), FlagKind.FALLBACK, "model_fallbacks"),
    ],
)
def test_one_blemished_sample_is_counted_once_and_is_not_clean(
    run: Run, kind: FlagKind, where: str | None
) -> None:
    report = check_log(log([run, CLEAN]), scorer="match")
    assert report.count(kind, where) == 1
    assert report.kinds == {kind}
    assert report.clean == 1
    assert report.rows == 2


def test_a_clean_log_raises_no_flag() -> None:
    report = check_log(log([Run(), CLEAN]), scorer="match")
    assert (report.flags, report.clean) == ((), 2)


def test_a_sample_with_two_blemishes_is_counted_under_both() -> None:
    report = check_log(log([Run(limit="token", stop="max_tokens")]), scorer="match")
    assert report.kinds == {FlagKind.LIMIT, FlagKind.TRUNCATED}
    assert report.clean == 0


@pytest.mark.parametrize(
    ("run", "kind"),
    [(Run(is_edited=True), FlagKind.SCORE_EDITED), (Run(retries=1), FlagKind.RETRIED)],
)
def test_an_edited_or_retried_sample_is_flagged_though_its_score_stands(
    run: Run, kind: FlagKind
) -> None:
    report = check_log(log([run]), scorer="match")
    assert report.count(kind) == 1
    assert report.clean == 1


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"status": "error"}, FlagKind.STATUS),
        ({"status": "cancelled"}, FlagKind.STATUS),
        ({"is_finished": False}, FlagKind.UNFINISHED),
        ({"is_invalidated": True}, FlagKind.LOG_INVALIDATED),
        ({"is_subset": True, "subset": "limit 1", "dataset_size": 9}, FlagKind.SUBSET),
        ({"has_early_stopping": True}, FlagKind.EARLY_STOPPED),
        ({"config_update_count": 2}, FlagKind.CONFIG_CHANGED),
        ({"is_revision_dirty": True}, FlagKind.DIRTY_CODE),
        ({"planned_id_count": 3}, FlagKind.MISSING_SAMPLES),
        ({"planned_ids": ("a", "q")}, FlagKind.MISSING_SAMPLES),
        ({"planned_epochs": 3}, FlagKind.MISSING_EPOCHS),
        ({"planned_ids": (), "model": "lab/other"}, FlagKind.REPORTED_MODEL),
    ],
)
def test_a_fault_of_the_whole_run_is_flagged(changes: dict[str, Any], kind: FlagKind) -> None:
    assert check_log(log([Run()], **changes), scorer="match").kinds == {kind}


def test_missing_samples_and_epochs_are_counted_against_the_header() -> None:
    report = check_log(
        log([Run(), Run(epoch=2), Run(item="b")], planned_ids=("a", "b", "c"), planned_epochs=2),
        scorer="match",
    )
    assert report.count(FlagKind.MISSING_SAMPLES, "header") == 1
    assert report.count(FlagKind.MISSING_EPOCHS, "header") == 1


def test_a_log_without_samples_says_so() -> None:
    report = check_log(log([], has_score=False, planned_id_count=5), scorer="match")
    assert {FlagKind.NO_SAMPLES, FlagKind.MISSING_SAMPLES} <= report.kinds
    assert report.count(FlagKind.MISSING_SAMPLES) == 5


def test_a_log_without_any_score_counts_every_sample_as_unscored() -> None:
    report = check_log(log([Run(), CLEAN], has_score=False), scorer="match")
    assert report.count(FlagKind.UNSCORED, "no_such_score") == 2
    assert report.clean == 0


def test_duplicates_are_counted_by_uuid_and_by_item_and_epoch() -> None:
    runs = [Run(uuid="u"), Run(item="b", uuid="u"), Run(item="b", uuid="v")]
    report = check_log(log(runs), scorer="match")
    assert report.count(FlagKind.DUPLICATE_UUID) == 1
    assert report.count(FlagKind.DUPLICATE_KEY) == 1


def test_samples_of_two_models_are_mixed() -> None:
    report = check_log(log([Run(), Run(item="b", model="m-2")]), scorer="match")
    assert report.count(FlagKind.MIXED_MODELS, "output.model") == 2
    assert report.count(FlagKind.REPORTED_MODEL) == 1


@pytest.mark.parametrize(
    ("asked", "reported", "same"),
    [
        ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18", True),
        ("openai/gpt-4o", "gpt-4o-mini", False),
        ("openai/gpt-4o", "gpt-4o", True),
        ("mistral/mistral-large-latest", "mistral-large-2411", True),
        ("anthropic/claude-opus-4", "claude-sonnet-4", False),
        ("openai/azure/gpt-4o", "gpt-4o", True),
        ("a/Model", "model", True),
        ("azureai/Meta-Llama-3-1-405B-Instruct-jqf", "Meta-Llama-3-405B-Instruct", False),
    ],
)
def test_a_reported_model_may_only_add_a_date_or_version(
    asked: str, reported: str, same: bool
) -> None:
    assert is_same_model(asked, reported) is same


def test_the_plan_is_compared_field_by_field() -> None:
    plan = Expectation(
        name="run-1",
        task="other",
        task_version="2",
        comparability_version="7",
        model="lab/m-2",
        dataset_name="e",
        dataset_ids_digest="f",
        epochs=4,
        samples=10,
    )
    report = check_log(log([Run()]), scorer="match", plan=plan)
    wheres = {flag.where for flag in report.flags if flag.kind is FlagKind.PLAN_MISMATCH}
    assert wheres == {
        "eval.task",
        "eval.task_version",
        "comparability version",
        "eval.model",
        "eval.dataset.name",
        "eval.dataset.sample_ids",
        "eval.config.epochs",
    }
    assert report.count(FlagKind.MISSING_SAMPLES, "run-1") == 9
    assert report.count(FlagKind.MISSING_EPOCHS, "run-1") == 3


def test_samples_that_no_plan_names_are_counted() -> None:
    plan = Expectation(name="p", item_ids=("a", "b"))
    report = check_log(log([Run(), Run(item="x")]), scorer="match", plan=plan)
    assert report.count(FlagKind.UNPLANNED, "p") == 1
    assert report.count(FlagKind.MISSING_SAMPLES, "p") == 1


def test_a_plan_that_is_met_adds_nothing() -> None:
    plan = Expectation(name="p", task="task", samples=1, epochs=1, allows_early_stopping=True)
    report = check_log(log([Run()], has_early_stopping=True), scorer="match", plan=plan)
    assert report.flags == ()


def test_logs_of_different_runs_do_not_belong_together() -> None:
    left, right = log([Run()]), log([Run()], model="lab/m-2", task_version="2")
    assert {flag.kind for flag in check_together([left, right])} == {
        FlagKind.MIXED_MODELS,
        FlagKind.PLAN_MISMATCH,
    }
    assert check_together([left, left]) == ()


def test_asking_for_an_unknown_score_is_refused() -> None:
    with pytest.raises(UnknownName) as caught:
        check_log(log([Run()]), scorer="includes")
    assert caught.value.known == ("match",)


def test_summaries_alone_are_not_enough_for_a_validity_check() -> None:
    whole = log([Run()])
    cheap = replace(whole, samples=replace(whole.samples, detail=Detail.SCORES))
    with pytest.raises(UsageError, match="needs the whole log"):
        check_log(cheap, scorer="match")


def metric(value: float | None, *, name: str = "accuracy", reducer: str = "") -> ReportedMetric:
    return ReportedMetric(score="match", scorer="match", reducer=reducer, metric=name, value=value)


def test_a_stated_accuracy_that_follows_from_the_samples_is_no_mismatch() -> None:
    samples = table([Run(), Run(epoch=2, score=0.0), Run(item="b")])
    assert (
        header_mismatches(
            header(reported_metrics=(metric(0.75),), planned_epochs=2, dataset_size=2), samples
        )
        == ()
    )


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"reported_metrics": (metric(0.9),)}, "results.scores.match.accuracy"),
        ({"reported_metrics": (metric(None),)}, "results.scores.match.accuracy"),
        ({"reported_total": 2}, "results.total_samples"),
        ({"planned_id_count": 2}, "results.total_samples"),
        ({"reported_completed": 0}, "results.completed_samples"),
        ({"dataset_size": 50}, "eval.dataset.samples"),
    ],
)
def test_what_the_samples_do_not_bear_out_is_a_mismatch(
    changes: dict[str, Any], where: str
) -> None:
    found = header_mismatches(header(**changes), table([Run()]))
    assert [(flag.kind, flag.where) for flag in found] == [(FlagKind.HEADER_MISMATCH, where)]


def test_an_epoch_beyond_the_planned_ones_is_a_mismatch() -> None:
    found = header_mismatches(header(), table([Run(epoch=4)]))
    assert [flag.where for flag in found] == ["eval.config.epochs"]


@pytest.mark.parametrize(
    "changes",
    [
        {"reported_metrics": (metric(0.9, name="stderr"),)},
        {"reported_metrics": (metric(0.9, reducer="pass_at_2"),)},
        {"reported_metrics": (metric(0.9),), "epochs_reducers": ("max",)},
    ],
)
def test_metrics_that_are_not_plain_means_are_not_compared(changes: dict[str, Any]) -> None:
    assert header_mismatches(header(**changes), table([Run()])) == ()


def test_a_mean_of_an_entry_score_is_not_compared_with_the_whole() -> None:
    samples = table([Run()], name="match/a")
    assert header_mismatches(header(reported_metrics=(metric(0.9),)), samples) == ()


def test_a_mean_without_a_scored_row_is_no_number() -> None:
    samples = table([Run(unscored="null")])
    assert mean_of(samples, samples.scores[0]) is None
    found = header_mismatches(header(reported_metrics=(metric(0.5),)), samples)
    assert found[0].got == "no scored sample"


def test_the_mean_is_over_items_first_however_many_of_their_epochs_were_scored() -> None:
    runs = [
        Run(item="a", epoch=1, score=1.0),
        Run(item="a", epoch=2, score=0.0),
        Run(item="a", epoch=3, score=0.0, unscored="null"),
        Run(item="b", epoch=1, score=1.0),
        Run(item="c", epoch=1, score=0.25),
        Run(item="c", epoch=2, score=0.5, unscored="text"),
        Run(item="d", epoch=1, score=0.0, unscored="null"),
    ]
    samples = table(runs)
    assert mean_of(samples, samples.scores[0]) == (0.5 + 1.0 + 0.25) / 3
