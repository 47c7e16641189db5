"""Every engine gives the answers of one process, in the order of tasks, to the same bytes."""

from __future__ import annotations

import json
import os
import random
from fractions import Fraction
from functools import reduce
from importlib.util import find_spec

import pytest

from scalegate.adapters.compute import OneProcess, ProcessPool, RayCluster, compute_engine
from scalegate.app.organisms.bench import run_bench
from scalegate.app.organisms.kinds import KINDS
from scalegate.base.errors import OutsideError, UsageError
from scalegate.estimate.model import Estimate
from scalegate.estimate.proportion import estimate_proportion
from scalegate.estimate.summary import Sample, merge, summarise, unit_means
from scalegate.ports import Compute

# Ray leaves its servers to end by themselves.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(
    scope="module",
    params=["process", "pool", pytest.param("ray", marks=pytest.mark.services)],
)
def compute(request: pytest.FixtureRequest) -> Compute:
    if request.param == "process":
        return OneProcess()
    if request.param == "pool":
        return ProcessPool(2)
    if find_spec("ray") is None and "SCALEGATE_REQUIRE_SERVICES" not in os.environ:
        pytest.skip("Ray is not installed")
    return RayCluster(2)


def bench_bytes(compute: Compute) -> bytes:
    rows = run_bench(cases=3 * len(KINDS) + 5, seed=4, compute=compute)
    return json.dumps([row.to_mapping() for row in rows]).encode()


def shards(parts: int) -> list[list[Sample]]:
    rng = random.Random(6)
    samples = [
        Sample(path=(f"family-{rng.randrange(9)}", f"item-{rng.randrange(40)}"), score=score)
        for score in (rng.choice([0.1, 0.3, 0.7, 1.0, None]) for _ in range(300))
    ]
    return [samples[start::parts] for start in range(parts)]


def estimated(compute: Compute, parts: int) -> bytes:
    whole = reduce(merge, compute.map(summarise, shards(parts)))
    means = unit_means(whole, level=1)
    found = estimate_proportion(
        high=means.high,
        low=means.low,
        alpha=0.05,
        n_samples=means.n_samples,
        missing=means.missing,
    )
    assert isinstance(found, Estimate)
    return json.dumps(found.to_mapping()).encode()


def test_answers_come_in_the_order_of_tasks(compute: Compute) -> None:
    assert compute.map(Fraction, ["3", "1/2", "2"]) == [Fraction(3), Fraction(1, 2), Fraction(2)]
    assert compute.map(Fraction, []) == []


def test_the_table_of_planted_models_is_the_same_bytes(compute: Compute) -> None:
    assert bench_bytes(compute) == bench_bytes(OneProcess())


def test_estimates_over_shards_are_the_same_bytes(compute: Compute) -> None:
    assert estimated(compute, 7) == estimated(OneProcess(), 1)


def test_a_task_that_fails_fails_the_whole(compute: Compute) -> None:
    with pytest.raises((ValueError, OutsideError)):
        compute.map(Fraction, ["1", "not a number"])


def test_a_process_that_ends_is_told() -> None:
    with pytest.raises(OutsideError):
        ProcessPool(1).map(os._exit, [3])


def test_engines_are_picked_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(compute_engine("process", 1), OneProcess)
    assert isinstance(compute_engine("process", 2), ProcessPool)
    with pytest.raises(UsageError, match="at least one"):
        compute_engine("process", 0)
    with pytest.raises(UsageError, match="expected the engine"):
        compute_engine("dask", 1)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(UsageError, match="needs Ray"):
        compute_engine("ray", 1)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    assert isinstance(compute_engine("ray", 1), RayCluster)
