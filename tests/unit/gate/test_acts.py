"""Acts: authority, order, expiry, reversal, obligations beforehand, readings."""

from __future__ import annotations

import pytest

from scalegate.evidence.record import Record
from scalegate.policy.vocabulary import EffectLevel, Flag
from tests.strategies import lab

BOTH = (lab.act("ceo", "question:Q1"), lab.act("rso", "question:Q1", role="rso"))
AGAIN = {"acted_at": "2025-12-10"}

QUESTIONS: dict[str, tuple[list[Record], bool]] = {
    "nobody answered": ([], False),
    "every role that must": (list(BOTH), True),
    "one role of two": ([BOTH[0]], False),
    "a role that the table does not name": (
        [BOTH[0], lab.act("rso", "question:Q1", role="intern")],
        False,
    ),
    "a role that may not answer this": (
        [BOTH[0], lab.act("rso", "question:Q1", role="board")],
        False,
    ),
    "a later no undoes a yes": (
        [*BOTH, lab.act("later", "question:Q1", "refused", **AGAIN)],
        False,
    ),
    "a later yes mends a no": (
        [lab.act("no", "question:Q1", "refused"), lab.act("yes", "question:Q1", **AGAIN), BOTH[1]],
        True,
    ),
    "a no and a yes of one instant": (
        [*BOTH, lab.act("no", "question:Q1", "refused")],
        False,
    ),
    "an unknown word is a no": ([BOTH[0], lab.act("w", "question:Q1", "maybe", role="rso")], False),
    "another kind of act": (
        [BOTH[0], lab.act("rec", "question:Q1", role="rso", act="recommend")],
        False,
    ),
    "expired": (
        [BOTH[0], lab.act("rso", "question:Q1", role="rso", expires_at="2026-01-01")],
        False,
    ),
    "ended": ([BOTH[0], lab.act("rso", "question:Q1", role="rso", true_until="2026-01-01")], False),
    "not yet": ([BOTH[0], lab.act("rso", "question:Q1", role="rso", acted_at="2026-01-02")], False),
    "about another model": (
        [BOTH[0], lab.act("rso", "question:Q1", role="rso", subject="model:root")],
        False,
    ),
    "about the checkpoint of the deployment": (
        [BOTH[0], lab.act("rso", "question:Q1", role="rso", subject=lab.CHECKPOINT)],
        True,
    ),
    "reversed by the same rank": ([*BOTH, lab.reverse("undo", "ceo", **AGAIN)], False),
    "reversed by a lower rank": ([*BOTH, lab.reverse("undo", "ceo", role="rso", **AGAIN)], True),
    "reversed by a higher rank": ([*BOTH, lab.reverse("undo", "rso", **AGAIN)], False),
    "reversed by nobody the table names": (
        [*BOTH, lab.reverse("undo", "ceo", role="intern", **AGAIN)],
        True,
    ),
    "reversed before it was done": (
        [*BOTH, lab.reverse("undo", "ceo", acted_at="2025-11-30")],
        True,
    ),
    "the reversal is reversed": (
        [
            *BOTH,
            lab.reverse("undo", "ceo", **AGAIN),
            lab.reverse("redo", "undo", acted_at="2025-12-11"),
        ],
        True,
    ),
    "two reversals of each other: the later stands": (
        [
            *BOTH,
            lab.reverse("undo", "ceo", **AGAIN),
            lab.reverse("redo", "undo", acted_at="2025-12-11"),
            lab.reverse("again", "redo", acted_at="2025-12-12"),
        ],
        False,
    ),
    "reverses what is not there": ([*BOTH, lab.reverse("undo", "nothing", **AGAIN)], True),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_by_whom_it_needs(name: str) -> None:
    records, answer = QUESTIONS[name]
    found = lab.world(*records).acts["Q1"]
    assert found.value is answer
    assert found.text.startswith("answered by" if answer else "no approve in force by")


def test_any_of_the_roles_suffices_where_the_policy_says_so_until_it_expires() -> None:
    found = lab.world(lab.act("yes", "question:Q2", role="rso")).acts["Q2"]
    assert found.value is True
    assert found.expires_at is not None
    assert found.expires_at.date().isoformat() == "2026-03-01"
    old = lab.act("yes", "question:Q2", acted_at="2025-09-01")
    assert lab.world(old).acts["Q2"].value is False
    assert lab.world().acts["Q2"].text == "no approve in force by ceo or rso"


READINGS: dict[str, tuple[list[Record], str | None]] = {
    "nobody": ([], None),
    "who may fix it": ([lab.act("r", "reading:R", "narrow", role="rso")], "narrow"),
    "who may not": ([lab.act("r", "reading:R", "narrow", role="ceo")], None),
    "no option of it": ([lab.act("r", "reading:R", "sideways", role="rso")], None),
    "not an interpretation": (
        [lab.act("r", "reading:R", "narrow", role="rso", act="approve")],
        None,
    ),
    "the later": (
        [
            lab.act("r", "reading:R", "narrow", role="rso"),
            lab.act("s", "reading:R", "wide", role="rso", **AGAIN),
        ],
        "wide",
    ),
    "two of one instant fix nothing": (
        [
            lab.act("r", "reading:R", "narrow", role="rso"),
            lab.act("s", "reading:R", "wide", role="rso"),
        ],
        None,
    ),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_is_fixed_by_an_interpretation(name: str) -> None:
    records, option = READINGS[name]
    assert lab.world(*records).readings["R"].value == option


BEFORE: dict[str, tuple[list[Record], bool]] = {
    "not recorded": ([], False),
    "recorded": ([lab.act("done", "before:K", "done")], True),
    "by nobody the table names": ([lab.act("done", "before:K", "done", role="intern")], False),
    "for another row": ([lab.act("done", "before:L", "done")], False),
    "expired": ([lab.act("done", "before:K", "done", expires_at="2025-12-31")], False),
    "undone later": (
        [lab.act("done", "before:K", "done"), lab.act("no", "before:K", "undone", **AGAIN)],
        False,
    ),
    "reversed": (
        [lab.act("done", "before:K", "done"), lab.reverse("undo", "done", **AGAIN)],
        False,
    ),
}


@pytest.mark.parametrize("name", BEFORE)
def test_allow_with_opens_only_once_what_is_owed_beforehand_is_recorded(name: str) -> None:
    records, is_open = BEFORE[name]
    policy = lab.policy_of(
        lab.row("K", **{"if": "always", "require": "always", "before": ["tell"]})
    )
    decision = lab.decided(lab.world(*records, policy=policy))
    assert decision.level is EffectLevel.ALLOW_WITH
    assert decision.is_open is is_open
    assert decision.before == (() if is_open else ("tell",))


@pytest.mark.parametrize(
    ("records", "flags"),
    [
        ([], set()),
        ([lab.act("a", "alert:T1", "reached", act="determine")], {Flag.ALERT}),
        ([lab.act("a", "forecast:T1", "expected_to_cross", act="determine")], {Flag.FORECAST}),
        ([lab.act("a", "alert:T1", "reached", act="determine", role="intern")], {Flag.ALERT}),
        ([lab.act("a", "alert:T1", "released", act="determine")], set()),
        (
            [
                lab.act("a", "alert:T1", "reached", act="determine"),
                lab.act("b", "alert:T1", "released", act="determine", **AGAIN),
            ],
            {Flag.ALERT},
        ),
        (
            [
                lab.act("a", "alert:T1", "reached", act="determine"),
                lab.reverse("release", "a", **AGAIN),
            ],
            set(),
        ),
    ],
    ids=["none", "alert", "forecast", "by anybody", "no", "sticky", "released by a reversal"],
)
def test_a_flag_sticks_until_the_act_that_raised_it_is_reversed(
    records: list[Record], flags: set[Flag]
) -> None:
    assert lab.world(*lab.clean(), *records).findings["T1"].status.flags == flags
