#!/usr/bin/env python3
"""Compare any program with the published decisions: needs Python's standard library only.

    python conformance/published/run.py -- COMMAND [WORD]...

For each case folder the command is run with the folder as its last word. It prints one JSON
document of the form `scalegate/expected@1` and exits 0. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[2] / "src" / "scalegate" / "frameworks" / "cases"
BY_PEOPLE = {"cause", "because", "clause", "published_at"}
"""Fields of an expectation that no program computes; at a gate `published` is one too."""
SECONDS = 120


def main() -> int:
    """Run the command on every case; return 0 where all answers are as expected, else 1."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--cases", type=Path, default=CASES, help="folder of LAB/CASE folders")
    words.add_argument("--only", default="", help="one LAB or LAB/CASE")
    words.add_argument("command", nargs="+", help="the program, after --")
    asked = words.parse_args()
    folders = sorted(file.parent for file in asked.cases.glob("*/*/case.yaml"))
    names = {f"{each.parent.name}/{each.name}": each for each in folders}
    chosen = {
        name: folder
        for name, folder in names.items()
        if asked.only in ("", name, name.partition("/")[0])
    }
    if not chosen:
        print(f"no case `{asked.only}` in {asked.cases}", file=sys.stderr)
        return 2
    good = 0
    for name, folder in chosen.items():
        faults = list(differences(asked.command, folder))
        good += not faults
        for fault in faults:
            print(f"{name}: {fault}")
    print(f"{len(chosen)} case{'' if len(chosen) == 1 else 's'}, {good} as expected")
    return 0 if good == len(chosen) else 1


def differences(command: list[str], folder: Path) -> Iterator[str]:
    """Yield what the command answers otherwise than expected, or why it did not answer."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    try:
        done = subprocess.run(
            [*command, str(folder)], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as cause:
        yield f"no answer: {cause}"
        return
    if done.returncode != 0:
        yield f"exit {done.returncode}: {done.stderr.strip()[:400]}"
        return
    try:
        found = json.loads(done.stdout)
    except ValueError:
        yield "the answer is not one JSON document"
        return
    yield from compared(expected, found, "")


def compared(expected: Any, found: Any, where: str) -> Iterator[str]:
    """Yield where an answer lacks, or contradicts, what is expected; more than that is allowed."""
    if isinstance(expected, dict) and isinstance(found, dict):
        at_gate = "gate" in expected
        for key, value in expected.items():
            if key not in BY_PEOPLE and not (at_gate and key == "published"):
                yield from compared(value, found.get(key), f"{where}/{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, pair in enumerate(zip(expected, found, strict=True)):
            yield from compared(*pair, f"{where}/{number}")
    elif expected != found:
        yield f"{where}: expected {json.dumps(expected)}, got {json.dumps(found)}"


if __name__ == "__main__":
    raise SystemExit(main())
