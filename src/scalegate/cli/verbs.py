"""All verbs, put together. A verb's module is imported when the verb is asked for, or its help."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

ABOUT = """Decide, from evidence, whether a frontier model may be trained further or
deployed under a responsible-scaling policy; say why; hold where it cannot be told.

\b
Start here:
  scalegate demo                          real evidence, three labs' policies
  scalegate init my-lab && cd my-lab      a workspace of your own
  scalegate evidence import LOGS          Inspect logs and documents
  scalegate status model:NAME             every gate under every policy
  scalegate gate model:NAME internal      the answer as an exit code

\b
Exit codes:
   0  every asked gate is open, or the verb did its job
   1  fault of this program, or of something outside it
   2  wrong usage, unreadable or invalid input
  10  held or restricted: a requirement is known to be unmet
  11  held, inconclusive: evidence is missing, stale, blunt or invalid
  12  verification failed: altered, incomplete or damaged
  13  the answer depends on a reading that nobody fixed
  14  `diff`: the newer policy is looser somewhere
  15  a gate asked for is not governed, and nothing is held
  16  `replay`: a recorded expectation was not met
One code per call, the first that applies: 2, 1, 12, 10, 11, 13, 15, 0.
"""

VERBS = {
    "demo": "verb_demo",
    "init": "verbs_workspace",
    "doctor": "verbs_workspace",
    "lint": "verbs_policy",
    "explain": "verbs_policy",
    "policy": "verbs_policy_file",
    "frameworks": "verbs_frameworks",
    "regime": "verb_regime",
    "crosswalk": "verb_crosswalk",
    "diff": "verb_diff",
    "compare": "verbs_labs",
    "backtest": "verbs_labs",
    "replay": "verb_replay",
    "evidence": "verbs_evidence",
    "design": "verb_design",
    "plan": "verb_plan",
    "disclose": "verb_disclose",
    "assess": "verbs_deciding",
    "sharpness": "verb_sharpness",
    "forecast": "verb_forecast",
    "status": "verbs_deciding",
    "gate": "verbs_deciding",
    "report": "verbs_deciding",
    "why": "verbs_asking",
    "why-not": "verbs_asking",
    "what-if": "verbs_asking",
    "clocks": "verbs_asking",
    "register": "verb_register",
    "order": "verb_order",
    "decide": "verbs_permit",
    "permit": "verbs_permit",
    "record": "verb_statement",
    "keys": "verb_keys",
    "ledger": "verb_ledger",
    "witness": "verbs_record",
    "bundle": "verb_bundle",
    "verify": "verb_bundle",
    "publish": "verb_bundle",
    "incident": "verb_incident",
    "affected": "verb_affected",
    "documents": "verb_documents",
    "organisms": "verb_organisms",
}
"""Each verb and the module that has it, in the order of the help."""


def build(words: Sequence[str] = ()) -> Any:
    """Return the command line as one group: with the verb asked for, or with all of them."""
    app = typer.Typer(
        name="scalegate",
        help=ABOUT,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    verb = next((word for word in words if not word.startswith("-")), None)
    needed = [VERBS[verb]] if verb in VERBS else VERBS.values()
    for module in dict.fromkeys(needed):
        import_module(f"scalegate.cli.{module}").register(app)
    return typer.main.get_command(app)


def _say_version(is_asked: bool) -> None:
    from scalegate import __version__
    from scalegate.cli.screen import line

    if is_asked:
        line(f"scalegate {__version__}")
        raise typer.Exit(0)


def _root(
    *,
    is_version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", help="Print the version.", is_eager=True, callback=_say_version
        ),
    ] = False,
    is_quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress on stderr. Also after the verb.")
    ] = False,
    is_colourless: Annotated[
        bool, typer.Option("--no-color", help="No colour, as with NO_COLOR. Also after the verb.")
    ] = False,
) -> None:
    del is_version, is_quiet, is_colourless  # taken above, and by `screen.open_screen`
