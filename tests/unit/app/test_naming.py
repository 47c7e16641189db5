"""Evidence that names what no policy used here has is told of, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

from scalegate.app.naming import unheard, unowned
from tests.strategies import lab

POLICY = (lab.policy_of(lab.row("K")), ["card"])
CHECK = {"method": "probe", "answers": [f"{lab.FRAMEWORK}/P9"]}


def test_what_names_no_line_here_counts_for_none_and_says_so() -> None:
    known = [
        lab.mapping("P1"),
        lab.mapping("P1", id="of-set", indicator="card/P1"),
        lab.elicited("T1"),
        lab.plan(lab.planned("P1")),
    ]
    assert unheard([POLICY], known) == ()
    wrong = [
        lab.mapping("P9", id="map"),
        lab.elicited("P9"),
        lab.hiding_check("P9", "no_sign"),
        replace(lab.plan(lab.planned("P1"), checks=[CHECK]), id="plan"),
        lab.mapping("X", indicator="other@1/P1", id="elsewhere"),
    ]
    said = unheard([POLICY], wrong)
    assert len(said) == 5
    assert all("P9`, and there is no such line or threshold" in each for each in said[:4])
    assert "there is C1, J1, L1, P1" in said[0]
    assert "no policy or indicator set used here is `other@1`" in said[4]


def test_an_owner_of_what_no_policy_here_has_is_told_of() -> None:
    policy = POLICY[0]
    known = [policy.thresholds[0].id, policy.safeguards[0].id]
    assert unowned([policy], known) == ()
    (said,) = unowned([policy], [*known, f"{known[0]}x"])
    assert f"`{known[0]}x`, which no policy used here has" in said
    assert known[0] in said.split("there is ")[1]
    (far,) = unowned([policy], ["nothing-like-it"])
    assert "there is" not in far
