"""What binds a lab on a day follows from spans, editions and laws, edge days included."""

from __future__ import annotations

from datetime import date

import pytest

from scalegate.base.errors import DocumentFaults
from scalegate.policy.regime import PolicySpan, Regime, parse_editions, parse_laws, regime_of

ONE, TWO, THREE = "a" * 64, "b" * 64, "c" * 64
EDITIONS = f"""\
schema: scalegate/editions@1
source: {{title: Manifest, published_at_url: "https://example.org/manifest"}}
versions:
  - framework: toy@1
    lab: Toy lab
    title: Toy policy
    published_on: "2025-01-01"
    editions:
      - {{first_seen_on: "2025-01-02", sha256: {ONE}}}
      - {{first_seen_on: "2025-03-01", sha256: {TWO}, note: a comma}}
  - framework: toy-law@0
    lab: Toy lab
    title: Toy compliance
    published_on: "2025-02-01"
    encoded: false
    in_force_from: "2025-02-01"
    superseded_on: "2025-06-01"
    note: lost
"""
LAWS = """\
schema: scalegate/laws@1
laws:
  - id: act
    title: The act
    jurisdiction: xx
    kind: statute
    in_force_from: "2025-03-01"
    in_force_mark: primary
    binds: large ones
    asks: [a framework]
    answers:
      - lab: Toy lab
        framework: toy-law
        versions: ["0"]
        statement: answers it
        mark: primary
        cite: {document: Toy, section: "1"}
    dates:
      - {day: "2025-09-01", what: reports begin, mark: secondary}
    sources: [{what: the act, mark: primary}]
"""
SPANS = (
    PolicySpan(
        name="toy@1",
        lab="Toy lab",
        title="Toy policy",
        effective_on="2025-01-01",
        superseded_on="2025-07-01",
        digest=THREE,
    ),
    PolicySpan(
        name="toy@2", lab="Toy lab", title="Toy policy", effective_on="2025-07-01", digest=THREE
    ),
    PolicySpan(
        name="other@1", lab="Other lab", title="Other", effective_on="2025-01-01", digest=THREE
    ),
)


def on(day: str, lab: str = "Toy lab") -> Regime:
    laws = parse_laws(LAWS).laws
    return regime_of(lab, date.fromisoformat(day), SPANS, parse_editions(EDITIONS), laws=laws)


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2024-12-31", []),
        ("2025-01-01", ["toy@1"]),
        ("2025-02-01", ["toy-law@0", "toy@1"]),
        ("2025-05-31", ["toy-law@0", "toy@1"]),
        ("2025-06-01", ["toy@1"]),
        ("2025-06-30", ["toy@1"]),
        ("2025-07-01", ["toy@2"]),
    ],
)
def test_every_member_in_force_binds_and_no_other(day: str, names: list[str]) -> None:
    assert [each.policy.name for each in on(day).members] == names


def test_a_policy_that_is_not_encoded_is_shown_and_decides_nothing() -> None:
    members = {each.policy.name: each for each in on("2025-02-01").members}
    assert members["toy@1"].decides
    assert not members["toy-law@0"].decides
    assert members["toy-law@0"].note == "lost"
    assert members["toy-law@0"].edition is None


@pytest.mark.parametrize(
    ("day", "digest"),
    [("2025-01-01", ONE), ("2025-02-28", ONE), ("2025-03-01", TWO), ("2025-06-01", TWO)],
)
def test_the_edition_that_counts_is_the_last_one_seen_by_the_day(day: str, digest: str) -> None:
    member = next(each for each in on(day).members if each.policy.name == "toy@1")
    assert member.edition is not None
    assert member.edition.sha256 == digest
    assert member.editions_known == 2


def test_days_in_force_count_from_the_first_day() -> None:
    assert [each.days_in_force for each in on("2025-01-31").members] == [30]


def test_a_law_shows_only_what_a_framework_in_force_says_of_it() -> None:
    assert on("2025-02-28").laws == ()
    assert [len(each.answers) for each in on("2025-03-01").laws] == [1]
    assert [len(each.answers) for each in on("2025-06-01").laws] == [0]
    assert [len(each.answers) for each in on("2025-03-01", "Other lab").laws] == [0]


def test_what_is_to_come_is_listed_earliest_first_and_a_replacement_once() -> None:
    steps = [(each.on, each.days, each.what) for each in on("2025-02-01").pending]
    assert steps == [
        ("2025-03-01", 28, "The act takes effect"),
        ("2025-06-01", 120, "toy-law@0 is no longer in force"),
        ("2025-07-01", 150, "toy@2 comes into force, in place of toy@1"),
        ("2025-09-01", 212, "The act: reports begin"),
    ]
    assert on("2025-09-01").pending == ()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("framework: toy-law@0", "framework: toy@1", "version listed twice"),
        ("    encoded: false\n", "", "day in force"),
        ('first_seen_on: "2025-03-01"', 'first_seen_on: "2025-01-01"', "editions out of order"),
        ("lab: Toy lab", "maker: Toy lab", "unknown field"),
    ],
)
def test_a_faulty_list_of_editions_is_refused(old: str, new: str, what: str) -> None:
    with pytest.raises(DocumentFaults) as refused:
        parse_editions(EDITIONS.replace(old, new, 1))
    assert what in [each.what for each in refused.value.faults]


def test_a_law_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(DocumentFaults) as refused:
        parse_laws(LAWS + LAWS.partition("laws:\n")[2])
    assert [each.what for each in refused.value.faults] == ["law listed twice"]
