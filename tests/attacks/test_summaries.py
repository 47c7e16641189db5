"""A SLSA summary is of an open decision before it, and says what that says; else it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.log_folder import LogFolder
from scalegate.app.record.admitting import append_admitted
from scalegate.app.record.appending import LogWriter, read_size
from scalegate.app.record.arguing import check_bundle
from scalegate.app.record.bundling import write_files
from scalegate.base.errors import TrustError
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.statements import SUMMARY, Statement, Subject
from scalegate.ledger.tree import Tree
from tests.attacks.test_bundles import ROOT, TRUST, Noon, decision, files_of, path_of
from tests.unit.ledger.signers import LOG, Signer, sealed

LOG_KEYS: Any = [Signer("log")]
POLICY = "b" * 64
WHOLE: dict[str, Any] = {
    "adverse": {},
    "ask": "start",
    "decidedAt": "2026-01-01T00:00:00Z",
    "determining": [],
    "dissent": "",
    "effect": "allow",
    "engine": "test",
    "explanation": "0" * 64,
    "inconclusive": False,
    "isOpen": True,
    "obligations": [],
    "plans": [],
    "reasons": "",
    "tables": "0" * 64,
}
"""Of a decision, all that its form asks for beyond what `decision` says."""


def decided(**change: Any) -> bytes:
    """Return an open decision about two things, the second of which is the policy."""
    from json import loads

    from scalegate.base.canonical import canonical_bytes
    from scalegate.ledger.envelopes import parse_envelope

    root = Tree([leaf_of(ROOT).to_bytes()]).root()
    made = loads(parse_envelope(decision(1, root, **WHOLE | change)).payload)
    made["subject"].append({"name": "house@1", "digest": {"sha256": POLICY}})
    found: bytes = sealed(canonical_bytes(made), "gate-1")
    return found


OPEN, HELD = decided(), decided(isOpen=False, effect="hold")


def summary(of: bytes = OPEN, *, by: str = "gate-1", **change: Any) -> bytes:
    """Return a summary of a decision."""
    stated = Statement(
        predicate_type=SUMMARY,
        subjects=(Subject(name="weights", sha256="c" * 64),),
        predicate={
            "inputAttestations": [{"digest": {"sha256": leaf_of(of).envelope}, "uri": "x:y"}],
            "policy": {"digest": {"sha256": POLICY}, "uri": "x:y"},
            "resourceUri": "x:y",
            "timeVerified": "2026-01-01T00:00:00Z",
            "verificationResult": "PASSED",
            "verifiedLevels": ["SCALEGATE_INTERNAL_START"],
            "verifier": {"id": "x:y"},
            **change,
        },
    )
    made: bytes = sealed(stated.to_payload(), by)
    return made


def bundled(*entries: bytes, hidden: bytes = b"") -> bytes:
    held = files_of(ROOT, *entries)
    return write_files({path: held[path] for path in held if not hidden or path != path_of(hidden)})


MORE: dict[str, Any] = {
    "dependencyLevels": {"SLSA_BUILD_LEVEL_1": 1},
    "https://example.org/later": "kept",
}
SUMMARIES: dict[str, tuple[bytes, bool]] = {
    "holds": (bundled(OPEN, summary()), True),
    "holds with more fields": (bundled(OPEN, summary(**MORE)), True),
    "holds with the decision withheld": (bundled(OPEN, summary(), hidden=OPEN), True),
    "of a hold": (bundled(HELD, summary(HELD)), False),
    "of no decision": (bundled(OPEN, summary(ROOT)), False),
    "of a decision after it": (bundled(summary(), OPEN), False),
    "of a decision of another log": (bundled(HELD, summary()), False),
    "of another policy": (
        bundled(OPEN, summary(policy={"digest": {"sha256": "d" * 64}, "uri": "x:y"})), False
    ),
    "of another gate": (
        bundled(OPEN, summary(verifiedLevels=["SCALEGATE_OPEN_WEIGHTS_START"])), False
    ),
    "of two levels": (bundled(OPEN, summary(verifiedLevels=["a", "b"])), False),
    "with a level that is no text": (
        bundled(OPEN, summary(verifiedLevels=[{}]), hidden=OPEN), False
    ),
    "of two decisions": (
        bundled(OPEN, summary(inputAttestations=[{"digest": {"sha256": "a" * 64}}] * 2)), False
    ),
    "without a policy": (bundled(OPEN, summary(policy={})), False),
    "failed": (bundled(OPEN, summary(verificationResult="FAILED")), False),
    "dated before its decision": (
        bundled(OPEN, summary(timeVerified="2025-12-31T23:59:59Z")), False
    ),
    "dated on no day": (bundled(OPEN, summary(timeVerified="soon")), False),
    "by another role": (bundled(OPEN, summary(by="eval-1")), False),
}  # fmt: skip
"""Bundles, and whether each holds; `conformance/ledger` has them too."""


@pytest.mark.parametrize("name", [name for name, (_, holds) in SUMMARIES.items() if not holds])
def test_a_summary_that_the_log_does_not_bear_out_is_refused(name: str) -> None:
    with pytest.raises(TrustError):
        check_bundle(SUMMARIES[name][0], TRUST)


def test_a_summary_is_shown_with_its_decision() -> None:
    (found,) = check_bundle(SUMMARIES["holds"][0], TRUST).summaries
    assert (found.index, found.level, found.is_compared) == (2, "SCALEGATE_INTERNAL_START", True)
    (found,) = check_bundle(SUMMARIES["holds with the decision withheld"][0], TRUST).summaries
    assert found.is_compared is False


def test_a_false_summary_is_not_recorded(tmp_path: Path) -> None:
    files = LogFolder(tmp_path)
    writer = LogWriter(files, LOG_KEYS, origin=LOG, clock=Noon())
    writer.create()
    writer.append([ROOT])

    def add(*contents: bytes) -> None:
        append_admitted(files, TRUST, contents, signers=LOG_KEYS, clock=Noon())

    add(HELD)
    for contents in ([summary()], [summary(HELD)], [OPEN, summary(by="eval-1")]):
        with pytest.raises(TrustError, match=r"summary|too few|no role"):
            add(*contents)
    assert read_size(files) == 2
    add(OPEN, summary())
    assert read_size(files) == 4
