"""What many verbs ask: the workspace, the instants, the policies, and the options for them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import UnknownName
from scalegate.base.instants import parse_instant

if TYPE_CHECKING:
    from scalegate.app.deciding import Instants, Prepared
    from scalegate.app.workspace import Workspace
    from scalegate.policy.vocabulary import Gate


def complete_gate(incomplete: str) -> list[str]:
    """Complete the name of a gate."""
    from scalegate.policy.vocabulary import Gate

    return [gate.value for gate in Gate if gate.value.startswith(incomplete)]


def complete_subject(incomplete: str) -> list[str]:
    """Complete a subject of the workspace; nothing where there is none."""
    from scalegate.base.errors import ScalegateError

    try:
        prepared = prepared_of(None, [], None, None)
        from scalegate.app.deciding import subjects_of

        return [name for name in subjects_of(prepared) if name.startswith(incomplete)]
    except ScalegateError:
        return []


def complete_framework(incomplete: str) -> list[str]:
    """Complete the name of a shipped framework."""
    from scalegate.wiring import find_frameworks

    return sorted(
        path.stem for path in find_frameworks().glob("*.yaml") if path.stem.startswith(incomplete)
    )


def complete_code(incomplete: str) -> list[str]:
    """Complete a lint code."""
    from scalegate.policy.codes import CODES

    return [code for code in sorted(CODES) if code.startswith(incomplete.upper())]


WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="Folder with scalegate.toml. Default: $SCALEGATE_WORKSPACE, else the nearest one "
        "upwards from here.",
    ),
]
PolicyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        "-p",
        help="Framework as ID@VERSION; repeat for several. Default: those of the workspace.",
        autocompletion=complete_framework,
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="Ask as of this instant: both what was true and what was known."),
]
KnownAtOption = Annotated[
    str | None, typer.Option("--known-at", help="Only what was known at this instant.")
]
AboutOption = Annotated[
    str | None, typer.Option("--about", help="Ask about this instant of the world.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Exit with the gates' code instead of 0.")
]
SubjectArgument = Annotated[
    str,
    typer.Argument(
        help="deployment:NAME, run:NAME, checkpoint:NAME or model:NAME.",
        autocompletion=complete_subject,
    ),
]
GateArgument = Annotated[
    str, typer.Argument(help="A gate, such as external_general.", autocompletion=complete_gate)
]
AskOption = Annotated[
    str, typer.Option("--ask", help="`start` (or widen), or `continue` what already runs.")
]


def instants_of(
    workspace: Workspace, as_of: str | None, spans: tuple[str | None, str | None]
) -> Instants:
    """Return the instants asked about: `--as-of` means both, the others separate them.

    Raises:
        FormatError: text that is not an instant with a zone, or a date.
    """
    from scalegate.app.deciding import Instants

    known_at, about = spans
    both = _instant(as_of, "--as-of") or workspace.clock.now()
    return Instants(
        true_at=_instant(about, "--about") or both,
        known_at=_instant(known_at, "--known-at") or both,
    )


def _instant(text: str | None, option: str) -> datetime | None:
    return None if text is None else parse_instant(text, path=option)


def workspace_of(folder: Path | None) -> Workspace:
    """Open the workspace asked for."""
    from scalegate.wiring import open_workspace

    return open_workspace(folder)


def prepared_of(
    folder: Path | None,
    policies: list[str] | None,
    as_of: str | None,
    spans: tuple[str | None, str | None] | None,
) -> Prepared:
    """Open the workspace and read it at the instants asked about."""
    from scalegate.app.deciding import prepare

    workspace = workspace_of(folder)
    return prepare(
        workspace, instants_of(workspace, as_of, spans or (None, None)), policies or None
    )


def gate_of(name: str) -> Gate:
    """Return a gate by name.

    Raises:
        UnknownName: no gate of that name.
    """
    from scalegate.policy.vocabulary import Gate

    try:
        return Gate(name.replace("-", "_"))
    except ValueError:
        raise UnknownName("gate", name, known=[gate.value for gate in Gate]) from None
