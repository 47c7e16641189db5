"""Private keys that stay where they are: a PKCS 11 token, a cloud's key service, another's file.

1. A key is named by the URI that securesystemslib gives it. A reference file holds the URI and the
   public key, and no secret.
2. The private half never comes here. `file2:` is the exception: a PKCS 8 file, for its owner only.
3. Each signature is verified with the public key before it is handed on: a token may hold another
   key under the same number today.
4. A PIN is taken from the environment when it is asked for, and never shown. A wrong one is not
   tried again, because tokens lock themselves.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from scalegate.base.canonical import canonical_bytes
from scalegate.base.errors import OutsideError, ScalegateError, UsageError
from scalegate.base.plain_text import plain
from scalegate.ledger.envelopes import PublicKey, key_to_mapping
from scalegate.ledger.faults import MalformedRecord, SignatureRefused
from scalegate.ledger.notes import decode_base64
from scalegate.ledger.signing import Algorithm, verify_signature
from scalegate.ledger.strict_json import parse_json

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey

SCHEMA = "scalegate/key-uri@1"
SCHEMES = ("hsm", "awskms", "azurekms", "file2", "gcpkms")
PIN_VARIABLE = "SCALEGATE_PIN"
_FIELDS = {"algorithm", "owner", "public", "schema", "uri"}
_THEIRS = {
    # Not ML-DSA-44: securesystemslib signs with a context of its own, which no verifier here takes.
    Algorithm.ED25519: "ed25519",
    Algorithm.ECDSA_P256: "ecdsa-sha2-nistp256",
}
_WORDS = {
    "PinIncorrect": "the PIN is wrong",
    "PinLocked": "the PIN is locked",
    "PinLenRange": "the PIN is wrong",
    "TokenNotPresent": "there is no token",
}
_DIGITS = re.compile(r"[0-9]{1,9}")


def is_uri(text: str) -> bool:
    """Say whether a text names a key by a URI of ours."""
    return text.partition(":")[0] in SCHEMES and ":" in text


class KeyUri:
    """Keeps the promises of `ports.Signer` with a key that stays where it is."""

    def __init__(self, uri: str, key: PublicKey, pin: Callable[[], str | None]) -> None:
        self._uri = uri
        self._key = key
        self._pin = pin

    def __repr__(self) -> str:
        return f"KeyUri({self._key.owner!r}, {self._key.key_id[:16]})"

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return self._key

    @property
    def uri(self) -> str:
        """Where the private half is."""
        return self._uri

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature of a message (rules 3 and 4).

        Raises:
            UsageError: a PIN is needed and not set, or a package is not installed.
            OutsideError: the key cannot be reached, or signs as another.
        """
        from securesystemslib.signer import Signer

        with _InWords(self._uri):
            signer = Signer.from_priv_key_uri(self._uri, _to_theirs(self._key), _asked(self._pin))
            signature = bytes.fromhex(signer.sign(message).signature)
        try:
            verify_signature(
                self._key.algorithm, self._key.public, signature, message, by=self._key.owner
            )
        except SignatureRefused as cause:
            raise OutsideError(
                f"the key at `{_shown(self._uri)}` is no longer the one that was imported"
            ) from cause
        return signature

    def to_bytes(self) -> bytes:
        """Write the reference file: URI and public key, nothing secret."""
        return canonical_bytes({"schema": SCHEMA, "uri": self._uri, **key_to_mapping(self._key)})


def import_key(uri: str, *, owner: str, pin: Callable[[], str | None]) -> KeyUri:
    """Ask for the public half of a key, once.

    Raises:
        UsageError: the URI is not in a form of ours, or a package is not installed.
        OutsideError: the key cannot be reached, or is of another kind.
    """
    scheme = uri.partition(":")[0]
    if not is_uri(uri) or not uri.isprintable() or "pin" in uri.lower().partition("?")[2]:
        raise UsageError(
            "not a key's URI",
            hint=f"expected one of {', '.join(f'{each}:' for each in SCHEMES)}, and no PIN in it",
        )
    if scheme == "file2":
        _check_mode(uri)
    with _InWords(uri):
        full, theirs = _IMPORTS[scheme](uri, _asked(pin))
        key = _from_theirs(theirs, owner)
    return KeyUri(full, key, pin)


def parse_reference(content: bytes, *, owner: str, pin: Callable[[], str | None]) -> KeyUri:
    """Read a reference file.

    Raises:
        MalformedRecord: it is not in the form that `to_bytes` writes.
    """
    found = parse_json(content, "key reference")
    if not isinstance(found, dict) or set(found) != _FIELDS or found["schema"] != SCHEMA:
        raise MalformedRecord("not a key reference of ours", expected=f"schema `{SCHEMA}`")
    if not all(isinstance(each, str) for each in found.values()) or not is_uri(found["uri"]):
        raise MalformedRecord("key reference names no key")
    if found["algorithm"] not in set(map(str, _THEIRS)):
        raise MalformedRecord("unknown algorithm", got=f"`{found['algorithm'][:40]}`")
    key = PublicKey(
        algorithm=Algorithm(found["algorithm"]),
        public=decode_base64(found["public"], "public key"),
        owner=owner or found["owner"],
    )
    return KeyUri(found["uri"], key, pin)


# --- to and from securesystemslib -----------------------------------------------------------------


def _from_theirs(theirs: SSlibKey, owner: str) -> PublicKey:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_public_key,
    )

    ours = {text: algorithm for algorithm, text in _THEIRS.items()}.get(theirs.scheme)
    if ours is None:
        raise OutsideError(
            f"a key of another kind; expected {', '.join(_THEIRS.values())};"
            f" got {plain(theirs.scheme)[:60]}"
        )
    text = str(theirs.keyval["public"])
    if ours is Algorithm.ED25519:
        return PublicKey(algorithm=ours, public=bytes.fromhex(text), owner=owner)
    point = load_pem_public_key(text.encode()).public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    return PublicKey(algorithm=ours, public=point, owner=owner)


def _to_theirs(key: PublicKey) -> SSlibKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from securesystemslib.signer import SSlibKey

    public: Any
    if key.algorithm is Algorithm.ED25519:
        public = ed25519.Ed25519PublicKey.from_public_bytes(key.public)
    else:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public)
    return SSlibKey.from_crypto(public, scheme=_THEIRS[key.algorithm])


_Asked = Callable[[str], str]


def _asked(pin: Callable[[], str | None]) -> _Asked:
    def answer(_what: str) -> str:
        found = pin()
        if not found:
            raise UsageError("the token asks for a PIN", hint=f"set {PIN_VARIABLE}")
        return found

    return answer


def _of_token(uri: str, pin: _Asked) -> tuple[str, SSlibKey]:
    from securesystemslib.signer import HSMSigner

    parts = urlsplit(uri)
    if parts.path and not _DIGITS.fullmatch(parts.path):
        raise UsageError("not a key's URI", hint="expected `hsm:NUMBER?label=TOKEN`")
    label = dict(parse_qsl(parts.query)).get("label")
    return HSMSigner.import_(int(parts.path) if parts.path else None, label, pin)


def _of_file(uri: str, _pin: _Asked) -> tuple[str, SSlibKey]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import SSlibKey

    private = load_pem_private_key(_path_of(uri).read_bytes(), None)
    return uri, SSlibKey.from_crypto(private.public_key())


def _of_aws(uri: str, _pin: _Asked) -> tuple[str, SSlibKey]:
    from securesystemslib.signer import AWSSigner

    return AWSSigner.import_(uri.partition(":")[2], _THEIRS[Algorithm.ECDSA_P256])


def _of_gcp(uri: str, _pin: _Asked) -> tuple[str, SSlibKey]:
    from securesystemslib.signer import GCPSigner

    return GCPSigner.import_(uri.partition(":")[2])


def _of_azure(uri: str, _pin: _Asked) -> tuple[str, SSlibKey]:
    from securesystemslib.signer import AzureSigner

    found = re.fullmatch(r"azurekms:/{1,2}([A-Za-z0-9-]+)(?:\.[a-z.]+)?/keys/([A-Za-z0-9-]+)", uri)
    if found is None:
        raise UsageError("not a key's URI", hint="expected `azurekms://VAULT/keys/NAME`")
    return AzureSigner.import_(found.group(1), found.group(2))


_IMPORTS: Mapping[str, Callable[[str, _Asked], tuple[str, SSlibKey]]] = {
    "awskms": _of_aws,
    "azurekms": _of_azure,
    "file2": _of_file,
    "gcpkms": _of_gcp,
    "hsm": _of_token,
}


def _path_of(uri: str) -> Path:
    prefix = os.environ.get("CRYPTO_SIGNER_PATH_PREFIX")  # as securesystemslib has it
    path = Path(urlsplit(uri).path)
    return Path(prefix) / path if prefix else path


def _check_mode(uri: str) -> None:
    path = _path_of(uri)
    try:
        mode = path.stat().st_mode
    except OSError as cause:
        raise OutsideError(f"cannot read `{plain(path.name)}`: {cause.strerror}") from cause
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"key file `{plain(path.name)}` can be read by others", hint="chmod 600")


class _InWords:
    """Turn whatever a token's or a service's library raises into an error of ours."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __enter__(self) -> None:
        """Keep the library's own words, which it also logs, off the screen."""
        import securesystemslib

        securesystemslib.logger.setLevel(logging.CRITICAL)

    def __exit__(self, _kind: object, cause: BaseException | None, _trace: object) -> None:
        """Word the error, if there is one."""
        from securesystemslib.exceptions import UnsupportedLibraryError

        if not isinstance(cause, Exception) or isinstance(cause, ScalegateError):
            return
        scheme = self._uri.partition(":")[0]
        if isinstance(cause, UnsupportedLibraryError):
            extra = "hsm" if scheme in ("hsm", "file2") else scheme
            raise UsageError(
                f"`{scheme}:` needs a package that is not installed",
                hint=f"install `scalegate[{extra}]`",
            ) from cause
        reason = _WORDS.get(type(cause).__name__) or plain(cause)[:200] or "no reason given"
        raise OutsideError(f"the key at `{_shown(self._uri)}` cannot be used: {reason}") from cause


def _shown(uri: str) -> str:
    return plain(uri)[:120]
