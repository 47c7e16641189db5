"""Keys for tests, made from a word: the same word, the same key. `p256-...` is one on P-256."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scalegate.ledger.envelopes import (
    STATEMENT_TYPE,
    Envelope,
    EnvelopeSignature,
    PublicKey,
    pre_authentication,
)
from scalegate.ledger.notes import NoteKind, VerifierKey
from scalegate.ledger.signing import Algorithm
from scalegate.ledger.statements import Predicate, Statement, Subject

ROLES = {
    "root": (2, ("root-1", "root-2", "root-3"), ("trust",)),
    "policy-publisher": (2, ("pub-1", "pub-2", "pub-3"), ("policy", "policy-diff")),
    "evaluator": (1, ("eval-1", "eval-2"), ("evaluation-plan", "evidence")),
    "gate": (1, ("gate-1",), ("gate-decision", "permit")),
    "approver": (2, ("appr-1", "appr-2", "appr-3"), ("act", "waiver")),
}
LOG = "log.example/lab"


class Signer:
    """A private key with its public half."""

    def __init__(self, word: Any, algorithm: Any = Algorithm.ED25519) -> None:
        seed = sha256(word.encode()).digest()
        self.private: Any
        self._terms: tuple[Any, ...] = ()
        if word.startswith("p256-"):
            algorithm = Algorithm.ECDSA_P256
            self.private = ec.derive_private_key(int.from_bytes(seed), ec.SECP256R1())
            self._terms = (ec.ECDSA(SHA256(), deterministic_signing=True),)
        elif algorithm is Algorithm.ED25519:
            self.private = Ed25519PrivateKey.from_private_bytes(seed)
        else:
            self.private = MLDSA44PrivateKey.from_seed_bytes(seed)
        half = self.private.public_key()
        public = (
            half.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            if self._terms
            else half.public_bytes_raw()
        )
        self.key = PublicKey(algorithm=algorithm, public=public, owner=word)

    def sign(self, message: Any) -> Any:
        return self.private.sign(message, *self._terms)

    def note_key(self, name: Any, kind: Any) -> Any:
        return VerifierKey(name=name, kind=NoteKind(kind), public=self.key.public)


def sealed(
    payload: Any, *words: Any, payload_type: Any = STATEMENT_TYPE, key_ids: Any = None
) -> Any:
    """Return an envelope over a payload, signed by the keys of these words."""
    message = pre_authentication(payload_type, payload)
    signers = [Signer(word) for word in words]
    ids = key_ids or [each.key.key_id for each in signers]
    signatures = tuple(
        EnvelopeSignature(key_id=key_id, signature=each.sign(message))
        for key_id, each in zip(ids, signers, strict=True)
    )
    return Envelope(payload=payload, payload_type=payload_type, signatures=signatures).to_bytes()


def said(predicate: Any, content: Any = None, *, about: Any = b"a model") -> Any:
    """Return the payload of a statement."""
    return Statement(
        predicate_type=Predicate(predicate).uri,
        subjects=(Subject(name="it", sha256=sha256(about).hexdigest()),),
        predicate=content or {"note": "x"},
    ).to_payload()


def trust_content(
    *,
    version: Any = "1",
    previous: Any = "",
    roles: Any = None,
    words: Any = None,
    witnesses: Any = "quorum none\n",
) -> Any:
    """Return the predicate of a trust document."""
    roles = ROLES if roles is None else roles
    words = words or sorted({word for _, names, _ in roles.values() for word in names})
    signers = {word: Signer(word) for word in words}
    return {
        "expires": "2027-01-01T00:00:00Z",
        "keys": [
            {
                "algorithm": str(each.key.algorithm),
                "owner": word,
                "public": b64encode(each.key.public).decode(),
            }
            for word, each in signers.items()
        ],
        "log": [Signer("log").note_key(LOG, NoteKind.ED25519).to_text()],
        "previous": previous,
        "roles": {
            name: {
                "keys": [Signer(word).key.key_id for word in names],
                "signs": list(signs),
                "threshold": str(threshold),
            }
            for name, (threshold, names, signs) in roles.items()
        },
        "version": version,
        "witnesses": witnesses,
    }
