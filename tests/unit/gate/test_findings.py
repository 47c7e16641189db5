"""Findings: what lines, plans, concerns, incidents, exemptions and edges make of a threshold."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.model import Reason
from scalegate.policy.vocabulary import Flag, Level
from tests.strategies import lab


def row_t4() -> lab.Plain:
    """Return a row that names the one threshold there is."""
    return lab.row("K", **{"if": {"status": "T4", "at_least": "crossed"}})


def swapped(name: str, *records: Record) -> list[Record]:
    return [*(record for record in lab.clean() if record.id != name), *records]


LINES: dict[str, tuple[list[Record], str, Level, Reason]] = {
    "cleared": (lab.clean(), "T1", Level.RULED_OUT, Reason.LINE_CLEARED),
    "no evidence at all": ([], "T1", Level.UNASSESSED, Reason.NO_EVIDENCE),
    "no line": ([], "T3", Level.UNASSESSED, Reason.NO_INDICATOR),
    "document lost": (swapped("result-P1"), "T1", Level.UNASSESSED, Reason.NO_EVIDENCE),
    "reaches the line": (
        swapped("result-P1", lab.result("P1", "0.6")),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.LINE_REACHED,
    ),
    "bound reaches the line": (
        swapped("result-P1", lab.result("P1", "0.45")),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.INCONCLUSIVE,
    ),
    "too few to say": (
        swapped("result-P1", lab.result("P1", "0", 3)),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.BLUNT,
    ),
    "printed without n": (
        swapped("result-P1", lab.result("P1", "0.01", None)),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.INCONCLUSIVE,
    ),
    "printed without n, beyond the line": (
        swapped("result-P1", lab.result("P1", "0.9", None)),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.LINE_REACHED,
    ),
    "printed as below something": (
        swapped("result-P1", lab.result("P1", "0.01", 200, value_is="below")),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.INCONCLUSIVE,
    ),
    "without elicitation": (
        swapped("result-P1", lab.result("P1", elicitation={"level": "E0", "description": "none"})),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.INCONCLUSIVE,
    ),
    "tested on the shipped variant": (
        swapped("result-P1", lab.result("P1", variant="shipped", tested=lab.CHECKPOINT)),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.NO_EDGE,
    ),
    "tested on another model": (
        swapped("result-P1", lab.result("P1", subject=lab.ROOT, tested="checkpoint:root/final")),
        "T1",
        Level.UNASSESSED,
        Reason.NO_EDGE,
    ),
    "too old": (
        swapped("result-P1", lab.result("P1", true_from="2024-06-01")),
        "T1",
        Level.UNASSESSED,
        Reason.STALE,
    ),
    "put in doubt by an incident": (
        [*lab.clean(), lab.incident(evidence=["result-P1"])],
        "T1",
        Level.UNASSESSED,
        Reason.IMPUGNED,
    ),
    "another measure": (
        swapped(
            "result-P1",
            lab.result("P1", measure="fold_uplift", unit="fold"),
        ),
        "T1",
        Level.UNASSESSED,
        Reason.INVALID,
    ),
    "points the other way": (
        swapped("result-P1", lab.result("P1", direction="lower_is_more_capable")),
        "T1",
        Level.UNASSESSED,
        Reason.NO_EVIDENCE,
    ),
    "counted out of another number": (
        swapped("result-C1", lab.counted("C1", 1, 10)),
        "T2",
        Level.UNASSESSED,
        Reason.INVALID,
    ),
    "an expert is concerned": (
        swapped("expert", lab.judgement("expert", "substantial_concern")),
        "T1",
        Level.NOT_RULED_OUT,
        Reason.LINE_REACHED,
    ),
    "a grade that the line does not know": (
        swapped("expert", lab.judgement("expert", "unlikely")),
        "T1",
        Level.UNASSESSED,
        Reason.UNREADABLE,
    ),
    "ruled in": (
        swapped("result-R1", lab.result("R1", "0.95")),
        "T2",
        Level.CROSSED,
        Reason.RULED_IN,
    ),
    "ruled in, whatever was not measured beside it": (
        [lab.mapping("R1"), lab.result("R1", "0.95")],
        "T2",
        Level.CROSSED,
        Reason.RULED_IN,
    ),
    "beyond the rule-in line without n": (
        swapped("result-R1", lab.result("R1", "0.95", None)),
        "T2",
        Level.NOT_RULED_OUT,
        Reason.LINE_REACHED,
    ),
    "the rule-in line was not measured": (
        swapped("result-R1"),
        "T2",
        Level.UNASSESSED,
        Reason.NO_EVIDENCE,
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_the_status_and_its_reason(name: str) -> None:
    records, threshold, level, reason = LINES[name]
    finding = lab.world(*records).findings[threshold]
    assert finding.status.level is level
    assert reason in finding.reasons


CONCERNS: dict[str, tuple[str, dict[str, Any], Level]] = {
    "cannot rule out": ("cannot_rule_out", {}, Level.NOT_RULED_OUT),
    "likely": ("likely", {}, Level.CROSSED),
    "crossed": ("crossed", {}, Level.CROSSED),
    "some concern": ("some_concern", {}, Level.NOT_RULED_OUT),
    "unlikely": ("unlikely", {}, Level.RULED_OUT),
    "about the checkpoint": ("likely", {"subject": lab.HELPFUL}, Level.CROSSED),
    "about another model": ("likely", {"subject": lab.ROOT}, Level.RULED_OUT),
    "recorded in advance": ("likely", {"true_from": "2026-02-01"}, Level.RULED_OUT),
}


@pytest.mark.parametrize("name", CONCERNS)
def test_a_concern_about_the_threshold(name: str) -> None:
    answer, how, level = CONCERNS[name]
    asked = {"question": f"threshold:{lab.FRAMEWORK}/T1", **how}
    for ref in (lab.DEPLOYMENT, lab.MODEL):
        known = lab.world(*lab.clean(), lab.judgement("view", answer, **asked), ref=ref)
        finding = known.findings["T1"]
        assert finding.status.level is level
        assert bool(finding.concerns) is (level is not Level.RULED_OUT)


def test_of_several_measurements_of_a_line_the_strictest_counts() -> None:
    again = lab.mapping("again", "again", indicator=f"{lab.FRAMEWORK}/P1")
    worse = lab.result("P1", "0.7", id="again")
    finding = lab.world(*lab.clean(), again, worse).findings["T1"]
    assert finding.status.level is Level.NOT_RULED_OUT
    assert len(finding.indicators[1].evidence) == 2


def test_any_line_suffices_where_the_policy_says_so_and_the_error_is_shared() -> None:
    def policy(combine: str) -> Any:
        first, *others = lab.THRESHOLDS
        return lab.policy_of(lab.row("K"), thresholds=[{**first, "combine": combine}, *others])

    records = swapped("expert", lab.judgement("expert", "substantial_concern"))
    alone = lab.world(*records, policy=policy("all")).findings["T1"]
    shared = lab.world(*records, policy=policy("any")).findings["T1"]
    assert (alone.own, shared.own) == (Level.NOT_RULED_OUT, Level.RULED_OUT)
    alphas = [
        finding.indicators[1].verdicts[0].verdict.estimate.alpha  # type: ignore[union-attr]
        for finding in (alone, shared)
    ]
    assert alphas == [0.05, 0.025]


ROLES = {
    "alert": (Level.RULED_OUT, {Flag.ALERT}),
    "trigger_assessment": (Level.RULED_OUT, set[Flag]()),
    "notable": (Level.RULED_OUT, set()),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("value", ["0.9", "0.01"])
def test_lines_of_other_roles_change_no_level_an_alert_raises_its_flag(
    role: str, value: str
) -> None:
    level, flags = ROLES[role]
    line = lab.line("X", role=role)
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.line("P1"), line)])
    known = lab.world(
        lab.mapping("P1"), lab.result("P1"), lab.mapping("X"), lab.result("X", value), policy=policy
    )
    finding = known.findings["T1"]
    assert finding.status.level is level
    assert finding.status.flags == (flags if value == "0.9" else set())
    lost = lab.world(lab.mapping("P1"), lab.result("P1"), lab.mapping("X"), policy=policy)
    assert lost.findings["T1"].status.flags == flags


@pytest.mark.parametrize(
    ("role", "answer", "level", "flags"),
    [
        ("alert", "substantial_concern", Level.RULED_OUT, {Flag.ALERT}),
        ("alert", "no_concern", Level.RULED_OUT, set()),
        ("rule_in", "substantial_concern", Level.CROSSED, set()),
        ("rule_in", "no_concern", Level.RULED_OUT, set()),
        ("notable", "substantial_concern", Level.RULED_OUT, set()),
    ],
)
def test_graded_lines_of_other_roles(
    role: str, answer: str, level: Level, flags: set[Flag]
) -> None:
    line = lab.graded("J2", role=role)
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.line("P1"), line)])
    known = lab.world(
        lab.mapping("P1"),
        lab.result("P1"),
        lab.mapping("J2", "expert"),
        lab.judgement("expert", answer),
        policy=policy,
    )
    finding = known.findings["T1"]
    assert (finding.status.level, set(finding.status.flags)) == (level, flags)


@pytest.mark.parametrize("comparator", ["at_least", "above", "at_most", "below"])
def test_the_side_of_a_graded_line(comparator: str) -> None:
    line = lab.graded("J1", comparator=comparator, value="some_concern")
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", line)])
    crossed = {
        answer
        for answer in ("no_concern", "some_concern", "substantial_concern")
        for known in [lab.world(lab.mapping("J1", "e"), lab.judgement("e", answer), policy=policy)]
        if known.findings["T1"].own is Level.NOT_RULED_OUT
    }
    assert (
        crossed
        == {
            "at_least": {"some_concern", "substantial_concern"},
            "above": {"substantial_concern"},
            "at_most": {"no_concern", "some_concern"},
            "below": {"no_concern"},
        }[comparator]
    )


@pytest.mark.parametrize(
    ("grade", "level", "reason"),
    [
        ("substitutes", Level.CROSSED, Reason.RULED_IN),
        ("does-not-substitute", Level.RULED_OUT, Reason.LINE_CLEARED),
        # A grade of another scale says nothing here, and is no absence of concern.
        ("no_concern", Level.UNASSESSED, Reason.UNREADABLE),
    ],
)
def test_a_printed_finding_in_the_words_of_a_graded_line(
    grade: str, level: Level, reason: Reason
) -> None:
    grades = ["does-not-substitute", "substitutes"]
    line = lab.graded("J1", role="rule_in", grades=grades, value="substitutes")
    policy = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.line("P1"), line)])
    printed = {
        "eval": {"name": "staff"},
        "variant": "base",
        "measure": "qualitative",
        "statement": "as printed",
        "grade": grade,
    }
    known = lab.world(
        lab.mapping("P1"),
        lab.result("P1"),
        lab.mapping("J1"),
        lab.doc("published-result", "result-J1", printed),
        policy=policy,
    )
    finding = known.findings["T1"]
    assert finding.own is level
    assert reason in finding.reasons


def test_a_log_is_not_read_as_another_measure() -> None:
    for line in (
        lab.graded("L1"),
        lab.line("L1", measure="fold_uplift", value="0.5", unit="fold"),
        lab.line("L1", measure="horizon_minutes", value="0.5", unit="minutes"),
    ):
        policy = lab.policy_of(row_t4(), thresholds=[lab.threshold("T4", line)])
        binding = lab.mapping("L1", selects={"log_sha256": lab.DIGESTS["e"]}, taken_on=lab.HELPFUL)
        logs = {
            lab.DIGESTS["e"]: lab.eval_log([lab.Run(item=str(i), score=0.0) for i in range(60)])
        }
        finding = lab.world(binding, policy=policy, logs=logs).findings["T4"]
        assert finding.status.level is Level.UNASSESSED
        assert "cannot be read as" in finding.indicators[0].text


MEASURES: dict[str, tuple[dict[str, Any], dict[str, Any], Level]] = {
    "mean score": (
        {"measure": "mean_score", "value": "0.5", "unit": "points"},
        {},
        Level.RULED_OUT,
    ),
    "count of a list": (
        {"measure": "count_of", "value": 30, "unit": "tasks", "of": 60, "safe_level": 1},
        {},
        Level.RULED_OUT,
    ),
    "count of a fixed list": (
        {
            "measure": "count_of",
            "value": 30,
            "unit": "tasks",
            "of": 60,
            "estimand": "fixed_list",
            "safe_level": 1,
        },
        {},
        Level.RULED_OUT,
    ),
    "best of several": ({}, {"attempts": {"kind": "pass_at", "k": 1}}, Level.RULED_OUT),
    "best of more than were tried": (
        {},
        {"attempts": {"kind": "pass_at", "k": 10}},
        Level.NOT_RULED_OUT,
    ),
    "attempts by majority": ({}, {"attempts": {"kind": "consensus_of", "k": 3}}, Level.UNASSESSED),
    "another key of the score": ({}, {"metric_key": "other"}, Level.UNASSESSED),
    "a key of no scorer": ({}, {"metric_key": "other", "scorer": None}, Level.UNASSESSED),
    "a family that no item names": ({}, {"family_key": "family"}, Level.UNASSESSED),
    "more tasks than the line counts": (
        {"measure": "count_of", "value": 10, "unit": "tasks", "of": 20, "safe_level": 1},
        {},
        Level.UNASSESSED,
    ),
    "points the other way": ({}, {"direction": "lower_is_more_capable"}, Level.UNASSESSED),
    "tested as shipped": ({}, {"variant": "shipped"}, Level.NOT_RULED_OUT),
    "elicitation unknown": ({}, {"elicitation": None}, Level.NOT_RULED_OUT),
}


@pytest.mark.parametrize("name", MEASURES)
def test_a_log_in_each_measure(name: str) -> None:
    line, how, level = MEASURES[name]
    policy = lab.policy_of(row_t4(), thresholds=[lab.threshold("T4", lab.line("L1", **line))])
    binding = {
        "selects": {"log_sha256": lab.DIGESTS["e"]},
        "taken_on": lab.HELPFUL,
        "scorer": "match",
        "elicitation": {"level": "E2", "description": "scaffolded"},
        **how,
    }
    kept = {key: value for key, value in binding.items() if value is not None}
    logs = {lab.DIGESTS["e"]: lab.eval_log([lab.Run(item=str(i), score=0.0) for i in range(60)])}
    finding = lab.world(lab.mapping("L1", **kept), policy=policy, logs=logs).findings["T4"]
    assert finding.status.level is level


@pytest.mark.parametrize("bare", [0, 1, 59])
def test_items_without_a_family_are_no_units_where_families_are(bare: int) -> None:
    policy = lab.policy_of(row_t4(), thresholds=[lab.threshold("T4", lab.line("L1"))])
    mapping = lab.mapping(
        "L1",
        selects={"log_sha256": lab.DIGESTS["e"]},
        taken_on=lab.HELPFUL,
        scorer="match",
        elicitation={"level": "E1", "description": "scaffolded"},
        family_key="family",
    )
    runs = [lab.Run(item=str(i), score=0.0, family="" if i < bare else f"f{i}") for i in range(60)]
    planned = tuple(map(str, range(61)))  # one that never ran is a unit of its own
    logs = {lab.DIGESTS["e"]: lab.eval_log(runs, planned_ids=planned)}
    finding = lab.world(mapping, policy=policy, logs=logs).findings["T4"]
    said = f"{bare} of 60 items, `0` for one, name no family under `family`"
    assert (said in finding.indicators[0].text) is (bare > 0)
    assert (finding.own is Level.UNASSESSED) is (bare > 0)


@pytest.mark.parametrize(("key", "estimand"), [("family", "domain"), ("family", "fixed_list")])
def test_items_are_no_units_where_another_mapping_names_their_families(
    key: str, estimand: str
) -> None:
    lines = [lab.line("L1", estimand=estimand), lab.line("L2")]
    policy = lab.policy_of(row_t4(), thresholds=[lab.threshold("T4", *lines)])
    mapped: dict[str, Any] = {
        "selects": {"log_sha256": lab.DIGESTS["e"]},
        "taken_on": lab.HELPFUL,
        "scorer": "match",
        "elicitation": {"level": "E1", "description": "scaffolded"},
    }
    runs = [lab.Run(item=str(i), score=0.0, family=f"f{i // 2}") for i in range(60)]
    logs = {lab.DIGESTS["e"]: lab.eval_log(runs)}
    items, families = lab.mapping("L1", **mapped), lab.mapping("L2", **mapped, family_key=key)
    found = lab.world(items, families, policy=policy, logs=logs).findings["T4"].indicators
    is_held = estimand == "domain"
    assert [line.level for line in found] == [
        Level.UNASSESSED if is_held else Level.RULED_OUT,
        Level.RULED_OUT,
    ]
    assert ("`map-L2` names the families" in found[0].text) is is_held


RULE = {
    "id": "E1",
    "statement": "small growth",
    "when": {"fact": "effective_compute_ratio", "below": 4},
    "thresholds": ["T1"],
    "cite": lab.CITE,
}


def exempted(*records: Record, **rule: Any) -> tuple[Level, tuple[Reason, ...]]:
    policy = lab.policy_of(lab.row("K"), exemptions=[{**RULE, **rule}])
    finding = lab.world(*records, policy=policy).findings["T1"]
    return finding.status.level, finding.reasons


def test_an_exemption_by_itself_needs_no_root() -> None:
    assert exempted(inherits=False) == (Level.NOT_REQUIRED, (Reason.EXEMPT,))
    rootless = lab.doc("model", "model-m", {"series": "series:s"})
    fact = lab.fact("f", "F1", True, subject=lab.MODEL)
    policy = lab.policy_of(
        lab.row("K"), exemptions=[{**RULE, "when": {"fact": "F1"}, "inherits": False}]
    )
    known = lab.assessed(policy, [rootless, fact], ref=lab.MODEL)
    assert known.findings["T1"].status.level is Level.NOT_REQUIRED


def test_an_exemption_that_inherits_takes_what_the_root_has() -> None:
    assert exempted() == (Level.UNASSESSED, (Reason.INHERITED,))
    good: lab.Plain = {"subject": lab.ROOT, "tested": "checkpoint:root/final"}
    evidence = [
        lab.mapping("J1", "expert"),
        lab.judgement("expert", subject=lab.ROOT),
        lab.mapping("P1"),
        lab.result("P1", **good),
    ]
    assert exempted(*evidence) == (Level.NOT_REQUIRED, (Reason.EXEMPT,))
    lost = [record for record in evidence if record.id != "result-P1"]
    assert exempted(*lost)[0] is Level.UNASSESSED
    determined = lab.act("root", "threshold:T1", "crossed", subject=lab.ROOT, grounds=["report"])
    assert exempted(determined, lab.report()) == (Level.CROSSED, (Reason.INHERITED,))


def test_an_exemption_whose_fact_is_not_shown_exempts_nobody() -> None:
    disputed = lab.fact("f", "effective_compute_ratio", 3, unit="ratio")
    assert exempted(disputed, inherits=False) == (Level.UNASSESSED, (Reason.NO_EVIDENCE,))


def test_adverse_evidence_counts_in_spite_of_an_exemption() -> None:
    asked = {"question": f"threshold:{lab.FRAMEWORK}/T1"}
    level, reasons = exempted(lab.judgement("view", "likely", **asked), inherits=False)
    # Without a line measured the finding itself stays unassessed, which is stricter.
    assert level in (Level.CROSSED, Level.UNASSESSED)
    assert Reason.EXPERT_CONCERN in reasons


def test_a_root_is_not_exempted_by_its_own_root() -> None:
    policy = lab.policy_of(lab.row("K"), exemptions=[RULE])
    assert lab.world(policy=policy, ref=lab.ROOT).findings["T1"].status.level is Level.UNASSESSED


def test_of_two_exemptions_the_strictest_result_stands() -> None:
    rules = [{**RULE, "inherits": False}, {**RULE, "id": "E2"}]
    policy = lab.policy_of(lab.row("K"), exemptions=rules)
    assert lab.world(policy=policy).findings["T1"].status.level is Level.UNASSESSED
