"""A bundle: order and duplicates do not matter, versions supersede, two instants filter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.evidence.bundle import Bundle, bundle_of, is_adverse
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from tests.unit.evidence.registry import ALL, API, NEW, OLD, document

NO_LOGS: dict[str, str] = {}


def fact(value: str, *, known_from: str = "2026-01-01") -> Record:
    payload = f"fact: growth\nvalue: {value}"
    return document("fact", "model:new", payload, name="f", known_from=known_from)


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def bundle(*records: Record) -> Bundle[str]:
    return bundle_of(records, NO_LOGS)


def told(*records: Record) -> list[str]:
    with pytest.raises(DocumentFaults) as raised:
        bundle(*records)
    return [fault.what for fault in raised.value.faults]


def test_order_and_duplicates_do_not_matter() -> None:
    one = bundle_of(ALL, {"b" * 64: "second", "a" * 64: "first"})
    other = bundle_of([*reversed(ALL), *ALL], {"a" * 64: "first", "b" * 64: "second"})
    assert one == other
    assert one.digest == other.digest
    assert list(one.logs) == ["a" * 64, "b" * 64]


def test_any_other_content_is_another_digest() -> None:
    digests = {
        bundle(*ALL).digest,
        bundle(*ALL[1:]).digest,
        bundle_of(ALL, {"a" * 64: "x"}).digest,
        bundle(*ALL, fact("1")).digest,
        bundle(*ALL, fact("1"), fact("2", known_from="2026-02-01")).digest,
        bundle(*ALL, fact("2", known_from="2026-02-01")).digest,
    }
    assert len(digests) == 6


def test_records_are_found_by_kind_subject_and_id() -> None:
    found = bundle(*ALL)
    assert set(found.of_kind(Kind.MODEL)) == {OLD, NEW}
    assert found.about("deployment:api") == (API,)
    assert found.find("deployment-api") == API
    assert found.find("nothing") is None


def test_a_later_version_supersedes_an_earlier_one_from_when_it_was_known() -> None:
    first, second = fact("1"), fact("2", known_from="2026-02-01")
    found = bundle(second, first)
    assert found.records == (second,)
    assert found.as_of(at("2026-03-01"), at("2026-01-31")).records == (first,)
    assert found.as_of(at("2026-03-01"), at("2026-02-01")).records == (second,)
    assert found.as_of(at("2026-03-01"), at("2025-12-31")).records == ()


def test_what_is_not_yet_or_no_longer_true_is_left_out() -> None:
    ended = replace(fact("1"), true_until=at("2026-02-01"))
    found = bundle(ended)
    for day, count in (
        ("2025-12-31", 0),
        ("2026-01-01", 1),
        ("2026-01-31", 1),
        ("2026-02-01", 0),
    ):
        assert len(found.as_of(at(day), at("2026-06-01")).records) == count


def test_looking_twice_at_the_same_instants_changes_nothing() -> None:
    found = bundle(*ALL, fact("1"), fact("2", known_from="2026-02-01"))
    once = found.as_of(at("2026-03-01"), at("2026-01-31"))
    assert once.as_of(at("2026-03-01"), at("2026-01-31")) == once


def test_two_contents_of_one_id_known_from_the_same_instant_are_a_fault() -> None:
    assert told(fact("1"), fact("2")) == ["two contents of one id, known from the same instant"]


def test_an_id_that_changes_its_kind_is_a_fault() -> None:
    run = document("run", "run:r", "kind: inference", name="f", known_from="2026-02-01")
    assert told(fact("1"), run) == ["id of two kinds"]


JUDGED = "by: {role: expert}\nquestion: threshold:f@1/T\nstatement: x\nscale: concern\nanswer: "
ACTED = "by: {role: rso}\nquestion: threshold:f@1/T\nanswer: crossed\nstatement: x\nact: "
RESULT = (
    "eval: {name: e}\nvariant: base\nmeasure: minutes\nunit: minutes\nvalue: 4\n"
    "lines: [{role: ROLE, comparator: above, value: 3, outcome: OUTCOME}]"
)
INCIDENT = "summary: x\noccurred: {start: 2026-01-01}\ndiscovered_at: 2026-01-02\nseverity: serious"
DISSENT = "\ndissent: [{by: one, statement: x}]"


@pytest.mark.parametrize(
    ("kind", "payload", "adverse"),
    [
        ("incident", INCIDENT, True),
        ("judgement", JUDGED + "no_concern", False),
        ("judgement", JUDGED + "some_concern", True),
        ("judgement", JUDGED + "no_concern" + DISSENT, True),
        ("act", ACTED + "determine", False),
        ("act", ACTED + "determine" + DISSENT, True),
        ("act", ACTED + "reverse\nreverses: a", True),
        ("act", ACTED + "override", True),
        ("published-result", RESULT.replace("ROLE", "alert").replace("OUTCOME", "crossed"), True),
        (
            "published-result",
            RESULT.replace("ROLE", "alert").replace("OUTCOME", "not_crossed"),
            False,
        ),
        (
            "published-result",
            RESULT.replace("ROLE", "rule_out").replace("OUTCOME", "crossed"),
            False,
        ),
        ("fact", "fact: a\nvalue: 1", False),
    ],
)
def test_what_is_adverse(kind: str, payload: str, adverse: bool) -> None:
    record = document(kind, "model:new", payload, name="a1")
    assert is_adverse(record) is adverse
    head = bundle(record, fact("1")).adverse
    assert (head.count, head.ids) == ((1, ("a1",)) if adverse else (0, ()))


def test_a_superseded_concern_stays_in_the_adverse_register() -> None:
    concern = document("judgement", "model:new", JUDGED + "some_concern", name="j")
    softened = document(
        "judgement", "model:new", JUDGED + "no_concern", name="j", known_from="2026-02-01"
    )
    later = bundle(concern, softened).as_of(at("2026-06-01"), at("2026-06-01"))
    assert later.records == (softened,)
    assert later.adverse.count == 1
    before = bundle(concern, softened).as_of(at("2025-01-01"), at("2025-01-01"))
    assert before.adverse.count == 0
    assert before.adverse.digest != later.adverse.digest
