"""A SLSA verification summary of an open gate, for verifiers that know those and not us.

1. One summary for each policy that opened the gate. None is made for a gate that is not open: the
   format's FAILED says less than a decision does.
2. Its subject is the digest of the weights, so that tools find it by the artefact. What else the
   permit is bound to (configuration, surface, audience, jurisdictions) is in `resourceUri` by the
   manifest's digest: a consumer that does not compare it lets the same weights pass elsewhere.
3. The format has no end. When the permit ends, and what is owed, are in an extension field; a
   consumer that ignores it bounds the age of `timeVerified` itself, and sees no withdrawal. Where
   that matters, verify the permit instead.
4. It claims no SLSA level: its only level is ours, and names gate and ask.

Source: SLSA specification 1.0, verification summary attestation, predicate version 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from scalegate import __version__
from scalegate.app.record.sealing import seal
from scalegate.base.errors import UsageError
from scalegate.base.instants import format_instant
from scalegate.gate.model import Decision
from scalegate.ledger.permits import Manifest, Permit
from scalegate.ledger.statements import BASE, Statement, Subject
from scalegate.ports import Signer

TYPE = "https://slsa.dev/verification_summary/v1"
EXTENSION = f"{BASE}permit/v1"
"""Extension fields are named by a URI, as the format asks."""


def summaries(
    decisions: Iterable[tuple[Decision, bytes]],
    permit: Permit,
    manifest: Manifest,
    *,
    origin: str,
    signers: Sequence[Signer],
) -> tuple[bytes, ...]:
    """Return an envelope for each policy that opened the gate (rules 1 to 4).

    Args:
        decisions: the decision of every policy, with the envelope recorded for it.
        permit: what was issued on them.
        manifest: what it is bound to.
        origin: the log's name: who verified.
        signers: keys of the gate.

    Raises:
        UsageError: a decision is not open.
    """
    return tuple(
        seal(_statement(decision, envelope, permit, manifest, origin=origin), signers)
        for decision, envelope in decisions
    )


def _statement(
    decision: Decision, envelope: bytes, permit: Permit, manifest: Manifest, *, origin: str
) -> Statement:
    if not decision.is_open:
        raise UsageError(f"{decision.framework} does not open {decision.gate.value}")
    level = f"SCALEGATE_{decision.gate.value}_{decision.ask.value}".upper()
    digest = sha256(envelope).hexdigest()
    return Statement(
        predicate_type=TYPE,
        subjects=(Subject(name=manifest.subject, sha256=manifest.weights),),
        predicate={
            "inputAttestations": [
                {
                    "digest": {"sha256": digest},
                    "uri": f"https://{origin}/statement/{digest[:2]}/{digest}",
                }
            ],
            "policy": {
                "digest": {"sha256": decision.policy_digest},
                "uri": f"https://{origin}/policy/{decision.framework}",
            },
            "resourceUri": f"https://{origin}/manifest/{manifest.digest}",
            "slsaVersion": "1.0",
            "timeVerified": format_instant(permit.valid_from),
            "verificationResult": "PASSED",
            "verifiedLevels": [level],
            "verifier": {"id": f"https://{origin}", "version": {"scalegate": __version__}},
            EXTENSION: {
                "effect": decision.level.word,
                "obligations": list(decision.obligations),
                "until": format_instant(permit.valid_until),
            },
        },
    )
