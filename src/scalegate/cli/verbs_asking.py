"""`why`, `why-not`, `what-if`, `clocks`: questions about one answer."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import UnknownName, UsageError
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
from scalegate.cli.verbs_deciding import ask_of

if TYPE_CHECKING:
    from scalegate.gate.model import Assessment, Work
    from scalegate.policy.opening import Move

SHOWN_SETS = 5


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("why")(why)
    app.command("why-not")(why_not)
    app.command("what-if")(what_if)
    app.command("clocks")(clocks)


def why(
    subject: SubjectArgument,
    gate: GateArgument,
    ask: AskOption = "start",
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    depth: Annotated[int, typer.Option("--depth", help="How deep to show the tree.")] = 12,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Explain an answer: clauses, what they ask, what is known, down to evidence and samples.

    Example: scalegate why deployment:opus-4-general external_general
    """
    from scalegate.app.deciding import decide_all, exit_code
    from scalegate.cli.screen import line, print_json, state, tree
    from scalegate.report.words import decision_word

    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    decided = decide_all(prepared, subject, [gate_of(gate)], ask=ask_of(ask))
    decisions = [decision for each in decided for decision in each.decisions]
    if is_json:
        found = [
            {"framework": each.framework, "gate": each.gate.value, "why": each.why.to_mapping()}
            for each in decisions
        ]
        print_json("why", {"explanations": found})
    else:
        for each in decisions:
            line(f"{each.framework}: {state(decision_word(each)).plain}")
            tree(each.why, depth=depth)
            for order in each.orders:
                line(f"  order of {order.authority}: {order.statement}")
            for row in each.advice:
                line(f"  advice not followed: {row.text}")
            for name in each.unarmed:
                line(f"  unarmed: {name} would hold if its facts were shown")
    raise typer.Exit(exit_code(decisions) if is_checked else 0)


def why_not(
    subject: SubjectArgument,
    gate: GateArgument,
    ask: AskOption = "start",
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_by_judgement: Annotated[
        bool,
        typer.Option("--by-judgement", help="Also softer judgements, with who would sign."),
    ] = False,
    is_all: Annotated[bool, typer.Option("--all", help="Every set, not the smallest few.")] = False,
    is_json: JsonOption = False,
) -> None:
    """Show the smallest sets of work that would open a held gate.

    Example: scalegate why-not deployment:opus-4-general external_general
    """
    from scalegate.app.deciding import decide_all, work_for
    from scalegate.cli.screen import line, print_json
    from scalegate.report.json_view import works_to_list
    from scalegate.report.model import decision_key

    opened = workspace_of(workspace)
    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    decided = decide_all(prepared, subject, [gate_of(gate)], ask=ask_of(ask))
    works = work_for(opened, decided, by_judgement=is_by_judgement)
    if is_json:
        found = [
            {"framework": key[0], "gate": key[2].value, "sets": works_to_list(sets)}
            for key, sets in works.items()
        ]
        print_json("why-not", {"held": found})
        return
    for each in decided:
        for decision in each.decisions:
            name = each.assessment.inputs.policy.name
            sets = works.get(decision_key(decision), ())
            if decision.is_open:
                line(f"{name}: open; nothing is needed")
            elif not decision.outcome.governed:
                line(f"{name}: not governed; no work under the policy opens it")
            else:
                _show_sets(name, sets, len(sets) if is_all else SHOWN_SETS)


def _show_sets(name: str, sets: tuple[tuple[Work, ...], ...], shown: int) -> None:
    from scalegate.cli.screen import line

    if not sets:
        line(
            f"{name}: no set of work opens it; some requirement is named without content, or a "
            "fact is known and adverse; try --by-judgement"
        )
        return
    common = set.intersection(*(set(_words(works)) for works in sets))
    line(f"{name}: {len(sets)} sets of work would open it")
    if common and len(sets) > 1:
        line("  needed in every set:")
        for text in _words(sets[0]):
            if text in common:
                line(f"    - {text}")
    for number, works in enumerate(sets[:shown], start=1):
        own = [text for text in _words(works) if text not in common or len(sets) == 1]
        line(f"  set {number}{' also' if common and len(sets) > 1 else ''}:")
        for text in own or ["nothing more"]:
            line(f"    - {text}")
    if len(sets) > shown:
        line(f"  and {len(sets) - shown} more: --all")


def _words(works: tuple[Work, ...]) -> list[str]:
    return [_word(work) for work in works]


def _word(work: Work) -> str:
    owner = f"; owner {work.owner}" if work.owner else ""
    days = f", {work.lead_days} days" if work.lead_days is not None else ""
    signed = f"; judgement, signed by {', '.join(work.signed_by) or 'nobody named'}"
    return f"{work.text}{owner}{days}{signed if work.by_judgement else ''}"


def what_if(
    subject: SubjectArgument,
    gate: GateArgument,
    settings: Annotated[
        list[str],
        typer.Option("--set", "-s", help="KIND:NAME=VALUE, such as status:CBRN-3=ruled_out."),
    ],
    ask: AskOption = "start",
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
) -> None:
    """Decide a hypothetical: change statuses, safeguards, facts, acts; nothing is recorded.

    Example: scalegate what-if deployment:x external_general -s status:CBRN-3=ruled_out
    """
    from scalegate.app.deciding import decide_all
    from scalegate.cli.screen import line, print_json, state, table
    from scalegate.gate.decide import decide
    from scalegate.gate.why_not import what_if as supposed
    from scalegate.report.terminal import because
    from scalegate.report.words import decision_word

    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    asked = gate_of(gate)
    rows, found = [], []
    for each in decide_all(prepared, subject, [asked], ask=ask_of(ask)):
        known, now = each.assessment, each.decisions[0]
        moves = {(move.kind, move.name): move.value for move in _moves(known, settings)}
        then = decide(supposed(known, moves), asked, ask_of(ask), turns=False)
        name = known.inputs.policy.name
        rows.append((name, state(decision_word(now)), state(decision_word(then)), because(then)))
        found.append({"framework": name, "now": now.level.word, "then": then.level.word})
    if is_json:
        print_json("what-if", {"gate": asked.value, "supposed": settings, "answers": found})
        return
    table(f"{subject} at {asked.value}", ("policy", "now", "then", "because"), rows)
    line("hypothetical: nothing was recorded")


def _moves(known: Assessment, settings: list[str]) -> list[Move]:
    moves = [_move(known, text) for text in settings]
    return [move for move in moves if move is not None]


def _move(known: Assessment, text: str) -> Move | None:
    from scalegate.policy.opening import Move
    from scalegate.policy.vocabulary import Kind

    left, equals, word = text.partition("=")
    kind_word, colon, name = left.partition(":")
    if not (equals and colon and name and word):
        raise UsageError(f"cannot read `{text}`", hint="write KIND:NAME=VALUE")
    try:
        kind = Kind(kind_word)
    except ValueError:
        raise UnknownName("kind", kind_word, known=[each.value for each in Kind]) from None
    tables = {
        Kind.STATUS: known.findings,
        Kind.SAFEGUARD: known.safeguards,
        Kind.FACT: known.facts,
        Kind.ACT: known.acts,
        Kind.DOCUMENT: known.documents,
        Kind.SUBSTITUTE: known.substitutes,
        Kind.DISCRETION: known.discretions,
        Kind.READING: known.readings,
        Kind.SPECIFIED: known.specified,
    }
    if kind not in tables:
        raise UsageError(f"`{kind_word}` cannot be set", hint="set the status instead")
    if name not in tables[kind]:
        return None  # another policy's name; each policy takes what it knows
    return Move(kind=kind, name=name, value=_value(kind, word))


def _value(kind: Any, word: str) -> Any:
    from scalegate.policy.vocabulary import Kind, Level, SafeguardState

    closed: Any = {Kind.STATUS: Level, Kind.SAFEGUARD: SafeguardState}.get(kind)
    if closed is not None:
        member = closed.from_word(word)
        if member is None:
            raise UnknownName("value", word, known=[each.word for each in closed])
        return member
    if word in ("true", "false"):
        return word == "true"
    if kind is Kind.FACT:
        try:
            number = Decimal(word)
        except InvalidOperation:
            return word
        return number if number.is_finite() else word
    return word


def clocks(
    subject: SubjectArgument,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
) -> None:
    """Show what is owed, since when and until when, overdue first.

    Example: scalegate clocks model:claude-opus-4
    """
    from scalegate.app.deciding import clocks_for
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import print_json, state, table
    from scalegate.report.json_view import clocks_to_list
    from scalegate.report.words import clock_word

    prepared = prepared_of(workspace, policies, as_of, (known_at, about))
    found = clocks_for(prepared, subject)
    if is_json:
        content = {framework: clocks_to_list(each) for (framework, _), each in found.items()}
        print_json("clocks", {"clocks": content})
        return
    for (framework, _), each in found.items():
        rows = [
            (
                clock.duty,
                state(clock_word(clock.state)),
                format_day(clock.due_at) if clock.due_at else "",
                clock.starts_on if clock.started_at is None else format_day(clock.started_at),
                clock.started_by,
            )
            for clock in each
        ]
        columns = ("duty", "state", "due", "since, or starts on", "started by")
        table(f"{framework} on {subject}", columns, rows)
