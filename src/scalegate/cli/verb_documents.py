"""`documents`: the reports and cases of a lab, what they cover, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import UsageError
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
from scalegate.cli.complete import complete_document, complete_subject

if TYPE_CHECKING:
    from scalegate.gate.document_book import Answered, BookedDocument

LACKING = 11


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("documents", short_help="Reports and cases: coverage, approvals, audiences.")(
        documents
    )


def documents(
    *,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="Only this document, with all that it lacks. Default: all on record.",
            autocompletion=complete_document,
            show_default=False,
        ),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(
            "--subject",
            "-s",
            metavar="SUBJECT",
            help="Only documents that cover this subject, or what contains it.",
            autocompletion=complete_subject,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: Annotated[
        bool,
        typer.Option("--check", help="Exit 11 if a document shown lacks what its policy asks."),
    ] = False,
) -> None:
    """Show the documents on record: what they cover, how old that is, who approved and has them.

    Beside each stands what the policies ask of its kind and it lacks: approvals, audiences that
    have not received it or from whom too much is withheld, contents that it does not list.

    \b
    Examples:
      scalegate documents
      scalegate documents safeguards-report-2026-03 --as-of 2026-06-01
    """
    from scalegate.app.deciding import subject_of
    from scalegate.cli.screen import print_json
    from scalegate.gate.document_book import document_book
    from scalegate.gate.documents import covers
    from scalegate.gate.refer import resolve_subject

    prepared = prepared_of(workspace_of(workspace), policies, as_of, (known_at, about))
    if not prepared.inputs:
        raise UsageError("no policy is used", hint="name one in `scalegate.toml`")
    booked = document_book(prepared.inputs, prepared.instants.true_at)
    found = chosen_by_id(booked, name, kind="document")
    if subject is not None:
        resolved = resolve_subject(prepared.register, subject_of(prepared, subject))
        found = [each for each in found if covers(each.record, resolved)]
    lacks = any(answer.standing.lacking for each in found for answer in each.answered)
    code = LACKING if is_checked and (lacks or not found) else 0
    if is_json:
        print_json("documents", {"exit_code": code, "documents": [_as_data(e) for e in found]})
    else:
        _show(found, prepared.instants.true_at, is_full=name is not None)
    raise typer.Exit(code)


def _as_data(each: BookedDocument) -> dict[str, Any]:
    from scalegate.report.json_view import to_plain

    return {
        "id": each.record.id,
        "digest": each.record.digest,
        "subject": each.record.subject,
        **each.entry.model_dump(mode="json"),
        "age_days": each.age_days,
        "answers": [
            {
                "framework": answer.framework,
                "kind": answer.kind,
                "aspects": sorted(aspect.value for aspect in answer.standing.aspects),
                "covers_until": to_plain(answer.standing.covers_until),
                "lacking": list(answer.standing.lacking),
            }
            for answer in each.answered
        ],
    }


def _show(found: Sequence[BookedDocument], at: Any, *, is_full: bool) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import item, line

    count = len(found)
    said = f"{count or 'no'} document{'' if count == 1 else 's'}, as of {format_day(at)}"
    line(said, style="bold")
    for each in found:
        line()
        line(f"{each.record.id}: {each.entry.title}", style="bold")
        for text in _facts(each):
            item("-", text)
        for answer in each.answered:
            _show_answer(answer, is_full=is_full)
        if not each.answered:
            item("-", "answers to no kind that these policies name")


def _facts(each: BookedDocument) -> Iterator[str]:
    from scalegate.base.instants import format_day

    entry = each.entry
    kind = entry.native_kind or entry.kind.replace("_", " ")
    yield f"{kind}; covers {', '.join(entry.covers)}"
    days = abs(each.age_days)
    age = f"{days} day{'' if days == 1 else 's'} {'ago' if each.age_days >= 0 else 'ahead'}"
    yield f"covers what happened up to {format_day(entry.coverage_until)}, {age}"
    if entry.approvals:
        said = (f"{item.role} on {format_day(item.approved_at)}" for item in entry.approvals)
        yield f"approved by {', '.join(said)}"
    for audience in entry.audiences:
        when = f" on {format_day(audience.sent_at)}" if audience.sent_at else ""
        withheld = {"none": "nothing", "unstated": "nobody says how much"}.get(
            audience.redaction, f"a {audience.redaction} part"
        )
        yield f"received by {audience.name}{when}, {withheld} withheld"
    when = f" on {format_day(entry.published_at)}" if entry.published_at else ""
    yield f"published{when}" if entry.published else "not published"


def _show_answer(answer: Answered, *, is_full: bool) -> None:
    from scalegate.base.instants import format_day
    from scalegate.cli.screen import item

    standing = answer.standing
    aspects = ", ".join(sorted(aspect.value for aspect in standing.aspects))
    end = f" until {format_day(standing.covers_until)}" if standing.covers_until else ""
    said = f"{aspects}{end}" if aspects else f"covered{end}, and no longer"
    item("*", f"{answer.kind} of {answer.framework}: {said}")
    shown = standing.lacking if is_full else standing.lacking[:2]
    for text in shown:
        item("!", f"lacks {text}", indent=4)
    if len(standing.lacking) > len(shown):
        more = len(standing.lacking) - len(shown)
        item("!", f"and {more} more; `scalegate documents ID` shows all", indent=4)
