"""Law 5 of the design, over random worlds of the simulated lab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from scalegate.evidence.record import Record
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision, Work
from scalegate.gate.owed import unmet_before
from scalegate.gate.why_not import what_if, why_not
from scalegate.policy.vocabulary import EffectLevel, Gate, Level
from tests.laws.gate_worlds import FEWER, assess_in, decisions
from tests.strategies import lab
from tests.strategies.worlds import World, worlds


class TestTheClausesOfWhyAloneGiveTheSameDecision:
    """The clauses named in *why* alone give the same decision."""

    @FEWER
    @given(worlds())
    def test_without_all_other_clauses(self, world: World) -> None:
        for decision in decisions(assess_in(world)):
            named = decision.outcome.determining
            rows = tuple(row for row in world.policy.commitments if row.id in named)
            if not rows:
                assert not decision.outcome.governed
                continue
            policy = world.policy.model_copy(update={"commitments": rows})
            again = decide(
                assess_in(world, policy=policy), decision.gate, decision.ask, turns=False
            )
            assert (again.level, again.limits, again.is_open) == (
                decision.level,
                decision.limits,
                decision.is_open,
            )

    @FEWER
    @given(worlds())
    def test_the_tree_names_exactly_these_clauses_with_citation(self, world: World) -> None:
        for decision in decisions(assess_in(world)):
            named = [child.text.split(" ", 1)[0] for child in decision.why.children]
            assert tuple(named) == decision.outcome.determining
            assert all(child.citation for child in decision.why.children)


class TestDoingOneSetOfWhyNotOpensTheGate:
    """Doing exactly one of the sets in *why-not* opens the gate."""

    @FEWER
    @given(worlds())
    def test_in_the_situation(self, world: World) -> None:
        known = assess_in(world)
        for decision in decisions(known):
            for sets in (why_not(known, decision), why_not(known, decision, by_judgement=True)):
                for works in sets:
                    assert works
                    assert opens(decision, works, known)


def opens(decision: Decision, works: tuple[Work, ...], known: Assessment) -> bool:
    """Say whether the policy opens the gate once exactly this work is done."""
    moves = {(work.move.kind, work.move.name): work.move.value for work in works}
    after = decide(what_if(known, moves), decision.gate, decision.ask, turns=False)
    done = {work.move.name for work in works}
    owed = {f"before:{name}" for name, _ in unmet_before(known, after.outcome)}
    return after.outcome.level <= EffectLevel.ALLOW_WITH and owed <= done


DONE: dict[str, Callable[[], list[Record]]] = {
    "G2": lambda: [lab.case_document(), lab.status("status-g2")],
    "G1": lambda: [lab.filters()],
    "Q1": lambda: [
        lab.act("yes-ceo", "question:Q1"),
        lab.act("yes-rso", "question:Q1", role="rso"),
    ],
    "Q2": lambda: [lab.act("yes-q2", "question:Q2")],
    "F1": lambda: [lab.fact("fact", "F1", True)],
    "capability_report.covered": lambda: [lab.report()],
    "capability_report.approved": lambda: [lab.report()],
    "S2": lambda: [lab.case_document(), lab.act("s2", "specification:S2", grounds=["safety-case"])],
    "S2.members": lambda: [lab.case_document(), lab.status("status-s2", "S2")],
    "X1": lambda: [
        lab.case_document(),
        lab.status("status-x1", "X1"),
        lab.act("yes-q2", "question:Q2"),
    ],
    "T1": lambda: lab.clean()[:4],
    "T2": lambda: lab.clean()[4:8],
    "before:K": lambda: [lab.act("done", "before:K", "done")],
}
"""The documents that record each piece of work as done."""


@pytest.mark.parametrize(
    ("trigger", "require", "more"),
    [
        ("always", {"safeguard": "G2"}, {}),
        ("always", {"met": "S1"}, {}),
        ("always", {"met": "S2"}, {}),
        ("always", {"any": [{"act": "Q1"}, {"safeguard": "G1"}]}, {}),
        ("always", {"all": [{"act": "Q2"}, {"fact": "F1"}]}, {}),
        ("always", {"document": "capability_report", "is": "approved"}, {}),
        ("always", {"substitute": "X1"}, {}),
        ({"status": "T1", "at_least": "crossed"}, {"safeguard": "G2"}, {}),
        ({"status": "T2", "at_least": "not_ruled_out"}, {"any": [{"safeguard": "G1"}]}, {}),
        ("always", {"safeguard": "G2"}, {"before": ["tell the board first"]}),
        ("always", "always", {"before": ["tell the board first"]}),
    ],
)
def test_the_work_done_as_documents_opens_the_gate(
    trigger: object, require: object, more: dict[str, object]
) -> None:
    policy = lab.policy_of(lab.row("K", **{"if": trigger, "require": require, **more}))
    known = lab.world(policy=policy)
    decision = lab.decided(known)
    assert not decision.is_open
    found = why_not(known, decision)
    assert found
    for works in found:
        made = {record.id: record for work in works for record in DONE[work.move.name]()}
        if any(work.move.value is Level.CROSSED for work in works):
            continue  # "assess it, whatever the answer" is no one document
        assert lab.decided(lab.world(*made.values(), policy=policy)).is_open, works


def test_an_open_gate_and_a_gate_without_rules_need_no_work() -> None:
    known = lab.world(*lab.clean())
    assert why_not(known, lab.decided(known)) == ()
    ungoverned = decide(known, Gate.TRAIN)
    assert why_not(known, ungoverned) == ()
