"""`register`: models and how they relate, deployments with their surfaces, runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import UnknownName
from scalegate.cli.asking import (
    AboutOption,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    WorkspaceOption,
    kept_of,
    workspace_of,
)
from scalegate.cli.complete import complete_subject

if TYPE_CHECKING:
    from scalegate.app.keeping import Kept
    from scalegate.evidence.gaps import Gap
    from scalegate.evidence.register import Register

INCOMPLETE = 11


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("register", short_help="Models and their relations, deployments, runs.")(
        show_register
    )


def show_register(
    *,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[SUBJECT]",
            help="Only this model, deployment, run or checkpoint. Default: everything.",
            autocompletion=complete_subject,
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: Annotated[
        bool, typer.Option("--check", help="Exit 11 if something that decisions turn on is unsaid.")
    ] = False,
) -> None:
    """Show the register: what is a variant, an heir or within the bounds of what.

    Also each deployment with its surfaces and audience, each run with its labels and compute, and
    what decisions turn on though nobody said it; it counts as the worse case.

    \b
    Examples:
      scalegate register
      scalegate register model:claude-opus-4 --as-of 2025-05-23
    """
    from scalegate.cli.screen import print_json
    from scalegate.evidence.gaps import gaps

    kept = kept_of(workspace_of(workspace), as_of, (known_at, about))
    ids = frozenset(record.id for record in kept.bundle.records)
    chosen = _parts(kept.register, subject)
    found = [gap for gap in gaps(kept.register, ids) if gap.subject in chosen]
    code = INCOMPLETE if is_checked and (found or not chosen) else 0
    if is_json:
        print_json("register", {"exit_code": code, **_as_data(kept.register, chosen, found)})
    else:
        _show(kept, chosen, found)
    raise typer.Exit(code)


def _parts(register: Register, subject: str | None) -> tuple[str, ...]:
    """Return what to show, models first: everything, or a subject with all of its parts.

    Raises:
        UnknownName: nothing, or more than one thing, has this name.
    """
    groups = (register.models, register.checkpoints, register.deployments, register.runs)
    names = [name for group in groups for name in sorted(group)]
    if subject is None:
        return tuple(names)
    asked = [name for name in names if subject in (name, name.partition(":")[2])]
    if len(asked) != 1:
        raise UnknownName("subject", subject, known=asked or names)
    if asked[0] not in register.models:
        return (asked[0],)
    return tuple(name for name in names if register.resolve(name).model == asked[0])


def _as_data(register: Register, chosen: Sequence[str], found: Sequence[Gap]) -> dict[str, Any]:
    from scalegate.report.json_view import to_plain

    def of(group: Any) -> dict[str, Any]:
        return {name: group[name].model_dump(mode="json") for name in chosen if name in group}

    models = of(register.models)
    for name, entry in models.items():
        entry["growth"] = _growth(register, name)
        entry["bounds"] = [to_plain(bound) for bound in register.bounds_of(name)]
    return {
        "models": models,
        "deployments": of(register.deployments),
        "runs": of(register.runs),
        "gaps": [{"subject": gap.subject, "text": gap.text} for gap in found],
    }


def _growth(register: Register, name: str) -> dict[str, Any] | None:
    growth = register.growth(name)
    if growth is None:
        return None
    ratio, months = growth.effective_compute_ratio, growth.elicitation_months
    return {
        "root": growth.root,
        "effective_compute_ratio": None if ratio is None else format(ratio, "f"),
        "elicitation_months": None if months is None else format(months, "f"),
        "steps": [edge.model_dump(mode="json", exclude_defaults=True) for edge in growth.steps],
    }


def _show(kept: Kept, chosen: Sequence[str], found: Sequence[Gap]) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import heading, item, line

    register = kept.register
    day = format_day(kept.instants.true_at)
    if not chosen:
        line(f"nothing is registered as of {day}", style="bold")
        line("next: import a `model` document, or ask with another --as-of")
        return
    counts = [(kind, sum(name.startswith(f"{kind}:") for name in chosen)) for kind in _KINDS]
    said = [f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts if count]
    line(f"{', '.join(said)}, as of {day}", style="bold")
    for kind, tell in _KINDS.items():
        names = [name for name in chosen if name.startswith(f"{kind}:")]
        if names and kind != "checkpoint":
            heading(f"{kind.capitalize()}s")
        if names and (kind != "checkpoint" or chosen == tuple(names)):
            for name in names:
                item("-", f"{name}: {'; '.join(tell(register, name))}")
    if found:
        heading("Not said, and counted as the worse case")
    for gap in found:
        item("!", f"{gap.subject}: {gap.text}")


def _model(register: Register, name: str) -> Iterator[str]:
    entry, growth = register.models[name], register.growth(name)
    yield entry.series
    if entry.is_root:
        yield "a root, comprehensively assessed"
    elif growth is not None:
        ratio, months = growth.effective_compute_ratio, growth.elicitation_months
        size = "unknown" if ratio is None else f"{ratio:f}x"
        since = (
            "unknown months" if months is None else f"{months:f} month{'' if months == 1 else 's'}"
        )
        by = f", by {len(growth.steps)} steps" if len(growth.steps) > 1 else ""
        yield f"{size} effective compute and {since} since {growth.root}{by}"
    for bound in register.bounds_of(name):
        yield f"bounded by {bound.by} in {', '.join(sorted(bound.domains))}"
    for checkpoint in entry.checkpoints:
        yield f"{checkpoint.id} ({', '.join(_checkpoint(register, checkpoint.id))})"


def _checkpoint(register: Register, name: str) -> Iterator[str]:
    checkpoint = register.checkpoints[name]
    yield checkpoint.role
    if checkpoint.refuses:
        yield "refuses"
    edge = register.parent_of.get(name)
    if edge is not None:
        yield f"{str(edge.variant).replace('_', ' ')} variant of {edge.to}"


def _deployment(register: Register, name: str) -> Iterator[str]:
    entry = register.deployments[name]
    yield entry.checkpoint
    yield f"for {entry.audience.replace('_', ' ')}"
    said = [
        f"{surface.name}{'' if surface.registered else ' (never registered)'}"
        for surface in entry.surfaces
    ]
    yield f"by {', '.join(said)}"
    if entry.jurisdictions:
        yield f"in {', '.join(entry.jurisdictions)}"
    if entry.labels:
        yield f"labels {', '.join(entry.labels)}"


def _run(register: Register, name: str) -> Iterator[str]:
    run = register.runs[name]
    yield run.kind.replace("_", " ")
    yield f"from {run.checkpoint}" if run.checkpoint else f"of {run.model or 'a new model'}"
    unit = (run.unit or "").replace("_", " ")
    if run.planned_effective_compute is not None:
        used = run.consumed_effective_compute
        spent = "" if used is None else f", used {used:f}"
        yield f"planned {run.planned_effective_compute:f}{spent} ({unit})"
    if run.labels:
        yield f"labels {', '.join(run.labels)}"


_KINDS = {
    "model": _model,
    "checkpoint": _checkpoint,
    "deployment": _deployment,
    "run": _run,
}
"""Each kind of what is registered, and what says it."""
