"""`why`, `why-not`, `what-if`, `clocks`: questions about one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
    gate_of,
    prepared_of,
    workspace_of,
)
from scalegate.cli.waiving import (
    WaiversOption,
    show_waivers,
    waivers_beside,
    waivers_to_list,
)
from scalegate.policy.vocabulary import Ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.gate.model import Decision, OpeningWork, Work

SHOWN_SETS = 3


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("why", short_help="Explain an answer, down to clause and sample.")(why)
    app.command("why-not", short_help="The least work that would open a gate.")(why_not)
    app.command("what-if", short_help="Decide a supposition; nothing is recorded.")(what_if)
    app.command("clocks", short_help="What is owed, since when, until when.")(clocks)


# --- why ------------------------------------------------------------------------------------------


def why(
    *,
    subject: SubjectArgument,
    gate: GateArgument,
    ask: AskOption = Ask.START,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    record: WaiversOption = None,
    is_full: Annotated[bool, typer.Option("--full", help="Also the parts of what is met.")] = False,
    depth: Annotated[int, typer.Option("--depth", min=1, help="How many levels to show.")] = 12,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Explain an answer, from the clauses that fix it down to evidence and samples.

    Of what is met, the parts are left out unless --full is given.

    \b
    Example:
      scalegate why opus-4-general external_general -p anthropic-rsp@2.2
    """
    from scalegate.app.deciding import decide_all, exit_code, exit_code_of, subject_of
    from scalegate.cli.screen import print_json
    from scalegate.report.json_view import decision_to_mapping
    from scalegate.report.model import decision_key

    opened = workspace_of(workspace)
    prepared = prepared_of(opened, policies, as_of, (known_at, about), record=record)
    decided = decide_all(prepared, subject_of(prepared, subject), [gate_of(gate)], ask=ask)
    decisions = [decision for each in decided for decision in each.decisions]
    code = exit_code(decisions)
    waivers = waivers_beside(opened, record, decisions)
    if is_json:
        found = [
            {
                **decision_to_mapping(each),
                "exit_code": exit_code_of(each),
                "waivers": waivers_to_list(waivers.get(decision_key(each), ())),
            }
            for each in decisions
        ]
        print_json("why", {"exit_code": code, "decisions": found})
    else:
        for each in decisions:
            _show_why(each, depth, is_full=is_full)
            show_waivers(waivers.get(decision_key(each), ()))
    raise typer.Exit(code if is_checked else 0)


def _show_why(each: Decision, depth: int, *, is_full: bool) -> None:
    from scalegate.cli.screen import answer, item, line, tree
    from scalegate.report.terminal import because
    from scalegate.report.words import decision_word, gate_words

    line()
    said = f"{each.subject}: {gate_words(each.gate, each.ask)}, under {each.framework}"
    answer(decision_word(each), said)
    if not each.governed:
        line(because(each), indent=2)
    for child in each.why.children:
        line()
        tree(child, depth=depth, is_full=is_full)
    for order in each.orders:
        item("!", f"order of {order.authority} ({order.kind}): {order.statement}", indent=0)
    for chosen, level in each.readings:
        named = ", ".join(f"{name} as {option}" for name, option in sorted(chosen.items()))
        if each.depends_on_reading:
            item("-", f"reading {named}: {level.word.replace('_', ' ')}", indent=0)
    for text in each.judgements:
        item("#", f"beside the finding: {text}", indent=0)
    for text in each.notes:
        item("#", text, indent=0)
    for row in each.advice:
        item("-", f"not binding, and not followed: {row.text}", indent=0)
    for name in each.unarmed:
        item("-", f"{name} would hold if its facts were shown", indent=0)


# --- why-not --------------------------------------------------------------------------------------


def why_not(
    *,
    subject: SubjectArgument,
    gate: GateArgument,
    ask: AskOption = Ask.START,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_by_judgement: Annotated[
        bool,
        typer.Option("--by-judgement", help="Also softer judgements, with who would sign them."),
    ] = False,
    is_all: Annotated[bool, typer.Option("--all", help="Every set, not the smallest few.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Show the smallest sets of work that would open a held gate.

    Owners stand beside it where the workspace names them ([owners] in scalegate.toml). A softer
    judgement is not work; --by-judgement lists it apart.

    \b
    Example:
      scalegate why-not opus-4-general external_general -p anthropic-rsp@2.2
    """
    from scalegate.app.deciding import decide_all, subject_of, work_for
    from scalegate.cli.screen import line, print_json
    from scalegate.gate.model import OpeningWork
    from scalegate.report.json_view import works_to_list
    from scalegate.report.model import decision_key
    from scalegate.report.words import limit_text

    opened = workspace_of(workspace)
    prepared = prepared_of(opened, policies, as_of, (known_at, about))
    decided = decide_all(prepared, subject_of(prepared, subject), [gate_of(gate)], ask=ask)
    works = work_for(opened, decided, by_judgement=is_by_judgement)
    decisions = [decision for each in decided for decision in each.decisions]
    if is_json:
        found = [
            {
                "framework": each.framework,
                "subject": each.subject,
                "gate": each.gate.value,
                "ask": each.ask.value,
                "is_open": each.is_open,
                "governed": each.governed,
                "orders": [order.id for order in each.orders],
                "sets": works_to_list(works.get(decision_key(each), ())),
                "complete_up_to": works.get(decision_key(each), OpeningWork.of()).complete_up_to,
            }
            for each in decisions
        ]
        print_json("why-not", {"exit_code": 0, "gates": found})
        return
    for each in decisions:
        sets = works.get(decision_key(each), OpeningWork.of())
        _show_opening(each, sets, len(sets) if is_all else SHOWN_SETS)
        if sets.complete_up_to is not None:
            line(limit_text(sets.complete_up_to), indent=2)


def _show_opening(each: Decision, sets: OpeningWork, most: int) -> None:
    from scalegate.cli.screen import answer, item, line
    from scalegate.report.words import decision_word

    line()
    said = f"{each.subject}: {each.gate.value} ({each.ask.value}) under {each.framework}"
    answer(decision_word(each), said)
    for order in each.orders:
        item("!", f"no work lifts the order of {order.authority}: {order.statement}")
    if each.is_open:
        line("open as it is; nothing is needed", indent=2)
    elif not each.outcome.governed:
        line("the policy binds nothing here, so no work under it opens the gate", indent=2)
    elif not sets and sets.complete_up_to is not None:
        line("no set of work that was searched opens it", indent=2)
    elif not sets:
        line("no work opens it: what is asked is named without content, or is known and adverse;"
             " --by-judgement lists judgements", indent=2)  # fmt: skip
    else:
        _show_sets(sets, most)


def _piece(work: Work) -> str:
    from scalegate.cli.tables import work_words

    return work_words(work) + ("; needs new evidence" if work.needs_evidence else "")


def _show_sets(sets: Sequence[tuple[Work, ...]], most: int) -> None:
    from scalegate.cli.screen import item, line

    written = [[_piece(work) for work in works] for works in sets]
    if len(written) == 1:
        line("one set of work opens it:", indent=2)
        for text in written[0]:
            item("-", text, indent=4)
        return
    shared = [text for text in written[0] if all(text in works for works in written)]
    line(f"any of {len(written)} sets of work opens it", indent=2)
    if shared:
        line("all of them need:", indent=2)
    for text in shared:
        item("-", text, indent=4)
    for number, works in enumerate(written[:most], start=1):
        own = [text for text in works if text not in shared]
        line(f"set {number}{', beside that' if shared else ''}:", indent=2)
        for text in own or ["nothing more"]:
            item("-", text, indent=4)
    if len(written) > most:
        line(f"and {len(written) - most} more sets: --all", indent=2)


# --- what-if --------------------------------------------------------------------------------------


def what_if(
    *,
    subject: SubjectArgument,
    gate: GateArgument,
    settings: Annotated[
        list[str],
        typer.Option(
            "--set",
            "-s",
            metavar="KIND:NAME=VALUE",
            help="What to suppose; repeat for several. KIND: status, safeguard, fact, act,"
            " document, substitute, discretion, reading or specified.",
        ),
    ],
    ask: AskOption = Ask.START,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Decide a supposition: other statuses, safeguards, facts or acts. Nothing is recorded.

    \b
    Examples:
      scalegate what-if model:orion internal --set status:CBRN-3=ruled_out
      scalegate what-if orion internal -s safeguard:filters=live_and_sufficient \\
        -s document:system-card.published=true
    """
    from scalegate.app.deciding import decide_all, exit_code, subject_of, suppose
    from scalegate.cli.supposing import supposed_in

    prepared = prepared_of(workspace_of(workspace), policies, as_of, (known_at, about))
    asked = gate_of(gate)
    decided = decide_all(prepared, subject_of(prepared, subject), [asked], ask=ask)
    moves = supposed_in([each.assessment for each in decided], settings)
    pairs = [
        (each.decisions[0], suppose(each, moved, ask=ask)[0], len(moved))
        for each, moved in zip(decided, moves, strict=True)
    ]
    code = exit_code(then for _, then, _ in pairs) if is_checked else 0
    _show_supposed(pairs, settings, code, is_json=is_json)
    raise typer.Exit(code)


def _show_supposed(
    pairs: Sequence[tuple[Decision, Decision, int]],
    settings: Sequence[str],
    code: int,
    *,
    is_json: bool,
) -> None:
    from scalegate.cli.screen import line, print_json, state, table
    from scalegate.report.json_view import decision_to_mapping
    from scalegate.report.terminal import because
    from scalegate.report.words import decision_word

    if is_json:
        found = [
            {
                "framework": now.framework,
                "changed": count,
                "now": decision_to_mapping(now),
                "then": decision_to_mapping(then),
            }
            for now, then, count in pairs
        ]
        print_json("what-if", {"exit_code": code, "supposed": list(settings), "answers": found})
        return
    first = pairs[0][0]
    line(f"{first.subject}: {first.gate.value} ({first.ask.value})", style="bold")
    for text in settings:
        line(f"if {text}", indent=2)
    rows = [
        (
            now.framework,
            state(decision_word(now)),
            state(decision_word(then), with_qualifier=True),
            because(then),
        )
        for now, then, _ in pairs
    ]
    table("", ("^policy", "now", "then", "by"), rows)
    line("A supposition: nothing was recorded.")


# --- clocks ---------------------------------------------------------------------------------------


def clocks(
    *,
    subject: SubjectArgument,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
) -> None:
    """Show what is owed under each policy, since when and until when, overdue first.

    \b
    Example:
      scalegate clocks model:claude-opus-4 -p anthropic-rsp@2.2
    """
    from scalegate.app.deciding import clocks_for, subject_of
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import heading, print_json
    from scalegate.cli.tables import show_clock
    from scalegate.report.json_view import clocks_to_list

    prepared = prepared_of(workspace_of(workspace), policies, as_of, (known_at, about))
    found = clocks_for(prepared, subject_of(prepared, subject))
    if is_json:
        content = {framework: clocks_to_list(each) for (framework, _), each in found.items()}
        print_json("clocks", {"exit_code": 0, "clocks": content})
        return
    for (framework, ref), each in found.items():
        heading(f"{ref} under {framework}, as of {format_day(prepared.instants.true_at)}")
        for clock in each:
            show_clock(clock)
