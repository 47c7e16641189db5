"""The entry point: parse the words, run one verb, answer with the exit code of the design.

`--version` is answered before anything heavy is imported. Each verb imports what it needs when it
runs. An error of ours is said in words; anything else is a fault of ours and says so, with the
traceback under `SCALEGATE_DEBUG=1`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from scalegate import __version__


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in (["--version"], ["-V"], ["version"]):
        sys.stdout.write(f"scalegate {__version__}\n")
        sys.exit(0)
    sys.exit(run(words))


def run(words: Sequence[str]) -> int:
    """Run one verb and return its exit code."""
    from scalegate.cli.faults import code_of_fault
    from scalegate.cli.verbs import build

    try:
        found = build()(args=list(words), prog_name="scalegate", standalone_mode=False)
    except BaseException as fault:  # noqa: BLE001 - everything that ends a verb ends here, in words
        return code_of_fault(fault, is_json="--json" in words)
    return found if isinstance(found, int) else 0
