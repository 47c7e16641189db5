"""Checks of safeguards, written as policy data and evidence, and decided.

One of each form that measurable safeguard checks take: a share of all, a count of none, hours,
days, an equality of digests, a drill that passed, an upper bound of an interval, an independent
tester, a minimum of effort.
"""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.gate.model import Reason
from scalegate.gate.safeguards import is_met
from scalegate.policy.document import Check
from scalegate.policy.vocabulary import SafeguardState as State
from tests.strategies import lab

Plain = dict[str, Any]
HASH = lab.DIGESTS["d"]


def asked(name: str, comparator: str, value: Any, **changes: Any) -> Plain:
    return lab.check(name, comparator, value, **changes)


FORMS: dict[str, tuple[Plain, Plain, list[Plain]]] = {
    "weight copies in the inventory, all of them": (
        asked("inventory", "at_least", 1, unit="proportion", fresh_for="7d"),
        {"value": 1, "unit": "proportion"},
        [{"value": 0.999, "unit": "proportion"}, {"value": 100, "unit": "percent"}],
    ),
    "copies nobody knows of": (
        asked("unknown-copies", "at_most", 0, unit="count", fresh_for="7d"),
        {"value": 0, "unit": "count"},
        [{"value": 1, "unit": "count"}, {"value": 0, "unit": "share of copies"}],
    ),
    "days to exfiltrate against days to contain": (
        asked("egress", "at_least", 9, unit="days", fresh_for="30d"),
        {"value": 9.3, "unit": "days"},
        [{"value": 0.93, "unit": "days"}, {"value": 22, "unit": "hours"}],
    ),
    "weight access that two people approved": (
        asked("two-party", "at_least", 1, unit="proportion", fresh_for="90d"),
        {"value": 1, "unit": "proportion"},
        [{"value": 0.98, "unit": "proportion"}],
    ),
    "share of the decoy out before detection": (
        asked("drill", "below", "0.01", unit="proportion", fresh_for="180d"),
        {"value": 0.002, "unit": "proportion"},
        [
            {"value": 0.01, "unit": "proportion"},
            {"value": 0.002, "upper": 0.02, "unit": "proportion"},
        ],
    ),
    "attack success, the upper end of its interval": (
        asked("asr", "at_most", "0.05", unit="proportion", independent=True),
        {"value": 0.01, "upper": 0.04, "unit": "proportion", "independence": "external"},
        [
            {"value": 0.01, "upper": 0.06, "unit": "proportion", "independence": "external"},
            {"value": 0.01, "upper": 0.04, "unit": "proportion", "independence": "internal"},
            {"value": 0.01, "upper": 0.04, "unit": "proportion"},
        ],
    ),
    "universal jailbreaks that are known and unpatched": (
        asked("universal", "at_most", 0, unit="count"),
        {"value": 0, "unit": "count"},
        [{"value": 2, "unit": "count"}],
    ),
    "hours of expert red-teaming": (
        asked("effort", "at_least", 1700, unit="hours", fresh_for="180d"),
        {"value": 1700, "unit": "hours"},
        [{"value": 1699, "unit": "hours"}, {"value": 1800, "lower": 1500, "unit": "hours"}],
    ),
    "the filter that was evaluated is the one that is served": (
        asked("binding", "is", HASH),
        {"value": HASH},
        [{"value": lab.DIGESTS["f"]}, {"value": "latest"}, {"value": True}],
    ),
    "fails closed when the classifier is down": (
        asked("failure-mode", "is", True, fresh_for="90d"),
        {"value": True},
        [{"value": False}, {"value": "yes"}, {"value": 1, "unit": "count"}],
    ),
    "reasoning that entered the reward": (
        asked("cot-pressure", "at_most", 0, unit="proportion"),
        {"value": 0, "unit": "proportion"},
        [{"value": 0.08, "unit": "proportion"}],
    ),
    "hours from detection to containment": (
        asked("containment", "at_most", 24, unit="hours", fresh_for="180d"),
        {"value": 6, "unit": "hours"},
        [{"value": 30, "unit": "hours"}, {"value": 1, "unit": "days"}],
    ),
    "monitor's quality above the bar": (
        asked("monitor", "above", "0.8", unit="g-mean2"),
        {"value": 0.9, "lower": 0.85, "unit": "g-mean2"},
        [{"value": 0.8, "unit": "g-mean2"}, {"value": 0.9, "lower": 0.75, "unit": "g-mean2"}],
    ),
}


def state_of(check: Plain, measured: list[Plain], **status: Any) -> tuple[State, Any]:
    """Decide a gate that asks for a safeguard with this check."""
    policy = lab.policy_of(
        lab.row("K", **{"if": "always", "require": {"safeguard": "G"}}),
        safeguards=[*lab.SAFEGUARDS, lab.safeguard("G", check)],
    )
    named = [{"id": check["id"], **item} for item in measured]
    evidence = {"checks": named, "sufficiency": None, **status}
    kept = {key: value for key, value in evidence.items() if value is not None}
    payload = {"safeguard": "G", "live": True, "observed_at": "2025-12-29", **kept}
    record = lab.doc("safeguard-status", "status", payload, subject=lab.DEPLOYMENT)
    known = lab.world(record, policy=policy)
    found = known.safeguards["G"]
    assert lab.decided(known).is_open is (found.state is State.LIVE_AND_SUFFICIENT)
    return found.state, found.reasons


@pytest.mark.parametrize("name", FORMS)
def test_a_check_that_is_met_opens_the_gate(name: str) -> None:
    check, good, _ = FORMS[name]
    assert state_of(check, [good]) == (State.LIVE_AND_SUFFICIENT, (Reason.SHOWN,))


@pytest.mark.parametrize("name", FORMS)
def test_a_check_that_is_not_met_holds_it(name: str) -> None:
    check, _, bad = FORMS[name]
    for measured in bad:
        state, reasons = state_of(check, [measured])
        assert state is State.LIVE_UNPROVEN
        assert set(reasons) <= {Reason.CHECK_FAILED, Reason.NOT_INDEPENDENT}


@pytest.mark.parametrize("name", FORMS)
def test_a_check_that_nobody_measured_holds_it(name: str) -> None:
    state, reasons = state_of(FORMS[name][0], [])
    assert (state, reasons) == (State.LIVE_UNPROVEN, (Reason.CHECK_MISSING,))


CHECK, GOOD, _ = FORMS["universal jailbreaks that are known and unpatched"]
BOUND = "bound_to"
ODD: dict[str, tuple[Plain, dict[str, Any], State, Reason]] = {
    "bound to what is deployed": (
        {BOUND: {"weights_sha256": lab.DIGESTS["a"], "configuration_sha256": lab.DIGESTS["b"]}},
        {},
        State.LIVE_AND_SUFFICIENT,
        Reason.SHOWN,
    ),
    "bound to other weights": (
        {BOUND: {"weights_sha256": lab.DIGESTS["f"]}},
        {},
        State.LIVE_UNPROVEN,
        Reason.OTHER_SYSTEM,
    ),
    "bound to another configuration": (
        {BOUND: {"configuration_sha256": lab.DIGESTS["f"]}},
        {},
        State.LIVE_UNPROVEN,
        Reason.OTHER_SYSTEM,
    ),
    "bound to another system prompt": (
        {BOUND: {"system_prompt_sha256": lab.DIGESTS["f"]}},
        {},
        State.LIVE_UNPROVEN,
        Reason.OTHER_SYSTEM,
    ),
    "measured after the instant asked about": (
        {"observed_at": "2026-02-01"},
        {},
        State.LIVE_UNPROVEN,
        Reason.CHECK_MISSING,
    ),
    "measured on a part": ({"coverage": 0.5}, {}, State.LIVE_UNPROVEN, Reason.PARTIAL_COVERAGE),
    "the measurement no longer holds": (
        {"observed_at": "2025-11-01", "valid_for": "30d"},
        {},
        State.STALE,
        Reason.STALE,
    ),
    "enough by its checks, judged not to be": (
        {},
        {"sufficiency": {"shown": False}},
        State.LIVE_UNPROVEN,
        Reason.SUFFICIENCY_NOT_SHOWN,
    ),
    "switched off": ({}, {"live": False}, State.ABSENT, Reason.NOT_LIVE),
}


@pytest.mark.parametrize("name", ODD)
def test_how_and_where_it_was_measured_counts(name: str) -> None:
    how, status, state, reason = ODD[name]
    found, reasons = state_of(CHECK, [{**GOOD, **how}], **status)
    assert (found, reasons[0]) == (state, reason)


def test_a_check_grows_stale_by_the_policys_span_where_that_is_shorter() -> None:
    check, good, _ = FORMS["weight copies in the inventory, all of them"]
    old = {**good, "observed_at": "2025-12-20", "valid_for": "30d"}
    assert state_of(check, [old])[0] is State.STALE


def test_a_number_never_meets_a_check_on_words() -> None:
    from scalegate.evidence.documents.safeguards import Check as Measured

    check = Check.model_validate(asked("c", "at_most", "low"))
    measured = Measured.model_validate({"id": "c", "value": 0, "unit": "count"})
    assert not is_met(check, measured)
