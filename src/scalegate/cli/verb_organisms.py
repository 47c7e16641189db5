"""`organisms`: planted models, whose truth is known, against the decision rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain
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
    group.command("train", short_help="Train planted models; write what they answer.")(train)
    app.add_typer(group, name="organisms")


CasesOption = Annotated[
    int, typer.Option("--cases", metavar="N", min=1, help="Simulated assessments in all.")
]
SeedOption = Annotated[
    int, typer.Option("--seed", metavar="S", min=0, help="Seed of the population.")
]
ShardsOption = Annotated[
    int, typer.Option("--shards", metavar="K", min=1, help="Processes. The table is the same.")
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="`process`, or `ray` (extra `ray`): a cluster of K processes. The same table.",
    ),
]
TrainedOption = Annotated[
    bool,
    typer.Option("--trained", help="Trained models instead, from stored responses."),
]
TablesOption = Annotated[
    Path | None,
    typer.Option("--tables", metavar="FOLDER", help="Responses of `train`, with --trained."),
]
ItemsOption = Annotated[
    int, typer.Option("--items", metavar="N", min=1, help="Items in each eval, with --trained.")
]
SeedsOption = Annotated[
    list[int],
    typer.Option("--seed", metavar="S", min=0, help="A seed to train; may be repeated."),
]
ToOption = Annotated[
    Path, typer.Option("--to", metavar="FOLDER", help="Where to write the tables.")
]
CommitOption = Annotated[
    str, typer.Option("--commit", metavar="HEX", help="Commit of the code, for the table's head.")
]


def bench(
    context: typer.Context,
    *,
    cases: CasesOption = 20_000,
    seed: SeedOption = 1,
    shards: ShardsOption = 1,
    is_trained: TrainedOption = False,
    folder: TablesOption = None,
    items: ItemsOption = 100,
    engine: EngineOption = "process",
    is_json: JsonOption = False,
) -> None:
    """Run simulated assessments through the decision rule, and count its errors.

    Where its assumptions hold, false rule-outs stay at the promised level. Where
    they do not (a gap larger than its allowance, imitation, a jump after the
    last checkpoint), the table shows what no evidence in the log could see.

    With --trained: small transformers that were trained to hide a skill, and
    what each arm of elicitation brings out, from responses that are stored.

    \b
    Examples:
      scalegate organisms bench --cases 100000 --seed 1 --shards 2
      scalegate organisms bench --trained
    """
    _refuse_unused(context, is_trained=is_trained)
    if is_trained:
        _bench_trained(folder, items, is_json=is_json)
        return
    from scalegate.adapters.compute import compute_engine
    from scalegate.app.organisms.bench import run_bench
    from scalegate.app.organisms.detection import run_detection
    from scalegate.cli.screen import print_json

    rows = run_bench(cases=cases, seed=seed, compute=compute_engine(engine, shards))
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


OF_TRAINED = {"folder": "--tables", "items": "--items"}
OF_POPULATIONS = {name: f"--{name}" for name in ("cases", "seed", "shards", "engine")}


def _refuse_unused(context: typer.Context, *, is_trained: bool) -> None:
    """Refuse an option that this bench would not read: its table would not be what was asked."""
    for name, option in (OF_POPULATIONS if is_trained else OF_TRAINED).items():
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            what = "simulated assessments" if is_trained else "trained models"
            hint = "leave it out" if is_trained else "add `--trained`"
            raise UsageError(f"`{option}` is for {what}", hint=hint)


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


def train(
    *,
    seeds: SeedsOption,
    to: ToOption,
    commit: CommitOption = "unstated",
    is_json: JsonOption = False,
) -> None:
    """Train planted models on the CPU, and write what each answers, arm by arm.

    One table for each seed, one to four minutes each; a table that is there is
    kept, so that a run that was stopped goes on. Needs the extra `organisms`.

    \b
    Example:
      scalegate organisms train --seed 21 --seed 22 --to tables
      scalegate organisms bench --trained --tables tables
    """
    from scalegate.app.organisms.trained.network import jax
    from scalegate.app.organisms.trained.responses import made_with, to_text
    from scalegate.app.organisms.trained.training import train_seed
    from scalegate.cli.screen import line, note, print_json
    from scalegate.wiring import response_files, write_whole

    if not to.is_dir():
        raise UsageError(f"`{plain(to)}` is no folder", hint="make it first")
    response_files(to).use_one_thread()
    jax()
    head = made_with()
    written, kept = [], []
    for seed in dict.fromkeys(seeds):
        target = to / f"responses-{seed}.csv"
        if target.exists():
            kept.append(target.name)
            continue
        whole = {"seed": str(seed), "commit": plain(commit, limit=60), **head}
        write_whole(target, to_text(train_seed(seed, note), whole))
        written.append(target.name)
    if is_json:
        print_json("organisms-train", {"exit_code": 0, "written": written, "kept": kept})
        return
    for name in written:
        line(f"wrote {plain(to)}/{name}")
    for name in kept:
        line(f"kept {plain(to)}/{name}, which was there")


def _bench_trained(folder: Path | None, items: int, *, is_json: bool) -> None:
    from scalegate.app.organisms.trained.bench import run_trained
    from scalegate.app.organisms.trained.responses import read_tables
    from scalegate.cli.screen import print_json
    from scalegate.cli.trained_tables import show
    from scalegate.wiring import response_files

    report = run_trained(read_tables(response_files(folder).texts()), n=items)
    if is_json:
        print_json("organisms-bench-trained", {"exit_code": 0, **report.to_mapping()})
        return
    show(report)
