"""`demo`: every shipped case, decided under the policies that it names, with a report to open."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import JsonOption

if TYPE_CHECKING:
    from scalegate.app.deciding import Decided
    from scalegate.app.importing import ImportReport
    from scalegate.app.workspace import Workspace
    from scalegate.cli.examples import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One case, imported and decided."""

    example: Example
    """The case."""
    report: ImportReport
    """What became of its files."""
    gates: tuple[Decided, ...]
    """The gates that the case asks, each under each of its policies."""
    model: tuple[Decided, ...]
    """The case's model under each of its policies, for the findings."""


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("demo", short_help="Real evidence, three labs' policies, a report.")(demo)


def demo(
    *,
    folder: Annotated[
        Path,
        typer.Argument(metavar="[FOLDER]", help="A new folder, or that of an earlier demo."),
    ] = Path("scalegate-demo"),
    is_json: JsonOption = False,
) -> None:
    """Import the shipped cases, decide each under the policies of three labs, write the reports.

    The cases are real and public. No eval is bound to a capability that it does not measure.

    \b
    Example:
      scalegate demo
    """
    from scalegate.cli.examples import frameworks_of, shipped_examples
    from scalegate.cli.screen import note, print_json

    examples = shipped_examples()
    workspace = _workspace(folder, frameworks_of(examples))
    note(f"workspace: {workspace.folder}")
    played = []
    for number, example in enumerate(examples, start=1):
        note(f"[{number}/{len(examples)}] {example.name}: importing and deciding")
        played.append(_play(workspace, example))
    note("writing the reports")
    files = _write_reports(workspace, played)
    if is_json:
        print_json("demo", _as_json(workspace, played, files))
    else:
        _show(workspace, played, files)


def _workspace(folder: Path, frameworks: tuple[str, ...]) -> Workspace:
    from scalegate.app.settings import SETTINGS_FILE
    from scalegate.wiring import create_workspace, open_workspace

    if (folder / SETTINGS_FILE).is_file():
        return open_workspace(folder)
    return create_workspace(folder, name="Scalegate demo", frameworks=frameworks)


def _play(workspace: Workspace, example: Example) -> Played:
    from scalegate.app.deciding import Instants, decide_all, prepare
    from scalegate.cli.examples import import_example
    from scalegate.policy.vocabulary import Ask, Gate

    case = example.case
    report = import_example(workspace, example)
    instants = Instants(true_at=case.as_of, known_at=case.known_at or case.as_of)
    prepared = prepare(workspace, instants, case.frameworks)
    gates = [
        each
        for asked in case.gates
        for each in decide_all(
            prepared, asked.of or case.subject, [Gate(asked.gate)], ask=Ask(asked.ask)
        )
    ]
    model = decide_all(prepared, case.subject, ())
    return Played(example=example, report=report, gates=tuple(gates), model=model)


# --- the reports ----------------------------------------------------------------------------------


def _write_reports(workspace: Workspace, played: Sequence[Played]) -> list[Path]:
    """Write one page per instant, since a report speaks of one; the fullest first."""
    from scalegate import __version__
    from scalegate.app.deciding import Instants, decide_all, prepare, report_on
    from scalegate.wiring import write_whole

    by_instant: dict[tuple[datetime, datetime], list[Played]] = {}
    for each in played:
        case = each.example.case
        by_instant.setdefault((case.as_of, case.known_at or case.as_of), []).append(each)
    files = []
    for (true_at, known_at), cases in sorted(by_instant.items(), key=lambda pair: -len(pair[1])):
        names = dict.fromkeys(name for each in cases for name in each.example.case.frameworks)
        prepared = prepare(workspace, Instants(true_at=true_at, known_at=known_at), list(names))
        decided = [
            found
            for subject, gates in _asked(cases).items()
            for found in decide_all(prepared, subject, gates)
        ]
        title = "; ".join(each.example.case.title for each in cases)
        page = report_on(workspace, prepared, decided, title=title, engine=__version__)
        path = workspace.folder / f"report-{'-and-'.join(each.example.name for each in cases)}.html"
        write_whole(path, page)
        files.append(path)
    return files


def _asked(cases: Sequence[Played]) -> dict[str, list[Any]]:
    """Return the gates that cases ask, by subject."""
    from scalegate.policy.vocabulary import Gate

    found: dict[str, list[Any]] = {}
    for each in cases:
        for asked in each.example.case.gates:
            subject = asked.of or each.example.case.subject
            found.setdefault(subject, []).append(Gate(asked.gate))
    return {subject: list(dict.fromkeys(gates)) for subject, gates in found.items()}


# --- the screen -----------------------------------------------------------------------------------


def _show(workspace: Workspace, played: Sequence[Played], files: Sequence[Path]) -> None:
    from scalegate.cli.screen import command, heading, item
    from scalegate.cli.tables import show_matrix

    for each in played:
        case = each.example.case
        heading(f"{case.title} (as of {case.as_of.date().isoformat()})")
        show_matrix(each.gates)
        _show_findings(each)
        _show_logs(each)
    heading("Reports, to open in a browser")
    for path in files:
        item("-", str(path))
    heading("Try next")
    command(f"cd {shlex.quote(str(workspace.folder))}")
    for text in next_commands(played):
        for part in text.split("\n"):
            command(part)


def _show_findings(each: Played) -> None:
    """Write the thresholds that evidence or acts speak of; the others are counted."""
    from scalegate.cli.screen import cell, line, state, table
    from scalegate.policy.vocabulary import Level
    from scalegate.report.terminal import evidence_phrase
    from scalegate.report.words import grade_word, level_word

    silent, has_rows = 0, False
    for decided in each.model:
        known, rows = decided.assessment, []
        for finding in known.findings.values():
            is_measured = any(line.verdicts for line in finding.indicators)
            if finding.own is Level.UNASSESSED and not finding.judged and not is_measured:
                silent += 1
                continue
            judged = finding.judged[0] if finding.judged else None
            said = state(level_word(judged.level)) if judged else cell("–")
            if judged:
                said.append(f" ({grade_word(judged.grade).word})")
            own = state(level_word(finding.own))
            rows.append((finding.threshold, evidence_phrase(finding), own, said))
        if rows:
            columns = ("^threshold", "evidence", "our finding", "published determination")
            table(f"  {known.inputs.policy.name}", columns, rows, indent=4)
            has_rows = True
    if silent:
        mark = state(level_word(Level.UNASSESSED)).plain
        other = "other " if has_rows else ""
        line(f"{silent} {other}thresholds: {mark}, no evidence on record", indent=2)


def _show_logs(each: Played) -> None:
    from scalegate.cli.screen import line
    from scalegate.ports import LOG_KIND

    logs = [file for file in each.report.files if file.item and file.item.kind == LOG_KIND]
    flagged = sum(bool(file.flag_count) for file in logs)
    if logs:
        line(
            f"{len(logs)} logs read, {flagged} with validity flags (scalegate evidence list)",
            indent=2,
        )


def next_commands(played: Sequence[Played]) -> list[str]:
    """Return three commands to try in the demo's folder, on the case with the most on record."""
    fullest = max(played, key=lambda each: len(each.report.files))
    case = fullest.example.case
    asked = case.gates[0]
    when = f"--as-of {case.as_of.date().isoformat()}"
    gate = f"{asked.of or case.subject} {asked.gate}"
    narrowed = f"-p {case.frameworks[0]} {when}"
    return [
        f"scalegate status {case.subject} {when}",
        f"scalegate why {gate} \\\n    {narrowed}",
        f"scalegate why-not {gate} \\\n    {narrowed}",
    ]


def _as_json(
    workspace: Workspace, played: Sequence[Played], files: Sequence[Path]
) -> dict[str, Any]:
    from scalegate.app.deciding import exit_code, exit_code_of
    from scalegate.report.json_view import assessment_to_mapping, decision_to_mapping

    cases = []
    for each in played:
        decisions = [decision for part in each.gates for decision in part.decisions]
        cases.append(
            {
                "case": each.example.case.id,
                "gates_exit_code": exit_code(decisions),
                "decisions": [
                    {**decision_to_mapping(decision), "exit_code": exit_code_of(decision)}
                    for decision in decisions
                ],
                "assessments": [assessment_to_mapping(part.assessment) for part in each.model],
            }
        )
    written = [str(path) for path in files]
    return {
        "exit_code": 0,
        "workspace": str(workspace.folder),
        "reports": written,
        "cases": cases,
        "try_next": next_commands(played),
    }
