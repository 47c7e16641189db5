"""The page on second readings is what the comparison finds; every difference has a family."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scalegate.policy.vocabulary import Gate
from tools.compare_second_readings import (
    PAGE,
    SECOND,
    all_compared,
    compared,
    faults_of,
    gate_row,
    page,
)

BRIDGES = tuple(sorted(SECOND.glob("*.bridge.yaml")))
QUICK = (Gate.STORE, Gate.TRAIN)


def test_every_second_reading_has_a_correspondence_or_is_named_as_not_compared() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for path in SECOND.glob("*.yaml"):
        assert f"{path.name.removesuffix('.yaml').removesuffix('.bridge')}" in text


@pytest.mark.parametrize("path", BRIDGES, ids=lambda path: path.name)
def test_the_figures_of_two_gates_are_those_of_the_page(path: Path) -> None:
    found = compared(path, QUICK)
    shown = PAGE.read_text(encoding="utf-8").split(f"## {found.correspondence.policy}\n")[1]
    for gate in QUICK:
        assert gate_row(found, gate) in shown.split("\n## ")[0]
    assert None not in found.by_family()


@pytest.mark.slow
def test_the_page_is_in_step_and_every_difference_has_a_family() -> None:
    found = all_compared()
    assert [fault for each in found for fault in faults_of(each)] == []
    assert PAGE.read_text(encoding="utf-8") == page(found)


@pytest.mark.parametrize("path", BRIDGES, ids=lambda path: path.name)
def test_an_edited_second_reading_is_refused(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    second = SECOND / path.name.replace(".bridge", "")
    digest = hashlib.sha256(second.read_bytes()).hexdigest()
    assert digest in text
    edited = tmp_path / path.name
    edited.write_text(text.replace(digest, "f" * 64), encoding="utf-8")
    with pytest.raises(SystemExit, match="stays unedited"):
        compared(edited)


@pytest.mark.parametrize("path", BRIDGES, ids=lambda path: path.name)
def test_a_variable_that_no_part_names_is_refused(path: Path, tmp_path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    first_act = next(line for line in lines if line.startswith("  - {id:") and "act:" in line)
    lines.remove(first_act)
    edited = tmp_path / path.name
    edited.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SystemExit, match="is in no part"):
        compared(edited)
