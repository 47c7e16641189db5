"""The manifest that OpenSSF Model Signing signs: which files a model consists of, by digest.

1. It is a Sigstore bundle with a DSSE envelope of an in-toto statement, whose predicate lists files
   with their SHA-256. Only the method `files` with SHA-256 is read.
2. Its subject's digest is that of the files' digests in order, and binds no name. So a model is
   named here by the SHA-256 of the signed statement, which binds both.
3. What lies there must be what is listed, file by file: nothing missing, changed or added.

Source: model-signing 1.1.1, bundles it wrote; predicate type `model_signing/signature/v1.0`. *Not
checked here:* who signed the model; `model_signing verify` does.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scalegate.base.plain_text import plain
from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.strict_json import parse_json

PREDICATE = "https://model_signing/signature/v1.0"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedModel:
    """What a signed manifest says that a model consists of."""

    digest: str
    """SHA-256 of the signed statement (rule 2)."""
    files: Mapping[str, str]
    """By path below the model's folder, with `/`: SHA-256."""


def parse_signed_model(content: bytes) -> SignedModel:
    """Read a signed manifest from the bytes of its file (rules 1 and 2).

    Raises:
        MalformedRecord: it is none, or lists files in another way.
    """
    try:
        envelope = parse_json(content, "signed manifest")["dsseEnvelope"]
        payload = b64decode(envelope["payload"], validate=True)
        said = parse_json(payload, "signed manifest")
        found = _files(said)
        wanted = said["subject"][0]["digest"]["sha256"]
    except (KeyError, TypeError, IndexError, ValueError, Error) as cause:
        raise MalformedRecord(
            "not a signed manifest of a model", expected="a bundle that `model_signing sign` wrote"
        ) from cause
    whole = sha256(b"".join(bytes.fromhex(each) for each in found.values())).hexdigest()
    if wanted != whole:
        raise MalformedRecord(
            "the signed manifest does not list what it names", expected=plain(str(wanted)),
            got=whole,
        )  # fmt: skip
    return SignedModel(digest=sha256(payload).hexdigest(), files=found)


def _files(said: Any) -> dict[str, str]:
    form = said["predicate"]["serialization"]
    if (said["predicateType"], form["method"], form["hash_type"]) != (PREDICATE, "files", "sha256"):
        raise ValueError("another form")
    found: dict[str, str] = {}
    for each in said["predicate"]["resources"]:
        name, digest = each["name"], each["digest"]
        if each["algorithm"] != "sha256" or not _SHA256.fullmatch(digest) or name in found:
            raise ValueError("a file without a digest, or twice")
        found[str(name)] = digest
    if not found:
        raise ValueError("no file")
    return found


def check_model(model: SignedModel, found: Mapping[str, str]) -> None:
    """Refuse files that are not those of the signed manifest (rule 3).

    Args:
        model: what was signed.
        found: by path below the folder: SHA-256 of what lies there.

    Raises:
        Refused: a file is missing, changed, or not in the manifest; the first by name is named.
    """
    for name in sorted({*model.files, *found}):
        signed, there = model.files.get(name), found.get(name)
        if signed != there:
            raise Refused(
                "the weights are not those of the signed manifest",
                where=f"`{plain(name, limit=200)}`",
                expected=signed or "no such file", got=there or "no such file",
            )  # fmt: skip
