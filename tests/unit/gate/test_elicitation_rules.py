"""Evidence at full effort, for weights in other hands, and with refusals both ways."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.evidence.record import Record
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Finding, Reason
from scalegate.gate.why_not import what_if, why_not
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Kind, Level
from tests.strategies import lab

TUNED = "checkpoint:m/tuned"


def policy(**changes: Any) -> Any:
    row = lab.row("K", at=["open_weights", "external_general"])
    thresholds = [
        lab.threshold("T1", lab.line("P1"), rules_out=["T3"]),
        lab.threshold("T3"),
    ]
    return lab.policy_of(row, thresholds=thresholds, facts=[], **changes)


# --- effort ---------------------------------------------------------------------------------------


def model(*efforts: str) -> Record:
    payload = {
        "series": "series:s",
        "checkpoints": [
            {"id": lab.CHECKPOINT, "role": "shipped"},
            {"id": lab.HELPFUL, "role": "elicitation", "efforts": list(efforts)},
            {"id": TUNED, "role": "elicitation"},
        ],
        "edges": [
            {"kind": "variant_of", "variant": kind, "start": start, "to": lab.CHECKPOINT}
            for start, kind in ((lab.HELPFUL, "helpful_only"), (TUNED, "fine_tuned"))
        ],
    }
    return lab.doc("model", "model-m", payload)


def tried(effort: str | None = None, **changes: Any) -> Record:
    elicitation = {"level": "E2", "description": "scaffolded"}
    if effort:
        elicitation["effort"] = effort
    return lab.result("P1", **{"elicitation": elicitation, **changes})


def finding(*records: Record) -> Finding:
    return lab.world(lab.mapping("P1"), *records, policy=policy()).findings["T1"]


EFFORTS: dict[str, tuple[list[Record], Level]] = {
    "at the highest": ([model("low", "high"), tried("high")], Level.RULED_OUT),
    "at less": ([model("low", "high"), tried("low")], Level.NOT_RULED_OUT),
    "at an effort that nobody says": ([model("low", "high"), tried()], Level.NOT_RULED_OUT),
    "where there is only one": ([model(), tried()], Level.RULED_OUT),
}


@pytest.mark.parametrize("name", EFFORTS)
def test_a_rule_out_must_be_tried_at_the_highest_effort(name: str) -> None:
    records, level = EFFORTS[name]
    found = finding(*records)
    assert found.own is level
    assert (Reason.BELOW_FULL_EFFORT in found.reasons) is (level is not Level.RULED_OUT)


def test_a_deployment_at_lower_effort_excuses_nothing() -> None:
    capped = lab.deployment(configuration={"effort_cap": "low"})
    assert finding(model("low", "high"), tried("low"), capped).own is Level.NOT_RULED_OUT
    assert finding(model("low", "high"), tried("high"), capped).own is Level.RULED_OUT


def test_bad_news_at_low_effort_is_bad_news() -> None:
    found = finding(model("low", "high"), tried("low", value=0.9))
    assert found.reasons == (Reason.LINE_REACHED,)


def test_a_judgement_is_not_run_at_an_effort() -> None:
    graded = lab.policy_of(lab.row("K"), thresholds=[lab.threshold("T1", lab.graded("J1"))])
    known = lab.world(
        model("low", "high"), lab.mapping("J1", "expert"), lab.judgement("expert"), policy=graded
    )
    assert known.findings["T1"].own is Level.RULED_OUT


# --- weights in other hands -----------------------------------------------------------------------


def weights(*records: Record, **changes: Any) -> Assessment:
    return lab.world(model(), lab.mapping("P1"), *records, policy=policy(**changes))


def tuned(**changes: Any) -> Record:
    given = {"variant": "adversarially_fine_tuned", "tested": TUNED, **changes}
    return lab.result("P1", **given)


E3: lab.Plain = {"elicitation": {"level": "E3a", "description": "fine-tuned, it is said"}}
WEIGHTS: dict[str, tuple[list[Record], EffectLevel]] = {
    "on the helpful variant alone": ([lab.result("P1")], EffectLevel.HOLD),
    "on a variant fine-tuned as an attacker would": ([tuned()], EffectLevel.ALLOW),
    "fine-tuned, as a claim without a record": ([lab.result("P1", **E3)], EffectLevel.HOLD),
    "fine-tuned, in an arm on record": (
        [lab.result("P1", **E3), lab.elicited("P1")],
        EffectLevel.ALLOW,
    ),
    "fine-tuned, in an arm beyond the line": (
        [lab.result("P1", **E3), lab.elicited("P1", solved=120)],
        EffectLevel.HOLD,
    ),
    "beyond the line": ([tuned(value=0.9)], EffectLevel.HOLD),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_released_weights_need_evidence_from_fine_tuning(name: str) -> None:
    records, level = WEIGHTS[name]
    known = weights(*records)
    assert decide(known, Gate.OPEN_WEIGHTS).level is level
    elsewhere = EffectLevel.HOLD if name.endswith("beyond the line") else EffectLevel.ALLOW
    assert decide(known, Gate.EXTERNAL_GENERAL).level is elsewhere


RELEASES = [{"name": "api", "kind": "api"}, {"name": "hub", "kind": "weights"}]
OUT: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None, EffectLevel]] = {
    "nothing is released": (None, None, EffectLevel.ALLOW),
    "the deployment has a surface of weights": ({"surfaces": RELEASES}, None, EffectLevel.HOLD),
    "it passes the gate of weights": (
        {"gates": ["external_general", "open_weights"]},
        None,
        EffectLevel.HOLD,
    ),
    "another one has released them": (
        None,
        {"surfaces": RELEASES, "opened_at": "2025-06-01"},
        EffectLevel.HOLD,
    ),
    "another one is planned to": (None, {"surfaces": RELEASES}, EffectLevel.ALLOW),
    "another one releases none": (None, {"opened_at": "2025-06-01"}, EffectLevel.ALLOW),
}


@pytest.mark.parametrize("name", OUT)
def test_where_weights_are_out_every_release_needs_evidence_from_fine_tuning(name: str) -> None:
    own, other, level = OUT[name]
    records = [lab.result("P1"), *([lab.deployment(**own)] if own else [])]
    if other is not None:
        records.append(
            lab.doc(
                "deployment",
                "deployment-hub",
                {
                    "checkpoint": lab.CHECKPOINT,
                    "surfaces": [{"name": "api", "kind": "api"}],
                    "audience": "everyone",
                    **other,
                },
                subject="deployment:hub",
            )
        )
    known = weights(*records)
    assert decide(known, Gate.EXTERNAL_GENERAL).level is level
    if level is EffectLevel.HOLD:
        shown = weights(*records, lab.elicited("P1"))
        assert decide(shown, Gate.EXTERNAL_GENERAL).level is EffectLevel.ALLOW


def test_the_hold_is_inconclusive_and_says_why() -> None:
    decision = decide(weights(lab.result("P1")), Gate.OPEN_WEIGHTS)
    assert decision.inconclusive
    assert "no variant fine-tuned" in str(decision.why.to_mapping())


def test_a_framework_may_say_that_evidence_counts_as_elsewhere() -> None:
    rule = {"rule": "as_elsewhere", "cite": lab.CITE}
    known = weights(lab.result("P1"), semantics={"open_weights": rule})
    assert decide(known, Gate.OPEN_WEIGHTS).level is EffectLevel.ALLOW


def test_what_was_inferred_is_not_inferred_for_weights_in_other_hands() -> None:
    known = weights(lab.result("P1"))
    assert known.findings["T3"].reasons == (Reason.INFERRED,)
    row = lab.row("K", **{"if": {"status": "T3", "at_least": "crossed"}, "at": ["open_weights"]})
    thresholds = [lab.threshold("T1", lab.line("P1"), rules_out=["T3"]), lab.threshold("T3")]
    other = lab.policy_of(row, thresholds=thresholds, facts=[])
    held = lab.world(model(), lab.mapping("P1"), tuned(), policy=other)
    assert decide(held, Gate.OPEN_WEIGHTS).level is EffectLevel.HOLD


def test_a_determination_of_people_stands_as_elsewhere() -> None:
    said = lab.act("said", "threshold:T3", "ruled_out", grounds=["report"])
    row = lab.row("K", **{"if": {"status": "T3", "at_least": "crossed"}, "at": ["open_weights"]})
    known = lab.world(said, lab.report(), policy=lab.policy_of(row))
    assert decide(known, Gate.OPEN_WEIGHTS).level is EffectLevel.ALLOW


def test_doing_the_work_that_is_named_opens_the_gate() -> None:
    known = weights(lab.result("P1"))
    held = decide(known, Gate.OPEN_WEIGHTS, Ask.START)
    for works in why_not(known, held):
        moves = {(work.move.kind, work.move.name): work.move.value for work in works}
        assert decide(what_if(known, moves), Gate.OPEN_WEIGHTS).is_open
    assert (Kind.STATUS, "T1") in {
        (work.move.kind, work.move.name) for works in why_not(known, held) for work in works
    }


# --- refusals -------------------------------------------------------------------------------------

RAW: dict[str, tuple[lab.Plain, Level]] = {
    "both clear": ({"value": 0.02, "raw_value": 0.01}, Level.RULED_OUT),
    "adjusted for refusals it does not": ({"value": 0.6, "raw_value": 0.01}, Level.NOT_RULED_OUT),
    "unadjusted it does not": ({"value": 0.01, "raw_value": 0.6}, Level.NOT_RULED_OUT),
}


@pytest.mark.parametrize("name", RAW)
def test_of_a_raw_and_an_adjusted_score_the_stricter_counts_and_both_are_shown(name: str) -> None:
    changes, level = RAW[name]
    found = lab.world(lab.mapping("P1"), lab.result("P1", **changes)).findings["T1"]
    line = next(each for each in found.indicators if each.indicator.id == "P1")
    assert line.level is level
    labels = [verdict.reading for verdict in line.verdicts]
    assert labels == ["adjusted for refusals", "refusals counted as failures"]


def test_a_printed_spread_moves_with_the_score() -> None:
    spread = {"kind": "ci95", "half_width": 0.02}
    result = lab.result("P1", value=0.1, raw_value=0.01, interval=spread, n=None)
    found = lab.world(lab.mapping("P1"), result).findings["T1"].indicators[1]
    adjusted, raw = (str(verdict.verdict.bound) for verdict in found.verdicts)
    assert float(raw) < 0.05 < float(adjusted)


def test_counts_have_a_raw_count() -> None:
    counted = lab.counted("C1", 2, raw_count=19)
    found = lab.world(lab.mapping("C1"), counted).findings["T2"].indicators[0]
    assert found.level is Level.NOT_RULED_OUT
    assert len(found.verdicts) == 2


REFUSED: tuple[lab.Plain, ...] = (
    {"measure": "proportion", "unit": "proportion", "value": 0.1, "raw_count": 1},
    {"measure": "count_of", "unit": "count", "count": 1, "of": 20, "raw_value": 0.1},
    {"measure": "qualitative", "statement": "fine", "raw_value": 0.1},
)


@pytest.mark.parametrize("payload", REFUSED)
def test_a_raw_score_of_another_measure_is_refused(payload: lab.Plain) -> None:
    with pytest.raises(DocumentFaults) as refused:
        lab.doc("published-result", "r", {"eval": {"name": "P1"}, "variant": "base", **payload})
    assert "not used for" in str(refused.value)
