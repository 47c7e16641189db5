"""Bad policies: each is one message with file, line, expected and got, and exit 2.

The list is that of the issue on frameworks. What is wrong in several places is said at once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.cli.main import main
from scalegate.policy.parse import parse_policy
from tests.unit.policy.toy import TOY, line_of

DANGLING = TOY.replace("{met: S1}, {substitute", "{met: S9}, {substitute", 1)
BAD: dict[str, tuple[str, str, str, str]] = {
    # the document, what stands on the line of the fault, expected, got
    "a dangling reference": (DANGLING, "S9", "`S1`", "`S9`"),
    "a cycle in the ladder": (
        TOY.replace("statement: one,", "statement: one, above: [B2],"),
        "id: B1",
        "an order without a cycle",
        "`B1`",
    ),
    "a commitment that names no gate": (
        TOY.replace("    at: [external_general]\n", "    at: []\n"),
        "at: []",
        "at least 1",
        "`[]`",
    ),
    "a commitment without gates": (
        TOY.replace("    at: [external_general]\n", ""),
        "id: C2",
        "`at`",
        "",
    ),
    "an unknown gate": (
        TOY.replace("at: [external_general]", "at: [moon]"),
        "moon",
        "external_general",
        "`moon`",
    ),
    "an unknown modality": (
        TOY.replace("modality: must", "modality: ought"),
        "ought",
        "one of recommends_industry, may, aim, intend, would, will, must",
        "`ought`",
    ),
    "a number without a unit": (TOY.replace(" unit: share,", "", 1), "b1-out", "`unit`", ""),
    "a number without a source": (
        TOY.replace(', statement: q, cite: {document: Toy, section: "1"}}', ", statement: q}", 1),
        "b1-out",
        "`cite`",
        "",
    ),
    "a number that is not exact": (
        TOY.replace("value: 0.5", "value: .inf", 1),
        "b1-out",
        "a finite number",
        "`.inf`",
    ),
    "a time where a day is asked": (
        TOY.replace('"2025-01-01"', '"2025-01-01T10:00:00"'),
        "T10",
        "a day, without a time",
        "`2025-01-01T10:00:00`",
    ),
    "a day that there is not": (
        TOY.replace('"2025-01-01"', '"2025-02-31"'),
        "02-31",
        "a day that there is",
        "`2025-02-31`",
    ),
    "a duplicate key": (
        TOY.replace("lab: Toy lab\n", "lab: Toy lab\nlab: Other\n"),
        "lab: Other",
        "each key once",
        "`lab` again",
    ),
    "a tag": (
        TOY.replace("lab: Toy lab", "lab: !!python/object/apply:os.system [ls]"),
        "os.system",
        "the value itself",
        "tag",
    ),
    "a bomb": ("a: &a [x, x]\nb: [*a, *a]\n", "a: &a", "the value itself", "anchor `&a`"),
    "a depth that exhausts": ("a: " + "[" * 2000 + "]" * 2000, "a:", "at most 64 levels", "more"),
}


def faults_of(text: str) -> tuple[FormatError, ...]:
    with pytest.raises(DocumentFaults) as refused:
        parse_policy(text, file="bad.yaml")
    return refused.value.faults


@pytest.mark.parametrize(("text", "at", "expected", "got"), BAD.values(), ids=BAD)
def test_a_bad_policy_is_said_with_file_line_expected_and_got(
    text: str, at: str, expected: str, got: str
) -> None:
    assert text != TOY
    line = line_of(text, at)
    found = [fault for fault in faults_of(text) if abs((fault.line or 0) - line) <= 1]
    assert [fault for fault in found if expected in fault.expected and got in fault.got], [
        str(fault) for fault in faults_of(text)
    ]
    assert all(fault.file == "bad.yaml" for fault in faults_of(text))


@pytest.mark.parametrize("name", BAD)
def test_it_ends_with_exit_2_and_no_traceback(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD[name][0], encoding="utf-8")
    assert main(["lint", str(path)]) == 2
    printed = capsys.readouterr()
    assert "bad.yaml:" in printed.out.replace("\n", "")  # the path may be folded at 80 columns
    assert "Traceback" not in printed.out + printed.err


def test_faults_of_shape_and_of_reference_come_in_one_message() -> None:
    text = DANGLING.replace("modality: must", "modality: ought").replace("lab: Toy lab", "lab: 7")
    text = text.replace(" by: [ceo]", " by: [cfo]").replace('"2025-01-01"', '"2025-13-01"')
    assert {(fault.path, fault.got) for fault in faults_of(text)} == {
        ("lab", "`7`"),
        ("effective_on", "`2025-13-01`"),
        ("commitments[0].modality", "`ought`"),
        ("commitments[0].require", "`S9`"),
        ("questions[0].by", "`cfo`"),
    }


def test_a_reference_to_an_entry_that_is_wrong_is_no_second_fault() -> None:
    """The threshold is there, only wrong; its ladder is not dangling."""
    text = TOY.replace("{id: B1, native: B1, domain: bio,", "{id: B1, native: [], domain: [],")
    assert {fault.path.rpartition(".")[0] for fault in faults_of(text)} == {"thresholds[0]"}


def test_what_is_no_policy_at_all_is_refused_without_more() -> None:
    assert faults_of("[1, 2]\n")
    assert {fault.what for fault in faults_of("schema: scalegate/policy@1\n")} == {"missing field"}
