"""The fence in the root conftest.py catches a pure room that touches the outside world."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.architecture.source_tree import PURE_ROOMS, ROOT

LEAKS = {
    "a file": "open(argument).close()",
    "a file through pathlib": "import pathlib; pathlib.Path(argument).read_bytes()",
    "a folder": "import os; os.listdir('.')",
    "a socket": "import socket; socket.socket()",
    "a process": "import subprocess; subprocess.run(['true'])",
    "a database": "import sqlite3; sqlite3.connect(':memory:')",
    "the environment": "import os; os.putenv('SCALEGATE_PLANTED', '1')",
}


def planted(module: str, body: str) -> dict[str, Any]:
    """Return the namespace of a module that does not exist, as if it stood in that room."""
    names: dict[str, Any] = {"__name__": module}
    exec(compile(f"def act(argument):\n    {body}\n", "<planted>", "exec"), names)
    return names


@pytest.fixture
def fence(request: pytest.FixtureRequest) -> ModuleType:
    plugin = request.config.pluginmanager.get_plugin(str(ROOT / "conftest.py"))
    assert isinstance(plugin, ModuleType)
    return plugin


@pytest.mark.parametrize("leak", LEAKS)
def test_a_pure_room_that_opens_something_is_refused(fence: ModuleType, leak: str) -> None:
    act = planted("scalegate.gate.planted", LEAKS[leak])["act"]
    with pytest.raises(
        AssertionError, match=r"^scalegate\.gate\.planted touched the outside world"
    ):
        act(__file__)
    assert fence.leaks
    fence.leaks.clear()


@pytest.mark.parametrize("room", sorted(PURE_ROOMS))
def test_the_fence_stands_around_every_pure_room(fence: ModuleType, room: str) -> None:
    with pytest.raises(AssertionError):
        planted(f"scalegate.{room}", LEAKS["a file"])["act"](__file__)
    fence.leaks.clear()


@pytest.mark.parametrize(
    "module", ["scalegate.adapters.planted", "scalegate.wiring", "scalegate.reporting", "elsewhere"]
)
def test_a_door_may_open_files(fence: ModuleType, module: str) -> None:
    planted(module, LEAKS["a file"])["act"](__file__)
    assert not fence.leaks


def test_a_door_may_open_files_while_a_pure_function_consumes_it(fence: ModuleType) -> None:
    rows = planted("scalegate.adapters.planted", "yield open(argument).close()")["act"](__file__)
    planted("scalegate.estimate.planted", "return list(argument)")["act"](rows)
    assert not fence.leaks


def test_a_pure_room_may_import_late(fence: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "module_of_the_fence_test.py").write_text("answer = 42\n")
    sys.path.insert(0, str(tmp_path))
    try:
        planted("scalegate.policy.planted", "import module_of_the_fence_test")["act"](None)
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("module_of_the_fence_test", None)
    assert not fence.leaks


def test_swallowed_leaks_and_unearned_skips_fail_and_slow_tests_wait(tmp_path: Path) -> None:
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  slow: x\n  services: x\n")
    (tmp_path / "test_planted.py").write_text(
        "import pytest\n"
        "def test_swallowed():\n"
        "    names = {'__name__': 'scalegate.gate.planted'}\n"
        "    exec('def act():\\n  try: open(\"x\")\\n  except Exception: pass\\n'\n"
        "         '  except AssertionError: pass', names)\n"
        "    names['act']()\n"
        "def test_skipped():\n    pytest.skip('no wish')\n"
        "@pytest.mark.services\ndef test_service():\n    pytest.skip('no browser')\n"
        "@pytest.mark.slow\ndef test_slow(): pass\n"
        "def test_good(): pass\n"
    )

    def outcome(*arguments: str, required: str = "0") -> str:
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path,
            env={"SCALEGATE_REQUIRE_SERVICES": required},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return result.stdout.strip().splitlines()[-1]

    assert "2 failed, 1 passed, 2 deselected" in outcome()
    assert "2 failed, 2 passed, 1 skipped" in outcome("--slow", "--services")
    assert "3 failed, 2 passed" in outcome("--slow", "--services", required="1")
