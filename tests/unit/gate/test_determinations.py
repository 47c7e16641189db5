"""Determinations: each grade, who may make a finding softer, what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.gate.model import Grade, Judged, Reason
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import Flag, Level
from tests.strategies import lab

ON = {"grounds": ["report"]}
CLEAN = (*lab.clean(), lab.report())
CONCERNED = (*CLEAN[:1], lab.judgement("expert", "substantial_concern"), *CLEAN[2:])
BLUNT = tuple(r if r.id != "result-P1" else lab.result("P1", "0.45", 200) for r in CLEAN)
COUNTS = {"softer_determination": {"rule": "counts", "cite": lab.CITE}}
ACT_AS_IF = {"not_ruled_out": {"rule": "treat_as_crossed", "cite": lab.CITE}}


def determined(threshold: str, answer: str, **how: Any) -> Record:
    return lab.act("act", f"threshold:{threshold}", answer, **how)


def policy(**semantics: Any) -> Policy:
    return lab.policy_of(lab.row("K"), semantics=semantics)


def judged(records: tuple[Record, ...], act: Record, **semantics: Any) -> tuple[Judged, Level]:
    name = act.payload.question.rsplit("/", 1)[1]  # type: ignore[attr-defined]
    finding = lab.world(*records, act, policy=policy(**semantics)).findings[name]
    return finding.judged[0], finding.status.level


GRADES: dict[str, tuple[tuple[Any, ...], Grade, bool, Level]] = {
    "agrees": ((CLEAN, determined("T1", "ruled_out")), Grade.AGREES, True, Level.RULED_OUT),
    "stricter": ((CLEAN, determined("T1", "crossed")), Grade.STRICTER, True, Level.CROSSED),
    "stricter, by somebody without authority": (
        (CLEAN, determined("T1", "crossed", role="intern")),
        Grade.STRICTER,
        True,
        Level.CROSSED,
    ),
    "an unknown word": (
        (CLEAN, determined("T1", "fine")),
        Grade.STRICTER,
        True,
        Level.NOT_RULED_OUT,
    ),
    "precautionary": (
        ((lab.report(),), determined("T1", "crossed", **ON)),
        Grade.PRECAUTIONARY,
        True,
        Level.CROSSED,
    ),
    "precautionary from not ruled out counts as crossed": (
        ((lab.report(),), determined("T1", "not_ruled_out", **ON)),
        Grade.PRECAUTIONARY,
        True,
        Level.CROSSED,
    ),
    "precautionary, by a role that is informed": (
        ((lab.report(),), determined("T1", "crossed", role="board", **ON)),
        Grade.PRECAUTIONARY,
        False,
        Level.UNASSESSED,
    ),
    "judged": (
        ((lab.report(),), determined("T3", "ruled_out", **ON)),
        Grade.JUDGED,
        True,
        Level.RULED_OUT,
    ),
    "judged, without grounds": (
        ((lab.report(),), determined("T3", "ruled_out")),
        Grade.WITHOUT_EVIDENCE,
        False,
        Level.UNASSESSED,
    ),
    "judged, on grounds that are not on record": (
        ((), determined("T3", "ruled_out", **ON)),
        Grade.WITHOUT_EVIDENCE,
        False,
        Level.UNASSESSED,
    ),
    "judged, on itself": (
        ((), determined("T3", "ruled_out", grounds=["act"])),
        Grade.WITHOUT_EVIDENCE,
        False,
        Level.UNASSESSED,
    ),
    "judged, by a role that is informed": (
        ((lab.report(),), determined("T3", "ruled_out", role="board", **ON)),
        Grade.JUDGED,
        False,
        Level.UNASSESSED,
    ),
    "judged, by nobody the table names": (
        ((lab.report(),), determined("T3", "ruled_out", role="intern", **ON)),
        Grade.JUDGED,
        False,
        Level.UNASSESSED,
    ),
    "softer on what was not measured": (
        ((lab.report(),), determined("T1", "ruled_out", **ON)),
        Grade.AGAINST_INDICATORS,
        False,
        Level.UNASSESSED,
    ),
}


@pytest.mark.parametrize("name", GRADES)
def test_a_determination_is_graded(name: str) -> None:
    asked, grade, counts, level = GRADES[name]
    found, decided = judged(*asked)
    assert (found.grade, found.counts, decided) == (grade, counts, level)


AGAINST: dict[str, tuple[tuple[Record, ...], dict[str, Any], dict[str, Any], Grade, bool]] = {
    "the framework is silent": (CONCERNED, ON, {}, Grade.AGAINST_INDICATORS, False),
    "the framework says, cited, that indicators inform": (
        CONCERNED,
        ON,
        COUNTS,
        Grade.AGAINST_INDICATORS,
        True,
    ),
    "the rule is ours and cited nowhere": (
        CONCERNED,
        ON,
        {"softer_determination": {"rule": "counts", "ours": "ours"}},
        Grade.AGAINST_INDICATORS,
        False,
    ),
    "by a role that only is informed": (
        CONCERNED,
        {**ON, "role": "board"},
        COUNTS,
        Grade.AGAINST_INDICATORS,
        False,
    ),
    "a planned run is absent": (
        (*CONCERNED, lab.plan(lab.planned("never"), committed_at="2025-11-01")),
        ON,
        COUNTS,
        Grade.AGAINST_INDICATORS,
        True,
    ),
    "a planned run of this line is short": (
        (*CONCERNED, lab.plan(lab.planned("P1", samples=900))),
        ON,
        COUNTS,
        Grade.AGAINST_INDICATORS,
        False,
    ),
    "inconclusive, and the framework acts as if": (
        BLUNT,
        ON,
        {**COUNTS, **ACT_AS_IF},
        Grade.AGAINST_ACT_AS_IF,
        False,
    ),
    "inconclusive, and the framework is silent on it": (
        BLUNT,
        ON,
        COUNTS,
        Grade.AGAINST_INDICATORS,
        True,
    ),
    "no grounds": (CONCERNED, {}, COUNTS, Grade.WITHOUT_EVIDENCE, False),
}


@pytest.mark.parametrize("name", AGAINST)
def test_a_softer_determination_counts_only_where_the_framework_says_so(name: str) -> None:
    records, how, semantics, grade, counts = AGAINST[name]
    found, level = judged(records, determined("T1", "ruled_out", **how), **semantics)
    assert (found.grade, found.counts) == (grade, counts)
    assert level is (Level.RULED_OUT if counts else Level.NOT_RULED_OUT)


def test_a_stricter_determination_wins_over_a_softer_one_of_higher_rank() -> None:
    soft = lab.act("soft", "threshold:T1", "ruled_out", **ON)
    hard = lab.act("hard", "threshold:T1", "crossed", role="rso")
    finding = lab.world(*CONCERNED, soft, hard, policy=policy(**COUNTS)).findings["T1"]
    assert finding.status.level is Level.CROSSED
    assert [item.act for item in finding.judged] == ["hard", "soft"]


def test_treated_as_is_a_flag_and_counts_as_crossed() -> None:
    act = determined("T1", "treated_as", treated_as=True)
    finding = lab.world(*CLEAN, act).findings["T1"]
    assert finding.status.flags == {Flag.TREATED_AS}
    assert not lab.decided(lab.world(lab.mapping("J1", "expert"), act)).is_open


def test_dissent_stays_visible_in_the_finding_and_in_the_tree() -> None:
    view = [{"by": "The red team", "statement": "not enough was tried"}]
    act = determined("T3", "ruled_out", **ON, dissent=view)
    rows = lab.row("K", **{"if": {"status": "T3", "at_least": "ruled_out"}})
    known = lab.world(lab.report(), act, policy=lab.policy_of(rows))
    assert known.findings["T3"].judged[0].dissent == ("The red team: not enough was tried",)
    assert "dissent: The red team: not enough was tried" in str(lab.decided(known).why.to_mapping())
    assert lab.decided(known).adverse_register[0] == 1


def test_a_determination_that_does_not_count_is_listed_beside_the_decision() -> None:
    known = lab.world(lab.report(), determined("T1", "ruled_out", **ON))
    (text,) = lab.decided(known).judgements
    assert text.startswith("T1: ceo (A. Person) determined ruled out; the status stays unassessed")


def test_inference_ends_where_the_inferring_threshold_is_determined_stricter() -> None:
    first, *others = lab.THRESHOLDS
    thresholds = [{**first, "rules_out": ["T3"]}, *others]
    inferring = lab.policy_of(lab.row("K"), thresholds=thresholds)
    found = lab.world(*CLEAN, policy=inferring).findings["T3"]
    assert (found.status.level, found.reasons) == (Level.RULED_OUT, (Reason.INFERRED,))
    act = determined("T1", "crossed")
    assert lab.world(*CLEAN, act, policy=inferring).findings["T3"].own is Level.UNASSESSED
