"""`crosswalk`: native ids of several policies beside shared words, each analogy with a reason."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from scalegate.base.errors import UnknownName
from scalegate.cli.asking import JsonOption, WorkspaceOption, instant_of, known_folder
from scalegate.cli.complete import complete_framework

if TYPE_CHECKING:
    from scalegate.app.crosswalks import CrosswalkResult

CITES = 3
"""So many citations of a gate are shown; `--json` has all."""


class KindOption(StrEnum):
    """What is compared."""

    DOMAIN = "domain"
    TIER = "tier"
    SAFEGUARD = "safeguard"
    GATE = "gate"
    ROLE = "role"


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("crosswalk", short_help="Native ids of policies beside shared words.")(crosswalk)


def crosswalk(
    *,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID@VERSION...]",
            help="The policies. Default: each in force on the day.",
            autocompletion=complete_framework,
        ),
    ] = None,
    kind: Annotated[KindOption | None, typer.Option("--kind", "-k", help="Only this kind.")] = None,
    word: Annotated[
        str | None,
        typer.Option("--to", metavar="WORD", help="Only this shared word, such as serious."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="The day of the default. Default: today."),
    ] = None,
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
) -> None:
    """List what in several policies is alike, as analogies with a reason; native ids are kept.

    An analogy is no equality, and nothing is decided by it.

    \b
    Example:
      scalegate crosswalk openai-pf@2 gdm-fsf@3.1 --kind tier
    """
    from scalegate.app.crosswalks import crosswalk as found_crosswalk
    from scalegate.app.workspace import names_in_force
    from scalegate.cli.screen import print_json
    from scalegate.wiring import policy_source

    source = policy_source(known_folder(workspace))
    asked = list(dict.fromkeys(names or names_in_force(source, instant_of(as_of))))
    chosen = None if kind is None else kind.value
    found = found_crosswalk(source, asked, kind=chosen, word=word)
    known = {each.id for each in found.words.words if chosen in {None, each.kind}}
    if word is not None and word not in known:
        raise UnknownName("shared word", word, known=known)
    if is_json:
        print_json("crosswalk", {"exit_code": 0, "frameworks": asked, **found.to_mapping()})
        return
    _show(found)


def _show(found: CrosswalkResult) -> None:
    from scalegate.cli.screen import heading, item, line

    for shared in found.words.words:
        rows = [
            each
            for each in found.analogies
            if (each.kind, each.neutral) == (shared.kind, shared.id)
        ]
        if not rows:
            continue
        heading(f"{shared.kind} {shared.id}: {shared.meaning}")
        said: dict[tuple[str, str, str], list[str]] = {}
        for each in rows:
            cites = "; ".join(each.cites[:CITES])
            more = f" and {len(each.cites) - CITES} more" if len(each.cites) > CITES else ""
            native = f"{each.native} [{cites}{more}]"
            said.setdefault((each.framework, each.fit, each.why), []).append(native)
        for (framework, fit, why), natives in said.items():
            item("-", f"{framework} ({fit}): {', '.join(natives)}. {why}")
    _show_missing(found)
    line()
    line("Analogies with reasons, not equalities; nothing is decided by them.")


def _show_missing(found: CrosswalkResult) -> None:
    from scalegate.cli.screen import heading, item, line

    if found.silent:
        heading("Gates at which a policy binds nothing")
    for name, gate, where in found.silent:
        item("-", f"{name}: {gate}. Searched: {where}")
    if found.gaps:
        heading("Without an analogy yet")
    for name, kind, native in found.gaps:
        item("-", f"{name}: {kind} {native}")
    for name in found.without:
        line(f"no crosswalk is written for {name}")
