"""Every shipped policy has a complete crosswalk, and it says what the sources of it say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from scalegate.adapters.policy_files import PolicyFiles
from scalegate.app.crosswalks import CrosswalkResult, crosswalk
from scalegate.app.workspace import policy_spans
from scalegate.base.errors import OutsideError
from scalegate.policy.vocabulary import Domain, Family, Gate
from scalegate.wiring import find_frameworks, policy_source

SOURCE = policy_source(None)
NAMES = sorted(each.name for each in policy_spans(SOURCE))


@cache
def everything() -> CrosswalkResult:
    """Reading checks each table against each of its policies: dangling, contrary or missing."""
    return crosswalk(SOURCE, NAMES)


def test_every_policy_has_a_table_and_every_analogy_a_reason_and_a_citation() -> None:
    found = everything()
    assert found.without == ()
    assert found.gaps == ()
    assert {each.framework for each in found.analogies} == set(NAMES)
    assert all(each.why and each.cites and each.native for each in found.analogies)


def test_the_shared_words_are_those_of_the_vocabulary() -> None:
    words = everything().words
    assert set(words.of_kind("domain")) == {item.value for item in Domain}
    assert set(words.of_kind("gate")) == {item.value for item in Gate}
    assert set(words.of_kind("safeguard")) == {item.value for item in Family} | {"several"}


@pytest.mark.parametrize(
    ("framework", "native", "neutral"),
    [
        ("openai-pf@2", "CYBER-HIGH", "serious"),
        ("openai-pf@2", "CYBER-CRITICAL", "extreme"),
        ("openai-pf@2", "NUCLEAR", "watched"),
        ("gdm-fsf@3.1", "CBRN-UPLIFT-TCL", "tracked"),
        ("gdm-fsf@3.1", "MLRD-ACCELERATION-1", "serious"),
        ("gdm-fsf@3.1", "MLRD-AUTOMATION-1", "extreme"),
        ("anthropic-rsp@3.4", "CB-1", "serious"),
        ("anthropic-rsp@3.4", "CB-2", "extreme"),
        ("anthropic-rsp@3.4", "TM2", "extreme"),
    ],
)
def test_tiers_of_the_three_labs(framework: str, native: str, neutral: str) -> None:
    tiers = [
        each.neutral
        for each in everything().analogies
        if (each.framework, each.kind, each.native) == (framework, "tier", native)
    ]
    assert tiers == [neutral]


def test_gates_of_which_a_text_is_silent_are_told_with_where_it_was_searched() -> None:
    silent = {(name, gate) for name, gate, where in everything().silent if where}
    assert ("naver-asf@2.0", "train") in silent
    assert ("openai-pf@beta", "store") in silent


def test_a_filter_leaves_only_what_was_asked_for() -> None:
    found = crosswalk(SOURCE, ["openai-pf@2"], kind="tier", word="serious")
    assert {each.native for each in found.analogies} == {"BIO-HIGH", "CYBER-HIGH", "AISI-HIGH"}
    assert found.silent == ()


def test_missing_words_are_an_error_and_never_an_empty_crosswalk(tmp_path: Path) -> None:
    file = find_frameworks() / "amazon-fmsf@2025-02.yaml"
    (tmp_path / file.name).write_bytes(file.read_bytes())
    source = PolicyFiles(shipped=tmp_path, own_policies=None, own_sets=None)
    with pytest.raises(OutsideError):
        crosswalk(source, ["amazon-fmsf@2025-02"])
