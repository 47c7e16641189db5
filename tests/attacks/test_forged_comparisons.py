"""Forged certificates of a comparison: too much or too little is refused, by the rule it breaks."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.adapters.cadical import Cadical
from scalegate.base.errors import TrustError
from scalegate.compare import proof
from scalegate.compare.certificate import Certificate, certify, verify
from scalegate.compare.model import Engine
from scalegate.compare.solver import Means, SolverStopped
from scalegate.policy.compile import compile_policy
from scalegate.policy.vocabulary import EffectLevel
from tests.strategies.policies import policy_of
from tests.unit.compare.toy_pairs import row

KIT = Cadical(seconds=600)
BOTH = {"all": [{"safeguard": "G1"}, {"safeguard": "G2"}]}
PROGRAMS = (
    compile_policy(policy_of([row(require=BOTH), row("M", at=["internal"])])),
    compile_policy(policy_of([row()])),
)
"""The new policy drops G2, and the gate `internal` with it."""
HELD = certify(*PROGRAMS)
SOLVED = certify(*PROGRAMS, kit=KIT, means=Means(engine=Engine.SAT, kit=KIT))


def forged(held: Certificate, change: Any) -> Certificate:
    """Return a certificate after a change of its plain data."""
    plain = held.to_mapping()
    change(plain)
    return Certificate.from_mapping(plain)


def at_cut(plain: dict[str, Any], cut: EffectLevel) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in plain["questions"] if each["cut"] == cut.word)
    return found


def loosened(plain: dict[str, Any]) -> dict[str, Any]:
    """Return the point of the old policy at which G2 is lacking."""
    table = plain["tables"][at_cut(plain, EffectLevel.HOLD)["table"]]
    found: dict[str, Any] = next(
        point
        for point in table["old"]
        if {each["name"] for each in point["values"]} == {"T1", "G2"}
    )
    return found


def without_a_question(plain: dict[str, Any]) -> None:
    plain["questions"].pop()


def of_a_table_that_is_not_there(plain: dict[str, Any]) -> None:
    plain["questions"][0]["table"] = len(plain["tables"])


def with_a_table_that_nobody_asked_for(plain: dict[str, Any]) -> None:
    plain["tables"].append(plain["tables"][0])


def that_leaves_a_question_open(plain: dict[str, Any]) -> None:
    at_cut(plain, EffectLevel.ALLOW)["table"] = -1
    names = sorted({each["table"] for each in plain["questions"]} - {-1})
    plain["tables"] = [plain["tables"][name] for name in names]
    for each in plain["questions"]:
        each["table"] = names.index(each["table"]) if each["table"] >= 0 else -1


def with_a_proof_of_nothing(plain: dict[str, Any]) -> None:
    plain["tables"][at_cut(plain, EffectLevel.ALLOW)["table"]]["old_proof"] = "0\n"


def with_a_point_that_holds_nothing(plain: dict[str, Any]) -> None:
    loosened(plain)["values"].pop()


def with_a_point_above_another(plain: dict[str, Any]) -> None:
    loosened(plain)["values"].append({"kind": "safeguard", "name": "G1", "value": "absent"})


def with_a_value_twice(plain: dict[str, Any]) -> None:
    loosened(plain)["values"] *= 2


def that_says_both_hold(plain: dict[str, Any]) -> None:
    loosened(plain)["held_by"] = "K"


def that_says_one_lets_through(plain: dict[str, Any]) -> None:
    table = plain["tables"][at_cut(plain, EffectLevel.HOLD)["table"]]
    next(point for point in table["old"] if point["held_by"])["held_by"] = ""


FORGERIES = {
    without_a_question: "exactly the questions",
    of_a_table_that_is_not_there: "answers no question, or lacks one",
    with_a_table_that_nobody_asked_for: "answers no question, or lacks one",
    that_leaves_a_question_open: "leaves out a question that can be answered",
    with_a_proof_of_nothing: "nothing to prove",
    with_a_point_that_holds_nothing: "no hold point",
    with_a_point_above_another: "not minimal",
    with_a_value_twice: "names a value",
    that_says_both_hold: "does not reach the cut",
    that_says_one_lets_through: "not let through",
}


@pytest.mark.parametrize("change", FORGERIES, ids=lambda change: change.__name__)
def test_a_forged_certificate_is_refused_by_the_rule_that_it_breaks(change: Any) -> None:
    assert verify(HELD, *PROGRAMS) is HELD
    with pytest.raises(TrustError, match=FORGERIES[change]):
        verify(forged(HELD, change), *PROGRAMS)


def solved_where_there_is_nothing_to_solve(plain: dict[str, Any]) -> None:
    asked = at_cut(plain, EffectLevel.ALLOW)
    asked["solved"] = at_cut(plain, EffectLevel.HOLD)["solved"]


def with_a_proof_that_is_another_ones(plain: dict[str, Any]) -> None:
    table = plain["solved"][at_cut(plain, EffectLevel.HOLD)["solved"]]
    table["loosened"], table["loosened_proof"] = [], table["tightened_proof"]


def with_what_is_no_difference(plain: dict[str, Any]) -> None:
    table = plain["solved"][at_cut(plain, EffectLevel.HOLD)["solved"]]
    table["tightened"] = table["loosened"]


SOLVED_FORGERIES = {
    solved_where_there_is_nothing_to_solve: "nothing to solve",
    with_a_proof_that_is_another_ones: "proof of completeness does not hold",
    with_what_is_no_difference: "listed situation is no",
}


@pytest.mark.parametrize("change", SOLVED_FORGERIES, ids=lambda change: change.__name__)
def test_a_forged_answer_of_a_solver_is_refused_by_the_rule_that_it_breaks(change: Any) -> None:
    assert verify(SOLVED, *PROGRAMS) is SOLVED
    with pytest.raises(TrustError, match=SOLVED_FORGERIES[change]):
        verify(forged(SOLVED, change), *PROGRAMS)


def test_a_proof_beyond_the_bound_is_neither_written_nor_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proof, "MAX_TEXT", 1)
    with pytest.raises(SolverStopped, match="more than 1"):
        certify(*PROGRAMS, kit=KIT)
    with pytest.raises(TrustError, match="more than 1"):
        verify(SOLVED, *PROGRAMS)
