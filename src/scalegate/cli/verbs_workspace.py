"""`init` and `doctor`: make a workspace, and check all that can be checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scalegate.cli.asking import JsonOption, PolicyOption, WorkspaceOption


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("init")(init)
    app.command("doctor")(doctor)


def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = Path(),
    name: Annotated[str, typer.Option("--name", help="What readers call it.")] = "",
    policies: PolicyOption = None,
    has_example: Annotated[
        bool,
        typer.Option("--example", help="With the shipped example, which is held on purpose."),
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Make a workspace: settings, folders for policies and evidence, an empty record.

    Example: scalegate init my-lab --policy anthropic-rsp@2.2
    """
    from scalegate.cli.screen import line, print_json
    from scalegate.cli.verb_demo import import_examples
    from scalegate.wiring import create_workspace

    workspace = create_workspace(folder, name=name, frameworks=tuple(policies or ()))
    count = import_examples(workspace) if has_example else 0
    if is_json:
        print_json("workspace", {"folder": str(workspace.folder), "imported": count})
        return
    line(f"made a workspace in {workspace.folder}")
    if count:
        line(f"imported {count} example files")
    line("next: scalegate evidence import PATH, then scalegate status")


def doctor(
    workspace: WorkspaceOption = None,
    has_sweep: Annotated[
        bool, typer.Option("--sweep", help="Remove what an interrupted import left behind.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Check settings, policies, every recorded file against its digest, and this installation.

    Example: scalegate doctor
    """
    from scalegate import __version__
    from scalegate.app.workspace import check_workspace
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import open_workspace

    opened = open_workspace(workspace)
    findings = check_workspace(opened)
    swept = opened.store.sweep() if has_sweep else ()
    faults = [each.what for each in findings if each.is_fault]
    others = [each.what for each in findings if not each.is_fault]
    head = opened.store.head()
    if is_json:
        content = {"faults": faults, "notes": others, "records": head.count, "chain": head.chain}
        print_json("doctor", {**content, "engine": __version__})
    else:
        line(f"scalegate {__version__}; workspace {opened.folder}")
        line(f"{head.count} records, chain {head.chain[:16]}")
        for each in faults:
            line(f"x FAULT {each}")
        for each in others:
            line(f"- note {each}")
        if has_sweep:
            line(f"swept {len(tuple(swept))} left-over files")
        if not faults:
            line("+ every record and file that could be checked is in order")
    raise typer.Exit(12 if faults else 0)
