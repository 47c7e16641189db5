"""Killed at any moment, an import leaves everything that it acknowledged, and nothing half-done."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from scalegate import wiring
from scalegate.app.workspace import check_workspace, read_record

IMPORTER = """
    import sys
    from pathlib import Path
    from scalegate import wiring
    from scalegate.app.importing import import_paths

    FACT = '''schema: scalegate/fact@1
    id: {id}
    subject: "model:m"
    true_from: 2026-01-01
    known_from: 2026-01-01
    source: {{document: a card, mark: record}}
    payload: {{fact: effective_compute_ratio, value: {value}, unit: ratio}}
    note: "{padding}"
    '''.replace("\\n    ", "\\n")

    folder, round_number = Path(sys.argv[1]), int(sys.argv[2])
    workspace = wiring.open_workspace(folder)
    given = folder.parent / "given"
    for step in range(10_000):
        batch = given / f"{round_number}-{step}"
        batch.mkdir(parents=True)
        ids = [f"r{round_number}-{step}-{n}" for n in range(3)]
        for n, name in enumerate(ids):
            padding = "x" * (1 + n * 1500)
            (batch / f"{name}.yaml").write_text(FACT.format(id=name, value=n + 1, padding=padding))
        report = import_paths(workspace.store, workspace.reader, [batch])
        assert report.is_complete, report
        print(*ids, flush=True)
"""


def acknowledged(folder: Path, number: int, *, batches: int, seconds: float) -> list[list[str]]:
    """Import in a process; kill it a moment after it acknowledged so many batches.

    Returns what it said was imported, by batch.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(IMPORTER), str(folder), str(number)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(batches)]
    time.sleep(seconds)
    process.kill()
    output, errors = process.communicate(timeout=30)
    assert process.returncode == -9, errors
    # The last line may be cut: what was not said in full was not acknowledged.
    return [line.split() for line in ("".join(lines) + output).split("\n")[:-1]]


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.slow, id="200 (slow)")])
def test_what_was_acknowledged_survives_kill_9_and_nothing_is_half_written(
    kills: int, tmp_path: Path
) -> None:
    folder = tmp_path / "lab"
    wiring.create_workspace(folder).store.close()
    chance = random.Random(7)
    promised: list[str] = []
    for number in range(kills):
        said = acknowledged(folder, number, batches=number % 3 + 1, seconds=chance.uniform(0, 0.06))
        assert len(said) > number % 3
        promised.extend(name for batch in said for name in batch)
        workspace = wiring.open_workspace(folder)
        history = workspace.store.history()
        there = [item.id for item in history]
        assert set(promised) <= set(there)
        by_batch = {name.rpartition("-")[0] for name in there}
        assert len(there) == 3 * len(by_batch), "a batch is visible in part"
        workspace.store.sweep()
        assert workspace.store.check() == ()
        workspace.store.close()
    workspace = wiring.open_workspace(folder)
    for item in workspace.store.history():
        assert read_record(workspace, item).id == item.id
    assert check_workspace(workspace) == ()
