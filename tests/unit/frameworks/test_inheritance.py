"""Inheritance under the published frameworks: roots, bounds, variants, on made-up numbers.

The models' names are real so that a reader knows which practice is meant; their growth, where no
card prints it, is made up for the test.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import scalegate
from scalegate.evidence.bundle import bundle_of
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Reason
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import Flag, Gate, Level
from tests.strategies import lab

RSP, FSF, PF = "anthropic-rsp@2.2", "gdm-fsf@3.0", "openai-pf@2"


@cache
def program(name: str) -> Program:
    file = Path(scalegate.__file__).parent / "frameworks" / f"{name}.yaml"
    return compile_policy(parse_policy(file.read_text(encoding="utf-8"), file=file.name))


def assessed(framework: str, ref: str, *records: Record) -> Assessment:
    bundle = bundle_of(records, lab.LOGS).as_of(lab.AT, lab.AT)
    return assess(inputs_of(program(framework), bundle, policy_digest="0" * 64), ref, lab.AT)


def model(ref: str, **payload: Any) -> Record:
    given = {"series": "series:s", "lab": "lab:l", **payload}
    return lab.doc("model", ref.replace(":", "-"), given, subject=ref)


def determination(framework: str, threshold: str, ref: str, answer: str, **how: Any) -> Record:
    payload = {
        "act": "determine",
        "by": {"role": how.pop("role")},
        "question": f"threshold:{framework}/{threshold}",
        "answer": answer,
        "statement": "as published",
        "grounds": ["card"],
        **how,
    }
    return lab.doc("act", f"{threshold}-{ref.partition(':')[2]}", payload, subject=ref)


CARD = lab.doc(
    "document",
    "card",
    {
        "kind": "system_card",
        "title": "Card",
        "coverage_until": lab.SEEN,
        "covers": ["series:s"],
        "published": True,
    },
)


# --- RSP 2.2: the root, and what adds up ----------------------------------------------------------

NOTHING_ELSE = (
    lab.doc(
        "fact",
        "rso",
        {"fact": "rso_asks_for_assessment", "value": False},
        subject="lab:l",
    ),
)
OPUS_4 = (
    CARD,
    model("model:opus-4", is_root=True),
    determination(RSP, "CBRN-3", "model:opus-4", "not_ruled_out", role="RSO", treated_as=True),
    determination(RSP, "CBRN-4", "model:opus-4", "ruled_out", role="RSO"),
    *NOTHING_ELSE,
)


def heir(name: str, of: str, ratio: float = 1.7, months: float = 1) -> Record:
    edge = {
        "kind": "successor_of",
        "start": f"model:{name}",
        "to": f"model:{of}",
        "effective_compute_ratio": ratio,
        "elicitation_months": months,
    }
    return model(f"model:{name}", edges=[edge])


def test_opus_4_1_needs_no_assessment_and_inherits_treated_as() -> None:
    records = (*OPUS_4, heir("opus-4-1", "opus-4"))
    finding = assessed(RSP, "model:opus-4-1", *records).findings["CBRN-3"]
    assert finding.reasons == (Reason.INHERITED,)
    assert finding.status.level > Level.RULED_OUT
    assert Flag.TREATED_AS in finding.status.flags
    ruled_out = assessed(RSP, "model:opus-4-1", *records).findings["CBRN-4"]
    assert (ruled_out.status.level, ruled_out.reasons) == (Level.NOT_REQUIRED, (Reason.EXEMPT,))


@pytest.mark.parametrize(
    ("name", "is_exempt"), [("heir-1", True), ("heir-2", True), ("heir-3", False)]
)
def test_the_third_heir_at_1_7_each_must_be_assessed(name: str, *, is_exempt: bool) -> None:
    records = (
        *OPUS_4,
        heir("heir-1", "opus-4"),
        heir("heir-2", "heir-1"),
        heir("heir-3", "heir-2"),
    )
    found = assessed(RSP, f"model:{name}", *records)
    assert (found.findings["CBRN-4"].reasons == (Reason.EXEMPT,)) is is_exempt
    assert (found.findings["CBRN-4"].status.level is Level.NOT_REQUIRED) is is_exempt


def test_an_heir_that_calls_itself_a_root_has_nothing_to_inherit_from() -> None:
    false_root = model("model:heir-2", is_root=True)
    records = (*OPUS_4, false_root, heir("heir-3", "heir-2"))
    finding = assessed(RSP, "model:heir-3", *records).findings["CBRN-4"]
    assert (finding.status.level, finding.reasons) == (Level.UNASSESSED, (Reason.INHERITED,))


def test_months_of_elicitation_add_up_as_well() -> None:
    records = (*OPUS_4, heir("heir-1", "opus-4", 1.1, 4), heir("heir-2", "heir-1", 1.1, 4))
    assert assessed(RSP, "model:heir-1", *records).findings["CBRN-4"].reasons == (Reason.EXEMPT,)
    assert assessed(RSP, "model:heir-2", *records).findings["CBRN-4"].reasons != (Reason.EXEMPT,)


# --- FSF 3.0: bounded, except in one domain -------------------------------------------------------


def test_gemini_3_flash_is_bounded_by_gemini_3_pro_except_in_cyber() -> None:
    bound = {
        "kind": "bounded_by",
        "start": "model:flash",
        "to": "model:pro",
        "domains": ["cbrn", "ai_rnd", "manipulation", "misalignment"],
        "evidence": ["card"],
    }
    names = ("CBRN-UPLIFT-1", "CYBER-UPLIFT-1", "MLRD-AUTOMATION-1", "MANIPULATION-1")
    on_pro = [
        determination(FSF, name, "model:pro", "ruled_out", role="governance-function")
        for name in names
    ]
    records = (CARD, model("model:pro"), model("model:flash", edges=[bound]), *on_pro)
    found = assessed(FSF, "model:flash", *records).findings
    levels = {name: found[name].status.level for name in names}
    assert levels.pop("CYBER-UPLIFT-1") is Level.UNASSESSED
    assert set(levels.values()) == {Level.RULED_OUT}
    assert found["CBRN-UPLIFT-1"].reasons == (Reason.BOUNDED_BY_REFERENCE,)


# --- PF 2: the fine-tuned variant speaks for the shipped weights ----------------------------------


def test_gpt_oss_has_what_its_fine_tuned_variant_was_found_to_lack_and_not_the_reverse() -> None:
    shipped, tuned = "checkpoint:gpt-oss/shipped", "checkpoint:gpt-oss/fine-tuned"
    edge = {"kind": "variant_of", "variant": "fine_tuned", "start": tuned, "to": shipped}
    checkpoints = [
        {"id": shipped, "role": "shipped", "refuses": True},
        {"id": tuned, "role": "elicitation"},
    ]
    records = (CARD, model("model:gpt-oss", checkpoints=checkpoints, edges=[edge]))
    register = assessed(PF, "model:gpt-oss", *records).inputs.register
    edges = frozenset(program(PF).policy.semantics.carriage.edges)
    assert register.carry(tuned, shipped, policy_edges=edges).rules_out
    assert register.carry(tuned, "model:gpt-oss", policy_edges=edges).rules_out
    back = register.carry(shipped, tuned, policy_edges=edges)
    assert (back.rules_out, back.connected) == (False, True)


# --- RSP 2.2, 6.2: no training of what is comparable to another model that needs the standard -----


def training(planned: float) -> Record:
    payload = {
        "kind": "pretraining",
        "model": "model:next",
        "planned_effective_compute": planned,
        "unit": "ratio_to_root",
    }
    return lab.doc("run", "run-next", payload, subject="run:next")


@pytest.mark.parametrize(("planned", "is_held"), [(0.5, False), (1, True), (1.5, True)])
def test_training_is_held_where_another_model_of_no_more_compute_needs_asl_3_security(
    planned: float, *, is_held: bool
) -> None:
    small = model("model:next", root="model:opus-4", effective_compute_ratio=0.4)
    below = [
        determination(RSP, name, "model:next", "ruled_out", role="RSO")
        for name in ("CBRN-3", "CBRN-4", "AIRD-4", "AIRD-5", "checkpoint-2-8h")
    ]
    known = assessed(RSP, "run:next", *OPUS_4, small, *below, training(planned))
    assert known.facts["effective_compute_vs_asl3_security_model"].value == planned
    decision = decide(known, Gate.TRAIN, turns=False)
    assert ("pause-comparable-training" in decision.outcome.determining) is is_held


# --- PF 2, note 6: a model made from one that is below High ---------------------------------------


@pytest.mark.parametrize(("answer", "is_exempt"), [("ruled_out", True), ("crossed", False)])
def test_a_distilled_model_of_a_parent_below_high_is_exempt_by_the_register(
    answer: str, *, is_exempt: bool
) -> None:
    small, big = "checkpoint:mini/final", "checkpoint:big/final"
    edge = {"kind": "variant_of", "variant": "distilled", "start": small, "to": big}
    records = (
        CARD,
        model("model:big", is_root=True, checkpoints=[{"id": big, "role": "shipped"}]),
        model(
            "model:mini",
            root="model:big",
            checkpoints=[{"id": small, "role": "shipped"}],
            edges=[edge],
        ),
        determination(PF, "BIO-HIGH", "model:big", answer, role="leadership"),
        determination(PF, "BIO-CRITICAL", "model:big", "ruled_out", role="leadership"),
        lab.doc(
            "fact",
            "no-jump",
            {"fact": "significant-increase-suspected", "value": False},
            subject="model:mini",
        ),
    )
    known = assessed(PF, "model:mini", *records)
    assert known.facts["derived-model"].value is True
    assert known.facts["parent-below-high-bio"].value is is_exempt
    assert (known.findings["BIO-HIGH"].status.level is Level.NOT_REQUIRED) is is_exempt
