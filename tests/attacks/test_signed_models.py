"""Weights are held against the manifest that OpenSSF Model Signing signed, file by file."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scalegate.ledger.faults import MalformedRecord, Refused
from scalegate.ledger.model_signing import check_model, parse_signed_model
from tests.attacks.record.conftest import built, stage
from tests.attacks.record.stage import Stage

__all__ = ["built", "stage"]
SIGNED = Path(__file__).parents[1] / "data" / "model-signing" / "model.sig"
FILES = {"part-1": b"weights", "sub/part-2": b"more"}
THERE = {name: sha256(content).hexdigest() for name, content in FILES.items()}


def test_a_real_bundle_is_read_and_names_the_model_by_what_was_signed() -> None:
    model = parse_signed_model(SIGNED.read_bytes())
    assert dict(model.files) == THERE
    payload = b64decode(json.loads(SIGNED.read_bytes())["dsseEnvelope"]["payload"])
    assert model.digest == sha256(payload).hexdigest()
    check_model(model, THERE)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"part-1": "0" * 64}, "part-1"),
        ({"added": "0" * 64}, "added"),
        ({"part-1": None}, "part-1"),
        ({"part-1": THERE["sub/part-2"], "sub/part-2": THERE["part-1"]}, "part-1"),
    ],
)
def test_other_files_are_refused_by_name(change: dict[str, str | None], named: str) -> None:
    found = {name: each for name, each in {**THERE, **change}.items() if each is not None}
    with pytest.raises(Refused, match=named):
        check_model(parse_signed_model(SIGNED.read_bytes()), found)


def altered(change: Callable[[Any], object]) -> bytes:
    bundle = json.loads(SIGNED.read_bytes())
    said = json.loads(b64decode(bundle["dsseEnvelope"]["payload"]))
    change(said)
    bundle["dsseEnvelope"]["payload"] = b64encode(json.dumps(said).encode()).decode()
    return json.dumps(bundle).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"dsseEnvelope": {"payload": "!"}}',
        altered(lambda said: said.update(predicateType="other")),
        altered(lambda said: said.update(subject=[])),
        altered(lambda said: said["predicate"].update(resources=[])),
        altered(lambda said: said["predicate"]["resources"].pop()),
        altered(lambda said: said["predicate"]["resources"][0].update(digest="short")),
        altered(lambda said: said["predicate"]["resources"][1].update(name="part-1")),
        altered(lambda said: said["predicate"]["serialization"].update(method="shards")),
    ],
)
def test_what_is_no_signed_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedRecord):
        parse_signed_model(content)


def test_a_permit_is_bound_to_the_signed_manifest(stage: Stage) -> None:
    for name, content in FILES.items():
        path = stage.folder / "weights" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    (stage.folder / "weights" / "model.sig").write_bytes(SIGNED.read_bytes())
    words = (
        "permit", "manifest", "model:m", "--weights", "weights", "--configuration", "served.yaml",
        "--surface", "api", "--audience", "vetted", "--jurisdiction", "EU", "--signed-model",
        "weights/model.sig", "--out", "signed.json",
    )  # fmt: skip
    assert stage.json(*words)["weights"] == parse_signed_model(SIGNED.read_bytes()).digest
    (stage.folder / "weights" / "part-1").write_bytes(b"weighty")
    assert "not those of the signed manifest" in stage.refused(*words)
