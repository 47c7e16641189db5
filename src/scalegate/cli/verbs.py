"""All verbs, put together. Each verb's module is light; what it needs is imported when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from scalegate.cli import (
    verb_demo,
    verbs_asking,
    verbs_deciding,
    verbs_evidence,
    verbs_policy,
    verbs_workspace,
)

ABOUT = """Decide, from evidence, whether a frontier model may be trained further or deployed under
a responsible-scaling policy; say why; hold if it cannot be told.

Exit codes: 0 every asked gate is open (or the verb did its job); 2 wrong usage or invalid input;
10 held by something known to be unmet; 11 held for want of evidence; 12 verification failed;
13 depends on an unresolved reading; 15 a gate is not governed and none is held; 1 internal error.
"""


def build() -> typer.core.TyperGroup:
    """Return the command line as one group of verbs."""
    app = typer.Typer(
        name="scalegate",
        help=ABOUT,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for module in (
        verb_demo,
        verbs_workspace,
        verbs_policy,
        verbs_evidence,
        verbs_deciding,
        verbs_asking,
    ):
        module.register(app)
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return group


def _root(
    is_version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
    is_silent: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress on stderr.")
    ] = False,
    is_plain: Annotated[
        bool, typer.Option("--no-color", help="No colour; NO_COLOR does the same.")
    ] = False,
) -> None:
    from scalegate import __version__
    from scalegate.cli.screen import line
    from scalegate.wiring import show_less

    show_less(is_quiet=is_silent, is_colourless=is_plain)
    if is_version:
        line(f"scalegate {__version__}")
        raise typer.Exit(0)
