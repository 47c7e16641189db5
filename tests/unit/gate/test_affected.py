"""What relied on something: named through everything between, and changed when it is gone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scalegate.base.errors import UnknownName
from scalegate.evidence.record import Record
from scalegate.evidence.relies import named_in, rests_on
from scalegate.gate.affected import Affected, affected
from scalegate.gate.model import Assessment
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate
from tests.strategies import lab

ASKED = ((Gate.EXTERNAL_GENERAL, Ask.START),)


def relied(known: Assessment, name: str) -> Affected:
    return affected(known, name, rests_on(known.inputs.bundle, name), ASKED)


def touched(known: Assessment, name: str) -> dict[str, bool]:
    """Return each part that rests on something, and whether it would be another one."""
    return {f"{each.kind} {each.name}": each.changes for each in relied(known, name).touched}


def resting(records: Sequence[Record], name: str) -> dict[str, int]:
    bundle = lab.world(*records).inputs.bundle
    return {rest.name: rest.depth for rest in rests_on(bundle, name)}


CLOSED = (
    lab.incident(evidence=["result-P1"], closed_by="closing", closed_at=lab.day(-1)),
    lab.act("closing", "question:Q1", "closed"),
    lab.order(incident="incident"),
)
RESTS: dict[str, tuple[Sequence[Record], str, dict[str, int]]] = {
    "a case, by what was shown with it": (
        lab.clean(),
        "safety-case",
        {"status-g2": 1, "status-g1": 1},
    ),
    "a result, by its mapping": (lab.clean(), "result-P1", {"map-P1": 1}),
    "an incident, by all that it impugns": (
        [*lab.clean(), *CLOSED],
        "incident",
        {"safeguard:G2": 1, "result-P1": 1, "order": 1, "map-P1": 2},
    ),
    "the act that closes an incident, through the incident": (
        [*lab.clean(), *CLOSED],
        "closing",
        {"incident": 1, "safeguard:G2": 2, "result-P1": 2, "order": 2, "map-P1": 3},
    ),
    "the grounds of an act, and what turns the act": (
        [
            lab.report(),
            lab.act("said", "threshold:T3", "ruled_out", grounds=["report"]),
            lab.reverse("turned", "said"),
        ],
        "report",
        {"said": 1, "turned": 2},
    ),
    "what a judgement and a fact were made from": (
        [
            lab.report(),
            lab.judgement("expert", evidence=["report"]),
            lab.fact("f", "F1", True, shown_by=["report"]),
        ],
        "report",
        {"expert": 1, "f": 1},
    ),
    "nothing": (lab.clean(), "map-R1", {}),
}


@pytest.mark.parametrize("name", RESTS)
def test_what_rests_on_a_document(name: str) -> None:
    records, ref, expected = RESTS[name]
    assert resting(records, ref) == expected


def test_what_rests_on_a_log_is_the_mapping_that_selects_it() -> None:
    log = lab.eval_log([lab.Run(item="a")])
    digest = "c" * 64
    by_digest = lab.mapping("P1", selects={"log_sha256": digest}, taken_on=lab.HELPFUL)
    known = lab.world(by_digest, logs={digest: log})
    assert [rest.name for rest in rests_on(known.inputs.bundle, digest)] == ["map-P1"]
    assert named_in(known.inputs.bundle, digest[:12]) == digest


def test_a_reference_is_an_id_a_digest_or_a_safeguard() -> None:
    bundle = lab.world(*lab.clean()).inputs.bundle
    digest = next(record.digest for record in bundle.records if record.id == "result-P1")
    assert named_in(bundle, "result-P1") == "result-P1"
    assert named_in(bundle, digest[:8]) == "result-P1"
    assert named_in(bundle, "safeguard:G2") == "safeguard:G2"
    for ref in ("result-P9", digest[:7], "safeguard:G9"):
        with pytest.raises(UnknownName):
            named_in(bundle, ref)


def test_a_result_touches_its_threshold_and_the_gate_that_names_it() -> None:
    found = relied(lab.world(*lab.clean()), "result-P1")
    assert [(each.kind, each.name, each.changes) for each in found.touched] == [
        ("threshold", "T1", True)
    ]
    (gate,) = found.gates
    assert gate.rows == ("K",)
    assert gate.decision.level is EffectLevel.ALLOW
    assert gate.without is not None
    assert (gate.without.level, gate.changes) == (EffectLevel.HOLD, True)


def test_a_case_touches_what_it_shows_though_no_gate_turns_on_it() -> None:
    known = lab.world(*lab.clean())
    assert touched(known, "safety-case") == {"safeguard G1": False, "safeguard G2": True}
    (gate,) = relied(known, "safety-case").gates
    assert (gate.rows, gate.changes) == (("K",), False)  # T1 is ruled out: K does not apply


def test_an_incident_is_why_the_gate_is_shut_again() -> None:
    crossed = lab.act("crossed", "threshold:T1", "crossed", grounds=["report"])
    known = lab.world(*lab.clean(), crossed, lab.report(), lab.incident())
    (gate,) = relied(known, "incident").gates
    assert gate.decision.level is EffectLevel.HOLD
    assert gate.without is not None
    assert gate.without.level is EffectLevel.ALLOW


def test_an_order_is_affected_though_no_row_names_it() -> None:
    found = relied(lab.world(*lab.clean(), lab.order()), "order")
    assert [(gate.rows, gate.changes) for gate in found.gates] == [((), True)]
    assert found.touched == ()


def test_a_safeguard_by_its_name_is_taken_as_absent() -> None:
    crossed = lab.act("crossed", "threshold:T1", "crossed", grounds=["report"])
    known = lab.world(*lab.clean(), crossed, lab.report())
    assert touched(known, "safeguard:G2") == {"safeguard G2": True}
    (gate,) = relied(known, "safeguard:G2").gates
    assert gate.without is not None
    assert gate.without.level is EffectLevel.HOLD
    nowhere = lab.world()
    assert touched(nowhere, "safeguard:G2") == {}


def test_a_model_that_is_lost_leaves_its_gates_unanswered() -> None:
    (gate,) = relied(lab.world(*lab.clean()), "model-m").gates
    assert (gate.without, gate.changes) == (None, True)


def test_an_answer_that_no_row_asks_for_touches_its_question_and_no_gate() -> None:
    found = relied(lab.world(*lab.clean(), lab.act("lone", "question:Q2")), "lone")
    # X1 waits for Q2 too: without it the words say what else is lacking.
    assert [(part.kind, part.name) for part in found.touched] == [
        ("act", "Q2"),
        ("substitute", "X1"),
    ]
    assert found.gates == ()


def test_every_gate_that_turns_on_a_document_is_listed() -> None:
    """Brute force: without each document in turn, the answer changes only where it is listed."""
    records = [*lab.clean(), lab.report(), lab.incident(), lab.order()]
    known = lab.world(*records)
    before = lab.decided(known).level
    for record in records:
        found = relied(known, record.id)
        kept = lab.world(*(each for each in records if each.id != record.id))
        changed = lab.decided(kept).level is not before
        assert any(gate.changes for gate in found.gates) >= changed, record.id
