"""Small runs of Inspect's mock model: the templates of the large logs, and the writer's proof.

Every mock output carries its `usage`: without one Inspect counts tokens with an encoding that it
downloads. Outputs come from a generator: a list would be logged as an argument of the model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.ingest.log_writer import answer, question


def _output(kind: str, number: int = 0) -> Any:
    from inspect_ai.model import ModelOutput, ModelUsage

    stop: Any = {"cut": "max_tokens", "filtered": "content_filter"}.get(kind, "stop")
    output = ModelOutput.from_content("mockllm/model", answer(number), stop_reason=stop)
    output.usage = ModelUsage(input_tokens=150, output_tokens=120, total_tokens=270)
    return output


def run_answers(folder: Path) -> Path:
    """Run one question of each kind twice: plain, cut, filtered, errored."""
    from inspect_ai import Task
    from inspect_ai import eval as run
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import get_model
    from inspect_ai.scorer import match
    from inspect_ai.solver import Generate, Solver, TaskState, generate, solver

    @solver  # type: ignore[untyped-decorator,unused-ignore]
    def failing() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001  # the signature is Inspect's
            if state.sample_id == "errored":
                raise RuntimeError("provider answered 500")
            return state

        return solve

    kinds = ["plain", "cut", "filtered"]
    samples = [
        Sample(id=kind, input=question(0), target="a", metadata={"family": "f1", "minutes": 12.5})
        for kind in [*kinds, "errored"]
    ]
    log = run(
        Task(
            dataset=MemoryDataset(samples),
            solver=[failing(), generate()],
            scorer=match(location="any"),
            name="answers",
            epochs=2,
        ),
        model=get_model("mockllm/model", custom_outputs=(_output(kind) for kind in kinds * 2)),
        log_dir=str(folder),
        display="none",
        fail_on_error=False,
        max_samples=1,
    )[0]
    return Path(log.location)


def run_agent(folder: Path, *, turns: int = 100) -> Path:
    """Run one task of `turns` exchanges: two messages each."""
    from inspect_ai import Task
    from inspect_ai import eval as run
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageUser, get_model
    from inspect_ai.scorer import match
    from inspect_ai.solver import Generate, Solver, TaskState, solver

    @solver  # type: ignore[untyped-decorator,unused-ignore]
    def talking() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            for number in range(1, turns + 1):
                state = await generate(state)
                state.messages.append(ChatMessageUser(content=question(number)))
            return state

        return solve

    outputs = (_output("plain", number) for number in range(turns))
    log = run(
        Task(
            dataset=MemoryDataset([Sample(id="agent", input=question(0), target="a")]),
            solver=talking(),
            scorer=match(location="any"),
            name="agent",
        ),
        model=get_model("mockllm/model", custom_outputs=outputs),
        log_dir=str(folder),
        display="none",
    )[0]
    return Path(log.location)
