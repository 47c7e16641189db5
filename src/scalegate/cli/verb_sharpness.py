"""`sharpness`: after the run, where the evidence would not have shown a crossing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from scalegate.cli.asking import (
    AboutOption,
    AsOfOption,
    CheckOption,
    JsonOption,
    KnownAtOption,
    PolicyOption,
    SubjectArgument,
    WorkspaceOption,
    prepared_of,
    workspace_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.gate.sharpen import Sharpened


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("sharpness", short_help="Where evidence is too blunt to show a crossing.")(
        sharpness
    )


def sharpness(
    *,
    subject: SubjectArgument,
    workspace: WorkspaceOption = None,
    policies: PolicyOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    about: AboutOption = None,
    is_json: JsonOption = False,
    is_checked: CheckOption = False,
) -> None:
    """Show for each line that may rule out the gates S1 to S8, met or open.

    Cheapest to sharpen first. With --check, exits 11 unless every line is sharp.

    \b
    Example:
      scalegate sharpness model:claude-opus-4 --as-of 2025-05-23
    """
    from scalegate.app.deciding import decide_all, subject_of
    from scalegate.cli.screen import print_json
    from scalegate.gate.elicitation_asked import checked_off
    from scalegate.gate.sharpen import sharpen
    from scalegate.report.elicitation_text import checked_off_texts

    prepared = prepared_of(workspace_of(workspace), policies, as_of, (known_at, about))
    known = [each.assessment for each in decide_all(prepared, subject_of(prepared, subject), ())]
    found = [(each.inputs.policy.name, sharpen(each), checked_off(each)) for each in known]
    is_sharp = bool(found) and all(rows and all(r.is_sharp for r in rows) for _, rows, _ in found)
    code = 11 if is_checked and not is_sharp else 0
    if is_json:
        content = [
            {
                "policy": name,
                "lines": [row.to_mapping() for row in rows],
                "elicitation_asked": [each.to_mapping() for each in asked],
            }
            for name, rows, asked in found
        ]
        print_json("sharpness", {"exit_code": code, "policies": content})
    else:
        for name, rows, asked in found:
            _show(name, rows, checked_off_texts(asked))
    raise typer.Exit(code)


def _show(name: str, rows: Sequence[Sharpened], asked: Sequence[str]) -> None:
    from scalegate.cli.screen import heading, item, line
    from scalegate.report.sharpness_text import row_head, row_numbers
    from scalegate.report.verdict_text import gate_texts

    heading(f"{name}: cheapest to sharpen first")
    for row in rows:
        line()
        line(f"{row.threshold} / {row.indicator or 'no line'}: {row_head(row)}")
        for text in row_numbers(row):
            line(text, indent=2)
        for text in gate_texts(row.gates):
            item("-", text)
    if asked:
        heading("What the policy asks of elicitation")
    for text in asked:
        item("-", text)
    line()
    line("An open gate changes no verdict; it says where a crossing may go unseen.")
