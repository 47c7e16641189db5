"""The walls of the design hold, and every room stands behind one (docs/adr/0001)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGE, ROOT, pure_rooms, rooms

LINTER = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


def contracts() -> dict[str, dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {each["name"]: each for each in settings["tool"]["importlinter"]["contracts"]}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-c", LINTER, "--no-cache", "--config", "pyproject.toml"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_import_contract_is_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


def test_every_pure_room_that_exists_is_kept_from_the_outside() -> None:
    listed = contracts()["The core does no I/O"]["source_modules"]
    assert isinstance(listed, list)
    assert {f"scalegate.{room}" for room in pure_rooms()} <= set(listed)


def test_every_room_that_exists_has_its_place_in_the_layers() -> None:
    layers = contracts()["Rooms import downwards only"]["layers"]
    assert isinstance(layers, list)
    placed = {room.strip(" ()") for layer in layers for room in layer.split("|")}
    assert set(rooms()) - {"frameworks"} <= placed


@pytest.mark.parametrize(
    ("planted", "statement", "contract"),
    [
        ("policy/planted.py", "import scalegate.evidence", "The ruler never sees"),
        ("estimate/planted.py", "import scalegate.policy", "The measurement never sees"),
        ("gate/planted.py", "def late() -> None:\n    import socket", "The core does no I/O"),
        ("base/planted.py", "import scalegate.report", "Rooms import downwards only"),
    ],
)
def test_a_planted_breach_breaks_its_contract(
    tmp_path: Path, planted: str, statement: str, contract: str
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "src" / "scalegate")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "scalegate" / planted).write_text(f'"""Planted."""\n{statement}\n')
    result = lint(tmp_path)
    broken = [line for line in result.stdout.splitlines() if "BROKEN" in line]
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(line.startswith(contract) for line in broken), result.stdout
