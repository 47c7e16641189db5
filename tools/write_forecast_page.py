# ruff: noqa: E501 - lines of a page stand on one line
"""Write `docs/reference/forecast.md`: what forecasts miss, and METR's horizons as a real series.

    python tools/write_forecast_page.py

Takes about three minutes on one core. The runs are those of `examples/metr-horizon` (METR, MIT).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src")]

from scalegate.app.organisms.series import (  # noqa: E402
    CHANGES,
    GOES_ON,
    METHODS,
    measured,
)
from scalegate.estimate.forecast import Axis, Checkpoint, Question, forecast  # noqa: E402
from scalegate.estimate.horizon import (  # noqa: E402
    HorizonRun,
    estimate_time_horizon,
    summarise_runs,
)
from scalegate.estimate.model import Estimate  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "forecast.md"
RUNS = ROOT / "examples/metr-horizon/documents/data/metr_all_runs_2025-02.jsonl"
CASES = 6000
SEED = 5
DAYS_STEP = 365.25 / 2
# Release dates: METR/eval-analysis-public, data/external/release_dates.yaml (MIT).
SERIES = {
    "gpt-3.5-turbo-instruct": "2022-03-15",
    "GPT-4 0314": "2023-03-14",
    "Claude 3 Opus": "2024-03-04",
    "GPT-4o": "2024-05-13",
    "Claude 3.5 Sonnet (Old)": "2024-06-20",
    "o1-preview": "2024-09-12",
    "Claude 3.5 Sonnet (New)": "2024-10-22",
}
HEAD = """# Reference: forecasts

This page is written by `tools/write_forecast_page.py`.

How a forecast is made is in `estimate/forecast.py`; how to make one is in
[Forecast the next step](../how-to/forecast-the-next-step.md). A step is a factor of 4 in effective
compute, or six months.

| | shares | minutes |
|---|---|---|
| unit in which results add up | logits | doublings |
| gain per step always allowed for, from four checkpoints on | 0.7 | 1.5 |
| gain per step allowed for with fewer | 2 | 4 |

These gains are ours. `--gain` declares another one; the forecast is then the last upper bound and that
gain, and covers as far as the declaration is true, whatever the series did.

## What forecasts miss

Planted series: a true score at each checkpoint and at the next one, {cases} per family, 100 items per
checkpoint, a line at 0.5, error 0.05. First number: of the series that cross the line at the next
checkpoint, the share that was forecast to stay below it. Second: of the others, the share that was.
*forecast* is what the verb says.
"""
MEANT = {
    "forecast": "forecast",
    "trend": "trend alone",
    "steepest": "last bound and steepest step",
    "now": "last bound, no growth",
    "two logits": "last bound and 2 logits",
}


def planted(checkpoints: int) -> Iterator[str]:
    """Yield the table for series of so many checkpoints."""
    yield from ("", f"### {checkpoints} checkpoints", "")
    yield "| series | crossing | " + " | ".join(MEANT[m] for m in METHODS) + " |"
    yield "|---" * (2 + len(METHODS)) + "|"
    for family in (*GOES_ON, *CHANGES):
        found = measured(family, checkpoints=checkpoints, cases=CASES, seed=SEED)
        cells = [f"{found[m].missed_share:.3f} / {found[m].cleared_share:.2f}" for m in METHODS]
        yield f"| {family} | {found['forecast'].crossing} | " + " | ".join(cells) + " |"


def horizons() -> Iterator[str]:
    """Yield the table of METR's models, and what their series says."""
    rows = [json.loads(line) for line in RUNS.read_text(encoding="utf-8").splitlines()]
    points = []
    for alias, day in SERIES.items():
        mine = [row for row in rows if row["alias"] == alias]
        scored, completed = (_estimate(mine, stopped=each) for each in (False, True))
        stopped = sum(row["fatal_error_from"] == "usageLimits" for row in mine)
        upper = "none" if completed.upper is None else f"{completed.upper:.3g}"
        yield (
            f"| {alias} | {day} | {len(mine)} | {stopped / len(mine):.0%} | {scored.point:.3g} | "
            f"{scored.upper or 0:.3g} | {upper} |"
        )
        at = date.fromisoformat(day).toordinal() / DAYS_STEP
        points.append(Checkpoint(name=alias, at=at, point=scored.point, upper=scored.upper or 0.0))
    found = forecast(points, Question(axis=Axis.MINUTES, line=480.0))
    earliest = date.fromordinal(int((points[-1].at + (found.earliest or 0.0)) * DAYS_STEP))
    yield ""
    yield (
        f"Forecast six months after the last of them: at most {found.upper:.3g} minutes, middle "
        f"{found.central or 0:.3g}. A line at a working day (480 minutes) may be reached from "
        f"{earliest.isoformat()} on. With cautious completion the series bounds nothing."
    )


def _estimate(rows: list[dict[str, object]], *, stopped: bool) -> Estimate:
    summary = summarise_runs(
        HorizonRun(
            family=str(row["task_family"]),
            task=str(row["task_id"]),
            human_minutes=float(str(row["human_minutes"])),
            succeeded=row["score_binarized"] == 1,
            limit_stopped=stopped and row["fatal_error_from"] == "usageLimits",
        )
        for row in rows
    )
    found = estimate_time_horizon(summary, alpha=0.05, evidence_digest="forecast page")
    if not isinstance(found, Estimate):
        raise SystemExit(found.detail)
    return found


def main() -> None:
    """Write the page."""
    lines = [HEAD.format(cases=CASES).rstrip("\n")]
    for checkpoints in (5, 3):
        lines += planted(checkpoints)
    lines += [
        "",
        "Where a series goes on as it went, the forecast misses few crossings. Where it changes after the",
        "last checkpoint nothing that reads the series can help: only a gain that was declared beforehand,",
        "or shorter steps. Both shares are printed beside every forecast.",
        "",
        "## A real series",
        "",
        "Time horizons at a success rate of one half, from METR's runs of February 2025 (MIT; origin in",
        "`examples/metr-horizon`), in minutes. *stopped*: runs that a usage limit stopped. The first upper",
        "bound counts them as they were scored; the second counts each stopped failure as a success that was",
        "cut short, which is what a finding does: from a fifth of stopped runs on nothing bounds the horizon.",
        "",
        "| model | released | runs | stopped | horizon | upper bound | with cautious completion |",
        "|---|---|---|---|---|---|---|",
        *horizons(),
    ]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
