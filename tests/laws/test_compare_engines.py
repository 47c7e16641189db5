"""Law 7, the two engines: what a solver finds is what the minimal hold points are, item by item.

A formula says of every situation what the evaluator says. A proof that nothing is left holds with
every item ruled out, and there is none when one is left out. Two checkers of proofs agree, ours and
one by other people; z3 finds nothing left either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import dratify
import pytest
import z3
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scalegate.adapters.cadical import Cadical
from scalegate.app.comparing import compare_versions
from scalegate.base.errors import TrustError
from scalegate.compare.certificate import Certificate, certify, verify
from scalegate.compare.crossing import crossing_of, programs_of
from scalegate.compare.diff import diff
from scalegate.compare.firing import Fired
from scalegate.compare.formula import Formula
from scalegate.compare.model import Engine, Side, Verdict
from scalegate.compare.order import Order, Point
from scalegate.compare.pair import Pair, Question
from scalegate.compare.points import MAX_SETTINGS
from scalegate.compare.proof import check, proved, unlisted
from scalegate.compare.search import Searched
from scalegate.compare.solver import BY_POINTS, Means
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.evaluate import firing
from scalegate.policy.vocabulary import EffectLevel, Kind
from scalegate.wiring import policy_source
from tests.laws.compare_worlds import gaps_of, pairs
from tests.strategies.frameworks import CHAINS, NEIGHBOURS
from tests.strategies.policies import policy_of
from tests.unit.compare.toy_pairs import CROSSED, at, row

KIT = Cadical(seconds=600)
SAT = Means(engine=Engine.SAT, kit=KIT)
SLOW_TO_DRAW = [HealthCheck.filter_too_much, HealthCheck.too_slow]
BY_SOLVER_TOO = (NEIGHBOURS[2], NEIGHBOURS[5], NEIGHBOURS[7])
"""Neighbours whose items are few enough to be found one by one in the ordinary run of the tests."""
Items = set[frozenset[tuple[int, int]]]


def compiled(pair: tuple[Policy, Policy]) -> tuple[Program, Program]:
    return compile_policy(pair[0]), compile_policy(pair[1])


def items(order: Order | None, points: Iterable[Point]) -> Items:
    assert order is not None
    return {frozenset(order.cells(point)) for point in points}


def questions(pair: Pair, *, may_refuse: bool = False) -> Iterator[tuple[Question, Searched]]:
    """Yield one question per answer, of those that a solver is asked."""
    seen: set[int] = set()
    for question in pair.questions():
        answer = pair.searched(question)
        assert may_refuse or not answer.refused
        if question.cut is not EffectLevel.ALLOW and answer.number not in seen:
            seen.add(answer.number)
            yield question, answer


def check_complete(
    pair: Pair, question: Question, answer: Searched, *, is_checked: bool = True
) -> None:
    for side in Side:
        clauses = unlisted(pair, question, side, answer.found[side].points)
        text = proved(KIT, clauses)
        if is_checked:
            check(clauses, text)


def every_setting(order: Order, point: Point) -> Iterator[Point]:
    free = [place for place in order.mixed if place not in point]
    for chosen in product(*(order.classes[place].best for place in free)):
        yield {**point, **dict(zip(free, chosen, strict=True))}


def check_sound(pair: Pair, question: Question, answer: Searched) -> None:
    """The rows say so themselves, whatever an item leaves open."""
    assert answer.order is not None
    base = pair.index.base(answer.order)
    is_mild = question.cut is EffectLevel.ALLOW_WITH
    for side, found in answer.found.items():
        for point in found.points:
            for whole in every_setting(answer.order, point):
                does = {}
                for each in Side:
                    part, rows = pair.index.firings[each], _reaching(pair, question, each)
                    fired = part.at(base, answer.order.cells(whole))
                    does[each] = bool((part.mild(fired) if is_mild else fired.unmet) & rows)
                assert does == {each: each is side for each in Side}


def _reaching(pair: Pair, question: Question, side: Side) -> int:
    rows = pair.views[question.strength][side].rows.get(question.at, ())
    is_mild = question.cut is EffectLevel.ALLOW_WITH
    return pair.index.firings[side].mask(
        row.name
        for row in rows
        if row.level >= question.cut or (is_mild and (row.owes or row.softened))
    )


def check_engines(by_points: Pair, by_solver: Pair) -> None:
    for question, one in questions(by_points, may_refuse=True):
        if not one.refused:
            check_complete(by_points, question, one)
        other = by_solver.searched(question)
        assert other.engine is Engine.SAT
        assert other.order is not None
        if one.refused or (one.order is not None and one.order.mixed):
            assert not one.refused or f"more than {MAX_SETTINGS} settings" in one.refused
            # What is used both ways can be left out of an item or written out: both say the same.
            check_complete(by_solver, question, other)
            check_sound(by_solver, question, other)
            continue
        for side in Side:
            found = (one.found[side], other.found[side])
            assert items(one.order, found[0].points) == items(other.order, found[1].points)
            assert found[0].by_clause.keys() == found[1].by_clause.keys()
            for name, points in found[0].by_clause.items():
                there = items(other.order, found[1].by_clause[name])
                assert items(one.order, points) == there


def crossed(old: str, new: str) -> tuple[Pair, Pair]:
    """Return two versions under the bridge between them, once for either engine."""
    result = compare_versions(old, new, policy_source())
    crossing = crossing_of(*result.policies, result.readings.bridge)
    programs = programs_of(crossing, result.old, result.new)
    return Pair.of(*programs), Pair.of(*programs, means=SAT)


@settings(max_examples=60, suppress_health_check=SLOW_TO_DRAW)
@given(pairs())
def test_both_engines_find_the_same_items(pair: tuple[Policy, Policy]) -> None:
    programs = compiled(pair)
    check_engines(Pair.of(*programs), Pair.of(*programs, means=SAT))


@pytest.mark.slow
@settings(max_examples=2000, suppress_health_check=SLOW_TO_DRAW)
@given(pairs(most_rows=4, most_atoms=3))
def test_both_engines_find_the_same_items_of_two_thousand_pairs(
    pair: tuple[Policy, Policy],
) -> None:
    programs = compiled(pair)
    check_engines(Pair.of(*programs), Pair.of(*programs, means=SAT))


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS)
def test_a_solver_proves_the_items_of_neighbouring_versions_complete(old: str, new: str) -> None:
    pair, _ = crossed(old, new)
    is_checked = (old, new) not in {NEIGHBOURS[0], NEIGHBOURS[3]}
    for question, answer in questions(pair):
        check_complete(pair, question, answer, is_checked=is_checked)


@pytest.mark.parametrize(("old", "new"), BY_SOLVER_TOO)
def test_a_solver_finds_the_same_items_of_neighbouring_versions(old: str, new: str) -> None:
    check_engines(*crossed(old, new))


@pytest.mark.slow
@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain[0].partition("@")[0])
def test_a_solver_proves_the_items_of_every_pair_of_versions_complete(
    chain: tuple[str, ...],
) -> None:
    for place, old in enumerate(chain):
        for new in chain[place:]:
            pair, _ = crossed(old, new)
            for question, answer in questions(pair):
                check_complete(pair, question, answer)


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), sorted({*NEIGHBOURS} - {*BY_SOLVER_TOO}))
def test_a_solver_finds_the_same_items_of_all_neighbouring_versions(old: str, new: str) -> None:
    check_engines(*crossed(old, new))


def many_both_ways() -> tuple[Policy, Policy]:
    """Return policies whose rows use nine facts both ways; the new one asks G1 only of the last."""
    plain = policy_of([row()]).to_plain()
    fact = {"type": "boolean", "statement": "a fact", "cite": plain["commitments"][0]["cite"]}
    names = [f"B{place}" for place in range(9)]
    plain["facts"] = [fact | {"id": name} for name in names]
    rows = [
        row(f"K{name}{value}", if_={"all": [CROSSED, {"fact": name, "is": value}]})
        for name in names
        for value in (True, False)
    ]
    old = Policy.model_validate({**plain, "commitments": rows})
    return old, Policy.model_validate({**plain, "commitments": rows[-2:-1]})


def test_a_solver_answers_what_the_other_engine_refuses() -> None:
    """Unless the last fact is shown to be so, the new policy lets T1 through without G1."""
    programs = compiled(many_both_ways())
    refused = at(diff(*programs))
    assert refused.verdict is Verdict.UNDECIDED
    assert "scalegate[sat]" in at(diff(*programs, means=Means())).refused
    found = at(diff(*programs, means=Means(kit=KIT)))
    assert (found.verdict, found.engine) == (Verdict.LOOSENED, Engine.SAT)
    for gap in found.loosened:
        facts = {each.name: each.cell for each in gap.deviations if each.kind is Kind.FACT}
        assert facts["B8"] is False
    pair = Pair.of(*programs, means=SAT)
    for question in pair.questions():
        if question.cut is not EffectLevel.ALLOW:
            check_complete(pair, question, pair.searched(question))


def test_an_item_that_others_cover_in_every_setting_is_not_listed_nor_certified() -> None:
    """F1 true, or F1 false: one of two rows holds at T1 anyway, so T2 beside it says nothing."""
    asked = {name: {"status": name, "at_least": "crossed"} for name in ("T1", "T2")}
    old = policy_of(
        [row("A", if_={"all": list(asked.values())})]
        + [
            row(f"F{at}", if_={"all": [asked["T1"], {"fact": "F1", "is": at}]})
            for at in (True, False)
        ]
    )
    programs = compiled((old, policy_of([row(otherwise="allow")])))
    found = at(diff(*programs, means=SAT))
    assert {each.clause for each in found.clauses} == {"A", "FTrue", "FFalse"}
    names = [{each.name for each in gap.deviations} for gap in found.loosened]
    # T2 unassessed is worse than F1: no safeguard helps there.
    assert {"T1", "T2"} in names
    assert {"T1", "T2", "G1"} not in names
    by_points = at(diff(*programs)).loosened
    assert {"T1", "G1"} in [{each.name for each in gap.deviations} for gap in by_points]
    assert check_solved(programs, certify(*programs, means=SAT)) > 0


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_rung_of_one_ladder_alone_is_an_item_beside_the_threshold_below_it(
    is_turned: bool,
) -> None:
    """The one policy lets T1 not ruled out stand for crossed, and T2 carry T1: two changes."""
    plain = policy_of([row()], not_ruled_out="no_effect", forecast="no_effect")
    ladder = policy_of(
        [row(), row("L", if_={"status": "T2", "at_least": "crossed"}, modality="may")],
        ladder=["T1"],
        forecast="no_effect",
    )
    programs = compiled((ladder, plain) if is_turned else (plain, ladder))
    for means in (BY_POINTS, SAT):
        found = at(diff(*programs, means=means))
        names = [{each.name for each in gap.deviations} for gap in gaps_of(found)]
        assert names == [{"T1", "G1"}, {"T2", "G1"}]
    check_engines(Pair.of(*programs), Pair.of(*programs, means=SAT))
    assert check_solved(programs, certify(*programs, means=SAT)) > 0


def test_a_rung_that_is_used_both_ways_is_said_in_each_item() -> None:
    """Only the new policy has T2 above T1: what stands in T1 hangs on T2, so its value is said."""
    said: dict[str, Any] = {"otherwise": "allow", "obligations": ["owed"]}
    under = {"status": "T1", "at_most": "not_required"}
    over = {"status": "T1", "at_least": "ruled_out"}
    old = policy_of(
        [row(if_="always", require=over, **said), row("L", if_="always", require="always", **said)]
    )
    new = policy_of([row(if_=over, require=under, **said)], ladder=["T1"])
    programs = compiled((old, new))
    found = at(diff(*programs), cut=EffectLevel.ALLOW_WITH)
    assert found.loosened
    for gap in found.loosened:
        assert "T1" in {each.name for each in gap.deviations}
    check_engines(Pair.of(*programs), Pair.of(*programs, means=SAT))


def test_what_no_row_of_either_policy_tells_apart_under_a_rung_is_written_alike() -> None:
    """For the old policy T1 not ruled out is unassessed, which only its own trigger would tell."""
    not_crossed = {"not": CROSSED}
    flagged = {"flag": "treated_as", "of_threshold": "T2"}
    old = policy_of(
        [row(if_="always", require=not_crossed), row("L", if_=flagged)],
        ladder=["T1"],
        not_ruled_out="determination_required",
    )
    new = policy_of([row(require={"safeguard": "G2"})], ladder=["T1"], not_ruled_out="no_effect")
    programs = compiled((old, new))
    pair = Pair.of(*programs)
    order, index = pair.index.whole, pair.joint.index[Side.OLD]
    lower, upper = index[Kind.STATUS, "T1"], index[Kind.STATUS, "T2"]
    reached = len(order.classes[upper].cells) - 1
    written: dict[tuple[object, ...], set[int]] = {}
    for chosen in range(len(order.classes[lower].cells)):
        places = {upper: order.cell(upper, reached), lower: order.cell(lower, chosen)}
        stands = (pair.joint.effective(side, lower, places, places) for side in Side)
        told = tuple(
            (each.trigger & seen.trigger, each.require & seen.require, each.blocked & seen.blocked)
            for each, seen in zip(stands, order.polarities.values(), strict=True)
        )
        whole = order.closed({upper: reached, lower: chosen})
        written.setdefault(told, set()).add(whole[lower])
    assert len(written) > 1
    assert all(len(each) == 1 for each in written.values())
    check_engines(pair, Pair.of(*programs, means=SAT))


def test_what_a_milder_rung_above_would_carry_is_not_listed_for_the_worse_one() -> None:
    """T2 not ruled out carries T1 for the new policy alone, which is worse than for both."""
    old = policy_of(
        [row(if_={"not": {"status": "T1", "above": "not_required"}}, require="always")],
        ladder=["T1"],
        not_ruled_out="no_effect",
    )
    new = policy_of(
        [row(if_={"status": "T1", "above": "not_ruled_out"})],
        ladder=["T1"],
        not_ruled_out="determination_required",
        forecast="no_effect",
    )
    programs = compiled((old, new))
    for means in (BY_POINTS, SAT):
        found = at(diff(*programs, means=means))
        names = [{each.name for each in gap.deviations} for gap in gaps_of(found)]
        assert names == [{"T1"}, {"T1", "G1"}]
        check_solved(programs, certify(*programs, means=means))
    check_engines(Pair.of(*programs), Pair.of(*programs, means=SAT))


def test_a_solver_that_is_stopped_leaves_the_comparison_undecided_and_says_so() -> None:
    programs = compiled(many_both_ways())
    found = at(diff(*programs, means=Means(kit=Cadical(seconds=-1))))
    assert found.verdict is Verdict.UNDECIDED
    assert "the solver was stopped after" in found.refused


def test_z3_and_another_checker_judge_the_same() -> None:
    """Nothing is left beside the list; without its last item something is."""
    pair, _ = crossed("openai-pf@beta", "openai-pf@2")
    judged = 0
    for question, answer in list(questions(pair))[:3]:
        points = answer.found[Side.OLD].points
        clauses = unlisted(pair, question, Side.OLD, points)
        text = proved(KIT, clauses)
        assert judged_by_dratify(clauses, text)
        assert judged_by_z3(clauses) == z3.unsat
        if points:
            lacking = unlisted(pair, question, Side.OLD, points[:-1])
            assert judged_by_z3(lacking) == z3.sat
            assert not judged_by_dratify(lacking, text)
            judged += 1
            with pytest.raises(TrustError):
                proved(KIT, lacking)
            with pytest.raises(TrustError):
                check(lacking, text)
    assert judged


def judged_by_dratify(clauses: list[tuple[int, ...]], text: str) -> bool:
    formula = dratify.CNF()
    for clause in clauses:
        formula.add_dimacs(clause)
    return bool(dratify.check_proof(formula, text, engine="python"))


def judged_by_z3(clauses: list[tuple[int, ...]]) -> object:
    solver = z3.SolverFor("QF_FD")
    names: dict[int, object] = {}
    for clause in clauses:
        solver.add(z3.Or([_said(names, each) for each in clause]))
    return solver.check()


def _said(names: dict[int, object], literal: int) -> object:
    name = names.setdefault(abs(literal), z3.Bool(str(abs(literal))))
    return name if literal > 0 else z3.Not(name)


def test_a_proof_in_a_certificate_is_checked_without_a_solver() -> None:
    result = compare_versions("anthropic-rsp@3.0", "anthropic-rsp@3.1", policy_source())
    programs, bridge = (result.old, result.new), result.readings.bridge
    held = certify(*programs, bridge, KIT)
    assert verify(held, *programs, bridge) is held
    place, table = next(
        (place, table) for place, table in enumerate(held.tables) if len(table.old_proof) > 40
    )
    # Steps that follow from nothing, a line that is no clause, a proof of another list.
    another = next(
        each.old_proof for each in held.tables if len(each.old_proof) > 2 * len(table.old_proof)
    )
    for forged in ("0\n", "1 x 0\n", "2", another):
        tables = list(held.tables)
        tables[place] = table.model_copy(update={"old_proof": forged})
        with pytest.raises(TrustError):
            verify(held.model_copy(update={"tables": tuple(tables)}), *programs, bridge)


def with_solved(held: Certificate, at: int, **changed: object) -> Certificate:
    tables = list(held.solved)
    tables[at] = tables[at].model_copy(update=changed)
    return held.model_copy(update={"solved": tuple(tables)})


def check_solved(programs: tuple[Program, Program], held: Certificate) -> int:
    """Return how many items there are: each is needed, and none may be there twice."""
    assert verify(Certificate.from_mapping(held.to_mapping()), *programs) == held
    count = 0
    for number, table in enumerate(held.solved):
        for side in ("loosened", "tightened"):
            listed = getattr(table, side)
            count += len(listed)
            for place, item in enumerate(listed):
                others = (*listed[:place], *listed[place + 1 :])
                for changed in (others, (*listed, item)):
                    with pytest.raises(TrustError):
                        verify(with_solved(held, number, **{side: changed}), *programs)
    return count


@settings(max_examples=4, suppress_health_check=SLOW_TO_DRAW)
@given(pairs(most_rows=2))
def test_a_solvers_certificate_holds_and_one_with_an_item_more_or_less_is_refused(
    pair: tuple[Policy, Policy],
) -> None:
    programs = compiled(pair)
    check_solved(programs, certify(*programs, means=SAT))


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=SLOW_TO_DRAW)
@given(pairs())
def test_three_hundred_solvers_certificates_hold_and_are_refused_when_they_are_changed(
    pair: tuple[Policy, Policy],
) -> None:
    programs = compiled(pair)
    check_solved(programs, certify(*programs, means=SAT))


def test_what_only_a_solver_answers_is_certified_and_checked_without_one() -> None:
    """Attacks: items away, twice, worse, of the other list; a proof cut, of another question."""
    programs = compiled(many_both_ways())
    bare = certify(*programs)
    assert {item.table for item in bare.questions} == {-1}
    assert verify(bare, *programs) == bare
    held = certify(*programs, means=Means(kit=KIT))
    (table,) = held.solved
    assert check_solved(programs, held) == len(table.loosened) == 2
    first, second = table.loosened
    worse = second.model_copy(update={"values": (*second.values, first.setting[0])})
    worse = worse.model_copy(update={"setting": second.setting[1:]})
    better = second.model_copy(update={"values": second.values[1:]})
    unset = second.model_copy(update={"setting": ()})
    for changed in ((first, worse), (*table.loosened, worse), (first, better), (first, unset)):
        with pytest.raises(TrustError):
            verify(with_solved(held, 0, loosened=changed), *programs)
    with pytest.raises(TrustError):
        verify(with_solved(held, 0, tightened=table.loosened), *programs)
    lines = table.loosened_proof.splitlines(keepends=True)
    another = certify(
        *compiled((policy_of([row()]), policy_of([row(require="always")]))), means=SAT
    )
    assert len(lines) > 1
    for cut in ("".join(lines[:1]), "", lines[-1], another.solved[0].loosened_proof):
        with pytest.raises(TrustError, match="proof"):
            verify(with_solved(held, 0, loosened_proof=cut), *programs)
    # Without the table the question is undecided, and `--verify` says so.
    silent = [item.model_copy(update={"solved": -1}) for item in held.questions]
    without = held.model_copy(update={"questions": tuple(silent), "solved": ()})
    assert verify(without, *programs) is without


@settings(max_examples=60, suppress_health_check=SLOW_TO_DRAW)
@given(pairs(), st.data())
def test_a_formula_says_of_a_situation_what_the_evaluator_says(
    pair: tuple[Policy, Policy], data: st.DataObject
) -> None:
    old, new = map(compile_policy, pair)
    index = Pair.of(old, new).index
    order, base = index.whole, index.best
    point = {
        place: data.draw(st.integers(0, len(classes.cells) - 1))
        for place, classes in order.classes.items()
    }
    plain = {
        place: chosen
        for place, chosen in point.items()
        if order.classes[place].is_mixed or chosen != order.classes[place].best[0]
    }
    assume(order.closed(plain) == plain)
    formula = Formula(order, base)
    solver = Cadical().solver()
    said = [
        (side, each, is_mild, formula.reaches(side, each, is_mild=is_mild))
        for side in Side
        for each in index.firings[side].rows.values()
        for is_mild in (False, True)
    ]
    assumed = [formula.among(place, (chosen,)) for place, chosen in point.items()]
    for clause in formula.clauses:
        solver.add(clause)
    model = solver.model(assumed)
    assert model is not None
    assert {place: formula.point(model)[place] for place in point} == point
    for side, each, is_mild, literal in said:
        program = index.joint.programs[side]
        encoded = index.joint.encoded(side, base, dict(order.cells(plain)))
        fired = Fired(*firing([(1, each)], encoded, program.softening))
        strict = fired.unmet if each.level else 0
        expected = bool(strict | fired.owing if is_mild else fired.unmet)
        assert (literal in model if literal > 0 else -literal not in model) == expected
