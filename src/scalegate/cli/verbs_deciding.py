"""`assess`, `status`, `gate`, `report`: what stands, for every policy apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import UsageError
from scalegate.cli.asking import (
    AboutOption,
    AskOption,
    AsOfOption,
    CheckOption,
    JsonOption,
    KnownAtOption,
    PolicyOption,
    ProvedOption,
    SubjectArgument,
    WorkspaceOption,
    gate_of,
    prepared_of,
    workspace_of,
)
from scalegate.cli.complete import complete_asked, complete_gate, complete_subject
from scalegate.cli.waiving import (
    WaiversOption,
    show_waivers,
    show_waivers_of,
    waivers_beside,
    waivers_to_list,
)
from scalegate.policy.vocabulary import Ask, Gate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scalegate.app.deciding import Decided, Prepared
    from scalegate.app.workspace import Workspace
    from scalegate.gate.model import Decision, Finding
    from scalegate.report.model import DecisionKey, WaiverView

    Waivers = Mapping[DecisionKey, Sequence[WaiverView]]

OptionalSubjects = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SUBJECT...]",
        help="What to ask about, such as model:NAME or 'run:*'. Default: everything that is"
        " registered.",
        autocompletion=complete_subject,
        show_default=False,
    ),
]
GateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--gate",
        "-g",
        metavar="GATE",
        help="Only this gate; repeat for several. Default: all that the subject may pass.",
        autocompletion=complete_gate,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("assess", short_help="Each threshold: finding, numbers, acts.")(assess)
    app.command("status", short_help="Every gate of a model under every policy.")(status)
    app.command("gate", short_help="Is it open? The exit code is the answer.")(gate)
    app.command("report", short_help="Write one HTML page to read and to print.")(report)


def decisions_of(decided: Sequence[Decided]) -> list[Decision]:
    """Return all decisions, in order."""
    return [decision for each in decided for decision in each.decisions]


# --- assess ---------------------------------------------------------------------------------------


def assess(
    *,
    subject: SubjectArgument,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    record: WaiversOption = None,
    is_proved: ProvedOption = False,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Show every threshold: the finding, its lines with their numbers, and the acts upon it.

    \b
    Example:
      scalegate assess model:claude-opus-4 -p anthropic-rsp@2.2 --as-of 2025-05-23
    """
    from scalegate.app.deciding import decide_all, exit_code, subject_of
    from scalegate.cli.screen import print_json
    from scalegate.report.json_view import assessment_to_mapping

    prepared = prepared_of(
        workspace_of(workspace),
        policies,
        as_of,
        (known_at, about),
        is_proved=is_proved,
        record=record,
    )
    decided = decide_all(prepared, subject_of(prepared, subject), None if is_checked else ())
    code = exit_code(decisions_of(decided)) if is_checked else 0
    if is_json:
        found = [assessment_to_mapping(each.assessment) for each in decided]
        print_json("assess", {"exit_code": code, "assessments": found})
    else:
        for each in decided:
            _show_assessment(each)
    raise typer.Exit(code)


def _show_assessment(each: Decided) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import heading, item, line, state, table, tree
    from scalegate.gate.elicitation_asked import checked_off
    from scalegate.gate.why import threshold_why
    from scalegate.report.elicitation_text import checked_off_texts
    from scalegate.report.words import safeguard_word

    known = each.assessment
    name = known.inputs.policy.name
    heading(f"{known.subject.ref} under {name}, as of {format_day(known.at)}")
    for finding in known.findings.values():
        line()
        tree(threshold_why(known, finding))
        _show_verdicts(finding)
    rows = [
        (found.safeguard, state(safeguard_word(found.state)), found.text)
        for found in known.safeguards.values()
    ]
    if rows:
        table("Safeguards", ("^safeguard", "state", "why"), rows, indent=2)
    asked = checked_off_texts(checked_off(known))
    if asked:
        heading("What the policy asks of elicitation")
    for text in asked:
        item("-", text, indent=2)
    if known.beyond:
        heading("Beyond what the policy asks")
    for text in known.beyond:
        line(text, indent=2)
    if known.unused:
        heading("Not used")
    for text in known.unused:
        line(text, indent=2)


def _show_verdicts(finding: Finding) -> None:
    """Write what each verdict rests on, and the gates of its certificate, met or open."""
    from scalegate.cli.screen import item, line
    from scalegate.gate.lines import sentence
    from scalegate.policy.vocabulary import Level
    from scalegate.report.verdict_text import gate_texts, verdict_numbers

    for found in finding.indicators:
        arms: dict[str, None] = {}  # an arm stands beside each measurement; it is written once
        for read in found.verdicts:
            said = f", {read.reading}" if read.reading else ""
            if read.is_arm:
                arms[f"{found.indicator.id}{said}: {sentence(read.verdict)}"] = None
                continue
            word = read.verdict.outcome.value.replace("_", " ")
            if read.verdict.outcome == "ruled_out" and found.level is Level.NOT_RULED_OUT:
                why = ", ".join(reason.value.replace("_", " ") for reason in found.reasons)
                word += f" by its numbers alone; the line is not ruled out ({why})"
            line(f"{found.indicator.id}{said}: {word}", indent=2)
            for text in verdict_numbers(read.verdict, expires_at=found.expires_at):
                item("-", text, indent=4)
        for text in arms:
            line(text, indent=2)
        for text in (*found.elicited, *found.looked_for_hiding, *gate_texts(found.gates)):
            item("-", text, indent=4)


# --- status ---------------------------------------------------------------------------------------


def status(
    *,
    subjects: OptionalSubjects = None,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    record: WaiversOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Show every gate of a model under every policy.

    What holds, what is in the way and whose it is, and when today's answer turns by itself.
    Without a subject: one row for each. With several, or a pattern: one row for each gate of each.

    \b
    Examples:
      scalegate status
      scalegate status model:claude-opus-4 --as-of 2025-05-23
      scalegate status 'run:*'
    """
    from scalegate.app.deciding import decide_all, exit_code, parts_of, subjects_named, subjects_of
    from scalegate.cli.screen import print_json
    from scalegate.cli.tables import show_side_by_side

    opened = workspace_of(workspace)
    prepared = prepared_of(opened, policies, as_of, (known_at, about), record=record)
    everything = subjects_of(prepared)
    named = subjects_named(prepared, subjects or ())
    if not named and len(everything) == 1:
        named = everything
    chosen = named[0] if len(named) == 1 else None
    names = (chosen, *parts_of(prepared, chosen)) if chosen else named or everything
    decided = [each for name in names for each in decide_all(prepared, name)]
    code = exit_code(decisions_of(decided))
    waivers = waivers_beside(opened, record, decisions_of(decided))
    if is_json:
        print_json("status", _as_json(decided, code, waivers))
    elif named and chosen is None:
        show_side_by_side(decided)
        show_waivers_of(decisions_of(decided), waivers)
    else:
        _show_status(opened, prepared, decided, chosen)
        show_waivers_of(decisions_of(decided), waivers)
    raise typer.Exit(code if is_checked else 0)


def _show_status(
    opened: Workspace, prepared: Prepared, decided: Sequence[Decided], chosen: str | None
) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import line
    from scalegate.cli.tables import show_overview

    day = format_day(prepared.instants.true_at)
    if not decided:
        line(f"nothing is registered as of {day}", style="bold")
        line("next: import a `model` document, or ask with another --as-of")
    elif chosen is None:
        line(f"{opened.name}, as of {day}", style="bold")
        show_overview(prepared, decided)
        line("More on one: scalegate status SUBJECT")
    else:
        _show_one(opened, prepared, decided, chosen)


def _show_one(
    opened: Workspace, prepared: Prepared, decided: Sequence[Decided], chosen: str
) -> None:
    from scalegate.app.deciding import clocks_for, work_for
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import heading, line
    from scalegate.cli.tables import (
        show_in_the_way,
        show_matrix,
        show_orders,
        show_running,
        show_thresholds,
        show_turns,
    )

    own = [each for each in decided if each.assessment.subject.ref == chosen]
    line(f"{chosen}, as of {format_day(prepared.instants.true_at)}", style="bold")
    show_matrix(own)
    for name in dict.fromkeys(each.assessment.subject.ref for each in decided):
        if name != chosen:
            heading(name)
            show_matrix([each for each in decided if each.assessment.subject.ref == name])
    works = work_for(opened, own)
    for each in own:
        heading(each.assessment.inputs.policy.name)
        show_thresholds(each)
        if any(not decision.is_open and decision.governed for decision in each.decisions):
            line("In the way, by the smallest set of work of each gate:", indent=2)
            show_in_the_way(each, works)
    show_orders(decided)
    _show_void_receipts(own)
    show_turns(decided)
    show_running(clocks_for(prepared, chosen))
    line()
    line("Ask on: scalegate why SUBJECT GATE, scalegate why-not SUBJECT GATE")


def _show_void_receipts(own: Sequence[Decided]) -> None:
    from scalegate.cli.screen import heading, item
    from scalegate.gate.preregistered import void_notes

    assessments = [each.assessment for each in own]
    found = [
        text for each in assessments for text in void_notes(each.inputs, each.subject, each.at)
    ]
    if found:
        heading("Recorded plans that nothing bears out")
    for text in dict.fromkeys(found):
        item("!", text)


def _as_json(decided: Sequence[Decided], code: int, waivers: Waivers) -> dict[str, object]:
    from scalegate.app.deciding import exit_code_of
    from scalegate.report.json_view import decision_to_mapping
    from scalegate.report.model import decision_key

    found = [
        {
            **decision_to_mapping(each),
            "exit_code": exit_code_of(each),
            "waivers": waivers_to_list(waivers.get(decision_key(each), ())),
        }
        for each in decisions_of(decided)
    ]
    return {"exit_code": code, "decisions": found}


# --- gate -----------------------------------------------------------------------------------------


def gate(
    *,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT... GATE...",
            help="One or more subjects, such as deployment:NAME or 'run:*', then one or more gates:"
            f" {', '.join(gate.value for gate in Gate)}.",
            autocompletion=complete_asked,
            show_default=False,
        ),
    ],
    ask: AskOption = Ask.START,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    record: WaiversOption = None,
    is_json: JsonOption = False,
) -> None:
    """Ask whether gates are open; the exit code is the answer.

    It is 0 only if every gate is open under every policy; 10, 11, 13 and 15 say what is in the way
    (see scalegate --help). Several subjects stand in one table.

    \b
    Examples:
      scalegate gate deployment:opus-4-general external_general --as-of 2025-05-23
      scalegate gate run:pretraining-7 train --ask continue --json
      scalegate gate run:large run:experiment-1 train
    """
    from scalegate.app.deciding import decide_all, exit_code, subjects_named
    from scalegate.cli.screen import line, print_json
    from scalegate.cli.tables import show_side_by_side

    subjects, gates = _asked(words)
    opened = workspace_of(workspace)
    prepared = prepared_of(opened, policies, as_of, (known_at, about), record=record)
    named = subjects_named(prepared, subjects)
    decided = [each for name in named for each in decide_all(prepared, name, gates, ask=ask)]
    code = exit_code(decisions_of(decided))
    waivers = waivers_beside(opened, record, decisions_of(decided))
    if is_json:
        print_json("gate", _as_json(decided, code, waivers))
    elif len(named) == 1:
        _show_gates(decided, code, waivers)
    else:
        show_side_by_side(decided)
        show_waivers_of(decisions_of(decided), waivers)
        line()
        line(f"exit {code}: {MEANINGS[code]}")
    raise typer.Exit(code)


def _asked(words: Sequence[str]) -> tuple[list[str], list[Gate]]:
    """Split words into subjects and the gates after them.

    Raises:
        UsageError: no gate is named.
        UnknownName: the last word is no gate.
    """
    known = {gate.value for gate in Gate}
    count = 1
    while count < len(words) and words[-count].replace("-", "_") in known:
        count += 1
    subjects, gates = list(words[: len(words) - count + 1]), words[len(words) - count + 1 :]
    if len(words) == 1:
        raise UsageError("no gate is named", hint=f"name one of {', '.join(sorted(known))}")
    if not gates:
        gate_of(words[-1])  # says which gates there are
    return subjects, list(dict.fromkeys(gate_of(name) for name in gates))


MEANINGS = {
    0: "every asked gate is open",
    10: "held: a requirement is known to be unmet",
    11: "held, inconclusive: evidence is missing, stale, blunt or invalid",
    13: "the answer depends on a reading that nobody fixed",
    15: "an asked gate is not governed, and nothing is held",
}
"""What the exit codes of gates mean."""


def _show_gates(decided: Sequence[Decided], code: int, waivers: Waivers) -> None:
    """Write each answer with what it rests on, and what the exit code means."""
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import line
    from scalegate.report.model import decision_key

    first = decided[0].assessment
    line(f"{first.subject.ref}, as of {format_day(first.at)}", style="bold")
    for decision in decisions_of(decided):
        _show_decision(decision)
        show_waivers(waivers.get(decision_key(decision), ()))
    line()
    line(f"exit {code}: {MEANINGS[code]}")


def _show_decision(decision: Decision) -> None:
    from scalegate.cli.screen import answer, item, line, unmet_texts
    from scalegate.cli.tables import SHOWN
    from scalegate.report.terminal import because, turns
    from scalegate.report.words import decision_word

    line()
    said = f"{decision.gate.value} ({decision.ask.value}) under {decision.framework}"
    answer(decision_word(decision), said)
    line(f"by {because(decision)}" if decision.governed else because(decision), indent=2)
    for owed in decision.before:
        item("!", f"to be recorded first: {owed}")
    if not decision.is_open:
        unmet = unmet_texts(decision.why)
        for text in unmet[:SHOWN]:
            item("!", f"not met: {text}")
        if len(unmet) > SHOWN:
            line(f"and {len(unmet) - SHOWN} more; `scalegate why` shows all", indent=4)
    for owed in decision.obligations if decision.is_open else ():
        item("*", f"owed: {owed}")
    for text in decision.judgements:
        item("#", f"beside the finding: {text}")
    for text in decision.notes:
        item("#", text)
    if turns(decision):
        item("-", turns(decision))


# --- report ---------------------------------------------------------------------------------------


def report(
    *,
    subjects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SUBJECT...]",
            help="What to report on. Default: everything that is registered.",
            autocompletion=complete_subject,
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write it.")
    ] = Path("scalegate-report.html"),
    gates: GateOption = None,
    title: Annotated[str, typer.Option("--title", help="Its title.")] = "",
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    record: WaiversOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Write one self-contained HTML page: ladders, gates, reasons, evidence, what turns next.

    \b
    Example:
      scalegate report model:claude-opus-4 --as-of 2025-05-23 --out opus-4.html
    """
    from scalegate import __version__
    from scalegate.app.deciding import decide_all, exit_code, report_on, subject_of, subjects_of
    from scalegate.cli.screen import line, note, print_json
    from scalegate.wiring import write_whole

    opened = workspace_of(workspace)
    prepared = prepared_of(opened, policies, as_of, (known_at, about), record=record)
    names = [subject_of(prepared, name) for name in subjects or ()] or subjects_of(prepared)
    asked = [gate_of(name) for name in gates] if gates else None
    note(f"deciding {len(names)} subject{'' if len(names) == 1 else 's'}")
    decided = [each for name in dict.fromkeys(names) for each in decide_all(prepared, name, asked)]
    waivers = waivers_beside(opened, record, decisions_of(decided))
    page = report_on(opened, prepared, decided, waivers=waivers, title=title, engine=__version__)
    write_whole(out, page)
    code = exit_code(decisions_of(decided))
    if is_json:
        written = {"file": str(out), "bytes": len(page.encode())}
        print_json("report", {**written, **_as_json(decided, code, waivers)})
    else:
        line(f"wrote {out}")
    raise typer.Exit(code if is_checked else 0)
