"""A log that was stopped early counts by a bound that allows it, or is refused in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scalegate.estimate.model import Estimate
from scalegate.evidence.eval_log import EvalLog, StopRecord
from scalegate.evidence.record import Record
from scalegate.gate.model import Finding, Reason
from scalegate.policy.vocabulary import Level
from tests.strategies import lab
from tests.strategies.lab import AT, Run

POLICY = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.line("L1"))])
RULE = {"rule": "scalegate.StopWhenSettled/1", "line": 0.5, "alpha": 0.05, "score": "match"}
RECORDED = StopRecord(manager="scalegate.StopWhenSettled/1", line=0.5, alpha=0.05, score="match")
START = AT - timedelta(days=40)
LISTED = tuple(f"i{(7 * place) % 60:02d}" for place in range(60))
"""Sixty items in a shuffled order."""


def mapped(**changes: Any) -> Record:
    given: dict[str, Any] = {
        "selects": {"task": {"name": "task", "version": "1", "scorer": "match"}},
        "taken_on": lab.HELPFUL,
        "elicitation": {"level": "E2", "description": "scaffolded"},
    }
    return lab.mapping("L1", **{**given, **changes})


def planned(**changes: Any) -> Record:
    run = {"eval": {"name": "task"}, "samples": 60, "tested": lab.HELPFUL, "stopping": RULE}
    return lab.plan(lab.planned("L1", **{**run, **changes}))


def stopped(ran: int = 12, solved: int = 0, **changes: Any) -> EvalLog:
    """Return a log that ran so many of the listed items, the first of which were solved."""
    runs = [Run(item=LISTED[i], score=float(i < solved), family=f"f{i}") for i in range(ran)]
    header: dict[str, Any] = {
        "planned_ids": LISTED,
        "planned_id_count": 60,
        "has_early_stopping": True,
        "early_stop_count": 60 - ran,
        "stopping": RECORDED,
        "is_shuffled": True,
        "started_at": START,
        "completed_at": START + timedelta(hours=1),
    }
    return lab.eval_log(runs, **{**header, **changes})


def found(*records: Record, log: EvalLog) -> Finding:
    return lab.world(*records, policy=POLICY, logs={"a" * 64: log}).findings["T1"]


def estimate_in(finding: Finding) -> Estimate:
    made = finding.indicators[0].verdicts[0].verdict.estimate
    assert isinstance(made, Estimate)
    return made


def test_a_run_stopped_as_planned_rules_out_by_the_bound_that_allows_it() -> None:
    finding = found(mapped(), planned(), log=stopped())
    assert finding.own is Level.RULED_OUT, finding
    made = estimate_in(finding)
    assert (made.method, made.n_units, made.anytime_valid) == ("betting_e_value", 12, True)
    assert "S8" in {each.gate.value for each in finding.indicators[0].gates if each.is_met}


def test_what_the_manager_says_was_settled_is_not_believed() -> None:
    """The same statement of the run over other samples: the samples count."""
    assert found(mapped(), planned(), log=stopped(solved=12)).own is not Level.RULED_OUT


def test_items_beyond_the_first_that_did_not_run_count_for_nothing() -> None:
    later = [Run(item=LISTED[i], score=float(i > 20)) for i in (*range(12), *range(21, 40))]
    log = stopped()
    gap = lab.eval_log(later, **{name: getattr(log.header, name) for name in KEPT})
    assert estimate_in(found(mapped(), planned(), log=gap)).n_units == 12


KEPT = (
    "planned_ids", "planned_id_count", "has_early_stopping", "early_stop_count", "stopping",
    "is_shuffled", "started_at", "completed_at",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "rule", "why"),
    [
        ({"stopping": None}, {}, "not by `scalegate.StopWhenSettled/1`"),
        ({"stopping": StopRecord(manager="other/2")}, {}, "not by"),
        ({}, {"stopping": None, "samples": 12}, "no plan fixed the rule"),
        ({"started_at": AT - timedelta(days=300)}, {}, "no plan fixed the rule"),
        ({}, {"stopping": {**RULE, "line": 0.4}}, "line 0.5, planned 0.4"),
        ({}, {"stopping": {**RULE, "alpha": 0.01}}, "alpha 0.05, planned 0.01"),
        ({"is_shuffled": False}, {}, "were shuffled"),
        ({"planned_ids": ()}, {}, "lists none"),
        ({"planned_ids": (*LISTED, LISTED[0])}, {}, "one twice"),
    ],
)
def test_any_other_stopped_log_is_refused_in_words(
    changes: dict[str, Any], rule: dict[str, Any], why: str
) -> None:
    finding = found(mapped(), planned(**rule), log=stopped(**changes))
    assert finding.own is Level.UNASSESSED
    assert Reason.INVALID in finding.reasons
    assert why in " ".join(finding.indicators[0].verdicts[0].verdict.details)


def test_another_score_than_the_one_that_was_watched_is_refused() -> None:
    other = StopRecord(manager=RECORDED.manager, line=0.5, alpha=0.05, score="other")
    watched = planned(stopping={**RULE, "score": "other"})
    finding = found(mapped(), watched, log=stopped(stopping=other))
    assert "the mapping's is `match`" in finding.indicators[0].verdicts[0].verdict.details[0]


def test_families_and_second_logs_are_refused() -> None:
    families = found(mapped(family_key="family"), planned(), log=stopped())
    assert "single items" in families.indicators[0].verdicts[0].verdict.details[0]
    both = {"a" * 64: stopped(), "b" * 64: stopped(eval_id="again")}
    world = lab.world(mapped(), planned(), policy=POLICY, logs=both)
    details = world.findings["T1"].indicators[0].verdicts[0].verdict.details
    assert "one of 2 logs" in details[0]


def test_fewer_items_on_the_list_than_planned_is_a_shortfall() -> None:
    short = stopped(planned_ids=LISTED[:40], planned_id_count=40)
    finding = found(mapped(), planned(), log=short)
    assert finding.own is Level.NOT_RULED_OUT
    assert "got 40 listed" in finding.missing[0]


def test_a_stopped_run_in_which_nothing_finished_says_nothing() -> None:
    assert found(mapped(), planned(), log=stopped(ran=0)).own is Level.UNASSESSED
