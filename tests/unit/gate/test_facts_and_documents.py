"""Facts, documents, substitutes, discretions, specifications: when each counts, and until when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scalegate.evidence.record import Record
from scalegate.policy.vocabulary import EffectLevel
from tests.strategies import lab

SHOWN = lab.fact("one", "F1", True)
FACTS: dict[str, tuple[list[Record], str, Any, str]] = {
    "nobody shows it": ([], "F1", None, "not shown"),
    "shown": ([SHOWN], "F1", True, "is true"),
    "two documents agree": ([SHOWN, lab.fact("two", "F1", True)], "F1", True, "is true"),
    "two documents differ": (
        [SHOWN, lab.fact("two", "F1", False)],
        "F1",
        None,
        "documents differ (False, True): unknown",
    ),
    "a newer version replaces an older": (
        [SHOWN, lab.doc("fact", "one", {"fact": "F1", "value": False}, known_from="2025-12-09")],
        "F1",
        False,
        "is false",
    ),
    "expired": ([lab.fact("one", "F1", True, valid_until="2025-12-31")], "F1", None, "not shown"),
    "not a truth value": ([lab.fact("one", "F1", "yes")], "F1", None, "not shown"),
    "no choice of it": ([lab.fact("one", "C1x", "mars")], "C1x", None, "not shown"),
    "a choice": ([lab.fact("one", "C1x", "eu")], "C1x", "eu", "is eu"),
    "about another model": (
        [lab.fact("one", "F1", True, subject="model:root")],
        "F1",
        None,
        "not shown",
    ),
    "about the world": (
        [lab.fact("one", "F1", True, subject="world:world")],
        "F1",
        True,
        "is true",
    ),
    "for another framework": (
        [lab.fact("one", "F1", True, framework="other@1")],
        "F1",
        None,
        "not shown",
    ),
    "growth from the register": ([], "effective_compute_ratio", Decimal(2), "is 2"),
    "growth that a document disputes": (
        [lab.fact("one", "effective_compute_ratio", 3, unit="ratio")],
        "effective_compute_ratio",
        None,
        "documents differ (2, 3): unknown",
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_a_fact(name: str) -> None:
    records, fact, value, text = FACTS[name]
    found = lab.world(*records).facts[fact]
    assert (found.value, found.text) == (value, text)


def test_growth_is_measured_from_the_root_which_has_not_grown() -> None:
    known = lab.world(ref=lab.ROOT)
    assert known.facts["effective_compute_ratio"].value == 1


def test_a_fact_expires_with_the_first_of_its_documents() -> None:
    soon = lab.fact("two", "F1", True, valid_until="2026-02-01")
    end = lab.world(SHOWN, soon).facts["F1"].expires_at
    assert end is not None
    assert end.date().isoformat() == "2026-02-01"


UNKNOWN = {"if": {"fact": "F1"}, "require": {"safeguard": "G2"}}
TO_HOLD = {"if": {"fact": "H1"}, "require": {"safeguard": "G2"}}


def test_what_is_unknown_holds_where_the_lab_must_show_it() -> None:
    assert not lab.decided(lab.world(policy=lab.policy_of(lab.row("K", **UNKNOWN)))).is_open
    shown = lab.world(lab.fact("f", "F1", False), policy=lab.policy_of(lab.row("K", **UNKNOWN)))
    assert lab.decided(shown).is_open


def test_what_is_unknown_does_not_bind_where_somebody_else_must_show_it_and_is_listed() -> None:
    policy = lab.policy_of(lab.row("K", **TO_HOLD))
    decision = lab.decided(lab.world(policy=policy))
    assert decision.is_open
    assert decision.unarmed == ("K",)
    armed = lab.decided(lab.world(lab.fact("f", "H1", True), policy=policy))
    assert not armed.is_open
    assert armed.unarmed == ()


DOCUMENTS: dict[str, tuple[list[Record], dict[str, bool]]] = {
    "none": ([], {"covered": False, "approved": False, "published": False}),
    "good": ([lab.report()], {"covered": True, "approved": True, "published": True}),
    "covers too little time": (
        [lab.report(coverage_until="2025-09-01")],
        {"covered": False, "approved": False, "published": False},
    ),
    "covers another model": (
        [lab.report(covers=["model:root"])],
        {"covered": False, "approved": False, "published": False},
    ),
    "covers the deployment": (
        [lab.report(covers=[lab.DEPLOYMENT])],
        {"covered": True, "approved": True, "published": True},
    ),
    "approved by another role": (
        [lab.report(approvals=[{"role": "rso", "approved_at": lab.SEEN}])],
        {"covered": True, "approved": False, "published": True},
    ),
    "to be approved": (
        [lab.report(approvals=[{"role": "ceo", "approved_at": "2026-02-01"}])],
        {"covered": True, "approved": False, "published": True},
    ),
    "not published": (
        [lab.report(published=False)],
        {"covered": True, "approved": True, "published": False},
    ),
    "to be published": (
        [lab.report(published_at="2026-02-01")],
        {"covered": True, "approved": True, "published": False},
    ),
    "of another kind": (
        [lab.report(kind="system_card")],
        {"covered": False, "approved": False, "published": False},
    ),
    "named as the policy names it": (
        [lab.report(kind="other", native_kind="Capability Report")],
        {"covered": True, "approved": True, "published": True},
    ),
    "for another framework": (
        [lab.report(framework="other@1")],
        {"covered": False, "approved": False, "published": False},
    ),
    "two, each with one aspect": (
        [lab.report(approvals=[]), lab.report("second", published=False)],
        {"covered": True, "approved": True, "published": True},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_aspects_of_a_document(name: str) -> None:
    records, aspects = DOCUMENTS[name]
    found = lab.world(*records).documents
    assert {key.split(".")[1]: item.value for key, item in found.items()} == aspects


def test_a_document_covers_until_its_coverage_is_too_old_the_longest_lasting_one_counts() -> None:
    later = lab.report("later", coverage_until="2025-12-20")
    end = lab.world(lab.report(), later).documents["capability_report.covered"].expires_at
    assert end is not None
    assert end.date().isoformat() == "2026-03-20"


YES = lab.act("yes", "question:Q2")
INTERIM = [lab.case_document(), lab.status("interim", "X1")]
ADEQUATE = {"grounds": ["report"]}
SUBSTITUTES: dict[str, tuple[list[Record], str, bool, str]] = {
    "interim, measured and approved": ([*INTERIM, YES], "X1", True, "stands in"),
    "interim, not approved": (INTERIM, "X1", False, "not approved as the policy asks"),
    "interim, approved and not measured": ([YES], "X1", False, "no evidence that it stands"),
    "interim, switched off": (
        [lab.case_document(), lab.status("interim", "X1", live=False), YES],
        "X1",
        False,
        "no evidence that it stands",
    ),
    "interim, measured anew long after its approval": (
        [*INTERIM, lab.act("yes", "question:Q2", true_from="2025-10-20")],
        "X1",
        False,
        "expired",
    ),
    "judged adequate on grounds": (
        [lab.report(), lab.act("ok", "substitute:X2", "adequate", **ADEQUATE)],
        "X2",
        True,
        "stands in",
    ),
    "judged adequate without grounds": (
        [lab.act("ok", "substitute:X2", "adequate")],
        "X2",
        False,
        "no evidence that it stands",
    ),
    "judged adequate on what is not there": (
        [lab.act("ok", "substitute:X2", "adequate", **ADEQUATE)],
        "X2",
        False,
        "no evidence that it stands",
    ),
    "judged adequate by who is only informed": (
        [lab.report(), lab.act("ok", "substitute:X2", "adequate", role="board", **ADEQUATE)],
        "X2",
        False,
        "no evidence that it stands",
    ),
    "judged inadequate by the higher rank": (
        [
            lab.report(),
            lab.act("ok", "substitute:X2", "adequate", role="rso", **ADEQUATE),
            lab.act("no", "substitute:X2", "inadequate", **ADEQUATE),
        ],
        "X2",
        False,
        "no evidence that it stands",
    ),
    "only recommended": (
        [lab.report(), lab.act("ok", "substitute:X2", "adequate", act="recommend", **ADEQUATE)],
        "X2",
        False,
        "no evidence that it stands",
    ),
    "judged adequate, for a while that is over": (
        [
            lab.report(),
            lab.act("ok", "substitute:X2", "adequate", expires_at="2025-12-31", **ADEQUATE),
        ],
        "X2",
        False,
        "no evidence that it stands",
    ),
}


@pytest.mark.parametrize("name", SUBSTITUTES)
def test_a_substitute(name: str) -> None:
    records, substitute, value, text = SUBSTITUTES[name]
    found = lab.world(*records).substitutes[substitute]
    assert (found.value, found.text) == (value, text)


def test_a_substitute_allows_at_best_with_obligations_and_is_named() -> None:
    rows = lab.row(
        "K", **{"if": "always", "require": {"any": [{"met": "S1"}, {"substitute": "X1"}]}}
    )
    decision = lab.decided(lab.world(*INTERIM, YES, policy=lab.policy_of(rows)))
    assert decision.level is EffectLevel.ALLOW_WITH
    assert decision.outcome.softened_by == ("X1",)
    assert decision.obligations == ("tell the board",)
    assert decision.holds_from is not None
    assert decision.holds_from.at.date().isoformat() == "2026-01-30"


TESTS = [
    lab.judgement(f"shown-{test}", "sufficient", question=f"discretion:{lab.FRAMEWORK}/W1/{test}")
    for test in ("a", "b")
]
INVOKED = lab.act("invoke", "discretion:W1", "invoked")
DOUBT = lab.judgement("doubt", "insufficient", question=f"discretion:{lab.FRAMEWORK}/W1/a")
DISCRETIONS: dict[str, tuple[list[Record], bool, str]] = {
    "uninvoked": ([*TESTS, YES], False, "not invoked"),
    "invoked with every test shown": ([*TESTS, YES, INVOKED], True, "invoked"),
    "one test not shown": ([TESTS[0], YES, INVOKED], False, "invoked; not shown: b"),
    "one test judged otherwise too": (
        [*TESTS, DOUBT, YES, INVOKED],
        False,
        "invoked; not shown: a",
    ),
    "a test shown for another model": (
        [
            TESTS[0],
            lab.judgement(
                "shown-b",
                "sufficient",
                question=f"discretion:{lab.FRAMEWORK}/W1/b",
                subject="model:root",
            ),
            YES,
            INVOKED,
        ],
        False,
        "invoked; not shown: b",
    ),
    "not approved": ([*TESTS, INVOKED], False, "invoked; not shown: Q2"),
    "invoked by who may not": (
        [*TESTS, YES, lab.act("invoke", "discretion:W1", "invoked", role="rso")],
        False,
        "not invoked",
    ),
    "withdrawn later": (
        [
            *TESTS,
            YES,
            lab.act("invoke", "discretion:W1", "invoked", acted_at="2025-12-10"),
            lab.act("back", "discretion:W1", "withdrawn", acted_at="2025-12-12"),
        ],
        False,
        "not invoked",
    ),
    "invoked too long ago": (
        [*TESTS, YES, lab.act("invoke", "discretion:W1", "invoked", acted_at="2025-11-01")],
        False,
        "invoked; not shown: expired",
    ),
}


@pytest.mark.parametrize("name", DISCRETIONS)
def test_a_discretion(name: str) -> None:
    records, value, text = DISCRETIONS[name]
    fresh = [
        lab.act("invoke", "discretion:W1", "invoked", acted_at="2025-12-10")
        if record is INVOKED
        else record
        for record in records
    ]
    found = lab.world(*fresh).discretions["W1"]
    assert (found.value, found.text) == (value, text)


SPECIFY: lab.Plain = {"grounds": ["safety-case"]}
SPECIFIED: dict[str, tuple[list[Record], bool]] = {
    "named only": ([], False),
    "specified by an act on grounds": (
        [lab.case_document(), lab.act("s", "specification:S2", **SPECIFY)],
        True,
    ),
    "without its text on record": ([lab.act("s", "specification:S2", **SPECIFY)], False),
    "by who may not decide": (
        [lab.case_document(), lab.act("s", "specification:S2", role="board", **SPECIFY)],
        False,
    ),
    "refused": (
        [lab.case_document(), lab.act("s", "specification:S2", "refused", **SPECIFY)],
        False,
    ),
}


@pytest.mark.parametrize("name", SPECIFIED)
def test_a_standard_that_is_only_named(name: str) -> None:
    records, value = SPECIFIED[name]
    policy = lab.policy_of(lab.row("K", **{"if": "always", "require": {"met": "S2"}}))
    known = lab.world(*records, policy=policy)
    assert known.specified["S2"].value is value
    assert not lab.decided(known).is_open
    met = lab.world(*records, lab.status("own", "S2"), policy=policy)
    assert lab.decided(met).is_open is value
