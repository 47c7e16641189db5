"""`lint`, `explain`, `frameworks`: what a policy says, and whether it is well written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import DocumentFaults, FormatError, UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import JsonOption, WorkspaceOption
from scalegate.cli.complete import complete_code, complete_framework

if TYPE_CHECKING:
    from scalegate.app.workspace import FrameworkEntry, LoadedPolicy
    from scalegate.policy.lint import Finding

MAX_BYTES = 8_000_000
_SEVERITIES = ("error", "warning", "note")


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("lint", short_help="Check documents; all faults at once.")(lint)
    app.command("explain", short_help="Say at length what a lint code means.")(explain)
    group = typer.Typer(no_args_is_help=True, help="The policies that there are, as data.")
    group.command("list", short_help="List the policies.")(list_frameworks)
    group.command("show", short_help="Show what one policy says, with its clauses.")(show_framework)
    app.add_typer(group, name="frameworks", short_help="The policies that there are.")


# --- lint, explain --------------------------------------------------------------------------------


def lint(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Policies, indicator sets, cases or evidence documents."
        ),
    ],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_strict: Annotated[
        bool, typer.Option("--strict", help="Exit 2 on warnings too, not only on errors.")
    ] = False,
) -> None:
    """Check documents before they are used: every fault at once, with file and line.

    Of a policy also what was probably not meant. Exits 2 on a fault or an error.

    \b
    Example:
      scalegate lint policies/house-rules.yaml
    """
    from scalegate.cli.screen import line, print_json

    faults: list[FormatError] = []
    found: list[Finding] = []
    for file in files:
        try:
            found += _checked(file, workspace)
        except DocumentFaults as refused:
            faults += refused.faults
        except FormatError as refused:
            faults.append(refused)
    severities = [each.severity.value for each in found]
    is_bad = bool(faults) or "error" in severities or (is_strict and "warning" in severities)
    code = 2 if is_bad else 0
    if is_json:
        listed = [_finding(each) for each in found]
        shown = [each.to_mapping() for each in faults]
        print_json("lint", {"exit_code": code, "faults": shown, "findings": listed})
        raise typer.Exit(code)
    for text in (*faults, *found):
        line(str(text))
    counts = [(len(faults), "fault"), *((severities.count(word), word) for word in _SEVERITIES)]
    said = ", ".join(_counted(*each) for each in counts if each[0]) or "nothing to report"
    line(f"{_counted(len(files), 'document')}: {said}")
    if found:
        line("What a code means: scalegate explain CODE")
    raise typer.Exit(code)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _checked(file: Path, workspace: Path | None) -> Sequence[Finding]:
    """Check one document by what it says that it is.

    Raises:
        DocumentFaults: every fault of the document.
        FormatError: it is too large, no text, or of no kind that there is.
        UsageError: it cannot be opened.
    """
    from scalegate.base.yaml_text import parse_yaml

    text, name = _text(file), plain(file)
    document = parse_yaml(text, file=name)
    value = document.value
    schema = value.get("schema") if isinstance(value, dict) else None
    kinds: dict[str, Callable[[], Sequence[Finding]]] = {
        "scalegate/policy@1": lambda: _lint_policy(text, name),
        "scalegate/indicators@1": lambda: _lint_set(text, name, workspace),
        "scalegate/case@1": lambda: _lint_case(text, name),
    }
    if schema in kinds:
        return kinds[schema]()
    from scalegate.evidence.parse import parse_document

    parse_document(text, file=name)
    return ()


def _lint_policy(text: str, name: str) -> Sequence[Finding]:
    from scalegate.policy.lint import lint_text

    return lint_text(text, file=name)


def _lint_set(text: str, name: str, workspace: Path | None) -> Sequence[Finding]:
    from scalegate.app.workspace import policies_of
    from scalegate.policy.parse import framework_of, parse_indicator_set
    from scalegate.wiring import policy_source

    framework = framework_of(text, file=name)
    source = policy_source(_folder(workspace))
    parse_indicator_set(text, policies_of(source, [framework])[0].policy, file=name)
    return ()


def _lint_case(text: str, name: str) -> Sequence[Finding]:
    from scalegate.evidence.case import parse_case

    parse_case(text, file=name)
    return ()


def _finding(each: Finding) -> dict[str, Any]:
    return {
        "code": each.code,
        "severity": each.severity.value,
        "file": each.file,
        "line": each.line,
        "path": [str(step) for step in each.path],
        "message": each.message,
    }


def _text(file: Path) -> str:
    shown = plain(file)
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as cause:
        reason = (cause.strerror or "unreadable").lower()
        raise UsageError(f"cannot open `{shown}`: {reason}", hint="check the path") from cause
    if len(content) > MAX_BYTES:
        raise FormatError("file too large", file=shown, expected=f"at most {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as cause:
        hint = "logs are checked by `scalegate evidence import`"
        raise FormatError("not UTF-8 text", file=shown, expected="UTF-8", hint=hint) from cause


def explain(
    *,
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE", help="A code, such as SG0101.", autocompletion=complete_code
        ),
    ],
    is_json: JsonOption = False,
) -> None:
    """Say at length what a code of `lint` means, why it matters, and what to do.

    \b
    Example:
      scalegate explain SG0101
    """
    from scalegate.cli.screen import line, print_json
    from scalegate.policy.codes import explain as explained

    text = explained(code)
    if is_json:
        print_json("explain", {"exit_code": 0, "code": code.strip().upper(), "text": text})
        return
    for each in text.splitlines():
        line(each.strip(), indent=len(each) - len(each.lstrip()))


# --- frameworks -----------------------------------------------------------------------------------


def list_frameworks(*, workspace: WorkspaceOption = None, is_json: JsonOption = False) -> None:
    """List the policies that come with this program, and the workspace's own.

    \b
    Example:
      scalegate frameworks list
    """
    from scalegate.app.workspace import framework_entries, frameworks
    from scalegate.cli.screen import line, print_json, table
    from scalegate.wiring import open_workspace, policy_source

    folder = _folder(workspace)
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


def _folder(named: Path | None) -> Path | None:
    """Return the workspace's folder; None where none is named and none is found."""
    from scalegate.wiring import find_workspace

    if named is not None:
        return find_workspace(named)
    with suppress(UsageError):
        return find_workspace()
    return None


def show_framework(
    *,
    name: Annotated[
        str,
        typer.Argument(metavar="ID@VERSION", help="The policy.", autocompletion=complete_framework),
    ],
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

    loaded = policies_of(policy_source(_folder(workspace)), [name])[0]
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
