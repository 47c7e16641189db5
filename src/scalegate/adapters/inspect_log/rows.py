"""Collect decoded samples into columns."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from operator import itemgetter
from typing import Any, TypeVar

from scalegate.adapters.inspect_log import shapes
from scalegate.adapters.inspect_log.header import id_text, short_scalar
from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain
from scalegate.evidence.eval_log import Detail, MetadataColumn, SampleTable, ScoreColumn
from scalegate.evidence.score_value import entries_of, score_number

Cell = TypeVar("Cell")
_ScoreCell = tuple[float, str, str, bool]
"""Number, why it is unscored, note, edited."""

_SCORE_COLUMNS = 2000
_ERROR_TEXTS = 20
_STOP_REASONS = {"length": "max_tokens"}
_PLAIN = (str, int, float, bool)
_KEPT_WORDS = 10_000
_KEPT_LENGTH = 256
_EPOCHS = 2**31
_ABSENT: _ScoreCell = (0.0, "absent", "", False)
_CANCELLED = ("CancelledError(", "Cancelled(")


class TableBuilder:
    """Grows a `SampleTable` by blocks of samples, column by column.

    `placeholder` names the score of logs that had only one (`score` instead of `scores`).
    """

    def __init__(self, *, placeholder: str, metadata_keys: tuple[str, ...] = ()) -> None:
        self._placeholder = placeholder
        self._keys = metadata_keys
        self._scores: dict[str, list[_ScoreCell]] = {}
        self._words: dict[str, str] = {"": ""}
        self._letters: dict[str, _ScoreCell] = {}
        self.ids: list[str] = []
        self.epochs: list[int] = []
        self._uuids: list[str] = []
        self._stops: list[str] = []
        self._models: list[str] = []
        self._total: list[float | None] = []
        self._working: list[float | None] = []
        self._tokens_in: list[int | None] = []
        self._tokens_out: list[int | None] = []
        self._fields: list[list[Any]] = [[] for _ in metadata_keys]
        self._error_texts: list[tuple[int, str]] = []
        # What few samples have is kept by row, and spread out at the end.
        self._errors: dict[int, str] = {}
        self._limits: dict[int, str] = {}
        self._categories: dict[int, str] = {}
        self._refused: dict[int, bool] = {}
        self._fallbacks: dict[int, int] = {}
        self._invalidated: dict[int, bool] = {}
        self._retries: dict[int, int] = {}

    def add_summaries(self, summaries: Sequence[shapes.Summary]) -> None:
        """Add entries of the summaries: id, epoch, scores, error, limit.

        Raises:
            FormatError: an entry has no usable id or epoch, or too many scores.
        """
        start = len(self.ids)
        self._add_keys(summaries)
        self._add_scores([summary.scores for summary in summaries], start)
        for row, summary in enumerate(summaries, start):
            if summary.error is not None:
                self._errors[row] = self._error_kind(summary.error, row)
            if summary.limit is not None:
                self._limits[row] = self._word(summary.limit) or "unknown"

    def add_block(self, samples: Sequence[shapes.Sample], places: Sequence[str]) -> None:
        """Add samples; `places` says of each where it stands in the log, for faults.

        Raises:
            FormatError: a sample carries both `score` and `scores`, or no usable id. The builder
                is of no use afterwards.
        """
        start = len(self.ids)
        try:
            self._add_keys(samples)
            self._add_scores(
                [
                    sample.scores if sample.score is None else self._scores_of(sample)
                    for sample in samples
                ],
                start,
            )
        except FormatError:
            self._name_fault(samples, places, start)
            raise
        self._uuids.extend([sample.uuid or "" for sample in samples])
        self._total.extend(_finite([sample.total_time for sample in samples]))
        self._working.extend(_finite([sample.working_time for sample in samples]))
        self._add_outputs([sample.output for sample in samples], start)
        self._add_usage([sample.model_usage for sample in samples])
        self._add_blemishes(samples, start)
        if self._keys:
            for sample in samples:
                self._add_metadata(getattr(sample, "metadata", None))

    def _add_keys(self, samples: Sequence[shapes.Sample | shapes.Summary]) -> None:
        epochs = [sample.epoch for sample in samples]
        if epochs:
            _epoch(min(epochs))
            _epoch(max(epochs))
        self.epochs.extend(epochs)
        self.ids.extend([id_text(sample.id) for sample in samples])

    def _add_scores(self, found: Sequence[dict[str, shapes.Score] | None], start: int) -> None:
        columns, letters = self._scores, self._letters
        for row, scores in enumerate(found, start):
            for scorer, score in scores.items() if scores else ():
                column = columns.get(scorer)
                value = score.value
                # The hot path: nearly all scores are one of a few letters, and nothing more.
                cell = letters.get(value) if value.__class__ is str else None
                if (
                    cell is None
                    or column is None
                    or len(column) != row
                    or score.reason is not None
                    or score.metadata is not None
                    or score.history
                ):
                    self._add_score(scorer, score, row)
                else:
                    column.append(cell)

    def _name_fault(
        self, samples: Sequence[shapes.Sample], places: Sequence[str], start: int
    ) -> None:
        """Go through a block one by one, to say in which sample its fault is.

        Raises:
            FormatError: the fault, with the sample's place.
        """
        del self.ids[start:], self.epochs[start:]
        for column in self._scores.values():
            del column[start:]
        for row, (sample, place) in enumerate(zip(samples, places, strict=True), start):
            try:
                self._add_keys([sample])
                self._add_scores([self._scores_of(sample)], row)
            except FormatError as fault:
                raise in_member(fault, place) from fault.__cause__

    def _add_blemishes(self, samples: Sequence[shapes.Sample], start: int) -> None:
        """Note what few samples have."""
        for row, sample in enumerate(samples, start):
            if sample.error is not None:
                self._errors[row] = self._error_kind(sample.error.message, row)
            if sample.limit is not None:
                self._limits[row] = self._word(sample.limit.type) or "unknown"
            if sample.model_fallbacks:
                self._fallbacks[row] = sum(max(entry.count, 1) for entry in sample.model_fallbacks)
            if sample.invalidation is not None:
                self._invalidated[row] = True
            if sample.error_retries:
                self._retries[row] = len(sample.error_retries)

    def _scores_of(self, sample: shapes.Sample) -> dict[str, shapes.Score] | None:
        if sample.score is None:
            return sample.scores
        if sample.scores:
            raise FormatError(
                "sample has both the old and the new field for scores",
                path="scores",
                expected="`scores` or `score`",
                got="both",
            )
        return {self._placeholder: sample.score}

    def _add_score(self, scorer: str, score: shapes.Score, row: int) -> None:
        """Add a score of any kind: one entry, or one for each part of its value."""
        value = score.value
        entries = [(scorer, value)] if value.__class__ in _PLAIN else entries_of(scorer, value)
        for name, entry in entries:
            self._column(name, row).append(self._cell(entry, score))

    def _cell(self, value: Any, score: shapes.Score) -> _ScoreCell:
        """Return (number, why it is unscored, note, edited); the scorer's own note comes first."""
        number, unscored, note = score_number(value)
        written = score.reason
        if written is None and score.metadata is not None:
            written = score.metadata.unscored_reason
        if written is not None:
            note = self._word(str(written)) or note
        cell = (number, unscored, note, bool(score.history))
        is_letter = value.__class__ is str and len(value) < _KEPT_LENGTH
        if is_letter and written is None and not score.history and len(self._letters) < _KEPT_WORDS:
            self._letters[value] = cell
        return cell

    def _column(self, name: str, row: int) -> list[_ScoreCell]:
        """Return the column of that name, filled up to the row before `row`."""
        column = self._scores.get(name)
        if column is None:
            if len(self._scores) >= _SCORE_COLUMNS:
                raise FormatError(
                    "log has too many different scores",
                    path="scores",
                    expected=f"at most {_SCORE_COLUMNS}",
                    got="more",
                )
            column = self._scores[name] = []
        _fill_to(column, row)
        if len(column) > row:
            raise FormatError(
                "two scores of a sample have the same name",
                path=f"scores.{plain(name, limit=80)}",
                expected="one value",
                got="two",
            )
        return column

    def _add_outputs(self, outputs: Sequence[shapes.Output | None], start: int) -> None:
        words, add_model, add_stop = self._words, self._models.append, self._stops.append
        for row, output in enumerate(outputs, start):
            if output is None:
                add_model("")
                add_stop("")
                continue
            model = output.model or ""
            add_model(words.get(model) or self._word(model))
            stop = ""
            if output.choices:
                choice = output.choices[0]
                stop = choice.stop_reason or ""
                if choice.stop_details is not None:
                    self._add_details(choice.stop_details, row)
            stop = _STOP_REASONS.get(stop, stop)
            add_stop(words.get(stop) or self._word(stop))
            if output.error is not None:
                self._refused[row] = True

    def _add_details(self, details: shapes.StopDetails, row: int) -> None:
        self._categories[row] = self._word(details.category or details.type or "")
        if details.type == "refusal":
            self._refused[row] = True

    def _add_usage(self, usages: Sequence[dict[str, shapes.Usage] | None]) -> None:
        add_in, add_out = self._tokens_in.append, self._tokens_out.append
        for usage in usages:
            if not usage:
                add_in(None)
                add_out(None)
                continue
            tokens_in = tokens_out = 0
            for entry in usage.values():
                tokens_in += entry.input_tokens or 0
                tokens_out += entry.output_tokens or 0
                if entry.input_tokens_cache_read or entry.input_tokens_cache_write:
                    tokens_in += entry.input_tokens_cache_read or 0
                    tokens_in += entry.input_tokens_cache_write or 0
            add_in(tokens_in)
            add_out(tokens_out)

    def _add_metadata(self, metadata: Any) -> None:
        for index, column in enumerate(self._fields):
            value = getattr(metadata, f"field_{index}", None) if metadata is not None else None
            cell = short_scalar(value)
            column.append(self._word(cell) if isinstance(cell, str) else cell)

    def _error_kind(self, message: str, row: int) -> str:
        if message.startswith(_CANCELLED):
            return "cancelled"
        if len(self._error_texts) < _ERROR_TEXTS:
            self._error_texts.append((row, plain(message, limit=200)))
        return "errored"

    def _word(self, text: str) -> str:
        """Return the one kept copy of a short, encodable text."""
        known = self._words.get(text)
        if known is None:
            known = plain(text, limit=1000)
            if len(self._words) < _KEPT_WORDS and len(text) < _KEPT_LENGTH:
                self._words[text] = known
        return known

    def table(self, detail: Detail) -> SampleTable:
        """Return the finished table."""
        rows = len(self.ids)
        for column in self._scores.values():
            _fill_to(column, rows)
        is_full = detail is Detail.FULL
        return SampleTable(
            detail=detail,
            ids=tuple(self.ids),
            epochs=tuple(self.epochs),
            uuids=tuple(self._uuids) if is_full else ("",) * rows,
            scores=tuple(_score_column(name, cells) for name, cells in self._scores.items()),
            errors=_spread(self._errors, rows, ""),
            limits=_spread(self._limits, rows, ""),
            stop_reasons=tuple(self._stops) if is_full else ("",) * rows,
            stop_categories=_spread(self._categories, rows, ""),
            refused=_spread(self._refused, rows, False),
            output_models=tuple(self._models) if is_full else ("",) * rows,
            fallbacks=_spread(self._fallbacks, rows, 0),
            invalidated=_spread(self._invalidated, rows, False),
            retries=_spread(self._retries, rows, 0),
            total_seconds=tuple(self._total) if is_full else (None,) * rows,
            working_seconds=tuple(self._working) if is_full else (None,) * rows,
            tokens_in=tuple(self._tokens_in) if is_full else (None,) * rows,
            tokens_out=tuple(self._tokens_out) if is_full else (None,) * rows,
            metadata=tuple(
                MetadataColumn(name=key, values=tuple(values))
                for key, values in zip(self._keys, self._fields, strict=True)
            ),
            error_texts=tuple(self._error_texts),
        )


def _epoch(number: int) -> int:
    if not 0 <= number < _EPOCHS:
        raise FormatError(
            "not an epoch", path="epoch", expected="a whole number from 1", got=f"`{number}`"
        )
    return number


def in_member(fault: FormatError, name: str) -> FormatError:
    """Say of a fault in which member of the log it is."""
    shown = plain(name, limit=120)
    return FormatError(
        fault.what,
        path=fault.path if shown in fault.path else f"{shown} {fault.path}".strip(),
        line=fault.line,
        expected=fault.expected,
        got=fault.got,
        hint=fault.hint,
    )


def _fill_to(column: list[_ScoreCell], rows: int) -> None:
    missing = rows - len(column)
    if missing > 0:
        column.extend([_ABSENT] * missing)


def _score_column(name: str, cells: Sequence[_ScoreCell]) -> ScoreColumn:
    return ScoreColumn(
        name=plain(name),
        values=tuple(map(itemgetter(0), cells)),
        unscored=tuple(map(itemgetter(1), cells)),
        notes=tuple(map(itemgetter(2), cells)),
        edited=tuple(map(itemgetter(3), cells)),
    )


def _finite(seconds: Sequence[float | None]) -> Sequence[float | None]:
    """Return durations with None for what is no finite number; nearly always all are finite."""
    if isfinite(sum(filter(None, seconds))):
        return seconds
    return [value if value is None or isfinite(value) else None for value in seconds]


def _spread(found: dict[int, Cell], rows: int, default: Cell) -> tuple[Cell, ...]:
    """Return one value per row: what was found, or the default."""
    if not found:
        return (default,) * rows
    column = [default] * rows
    for row, value in found.items():
        column[row] = value
    return tuple(column)
