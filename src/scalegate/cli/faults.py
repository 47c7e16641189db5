"""From whatever ended a verb to words on stderr and an exit code.

1. Errors of ours carry their code. What the parser of the command line refuses is wrong usage (2).
2. Anything else is a fault of ours (1): one line; the traceback only where it is asked for.
3. With `--json` the error is the one document on stdout, too; stderr still says it for people.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress

from scalegate.base.errors import DocumentFaults, FormatError, ScalegateError
from scalegate.base.plain_text import plain
from scalegate.cli.screen import print_json
from scalegate.wiring import is_debugging

USAGE, INTERNAL = 2, 1
INTERRUPTED_BY_TYPER = 130
_LONGEST = 900


def code_of_fault(fault: BaseException, *, is_json: bool) -> int:
    """Say what ended the verb on stderr, and return the exit code that it has."""
    if isinstance(fault, SystemExit):
        return fault.code if isinstance(fault.code, int) else USAGE
    if isinstance(fault, OSError) and fault.filename is None:
        return _unwritten(fault)
    if isinstance(fault, ScalegateError):
        return _ended(fault.diagnostics(), fault.exit_code, _faults(fault), is_json=is_json)
    if isinstance(fault, KeyboardInterrupt) or type(fault).__name__ == "Abort":
        return _ended("interrupted; what was acknowledged is kept", INTERNAL, (), is_json=is_json)
    # Typer brings its own copy of Click's errors, or Click's own: known by what they can do.
    if hasattr(fault, "format_message"):
        return _ended(_usage(fault), USAGE, (), is_json=is_json)
    return _internal(fault, is_json=is_json)


def _ended(text: str, code: int, faults: tuple[FormatError, ...], *, is_json: bool) -> int:
    if is_json:
        listed = [each.to_mapping() for each in faults]
        with suppress(OSError):  # where stdout cannot be written, stderr says it all the same
            print_json("error", {"exit_code": code, "message": text, "faults": listed})
    head, *rest = text.splitlines()
    sys.stderr.write(f"error: {plain(head, limit=_LONGEST)}\n")
    for line in rest:
        sys.stderr.write(f"{plain(line, limit=_LONGEST)}\n")
    return code


def _unwritten(fault: OSError) -> int:
    """Give up stdout, which cannot be written; say so, unless its reader just went away."""
    with suppress(OSError, ValueError):
        # Keeps the interpreter from complaining when it flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(fault, BrokenPipeError):
        return INTERNAL
    reason = (fault.strerror or "it is closed").lower()
    return _ended(f"cannot write the result: {reason}", INTERNAL, (), is_json=False)


def _usage(fault: BaseException) -> str:
    context = getattr(fault, "ctx", None)
    if type(fault).__name__ == "NoArgsIsHelpError" and context is not None:
        verbs = ", ".join(context.command.list_commands(context))
        return f"no command given; expected one of {verbs}; see `{context.command_path} --help`"
    said = str(getattr(fault, "format_message", fault.__str__)()).rstrip(".")
    what = " ".join(f"{said[:1].lower()}{said[1:]}".split()).replace("'", "`")
    for theirs, ours in _OF_THE_PARSER:
        what = what.replace(theirs, ours)
    hint = f"{context.command_path} --help" if context is not None else "scalegate --help"
    return f"{what}; see `{hint}`"


_OF_THE_PARSER = (
    ("Value error, ", ""),
    ("Input should be a ", "expected a "),
    ("Input should be ", "expected a value "),
    (", unable to parse string as a number", ""),
    (", unable to parse string as an integer", ""),
)
"""Words of the parser's own library, and ours for them."""


def _faults(fault: ScalegateError) -> tuple[FormatError, ...]:
    if isinstance(fault, DocumentFaults):
        return fault.faults
    return (fault,) if isinstance(fault, FormatError) else ()


def _internal(fault: BaseException, *, is_json: bool) -> int:
    is_traced = is_debugging()
    if is_traced:
        traceback.print_exception(fault)
    next_step = "" if is_traced else "; run it again with SCALEGATE_DEBUG=1 and report what it says"
    said = " ".join(f"{type(fault).__name__}: {fault}".split())
    text = f"fault of this program, nothing was decided; {plain(said, limit=300)}{next_step}"
    return _ended(text, INTERNAL, (), is_json=is_json)
