"""Orders from outside: whom a selector reaches, what a kept limit does, where an order stands."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.evidence.bundle import bundle_of
from scalegate.evidence.record import Record
from scalegate.evidence.register import register_from
from scalegate.gate.decide import decide
from scalegate.gate.order_book import OrderState, order_book
from scalegate.policy.vocabulary import EffectLevel, Gate
from tests.strategies import lab

LARGE, SMALL, BARE = "run:large", "run:small", "run:bare"


def run(ref: str, **changes: Any) -> Record:
    payload = {"kind": "reinforcement", "model": lab.MODEL, **changes}
    return lab.doc("run", ref.replace(":", "-"), payload, subject=ref)


RUNS = (
    run(LARGE, labels=["largest"], planned_effective_compute=3, unit="ratio_to_root"),
    run(SMALL, labels=["experimental"], planned_effective_compute=1.1, unit="ratio_to_root"),
    run(BARE),
)


def level_of(order: Record, ref: str, gate: Gate = Gate.TRAIN, *more: Record) -> EffectLevel:
    """Return the effect of an order alone: the lab's policy binds nothing where it is asked."""
    return decide(lab.world(order, *RUNS, *more, ref=ref), gate).level


SELECTORS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "the kind": ({"run_kinds": ["reinforcement"]}, {LARGE, SMALL, BARE}),
    "another kind": ({"run_kinds": ["fine_tuning"]}, set()),
    "a label, and what has none": ({"labels": ["experimental"]}, {SMALL, BARE}),
    "at least so much compute, and what does not say": (
        {"effective_compute_at_least": 2},
        {LARGE, BARE},
    ),
    "all but one by name": (
        {"run_kinds": ["reinforcement"], "except_subjects": [LARGE]},
        {SMALL, BARE},
    ),
    "one by name": ({"subjects": [SMALL]}, {SMALL}),
    "every way must fit": (
        {"subjects": [LARGE, SMALL], "effective_compute_at_least": 2},
        {LARGE},
    ),
    "another gate": ({"subjects": [LARGE], "gates": ["internal"]}, set()),
    "deployments alone": ({"audiences": ["everyone"]}, set()),
}


@pytest.mark.parametrize("name", SELECTORS)
def test_a_selector_reaches_runs(name: str) -> None:
    reaches, expected = SELECTORS[name]
    order = lab.order(reaches=reaches)
    held = {ref for ref in (LARGE, SMALL, BARE) if level_of(order, ref) is EffectLevel.HOLD}
    assert held == expected


DEPLOYMENTS: dict[str, tuple[dict[str, Any], bool]] = {
    "its surface": ({"surfaces": ["api"]}, True),
    "another surface": ({"surfaces": ["vendor_access"]}, False),
    "its audience": ({"audiences": ["everyone", "vetted_tier"]}, True),
    "another audience": ({"audiences": ["staff"]}, False),
    "where nothing says in which countries": ({"jurisdictions": ["EU"]}, True),
    "runs alone": ({"run_kinds": ["inference"]}, False),
}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_selector_reaches_a_deployment(name: str) -> None:
    reaches, expected = DEPLOYMENTS[name]
    found = level_of(lab.order(reaches=reaches), lab.DEPLOYMENT, Gate.INTERNAL)
    assert (found is EffectLevel.HOLD) is expected


def test_a_country_that_the_deployment_is_not_offered_in_is_not_reached() -> None:
    order = lab.order(reaches={"jurisdictions": ["EU"]})
    elsewhere = lab.deployment(jurisdictions=["US"])
    assert level_of(order, lab.DEPLOYMENT, Gate.INTERNAL, elsewhere) is EffectLevel.ALLOW


def test_a_model_is_held_where_one_of_its_parts_is_and_only_at_the_gates_of_that_part() -> None:
    order = lab.order(reaches={"labels": ["experimental"], "run_kinds": ["reinforcement"]})
    assert level_of(order, lab.MODEL, Gate.TRAIN) is EffectLevel.HOLD
    assert level_of(order, lab.MODEL, Gate.INTERNAL) is EffectLevel.ALLOW
    assert level_of(order, lab.ROOT, Gate.TRAIN) is EffectLevel.ALLOW


def test_an_order_on_runs_and_deployments_at_once_is_refused() -> None:
    with pytest.raises(DocumentFaults) as refused:
        lab.order(reaches={"run_kinds": ["inference"], "audiences": ["staff"]})
    assert "nothing is" in str(refused.value)


KEPT: dict[str, tuple[dict[str, Any], bool]] = {
    "the audience is no wider": ({"audience": "everyone"}, True),
    "the audience is wider": ({"audience": "vetted_tier"}, False),
    "no surface beside those": ({"surfaces": ["api", "first_party_app", "weights"]}, True),
    "a surface beside those": ({"surfaces": ["api"]}, False),
    "a domain that is blocked": ({"blocked_domains": ["cbrn"]}, True),
    "a domain that is not": ({"blocked_domains": ["cyber", "cbrn"]}, False),
    "the fallback": ({"fallback": "model:old"}, True),
    "another fallback": ({"fallback": "model:older"}, False),
    "a country": ({"jurisdictions": ["EU", "US"]}, True),
    "another country": ({"jurisdictions": ["US"]}, False),
    "one of two is not kept": ({"audience": "staff", "blocked_domains": ["cbrn"]}, False),
    "compute is no limit of a deployment": ({"effective_compute_ratio": 4}, False),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_limit_that_the_register_shows_to_be_kept_does_not_restrict(name: str) -> None:
    limits, is_kept = KEPT[name]
    own = {"blocked_domains": ["cbrn"], "fallback": "model:old", "sha256": lab.DIGESTS["b"]}
    deployed = lab.deployment(configuration=own, jurisdictions=["EU"])
    order = lab.order(effect="restrict", limits=limits)
    policy = lab.policy_of(lab.row("K", **{"if": "always", "require": {"safeguard": "G2"}}))
    known = lab.world(order, deployed, lab.status("status-g2"), lab.case_document(), policy=policy)
    decision = decide(known, Gate.EXTERNAL_GENERAL)
    wanted = EffectLevel.ALLOW_WITH if is_kept else EffectLevel.RESTRICT
    assert (decision.level, decision.is_open) == (wanted, is_kept)
    assert any("keep within the order" in text for text in decision.obligations) is is_kept
    assert bool(decision.limits) is not is_kept


@pytest.mark.parametrize(
    ("planned", "consumed", "unit", "is_kept"),
    [
        (3, 1, "ratio_to_root", True),
        (5, 1, "ratio_to_root", False),
        (3, 5, "ratio_to_root", False),
        (None, 1, "ratio_to_root", False),
        (3, 1, "flop", False),
    ],
)
def test_a_run_keeps_a_cap_only_if_plan_and_use_both_stay_below(
    planned: float | None, consumed: float, unit: str, *, is_kept: bool
) -> None:
    amounts = {"planned_effective_compute": planned, "consumed_effective_compute": consumed}
    capped = run("run:capped", unit=unit, **{k: v for k, v in amounts.items() if v is not None})
    reaches = {"subjects": ["run:capped"]}
    order = lab.order(reaches=reaches, effect="restrict", limits={"effective_compute_ratio": 4})
    found = level_of(order, "run:capped", Gate.TRAIN, capped)
    assert found is (EffectLevel.ALLOW_WITH if is_kept else EffectLevel.RESTRICT)


def test_an_order_that_is_kept_opens_no_gate_at_which_the_policy_is_silent() -> None:
    order = lab.order(effect="restrict", limits={"audience": "everyone"})
    decision = decide(lab.world(order), Gate.INTERNAL)
    assert (decision.governed, decision.is_open) == (False, False)


def test_the_book_says_where_each_order_stands_and_what_it_reaches() -> None:
    orders = [
        lab.order("now", reaches={"labels": ["experimental"]}, review_on=lab.day(-1)),
        lab.order("later", true_from=lab.day(3)),
        lab.order("lifted", lifted_at=lab.day(-2)),
        lab.order("ended", true_until=lab.day(-2)),
    ]
    records = [*lab.register(), *RUNS, *orders]
    bundle = bundle_of(records, lab.LOGS).as_of(lab.AT, lab.AT)
    book = {
        each.record.id: each for each in order_book(register_from(bundle.records), bundle, lab.AT)
    }
    states = {name: each.state for name, each in book.items()}
    assert states == {
        "now": OrderState.IN_FORCE,
        "later": OrderState.NOT_BEGUN,
        "lifted": OrderState.LIFTED,
        "ended": OrderState.ENDED,
    }
    assert {name for name, each in book.items() if each.is_review_overdue} == {"now"}
    assert [ref for ref, _ in book["now"].reached] == [lab.DEPLOYMENT, BARE, lab.RUN, SMALL]
    assert book["lifted"].reached == ((lab.DEPLOYMENT, lab.DEPLOYMENT),)
