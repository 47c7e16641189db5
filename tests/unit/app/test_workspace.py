"""A workspace opens, reads bundles at two instants, and lists policies with their digests."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scalegate import wiring
from scalegate.app.importing import ImportOutcome, import_paths
from scalegate.app.workspace import (
    LoadedPolicy,
    Workspace,
    check_workspace,
    frameworks,
    load_bundle,
    load_policies,
)
from scalegate.base.errors import (
    DigestMismatch,
    DocumentFaults,
    FileForName,
    FormatError,
    OutsideError,
    TrustError,
    UnknownName,
    UsageError,
)
from scalegate.evidence.documents.results import HorizonRuns

ROOT = Path(__file__).resolve().parents[3]
LOGS = ROOT / "tests" / "data" / "inspect-logs"
FACT = {
    "schema": "scalegate/fact@1",
    "id": "f",
    "subject": "model:m",
    "true_from": "2026-01-01",
    "known_from": "2026-01-01",
    "source": {"document": "a card", "mark": "record"},
    "payload": {"fact": "effective_compute_ratio", "value": 2, "unit": "ratio"},
}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return wiring.create_workspace(tmp_path / "lab", name="the lab")


def give(workspace: Workspace, folder: Path, **changed: object) -> None:
    folder.mkdir(exist_ok=True)
    document = {**FACT, **changed}
    text = json.dumps(document)
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    path.write_text(text, encoding="utf-8")
    report = import_paths(workspace.store, workspace.reader, [path])
    assert report.is_complete, report


def test_a_new_workspace_opens_and_is_in_order(workspace: Workspace) -> None:
    again = wiring.open_workspace(workspace.folder)
    assert again.name == "the lab"
    assert sorted(path.name for path in again.folder.iterdir()) == [
        ".gitignore", "evidence", "indicators", "policies", "scalegate.toml", "workspace.sqlite",
    ]  # fmt: skip
    now = instant("2026-06-01")
    assert load_bundle(again, now, now).records == ()
    assert again.store.check() == ()


def test_a_workspace_is_not_made_over_another_or_among_other_files(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="is a workspace already"):
        wiring.create_workspace(workspace.folder)
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "thesis.tex").write_text("")
    with pytest.raises(UsageError, match="is not empty"):
        wiring.create_workspace(tmp_path / "busy")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError):
        wiring.create_workspace(tmp_path / "file")


def test_the_workspace_is_found_from_below_or_by_the_environment(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(wiring.WORKSPACE_VARIABLE, raising=False)
    monkeypatch.chdir(workspace.folder / "policies")
    assert wiring.find_workspace() == workspace.folder
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="scalegate init"):
        wiring.find_workspace()
    monkeypatch.setenv(wiring.WORKSPACE_VARIABLE, str(workspace.folder))
    assert wiring.find_workspace() == workspace.folder
    with pytest.raises(UsageError, match="no workspace in"):
        wiring.find_workspace(tmp_path)


def test_the_environment_can_name_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(wiring.STORE_VARIABLE, f"sqlite:///{tmp_path}/elsewhere.sqlite")
    workspace = wiring.create_workspace(tmp_path / "lab")
    assert workspace.settings.store_url.endswith("elsewhere.sqlite")
    assert not (workspace.folder / "workspace.sqlite").exists()
    give(workspace, tmp_path / "in")
    monkeypatch.delenv(wiring.STORE_VARIABLE)
    with pytest.raises(OutsideError, match="cannot be opened"):
        wiring.open_workspace(workspace.folder)


def test_every_log_of_the_test_data_is_imported_and_read_again(workspace: Workspace) -> None:
    seen: list[tuple[int, int, str]] = []
    report = import_paths(
        workspace.store,
        workspace.reader,
        [LOGS],
        on_progress=lambda done, total, name: seen.append((done, total, name)),
    )
    files = [path for path in LOGS.iterdir() if path.suffix in {".eval", ".json"}]
    assert report.count(ImportOutcome.IMPORTED) == len(files)
    assert seen[-1] == (len(report.files), len(report.files), "")
    bundle = load_bundle(workspace, instant("2026-11-01"), instant("2026-11-01"))
    assert set(bundle.logs) == {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert all(digest == log.digest_sha256 for digest, log in bundle.logs.items())
    earlier = load_bundle(workspace, instant("2025-01-01"), instant("2025-01-01"))
    assert 0 < len(earlier.logs) < len(bundle.logs)
    again = import_paths(workspace.store, workspace.reader, [LOGS])
    assert again.count(ImportOutcome.ALREADY_THERE) == len(files)
    assert check_workspace(workspace) == ()


def test_a_log_is_told_by_its_content_not_by_its_name(workspace: Workspace, tmp_path: Path) -> None:
    shutil.copy(LOGS / "inspect_ai__popularity_scored.eval", tmp_path / "notes.txt")
    report = import_paths(workspace.store, workspace.reader, [tmp_path / "notes.txt"])
    assert report.count(ImportOutcome.IMPORTED) == 1


def test_a_file_of_runs_is_said_to_be_kept_with_the_document_that_names_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    runs = {
        "alias": "m",
        "run_id": "r",
        "task_id": "t/1",
        "task_family": "t",
        "human_minutes": 3.0,
        "score_binarized": 1,
    }
    (tmp_path / "runs.jsonl").write_text(json.dumps(runs) + "\n", encoding="utf-8")
    digest = hashlib.sha256((tmp_path / "runs.jsonl").read_bytes()).hexdigest()
    named = {"path": "runs.jsonl", "sha256": digest, "format": "metr-runs-jsonl", "alias": "m"}
    payload = {"eval": {"name": "tasks"}, "variant": "helpful_only", "file": named}
    document = {**FACT, "schema": "scalegate/horizon-runs@1", "payload": payload}
    (tmp_path / "h.json").write_text(json.dumps(document), encoding="utf-8")
    paths = [tmp_path / "runs.jsonl", tmp_path / "h.json"]
    report = import_paths(workspace.store, workspace.reader, paths)
    assert [file.outcome for file in report.files] == [
        ImportOutcome.LEFT_OUT,
        ImportOutcome.IMPORTED,
    ]
    assert "part of `h.json`" in report.files[0].reason
    assert report.is_complete


def test_store_and_bundle_agree_on_what_was_known_when(
    workspace: Workspace, tmp_path: Path
) -> None:
    give(workspace, tmp_path / "in", known_from="2026-01-01")
    give(workspace, tmp_path / "in", known_from="2026-03-01", true_until="2026-05-01")
    give(workspace, tmp_path / "in", id="g", true_from="2026-02-01", known_from="2026-04-01")
    for true_at in ("2025-12-01", "2026-01-15", "2026-02-15", "2026-05-01", "2026-06-01"):
        for known_at in ("2025-12-01", "2026-02-01", "2026-03-01", "2026-04-01"):
            true, known = instant(true_at), instant(known_at)
            items = workspace.store.items(true_at=true, known_at=known)
            bundle = load_bundle(workspace, true, known)
            assert [i.content_digest for i in items] == [r.digest for r in bundle.records]


def test_a_horizon_document_keeps_its_file_of_runs(workspace: Workspace, tmp_path: Path) -> None:
    line = {
        "alias": "m", "task_id": "t", "task_family": "f", "human_minutes": 3.5,
        "score_binarized": 1, "equal_task_weight": 1, "fatal_error_from": None,
    }  # fmt: skip
    runs = json.dumps(line) + "\n"
    (tmp_path / "in" / "data").mkdir(parents=True)
    (tmp_path / "in" / "data" / "runs.jsonl").write_text(runs)
    file = {
        "path": "data/runs.jsonl",
        "sha256": hashlib.sha256(runs.encode()).hexdigest(),
        "format": "metr-runs-jsonl",
        "alias": "m",
    }
    payload = {"eval": {"name": "tasks"}, "variant": "unstated", "file": file}
    give(workspace, tmp_path / "in", schema="scalegate/horizon-runs@1", id="h", payload=payload)
    shutil.rmtree(tmp_path / "in")
    now = instant("2026-06-01")
    (record,) = load_bundle(workspace, now, now).records
    assert isinstance(record.payload, HorizonRuns)
    assert [run.task for run in record.attached] == ["t"]
    (item,) = workspace.store.history()
    workspace.store.locate_attachment(item.attachments[0]).unlink()
    with pytest.raises(TrustError, match="is gone"):
        load_bundle(workspace, now, now)


def test_a_bundle_is_never_read_without_a_file_that_is_gone_or_altered(
    workspace: Workspace, tmp_path: Path
) -> None:
    give(workspace, tmp_path / "in")
    give(workspace, tmp_path / "in", id="g")
    now = instant("2026-06-01")
    path = workspace.store.locate(workspace.store.history()[0])
    path.chmod(0o644)
    path.write_text(path.read_text().replace("2", "3"))
    with pytest.raises(DigestMismatch):
        load_bundle(workspace, now, now)
    assert [finding.is_fault for finding in check_workspace(workspace)] == [True]


# --- policies -------------------------------------------------------------------------------------


def test_shipped_policies_are_listed_with_the_digest_of_their_file(workspace: Workspace) -> None:
    listed = frameworks(workspace)
    shipped = {path.stem: path for path in wiring.find_frameworks().glob("*.yaml")}
    assert [entry.name for entry in listed] == sorted(shipped)
    for entry in listed:
        assert entry.digest == hashlib.sha256(shipped[entry.name].read_bytes()).hexdigest()
        assert entry.is_shipped
        assert entry.is_used


def own_policy(workspace: Workspace, name: str, version: str) -> Path:
    text = (wiring.find_frameworks() / "anthropic-rsp@2.2.yaml").read_text(encoding="utf-8")
    path = workspace.folder / "policies" / name
    path.write_text(text.replace('version: "2.2"', f'version: "{version}"', 1), encoding="utf-8")
    return path


def test_an_own_policy_stands_beside_the_shipped_ones(workspace: Workspace) -> None:
    own_policy(workspace, "ours.yaml", "9.9")
    (loaded,) = load_policies(workspace, ["anthropic-rsp@9.9"])
    assert not loaded.is_shipped
    assert loaded.file == "policies/ours.yaml"
    assert len(load_policies(workspace)) == len(load_policies(workspace, None))


def test_an_own_policy_cannot_take_the_name_of_a_shipped_one(workspace: Workspace) -> None:
    path = own_policy(workspace, "same.yaml", "2.2")
    assert load_policies(workspace)  # a true copy does no harm
    path.write_text(path.read_text(encoding="utf-8") + "# moved\n", encoding="utf-8")
    with pytest.raises(DocumentFaults, match="defined twice"):
        load_policies(workspace)
    with pytest.raises(DocumentFaults, match="defined twice"):
        frameworks(workspace)
    assert any("defined twice" in finding.what for finding in check_workspace(workspace))


def test_an_unknown_framework_is_named(workspace: Workspace) -> None:
    with pytest.raises(UnknownName, match="anthropic-rsp@2"):
        load_policies(workspace, ["nobody@1"])
    with pytest.raises(FileForName, match=r"`mine\.yaml` is a file.*put the file into"):
        load_policies(workspace, ["mine.yaml"])


def test_an_indicator_set_is_merged_and_its_digest_kept(workspace: Workspace) -> None:
    card = wiring.find_examples() / "opus-4" / "indicators" / "claude-4-card.yaml"
    (plain,) = load_policies(workspace, ["anthropic-rsp@2.2"])
    kept = wiring.add_indicator_set(workspace.folder, card)
    assert wiring.add_indicator_set(workspace.folder, card) == kept
    (merged,) = load_policies(workspace, ["anthropic-rsp@2.2"])
    (used,) = merged.sets
    assert used.digest == hashlib.sha256(card.read_bytes()).hexdigest()
    assert merged.digest == plain.digest
    assert merged.effective_digest != plain.effective_digest

    def count(loaded: LoadedPolicy) -> int:
        return sum(len(threshold.indicators) for threshold in loaded.policy.thresholds)

    assert count(merged) > count(plain)
    kept.write_text("other")
    with pytest.raises(UsageError, match="other content"):
        wiring.add_indicator_set(workspace.folder, card)


def test_odd_files_among_policies_are_never_passed_over(
    workspace: Workspace, tmp_path: Path
) -> None:
    odd = workspace.folder / "policies" / "policy.yaml.bak"
    odd.write_text("")
    with pytest.raises(FormatError, match="not a policy file"):
        load_policies(workspace)
    odd.unlink()
    link = workspace.folder / "policies" / "link.yaml"
    link.symlink_to(tmp_path)
    with pytest.raises(FormatError, match="symbolic link"):
        load_policies(workspace)
    link.unlink()
    (workspace.folder / "policies" / "bad.yaml").write_bytes(b"\xff")
    with pytest.raises(FormatError, match="not UTF-8"):
        load_policies(workspace)


def test_the_examples_are_found_in_a_checkout() -> None:
    assert wiring.find_examples() == ROOT / "examples"


def test_the_examples_and_frameworks_are_found_in_an_installed_package(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "scalegate", tmp_path / "site" / "scalegate")
    shutil.copytree(ROOT / "examples" / "opus-4", tmp_path / "site/scalegate/examples/opus-4")
    program = (
        "from scalegate import wiring; print(wiring.find_examples(), wiring.find_frameworks())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    package = tmp_path / "site" / "scalegate"
    assert result.stdout.split() == [str(package / "examples"), str(package / "frameworks")]
