"""Laws of the cautious completion (design, laws 1, 4 and 8)."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scalegate.evidence.units import UnitScores, cautious_units, merge_units
from tests.unit.evidence.log_making import Run, log

RUNS = st.lists(
    st.builds(
        Run,
        item=st.sampled_from("abc"),
        epoch=st.integers(1, 3),
        uuid=st.sampled_from(["", "u1", "u2", "u3"]),
        score=st.sampled_from([0.0, 0.1, 0.2, 0.7, 1.0, 1.5]),
        unscored=st.sampled_from(["", "", "", "null"]),
        note=st.sampled_from(["", "", "refusal", "grader_failed"]),
        error=st.sampled_from(["", "", "", "errored"]),
        limit=st.sampled_from(["", "", "token"]),
        is_invalidated=st.sampled_from([False, False, True]),
        family=st.sampled_from([None, "f", "g"]),
    ),
    max_size=9,
)
PLANS: Any = st.fixed_dictionaries(
    {
        "planned_ids": st.sampled_from([(), ("a", "b"), ("a", "b", "c", "d")]),
        "planned_id_count": st.sampled_from([None, 3, 6]),
        "planned_epochs": st.integers(1, 4),
    }
)
OPTIONS: Any = st.fixed_dictionaries(
    {
        "family_key": st.sampled_from([None, "family"]),
        "cautious": st.sampled_from(["success", "failure"]),
        "over_epochs": st.sampled_from(["mean", "max"]),
        "best_of": st.sampled_from([0, 0, 0, 1, 2, 4]),
    }
).filter(lambda asked: asked["over_epochs"] == "max" or not asked["best_of"])


def units(runs: list[Run], plan: dict[str, Any], options: dict[str, Any]) -> UnitScores:
    return cautious_units(log(runs, **plan), "match", **options)


@given(RUNS, PLANS, OPTIONS, st.randoms(use_true_random=False))
def test_any_partition_merged_in_any_order_gives_the_same_units(
    runs: list[Run], plan: dict[str, Any], options: dict[str, Any], source: random.Random
) -> None:
    """Law 8: any partition of the samples, merged in any order, gives the same estimate."""
    whole = units(runs, plan, options)
    shuffled = source.sample(runs, len(runs))
    cut = source.randint(0, len(runs))
    parts = [units(part, plan, options) for part in (shuffled[:cut], shuffled[cut:])]
    assert merge_units(parts) == whole
    assert merge_units(parts[::-1]) == whole
    assert merge_units([merge_units(parts), parts[0]]) == whole, "a part that comes twice"


@given(RUNS, PLANS, OPTIONS)
def test_every_unit_is_an_interval_inside_the_range(
    runs: list[Run], plan: dict[str, Any], options: dict[str, Any]
) -> None:
    found = units(runs, plan, options)
    for low, high, missing in zip(found.low, found.high, found.missing, strict=True):
        assert 0.0 <= low <= high <= 1.0
        assert low == high or missing > 0, "an open interval always has a counted reason"


@given(RUNS.filter(bool), OPTIONS, st.data())
def test_losing_a_run_never_makes_the_news_better(
    runs: list[Run], options: dict[str, Any], data: st.DataObject
) -> None:
    """Law 1, for a plan that names every item and epoch, and attempts that ran once."""
    once = list({(run.item, run.epoch): run for run in runs}.values())
    once = [Run(**{**_fields(run), "uuid": "", "family": None}) for run in once]
    plan = {"planned_ids": ("a", "b", "c"), "planned_epochs": 3}
    gone = data.draw(st.integers(0, len(once) - 1))
    options = {**options, "family_key": None}
    before = units(once, plan, options)
    after = units(once[:gone] + once[gone + 1 :], plan, options)
    assert after.unit_ids == before.unit_ids
    for old, new in zip(
        zip(before.low, before.high, strict=True), zip(after.low, after.high, strict=True),
        strict=True,
    ):  # fmt: skip
        assert new[0] <= old[0] + 1e-12
        assert new[1] >= old[1] - 1e-12


def _fields(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in Run.__dataclass_fields__}
