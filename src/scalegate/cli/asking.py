"""What many verbs ask: the workspace, the instants, the policies, and the options for them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer

from scalegate.base.errors import UnknownName, UsageError
from scalegate.base.instants import parse_instant
from scalegate.cli.complete import (
    complete_framework,
    complete_gate,
    complete_subject,
)
from scalegate.evidence.model import Kind
from scalegate.policy.vocabulary import Ask, Gate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalegate.app.deciding import Instants, Prepared
    from scalegate.app.keeping import Kept
    from scalegate.app.record.preregistration import LogSeen
    from scalegate.app.workspace import Workspace
    from scalegate.evidence.record import Record
    from scalegate.policy.document import Indicator, Policy


class OfRecord(Protocol):
    """Something read from a document."""

    @property
    def record(self) -> Record:
        """The document."""


Booked = TypeVar("Booked", bound=OfRecord)

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="FOLDER",
        help="Folder with scalegate.toml. Default: SCALEGATE_WORKSPACE, else the nearest one from"
        " here upwards.",
    ),
]
PolicyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        "-p",
        metavar="ID@VERSION",
        help="Policy that decides; repeat for several. Default: those of the workspace.",
        autocompletion=complete_framework,
    ),
]
OnePolicyOption = Annotated[
    str | None,
    typer.Option(
        "--policy",
        "-p",
        metavar="ID@VERSION",
        help="The policy that draws the line.",
        autocompletion=complete_framework,
    ),
]
IndicatorOption = Annotated[
    str | None, typer.Option("--indicator", "-i", metavar="ID", help="Which of its lines.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        help="Ask as of this date or instant: what was true then, as known then. Default: now.",
    ),
]
KnownAtOption = Annotated[
    str | None,
    typer.Option("--known-at", metavar="INSTANT", help="Only what was known at this instant."),
]
ProvedOption = Annotated[
    bool,
    typer.Option(
        "--proved",
        help="Rule out only by bounds that rest on no conjecture. It never opens what is held.",
    ),
]
AboutOption = Annotated[
    str | None,
    typer.Option("--about", metavar="INSTANT", help="Ask what was true at this instant."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Exit with the code of the gates instead of 0.")
]
SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT",
        help="model:NAME, deployment:NAME, run:NAME or checkpoint:NAME; NAME alone where it is"
        " unique.",
        autocompletion=complete_subject,
        show_default=False,
    ),
]
GateArgument = Annotated[
    str,
    typer.Argument(
        metavar="GATE",
        help=f"One of: {', '.join(gate.value for gate in Gate)}.",
        autocompletion=complete_gate,
        show_default=False,
    ),
]
AskOption = Annotated[
    Ask,
    typer.Option("--ask", help="To start or widen, or to continue what runs already."),
]


def known_folder(named: Path | None) -> Path | None:
    """Return the workspace's folder; None where none is named and none is found.

    Raises:
        UsageError: the named folder is no workspace.
    """
    from scalegate.wiring import find_workspace

    if named is not None:
        return find_workspace(named)
    with suppress(UsageError):
        return find_workspace()
    return None


def instants_of(
    workspace: Workspace, as_of: str | None, spans: tuple[str | None, str | None]
) -> Instants:
    """Return the instants asked about: `--as-of` means both, the others separate them.

    Args:
        workspace: whose clock says what is now.
        as_of: `--as-of`.
        spans: `--known-at` and `--about`.

    Raises:
        FormatError: text that is neither a date nor an instant with a zone.
    """
    from scalegate.app.deciding import Instants

    known_at, about = spans
    both = _instant(as_of, "--as-of") or workspace.clock.now()
    return Instants(
        true_at=_instant(about, "--about") or both,
        known_at=_instant(known_at, "--known-at") or both,
    )


def instant_of(as_of: str | None) -> datetime:
    """Return the instant asked about; now where none is named.

    Raises:
        FormatError: text that is neither a date nor an instant with a zone.
    """
    from scalegate.wiring import system_clock

    return _instant(as_of, "--as-of") or system_clock().now()


def _instant(text: str | None, option: str) -> datetime | None:
    return None if text is None else parse_instant(text, path=option)


def line_asked(
    policy: str | None, name: str | None, folder: Path | None
) -> tuple[Policy, Indicator] | None:
    """Return a policy and the line of it that was asked for; None where neither is named.

    Raises:
        UsageError: one is named without the other, or the policy has no such line.
        UnknownName: a policy that is neither shipped nor in the workspace.
    """
    from scalegate.app.designing import line_of
    from scalegate.wiring import policy_source

    if policy is None and name is None:
        return None
    if policy is None or name is None:
        raise UsageError("`--policy` and `--indicator` go together")
    return line_of(policy_source(known_folder(folder)), policy, name)


def workspace_of(folder: Path | None) -> Workspace:
    """Open the workspace asked for.

    Raises:
        UsageError: there is none.
        DocumentFaults: its settings are wrong.
        TrustError: its records are damaged.
        OutsideError: it cannot be read.
    """
    from scalegate.wiring import open_workspace

    return open_workspace(folder)


_ROOT = "root.json"
"""The first trust document of a record."""


def prepared_of(
    workspace: Workspace,
    policies: list[str] | None,
    as_of: str | None,
    spans: tuple[str | None, str | None],
    *,
    is_proved: bool = False,
    record: Path | None = None,
) -> Prepared:
    """Read a workspace at the instants asked about, under the policies asked for.

    With `is_proved` what rules out must rest on no conjecture. Receipts of plans are held against
    the log of a record, by default the workspace's own; those that it does not bear out count as
    none, and so do all where there is no record.

    Raises:
        FormatError: an instant that cannot be read.
        DocumentFaults: a policy, a document or the register is wrong.
        UnknownName: a policy that there is not.
        TrustError: recorded evidence is gone or altered, or the log is not in its form.
    """
    prepared = prepared_at_word(workspace, policies, as_of, spans, is_proved=is_proved)
    receipts = prepared.bundle.of_kind(Kind.PLAN_RECEIPT)
    if not receipts:
        return prepared
    from scalegate.app.record.plan_check import void_receipts

    void = void_receipts(receipts, _log_beside(workspace, record))
    inputs = tuple(replace(each, void_receipts=void) for each in prepared.inputs)
    return replace(prepared, inputs=inputs)


def prepared_at_word(
    workspace: Workspace,
    policies: list[str] | None,
    as_of: str | None,
    spans: tuple[str | None, str | None],
    *,
    is_proved: bool = False,
) -> Prepared:
    """Read a workspace as `prepared_of` does, with receipts taken at their word.

    For those who hold what is counted against the log afterwards, and refuse.

    Raises:
        FormatError, DocumentFaults, UnknownName, TrustError: as `prepared_of`.
    """
    from scalegate.app.deciding import prepare

    instants = instants_of(workspace, as_of, spans)
    return prepare(workspace, instants, policies or None, is_proved=is_proved)


def record_beside(workspace: Workspace, record: Path | None) -> Path | None:
    """Return the record that was named, else the workspace's own, if it is there."""
    own = workspace.folder / "record"
    return record or (own if (own / _ROOT).exists() else None)


def _log_beside(workspace: Workspace, record: Path | None) -> LogSeen | None:
    folder = record_beside(workspace, record)
    if folder is None:
        return None
    from scalegate.app.record.plan_check import log_seen
    from scalegate.app.record.reading import trusts_in_log
    from scalegate.ledger.trust import start_trust
    from scalegate.wiring import log_files, read_signed

    files, root = log_files(folder / "log"), read_signed(folder / _ROOT)
    return log_seen(files, trusts_in_log(files, start_trust(root)))


def kept_of(workspace: Workspace, as_of: str | None, spans: tuple[str | None, str | None]) -> Kept:
    """Read the documents of a workspace at the instants asked about, without any policy.

    Raises:
        FormatError: an instant that cannot be read.
        DocumentFaults: a document or the register is wrong.
        TrustError: recorded evidence is gone or altered.
    """
    from scalegate.app.keeping import keep

    return keep(workspace, instants_of(workspace, as_of, spans))


def chosen_by_id(found: Sequence[Booked], name: str | None, *, kind: str) -> list[Booked]:
    """Return all that was found, or the one whose document has this id.

    Raises:
        UnknownName: no document of the kind has the id.
    """
    chosen = [each for each in found if name in (None, each.record.id)]
    if name is not None and not chosen:
        raise UnknownName(kind, name, known={each.record.id for each in found})
    return chosen


def gate_of(name: str) -> Gate:
    """Return a gate by name.

    Raises:
        UnknownName: no gate of that name.
    """
    try:
        return Gate(name.replace("-", "_"))
    except ValueError:
        raise UnknownName("gate", name, known=[gate.value for gate in Gate]) from None
