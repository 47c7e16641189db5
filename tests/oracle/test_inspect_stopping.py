"""Real Inspect runs on its mock model stop when the question is settled, and only then."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as run_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import match

from scalegate.adapters.inspect_log import read_log
from scalegate.adapters.inspect_plugin import StopWhenSettled
from scalegate.base.errors import UsageError
from scalegate.evidence.eval_log import FlagKind, StopRecord
from scalegate.evidence.validity import check_log

ITEMS = 60


def answers(answer: str) -> list[ModelOutput]:
    outputs = [ModelOutput.from_content("mockllm/model", answer) for _ in range(ITEMS)]
    for output in outputs:  # else the mock model asks the network for a tokenizer
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return outputs


def logged(folder: Path, *, answer: str, shuffled: bool = True, **given: Any) -> Any:
    """Run a task whose model always gives one answer, one sample at a time."""
    data = MemoryDataset([Sample(id=i, input="say yes", target="yes") for i in range(ITEMS)])
    if shuffled:
        data.shuffle(seed=7)
    manager = StopWhenSettled(line=0.5, score="match", **given)
    (log,) = run_eval(
        Task(dataset=data, scorer=match(), early_stopping=manager),
        model=get_model("mockllm/model", custom_outputs=answers(answer)),
        log_dir=str(folder),
        max_samples=1,
        display="none",
    )
    assert log.status == "success", log.error and log.error.message
    return log


@pytest.mark.parametrize(("answer", "settled"), [("no", "below"), ("yes", "above")])
def test_a_run_stops_when_its_question_is_settled(
    tmp_path: Path, answer: str, settled: str
) -> None:
    log = logged(tmp_path, answer=answer)
    summary = log.results.early_stopping
    assert summary.manager == "scalegate.StopWhenSettled/1"
    assert summary.metadata["settled"] == settled
    ran = log.results.completed_samples
    assert summary.metadata["settled_at"] <= ran < ITEMS / 3
    assert len(summary.early_stops) == ITEMS - ran
    ours = read_log(log.location.removeprefix("file://"))
    flags = {flag.kind for flag in check_log(ours, scorer="match").flags}
    assert FlagKind.EARLY_STOPPED in flags  # no evidence with a fixed-size bound
    recorded = StopRecord(manager=summary.manager, line=0.5, alpha=0.05, score="match")
    assert ours.header.stopping == recorded


def test_the_log_keeps_the_listed_order_after_inspect_shuffled_it(tmp_path: Path) -> None:
    """The gate counts units in the order of the log's ids: it must be the manager's."""
    orders = []

    class Watching(StopWhenSettled):
        async def start_task(self, task: Any, samples: Any, epochs: int) -> str:
            orders.append(tuple(str(sample.id) for sample in samples))
            return await super().start_task(task, samples, epochs)

    data = MemoryDataset([Sample(id=i, input="say yes", target="yes") for i in range(ITEMS)])
    manager = Watching(line=0.5, score="match")
    (log,) = run_eval(
        Task(dataset=data, scorer=match(), early_stopping=manager),
        model=get_model("mockllm/model", custom_outputs=answers("no")),
        log_dir=str(tmp_path),
        max_samples=1,
        sample_shuffle=11,
        limit=40,
        display="none",
    )
    header = read_log(log.location.removeprefix("file://")).header
    assert header.planned_ids == orders[0] != tuple(sorted(orders[0]))
    assert header.is_shuffled
    assert header.early_stop_count > 0


def test_a_run_in_listed_order_is_never_stopped(tmp_path: Path) -> None:
    log = logged(tmp_path, answer="no", shuffled=False)
    assert log.results.completed_samples == ITEMS
    assert log.results.early_stopping.metadata["refusal"]
    assert log.results.early_stopping.metadata["settled"] == "open"


def score(value: Any) -> Any:
    return {"match": SimpleNamespace(score=SimpleNamespace(value=value))}


def feed(rows: list[tuple[int, int, Any]], *, items: int, epochs: int = 1) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        manager = StopWhenSettled(line=0.5, score="match")
        task = SimpleNamespace(
            dataset=SimpleNamespace(shuffled=True), config=SimpleNamespace(sample_shuffle=None)
        )
        samples = [SimpleNamespace(id=number) for number in range(items)]
        await manager.start_task(task, samples, epochs)
        for item, epoch, value in rows:
            await manager.complete_sample(item, epoch, value)
        return await manager.complete_task()

    return asyncio.run(run())


def test_the_order_of_completion_does_not_count() -> None:
    rows = [(item, 1, score("C" if item % 3 else "I")) for item in range(30)]
    assert feed(rows, items=30) == feed(rows[::-1], items=30)
    assert feed(rows[1:], items=30)["units_counted"] == 0  # all wait for the first


def test_a_unit_waits_for_all_its_epochs() -> None:
    assert feed([(0, 1, score(0.0))], items=2, epochs=2)["units_counted"] == 0
    both = feed([(0, 1, score(0.0)), (0, 2, score(1.0))], items=2, epochs=2)
    assert both["units_counted"] == 1
    assert both["e_below"] == pytest.approx(1.0)


def test_samples_without_the_score_settle_nothing() -> None:
    told = feed([(item, 1, {}) for item in range(40)], items=40)
    assert (told["settled"], told["units_counted"]) == ("open", 40)
    other = {"other": score(0.0)["match"]}
    told = feed([(item, 1, other) for item in range(40)], items=40)
    assert told["refusal"] == "no sample has the score `match`; there is `other`"
    with pytest.raises(UsageError, match="no score to judge"):
        StopWhenSettled(line=0.5, score="")


def test_a_score_outside_the_range_ends_the_judging() -> None:
    rows = [(item, 1, score(0.0)) for item in range(20)]
    told = feed([*rows, (20, 1, score(7.0))], items=21)
    assert told["settled"] == "open"
    assert "outside [0, 1]" in told["refusal"]
