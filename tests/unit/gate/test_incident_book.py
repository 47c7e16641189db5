"""Where an incident stands, under the policy that lets go of it last; and what it starts."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.incident_book import BookedIncident, IncidentState, incident_book
from scalegate.policy.vocabulary import SafeguardState
from tests.strategies import lab

ENDED: dict[str, Any] = {
    "occurred": {"start": lab.day(-9), "end": lab.day(-5)},
    "discovered_at": lab.day(-4),
}
CLOSING: dict[str, Any] = {**ENDED, "closed_by": "closing", "closed_at": lab.day(-1)}


def closing(role: str = "ceo", **changes: Any) -> Record:
    return lab.act("closing", "question:Q1", "closed", role=role, **changes)


def booked(*records: Record) -> BookedIncident:
    """Return the one incident, under the lab's policy and one that knows no roles."""
    own = lab.world(*records).inputs
    return incident_book([own], lab.AT)[0]


STATES: dict[str, tuple[list[Record], IncidentState]] = {
    "going on": ([lab.incident()], IncidentState.GOING_ON),
    "ended": ([lab.incident(**ENDED)], IncidentState.ENDED),
    "closed": ([lab.incident(**CLOSING), closing()], IncidentState.CLOSED),
    "closed by nobody on record": ([lab.incident(**CLOSING)], IncidentState.ENDED),
    "closed by a role that the policy does not know": (
        [lab.incident(**CLOSING), closing("janitor")],
        IncidentState.ENDED,
    ),
    "closed later": (
        [lab.incident(**{**CLOSING, "closed_at": lab.day(3)}), closing()],
        IncidentState.ENDED,
    ),
    "closed, and the closing reversed": (
        [lab.incident(**CLOSING), closing(), lab.reverse("turned", "closing")],
        IncidentState.ENDED,
    ),
    "closed while it goes on": (
        [lab.incident(closed_by="closing", closed_at=lab.day(-1)), closing()],
        IncidentState.GOING_ON,
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_where_an_incident_stands(name: str) -> None:
    records, state = STATES[name]
    found = booked(*records)
    assert (found.state, found.is_open) == (state, state is not IncidentState.CLOSED)


@pytest.mark.parametrize("name", STATES)
def test_what_is_not_closed_breaches_what_it_names(name: str) -> None:
    """The book says what the gate does: one is open exactly where the other is breached."""
    records, _ = STATES[name]
    known = lab.world(*lab.clean(), *records)
    is_breached = known.safeguards["G2"].state is SafeguardState.BREACHED
    assert is_breached is booked(*records).is_open


def test_a_closure_must_count_under_every_policy_that_decides() -> None:
    records = [lab.incident(**CLOSING), closing()]
    other = lab.policy_of(
        lab.row("K"), id="strict", roles=[{**lab.ROLES[2], "id": "trustees"}],
        questions=[], documents=[], substitutes=[], discretions=[], readings=[],
    )  # fmt: skip
    inputs = [lab.world(*records).inputs, lab.world(*records, policy=other).inputs]
    (found,) = incident_book(inputs, lab.AT)
    assert (found.state, found.not_closed_under) == (IncidentState.ENDED, ("strict@1",))


def test_orders_after_an_incident_stand_beside_it_and_the_open_ones_come_first() -> None:
    early = lab.incident("early", **{**CLOSING, "occurred": ENDED["occurred"]})
    late = lab.incident("late")
    known = lab.world(early, late, closing(), lab.order(incident="late"))
    found = incident_book([known.inputs], lab.AT)
    assert [(each.record.id, each.orders) for each in found] == [
        ("late", ("order",)),
        ("early", ()),
    ]
