"""One workspace of a shipped case for all tests, and two ways to run a verb in it.

`run_process` starts a real process, as a user does. `run_here` calls the same entry point in this
process: it costs a fraction, and is for the many questions whose answer is the text alone.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scalegate.cli.main import main

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "scalegate.cli")
SUBJECT = "deployment:opus-4-general"
RSP = "anthropic-rsp@2.2"
POLICIES = (RSP, "gdm-fsf@3.1", "openai-pf@2")
AS_OF = ("--as-of", "2025-05-23")
PATIENCE_SECONDS = 240
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def widest(self) -> int:
        """Columns of the widest line on stdout."""
        return max((len(line.rstrip()) for line in self.out.splitlines()), default=0)


def environment(**changes: str) -> dict[str, str]:
    """Return an environment like a user's plain terminal, 80 columns wide."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    plain = {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "80", "LANG": "C.UTF-8", "TERM": "dumb"}
    return {**kept, **plain, **changes}


def run_process(words: Sequence[str], cwd: Path | None = None, **changes: str) -> Ended:
    """Run the program in a process of its own."""
    done = subprocess.run(
        [*PROGRAM, *words],
        cwd=cwd,
        env=environment(**changes),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )
    encoding = changes.get("PYTHONIOENCODING", "utf-8")
    return Ended(
        code=done.returncode, out=done.stdout.decode(encoding), err=done.stderr.decode(encoding)
    )


def run_here(words: Sequence[str], columns: int = 80) -> Ended:
    """Run the entry point in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with (
        changed_environment({"COLUMNS": str(columns), "NO_COLOR": "1"}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(list(words))
    return Ended(code=code, out=_written(out), err=_written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextlib.contextmanager
def changed_environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Change environment variables for a while."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def without_colour(text: str) -> str:
    """Return the text without colour; any other escape sequence stays, to be noticed."""
    return _ESCAPE.sub("", text)


def opus_4(shared: Path) -> Path:
    """Return the workspace of the shipped case `opus-4`, made by whichever worker comes first."""
    place = shared / "opus-4-workspace"
    try:
        (shared / "opus-4-is-being-made").mkdir()
    except FileExistsError:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not place.exists():
            if time.monotonic() > deadline:
                raise TimeoutError("the worker that makes the workspace did not end") from None
            time.sleep(0.1)
        return place
    part = shared / "opus-4-part"
    policies = [word for name in POLICIES for word in ("-p", name)]
    ended = run_here(["init", str(part), "--example", "opus-4", *policies])
    assert ended.code == 0, ended.err
    part.replace(place)
    return place
