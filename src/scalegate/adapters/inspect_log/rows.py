"""Collect decoded samples into columns."""

from __future__ import annotations

from math import isfinite
from typing import Any, TypeVar

from scalegate.adapters.inspect_log import shapes
from scalegate.adapters.inspect_log.header import id_text, short_scalar
from scalegate.base.errors import FormatError
from scalegate.base.plain_text import plain
from scalegate.evidence.eval_log import Detail, MetadataColumn, SampleTable, ScoreColumn
from scalegate.evidence.score_value import entries_of, score_number

Cell = TypeVar("Cell")

_SCORE_COLUMNS = 2000
_ERROR_TEXTS = 20
_STOP_REASONS = {"length": "max_tokens"}
_PLAIN = (int, float, bool)
_KEPT_WORDS = 10_000
_KEPT_LENGTH = 256
_CANCELLED = ("CancelledError(", "Cancelled(")


class _Scores:
    """One score column while it grows."""

    def __init__(self, rows_before: int) -> None:
        self.values = [0.0] * rows_before
        self.unscored = ["absent"] * rows_before
        self.notes = [""] * rows_before
        self.edited = [False] * rows_before

    def add(self, number: float, unscored: str, note: str, *rest: Any) -> None:
        """Append one score; `rest` is the scorer's own note and whether it was edited."""
        written, is_edited = rest
        self.values.append(number)
        self.unscored.append(unscored)
        self.notes.append(written or note)
        self.edited.append(is_edited)

    def fill_to(self, rows: int) -> None:
        missing = rows - len(self.values)
        if missing > 0:
            self.values.extend([0.0] * missing)
            self.unscored.extend(["absent"] * missing)
            self.notes.extend([""] * missing)
            self.edited.extend([False] * missing)


class TableBuilder:
    """Grows a `SampleTable` one sample at a time.

    `placeholder` names the score of logs that had only one (`score` instead of `scores`).
    """

    def __init__(self, *, placeholder: str, metadata_keys: tuple[str, ...] = ()) -> None:
        self._placeholder = placeholder
        self._keys = metadata_keys
        self._scores: dict[str, _Scores] = {}
        self._words: dict[str, str] = {}
        self._letters: dict[str, tuple[float, str, str]] = {}
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

    def add_summary(self, summary: shapes.Summary) -> None:
        """Add one entry of the summaries: id, epoch, scores, error, limit."""
        row = len(self.ids)
        self._add_key(summary.id, summary.epoch)
        if summary.scores:
            self._add_scores(summary.scores)
        if summary.error is not None:
            self._errors[row] = self._error_kind(summary.error)
        if summary.limit is not None:
            self._limits[row] = self._word(summary.limit) or "unknown"

    def add(self, sample: shapes.Sample) -> None:
        """Add one sample.

        Raises:
            FormatError: the sample carries both `score` and `scores`, or no usable id.
        """
        row = len(self.ids)
        self._add_key(sample.id, sample.epoch)
        if sample.score is not None:
            self._add_scores(self._only_score(sample))
        elif sample.scores:
            self._add_scores(sample.scores)
        self._uuids.append(sample.uuid or "")
        self._add_output(sample.output, row)
        total, working = sample.total_time, sample.working_time
        self._total.append(total if total is None or isfinite(total) else None)
        self._working.append(working if working is None or isfinite(working) else None)
        self._add_usage(sample.model_usage)
        if self._keys:
            self._add_metadata(getattr(sample, "metadata", None))
        if sample.error is not None:
            self._errors[row] = self._error_kind(sample.error.message)
        if sample.limit is not None:
            self._limits[row] = self._word(sample.limit.type) or "unknown"
        if sample.model_fallbacks:
            self._fallbacks[row] = sum(max(entry.count, 1) for entry in sample.model_fallbacks)
        if sample.invalidation is not None:
            self._invalidated[row] = True
        if sample.error_retries:
            self._retries[row] = len(sample.error_retries)

    def _only_score(self, sample: shapes.Sample) -> dict[str, Any]:
        if sample.scores:
            raise FormatError(
                "sample has both the old and the new field for scores",
                path="scores",
                expected="`scores` or `score`",
                got="both",
            )
        return {self._placeholder: sample.score}

    def _add_key(self, item: Any, epoch: int) -> None:
        if not 0 <= epoch < 2**31:
            raise FormatError(
                "not an epoch", path="epoch", expected="a whole number from 1", got=f"`{epoch}`"
            )
        self.ids.append(id_text(item))
        self.epochs.append(epoch)

    def _add_scores(self, scores: dict[str, shapes.Score]) -> None:
        row = len(self.ids)
        for scorer, score in scores.items():
            value = score.value
            note = score.reason
            if note is None and score.metadata is not None:
                note = score.metadata.unscored_reason
            written = "" if note is None else self._word(str(note))
            if value.__class__ is str:
                # The hot path: nearly all scores are one of a few letters.
                known = self._letters.get(value) or self._keep_letter(value)
                self._column(scorer, row).add(*known, written, bool(score.history))
            elif value.__class__ in _PLAIN:
                self._column(scorer, row).add(*score_number(value), written, bool(score.history))
            else:
                for name, entry in entries_of(scorer, value):
                    self._column(name, row).add(*score_number(entry), written, bool(score.history))

    def _keep_letter(self, text: str) -> tuple[float, str, str]:
        known = score_number(text)
        if len(self._letters) < _KEPT_WORDS and len(text) < _KEPT_LENGTH:
            self._letters[text] = known
        return known

    def _column(self, name: str, row: int) -> _Scores:
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
            column = self._scores[name] = _Scores(row - 1)
        filled = len(column.values)
        if filled < row - 1:
            column.fill_to(row - 1)
        elif filled >= row:
            raise FormatError(
                "two scores of a sample have the same name",
                path=f"scores.{plain(name, limit=80)}",
                expected="one value",
                got="two",
            )
        return column

    def _add_output(self, output: shapes.Output | None, row: int) -> None:
        if output is None:
            self._stops.append("")
            self._models.append("")
            return
        words = self._words
        model = output.model or ""
        self._models.append(words.get(model) or self._word(model))
        if output.error is not None:
            self._refused[row] = True
        if not output.choices:
            self._stops.append("")
            return
        choice = output.choices[0]
        stop = choice.stop_reason or ""
        stop = _STOP_REASONS.get(stop, stop)
        self._stops.append(words.get(stop) or self._word(stop))
        details = choice.stop_details
        if details is not None:
            self._categories[row] = self._word(details.category or details.type or "")
            if details.type == "refusal":
                self._refused[row] = True

    def _add_usage(self, usage: dict[str, shapes.Usage] | None) -> None:
        if not usage:
            self._tokens_in.append(None)
            self._tokens_out.append(None)
            return
        tokens_in = tokens_out = 0
        for entry in usage.values():
            tokens_in += (
                (entry.input_tokens or 0)
                + (entry.input_tokens_cache_read or 0)
                + (entry.input_tokens_cache_write or 0)
            )
            tokens_out += entry.output_tokens or 0
        self._tokens_in.append(tokens_in)
        self._tokens_out.append(tokens_out)

    def _add_metadata(self, metadata: Any) -> None:
        for index, column in enumerate(self._fields):
            value = getattr(metadata, f"field_{index}", None) if metadata is not None else None
            cell = short_scalar(value)
            column.append(self._word(cell) if isinstance(cell, str) else cell)

    def _error_kind(self, message: str) -> str:
        if message.startswith(_CANCELLED):
            return "cancelled"
        if len(self._error_texts) < _ERROR_TEXTS:
            self._error_texts.append((len(self.ids) - 1, plain(message, limit=200)))
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
            column.fill_to(rows)
        is_full = detail is Detail.FULL
        return SampleTable(
            detail=detail,
            ids=tuple(self.ids),
            epochs=tuple(self.epochs),
            uuids=tuple(self._uuids) if is_full else ("",) * rows,
            scores=tuple(
                ScoreColumn(
                    name=plain(name),
                    values=tuple(column.values),
                    unscored=tuple(column.unscored),
                    notes=tuple(column.notes),
                    edited=tuple(column.edited),
                )
                for name, column in self._scores.items()
            ),
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


def _spread(found: dict[int, Cell], rows: int, default: Cell) -> tuple[Cell, ...]:
    """Return one value per row: what was found, or the default."""
    if not found:
        return (default,) * rows
    column = [default] * rows
    for row, value in found.items():
        column[row] = value
    return tuple(column)
