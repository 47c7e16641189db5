"""The shipped editions and laws agree with the policies, and the known regimes come out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scalegate.adapters.policy_files import PolicyFiles
from scalegate.app.regimes import editions, lab_named, laws_of, regime
from scalegate.app.workspace import framework_entries, names_in_force
from scalegate.base.errors import OutsideError, UnknownName
from scalegate.base.instants import parse_instant
from scalegate.wiring import find_frameworks, policy_source

SOURCE = policy_source(None)
ENTRIES = {each.name: each for each in framework_entries(SOURCE)}
LISTED = {each.framework: each for each in editions(SOURCE).versions}


def test_every_encoded_policy_is_listed_and_no_other_counts_as_encoded() -> None:
    assert {name for name, each in LISTED.items() if each.encoded} == set(ENTRIES)
    assert all(LISTED[name].lab == each.lab for name, each in ENTRIES.items())


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_encoding_was_read_from_exactly_one_edition_whose_digest_it_names(name: str) -> None:
    read = [each.sha256 for each in LISTED[name].editions if each.is_read]
    text = next(each.text for each in SOURCE.policies() if each.file == f"{name}.yaml")
    assert len(read) == 1
    assert read[0] in text


def test_versions_of_one_framework_follow_each_other_without_a_gap() -> None:
    """A version that is not encoded ends where the next begins, so that no day is passed over."""
    starts = {each.effective_on for each in ENTRIES.values()}
    starts |= {each.in_force_from for each in LISTED.values() if each.in_force_from}
    ends = {each.superseded_on for each in LISTED.values() if each.superseded_on}
    ends |= {each.superseded_on for each in ENTRIES.values() if each.superseded_on}
    assert ends <= starts


@pytest.mark.parametrize(
    ("lab", "day", "names"),
    [
        ("OpenAI", "2026-05-27", ["openai-pf@2"]),
        ("OpenAI", "2026-05-28", ["openai-fgf@2026-05", "openai-pf@2"]),
        ("Anthropic", "2026-07-23", ["anthropic-fcf@1.2", "anthropic-rsp@3.4"]),
        ("Anthropic", "2026-07-24", ["anthropic-fcf@2", "anthropic-rsp@3.4"]),
        ("Google DeepMind", "2026-04-17", ["gdm-fsf@3.1"]),
        ("Meta", "2026-04-06", ["meta-faf@1.1"]),
        ("xAI", "2026-01-01", ["xai-faif@2025-12"]),
        ("NVIDIA", "2025-07-31", []),
    ],
)
def test_the_policies_of_a_lab_on_a_day(lab: str, day: str, names: list[str]) -> None:
    found = regime(SOURCE, lab, date.fromisoformat(day))
    assert [each.policy.name for each in found.members] == names
    deciding = tuple(each.policy.name for each in found.members if each.decides)
    assert names_in_force(SOURCE, parse_instant(day), lab=lab) == deciding


def test_the_californian_act_takes_effect_on_new_years_day_2026() -> None:
    before, after = (regime(SOURCE, "OpenAI", date(2026, 1, day)) for day in (1, 2))
    assert "us-ca-sb53" in {each.law.id for each in before.laws}
    assert "us-ca-sb53" not in {
        each.law.id for each in regime(SOURCE, "OpenAI", date(2025, 12, 31)).laws
    }
    assert [each.days_in_force for each in after.laws if each.law.id == "us-ca-sb53"] == [1]


def test_before_its_governance_framework_nothing_of_openai_speaks_of_the_act() -> None:
    """Which document answered the act from January to May 2026 is not known."""
    laws = {each.law.id: each for each in regime(SOURCE, "OpenAI", date(2026, 5, 27)).laws}
    assert laws["us-ca-sb53"].answers == ()
    laws = {each.law.id: each for each in regime(SOURCE, "OpenAI", date(2026, 5, 28)).laws}
    assert [each.framework for each in laws["us-ca-sb53"].answers] == ["openai-fgf"]


def test_a_jurisdiction_chooses_laws_and_an_unknown_one_is_refused() -> None:
    found = regime(SOURCE, "Meta", date(2026, 6, 1), jurisdiction="EU")
    assert {each.law.jurisdiction for each in found.laws} == {"eu"}
    with pytest.raises(UnknownName):
        regime(SOURCE, "Meta", date(2026, 6, 1), jurisdiction="mars")


def test_an_answer_names_a_framework_that_is_listed() -> None:
    for law in laws_of(SOURCE):
        for each in law.answers:
            for version in each.versions:
                assert LISTED[f"{each.framework}@{version}"].lab == each.lab


@pytest.mark.parametrize("said", ["openai", " OpenAI ", "open"])
def test_a_lab_is_named_by_a_part_that_only_one_has(said: str) -> None:
    assert lab_named(SOURCE, said) == "OpenAI"


@pytest.mark.parametrize("said", ["", "a", "Acme"])
def test_a_part_that_several_or_none_have_is_refused(said: str) -> None:
    with pytest.raises(UnknownName):
        lab_named(SOURCE, said)


def test_a_missing_table_is_an_error_and_never_an_empty_regime(tmp_path: Path) -> None:
    file = find_frameworks() / "amazon-fmsf@2025-02.yaml"
    (tmp_path / file.name).write_bytes(file.read_bytes())
    source = PolicyFiles(shipped=tmp_path, own_policies=None, own_sets=None)
    with pytest.raises(OutsideError):
        regime(source, "Amazon", date(2026, 1, 1))
