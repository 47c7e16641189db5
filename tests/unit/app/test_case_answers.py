"""A lab taken at its word: what that grants, and what it never grants."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from scalegate.adapters.documents import read_case
from scalegate.app.case_answers import at_its_word, case_inputs, shelf_of
from scalegate.base.errors import UnknownName
from scalegate.evidence.bundle import bundle_of
from scalegate.gate.assess import assess
from scalegate.gate.model import Assessment
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Flag, Level, SafeguardState
from scalegate.wiring import policy_source

LIBRARY = Path("src/scalegate/frameworks/cases/anthropic")
SHELF = shelf_of(policy_source())
APPROVALS = """
  approvals:
  - {{role: {role}, approved_at: '2026-08-14'}}
"""


def known(folder: Path) -> Assessment:
    case = read_case(folder)
    inputs = case_inputs(case, bundle_of(case.records, {}), case.file.frameworks[0], SHELF)
    gate = case.file.gates[0]
    return assess(inputs, gate.of or case.file.subject, case.file.as_of)


@cache
def of_library(name: str) -> tuple[Assessment, Situation]:
    assessment = known(LIBRARY / name)
    return assessment, at_its_word(assessment)


def test_a_determination_has_its_published_level_whether_or_not_it_counts() -> None:
    assessment, trusting = of_library("claude-opus-4-7")
    on_record = assessment.situation.statuses
    assert on_record["CB-2"].level is Level.UNASSESSED
    assert trusting.statuses["CB-2"].level is Level.RULED_OUT
    assert trusting.statuses["CB-1"].level is Level.CROSSED
    assert Flag.TREATED_AS in trusting.statuses["CB-1"].flags


def test_a_threshold_without_a_determination_stays_as_it_is() -> None:
    assessment, trusting = of_library("claude-opus-5-5")
    assert trusting.statuses["TM1"] == assessment.situation.statuses["TM1"]
    assert trusting.statuses["TM1"].level is Level.UNASSESSED


def test_what_stands_above_a_threshold_ruled_out_is_ruled_out_and_no_other() -> None:
    _, trusting = of_library("claude-sonnet-4")
    # Sonnet 4: ruled out at CBRN-3, so at CBRN-4 above it, of which the card determines nothing.
    assert trusting.statuses["CBRN-3"].level is Level.RULED_OUT
    assert trusting.statuses["CBRN-4"].level is Level.RULED_OUT
    assessment, opus = of_library("claude-opus-4-1")
    assert opus.statuses["CBRN-3"].level is not Level.RULED_OUT
    assert opus.statuses["CBRN-4"] == assessment.situation.statuses["CBRN-4"]


def test_a_claimed_safeguard_is_granted_and_an_unclaimed_one_is_not() -> None:
    assessment, trusting = of_library("claude-mythos-preview")
    claimed = [name for name, found in assessment.safeguards.items() if found.claimed]
    assert claimed
    for name, state in trusting.safeguards.items():
        if name in claimed:
            assert state is SafeguardState.LIVE_AND_SUFFICIENT
        else:
            assert state is assessment.situation.safeguards[name]


def test_procedure_is_taken_as_followed_and_facts_are_not_made_up() -> None:
    assessment, trusting = of_library("claude-mythos-preview")
    assert all(trusting.acts.values())
    assert trusting.documents["risk-report.approved"]
    assert trusting.facts == assessment.situation.facts


@pytest.mark.parametrize(
    ("role", "approved"),
    [
        # A report that names nobody is silent; one that names somebody says who approved it.
        (None, True),
        ("somebody-else", False),
    ],
)
def test_who_approved_a_document_is_granted_only_where_it_names_nobody(
    tmp_path: Path, role: str | None, approved: bool
) -> None:
    folder = Path(shutil.copytree(LIBRARY / "model-2-internal", tmp_path / "copy"))
    if role:
        file = folder / "documents" / "risk-report-august-2026.yaml"
        text = file.read_text(encoding="utf-8").rstrip("\n")
        file.write_text(text + APPROVALS.format(role=role), encoding="utf-8")
    assessment = known(folder)
    assert not assessment.situation.documents["risk-report.approved"]
    assert at_its_word(assessment).documents["risk-report.approved"] is approved


def test_an_unpublished_document_stays_unpublished(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LIBRARY / "model-2-internal", tmp_path / "copy"))
    file = folder / "documents" / "risk-report-august-2026.yaml"
    text = file.read_text(encoding="utf-8")
    unpublished = text.replace("published: true", "published: false")
    file.write_text(unpublished.replace("  published_at: '2026-08-14'\n", ""), encoding="utf-8")
    trusting = at_its_word(known(folder))
    assert not trusting.documents["risk-report.published"]
    assert trusting.documents["external-review.published"]


def test_a_question_that_somebody_denied_stays_denied(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LIBRARY / "model-2-internal", tmp_path / "copy"))
    act = folder / "documents" / "determine-tm2-anthropic-model-2.yaml"
    text = act.read_text(encoding="utf-8")
    denied = (
        text.replace("determine-tm2-anthropic-model-2", "denied")
        .replace("act: determine", "act: approve")
        .replace(
            "threshold:anthropic-rsp@3.4/TM2", "question:anthropic-rsp@3.4/board-and-trust-approval"
        )
        .replace("answer: not_crossed", "answer: refused")
    )
    (folder / "documents" / "denied.yaml").write_text(denied, encoding="utf-8")
    trusting = at_its_word(known(folder))
    assert not trusting.acts["board-and-trust-approval"]
    assert trusting.acts["development-deployment-approval"]


def test_everything_else_of_the_situation_is_untouched() -> None:
    assessment, trusting = of_library("claude-mythos-5")
    same = replace(
        trusting,
        statuses=assessment.situation.statuses,
        safeguards=assessment.situation.safeguards,
        acts=assessment.situation.acts,
        documents=assessment.situation.documents,
    )
    assert same == assessment.situation


def test_a_framework_that_is_not_shipped_is_named() -> None:
    with pytest.raises(UnknownName, match="unknown framework `anthropic-rsp@9`"):
        SHELF.policy("anthropic-rsp@9")
