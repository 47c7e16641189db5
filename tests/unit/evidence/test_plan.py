"""A planned run that is absent or short is reported, never skipped (design, law 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.evidence.documents.plans import Plan
from scalegate.evidence.plan import Missing, ObservedRun, Shortfall, missing_from
from tests.unit.evidence.registry import document

DIGEST = "ab" * 32
PLAN = document(
    "plan",
    "model:new",
    f"""
runs:
  - id: virology
    eval: {{name: virology, task_version: "2", dataset_sha256: {DIGEST}}}
    tested: checkpoint:new/helpful
    samples: 120
    epochs: 4
    elicitation: E2
    answers: [anthropic-rsp@2.2/CBRN-3]
  - id: coding
    eval: {{name: coding, harness: inspect-ai, harness_version: "0.3"}}
    samples: 10
    elicitation: E0
    answers: [anthropic-rsp@2.2/AI-RND-4]
committed_at: 2026-01-10T12:00:00Z
""",
).payload_as(Plan)
OPEN = PLAN.model_copy(update={"is_complete": False})
COUNTS_ON = frozenset({"checkpoint:new/helpful", "checkpoint:new/final"})
START = datetime(2026, 1, 11, tzinfo=UTC)
VIROLOGY = ObservedRun(
    digest="1" * 64,
    name="virology",
    taken_on="checkpoint:new/helpful",
    task_version="2",
    dataset_sha256=DIGEST,
    scored_samples=120,
    epochs=4,
    elicitation="E2",
    started_at=START,
)
CODING = ObservedRun(
    digest="2" * 64,
    name="coding",
    taken_on="checkpoint:new/final",
    harness="inspect-ai",
    harness_version="0.3",
    scored_samples=10,
    started_at=START,
)


def missing_of(plan: Plan, observed: Iterable[ObservedRun]) -> tuple[Missing, ...]:
    (found,) = missing_from([(plan, COUNTS_ON)], observed)
    return found


def told(*observed: ObservedRun, plan: Plan = PLAN) -> list[tuple[Shortfall, str | None]]:
    return [(missing.shortfall, missing.planned) for missing in missing_of(plan, observed)]


def test_a_plan_that_was_carried_out_misses_nothing() -> None:
    assert told(VIROLOGY, CODING) == []
    assert told(CODING, VIROLOGY, VIROLOGY) == []


def test_every_planned_run_that_is_absent_is_reported_with_what_it_should_answer() -> None:
    found = missing_of(PLAN, ())
    assert [(each.shortfall, each.planned, each.is_blocking) for each in found] == [
        (Shortfall.ABSENT, "virology", True),
        (Shortfall.ABSENT, "coding", True),
    ]
    assert found[0].answers == ("anthropic-rsp@2.2/CBRN-3",)
    assert found[0].expected == "`virology`, 120 samples x 4 epochs at E2"
    assert found[0].got == "nothing"


@pytest.mark.parametrize(
    ("change", "shortfall", "expected", "got"),
    [
        ({"scored_samples": 119}, Shortfall.FEWER_SAMPLES, "120 samples", "119 scored"),
        ({"epochs": 3}, Shortfall.FEWER_EPOCHS, "4 epochs", "3"),
        ({"elicitation": "E1"}, Shortfall.LOWER_ELICITATION, "E2", "E1"),
        ({"task_version": "3"}, Shortfall.OTHER_VERSION, "task version `2`", "`3`"),
        ({"task_version": None}, Shortfall.OTHER_VERSION, "task version `2`", "unknown"),
        ({"dataset_sha256": "cd" * 32}, Shortfall.OTHER_VERSION, f"dataset `{DIGEST}`",
         f"`{'cd' * 32}`"),
    ],
)  # fmt: skip
def test_what_is_less_or_other_than_planned_is_reported(
    change: dict, shortfall: Shortfall, expected: str, got: str
) -> None:
    (found,) = missing_of(PLAN, (replace(VIROLOGY, **change), CODING))
    assert (found.shortfall, found.expected, found.got) == (shortfall, expected, got)
    assert found.observed == VIROLOGY.digest
    assert found.is_blocking


def test_every_amount_that_is_short_is_reported_for_the_best_run() -> None:
    worst = replace(VIROLOGY, digest="3" * 64, scored_samples=1, epochs=1, elicitation="E0")
    assert told(worst, CODING) == [
        (Shortfall.FEWER_SAMPLES, "virology"),
        (Shortfall.FEWER_EPOCHS, "virology"),
        (Shortfall.LOWER_ELICITATION, "virology"),
    ]
    assert told(worst, VIROLOGY, CODING) == [(Shortfall.REPEATED, "virology")]


def test_repeated_attempts_are_listed_and_one_that_nothing_binds_blocks() -> None:
    first = replace(VIROLOGY, model="lab/m")
    again = replace(first, digest="5" * 64)
    aside = replace(first, digest="6" * 64, taken_on=None)
    other = replace(aside, digest="7" * 64, model="lab/another")
    found = missing_of(PLAN, (first, again, aside, other, CODING))
    assert [(each.shortfall, each.observed, each.is_blocking) for each in found] == [
        (Shortfall.REPEATED, "5" * 64, False),
        (Shortfall.LEFT_OUT, "6" * 64, True),
        (Shortfall.EXTRA, "7" * 64, False),
    ]


@pytest.mark.parametrize("taken_on", ["checkpoint:new/final", "checkpoint:other", None])
def test_a_run_on_another_checkpoint_meets_nothing(taken_on: str | None) -> None:
    other = replace(VIROLOGY, taken_on=taken_on)
    assert told(other, CODING) == [(Shortfall.ABSENT, "virology"), (Shortfall.EXTRA, None)]


def test_a_run_on_another_model_does_not_meet_a_plan_that_leaves_the_checkpoint_open() -> None:
    foreign = replace(CODING, taken_on="checkpoint:old/final")
    assert (Shortfall.ABSENT, "coding") in told(VIROLOGY, foreign)


@pytest.mark.parametrize("started_at", [datetime(2026, 1, 10, 11, 59, tzinfo=UTC), None])
def test_a_run_that_started_before_the_plan_meets_nothing(started_at: datetime | None) -> None:
    early = replace(VIROLOGY, started_at=started_at)
    assert told(early, CODING) == [
        (Shortfall.ABSENT, "virology"),
        (Shortfall.BEFORE_PLAN, "virology"),
    ]


def test_a_run_that_nobody_planned_is_reported_and_blocks_nothing() -> None:
    extra = replace(CODING, digest="4" * 64, name="something\x1b[31m else")
    (found,) = missing_of(PLAN, (VIROLOGY, CODING, extra))
    assert (found.shortfall, found.observed, found.is_blocking) == (
        Shortfall.EXTRA,
        extra.digest,
        False,
    )
    assert "\x1b" not in found.got
    early = replace(extra, started_at=None)
    assert told(VIROLOGY, CODING, early) == [(Shortfall.BEFORE_PLAN, None)]


def test_a_plan_that_does_not_claim_to_be_complete_reports_no_extra_runs() -> None:
    extra = replace(CODING, digest="4" * 64, name="something else")
    assert told(VIROLOGY, CODING, extra, replace(extra, started_at=None), plan=OPEN) == []


def test_a_difference_is_a_value() -> None:
    found = missing_of(PLAN, ())
    assert all(isinstance(each, Missing) for each in found)
    assert found == missing_of(PLAN, ())


# --- one observed run meets one planned run -------------------------------------------------------


def of_sizes(planned: list[int], observed: list[int]) -> tuple[Plan, list[ObservedRun]]:
    """Return a plan of runs of one evaluation with these samples, and runs with these."""
    runs = tuple(
        PLAN.runs[1].model_copy(update={"id": f"r{at}", "samples": size})
        for at, size in enumerate(planned)
    )
    seen = [
        replace(CODING, digest=f"{at:064x}", scored_samples=size)
        for at, size in enumerate(observed)
    ]
    return PLAN.model_copy(update={"runs": runs}), seen


def test_one_run_does_not_meet_two_planned_ones_of_any_plans() -> None:
    plan, (run,) = of_sizes([10, 10], [10])
    assert told(run, plan=plan) == [(Shortfall.ABSENT, "r1")]
    once, _ = of_sizes([10], [])
    (first,), (second,) = (of_sizes([10], [10])[1], of_sizes([10], [10, 20])[1][1:])
    both = [(once, COUNTS_ON), (once, COUNTS_ON)]
    (kept, lacks) = missing_from(both, [first])
    assert kept == ()
    assert [(each.shortfall, each.got) for each in lacks] == [
        (Shortfall.ABSENT, "1 such, which meet other planned runs")
    ]
    assert missing_from(both, [first, second]) == ((), ())


@given(
    planned=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    observed=st.lists(st.integers(1, 4), max_size=4),
)
@settings(max_examples=60)
def test_as_many_planned_runs_are_met_as_any_assignment_meets(
    planned: list[int], observed: list[int]
) -> None:
    plan, runs = of_sizes(planned, observed)
    unmet = {item.planned for item in missing_of(plan, runs) if
             item.is_blocking}  # fmt: skip
    padded = [*observed, *[0] * len(planned)]
    best = max(
        sum(has >= needs for needs, has in zip(planned, chosen, strict=True))
        for chosen in permutations(padded, len(planned))
    )
    assert len(planned) - len(unmet) == best
