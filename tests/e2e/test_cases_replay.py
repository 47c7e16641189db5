"""Every case of `examples/` is decided on the real path and gives what its `expected.json` says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.documents import read_case
from scalegate.app.replaying import without_causes
from scalegate.evidence.model import Kind
from tests.e2e.replaying import EXAMPLES, case_folders, differs, policy_of, replay

CASES = [pytest.param(folder, id=folder.name) for folder in case_folders()]
THREE_LABS = ("anthropic-rsp@2.2", "openai-pf@2", "gdm-fsf@3.1")


@cache
def found(folder: Path) -> dict[str, Any]:
    return replay(folder)


@cache
def expected(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "expected.json").read_text(encoding="utf-8")))


def findings(case: str, framework: str) -> dict[str, dict[str, Any]]:
    return dict(expected(EXAMPLES / case)["frameworks"][framework]["findings"])


def test_the_four_cases_of_the_demo_are_there() -> None:
    names = {folder.name for folder in case_folders()}
    assert names == {"inspect-logs", "metr-horizon", "opus-4", "sonnet-4"}


@pytest.mark.parametrize("folder", CASES)
def test_the_engine_finds_what_the_case_expects(folder: Path) -> None:
    assert found(folder) == without_causes(expected(folder))


@pytest.mark.parametrize("folder", CASES)
def test_every_difference_from_a_published_determination_has_its_cause(folder: Path) -> None:
    for name, part in expected(folder)["frameworks"].items():
        for threshold, finding in part["findings"].items():
            has_cause = len(finding.get("cause", "")) > 40
            assert has_cause == differs(finding), f"{name}/{threshold}"


@pytest.mark.parametrize("folder", CASES)
def test_every_case_asks_all_three_labs_policies_and_resolves_its_indicator_sets(
    folder: Path,
) -> None:
    case = read_case(folder)
    assert case.file.frameworks == THREE_LABS
    named = [item.id for name in THREE_LABS for item in policy_of(case, name)[1]]
    assert sorted(named) == sorted(case.file.indicator_sets)


@pytest.mark.parametrize("folder", CASES)
def test_no_gate_of_another_labs_policy_is_open_without_evidence(folder: Path) -> None:
    """A model that nobody assessed under a policy passes none of its gates."""
    for name in THREE_LABS[1:]:
        part = expected(folder)["frameworks"][name]
        assert {item["status"] for item in part["findings"].values()} == {"unassessed"}
        assert {gate["effect"] for gate in part["gates"]} <= {"hold", "ungoverned"}


def test_the_runs_feed_the_one_threshold_that_names_a_task_length_and_no_other() -> None:
    reached = {
        f"{name}/{threshold}"
        for name in THREE_LABS
        for threshold, finding in findings("metr-horizon", name).items()
        if finding["own"] != "unassessed"
    }
    assert reached == {"anthropic-rsp@2.2/checkpoint-2-8h"}
    assert findings("metr-horizon", THREE_LABS[0])["checkpoint-2-8h"]["own"] == "not_ruled_out"


def test_logs_that_measure_no_named_capability_are_bound_to_none() -> None:
    case = read_case(EXAMPLES / "inspect-logs")
    assert not [record for record in case.records if record.kind is Kind.MAPPING]
    assert len(case.logs) == 10


def test_opus_4_agrees_with_its_determination_on_cbrn_3_and_sonnet_4_does_not() -> None:
    """Card of Claude Opus 4 and Claude Sonnet 4, 1.2.3 and 1.2.4, p. 9-10."""
    opus, sonnet = (findings(case, THREE_LABS[0])["CBRN-3"] for case in ("opus-4", "sonnet-4"))
    assert {item["grade"] for item in opus["determinations"]} == {"agrees"}
    assert {item["grade"] for item in sonnet["determinations"]} == {"against_indicators"}
