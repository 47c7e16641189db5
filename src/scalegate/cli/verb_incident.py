"""`incident`: what went wrong, where it stands, and what it breaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import (
    AboutOption,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    PolicyOption,
    WorkspaceOption,
    chosen_by_id,
    prepared_of,
    workspace_of,
)
from scalegate.cli.complete import complete_incident

if TYPE_CHECKING:
    from scalegate.gate.incident_book import BookedIncident

BREACHED = 10


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("incident", short_help="What went wrong, and what it breaches until closed.")(
        incident
    )


def incident(
    *,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Only this incident. Default: all that are not closed.",
            autocompletion=complete_incident,
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    is_all: Annotated[bool, typer.Option("--all", help="Also incidents that are closed.")] = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: Annotated[
        bool,
        typer.Option("--check", help="Exit 10 while one of the incidents shown is not closed."),
    ] = False,
) -> None:
    """Show incidents: from when to when, what they breach, what they put in doubt.

    An incident breaches the safeguards it names from its first instant, and goes on doing so after
    it ended, until an act closes it whose role the policy knows. `scalegate affected ID` shows the
    gates that it re-opened.

    \b
    Examples:
      scalegate incident
      scalegate incident incident-12 --as-of 2026-04-03
    """
    from scalegate.base.errors import UsageError
    from scalegate.cli.screen import print_json
    from scalegate.gate.incident_book import incident_book

    prepared = prepared_of(workspace_of(workspace), policies, as_of, (known_at, about))
    if not prepared.inputs:
        raise UsageError("no policy is used", hint="name one in `scalegate.toml`")
    booked = incident_book(prepared.inputs, prepared.instants.true_at)
    found = chosen_by_id(booked, name, kind="incident")
    if name is None and not is_all:
        found = [each for each in found if each.is_open]
    code = BREACHED if is_checked and any(each.is_open for each in found) else 0
    if is_json:
        incidents = [_as_data(each) for each in found]
        print_json("incidents", {"exit_code": code, "incidents": incidents})
    else:
        _show(found, prepared.instants.true_at)
    raise typer.Exit(code)


def _as_data(each: BookedIncident) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    said = each.incident
    end, closed = said.occurred.end, said.closed_at
    return {
        "id": each.record.id,
        "digest": each.record.digest,
        "subject": each.record.subject,
        "summary": said.summary,
        "state": each.state.value,
        "is_open": each.is_open,
        "severity": said.severity,
        "occurred": {
            "start": format_instant(said.occurred.start),
            "end": format_instant(end) if end else None,
        },
        "discovered_at": format_instant(said.discovered_at),
        "safeguards": list(said.safeguards),
        "evidence": list(said.evidence),
        "domains": list(said.domains),
        "reported_to": list(said.reported_to),
        "orders": list(each.orders),
        "closed_by": said.closed_by,
        "closed_at": format_instant(closed) if closed else None,
        "not_closed_under": list(each.not_closed_under),
        "source": str(each.record.source.to_citation()),
    }


def _show(found: Sequence[BookedIncident], at: Any) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import answer, item, line
    from scalegate.report.words import incident_word

    count = sum(each.is_open for each in found)
    day = format_day(at)
    said = f"{count} incident{'' if count == 1 else 's'} not closed, as of {day}"
    line(said if count else f"no incident that is not closed, as of {day}", style="bold")
    for each in found:
        line()
        answer(
            incident_word(each.state),
            f"{each.record.id} ({each.incident.severity}) on {each.record.subject}",
        )
        line(f"{each.incident.summary} [{each.record.source.to_citation()}]", indent=2)
        for mark, text in _details(each):
            item(mark, text)


def _details(each: BookedIncident) -> Iterator[tuple[str, str]]:
    """Yield what else to say of an incident, each with its mark."""
    from scalegate.base.instants import format_day

    said = each.incident
    end = f" to {format_day(said.occurred.end)}" if said.occurred.end else ", and goes on"
    found = format_day(said.discovered_at)
    yield "-", f"from {format_day(said.occurred.start)}{end}; found {found}"
    mark = "!" if each.is_open else "-"
    lists = (
        (mark, "breaches", said.safeguards),
        (mark, "puts in doubt", said.evidence),
        ("-", "touches", said.domains),
        ("-", "reported to", said.reported_to),
        ("-", "orders after it:", each.orders),
    )
    for sign, verb, names in lists:
        if names:
            yield sign, f"{verb} {', '.join(names)}"
    if said.closed_by and said.closed_at:
        yield "-", f"closed on {format_day(said.closed_at)} by {said.closed_by}"
    if each.is_open and said.closed_by:
        yield "!", f"that closure does not count under {', '.join(each.not_closed_under)}"
