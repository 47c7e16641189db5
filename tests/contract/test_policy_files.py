"""The shipped policies are all there, or it is an error: a policy left out would decide nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scalegate.adapters.policy_files import PolicyFiles
from scalegate.app.workspace import framework_entries, policy_spans
from scalegate.base.errors import DocumentFaults, FormatError, OutsideError
from scalegate.wiring import find_frameworks, policy_source

FOLDER = find_frameworks()
INDEX = (FOLDER / "index.txt").read_text(encoding="utf-8").split()


def copied(tmp_path: Path, *, without: str = "") -> PolicyFiles:
    for name in INDEX[:4]:
        if name != without:
            shutil.copy(FOLDER / name, tmp_path / name)
    return PolicyFiles(shipped=tmp_path, own_policies=None, own_sets=None, expected=INDEX[:4])


def test_the_index_names_each_shipped_policy_in_order() -> None:
    """After a policy was added: `ls *.yaml > index.txt` in the folder of the frameworks."""
    assert sorted(path.name for path in FOLDER.glob("*.yaml")) == INDEX


def test_a_shipped_policy_that_is_missing_is_an_error_and_never_a_shorter_list(
    tmp_path: Path,
) -> None:
    assert len(copied(tmp_path).policies()) == 4
    shorter = tmp_path / "shorter"
    shorter.mkdir()
    source = copied(shorter, without=INDEX[2])
    with pytest.raises(OutsideError, match=INDEX[2]):
        source.policies()
    with pytest.raises(OutsideError):
        policy_spans(source)


def test_a_list_of_shipped_policies_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scalegate.wiring.shipped.find_frameworks", lambda: tmp_path)
    with pytest.raises(OutsideError, match=r"index\.txt"):
        policy_source()


def test_a_shipped_policy_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    source = copied(tmp_path)
    (tmp_path / INDEX[0]).write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match="not UTF-8"):
        source.policies()
    (tmp_path / INDEX[0]).write_text("schema: scalegate/policy@1\n", encoding="utf-8")
    with pytest.raises(DocumentFaults):
        framework_entries(source)


def test_the_list_of_policies_tells_of_each_what_its_document_says() -> None:
    entries = {each.name: each for each in framework_entries(policy_source())}
    assert sorted(f"{name}.yaml" for name in entries) == INDEX
    assert entries["openai-pf@beta"].superseded_on == "2025-04-15"
