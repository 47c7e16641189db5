"""What an open incident puts in doubt releases nothing, and still speaks against the subject."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.model import Assessment, Grade, Reason
from scalegate.policy.vocabulary import Level, SafeguardState
from tests.strategies import lab


def doubting(*names: str, **changes: Any) -> Record:
    """Return an incident that breaches nothing and puts these in doubt."""
    return lab.incident(safeguards=[], evidence=list(names), **changes)


def known(*records: Record) -> Assessment:
    return lab.world(*lab.clean(), *records)


def test_evidence_on_a_safeguard_that_is_in_doubt_shows_nothing() -> None:
    found = known(doubting("status-g2")).safeguards["G2"]
    assert (found.state, found.reasons[0]) == (SafeguardState.ABSENT, Reason.IMPUGNED)
    assert "put in doubt" in found.text
    assert known().safeguards["G2"].state is SafeguardState.LIVE_AND_SUFFICIENT


def test_a_case_that_is_in_doubt_shows_no_safeguard_sufficient() -> None:
    found = known(doubting("safety-case")).safeguards["G2"]
    assert found.state is SafeguardState.LIVE_UNPROVEN
    assert Reason.SUFFICIENCY_NOT_SHOWN in found.reasons


def test_a_softer_determination_is_not_grounded_on_what_is_in_doubt() -> None:
    said = lab.act("said", "threshold:T3", "ruled_out", grounds=["report"])
    assert known(lab.report(), said).findings["T3"].status.level is Level.RULED_OUT
    doubted = known(lab.report(), said, doubting("report")).findings["T3"]
    assert doubted.status.level is Level.UNASSESSED
    assert doubted.judged[0].grade is Grade.WITHOUT_EVIDENCE


def test_by_its_digest_it_is_the_same() -> None:
    digest = lab.status("status-g2").digest
    assert known(doubting(digest)).safeguards["G2"].state is SafeguardState.ABSENT


def test_what_is_in_doubt_still_speaks_against_the_subject() -> None:
    off = lab.status("worse", live=False)
    beside = known(off, doubting("worse"))
    assert beside.safeguards["G2"].state is SafeguardState.ABSENT
    stricter = lab.act("stricter", "threshold:T1", "crossed", grounds=["report"])
    assert (
        known(lab.report(), stricter, doubting("report")).findings["T1"].status.level
        is Level.CROSSED
    )
    concern = lab.judgement("view", "likely", question=f"threshold:{lab.FRAMEWORK}/T4")
    assert Reason.EXPERT_CONCERN in known(concern, doubting("view")).findings["T4"].reasons


CLOSED: lab.Plain = {
    "occurred": {"start": lab.day(-9), "end": lab.day(-5)},
    "discovered_at": lab.day(-4),
    "closed_by": "closing",
    "closed_at": lab.day(-1),
}


@pytest.mark.parametrize(("role", "counts"), [("ceo", True), ("intern", False)])
def test_a_closure_that_counts_gives_it_back(role: str, *, counts: bool) -> None:
    closing = lab.act("closing", "question:Q1", "closed", role=role)
    found = known(doubting("status-g2", **CLOSED), closing).safeguards["G2"]
    assert (found.state is SafeguardState.LIVE_AND_SUFFICIENT) is counts
