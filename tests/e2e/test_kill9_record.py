"""Killed at any moment, a writer of the record leaves every entry that it acknowledged."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record.appending import log_key, recover
from scalegate.app.record.reading import check_tree, read_entries
from scalegate.ledger.checkpoints import verify_checkpoint
from tests.unit.app.test_record_appending import SIGNERS, envelopes, writer
from tests.unit.ledger.signers import LOG

WRITER = """
    import sys
    from pathlib import Path
    from tests.unit.app.test_record_appending import envelopes, writer

    log, number = writer(Path(sys.argv[1])), sys.argv[2]
    for step in range(100_000):
        found = log.append(envelopes(1 + step % 4, f"r{number}-{step}-"))
        print(*(f"{each.index}:{each.envelope}" for each in found), flush=True)
"""
ROOT = Path(__file__).parents[2]


def killed_while_appending(folder: Path, number: int, *, seconds: float) -> list[tuple[int, str]]:
    """Append in a process, kill it a moment later, and return what it acknowledged in full."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(folder), str(number)],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    output, errors = process.communicate(timeout=30)
    assert process.returncode == -9, errors
    said = (first + output).split("\n")[:-1]  # a line that was cut was not acknowledged
    pairs = [each.partition(":") for line in said for each in line.split()]
    return [(int(index), envelope) for index, _, envelope in pairs]


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.slow, id="200 (slow)")])
def test_nothing_acknowledged_is_lost_the_tree_holds_and_the_next_append_works(
    kills: int, tmp_path: Path
) -> None:
    writer(tmp_path).create()
    chance = random.Random(11)
    promised: dict[int, str] = {}
    keys = [log_key(signer, LOG) for signer in SIGNERS]
    for number in range(kills):
        said = killed_while_appending(tmp_path, number, seconds=chance.uniform(0, 0.08))
        assert said
        promised.update(said)
        files = LogFolder(tmp_path)
        recover(files)
        checkpoint = verify_checkpoint((tmp_path / "checkpoint").read_bytes(), keys)
        check_tree(files, checkpoint)
        found = {
            each.index: each.leaf.envelope for each in read_entries(files, checkpoint.head.size)
        }
        assert list(found) == list(range(checkpoint.head.size))
        assert {index: found[index] for index in promised} == promised
    (after,) = writer(tmp_path).append(envelopes(1, "after"))
    assert after.is_new
    assert after.index == checkpoint.head.size
