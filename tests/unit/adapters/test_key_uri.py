"""Keys named by a URI: what is imported signs, and anything else is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalegate.adapters.key_file import make_key, read_public
from scalegate.adapters.key_uri import KeyUri, import_key, parse_reference
from scalegate.base.errors import OutsideError, UsageError
from scalegate.ledger.faults import MalformedRecord
from scalegate.ledger.signing import Algorithm, verify_signature
from scalegate.wiring import import_signer, signer_of


def no_pin() -> None:
    return None


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ECDSA_P256])
def test_a_key_in_another_file_signs_by_its_reference_and_by_its_uri(
    algorithm: Algorithm, tmp_path: Path
) -> None:
    made = make_key(tmp_path / "far.pem", algorithm=algorithm)
    uri = f"file2:{tmp_path / 'far.pem'}"
    taken = import_signer(uri, tmp_path / "ada.pem")
    assert (taken.key.algorithm, taken.key.public) == (algorithm, made.key.public)
    assert read_public(tmp_path / "ada.pub") == taken.key
    assert b"PRIVATE" not in (tmp_path / "ada.pem").read_bytes()
    for signer in (signer_of(tmp_path / "ada.pem"), signer_of(Path(uri), owner="ada")):
        assert signer.key == taken.key
        verify_signature(algorithm, made.key.public, signer.sign(b"x"), b"x", by="ada")
        assert str(tmp_path) not in repr(signer)
    with pytest.raises(UsageError, match="exists"):
        import_signer(uri, tmp_path / "ada.pem")


def test_another_key_under_the_same_name_does_not_sign(tmp_path: Path) -> None:
    path = tmp_path / "far.pem"
    make_key(path, algorithm=Algorithm.ECDSA_P256)
    taken = import_key(f"file2:{path}", owner="ada", pin=no_pin)
    path.unlink()
    make_key(path, algorithm=Algorithm.ECDSA_P256)
    with pytest.raises(OutsideError):
        taken.sign(b"x")


def test_what_cannot_be_used_is_said_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(uri: str) -> KeyUri:
        return import_key(uri, owner="ada", pin=lambda: "hush")

    make_key(tmp_path / "far.pem", algorithm=Algorithm.ED25519)
    (tmp_path / "far.pem").chmod(0o644)
    with pytest.raises(UsageError, match="read by others"):
        take(f"file2:{tmp_path / 'far.pem'}")
    with pytest.raises(OutsideError, match="cannot read"):
        take("file2:absent.pem")
    (tmp_path / "far.pem").write_text("no key")
    (tmp_path / "far.pem").chmod(0o600)
    with pytest.raises(OutsideError, match="cannot be used"):
        take(f"file2:{tmp_path / 'far.pem'}")
    for uri in ("gpg:1", "hsm:two", "hsm:2?label=a&pin-value=hush", "hsm:2\n", "azurekms:nowhere"):
        with pytest.raises(UsageError) as refused:
            take(uri)
        assert "hush" not in str(refused.value)
    monkeypatch.delenv("PYKCS11LIB", raising=False)
    with pytest.raises(OutsideError, match="PYKCS11LIB"):
        take("hsm:2?label=board")
    for uri in ("gcpkms:x", "azurekms://vault/keys/x"):
        with pytest.raises(UsageError, match="needs a package"):
            take(uri)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = ec.generate_private_key(ec.SECP384R1())
    path = tmp_path / "far.pem"
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    make_key(tmp_path / "young.pem", algorithm=Algorithm.ML_DSA_44)
    for each in (path, tmp_path / "young.pem"):
        with pytest.raises(OutsideError, match="another kind"):
            import_key(f"file2:{each}", owner="ada", pin=no_pin)


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"algorithm":"rsa","owner":"a","public":"","schema":"scalegate/key-uri@1","uri":"hsm:2"}',
        b'{"algorithm":"ed25519","owner":"a","public":"","schema":"scalegate/key-uri@1","uri":"x"}',
        b'{"algorithm":1,"owner":"a","public":"","schema":"scalegate/key-uri@1","uri":"hsm:2"}',
    ],
)
def test_a_reference_in_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedRecord):
        parse_reference(content, owner="", pin=no_pin)


def test_without_its_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "securesystemslib.signer", None)
    with pytest.raises(UsageError) as refused:
        signer_of(Path("hsm:2?label=board"))
    assert "scalegate[hsm]" in refused.value.hint
