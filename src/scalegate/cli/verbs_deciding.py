"""`assess`, `status`, `gate`, `report`: what stands, for every policy apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import (
    AboutOption,
    AskOption,
    AsOfOption,
    CheckOption,
    GateArgument,
    JsonOption,
    KnownAtOption,
    PolicyOption,
    SubjectArgument,
    WorkspaceOption,
    complete_gate,
    complete_subject,
    gate_of,
    prepared_of,
    workspace_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.app.deciding import Decided, Prepared

__all__ = ["GateArgument", "register"]

OptionalSubject = Annotated[
    str | None,
    typer.Argument(
        help="What to ask about; default: every deployment, run and model.",
        autocompletion=complete_subject,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("assess")(assess)
    app.command("status")(status)
    app.command("gate")(gate)
    app.command("report")(report)


def assess(
    subject: SubjectArgument,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Show every threshold of a subject: the finding, its lines with their numbers, and acts.

    Example: scalegate assess model:claude-opus-4 --policy anthropic-rsp@2.2
    """
    from scalegate.app.deciding import decide_all, exit_code
    from scalegate.cli.screen import line, print_json, tree
    from scalegate.gate.why import safeguard_why, threshold_why
    from scalegate.report.json_view import assessment_to_mapping

    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    decided = decide_all(prepared, subject, None if is_checked else ())
    if is_json:
        found = [assessment_to_mapping(each.assessment) for each in decided]
        print_json("assessments", {"assessments": found})
    else:
        for each in decided:
            known = each.assessment
            line(f"{known.inputs.policy.name} on {subject} as of {known.at.date().isoformat()}")
            for finding in known.findings.values():
                tree(threshold_why(known, finding))
            for safeguard in known.safeguards.values():
                tree(safeguard_why(safeguard), depth=2)
            for text in known.unused:
                line(f"not used: {text}")
    raise typer.Exit(exit_code(_decisions(decided)) if is_checked else 0)


def _decisions(decided: Sequence[Decided]) -> list[Any]:
    return [decision for each in decided for decision in each.decisions]


def status(
    subject: OptionalSubject = None,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Show all gates of a model under every policy: what holds, why, and when today's answer turns.

    Example: scalegate status deployment:opus-4-general
    """
    from scalegate.app.deciding import decide_all, exit_code, subjects_of
    from scalegate.cli.screen import line, print_json
    from scalegate.report.json_view import decision_to_mapping

    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    subjects = (subject,) if subject else subjects_of(prepared)
    decided = [each for name in subjects for each in decide_all(prepared, name)]
    code = exit_code(_decisions(decided))
    if is_json:
        found = [decision_to_mapping(each) for each in _decisions(decided)]
        print_json("status", {"exit_code": code, "decisions": found})
    elif not subjects:
        line("nothing is registered: import a `model` and a `deployment` document")
    else:
        show_status(prepared, decided)
    raise typer.Exit(code if is_checked else 0)


def show_status(prepared: Prepared, decided: Sequence[Decided]) -> None:
    """Write the morning's table: per subject and policy, thresholds, gates, what turns next."""
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import cell, line, state, table
    from scalegate.report.terminal import gate_rows, status_rows

    line(f"as of {format_day(prepared.instants.true_at)}")
    for each in decided:
        known = each.assessment
        rows = status_rows(known, each.decisions)
        table(
            f"{known.subject.ref} under {known.inputs.policy.name}",
            ("threshold", "evidence", "level", "safeguards", "gate"),
            [(r.native, r.evidence, state(r.level), r.safeguards, state(r.gate)) for r in rows],
        )
        table(
            "",
            ("gate", "answer", "because", "turns"),
            [(g.gate, state(g.word), cell(g.because), g.turns) for g in gate_rows(each.decisions)],
        )


def gate(
    subject: SubjectArgument,
    gates: Annotated[
        list[str], typer.Argument(help="Gates to ask for.", autocompletion=complete_gate)
    ],
    ask: AskOption = "start",
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
) -> None:
    """Ask whether gates are open; the exit code is the answer.

    Example: scalegate gate deployment:opus-4-general external_general --policy anthropic-rsp@2.2
    """
    from scalegate.app.deciding import decide_all, exit_code
    from scalegate.cli.screen import print_json
    from scalegate.report.json_view import decision_to_mapping

    asked = [gate_of(name) for name in gates]
    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    decided = decide_all(prepared, subject, asked, ask=ask_of(ask))
    code = exit_code(_decisions(decided))
    if is_json:
        per_gate = [
            {**decision_to_mapping(each), "exit_code": exit_code([each])}
            for each in _decisions(decided)
        ]
        print_json("gate", {"exit_code": code, "decisions": per_gate})
    else:
        show_gates(decided, code)
    raise typer.Exit(code)


def ask_of(word: str) -> Any:
    """Return what is asked at a gate.

    Raises:
        UnknownName: neither `start` nor `continue`.
    """
    from scalegate.base.errors import UnknownName
    from scalegate.policy.vocabulary import Ask

    try:
        return Ask(word)
    except ValueError:
        raise UnknownName("ask", word, known=[each.value for each in Ask]) from None


_MEANINGS = {
    0: "every asked gate is open",
    10: "held: a requirement is known to be unmet",
    11: "held: inconclusive, evidence is missing, stale, blunt or invalid",
    13: "the answer depends on a reading that nobody fixed",
    15: "an asked gate is not governed, and none is held",
}


def show_gates(decided: Sequence[Decided], code: int) -> None:
    """Write each answer with what it rests on, and what the exit code means."""
    from scalegate.cli.screen import line, state, table
    from scalegate.report.terminal import gate_rows, unmet_parts

    for each in decided:
        name = each.assessment.inputs.policy.name
        table(
            f"{each.assessment.subject.ref} under {name}",
            ("gate", "answer", "because", "turns"),
            [(g.gate, state(g.word), g.because, g.turns) for g in gate_rows(each.decisions)],
        )
        for decision in each.decisions:
            if decision.is_open:
                for owed in decision.obligations:
                    line(f"  owed: {owed}")
                continue
            unmet = list(dict.fromkeys(part.text for part in unmet_parts(decision.why)))
            for text in unmet[:8]:
                line(f"  ! {text}")
            if len(unmet) > 8:
                line(
                    f"  and {len(unmet) - 8} more: scalegate why {decision.subject} {decision.gate}"
                )
            for text in decision.judgements:
                line(f"  beside: {text}")
    line(f"exit {code}: {_MEANINGS[code]}")


def report(
    subject: OptionalSubject = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write it.")] = Path(
        "scalegate-report.html"
    ),
    gates: Annotated[
        list[str] | None,
        typer.Option("--gate", "-g", help="Only these gates.", autocompletion=complete_gate),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Title of the report.")] = "",
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Write one self-contained HTML page: ladders, gates, reasons, evidence, what turns next.

    Example: scalegate report deployment:opus-4-general --out opus-4.html
    """
    from scalegate import __version__
    from scalegate.app.deciding import decide_all, exit_code, report_on, subjects_of
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import write_whole

    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    subjects = (subject,) if subject else subjects_of(prepared)
    asked = [gate_of(name) for name in gates] if gates else None
    decided = [each for name in subjects for each in decide_all(prepared, name, asked)]
    page = report_on(workspace_of(workspace), prepared, decided, title=title, engine=__version__)
    write_whole(out, page)
    code = exit_code(_decisions(decided))
    if is_json:
        print_json("report", {"file": str(out), "bytes": len(page.encode()), "exit_code": code})
    else:
        line(f"wrote {out}")
    raise typer.Exit(code if is_checked else 0)
