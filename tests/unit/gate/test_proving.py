"""Asking for proof never opens anything; the bounds it asks for keep their level."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import clopper_pearson_lower, clopper_pearson_upper
from scalegate.estimate.model import Estimate, Insufficient
from scalegate.estimate.proved import estimate_betting
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import Finding
from scalegate.gate.proving import NOTE
from scalegate.policy.vocabulary import Gate, Level
from tests.strategies import lab
from tests.strategies.lab import AT, Run

POLICY = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.line("L1"))])


def found(
    *records: Record,
    logs: dict[str, EvalLog] | None = None,
    is_proved: bool = True,
    policy: Any = POLICY,
) -> Finding:
    given = lab.inputs(policy, [*lab.register(), *records], logs or {})
    asked = inputs_of(given.program, given.bundle, policy_digest="", is_proved=is_proved)
    return assess(at_instant(asked, AT, AT), lab.MODEL, AT).findings["T1"]


def estimate_in(finding: Finding) -> Estimate:
    made = finding.indicators[0].verdicts[0].verdict.estimate
    assert isinstance(made, Estimate)
    return made


def mapped(**changes: Any) -> Record:
    given: dict[str, Any] = {
        "selects": {"task": {"name": "task", "version": "1", "scorer": "match"}},
        "taken_on": lab.HELPFUL,
        "elicitation": {"level": "E2", "description": "scaffolded"},
    }
    return lab.mapping("L1", **{**given, **changes})


def scored(share: float = 0.1, *, items: int = 90, between: float | None = None) -> EvalLog:
    """Return a log of three attempts at each item, the last item in ten solved once."""
    runs = [
        Run(
            item=f"i{i:02d}",
            epoch=epoch,
            score=between if between is not None else float(epoch == 2 and i % 10 < 10 * share),
            family=f"f{i:02d}",
        )
        for i in range(items)
        for epoch in (1, 2, 3)
    ]
    start = AT - timedelta(days=40)
    return lab.eval_log(
        runs, planned_epochs=3, started_at=start, completed_at=start + timedelta(hours=1)
    )


def planned(**changes: Any) -> Record:
    run = {"eval": {"name": "task"}, "samples": 90, "epochs": 3, "tested": lab.HELPFUL}
    return lab.plan(lab.planned("L1", **{**run, **changes}))


def test_attempts_are_picked_by_the_seed_that_the_plan_fixed() -> None:
    logs = {"a" * 64: scored()}
    usual = estimate_in(found(mapped(), planned(seed="s-1"), logs=logs, is_proved=False))
    made = estimate_in(found(mapped(), planned(seed="s-1"), logs=logs))
    assert (usual.method, made.method) == ("gaffke_beta", "clopper_pearson_one_epoch")
    assert any("`s-1`" in note for note in made.notes)
    other = estimate_in(found(mapped(), planned(seed="s-2"), logs=logs))
    assert other.upper != made.upper
    assert usual.upper is not None
    assert made.upper is not None
    assert made.upper >= usual.upper
    assert made.lower == usual.lower  # the side that rules in stays


@pytest.mark.parametrize(
    "records",
    [[mapped()], [mapped(), planned()], [mapped(family_key="family"), planned(seed="s")]],
)
def test_without_a_seed_or_with_families_bets_bound_the_mean(records: list[Record]) -> None:
    made = estimate_in(found(*records, logs={"a" * 64: scored()}))
    assert made.method == "betting_e_value_at_once"


def test_scores_between_fail_and_pass_are_bounded_by_bets() -> None:
    logs = {"a" * 64: scored(between=0.4)}
    made = estimate_in(found(mapped(), planned(seed="s"), logs=logs))
    assert made.method == "betting_e_value_at_once"


def test_single_attempts_of_0_or_1_are_proved_already() -> None:
    runs = [Run(item=f"i{i}", score=float(i < 3)) for i in range(60)]
    logs = {"a" * 64: lab.eval_log(runs)}
    usual = estimate_in(found(mapped(), logs=logs, is_proved=False))
    made = estimate_in(found(mapped(), logs=logs))
    assert (made.upper, made.method) == (usual.upper, usual.method)
    assert "proved" in made.notes[-1]


@pytest.mark.parametrize(
    ("comparator", "value", "is_held"), [("at_least", "0.5", True), ("at_most", "0.5", True)]
)
def test_what_has_no_proved_bound_rules_nothing_out(
    comparator: str, value: str, is_held: bool
) -> None:
    line = lab.line("L1", comparator=comparator, value=value, safe_level="0.02")
    if comparator == "at_most":
        line |= {"safe_level": "0.98"}
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", line)])
    point = 0.01 if comparator == "at_least" else 0.99
    printed = lab.result("L1", point, None, interval={"kind": "se", "half_width": 0.001})
    assert found(lab.mapping("L1"), printed, policy=policy, is_proved=False).own is Level.RULED_OUT
    assert (found(lab.mapping("L1"), printed, policy=policy).own is Level.NOT_RULED_OUT) is is_held


def uplift(**arms: lab.Plain) -> Record:
    payload = {
        "task": "plan something",
        "eval": {"name": "trial"},
        "variant": "helpful_only",
        "tested": lab.HELPFUL,
        "unit": "proportion",
        "scale_max": 1,
        "elicitation": {"level": "E2", "description": "scaffolded"},
        **arms,
    }
    return lab.doc("uplift-trial", "x", payload)


FOLD = lab.line(
    "L1", measure="fold_uplift", value="2.8", comparator="above", unit="fold", safe_level=1
)


def test_an_uplift_is_proved_arm_by_arm_where_scores_are_given() -> None:
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", FOLD)])
    arm = {"scores": [0, 0, 0, 1] * 40}
    usual, made = (
        found(
            lab.mapping("L1", "x"),
            uplift(control=arm, treated=arm),
            policy=policy,
            is_proved=each,
        )
        for each in (False, True)
    )
    before, after = estimate_in(usual), estimate_in(made)
    assert (before.method, after.method) == ("fieller_welch", "bonferroni_of_arms")
    assert after.upper == pytest.approx(
        clopper_pearson_upper(40, 160, 0.025) / clopper_pearson_lower(40, 160, 0.025)
    )
    assert before.upper is not None
    assert after.upper is not None
    assert before.upper < after.upper
    assert before.lower == after.lower  # the side that rules in stays
    printed = {"mean": 0.5, "n": 80, "spread": {"kind": "se", "value": 0.01}}
    refused = found(lab.mapping("L1", "x"), uplift(control=printed, treated=printed), policy=policy)
    assert refused.own is Level.NOT_RULED_OUT
    assert estimate_in(refused).upper is None
    assert "give the score of each participant" in estimate_in(refused).notes[-1]


def test_a_printed_share_with_its_n_stays() -> None:
    records = (lab.mapping("L1"), lab.result("L1"))
    assert found(*records).own is found(*records, is_proved=False).own is Level.RULED_OUT


@given(
    st.lists(st.lists(st.sampled_from((0.0, 1.0)), min_size=2, max_size=2), min_size=1, max_size=40)
)
@settings(max_examples=30, deadline=None)
def test_proof_never_opens_what_is_held(scores: list[list[float]]) -> None:
    """A line's level with proved bounds is at least as strict as by the usual ones."""
    runs = [
        Run(item=f"i{i}", epoch=epoch + 1, score=score)
        for i, row in enumerate(scores)
        for epoch, score in enumerate(row)
    ]
    logs = {"a" * 64: lab.eval_log(runs, planned_epochs=2)}
    usual, proved = (found(mapped(), logs=logs, is_proved=each).own for each in (False, True))
    assert proved >= usual


def test_a_decision_says_that_it_was_asked_for_proof() -> None:
    given = lab.inputs(POLICY, [*lab.register(), lab.mapping("L1"), lab.result("L1")], {})
    for is_proved in (False, True):
        asked = inputs_of(given.program, given.bundle, policy_digest="", is_proved=is_proved)
        known = assess(at_instant(asked, AT, AT), lab.MODEL, AT)
        decision = decide(known, Gate.EXTERNAL_GENERAL)
        assert decision.is_proved is is_proved
        assert (NOTE in decision.notes) is is_proved


@pytest.mark.parametrize("runs", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_bets_at_once_keep_their_level_also_where_items_differ(runs: int) -> None:
    """Truth at .3 by items of .05 to .55, 40 units: ruled out below .3 in at most 5 %."""
    generator = np.random.Generator(np.random.PCG64(3))
    chances = np.linspace(0.05, 0.55, 40)
    wrong = 0
    for _ in range(runs):
        units = generator.binomial(3, chances) / 3.0
        made = estimate_betting(high=units.tolist(), low=units.tolist(), alpha=0.05)
        assert isinstance(made, Estimate)
        assert made.upper is not None
        wrong += made.upper < 0.3
    assert wrong <= 0.05 * runs


def test_bets_at_once_do_not_depend_on_the_order() -> None:
    units = [0.0, 1 / 3, 0.0, 1.0, 0.0, 2 / 3, 0.0, 0.0]
    one = estimate_betting(high=units, low=units, alpha=0.05)
    other = estimate_betting(high=units[::-1], low=units[::-1], alpha=0.05)
    assert isinstance(one, Estimate)
    assert isinstance(other, Estimate)
    assert one.upper == pytest.approx(other.upper)
    assert isinstance(estimate_betting(high=[], low=[], alpha=0.05), Insufficient)
    with pytest.raises(UsageError):
        estimate_betting(high=[0.1], low=[0.2], alpha=0.05)


def test_lines_crossed_from_above_are_proved_on_their_side() -> None:
    low = lab.line("L1", comparator="at_most", value="0.5", safe_level="0.98")
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", low)])
    logs = {"a" * 64: scored(between=0.9)}
    usual = estimate_in(found(mapped(), logs=logs, policy=policy, is_proved=False))
    made = estimate_in(found(mapped(), logs=logs, policy=policy))
    assert made.lower <= usual.lower
    assert made.upper == usual.upper
