"""`affected`: what relied on a piece of evidence, a safeguard, an incident or a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import (
    AboutOption,
    AskOption,
    AsOfOption,
    CheckOption,
    JsonOption,
    KnownAtOption,
    PolicyOption,
    WorkspaceOption,
    prepared_of,
    workspace_of,
)
from scalegate.cli.complete import complete_evidence, complete_subject
from scalegate.policy.vocabulary import Ask

if TYPE_CHECKING:
    from scalegate.app.affecting import Traced
    from scalegate.app.record.relied import Relied
    from scalegate.app.workspace import Workspace
    from scalegate.gate.affected import Affected, AffectedGate, Touched

RecordOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FOLDER",
        help="Also the signed decisions of this record.",
        show_default=False,
    ),
]
SHOWN = 12
"""So many things of one list are shown before the rest is counted."""


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("affected", short_help="What relied on this evidence, safeguard or incident.")(
        affected
    )


def affected(
    *,
    ref: Annotated[
        str,
        typer.Argument(
            metavar="REF",
            help="Id of a document, the start of a digest, or safeguard:NAME.",
            autocompletion=complete_evidence,
            show_default=False,
        ),
    ],
    subjects: Annotated[
        list[str] | None,
        typer.Option(
            "--subject",
            "-s",
            metavar="SUBJECT",
            help="Only this subject, or a pattern; repeat for several. Default: all registered.",
            autocompletion=complete_subject,
        ),
    ] = None,
    ask: AskOption = Ask.START,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    record: RecordOption = None,
    is_all: Annotated[bool, typer.Option("--all", help="Everything, not the first few.")] = False,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Show what relied on something: documents, findings and gates, through everything between.

    Each gate stands with its answer now and its answer without that one thing, so that what turns
    on it can be told from what merely names it. With --record it also names the signed decisions
    that relied on it when they were made; the record itself is not verified here.

    \b
    Examples:
      scalegate affected incident-12
      scalegate affected safeguard:filters --subject 'deployment:*'
    """
    from scalegate.app.affecting import trace
    from scalegate.app.deciding import exit_code, subjects_named
    from scalegate.cli.screen import print_json

    opened = workspace_of(workspace)
    prepared = prepared_of(opened, policies, as_of, (known_at, about))
    named = subjects_named(prepared, subjects or ())
    traced = trace(prepared, ref, named, ask=ask)
    decisions = [gate.decision for each in traced.affected for gate in each.gates]
    code = exit_code(decisions) if is_checked and decisions else 0
    signed = None if record is None else _signed(record, opened, traced.name)
    if is_json:
        more = {} if signed is None else {"recorded": [each.to_mapping() for each in signed]}
        print_json("affected", {"exit_code": code, **_as_data(traced), **more})
    else:
        _show(traced, prepared.instants.true_at, most=None if is_all else SHOWN)
        if signed is not None:
            _show_signed(signed)
    raise typer.Exit(code)


def _signed(record: Path, workspace: Workspace, name: str) -> tuple[Relied, ...]:
    from scalegate.app.record.appending import read_checkpoint_bytes
    from scalegate.app.record.relied import relied_on
    from scalegate.wiring import log_files

    files = log_files(record / "log")
    return relied_on(files, read_checkpoint_bytes(files), workspace, name)


def _show_signed(found: Sequence[Relied]) -> None:
    from scalegate.cli.screen import heading, item

    heading("Recorded decisions that relied on it (signatures are not checked here)")
    if not found:
        item("-", "none")
    for each in found:
        head = (
            f"entry {each.index}, {each.decided_at}: {each.subject} at {each.gate} under "
            f"{each.framework}, {each.effect}"
        )
        if each.missing:
            item("?", f"{head}: cannot be said, {each.missing}")
        elif each.changes:
            then = each.effect_without or "nothing that could be read"
            item("!", f"{head}; without it {then}")
        else:
            item("-", f"{head}; the same without it")


def _as_data(traced: Traced) -> dict[str, Any]:
    return {
        "name": traced.name,
        "resting": [
            {"name": rest.name, "on": rest.on, "how": rest.how, "depth": rest.depth}
            for rest in traced.resting
        ],
        "affected": [
            {
                "framework": each.framework,
                "subject": each.subject,
                "touched": [
                    {
                        "kind": part.kind,
                        "name": part.name,
                        "now": part.now,
                        "without": part.without,
                        "changes": part.changes,
                    }
                    for part in each.touched
                ],
                "gates": [_gate(gate) for gate in each.gates],
            }
            for each in traced.affected
        ],
    }


def _gate(gate: AffectedGate) -> dict[str, Any]:
    from scalegate.app.deciding import exit_code_of

    then = gate.without
    return {
        "gate": gate.decision.gate.value,
        "ask": gate.decision.ask.value,
        "rows": list(gate.rows),
        "effect": gate.decision.level.word,
        "is_open": gate.decision.is_open,
        "exit_code": exit_code_of(gate.decision),
        "effect_without": None if then is None else then.level.word,
        "is_open_without": None if then is None else then.is_open,
        "changes": gate.changes,
    }


def _show(traced: Traced, at: Any, *, most: int | None) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import heading, item, line

    line(f"{traced.name}, as of {format_day(at)}", style="bold")
    if not traced.resting and not traced.affected:
        line("nothing on record rests on it, and no gate turns on it")
        return
    if traced.resting:
        heading("On record")
    for rest in traced.resting[:most]:
        item("-", f"{rest.name}: {rest.how} ({rest.on})", indent=2 * rest.depth)
    _count(len(traced.resting), most)
    _show_parts(traced.affected, most)
    _show_gates(traced.affected)


def _count(found: int, most: int | None) -> None:
    from scalegate.cli.screen import line

    if most is not None and found > most:
        line(f"and {found - most} more; --all shows them", indent=4)


def _show_parts(found: Sequence[Affected], most: int | None) -> None:
    """Write each part once for all the subjects that have it alike, what turns on it first."""
    from scalegate.cli.screen import heading, item

    for framework in dict.fromkeys(each.framework for each in found):
        alike: dict[Touched, list[str]] = {}
        for each in found:
            for part in each.touched if each.framework == framework else ():
                alike.setdefault(part, []).append(each.subject)
        if alike:
            heading(f"What rests on it, under {framework}")
        ordered = sorted(alike, key=lambda part: not part.changes)
        for part in ordered[:most]:
            then = f"; without it {part.without}" if part.changes else "; the same without it"
            said = f"{part.kind} {part.name}: {part.now}{then} ({', '.join(alike[part])})"
            item("!" if part.changes else "-", said)
        _count(len(alike), most)


def _show_gates(found: Sequence[Affected]) -> None:
    from scalegate.cli.screen import line, table

    if not any(each.gates for each in found):
        line()
        line("no gate names what rests on it, and none turns on it")
    for framework in dict.fromkeys(each.framework for each in found if each.gates):
        rows = [
            _row(each.subject, gate)
            for each in found
            if each.framework == framework
            for gate in each.gates
        ]
        columns = ("^subject", "^gate", "now", "without it")
        table(f"Gates, under {framework}", columns, rows, gap=1)


def _row(subject: str, gate: AffectedGate) -> tuple[Any, ...]:
    from scalegate.cli.screen import cell, state
    from scalegate.report.words import decision_word

    now = state(decision_word(gate.decision), with_qualifier=True)
    then = cell("unreadable" if gate.without is None else "the same")
    if gate.without is not None and gate.changes:
        then = state(decision_word(gate.without), with_qualifier=True)
    return subject, gate.decision.gate.value, now, then
