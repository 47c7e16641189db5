"""`lint`, `explain`, `frameworks`: what a policy says and whether it is well written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scalegate.cli.asking import (
    CheckOption,
    JsonOption,
    WorkspaceOption,
    complete_code,
    complete_framework,
)

MAX_BYTES = 8_000_000


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("lint")(lint)
    app.command("explain")(explain)
    group = typer.Typer(no_args_is_help=True, help="The published frameworks, as data.")
    group.command("list")(list_frameworks)
    group.command("show")(show_framework)
    app.add_typer(group, name="frameworks")


def lint(
    files: Annotated[list[Path], typer.Argument(help="Policy documents.")],
    is_json: JsonOption = False,
    is_strict: Annotated[
        bool, typer.Option("--strict", help="Exit 2 on warnings too, not only on errors.")
    ] = False,
) -> None:
    """Check policy documents; every fault at once, with file, line, expected and got.

    Example: scalegate lint my-policy.yaml
    """
    from scalegate.cli.screen import line, print_json
    from scalegate.policy.lint import lint_text

    found = [each for file in files for each in lint_text(_text(file), file=str(file))]
    if is_json:
        print_json("lint", {"findings": [_finding(each) for each in found]})
    else:
        for each in found:
            line(str(each))
        counts = [sum(each.severity.value == word for each in found) for word in _SEVERITIES]
        named = ", ".join(
            f"{count} {word}{'' if count == 1 else 's'}"
            for count, word in zip(counts, _SEVERITIES, strict=True)
        )
        line(f"{len(files)} document{'' if len(files) == 1 else 's'}: {named}")
        if found:
            line("what a code means: scalegate explain CODE")
    bad = {"error", "warning"} if is_strict else {"error"}
    raise typer.Exit(2 if any(each.severity.value in bad for each in found) else 0)


_SEVERITIES = ("error", "warning", "note")


def _finding(each: Any) -> dict[str, Any]:
    return {
        "code": each.code,
        "severity": each.severity.value,
        "file": each.file,
        "line": each.line,
        "path": [str(step) for step in each.path],
        "message": each.message,
    }


def _text(file: Path) -> str:
    from scalegate.base.errors import FormatError, OutsideError

    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as cause:
        reason = (cause.strerror or "cannot be read").lower()
        raise OutsideError(f"cannot read `{file}`: {reason}") from cause
    if len(content) > MAX_BYTES:
        raise FormatError("file too large", file=str(file), expected=f"at most {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise FormatError("not UTF-8 text", file=str(file), expected="UTF-8") from cause


def explain(
    code: Annotated[
        str, typer.Argument(help="A code, such as SG0101.", autocompletion=complete_code)
    ],
    is_json: JsonOption = False,
) -> None:
    """Say at length what a lint code means, why it matters and what to do.

    Example: scalegate explain SG0101
    """
    from scalegate.cli.screen import line, print_json
    from scalegate.policy.codes import explain as explained

    text = explained(code)
    if is_json:
        print_json("explanation", {"code": code.upper(), "text": text})
        return
    for each in text.splitlines():
        line(each)


def list_frameworks(workspace: WorkspaceOption = None, is_json: JsonOption = False) -> None:
    """List the frameworks that are shipped, and the workspace's own.

    Example: scalegate frameworks list
    """
    from scalegate.app.workspace import framework_entries, frameworks
    from scalegate.cli.screen import print_json, table
    from scalegate.wiring import open_workspace, policy_source

    if workspace is None and not _has_workspace():
        entries = framework_entries(policy_source(None))
    else:
        entries = frameworks(open_workspace(workspace))
    if is_json:
        content = [
            {
                "name": each.name,
                "lab": each.lab,
                "title": each.title,
                "effective_on": each.effective_on,
                "superseded_on": each.superseded_on,
                "digest": each.digest,
                "is_used": each.is_used,
                "indicator_sets": list(each.sets),
            }
            for each in entries
        ]
        print_json("frameworks", {"frameworks": content})
        return
    rows = [
        (each.name, each.lab, each.effective_on, each.superseded_on or "in force", each.digest[:12])
        for each in entries
    ]
    table("Frameworks", ("name", "lab", "effective", "superseded", "digest"), rows)


def _has_workspace() -> bool:
    from scalegate.base.errors import UsageError
    from scalegate.wiring import find_workspace

    try:
        find_workspace(None)
    except UsageError:
        return False
    return True


def show_framework(
    name: Annotated[str, typer.Argument(help="ID@VERSION.", autocompletion=complete_framework)],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Show a framework: thresholds, standards, commitments by gate, duties, each with its clause.

    Example: scalegate frameworks show anthropic-rsp@2.2
    """
    from scalegate.app.workspace import policies_of
    from scalegate.cli.screen import print_json
    from scalegate.wiring import find_workspace, policy_source

    folder = workspace or (find_workspace(None) if _has_workspace() else None)
    loaded = policies_of(policy_source(folder), [name])[0]
    if is_json:
        print_json("framework", {"digest": loaded.digest, "policy": loaded.policy.to_plain()})
    else:
        _show(loaded)
    raise typer.Exit(_lint_code(loaded) if is_checked else 0)


def _lint_code(loaded: Any) -> int:
    from scalegate.policy.lint import lint as find

    return 2 if any(each.severity.value == "error" for each in find(loaded.policy)) else 0


def _show(loaded: Any) -> None:
    from scalegate.cli.screen import line, table

    policy = loaded.policy
    line(f"{policy.name}: {policy.title} ({policy.lab}), in force from {policy.effective_on}")
    line(f"source: {policy.source.published_at_url}")
    line(f"digest of this document: {loaded.digest}")
    table(
        "Thresholds",
        ("id", "domain", "statement", "clause"),
        [(each.id, each.domain, each.statement, str(each.cite)) for each in policy.thresholds],
    )
    table(
        "Commitments",
        ("id", "at", "verb", "binds", "clause"),
        [
            (
                each.id,
                ", ".join(gate.value for gate in each.at),
                each.native_verb,
                "yes" if each.binds else "advice",
                str(each.cite),
            )
            for each in policy.commitments
        ],
    )
    table(
        "Duties",
        ("id", "starts on", "within", "clause"),
        [
            (each.id, each.starts_on, each.within or each.every or "no window", str(each.cite))
            for each in policy.duties
        ],
    )
    for note in policy.notes:
        line(f"note of the encoder: {note}")
