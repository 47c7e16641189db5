"""A key in AWS's key service (moto's server) keeps the promises of `ports.Signer`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.key_uri import import_key
from scalegate.base.errors import OutsideError
from scalegate.cli.main import run
from scalegate.ledger.signing import Algorithm, verify_signature
from tests.contract.kms_server import installed, serving
from tests.e2e.test_cli_record import ORIGIN, answer, envelope

pytestmark = pytest.mark.services
VERIFIER = Path(__file__).parents[2] / "verifier" / "check_bundle.py"


def no_pin() -> None:
    return None


def key_of(client: Any, kind: str = "ECC_NIST_P256") -> str:
    return str(client.create_key(KeySpec=kind, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])


@pytest.fixture(scope="module", name="kms")
def _kms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start a server and reach it; give a client that makes keys."""
    if not installed():
        pytest.skip("moto is not installed")
    import boto3

    output = tmp_path_factory.mktemp("kms") / "output"
    with serving(output) as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield boto3.client("kms")


def test_it_signs_by_its_number_its_arn_and_an_alias(kms: Any) -> None:
    arn = key_of(kms)
    kms.create_alias(AliasName="alias/board", TargetKeyId=arn)
    signers = [
        import_key(f"awskms:{name}", owner="ada", pin=no_pin)
        for name in (arn.rpartition("/")[2], arn, "alias/board")
    ]
    assert len({each.key.public for each in signers}) == 1
    for each in signers:
        assert each.key.algorithm is Algorithm.ECDSA_P256
        verify_signature(each.key.algorithm, each.key.public, each.sign(b"x"), b"x", by="ada")
    # Another key behind the alias signs nothing in the name of the first.
    kms.update_alias(AliasName="alias/board", TargetKeyId=key_of(kms))
    with pytest.raises(OutsideError, match="no longer the one"):
        signers[2].sign(b"x")


def test_what_goes_wrong_is_said(
    kms: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import boto3

    signer = import_key(f"awskms:{key_of(kms)}", owner="ada", pin=no_pin)
    for other in ("ECC_NIST_P384", "RSA_2048"):
        with pytest.raises(OutsideError, match="Unsupported scheme"):
            import_key(f"awskms:{key_of(kms, other)}", owner="ada", pin=no_pin)
    with pytest.raises(OutsideError, match="NotFoundException"):
        import_key("awskms:nowhere", owner="ada", pin=no_pin)
    for name, said in (
        ("AWS_ACCESS_KEY_ID", "credentials"),
        ("AWS_DEFAULT_REGION", "specify a region"),
    ):
        with monkeypatch.context() as patch:
            patch.delenv(name)
            patch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps what it once found
            with pytest.raises(OutsideError, match=said):
                signer.sign(b"x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(OutsideError, match="Could not connect"):
        signer.sign(b"x")
    assert capfd.readouterr().err == ""


def test_a_service_whose_signature_does_not_verify_is_not_believed(
    kms: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto as it is published hashes a digest again."""
    import boto3

    del kms
    with serving(tmp_path / "output", mended=False) as environment:
        monkeypatch.setenv("AWS_ENDPOINT_URL", environment["AWS_ENDPOINT_URL"])
        signer = import_key(f"awskms:{key_of(boto3.client('kms'))}", owner="ada", pin=no_pin)
        with pytest.raises(OutsideError, match="no longer the one"):
            signer.sign(b"x")


def test_an_approver_with_a_key_at_aws_signs_for_the_record_and_both_verifiers_agree(
    kms: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["keys", "init", ORIGIN]) == 0
    assert run(["keys", "import", f"awskms:{key_of(kms)}", "ada.pem"]) == 0
    assert run(["keys", "rotate", "--replace", "evaluator=ada.pub"]) == 0
    shutil.copy("ada.pem", "record/keys/ada.pem")
    good = envelope(tmp_path, tmp_path / "record", "evidence", "ada")
    assert run(["ledger", "add", good]) == 0
    found = answer(capsys, "ledger", "verify")
    assert (found["size"], found["vouched"], found["faults"]) == (3, 3, [])
    assert run(["bundle", "one.bundle"]) == 0
    assert run(["verify", "one.bundle", "--root", "record/root.json"]) == 0
    words = [sys.executable, "-I", str(VERIFIER), "one.bundle", "--root", "record/root.json"]
    second = subprocess.run(words, capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
    # In a process of its own, since pytest catches what libraries log.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    other = envelope(tmp_path, tmp_path / "record", "evidence", "gate", note="other")
    words = [sys.executable, "-m", "scalegate.cli", "keys", "sign", other, "--key", "ada.pem"]
    failed = subprocess.run(words, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: the key at `awskms:")
