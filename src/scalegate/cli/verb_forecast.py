"""`forecast`: when a series of checkpoints may reach a line, and what is not ready by then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.app.forecasting import By
from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import (
    AsOfOption,
    IndicatorOption,
    JsonOption,
    OnePolicyOption,
    WorkspaceOption,
    line_asked,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.app.forecasting import Gathered
    from scalegate.estimate.forecast import Forecast
    from scalegate.gate.readiness import Need
    from scalegate.policy.document import Indicator

_MOST_BYTES = 1_000_000

SubjectsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SUBJECT]...", help="Assessed models of one series, in any order."),
]
PointsOption = Annotated[
    Path | None,
    typer.Option("--points", metavar="FILE", help="Instead: a CSV table of checkpoints."),
]
LineOption = Annotated[
    float | None, typer.Option("--line", metavar="VALUE", help="The line, where no policy says.")
]
ByOption = Annotated[By, typer.Option("--by", help="Count growth by compute or by date.")]
AheadOption = Annotated[
    float, typer.Option("--ahead", metavar="STEPS", help="Steps to the next checkpoint.")
]
GainOption = Annotated[
    float | None,
    typer.Option(
        "--gain", metavar="AMOUNT", help="Most logits (or doublings) per step that you allow for."
    ),
]
PaceOption = Annotated[
    float | None,
    typer.Option("--days-per-step", metavar="DAYS", help="How long a step in compute takes."),
]
SvgOption = Annotated[
    Path | None, typer.Option("--svg", metavar="FILE", help="Also draw it, as SVG.")
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Exit 11 if the next checkpoint may reach the line.")
]


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("forecast", short_help="When the next step of a ladder may bind.")(forecast)


def forecast(
    *,
    subjects: SubjectsArgument = None,
    points: PointsOption = None,
    policy: OnePolicyOption = None,
    indicator: IndicatorOption = None,
    line: LineOption = None,
    by: ByOption = By.COMPUTE,
    ahead: AheadOption = 1.0,
    gain: GainOption = None,
    alpha: Annotated[float, typer.Option("--alpha", help="Error of the bounds.")] = 0.05,
    days_per_step: PaceOption = None,
    svg: SvgOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Forecast a series of checkpoints against a line, and say what is not ready by then.

    A step is a factor of 4 in effective compute, or six months. A forecast rules nothing out: it
    says how long a finding may stay valid. No forecast sees a jump after the last checkpoint.

    \b
    Examples:
      scalegate forecast --points scores.csv --line 0.5
      scalegate forecast m-1 m-2 m-3 -p my-lab@1 -i cyber-ctf --by date
    """
    from scalegate.app.forecasting import forecast_mapping
    from scalegate.cli.screen import print_json
    from scalegate.estimate.forecast import Question
    from scalegate.estimate.forecast import forecast as forecasted

    if not 0.0 < alpha <= 0.5:
        raise UsageError(f"--alpha must lie in (0, 0.5]; got `{alpha}`")
    if days_per_step is not None and not 0.0 < days_per_step < 1e6:
        raise UsageError(f"--days-per-step must be a number of days; got `{days_per_step}`")
    gathered, owners = _gather(
        (subjects, points), (policy, indicator), (workspace, as_of), by=by, alpha=alpha
    )
    asked = line_asked(policy, indicator, workspace)
    question = Question(
        axis=gathered.axis,
        line=_line_of(line, gathered, None if asked is None else asked[1]),
        ahead=ahead,
        gain=gain,
        alpha=alpha,
    )
    found = forecasted(gathered.checkpoints, question)
    needs = _needs(gathered, owners)
    code = 11 if is_checked and not found.stays_below else 0
    if svg is not None:
        _draw(svg, found, gathered)
    if is_json:
        content = forecast_mapping(gathered, found, days_per_step)
        late = gathered.days(found.earliest, days_per_step)
        rows = [{**each.to_mapping(), "is_late": each.is_late(late)} for each in needs]
        print_json("forecast", {"exit_code": code, **content, "readiness": rows})
    else:
        _show(gathered, found, needs, days_per_step)
    raise typer.Exit(code)


def _gather(
    asked: tuple[Sequence[str] | None, Path | None],
    named: tuple[str | None, str | None],
    where: tuple[Path | None, str | None],
    *,
    by: By,
    alpha: float,
) -> tuple[Gathered, dict[str, tuple[str, int | None]]]:
    from scalegate.app.deciding import subjects_named
    from scalegate.app.forecasting import from_table, from_workspace
    from scalegate.cli.asking import prepared_of, workspace_of

    (subjects, points), (policy, indicator), (folder, as_of) = asked, named, where
    if points is not None:
        if subjects:
            raise UsageError("give models or `--points`, not both")
        found = from_table(_text_of(points), file=points.name, alpha=alpha)
        if by.value == "date" and found.by != by:
            raise UsageError(
                f"`{plain(points.name)}` counts growth by `effective_compute`, not by date",
                hint="leave `--by` out, or give a column `date` in its place",
            )
        return found, {}
    if not subjects or indicator is None:
        raise UsageError(
            "nothing to forecast from",
            hint="name models, `--policy` and `--indicator`; or give `--points FILE`",
        )
    workspace = workspace_of(folder)
    prepared = prepared_of(workspace, [policy] if policy else None, as_of, (None, None))
    gathered = from_workspace(prepared, subjects_named(prepared, subjects), indicator, by)
    return gathered, dict(workspace.settings.owners)


def _text_of(path: Path) -> str:
    from scalegate.base.errors import OutsideError

    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no `{plain(path)}`", hint="give a CSV table") from None
    except OSError as cause:
        raise OutsideError(f"cannot read `{plain(path)}`: {cause.strerror}") from cause
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"`{plain(path)}` is not UTF-8 text") from None
    if len(content) > _MOST_BYTES:
        raise UsageError(f"`{plain(path)}` is larger than {_MOST_BYTES} bytes")
    return text


def _line_of(line: float | None, gathered: Gathered, drawn: Indicator | None) -> float:
    """Return the line: as said, as the workspace's policy draws it, or as a named policy does."""
    if line is not None:
        return line
    if gathered.line is not None:
        return gathered.line
    from scalegate.app.forecasting import line_drawn

    if drawn is None:
        raise UsageError(
            "no line to forecast against",
            hint="give `--line VALUE`, or `--policy ID@VERSION` with `--indicator ID`",
        )
    return line_drawn(drawn, gathered.axis)


def _needs(gathered: Gathered, owners: dict[str, tuple[str, int | None]]) -> tuple[Need, ...]:
    from scalegate.gate.readiness import needs_of

    if gathered.known is None:
        return ()
    return needs_of(gathered.known, gathered.threshold, owners)


def _draw(path: Path, found: Forecast, gathered: Gathered) -> None:
    from scalegate.report.forecast_chart import draw_forecast
    from scalegate.wiring import write_whole

    if path.exists() or path.is_symlink():
        raise UsageError(f"`{plain(path)}` is there already", hint="name another with `--svg`")
    unit = "a factor of 4 in effective compute" if gathered.by is By.COMPUTE else "six months"
    title = f"Forecast against a line at {found.question.line:g}"
    write_whole(path, draw_forecast(found, title=title, growth=f"Growth; one step: {unit}"))


def _show(
    gathered: Gathered, found: Forecast, needs: Sequence[Need], days_per_step: float | None
) -> None:
    from scalegate.cli.screen import heading, item, line, table
    from scalegate.report.forecast_text import (
        bound_rows,
        checkpoint_rows,
        forecast_sentences,
        limits,
    )

    table("Checkpoints", ("name", "^steps", "^value", "^at most"), checkpoint_rows(found))
    table("At the next checkpoint", ("bound", "^value", "what it is"), bound_rows(found))
    line()
    for sentence in forecast_sentences(found, gathered.growth):
        item("-", sentence)
    if gathered.known is not None:
        _show_needs(gathered, found, needs, days_per_step)
    heading("What this forecast cannot see")
    for sentence in limits(found):
        item("-", sentence)


def _show_needs(
    gathered: Gathered, found: Forecast, needs: Sequence[Need], days_per_step: float | None
) -> None:
    from scalegate.cli.screen import heading, item, table
    from scalegate.report.forecast_text import need_rows

    days = gathered.days(found.earliest, days_per_step)
    heading(f"Ready for {gathered.threshold}?")
    if not needs:
        item("-", f"no row on {gathered.threshold} asks for a safeguard")
        return
    if found.earliest is not None and days is None:
        item("-", "lead times are in days: say with --days-per-step how long a step takes")
    table("", ("safeguard", "state", "owner", "^lead", "in time"), need_rows(needs, days), indent=2)
