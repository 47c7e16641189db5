"""Google DeepMind's published decisions: what their history says about alerts, bounds and lines.

That each case is as its `expected.json` records it is tested for the whole library elsewhere.
"""

from __future__ import annotations

from functools import cache

import pytest

from scalegate.adapters.documents import read_case
from scalegate.evidence.case import Case
from scalegate.evidence.documents.records import Act
from scalegate.evidence.documents.results import PublishedResult
from scalegate.evidence.model import Kind
from scalegate.evidence.register import register_from
from tests.e2e.replaying import ROOT, policy_of

LIBRARY = ROOT / "src" / "scalegate" / "frameworks" / "cases" / "google-deepmind"
NAMES = tuple(sorted(file.parent.name for file in LIBRARY.glob("*/case.yaml")))
IN_FORCE = (
    ("2026-04-17", "gdm-fsf@3.1"),
    ("2025-09-22", "gdm-fsf@3.0"),
    ("2025-02-04", "gdm-fsf@2.0"),
)


@cache
def case_named(name: str) -> Case:
    return read_case(LIBRARY / name)


def acts(name: str, kind: str) -> dict[str, Act]:
    """From question to the last act on it, of the questions of one kind."""
    records = case_named(name).records
    found = (record.payload_as(Act) for record in records if record.kind is Kind.ACT)
    return {act.question: act for act in found if act.question.startswith(f"{kind}:")}


def counted(name: str) -> dict[str, tuple[int | None, int | None]]:
    """From a result's id to how many of how many, for results that count."""
    records = case_named(name).records
    found = (record for record in records if record.kind is Kind.PUBLISHED_RESULT)
    return {
        record.id: (result.count, result.of)
        for record in found
        for result in [record.payload_as(PublishedResult)]
        if result.measure == "count_of"
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_decided_by_the_version_in_force_that_day(name: str) -> None:
    case = case_named(name)
    day = case.file.as_of.date().isoformat()
    assert case.file.id == name
    assert next(version for start, version in IN_FORCE if day >= start) in case.file.frameworks


@pytest.mark.parametrize("name", NAMES)
def test_a_determination_is_on_a_level_that_its_version_names(name: str) -> None:
    case = case_named(name)
    levels = {
        f"threshold:{version}/{threshold.id}"
        for version in case.file.frameworks
        for threshold in policy_of(case, version)[0].thresholds
    }
    assert set(acts(name, "threshold")) <= levels


def test_the_key_skills_of_2_5_pro_are_four_cases_and_no_number_wanders() -> None:
    """Card of 27 June 2025, Table 1, p. 11; technical report, Table 10; Deep Think card, p. 8."""
    hard = {
        name: counted(name)["key-skills-hard"]
        for name in NAMES
        if "key-skills-hard" in counted(name)
    }
    assert hard == {
        "gemini-2-5-pro-exp-03-25": (4, 12),
        "gemini-2-5-pro-preview-05-06": (4, 12),
        "gemini-2-5-pro-ga": (1, 12),
        "gemini-2-5-pro-tech-report": (6, 12),
        "gemini-2-5-deep-think": (4, 12),
    }


def test_the_alert_of_cyber_stays_while_that_of_cbrn_follows_its_version() -> None:
    """Deep Think card, p. 8; report on Gemini 3 Pro, p. 5; report on 3.7 Flash, p. 12."""
    versions = {
        "gemini-2-5-deep-think": "2.0",
        "gemini-3-pro": "3.0",
        "gemini-3-1-pro": "3.0",
        "gemini-3-7-flash": "3.1",
    }
    said = {
        name: [
            acts(name, "alert")[f"alert:gdm-fsf@{version}/{level}"].answer
            for level in ("CYBER-UPLIFT-1", "CBRN-UPLIFT-1")
        ]
        for name, version in versions.items()
    }
    assert said == {
        "gemini-2-5-deep-think": ["reached", "reached"],
        "gemini-3-pro": ["reached", "not_reached"],
        "gemini-3-1-pro": ["reached", "not_reached"],
        "gemini-3-7-flash": ["reached", "reached"],
    }


def test_a_bound_leaves_out_cyber_exactly_where_cyber_was_tested_apart() -> None:
    """Cards of Gemini 3 Flash (p. 6), 3.5 Flash, 3.6 Flash, 3.8 Flash: safety assessment."""
    domains = {
        name: {domain for edge in register.bounds for domain in edge.domains}
        for name in NAMES
        for register in [register_from(case_named(name).records)]
        if register.bounds
    }
    assert {name for name, found in domains.items() if "cyber" not in found} == {
        "gemini-3-5-flash",
        "gemini-3-6-flash",
    }
    assert {name for name, found in domains.items() if "cyber" in found} == {
        "gemini-3-flash",
        "gemini-3-8-flash",
    }


def test_only_the_report_that_prints_lines_has_lines() -> None:
    assert [name for name in NAMES if case_named(name).file.indicator_sets] == ["gemini-3-7-flash"]
    case = case_named("gemini-3-7-flash")
    (lines,) = policy_of(case, "gdm-fsf@3.1")[1]
    assert {line.id: (str(line.value), line.of) for line in lines.indicators} == {
        "grb-automation": ("0.90", None),
        "grb-acceleration": ("0.90", None),
        "ssa-stealth": ("4", 4),
        "ssa-awareness": ("11", 11),
    }
