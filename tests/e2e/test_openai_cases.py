"""OpenAI's published decisions: what the folders of the case library must be among themselves.

That each case gives what its `expected.json` says is compared field by field here; the fields that
people write (`cause` and the like) are not found by the engine.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.documents import read_case, read_history
from scalegate.evidence.case import Case
from scalegate.evidence.documents.records import Act
from scalegate.evidence.documents.results import PublishedResult
from scalegate.evidence.model import Kind
from tests.e2e.replaying import ROOT, replay

LIBRARY = ROOT / "src" / "scalegate" / "frameworks" / "cases" / "openai"
FOLDERS = tuple(sorted(file.parent for file in LIBRARY.glob("*/case.yaml")))
CASES = [pytest.param(folder, id=folder.name) for folder in FOLDERS]
FOUND = ("own", "status", "reasons", "flags", "determinations")


@cache
def case_in(folder: Path) -> Case:
    return read_case(folder)


@cache
def expected(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "expected.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("folder", CASES)
def test_the_engine_finds_what_the_case_expects(folder: Path) -> None:
    found = replay(folder)
    for name, part in expected(folder)["frameworks"].items():
        mine = found["frameworks"][name]
        assert mine["findings"].keys() == part["findings"].keys()
        for threshold, said in part["findings"].items():
            computed = {key: mine["findings"][threshold].get(key) for key in FOUND}
            assert computed == {key: said.get(key) for key in FOUND}, f"{name}/{threshold}"
        for decided, said in zip(mine["gates"], part["gates"], strict=True):
            for key in ("gate", "ask", "of", "effect", "inconclusive"):
                assert decided.get(key) == said.get(key), f"{name}: {said['gate']}: {key}"


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


def test_the_history_is_one_lab_in_order_of_instants() -> None:
    history = read_history(LIBRARY)
    assert history.lab == "lab:openai"
    instants = [case.file.as_of for case in history.cases]
    assert instants == sorted(instants)
    assert len(history.cases) == len(FOLDERS)


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
