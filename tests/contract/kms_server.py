"""AWS's key service for tests: moto's server, which signs a digest as AWS does.

moto 5.2 takes `MessageType=DIGEST` and hashes the digest once more, so that no signature made
through it verifies (its pull request 10202). AWS signs the digest itself, and so does this program.
"""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
ACCESS = {
    "AWS_ACCESS_KEY_ID": "lab",
    "AWS_SECRET_ACCESS_KEY": "lab-secret",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
}


def installed() -> bool:
    """Say whether moto and what its server needs are there."""
    return all(importlib.util.find_spec(name) for name in ("moto", "flask", "flask_cors"))


@contextmanager
def serving(output: Path, *, mended: bool = True) -> Iterator[dict[str, str]]:
    """Serve on a free port of this machine; give the environment that a client needs."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    words = [sys.executable, str(Path(__file__)), str(port), *(["mended"] if mended else [])]
    with output.open("wb") as stream:
        process = subprocess.Popen(words, stdout=stream, stderr=stream)
        try:
            _wait(port, process, output)
            yield {**ACCESS, "AWS_ENDPOINT_URL": f"http://{HOST}:{port}"}
        finally:
            process.kill()
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(240):
        assert process.poll() is None, output.read_text()[-2000:]
        try:
            socket.create_connection((HOST, port), timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(output.read_text()[-2000:])


def _sign_digests() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256
    from moto.kms.responses import KmsResponse
    from moto.kms.utils import ECDSAPrivateKey

    asked = threading.local()
    answer, sign = KmsResponse.sign, ECDSAPrivateKey.sign

    def answer_and_note(self: Any) -> Any:
        asked.kind = self._get_param("MessageType")
        return answer(self)

    def sign_as_asked(self: Any, message: bytes, signing_algorithm: str) -> Any:
        if asked.kind == "DIGEST" and signing_algorithm == "ECDSA_SHA_256":
            return self.private_key.sign(message, ec.ECDSA(Prehashed(SHA256())))
        return sign(self, message, signing_algorithm)

    KmsResponse.sign, ECDSAPrivateKey.sign = answer_and_note, sign_as_asked


if __name__ == "__main__":
    from moto.server import main

    if "mended" in sys.argv[2:]:
        _sign_digests()
    main(["-H", HOST, "-p", sys.argv[1]])
