"""`organisms`: planted models, whose truth is known, against the decision rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.cli.asking import JsonOption

if TYPE_CHECKING:
    from scalegate.app.organisms.bench import Row
    from scalegate.app.organisms.detection import Detection


LOGS = 2_000
"""Logs on either side of the table of log-only tests."""


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    group = typer.Typer(
        help="Planted models, whose truth is known, against the rule.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("bench", short_help="Count what the rule gets wrong, kind by kind.")(bench)
    app.add_typer(group, name="organisms")


def bench(
    *,
    cases: Annotated[
        int, typer.Option("--cases", metavar="N", min=1, help="Simulated assessments in all.")
    ] = 20_000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", min=0, help="Seed of the population.")
    ] = 1,
    shards: Annotated[
        int,
        typer.Option("--shards", metavar="K", min=1, help="Processes. The table is the same."),
    ] = 1,
    is_json: JsonOption = False,
) -> None:
    """Run simulated assessments through the decision rule, and count its errors.

    Where its assumptions hold, false rule-outs stay at the promised level. Where
    they do not (a gap larger than its allowance, imitation, a jump after the
    last checkpoint), the table shows what no evidence in the log could see.

    \b
    Example:
      scalegate organisms bench --cases 100000 --seed 1 --shards 2
    """
    from scalegate.app.organisms.bench import run_bench
    from scalegate.app.organisms.detection import run_detection
    from scalegate.cli.screen import print_json

    rows = run_bench(cases=cases, seed=seed, shards=shards)
    found = run_detection(logs=LOGS, seed=seed)
    if is_json:
        whole = {
            "exit_code": 0,
            "seed": seed,
            "cases": cases,
            "rows": [row.to_mapping() for row in rows],
            "log_only_tests": [row.to_mapping() for row in found],
        }
        print_json("organisms-bench", whole)
        return
    _show(rows, seed)
    _show_tests(found)


def _show(rows: tuple[Row, ...], seed: int) -> None:
    from scalegate.cli.screen import line

    line(f"{'kind':<26}{'truth':>6}{'shown':>6}{'ruled out':>11}{'suspect':>9}  is")
    for row in rows:
        share, flagged = row.share, row.suspect / row.cases
        line(
            f"{row.kind.name:<26}{row.kind.truth:>6.2f}{row.kind.shown:>6.2f}"
            f"{share:>11.4f}{flagged:>9.4f}  {_meaning(row)}"
        )
    bare = sum(row.ruled_out_unelicited for row in rows)
    line()
    line(f"{sum(row.cases for row in rows)} cases, seed {seed}, line .5, allowance 1 logit.")
    line(f"Without evidence of elicitation: {bare} ruled out.")


def _show_tests(found: tuple[Detection, ...]) -> None:
    from scalegate.cli.screen import line

    line()
    line("Tests of the log alone: true score .75, shown .30, against honest models that show .30")
    for row in found:
        line(f"{row.strategy:<26}AUC {row.auc:.3f}   flagged {row.flagged:.3f}")
    line(f"False alarms on the honest models: {found[0].false_alarms:.3f}")
    line("Unflagged means nothing: a model that imitates a weaker one raises no flag.")


def _meaning(row: Row) -> str:
    if not row.kind.is_crossed:
        return f"right; {1.0 - row.share:.3f} held"
    if row.is_as_promised is None:
        return "false; no promise"
    return "false; within level" if row.is_as_promised else "false; ABOVE LEVEL"
