"""`frameworks`: the policies that there are, what one says, and how much of its text is encoded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import JsonOption, WorkspaceOption, known_folder
from scalegate.cli.complete import complete_framework

if TYPE_CHECKING:
    from scalegate.app.covering import CoverageResult
    from scalegate.app.workspace import FrameworkEntry, LoadedPolicy

NameArgument = Annotated[
    str,
    typer.Argument(metavar="ID@VERSION", help="The policy.", autocompletion=complete_framework),
]


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    group = typer.Typer(no_args_is_help=True, help="The policies that there are, as data.")
    group.command("list", short_help="List the policies.")(list_frameworks)
    group.command("show", short_help="Show what one policy says, with its clauses.")(show_framework)
    group.command("coverage", short_help="Show how much of the published text is encoded.")(
        show_coverage
    )
    app.add_typer(group, name="frameworks", short_help="The policies that there are.")


def list_frameworks(*, workspace: WorkspaceOption = None, is_json: JsonOption = False) -> None:
    """List the policies that come with this program, and the workspace's own.

    \b
    Example:
      scalegate frameworks list
    """
    from scalegate.app.workspace import framework_entries, frameworks
    from scalegate.cli.screen import line, print_json, table
    from scalegate.wiring import open_workspace, policy_source

    folder = known_folder(workspace)
    entries = frameworks(open_workspace(folder)) if folder else framework_entries(policy_source())
    if is_json:
        content = [_entry(each) for each in entries]
        print_json("frameworks", {"exit_code": 0, "frameworks": content})
        return
    rows = [
        (
            each.name,
            each.lab,
            each.effective_on,
            each.superseded_on or "–",
            ("yes" if each.is_used else "no") if folder else "–",
        )
        for each in entries
    ]
    table("", ("^policy", "lab", "^in force", "^superseded", "decides here"), rows)
    line()
    line("What one says: scalegate frameworks show ID@VERSION")


def _entry(each: FrameworkEntry) -> dict[str, Any]:
    return {
        "name": each.name,
        "lab": each.lab,
        "title": each.title,
        "effective_on": each.effective_on,
        "superseded_on": each.superseded_on,
        "file": each.file,
        "digest": each.digest,
        "is_shipped": each.is_shipped,
        "is_used": each.is_used,
        "indicator_sets": list(each.sets),
    }


def show_framework(
    *,
    name: NameArgument,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_checked: Annotated[
        bool, typer.Option("--check", help="Exit 2 if `lint` finds an error in it.")
    ] = False,
) -> None:
    """Show what a policy says: thresholds, rows by gate, duties, each with its clause.

    \b
    Example:
      scalegate frameworks show anthropic-rsp@2.2
    """
    from scalegate.app.workspace import policies_of
    from scalegate.cli.screen import print_json
    from scalegate.wiring import policy_source

    loaded = policies_of(policy_source(known_folder(workspace)), [name])[0]
    code = _lint_code(loaded) if is_checked else 0
    if is_json:
        policy = loaded.policy.model_dump(mode="json", by_alias=True)
        print_json("framework", {"exit_code": code, "digest": loaded.digest, "policy": policy})
    else:
        _show(loaded)
    raise typer.Exit(code)


def _lint_code(loaded: LoadedPolicy) -> int:
    from scalegate.policy.lint import lint as find

    return 2 if any(each.severity.value == "error" for each in find(loaded.policy)) else 0


def _show(loaded: LoadedPolicy) -> None:
    from scalegate.cli.screen import heading, item, line, table
    from scalegate.policy.vocabulary import Gate

    policy = loaded.policy
    until = f" to {policy.superseded_on}" if policy.superseded_on else ""
    line(f"{policy.name}: {policy.title}", style="bold")
    line(f"{policy.lab}; in force from {policy.effective_on}{until}")
    line(f"text: {policy.source.published_at_url}")
    line(f"encoded in {loaded.file}, sha256 {loaded.digest}")
    rows = [(each.id, each.statement, str(each.cite)) for each in policy.thresholds]
    table("Thresholds", ("^id", "statement", "clause"), rows)
    for gate in Gate:
        heading(f"At {gate.value}")
        here = [row for row in policy.commitments if gate in row.at]
        if not here:
            silent = [note.searched for note in policy.silent_at if note.gate is gate]
            line(f"nothing binds; searched: {silent[0]}" if silent else "nothing", indent=2)
        for row in here:
            binds = "" if row.binds else ", does not bind"
            item("-", f"{row.id} ({row.native_verb}{binds}): {row.statement} [{row.cite}]")
    duties = [
        (each.id, each.starts_on, each.within or each.every or "none", str(each.cite))
        for each in policy.duties
    ]
    if duties:
        table("Duties", ("^id", "starts on", "window", "clause"), duties)
    for text in policy.notes:
        line(f"note on the encoding: {text}")


# --- coverage -------------------------------------------------------------------------------------


def show_coverage(
    *,
    name: NameArgument,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    shows_rows: Annotated[
        bool, typer.Option("--rows", help="Also one line for each sentence.")
    ] = False,
    table_file: Annotated[
        Path | None,
        typer.Option("--table", metavar="FILE", help="A table of your own, not the shipped one."),
    ] = None,
    text_file: Annotated[
        Path | None,
        typer.Option(
            "--text", metavar="FILE", help="The published text; exit 2 where the table differs."
        ),
    ] = None,
) -> None:
    """Count the normative sentences of a policy's text, and what the encoding makes of each.

    A table that does not fit its policy is refused: exit 2, with every fault.

    \b
    Example:
      scalegate frameworks coverage cohere-saifmf@1.0
    """
    from scalegate.app.covering import check_text, coverage_of
    from scalegate.cli.screen import line, print_json
    from scalegate.wiring import policy_source, read_policy_text

    own = read_policy_text(table_file) if table_file is not None else None
    result = coverage_of(policy_source(known_folder(workspace)), name, own=own)
    if text_file is not None:
        check_text(result, read_policy_text(text_file))
    if is_json:
        content = {"exit_code": 0, "is_text_checked": text_file is not None}
        print_json("coverage", {**content, **result.to_mapping()})
        return
    _show_counts(result)
    if shows_rows:
        _show_rows(result)
    if text_file is not None:
        line(f"every sentence of `{text_file.name}` is in the table, and the other way round")


def _show_counts(result: CoverageResult) -> None:
    from scalegate.cli.screen import line, table

    text = result.table.text
    line(f"{result.policy.name}: coverage of its text", style="bold")
    line(f"text: {text.file} ({text.edition}), read by {text.read}")
    line(f"table: {result.file}, sha256 {result.digest}")
    counts = result.counts
    shown = [word for word in _OUTCOMES if any(word in row for row in counts.values())]
    rows = [
        (modality, sum(row.values()), *(row.get(word, 0) or "–" for word in shown))
        for modality, row in counts.items()
    ]
    table("", ("^verb", "^sentences", *(f"^{_OUTCOMES[word]}" for word in shown)), rows, gap=1)
    binding = result.binding
    answered = sum(1 for row in binding if row.is_answered)
    encoded = sum(1 for row in binding if row.outcome == "encoded")
    line("tells: the verb is no norm; outside: out of scope; no test: not machine-decidable")
    line()
    line(
        f"binding sentences: {len(binding)}; with an answer: {answered}"
        f" ({_percent(answered, len(binding))}); encoded: {encoded}"
    )
    for item in result.table.unnamed:
        line(f"no sentence behind `{item.element}` ({item.reason}): {item.note}")
    for note in result.table.notes:
        line(f"note: {note}")


_OUTCOMES = {
    "encoded": "encoded",
    "restates": "restates",
    "definition": "defines",
    "descriptive": "tells",
    "preamble": "preamble",
    "out_of_scope": "outside",
    "not_machine_decidable": "no test",
}
"""What became of a sentence, in words short enough for a table."""


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "none"


def _show_rows(result: CoverageResult) -> None:
    from scalegate.cli.screen import heading, item

    heading("Sentences")
    for row in result.table.rows:
        page = f", p. {row.page}" if row.page else ""
        binds = "" if row.binding else ", does not bind"
        became = ", ".join(row.encoded) or (
            f"restates {row.restates}" if row.restates else str(row.reason)
        )
        note = f". {row.note}" if row.note else ""
        item("-", f"{row.place}{page} ({row.modality}{binds}) {row.sha256[:12]}: {became}{note}")
