"""A key in a PKCS 11 token (SoftHSM) keeps the promises of `ports.Signer`, and never leaves it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.key_uri import import_key
from scalegate.base.errors import OutsideError, UsageError
from scalegate.cli.main import run
from scalegate.ledger.signing import Algorithm, verify_signature
from tests.e2e.test_cli_record import ORIGIN, answer, envelope

pytestmark = pytest.mark.services
PIN = "7391-hush"
URI = "hsm:2?label=board"
VERIFIER = Path(__file__).parents[2] / "verifier" / "check_bundle.py"


def library() -> str | None:
    found = sorted(Path("/usr/lib").glob("**/libsofthsm2.so"))
    return str(found[0]) if found else None


@pytest.fixture(scope="module", name="token")
def _token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Make a token with a P-256 key under number 2; give it opened by its owner."""
    module, tool = library(), shutil.which("softhsm2-util")
    if module is None or tool is None:
        pytest.skip("no SoftHSM is installed")
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters

    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        patch.setenv("PYKCS11LIB", module)
        patch.setenv("SCALEGATE_PIN", PIN)
        words = ("--init-token", "--free", "--label", "board", "--pin", PIN, "--so-pin", "12345678")
        made = subprocess.run([tool, *words], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        token = pkcs11.lib(module).get_token(token_label="board")
        with token.open(user_pin=PIN, rw=True) as session:
            curve = encode_named_curve_parameters("secp256r1")
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: curve}, local=True
            )
            parameters.generate_keypair(id=b"\x02", label="approver", store=True)
        yield token


def test_it_signs_and_the_private_key_cannot_be_had(token: Any) -> None:
    import pkcs11

    signer = import_key(URI, owner="ada", pin=lambda: PIN)
    assert signer.key.algorithm is Algorithm.ECDSA_P256
    one, two = signer.sign(b"x"), signer.sign(b"y")
    verify_signature(signer.key.algorithm, signer.key.public, one, b"x", by="ada")
    verify_signature(signer.key.algorithm, signer.key.public, two, b"y", by="ada")
    assert PIN.encode() not in signer.to_bytes()
    with token.open(user_pin=PIN) as session:
        private = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, id=b"\x02")
        assert private[pkcs11.Attribute.SENSITIVE]
        assert not private[pkcs11.Attribute.EXTRACTABLE]
        with pytest.raises(pkcs11.PKCS11Error):
            private[pkcs11.Attribute.VALUE]


def test_what_goes_wrong_is_said_without_the_pin(
    token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = import_key(URI, owner="ada", pin=lambda: "0000-wrong")
    with pytest.raises(OutsideError, match="the PIN is wrong") as refused:
        signer.sign(b"x")
    assert "0000-wrong" not in str(refused.value)
    with pytest.raises(UsageError, match="asks for a PIN"):
        import_key(URI, owner="ada", pin=lambda: None).sign(b"x")
    for uri in ("hsm:2?label=nowhere", "hsm:9?label=board"):
        with pytest.raises(OutsideError, match="cannot be used"):
            import_key(uri, owner="ada", pin=lambda: PIN)
    monkeypatch.setenv("PYKCS11LIB", "/absent.so")
    with pytest.raises(OutsideError, match="cannot be used"):
        signer.sign(b"x")


def test_an_approver_with_a_token_signs_for_the_record_and_both_verifiers_agree(
    token: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["keys", "init", ORIGIN]) == 0
    assert run(["keys", "import", URI, "ada.pem"]) == 0
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
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PIN.encode() not in everything
    # A log needs a key that signs notes.
    shutil.copy("ada.pem", "record/keys/log.pem")
    assert run(["ledger", "add", good]) == 2
    assert "signs no checkpoints" in " ".join(capsys.readouterr().err.split())
