"""Private keys in files: for their owner only."""

import stat
from pathlib import Path

import pytest

from scalegate.adapters.key_file import make_key, read_key
from scalegate.base.errors import FormatError, OutsideError, UsageError
from scalegate.ledger.signing import Algorithm, verify_signature


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("passphrase", [None, b"correct horse"])
def test_a_key_signs_after_it_was_written_and_read(
    tmp_path: Path, algorithm: Algorithm, passphrase: bytes | None
) -> None:
    path = tmp_path / "keys" / "gate.pem"
    made = make_key(path, algorithm=algorithm, passphrase=passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = read_key(path, passphrase=passphrase)
    assert read.key == made.key
    assert read.key.owner == "gate"
    verify_signature(algorithm, made.key.public, read.sign(b"x"), b"x", by="gate")
    assert "PRIVATE" not in repr(read)


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    make_key(tmp_path / "a.pem", algorithm=Algorithm.ED25519)
    with pytest.raises(UsageError, match="exists"):
        make_key(tmp_path / "a.pem", algorithm=Algorithm.ED25519)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError):
        make_key(tmp_path / "file" / "b.pem", algorithm=Algorithm.ED25519)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "a.pem", algorithm=Algorithm.ED25519)
    (tmp_path / "a.pem").chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        read_key(tmp_path / "a.pem")


def test_what_is_no_key_of_ours_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    def written(content: bytes) -> Path:
        path = tmp_path / "k.pem"
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    other = X25519PrivateKey.generate()
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (b"", b"no key", pem):
        with pytest.raises(FormatError):
            read_key(written(content))
    with pytest.raises(OutsideError):
        read_key(tmp_path / "absent.pem")
    make_key(tmp_path / "sealed.pem", algorithm=Algorithm.ED25519, passphrase=b"x")
    with pytest.raises(UsageError, match="passphrase"):
        read_key(tmp_path / "sealed.pem")
    with pytest.raises(FormatError, match="passphrase"):
        read_key(tmp_path / "sealed.pem", passphrase=b"wrong")
