"""A real S3 server keeps the promises of `ports.LogFiles`, also while writers are killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.log_bucket import LogBucket, open_bucket
from scalegate.app.record.appending import log_key, recover
from scalegate.app.record.reading import check_tree, read_entries
from scalegate.base.errors import OutsideError
from scalegate.ledger.checkpoints import Checkpoint, verify_checkpoint
from tests.contract.log_files import LogFilesPromises
from tests.contract.s3_server import installed, serving
from tests.unit.app.test_record_appending import SIGNERS, envelopes, writer
from tests.unit.ledger.signers import LOG

pytestmark = pytest.mark.services
ROOT = Path(__file__).parents[2]
_numbers = count()


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[dict[str, str]]:
    """Start a server; give the environment that reaches it."""
    binary = installed()
    if binary is None:
        pytest.skip("no S3 server (`weed`, SeaweedFS) is installed")
    with (
        tempfile.TemporaryDirectory(prefix="s3") as folder,
        serving(binary, Path(folder)) as environment,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in environment.items():
            patch.setenv(name, value)
        open_bucket("s3://record/made", environment).write("x", b"")  # makes the bucket, too
        yield environment


@pytest.fixture(name="address")
def _address(server: dict[str, str]) -> str:
    return f"s3://record/log{next(_numbers)}"


class TestBucketServed(LogFilesPromises):
    @pytest.fixture
    def again(self, address: str, server: dict[str, str]) -> Any:
        return lambda: open_bucket(address, server)

    @pytest.fixture
    def files(self, again: Any) -> Any:
        return again()

    def test_a_wrong_secret_is_refused_and_not_shown(
        self, address: str, server: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
        with pytest.raises(OutsideError, match=r"access denied.*SignatureDoesNotMatch") as refused:
            open_bucket(address, server).read("checkpoint")
        assert "hush" not in str(refused.value)

    def test_a_bucket_that_is_not_there_is_said_to_be_missing(self, server: dict[str, str]) -> None:
        with pytest.raises(OutsideError, match="no such bucket"):
            open_bucket("s3://absent/log", server).read("checkpoint")


WRITER = """
    import os, sys
    from scalegate.adapters.log_bucket import open_bucket
    from tests.unit.app.test_record_appending import envelopes, writer

    log, name = writer(None, open_bucket(sys.argv[1], os.environ)), sys.argv[2]
    for step in range(int(sys.argv[3])):
        found = log.append(envelopes(1 + step % 3, f"{name}-{step}-"))
        print(*(f"{each.index}:{each.envelope}" for each in found), flush=True)
"""


def start(address: str, name: str, steps: int, server: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), address, name, str(steps)],
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), **server},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def acknowledged(output: str) -> dict[int, str]:
    said = output.split("\n")[:-1]  # a line that was cut was not acknowledged
    pairs = [each.partition(":") for line in said for each in line.split()]
    return {int(index): envelope for index, _, envelope in pairs}


def entries_of(files: LogBucket) -> tuple[Checkpoint, dict[int, str]]:
    """Check the whole tree, and return its entries."""
    recover(files)
    keys = [log_key(signer, LOG) for signer in SIGNERS]
    checkpoint = verify_checkpoint(files.read("checkpoint") or b"", keys)
    check_tree(files, checkpoint)
    entries = read_entries(files, checkpoint.head.size)
    return checkpoint, {each.index: each.leaf.envelope for each in entries}


def test_killed_while_two_append_nothing_acknowledged_is_lost(
    address: str, server: dict[str, str]
) -> None:
    files = open_bucket(address, server)
    writer(Path(), files).create()
    chance = random.Random(5)
    promised: dict[int, str] = {}
    for number in range(10):
        pair = [start(address, f"{name}{number}", 100_000, server) for name in "ab"]
        outputs = []
        for process in pair:
            assert process.stdout is not None
            outputs.append(process.stdout.readline())
        for at, process in enumerate(pair):
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
            rest, errors = process.communicate(timeout=30)
            assert process.returncode == -9, errors
            said = acknowledged(outputs[at] + rest)
            assert said
            assert not promised.keys() & said.keys(), "two were promised one place"
            promised.update(said)
        checkpoint, found = entries_of(files)
        assert list(found) == list(range(checkpoint.head.size))
        assert {index: found[index] for index in promised} == promised
    (after,) = writer(Path(), files).append(envelopes(1, "after"))
    assert (after.is_new, after.index) == (True, checkpoint.head.size)


def test_writers_at_once_make_one_tree_and_every_later_head_contains_the_earlier(
    address: str, server: dict[str, str]
) -> None:
    files = open_bucket(address, server)
    writer(Path(), files).create()

    def run(name: str) -> dict[int, str]:
        process = start(address, name, 12, server)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        return acknowledged(output)

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(run, ["a", "b", "c"]))
    checkpoint, found = entries_of(files)
    assert checkpoint.head.size == sum(map(len, said)) == 3 * 24
    assert {at: envelope for each in said for at, envelope in each.items()} == found
