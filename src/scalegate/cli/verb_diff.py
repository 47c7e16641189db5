"""`diff`: what a newer policy loosened or tightened against an older one, proved."""

from __future__ import annotations

import gc
import json
import sys
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalegate.base.errors import FormatError, UsageError
from scalegate.base.plain_text import plain
from scalegate.cli.asking import JsonOption, WorkspaceOption, known_folder
from scalegate.cli.complete import complete_framework

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scalegate.app.comparing import Choice, ComparisonResult
    from scalegate.app.labs import BacktestedGate
    from scalegate.compare.certificate import Certificate
    from scalegate.ports import PolicySource
    from scalegate.report.difference import DifferenceView

MAX_BYTES = 64_000_000
LOOSER, UNDECIDED = 14, 11


class FailOn(StrEnum):
    """What ends the verb with exit 14."""

    LOOSER = "looser"
    """The newer policy is looser somewhere: a gate, or an element."""
    LOOSER_GATES = "looser-gates"
    """A gate of it is looser somewhere."""
    DIFFERENT = "different"
    """Anything differs."""
    NEVER = "never"
    """Nothing does."""


class EngineName(StrEnum):
    """With what to search; the names of `compare.model.Engine`."""

    AUTO = "auto"
    POINTS = "points"
    SAT = "sat"


HistoryOption = Annotated[
    str | None,
    typer.Option(
        "--history",
        metavar="LAB",
        help="End with this lab's past decisions under NEW: anthropic, openai, ...",
    ),
]
EngineOption = Annotated[
    EngineName,
    typer.Option(
        "--engine",
        help="`points` needs no solver; `sat` is one; `auto` takes it where that is needed.",
    ),
]
CertificateOption = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="FILE", help="Write the certificate to this file."),
]
ProofOption = Annotated[
    bool,
    typer.Option("--proof", help="Log a solver's proofs of completeness in the certificate."),
]
BridgeOption = Annotated[
    str,
    typer.Option(
        "--bridge",
        metavar="FILE",
        help="The bridge to use instead of the shipped one; `none` matches parts by id.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the verb of this module."""
    app.command("diff", short_help="What a revision loosened, with a proof.")(diff)


def diff(
    *,
    old: Annotated[
        str,
        typer.Argument(metavar="OLD", help="The older policy.", autocompletion=complete_framework),
    ],
    new: Annotated[
        str,
        typer.Argument(metavar="NEW", help="The newer policy.", autocompletion=complete_framework),
    ],
    workspace: WorkspaceOption = None,
    is_json: JsonOption = False,
    is_markdown: Annotated[
        bool, typer.Option("--md", help="Write the result as Markdown.")
    ] = False,
    is_sarif: Annotated[
        bool, typer.Option("--sarif", help="Write the result as SARIF 2.1.0.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write one HTML page to this file as well."),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="What ends with exit 14.")
    ] = FailOn.LOOSER,
    bridge: BridgeOption = "",
    history: HistoryOption = None,
    engine: EngineOption = EngineName.AUTO,
    certificate: CertificateOption = None,
    is_proved: ProofOption = False,
    checked: Annotated[
        Path | None,
        typer.Option(
            "--verify", metavar="CERT", help="Check this certificate instead; exit 12 if refused."
        ),
    ] = None,
) -> None:
    """List every minimal situation that one policy holds and the other lets through.

    Policies are compared as they are written down here. What a revision renamed or merged is
    matched as the bridge between the two versions says; where readers disagree, under each reading.

    \b
    Example:
      scalegate diff anthropic-rsp@2.1 anthropic-rsp@2.2
    """
    from scalegate.app.comparing import compare_versions
    from scalegate.cli.backtesting import decided_anew
    from scalegate.wiring import comparison_means, policy_source

    if sum((is_json, is_markdown, is_sarif)) > 1:
        raise UsageError("one result at a time", hint="choose one of --json, --md and --sarif")
    if is_proved and certificate is None:
        raise UsageError("a proof goes with a certificate", hint="name one with --certificate FILE")
    source, choice = policy_source(known_folder(workspace)), _choice(bridge)
    if checked is not None:
        _refuse_to_make(is_markdown or is_sarif, html, history, certificate)
        _check((old, new), source, checked, choice, is_json=is_json)
        return
    if history is not None and is_sarif:
        raise UsageError("SARIF has no place for past decisions", hint="leave out --history")
    past = None if history is None else decided_anew(history, new, source)
    result = compare_versions(old, new, source, choice, means=comparison_means(engine))
    code = exit_code(result, fail_on)
    view = _view(result, past)
    _write_certificate(result, certificate, is_proved=is_proved)
    _write_page(view, html)
    _print(result, view, (code, past), (is_json, is_markdown, is_sarif))
    raise typer.Exit(code)


def _check(
    ends: tuple[str, str], source: PolicySource, file: Path, choice: Choice, *, is_json: bool
) -> None:
    from scalegate.app.comparing import check_certificate

    with _without_collector():
        held = check_certificate(ends, source, _plain(file), choice)
    _say_held(held, is_json=is_json)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Spare the cyclic collector a certificate: it grows, holds no cycles, and ends with the verb.

    A large one is read in a fraction of the time so.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def _refuse_to_make(*made: object) -> None:
    if any(made):
        raise UsageError(
            "`--verify` checks a certificate and makes nothing",
            hint="leave out --md, --sarif, --html, --history and --certificate",
        )


def _view(result: ComparisonResult, past: Sequence[BacktestedGate] | None) -> DifferenceView:
    from dataclasses import replace

    from scalegate.cli.backtesting import panel

    view = result.view()
    return view if past is None else replace(view, past=panel(past, result.new.policy.name))


def _write_certificate(result: ComparisonResult, file: Path | None, *, is_proved: bool) -> None:
    from scalegate.wiring import write_whole

    if file is None:
        return
    plain = result.certificate(with_proofs=is_proved).to_mapping()
    write_whole(file, json.dumps(plain, indent=1, allow_nan=False) + "\n")


def _write_page(view: DifferenceView, file: Path | None) -> None:
    from scalegate import __version__
    from scalegate.report.difference_html import render_difference
    from scalegate.wiring import write_whole

    if file is not None:
        write_whole(file, render_difference(view, engine=__version__))


def _print(
    result: ComparisonResult,
    view: DifferenceView,
    found: tuple[int, Sequence[BacktestedGate] | None],
    forms: tuple[bool, bool, bool],
) -> None:
    from scalegate import __version__
    from scalegate.cli.backtesting import as_data
    from scalegate.cli.screen import line, print_json
    from scalegate.report.difference_markdown import markdown
    from scalegate.report.difference_sarif import sarif
    from scalegate.report.difference_text import text_lines

    (code, past), (is_json, is_markdown, is_sarif) = found, forms
    if is_json:
        panel = {} if past is None else {"backtest": as_data(past, result.new.policy.name)}
        print_json("diff", {"exit_code": code, **result.to_mapping(), **panel})
    elif is_markdown:
        sys.stdout.write(markdown(view))
    elif is_sarif:
        files, lines = result.places()
        log = sarif(view, engine=__version__, files=files, lines=lines)
        sys.stdout.write(json.dumps(log, indent=1, allow_nan=False) + "\n")
    else:
        for each in text_lines(view):
            line(each.lstrip(), indent=len(each) - len(each.lstrip()))
        if past is not None:
            _show_past(past, result.new.policy.name)


def _show_past(past: Sequence[BacktestedGate], policy: str) -> None:
    from scalegate.cli.backtesting import text_lines
    from scalegate.cli.screen import heading, line

    heading("Past decisions")
    for indent, text in text_lines(past, policy):
        line(text, indent=indent + 2)


def exit_code(result: ComparisonResult, fail_on: FailOn) -> int:
    """Return 14 for what was asked to fail, 11 where that could not be decided, else 0.

    Under any reading: what one of them lets fail fails.
    """
    readings = result.readings
    every = (readings.main, *readings.rivals.values())
    fails = {
        FailOn.LOOSER: any(each.is_looser_somewhere for each in every),
        FailOn.LOOSER_GATES: any(item.loosened for each in every for item in each.comparisons),
        FailOn.DIFFERENT: any(
            each.is_looser_somewhere or each.is_stricter_somewhere or each.elements
            for each in every
        ),
        FailOn.NEVER: False,
    }[fail_on]
    if fails:
        return LOOSER
    is_decided = all(each.is_decided for each in every)
    return 0 if is_decided or fail_on is FailOn.NEVER else UNDECIDED


def _say_held(held: Certificate, *, is_json: bool) -> None:
    from scalegate.cli.screen import line, print_json

    count = sum(len(table.old) + len(table.new) for table in held.tables)
    solved = sum(len(table.loosened) + len(table.tightened) for table in held.solved)
    proofs = sum(bool(each) for table in held.tables for each in (table.old_proof, table.new_proof))
    proofs += 2 * len(held.solved)
    silent = sum(item.table < 0 and item.solved < 0 for item in held.questions)
    content: dict[str, Any] = {
        "old": held.old,
        "new": held.new,
        "bridge": held.bridge,
        "bridge_digest": held.bridge_digest,
        "points": count,
        "solved": solved,
        "proofs": proofs,
        "undecided": silent,
    }
    if is_json:
        print_json("diff-verified", {"exit_code": 0, "verified": True, **content})
        return
    bridge = f" under bridge {held.bridge_digest[:12]}" if held.bridge else ""
    count_of = f"{len(held.rivals)} rival reading{'' if len(held.rivals) == 1 else 's'}"
    rivals = f", and under {count_of}" if held.rivals else ""
    proved = f"; {proofs} proofs of a solver hold" if proofs else ""
    by_solver = f" and {solved} situations that a solver found" if held.solved else ""
    unsaid = f"; {silent} of these it leaves undecided, and says nothing of them" if silent else ""
    line(
        f"the certificate holds: {count} minimal hold points{by_solver} of {held.old} and"
        f" {held.new}{bridge},"
        f" {len(held.questions)} questions{rivals}; nothing missing, nothing added{proved}{unsaid}"
    )


def _choice(bridge: str) -> Choice:
    from scalegate.app.comparing import Choice
    from scalegate.wiring import read_policy_text

    if bridge in ("", "none"):
        return Choice(is_none=bridge == "none")
    return Choice(given=read_policy_text(Path(bridge)))


def _plain(path: Path) -> object:
    shown = plain(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as cause:
        reason = (cause.strerror or "unreadable").lower()
        raise UsageError(f"cannot open `{shown}`: {reason}", hint="check the path") from cause
    if len(content) > MAX_BYTES:
        raise FormatError("file too large", file=shown, expected=f"at most {MAX_BYTES} bytes")
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError) as cause:
        raise FormatError("not JSON", file=shown, expected="a certificate") from cause
    return found
