"""Printed results of other measures: trials of two arms, time horizons, spreads of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.estimate.model import Estimate
from scalegate.evidence.record import Record
from scalegate.gate.model import IndicatorFinding
from scalegate.policy.vocabulary import Level
from tests.strategies import lab

ELICITED = {"level": "E2", "description": "scaffolded"}
FOLD = lab.line(
    "X", measure="fold_uplift", value="2.8", comparator="above", unit="fold", safe_level=1
)
MINUTES = lab.line(
    "X", measure="horizon_minutes", value=480, unit="minutes", success_level="0.5", safe_level=1
)


def finding(line: lab.Plain, *records: Record, **binding: Any) -> IndicatorFinding:
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", line)])
    known = lab.world(lab.mapping("X", "x", **binding), *records, policy=policy)
    return known.findings["T1"].indicators[0]


def trial(control: lab.Plain, treated: lab.Plain) -> Record:
    payload = {
        "task": "plan something",
        "eval": {"name": "trial"},
        "variant": "helpful_only",
        "tested": lab.HELPFUL,
        "unit": "proportion",
        "scale_max": 1,
        "control": control,
        "treated": treated,
        "elicitation": ELICITED,
    }
    return lab.doc("uplift-trial", "x", payload)


def arm(mean: float, spread: float = 0.05, kind: str = "unstated", **size: int) -> lab.Plain:
    sized = size or {"n": 40}
    return {"mean": mean, "spread": {"kind": kind, "value": spread}, **sized}


SCORES = [0.2, 0.3, 0.25, 0.35, 0.3, 0.2, 0.28, 0.33, 0.31, 0.22]
TRIALS: dict[str, tuple[Record, dict[str, Any], set[str], Level]] = {
    "stated as standard deviation": (
        trial(arm(0.3, kind="sd"), arm(0.33, kind="sd")),
        {},
        {""},
        Level.RULED_OUT,
    ),
    "stated as standard error": (
        trial(arm(0.3, 0.01, kind="se"), arm(0.33, 0.01, kind="se")),
        {},
        {""},
        Level.RULED_OUT,
    ),
    "unstated: the stricter counts": (
        trial(arm(0.3, 0.2), arm(0.33, 0.2)),
        {},
        {"plus-minus read as SD", "plus-minus read as SE"},
        Level.NOT_RULED_OUT,
    ),
    "unstated, read as one by the mapping": (
        trial(arm(0.3, 0.2), arm(0.33, 0.2)),
        {"spread_read_as": "sd"},
        {"plus-minus read as SD", "plus-minus read as SE"},
        Level.RULED_OUT,
    ),
    "a range of participants counts as its lower end": (
        trial(arm(0.3, 0.2, "sd", n_min=3, n_max=90), arm(0.33, 0.2, "sd", n_min=3, n_max=90)),
        {},
        {""},
        Level.NOT_RULED_OUT,
    ),
    "scores of each participant": (
        trial({"scores": SCORES}, {"scores": [score + 0.02 for score in SCORES]}),
        {},
        {""},
        Level.RULED_OUT,
    ),
    "a treated arm without its spread": (
        trial(arm(0.3, kind="sd"), {"mean": 0.33, "n": 40}),
        {},
        {""},
        Level.NOT_RULED_OUT,
    ),
    "a control arm without its size": (
        trial({"mean": 0.3, "spread": {"kind": "sd", "value": 0.1}}, arm(0.33, kind="sd")),
        {},
        {""},
        Level.NOT_RULED_OUT,
    ),
}


@pytest.mark.parametrize("name", TRIALS)
def test_a_trial_of_two_arms(name: str) -> None:
    record, binding, readings, level = TRIALS[name]
    found = finding(FOLD, record, **binding)
    assert {item.reading for item in found.verdicts} == readings
    assert found.level is level


@pytest.mark.parametrize("kind", ["sd", "se", "ci95", "unstated"])
def test_a_printed_interval_of_each_kind(kind: str) -> None:
    record = lab.result("X", "0.1", 200, id="x", interval={"kind": kind, "half_width": 0.05})
    found = finding(lab.line("X"), record)
    assert len(found.verdicts) == (3 if kind == "unstated" else 1)
    ends = lab.result(
        "X", "0.1", 200, id="x", interval={"kind": kind, "lower": 0.05, "upper": 0.15}
    )
    assert len(finding(lab.line("X"), ends).verdicts) == len(found.verdicts)


@pytest.mark.parametrize(
    ("interval", "level"),
    [
        ({"kind": "ci95", "lower": 1180, "upper": 1220}, Level.RULED_OUT),
        (None, Level.NOT_RULED_OUT),
    ],
)
def test_a_rating_counts_by_its_printed_interval(interval: lab.Plain | None, level: Level) -> None:
    line = lab.line("X", measure="elo", value=1800, unit="elo", safe_level=1000)
    record = lab.result("X", 1200, None, id="x", measure="elo", unit="elo", interval=interval)
    assert finding(line, record).level is level
    assert "cannot be read as" in finding(lab.line("X"), record).text


def s3_of(line: lab.Plain, record: Record) -> tuple[bool, str]:
    gate = next(each for each in finding(line, record).gates if each.gate == "S3")
    return gate.is_met, gate.text


def test_scores_and_runs_are_no_printed_figure() -> None:
    told = trial({"scores": SCORES, "dropped": 1}, {"scores": SCORES, "dropped": 0})
    assert s3_of(FOLD, told) == (True, "1 drop-outs count as the worse news")
    met, text = s3_of(FOLD, trial({"scores": SCORES, "dropped": 1}, {"scores": SCORES}))
    assert not met
    assert "how many participants dropped out" in text
    assert "printed summary of an arm" in s3_of(FOLD, trial(arm(0.3), arm(0.3)))[1]
    assert s3_of(MINUTES, horizon(30))[1].endswith(
        "runs that a limit or an error stopped count as the worse news"
    )
    every, fewer = (
        finding(FOLD, trial({"scores": SCORES}, {"scores": SCORES, "dropped": gone}))
        .verdicts[0]
        .verdict.estimate
        for gone in (0, 3)
    )
    assert isinstance(every, Estimate)
    assert isinstance(fewer, Estimate)
    assert fewer.upper is None or (every.upper is not None and fewer.upper > every.upper)


def horizon(successes: int) -> Record:
    runs = [
        {
            "task": f"t{index}",
            "family": f"f{index % 12}",
            "human_minutes": 2 ** (index % 12),
            "success": index < successes,
        }
        for index in range(60)
    ]
    payload = {
        "eval": {"name": "tasks"},
        "variant": "helpful_only",
        "tested": lab.HELPFUL,
        "runs": runs,
        "elicitation": ELICITED,
    }
    return lab.doc("horizon-runs", "x", payload)


def test_a_time_horizon_is_estimated_from_its_runs() -> None:
    found = finding(MINUTES, horizon(30))
    assert len(found.verdicts) == 1
    assert found.level is not Level.RULED_OUT or found.verdicts[0].verdict.bound is not None


def test_a_document_of_another_kind_than_the_line_reads_is_refused() -> None:
    for line, record in (
        (FOLD, horizon(3)),
        (MINUTES, trial(arm(0.3), arm(0.3))),
        (lab.line("X"), lab.judgement("x")),
    ):
        found = finding(line, record)
        assert found.level is Level.UNASSESSED
        assert "cannot be read as" in found.text


def test_a_count_answers_a_line_on_a_count() -> None:
    line = lab.line("X", measure="count_of", value=15, unit="tasks", estimand="fixed_list", of=20)
    record = lab.counted("X", 0, 20)
    assert finding(line, record, selects={"document": "result-X"}).verdicts


@pytest.mark.parametrize(
    "record", [trial(arm(0.3), arm(0.3)), horizon(3)], ids=["trial", "horizon"]
)
def test_trials_and_horizons_answer_a_plan_with_their_size(record: Record) -> None:
    name = record.payload.eval.name  # type: ignore[attr-defined]
    plan = lab.plan(lab.planned(name, samples=60, answers=[f"{lab.FRAMEWORK}/T3"]))
    assert lab.world(record, plan).findings["T3"].missing == ()
    more = lab.plan(lab.planned(name, samples=500, answers=[f"{lab.FRAMEWORK}/T3"]))
    assert "fewer samples" in lab.world(record, more).findings["T3"].missing[0]


def tried(line: str, *arms: lab.Plain) -> Record:
    return lab.elicited(line, *arms)


CONTROL = {"scores": SCORES, "dropped": 0}
WEAK, STRONG = [0.3] * 5 + [0.2] * 5, [0.9] * 5 + [0.95] * 5


def arms_of(line: lab.Plain, *records: Record) -> dict[str, Any]:
    found = finding(line, *records)
    return {read.reading: read.verdict.estimate for read in found.verdicts if read.is_arm}


def test_arms_on_a_fold_line_are_judged_over_the_control_arm_of_the_trial() -> None:
    weak, strong = (
        lab.arm(name, result={"scores": scores})
        for name, scores in (("weak", WEAK), ("strong", STRONG))
    )
    plain = finding(FOLD, trial(CONTROL, CONTROL))
    assert plain.level is Level.RULED_OUT
    record = tried("X", weak, strong)
    found = finding(FOLD, trial(CONTROL, CONTROL), record)
    assert found.level is Level.NOT_RULED_OUT
    names = ["arm `weak` of elicited-X", "arm `strong` of elicited-X"]
    given = arms_of(FOLD, trial(CONTROL, CONTROL), record)
    assert list(given) == names
    assert given[names[1]].point == pytest.approx(0.925 / (sum(SCORES) / 10))
    gap = next(said for said in found.elicited if said.startswith("gap between"))
    assert "weakest arm `weak` of elicited-X and strongest `strong`" in gap
    assert gap.split(": ")[1].startswith("3.7 times (from ")
    assert gap.endswith(", 90% for all arms)")


def rated(name: str, value: int) -> Record:
    interval = {"kind": "ci95", "half_width": 10}
    return lab.result("x", value, 50, id=name, measure="elo", unit="elo", interval=interval)


@pytest.mark.parametrize("line", [MINUTES, lab.line("X", measure="elo", value=1500, unit="points")])
def test_scores_of_items_say_nothing_of_minutes_and_ratings_and_hold(line: lab.Plain) -> None:
    rating = rated("x", 1000)
    record = horizon(3) if line is MINUTES else rating
    assert finding(line, record).level is Level.RULED_OUT
    found = finding(line, record, tried("X", lab.arm("a"), lab.arm("b")))
    assert found.level is Level.NOT_RULED_OUT
    assert "name it in the arm (`measured_by`)" in found.text
    assert any("of 2 arms 0 gave a" in said for said in found.elicited)
    named = tried("X", lab.arm("a", result=None, measured_by="x"))
    assert finding(line, record, named).level is Level.RULED_OUT
    ruled_in = {**line, "role": "rule_in", "value": 900}
    if line is not MINUTES:
        assert finding(ruled_in, record, tried("X", lab.arm())).level is Level.CROSSED


def test_arms_are_compared_by_the_documents_that_measure_them() -> None:
    line = lab.line("X", measure="elo", value=1500, unit="points")
    low, high = rated("x", 1000), rated("y", 1100)
    arms = [lab.arm(name, result=None, measured_by=name) for name in ("x", "y")]
    other = lab.mapping("X", "y", id="map-other")
    found = finding(line, low, high, other, tried("X", *arms))
    gap = next(said for said in found.elicited if said.startswith("gap between"))
    assert ": 100 points (from 7" in gap


def test_a_blunt_line_says_why() -> None:
    assert finding(MINUTES, horizon(3)).level is Level.RULED_OUT
    far = finding({**MINUTES, "value": 9000}, horizon(3))
    assert "the most this design can speak to" in far.text
