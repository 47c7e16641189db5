"""OpenAI's published decisions: what the folders of the case library must be among themselves.

That each case gives what its `expected.json` says is proved in `test_published_decisions`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.documents import read_case
from scalegate.evidence.case import Case
from scalegate.evidence.documents.records import Act
from scalegate.evidence.documents.results import PublishedResult
from scalegate.evidence.documents.safeguards import SafeguardStatus
from scalegate.evidence.model import Kind
from tests.e2e.replaying import ROOT, replay

LIBRARY = ROOT / "src" / "scalegate" / "frameworks" / "cases" / "openai"
FOLDERS = tuple(sorted(file.parent for file in LIBRARY.glob("*/case.yaml")))
CASES = [pytest.param(folder, id=folder.name) for folder in FOLDERS]
PF, FGF = "openai-pf@2", "openai-fgf@2026-05"
HELD_RUNS = ("run:experimental-1", "run:experimental-2")


@cache
def case_in(folder: Path) -> Case:
    return read_case(folder)


@cache
def decided(name: str) -> dict[str, Any]:
    """Decide a case anew."""
    return replay(LIBRARY / name)


def gates(name: str, framework: str = PF) -> dict[str, str]:
    """Return the effect on the record at each gate of a case, by what asks."""
    rows = decided(name)["frameworks"][framework]["gates"]
    return {row.get("of") or row["gate"]: row["effect"] for row in rows}


def determined(name: str, threshold: str) -> dict[str, Any]:
    found: dict[str, Any] = decided(name)["frameworks"][PF]["findings"][threshold]
    return found


@pytest.mark.parametrize("folder", CASES)
def test_every_case_is_named_for_its_folder_and_asks_the_policies_in_force(folder: Path) -> None:
    case = case_in(folder).file
    assert case.id == folder.name
    assert case.lab == "lab:openai"
    day = case.as_of.date().isoformat()
    in_force = ["openai-pf@beta" if day < "2025-04-15" else "openai-pf@2"]
    in_force += ["openai-fgf@2026-05"] if day >= "2026-05-28" else []
    assert list(case.frameworks) == in_force


@pytest.mark.parametrize("folder", CASES)
def test_every_determination_rests_on_a_document_of_its_folder(folder: Path) -> None:
    case = case_in(folder)
    papers = {record.id for record in case.records if record.kind is Kind.DOCUMENT}
    acts = [record for record in case.records if record.kind is Kind.ACT]
    assert acts
    for record in acts:
        assert set(record.payload_as(Act).grounds) & papers, record.id


def test_a_number_that_a_later_card_restates_is_a_case_of_its_own() -> None:
    """Of the first card 2.5 % of professional CTFs, of the card of o1 16 %; never in one folder."""
    values = {
        folder: {
            str(record.payload_as(PublishedResult).value)
            for record in case_in(LIBRARY / folder).records
            if record.kind is Kind.PUBLISHED_RESULT and record.id == "ctf-professional"
        }
        for folder in ("o1-preview-2024-09", "o1-preview-restated-2024-12")
    }
    assert values == {"o1-preview-2024-09": {"0.025"}, "o1-preview-restated-2024-12": {"0.16"}}


def test_on_one_day_of_the_hold_the_large_run_is_open_and_the_experimental_runs_are_held() -> None:
    """Path to Astra, 1 September 2026, on 28 August; the standard is an assumption."""
    assert gates("astra-hold-4") == {
        "run:large-frontier-rl": "allow",
        "run:experimental-1": "hold",
        "run:experimental-2": "hold",
    }


def test_without_the_assumed_standard_the_frameworks_own_text_holds_the_large_run() -> None:
    """PF 2, Table 1 and 4.4: halt until a Critical standard is specified; none is published."""
    assert set(gates("astra-hold-4-without-standard").values()) == {"hold"}
    assert set(gates("gpt-6-astra-2026-09").values()) == {"hold"}


@pytest.mark.parametrize("step", ["astra-hold-5", "astra-hold-6"])
def test_once_critical_the_deployment_is_restricted_and_the_experimental_runs_stay_held(
    step: str,
) -> None:
    found = gates(step)
    assert found["deployment:gpt-6-astra-general"] == "restrict"
    assert found["run:large-frontier-rl"] == "allow"
    assert {found[run] for run in HELD_RUNS} == {"hold"}


def test_the_six_steps_hold_the_large_run_until_the_fourth() -> None:
    large = [gates(f"astra-hold-{step}")["run:large-frontier-rl"] for step in range(1, 7)]
    assert large == ["hold", "hold", "hold", "allow", "allow", "allow"]


def test_what_the_lab_holds_is_selected_by_label_and_reaches_no_other_run() -> None:
    """Under a policy that does not hold training itself, only what the orders select is held."""
    assert gates("astra-hold-3", FGF) == {
        "run:deployment-bound-rl": "allow_with",
        "run:large-frontier-rl": "hold",
        "run:cluster-inference-with-tools": "hold",
    }


def test_every_assumption_of_the_hold_says_that_it_is_one_and_that_no_text_is_public() -> None:
    assumed = [
        record
        for folder in FOLDERS
        for record in case_in(folder).records
        if record.id.startswith("assumed-")
    ]
    assert assumed
    for record in assumed:
        assert (record.note or "").startswith("Assumption of this case"), record.id
        if record.kind is Kind.SAFEGUARD_STATUS:
            assert record.payload_as(SafeguardStatus).specification == "withheld", record.id


def test_no_indicator_over_its_line_and_yet_high_the_engine_alone_agrees_on_gpt_5() -> None:
    """GPT-5 card, 5.1.1: 33 % of 156 questions against 36.4 %, treated as High."""
    found = determined("gpt-5-thinking-2025-08", "BIO-HIGH")
    assert (found["own"], found["published"], found["flags"]) == (
        "not_ruled_out",
        "not_ruled_out",
        ["treated_as"],
    )


def test_a_missed_canary_rules_out_and_reached_canaries_do_not_rule_in() -> None:
    """Necessary, not sufficient (5.1.2 of the cards of GPT-5.1-Codex-Max and GPT-5.3-Codex)."""
    own = {
        name: determined(name, "CYBER-HIGH")["own"]
        for name in ("gpt-5.1-codex-max-2025-11", "gpt-5.3-codex-2026-02")
    }
    assert own == {
        "gpt-5.1-codex-max-2025-11": "ruled_out",
        "gpt-5.3-codex-2026-02": "not_ruled_out",
    }
