"""Law 2 of the design, over random worlds of the simulated lab."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scalegate.policy.vocabulary import Level
from tests.laws.gate_worlds import FEWER, SUBJECTS, assess_in
from tests.strategies import lab
from tests.strategies.worlds import World, worlds


class TestAPlannedRunThatIsAbsentOrShortNeverRulesOut:
    """A planned run that is absent, or a sample count below plan, leaves its threshold
    `unassessed` or `not_ruled_out`, never `ruled_out`.
    """

    @FEWER
    @given(worlds(), st.sampled_from(("never-ran", "P1")), st.data())
    def test_whatever_else_is_on_record(self, world: World, name: str, data: st.DataObject) -> None:
        # "never-ran" has no result at all; every result of P1 has fewer samples than this.
        threshold = data.draw(st.sampled_from(("T1", "T2", "T3", "T4")))
        ref = data.draw(st.sampled_from(SUBJECTS))
        run = lab.planned(name, samples=100_000, answers=[f"{lab.FRAMEWORK}/{threshold}"])
        kept = [record for record in world.records if record.id != "plan"]
        known = assess_in(world, records=[*kept, lab.plan(run)], ref=ref)
        finding = known.findings[threshold]
        assert finding.own >= Level.NOT_RULED_OUT
        assert finding.status.level >= Level.NOT_RULED_OUT
        assert finding.missing

    @FEWER
    @given(worlds())
    def test_a_plan_about_the_checkpoint_binds_its_model_too(self, world: World) -> None:
        run = lab.planned("never-ran", answers=[f"{lab.FRAMEWORK}/T1"])
        kept = [record for record in world.records if record.id != "plan"]
        about = lab.doc(
            "plan",
            "plan",
            {"runs": [run], "committed_at": "2025-10-01"},
            subject=lab.CHECKPOINT,
            true_from="2025-10-01",
        )
        known = assess_in(world, records=[*kept, about], ref=lab.MODEL)
        assert known.findings["T1"].status.level >= Level.NOT_RULED_OUT


def test_a_run_that_answers_the_plan_in_full_rules_out() -> None:
    """The law can fail: with the run as planned, the threshold is ruled out."""
    record = lab.plan(lab.planned("P1", samples=200))
    assert lab.world(*lab.clean(), record).findings["T1"].status.level is Level.RULED_OUT


def test_one_sample_less_than_planned_does_not() -> None:
    record = lab.plan(lab.planned("P1", samples=201))
    finding = lab.world(*lab.clean(), record).findings["T1"]
    assert finding.status.level is Level.NOT_RULED_OUT
    assert "fewer samples" in finding.missing[0]
