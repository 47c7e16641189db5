"""Show where the meanings of ambiguous clauses part (`lint --readings`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scalegate.compare.readings import ReadingReport
    from scalegate.policy.document import Policy
    from scalegate.policy.frontier import HoldLiteral

SHOWN = 3


def show_readings(files: Sequence[Path], workspace: Path | None, *, is_json: bool) -> None:
    """Write, for each reading of each policy, whether it matters, and a situation that shows it.

    Raises:
        DocumentFaults: a policy is wrong.
        OutsideError: a file cannot be read.
        UsageError: a gate has too many minimal hold points.
    """
    from scalegate.cli.named_policies import text_of
    from scalegate.cli.screen import line, print_json
    from scalegate.compare.readings import reading_reports
    from scalegate.policy.compile import compile_policy
    from scalegate.policy.parse import parse_policy

    found = []
    for file in files:
        text = text_of(file, workspace)
        policy = parse_policy(text.text, file=text.file)
        found.append((policy, reading_reports(compile_policy(policy))))
    if is_json:
        rows = [_as_data(policy, each) for policy, reports in found for each in reports]
        print_json("readings", {"exit_code": 0, "readings": rows})
        return
    for policy, reports in found:
        line(f"{policy.name}: {len(reports)} ambiguous clauses", style="bold")
        for each in reports:
            _show(policy, each)


def _show(policy: Policy, each: ReadingReport) -> None:
    from scalegate.cli.screen import line
    from scalegate.policy.vocabulary import Kind

    reading = next(item for item in policy.readings if item.id == each.id)
    line(f"{each.id}: {reading.statement} ({reading.cite})", indent=2)
    if each.matters is None:
        line("changes nothing at any gate", indent=4)
        return
    gates = ", ".join(gate.value for gate in each.gates)
    line(f"matters at {gates}", indent=4)
    named = "; ".join(
        _short(literal)
        for literal in each.matters.point.literals
        if literal.kind is not Kind.READING
    )
    where = f"{each.matters.gate.value} ({each.matters.ask.value})"
    line(f"for example at {where}, where {named or 'nothing is amiss'}:", indent=4)
    if each.meanings:
        line(f"held if it means `{each.meanings[0]}`, not if `{each.meanings[1]}`", indent=4)


def _short(literal: HoldLiteral) -> str:
    from scalegate.policy.frontier import cell_text

    shown = " or ".join(cell_text(cell) for cell in literal.cells[:SHOWN])
    more = len(literal.cells) - SHOWN
    return f"{literal.kind.value} `{literal.name}` is {shown}" + (
        f" or one of {more} other values" if more > 0 else ""
    )


def _as_data(policy: Policy, each: ReadingReport) -> dict[str, Any]:
    matters = each.matters
    return {
        "framework": policy.name,
        "reading": each.id,
        "gates": [gate.value for gate in each.gates],
        "meanings": list(each.meanings or ()),
        "example": None
        if matters is None
        else {
            "gate": matters.gate.value,
            "ask": matters.ask.value,
            "situation": [str(literal) for literal in matters.point.literals],
            "held_under": [dict(one) for one in matters.held_under],
            "open_under": [dict(one) for one in matters.open_under],
        },
    }
