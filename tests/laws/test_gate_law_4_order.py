"""Law 4 of the design, over random worlds of the simulated lab."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.gate_worlds import FEWER, assess_in, decisions, text_of
from tests.strategies.worlds import World, worlds


class TestOrderAndDuplicatesDoNotMatter:
    """Order of arrival and duplicates of evidence, acts and commitments do not matter."""

    @FEWER
    @given(worlds(), st.randoms(use_true_random=False), st.data())
    def test_of_evidence_and_acts(self, world: World, chance: Random, data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(world.records), max_size=5))
        mixed = [*world.records, *again]
        chance.shuffle(mixed)
        logs = dict(reversed(list(world.logs.items())))
        first = assess_in(world)
        second = assess_in(world, records=mixed, logs=logs)
        for one, other in zip(
            decisions(first, turns=True), decisions(second, turns=True), strict=True
        ):
            assert text_of(one) == text_of(other)

    @FEWER
    @given(worlds(), st.randoms(use_true_random=False))
    def test_of_commitments(self, world: World, chance: Random) -> None:
        rows = list(world.policy.commitments)
        doubled = [*rows, rows[0].model_copy(update={"id": "again"})]
        chance.shuffle(doubled)
        policy = world.policy.model_copy(update={"commitments": tuple(doubled)})
        for one, other in zip(
            decisions(assess_in(world)), decisions(assess_in(world, policy=policy)), strict=True
        ):
            assert (one.level, one.limits, one.governed) == (
                other.level,
                other.limits,
                other.governed,
            )
            assert set(one.outcome.determining) == set(other.outcome.determining) - {"again"}
