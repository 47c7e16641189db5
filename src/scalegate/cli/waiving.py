"""Waivers beside answers: what a record says was let pass. They change no answer, no exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.cli.asking import record_beside
from scalegate.cli.verbs_record import ROOT, first_trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scalegate.app.workspace import Workspace
    from scalegate.gate.model import Decision
    from scalegate.report.model import DecisionKey, WaiverView

WaiversOption = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FOLDER",
        help="The record whose waivers stand beside the answers, and which bears out receipts of"
        " plans. Default: `record` in the workspace, if it is there.",
        show_default=False,
    ),
]


def waivers_beside(
    workspace: Workspace, record: Path | None, decisions: Iterable[Decision]
) -> Mapping[DecisionKey, tuple[WaiverView, ...]]:
    """Return, per decision that has any, the waivers of a record: those in force, then those ended.

    Args:
        workspace: where to look if no record is named.
        record: its folder; None: the workspace's own, and nothing where there is none.
        decisions: the answers.

    Raises:
        UsageError: the named folder holds no record.
        TrustError: the record does not hold.
    """
    folder = record_beside(workspace, record)
    if folder is None:
        return {}
    from scalegate.app.record.waivers import ended_waivers, waiver_rows, waivers_in
    from scalegate.report.model import decision_key
    from scalegate.wiring import log_files

    known = waivers_in(log_files(folder / "log"), first_trust(folder / ROOT))
    found = {}
    for each in decisions:
        asked = (each.subject, each.framework, each.gate.value)
        rows = [
            *views_of(waiver_rows(known, asked=asked, at=each.as_of), is_in_force=True),
            *views_of(ended_waivers(known, asked=asked, at=each.as_of), is_in_force=False),
        ]
        if rows:
            found[decision_key(each)] = tuple(rows)
    return found


def views_of(rows: Sequence[Mapping[str, Any]], *, is_in_force: bool) -> list[WaiverView]:
    """Return rows on waivers as what is shown of them."""
    from scalegate.report.model import WaiverView

    return [
        WaiverView(
            entry=int(row["entry"]),
            by=f"{row['by'].get('name', '')} ({row['by'].get('role', '')})",
            reason=row["reason"],
            until=row["until"],
            is_in_force=is_in_force,
        )
        for row in rows
    ]


def show_waivers(waivers: Sequence[WaiverView], *, indent: int = 0) -> None:
    """Write the waivers beside one answer."""
    from scalegate.base.plain_text import plain
    from scalegate.cli.screen import item

    for each in waivers:
        until = f"until {plain(each.until)}" if each.is_in_force else f"ended {plain(each.until)}"
        said = f"waiver of {plain(each.by)}, {until}: {plain(each.reason)}"
        item("!" if each.is_in_force else "-", said, indent=indent)
    if any(each.is_in_force for each in waivers):
        item("!", "a waiver opens nothing: the answer stands", indent=indent)


def show_waivers_of(
    decisions: Iterable[Decision], waivers: Mapping[DecisionKey, Sequence[WaiverView]]
) -> None:
    """Write the waivers beside several answers under a heading; nothing where there is none."""
    from scalegate.cli.screen import heading, line
    from scalegate.report.model import decision_key
    from scalegate.report.words import decision_word, gate_words

    shown = [each for each in decisions if waivers.get(decision_key(each))]
    if shown:
        heading("Waivers")
    for each in shown:
        word = decision_word(each).word
        said = f"{each.subject}: {gate_words(each.gate, each.ask)}, under {each.framework}: {word}"
        line(said, indent=2)
        show_waivers(waivers[decision_key(each)], indent=4)


def waivers_to_list(waivers: Sequence[WaiverView]) -> list[dict[str, object]]:
    """Return waivers as plain data."""
    return [
        {
            "entry": each.entry,
            "by": each.by,
            "reason": each.reason,
            "until": each.until,
            "is_in_force": each.is_in_force,
        }
        for each in waivers
    ]
