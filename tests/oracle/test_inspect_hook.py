"""A real Inspect run on the mock model ends up in a workspace, and no hook can fail it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval_set
from inspect_ai import eval as run_eval
from inspect_ai._util.registry import registry_info
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.hooks._hooks import get_all_hooks
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import match

from scalegate.base.errors import UsageError
from scalegate.cli.inspect_hook import RecordEvidence, local_file
from scalegate.ports import LOG_KIND
from scalegate.wiring import create_workspace, open_workspace

LATE = datetime(2100, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def task() -> Task:
    data = MemoryDataset([Sample(id=i, input="say yes", target="yes") for i in range(3)])
    return Task(dataset=data, scorer=match())


def model() -> Any:
    outputs = [ModelOutput.from_content("mockllm/model", "yes") for _ in range(9)]
    for output in outputs:  # else the mock model asks the network for a tokenizer
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return get_model("mockllm/model", custom_outputs=outputs)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    create_workspace(folder)
    monkeypatch.setenv("SCALEGATE_WORKSPACE", str(folder))
    monkeypatch.setenv("SCALEGATE_RECORD_RUNS", "1")
    return folder


def recorded(folder: Path) -> list[str]:
    store = open_workspace(folder).store
    return [
        each.digest for each in store.items(true_at=LATE, known_at=LATE) if each.kind == LOG_KIND
    ]


def test_every_finished_log_is_recorded_once(lab: Path, tmp_path: Path) -> None:
    (log,) = run_eval(task(), model=model(), log_dir=str(tmp_path / "logs"), display="none")
    assert log.status == "success"
    assert len(recorded(lab)) == 1


def test_a_set_of_evals_is_recorded_from_its_files(lab: Path, tmp_path: Path) -> None:
    done, _ = eval_set(task(), log_dir=str(tmp_path / "set"), model=model(), display="none")
    assert done
    (digest,) = recorded(lab)
    log = open_workspace(lab).reader.read_log(
        next((tmp_path / "set").glob("*.eval")), digest=digest
    )
    assert len(log.samples) == 3


def test_a_hook_that_cannot_record_ends_no_run(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SCALEGATE_WORKSPACE", str(tmp_path / "nowhere"))
    (log,) = run_eval(task(), model=model(), log_dir=str(tmp_path / "logs"), display="none")
    assert log.status == "success"
    assert recorded(lab) == []
    assert "nowhere" in caplog.text


def test_without_the_word_nothing_is_recorded(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCALEGATE_RECORD_RUNS")
    run_eval(task(), model=model(), log_dir=str(tmp_path / "logs"), display="none")
    assert recorded(lab) == []


def test_inspect_finds_the_hook_by_the_name_that_the_page_gives() -> None:
    given = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert given["inspect_ai"] == {"scalegate": RecordEvidence.__module__}
    names = {registry_info(hook).name for hook in get_all_hooks()}
    assert "scalegate/evidence" in names
    page = (ROOT / "docs" / "how-to" / "record-runs.md").read_text()
    assert "INSPECT_REQUIRED_HOOKS=scalegate/evidence" in page


def test_a_log_elsewhere_is_refused_in_words() -> None:
    assert local_file("file:///srv/a%20b.eval") == Path("/srv/a b.eval")
    assert local_file("logs/a.eval") == Path("logs/a.eval")
    for place in ("s3://bucket/a.eval", ""):
        with pytest.raises(UsageError, match="not a local file"):
            local_file(place)
