"""Law 8 of the design, through the gate: samples in one log or in many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scalegate.evidence.eval_log import EvalLog
from scalegate.gate.model import IndicatorFinding
from tests.strategies import lab
from tests.strategies.worlds import runs
from tests.unit.evidence.log_making import Run

POLICY = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.line("L1"))])
BINDING = lab.mapping(
    "L1",
    selects={"task": {"name": "task", "version": "1", "scorer": "match"}},
    taken_on=lab.HELPFUL,
    elicitation={"level": "E2", "description": "scaffolded"},
    family_key="family",
)


def line_of(logs: dict[str, EvalLog]) -> IndicatorFinding:
    """Return the finding of the one line, with all logs of the task."""
    return lab.world(BINDING, policy=POLICY, logs=logs).findings["T1"].indicators[0]


class TestAnyPartitionOfTheSamplesGivesTheSameEstimate:
    """Any partition of the samples, merged in any order, gives the same estimate."""

    @given(runs(least=5), st.data())
    def test_through_the_gate(self, found: list[Run], data: st.DataObject) -> None:
        parts = data.draw(st.integers(1, 4))
        at = data.draw(
            st.lists(st.integers(0, parts - 1), min_size=len(found), max_size=len(found))
        )
        names = data.draw(st.permutations("abcd"))
        logs = {}
        for part in range(parts):
            own = [run for run, place in zip(found, at, strict=True) if place == part]
            if own:
                changes = {"eval_id": f"e{part}", "run_id": f"r{part}"}
                logs[lab.DIGESTS[names[part]]] = lab.eval_log(own, **changes)
        whole, merged = line_of({lab.DIGESTS["e"]: lab.eval_log(found)}), line_of(logs)
        assert merged.level is whole.level
        (one,), (other,) = whole.verdicts, merged.verdicts
        assert one.verdict.outcome is other.verdict.outcome
        assert one.verdict.estimate == other.verdict.estimate


def test_the_same_log_twice_counts_once() -> None:
    """Digests differ where a log was stored in two containers; its runs are the same."""
    found = [Run(item=f"i{index}", score=0.0, uuid=f"u{index}") for index in range(40)]
    once = line_of({lab.DIGESTS["e"]: lab.eval_log(found)})
    twice = line_of({lab.DIGESTS["e"]: lab.eval_log(found), lab.DIGESTS["f"]: lab.eval_log(found)})
    assert once.verdicts[0].verdict.estimate == twice.verdicts[0].verdict.estimate
