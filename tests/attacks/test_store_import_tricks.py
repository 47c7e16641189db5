"""What is offered for import may be hostile: links, pipes, names, damaged and misleading files."""

from __future__ import annotations

import json
import os
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given as given_bytes
from hypothesis import strategies

from scalegate import wiring
from scalegate.app.importing import ImportedFile, ImportOutcome, ImportReport, import_paths
from scalegate.app.recognise import HEAD_BYTES, FileKind, recognise
from scalegate.app.workspace import Workspace, check_workspace
from scalegate.base.errors import UsageError
from tests.contract.stores import TickingClock

FACT = """\
schema: scalegate/fact@1
id: {id}
subject: "model:m"
true_from: 2026-01-01
known_from: {known}
source: {{document: a card, mark: record}}
payload: {{fact: effective_compute_ratio, value: 2, unit: ratio}}
"""


def fact(id: str = "f", known: str = "2026-01-01") -> str:  # noqa: A002 - the document's word
    return FACT.format(id=id, known=known)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return wiring.create_workspace(tmp_path / "lab", clock=TickingClock())


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    return folder


def take(workspace: Workspace, *paths: Path, is_all_or_nothing: bool = False) -> ImportReport:
    return import_paths(
        workspace.store, workspace.reader, paths, is_all_or_nothing=is_all_or_nothing
    )


def only(report: ImportReport) -> ImportedFile:
    (file,) = report.files
    return file


def test_a_fact_is_imported(workspace: Workspace, given: Path) -> None:
    (given / "f.yaml").write_text(fact())
    assert only(take(workspace, given)).outcome is ImportOutcome.IMPORTED


def test_a_link_to_a_file_is_refused_not_followed(workspace: Workspace, given: Path) -> None:
    (given / "real").mkdir()
    (given / "real" / "f.yaml").write_text(fact())
    (given / "link.yaml").symlink_to(given / "real" / "f.yaml")
    (given / "folder").symlink_to(given / "real")
    report = take(workspace, given)
    outcomes = {file.name: file.outcome.value for file in report.files}
    assert outcomes == {
        "given/folder": "refused",
        "given/link.yaml": "refused",
        "given/real/f.yaml": "imported",
    }
    assert only(take(workspace, given / "link.yaml")).reasons[0].what == "symbolic link"
    assert not report.is_complete


def test_a_pipe_or_a_device_does_not_hang_the_import(workspace: Workspace, given: Path) -> None:
    os.mkfifo(given / "pipe.yaml")
    assert only(take(workspace, given)).reasons[0].what == "not a regular file"
    assert only(take(workspace, Path("/dev/zero"))).reasons[0].what == "not a regular file"


def test_a_document_cannot_name_a_file_outside_its_folder(
    workspace: Workspace, given: Path
) -> None:
    (given.parent / "secret.jsonl").write_text("{}\n")
    text = """\
schema: scalegate/horizon-runs@1
id: h
subject: "model:m"
true_from: 2026-01-01
known_from: 2026-01-01
source: {document: runs, mark: record}
payload:
  eval: {name: tasks}
  variant: unstated
  file: {path: ../secret.jsonl, sha256: %s, format: metr-runs-jsonl, alias: m}
"""
    (given / "h.yaml").write_text(text % ("a" * 64))
    file = only(take(workspace, given))
    assert file.outcome is ImportOutcome.REFUSED
    assert "leaves the folder" in file.reason


def test_hostile_file_names_are_harmless_to_show_and_to_keep(
    workspace: Workspace, given: Path
) -> None:
    (given / "\x1b[31mred\u202e.yaml").write_text(fact())
    file = only(take(workspace, given))
    assert file.outcome is ImportOutcome.IMPORTED
    assert file.item is not None
    assert file.name.isprintable()
    assert file.item.source_name.isprintable()
    assert workspace.store.locate(file.item).name == f"{file.item.digest}.yaml"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.eval", b""),
        ("empty.json", b""),
        ("cut.eval", b"PK\x03\x04 cut"),
        ("text.eval", b"hello"),
        ("cut.json", b'{"version": 2, "eval": {"task": "x"'),
        ("cut2.json", b'{"version": 2, "status'),
        ("wrong.yaml", b"schema: scalegate/fact@1\nid: x\n"),
        ("unknown.yaml", b"schema: scalegate/wish@1\n"),
        ("later.yaml", b"schema: scalegate/fact@7\n"),
        ("bytes.yaml", b"schema: scalegate/fact@1\nid: \xff\xfe\n"),
        ("nan.json", b'{"schema": "scalegate/fact@1", "id": NaN}'),
    ],
)
def test_what_promises_evidence_and_cannot_be_read_is_refused(
    workspace: Workspace, given: Path, name: str, content: bytes
) -> None:
    (given / name).write_bytes(content)
    file = only(take(workspace, given))
    assert file.outcome is ImportOutcome.REFUSED
    assert file.reasons
    assert all(reason.file for reason in file.reasons)
    assert workspace.store.history() == ()
    assert check_workspace(workspace) == ()


def test_one_bad_file_does_not_stop_the_rest_unless_asked(
    workspace: Workspace, given: Path
) -> None:
    (given / "a.yaml").write_text(fact("a"))
    (given / "b.yaml").write_text("schema: scalegate/fact@1\n")
    (given / "c.yaml").write_text(fact("c"))
    held = take(workspace, given, is_all_or_nothing=True)
    assert [file.outcome.value for file in held.files] == ["held back", "refused", "held back"]
    assert workspace.store.history() == ()
    report = take(workspace, given)
    assert [file.outcome.value for file in report.files] == ["imported", "refused", "imported"]
    assert not report.is_complete
    assert not held.is_complete


def test_what_is_plainly_no_evidence_is_left_out_of_a_folder_and_refused_by_name(
    workspace: Workspace, given: Path
) -> None:
    (given / "README.md").write_text("# hello")
    (given / "package.json").write_text('{"name": "x"}')
    (given / ".hidden.yaml").write_text(fact())
    report = take(workspace, given)
    assert [(file.name, file.outcome.value) for file in report.files] == [
        ("given/README.md", "left out"),
        ("given/package.json", "left out"),
    ]
    assert not report.is_complete
    assert only(take(workspace, given / "README.md")).outcome is ImportOutcome.REFUSED


def test_nothing_to_import_is_wrong_usage(workspace: Workspace, given: Path) -> None:
    with pytest.raises(UsageError):
        take(workspace)
    with pytest.raises(UsageError, match="no file or folder"):
        take(workspace, given / "absent")


def test_a_document_known_only_later_says_so(workspace: Workspace, given: Path) -> None:
    (given / "f.yaml").write_text(fact(known="2199-01-01"))
    file = only(take(workspace, given))
    assert file.outcome is ImportOutcome.IMPORTED
    assert "counts only from `2199-01-01T00:00:00Z`" in file.reason


def test_what_a_model_wrote_does_not_decide_what_a_log_is() -> None:
    inner = {"schema": "scalegate/act@1", "eval": {}}
    assert recognise(json.dumps({"note": json.dumps(inner)}).encode(), name="x.json") is (
        FileKind.OTHER
    )
    assert recognise(json.dumps({"deep": inner}).encode(), name="x.json") is FileKind.OTHER
    log = {"version": 2, "eval": {"task": '"schema": "scalegate/act@1"'}}
    assert recognise(json.dumps(log).encode(), name="x.yaml") is FileKind.LOG
    late = {"a": {"eval": {}}, "payload": {"eval": {}}, "schema": "scalegate/act@1"}
    assert recognise(json.dumps(late).encode(), name="x.eval") is FileKind.DOCUMENT
    assert recognise(b'{"schema": "scalegate/act@1", "eval": {}}', name="") is FileKind.DOCUMENT


def test_a_zip_archive_that_is_no_log_is_refused(workspace: Workspace, given: Path) -> None:
    with zipfile.ZipFile(given / "x.zip", "w") as archive:
        archive.writestr("../../escape.txt", "x")
    file = only(take(workspace, given))
    assert file.outcome is ImportOutcome.REFUSED
    assert not (given.parent / "escape.txt").exists()


@given_bytes(
    strategies.one_of(
        strategies.binary(max_size=200),
        strategies.text(alphabet='{}[]:,"\\\\ schema:eval/@1\n', max_size=200).map(str.encode),
    )
)
def test_any_bytes_are_something(head: bytes) -> None:
    assert recognise(head, name="x.json") in FileKind


@pytest.mark.parametrize("unit", [b'"', b'\\"', b"{", b'{"a":', b"\\\\", b'",', b"schema:"])
def test_telling_what_a_large_hostile_file_is_takes_no_more_than_its_length(unit: bytes) -> None:
    head = (b'{"' + unit * HEAD_BYTES)[: HEAD_BYTES // 4]
    started = time.process_time()
    recognise(head, name="x.json")
    assert time.process_time() - started < 3
