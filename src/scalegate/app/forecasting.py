"""Gather a series of checkpoints to forecast from: a table, or the assessed models of a workspace.

1. Growth is counted in steps: a factor of 4 in effective compute, or six months. It is read from
   the register (effective compute of every model, or its ratio to one common root; release dates)
   or from a column of the table. Nothing is guessed: a model without it is refused.
2. A table is CSV with a heading: `name`; `effective_compute` or `date`; and one of `successes` and
   `items`, `share` and `upper`, `minutes` and `upper`. Bounds of counts are this project's own.
3. From a workspace the strictest verdict of the line counts for each model, as in a finding.

Does not check: that the models are of one recipe and were tested and elicited alike.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from io import StringIO
from math import isfinite, log
from typing import TYPE_CHECKING, Any

from scalegate.app.deciding import decide_all
from scalegate.base.errors import FormatError, UsageError
from scalegate.base.plain_text import plain
from scalegate.estimate.bound import upper_bound
from scalegate.estimate.forecast import Axis, Checkpoint, Forecast
from scalegate.estimate.model import CrossedWhen, Estimate, Scale
from scalegate.gate.lines import strictest_of
from scalegate.policy.vocabulary import Comparator, Measure

if TYPE_CHECKING:
    from datetime import datetime

    from scalegate.app.deciding import Prepared
    from scalegate.evidence.register import Register
    from scalegate.gate.model import Assessment, IndicatorFinding
    from scalegate.policy.document import Indicator

COMPUTE_STEP = 4.0
"""Factor in effective compute of one step (RSP 2.2, 3.1: notably more capable)."""
DAYS_STEP = 365.25 / 2
"""Days of one step (RSP 2.2, 3.1: six months of elicitation stand beside a factor of 4)."""
MOST_ROWS = 1000
MOST_ITEMS = 10**7
_AXES = {
    Scale.PROBABILITY: Axis.SHARE,
    Scale.SCORE: Axis.SHARE,
    Scale.MINUTES: Axis.MINUTES,
}
_MEASURES = {
    Axis.SHARE: (Measure.PROPORTION, Measure.MEAN_SCORE),
    Axis.MINUTES: (Measure.HORIZON_MINUTES,),
}
_VALUES = (("successes", "items"), ("share", "upper"), ("minutes", "upper"))


class By(StrEnum):
    """What growth is counted by."""

    COMPUTE = "compute"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A series, and what its steps mean."""

    by: By
    axis: Axis
    checkpoints: tuple[Checkpoint, ...]
    last_day: date | None = None
    """The day of the last checkpoint, where growth is counted by date."""
    known: Assessment | None = None
    """The assessment of the last model, where there is a workspace."""
    threshold: str = ""
    """The threshold of the line."""
    line: float | None = None
    """The line that the policy draws."""

    def growth(self, steps: float) -> str:
        """Say in words where so many steps after the last checkpoint lie."""
        if self.by is By.COMPUTE:
            return f"{COMPUTE_STEP**steps:.3g} times the effective compute of the last checkpoint"
        return f"{self.day(steps)}"

    def day(self, steps: float) -> date | None:
        """Return the day so many steps after the last checkpoint; None where unknown."""
        if self.last_day is None:
            return None
        return self.last_day + timedelta(days=int(steps * DAYS_STEP))

    def days(self, steps: float | None, days_per_step: float | None) -> float | None:
        """Return the days that so many steps take; None where nothing says so."""
        if steps is None:
            return None
        per_step = DAYS_STEP if self.by is By.DATE else days_per_step
        return None if per_step is None else steps * per_step


def from_table(text: str, *, file: str, alpha: float) -> Gathered:
    """Read a series from CSV.

    Raises:
        FormatError: not such a table, with line, expected and got.
    """
    rows = csv.DictReader(StringIO(text), strict=True)
    try:
        names = [plain(name, limit=40) for name in rows.fieldnames or ()]
        entries = [entry for _, entry in zip(range(MOST_ROWS + 1), rows, strict=False)]
    except csv.Error as cause:
        raise FormatError("not a table", got=f"`{plain(cause)}`").in_file(plain(file)) from cause
    place, value = _columns(names, file)
    if not 0 < len(entries) <= MOST_ROWS:
        raise FormatError(
            "not a series",
            expected=f"1 to {MOST_ROWS} rows",
            got=str(len(entries)) if not entries else "more",
        ).in_file(plain(file))
    read = [_Entry(entry, number, file) for number, entry in enumerate(entries, 2)]
    by = By.DATE if place == "date" else By.COMPUTE
    at = [each.day().toordinal() / DAYS_STEP for each in read] if by is By.DATE else []
    if by is By.COMPUTE:
        at = [log(each.number(place, least=0.0)) / log(COMPUTE_STEP) for each in read]
    first = min(at)
    checkpoints = tuple(
        _checkpoint(each, value, where - first, alpha) for each, where in zip(read, at, strict=True)
    )
    _named_once(read, checkpoints)
    days = [each.day() for each in read] if by is By.DATE else []
    axis = Axis.MINUTES if value[0] == "minutes" else Axis.SHARE
    return Gathered(by=by, axis=axis, checkpoints=checkpoints, last_day=max(days) if days else None)


def _named_once(rows: Sequence[_Entry], checkpoints: Sequence[Checkpoint]) -> None:
    seen: set[str] = set()
    for row, each in zip(rows, checkpoints, strict=True):
        if each.name in seen:
            raise row.fault("name", "a name of its own for each checkpoint", f"`{each.name}` again")
        seen.add(each.name)


def _columns(names: Sequence[str], file: str) -> tuple[str, tuple[str, str]]:
    places = [name for name in ("effective_compute", "date") if name in names]
    values = [pair for pair in _VALUES if set(pair) <= set(names)]
    extra = set(names) - {"name", *places, *(n for pair in values for n in pair)}
    if "name" not in names or len(places) != 1 or len(values) != 1 or extra:
        raise FormatError(
            "not the columns of a series",
            line=1,
            expected="`name`; `effective_compute` or `date`; and `successes,items`, "
            "`share,upper` or `minutes,upper`",
            got=", ".join(f"`{name}`" for name in names) or "nothing",
        ).in_file(plain(file))
    return places[0], values[0]


class _Entry:
    """One row of a table."""

    def __init__(self, cells: Mapping[Any, Any], line: int, file: str) -> None:
        self._cells, self._line, self._file = cells, line, file

    def text(self, name: str) -> str:
        """Return a text that is there."""
        found = self._cells.get(name)
        if not isinstance(found, str) or not found.strip() or None in self._cells:
            raise self.fault(name, "one value per column", "another number of them")
        return plain(found.strip(), limit=80)

    def number(
        self, name: str, *, least: float, most: float = 1e300, or_least: bool = False
    ) -> float:
        """Return a number above `least`, or `or_least` equal to it, and not above `most`."""
        text = self.text(name)
        try:
            found = float(text)
        except ValueError:
            raise self.fault(name, "a number", f"`{text}`") from None
        if not (isfinite(found) and least <= found <= most) or (found == least and not or_least):
            above = "from" if or_least else "above"
            raise self.fault(name, f"{above} {least:g}, at most {most:g}", f"`{text}`")
        return found

    def whole(self, name: str, *, most: int) -> int:
        """Return a count."""
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= most and len(text) < 9):
            raise self.fault(name, f"a whole number from 0 to {most}", f"`{text}`")
        return int(text)

    def day(self) -> date:
        """Return the day of the row."""
        text = self.text("date")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.fault("date", "a day such as 2026-11-27", f"`{text}`") from None

    def fault(self, name: str, expected: str, got: str) -> FormatError:
        """Return what is wrong with a value of this row."""
        return FormatError(
            "not a value of a series",
            path=name,
            line=self._line,
            expected=expected,
            got=got,
        ).in_file(plain(self._file))


def _checkpoint(row: _Entry, value: tuple[str, str], at: float, alpha: float) -> Checkpoint:
    name = row.text("name")
    if value == ("successes", "items"):
        items = row.whole("items", most=MOST_ITEMS)
        if items == 0:
            raise row.fault("items", "at least 1", "`0`")
        solved = row.whole("successes", most=items)
        return Checkpoint(
            name=name, at=at, point=solved / items, upper=_of_counts(solved, items, alpha), n=items
        )
    is_share = value[0] == "share"
    point = row.number(value[0], least=0.0, most=1.0 if is_share else 1e12, or_least=is_share)
    upper = row.number(value[1], least=0.0, most=1.0 if is_share else 1e12)
    return Checkpoint(name=name, at=at, point=point, upper=upper)


def _of_counts(solved: int, items: int, alpha: float) -> float:
    """Return the upper bound of a share; for 0/1 units it is Clopper-Pearson."""
    from scipy.stats import beta

    if solved == items:
        return 1.0
    if items <= MOST_ROWS:
        return upper_bound([1.0] * solved + [0.0] * (items - solved), alpha)
    return float(beta.ppf(1.0 - alpha, solved + 1, items - solved))


def from_workspace(prepared: Prepared, subjects: Sequence[str], indicator: str, by: By) -> Gathered:
    """Read a series from the assessed models of a workspace, under one policy.

    Raises:
        UsageError: more than one policy, a line that cannot be forecast, a model whose growth is
            not registered, or one without an estimate.
    """
    if len(prepared.inputs) != 1:
        raise UsageError(
            f"a forecast is made under one policy; {len(prepared.inputs)} are used",
            hint="name one with `--policy ID@VERSION`",
        )
    known = [decide_all(prepared, each, ())[0].assessment for each in subjects]
    read = [_line_of(each, indicator) for each in known]
    estimates = [_estimate(line, name) for (_, line), name in zip(read, subjects, strict=True)]
    axes = {_AXES[each.scale] for each in estimates if each.scale in _AXES}
    if len(axes) != 1 or any(each.scale not in _AXES for each in estimates):
        raise UsageError(
            f"`{plain(indicator)}` cannot be forecast",
            hint="a forecast takes shares, mean scores and time horizons",
        )
    place, days = _places(prepared.register, subjects, by)
    checkpoints = tuple(
        Checkpoint(
            name=name,
            at=place(name),
            point=estimate.point,
            upper=1.0 if estimate.upper is None else estimate.upper,
            n=max(1, estimate.n_units),
        )
        for name, estimate in zip(subjects, estimates, strict=True)
    )
    last = max(range(len(subjects)), key=lambda i: checkpoints[i].at)
    threshold, line = read[last]
    return Gathered(
        by=by,
        axis=axes.pop(),
        checkpoints=checkpoints,
        last_day=max(days) if days else None,
        known=known[last],
        threshold=threshold,
        line=float(_value_of(line)),
    )


def line_drawn(indicator: Indicator, axis: Axis) -> float:
    """Return the value of a policy's line, for a table of results on an axis.

    Raises:
        UsageError: it is drawn on something else, or crossed from above.
    """
    is_below = indicator.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
    if indicator.measure not in _MEASURES[axis] or not is_below:
        raise UsageError(
            f"`{indicator.id}` is no line on {axis.value} that is crossed from below",
            hint=f"it is `{indicator.measure.value}` {indicator.comparator.value} "
            f"{indicator.value}; give `--line VALUE`",
        )
    return float(indicator.value)


def _line_of(known: Assessment, indicator: str) -> tuple[str, IndicatorFinding]:
    for threshold, finding in known.findings.items():
        for line in finding.indicators:
            if line.indicator.id == indicator:
                return threshold, line
    names = ", ".join(
        f"`{line.indicator.id}`" for each in known.findings.values() for line in each.indicators
    )
    raise UsageError(
        f"`{known.inputs.policy.name}` has no line `{plain(indicator)}`",
        hint=f"its lines: {names or 'none'}",
    )


def _estimate(line: IndicatorFinding, subject: str) -> Estimate:
    deciding = [read for read in line.verdicts if read.decides]
    found = strictest_of(line.verdicts) if deciding else None
    if found is None or not isinstance(found.estimate, Estimate):
        why = line.text if found is None else found.estimate.detail  # type: ignore[union-attr]
        raise UsageError(
            f"no estimate of `{plain(subject)}` on this line: {plain(why) or 'no evidence'}",
            hint="leave it out of the series, or import evidence",
        )
    if not CrossedWhen(found.line.crossed_when).higher_is_dangerous:
        raise UsageError("a line that is crossed from above cannot be forecast")
    if found.estimate.scale is Scale.SCORE and found.estimate.support != (0.0, 1.0):
        raise UsageError("a score that does not run from 0 to 1 cannot be forecast")
    return found.estimate


def _value_of(line: IndicatorFinding) -> Any:
    return strictest_of(line.verdicts).line.value


def _places(
    register: Register, subjects: Sequence[str], by: By
) -> tuple[Callable[[str], float], list[date]]:
    models = {each: _model_of(register, each) for each in subjects}
    if by is By.DATE:
        days = {each: _day_of(register, model) for each, model in models.items()}
        start = min(days.values())
        return lambda each: (days[each] - start).days / DAYS_STEP, list(days.values())
    amounts = _compute_of(register, models)
    least = min(amounts.values())
    return lambda each: log(amounts[each] / least) / log(COMPUTE_STEP), []


def _model_of(register: Register, subject: str) -> str:
    model = register.resolve(subject).model
    if model is None:
        raise UsageError(f"`{plain(subject)}` is of no registered model")
    return model


def _day_of(register: Register, model: str) -> date:
    released: datetime | None = register.models[model].released_at
    if released is None:
        raise UsageError(
            f"`{plain(model)}` has no release date",
            hint="register `released_at`, or count growth with `--by compute`",
        )
    return released.date()


def _compute_of(register: Register, models: Mapping[str, str]) -> dict[str, float]:
    """Return effective compute on one scale: in FLOP, else relative to one common root."""
    flops = {each: register.models[model].effective_compute_flop for each, model in models.items()}
    if all(flop is not None for flop in flops.values()):
        return {each: float(flop) for each, flop in flops.items() if flop is not None}
    grown = {each: register.growth(model) for each, model in models.items()}
    roots = {growth.root for growth in grown.values() if growth is not None}
    ratios = {
        each: float(growth.effective_compute_ratio)
        for each, growth in grown.items()
        if growth is not None and growth.effective_compute_ratio is not None
    }
    missing = [each for each in models if each not in ratios]
    if missing or len(roots) != 1:
        raise UsageError(
            "effective compute is not registered on one scale"
            + (f": none of `{plain(missing[0])}`" if missing else ": more than one root"),
            hint="register `effective_compute_flop` for each model, or ratios to one root; "
            "or count growth with `--by date`",
        )
    return ratios


def forecast_mapping(
    gathered: Gathered, found: Forecast, days_per_step: float | None
) -> dict[str, Any]:
    """Return plain data for `--json`."""
    days = gathered.days(found.earliest, days_per_step)
    day = None if found.earliest is None else gathered.day(found.earliest)
    return {
        "by": gathered.by.value,
        **found.to_mapping(),
        "earliest_days": days,
        "earliest_on": None if day is None else day.isoformat(),
    }
