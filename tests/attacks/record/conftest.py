"""The stage of the attacks: built once for each process, copied for each attack."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.attacks.record.stage import Stage, build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "lab"
    build(folder)
    return folder


@pytest.fixture
def stage(
    built: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Stage:
    folder = tmp_path / "lab"
    shutil.copytree(built, folder)
    monkeypatch.chdir(folder)
    return Stage(folder=folder, capsys=capsys)
