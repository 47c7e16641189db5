"""`evidence import`, `evidence list`, `evidence show`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import TrustError, UnknownName, UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import (
    AboutOption,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    WorkspaceOption,
    instants_of,
    workspace_of,
)
from scalegate.cli.complete import complete_evidence, complete_subject
from scalegate.cli.verb_scan import scan_evidence

if TYPE_CHECKING:
    from scalegate.app.importing import ImportedFile, ImportReport
    from scalegate.app.workspace import Workspace
    from scalegate.evidence.eval_log import EvalLog
    from scalegate.ports import EvidenceItem

SHOWN = 20
"""So many files of one outcome are listed before the rest is counted."""
OnProgress = Callable[[int, int, str], None]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(no_args_is_help=True, help="Logs and documents that decisions rest on.")
    group.command("import", short_help="Record logs and documents.")(import_evidence)
    group.command("list", short_help="List what is recorded.")(list_evidence)
    group.command("show", short_help="Show one item, with its validity flags.")(show_evidence)
    group.command("scan", short_help="Write a document of an Inspect Scout scan.")(scan_evidence)
    app.add_typer(group, name="evidence", short_help="Logs and documents: import, list, show.")


# --- import ---------------------------------------------------------------------------------------


def import_evidence(
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    workspace: WorkspaceOption = None,
    is_all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Record nothing if one file is refused.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Record Inspect logs (.eval, .json) and documents.

    The same content twice is recorded once. A refused file does not stop the others; the exit code
    is then 2.

    \b
    Example:
      scalegate evidence import logs/ documents/
    """
    from scalegate.app.importing import import_paths
    from scalegate.cli.screen import print_json

    opened = workspace_of(workspace)
    with progress("reading") as on_progress:
        report = import_paths(
            opened.store,
            opened.reader,
            paths,
            on_progress=on_progress,
            is_all_or_nothing=is_all_or_nothing,
        )
    code = 0 if report.is_complete else 2
    if is_json:
        files = [_file(each) for each in report.files]
        print_json("import", {"exit_code": code, "files": files})
    else:
        show_import(report)
    raise typer.Exit(code)


@contextmanager
def progress(what: str) -> Iterator[OnProgress]:
    """Draw a bar on stderr, on a terminal only; it is gone when the work is done."""
    from scalegate.cli.screen import console, shows_progress

    if not shows_progress():
        yield lambda _done, _total, _name: None
        return
    from rich.progress import Progress

    with Progress(console=console(is_error=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, _name: bar.update(task, completed=done, total=total)


def show_import(report: ImportReport) -> None:
    """Say what became of the files of an import."""
    from scalegate.app.importing import ImportOutcome
    from scalegate.cli.screen import item, line

    counts = [(outcome, report.count(outcome)) for outcome in ImportOutcome]
    line(", ".join(f"{count} {outcome.value}" for outcome, count in counts if count) or "nothing")
    for outcome in (ImportOutcome.REFUSED, ImportOutcome.HELD_BACK, ImportOutcome.LEFT_OUT):
        mark = "-" if outcome is ImportOutcome.LEFT_OUT else "!"
        found = report.of(outcome)
        for each in found[:SHOWN]:
            item(mark, f"{outcome.value}: {each.reason or each.name}")
        if len(found) > SHOWN:
            line(f"and {len(found) - SHOWN} more {outcome.value}", indent=4)
    for each in report.of(ImportOutcome.IMPORTED):
        if each.reasons:
            item("-", f"{each.name}: {each.reason}")
    flagged = [each for each in report.files if each.flag_count and each.item is not None]
    for each in flagged[:SHOWN]:
        item("?", _flagged(each))
    if len(flagged) > SHOWN:
        line(f"and {len(flagged) - SHOWN} more logs with validity flags", indent=4)


def _flagged(each: ImportedFile) -> str:
    count = each.flag_count
    name = each.item.id if each.item else each.name
    return f"{each.name}: {count} validity flag{'' if count == 1 else 's'} (evidence show {name})"


def _file(each: ImportedFile) -> dict[str, Any]:
    return {
        "name": each.name,
        "outcome": each.outcome.value,
        "item": _item(each.item) if each.item else None,
        "flags": each.flag_count,
        "reasons": [reason.to_mapping() for reason in each.reasons],
    }


# --- list -----------------------------------------------------------------------------------------


def list_evidence(
    *,
    workspace: WorkspaceOption = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="Only this kind, such as act; log for logs."),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            "--subject",
            metavar="SUBJECT",
            help="Only about this subject.",
            autocompletion=complete_subject,
        ),
    ] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: Annotated[
        bool, typer.Option("--check", help="Compare every file with its digest; 12 if one differs.")
    ] = False,
) -> None:
    """List what is recorded, as it was true and known at the instants asked about.

    \b
    Example:
      scalegate evidence list --kind judgement
    """
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import line, print_json, table

    opened = workspace_of(workspace)
    instants = instants_of(opened, as_of, (known_at, about))
    items = opened.store.items(
        true_at=instants.true_at, known_at=instants.known_at, kind=kind, subject=subject
    )
    faults = _altered(opened, items) if is_checked else []
    code = TrustError.exit_code if faults else 0
    if is_json:
        content = {"items": [_item(each) for each in items], "faults": faults}
        print_json("evidence", {"exit_code": code, **content})
        raise typer.Exit(code)
    rows = [
        (each.id, each.kind, each.subject, format_day(each.true_from), each.digest[:12])
        for each in items
    ]
    table("", ("id", "kind", "about", "^true from", "^sha256"), rows)
    line(f"{len(rows)} item{'' if len(rows) == 1 else 's'}")
    for text in faults:
        line(f"! {text}")
    raise typer.Exit(code)


def _altered(opened: Workspace, items: Iterable[EvidenceItem]) -> list[str]:
    faults = []
    for each in items:
        try:
            opened.store.locate(each)
            for attachment in each.attachments:
                opened.store.locate_attachment(attachment)
        except TrustError as fault:
            faults.append(f"{each.id}: {fault}")
    return faults


def _item(each: EvidenceItem) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    return {
        "id": each.id,
        "kind": each.kind,
        "subject": each.subject,
        "digest": each.digest,
        "true_from": format_instant(each.true_from),
        "true_until": format_instant(each.true_until) if each.true_until else None,
        "known_from": format_instant(each.known_from),
        "recorded_at": format_instant(each.recorded_at),
        "source_name": each.source_name,
        "size_bytes": each.size_bytes,
        "attachments": [attachment.name for attachment in each.attachments],
    }


# --- show -----------------------------------------------------------------------------------------


def show_evidence(
    *,
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Id of an item, or the start of its digest.",
            autocompletion=complete_evidence,
        ),
    ],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_checked: Annotated[
        bool, typer.Option("--check", help="Exit 11 if a log has validity flags.")
    ] = False,
) -> None:
    """Show one item: a document as recorded, or what a log holds and its validity flags.

    Its file is compared with its digest; exits 12 if it is gone or altered.

    \b
    Example:
      scalegate evidence show capability-report-opus-4
    """
    from scalegate.app.workspace import read_log_of, read_record
    from scalegate.cli.screen import print_json
    from scalegate.ports import LOG_KIND

    opened = workspace_of(workspace)
    item = _one(opened.store.history(), name)
    if item.kind == LOG_KIND:
        content = _log(read_log_of(opened, item))
    else:
        content = {"document": _as_data(read_record(opened, item).to_mapping())}
    code = 11 if is_checked and content.get("flags") else 0
    if is_json:
        print_json("item", {"exit_code": code, "item": _item(item), **content})
    elif item.kind == LOG_KIND:
        _show_log(item, content)
    else:
        _show_document(item, content["document"])
    raise typer.Exit(code)


def _one(items: Sequence[EvidenceItem], name: str) -> EvidenceItem:
    found = [each for each in items if each.id == name]
    if not found and len(name) >= 4:
        found = [each for each in items if each.digest.startswith(name.lower())]
    if not found:
        raise UnknownName("evidence", plain(name, limit=80), known={each.id for each in items})
    if len({each.id for each in found}) > 1:
        shown = ", ".join(sorted({f"`{each.id}`" for each in found})[:6])
        raise UsageError(f"`{plain(name)}` starts several digests", hint=f"they are of {shown}")
    return max(found, key=lambda each: (each.known_from, each.recorded_at))


def _as_data(value: Any) -> Any:
    """Return a document as plain data; exact numbers become decimal text."""
    if isinstance(value, dict):
        return {key: _as_data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_data(each) for each in value]
    return str(value) if isinstance(value, Decimal) else value


def _show_document(item: EvidenceItem, document: Any) -> None:
    from scalegate.cli.screen import line

    line(f"{item.id} ({item.kind}), sha256 {item.digest}", style="bold")
    for text in json.dumps(document, indent=2, ensure_ascii=False).splitlines():
        line(text.strip(), indent=len(text) - len(text.lstrip()))


def _log(log: EvalLog) -> dict[str, Any]:
    header = log.header
    return {
        "log": {
            "task": header.task,
            "task_version": header.task_version,
            "model": header.model,
            "status": header.status,
            "dataset": header.dataset_name,
            "planned_items": header.planned_id_count,
            "epochs": header.planned_epochs,
            "sample_runs": len(log.samples),
            "scores": list(log.samples.score_names),
        },
        "flags": _flags(log),
    }


def _flags(log: EvalLog) -> list[dict[str, Any]]:
    """Return what the reader noticed, and what the check of each score finds, each once."""
    from scalegate.evidence.validity import check_log

    found = {}
    reports = [check_log(log, scorer=name) for name in log.samples.score_names or ("",)]
    for flag in (*log.flags, *(flag for report in reports for flag in report.flags)):
        found[flag.kind, flag.where, flag.count] = {
            "kind": flag.kind.value,
            "count": flag.count,
            "where": flag.where,
            "expected": flag.expected,
            "got": flag.got,
        }
    return list(found.values())


def _show_log(item: EvidenceItem, content: dict[str, Any]) -> None:
    from scalegate.cli.screen import line, table

    line(f"{item.id} (log), sha256 {item.digest}", style="bold")
    for key, value in content["log"].items():
        shown = ", ".join(value) if isinstance(value, list) else value
        line(f"{key.replace('_', ' ')}: {'–' if shown in (None, '') else shown}", indent=2)
    rows = [
        (
            each["kind"].replace("_", " "),
            each["count"],
            each["where"] or "",
            each["expected"] or "",
            each["got"] or "",
        )
        for each in content["flags"]
    ]
    if rows:
        table("Validity flags", ("flag", "^count", "where", "expected", "got"), rows, indent=2)
    else:
        line("no validity flag; the log says nothing of a threshold until a mapping binds it")
