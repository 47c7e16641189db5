"""`compare` and `backtest`: labs side by side, and past decisions under another policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import UsageError
from scalegate.cli.asking import JsonOption, WorkspaceOption, instant_of, known_folder
from scalegate.cli.complete import complete_framework

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.app.labs import LabComparison
    from scalegate.compare.profile import Figure
    from scalegate.ports import PolicySource

LEADING = ("Anthropic", "OpenAI", "Google DeepMind")
SHOWN = 8
CLAUSES = 3


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("compare", short_help="Labs side by side: counts, clauses, who holds where.")(
        compare
    )
    app.command("backtest", short_help="Past decisions under another policy.")(backtest)


def compare(
    *,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID@VERSION...]",
            help="Two policies or more. Default: those in force of the three leading labs.",
            autocompletion=complete_framework,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="The day of the default. Default: today."),
    ] = None,
    is_with_clauses: Annotated[
        bool, typer.Option("--clauses", help="With the clauses behind each count, and their verbs.")
    ] = False,
    is_all: Annotated[
        bool, typer.Option("--all", help="Every place where one holds and another does not.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Set policies side by side: every figure is a count of clauses, and nothing is graded.

    Then, pair by pair, what one holds and the other lets through on shared words; and METR's nine
    common elements, with each difference to METR's own table.

    \b
    Examples:
      scalegate compare
      scalegate compare anthropic-rsp@2.2 anthropic-rsp@3.4 --clauses
    """
    from scalegate.app.labs import compare_labs
    from scalegate.cli.screen import print_json
    from scalegate.wiring import policy_source

    source = policy_source(known_folder(workspace))
    found = compare_labs(source, names or _in_force(source, as_of))
    if is_json:
        print_json("compare", {"exit_code": 0, **found.to_mapping()})
        return
    _show_figures(found, with_clauses=is_with_clauses)
    _show_pairs(found, most=None if is_all else SHOWN)
    _show_elements(found)


def _in_force(source: PolicySource, as_of: str | None) -> list[str]:
    from scalegate.app.workspace import names_in_force

    day = instant_of(as_of)
    found = [name for lab in LEADING for name in names_in_force(source, day, lab=lab)]
    if len(found) < 2:
        there = ", ".join(f"`{name}`" for name in found) or "none"
        raise UsageError(
            f"fewer than two policies of the leading labs were in force on {day.date()}: {there}",
            hint="name two policies, or another day with --as-of",
        )
    return found


def _show_figures(found: LabComparison, *, with_clauses: bool) -> None:
    from scalegate.cli.screen import line

    line("Policies side by side", style="bold")
    for at, each in enumerate(found.profiles, start=1):
        line(f"{at}  {each.framework}  ({each.lab})", indent=2)
    for group in ("figures", "bindingness"):
        line()
        line("Counts" if group == "figures" else "How binding it is, row by row", style="bold")
        for shown in getattr(found.profiles[0], group):
            figures = [each.figure(shown.key) for each in found.profiles]
            line(f"{shown.title}: {'  '.join(map(_count, figures))}", indent=2)
            if with_clauses:
                _show_clauses(figures)


def _count(figure: Figure) -> str:
    count = len(figure.items)
    return str(count) if figure.of is None else f"{count}/{figure.of}"


def _show_clauses(figures: Sequence[Figure]) -> None:
    from scalegate.cli.screen import item

    for at, figure in enumerate(figures, start=1):
        for clause in figure.items:
            verb = f" ({clause.modality})" if clause.modality else ""
            item(str(at), f"{clause.id}{verb}: {clause.cite}", indent=6)


def _show_pairs(found: LabComparison, *, most: int | None) -> None:
    from scalegate.cli.screen import line

    line()
    line("What one holds and another lets through, on shared words", style="bold")
    for (one, two), places in found.partings.items():
        line(f"{one} holds, {two} does not: {len(places)} places", indent=2)
        for each in places[:most]:
            asked = each.situation
            absent = "" if each.is_named else "; no threshold there"
            line(
                f"{asked.domain} {asked.tier}, missing: {asked.lacks}; at {each.gate.value}:"
                f" {each.holds.effect} ({', '.join(each.holds.rows[:CLAUSES])}),"
                f" {each.lets_through.effect}{absent}",
                indent=4,
            )
        if most is not None and len(places) > most:
            line(f"and {len(places) - most} more (--all)", indent=4)
    for name in found.without:
        line(f"{name} has no table of shared words: it is left out here, and its ids are its own",
             indent=2)  # fmt: skip
    line("Shared words are analogies: `scalegate crosswalk` gives the reason for each.", indent=2)


def _show_elements(found: LabComparison) -> None:
    from scalegate.cli.screen import line

    line()
    line("METR's nine common elements, by our count of clauses", style="bold")
    names = [each.name for each in next(iter(found.elements.values()))]
    for at, name in enumerate(names):
        here = [elements[at] for elements in found.elements.values()]
        line(f"{name}: {'  '.join(str(len(each.clauses)) for each in here)}", indent=2)
        for framework, elements in found.elements.items():
            each = elements[at]
            if each.differs:
                said = "has it" if each.metr else "does not have it"
                why = (
                    f"; we count {each.clauses[0].cite}" if each.clauses else "; we find no clause"
                )
                later = "; METR read an earlier version" if framework in found.later else ""
                line(f"{framework}: METR's table {said}; {why}{later}", indent=4)


def backtest(
    *,
    policy: Annotated[
        str,
        typer.Option(
            "--policy",
            metavar="ID@VERSION",
            help="The policy that decides anew.",
            autocompletion=complete_framework,
        ),
    ],
    history: Annotated[
        str,
        typer.Option("--history", metavar="LAB", help="A lab's cases: anthropic, openai, ..."),
    ],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """Decide a lab's past cases under another version, or another lab's policy.

    The lab is taken at its word, and procedure (acts, documents, facts) is at its best: what
    differs is substance. Across labs, thresholds and safeguards are matched by the crosswalk.

    \b
    Examples:
      scalegate backtest --policy anthropic-rsp@3.4 --history anthropic
    """
    from scalegate.cli.backtesting import as_data, decided_anew, text_lines
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import policy_source

    found = decided_anew(history, policy, policy_source(known_folder(workspace)))
    if is_json:
        print_json("backtest", {"exit_code": 0, **as_data(found, policy)})
        return
    for indent, text in text_lines(found, policy):
        line(text, indent=indent, style="" if indent else "bold" if text.startswith("of ") else "")
