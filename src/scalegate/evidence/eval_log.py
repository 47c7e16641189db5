"""The parts of an evaluation log that an estimate needs, as plain values.

A log is a header (what was meant to run), a table of samples (what did run) and flags (what the
reader noticed). Three rules hold everywhere:

1. "Not scored" is a reason beside a score, never a number: no NaN, no infinity, no silent zero.
2. The metrics that a log reports about itself are kept only to report a disagreement with its
   own samples. Nothing estimates from them.
3. Text that came from a model or an operator is bounded here; whoever shows it passes it through
   `scalegate.base.plain_text.plain`.

Columns are tuples: immutable, comparable, and cheap to turn into arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Scalar = str | int | float | bool
"""A value that fits in a cell of a table."""


class Container(StrEnum):
    """How the log was stored."""

    EVAL = "eval"
    """A zip archive of JSON members."""
    JSON = "json"
    """One JSON object."""


class Detail(StrEnum):
    """How much of each sample was read."""

    HEADER = "header"
    """No samples: only the header."""
    SCORES = "scores"
    """From the summaries: no stop reason, refusal, reported model or invalidation."""
    FULL = "full"
    """From the samples themselves: everything that validity asks about."""


class FlagKind(StrEnum):
    """Everything that can be wrong with a log, counted apart (closed list)."""

    STATUS = "status"
    """The run did not end with `success`."""
    UNFINISHED = "unfinished"
    """No final header: the run was still going or crashed."""
    LOG_INVALIDATED = "log_invalidated"
    """The header says that samples were invalidated."""
    ERRORED = "errored"
    """The sample ended in an error."""
    CANCELLED = "cancelled"
    """The sample was cancelled."""
    LIMIT = "limit"
    """The sample was stopped by a limit; `where` is the kind of limit."""
    REFUSED = "refused"
    """The model refused, or gave no answer by the scorer's own account."""
    FILTERED = "filtered"
    """A content filter cut the answer."""
    TRUNCATED = "truncated"
    """The answer was cut at the token limit or the context length."""
    UNSCORED = "unscored"
    """No usable score; `where` is the reason."""
    INSTRUMENT = "instrument"
    """The scorer says that it, or its grader, failed; `where` is its reason."""
    BAD_FORMAT = "bad_format"
    """The scorer says that the answer was not in the asked form."""
    OUT_OF_RANGE = "out_of_range"
    """A score lies outside the range of the asked measure."""
    MISSING_SAMPLES = "missing_samples"
    """Planned items of which no epoch is present; `where` says by whose plan."""
    MISSING_EPOCHS = "missing_epochs"
    """Planned epochs that are absent of items that are present."""
    UNPLANNED = "unplanned"
    """Samples that no plan names."""
    DUPLICATE_UUID = "duplicate_uuid"
    """The same sample run appears again; it is counted once."""
    DUPLICATE_KEY = "duplicate_key"
    """The same item and epoch appear again with another run."""
    SUPERSEDED = "superseded"
    """A zip member occurs more than once; the last one counts."""
    MIXED_MODELS = "mixed_models"
    """Samples report more than one model."""
    REPORTED_MODEL = "reported_model"
    """The model that a provider reported is not the model of the header."""
    FALLBACK = "fallback"
    """Requests were served by another model than asked."""
    INVALIDATED = "invalidated"
    """The sample was invalidated after the run."""
    SCORE_EDITED = "score_edited"
    """The score was edited after the run."""
    RETRIED = "retried"
    """The sample succeeded only after errors."""
    EARLY_STOPPED = "early_stopped"
    """Samples were left out by an early-stopping rule; fixed-size bounds do not hold."""
    CONFIG_CHANGED = "config_changed"
    """Limits or settings were changed while the run was going."""
    SUBSET = "subset"
    """Only part of the data set was asked for."""
    HEADER_MISMATCH = "header_mismatch"
    """The header says something that its samples do not bear out."""
    PLAN_MISMATCH = "plan_mismatch"
    """The log is not of the task, version, data set or model that the plan names."""
    NO_DATE = "no_date"
    """An instant is missing or has no zone."""
    ODD_NAME = "odd_name"
    """A member name looks like a path trick; names are never used as paths."""
    FOREIGN_READER = "foreign_reader"
    """The log was read through inspect-ai: the fast reader does not know its layout."""
    DIRTY_CODE = "dirty_code"
    """The run's code had changes that were not committed."""
    NO_SAMPLES = "no_samples"
    """The log holds no samples at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing that was noticed, how often, and where."""

    kind: FlagKind
    """What was noticed."""
    count: int = 1
    """How many samples (or things) it concerns."""
    where: str = ""
    """Which field, limit, reason or plan."""
    expected: str = ""
    """What was expected, as text."""
    got: str = ""
    """What was found, as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedMetric:
    """A metric that the log states about itself: never evidence."""

    score: str
    """Name of the score."""
    scorer: str
    """Name of the scorer that gave it."""
    reducer: str
    """Reducer over epochs; empty when the log names none (then it is the mean)."""
    metric: str
    """Name of the metric, such as `accuracy`."""
    value: float | None
    """The stated value; None where it is not a finite number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLimits:
    """Limits that were set for every sample; None where none was set."""

    messages: float | None = None
    """Messages."""
    tokens: float | None = None
    """Tokens."""
    turns: float | None = None
    """Model generations."""
    time_seconds: float | None = None
    """Clock time in seconds."""
    working_seconds: float | None = None
    """Working time in seconds."""
    cost_usd: float | None = None
    """Cost in US dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecord:
    """What an early-stopping manager wrote into its log; a statement of the run, never believed.

    None: the manager did not say, or not as a number or short text.
    """

    manager: str
    """Name of the manager, with its version."""
    line: float | None = None
    """The line it asked about."""
    alpha: float | None = None
    """Error probability of each of its questions."""
    score: str | None = None
    """Name of the score it judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHeader:
    """What was meant to run, by the log's own account."""

    container: Container
    """How the log was stored."""
    format_version: int | None
    """The `version` field; None where the log has none."""
    status: str
    """`started`, `success`, `cancelled` or `error`. `success` proves nothing."""
    is_finished: bool
    """True when the final header was written."""
    error: str
    """The run's error message, bounded; empty when it had none."""
    is_invalidated: bool
    """True when the log says that samples were invalidated."""
    eval_id: str
    """Id of this run of this task."""
    run_id: str
    """Id of the process that ran it."""
    task_id: str
    """Id of the task, kept over retries."""
    eval_set_id: str
    """Id of the set of evaluations, kept over retries; empty when there was none."""
    task: str
    """Task name as logged."""
    task_version: str
    """Task version as logged, as text."""
    comparability_version: str
    """The version within which results compare, where the task states one; else empty."""
    task_args_digest: str
    """SHA-256 of the task's arguments."""
    model: str
    """`provider/name` as asked for."""
    model_args: tuple[tuple[str, Scalar], ...]
    """Scalar model arguments, without anything that looks like a secret."""
    model_args_digest: str
    """SHA-256 of all model arguments."""
    model_roles: tuple[tuple[str, str], ...]
    """Other models in use, by role."""
    model_generate_config: tuple[tuple[str, Scalar], ...]
    """Scalar generation settings of the model."""
    plan_generate_config: tuple[tuple[str, Scalar], ...]
    """Scalar generation settings of the task's plan."""
    dataset_name: str
    """Name of the data set."""
    dataset_location: str
    """Where the data set came from."""
    dataset_size: int | None
    """Items in the data set, before any limit."""
    dataset_ids_digest: str
    """SHA-256 of the sorted planned ids; empty when the log lists none."""
    planned_ids: tuple[str, ...]
    """Items that were to run, as text; empty when the log lists none."""
    planned_id_count: int | None
    """Items that were to run: the largest number that the header's fields agree with."""
    planned_epochs: int
    """Epochs per item that were to run."""
    is_subset: bool
    """True when only part of the data set was asked for."""
    subset: str
    """The limit or the sample ids that were asked for, as short text."""
    epochs_reducers: tuple[str, ...]
    """Reducers over epochs, as logged."""
    created_at: datetime | None
    """When the log was created; None when absent or without a zone."""
    started_at: datetime | None
    """When the run started."""
    completed_at: datetime | None
    """When the run ended."""
    inspect_version: str
    """Version of inspect-ai that wrote the log; empty when unknown."""
    packages: tuple[tuple[str, str], ...]
    """Package versions as logged."""
    revision_commit: str
    """Commit of the evaluation's code; empty when unknown."""
    is_revision_dirty: bool | None
    """True when that code had uncommitted changes; None when the log does not say."""
    limits: PlannedLimits
    """Limits set for every sample."""
    has_early_stopping: bool
    """True when an early-stopping manager was present."""
    early_stop_count: int
    """Samples that it left out."""
    stopping: StopRecord | None = None
    """What the manager said of itself; None where it has no name."""
    is_shuffled: bool = False
    """True when the log says that the listed items were shuffled."""
    reported_total: int | None
    """Planned sample runs, as the log's results state them."""
    reported_completed: int | None
    """Sample runs without error, as the log's results state them."""
    reported_metrics: tuple[ReportedMetric, ...]
    """Metrics the log states: kept only to report disagreement."""
    scorers: tuple[str, ...]
    """Scorers named in the header."""
    config_update_count: int
    """Settings changed while the run was going."""
    log_update_count: int
    """Edits of tags and metadata after the run."""

    @property
    def planned_total(self) -> int | None:
        """Planned items times planned epochs; None when the header does not say."""
        if self.planned_id_count is None:
            return None
        return self.planned_id_count * self.planned_epochs


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreColumn:
    """One score of every sample. A dict- or list-valued score gives one column per entry."""

    name: str
    """`scorer`, `scorer/key` or `scorer/0`."""
    values: tuple[float, ...]
    """The score; 0.0 where it is unscored, which only `unscored` tells apart."""
    unscored: tuple[str, ...]
    """Why there is no score; empty text where there is one."""
    notes: tuple[str, ...]
    """The scorer's own reason for an abnormal score (`refusal`, `no_answer`, ...), or empty."""
    edited: tuple[bool, ...]
    """True where the score was changed after the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataColumn:
    """One scalar metadata field of every sample."""

    name: str
    """The key."""
    values: tuple[Scalar | None, ...]
    """The value; None where it is absent or not a short scalar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """One sample run."""

    id: str
    """The item's id as text."""
    epoch: int
    """Which repetition of the item."""
    uuid: str
    """Id of this sample run; empty in logs that have none."""
    score: float | None
    """The asked score; None when unscored."""
    unscored: str
    """Why there is no score, or empty."""
    note: str
    """The scorer's own reason for an abnormal score, or empty."""
    is_edited: bool
    """True when the score was changed after the run."""
    error: str
    """`errored`, `cancelled` or empty."""
    limit: str
    """Kind of limit that stopped it, or empty."""
    stop_reason: str
    """Why the last generation ended, or empty."""
    stop_category: str
    """Category of a refusal or filter, or empty."""
    is_refused: bool
    """True when the provider or the scorer reports a refusal."""
    is_invalidated: bool
    """True when it was invalidated after the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTable:
    """All samples of a log, column by column, in the order of the log."""

    detail: Detail
    """How much was read: columns that were not read hold empty values."""
    ids: tuple[str, ...] = ()
    """Item ids as text."""
    epochs: tuple[int, ...] = ()
    """Repetitions, from 1."""
    uuids: tuple[str, ...] = ()
    """Sample-run ids; empty text in logs that have none."""
    scores: tuple[ScoreColumn, ...] = ()
    """One column per score."""
    errors: tuple[str, ...] = ()
    """`errored`, `cancelled` or empty."""
    limits: tuple[str, ...] = ()
    """Kind of limit that stopped the sample, or empty."""
    stop_reasons: tuple[str, ...] = ()
    """Why the last generation ended (`stop`, `max_tokens`, `content_filter`, ...), or empty."""
    stop_categories: tuple[str, ...] = ()
    """Category of a refusal or filter, or empty."""
    refused: tuple[bool, ...] = ()
    """True where the provider reports a refusal."""
    output_models: tuple[str, ...] = ()
    """Model that the provider reported, or empty."""
    fallbacks: tuple[int, ...] = ()
    """Requests that another model served."""
    invalidated: tuple[bool, ...] = ()
    """True where the sample was invalidated after the run."""
    retries: tuple[int, ...] = ()
    """Errors before this outcome."""
    total_seconds: tuple[float | None, ...] = ()
    """Clock time."""
    working_seconds: tuple[float | None, ...] = ()
    """Working time."""
    tokens_in: tuple[int | None, ...] = ()
    """Input tokens of all models of the sample, graders and cached input included."""
    tokens_out: tuple[int | None, ...] = ()
    """Output tokens of all models of the sample."""
    metadata: tuple[MetadataColumn, ...] = ()
    """The metadata fields that were asked for."""
    error_texts: tuple[tuple[int, str], ...] = ()
    """Row and bounded message of the first few errors."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def score_names(self) -> tuple[str, ...]:
        """Names of the score columns, in order."""
        return tuple(column.name for column in self.scores)

    def score(self, name: str) -> ScoreColumn | None:
        """Return the column of that name, or None."""
        return next((column for column in self.scores if column.name == name), None)

    def field(self, name: str) -> MetadataColumn | None:
        """Return the metadata column of that name, or None."""
        return next((column for column in self.metadata if column.name == name), None)

    def rows(self, scorer: str | None = None) -> Iterator[SampleRow]:
        """Yield the samples one by one, with one score (by default the first column)."""
        name = scorer if scorer is not None else next(iter(self.score_names), "")
        column = self.score(name)
        for index, item in enumerate(self.ids):
            unscored = column.unscored[index] if column else "no_such_score"
            note = column.notes[index] if column else ""
            yield SampleRow(
                id=item,
                epoch=self.epochs[index],
                uuid=self.uuids[index],
                score=None if unscored or column is None else column.values[index],
                unscored=unscored,
                note=note,
                is_edited=column.edited[index] if column else False,
                error=self.errors[index],
                limit=self.limits[index],
                stop_reason=self.stop_reasons[index],
                stop_category=self.stop_categories[index],
                is_refused=self.refused[index] or note in REFUSAL_NOTES,
                is_invalidated=self.invalidated[index],
            )


REFUSAL_NOTES = frozenset({"refusal", "no_response", "no_answer"})
"""Scorer reasons that mean: the model did not try."""
INSTRUMENT_NOTES = frozenset({"grader_failed", "scoring_failed"})
"""Scorer reasons that mean: the measurement failed, not the model."""
TRUNCATIONS = frozenset({"max_tokens", "model_length"})
"""Stop reasons that mean: the answer was cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalLog:
    """One evaluation log."""

    digest_sha256: str
    """SHA-256 of the file; empty when only part of it was read."""
    byte_size: int
    """Size of the file in bytes."""
    header: LogHeader
    """What was meant to run."""
    samples: SampleTable
    """What did run."""
    flags: tuple[Flag, ...]
    """What the reader noticed, header mismatches included."""
