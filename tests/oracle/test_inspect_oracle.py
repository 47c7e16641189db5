"""Our reader against inspect-ai's own, on real logs and on logs that it writes today.

Per sample the scores, errors, limits, stop reasons, invalidations and ids must be equal on every
log that `read_eval_log` reads. The fresh logs come from the mock model; every output carries its
`usage`, so that nothing touches the network.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Epochs, Task
from inspect_ai import eval as run_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import (
    ProvenanceData,
    edit_score,
    invalidate_samples,
    read_eval_log,
    write_eval_log,
)
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, ScoreEdit, Target, accuracy, match, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver
from inspect_ai.util import EarlyStop

from scalegate.adapters.inspect_log import read_log, read_scores
from scalegate.evidence.eval_log import EvalLog, FlagKind
from scalegate.evidence.score_value import entries_of, score_number
from scalegate.evidence.validity import check_log

LOGS = Path(__file__).parents[1] / "data/inspect-logs"
REAL = sorted([*LOGS.glob("*.eval"), *LOGS.glob("*.json")])
Facts = dict[tuple[str, int], dict[str, Any]]


def theirs(path: Path) -> Facts:
    """Return the facts of every sample as Inspect reads them."""
    found = {}
    for sample in read_eval_log(str(path)).samples or ():
        scores = {}
        for name, score in (sample.scores or {}).items():
            for entry, value in entries_of(name, score.value):
                number, unscored, _ = score_number(value)
                scores[entry] = None if unscored else number
        choices = sample.output.choices
        found[str(sample.id), sample.epoch] = {
            "scores": scores,
            "error": sample.error is not None,
            "limit": sample.limit.type if sample.limit else "",
            "stop": choices[0].stop_reason if choices else "",
            "invalidated": sample.invalidation is not None,
            "uuid": sample.uuid or "",
            "edited": any(score.history for score in (sample.scores or {}).values()),
            "retries": len(sample.error_retries or ()),
            "time": sample.total_time,
        }
    return found


def ours(log: EvalLog) -> Facts:
    """Return the same facts from our table."""
    table = log.samples
    return {
        (item, table.epochs[row]): {
            "scores": {
                column.name: None if column.unscored[row] else column.values[row]
                for column in table.scores
                if column.unscored[row] != "absent"
            },
            "error": bool(table.errors[row]),
            "limit": table.limits[row],
            "stop": table.stop_reasons[row],
            "invalidated": table.invalidated[row],
            "uuid": table.uuids[row],
            "edited": any(column.edited[row] for column in table.scores),
            "retries": table.retries[row],
            "time": table.total_seconds[row],
        }
        for row, item in enumerate(table.ids)
    }


def agree(path: Path) -> EvalLog:
    """Check that both readers find the same facts, and return our log."""
    log = read_log(path)
    expected = theirs(path)
    assert ours(log) == expected
    assert len(log.samples) == len(expected)
    cheap = read_scores(path)
    for key, facts in ours(cheap).items():
        for name in ("scores", "error", "limit"):
            assert facts[name] == expected[key][name]
    header = read_eval_log(str(path))
    assert log.header.model == header.eval.model
    assert log.header.status == header.status
    # Of a `.json` log that lists no ids, a full read by Inspect lists those that are present.
    listed = tuple(map(str, header.eval.dataset.sample_ids or ()))
    assert log.header.planned_ids in ((), listed)
    return log


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_every_real_log_reads_as_inspect_reads_it(path: Path) -> None:
    agree(path)


def output(text: str, stop: Any = "stop", **fields: Any) -> ModelOutput:
    found = ModelOutput.from_content("mockllm/model", text, stop_reason=stop, **fields)
    found.usage = ModelUsage(input_tokens=3, output_tokens=2, total_tokens=5)
    return found


def answers(*texts: str) -> Iterator[ModelOutput]:
    while True:
        for text in texts:
            stop = {"cut": "max_tokens", "filtered": "content_filter"}.get(text, "stop")
            yield output(text, stop)


@solver
def sometimes_failing() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if str(state.sample_id).endswith("3"):
            raise RuntimeError("provider answered 500")
        return state

    return solve


@solver
def talkative() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        for _ in range(9):
            state = await generate(state)
        return state

    return solve


@scorer(metrics=[mean()])
def odd_values() -> Any:
    values = [math.nan, math.inf, -2, 0.25, "yes", "no", "C", "N", True, "other"]

    async def score(state: TaskState, target: Target) -> Score:
        return Score(value=values[int(state.sample_id) % len(values)])

    return score


@scorer(metrics={"*": [mean()]})
def many_values() -> Any:
    async def score(state: TaskState, target: Target) -> Score:
        return Score(value={"a": int(state.sample_id), "b": math.nan, "c": "I"})

    return score


@scorer(metrics=[accuracy()])
def no_value() -> Any:
    async def score(state: TaskState, target: Target) -> Score:
        if int(state.sample_id) % 2:
            return Score.unscored(reason="grader_failed")
        return Score(value="I", reason="refusal")

    return score


class StopAfterFirst:
    """Run only the first epoch of each item."""

    async def start_task(self, *_: Any, **__: Any) -> str:
        return "first-only"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:  # noqa: A002  # Inspect's
        return EarlyStop(id=id, epoch=epoch, reason="enough") if epoch > 1 else None

    async def complete_sample(self, *_: Any, **__: Any) -> None:
        return None

    async def complete_task(self) -> dict[str, Any]:
        return {}


def dataset(count: int = 6, *, prefix: str = "") -> MemoryDataset:
    ids: list[Any] = [f"{prefix}{number}" if prefix else number for number in range(count)]
    return MemoryDataset(
        [Sample(id=item, input="question", target="yes", metadata={"family": "f"}) for item in ids]
    )


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({"scorer": match()}, {}),
    "epochs": ({"scorer": match(), "epochs": Epochs(3, ["mean", "max"])}, {}),
    "slashes": ({"scorer": match(), "dataset": dataset(prefix="a/b ü\U0001f9ea/../")}, {}),
    "errors": (
        {"scorer": match(), "solver": [sometimes_failing(), generate()]},
        {"fail_on_error": False},
    ),
    "stopped by an error": ({"scorer": match(), "solver": [sometimes_failing(), generate()]}, {}),
    "scored in spite of errors": (
        {"scorer": match(), "solver": [sometimes_failing(), generate()]},
        {"score_on_error": True},
    ),
    "retried": (
        {"scorer": match(), "solver": [sometimes_failing(), generate()]},
        {"fail_on_error": False, "retry_on_error": 2},
    ),
    "limits": ({"scorer": match(), "solver": talkative(), "message_limit": 4}, {}),
    "tokens": ({"scorer": match(), "solver": talkative(), "token_limit": 12}, {}),
    "odd values": ({"scorer": odd_values(), "dataset": dataset(20)}, {}),
    "many values": ({"scorer": [many_values(), match()]}, {}),
    "no value": ({"scorer": no_value()}, {}),
    "early stop": ({"scorer": match(), "epochs": 4, "early_stopping": StopAfterFirst()}, {}),
    "no scorer": ({}, {}),
    "subset": ({"scorer": match()}, {"limit": 2}),
}


def fresh_log(folder: Path, name: str, kind: str = "eval") -> Path:
    """Run a case with the mock model and return the log that Inspect wrote."""
    task, options = CASES[name]
    log = run_eval(
        Task(**{"dataset": dataset(), "solver": generate(), "name": "case", **task}),
        model=get_model("mockllm/model", custom_outputs=answers("yes", "no", "cut", "filtered")),
        log_dir=str(folder),
        log_format=kind,
        display="none",
        **options,
    )[0]
    return Path(log.location)


@pytest.mark.parametrize("kind", ["eval", "json"])
@pytest.mark.parametrize("name", CASES)
def test_every_fresh_log_reads_as_inspect_reads_it(name: str, kind: str, tmp_path: Path) -> None:
    path = fresh_log(tmp_path, name, kind)
    log = agree(path)
    if kind == "eval":
        assert b"\x5d\x00" in path.read_bytes()[:60], "members are packed with method 93"
    assert log.header.planned_ids
    scorer_name = next(iter(log.samples.score_names), "match")
    check_log(log, scorer=scorer_name)


EXPECTED = {
    "errors": {FlagKind.ERRORED, FlagKind.UNSCORED, FlagKind.TRUNCATED, FlagKind.FILTERED},
    "limits": {FlagKind.LIMIT},
    "tokens": {FlagKind.LIMIT},
    "no value": {FlagKind.UNSCORED, FlagKind.INSTRUMENT, FlagKind.REFUSED},
    "early stop": {FlagKind.EARLY_STOPPED, FlagKind.MISSING_EPOCHS},
    "subset": {FlagKind.SUBSET},
    "retried": {FlagKind.ERRORED},
    "stopped by an error": {FlagKind.STATUS},
    "no scorer": {FlagKind.UNSCORED},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_inspect_calls_success_is_seen_for_what_it_is(name: str, tmp_path: Path) -> None:
    log = read_log(fresh_log(tmp_path, name))
    report = check_log(log, scorer=next(iter(log.samples.score_names), "match"))
    assert report.kinds >= EXPECTED[name]
    if name != "stopped by an error":
        assert log.header.status == "success"


def test_later_edits_and_invalidations_are_read(tmp_path: Path) -> None:
    path = fresh_log(tmp_path, "plain")
    log = read_eval_log(str(path))
    samples = log.samples or []
    author = ProvenanceData(author="reviewer", reason="wrong key")
    edit_score(log, samples[0].id, "match", ScoreEdit(value="I", provenance=author))
    log = invalidate_samples(log, [samples[1].uuid or ""], author)
    write_eval_log(log, str(path))
    report = check_log(agree(path), scorer="match")
    assert report.count(FlagKind.SCORE_EDITED) == 1
    assert report.count(FlagKind.INVALIDATED) == 1
    assert report.count(FlagKind.LOG_INVALIDATED) == 1
