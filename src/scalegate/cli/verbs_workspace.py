"""`init` and `doctor`: make a workspace, and check all that can be checked."""

from __future__ import annotations

import platform
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import ScalegateError, TrustError, UsageError
from scalegate.cli.asking import JsonOption, PolicyOption, WorkspaceOption, workspace_of

if TYPE_CHECKING:
    from scalegate.app.workspace import Workspace
    from scalegate.cli.examples import Example


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("init", short_help="Make a workspace, empty or with an example.")(init)
    app.command("doctor", short_help="Check everything that can be checked.")(doctor)


# --- init -----------------------------------------------------------------------------------------


def init(
    *,
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="A new or an empty folder.")
    ] = Path(),
    name: Annotated[
        str, typer.Option("--name", help="What readers call it. Default: the folder's name.")
    ] = "",
    policies: PolicyOption = None,
    lab: Annotated[
        str | None,
        typer.Option(
            "--lab", metavar="LAB", help="The policies of this lab decide, those in force."
        ),
    ] = None,
    example_name: Annotated[
        str | None,
        typer.Option(
            "--example",
            metavar="NAME",
            help="With a shipped example that is held, such as opus-4, ready to be asked.",
        ),
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Make a workspace: one folder with settings, policies and evidence.

    The policies that decide are those named, else each that was in force on the day asked about.

    \b
    Examples:
      scalegate init my-lab
      scalegate init try-out --example opus-4
    """
    from scalegate.app.regimes import lab_named
    from scalegate.cli.examples import frameworks_of, import_example, shipped_examples
    from scalegate.cli.screen import command, line, print_json
    from scalegate.wiring import create_workspace, policy_source

    examples = shipped_examples(example_name) if example_name else ()
    chosen = tuple(policies or frameworks_of(examples))
    if lab and chosen:
        raise UsageError("`--lab` beside policies or an example", hint="leave one of them out")
    whose = lab_named(policy_source(), lab) if lab else ""
    workspace = create_workspace(folder, name=name, frameworks=chosen, lab=whose)
    count = sum(len(import_example(workspace, each).files) for each in examples)
    if is_json:
        content: dict[str, Any] = {"folder": str(workspace.folder), "imported": count}
        content |= {"frameworks": list(chosen), "lab": whose}
        print_json("init", {"exit_code": 0, **content})
        return
    line(f"made a workspace in {workspace.folder}", style="bold")
    those = f"those of {whose} in force" if whose else "those in force"
    line(f"policies that decide: {', '.join(chosen) or f'{those} on the day asked about'}")
    if examples:
        line(
            f"imported {count} files of the example `{examples[0].name}`: {examples[0].case.title}"
        )
    line("Next:")
    if folder != Path():
        command(f"cd {shlex.quote(str(folder))}")
    for text in _next_steps(examples):
        command(text)


def _next_steps(examples: tuple[Example, ...]) -> list[str]:
    if not examples:
        return ["scalegate evidence import LOGS DOCUMENTS", "scalegate status"]
    case = examples[0].case
    asked = case.gates[0]
    gate = f"{asked.of or case.subject} {asked.gate} --as-of {case.as_of.date().isoformat()}"
    return [f"scalegate {verb} {gate}" for verb in ("gate", "why", "why-not")]


# --- doctor ---------------------------------------------------------------------------------------


def doctor(
    *,
    workspace: WorkspaceOption = None,
    has_sweep: Annotated[
        bool, typer.Option("--sweep", help="Remove what an interrupted import left behind.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Check settings, records, every file against its digest, every document and policy.

    Exits 12 if evidence is gone or altered, 2 if a policy cannot be used.

    \b
    Example:
      scalegate doctor
    """
    from scalegate import __version__
    from scalegate.cli.screen import print_json

    opened = workspace_of(workspace)
    swept = opened.store.sweep() if has_sweep else ()
    policies, policy_faults = _policies(opened)
    notes, faults = _evidence(opened, policy_faults)
    code = TrustError.exit_code if faults else 2 if policy_faults else 0
    content = {
        "engine": __version__,
        "python": platform.python_version(),
        "reads_unknown_logs_with_inspect": find_spec("inspect_ai") is not None,
        "workspace": str(opened.folder),
        "policies": policies,
        "records": 0 if faults else opened.store.head().count,
        "faults": faults,
        "policy_faults": policy_faults,
        "notes": notes,
        "swept": list(swept),
    }
    if is_json:
        print_json("doctor", {"exit_code": code, **content})
    else:
        _show_doctor(content)
    raise typer.Exit(code)


def _policies(opened: Workspace) -> tuple[list[str], list[str]]:
    """Return the policies that decide, and what keeps them from it."""
    from scalegate.app.workspace import load_policies

    try:
        return [each.name for each in load_policies(opened)], []
    except ScalegateError as fault:
        return [], str(fault).splitlines()


def _evidence(opened: Workspace, known: list[str]) -> tuple[list[str], list[str]]:
    """Return what is harmless and what is a fault, beside the faults of policies."""
    from scalegate.app.workspace import check_workspace

    said = {text.strip() for text in known}
    found = [each for each in check_workspace(opened) if each.what.strip() not in said]
    notes = [each.what for each in found if not each.is_fault]
    return notes, [each.what for each in found if each.is_fault]


def _show_doctor(content: dict[str, Any]) -> None:
    from scalegate.cli.screen import item, line

    line(f"scalegate {content['engine']}, Python {content['python']}", style="bold")
    line(f"workspace: {content['workspace']}")
    names = content["policies"]
    if names:
        item("+", f"ok: {len(names)} polic{'y decides' if len(names) == 1 else 'ies decide'}: "
             f"{', '.join(names)}")  # fmt: skip
    if not content["faults"]:
        count = content["records"]
        item("+", f"ok: {count} record{'' if count == 1 else 's'}, every file as recorded")
    for text in content["policy_faults"]:
        item("!", f"fault in a policy: {text.strip()}")
    for text in content["faults"]:
        item("!", f"fault: {text}")
    for text in content["notes"]:
        item("-", f"note: {text}")
    for name in content["swept"]:
        item("-", f"removed: {name}")
    if not content["reads_unknown_logs_with_inspect"]:
        item("-", "note: inspect-ai is not installed; logs of a layout that this version does not"
             " know are refused (`pip install scalegate[inspect]`)")  # fmt: skip
