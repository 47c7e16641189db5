"""The library of cases: what is a case in it, what is a fault, and in which order they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalegate.adapters.case_library import CaseLibrary
from scalegate.base.errors import DocumentFaults, FormatError, OutsideError, UnknownName
from scalegate.ports import FiledCase
from scalegate.wiring import case_source

LIBRARY = Path("src/scalegate/frameworks/cases")


def unread(folder: Path, name: str) -> FiledCase:
    raise AssertionError(f"{name} was read")


def library(root: Path) -> CaseLibrary:
    return CaseLibrary(root, unread)


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "case.yaml").write_text("schema: scalegate/case@1\n", encoding="utf-8")


def test_names_are_sorted_and_nothing_is_read_for_them(tmp_path: Path) -> None:
    put(tmp_path, "openai/o1", "anthropic/claude-3", "anthropic/claude-2")
    (tmp_path / "anthropic" / "README.md").write_text("For readers.", encoding="utf-8")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "openai" / ".cache").mkdir()
    assert library(tmp_path).names() == ("anthropic/claude-2", "anthropic/claude-3", "openai/o1")


def test_a_folder_without_a_case_is_a_fault_and_never_skipped(tmp_path: Path) -> None:
    put(tmp_path, "anthropic/claude-2")
    (tmp_path / "anthropic" / "claude-3").mkdir()
    with pytest.raises(FormatError, match="folder without a case") as fault:
        library(tmp_path).names()
    assert "anthropic/claude-3" in str(fault.value)


@pytest.mark.parametrize("place", ["anthropic/link", "link"])
def test_a_link_is_a_fault_wherever_it_leads(tmp_path: Path, place: str) -> None:
    root = tmp_path / "library"
    put(root, "anthropic/claude-2")
    put(tmp_path, "elsewhere")
    (root / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FormatError, match="symbolic link"):
        library(root).names()


def test_a_missing_library_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot list `nowhere/`"):
        library(tmp_path / "nowhere").names()


@pytest.mark.parametrize("name", ["anthropic/claude-99", "../outside", "anthropic"])
def test_only_a_listed_name_is_read(tmp_path: Path, name: str) -> None:
    put(tmp_path / "library", "anthropic/claude-2")
    put(tmp_path, "outside")
    with pytest.raises(UnknownName, match="unknown case"):
        library(tmp_path / "library").read(name)


def test_a_folder_anywhere_has_its_own_name_and_every_fault_is_told(tmp_path: Path) -> None:
    put(tmp_path, "mine")
    with pytest.raises(DocumentFaults) as faults:
        case_source().read_folder(tmp_path / "mine")
    assert "case.yaml" in str(faults.value)
    assert case_source().read_folder(LIBRARY / "anthropic" / "claude-2").name == "claude-2"
