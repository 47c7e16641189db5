"""Law 3 of the design: over random logs without a clean sample, and over the real logs."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalegate.adapters.inspect_log import read_log
from scalegate.base.errors import FormatError
from scalegate.evidence.eval_log import EvalLog, SampleTable
from scalegate.policy.vocabulary import Level
from tests.strategies import lab
from tests.strategies.worlds import LOG
from tests.unit.evidence.log_making import Run

DATA = Path(__file__).parents[1] / "data" / "inspect-logs"
LOGS = sorted([*DATA.glob("*.eval"), *DATA.glob("*.json")])
FAULTS: tuple[dict[str, Any], ...] = (
    {"error": "errored", "unscored": "absent"},
    {"error": "errored"},
    {"unscored": "absent"},
    {"is_invalidated": True},
    {"is_refused": True},
    {"limit": "token"},
)


def finding_of(log: EvalLog | None, *, comparator: str = "at_least", **binding: Any) -> Level:
    """Return the status of T4, whose one line is mapped to this log, if there is one."""
    policy = lab.policy_of(
        lab.row("K", **{"if": {"status": "T4", "at_least": "not_ruled_out"}}),
        thresholds=[lab.threshold("T4", lab.line("L1", comparator=comparator))],
    )
    how = {
        "selects": {"log_sha256": LOG},
        "taken_on": lab.HELPFUL,
        "elicitation": {"level": "E2", "description": "scaffolded"},
        **binding,
    }
    logs = {} if log is None else {LOG: log}
    known = lab.world(lab.mapping("L1", **how), policy=policy, logs=logs)
    decision = lab.decided(known)
    level = known.findings["T4"].status.level
    assert decision.is_open is (level is Level.RULED_OUT)
    return level


class TestNoDataIsNeverAPass:
    """n = 0, all samples errored, a missing file, an empty section: never a pass. The only way to
    an open gate without evaluation is `not_required`, by a cited rule whose facts are shown and
    expire.
    """

    @given(st.lists(st.sampled_from(FAULTS), max_size=60), st.booleans())
    def test_no_clean_sample_rules_nothing_out(
        self, faults: list[dict[str, Any]], high_is_dangerous: bool
    ) -> None:
        runs = [
            Run(item=f"i{index}", **{"score": 0.0 if high_is_dangerous else 1.0, **fault})
            for index, fault in enumerate(faults)
        ]
        comparator = "at_least" if high_is_dangerous else "at_most"
        assert finding_of(lab.eval_log(runs), comparator=comparator) >= Level.NOT_RULED_OUT

    def test_no_samples(self) -> None:
        assert finding_of(lab.eval_log([])) is Level.UNASSESSED

    def test_a_log_that_is_not_there(self) -> None:
        assert finding_of(None) is Level.UNASSESSED

    def test_no_scores(self) -> None:
        runs = [Run(item=f"i{index}") for index in range(60)]
        assert finding_of(lab.eval_log(runs, has_score=False)) is Level.UNASSESSED

    def test_a_scorer_that_the_log_has_not(self) -> None:
        runs = [Run(item=f"i{index}", score=0.0) for index in range(60)]
        assert finding_of(lab.eval_log(runs), scorer="another") is Level.UNASSESSED

    def test_clean_samples_do_rule_out(self) -> None:
        """The law can fail: sixty clean failures rule the line out."""
        runs = [Run(item=f"i{index}", score=0.0) for index in range(60)]
        assert finding_of(lab.eval_log(runs)) is Level.RULED_OUT

    def test_an_exemption_opens_only_while_its_fact_is_shown(self) -> None:
        rule = {
            "id": "E1",
            "statement": "exempt",
            "when": {"fact": "F1"},
            "thresholds": ["T4"],
            "inherits": False,
            "cite": lab.CITE,
        }
        row = lab.row("K", **{"if": {"status": "T4", "at_least": "not_ruled_out"}})
        policy = lab.policy_of(row, exemptions=[rule])
        shown = lab.fact("fact", "F1", True, valid_until="2026-03-01")
        known = lab.world(shown, policy=policy)
        assert known.findings["T4"].status.level is Level.NOT_REQUIRED
        decision = lab.decided(known)
        assert decision.is_open
        assert decision.holds_from is not None
        assert decision.holds_from.at.date().isoformat() == "2026-03-01"
        assert not lab.decided(lab.world(policy=policy)).is_open


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name[:40])
def test_a_real_log_whose_samples_all_failed_or_are_gone_rules_nothing_out(path: Path) -> None:
    try:
        log = read_log(path)
    except FormatError:
        return  # refused with a reason: no log, so nothing to lose
    table = log.samples
    every = len(table.ids)
    scorer = next((column.name for column in table.scores), None)
    how = {} if scorer is None else {"scorer": scorer}
    assert finding_of(replace(log, samples=_none_of(table)), **how) is Level.UNASSESSED
    errored = replace(table, errors=("errored",) * every)
    assert finding_of(replace(log, samples=errored), **how) >= Level.NOT_RULED_OUT
    unscored = replace(table, scores=())
    assert finding_of(replace(log, samples=unscored), **how) is Level.UNASSESSED


def _none_of(table: SampleTable) -> SampleTable:
    """Return the table without any row."""
    emptied: dict[str, Any] = {
        item.name: () for item in fields(table) if isinstance(getattr(table, item.name), tuple)
    }
    return replace(table, **emptied)
