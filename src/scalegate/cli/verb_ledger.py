"""`ledger`: the group of its verbs, and those that ask what was recorded.

`index` and `find` go by a copy of the log in the workspace's database, which the log proves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import JsonOption, WorkspaceOption
from scalegate.cli.verbs_record import (
    HERE,
    ROOT,
    LogOption,
    RecordFolder,
    add,
    ask_witnesses,
    entries,
    first_trust,
    prove,
    verify,
)

if TYPE_CHECKING:
    from scalegate.app.record.asking import Found, Question
    from scalegate.ports import RecordIndex

RebuildOption = Annotated[
    bool, typer.Option("--rebuild", help="Drop the index first, and make it anew from the log.")
]
AboutArgument = Annotated[
    str,
    typer.Argument(
        metavar="[ABOUT]", help="Part of a name (model, deployment, policy), or of a digest."
    ),
]
KindOption = Annotated[
    str, typer.Option("--kind", metavar="KIND", help="What statements say, such as gate-decision.")
]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="INSTANT", help="None that dates itself before."),
]


LEDGER_HELP = """The append-only log of what was signed (C2SP tlog-tiles).

The folder `log` can be served by any web server or git host; `root.json` is what a verifier
needs, by a way that it trusts.
"""


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    ledger = typer.Typer(no_args_is_help=True, help=LEDGER_HELP, rich_markup_mode=None)
    ledger.command("add", short_help="Append signed envelopes.")(add)
    ledger.command("list", short_help="What is recorded, newest last.")(entries)
    ledger.command("prove", short_help="Write a proof file for an entry.")(prove)
    ledger.command("verify", short_help="Compute and check the whole log anew.")(verify)
    ledger.command("witness", short_help="Ask the witnesses to cosign.")(ask_witnesses)
    ledger.command("index", short_help="Copy the log into the workspace's database.")(index)
    ledger.command("find", short_help="What was recorded about a model or a policy.")(find)
    app.add_typer(ledger, name="ledger", short_help="The append-only log of what was signed.")


def index(
    *,
    record: RecordFolder = HERE,
    log: LogOption = "",
    workspace: WorkspaceOption = None,
    rebuild: RebuildOption = False,
    is_json: JsonOption = False,
) -> None:
    """Bring the index of the record up to date, and prove it by the log. Exit 12 if it is no copy.

    The index lies in the workspace's database. Everything in it comes from the log: it can be
    dropped and made again at any time, and is the same then.

    \b
    Examples:
      scalegate ledger index
      scalegate ledger index --rebuild
    """
    from scalegate.app.record.asking import bring_up_to_date
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import log_files

    with _opened(workspace) as opened:
        found = bring_up_to_date(
            opened,
            log_files(log or record / "log"),
            first_trust(record / ROOT),
            rebuild=rebuild,
            sweep=True,
        )
    if is_json:
        rows = {"size": found.size, "added": found.added, "hidden": found.hidden}
        print_json("ledger-index", {"exit_code": 0, "origin": found.origin, **rows})
        return
    entries_are = "1 entry" if found.size == 1 else f"{found.size} entries"
    line(f"the index of {found.origin} is a copy of its {entries_are}", style="bold")
    line(f"{found.added} added; {found.hidden} whose envelope the log does not show")


def find(
    *,
    about: AboutArgument = "",
    kind: KindOption = "",
    since: SinceOption = None,
    record: RecordFolder = HERE,
    log: LogOption = "",
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """Find what was recorded about a model, a deployment or a policy. Exit 12 on a false index.

    The index says where to look, and the log proves it: no entry is left out, added or altered.
    Times are the signers' own; a statement that gives none is shown. Signatures are checked by
    `ledger verify`.

    \b
    Examples:
      scalegate ledger find deployment:assistant --since 2026-01-01
      scalegate ledger find anthropic-rsp --kind gate-decision
    """
    from scalegate.app.record.asking import ask
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import log_files

    question = _question(about, kind, since)
    with _opened(workspace) as opened:
        found = ask(opened, log_files(log or record / "log"), first_trust(record / ROOT), question)
    if is_json:
        print_json("ledger-find", {"exit_code": 0, "entries": [_data(each) for each in found]})
        return
    for each in found:
        line(_line(each))
    line(f"{len(found)} found; nothing is said here about signatures", style="bold")


@contextmanager
def _opened(workspace: Path | None) -> Iterator[RecordIndex]:
    from scalegate.wiring import record_index

    opened = record_index(workspace)
    try:
        yield opened
    finally:
        opened.close()


def _question(about: str, kind: str, since: str | None) -> Question:
    from scalegate.app.record.asking import Question
    from scalegate.base.errors import UnknownName
    from scalegate.base.instants import parse_instant
    from scalegate.ledger.statements import Predicate

    if kind and kind not in Predicate._value2member_map_:
        raise UnknownName("kind of statement", kind, known=[str(each) for each in Predicate])
    return Question(
        about=about,
        kind=Predicate(kind) if kind else None,
        since=parse_instant(since, path="--since") if since else None,
    )


def _line(each: Found) -> str:
    from scalegate.base.instants import format_instant
    from scalegate.ledger.statements import short_type

    kind = short_type(each.leaf.predicate_type)[:40]
    when = format_instant(each.stated_at) if each.stated_at else "undated"
    hidden = "" if each.statement is not None else "  (envelope not shown)"
    names = ", ".join(subject.name or subject.sha256[:16] for subject in each.leaf.subjects)
    return f"{each.index:>5}  {kind:<20}  {when:<20}  {names[:60]}{hidden}"


def _data(each: Found) -> dict[str, Any]:
    from scalegate.base.instants import format_instant

    return {
        "index": each.index,
        "type": each.leaf.predicate_type,
        "envelope": each.leaf.envelope,
        "subjects": [
            {"name": subject.name, "sha256": subject.sha256} for subject in each.leaf.subjects
        ],
        "stated_at": format_instant(each.stated_at) if each.stated_at else None,
        "is_shown": each.statement is not None,
    }
