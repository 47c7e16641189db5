"""`design`: before an evaluation runs, how many items rule a capability out, and what cannot be."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import (
    AsOfOption,
    IndicatorOption,
    JsonOption,
    OnePolicyOption,
    WorkspaceOption,
    instant_of,
    line_asked,
)
from scalegate.estimate.model import AllowanceComponent, ElicitationLevel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scalegate.estimate.design import Answer

_BAR = 30
"""Width of a full bar of the curve, in characters."""


LineOption = Annotated[
    str | None, typer.Option("--line", metavar="SHARE", help="The line, between 0 and 1.")
]
SafeOption = Annotated[
    float | None,
    typer.Option("--safe", metavar="SHARE", help="A true share that should be cleared."),
]
LevelOption = Annotated[
    ElicitationLevel, typer.Option("--elicitation", "-e", help="How hard ability is sought.")
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="NAME=LOGITS",
        help="An allowance: elicitation, growth, budget, missing or grader. Repeat.",
    ),
]
AlphaOption = Annotated[
    float | None, typer.Option("--alpha", help="Error of the bound. Default: 0.05.")
]
PowerOption = Annotated[float, typer.Option("--power", help="Power at the safe level.")]
RhoOption = Annotated[float, typer.Option("--rho", help="Correlation of attempts at one item.")]
EpochsOption = Annotated[int, typer.Option("--epochs", min=1, help="Attempts at each item.")]
PlanOption = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Write an evaluation plan of that size."),
]
SubjectOption = Annotated[
    str | None, typer.Option("--subject", "-s", help="For the plan: what is to be tested.")
]
EvalOption = Annotated[
    str | None, typer.Option("--eval", metavar="NAME", help="For the plan: the evaluation.")
]


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("design", short_help="How many items rule it out; what never will be.")(design)


def design(
    *,
    line: LineOption = None,
    policy: OnePolicyOption = None,
    indicator: IndicatorOption = None,
    safe: SafeOption = None,
    elicitation: LevelOption = ElicitationLevel.E2,
    allow: AllowOption = None,
    alpha: AlphaOption = None,
    power: PowerOption = 0.8,
    rho: RhoOption = 0.5,
    epochs: EpochsOption = 1,
    seed: Annotated[int, typer.Option("--seed", help="Of the simulations.")] = 0,
    plan: PlanOption = None,
    subject: SubjectOption = None,
    eval_name: EvalOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    is_json: JsonOption = False,
) -> None:
    """Say how many items clear a model at the safe level, and what they can never rule out.

    Each allowance is shown with the items that it costs. Exits 11 if no number of items is enough.

    \b
    Examples:
      scalegate design --line 0.5 --safe 0.2 -e E3c --epochs 4
      scalegate design -p anthropic-fcf@2 -i campaign-steps-automated --safe 0.1
    """
    from scalegate.app.designing import Wish, design_mapping, must_be_on_record, question_of
    from scalegate.cli.screen import print_json
    from scalegate.estimate.design import design as answered

    wish = Wish(
        line=None if line is None else _decimal(line),
        safe=safe,
        elicitation=elicitation,
        allowances=dict(_allowance(each) for each in allow or ()),
        alpha=alpha,
        power=power,
        rho=rho,
    )
    asked = line_asked(policy, indicator, workspace)
    question = question_of(wish, asked[1] if asked else None)
    found = answered(question, epochs=epochs, seed=seed)
    on_record = must_be_on_record(elicitation, asked[0] if asked else None)
    if plan is not None:
        _write_plan(plan, found, (policy, indicator, subject, eval_name), instant_of(as_of))
    code = 0 if found.chosen is not None else 11
    if is_json:
        print_json("design", {"exit_code": code, **design_mapping(found, on_record)})
    else:
        _show(found, on_record)
        _say_written(plan)
    raise typer.Exit(code)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UsageError(f"not a number: `{plain(text)}`", hint="expected 0.5") from None


def _allowance(text: str) -> tuple[AllowanceComponent, float]:
    name, _, amount = text.partition("=")
    try:
        return AllowanceComponent(name), float(amount)
    except ValueError:
        names = ", ".join(each.value for each in AllowanceComponent)
        raise UsageError(
            f"not an allowance: `{plain(text)}`", hint=f"expected NAME=LOGITS, NAME one of {names}"
        ) from None


def _write_plan(
    path: Path, found: Answer, said: tuple[str | None, ...], committed_at: datetime
) -> None:
    import yaml

    from scalegate.app.designing import PlanHead, plan_document
    from scalegate.wiring import write_whole

    policy, indicator, subject, eval_name = said
    if policy is None or indicator is None or subject is None or eval_name is None:
        raise UsageError(
            "a plan names what it answers",
            hint="give `--policy`, `--indicator`, `--subject` and `--eval` with `--plan`",
        )
    if path.exists() or path.is_symlink():
        raise UsageError(f"`{plain(path)}` is there already", hint="name another with `--plan`")
    head = PlanHead(
        id=path.stem,
        subject=subject,
        eval_name=eval_name,
        answers=f"{policy}/{indicator}",
        committed_at=committed_at,
    )
    write_whole(path, yaml.safe_dump(plan_document(found, head), sort_keys=False))


def _say_written(path: Path | None) -> None:
    from scalegate.cli.screen import command, line

    if path is not None:
        line()
        line(f"wrote the plan {plain(path)}; edit it, then record it before the run:")
        command(f"scalegate plan commit {plain(path)}   # into a log, for others to see")
        command(f"scalegate evidence import {plain(path)}")


def _show(found: Answer, on_record: Sequence[str]) -> None:
    from scalegate.cli.screen import cell, line, table

    asked = found.question
    line(
        f"Line {asked.line}, after allowances {found.effective_line:.3g}; safe level "
        f"{asked.safe:g}, elicitation {asked.elicitation.value}, alpha {asked.alpha:g}, "
        f"power {asked.power:g}, rho {asked.rho:g}"
    )
    if found.fewest is not None:
        line(f"Fewest items, if not one is solved: {found.fewest}")
    rows = [
        (
            str(epochs),
            "no number of items" if size is None else str(size.units),
            "" if size is None else str(size.units * size.epochs),
            "" if size is None else f"{size.power:.2f}",
            "" if size is None else f"{size.simulated:.2f}",
            "" if size is None or size.clearable is None else f"{size.clearable:.3f}",
        )
        for epochs, size in found.sizes
    ]
    columns = ("^attempts", "^items", "^samples", "^power", "^simulated", "^clears up to")
    table("What it takes", columns, rows)
    costs = [
        (component.value, f"{logits:g}", "cannot be said" if units is None else str(units))
        for component, logits, units in found.costs
    ]
    if costs:
        table("What each allowance costs", ("^for", "^logits", "^items more"), costs)
    times = "attempt" if found.epochs == 1 else "attempts"
    table(
        f"Power by number of items, {found.epochs} {times} at each",
        ("^items", "^power", ""),
        [(str(n), f"{p:.2f}", cell("#" * round(p * _BAR))) for n, p in found.curve],
    )
    _list("What must be on record for it", on_record)
    _list("What such an eval can never rule out", found.never)


def _list(title: str, texts: Sequence[str]) -> None:
    from scalegate.cli.screen import heading, item

    if texts:
        heading(title)
    for text in texts:
        item("-", text)
