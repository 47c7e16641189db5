"""`demo`: the main job on real input, from the shipped examples."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.cli.asking import JsonOption

if TYPE_CHECKING:
    from scalegate.app.workspace import Workspace

CASES = ("metr-horizon", "opus-4", "sonnet-4", "inspect-logs")


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[
        Path | None, typer.Argument(help="A new or empty folder; default: a temporary one.")
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Import the shipped examples, decide them under three labs' policies, write the report.

    The examples are METR's runs of one model, published results and determinations of Claude
    Opus 4 and Sonnet 4, and real Inspect logs that are bound to no threshold.

    Example: scalegate demo my-demo
    """
    from scalegate import __version__
    from scalegate.app.deciding import (
        Instants,
        decide_all,
        exit_code,
        prepare,
        report_on,
        subjects_of,
    )
    from scalegate.base.instants import parse_instant
    from scalegate.cli.screen import line, note, print_json
    from scalegate.cli.verbs_deciding import show_status
    from scalegate.policy.vocabulary import Gate
    from scalegate.wiring import create_workspace, write_whole

    place = folder or Path(tempfile.mkdtemp(prefix="scalegate-demo-"))
    note(f"making a workspace in {place}")
    workspace = create_workspace(place, name="demonstration", frameworks=DEMO_FRAMEWORKS)
    count = import_examples(workspace)
    note(f"imported {count} files; deciding")
    instant = parse_instant(DEMO_INSTANT)
    prepared = prepare(workspace, Instants(true_at=instant, known_at=instant))
    subjects = subjects_of(prepared)
    gates = (Gate.INTERNAL, Gate.EXTERNAL_GENERAL)
    decided = [each for name in subjects for each in decide_all(prepared, name, gates)]
    page = report_on(workspace, prepared, decided, title="Demonstration", engine=__version__)
    write_whole(place / "report.html", page)
    if is_json:
        code = exit_code(decision for each in decided for decision in each.decisions)
        content = {"workspace": str(place), "report": str(place / "report.html")}
        print_json("demo", {**content, "imported": count, "exit_code": code})
        return
    show_status(prepared, decided)
    line(f"The report: {place / 'report.html'}")
    line("Try next:")
    asked = f"deployment:opus-4-general external_general -p {RSP}"
    line(f"  scalegate why {asked} -w {place} --as-of {DEMO_INSTANT}")
    line(f"  scalegate why-not {asked} -w {place} --as-of {DEMO_INSTANT}")
    line(f"  scalegate evidence list --kind log -w {place}")


RSP = "anthropic-rsp@2.2"
DEMO_FRAMEWORKS = (RSP, "openai-pf@2", "gdm-fsf@3.1")
DEMO_INSTANT = "2025-05-23"


def import_examples(workspace: Workspace) -> int:
    """Import every shipped case, its indicator sets included; return how many files counted."""
    from scalegate.app.importing import ImportOutcome, import_paths
    from scalegate.base.errors import OutsideError
    from scalegate.wiring import add_indicator_set, find_examples

    root = find_examples()
    count = 0
    for name in CASES:
        case = root / name
        for source in sorted(case.glob("indicators/*.yaml")):
            add_indicator_set(workspace.folder, source)
        report = import_paths(workspace.store, workspace.reader, [case])
        refused = report.of(ImportOutcome.REFUSED)
        if refused:
            raise OutsideError(f"a shipped example was refused: {refused[0].reason}")
        count += report.count(ImportOutcome.IMPORTED) + report.count(ImportOutcome.ALREADY_THERE)
    return count
