"""Hostile documents: bombs, escapes, path tricks. Each is a clear error, quickly, and harmless."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalegate.adapters import documents
from scalegate.adapters.documents import read_case, read_document, read_documents, read_history
from scalegate.base.errors import DocumentFaults, FormatError, ScalegateError
from scalegate.evidence.model import Kind
from scalegate.evidence.parse import parse_document

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "examples"
TEXTS = [(EXAMPLES / f"{kind.value}.yaml").read_text("utf-8") for kind in Kind]
CASE = (EXAMPLES / "case.yaml").read_text("utf-8")
RUNS = (
    b'{"task_id": "t", "task_family": "t", "alias": "m", "human_minutes": 1, "score_binarized": 0}'
)
HORIZON = """\
schema: scalegate/horizon-runs@1
id: h
subject: model:m
true_from: 2025-02-27
known_from: 2025-02-27
source: {{document: Runs, mark: synthetic}}
payload:
  eval: {{name: suite}}
  variant: unstated
  file: {{path: '{path}', sha256: {sha256}, format: metr-runs-jsonl, alias: m}}
"""


def refused(text: str) -> str:
    with pytest.raises(DocumentFaults) as raised:
        parse_document(text, file="hostile.yaml")
    return str(raised.value)


def case_folder(folder: Path) -> Path:
    (folder / "documents").mkdir(parents=True)
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    return folder


def horizon_document(folder: Path, path: str) -> Path:
    document = folder / "h.yaml"
    digest = hashlib.sha256(RUNS).hexdigest()
    document.write_text(HORIZON.format(path=path, sha256=digest), encoding="utf-8")
    return document


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
        "[" * 1_000_000,
        '{"a":' * 500_000,
        "- " * 400_000,
        "a: " + "9" * 5_000_000,
        "a: 1e" + "9" * 40,
        "? " * 100_000,
        "x" * 9_000_000,
        "- yes\n" * 300_000,
    ],
)
def test_a_bomb_is_refused_in_little_time(bomb: str) -> None:
    started = time.process_time()
    refused(bomb)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!include", "!!binary"]
)
def test_a_tag_runs_nothing(tag: str, tmp_path: Path) -> None:
    message = refused(f"{TEXTS[0]}\nnote: {tag} 'touch {tmp_path}/hit'\n")
    assert "anchors, aliases and tags are not read" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "hostile",
    [
        '"\\e]8;;https://example.org\\e\\\\click\\e]8;;\\e\\\\"',
        '"\\e[2J\\e[31mred"',
        '"\\u202egnp.exe"',
        '"\\u200b"',
    ],
)
def test_hostile_text_reaches_no_terminal_through_an_error(hostile: str) -> None:
    for text in (
        TEXTS[0].replace("variant: unstated", f"variant: {hostile}"),
        TEXTS[0] + f"\n{hostile}: 1\n",
        TEXTS[0].replace("model:claude-opus-4", hostile),
        f"schema: {hostile}",
    ):
        message = refused(text)
        assert not set(message) & set("\x1b\u202e\u200b")
        assert len(message) < 5_000


@pytest.mark.parametrize(
    "path", ["../runs.jsonl", "/etc/passwd", "a/../../runs.jsonl", "..\\runs.jsonl", "C:runs", "."]
)
def test_a_file_of_runs_cannot_be_outside_the_folder(path: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "runs.jsonl").write_bytes(RUNS)
    with pytest.raises(ScalegateError) as raised:
        read_document(horizon_document(inner, path))
    assert raised.value.exit_code == 2


def test_a_link_to_a_file_of_runs_outside_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.jsonl").write_bytes(RUNS)
    (inner / "runs.jsonl").symlink_to(tmp_path / "secret.jsonl")
    with pytest.raises(FormatError, match="leaves the folder"):
        read_document(horizon_document(inner, "runs.jsonl"))


@pytest.mark.parametrize(
    "name", ["case.yaml", "documents/a.yaml", "README.md", "expected.json", "documents/deep"]
)
def test_a_link_that_leaves_a_case_is_refused(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.yaml").write_text(TEXTS[0], encoding="utf-8")
    folder = case_folder(tmp_path / "case")
    link = folder / name
    link.unlink(missing_ok=True)
    link.symlink_to(outside if name.endswith("deep") else outside / "a.yaml")
    with pytest.raises(ScalegateError, match="link"):
        read_case(folder)


def test_a_linked_folder_of_documents_or_case_is_refused(tmp_path: Path) -> None:
    outside = case_folder(tmp_path / "outside")
    history = tmp_path / "history"
    history.mkdir()
    (history / "case").symlink_to(outside)
    with pytest.raises(ScalegateError, match="leaves the folder"):
        read_history(history)
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    (folder / "documents").symlink_to(outside / "documents")
    with pytest.raises(ScalegateError, match="leaves the folder"):
        read_case(folder)


def test_a_pipe_or_a_device_is_not_read(tmp_path: Path) -> None:
    folder = case_folder(tmp_path / "case")
    os.mkfifo(folder / "documents" / "wait.yaml")
    with pytest.raises(DocumentFaults, match="not a regular file"):
        read_case(folder)


def test_sizes_and_numbers_of_files_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = case_folder(tmp_path / "case")
    with (folder / "documents" / "large.yaml").open("wb") as file:
        file.truncate(3 * 10**9)
    with pytest.raises(DocumentFaults, match="file too large"):
        read_case(folder)
    monkeypatch.setattr(documents, "MAX_FILES", 2)
    many = tmp_path / "many"
    many.mkdir()
    for index in range(4):
        (many / f"{index}.yaml").write_text(TEXTS[index], encoding="utf-8")
    with pytest.raises(DocumentFaults, match="too many files"):
        read_documents(many)


def test_one_bad_document_stops_the_reading_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXTS[0], encoding="utf-8")
    (tmp_path / "b.yaml").write_text(TEXTS[1].replace("payload:", "payload: 3 #"), "utf-8")
    with pytest.raises(DocumentFaults):
        read_documents(tmp_path)


@given(st.sampled_from(TEXTS), st.data())
def test_a_damaged_document_is_read_or_refused_by_an_error_of_ours(
    text: str, data: st.DataObject
) -> None:
    """Any bug in a reader would leave as another exception."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    piece = data.draw(st.text(max_size=8) | st.sampled_from([": ", "- ", "{", "]", "null", "-1"]))
    damaged = text[:start] + piece + text[end:]
    try:
        record = parse_document(damaged, file="d.yaml")
    except DocumentFaults as error:
        told = str(error)
    else:
        told = record.digest
    assert told
    assert "\x1b" not in told
