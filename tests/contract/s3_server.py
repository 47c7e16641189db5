"""A real S3 server for tests: SeaweedFS, started from its installed binary on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ACCESS = {
    "AWS_ACCESS_KEY_ID": "lab",
    "AWS_SECRET_ACCESS_KEY": "lab-secret",
    "AWS_REGION": "us-east-1",
}


def installed() -> str | None:
    """Return where the binary is, or nothing."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.is_file() else shutil.which("weed")


@contextmanager
def serving(binary: str, folder: Path) -> Iterator[dict[str, str]]:
    """Serve S3 on a free port of this machine; give the environment that a client needs."""
    identity = {
        "name": "lab",
        "credentials": [
            {"accessKey": ACCESS["AWS_ACCESS_KEY_ID"], "secretKey": ACCESS["AWS_SECRET_ACCESS_KEY"]}
        ],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    ports = dict(zip(("master", "volume", "filer", "s3"), _free_pairs(4), strict=True))
    command = [
        binary, "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        "-filer", "-s3", f"-s3.config={config}", "-volume.max=20", "-master.volumeSizeLimitMB=64",
        *(f"-{name}.port={port}" for name, port in ports.items()),
    ]  # fmt: skip
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
        try:
            _wait(f"http://127.0.0.1:{ports['s3']}/", process, folder / "output")
            yield {**ACCESS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3']}"}
        finally:
            process.kill()
            process.wait(30)


def _free_pairs(count: int) -> list[int]:
    """Return ports that are free, as is the one 10,000 above, where the server answers gRPC."""
    found: list[int] = []
    for start in range(20_000 + os.getpid() % 5_000, 40_000, 7):
        try:
            for port in (start, start + 10_000):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        found.append(start)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


def _wait(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(240):
        assert process.poll() is None, output.read_text()[-2000:]
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:  # it asks for a signature: it is there
            return
        except OSError:
            time.sleep(0.25)
        else:
            return
    raise AssertionError(output.read_text()[-2000:])
