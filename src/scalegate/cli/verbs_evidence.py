"""`evidence import`, `evidence list`, `evidence show`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import (
    AboutOption,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    WorkspaceOption,
    instants_of,
    workspace_of,
)

if TYPE_CHECKING:
    from scalegate.app.importing import ImportReport
    from scalegate.evidence.eval_log import EvalLog, Flag
    from scalegate.ports import EvidenceItem

SHOWN_REASONS = 40


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(no_args_is_help=True, help="Logs and documents that decisions rest on.")
    group.command("import")(import_evidence)
    group.command("list")(list_evidence)
    group.command("show")(show_evidence)
    app.add_typer(group, name="evidence")


def import_evidence(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    workspace: WorkspaceOption = None,
    is_all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Record nothing if one file is refused.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Record Inspect logs (.eval, .json) and documents; the same bytes twice are recorded once.

    Example: scalegate evidence import logs/ documents/
    """
    from scalegate.app.importing import import_paths
    from scalegate.cli.screen import print_json

    opened = workspace_of(workspace)
    with _Progress() as on_progress:
        report = import_paths(
            opened.store,
            opened.reader,
            paths,
            on_progress=on_progress,
            is_all_or_nothing=is_all_or_nothing,
        )
    if is_json:
        print_json("import", {"files": [_file(each) for each in report.files]})
    else:
        show_import(report)
    raise typer.Exit(0 if report.is_complete else 2)


def show_import(report: ImportReport) -> None:
    """Say what became of the files of an import."""
    from scalegate.app.importing import ImportOutcome
    from scalegate.cli.screen import line

    counts = [(outcome, report.count(outcome)) for outcome in ImportOutcome]
    line(", ".join(f"{count} {outcome.value}" for outcome, count in counts if count))
    for outcome in (ImportOutcome.REFUSED, ImportOutcome.HELD_BACK, ImportOutcome.LEFT_OUT):
        found = report.of(outcome)
        for each in found[:SHOWN_REASONS]:
            line(f"  {outcome.value}: {each.reason or each.name}")
        if len(found) > SHOWN_REASONS:
            line(f"  and {len(found) - SHOWN_REASONS} more {outcome.value}")
    flagged = [each for each in report.files if each.flag_count]
    for each in flagged[:SHOWN_REASONS]:
        line(f"  {each.name}: {each.flag_count} validity flags; scalegate evidence show ID")


def _file(each: Any) -> dict[str, Any]:
    return {
        "name": each.name,
        "outcome": each.outcome.value,
        "digest": each.item.digest if each.item else None,
        "id": each.item.id if each.item else None,
        "kind": each.item.kind if each.item else None,
        "flags": each.flag_count,
        "reasons": [reason.to_mapping() for reason in each.reasons],
    }


class _Progress:
    """A bar on stderr, on a terminal and for more than a few files only."""

    def __enter__(self) -> Callable[[int, int, str], None]:
        from rich.progress import Progress

        from scalegate.cli.screen import console

        shown = console(is_error=True)
        self._bar = Progress(console=shown, disable=not sys.stderr.isatty(), transient=True)
        self._bar.start()
        self._task = self._bar.add_task("reading", total=None)
        return self._step

    def _step(self, done: int, total: int, name: str) -> None:
        del name
        self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def list_evidence(
    workspace: WorkspaceOption = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only this kind; `log` for logs.")
    ] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="Only about this.")] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
) -> None:
    """List what is recorded, as it was known and true at the instants asked about.

    Example: scalegate evidence list --kind judgement
    """
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import print_json, table

    opened = workspace_of(workspace)
    instants = instants_of(opened, as_of, (known_at, about))
    items = opened.store.items(
        true_at=instants.true_at, known_at=instants.known_at, kind=kind, subject=subject
    )
    if is_json:
        print_json("evidence", {"items": [_item(each) for each in items]})
        return
    rows = [
        (each.id[:44], each.kind, each.subject, format_day(each.true_from), each.digest[:12])
        for each in items
    ]
    table(f"{len(rows)} items", ("id", "kind", "about", "true from", "digest"), rows)


def _item(each: EvidenceItem) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    return {
        "digest": each.digest,
        "kind": each.kind,
        "id": each.id,
        "subject": each.subject,
        "true_from": format_instant(each.true_from),
        "known_from": format_instant(each.known_from),
        "recorded_at": format_instant(each.recorded_at),
        "source_name": each.source_name,
        "size_bytes": each.size_bytes,
    }


def show_evidence(
    name: Annotated[str, typer.Argument(help="Id, or the start of a digest.")],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """Show one item: a document as recorded, or what a log says and its validity flags.

    Example: scalegate evidence show 3f2a9c01b7d4
    """
    from scalegate.app.workspace import read_log_of, read_record
    from scalegate.cli.screen import line, print_json
    from scalegate.ports import LOG_KIND

    opened = workspace_of(workspace)
    item = _one(opened.store.history(), name)
    if item.kind == LOG_KIND:
        log = read_log_of(opened, item)
        content = _log(log)
        if is_json:
            print_json("log", {"item": _item(item), **content})
        else:
            _show_log(item, content)
        return
    record = read_record(opened, item)
    mapping = to_plain_document(record.to_mapping())
    if is_json:
        print_json("document", {"item": _item(item), "document": mapping})
        return
    import json

    for each in json.dumps(mapping, indent=2, ensure_ascii=False).splitlines():
        line(each)


def to_plain_document(value: Any) -> Any:
    """Return a document as plain data; exact numbers become decimal text."""
    from decimal import Decimal

    if isinstance(value, dict):
        return {key: to_plain_document(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain_document(each) for each in value]
    return str(value) if isinstance(value, Decimal) else value


def _one(items: Any, name: str) -> EvidenceItem:
    from scalegate.base.errors import UnknownName, UsageError

    found = [each for each in items if each.id == name or each.digest.startswith(name)]
    if not found:
        raise UnknownName("evidence", name, known=[each.id for each in items])
    latest = max(found, key=lambda each: (each.known_from, each.recorded_at))
    if any(each.id != latest.id for each in found):
        shown = ", ".join(sorted({each.id for each in found})[:6])
        raise UsageError(f"`{name}` starts several digests", hint=f"they are of: {shown}")
    return latest  # type: ignore[no-any-return]


def _log(log: EvalLog) -> dict[str, Any]:
    header = log.header
    return {
        "task": header.task,
        "task_version": header.task_version,
        "model": header.model,
        "status": header.status,
        "dataset": header.dataset_name,
        "planned_items": header.planned_id_count,
        "epochs": header.planned_epochs,
        "samples": len(log.samples.ids),
        "scores": [column.name for column in log.samples.scores],
        "flags": [_flag(flag) for flag in log.flags] + _validity(log),
    }


def _validity(log: EvalLog) -> list[dict[str, Any]]:
    """Return the flags that only a check of the first score shows."""
    from scalegate.evidence.validity import check_log

    seen = {(flag.kind, flag.where) for flag in log.flags}
    found = [
        flag
        for column in log.samples.scores[:1]
        for flag in check_log(log, scorer=column.name).flags
    ]
    return [_flag(flag) for flag in found if (flag.kind, flag.where) not in seen]


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "kind": flag.kind.value,
        "count": flag.count,
        "where": flag.where,
        "expected": flag.expected,
        "got": flag.got,
    }


def _show_log(item: EvidenceItem, content: dict[str, Any]) -> None:
    from scalegate.cli.screen import line, table

    line(f"log {item.digest}")
    for key in ("task", "task_version", "model", "status", "dataset", "planned_items", "epochs"):
        line(f"  {key.replace('_', ' ')}: {content[key]}")
    line(f"  samples: {content['samples']}; scores: {', '.join(content['scores']) or 'none'}")
    rows = [
        (
            each["kind"].replace("_", " "),
            each["count"],
            each["where"],
            each["expected"],
            each["got"],
        )
        for each in content["flags"]
    ]
    table("Validity flags", ("flag", "count", "where", "expected", "got"), rows)
    if not rows:
        line("  no flag; a clean log is not yet evidence of anything: bind it to a line first")
