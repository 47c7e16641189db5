"""The entry point: parse the words, run one verb, answer with the exit code of the design.

1. `--version` is answered before anything heavy is imported; each verb imports what it needs when
   it runs.
2. `--quiet` and `--no-color` may stand before the verb or after it.
3. Whatever ends a verb ends in words and an exit code (`faults`), never in a bare traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scalegate import __version__

_ANYWHERE = frozenset({"--quiet", "-q", "--no-color"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in (["--version"], ["-V"]):
        sys.stdout.write(f"scalegate {__version__}\n")
        return 0
    return run(words)


def run(words: Sequence[str]) -> int:
    """Run one verb, and return its exit code."""
    from scalegate.cli.faults import INTERRUPTED_BY_TYPER, USAGE, code_of_fault
    from scalegate.cli.screen import open_screen
    from scalegate.cli.verbs import build

    open_screen(words)
    asked = in_order(words) or ["--help"]
    try:
        found = build(asked)(args=asked, prog_name="scalegate", standalone_mode=False)
    except BaseException as fault:  # noqa: BLE001 - everything that ends a verb ends here, in words
        found = code_of_fault(fault, is_json="--json" in words)
    if found == INTERRUPTED_BY_TYPER:
        found = code_of_fault(KeyboardInterrupt(), is_json="--json" in words)
    code = found if isinstance(found, int) else 0
    try:
        sys.stdout.flush()  # an answer that could not be written is no answer
    except OSError as fault:
        unwritten = code_of_fault(fault, is_json=False)
        return USAGE if code == USAGE else unwritten
    return code if words else USAGE


def in_order(words: Sequence[str]) -> list[str]:
    """Return the words with the options of every verb in front; after `--` nothing moves."""
    end = words.index("--") if "--" in words else len(words)
    before, rest = list(words[:end]), list(words[end:])
    front = [word for word in before if word in _ANYWHERE]
    return [*front, *(word for word in before if word not in _ANYWHERE), *rest]


if __name__ == "__main__":
    sys.exit(main())
