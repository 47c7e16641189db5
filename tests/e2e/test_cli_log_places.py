"""Where a record's log is: a folder, an address in the record, or a place named by `--log`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scalegate.cli.main import run
from tests.contract.s3_server import installed, serving
from tests.e2e.test_cli_record import ORIGIN, answer, envelope

ADDRESS = "s3://our-bucket/log"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_copy_of_the_log_is_checked_where_it_lies(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "init", ORIGIN]) == 0
    shutil.move("record/log", "mirror")
    assert run(["ledger", "verify"]) == 2
    found = answer(capsys, "ledger", "verify", "--log", "mirror")
    assert (found["size"], found["faults"]) == (1, [])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["keys", "init", ORIGIN, "--log", "elsewhere"], "takes an address"),
        (["keys", "init", ORIGIN, "--log", "s3://UPPER/log"], "not an address"),
        (["ledger", "verify", "--log", "s3://a b"], "not an address"),
        (["ledger", "list"], "neither a folder nor the address"),
    ],
)
def test_a_place_that_is_none_is_wrong_usage_and_changes_nothing(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if words[0] == "ledger":
        assert run(["keys", "init", ORIGIN]) == 0
        shutil.rmtree("record/log")
        Path("record/log").write_text("https://elsewhere\n")
    capsys.readouterr()
    assert run(words) == 2
    assert expected in " ".join(capsys.readouterr().err.split())
    assert words[0] == "ledger" or not Path("record").exists()


def test_a_store_without_its_client_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore.store", None)
    assert run(["ledger", "verify", "--log", ADDRESS, "--record", "."]) == 2
    assert run(["keys", "init", ORIGIN, "--log", ADDRESS]) == 2
    assert "scalegate[s3]" in capsys.readouterr().err
    assert not Path("record").exists()


@pytest.fixture(name="store")
def _store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    binary = installed()
    if binary is None:
        pytest.skip("no S3 server (`weed`, SeaweedFS) is installed")
    with (
        tempfile.TemporaryDirectory(prefix="s3") as folder,
        serving(binary, Path(folder)) as environment,
    ):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.services
def test_a_record_whose_log_is_in_a_store_works_like_one_in_a_folder(
    store: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["keys", "init", ORIGIN, "--log", ADDRESS]) == 0
    assert Path("record/log").read_text() == ADDRESS + "\n"
    good = envelope(tmp_path, tmp_path / "record", "evidence", "evaluator")
    assert answer(capsys, "ledger", "add", good)["entries"][0]["is_new"]
    assert answer(capsys, "ledger", "verify")["vouched"] == 2
    proof = answer(capsys, "ledger", "prove", "1")["proof"]
    assert proof.startswith("c2sp.org/tlog-proof")
    # An auditor has the first trust document and the address, nothing else.
    auditor = tmp_path / "auditor"
    auditor.mkdir()
    shutil.copy("record/root.json", auditor)
    words = ("--record", str(auditor), "--log", ADDRESS)
    assert answer(capsys, "ledger", "verify", *words)["size"] == 2
    assert len(answer(capsys, "ledger", "list", *words)["entries"]) == 2
    # The rest of the verbs find it by the record.
    assert run(["publish", "site"]) == 0
    assert run(["bundle", "one.bundle"]) == 0
    site = answer(capsys, "ledger", "verify", "--log", "site")
    assert (site["size"], site["faults"]) == (2, [])
    # A second log at the same address is refused.
    assert run(["keys", "init", ORIGIN, "--record", "other", "--log", ADDRESS]) == 2
