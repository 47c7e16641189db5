"""Case files and histories; reading their folders from disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scalegate.adapters.documents import read_case, read_document, read_documents, read_history
from scalegate.base.errors import DocumentFaults, FormatError, UsageError
from scalegate.evidence.case import Case, history_of, parse_case
from scalegate.evidence.documents.results import HorizonFile
from scalegate.evidence.horizon import parse_horizon_file

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs" / "reference" / "examples"
CASE = (EXAMPLES / "case.yaml").read_text(encoding="utf-8")
RUNS = (
    '{"task_id": "t/1", "task_family": "t", "alias": "o1", "human_minutes": 4.5,'
    ' "score_binarized": 1, "equal_task_weight": 0.25, "fatal_error_from": null}\n'
    '{"task_id": "u/1", "task_family": "u", "alias": "o1", "human_minutes": 480,'
    ' "score_binarized": 0, "fatal_error_from": "usageLimits"}\n\n'
    '{"alias": "human"}\n'
)
HORIZON = """\
schema: scalegate/horizon-runs@1
id: h
subject: model:o1
true_from: 2025-02-27
known_from: 2025-02-27
source: {{document: Runs, mark: synthetic}}
payload:
  eval: {{name: suite}}
  variant: unstated
  file: {{path: "{path}", sha256: {sha256}, format: metr-runs-jsonl, alias: o1}}
"""


EXPECTED: dict[str, object] = {
    "schema": "scalegate/expected@1",
    "case": "c",
    "frameworks": {
        "toy@1": {"findings": {}, "gates": [{"gate": "external_general", "effect": "hold"}]}
    },
}


def write_case(folder: Path, text: str = CASE) -> Path:
    for name in ("documents/deeper", "logs", "indicators"):
        (folder / name).mkdir(parents=True)
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    for index, kind in enumerate(("judgement", "act", "uplift-trial")):
        target = folder / "documents" / ("deeper" if index else ".") / f"{kind}.yaml"
        target.write_text((EXAMPLES / f"{kind}.yaml").read_text("utf-8"), encoding="utf-8")
    (folder / "logs" / "b.eval").write_bytes(b"b")
    (folder / "logs" / "a.json").write_bytes(b"a")
    (folder / "logs" / "note.txt").write_bytes(b"x")
    (folder / "indicators" / "set.yaml").write_text("id: set\n", encoding="utf-8")
    (folder / "expected.json").write_text(json.dumps(EXPECTED), encoding="utf-8")
    (folder / "README.md").write_text("# A case\n", encoding="utf-8")
    return folder


def horizon(folder: Path, *, path: str = "runs.jsonl", text: str = RUNS) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "runs.jsonl").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    document = folder / "h.yaml"
    document.write_text(HORIZON.format(path=path, sha256=digest), encoding="utf-8")
    return document


def faults_of(call: Callable[..., object], *arguments: object) -> list[tuple[str | None, str]]:
    with pytest.raises(DocumentFaults) as raised:
        call(*arguments)
    return [(fault.file, fault.what) for fault in raised.value.faults]


def test_a_case_file_is_read() -> None:
    case = parse_case(CASE, file="case.yaml")
    assert (case.subject, case.lab) == ("model:claude-opus-4", "lab:anthropic")
    assert [(asked.gate, asked.ask, asked.of) for asked in case.gates] == [
        ("external_general", "start", None)
    ]
    assert case.known_at is None


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("case@1", "case@2", "not a case file"),
        ("as_of: 2025-05-22", "as_of: 2025-05-22T10:00", "instant without a zone"),
        ("[anthropic-rsp@2.2]", "[]", "value out of range"),
        ("[anthropic-rsp@2.2]", "[anthropic-rsp]", "value not accepted"),
        ("[anthropic-rsp@2.2]", "[anthropic-rsp@2.2, anthropic-rsp@2.2]", "framework named twice"),
        ("ask: start}", "ask: start}\n  - {gate: external_general}", "gate asked twice"),
        ("gate: external_general", "gate: everywhere", "value not accepted"),
        ("title:", "titel:", "field missing"),
    ],
)
def test_what_is_wrong_with_a_case_file_is_told(old: str, new: str, what: str) -> None:
    assert old in CASE
    assert what in [each[1] for each in faults_of(parse_case, CASE.replace(old, new, 1))]


def test_a_case_file_that_is_a_list_is_refused() -> None:
    assert faults_of(parse_case, "[1]") == [(None, "not a case file")]


def test_a_case_folder_is_read_whole(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path / "c"))
    assert [record.file for record in case.records] == [
        "documents/deeper/act.yaml",
        "documents/deeper/uplift-trial.yaml",
        "documents/judgement.yaml",
    ]
    assert case.logs == ("logs/a.json", "logs/b.eval")
    assert dict(case.indicators) == {"indicators/set.yaml": "id: set\n"}
    assert case.expected == EXPECTED
    assert case.readme == "# A case\n"


def test_a_case_needs_only_its_head(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    case = read_case(tmp_path)
    assert (case.records, case.logs, case.expected, case.readme) == ((), (), None, "")


def test_the_faults_of_all_files_of_a_case_are_told_together(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "c", CASE.replace("lab: lab:anthropic\n", ""))
    (folder / "documents" / "bad.yaml").write_text("a: yes\n", encoding="utf-8")
    (folder / "documents" / "latin.yaml").write_bytes(b"a: caf\xe9\n")
    (folder / "expected.json").write_text("[1]", encoding="utf-8")
    assert set(faults_of(read_case, folder)) == {
        ("case.yaml", "field missing"),
        ("documents/bad.yaml", "word reads differently elsewhere"),
        ("documents/latin.yaml", "not UTF-8 text"),
        ("expected.json", "not an expectation"),
    }


def test_a_missing_folder_or_head_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        read_case(tmp_path / "nothing")
    with pytest.raises(UsageError, match=r"case\.yaml"):
        read_case(tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        read_history(tmp_path / "nothing")
    with pytest.raises(UsageError, match="cannot open"):
        read_document(tmp_path / "nothing.yaml")


def test_a_history_is_the_cases_of_one_lab_in_order(tmp_path: Path) -> None:
    later = CASE.replace("id: claude-opus-4-2025-05-22", "id: later").replace(
        "as_of: 2025-05-22", "as_of: 2025-08-05"
    )
    write_case(tmp_path / "a-later", later)
    write_case(tmp_path / "b-first")
    (tmp_path / "README.md").write_text("not a case", encoding="utf-8")
    history = read_history(tmp_path)
    assert history.lab == "lab:anthropic"
    assert [case.file.id for case in history.cases] == ["claude-opus-4-2025-05-22", "later"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"effect": "allowed"}, "frameworks.toy@1.gates[0].effect"),
        ({"publishd": "open"}, "frameworks.toy@1.gates[0].publishd"),
        ({"because": "bad luck"}, "frameworks.toy@1.gates[0].because"),
    ],
)
def test_a_wrong_expectation_is_a_fault_with_its_place(
    tmp_path: Path, change: dict[str, str], path: str
) -> None:
    folder = write_case(tmp_path / "one")
    gates = [{"gate": "external_general", "effect": "hold", **change}]
    part = {"toy@1": {"findings": {}, "gates": gates}}
    text = json.dumps({**EXPECTED, "frameworks": part})
    (folder / "expected.json").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentFaults) as raised:
        read_case(folder)
    assert [(fault.file, fault.path) for fault in raised.value.faults] == [("expected.json", path)]


def test_what_is_wrong_with_the_cases_of_a_history_names_their_folder(tmp_path: Path) -> None:
    write_case(tmp_path / "one", CASE.replace("title:", "titel:"))
    assert faults_of(read_history, tmp_path) == [
        ("one/case.yaml", "field missing"),
        ("one/case.yaml", "unknown field"),
    ]


def test_cases_of_two_labs_or_with_one_id_are_no_history() -> None:
    case = Case(file=parse_case(CASE))
    other = replace(case, file=case.file.model_copy(update={"lab": "lab:other", "id": "x"}))
    assert faults_of(history_of, [case, case]) == [
        ("claude-opus-4-2025-05-22", "case id used twice")
    ]
    assert faults_of(history_of, [case, other]) == [("x", "case of another lab")]
    assert faults_of(history_of, []) == [(None, "history without cases")]


def test_documents_are_read_by_file_name_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "c") / "documents"
    (folder / ".draft.yaml").write_text("a: yes", encoding="utf-8")
    assert [record.file for record in read_documents(folder)] == [
        "deeper/act.yaml",
        "deeper/uplift-trial.yaml",
        "judgement.yaml",
    ]


def test_a_horizon_document_brings_the_runs_of_its_file(tmp_path: Path) -> None:
    record = read_document(horizon(tmp_path / "h"))
    assert [(run.task, run.success, run.stopped_by_limit) for run in record.attached] == [
        ("t/1", True, False),
        ("u/1", False, True),
    ]
    assert str(record.attached[0].human_minutes) == "4.5"


def test_a_changed_file_of_runs_is_refused(tmp_path: Path) -> None:
    document = horizon(tmp_path / "h")
    (tmp_path / "h" / "runs.jsonl").write_text(RUNS + "\n", encoding="utf-8")
    with pytest.raises(FormatError, match="another digest"):
        read_document(document)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("not json", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"alias": NaN}', "not a JSON object"),
        ('{"alias": "o1"}', "not a name"),
        (RUNS.split("\n", maxsplit=1)[0].replace("4.5", "0"), "out of range"),
        (RUNS.split("\n", maxsplit=1)[0].replace("4.5", "1e99"), "number out of bounds"),
        (RUNS.split("\n", maxsplit=1)[0].replace("4.5", "true"), "not a number"),
        (RUNS.split("\n", maxsplit=1)[0].replace("0.25", "-0.25"), "out of range"),
        (
            RUNS.split("\n", maxsplit=1)[0].replace('binarized": 1', 'binarized": 0.5'),
            "not a binary score",
        ),
        (
            RUNS.split("\n", maxsplit=1)[0].replace('binarized": 1', 'binarized": true'),
            "not a binary score",
        ),
        ('{"alias": "' + "o" * 100_001 + '"}', "line too long"),
    ],
)
def test_a_broken_line_of_runs_is_told_with_its_number(line: str, what: str) -> None:
    named = HorizonFile(path="runs.jsonl", sha256="a" * 64, format="metr-runs-jsonl", alias="o1")
    with pytest.raises(DocumentFaults) as raised:
        parse_horizon_file(RUNS + line + "\n", named)
    (fault,) = raised.value.faults
    assert (fault.file, fault.line, fault.what) == ("runs.jsonl", 5, what)


def test_a_file_without_the_model_is_refused() -> None:
    named = HorizonFile(path="r", sha256="a" * 64, format="metr-runs-jsonl", alias="o9")
    with pytest.raises(DocumentFaults, match="no run of this model"):
        parse_horizon_file(RUNS, named)
