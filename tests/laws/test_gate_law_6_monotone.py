"""Law 6 of the design, through whole decisions, over random worlds of the simulated lab."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scalegate.gate.model import Assessment
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Flag, Level, SafeguardState
from tests.laws.gate_worlds import FEWER, assess_in, decisions, is_no_more_permissive
from tests.strategies.worlds import THRESHOLDS, World, worlds


class TestAStricterStatusOrAWorseStateNeverRelaxesAGate:
    """A stricter status of any threshold, or a worse state of any safeguard, never relaxes any
    gate (monotonicity); a framework that breaks this is reported by lint with the situation.
    """

    @FEWER
    @given(worlds(), st.sampled_from(THRESHOLDS), st.sampled_from(Level))
    def test_of_a_status(self, world: World, name: str, level: Level) -> None:
        known = assess_in(world)
        now = known.situation.statuses[name]
        worse = Status(level=max(now.level, level), flags=now.flags)
        statuses = {**known.situation.statuses, name: worse}
        _no_looser(known, replace(known.situation, statuses=statuses))

    @FEWER
    @given(worlds(), st.sampled_from(THRESHOLDS), st.sampled_from(Flag))
    def test_of_a_flag(self, world: World, name: str, flag: Flag) -> None:
        known = assess_in(world)
        now = known.situation.statuses[name]
        worse = Status(level=now.level, flags=now.flags | {flag})
        statuses = {**known.situation.statuses, name: worse}
        _no_looser(known, replace(known.situation, statuses=statuses))

    @FEWER
    @given(worlds(), st.sampled_from(("G1", "G2")), st.sampled_from(SafeguardState))
    def test_of_a_safeguard(self, world: World, name: str, state: SafeguardState) -> None:
        known = assess_in(world)
        worse = max(known.situation.safeguards[name], state)
        safeguards = {**known.situation.safeguards, name: worse}
        _no_looser(known, replace(known.situation, safeguards=safeguards))


def _no_looser(known: Assessment, situation: Situation) -> None:
    worse = replace(known, situation=situation)
    for before, after in zip(decisions(known), decisions(worse), strict=True):
        assert is_no_more_permissive(before, after), (before.level, after.level)
