"""Who received a document, how much was withheld from them, and what it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.gate.document_book import document_book
from scalegate.policy.vocabulary import EffectLevel
from tests.strategies import lab

KIND: lab.Plain = {
    "id": "capability_report",
    "statement": "a report",
    "approved_by": ["ceo", "rso"],
    "must_contain": ["threat model", "limits"],
    "aspects": ["covered", "approved", "sent"],
    "cite": lab.CITE,
}
ROW = lab.row("K", **{"if": "always", "require": {"document": "capability_report", "is": "sent"}})


def policy(*sent_to: lab.Plain) -> Any:
    return lab.policy_of(ROW, documents=[{**KIND, "sent_to": list(sent_to)}])


def received(name: str, redaction: str = "none", sent_at: str | None = lab.SEEN) -> lab.Plain:
    plain = {"name": name, "redaction": redaction}
    return {**plain, "sent_at": sent_at} if sent_at else plain


BOARD: lab.Plain = {"audience": "Board", "redaction": "none"}
MINOR: lab.Plain = {"audience": "public", "redaction": "minor"}
ANY: lab.Plain = {"audience": "reviewer"}
TIMELY: lab.Plain = {"audience": "Board", "within": "7d"}
SENT: dict[str, tuple[list[lab.Plain], list[lab.Plain], bool]] = {
    "received in full": ([BOARD], [received("Board")], True),
    "in another case": ([BOARD], [received("board")], True),
    "received by another": ([BOARD], [received("Staff")], False),
    "received by nobody": ([BOARD], [], False),
    "with a minor part withheld, where nothing may be": (
        [BOARD],
        [received("Board", "minor")],
        False,
    ),
    "with a minor part withheld, where it may be": ([MINOR], [received("Public", "minor")], True),
    "with a significant part withheld": ([MINOR], [received("public", "significant")], False),
    "where nobody says how much was withheld": ([MINOR], [received("public", "unstated")], False),
    "any redaction may be": ([ANY], [received("reviewer", "unstated")], True),
    "not by every audience": ([BOARD, MINOR], [received("Board")], False),
    "by every audience": ([BOARD, MINOR], [received("Board"), received("public")], True),
    "to be sent later": ([BOARD], [received("Board", sent_at=lab.day(3))], False),
    "in time": ([TIMELY], [received("Board", sent_at="2025-12-08")], True),
    "too late": ([TIMELY], [received("Board", sent_at="2025-12-09")], False),
    "nobody says when, where there is a time": ([TIMELY], [received("Board", sent_at=None)], False),
    "nobody says how much and when": ([TIMELY], [received("Board", "unstated", None)], False),
}


@pytest.mark.parametrize("name", SENT)
def test_a_document_is_sent_when_every_audience_has_enough_of_it(name: str) -> None:
    sent_to, audiences, is_sent = SENT[name]
    known = lab.world(lab.report(audiences=audiences), policy=policy(*sent_to))
    assert known.documents["capability_report.sent"].value is is_sent
    wanted = EffectLevel.ALLOW if is_sent else EffectLevel.HOLD
    assert lab.decided(known).level is wanted


def test_one_document_covers_every_model_that_it_lists_and_no_other() -> None:
    both = lab.report(covers=[lab.MODEL, "model:sibling"], audiences=[received("Board")])
    sibling = lab.doc("model", "model-sibling", {"series": "series:s"}, subject="model:sibling")
    for ref, is_covered in ((lab.MODEL, True), ("model:sibling", True), (lab.ROOT, False)):
        known = lab.world(both, sibling, policy=policy(BOARD), ref=ref)
        assert known.documents["capability_report.sent"].value is is_covered, ref


def test_the_book_says_what_a_document_lacks_under_each_policy() -> None:
    papers = [
        lab.report(
            approvals=[{"role": "rso", "approved_at": lab.SEEN}],
            contains=["limits"],
            audiences=[received("Board", "minor")],
        ),
        lab.report("card", kind="system_card", coverage_until="2025-12-20"),
    ]
    known = lab.world(*papers, policy=policy(BOARD, MINOR))
    card, report = document_book([known.inputs], lab.AT)
    assert (card.record.id, card.age_days, card.answered) == ("card", 12, ())
    (answered,) = report.answered
    assert (answered.framework, answered.kind) == (lab.FRAMEWORK, "capability_report")
    assert sorted(aspect.value for aspect in answered.standing.aspects) == ["covered", "published"]
    assert answered.standing.lacking == (
        "approval of ceo",
        "sending to Board with nothing withheld",
        "sending to public with a minor part withheld at most",
        "listing of: threat model",
    )


def test_a_document_whose_coverage_is_too_old_is_nothing_any_more() -> None:
    kind = {**KIND, "covers_within": "20d", "sent_to": [BOARD]}
    known = lab.world(
        lab.report(audiences=[received("Board")]), policy=lab.policy_of(ROW, documents=[kind])
    )
    assert known.documents["capability_report.sent"].value is False
    (booked,) = document_book([known.inputs], lab.AT)
    assert booked.answered[0].standing.aspects == frozenset()


def test_a_kind_that_is_sent_to_nobody_is_refused() -> None:
    with pytest.raises(DocumentFaults) as refused:
        policy()
    assert "sent to nobody" in str(refused.value)
