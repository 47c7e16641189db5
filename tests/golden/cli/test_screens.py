"""Every verb's screen on a made-up lab keeps its text: 80 columns, no colour, into a pipe.

After a wanted change, `python -m tests.golden.cli.test_screens` writes the stored files anew; read
their difference before it is committed.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest

from scalegate.cli.main import main
from tests.strategies.cli_lab import AS_OF, make_lab

HERE = Path(__file__).parent
WHEN = ("--as-of", AS_OF)
ORION = "orion-general"
SCREENS: dict[str, tuple[str, ...]] = {
    "status-of-all": ("status", *WHEN),
    "status-of-a-model": ("status", "model:orion", *WHEN),
    "status-of-a-deployment": ("status", ORION, *WHEN),
    "status-before-anything": ("status", "--as-of", "2020-01-01"),
    "gate-open-until": ("gate", ORION, "external_general", *WHEN, "-p", "other-frame@1"),
    "gate-inconclusive": ("gate", ORION, "external_general", *WHEN, "-p", "meridian-fsf@3.2"),
    "gate-by-order": ("gate", ORION, "internal", *WHEN),
    "gate-by-reading": ("gate", "model:orion", "internal", *WHEN, "-p", "meridian-fsf@3.2"),
    "gate-not-governed": ("gate", ORION, "store", *WHEN, "-p", "other-frame@1"),
    "gate-to-continue": ("gate", ORION, "store", "--ask", "continue", *WHEN),
    "why": ("why", ORION, "external_general", *WHEN),
    "why-in-full": ("why", ORION, "store", "--full", *WHEN, "-p", "meridian-fsf@3.2"),
    "why-not": ("why-not", ORION, "external_general", *WHEN),
    "why-not-by-judgement": ("why-not", ORION, "external_general", "--by-judgement", *WHEN),
    "why-not-under-an-order": ("why-not", ORION, "internal", *WHEN),
    "what-if": (
        *("what-if", ORION, "external_general", *WHEN),
        *("--set", "status:BIO-1=ruled_out", "-s", "status:B=crossed", "-s", "fact:rival-ahead=no"),
    ),
    "assess": ("assess", "model:orion", *WHEN),
    "sharpness": ("sharpness", "model:orion", *WHEN),
    "clocks": ("clocks", "model:orion", *WHEN),
    "evidence-list": ("evidence", "list", *WHEN),
    "evidence-show": ("evidence", "show", "filters-status"),
    "evidence-import-again": ("evidence", "import", "lab-documents"),
    "frameworks-show": ("frameworks", "show", "other-frame@1"),
    "lint": ("lint", "lab/policies/other-frame@1.yaml", "lab-documents/court-order.yaml"),
    "explain": ("explain", "SG0401"),
    "doctor": ("doctor",),
    "report": ("report", ORION, *WHEN, "--out", "report.html"),
    "unknown-verb": ("gaet",),
    "unknown-gate": ("gate", ORION, "external", *WHEN),
    "unknown-subject": ("status", "orion-speical", *WHEN),
    "unknown-policy": ("gate", ORION, "internal", "-p", "meridian-fsf@9"),
    "unknown-value": ("what-if", ORION, "internal", "-s", "status:BIO-1=fine", *WHEN),
    "no-zone": ("status", "--as-of", "2031-03-01T10:00"),
}


def screen(arguments: tuple[str, ...]) -> str:
    """Run a verb here, and return the command, what it wrote, and its exit code."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        code = main(arguments)
    out, err = (_written(stream) for stream in streams)
    shown = re.sub(r"Python \d+\.\d+\.\d+", "Python 3", out)
    shown = re.sub(r"scalegate \d+\.\d+\.\d+", "scalegate 0", shown)
    said = f"--- stderr\n{err}" if err else ""
    return f"$ scalegate {' '.join(arguments)}\n{shown}{said}--- exit {code}\n"


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lab(tmp_path_factory.mktemp("screens") / "lab").parent


@pytest.fixture(autouse=True)
def _at_the_lab(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lab)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


SETTINGS = {"SCALEGATE_WORKSPACE": "lab", "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_keeps_its_text(name: str) -> None:
    stored = (HERE / f"{name}.txt").read_text(encoding="utf-8")
    assert screen(SCREENS[name]) == stored, "run `python -m tests.golden.cli.test_screens`"


@pytest.mark.parametrize("name", SCREENS)
def test_a_stored_screen_fits_80_columns_and_has_no_escape(name: str) -> None:
    first, *rest = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert first.startswith("$ scalegate ")
    shown = rest[: rest.index("--- stderr")] if "--- stderr" in rest else rest
    assert [line for line in shown if len(line) > 80 or line != line.rstrip()] == []
    assert "\x1b" not in "".join(rest)


def test_every_stored_screen_is_compared() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == set(SCREENS)


def write() -> None:
    """Write the stored screens anew."""
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(make_lab(Path(folder) / "lab").parent)
        for path in HERE.glob("*.txt"):
            path.unlink()
        for name, arguments in SCREENS.items():
            (HERE / f"{name}.txt").write_text(screen(arguments), encoding="utf-8")
            sys.stdout.write(f"wrote {name}\n")


if __name__ == "__main__":
    write()
