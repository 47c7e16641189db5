"""Check a log: count apart everything that was not cleanly measured, and compare it with its plan.

The rules:

1. `status: success` proves nothing: errored samples leave both numerator and denominator,
   limit-stopped ones are scored as failures, and the header looks clean either way.
2. Every kind of blemish is counted for itself; a sample that has two is counted under both.
3. Two plans are compared: the header's own, and the evaluation plan when one is given. What is
   planned and absent is counted, and what is present and unplanned too.
4. A sample run that appears twice (same uuid, or same item and epoch) is counted once elsewhere,
   and as a duplicate here.
5. A model that a provider reports is the asked one when their last name parts are equal, or when
   the reported one only adds a date or a version to it.
6. Early stopping is a flaw unless the plan says that the bound to be used allows it.
7. Nothing here judges: a report is counts. What they do to an estimate is in `units`.

Sources: METR's public runs (a quarter stopped by a usage limit, far from at random) and the cases
in inspect-ai issues 3707, 4286, 3582 show why each count is needed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scalegate.base.errors import UnknownName, UsageError
from scalegate.evidence.eval_log import (
    INSTRUMENT_NOTES,
    REFUSAL_NOTES,
    TRUNCATIONS,
    Detail,
    EvalLog,
    Flag,
    FlagKind,
    LogHeader,
    SampleTable,
    ScoreColumn,
)
from scalegate.evidence.recompute import epochs_by_item
from scalegate.evidence.units import (
    Attempt,
    Cautious,
    OverEpochs,
    UnitRule,
    UnitScores,
    cautious_units,
    merge_units,
)

__all__ = [
    "Attempt",
    "Cautious",
    "Expectation",
    "OverEpochs",
    "UnitRule",
    "UnitScores",
    "ValidityReport",
    "cautious_units",
    "check_log",
    "check_together",
    "merge_units",
]

_VERSION_SUFFIX = re.compile(r"[-@:_](?:\d[\d.\-]*|latest|v\d[\d.]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an evaluation plan says that a log should be. None: the plan does not say."""

    name: str
    """Name of the planned run, for messages."""
    task: str | None = None
    """Task name as logged."""
    task_version: str | None = None
    """Task version as logged."""
    comparability_version: str | None = None
    """Version within which results compare."""
    model: str | None = None
    """`provider/name` as asked for."""
    dataset_name: str | None = None
    """Name of the data set."""
    dataset_ids_digest: str | None = None
    """SHA-256 of the sorted ids, as `LogHeader.dataset_ids_digest`."""
    item_ids: tuple[str, ...] | None = None
    """Items that should be there."""
    samples: int | None = None
    """Number of items that should be there."""
    epochs: int | None = None
    """Epochs of each."""
    allows_early_stopping: bool = False
    """True when the bound to be used holds at any stopping time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidityReport:
    """What was found, counted apart."""

    digest_sha256: str
    """Which log."""
    scorer: str
    """Which score."""
    rows: int
    """Sample runs in the log."""
    clean: int
    """Sample runs without any blemish that concerns their score."""
    planned_total: int | None
    """Sample runs that the header planned; None when it does not say."""
    flags: tuple[Flag, ...]
    """Everything that was noticed, the reader's flags included."""

    def count(self, kind: FlagKind, where: str | None = None) -> int:
        """Return how many samples or things a kind of flag concerns, at one place or at all."""
        return sum(
            flag.count
            for flag in self.flags
            if flag.kind is kind and (where is None or flag.where == where)
        )

    @property
    def kinds(self) -> frozenset[FlagKind]:
        """The kinds of flag that were raised."""
        return frozenset(flag.kind for flag in self.flags)


def check_log(
    log: EvalLog,
    *,
    scorer: str,
    plan: Expectation | None = None,
    score_range: tuple[float, float] = (0.0, 1.0),
) -> ValidityReport:
    """Count what is wrong with a log, for one of its scores.

    Raises:
        UnknownName: the log has scores, and none of that name.
        UsageError: the log was not read in full.
    """
    samples, header = log.samples, log.header
    if samples.detail is not Detail.FULL:
        raise UsageError("a validity check needs the whole log", hint="read it with `read_log`")
    column = samples.score(scorer)
    if column is None and samples.scores:
        raise UnknownName("score", scorer, known=samples.score_names)
    present = epochs_by_item(samples)
    flags = [
        *log.flags,
        *_run_flags(header, samples, plan),
        *_sample_flags(samples),
        *_score_flags(samples, column, score_range),
        *_model_flags(header, samples),
        *_duplicate_flags(samples, present),
        *_absence_flags(header, present),
        *(_plan_flags(header, plan, present) if plan is not None else ()),
    ]
    return ValidityReport(
        digest_sha256=log.digest_sha256,
        scorer=scorer,
        rows=len(samples),
        clean=_clean(samples, column, score_range),
        planned_total=header.planned_total,
        flags=tuple(flags),
    )


def check_together(logs: Iterable[EvalLog]) -> tuple[Flag, ...]:
    """Say in what several logs that should be one run differ: model, task, version, data set."""
    found = tuple(logs)
    flags = []
    facts: tuple[tuple[FlagKind, str, Callable[[LogHeader], str]], ...] = (
        (FlagKind.MIXED_MODELS, "eval.model", lambda header: header.model),
        (FlagKind.MIXED_MODELS, "eval.model_args", lambda header: header.model_args_digest),
        (FlagKind.PLAN_MISMATCH, "eval.task", lambda header: header.task),
        (FlagKind.PLAN_MISMATCH, "eval.task_version", lambda header: header.task_version),
        (FlagKind.PLAN_MISMATCH, "eval.task_args", lambda header: header.task_args_digest),
        (FlagKind.PLAN_MISMATCH, "eval.dataset", lambda header: header.dataset_name),
    )
    for kind, where, fact in facts:
        values = sorted({fact(log.header) for log in found})
        if len(values) > 1:
            flags.append(
                Flag(
                    kind=kind,
                    count=len(values),
                    where=where,
                    expected="one value for all logs",
                    got=", ".join(values[:4]),
                )
            )
    return tuple(flags)


def _run_flags(header: LogHeader, samples: SampleTable, plan: Expectation | None) -> Iterator[Flag]:
    if header.status != "success":
        yield Flag(kind=FlagKind.STATUS, expected="success", got=header.status)
    if not header.is_finished:
        yield Flag(kind=FlagKind.UNFINISHED, expected="a final header", got="none")
    if header.is_invalidated:
        yield Flag(kind=FlagKind.LOG_INVALIDATED, where="invalidated")
    if not samples:
        yield Flag(kind=FlagKind.NO_SAMPLES, expected="samples", got="none")
    if header.is_subset:
        yield Flag(
            kind=FlagKind.SUBSET,
            where="eval.config",
            expected=f"{_or_unknown(header.dataset_size)} items",
            got=header.subset,
        )
    stopped_early = header.has_early_stopping or header.early_stop_count
    if stopped_early and not (plan is not None and plan.allows_early_stopping):
        yield Flag(
            kind=FlagKind.EARLY_STOPPED,
            count=max(header.early_stop_count, 1),
            where="results.early_stopping",
            expected="a fixed number of samples, or a bound that holds at any stopping time",
            got=f"{header.early_stop_count} stopped early",
        )
    if header.config_update_count:
        yield Flag(
            kind=FlagKind.CONFIG_CHANGED, count=header.config_update_count, where="config_updates"
        )
    if header.is_revision_dirty:
        yield Flag(kind=FlagKind.DIRTY_CODE, where="eval.revision", got=header.revision_commit)


def _sample_flags(samples: SampleTable) -> Iterator[Flag]:
    errors = Counter(samples.errors)
    yield from _counted(FlagKind.ERRORED, errors["errored"])
    yield from _counted(FlagKind.CANCELLED, errors["cancelled"])
    for limit, count in sorted(Counter(filter(None, samples.limits)).items()):
        yield Flag(kind=FlagKind.LIMIT, count=count, where=limit)
    for stop, count in sorted(Counter(samples.stop_reasons).items()):
        if stop in TRUNCATIONS:
            yield Flag(kind=FlagKind.TRUNCATED, count=count, where=stop)
        elif stop == "content_filter":
            yield Flag(kind=FlagKind.FILTERED, count=count, where=stop)
    yield from _counted(FlagKind.INVALIDATED, sum(samples.invalidated))
    yield from _counted(FlagKind.RETRIED, sum(map(bool, samples.retries)))


def _score_flags(
    samples: SampleTable, column: ScoreColumn | None, score_range: tuple[float, float]
) -> Iterator[Flag]:
    notes = column.notes if column is not None else ("",) * len(samples)
    refused = 0
    if any(samples.refused) or any(notes):
        refused = sum(
            1
            for by_provider, note in zip(samples.refused, notes, strict=True)
            if by_provider or note in REFUSAL_NOTES
        )
    yield from _counted(FlagKind.REFUSED, refused)
    if column is None:
        yield from _counted(FlagKind.UNSCORED, len(samples), where="no_such_score")
        return
    for reason, count in sorted(Counter(filter(None, column.unscored)).items()):
        yield Flag(kind=FlagKind.UNSCORED, count=count, where=reason)
    written = Counter(filter(None, column.notes))
    for note in sorted(INSTRUMENT_NOTES):
        yield from _counted(FlagKind.INSTRUMENT, written[note], where=note)
    yield from _counted(FlagKind.BAD_FORMAT, written["invalid_response_format"])
    yield from _range_flags(column, score_range)
    yield from _counted(FlagKind.SCORE_EDITED, sum(column.edited))


def _range_flags(column: ScoreColumn, score_range: tuple[float, float]) -> Iterator[Flag]:
    low, high = score_range
    if not column.values or low <= min(column.values) <= max(column.values) <= high:
        return
    outside = [
        value
        for value, unscored in zip(column.values, column.unscored, strict=True)
        if not unscored and not low <= value <= high
    ]
    if outside:
        yield Flag(
            kind=FlagKind.OUT_OF_RANGE,
            count=len(outside),
            expected=f"{low:g} to {high:g}",
            got=f"{min(outside):g} to {max(outside):g}",
        )


def _model_flags(header: LogHeader, samples: SampleTable) -> Iterator[Flag]:
    reported = Counter(samples.output_models)
    del reported[""]
    if len(reported) > 1:
        yield Flag(
            kind=FlagKind.MIXED_MODELS,
            count=len(reported),
            where="output.model",
            expected="one model",
            got=", ".join(sorted(reported)[:4]),
        )
    for model, count in sorted(reported.items()):
        if not is_same_model(header.model, model):
            yield Flag(
                kind=FlagKind.REPORTED_MODEL,
                count=count,
                where="output.model",
                expected=header.model,
                got=model,
            )
    yield from _counted(
        FlagKind.FALLBACK, sum(1 for count in samples.fallbacks if count), where="model_fallbacks"
    )


def is_same_model(asked: str, reported: str) -> bool:
    """Say whether a reported model name is the asked one, up to a date or version (rule 5)."""
    left, right = (name.rpartition("/")[2].lower() for name in (asked, reported))
    left = left.removesuffix("-latest")
    rest = right.removeprefix(left) if right.startswith(left) else None
    return rest == "" or (rest is not None and _VERSION_SUFFIX.fullmatch(rest) is not None)


def _duplicate_flags(samples: SampleTable, present: Counter[str]) -> Iterator[Flag]:
    rows = len(samples)
    named = rows - samples.uuids.count("")
    distinct = set(samples.uuids)
    distinct.discard("")
    yield from _counted(FlagKind.DUPLICATE_UUID, named - len(distinct), where="uuid")
    keys = sum(present.values())
    yield from _counted(FlagKind.DUPLICATE_KEY, rows - keys, where="id and epoch")


def _absence_flags(header: LogHeader, present: Counter[str]) -> Iterator[Flag]:
    yield from _absent(
        present,
        whose="header",
        ids=header.planned_ids or None,
        count=header.planned_id_count,
        epochs=header.planned_epochs,
    )


def _absent(
    present: Counter[str],
    *,
    whose: str,
    ids: tuple[str, ...] | None,
    count: int | None,
    epochs: int,
) -> Iterator[Flag]:
    wanted = set(ids) if ids is not None else set(present)
    missing = sum(1 for item in wanted if item not in present)
    if count is not None:
        missing = max(missing, count - len(present))
    yield from _counted(FlagKind.MISSING_SAMPLES, missing, where=whose, got=f"{len(present)} items")
    short = sum(max(0, epochs - present[item]) for item in present)
    yield from _counted(FlagKind.MISSING_EPOCHS, short, where=whose, got=f"of {epochs} each")
    if ids is not None:
        extra = sum(1 for item in present if item not in wanted)
        yield from _counted(FlagKind.UNPLANNED, extra, where=whose)


def _plan_flags(header: LogHeader, plan: Expectation, present: Counter[str]) -> Iterator[Flag]:
    facts = (
        ("eval.task", plan.task, header.task),
        ("eval.task_version", plan.task_version, header.task_version),
        ("comparability version", plan.comparability_version, header.comparability_version),
        ("eval.model", plan.model, header.model),
        ("eval.dataset.name", plan.dataset_name, header.dataset_name),
        ("eval.dataset.sample_ids", plan.dataset_ids_digest, header.dataset_ids_digest),
    )
    for where, expected, got in facts:
        if expected is not None and expected != got:
            yield Flag(
                kind=FlagKind.PLAN_MISMATCH, where=where, expected=expected, got=got or "nothing"
            )
    if plan.epochs is not None and plan.epochs != header.planned_epochs:
        yield Flag(
            kind=FlagKind.PLAN_MISMATCH,
            where="eval.config.epochs",
            expected=str(plan.epochs),
            got=str(header.planned_epochs),
        )
    yield from _absent(
        present,
        whose=plan.name,
        ids=plan.item_ids,
        count=plan.samples,
        epochs=plan.epochs or 1,
    )


def _clean(
    samples: SampleTable, column: ScoreColumn | None, score_range: tuple[float, float]
) -> int:
    """Count the rows whose score stands as it is (rule 1 of `units`)."""
    if column is None:
        return 0
    low, high = score_range
    stained: set[int] = set()
    truths: tuple[tuple[object, ...], ...] = (
        samples.errors, samples.limits, column.unscored, samples.refused, samples.invalidated,
        samples.fallbacks,
    )  # fmt: skip
    for cells in truths:
        if any(cells):
            stained.update(row for row, cell in enumerate(cells) if cell)
    words = (
        (samples.stop_reasons, TRUNCATIONS | {"content_filter"}),
        (column.notes, REFUSAL_NOTES | INSTRUMENT_NOTES | {"invalid_response_format"}),
    )
    for texts, bad in words:
        stained.update(row for row, text in enumerate(texts) if text in bad)
    if not low <= min(column.values, default=low) <= max(column.values, default=low) <= high:
        stained.update(row for row, value in enumerate(column.values) if not low <= value <= high)
    return len(samples) - len(stained)


def _counted(kind: FlagKind, count: int, *, where: str = "", got: str = "") -> Iterator[Flag]:
    if count > 0:
        yield Flag(kind=kind, count=count, where=where, got=got)


def _or_unknown(count: int | None) -> str:
    return "an unknown number of" if count is None else str(count)
