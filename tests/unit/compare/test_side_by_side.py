"""Labs side by side: figures are lists of clauses, and the evaluator decides situations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scalegate.compare.common_elements import elements_of, is_later
from scalegate.compare.profile import count_of, profile
from scalegate.compare.readings import reading_reports
from scalegate.compare.shared import (
    EVERYTHING,
    NOTHING,
    SharedSituation,
    answers_of,
    best_situation,
    partings,
    situations,
)
from scalegate.compare.transfer import transfer
from scalegate.policy.compile import compile_policy
from scalegate.policy.crosswalk import Analogy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import strictest
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Level, SafeguardState
from tests.unit.policy.toy import TOY

POLICY = parse_policy(TOY)
PROGRAM = compile_policy(POLICY)


def tiers(policy: Policy = POLICY) -> tuple[Analogy, ...]:
    return tuple(
        Analogy(
            framework=policy.name, kind="tier", native=native, title=native, neutral=tier,
            fit="near", why="for a test", cites=("Toy, 1",),
        )
        for native, tier in (("B1", "serious"), ("B2", "extreme"))
    )  # fmt: skip


def changed(old: str, new: str) -> Policy:
    assert old in TOY
    return parse_policy(TOY.replace(old, new))


def test_every_figure_is_a_list_of_clauses() -> None:
    found = profile(PROGRAM)
    counts = {each.key: len(each.items) for each in (*found.figures, *found.bindingness)}
    assert counts["domains"] == 1
    assert counts["numeric_line"] == counts["named_eval"] == counts["named_safeguard"] == 2
    assert counts["operational"] == 0
    assert counts["hold_at_train"] == counts["hold_at_external_general"] == 1
    assert counts["ungoverned"] == 0
    assert counts["discretions"] == counts["readings"] == counts["deadline"] == 1
    assert counts["only_if_shown"] == counts["disclosure"] == counts["amendment"] == 0
    assert counts["approvers"] == 1
    assert counts["names_threshold"] == counts["holds_a_gate"] == counts["names_safeguard"] == 1
    assert counts["judgement_only"] == 1
    assert counts["can_be_lifted"] == 2
    assert found.figure("hold_at_train").items[0].cite == "Toy, 3"
    assert count_of(found.figures, "domains") == 1
    with pytest.raises(KeyError):
        found.figure("grade")


def test_a_line_of_ours_is_not_the_texts_and_a_silent_gate_is_named() -> None:
    ours = changed("id: b1-out,", "id: b1-out, ours: our own line,")
    assert len(profile(compile_policy(ours)).figure("numeric_line").items) == 2
    both = parse_policy(
        TOY.replace("id: b1-out,", "id: b1-out, ours: x,").replace(
            "id: b1-in,", "id: b1-in, ours: x,"
        )
    )
    assert [each.id for each in profile(compile_policy(both)).figure("named_eval").items] == ["B2"]
    silent = changed("at: [store, train,", "at: [train,")
    found = profile(compile_policy(silent)).figure("ungoverned")
    assert [each.id for each in found.items] == ["store"]
    noted = parse_policy(
        TOY.replace("at: [store, train,", "at: [train,")
        + "silent_at:\n  - {gate: store, searched: sections 1 to 4}\n"
    )
    assert profile(compile_policy(noted)).figure("ungoverned").items[0].cite == "sections 1 to 4"


def test_at_its_best_nothing_that_the_policy_governs_is_held() -> None:
    procedure = "{all: [{act: may-ship}, {document: report, is: covered}]}"
    for require in (procedure, "{fact: growth, below: 2}", "{fact: place, is: us}"):
        program = compile_policy(changed(procedure, require))
        best = best_situation(program)
        for gate in Gate:
            outcome, _ = strictest(program, best, gate, Ask.START)
            assert outcome.level < EffectLevel.RESTRICT, (require, gate)
    assert best_situation(PROGRAM).facts["agentic"] is None  # knowing it would help nothing


def test_a_shared_situation_says_what_the_evaluator_says() -> None:
    found = answers_of(PROGRAM, tiers())
    assert found.named == {("cbrn", "serious"): ("B1",), ("cbrn", "extreme"): ("B2",)}
    asked = SharedSituation(domain="cbrn", tier="serious", lacks="deployment_filters")
    assert found.answers[asked, Gate.TRAIN].effect == "hold"
    assert found.answers[asked, Gate.TRAIN].rows == ("C1",)
    for lacks, effect in ((NOTHING, "allow"), ("weight_security", "allow"), (EVERYTHING, "hold")):
        assert found.answers[replace(asked, lacks=lacks), Gate.TRAIN].effect == effect
    elsewhere = replace(asked, domain="cyber", lacks=EVERYTHING)
    assert found.answers[elsewhere, Gate.TRAIN].effect == "allow"
    assert len(found.answers) == len(Gate) * len(list(situations()))


def test_a_parting_names_the_least_that_is_missing() -> None:
    weaker = changed(
        "otherwise: hold", "otherwise: {level: allow_with, obligations: [describe it]}"
    )
    silent = changed("at: [store, train,", "at: [train,")
    strict = answers_of(PROGRAM, tiers())
    found = partings(strict, answers_of(compile_policy(weaker), tiers(weaker)))
    assert {(each.situation.tier, each.situation.lacks) for each in found} == {
        ("serious", "deployment_filters"),
        ("extreme", "deployment_filters"),
    }
    assert {each.lets_through.effect for each in found} == {"allow_with"}
    assert all(each.is_named for each in found)
    stored = partings(strict, answers_of(compile_policy(silent), ()))
    assert {each.gate for each in stored if each.lets_through.effect == "ungoverned"} == {
        Gate.STORE
    }
    assert not any(each.is_named for each in stored)
    assert partings(strict, strict) == ()


def test_the_nine_elements_are_counted_beside_metrs_table() -> None:
    found = {each.name: each for each in elements_of(POLICY)}
    assert len(found) == 9
    assert found["Capability thresholds"].is_there
    assert found["Accountability"].is_there
    assert not found["Model weight security"].is_there
    assert not found["Updating policies over time"].is_there
    assert {each.metr for each in found.values()} == {None}
    naver = elements_of(changed("lab: Toy lab", "lab: naver"))
    assert {each.name for each in naver if each.differs} == {
        "Capability thresholds",
        "Conditions for halting development plans",
        "Timing and frequency of evaluations",
        "Updating policies over time",
    }
    assert not is_later(POLICY)
    assert is_later(changed('effective_on: "2025-01-01"', 'effective_on: "2026-01-01"'))


def test_a_reading_that_matters_is_shown_with_a_situation_that_parts_its_meanings() -> None:
    hold = changed("otherwise: {level: restrict, limits: {audience: staff}}", "otherwise: hold")
    report = reading_reports(compile_policy(hold))[0]
    assert report.gates == (Gate.EXTERNAL_GENERAL,)
    assert report.meanings == ("wide", "narrow")
    assert report.matters is not None
    program = compile_policy(hold)
    for meaning, is_held in (("wide", True), ("narrow", False)):
        seen = report.matters.point.situation.with_readings({"staff": meaning})
        outcome, _ = strictest(program, seen, report.matters.gate, report.matters.ask)
        assert (outcome.level >= EffectLevel.HOLD) is is_held


def test_a_reading_that_changes_no_hold_is_said_to_change_nothing() -> None:
    report = reading_reports(PROGRAM)[0]
    assert (report.matters, report.gates, report.meanings) == (None, (), None)


LIVE = SafeguardState.LIVE_AND_SUFFICIENT


def situation(level: Level, state: SafeguardState) -> Situation:
    statuses = {name: Status(level=level) for name in ("B1", "B2")}
    return Situation(statuses=statuses, safeguards={"filter": state})


def other_lab() -> Policy:
    text = TOY.replace("id: toy", "id: other", 1)
    for name in ("B1", "B2"):
        text = text.replace(name, name.replace("B", "X"))
    return parse_policy(text.replace("id: filter", "id: screen").replace("[filter]", "[screen]"))


def test_between_versions_the_same_id_is_the_same_thing() -> None:
    moved = transfer(PROGRAM, PROGRAM, situation(Level.CROSSED, SafeguardState.STALE), ())
    assert moved.unknown == ()
    assert moved.situation.statuses["B1"].level is Level.CROSSED
    assert moved.situation.safeguards["filter"] is SafeguardState.STALE


def test_across_labs_the_crosswalk_decides_and_what_it_does_not_name_is_unknown() -> None:
    other = other_lab()
    rows = [
        replace(each, framework=other.name, native=each.native.replace("B", "X"))
        for each in tiers()
    ]
    program = compile_policy(other)
    seen = situation(Level.RULED_OUT, LIVE)
    seen = replace(seen, statuses={**seen.statuses, "B2": Status(level=Level.CROSSED)})
    moved = transfer(PROGRAM, program, seen, [*tiers(), *rows])
    assert moved.situation.statuses["X1"].level is Level.CROSSED  # a higher tier was crossed
    assert moved.situation.statuses["X2"].level is Level.CROSSED
    assert moved.situation.safeguards["screen"] is LIVE
    nothing = transfer(PROGRAM, program, seen, tiers())
    assert nothing.unknown == ("X1", "X2")
    assert nothing.situation.statuses["X1"].level is Level.UNASSESSED
    unsafe = transfer(PROGRAM, program, situation(Level.CROSSED, SafeguardState.BREACHED), [])
    assert unsafe.situation.safeguards["screen"] is SafeguardState.BREACHED
