"""Laws of the policy function (design, "Laws"), over random small policies and situations."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import (
    Columns,
    evaluate,
    firing,
    firing_where,
    reaches,
    strictest,
)
from scalegate.policy.monotone import relaxations
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import (
    Ask,
    Burden,
    EffectLevel,
    Flag,
    Gate,
    Level,
    SafeguardState,
)
from tests.strategies.policies import (
    ALL_VALUES,
    MISSING,
    THRESHOLDS,
    plain_policy,
    policies,
    situation_of,
    situation_values,
    situations,
)

GATES = tuple(product((Gate.TRAIN, Gate.INTERNAL, Gate.OPEN_WEIGHTS), Ask))
FEWER = settings(max_examples=50)
"""Drawing a policy is most of the time of a test."""
Values = dict[tuple[str, str], Any]


def levels(program: Program, situation: Situation) -> list[EffectLevel]:
    return [evaluate(program, situation, gate, ask).level for gate, ask in GATES]


def with_rows(policy: Policy, rows: tuple[Any, ...]) -> Policy:
    return policy.model_copy(update={"commitments": rows})


@FEWER
@given(policies(), situations())
def test_whether_a_cut_is_reached_is_what_the_outcome_says(
    policy: Policy, situation: Situation
) -> None:
    program = compile_policy(policy)
    encoded = program.encode(situation)
    for at, cut in product(GATES, EffectLevel):
        outcome = evaluate(program, situation, *at)
        assert reaches(program, encoded, at, cut) == (outcome.governed and outcome.level >= cut)


def columns_of(bits: list[int]) -> Columns:
    """Turn bits per situation into situations per bit."""
    always, some = bits[0], 0
    for each in bits:
        always, some = always & each, some | each
    where = {
        1 << place: sum(1 << at for at, each in enumerate(bits) if each >> place & 1)
        for place in range(some.bit_length())
        if (some & ~always) >> place & 1
    }
    return Columns(every=(1 << len(bits)) - 1, always=always, varying=some & ~always, where=where)


@FEWER
@given(policies(), st.lists(situations(), min_size=1, max_size=5))
def test_many_situations_at_once_give_what_each_gives(
    policy: Policy, some: list[Situation]
) -> None:
    program = compile_policy(policy)
    encoded = [program.encode(situation) for situation in some]
    columns = (
        columns_of([each.trigger for each in encoded]),
        columns_of([each.require for each in encoded]),
        columns_of([each.blocked for each in encoded]),
    )
    for row in {row.name: row for rows in program.rows.values() for row in rows}.values():
        unmet, owing = firing_where(row, columns, program.softening)
        one_by_one = [firing([(1, row)], each, program.softening) for each in encoded]
        assert [(unmet >> at & 1, owing >> at & 1) for at in range(len(some))] == one_by_one


@FEWER
@given(policies(), situations(), st.randoms(use_true_random=False))
def test_order_and_duplicates_of_commitments_do_not_matter(
    policy: Policy, situation: Situation, shuffle: Any
) -> None:
    """Law 4."""
    rows = list(policy.commitments) * 2
    shuffle.shuffle(rows)
    first, second = compile_policy(policy), compile_policy(with_rows(policy, tuple(rows)))
    for gate, ask in GATES:
        one, other = (evaluate(program, situation, gate, ask) for program in (first, second))
        assert one.level is other.level
        assert one.governed is other.governed
        assert one.limits == other.limits
        assert set(one.determining) == set(other.determining)
        assert set(one.obligations) == set(other.obligations)
        assert set(one.softened_by) == set(other.softened_by)


@FEWER
@given(policies(), situations())
def test_the_determining_clauses_alone_give_the_same_outcome(
    policy: Policy, situation: Situation
) -> None:
    """Law 5: the clauses named in *why* alone give the same decision."""
    program = compile_policy(policy)
    for gate, ask in GATES:
        outcome = evaluate(program, situation, gate, ask)
        alone = tuple(row for row in policy.commitments if row.id in outcome.determining)
        again = evaluate(compile_policy(with_rows(policy, alone)), situation, gate, ask)
        assert again == outcome


def worse_values(value: Any) -> list[Any]:
    """Return what a status or a state can worsen to; a lost one is the worst."""
    if value is MISSING:
        return [MISSING]
    if isinstance(value, Status):
        return [MISSING] + [
            Status(level=level, flags=value.flags | extra)
            for level in Level
            for extra in (frozenset(), frozenset(Flag))
            if level >= value.level
        ]
    return [MISSING, *(state for state in SafeguardState if state >= value)]


@FEWER
@given(policies(), situation_values(), st.data())
def test_a_worse_status_or_safeguard_never_relaxes_a_monotone_policy(
    policy: Policy, values: Values, data: st.DataObject
) -> None:
    """Law 6, for every policy of which lint finds no step that relaxes."""
    program = compile_policy(policy)
    assume(not any(True for _ in relaxations(program)))
    before = levels(program, situation_of(values))
    worse = {
        key: data.draw(st.sampled_from(worse_values(value)))
        if key[0] in ("statuses", "safeguards")
        else value
        for key, value in values.items()
    }
    after = levels(program, situation_of(worse))
    assert all(late >= early for early, late in zip(before, after, strict=True))


@FEWER
@given(policies(most_atoms=3))
def test_every_relaxation_that_lint_finds_is_real(policy: Policy) -> None:
    """Law 6, the other half: the report is a pair of situations that anyone can evaluate."""
    program = compile_policy(policy)
    for found in relaxations(program):
        before = evaluate(program, found.situation, found.gate, found.ask)
        after = evaluate(program, found.after, found.gate, found.ask)
        assert (before.level, after.level) == (found.effect, found.relaxed_to)
        assert after.level < before.level
        field = "statuses" if found.name in THRESHOLDS else "safeguards"
        changed = dict(getattr(found.after, field))
        changed.pop(found.name, None)
        kept = dict(getattr(found.situation, field))
        kept.pop(found.name, None)
        assert changed == kept
        assert replace(found.situation, **{field: {}}) == replace(found.after, **{field: {}})


@FEWER
@given(policies(), situation_values(), st.sampled_from(("F1", "N1", "C1")))
def test_an_unknown_fact_to_release_is_at_least_as_strict_as_any_value(
    policy: Policy, values: Values, name: str
) -> None:
    """Burden `to_release`: unknown is the worst value."""
    assume(next(fact for fact in policy.facts if fact.id == name).burden is Burden.TO_RELEASE)
    program = compile_policy(policy)
    unknown = levels(program, situation_of({**values, ("facts", name): MISSING}))
    for value in ALL_VALUES["facts", name]:
        known = levels(program, situation_of({**values, ("facts", name): value}))
        assert all(late >= early for late, early in zip(unknown, known, strict=True))


@FEWER
@given(policies(), situation_values(), st.sampled_from(("F1", "N1", "C1")))
def test_an_unknown_fact_to_hold_never_binds_more_than_any_value(
    policy: Policy, values: Values, name: str
) -> None:
    """Burden `to_hold`: what is not shown does not bind."""
    assume(next(fact for fact in policy.facts if fact.id == name).burden is Burden.TO_HOLD)
    program = compile_policy(policy)
    unknown = levels(program, situation_of({**values, ("facts", name): MISSING}))
    for value in ALL_VALUES["facts", name]:
        known = levels(program, situation_of({**values, ("facts", name): value}))
        assert all(late <= early for late, early in zip(unknown, known, strict=True))


@FEWER
@given(policies(), situation_values(), st.sampled_from(sorted(ALL_VALUES)))
def test_losing_a_key_never_relaxes_a_monotone_policy(
    policy: Policy, values: Values, key: tuple[str, str]
) -> None:
    """Law 1 inside the policy function; exempt are the facts that the text wants shown."""
    assume(key[0] != "facts" or policy.facts[0].burden is Burden.TO_RELEASE)
    assume(key[0] != "discretions")
    program = compile_policy(policy)
    assume(not any(True for _ in relaxations(program)))
    before = levels(program, situation_of(values))
    after = levels(program, situation_of({**values, key: MISSING}))
    assert all(late >= early for early, late in zip(before, after, strict=True))


@FEWER
@given(policies(), situation_values())
def test_an_uninvoked_discretion_has_no_effect(policy: Policy, values: Values) -> None:
    without = policy.model_copy(update={"discretions": ()})
    program, bare = compile_policy(policy), compile_policy(without)
    for value in (False, MISSING):
        situation = situation_of({**values, ("discretions", "W1"): value})
        for gate, ask in GATES:
            one = evaluate(program, situation, gate, ask)
            assert one == evaluate(bare, situation, gate, ask)


@FEWER
@given(policies(), situation_values())
def test_an_invoked_discretion_never_holds_and_always_shows(policy: Policy, values: Values) -> None:
    program = compile_policy(policy)
    kept = situation_of({**values, ("discretions", "W1"): False})
    invoked = situation_of({**values, ("discretions", "W1"): True})
    for gate, ask in GATES:
        before, after = (evaluate(program, item, gate, ask) for item in (kept, invoked))
        assert after.level <= before.level
        if after.level < before.level and after.level is EffectLevel.ALLOW_WITH:
            assert after.obligations
        assert after.level is not EffectLevel.ALLOW or before.level is EffectLevel.ALLOW


@FEWER
@given(policies(), situations())
def test_nothing_is_withdrawn_at_open_weights_or_before_it_began(
    policy: Policy, situation: Situation
) -> None:
    program = compile_policy(policy)
    for gate, ask in GATES:
        if gate is Gate.OPEN_WEIGHTS or ask is Ask.START:
            assert evaluate(program, situation, gate, ask).level is not EffectLevel.WITHDRAW


@FEWER
@given(policies(), situations())
def test_a_gate_is_ungoverned_exactly_where_no_binding_row_names_it(
    policy: Policy, situation: Situation
) -> None:
    program = compile_policy(policy)
    for gate, ask in GATES:
        named = any(row.binds and gate in row.at and ask in row.asks for row in policy.commitments)
        outcome = evaluate(program, situation, gate, ask)
        assert outcome.governed is named
        if not named:
            assert outcome.level is EffectLevel.ALLOW
            assert not outcome.determining


@FEWER
@given(policies(), situation_values())
def test_the_strictest_reading_is_one_of_the_readings_and_no_stricter_than_unresolved(
    policy: Policy, values: Values
) -> None:
    program = compile_policy(policy)
    situation = situation_of({**values, ("readings", "R1"): MISSING})
    for gate, ask in GATES:
        worst, each = strictest(program, situation, gate, ask)
        assert worst.level <= evaluate(program, situation, gate, ask).level
        if each:
            assert worst.level is max(outcome.level for _, outcome in each)
            for chosen, outcome in each:
                fixed = situation.with_readings(chosen)
                assert outcome == evaluate(program, fixed, gate, ask)


@FEWER
@given(policies())
def test_a_policy_written_out_reads_back_as_itself(policy: Policy) -> None:
    assert Policy.model_validate(policy.to_plain()) == policy


def test_an_empty_list_of_commitments_is_refused() -> None:
    plain = plain_policy([], releases=[], ladder=[], rules={}, burden="to_release")
    with pytest.raises(ValueError, match="commitments"):
        Policy.model_validate(plain)
