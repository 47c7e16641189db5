"""A level counts as far as arms on record reach, and every arm must rule out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import DocumentFaults
from scalegate.estimate.elicited import Arm, CurveVerdict, Point, judge_curve, measured_gap
from scalegate.evidence.record import Record
from scalegate.gate.adverse import adverse_digests
from scalegate.gate.assess import assess
from scalegate.gate.at_gate import at_gate
from scalegate.gate.elicitation_asked import checked_off
from scalegate.gate.model import IndicatorFinding, Reason
from scalegate.policy.vocabulary import Gate, Level
from scalegate.report.elicitation_text import checked_off_texts
from tests.strategies import lab

LINE = lab.line("L1", allowances=[])
POLICY = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", LINE)])


def claimed(level: str | None, value: str = "0.01") -> list[Record]:
    said = {"level": level, "description": "as said"} if level else None
    changes: dict[str, Any] = {"elicitation": said} if said else {}
    result = lab.result("L1", value, **changes)
    if said is None:
        payload = result.payload.model_copy(update={"elicitation": None})
        result = replace(result, payload=payload)
    return [lab.mapping("L1"), result]


def line_of(*records: Record, **changes: Any) -> IndicatorFinding:
    return lab.world(*records, policy=changes.get("policy", POLICY)).findings["T1"].indicators[0]


def gap_of(line: IndicatorFinding) -> float:
    found = [
        item for item in line.verdicts[0].verdict.allowances if item.component == "elicitation"
    ]
    return found[0].amount if found else -1.0


BASIC = ("scaffold", "tools", "helpful_only")
NO_TUNING: dict[str, Any] = {"demonstrations": None, "demonstrations_like": None}
LEVELS: dict[str, tuple[str | None, list[Record], str, float]] = {
    "E1 by word": ("E1", [], "E1", 2.0),
    "E2 by word counts as E1": ("E2", [], "E1", 2.0),
    "E3c by word counts as E1": ("E3c", [], "E1", 2.0),
    "no claim": (None, [], "E0", -1.0),
    "no claim and a record": (None, [lab.elicited("L1")], "E3b", 1.25),
    "E3c with arms that reach E3b": ("E3c", [lab.elicited("L1")], "E3b", 1.25),
    "no more than is claimed": ("E2", [lab.elicited("L1")], "E2", 1.5),
    "demonstrations of another kind": (
        "E3c",
        [lab.elicited("L1", lab.arm(demonstrations_like="easier"))],
        "E2",
        1.5,
    ),
    "the developers alone": ("E3c", [lab.elicited("L1", lab.arm(team="developers"))], "E1", 2.0),
    "an arm without a result": ("E3c", [lab.elicited("L1", lab.arm(result=None))], "E1", 2.0),
    "an arm that the evidence measures": (
        "E3c",
        [lab.elicited("L1", lab.arm(result=None, measured_by="result-L1"))],
        "E3b",
        1.25,
    ),
    "arms together": (
        "E3c",
        [
            lab.elicited(
                "L1",
                lab.arm("a", tried=[*lab.ALL_TRIED], **NO_TUNING),
                lab.arm("b", tried=["fine_tuning"], demonstrations=256, team="developers"),
            )
        ],
        "E3c",
        0.75,
    ),
    "another line": ("E3c", [lab.elicited("L2")], "E1", 2.0),
    "gaps on too few known models": (
        "E3c",
        [lab.elicited("L1", residual_gaps=[0.1] * 28, known_models="planted")],
        "E3b",
        1.25,
    ),
    "gaps on enough known models": (
        "E3c",
        [lab.elicited("L1", residual_gaps=[0.1] * 28 + [0.6], known_models="planted")],
        "E3b",
        0.6,
    ),
    "never below the least": (
        "E3c",
        [lab.elicited("L1", residual_gaps=[0] * 60, known_models="planted")],
        "E3b",
        0.5,
    ),
    "one gap that is larger": (
        "E3c",
        [lab.elicited("L1", residual_gaps=[2.5], known_models="planted")],
        "E3b",
        2.5,
    ),
}


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_counts_as_far_as_arms_on_record_reach(name: str) -> None:
    claim, records, level, gap = LEVELS[name]
    line = line_of(*claimed(claim), *records)
    assert line.verdicts[0].verdict.elicitation.value == level
    assert gap_of(line) == gap
    assert (line.level is Level.RULED_OUT) is (level != "E0" and gap <= 2.5)


def test_a_declared_amount_without_the_publishers_word_is_no_evidence() -> None:
    for amount, expected in ((0, 2.0), (3, 3.0)):
        entry = {"component": "elicitation", "amount": amount, "statement": "s", "ours": "ours"}
        line = lab.line("L1", allowances=[entry])
        policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", line)])
        found = line_of(*claimed("E1"), policy=policy)
        assert gap_of(found) == expected
        assert found.verdicts[0].verdict.allowances[0].evidence is None
        assert f"an allowance of {amount} logit is declared, no evidence" in found.elicited


def test_what_is_on_record_is_said() -> None:
    weak = lab.arm("weak", 1, tried=["prompting"], team="developers", hours=3, **NO_TUNING)
    said = line_of(*claimed("E3b"), lab.elicited("L1", weak, lab.arm(solved=40, cost_usd=12)))
    text = "\n".join(said.elicited)
    assert "arm `weak` of elicited-L1: prompting; by a team (developers), 3 person-hours" in text
    assert "64 demonstrations (same distribution)" in text
    assert "12 USD; 40 of 200" in text
    assert "the arms reach E3b" in text
    assert "gap between weakest arm `weak` of elicited-L1 and strongest `tuned`" in text
    bare = line_of(*claimed("E2"))
    assert bare.elicited == ("E2 is declared, no evidence: no elicitation record; it counts as E1",)


# --- arms are an AND ------------------------------------------------------------------------------


def test_every_arm_must_rule_out_and_records_are_on_the_register() -> None:
    strong = lab.elicited("L1", lab.arm("quiet", 1), lab.arm("loud", 90))
    line = line_of(*claimed("E3b"), strong)
    assert line.level is Level.NOT_RULED_OUT
    assert [read.is_arm for read in line.verdicts] == [False, True, True]
    known = lab.world(*claimed("E3b"), strong, policy=POLICY)
    assert strong.digest in adverse_digests(known)


def test_an_arm_beyond_a_rule_in_line_rules_in() -> None:
    line = lab.line("L1", role="rule_in", allowances=[])
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", line)])
    assert line_of(*claimed("E3b"), lab.elicited("L1"), policy=policy).level is None
    loud = lab.elicited("L1", lab.arm("loud", 150))
    assert line_of(*claimed("E3b"), loud, policy=policy).level is Level.CROSSED


def test_an_arm_may_be_measured_by_what_another_mapping_binds_to_the_line() -> None:
    other = [
        lab.mapping("L1", "tuned", id="map-tuned"),
        lab.result("L1", id="tuned", elicitation={"level": "E3b", "description": "as said"}),
    ]
    record = lab.elicited("L1", lab.arm(result=None, measured_by="tuned"))
    for records, level in ((other, "E3b"), ([], "E1")):
        line = line_of(*claimed("E3b"), *records, record)
        assert {read.verdict.elicitation.value for read in line.verdicts} == {level}
    elsewhere = lab.result("L1", id="tuned", tested="checkpoint:experts/1")
    assert (
        line_of(*claimed("E3b"), other[0], elsewhere, record).verdicts[0].verdict.elicitation
        == "E1"
    )


COUNT = {"measure": "count_of", "of": 20, "value": 10, "unit": "tasks", "safe_level": "0.05"}
ARM_LINES: dict[str, tuple[dict[str, Any], dict[str, Any], int, Level]] = {
    "a count": (COUNT, {}, 1, Level.RULED_OUT),
    "a count, an arm beyond": (COUNT, {}, 120, Level.NOT_RULED_OUT),
    "points": (
        {"measure": "mean_score", "value": 5, "unit": "points"},
        {"scale_max": 10},
        1,
        Level.RULED_OUT,
    ),
    "points of nobody knows how many": (
        {"measure": "mean_score", "value": 5, "unit": "points"},
        {},
        1,
        Level.NOT_RULED_OUT,
    ),
    "a fold without a trial": (
        {"measure": "fold_uplift", "value": 50, "unit": "fold"},
        {},
        150,
        Level.NOT_RULED_OUT,
    ),
}


@pytest.mark.parametrize("name", ARM_LINES)
def test_arms_are_compared_on_the_scale_of_their_line(name: str) -> None:
    changes, how, solved, level = ARM_LINES[name]
    line = lab.line("L1", allowances=[], **{"safe_level": 1, **changes})
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", line)])
    if changes["measure"] == "count_of":
        result = lab.counted("L1", 0)
    elif changes["measure"] == "mean_score":
        spread = {"kind": "se", "half_width": 0.1}
        result = lab.result(
            "L1", measure="mean_score", unit="points", value=1, scale_max=10, interval=spread
        )
    else:
        result = lab.result("L1", measure="fold_uplift", unit="fold", value=1.5)
    record = lab.elicited("L1", solved=solved)
    found = line_of(lab.mapping("L1", **how), result, record, policy=policy)
    assert found.level is level
    assert [read.is_arm for read in found.verdicts] == [False, True]


def test_arms_of_counts_are_proved_already() -> None:
    known = lab.inputs(POLICY, [*lab.register(), *claimed("E3b"), lab.elicited("L1")])
    line = (
        assess(replace(known, is_proved=True), lab.DEPLOYMENT, lab.AT).findings["T1"].indicators[0]
    )
    assert line.level is Level.RULED_OUT


def test_an_arm_may_be_measured_by_a_log_and_other_allowances_stay() -> None:
    named: dict[str, Any] = {"selects": {"log_sha256": "a" * 64}, "taken_on": lab.HELPFUL}
    said: dict[str, Any] = {"elicitation": {"level": "E3b", "description": "as said"}}
    logs = {"a" * 64: lab.eval_log([lab.Run(item=str(i), score=0.0) for i in range(60)])}
    growth = {"component": "growth", "amount": 1, "statement": "grows", "cite": lab.CITE}
    policy = lab.policy_of(
        lab.row("K"), thresholds=[lab.threshold("T1", lab.line("L1", allowances=[growth]))]
    )
    record = lab.elicited("L1", lab.arm("best", 20), lab.arm(result=None, measured_by="a" * 64))
    known = lab.world(lab.mapping("L1", **named, **said), record, policy=policy, logs=logs)
    (line,) = known.findings["T1"].indicators
    found = {item.component.value: item.amount for item in line.verdicts[0].verdict.allowances}
    assert found == {"growth": 1.0, "elicitation": 1.25}
    assert any(
        "between weakest arm `tuned`" in said and ": 0.1 (" in said for said in line.elicited
    )


# --- budget curves --------------------------------------------------------------------------------


def curve(*solved: int, attacker: int | None = 400, **changes: Any) -> Record:
    points = [
        {"budget": 100 * 2**place, "solved": count, "of": 200} for place, count in enumerate(solved)
    ]
    found: dict[str, Any] = {"unit": "tokens", "points": points}
    if attacker is not None:
        found["attacker_budget"] = attacker
    arm = lab.arm("spent", tried=[*lab.ALL_TRIED, "fine_tuning", "budget"], curve=found, **changes)
    return lab.elicited("L1", arm)


CURVES: dict[str, tuple[Record, bool, bool, str]] = {
    "as much as the attacker": (curve(1, 1, 1), True, True, "at least the threat actor's"),
    "rising, as much as the attacker": (curve(1, 9, 30), True, True, "still rising"),
    "one doubling short": (curve(1, 1, 1, attacker=800), True, True, "1 doublings beyond"),
    "rising, far short": (curve(1, 20, 60, attacker=51200), False, False, "not bounded below all"),
    "rising towards nobody knows": (curve(1, 20, 60, attacker=None), False, False, "nobody said"),
    "too few points": (curve(1, 1, attacker=200), True, False, "not enough points"),
    "too few points, short": (curve(1, 1, attacker=4000), False, False, "more than was tried"),
}


@pytest.mark.parametrize("name", CURVES)
def test_a_budget_curve_costs_what_the_attacker_may_gain_or_blocks(name: str) -> None:
    record, is_out, is_met, said = CURVES[name]
    line = line_of(*claimed("E3b"), record)
    assert (line.level is Level.RULED_OUT) is is_out
    (budget,) = [gate for gate in line.gates if gate.gate.value == "S5"]
    assert budget.is_met is is_met
    assert said in line.text + "".join(line.elicited)


def test_a_curve_short_of_the_attacker_moves_the_line() -> None:
    line = line_of(*claimed("E3b"), curve(1, 1, 1, attacker=800))
    (charged,) = [
        item for item in line.verdicts[0].verdict.allowances if item.component == "budget"
    ]
    assert charged.amount > 0
    assert charged.evidence == "budget curve of `spent` of elicited-L1"


@pytest.mark.parametrize(("declared", "expected"), [("0.1", "curve"), ("3", "declared")])
def test_of_a_declared_and_a_measured_budget_the_larger_counts(
    declared: str, expected: str
) -> None:
    entry = {"component": "budget", "amount": declared, "statement": "declared", "cite": lab.CITE}
    line = lab.line("L1", allowances=[entry])
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", line)])
    found = line_of(*claimed("E3b"), curve(1, 1, 1, attacker=800), policy=policy)
    (charged,) = [
        item for item in found.verdicts[0].verdict.allowances if item.component == "budget"
    ]
    assert expected in str(charged.evidence)


def test_items_that_are_the_same_are_compared_one_by_one() -> None:
    flat = (0.0,) * 90 + (1.0,) * 10
    points = [Point(budget=b, shares=flat, is_by_item=True) for b in (1.0, 2.0, 4.0)]
    paired = judge_curve(points, 8.0, 0.05)
    loose = judge_curve([replace(p, is_by_item=False) for p in points], 8.0, 0.05)
    assert paired.verdict is CurveVerdict.FLATTENED
    assert loose.verdict is CurveVerdict.STILL_RISING
    assert paired.logits < loose.logits
    flat_to_unknown = judge_curve(points, None, 0.05)
    assert (flat_to_unknown.blocks, flat_to_unknown.is_answered) == ("", False)


def test_one_arm_has_no_gap() -> None:
    arm = Arm(name="a", tried=frozenset(), shares=(0.0, 1.0))
    assert measured_gap([arm, replace(arm, shares=())], 0.1) is None


# --- laws -----------------------------------------------------------------------------------------

TRIED = ("prompting", *lab.ALL_TRIED)


@st.composite
def arms(draw: st.DrawFn, name: str) -> dict[str, Any]:
    tried = draw(st.lists(st.sampled_from(TRIED), min_size=1, unique=True))
    tuning = draw(st.sampled_from((None, 8, 16, 300)))
    changes = dict(NO_TUNING)
    if tuning is not None:
        tried.append("fine_tuning")
        changes = {"demonstrations": tuning, "demonstrations_like": "same_distribution"}
    team = draw(st.sampled_from(("developers", "separate")))
    solved = draw(st.sampled_from((0, 2, 60)))
    return lab.arm(name, solved, tried=tried, team=team, **changes)


class TestElicitationRecords:
    """Weaker elicitation never makes the allowance smaller or a verdict milder; losing a record
    never opens, unless it speaks against the subject, and then its loss shows on the register.
    """

    @settings(max_examples=25, deadline=None)
    @given(arms("strong"), st.data())
    def test_adding_a_weaker_arm_never_lowers_the_allowance(
        self, strong: dict[str, Any], data: st.DataObject
    ) -> None:
        kept = data.draw(st.lists(st.sampled_from(strong["tried"]), min_size=1, unique=True))
        weak = {**strong, "id": "weak", "tried": kept}
        if "fine_tuning" in kept:
            weak["demonstrations"] = data.draw(st.integers(0, strong["demonstrations"]))
        else:
            weak = {k: v for k, v in weak.items() if not k.startswith("demonstrations")}
        weak["result"] = {"solved": data.draw(st.integers(0, 200)), "of": 200}
        one = line_of(*claimed("E3c"), lab.elicited("L1", strong))
        two = line_of(*claimed("E3c"), lab.elicited("L1", strong, weak))
        assert gap_of(two) >= gap_of(one)
        assert one.level is not None
        assert two.level is not None
        assert two.level >= one.level

    @settings(max_examples=25, deadline=None)
    @given(arms("one"), st.sampled_from((None, "E1", "E2", "E3c")))
    def test_losing_a_record_never_opens_unseen(
        self, arm: dict[str, Any], claim: str | None
    ) -> None:
        record = lab.elicited("L1", arm)
        having = lab.world(*claimed(claim), record, policy=POLICY)
        losing = lab.world(*claimed(claim), policy=POLICY)
        before, after = (w.findings["T1"].indicators[0] for w in (having, losing))
        assert before.level is not None
        assert after.level is not None
        if arm["result"]["solved"] <= 2:
            assert after.level >= before.level
        assert adverse_digests(having) != adverse_digests(losing)


FAULTY: dict[str, tuple[dict[str, Any], str]] = {
    "more solved than items": ({"result": {"solved": 3, "of": 2}}, "more than all"),
    "no score": ({"result": {"solved": 3}}, "no clear score"),
    "scores beyond 1": ({"result": {"scores": [1.2]}}, "value out of range"),
    "not a number": ({"result": {"scores": [float("nan")]}}, "finite"),
    "fine-tuned on nobody knows what": (NO_TUNING, "does not fit what was tried"),
    "two results": ({"measured_by": "x"}, "two results"),
    "a budget without a curve": ({"tried": ["budget", "fine_tuning"]}, "`curve` belongs"),
    "a technique twice": ({"tried": ["fine_tuning", "fine_tuning"]}, "named twice"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_record_that_does_not_fit_is_refused(name: str) -> None:
    changes, said = FAULTY[name]
    with pytest.raises(DocumentFaults, match=said):
        lab.elicited("L1", lab.arm(**changes))


def test_a_record_with_an_arm_twice_or_falling_budgets_is_refused() -> None:
    with pytest.raises(DocumentFaults, match="arm named twice"):
        lab.elicited("L1", lab.arm(), lab.arm())
    with pytest.raises(DocumentFaults, match="go together"):
        lab.elicited("L1", known_models="planted")
    points = [{"budget": b, "solved": 1, "of": 2} for b in (2, 1)]
    arm = lab.arm(tried=["fine_tuning", "budget"], curve={"unit": "usd", "points": points})
    with pytest.raises(DocumentFaults, match="budgets do not grow"):
        lab.elicited("L1", arm)


# --- what a policy asks ---------------------------------------------------------------------------

ASKED = [
    {
        "id": name,
        "statement": "as asked",
        "modality": "will",
        "native_verb": "will",
        "cite": lab.CITE,
        **changes,
    }
    for name, changes in (
        ("tuned", {"shown_by": ["fine_tuning", "tools"]}),
        ("spent", {"shown_by": ["attacker_budget", "external_team"]}),
        ("weights", {"shown_by": ["fine_tuning"], "at": ["open_weights"]}),
        ("judged", {}),
    )
]


def asked(*records: Record, ref: str = lab.DEPLOYMENT, lines: bool = True) -> dict[str, Any]:
    thresholds = [lab.threshold("T1", LINE) if lines else lab.threshold("T1", lab.graded("J1"))]
    policy = lab.policy_of(lab.row("K"), thresholds=thresholds, elicitation=ASKED)
    known = lab.world(*claimed("E3b"), *records, policy=policy, ref=ref)
    return {row.requirement.id: row for row in checked_off(known)}


def test_requirements_of_a_policy_are_checked_off_by_what_arms_tried() -> None:
    bare, tuned = asked(), asked(lab.elicited("L1"))
    spent = asked(curve(1, 1, 1, team="external"))
    shown = [{name: row.is_shown for name, row in each.items()} for each in (bare, tuned, spent)]
    assert [each["tuned"] for each in shown] == [False, True, True]
    assert [each["spent"] for each in shown] == [False, False, True]
    assert {each["judged"] for each in shown} == {None}
    assert bare["tuned"].text == (
        "not on 1 of 1 lines; L1 lacks fine tuning, tools; they rule nothing out"
    )
    text = checked_off_texts(tuple(tuned.values()))
    assert text[0].startswith("not shown: as asked (will): not on 1 of 1 lines; L1 lacks attacker")
    clause = tuned["tuned"].requirement.cite
    assert text[1] == f"shown: as asked (will): on all 1 lines that may rule out [{clause}]"
    assert tuned["tuned"].to_mapping()["is_shown"] is True


def test_what_is_asked_of_released_weights_arises_where_weights_are_released() -> None:
    api = lab.deployment(gates=["external_general"])
    assert asked(api)["weights"].text == "does not arise: asked at open weights only"
    weights = lab.deployment(gates=["open_weights"])
    assert asked(weights)["weights"].is_shown is False
    assert asked(weights, lab.elicited("L1"))["weights"].is_shown is True
    assert "no line" in asked(lines=False)["tuned"].text


@pytest.mark.parametrize(
    ("claim", "records", "got"),
    [
        ("E3b", [], "E1: E3b is claimed, and no elicitation-record proves it"),
        ("E3b", [lab.elicited("L1", lab.arm(result=None))], "E1: E3b is claimed"),
        ("E2", [lab.elicited("L1")], "E2"),
        ("E3b", [lab.elicited("L1")], None),
        (None, [lab.elicited("L1")], None),
    ],
)
def test_a_plan_of_fine_tuning_is_kept_by_what_records_prove(
    claim: str | None, records: list[Record], got: str | None
) -> None:
    mapping, result = claimed(claim)
    plan = lab.plan(lab.planned("L1", elicitation="E3b"))
    finding = lab.world(mapping, result, plan, *records, policy=POLICY).findings["T1"]
    said = [item.partition("; got ")[2] for item in finding.missing]
    assert len(said) == (got is not None)
    assert all(each.startswith(str(got)) for each in said)
    assert finding.own is (Level.NOT_RULED_OUT if got else Level.RULED_OUT)


ROWS: dict[str, tuple[dict[str, Any], bool]] = {
    "a binding row": ({"shown_by": ["fine_tuning"]}, True),
    "one that an arm shows": ({"shown_by": ["scaffold"]}, False),
    "advice": ({"shown_by": ["fine_tuning"], "modality": "aim"}, False),
    "advice that is made to bind": (
        {"shown_by": ["fine_tuning"], "modality": "aim", "binding": True},
        True,
    ),
    "a row that is made advice": ({"shown_by": ["fine_tuning"], "binding": False}, False),
    "a matter of judgement": ({}, False),
    "a row for releases of weights": (
        {"shown_by": ["fine_tuning"], "at": ["open_weights"]},
        False,
    ),
}
SCAFFOLDED = lab.elicited("L1", lab.arm(tried=[*BASIC], **NO_TUNING))


@pytest.mark.parametrize("name", ROWS)
def test_a_line_that_lacks_what_a_binding_row_asks_rules_nothing_out(name: str) -> None:
    changes, holds = ROWS[name]
    row = {**ASKED[0], "shown_by": [], **changes, "id": "row"}
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", LINE)], elicitation=[row])
    api = lab.deployment(gates=["external_general"])
    known = lab.world(*claimed("E1"), SCAFFOLDED, api, policy=policy, ref=lab.DEPLOYMENT)
    finding = known.findings["T1"]
    line = finding.indicators[0]
    assert line.unmet == (("row",) if holds else ())
    assert finding.own is (Level.NOT_RULED_OUT if holds else Level.RULED_OUT)
    assert (finding.reasons == (Reason.NOT_ELICITED,)) is holds
    assert any("asks for what no record shows: row" in each.text for each in line.gates) is holds
    told = "`row` (will" if "modality" not in changes else "`row` (aim"
    assert (told in line.text and "expected fine tuning; got none" in line.text) is holds
    tuned = lab.elicited("L1", id="more")
    more = lab.world(*claimed("E1"), SCAFFOLDED, tuned, api, policy=policy, ref=lab.DEPLOYMENT)
    assert more.findings["T1"].own is Level.RULED_OUT


def test_an_arm_whose_measure_is_not_mapped_says_so() -> None:
    lost = lab.elicited("L1", lab.arm(result=None, measured_by="elsewhere"))
    shown = line_of(*claimed("E3b"), lost).elicited
    assert "no mapping binds `elsewhere`" in shown[0]
    assert "the arms reach E0, E1 counts by what is claimed" in shown[1]


def test_the_variant_that_was_measured_shows_what_it_is() -> None:
    row = {**ASKED[0], "shown_by": ["helpful_only"]}
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", LINE)], elicitation=[row])
    mapping, result = claimed("E1")
    for variant, level in (("helpful_only", Level.RULED_OUT), ("base", Level.NOT_RULED_OUT)):
        payload = result.payload.model_copy(update={"variant": variant})
        known = lab.world(mapping, replace(result, payload=payload), policy=policy)
        assert known.findings["T1"].own is level


@pytest.mark.parametrize("tuned", [False, True])
def test_what_is_asked_at_one_gate_holds_at_that_gate_alone(*, tuned: bool) -> None:
    row = {**ASKED[0], "shown_by": ["fine_tuning"], "at": ["internal"]}
    policy = lab.policy_of(
        lab.row("K"),
        thresholds=[
            {**lab.threshold("T1", LINE), "rules_out": ["T2"]},
            lab.threshold("T2"),
        ],
        elicitation=[row],
    )
    more = [lab.elicited("L1", id="more")] if tuned else []
    known = lab.world(*claimed("E1"), SCAFFOLDED, *more, policy=policy)
    assert {each.own for each in known.findings.values()} == {Level.RULED_OUT}
    found = at_gate(known, Gate.EXTERNAL_GENERAL).findings
    assert {each.status.level for each in found.values()} == {Level.RULED_OUT}
    found = at_gate(known, Gate.INTERNAL).findings
    assert found["T1"].status.level is (Level.RULED_OUT if tuned else Level.NOT_RULED_OUT)
    # What is inferred shows no elicitation of its own.
    assert found["T2"].status.level is Level.NOT_RULED_OUT
    if not tuned:
        assert found["T1"].reasons == (Reason.NOT_ELICITED,)
        assert "at this gate: L1: `tuned`" in found["T1"].text


def test_where_any_line_may_rule_out_losing_a_mapping_raises_no_level() -> None:
    lines = [LINE, lab.line("L2", allowances=[])]
    thresholds = [{**lab.threshold("T1", *lines), "combine": "any"}]
    policy = lab.policy_of(lab.row("K"), thresholds=thresholds)
    plan = lab.plan(lab.planned("L1", elicitation="E3b", answers=[f"{lab.FRAMEWORK}/T1"]))
    mapping, result = claimed("E3b")
    weaker = lab.mapping("L2", selects={"document": result.id})

    def level(*records: Record) -> Level:
        found = lab.world(mapping, result, plan, *records, policy=policy).findings["T1"].own
        assert found is not None
        return found

    tried = [lab.elicited("L1"), lab.elicited("L2", id="arms-of-2")]
    assert level(weaker, *tried) is Level.RULED_OUT
    assert level(weaker, tried[0]) is Level.NOT_RULED_OUT  # L2 has the claim alone
    assert level(tried[0]) is Level.NOT_RULED_OUT  # and without its mapping no more than that
