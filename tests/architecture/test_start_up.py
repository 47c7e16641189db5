"""Starting is cheap: what is heavy is imported by the verb that needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture.source_tree import PACKAGE, rooms

HEAVY = ("numpy", "scipy", "pydantic", "sqlalchemy", "typer", "rich", "jinja2", "inspect_ai")
ASK = "import sys; print(' '.join(m for m in {heavy!r} if m in sys.modules), end='')"
SAY_VERSION = """
import sys
sys.argv = ["scalegate", "--version"]
from scalegate.cli.main import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print()
"""


def run(program: str) -> list[str]:
    """Run a program in a fresh interpreter; return the lines it printed."""
    result = subprocess.run(
        [sys.executable, "-c", program + "\n" + ASK.format(heavy=HEAVY)],
        env={"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split("\n")


@pytest.mark.parametrize(
    "module", ["scalegate", *(f"scalegate.{room}" for room in rooms() if room != "frameworks")]
)
def test_importing_a_room_imports_nothing_heavy(module: str) -> None:
    assert run(f"import {module}") == [""]


def test_saying_the_version_imports_nothing_heavy() -> None:
    lines = run(SAY_VERSION)
    assert lines[0].startswith("scalegate ")
    assert lines[-1] == ""
