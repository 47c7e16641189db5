"""Turn the header of a log into a `LogHeader`: old spellings, missing fields, odd types."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from scalegate.adapters.inspect_log import shapes
from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain
from scalegate.evidence.eval_log import (
    Container,
    LogHeader,
    PlannedLimits,
    ReportedMetric,
    Scalar,
    StopRecord,
)

KNOWN_VERSIONS = frozenset({None, 1, 2, 3})
"""Values of `version` whose layout this reader knows."""
_STATUSES = frozenset({"started", "success", "cancelled", "error"})
_SECRET = ("key", "token", "secret", "password", "credential", "auth")
_TEXT_LIMIT = 1000
_DIGEST_OF_NOTHING = hashlib.sha256(b"{}").hexdigest()
_NOT_SECRET = frozenset({"max_tokens", "reasoning_tokens", "token_limit"})
_SMALL = 2**63


def header_of(raw: shapes.Header, *, container: Container, is_finished: bool) -> LogHeader:
    """Arrange the raw header.

    Raises:
        FormatError: an unknown status, or an item id that is neither text nor a number.
    """
    config = raw.eval.config or shapes.Config()
    epochs = max(_whole(config.epochs) or 1, 1)
    return LogHeader(
        container=container,
        format_version=_whole(raw.version),
        status=_status(raw.status, is_finished=is_finished),
        is_finished=is_finished,
        error=_text(raw.error.message) if raw.error else "",
        is_invalidated=raw.invalidated is True,
        plan_generate_config=_scalars(raw.plan.config if raw.plan else None),
        planned_epochs=epochs,
        epochs_reducers=_reducers(config.epochs_reducer),
        limits=_limits(config),
        config_update_count=len(raw.config_updates or ()),
        log_update_count=len(raw.log_updates or ()),
        **_identity(raw.eval),
        **_data(raw.eval.dataset or shapes.Dataset(), config, raw.results, epochs=epochs),
        **_outcome(raw.results or shapes.Results(), raw.stats or shapes.Stats()),
    )


def _identity(spec: shapes.Spec) -> dict[str, Any]:
    """Name the run: ids, task, model, code."""
    revision = spec.revision or shapes.Revision()
    packages = _texts(spec.packages)
    return {
        "eval_id": _text(spec.eval_id),
        "run_id": _text(spec.run_id),
        "task_id": _text(spec.task_id),
        "eval_set_id": _text(spec.eval_set_id),
        "task": _text(spec.task),
        "task_version": _text(spec.task_version),
        "comparability_version": _comparability(spec.metadata),
        "task_args_digest": _digest(spec.task_args or {}),
        "model": _text(spec.model),
        "model_args": _scalars(spec.model_args),
        "model_args_digest": _digest(spec.model_args or {}),
        "model_roles": _roles(spec.model_roles),
        "model_generate_config": _scalars(spec.model_generate_config),
        "created_at": _instant(spec.created),
        "inspect_version": dict(packages).get("inspect_ai", ""),
        "packages": packages,
        "revision_commit": _text(revision.commit),
        "is_revision_dirty": revision.dirty if isinstance(revision.dirty, bool) else None,
        "scorers": tuple(_text(scorer.name) for scorer in spec.scorers or ()),
    }


def _data(
    dataset: shapes.Dataset,
    config: shapes.Config,
    results: shapes.Results | None,
    *,
    epochs: int,
) -> dict[str, Any]:
    """Name the data set, and what of it was to run."""
    planned_ids = tuple(id_text(item) for item in dataset.sample_ids or ())
    reported_total = _whole(results.total_samples) if results else None
    subset = "" if config.limit is None else f"limit {_short(config.limit)}"
    if config.sample_id is not None:
        subset = f"{subset} sample_id {_short(config.sample_id)}".strip()
    return {
        "dataset_name": _text(dataset.name),
        "dataset_location": _text(dataset.location),
        "dataset_size": _whole(dataset.samples),
        "dataset_ids_digest": _ids_digest(planned_ids),
        "planned_ids": planned_ids,
        "is_shuffled": dataset.shuffled is True,
        "planned_id_count": _planned_count(
            planned_ids, _asked_size(config, dataset), reported_total, epochs=epochs
        ),
        "is_subset": _is_subset(config, dataset),
        "subset": subset,
    }


def _outcome(results: shapes.Results, stats: shapes.Stats) -> dict[str, Any]:
    """Keep what the log says came out, only to compare it."""
    return {
        "started_at": _instant(stats.started_at),
        "completed_at": _instant(stats.completed_at),
        "has_early_stopping": results.early_stopping is not None,
        "early_stop_count": _early_stops(results.early_stopping),
        "stopping": _stopping(results.early_stopping),
        "reported_total": _whole(results.total_samples),
        "reported_completed": _whole(results.completed_samples),
        "reported_metrics": _metrics(results),
    }


def _limits(config: shapes.Config) -> PlannedLimits:
    return PlannedLimits(
        messages=_number(config.message_limit or config.max_messages),
        tokens=_number(config.token_limit),
        turns=_number(config.turn_limit),
        time_seconds=_number(config.time_limit),
        working_seconds=_number(config.working_limit),
        cost_usd=_number(config.cost_limit),
    )


def id_text(value: Any) -> str:
    """Return an item id as text; ids are equal when their text is (as in a member's name).

    Raises:
        FormatError: neither text nor a number, or longer than 65,535 characters.
    """
    if value.__class__ is int and -_SMALL < value < _SMALL:
        return str(value)
    if isinstance(value, str) and len(value) <= 0xFFFF:
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300:
        return str(value)
    raise FormatError(
        "not an item id",
        path="id",
        expected="text of at most 65535 characters, or a whole number",
        got=f"`{plain(value, limit=60)}`",
    )


def _planned_count(
    planned_ids: tuple[str, ...],
    asked_size: int | None,
    reported_total: int | None,
    *,
    epochs: int,
) -> int | None:
    """Return the largest number of items that the header's fields speak of, for this run."""
    claims = []
    if planned_ids:
        claims.append(len(set(planned_ids)))
    if reported_total:
        claims.append(-(-reported_total // epochs))
    if asked_size is not None and not claims:
        claims.append(asked_size)
    return max(claims) if claims else None


def _asked_size(config: shapes.Config, dataset: shapes.Dataset) -> int | None:
    """Return the size of the data set up to the limit; None where single items were asked for."""
    size, limit = _whole(dataset.samples), _whole(config.limit)
    if size is None or config.sample_id is not None:
        return None
    if config.limit is None:
        return size
    return None if limit is None else min(size, limit)


def _is_subset(config: shapes.Config, dataset: shapes.Dataset) -> bool:
    """Say whether only part of the data set was asked for; a limit of its size takes nothing."""
    if config.sample_id is not None:
        return True
    limit, size = _whole(config.limit), _whole(dataset.samples)
    if limit is not None and size is not None:
        return limit < size
    return config.limit is not None


def _status(value: Any, *, is_finished: bool) -> str:
    if value is None and not is_finished:
        return "started"
    if isinstance(value, str) and value in _STATUSES:
        return value
    raise FormatError(
        "unknown status of a run",
        path="status",
        expected="`started`, `success`, `cancelled` or `error`",
        got=f"`{plain(value, limit=60)}`",
    )


def _metrics(results: shapes.Results) -> tuple[ReportedMetric, ...]:
    scores = list(results.scores or ())
    if results.scorer is not None and not scores:
        old = results.scorer
        scores = [
            shapes.EvalScore(name=old.name, scorer=old.name, metrics=results.metrics or old.metrics)
        ]
    return tuple(
        ReportedMetric(
            score=_text(score.name),
            scorer=_text(score.scorer),
            reducer=_text(score.reducer),
            metric=key[:_TEXT_LIMIT],
            value=_number(metric.value),
        )
        for score in scores
        for key, metric in (score.metrics or {}).items()
    )


def _early_stops(summary: Mapping[str, Any] | None) -> int:
    stops = (summary or {}).get("early_stops")
    return len(stops) if isinstance(stops, list) else 0


def _stopping(summary: Mapping[str, Any] | None) -> StopRecord | None:
    said = (summary or {}).get("metadata")
    manager = _text((summary or {}).get("manager"))
    if not manager:
        return None
    facts = said if isinstance(said, dict) else {}
    return StopRecord(
        manager=manager,
        line=_number(facts.get("line")),
        alpha=_number(facts.get("alpha")),
        score=_text(facts.get("score")) or None,
    )


def _comparability(metadata: Mapping[str, Any] | None) -> str:
    """Read the version within which inspect_evals says that results compare."""
    return _text((metadata or {}).get("task_comparability_version"))


def _reducers(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_text(value),)
    return tuple(_text(item) for item in value) if isinstance(value, list) else ()


def _roles(roles: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    found = []
    for role, entry in (roles or {}).items():
        for config in entry if isinstance(entry, list) else [entry]:
            model = config.get("model") if isinstance(config, dict) else config
            found.append((_text(role), _text(model)))
    return tuple(found)


def _texts(mapping: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    return tuple((_text(key), _text(value)) for key, value in (mapping or {}).items())


def _scalars(mapping: Mapping[str, Any] | None) -> tuple[tuple[str, Scalar], ...]:
    return tuple(
        (_text(key), value)
        for key, value in (mapping or {}).items()
        if short_scalar(value) is not None and not _may_be_secret(key)
    )


def _may_be_secret(key: str) -> bool:
    lower = key.lower()
    return lower not in _NOT_SECRET and any(word in lower for word in _SECRET)


def short_scalar(value: Any) -> Scalar | None:
    """Return a value that fits in a table cell; None for all others and for non-finite numbers."""
    if isinstance(value, str):
        return _text(value) if len(value) <= _TEXT_LIMIT else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool):
        return value
    return value if isinstance(value, int) and abs(value) < 2**63 else None


def _text(value: Any) -> str:
    """Return bounded text that can be encoded; empty for what is not a scalar."""
    if value is None:
        return ""
    if isinstance(value, str):
        cut = value[:_TEXT_LIMIT]
        return cut if cut.isascii() else cut.encode("utf-8", "replace").decode()
    return str(value)[:_TEXT_LIMIT] if isinstance(value, int | float) else ""


def _short(value: Any) -> str:
    return plain(value, limit=80)


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < 2**53 or value != int(value):
        return None
    return int(value)


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _instant(value: Any) -> datetime | None:
    """Read an instant; None when absent or without a zone (the reader flags it)."""
    if not isinstance(value, str) or not value:
        return None
    try:
        found = datetime.fromisoformat(value)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _digest(value: Any) -> str:
    """Digest plain data in sorted order; NaN is null here, and lone surrogates are escaped."""
    if not value:
        return _DIGEST_OF_NOTHING
    try:
        content = msgspec.json.encode(value, order="sorted")
    except (msgspec.MsgspecError, UnicodeEncodeError, TypeError, OverflowError):
        content = json.dumps(value, sort_keys=True, default=str).encode()
    return hashlib.sha256(content).hexdigest()


def _ids_digest(ids: Iterable[str]) -> str:
    ordered = sorted(set(ids))
    return _digest(ordered) if ordered else ""
