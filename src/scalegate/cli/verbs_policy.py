"""`lint`, `explain`: whether a document is well written, and what a code means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import DocumentFaults, FormatError, UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import JsonOption, WorkspaceOption, known_folder
from scalegate.cli.complete import complete_code

if TYPE_CHECKING:
    from scalegate.policy.lint import Finding

MAX_BYTES = 8_000_000
_SEVERITIES = ("error", "warning", "note")
NOTES_SHOWN = 2
"""Of the notes of one code in one file, so many are shown before the rest is counted."""


def register(app: typer.Typer) -> None:
    """Add the verbs of this module."""
    app.command("lint", short_help="Check documents; all faults at once.")(lint)
    app.command("explain", short_help="Say at length what a lint code means.")(explain)


# --- lint, explain --------------------------------------------------------------------------------


def lint(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Policies, bridges, indicator sets, cases or evidence documents; or the names of"
            " policies, as ID@VERSION.",
        ),
    ],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_strict: Annotated[
        bool, typer.Option("--strict", help="Exit 2 on warnings too, not only on errors.")
    ] = False,
    shows_all: Annotated[
        bool, typer.Option("--all", help="Every note; else two of a code, and how many more.")
    ] = False,
    is_on_readings: Annotated[
        bool,
        typer.Option("--readings", help="For each ambiguous clause: where its meanings part."),
    ] = False,
    is_on_directions: Annotated[
        bool, typer.Option("--directions", help="For each fact: which way it pulls, and where.")
    ] = False,
) -> None:
    """Check documents before they are used: every fault at once, with file and line.

    Of a policy also what was probably not meant. Exits 2 on a fault or an error.

    \b
    Examples:
      scalegate lint policies/house-rules.yaml
      scalegate lint --readings openai-pf@2
    """
    from scalegate.cli.screen import line, print_json

    if is_on_directions:
        from scalegate.cli.directions import show_directions

        show_directions(files, workspace, is_json=is_json)
        return
    if is_on_readings:
        from scalegate.cli.readings import show_readings

        show_readings(files, workspace, is_json=is_json)
        return
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
    for text in (*faults, *_shortened(found, shows_all=shows_all)):
        line(str(text))
    counts = [(len(faults), "fault"), *((severities.count(word), word) for word in _SEVERITIES)]
    said = ", ".join(_counted(*each) for each in counts if each[0]) or "nothing to report"
    line(f"{_counted(len(files), 'document')}: {said}")
    if found:
        line("What a code means: scalegate explain CODE")
    raise typer.Exit(code)


def _shortened(found: Sequence[Finding], *, shows_all: bool) -> Iterator[Finding | str]:
    """Yield the findings; of the notes of one code in one file the first two, then their number."""
    counts = Counter((each.file, each.code) for each in found if each.severity.value == "note")
    seen: Counter[tuple[str | None, str]] = Counter()
    for each in found:
        key = (each.file, each.code)
        seen[key] += 1
        more = counts[key] - NOTES_SHOWN
        if shows_all or more <= 1 or seen[key] <= NOTES_SHOWN:
            yield each
        elif seen[key] == NOTES_SHOWN + 1:
            yield f"{each.file}: and {more} more notes {each.code} (--all)"


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
    from scalegate.cli.named_policies import is_name, text_of

    if is_name(file):
        named = text_of(file, workspace)
        text, name = named.text, named.file
    else:
        text, name = _text(file), plain(file)
    document = parse_yaml(text, file=name)
    value = document.value
    schema = value.get("schema") if isinstance(value, dict) else None
    kinds: dict[str, Callable[[], Sequence[Finding]]] = {
        "scalegate/policy": lambda: _lint_policy(text, name, workspace),
        "scalegate/indicators": lambda: _lint_set(text, name, workspace),
        "scalegate/bridge": lambda: _lint_bridge(text, name, workspace),
        "scalegate/case": lambda: _lint_case(text, name),
    }
    # Whichever version it says: its own reader says which versions there are.
    kind = schema.partition("@")[0] if isinstance(schema, str) else ""
    if kind in kinds:
        return kinds[kind]()
    from scalegate.evidence.parse import parse_document

    parse_document(text, file=name)
    return ()


def _lint_policy(text: str, name: str, workspace: Path | None) -> Sequence[Finding]:
    from scalegate.app.bridging import name_in, refuse_rings
    from scalegate.policy.lint import lint_text
    from scalegate.wiring import policy_source

    found = lint_text(text, file=name)
    refuse_rings(policy_source(known_folder(workspace)), (name_in(text),))
    return found


def _lint_set(text: str, name: str, workspace: Path | None) -> Sequence[Finding]:
    from scalegate.app.workspace import policies_of
    from scalegate.policy.parse import framework_of, parse_indicator_set
    from scalegate.wiring import policy_source

    framework = framework_of(text, file=name)
    source = policy_source(known_folder(workspace))
    parse_indicator_set(text, policies_of(source, [framework])[0].policy, file=name)
    return ()


def _lint_bridge(text: str, name: str, workspace: Path | None) -> Sequence[Finding]:
    from scalegate.app.workspace import policies_of
    from scalegate.compare.bridge_text import ends_of, parse_bridge
    from scalegate.wiring import policy_source

    ends = ends_of(text, file=name)
    loaded = policies_of(policy_source(known_folder(workspace)), list(dict.fromkeys(ends)))
    policies = {each.name: each.policy for each in loaded}
    parse_bridge(text, *(policies[end] for end in ends), file=name)
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
