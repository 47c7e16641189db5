"""Play a page of the documentation: write the files it shows, run the commands it shows.

A file is a line with its name in backticks and a colon, followed by a `yaml` or `json` block. A
command is a line of a `console` block that begins with `$ `; what follows is its output. A line
`...` in the output stands for any lines. A page that says `<!-- starts where PAGE ends -->` begins
in the folder that the named page leaves behind.

Commands run from a folder with `examples/inspect-logs` in it, 80 columns wide, without colour.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FILE = re.compile(
    r"^`(?P<name>[\w.@/-]+\.(?:yaml|json|toml))`:\n\n```\w+\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

CONSOLE = re.compile(r"^```console\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
STARTS = re.compile(r"<!-- starts where (?P<page>[\w./-]+) ends -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One command of a page, as shown and as it went."""

    command: str
    """The command."""
    shown: str
    """The output on the page."""
    got: str
    """The output now."""

    @property
    def holds(self) -> bool:
        """Whether the page shows what comes out, `...` standing for any lines."""
        parts = [re.escape(part) for part in re.split(r"(?m)^\.\.\.\n", self.shown)]
        return re.fullmatch("(?:.*\n)*".join(parts), self.got) is not None


class Shell:
    """Runs commands one after the other and remembers the folder and the last exit code."""

    def __init__(self, home: Path) -> None:
        self.folder = home
        self.code = 0
        self._environment = {
            "PATH": f"{home / '.bin'}:{os.environ.get('PATH', '')}",
            "HOME": str(home),
            "COLUMNS": "80",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "LANG": "C.UTF-8",
        }

    def run(self, command: str) -> str:
        """Run one command and return what it printed, standard error included."""
        if command.startswith("cd "):
            self.folder = (self.folder / command[3:]).resolve()
            return ""
        done = subprocess.run(
            ["bash", "-c", f"(exit {self.code}); {command}"],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        self.code = done.returncode
        shown = done.stdout.replace(str(self._environment["HOME"]), "~")
        return "".join(f"{line.rstrip()}\n" for line in shown.splitlines())


def play(page: str, home: Path) -> list[Played]:
    """Play a page below `docs/` in a new folder, which begins as its page says."""
    start = STARTS.search((DOCS / page).read_text(encoding="utf-8"))
    if start is None:
        _furnish(home)
        return _play(page, Shell(home))
    left, folder = _left_behind(start["page"])
    shutil.copytree(left, home, dirs_exist_ok=True)
    shell = Shell(home)
    shell.folder = home / folder
    return _play(page, shell)


def rewritten(page: str, played: list[Played]) -> str:
    """Return the page with the output that came out, wherever what it shows no longer holds."""
    text = (DOCS / page).read_text(encoding="utf-8")
    steps = iter(played)

    def anew(block: re.Match[str]) -> str:
        lines = []
        for command, _ in commands_of(block["text"]):
            step = next(steps)
            lines.append(f"$ {command}\n{step.shown if step.holds else step.got}")
        return "```console\n" + "".join(lines) + "```"

    return CONSOLE.sub(anew, text)


def commands_of(block: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output shown below it."""
    found: list[tuple[str, str]] = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:].rstrip("\n"), ""))
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


@cache
def _left_behind(page: str) -> tuple[Path, Path]:
    """Play a page once; return the folder that it leaves, and where in it the shell stands."""
    home = Path(tempfile.mkdtemp(prefix="scalegate-page-")).resolve()
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    _furnish(home)
    shell = Shell(home)
    _play(page, shell)
    return home, shell.folder.relative_to(home)


def _play(page: str, shell: Shell) -> list[Played]:
    text = (DOCS / page).read_text(encoding="utf-8")
    steps = [(block.start(), block) for block in FILE.finditer(text)]
    steps += [(block.start(), block) for block in CONSOLE.finditer(text)]
    played: list[Played] = []
    for _, block in sorted(steps, key=lambda step: step[0]):
        if block.re is FILE:
            target = shell.folder / block["name"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block["text"], encoding="utf-8")
            continue
        for command, shown in commands_of(block["text"]):
            played.append(Played(command=command, shown=shown, got=shell.run(command)))
    return played


def _furnish(home: Path) -> None:
    """Put the examples and a `scalegate` of this checkout where the commands find them."""
    logs = Path("examples") / "inspect-logs"
    shutil.copytree(ROOT / logs, home / logs)
    program = home / ".bin" / "scalegate"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT / 'src')!r})\n"
        "from scalegate.cli.main import main\nsys.exit(main())\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
