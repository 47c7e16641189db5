"""Named pairs of toy policies: each kind of loosening is found, and says so in one sentence."""

from __future__ import annotations

from itertools import product

import pytest

from scalegate.compare.model import Change, Side, Strength, Verdict
from scalegate.compare.points import MAX_SETTINGS
from scalegate.compare.sentences import sentence
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import EffectLevel, Gate, Kind, Level, SafeguardState
from tests.strategies.policies import policy_of
from tests.unit.compare.toy_pairs import at, between, compared, row, shown

OTHER = row("L", if_={"status": "T3", "at_least": "crossed"})


def test_a_requirement_that_is_dropped_is_loosened_in_one_minimal_situation() -> None:
    two = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    found = compared([row(require=two)], [row()])
    comparison = at(found)
    assert found.verdict is comparison.verdict is Verdict.LOOSENED
    (gap,) = comparison.loosened
    named = {each.name: each.cell for each in gap.deviations}
    assert named["T1"].level is Level.NOT_RULED_OUT  # type: ignore[union-attr]
    assert named["G2"] is SafeguardState.LIVE_UNPROVEN
    assert set(named) == {"T1", "G2"}
    assert gap.clauses == ("K",)
    assert gap.instead.level is EffectLevel.ALLOW


def test_a_requirement_about_the_threshold_that_arms_a_row_has_no_situation_twice() -> None:
    """What is unassessed is not listed beside what is crossed: the one is worse than the other."""
    exempt = {"status": "T1", "at_most": "not_required"}
    old = row(if_={"status": "T1", "at_least": "not_required"}, require=exempt)
    (gap,) = at(compared([old], [row(otherwise="allow")])).loosened
    (value,) = gap.deviations
    assert getattr(value.cell, "level", None) is Level.RULED_OUT


def test_the_reach_says_which_single_worse_value_makes_the_new_policy_hold_again() -> None:
    two = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    (gap,) = at(compared([row(require=two)], [row()])).loosened
    assert {(each.name, getattr(each.cell, "level", each.cell)) for each in gap.reach} == {
        ("G1", SafeguardState.LIVE_UNPROVEN),
        ("T1", Level.UNASSESSED),
    }


def test_a_row_that_is_removed_while_others_stand_is_loosened_and_attributed() -> None:
    found = compared([row(), OTHER], [OTHER])
    comparison = at(found)
    # Unassessed, no safeguard helps; else G1 must be missing.
    assert shown(comparison) == [["G1", "T1"], ["T1"]]
    (item,) = comparison.clauses
    assert (item.clause, item.change, item.still_there) == ("K", Change.LOOSENED, False)
    assert len(item.gaps) == 2


def test_a_gate_that_nothing_governs_any_more_is_looser_in_every_situation() -> None:
    old = [row(otherwise="allow"), row("L", at=["internal"])]
    found = compared(old, [row("L", at=["internal"])])
    (gap,) = at(found, cut=EffectLevel.ALLOW).loosened
    assert gap.deviations == ()
    assert not gap.instead.governed
    assert "says nothing there" in sentence(
        gap, at(found, cut=EffectLevel.ALLOW), policy_of(old), policy_of(old)
    )


def test_a_weaker_verb_is_loosened_where_only_the_stronger_verb_counts() -> None:
    found = compared([row()], [row(modality="will", native_verb="will")])
    assert at(found).verdict is Verdict.EQUIVALENT
    assert at(found, strength=Strength.MUST).verdict is Verdict.LOOSENED
    assert found.is_looser_somewhere
    (element,) = found.elements
    assert (element.what, element.name) == ("commitment", "K: modality")
    assert (element.old, element.new) == ('must ("must")', 'will ("will")')


def test_a_binding_row_that_becomes_advice_is_loosened_and_the_advice_is_what_is_left() -> None:
    found = compared([row(), OTHER], [row(modality="intend", native_verb="intends"), OTHER])
    gap = at(found).loosened[0]
    assert at(found).verdict is Verdict.LOOSENED
    assert gap.advice == ("K",)
    assert at(found, strength=Strength.INTEND).verdict is Verdict.EQUIVALENT


def test_a_milder_effect_is_loosened_at_the_cut_that_is_lost_only() -> None:
    found = compared([row()], [row(otherwise="allow_with")])
    assert at(found, cut=EffectLevel.HOLD).verdict is Verdict.LOOSENED
    assert at(found, cut=EffectLevel.ALLOW_WITH).verdict is Verdict.EQUIVALENT


def test_a_threshold_that_must_be_further_crossed_is_loosened_in_between() -> None:
    old = row(if_={"fact": "N1", "at_least": 2})
    new = row(if_={"fact": "N1", "at_least": 4})
    (gap,) = at(compared([old], [new])).loosened
    number = next(each for each in gap.deviations if each.name == "N1")
    assert [str(cell) for cell in number.alike] == ["2", "between 2 and 4"]


def test_a_new_discretion_is_loosened_once_it_is_invoked() -> None:
    found = compared([row()], [row()], releases=["K"])
    gap = at(found).loosened[0]
    # Invoked is what releases, so it belongs to "everything else at its best".
    assert {each.name for each in gap.deviations} == {"T1", "G1"}
    assert gap.instead.softened_by == ("W1",)
    (way_out,) = [each for each in gap.reach if each.kind is Kind.DISCRETION]
    assert way_out.cell is False


def test_a_reading_of_status_that_became_milder_is_loosened_short_of_crossed() -> None:
    found = compared([row()], [row()], not_ruled_out="no_effect")
    (gap,) = at(found).loosened
    level = next(each.cell for each in gap.deviations if each.name == "T1")
    assert level.level is Level.NOT_RULED_OUT  # type: ignore[union-attr]


def test_a_rung_that_is_lost_is_loosened_for_the_higher_rung_alone() -> None:
    old, new = policy_of([row()], ladder=["T1"]), policy_of([row()])
    comparison = at(between(old, new))
    assert shown(comparison) == [["G1", "T2"]]


def test_a_rung_that_both_ladders_carry_is_not_said_twice() -> None:
    old, new = (policy_of([each, OTHER], ladder=["T1"]) for each in (row(), row(otherwise="allow")))
    assert shown(at(between(old, new))) == [["G1", "T1"], ["T1"]]


def test_a_clause_that_binds_only_on_shown_evidence_is_loosened_unless_shown() -> None:
    fact = {"all": [{"status": "T1", "at_least": "crossed"}, {"fact": "F1"}]}
    old, new = [row()], [row(if_=fact)]
    loosened = at(compared(old, new, burden="to_hold")).loosened
    assert loosened
    assert all(gap.unless_shown == ("K",) for gap in loosened)
    assert not any(gap.unless_shown for gap in at(compared(old, new)).loosened)


def test_a_fact_used_both_ways_has_a_setting_of_its_own() -> None:
    old = [row(if_={"fact": "F1"}), row("L", if_={"fact": "F1", "is": False})]
    new = [row(if_={"fact": "F1"})]
    (gap,) = at(compared(old, new)).loosened
    assert {each.name: each.cell for each in gap.deviations}["F1"] is False
    assert gap.clauses == ("L",)


def test_a_fact_of_another_unit_is_another_fact_and_is_listed_as_unmatched() -> None:
    old = policy_of([row(if_={"fact": "N1", "at_least": 4})])
    facts = tuple(
        fact.model_copy(update={"unit": "days"}) if fact.id == "N1" else fact for fact in old.facts
    )
    found = between(old, old.model_copy(update={"facts": facts}))
    assert {(each.name, each.side) for each in found.unmatched} == {
        ("N1", Side.OLD),
        ("N1", Side.NEW),
    }
    assert found.verdict is Verdict.INCOMPARABLE


def test_a_threshold_that_the_new_policy_does_not_know_is_unmatched_and_loosened() -> None:
    old = policy_of([row(), OTHER])
    new = policy_of([OTHER])
    new = new.model_copy(
        update={"thresholds": tuple(each for each in new.thresholds if each.id != "T1")}
    )
    found = between(old, new)
    (unmatched,) = found.unmatched
    assert (unmatched.kind, unmatched.name, unmatched.side) == (Kind.STATUS, "T1", Side.OLD)
    assert unmatched.clauses == ("K",)
    assert at(found).loosened


def many_both_ways(count: int) -> Policy:
    """Return a policy in which many facts pull both ways."""
    policy = policy_of([row()])
    plain = policy.model_dump(mode="json", by_alias=True)
    fact = next(each for each in plain["facts"] if each["id"] == "F1")
    plain["facts"] += [{**fact, "id": f"B{index}"} for index in range(count)]
    plain["commitments"] = [
        row(f"K{index}{value}", if_={"fact": f"B{index}", "is": value})
        for index, value in product(range(count), (True, False))
    ]
    return Policy.model_validate(plain)


def test_more_settings_than_can_be_gone_through_are_undecided_and_never_guessed() -> None:
    policy = many_both_ways(MAX_SETTINGS.bit_length())
    changed = policy.commitments[0].model_copy(update={"require": policy.commitments[0].if_})
    new = policy.model_copy(update={"commitments": (changed, *policy.commitments[1:])})
    found = between(policy, new)
    assert at(found).verdict is Verdict.UNDECIDED
    assert "settings" in at(found).refused
    assert between(policy, policy).verdict is Verdict.EQUIVALENT
    assert not found.is_decided
    assert found.verdict is Verdict.UNDECIDED


def test_a_rung_is_carried_for_the_policies_whose_rows_at_the_gate_tell_by_it() -> None:
    """T2 is above T1 in the old policy alone; the new one looks at T1 at another gate only."""
    old = policy_of([row()], ladder=["T1"])
    new = policy_of([row("N", at=["external_general"])])
    assert shown(at(between(old, new))) == [["G1", "T1"], ["T1"]]


@pytest.mark.parametrize("gate", [Gate.TRAIN, Gate.INTERNAL])
def test_a_row_that_leaves_a_gate_is_loosened_there_only(gate: Gate) -> None:
    other = row("L", at=["train", "internal"], if_={"act": "Q1"})
    kept = "internal" if gate is Gate.TRAIN else "train"
    found = compared([row(at=["train", "internal"]), other], [row(at=[kept]), other])
    looser = {each.gate for each in found.comparisons if each.loosened}
    assert looser == {gate}


def test_the_sentence_names_the_situation_both_policies_and_both_citations() -> None:
    two = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
    old, new = policy_of([row(require=two)]), policy_of([row()])
    new = new.model_copy(update={"version": "2"})
    found = between(old, new)
    (gap,) = at(found).loosened
    assert sentence(gap, at(found), old, new) == (
        "T1 not ruled out, G2 not live and sufficient, everything else at its best:"
        " 1 holds the start of training (`K`, Toy, 1, p. 1);"
        " 2 lets it proceed (its `K`, Toy, 1, p. 1, does not stand in the way);"
        " 2 would do so with T1 unassessed or G1 not live and sufficient"
    )
