"""The screens of what a lab keeps (register, orders, incidents, documents) keep their text.

After a wanted change, `python -m tests.golden.keeping.test_kept_screens` writes the stored files
anew; read their difference before it is committed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from tests.golden.cli.test_screens import SETTINGS, screen
from tests.strategies.kept_lab import make_kept_lab

HERE = Path(__file__).parent
RUNS = ("run:large", "run:experiment-1", "run:experiment-2")
GENERAL = "deployment:polar-general"
SCREENS: dict[str, tuple[str, ...]] = {
    "gate-runs-before-the-hold": ("gate", *RUNS, "train", "--as-of", "2031-01-20"),
    "gate-runs-all-held": ("gate", *RUNS, "train", "--as-of", "2031-03-05"),
    "gate-runs-large-open": ("gate", *RUNS, "train", "--as-of", "2031-03-15"),
    "status-of-runs": ("status", "run:*", "--as-of", "2031-03-15"),
    "status-under-orders": ("status", "model:polar-2", "--as-of", "2031-03-05"),
    "register": ("register", "--check", "--as-of", "2031-07-02"),
    "register-of-an-heir": ("register", "polar-3", "--as-of", "2031-05-02"),
    "register-of-a-checkpoint": ("register", "polar-2/helpful-only", "--as-of", "2031-05-02"),
    "register-empty": ("register", "--check", "--as-of", "2030-01-01"),
    "register-unknown": ("register", "polar-9", "--as-of", "2031-05-02"),
    "surface-before": ("gate", GENERAL, "external_general", "--as-of", "2031-04-19"),
    "surface-after": ("gate", GENERAL, "external_general", "--as-of", "2031-04-20"),
    "surface-looking-back": (
        *("gate", GENERAL, "external_general"),
        *("--about", "2031-02-01", "--known-at", "2031-04-20"),
    ),
    "incident-open": ("incident", "--check", "--as-of", "2031-02-27"),
    "incident-before-it-was-found": ("incident", "--check", "--as-of", "2031-02-21"),
    "incident-closed": ("incident", "--all", "--check", "--as-of", "2031-03-06"),
    "gate-while-breached": ("gate", GENERAL, "external_general", "--as-of", "2031-02-27"),
    "gate-after-closure": ("gate", GENERAL, "external_general", "--as-of", "2031-03-06"),
    "affected-by-an-incident": ("affected", "incident-1", "--as-of", "2031-02-27"),
    "affected-by-a-document": ("affected", "capability-report", "--as-of", "2031-03-15"),
    "affected-by-a-safeguard": ("affected", "safeguard:isolation", "--as-of", "2031-03-15"),
    "affected-by-an-order": ("affected", "order-hold", "--check", "--as-of", "2031-03-15"),
    "affected-by-nothing-known": ("affected", "reprot", "--as-of", "2031-03-15"),
    "documents": ("documents", "--check", "--as-of", "2031-04-21"),
    "documents-one": ("documents", "safeguards-report", "--as-of", "2031-04-21"),
    "documents-too-old": ("documents", "safeguards-report", "--check", "--as-of", "2031-08-21"),
    "documents-of-a-deployment": (*("documents", "--subject", GENERAL, "--as-of", "2031-04-21"),),
    "documents-none": ("documents", "--check", "--as-of", "2030-02-01"),
    "order-overdue": ("order", "--as-of", "2031-03-05"),
    "order-all": ("order", "--all", "--check", "--as-of", "2031-03-15"),
    "order-none": ("order", "--check", "--as-of", "2031-01-20"),
    "order-unknown": ("order", "order-9", "--as-of", "2031-03-15"),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_kept_lab(tmp_path_factory.mktemp("kept") / "lab").parent


@pytest.fixture(autouse=True)
def _at_the_lab(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lab)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_keeps_its_text(name: str) -> None:
    stored = (HERE / f"{name}.txt").read_text(encoding="utf-8")
    assert screen(SCREENS[name]) == stored, "run `python -m tests.golden.keeping.test_kept_screens`"


@pytest.mark.parametrize("name", SCREENS)
def test_a_stored_screen_fits_80_columns(name: str) -> None:
    first, *rest = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert first.startswith("$ scalegate ")
    shown = rest[: rest.index("--- stderr")] if "--- stderr" in rest else rest
    assert [line for line in shown if len(line) > 80 or line != line.rstrip()] == []


def test_every_stored_screen_is_compared() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == set(SCREENS)


def write() -> None:
    """Write the stored screens anew."""
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(make_kept_lab(Path(folder) / "lab").parent)
        for path in HERE.glob("*.txt"):
            path.unlink()
        for name, arguments in SCREENS.items():
            (HERE / f"{name}.txt").write_text(screen(arguments), encoding="utf-8")
            sys.stdout.write(f"wrote {name}\n")


if __name__ == "__main__":
    write()
