"""Specified and met apart, texts that are withheld, safeguards nobody asked for, and authority."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess
from scalegate.gate.decide import decide
from scalegate.policy.vocabulary import EffectLevel, Gate, Level
from tests.strategies import lab

# --- specified, met, and withheld -----------------------------------------------------------------

SPECIFIED = lab.row("S", **{"if": "always", "require": {"specified": "S2"}, "at": ["train"]})
MET = lab.row("M", **{"if": "always", "require": {"met": "S2"}, "at": ["external_general"]})
POLICY = lab.policy_of(SPECIFIED, MET)


def specified(**changes: Any) -> Record:
    return lab.act("spec", "specification:S2", "approved", grounds=["report"], **changes)


def levels(*records: Record) -> tuple[EffectLevel, EffectLevel]:
    known = lab.world(*records, policy=POLICY)
    return decide(known, Gate.TRAIN).level, lab.decided(known).level


def test_a_standard_may_be_specified_and_not_met() -> None:
    hold, allow = EffectLevel.HOLD, EffectLevel.ALLOW
    own = lab.status("own", "S2")
    assert levels() == (hold, hold)
    assert levels(lab.report(), specified()) == (allow, hold)
    assert levels(lab.report(), lab.case_document(), specified(), own) == (allow, allow)
    assert levels(lab.case_document(), own) == (hold, hold)


TEXTS: dict[str, tuple[lab.Plain, bool]] = {
    "public": ({"text": "public"}, False),
    "withheld": ({"text": "withheld"}, True),
    "nobody says": ({}, True),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_rests_on_a_text_that_is_not_public_says_so(name: str) -> None:
    changes, says_so = TEXTS[name]
    known = lab.world(lab.report(), specified(**changes), policy=POLICY)
    notes = decide(known, Gate.TRAIN).notes
    assert (notes == ()) is not says_so
    assert all("S2 as asserted" in note for note in notes)
    assert decide(known, Gate.INTERNAL).notes == (), "no row there names it"


def test_a_safeguard_that_answers_to_a_withheld_text_is_noted_beside_the_answer() -> None:
    withheld = lab.status("status-g2", specification="withheld")
    known = lab.world(*lab.clean()[:-1], withheld)
    assert lab.decided(known).notes == (
        "rests on G2 as asserted: what the evidence answers to is withheld",
    )
    assert lab.decided(lab.world(*lab.clean())).notes == ()


# --- beyond the mapping ---------------------------------------------------------------------------


def test_a_safeguard_that_the_policy_does_not_ask_for_is_shown_and_decides_nothing() -> None:
    more = lab.status("more", "watermark")
    plain, kept = lab.world(*lab.clean()), lab.world(*lab.clean(), more)
    assert plain.beyond == ()
    assert kept.beyond == ("watermark: on, by more; the policy does not ask for it",)
    assert lab.decided(kept).level is lab.decided(plain).level
    assert kept.situation == plain.situation


@pytest.mark.parametrize(
    "changes",
    [{"framework": "other@1"}, {"subject": lab.ROOT}, {"observed_at": lab.day(2)}],
)
def test_what_is_said_elsewhere_or_later_is_not_beyond(changes: lab.Plain) -> None:
    assert lab.world(lab.status("more", "watermark", **changes)).beyond == ()


# --- recommended, decided, reversed ---------------------------------------------------------------

ROLES = (
    {"id": "sag", "native": "Advisory group", "neutral": "recommends", "rank": 3, "cite": lab.CITE},
    {"id": "ceo", "native": "Leadership", "neutral": "decides", "rank": 8, "cite": lab.CITE},
    {"id": "board", "native": "Board", "neutral": "may_overrule", "rank": 9, "cite": lab.CITE},
    {"id": "rso", "native": "RSO", "neutral": "decides", "rank": 7, "cite": lab.CITE},
)


def said(name: str, role: str, answer: str, when: str, **changes: Any) -> Record:
    given = {"grounds": ["report"], "true_from": when, "role": role, **changes}
    return lab.act(name, "threshold:T3", answer, **given)


HISTORY = (
    lab.report(),
    said("advice", "sag", "ruled_out", "2025-12-03", act="recommend"),
    said("decision", "ceo", "ruled_out", "2025-12-10"),
    lab.act(
        "reversal", "threshold:T3", "reversed", act="reverse", reverses="decision", role="board",
        true_from="2025-12-20",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "is_open"),
    [("2025-12-05", False), ("2025-12-12", True), ("2025-12-22", False)],
)
def test_one_advises_another_decides_and_the_board_turns_it_each_at_its_instant(
    day: str, *, is_open: bool
) -> None:
    at = lab.AT.replace(year=2025, month=12, day=int(day[-2:]))
    row = lab.row("K", **{"if": {"status": "T3", "at_least": "crossed"}})
    policy = lab.policy_of(row, roles=list(ROLES))
    inputs = lab.inputs(policy, [*lab.register(), *HISTORY], at=at)
    known = assess(inputs, lab.DEPLOYMENT, at)
    assert lab.decided(known).is_open is is_open
    assert (known.findings["T3"].status.level is Level.RULED_OUT) is is_open


# --- what the organisation does -------------------------------------------------------------------

USE = lab.threshold("U", kind="use", statement="progress doubled with it")


def test_a_threshold_of_use_is_determined_of_the_lab_and_reaches_all_that_it_makes() -> None:
    row = lab.row("K", **{"if": {"status": "U", "at_least": "crossed"}, "at": ["train"]})
    policy = lab.policy_of(row, thresholds=[*lab.THRESHOLDS, USE])
    used = lab.act("used", "threshold:U", "crossed", subject="lab:lab", grounds=["report"])
    not_used = lab.act("used", "threshold:U", "ruled_out", subject="lab:lab", grounds=["report"])
    for ref in (lab.MODEL, lab.ROOT, lab.RUN, lab.DEPLOYMENT):
        crossed = lab.world(lab.report(), used, policy=policy, ref=ref)
        assert crossed.findings["U"].status.level is Level.CROSSED, ref
        below = lab.world(lab.report(), not_used, policy=policy, ref=ref)
        assert below.findings["U"].status.level is Level.RULED_OUT, ref
    elsewhere = lab.act("used", "threshold:U", "crossed", subject="lab:rival", grounds=["report"])
    known = lab.world(lab.report(), elsewhere, policy=policy)
    assert known.findings["U"].status.level is Level.UNASSESSED


# --- the next rung --------------------------------------------------------------------------------


def test_a_gate_may_ask_that_the_next_rung_was_assessed_and_ruled_out() -> None:
    row = lab.row(
        "K",
        **{
            "if": {"status": "T3", "at_least": "crossed"},
            "require": {"all": [{"safeguard": "G2"}, {"status": "T5", "at_most": "ruled_out"}]},
        },
    )
    rungs = [*lab.THRESHOLDS, lab.threshold("T5", above=["T3"])]
    policy = lab.policy_of(row, thresholds=rungs)
    at_three = [lab.report(), lab.act("t3", "threshold:T3", "crossed", grounds=["report"])]
    live = [lab.case_document(), lab.status("status-g2")]
    followed = lab.act("t5", "threshold:T5", "ruled_out", grounds=["report"])
    assert not lab.decided(lab.world(*at_three, *live, policy=policy)).is_open
    assert not lab.decided(lab.world(*at_three, followed, policy=policy)).is_open
    assert lab.decided(lab.world(*at_three, *live, followed, policy=policy)).is_open


# --- comply or disclose ---------------------------------------------------------------------------

DISCLOSE = {
    "id": "D",
    "kind": "comply_or_disclose",
    "in_place_of": "G2",
    "statement": "or say in public that it is not",
    "disclosed_in": "departure-notice",
    "obligations": ["say why"],
    "cite": lab.CITE,
}
NOTICE = {
    "id": "departure-notice",
    "statement": "what is not complied with",
    "covers_within": "90d",
    "aspects": ["covered", "published"],
    "cite": lab.CITE,
}


def disclosing(**changes: Any) -> Any:
    row = lab.row(
        "K", **{"if": "always", "require": {"any": [{"safeguard": "G2"}, {"substitute": "D"}]}}
    )
    return lab.policy_of(row, substitutes=[{**DISCLOSE, **changes}], documents=[NOTICE])


def notice(**changes: Any) -> Record:
    return lab.report("notice", kind="notice", native_kind="departure notice", **changes)


NOTICES: dict[str, tuple[list[Record], EffectLevel]] = {
    "nothing was said": ([], EffectLevel.HOLD),
    "it was said in public": ([notice()], EffectLevel.ALLOW_WITH),
    "it was said, and not in public": ([notice(published=False)], EffectLevel.HOLD),
    "it was said too long ago": ([notice(coverage_until="2025-09-01")], EffectLevel.HOLD),
    "of another model": ([notice(covers=[lab.ROOT])], EffectLevel.HOLD),
    "it is complied with": (
        [lab.case_document(), lab.status("status-g2")],
        EffectLevel.ALLOW,
    ),
}


@pytest.mark.parametrize("name", NOTICES)
def test_what_is_not_complied_with_may_be_disclosed_instead(name: str) -> None:
    records, level = NOTICES[name]
    decision = lab.decided(lab.world(*records, policy=disclosing()))
    assert decision.level is level
    softened = ("D",) if level is EffectLevel.ALLOW_WITH else ()
    assert (decision.outcome.softened_by, "say why" in decision.obligations) == (
        softened,
        bool(softened),
    )


@pytest.mark.parametrize(
    "changes",
    [{"disclosed_in": "nowhere"}, {"disclosed_in": None}, {"kind": "interim"}],
)
def test_a_disclosure_names_its_document_and_nothing_else_does(changes: lab.Plain) -> None:
    with pytest.raises(DocumentFaults):
        disclosing(**changes)
