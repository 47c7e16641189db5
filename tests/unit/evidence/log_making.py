"""Make small logs as values, for tests of what is done with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scalegate.evidence.eval_log import (
    Container,
    Detail,
    EvalLog,
    LogHeader,
    MetadataColumn,
    PlannedLimits,
    SampleTable,
    ScoreColumn,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One sample run; the defaults are a clean success."""

    item: str = "a"
    epoch: int = 1
    uuid: str = ""
    score: float = 1.0
    unscored: str = ""
    note: str = ""
    is_edited: bool = False
    error: str = ""
    limit: str = ""
    stop: str = "stop"
    is_refused: bool = False
    model: str = "m-1"
    fallbacks: int = 0
    is_invalidated: bool = False
    retries: int = 0
    family: str | None = None


def header(**changes: Any) -> LogHeader:
    """Return a header of a finished run of one item; `changes` replace fields."""
    fields: dict[str, Any] = {
        "container": Container.EVAL,
        "format_version": 2,
        "status": "success",
        "is_finished": True,
        "error": "",
        "is_invalidated": False,
        "eval_id": "e",
        "run_id": "r",
        "task_id": "t",
        "eval_set_id": "",
        "task": "task",
        "task_version": "1",
        "comparability_version": "",
        "task_args_digest": "0",
        "model": "lab/m-1",
        "model_args": (),
        "model_args_digest": "0",
        "model_roles": (),
        "model_generate_config": (),
        "plan_generate_config": (),
        "dataset_name": "d",
        "dataset_location": "",
        "dataset_size": None,
        "dataset_ids_digest": "",
        "planned_ids": (),
        "planned_id_count": None,
        "planned_epochs": 1,
        "is_subset": False,
        "subset": "",
        "epochs_reducers": (),
        "created_at": None,
        "started_at": None,
        "completed_at": None,
        "inspect_version": "",
        "packages": (),
        "revision_commit": "",
        "is_revision_dirty": None,
        "limits": PlannedLimits(),
        "has_early_stopping": False,
        "early_stop_count": 0,
        "reported_total": None,
        "reported_completed": None,
        "reported_metrics": (),
        "scorers": (),
        "config_update_count": 0,
        "log_update_count": 0,
    }
    return LogHeader(**{**fields, **changes})


def table(runs: list[Run], *, name: str = "match", has_score: bool = True) -> SampleTable:
    """Return the table of some runs."""
    column = ScoreColumn(
        name=name,
        values=tuple(run.score for run in runs),
        unscored=tuple(run.unscored for run in runs),
        notes=tuple(run.note for run in runs),
        edited=tuple(run.is_edited for run in runs),
    )
    return SampleTable(
        detail=Detail.FULL,
        ids=tuple(run.item for run in runs),
        epochs=tuple(run.epoch for run in runs),
        uuids=tuple(run.uuid for run in runs),
        scores=(column,) if has_score else (),
        errors=tuple(run.error for run in runs),
        limits=tuple(run.limit for run in runs),
        stop_reasons=tuple(run.stop for run in runs),
        stop_categories=("",) * len(runs),
        refused=tuple(run.is_refused for run in runs),
        output_models=tuple(run.model for run in runs),
        fallbacks=tuple(run.fallbacks for run in runs),
        invalidated=tuple(run.is_invalidated for run in runs),
        retries=tuple(run.retries for run in runs),
        total_seconds=(None,) * len(runs),
        working_seconds=(None,) * len(runs),
        tokens_in=(None,) * len(runs),
        tokens_out=(None,) * len(runs),
        metadata=(MetadataColumn(name="family", values=tuple(run.family for run in runs)),),
    )


def log(runs: list[Run], *, has_score: bool = True, **changes: Any) -> EvalLog:
    """Return a log of some runs; `changes` replace header fields."""
    return EvalLog(
        digest_sha256="",
        byte_size=0,
        header=header(**changes),
        samples=table(runs, has_score=has_score),
        flags=(),
    )
