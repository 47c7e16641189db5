"""Run a function over many tasks: in this process, in a pool of processes, or on a Ray cluster.

Answers come in the order of tasks, so that whoever adds them up gets the same bytes everywhere. A
cluster is Ray's, from the extra `ray`, which is loaded when it is asked for. Without an address it
is started on this machine for the one call and stopped after it, without Ray's web pages and
without its reports of use.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from typing import Any

from scalegate.base.errors import OutsideError, UsageError
from scalegate.ports import Compute, ComputeAnswer, ComputeTask

OBJECT_STORE_BYTES = 80_000_000
"""Memory that a local cluster sets aside for tasks and answers: near the least that Ray takes."""


class OneProcess:
    """Runs every task here; keeps the promises of `ports.Compute`."""

    def map(
        self, work: Callable[[ComputeTask], ComputeAnswer], tasks: Sequence[ComputeTask], /
    ) -> list[ComputeAnswer]:
        """Return `work(task)` for each task."""
        return [work(task) for task in tasks]


class ProcessPool:
    """Runs tasks in processes of this machine; keeps the promises of `ports.Compute`."""

    def __init__(self, processes: int) -> None:
        self._processes = processes

    def map(
        self, work: Callable[[ComputeTask], ComputeAnswer], tasks: Sequence[ComputeTask], /
    ) -> list[ComputeAnswer]:
        """Return `work(task)` for each task.

        Raises:
            OutsideError: a process ended.
        """
        from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
        from multiprocessing import get_context

        try:
            with ProcessPoolExecutor(self._processes, mp_context=get_context("spawn")) as pool:
                return list(pool.map(work, tasks))
        except BrokenExecutor as cause:
            raise OutsideError("a process of the pool ended before its answer") from cause


class RayCluster:
    """Runs tasks on a Ray cluster; keeps the promises of `ports.Compute`."""

    def __init__(self, processes: int, *, address: str | None = None) -> None:
        self._processes = processes
        self._address = address

    def map(
        self, work: Callable[[ComputeTask], ComputeAnswer], tasks: Sequence[ComputeTask], /
    ) -> list[ComputeAnswer]:
        """Return `work(task)` for each task.

        Raises:
            OutsideError: the cluster cannot be started or reached, or a task failed there.
        """
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray
        from ray.exceptions import RayError

        try:
            ray.init(**self._settings())
        except (RayError, OSError, ValueError, RuntimeError) as cause:
            raise OutsideError("the Ray cluster cannot be started or reached") from cause
        try:
            # Through a function of ours: a class handed to `remote` would become an actor.
            called = ray.remote(max_retries=2)(_called)
            answers: list[ComputeAnswer] = ray.get([called.remote(work, task) for task in tasks])
        except RayError as cause:
            raise OutsideError("a task failed on the Ray cluster") from cause
        finally:
            ray.shutdown()
        return answers

    def _settings(self) -> dict[str, Any]:
        quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
        if self._address is not None:
            return {"address": self._address, **quiet}
        return {
            "address": "local",
            "num_cpus": self._processes,
            "include_dashboard": False,
            "object_store_memory": OBJECT_STORE_BYTES,
            **quiet,
        }


def _called(work: Callable[[Any], Any], task: object) -> object:
    return work(task)


def compute_engine(name: str, processes: int) -> Compute:
    """Return what runs many tasks: `process` (this one, or a pool of several) or `ray`.

    Raises:
        UsageError: no process, an engine of another name, or `ray` where it is not installed.
    """
    if processes < 1:
        raise UsageError(f"at least one process is needed; got `{processes}`")
    if name == "process":
        return OneProcess() if processes == 1 else ProcessPool(processes)
    if name != "ray":
        raise UsageError(f"expected the engine `process` or `ray`, got `{name}`")
    if importlib.util.find_spec("ray") is None:
        raise UsageError("the engine `ray` needs Ray", hint="install `scalegate[ray]`")
    return RayCluster(processes)
