"""`decide` and `permit` from the command line: held gates get no permit, open ones a short one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scalegate.cli.main import run

POLICY = """\
schema: scalegate/policy@1
id: house
version: "1"
lab: House
title: House rules
effective_on: "2025-01-01"
source: {title: House rules, published_at_url: "https://example.org/rules"}
domains:
  - {id: bio, neutral: cbrn, native: Bio, watch_list: true, cite: {document: House, section: "1"}}
facts:
  - {id: watched, type: boolean, statement: somebody watches, cite: {document: House, section: "1"}}
commitments:
  - id: WATCH
    statement: serve only what somebody watches
    at: [external_general]
    require: {fact: watched}
    otherwise: hold
    modality: must
    native_verb: must
    cite: {document: House, section: "1"}
"""
MODEL = """\
schema: scalegate/model@1
id: m
subject: "model:m"
true_from: "2025-01-01"
known_from: "2025-01-01"
source: {document: a card, mark: record}
payload: {lab: "lab:house", series: "series:m"}
"""
FACT = """\
schema: scalegate/fact@1
id: watched
subject: "model:m"
true_from: "2025-01-01"
known_from: "2025-01-01"
source: {document: a note, mark: record}
payload: {fact: watched, value: true}
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "house.yaml").write_text(POLICY)
    assert run(["init", "lab", "--policy", "house@1"]) in {0, 2}
    monkeypatch.chdir(tmp_path / "lab")
    (tmp_path / "lab" / "policies" / "house@1.yaml").write_text(POLICY)
    (tmp_path / "model.yaml").write_text(MODEL)
    assert run(["evidence", "import", "../model.yaml"]) == 0
    assert run(["keys", "init", "log.example/house"]) == 0
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "part-1").write_bytes(b"weights")
    (tmp_path / "served.yaml").write_text("classifier: 3")
    return tmp_path


def made(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def manifest(capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    return made(
        capsys, "permit", "manifest", "model:m", "--weights", "../weights", "--configuration",
        "../served.yaml", "--surface", "api", "--audience", "vetted", "--jurisdiction", "EU", *more,
    )  # fmt: skip


def test_what_is_held_gets_no_permit_and_what_is_open_a_short_one(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest(capsys)
    issue = ("permit", "issue", "model:m", "external_general", "--manifest", "manifest.json")
    held = made(capsys, *issue, code=11)
    assert held["is_issued"] is False
    assert not Path("permit.json").exists()
    (lab / "fact.yaml").write_text(FACT)
    assert run(["evidence", "import", "../fact.yaml"]) == 0
    assert made(capsys, *issue)["is_issued"] is True
    types = [each["type"] for each in made(capsys, "ledger", "list")["entries"]]
    assert [each.split("/")[-2] for each in types] == [
        "trust", "gate-decision", "gate-decision", "permit", "verification_summary",
    ]  # fmt: skip
    verify = ("permit", "verify", "permit.json", "external_general", "--manifest", "manifest.json")
    assert made(capsys, *verify, "--root", "record/root.json")["exit_code"] == 0
    assert run([*verify, "--as-of", "2099-01-01"]) == 12
    Path("record/log").rename("moved")
    assert run(verify) == 2
    assert run([*verify, "--log", "moved"]) == 0
    Path("moved").rename("record/log")
    assert run(["permit", "verify", "permit.json", "internal", *verify[4:]]) == 12


def test_changed_weights_or_configuration_need_another_permit(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab / "fact.yaml").write_text(FACT)
    assert run(["evidence", "import", "../fact.yaml"]) == 0
    first = manifest(capsys)["digest"]
    issue = ("permit", "issue", "model:m", "external_general", "--manifest", "manifest.json")
    assert run([*issue, "--for", "2h"]) == 0
    verify = ("permit", "verify", "permit.json", "external_general", "--manifest", "manifest.json")
    assert run(verify) == 0
    (lab / "weights" / "part-1").rename(lab / "weights" / "part-2")
    assert manifest(capsys)["digest"] != first
    assert run(verify) == 12
    before = Path("record/log/checkpoint").read_bytes()
    assert run([*issue, "--for", "90d"]) == 12
    for place in (".", "absent/permit.json"):
        assert run([*issue, "--out", place]) == 2
    bound = json.loads(Path("manifest.json").read_text())
    Path("other.json").write_text(json.dumps({**bound, "subject": "model:other"}))
    assert run([*issue[:-1], "other.json"]) == 2
    assert Path("record/log/checkpoint").read_bytes() == before  # no decision for nothing
    (lab / "weights" / "link").symlink_to(lab / "served.yaml")
    words = ("--weights", "../weights", "--configuration", "../served.yaml")
    where = ("--surface", "api", "--audience", "vetted", "--jurisdiction", "EU")
    assert run(["permit", "manifest", "model:m", *words, *where]) == 2
    Path("manifest.json").write_text("{}")
    assert run(verify) == 2
    Path("manifest.json").write_text("no JSON")
    assert run(verify) == 2
    for content, said in (('{"surface": "api", "surface": "app"}', "twice"), ("[" * 9999, "deep")):
        Path("manifest.json").write_text(content)
        assert run(verify) == 2
        assert said in capsys.readouterr().err
        Path("bad.json").write_text(content)
        for form in (["ledger", "add", "bad.json"], ["keys", "rotate", "--add", "gate=bad.json"]):
            assert run(form) == 12
            assert "in `bad.json`" in capsys.readouterr().err
    assert "Traceback" not in capsys.readouterr().err


def test_a_decision_is_signed_with_its_reasons_and_exits_as_the_gate_does(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = made(
        capsys, "decide", "model:m", "external_general", "--reasons", "met on Monday", code=11
    )
    assert found["decisions"][0]["effect"] == "hold"
    assert made(capsys, "ledger", "verify")["faults"] == []
    digest = found["decisions"][0]["envelope"]
    envelope = json.loads((lab / "lab/record/log/statement" / digest[:2] / digest).read_bytes())
    from base64 import b64decode

    said = json.loads(b64decode(envelope["payload"]))["predicate"]
    assert said["reasons"] == "met on Monday"
    assert said["log"]["size"] == "1"
    assert said["isOpen"] is False
    assert run(["decide", "model:m", "external_general"]) == 11
    assert "house@1: hold" in capsys.readouterr().out


def test_recorded_decisions_that_relied_on_evidence_are_found(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab / "fact.yaml").write_text(FACT)
    first = ("decide", "model:m", "external_general", "--as-of", "2025-06-01", "--reasons", "r")
    made(capsys, *first, code=11)  # before anybody watched: it relied on nothing
    assert run(["evidence", "import", "../fact.yaml"]) == 0
    made(capsys, *first)
    found = made(capsys, "affected", "watched", "--record", "record", "--as-of", "2025-06-01")
    assert [(each["entry"], each["missing"]) for each in found["recorded"][:-1]] == []
    last = found["recorded"][-1]
    assert (last["effect"], last["effect_without"], last["changes"]) == ("allow", "hold", True)
    assert last["rows"] == ["WATCH"]
    assert run(["affected", "watched", "--record", "record", "--as-of", "2025-06-01"]) == 0
    assert "without it hold" in capsys.readouterr().out


def test_a_decision_whose_evidence_is_gone_is_named_and_not_left_out(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab / "fact.yaml").write_text(FACT)
    assert run(["evidence", "import", "../fact.yaml"]) == 0
    made(capsys, "decide", "model:m", "external_general", "--as-of", "2025-06-01")
    policy = Path("policies/house@1.yaml")
    policy.write_text(policy.read_text().replace("somebody watches", "somebody looks"))
    found = made(capsys, "affected", "watched", "--record", "record", "--as-of", "2025-06-01")
    (gone,) = found["recorded"]
    assert "does not give the policy" in gone["missing"]
    assert not gone["rows"]
