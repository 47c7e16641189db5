"""Law 1 of the design, over random worlds of the simulated lab."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scalegate.gate.adverse import adverse_digests
from scalegate.gate.decide import decide
from scalegate.gate.model import Decision
from tests.laws.gate_worlds import FEWER, SUBJECTS, assess_in, decisions, is_no_more_permissive
from tests.strategies import lab
from tests.strategies.worlds import CLOSED_LIST, World, worlds


class TestLosingEvidenceNeverMakesAnyGateMorePermissive:
    """Losing evidence never makes any gate more permissive. This is relative to a closed list: the
    policy's indicators and the recorded or declared plan, and the register of adverse records
    (incidents, alerts, expert concerns, reversals, revocations), whose count and head every
    decision names. Exempt: exactly the clauses whose facts have burden `to_hold`, which the
    decision lists.
    """

    @FEWER
    @given(worlds(), st.data())
    def test_any_subset_of_evidence_may_be_lost(self, world: World, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(SUBJECTS))
        known = assess_in(world, ref=ref)
        adverse = adverse_digests(known)
        may_go = [
            record
            for record in world.records
            if record.kind not in CLOSED_LIST and record.digest not in adverse
        ]
        lost = set(data.draw(st.lists(st.sampled_from(may_go), unique=True)) if may_go else [])
        logs = [digest for digest in world.logs if digest not in adverse]
        gone = set(data.draw(st.lists(st.sampled_from(logs), unique=True)) if logs else [])
        kept = [record for record in world.records if record not in lost]
        after = assess_in(
            world,
            ref=ref,
            records=kept,
            logs={digest: log for digest, log in world.logs.items() if digest not in gone},
        )
        for before, then in zip(decisions(known), decisions(after), strict=True):
            assert is_no_more_permissive(_without_unarmed(world, before, then, ref), then), (
                [record.id for record in lost],
                before.level,
                then.level,
            )

    @FEWER
    @given(worlds(), st.data())
    def test_no_adverse_record_is_lost_unseen(self, world: World, data: st.DataObject) -> None:
        known = assess_in(world)
        adverse = adverse_digests(known)
        listed = [record for record in world.records if record.digest in adverse]
        if not listed:
            return
        lost = data.draw(st.sampled_from(listed))
        after = assess_in(world, records=[item for item in world.records if item is not lost])
        for before, then in zip(decisions(known), decisions(after), strict=True):
            assert before.adverse_register != then.adverse_register


def _without_unarmed(world: World, before: Decision, then: Decision, ref: str) -> Decision:
    """Return the earlier decision without the clauses that the later one lists as unarmed."""
    rows = tuple(row for row in world.policy.commitments if row.id not in then.unarmed)
    if len(rows) == len(world.policy.commitments):
        return before
    if not any(row.binds for row in rows):
        # Nothing is left to compare with: ungoverned is the most permissive verdict of all.
        return replace(before, governed=True, level=type(before.level).ALLOW)
    policy = world.policy.model_copy(update={"commitments": rows})
    known = assess_in(world, policy=policy, ref=ref)
    return decide(known, before.gate, before.ask, turns=False)


def test_a_lost_document_leaves_its_mapping_on_the_list() -> None:
    kept = [record for record in lab.clean() if record.id != "result-P1"]
    finding = lab.world(*kept).findings["T1"]
    assert finding.status.level.word == "unassessed"
    assert [item.value for item in finding.reasons] == ["no_evidence"]
