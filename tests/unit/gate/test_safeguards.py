"""States of safeguards: each state with its reason, on the deployment asked about."""

from __future__ import annotations

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.model import Reason
from scalegate.policy.vocabulary import SafeguardState as State
from tests.strategies import lab

CASE = lab.case_document()
GOOD = lab.status("status")
OVER: lab.Plain = {
    "occurred": {"start": "2025-11-01", "end": "2025-11-05"},
    "discovered_at": "2025-11-02",
}
CLOSED: lab.Plain = {**OVER, "closed_by": "closing", "closed_at": "2025-12-05"}
CLOSING = lab.act("closing", "question:Q2", "done")
UNREGISTERED = lab.deployment(
    surfaces=[
        {"name": "api", "kind": "api"},
        {"name": "app", "kind": "first_party_app"},
        {"name": "seen", "kind": "vendor_access", "registered": False},
    ]
)

CASES: dict[str, tuple[str, list[Record], State, Reason]] = {
    "nothing on record": ("G2", [CASE], State.ABSENT, Reason.NO_EVIDENCE),
    "live and shown": ("G2", [CASE, GOOD], State.LIVE_AND_SUFFICIENT, Reason.SHOWN),
    "the evidence it rests on is not on record": (
        "G2",
        [GOOD],
        State.LIVE_UNPROVEN,
        Reason.SUFFICIENCY_NOT_SHOWN,
    ),
    "it rests on itself": (
        "G2",
        [lab.status("status", sufficiency={"shown": True, "evidence": ["status"]})],
        State.LIVE_UNPROVEN,
        Reason.SUFFICIENCY_NOT_SHOWN,
    ),
    "shown to be insufficient": (
        "G2",
        [CASE, lab.status("status", sufficiency={"shown": False, "evidence": ["safety-case"]})],
        State.LIVE_UNPROVEN,
        Reason.SUFFICIENCY_NOT_SHOWN,
    ),
    "the source only claims it": (
        "G2",
        [lab.status("status", claimed_state="live_and_sufficient", sufficiency={"shown": True})],
        State.LIVE_UNPROVEN,
        Reason.SUFFICIENCY_NOT_SHOWN,
    ),
    "switched off once shown": (
        "G2",
        [CASE, lab.status("status", live=False)],
        State.PROVEN_NOT_LIVE,
        Reason.NOT_LIVE,
    ),
    "switched off, never shown": (
        "G2",
        [lab.status("status", live=False, sufficiency={"shown": False})],
        State.ABSENT,
        Reason.NOT_LIVE,
    ),
    "older than the policy lets it be": (
        "G2",
        [CASE, lab.status("status", observed_at="2025-06-01", true_from="2025-06-01")],
        State.STALE,
        Reason.STALE,
    ),
    "older than it says it holds": (
        "G2",
        [CASE, lab.status("status", valid_for="10d")],
        State.STALE,
        Reason.STALE,
    ),
    "about another model": (
        "G2",
        [CASE, lab.status("status", subject="model:root")],
        State.ABSENT,
        Reason.NO_EVIDENCE,
    ),
    "about the model, and so about its deployment": (
        "G2",
        [CASE, lab.status("status", subject=lab.MODEL)],
        State.LIVE_AND_SUFFICIENT,
        Reason.SHOWN,
    ),
    "for another framework": (
        "G2",
        [CASE, lab.status("status", framework="other@1")],
        State.ABSENT,
        Reason.NO_EVIDENCE,
    ),
    "the worst of two documents": (
        "G2",
        [CASE, GOOD, lab.status("other", live=False)],
        State.PROVEN_NOT_LIVE,
        Reason.NOT_LIVE,
    ),
    "repaired by a new version of the document": (
        "G2",
        [CASE, lab.status("status", live=False), lab.status("status", known_from="2025-12-09")],
        State.LIVE_AND_SUFFICIENT,
        Reason.SHOWN,
    ),
    "an incident goes on": ("G2", [CASE, GOOD, lab.incident()], State.BREACHED, Reason.BREACHED),
    "an incident has not begun": (
        "G2",
        [
            CASE,
            GOOD,
            lab.incident(occurred={"start": "2026-02-01"}, discovered_at="2026-02-01"),
        ],
        State.LIVE_AND_SUFFICIENT,
        Reason.SHOWN,
    ),
    "an incident ended and nobody closed it": (
        "G2",
        [CASE, GOOD, lab.incident(**OVER)],
        State.BREACHED,
        Reason.BREACHED,
    ),
    "an incident that an act closed": (
        "G2",
        [CASE, GOOD, CLOSING, lab.incident(**CLOSED)],
        State.LIVE_AND_SUFFICIENT,
        Reason.SHOWN,
    ),
    "an incident closed by an act that is not there": (
        "G2",
        [CASE, GOOD, lab.incident(**CLOSED)],
        State.BREACHED,
        Reason.BREACHED,
    ),
    "an incident closed by somebody without authority": (
        "G2",
        [CASE, GOOD, lab.act("closing", "question:Q2", role="intern"), lab.incident(**CLOSED)],
        State.BREACHED,
        Reason.BREACHED,
    ),
    "closed while it goes on": (
        "G2",
        [CASE, GOOD, CLOSING, lab.incident(closed_by="closing", closed_at="2025-12-05")],
        State.BREACHED,
        Reason.BREACHED,
    ),
    "an incident about the safeguard wherever it is": (
        "G2",
        [CASE, GOOD, lab.incident(subject="safeguard:G2")],
        State.BREACHED,
        Reason.BREACHED,
    ),
    "an incident about another model": (
        "G2",
        [CASE, GOOD, lab.incident(subject="model:root")],
        State.LIVE_AND_SUFFICIENT,
        Reason.SHOWN,
    ),
    "filters on every surface": (
        "G1",
        [CASE, lab.filters()],
        State.LIVE_AND_SUFFICIENT,
        Reason.SHOWN,
    ),
    "filters missing on a surface": (
        "G1",
        [CASE, lab.filters(surfaces=[{"surface": "api", "live": True}])],
        State.ABSENT,
        Reason.SURFACE_NOT_COVERED,
    ),
    "filters off on a surface": (
        "G1",
        [
            CASE,
            lab.filters(
                surfaces=[{"surface": "api", "live": True}, {"surface": "app", "live": False}]
            ),
        ],
        State.ABSENT,
        Reason.SURFACE_NOT_COVERED,
    ),
    "filters that see a part of the traffic": (
        "G1",
        [
            CASE,
            lab.filters(
                surfaces=[
                    {"surface": "api", "live": True, "coverage": 0.9},
                    {"surface": "app", "live": True},
                ]
            ),
        ],
        State.LIVE_UNPROVEN,
        Reason.SURFACE_NOT_COVERED,
    ),
    "a surface that was seen and never registered": (
        "G1",
        [
            CASE,
            UNREGISTERED,
            lab.filters(
                surfaces=[{"surface": name, "live": True} for name in ("api", "app", "seen")]
            ),
        ],
        State.ABSENT,
        Reason.SURFACE_NOT_COVERED,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_state_and_reason(name: str) -> None:
    safeguard, records, state, reason = CASES[name]
    found = lab.world(*records).safeguards[safeguard]
    assert found.state is state
    assert found.reasons[0] is reason
    assert found.text


def test_without_a_deployment_nobody_can_say_where_filters_ought_to_be_live() -> None:
    records = [r for r in lab.register() if r.id != "deployment-d"]
    status = lab.filters(subject=lab.MODEL)
    known = lab.assessed(lab.policy_of(lab.row("K")), [*records, CASE, status], ref=lab.MODEL)
    found = known.safeguards["G1"]
    assert (found.state, found.reasons) == (State.LIVE_UNPROVEN, (Reason.NO_DEPLOYMENT,))


def test_live_on_a_model_means_on_every_surface_of_every_deployment() -> None:
    partial = lab.filters(subject=lab.MODEL, surfaces=[{"surface": "api", "live": True}])
    assert lab.world(CASE, partial, ref=lab.MODEL).safeguards["G1"].state is State.ABSENT
    whole = lab.filters(subject=lab.MODEL)
    assert lab.world(CASE, whole, ref=lab.MODEL).safeguards["G1"].state is State.LIVE_AND_SUFFICIENT


def test_an_incident_on_a_deployment_breaches_the_safeguard_of_its_model() -> None:
    status = lab.status("status", subject=lab.MODEL)
    known = lab.world(CASE, status, lab.incident(), ref=lab.MODEL)
    assert known.safeguards["G2"].state is State.BREACHED


def test_evidence_expires_at_the_first_of_its_ends() -> None:
    soon = lab.status("soon", valid_for="60d")
    found = lab.world(CASE, GOOD, soon).safeguards["G2"]
    assert found.state is State.LIVE_AND_SUFFICIENT
    assert found.expires_at is not None
    assert found.expires_at.date().isoformat() == "2026-01-30"
    policy = lab.policy_of(lab.row("K", **{"if": "always"}))
    turn = lab.decided(lab.world(CASE, GOOD, soon, policy=policy)).holds_from
    assert turn is not None
    assert (turn.at, turn.because) == (found.expires_at, ("evidence on G2 expires",))


def test_the_claim_of_the_source_and_a_withheld_specification_are_shown() -> None:
    status = lab.status("status", claimed_state="live_and_sufficient", specification="withheld")
    policy = lab.policy_of(lab.row("K", **{"if": "always"}))
    known = lab.world(status, policy=policy)
    text = str(lab.decided(known).why.to_mapping())
    assert "the source claims live and sufficient" in text
    assert "rests on a specification that is withheld" in text
