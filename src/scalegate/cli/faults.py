"""From whatever ended a verb to words on stderr and an exit code."""

from __future__ import annotations

import json
import os
import sys
import traceback

from scalegate.base.errors import DocumentFaults, FormatError, ScalegateError
from scalegate.base.plain_text import plain
from scalegate.wiring import is_debugging

USAGE, INTERNAL, INTERRUPTED = 2, 1, 130


def code_of_fault(fault: BaseException, *, is_json: bool) -> int:
    """Say what ended the verb on stderr, and return the exit code that it has."""
    import click

    if isinstance(fault, (SystemExit, click.exceptions.Exit)):
        code = fault.code if isinstance(fault, SystemExit) else fault.exit_code
        return code if isinstance(code, int) else 0
    if isinstance(fault, (KeyboardInterrupt, click.exceptions.Abort)):
        sys.stderr.write("interrupted; what was acknowledged is kept\n")
        return INTERRUPTED
    if isinstance(fault, BrokenPipeError):
        # The reader went away; keep the interpreter from complaining when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERNAL
    if isinstance(fault, click.ClickException):
        sys.stderr.write(f"{_usage(fault)}\n")
        return USAGE
    if isinstance(fault, ScalegateError):
        _say(fault, is_json=is_json)
        return fault.exit_code
    return _internal(fault)


def _usage(fault: object) -> str:
    import click

    assert isinstance(fault, click.ClickException)
    context = getattr(fault, "ctx", None)
    hint = f"; try `{context.command_path} --help`" if context is not None else ""
    return f"error: {plain(fault.format_message(), limit=600)}{hint}"


def _say(fault: ScalegateError, *, is_json: bool) -> None:
    if is_json:
        document = {
            "schema_version": "1.0",
            "kind": "error",
            "exit_code": fault.exit_code,
            "message": str(fault),
            "faults": [each.to_mapping() for each in _faults(fault)],
        }
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    for line in fault.diagnostics().splitlines():
        sys.stderr.write(f"{plain(line, limit=900)}\n" if line.startswith("  ") else _headed(line))


def _headed(line: str) -> str:
    return f"error: {plain(line, limit=900)}\n"


def _faults(fault: ScalegateError) -> tuple[FormatError, ...]:
    if isinstance(fault, DocumentFaults):
        return fault.faults
    return (fault,) if isinstance(fault, FormatError) else ()


def _internal(fault: BaseException) -> int:
    if is_debugging():
        traceback.print_exception(fault)
    name = type(fault).__name__
    sys.stderr.write(
        f"internal error: {name}: {plain(fault, limit=300)}; nothing was decided; "
        "run again with SCALEGATE_DEBUG=1 and report it\n"
    )
    return INTERNAL
