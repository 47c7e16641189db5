"""Decisions: readings, orders, inconclusive or known, when they turn, what stands beside them."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import UnknownName
from scalegate.evidence.record import Record
from scalegate.gate.decide import decide
from scalegate.gate.model import Decision, Reason, Turn
from scalegate.gate.why_not import what_if, why_not
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Level, SafeguardState
from tests.strategies import lab

READ = lab.row("K", **{"if": {"reading": "R", "is": "wide"}, "require": {"safeguard": "G2"}})


def test_an_unfixed_reading_counts_as_the_strictest_and_is_reported() -> None:
    policy = lab.policy_of(READ)
    decision = lab.decided(lab.world(policy=policy))
    assert decision.level is EffectLevel.HOLD
    assert decision.depends_on_reading
    assert [(dict(chosen), level) for chosen, level in decision.readings] == [
        ({"R": "narrow"}, EffectLevel.ALLOW),
        ({"R": "wide"}, EffectLevel.HOLD),
    ]
    fixed = lab.decided(lab.world(lab.act("r", "reading:R", "narrow", role="rso"), policy=policy))
    assert fixed.is_open
    assert not fixed.depends_on_reading


def test_a_reading_that_changes_nothing_does_not_matter() -> None:
    decision = lab.decided(
        lab.world(lab.case_document(), lab.status("s"), policy=lab.policy_of(READ))
    )
    assert decision.is_open
    assert not decision.depends_on_reading


def test_restrictions_of_two_readings_are_joined() -> None:
    def restrict(name: str, option: str, who: str) -> lab.Plain:
        otherwise = {"level": "restrict", "limits": {"audience": who}}
        trigger = {"reading": "R", "is": option}
        return lab.row(name, **{"if": trigger, "otherwise": otherwise})

    policy = lab.policy_of(restrict("K", "narrow", "staff"), restrict("L", "wide", "testers"))
    decision = lab.decided(lab.world(policy=policy))
    assert decision.limits == {"audience": "staff and testers"}
    assert decision.outcome.determining == ("K", "L")


ORDERS: dict[str, tuple[dict[str, Any], EffectLevel]] = {
    "holds the deployment": ({}, EffectLevel.HOLD),
    "names its model": ({"reaches": {"subjects": [lab.MODEL]}}, EffectLevel.HOLD),
    "names another model": ({"reaches": {"subjects": [lab.ROOT]}}, EffectLevel.ALLOW),
    "names the gate": ({"reaches": {"gates": ["external_general"]}}, EffectLevel.HOLD),
    "names another gate": ({"reaches": {"gates": ["store"]}}, EffectLevel.ALLOW),
    "names runs": ({"reaches": {"run_kinds": ["pretraining"]}}, EffectLevel.ALLOW),
    "restricts": (
        {"effect": "restrict", "limits": {"audience": "staff", "surfaces": ["api"]}},
        EffectLevel.RESTRICT,
    ),
    "was lifted": ({"lifted_at": "2025-12-31"}, EffectLevel.ALLOW),
    "will be lifted": ({"lifted_at": "2026-12-31"}, EffectLevel.HOLD),
    "begins later": ({"true_from": "2026-02-01"}, EffectLevel.ALLOW),
    "ended": ({"true_until": "2025-12-20"}, EffectLevel.ALLOW),
}


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_joins_by_the_strictest(name: str) -> None:
    changes, level = ORDERS[name]
    decision = lab.decided(lab.world(*lab.clean(), lab.order(**changes)))
    assert decision.level is level
    assert decision.outcome.level is EffectLevel.ALLOW
    assert bool(decision.orders) is (level is not EffectLevel.ALLOW)
    assert not decision.inconclusive


def test_an_order_on_runs_reaches_the_run() -> None:
    order = lab.order(reaches={"run_kinds": ["pretraining"]})
    decision = decide(lab.world(order, ref=lab.RUN), Gate.TRAIN)
    assert (decision.level, decision.is_open) == (EffectLevel.HOLD, False)


def test_limits_of_an_order_and_of_the_policy_are_joined() -> None:
    otherwise = {"level": "restrict", "limits": {"audience": "named testers"}}
    policy = lab.policy_of(lab.row("K", **{"if": "always", "otherwise": otherwise}))
    order = lab.order(effect="restrict", limits={"audience": "staff", "fallback": "older"})
    decision = lab.decided(lab.world(order, policy=policy))
    assert decision.limits == {"audience": "named testers and staff", "fallback": "older"}


def test_an_order_opens_nothing_and_work_does_not_lift_it() -> None:
    known = lab.world(lab.order())
    decision = lab.decided(known)
    assert decision.level is EffectLevel.HOLD
    assert all(
        decide(
            what_if(known, {(w.move.kind, w.move.name): w.move.value for w in works}),
            Gate.EXTERNAL_GENERAL,
        ).level
        is EffectLevel.HOLD
        for works in why_not(known, decision)
    )


def without(*names: str) -> list[Record]:
    return [record for record in lab.clean() if record.id not in names]


INCONCLUSIVE: dict[str, tuple[list[Record], bool]] = {
    "nothing was measured": ([], True),
    "one document is missing": (without("result-P1", "status-g2"), True),
    "concerned, and the safeguard is merely unproven": (
        [
            *without("expert", "safety-case"),
            lab.judgement("expert", "substantial_concern"),
        ],
        True,
    ),
    "concerned, and the safeguard is switched off": (
        [
            *without("expert", "status-g2"),
            lab.judgement("expert", "substantial_concern"),
            lab.status("status-g2", live=False),
        ],
        False,
    ),
}


@pytest.mark.parametrize("name", INCONCLUSIVE)
def test_a_hold_is_inconclusive_if_only_the_unknown_holds_it(name: str) -> None:
    records, inconclusive = INCONCLUSIVE[name]
    decision = lab.decided(lab.world(*records))
    assert not decision.is_open
    assert decision.inconclusive is inconclusive


SMALL_GROWTH = {
    "id": "E1",
    "statement": "small growth",
    "when": {"fact": "effective_compute_ratio", "below": 4},
    "thresholds": ["T1"],
    "cite": lab.CITE,
}
ABOUT_THE_ROOT = {"subject": lab.ROOT, "question": f"threshold:{lab.FRAMEWORK}/T1"}


@pytest.mark.parametrize(
    ("records", "inconclusive"),
    [
        ([], True),
        ([lab.judgement("view", "substantial_concern", **ABOUT_THE_ROOT)], False),
    ],
)
def test_what_a_root_was_never_assessed_for_is_unknown_for_its_heirs_too(
    records: list[Record], inconclusive: bool
) -> None:
    """Unless somebody voiced a concern about the root: that is known."""
    row = lab.row("K", **{"if": {"status": "T1", "at_least": "crossed"}})
    known = lab.world(*records, policy=lab.policy_of(row, exemptions=[SMALL_GROWTH]))
    assert known.findings["T1"].reasons == (Reason.INHERITED,)
    decision = lab.decided(known)
    assert decision.level is EffectLevel.HOLD
    assert decision.inconclusive is inconclusive


TURNS: dict[str, tuple[list[Record], str, str]] = {
    "a verdict grows too old": ([], "2026-12-01", "evidence on T1 is then too old"),
    "an order begins": ([lab.order(true_from="2026-02-01")], "2026-02-01", "document order begins"),
    "a concern is recorded in advance": (
        [
            lab.judgement(
                "view",
                "cannot_rule_out",
                question=f"threshold:{lab.FRAMEWORK}/T1",
                true_from="2026-03-01",
            )
        ],
        "2026-05-30",
        "evidence on G2 expires",
    ),
}


@pytest.mark.parametrize("name", TURNS)
def test_an_open_gate_says_when_it_turns_by_itself_and_why(name: str) -> None:
    records, day, cause = TURNS[name]
    turn = lab.decided(lab.world(*lab.clean(), *records)).holds_from
    assert turn is not None
    assert turn.at.date().isoformat() == day
    assert turn.becomes is EffectLevel.HOLD
    assert cause in turn.because


def turn_of(*records: Record, **row: Any) -> Turn | None:
    return lab.decided(lab.world(*records, policy=lab.policy_of(lab.row("K", **row)))).holds_from


def test_it_turns_when_an_act_expires() -> None:
    act = lab.act("yes", "question:Q2", expires_at="2026-01-20")
    turn = turn_of(act, **{"if": "always", "require": {"act": "Q2"}})
    assert turn is not None
    assert (turn.at.date().isoformat(), "act yes expires" in turn.because) == ("2026-01-20", True)


def test_it_turns_when_a_determination_that_counts_expires() -> None:
    act = lab.act("t3", "threshold:T3", "ruled_out", grounds=["report"], expires_at="2026-01-20")
    turn = turn_of(lab.report(), act, **{"if": {"status": "T3", "at_least": "crossed"}})
    assert turn is not None
    assert turn.at.date().isoformat() == "2026-01-20"


def test_it_turns_when_a_reversal_takes_effect() -> None:
    act, undo = lab.act("yes", "question:Q2"), lab.reverse("undo", "yes", acted_at="2026-01-10")
    turn = turn_of(act, undo, **{"if": "always", "require": {"act": "Q2"}})
    assert turn is not None
    assert turn.because == ("act undo takes effect",)


def test_it_never_turns_where_nothing_expires_and_a_held_gate_has_no_turn() -> None:
    assert turn_of(lab.fact("f", "F1", False), **{"if": {"fact": "F1"}}) is None
    assert lab.decided(lab.world()).holds_from is None


def test_a_gate_without_rules_is_ungoverned_and_never_open() -> None:
    known = lab.world(*lab.clean())
    decision = decide(known, Gate.TRAIN)
    assert (decision.governed, decision.is_open) == (False, False)
    assert decision.searched == "no commitment of the encoded policy names this gate"
    noted = lab.policy_of(
        lab.row("K"), silent_at=[{"gate": "train", "searched": "sections 1 to 9"}]
    )
    assert decide(lab.world(policy=noted), Gate.TRAIN).searched == "sections 1 to 9"


def test_an_order_holds_even_where_the_policy_is_silent() -> None:
    decision = decide(lab.world(lab.order()), Gate.INTERNAL)
    assert (decision.governed, decision.level) == (True, EffectLevel.HOLD)


def test_rows_that_do_not_bind_are_shown_as_advice_and_decide_nothing() -> None:
    advice = lab.row("L", **{"if": "always", "modality": "may", "require": {"safeguard": "G1"}})
    policy = lab.policy_of(lab.row("K"), advice)
    decision = lab.decided(lab.world(*without("status-g1"), policy=policy))
    assert decision.is_open
    assert [item.text.split(" ")[0] for item in decision.advice] == ["L"]
    assert lab.decided(lab.world(*lab.clean(), policy=policy)).advice == ()


def test_withdrawal_is_for_what_runs() -> None:
    policy = lab.policy_of(lab.row("K", **{"if": "always", "otherwise": "withdraw"}))
    known = lab.world(policy=policy)
    assert lab.decided(known).level is EffectLevel.HOLD
    assert lab.decided(known, ask=Ask.CONTINUE).level is EffectLevel.WITHDRAW


def test_what_if_changes_the_situation_and_records_nothing() -> None:
    known = lab.world()
    changed = what_if(known, {(Kind.STATUS, "T1"): Level.RULED_OUT})
    assert lab.decided(changed).is_open
    assert not lab.decided(known).is_open
    assert changed.findings == known.findings
    safe = what_if(known, {(Kind.SAFEGUARD, "G2"): SafeguardState.LIVE_AND_SUFFICIENT})
    assert not lab.decided(safe).is_open, "no safeguard satisfies what was not assessed"


def test_why_not_names_owners_and_lists_judgement_only_when_asked() -> None:
    policy = lab.policy_of(
        lab.row("K", **{"if": "always", "require": {"any": [{"met": "S1"}, {"substitute": "X2"}]}}),
        discretions=[],
    )
    known = lab.world(policy=policy)
    decision = lab.decided(known)
    owners = {"G1": ("filters team", 14)}
    (only,) = why_not(known, decision, owners=owners)
    assert [(work.move.name, work.owner, work.lead_days) for work in only] == [
        ("G1", "filters team", 14),
        ("G2", "", None),
    ]
    sets = why_not(known, decision, by_judgement=True)
    judged = [works for works in sets if any(work.by_judgement for work in works)]
    assert [[work.text for work in works] for works in judged] == [
        ["put substitute X2 in place, approved"]
    ]


WORDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "status": (
        {"if": {"status": "T1", "at_least": "crossed"}, "require": {"safeguard": "G2"}},
        {
            "rule out T1 by evidence sharp enough",
            "make Guard G2 (G2) live and sufficient",
            "assess T1, whatever the answer",
        },
    ),
    "standard": (
        {"if": "always", "require": {"met": "S2"}},
        {"specify standard S2", "make what S2 specifies live and sufficient"},
    ),
    "document": (
        {"if": "always", "require": {"document": "capability_report", "is": "approved"}},
        {"have document capability_report approved"},
    ),
    "act": ({"if": "always", "require": {"act": "Q1"}}, {"get Q1 answered as the procedure asks"}),
    "fact": (
        {"if": {"fact": "F1"}},
        {"show that fact F1 is false", "make Guard G2 (G2) live and sufficient"},
    ),
    "reading": (
        {"if": {"reading": "R", "is": "wide"}},
        {"fix reading R as narrow", "make Guard G2 (G2) live and sufficient"},
    ),
    "substitute": (
        {"if": "always", "require": {"substitute": "X1"}},
        {"put substitute X1 in place, approved"},
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_the_words_of_work(name: str) -> None:
    row, words = WORDS[name]
    known = lab.world(policy=lab.policy_of(lab.row("K", **row)))
    sets = why_not(known, lab.decided(known), by_judgement=True)
    assert {work.text for works in sets for work in works} == words


def test_a_discretion_is_work_of_judgement_with_those_who_may_invoke_it() -> None:
    plain = lab.plain_policy([])["discretions"][0]
    policy = lab.policy_of(
        lab.row("K", **{"if": "always"}), discretions=[{**plain, "releases": ["K"]}]
    )
    known = lab.world(policy=policy)
    decision = lab.decided(known)
    assert "W1" not in {w.move.name for works in why_not(known, decision) for w in works}
    found = [w for works in why_not(known, decision, by_judgement=True) for w in works]
    (work,) = [item for item in found if item.move.name == "W1"]
    assert (work.by_judgement, work.signed_by) == (True, ("ceo",))
    assert work.text == "invoke discretion W1 with every test shown"


def test_an_unknown_subject_is_an_error() -> None:
    with pytest.raises(UnknownName):
        lab.world(ref="deployment:nothing")


def test_evidence_without_an_edge_is_reported_and_not_used() -> None:
    other = lab.result("P1", subject=lab.ROOT, tested="checkpoint:root/final")
    known = lab.world(*without("result-P1"), other)
    line = known.findings["T1"].indicators[1]
    assert (line.level, line.reasons) == (Level.UNASSESSED, (Reason.NO_EDGE,))
    assert known.unused == ("map-P1: no edge joins its evidence to the subject",)


def test_a_log_that_no_mapping_names_is_reported() -> None:
    known = lab.world(logs={lab.DIGESTS["e"]: lab.eval_log([])})
    assert known.unused == (f"log {'e' * 12}: bound to no line",)


def decision_of(*records: Record) -> Decision:
    return lab.decided(lab.world(*records))


def test_the_tree_reaches_lines_numbers_samples_and_citations() -> None:
    policy = lab.policy_of(lab.row("K", **{"if": {"status": "T4", "at_least": "crossed"}}))
    binding = lab.mapping("L1", selects={"log_sha256": lab.DIGESTS["e"]}, taken_on=lab.HELPFUL)
    runs = [
        lab.Run(item="hostile\x1b[31m<b>", error="errored", unscored="absent"),
        lab.Run(item="i2"),
    ]
    logs = {lab.DIGESTS["e"]: lab.eval_log(runs)}
    text = str(lab.decided(lab.world(binding, policy=policy, logs=logs)).why.to_mapping())
    assert "T4 is not ruled out" in text
    assert "L1 (rule_out): " in text
    assert "epoch 1: errored" in text
    assert "\x1b" not in text
    assert "Lab policy, 1, p. 1" in text
