"""Clocks: what is owed, since when, until when."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.clocks import Clock, ClockState, clocks, overdue
from tests.strategies import lab

WITHIN = {"within": "30d"}
EVERY = {"every": "6m"}


def duty(name: str = "D", **changes: Any) -> lab.Plain:
    return {
        "id": name,
        "statement": "publish a report",
        "starts_on": "the finding",
        "started_by": "self_determined",
        "to": ["the public"],
        "modality": "will",
        "native_verb": "will",
        "cite": lab.CITE,
        **changes,
    }


def run(*records: Record, duties: list[lab.Plain]) -> tuple[Clock, ...]:
    known = lab.world(*records, policy=lab.policy_of(lab.row("K"), duties=duties))
    return clocks(known.inputs, known.subject, lab.AT)


STARTED = lab.act("start", "duty:D", "started", acted_at="2025-12-20")
LONG_AGO = lab.act("start", "duty:D", "started", acted_at="2025-10-01", true_from="2025-10-01")
DONE = lab.act("done", "duty:D", "fulfilled", acted_at="2025-12-25")
CASES: dict[str, tuple[dict[str, Any], list[Record], ClockState, str | None]] = {
    "nobody started it": (WITHIN, [], ClockState.NOT_STARTED, None),
    "running": (WITHIN, [STARTED], ClockState.RUNNING, "2026-01-19"),
    "ran out": (WITHIN, [LONG_AGO], ClockState.OVERDUE, "2025-10-31"),
    "fulfilled": (WITHIN, [STARTED, DONE], ClockState.FULFILLED, "2026-01-19"),
    "fulfilled before it started again": (
        WITHIN,
        [lab.act("start", "duty:D", "started", acted_at="2025-12-28"), DONE],
        ClockState.RUNNING,
        "2026-01-27",
    ),
    "started twice: the earlier one runs": (
        WITHIN,
        [STARTED, lab.act("again", "duty:D", "started", acted_at="2025-12-28")],
        ClockState.RUNNING,
        "2026-01-19",
    ),
    "started by an incident, when it was found": (
        WITHIN,
        [lab.incident(starts=["lab@1/D"], discovered_at="2025-12-10")],
        ClockState.RUNNING,
        "2026-01-09",
    ),
    "an incident that names another duty": (
        WITHIN,
        [lab.incident(starts=["lab@1/E"])],
        ClockState.NOT_STARTED,
        None,
    ),
    "an incident elsewhere": (
        WITHIN,
        [lab.incident(starts=["lab@1/D"], subject=lab.ROOT)],
        ClockState.NOT_STARTED,
        None,
    ),
    "without a window": ({}, [STARTED], ClockState.NO_WINDOW, None),
    "recurring, from the day the policy took effect": (
        EVERY,
        [],
        ClockState.OVERDUE,
        "2025-06-30",
    ),
    "recurring, from the last time": (EVERY, [DONE], ClockState.RUNNING, "2026-06-23"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_clock(name: str) -> None:
    changes, records, state, due = CASES[name]
    (clock,) = run(*records, duties=[duty(**changes)])
    assert clock.state is state
    assert (clock.due_at.date().isoformat() if clock.due_at else None) == due
    assert clock.started_by == "self determined"


def test_what_ran_out_comes_first() -> None:
    duties = [duty("A", **WITHIN), duty("D", **WITHIN), duty("Z", **EVERY)]
    found = run(STARTED, duties=duties)
    assert [clock.duty for clock in found] == ["Z", "D", "A"]
    assert [clock.duty for clock in overdue(found)] == ["Z"]
