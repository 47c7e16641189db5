"""A control vouches for an eval, or spoils it; it opens nothing, and nobody can lose it unseen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import DocumentFaults
from scalegate.estimate.certificate import conditional_error
from scalegate.estimate.model import Estimate
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.record import Record
from scalegate.gate.adverse import adverse_digests
from scalegate.gate.model import Assessment, IndicatorFinding, Reason
from scalegate.policy.vocabulary import Level
from scalegate.report.verdict_text import verdict_numbers
from tests.strategies import lab
from tests.strategies.lab import AT, Run

POLICY = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.line("L1"))])
OTHER = "checkpoint:experts/1"
BASE = [lab.mapping("L1"), lab.result("L1")]
TASK = {"task": {"name": "task", "version": "1", "scorer": "match"}}
OWN = lab.mapping(
    "L1",
    selects=TASK,
    taken_on=lab.HELPFUL,
    elicitation={"level": "E2", "description": "scaffolded"},
)
ALPHA = 0.05
HIGH, LOW, SHOWN = "d" * 64, "e" * 64, "a" * 64


def known(*records: Record, logs: dict[str, EvalLog] | None = None) -> Assessment:
    return lab.world(*records, policy=POLICY, logs=logs or {})


def line_of(*records: Record, logs: dict[str, EvalLog] | None = None) -> IndicatorFinding:
    return known(*records, logs=logs).findings["T1"].indicators[0]


def control(kind: str = "positive", document: str = "control", **changes: Any) -> Record:
    return lab.mapping("L1", document, id="map-control", control=kind, **changes)


def shown(value: float = 0.9, *, n: int | None = 200, **changes: Any) -> Record:
    given = {"eval": {"name": "L1"}, "tested": OTHER, "id": "control", **changes}
    return lab.result("L1", value, n, **given)


def met(line: IndicatorFinding) -> set[str]:
    return {each.gate.value for each in line.gates if each.is_met}


def scored(solved: int, *, model: str, items: int = 60, **changes: Any) -> EvalLog:
    runs = [Run(item=f"i{i}", score=float(i < solved), model=model) for i in range(items)]
    return lab.eval_log(runs, model=f"lab/{model}", **changes)


def test_controls_that_pass_meet_their_gates_and_change_no_status() -> None:
    bare = line_of(*BASE)
    both = line_of(
        *BASE,
        control(),
        shown(),
        lab.mapping("L1", "weak", id="map-weak", control="negative"),
        shown(0.0, id="weak"),
    )
    assert bare.level is both.level is Level.RULED_OUT
    assert met(both) - met(bare) == {"S1", "S2"}
    assert both.verdicts[0].verdict.to_mapping()["negative_control"]["point"] == 0.0


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([control(), shown(0.4)], "value 0.01"),
        ([control("negative"), shown(0.9)], "value 0.01"),
        ([control()], "is not on record"),
        ([control(), shown(n=None)], "neither n nor"),
        ([control(), shown(eval={"name": "another"})], "other name"),
        ([control(), shown(eval={"name": "L1", "harness_version": "2"})], "other harness version"),
        ([control(attempts={"kind": "max"}), shown()], "other reading"),
        ([control(), shown(tested=lab.HELPFUL)], "an edge joins"),
        ([control(), lab.judgement("control")], "cannot be read"),
    ],
)
def test_a_control_that_fails_or_cannot_be_used_spoils_the_eval(
    records: list[Record], why: str
) -> None:
    """A control on record that is unreadable is as bad as one that failed: losing it is no way."""
    line = line_of(*BASE, *records)
    assert line.level is Level.UNASSESSED
    assert line.reasons == (Reason.INVALID,)
    details = [*line.verdicts[0].verdict.details, line.text]
    assert why in " ".join(details)


def test_a_small_negative_control_leaves_the_floor_open_and_spoils_nothing() -> None:
    line = line_of(*BASE, control("negative"), shown(0.5, n=4))
    assert line.level is Level.RULED_OUT
    assert "S2" not in met(line)


def test_a_doubted_control_counts_for_nothing_and_holds() -> None:
    line = line_of(*BASE, control(), shown(), lab.incident(evidence=["control"]))
    assert line.reasons == (Reason.IMPUGNED,)


def test_a_graded_line_cannot_have_a_control() -> None:
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.graded("J1"))])
    spoiled = lab.mapping("J1", "other", id="map-control", control="positive")
    finding = lab.world(
        lab.mapping("J1", "expert"), lab.judgement("expert"), spoiled, policy=policy
    ).findings["T1"]
    assert finding.own is Level.UNASSESSED


def test_logs_of_controls_are_no_measurement_of_the_subject() -> None:
    logs = {SHOWN: scored(0, model="m-1"), HIGH: scored(58, model="top")}
    named = control(selects={"log_sha256": HIGH}, taken_on=OTHER, scorer="match")
    assert line_of(OWN, logs=logs).level is Level.UNASSESSED  # two models in one measurement
    line = line_of(OWN, named, logs=logs)
    assert line.level is Level.RULED_OUT
    assert "S1" in met(line)
    assert [ref.digest for ref in line.evidence] == [SHOWN]


@pytest.mark.parametrize(
    "changes",
    [{"taken_on": lab.HELPFUL}, {"scorer": "other"}, {"selects": {"log_sha256": LOW}}],
)
def test_a_log_of_the_subject_cannot_be_called_a_control_away(changes: dict[str, Any]) -> None:
    logs = {SHOWN: scored(0, model="m-1"), HIGH: scored(58, model="top")}
    named = {"selects": {"log_sha256": HIGH}, "taken_on": OTHER, "scorer": "match", **changes}
    assert line_of(OWN, control(**named), logs=logs).level is Level.UNASSESSED


def test_a_log_of_the_same_model_is_no_control() -> None:
    logs = {SHOWN: scored(0, model="m-1"), HIGH: scored(58, model="m-1")}
    named = control(selects={"log_sha256": HIGH}, taken_on=OTHER, scorer="match")
    line = line_of(OWN, named, logs=logs)
    assert line.level is Level.UNASSESSED
    assert {ref.digest for ref in line.evidence} == {SHOWN, HIGH}


def test_other_items_are_another_eval() -> None:
    logs = {
        SHOWN: scored(0, model="m-1"),
        HIGH: scored(58, model="top", dataset_ids_digest="easy ones"),
    }
    named = control(selects={"log_sha256": HIGH}, taken_on=OTHER, scorer="match")
    assert "other items" in line_of(OWN, named, logs=logs).verdicts[0].verdict.details[0]


def test_a_control_selected_by_its_task_is_refused() -> None:
    with pytest.raises(DocumentFaults, match="by its task"):
        lab.mapping("L1", selects=TASK, taken_on=OTHER, control="positive")


@given(
    st.sampled_from(["positive", "negative"]),
    st.integers(0, 100),
    st.one_of(st.none(), st.integers(1, 300)),
    st.sampled_from([OTHER, lab.HELPFUL, "checkpoint:m/final"]),
    st.sampled_from(["0.01", "0.3", "0.7"]),
)
@settings(max_examples=60, deadline=None)
def test_no_control_ever_opens_anything(
    kind: str, percent: int, n: int | None, tested: str, own: str
) -> None:
    """With a control a line's level is the one it has without, or unassessed: never milder.
    So losing one opens nothing either, but by spoiling it; and every control is on the register.
    """
    records = [lab.mapping("L1"), lab.result("L1", own)]
    spoken = [control(kind), shown(percent / 100, n=n, tested=tested)]
    without, with_it = line_of(*records), line_of(*records, *spoken)
    assert with_it.level in (without.level, Level.UNASSESSED)
    adverse = adverse_digests(known(*records, *spoken))
    assert {record.digest for record in spoken} <= adverse


# --- looks ----------------------------------------------------------------------------------------


def at(hours: int, *, length: int = 1) -> dict[str, Any]:
    start = AT - timedelta(days=40) + timedelta(hours=hours)
    return {"started_at": start, "completed_at": start + timedelta(hours=length)}


def test_more_items_after_results_were_seen_are_refused() -> None:
    first = scored(0, model="m-1", items=30, **at(0))
    more = scored(0, model="m-1", items=60, **at(5))
    line = line_of(OWN, logs={SHOWN: first, HIGH: more})
    assert line.reasons == (Reason.INVALID,)
    assert "2 looks" in line.verdicts[0].verdict.details[0]
    at_once = scored(0, model="m-1", items=60, **at(0, length=2))
    assert line_of(OWN, logs={SHOWN: first, HIGH: at_once}).level is Level.RULED_OUT


def test_more_epochs_are_another_look_and_a_retry_of_the_same_is_none() -> None:
    first = scored(0, model="m-1", **at(0))
    again = line_of(OWN, logs={SHOWN: first, HIGH: scored(0, model="m-1", **at(5))})
    more = scored(0, model="m-1", planned_epochs=2, **at(5))
    assert again.verdicts[0].verdict.n_looks == 1
    assert line_of(OWN, logs={SHOWN: first, HIGH: more}).verdicts[0].verdict.n_looks == 2


def test_a_kept_promise_of_samples_meets_the_gate_of_looks() -> None:
    logs = {SHOWN: scored(0, model="m-1", **at(0))}
    promise = lab.planned("L1", eval={"name": "task"}, samples=60, tested=lab.HELPFUL)
    plan = lab.plan(promise, is_complete=False)
    assert "S8" not in met(line_of(OWN, logs=logs))
    assert "S8" in met(line_of(OWN, plan, logs=logs))
    longer = {SHOWN: scored(0, model="m-1", items=61, **at(0))}
    assert "S8" not in met(line_of(OWN, plan, logs=longer))


def in_looks(*looks: int, **changes: Any) -> Record:
    given = {"eval": {"name": "task"}, "samples": looks[-1], "tested": lab.HELPFUL, **changes}
    return lab.plan(lab.planned("L1", looks=list(looks), **given), is_complete=False)


def grown(*sizes: int, solved: int = 0) -> dict[str, EvalLog]:
    names = (SHOWN, HIGH, "b" * 64)
    return {
        name: scored(solved, model="m-1", items=size, **at(5 * place))
        for place, (name, size) in enumerate(zip(names, sizes, strict=False))
    }


LOOKS: dict[str, tuple[tuple[int, ...], tuple[int, ...], bool, str]] = {
    "as promised": ((60, 120), (60, 120), True, "2 of 2 promised, each with an error of 2.50%"),
    "the first of two": ((60, 120), (60,), True, "1 of 2 promised"),
    "one of three left out": ((30, 60, 120), (60, 120), True, "2 of 3 promised"),
    "at another size": ((60, 120), (70, 120), False, "at 70, 120 items, planned were 60, 120"),
    "once more": ((60, 120), (60, 120, 121), False, "at 60, 120, 121 items"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_looks_at_promised_sizes_share_the_error_out(name: str) -> None:
    promised, seen, is_out, said = LOOKS[name]
    line = line_of(OWN, in_looks(*promised), logs=grown(*seen))
    verdict = line.verdicts[0].verdict
    assert (line.level is Level.RULED_OUT) is is_out
    assert ("S8" in met(line)) is is_out
    assert said in "\n".join((*verdict_numbers(verdict, expires_at=None), *verdict.details))
    if is_out:
        assert isinstance(verdict.estimate, Estimate)
        assert verdict.estimate.alpha == ALPHA / len(promised)
        assert f"5.00% over {len(promised)} promised looks" in conditional_error(verdict)


def test_a_promise_of_looks_costs_at_the_first_look_and_unkept_looks_are_no_evidence() -> None:
    logs = {SHOWN: scored(5, model="m-1", items=60, **at(0))}
    plain, shared = (
        line_of(OWN, *plans, logs=logs).verdicts[0].verdict.bound
        for plans in ((), (in_looks(60, 120),))
    )
    assert plain is not None
    assert shared is not None
    assert shared > plain
    early = {**logs, HIGH: scored(0, model="m-1", items=120, **at(-24 * 365))}
    line = line_of(OWN, in_looks(60, 120), logs=early)
    assert "not every log answers" in line.verdicts[0].verdict.details[0]


@pytest.mark.parametrize(
    ("looks", "changes", "said"),
    [
        ([60, 60], {"samples": 60}, "looks that do not grow"),
        ([60], {"samples": 60}, "looks that do not grow"),
        ([60, 120], {"samples": 200}, "looks that do not grow"),
    ],
)
def test_looks_that_do_not_grow_to_the_samples_are_refused(
    looks: list[int], changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(DocumentFaults, match=said):
        lab.plan(lab.planned("L1", looks=looks, **changes))


def test_what_the_subjects_own_mapping_names_is_a_measurement_whatever_is_said_of_it() -> None:
    own = line_of(*BASE, control(document="result-L1"))
    assert (own.level, own.verdicts[0].verdict.positive_control) == (Level.RULED_OUT, None)
    logs = {SHOWN: scored(0, model="m-1")}
    by_digest: dict[str, Any] = {
        "selects": {"log_sha256": SHOWN},
        "taken_on": lab.HELPFUL,
        "scorer": "match",
    }
    level: dict[str, Any] = {"elicitation": {"level": "E2", "description": "scaffolded"}}
    measured = lab.mapping("L1", **by_digest, **level)
    line = line_of(measured, control(**by_digest), logs=logs)
    assert (line.level, line.verdicts[0].verdict.positive_control) == (Level.RULED_OUT, None)


def test_experts_in_a_document_may_vouch_for_a_log_of_the_same_task() -> None:
    logs = {SHOWN: scored(0, model="m-1")}
    named = {"name": "task", "task_version": "1"}
    assert "S1" in met(line_of(OWN, control(), shown(eval=named), logs=logs))
    other = line_of(OWN, control(), shown(eval={**named, "task_version": "2"}), logs=logs)
    assert "other task version" in other.verdicts[0].verdict.details[0]
    nobody = line_of(OWN, control(), lab.judgement("control"), logs=logs)
    assert "other name" in " ".join(nobody.verdicts[0].verdict.details)


def test_a_control_log_without_a_number_or_a_log_is_unusable() -> None:
    lost = lab.eval_log(
        [Run(item=f"i{i}", error="errored", unscored="absent", model="top") for i in range(60)],
        model="lab/top",
    )
    named = control(selects={"log_sha256": HIGH}, taken_on=OTHER, scorer="match")
    logs = {SHOWN: scored(0, model="m-1")}
    empty = line_of(OWN, named, logs={**logs, HIGH: lost})
    absent = line_of(OWN, named, logs=logs)
    assert empty.level is absent.level is Level.UNASSESSED
    assert "its log is not on record" in absent.verdicts[0].verdict.details[0]


def test_the_most_telling_control_counts_on_lines_crossed_from_above() -> None:
    low = lab.line("L1", comparator="at_most", value="0.5", safe_level="0.98")
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", low)])
    records = [lab.mapping("L1"), lab.result("L1", "0.99"), control(), shown(0.05)]
    line = lab.world(*records, policy=policy).findings["T1"].indicators[0]
    assert line.level is Level.RULED_OUT
    assert "S1" in met(line)
