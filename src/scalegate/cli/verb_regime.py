"""`regime`: which policies and laws bind a lab on a day, with editions, and what is to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.cli.asking import JsonOption, WorkspaceOption, instant_of, known_folder

if TYPE_CHECKING:
    from scalegate.policy.regime import Member, Regime

DIGITS = 12
"""So many digits of a digest are shown; `--json` has all."""


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("regime", short_help="Which policies and laws bind a lab on a day.")(regime)


def regime(
    *,
    lab: Annotated[
        str,
        typer.Option("--lab", "-l", metavar="LAB", help="The lab, or a part of its name."),
    ],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="The day asked about. Default: today."),
    ] = None,
    jurisdiction: Annotated[
        str | None,
        typer.Option(
            "--jurisdiction", "-j", metavar="PLACE", help="Only laws of this one, such as eu."
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """List what binds a lab on a day: policies in force with their editions, laws, pending dates.

    Every member decides gates by itself; `status` and `gate` show each apart.

    \b
    Example:
      scalegate regime --lab OpenAI --as-of 2026-06-01
    """
    from scalegate.app.regimes import regime as found_regime
    from scalegate.app.regimes import to_mapping
    from scalegate.cli.screen import print_json
    from scalegate.wiring import policy_source

    source = policy_source(known_folder(workspace))
    found = found_regime(source, lab, instant_of(as_of).date(), jurisdiction=jurisdiction)
    if is_json:
        print_json("regime", {"exit_code": 0, **to_mapping(found)})
        return
    _show(found)


def _show(found: Regime) -> None:
    from scalegate.cli.screen import heading, item, line, table

    line(f"{found.lab} on {found.on}", style="bold")
    if not found.members:
        line("no policy of this lab is known to be in force on that day")
    else:
        rows = [_row(each) for each in found.members]
        table(
            "Policies in force",
            ("^policy", "^since", "^days", "decides", "edition that counts"),
            rows,
        )
    for each in found.members:
        for note in filter(None, (each.note, each.edition.note if each.edition else "")):
            item("-", f"{each.policy.name}: {note}")
    heading("Laws in force")
    for law in found.laws:
        item("-", f"{law.law.title} ({law.law.jurisdiction}), {_since(law.days_in_force)}")
        for answer in law.answers:
            line(f"{answer.framework}: {answer.statement} [{answer.cite}]", indent=4)
        if not law.answers:
            line(f"no text of {found.lab} in force that day was read that speaks of it", indent=4)
        line(f"binds: {law.law.binds}", indent=4)
    if not found.laws:
        line("none known", indent=2)
    if found.pending:
        heading("To come")
    for step in found.pending:
        item("-", f"{step.on} (in {step.days} days): {step.what}")
    line()
    line("A law decides no gate here; the framework that answers it does, as a policy.")


def _row(each: Member) -> tuple[str, ...]:
    edition = each.edition
    shown = "no file known"
    if edition is not None:
        read = "" if edition.is_read or not each.decides else ", not the one encoded"
        count = f" of {each.editions_known}" if each.editions_known > 1 else ""
        shown = f"{edition.sha256[:DIGITS]}, seen {edition.first_seen_on}{count}{read}"
    decides = "yes" if each.decides else "no: not encoded"
    policy = each.policy
    return policy.name, policy.effective_on, str(each.days_in_force), decides, shown


def _since(days: int) -> str:
    return f"{days} days in force"
