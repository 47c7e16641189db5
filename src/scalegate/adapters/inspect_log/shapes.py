"""The fields that are read from a log; the JSON parser skips all others without building them.

Types are loose where a wrong type only loses a fact that is not needed, and strict where a wrong
type would change what was measured. Names are those of the log.

`gc=False`: decoded trees hold no cycles, and the collector need not look at them.
"""

from __future__ import annotations

import functools
from typing import Any

import msgspec


class Skipped(msgspec.Struct, gc=False):
    """An object that matters only by being there."""


class StopDetails(msgspec.Struct, gc=False):
    """Why a provider stopped."""

    type: str | None = None
    category: str | None = None


class Choice(msgspec.Struct, gc=False):
    """One completion."""

    stop_reason: str | None = None
    stop_details: StopDetails | None = None


class Output(msgspec.Struct, gc=False):
    """The last model output of a sample."""

    model: str | None = None
    choices: list[Choice] | None = None
    error: Any = None


class ScoreMetadata(msgspec.Struct, gc=False):
    """Where logs before 0.3.245 put the reason of an abnormal score."""

    unscored_reason: Any = None


class Score(msgspec.Struct, gc=False):
    """One score of one sample."""

    value: Any = None
    reason: Any = None
    metadata: ScoreMetadata | None = None
    history: list[Skipped] | None = None


class Usage(msgspec.Struct, gc=False):
    """Tokens of one model."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_cache_read: int | None = None
    input_tokens_cache_write: int | None = None


class Fallback(msgspec.Struct, gc=False):
    """Requests that another model served."""

    model: str | None = None
    fallback_model: str | None = None
    count: int = 1


class Fault(msgspec.Struct, gc=False):
    """An error."""

    message: str = ""


class Limit(msgspec.Struct, gc=False):
    """A limit that stopped a sample."""

    type: str = "unknown"


class Sample(msgspec.Struct, gc=False):
    """One sample member."""

    id: Any
    epoch: int
    scores: dict[str, Score] | None = None
    score: Score | None = None
    output: Output | None = None
    error: Fault | None = None
    limit: Limit | None = None
    invalidation: Skipped | None = None
    error_retries: list[Skipped] | None = None
    model_usage: dict[str, Usage] | None = None
    model_fallbacks: list[Fallback] | None = None
    uuid: str | None = None
    total_time: float | None = None
    working_time: float | None = None


class Summary(msgspec.Struct, gc=False):
    """One entry of the summaries: what the cheap pass reads."""

    id: Any
    epoch: int
    scores: dict[str, Score] | None = None
    error: str | None = None
    limit: str | None = None


class Dataset(msgspec.Struct, gc=False):
    """The data set of a run."""

    name: Any = None
    location: Any = None
    samples: Any = None
    sample_ids: list[Any] | None = None
    shuffled: Any = None


class Config(msgspec.Struct, gc=False):
    """The settings of a run."""

    limit: Any = None
    sample_id: Any = None
    epochs: Any = None
    epochs_reducer: Any = None
    message_limit: Any = None
    max_messages: Any = None
    token_limit: Any = None
    turn_limit: Any = None
    time_limit: Any = None
    working_limit: Any = None
    cost_limit: Any = None


class Revision(msgspec.Struct, gc=False):
    """The code of a run."""

    commit: Any = None
    dirty: Any = None


class Named(msgspec.Struct, gc=False):
    """Anything with a name."""

    name: Any = None


class Spec(msgspec.Struct, gc=False):
    """What was to run."""

    task: str
    model: str
    created: Any = None
    eval_id: Any = None
    run_id: Any = None
    task_id: Any = None
    eval_set_id: Any = None
    task_version: Any = None
    task_args: Any = None
    dataset: Dataset | None = None
    config: Config | None = None
    model_args: dict[str, Any] | None = None
    model_roles: dict[str, Any] | None = None
    model_generate_config: dict[str, Any] | None = None
    revision: Revision | None = None
    packages: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    scorers: list[Named] | None = None


class Plan(msgspec.Struct, gc=False):
    """How it was to run."""

    config: dict[str, Any] | None = None


class Metric(msgspec.Struct, gc=False):
    """A metric that the log states about itself."""

    name: Any = None
    value: Any = None


class EvalScore(msgspec.Struct, gc=False):
    """The metrics of one score."""

    name: Any = None
    scorer: Any = None
    reducer: Any = None
    metrics: dict[str, Metric] | None = None


class Results(msgspec.Struct, gc=False):
    """What the log says came out."""

    total_samples: Any = None
    completed_samples: Any = None
    early_stopping: dict[str, Any] | None = None
    scores: list[EvalScore] | None = None
    scorer: EvalScore | None = None
    metrics: dict[str, Metric] | None = None


class Stats(msgspec.Struct, gc=False):
    """When it ran."""

    started_at: Any = None
    completed_at: Any = None


class Header(msgspec.Struct, gc=False):
    """The header member, or the first member of a run that never finished."""

    eval: Spec
    version: Any = None
    status: Any = None
    plan: Plan | None = None
    results: Results | None = None
    stats: Stats | None = None
    error: Fault | None = None
    invalidated: Any = False
    log_updates: list[Skipped] | None = None
    config_updates: list[Skipped] | None = None


class WholeLog(Header, gc=False):
    """A `.json` log: the header's fields and the samples, each kept as unread bytes."""

    samples: list[msgspec.Raw] | None = None


class WholeLogTolerant(Header, gc=False):
    """A `.json` log that strict JSON cannot hold, already parsed."""

    samples: list[Any] | None = None


@functools.lru_cache(maxsize=64)
def sample_shape(metadata_keys: tuple[str, ...]) -> type[Sample]:
    """Return the sample shape, with the asked metadata fields and no others."""
    if not metadata_keys:
        return Sample
    names = {f"field_{index}": key for index, key in enumerate(metadata_keys)}
    fields = msgspec.defstruct(
        "Metadata", [(name, Any, None) for name in names], rename=names, gc=False
    )
    return msgspec.defstruct(  # type: ignore[return-value]  # made from Sample
        "SampleWithMetadata", [("metadata", fields | None, None)], bases=(Sample,), gc=False
    )
