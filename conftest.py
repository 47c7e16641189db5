"""Fences around every test: pure rooms stay pure, slow lanes are asked for, skips are earned.

1. A pure room that opens a file, a socket, a process, a thread or a database while a test runs
   fails that test, even if the room swallows the error. Imports alone cannot show this: `open` is
   a builtin, and a library may do I/O on a room's behalf.
2. Tests marked `slow` run only with `--slow`, tests marked `services` only with `--services`.
3. Only a `services` test may skip, and only where `SCALEGATE_REQUIRE_SERVICES` is not `1`.
4. Hypothesis is derandomised: the same tests pass today and tomorrow. The slow lane searches anew
   with `--hypothesis-profile=thorough`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from types import FrameType

import pytest
from hypothesis import HealthCheck, settings

PURE_ROOMS = (
    "base",
    "policy",
    "evidence",
    "estimate",
    "gate",
    "case",
    "ledger",
    "compare",
    "report",
)
"""The rooms of the design that do no I/O; some may not exist yet."""

_OUTSIDE = frozenset(
    {
        "_thread.start_joinable_thread",
        "_thread.start_new_thread",
        "ctypes.dlopen",
        "glob.glob",
        "open",
        "os.exec",
        "os.fork",
        "os.link",
        "os.listdir",
        "os.mkdir",
        "os.posix_spawn",
        "os.putenv",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.scandir",
        "os.symlink",
        "os.system",
        "os.truncate",
        "os.unsetenv",
        "os.walk",
        "shutil.copyfile",
        "shutil.rmtree",
        "socket.__new__",
        "socket.connect",
        "socket.getaddrinfo",
        "sqlite3.connect",
        "subprocess.Popen",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
        "urllib.Request",
        "webbrowser.open",
    }
)
_HARNESS = frozenset(
    {
        # The import system reads modules; a library imported late is not a leak.
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "_frozen_importlib",
        "_frozen_importlib_external",
        "zipimport",
        # Reads this program's own source, for tracebacks and for docstrings of fields.
        "linecache",
        # Looks once for installed plugins when the first model class is made.
        "pydantic.plugin._loader",
        "_pytest",
        "coverage",
        "hypothesis",
        "tests",
        "conftest",
    }
)
_PURE = frozenset(f"scalegate.{room}" for room in PURE_ROOMS)

leaks: list[str] = []
"""What pure rooms did outside since the present test began."""


def _room(module: str) -> str:
    return ".".join(module.split(".", 2)[:2])


def culprit(event: str) -> str | None:
    """Return the pure module that caused an audit event, or None.

    The stack is read from the inside. Whoever of ours stands nearest to the event caused it: an
    adapter's generator that a pure function consumes is the adapter's I/O, not the function's.
    """
    if event not in _OUTSIDE:
        return None
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if isinstance(module, str):
            if module in _HARNESS or module.partition(".")[0] in _HARNESS:
                return None
            if module.startswith("scalegate."):
                return module if _room(module) in _PURE else None
        frame = frame.f_back
    return None


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    module = culprit(event)
    if module is not None:
        leak = f"{module} touched the outside world: {event} {str(arguments)[:200]}"
        leaks.append(leak)
        raise AssertionError(leak)


sys.addaudithook(_refuse)

settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    print_blob=True,
)
settings.register_profile(
    "thorough",
    deadline=None,
    max_examples=1000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start: a shell job in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switches of the slow lane and of tests that need services."""
    parser.addoption("--slow", action="store_true", help="run tests marked `slow` too")
    parser.addoption("--services", action="store_true", help="run tests marked `services` too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the lanes that were not asked for."""
    lanes = {lane for lane in ("slow", "services") if not config.getoption(f"--{lane}")}
    left_out = [item for item in items if any(item.get_closest_marker(lane) for lane in lanes)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test in which a pure room leaked and somebody swallowed the refusal."""
    del item
    leaks.clear()
    outcome = yield
    if leaks:
        pytest.fail("\n".join(leaks), pytrace=False)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip that nobody may take into a failure."""
    report = yield
    if report.skipped:
        is_service = item.get_closest_marker("services") is not None
        if not is_service or os.environ.get("SCALEGATE_REQUIRE_SERVICES") == "1":
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome = "failed"
            report.longrepr = f"this test may not skip here: {why}"
    return report
