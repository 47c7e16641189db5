"""Private keys in files: PKCS 8, readable by their owner only, with or without a passphrase.

1. A key file is created with mode 0600 and never replaces another.
2. A file that group or others can read is refused, and the message says how to mend it.
3. Nothing here shows or logs a private key.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from scalegate.base.errors import FormatError, OutsideError, UsageError
from scalegate.base.plain_text import plain
from scalegate.ledger.envelopes import PublicKey
from scalegate.ledger.signing import Algorithm

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey | EllipticCurvePrivateKey

_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES = 100_000
PUBLIC_SCHEMA = "scalegate/public-key@1"


class KeyFile:
    """Keeps the promises of `ports.Signer` with a private key that was read from a file."""

    def __init__(self, private: PrivateKey, *, owner: str) -> None:
        algorithm, public = _public_half(private)
        self._private = private
        self._key = PublicKey(algorithm=algorithm, public=public, owner=owner)

    def __repr__(self) -> str:
        return f"KeyFile({self._key.owner!r}, {self._key.key_id[:16]})"

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature of a message."""
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256

        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            return self._private.sign(message, ec.ECDSA(SHA256()))
        return self._private.sign(message)


def _public_half(private: PrivateKey) -> tuple[Algorithm, bytes]:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if isinstance(private, EllipticCurvePrivateKey):
        public = private.public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Algorithm.ECDSA_P256, point
    is_old = isinstance(private, Ed25519PrivateKey)
    algorithm = Algorithm.ED25519 if is_old else Algorithm.ML_DSA_44
    return algorithm, private.public_key().public_bytes_raw()


def make_key(path: Path, *, algorithm: Algorithm, passphrase: bytes | None = None) -> KeyFile:
    """Make a private key, and write it to a new file that only its owner can read.

    Raises:
        UsageError: the file exists.
        OutsideError: it cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    private: PrivateKey
    if algorithm is Algorithm.ED25519:
        private = ed25519.Ed25519PrivateKey.generate()
    elif algorithm is Algorithm.ECDSA_P256:
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = mldsa.MLDSA44PrivateKey.generate()
    sealing = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealing)
    shown = plain(path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise OutsideError(f"cannot make the folder of `{shown}`: {cause.strerror}") from cause
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            path.chmod(0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as cause:
        raise UsageError(f"key file `{shown}` exists", hint="choose another name") from cause
    except OSError as cause:
        raise OutsideError(f"cannot write key file `{shown}`: {cause.strerror}") from cause
    return KeyFile(private, owner=path.stem)


def read_key(path: Path, *, passphrase: bytes | None = None, owner: str = "") -> KeyFile:
    """Read a private key from its file.

    Raises:
        UsageError: others can read the file, or the passphrase is missing or wrong.
        FormatError: it holds no private key of an algorithm of ours.
        OutsideError: it cannot be read.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    shown = plain(path.name)
    content = _read_private(path, shown)
    try:
        private = load_pem_private_key(content, passphrase)
    except TypeError as cause:
        raise UsageError(
            f"key file `{shown}` needs a passphrase, or needs none",
            hint="set SCALEGATE_PASSPHRASE, or leave it unset",
        ) from cause
    except ValueError as cause:
        raise FormatError(
            "no private key, or a wrong passphrase", file=shown, expected="PKCS 8 in PEM"
        ) from cause
    if isinstance(private, (ed25519.Ed25519PrivateKey, mldsa.MLDSA44PrivateKey)):
        return KeyFile(private, owner=owner or path.stem)
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name == "secp256r1":
        return KeyFile(private, owner=owner or path.stem)
    raise FormatError(
        "private key of another kind", file=shown, expected="Ed25519, ML-DSA-44 or P-256"
    )


def _read_private(path: Path, shown: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MOST_BYTES)
    except OSError as cause:
        raise OutsideError(f"cannot read key file `{shown}`: {cause.strerror}") from cause
    if os.name == "posix" and mode & _READABLE_BY_OTHERS:
        raise UsageError(
            f"key file `{shown}` can be read by others",
            hint=f"chmod 600 {shown}, or make a new key",
        )
    return content


def replace_key(path: Path, new: Path, *, kept: Path) -> None:
    """Put a copy of the key file `new` in place of `path`, whose content stays as `kept`.

    Killed at any moment, `path` holds either the old key or the new one.

    Raises:
        UsageError: `kept` exists, or others can read `new`.
        OutsideError: a file cannot be read or written.
    """
    content = _read_private(new, plain(new.name))
    made = path.with_suffix(".pem.new")
    try:
        made.unlink(missing_ok=True)
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(path, kept)
        made.replace(path)
    except FileExistsError as cause:
        raise UsageError(f"key file `{plain(kept.name)}` exists", hint="move it away") from cause
    except OSError as cause:
        raise OutsideError(f"cannot replace `{plain(path.name)}`: {cause.strerror}") from cause
    finally:
        made.unlink(missing_ok=True)


def write_public(path: Path, key: PublicKey) -> None:
    """Write a public key as a small JSON file, for those who make the trust document.

    Raises:
        OutsideError: it cannot be written.
    """
    from scalegate.base.canonical import canonical_bytes
    from scalegate.ledger.envelopes import key_to_mapping

    content = {"schema": PUBLIC_SCHEMA, **key_to_mapping(key)}
    try:
        path.write_bytes(canonical_bytes(content) + b"\n")
    except OSError as cause:
        raise OutsideError(f"cannot write `{plain(path.name)}`: {cause.strerror}") from cause


def read_public(path: Path) -> PublicKey:
    """Read a public key that `write_public` wrote.

    Raises:
        MalformedRecord: it is not in that form.
        OutsideError: it cannot be read.
    """
    from scalegate.ledger.faults import MalformedRecord
    from scalegate.ledger.notes import decode_base64
    from scalegate.ledger.strict_json import parse_json

    try:
        content = path.read_bytes()
    except OSError as cause:
        raise OutsideError(f"cannot read `{plain(path.name)}`: {cause.strerror}") from cause
    found = parse_json(content, f"public key `{plain(path.name)}`")
    fields = {"algorithm", "owner", "public", "schema"}
    if not isinstance(found, dict) or set(found) != fields or found["schema"] != PUBLIC_SCHEMA:
        raise MalformedRecord("not a public key of ours", expected=f"schema `{PUBLIC_SCHEMA}`")
    if found["algorithm"] not in Algorithm._value2member_map_:
        raise MalformedRecord("unknown algorithm", got=f"`{str(found['algorithm'])[:40]}`")
    return PublicKey(
        algorithm=Algorithm(found["algorithm"]),
        public=decode_base64(str(found["public"]), "public key"),
        owner=str(found["owner"]),
    )
