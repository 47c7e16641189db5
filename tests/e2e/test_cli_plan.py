"""`plan` from the command line: recorded before the run it opens a gate; anything else does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from scalegate.cli.main import run
from tests.e2e.test_cli_permit import MODEL, made

LOGS = Path(__file__).parents[2] / "examples" / "inspect-logs" / "logs"
RAN = LOGS / "inspect_scout__popularity_DN2wbX2ZvACsBpjwptzBRo.eval"
"""100 items, started on 23 September 2025."""
CITE = {"document": "House", "section": "1"}
LINE = {
    "id": "share",
    "eval": "popularity",
    "role": "rule_out",
    "measure": "proportion",
    "comparator": "at_least",
    "value": "0.95",
    "unit": "share",
    "safe_level": "0.7",
    "alpha": "0.05",
    "allowances": [
        {"component": "elicitation", "amount": 0, "statement": "the line has it", "cite": CITE}
    ],
    "statement": "guesses what is popular",
    "cite": CITE,
}
POLICY: dict[str, Any] = {
    "schema": "scalegate/policy@1",
    "id": "house",
    "version": "1",
    "lab": "House",
    "title": "House rules",
    "effective_on": "2025-01-01",
    "source": {"title": "House rules", "published_at_url": "https://example.org/rules"},
    "semantics": {"preregistration": {"rule": "recorded", "cite": CITE}},
    "domains": [{"id": "bio", "neutral": "cbrn", "native": "Bio", "cite": CITE}],
    "thresholds": [
        {
            "id": "T",
            "native": "T",
            "domain": "bio",
            "statement": "a threshold",
            "indicators": [LINE],
            "cite": CITE,
        }
    ],
    "facts": [{"id": "watched", "type": "boolean", "statement": "somebody watches", "cite": CITE}],
    "commitments": [
        {
            "id": "WATCH",
            "statement": "serve only what somebody watches",
            "if": {"status": "T", "at_least": "crossed"},
            "at": ["external_general"],
            "require": {"fact": "watched"},
            "otherwise": "hold",
            "modality": "must",
            "native_verb": "must",
            "cite": CITE,
        }
    ],
}


def document(kind: str, name: str, payload: Any, since: str = "2025-08-01") -> str:
    head = {
        "schema": f"scalegate/{kind}@1",
        "id": name,
        "subject": "model:m",
        "true_from": since,
        "known_from": since,
        "source": {"document": "a note", "mark": "record"},
    }
    return json.dumps({**head, "payload": payload})


MODEL_WITH_CHECKPOINT = {
    "lab": "lab:house",
    "series": "series:m",
    "checkpoints": [{"id": "checkpoint:m/helpful", "role": "elicitation"}],
    "edges": [{"kind": "checkpoint_of", "start": "checkpoint:m/helpful", "to": "model:m"}],
}
PLAN: dict[str, Any] = {
    "runs": [
        {
            "id": "run-1",
            "eval": {"name": "popularity"},
            "tested": "checkpoint:m/helpful",
            "samples": 50,
            "elicitation": "E1",
            "answers": ["house@1/share"],
        }
    ],
    "committed_at": "2025-08-01",
}
BOUND = {
    "selects": {
        "log_sha256": "",
    },
    "indicator": "house@1/share",
    "reason": "it is this eval",
    "taken_on": "checkpoint:m/helpful",
    "scorer": "match",
    "variant": "helpful_only",
    "elicitation": {"level": "E2", "description": "scaffolded"},
}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from hashlib import sha256

    monkeypatch.chdir(tmp_path)
    assert run(["init", "lab", "--policy", "house@1"]) in {0, 2}
    monkeypatch.chdir(tmp_path / "lab")
    Path("policies/house@1.yaml").write_text(json.dumps(POLICY, indent=1))
    bound = {**BOUND, "selects": {"log_sha256": sha256(RAN.read_bytes()).hexdigest()}}
    Path("model.json").write_text(document("model", "m", MODEL_WITH_CHECKPOINT))
    Path("plan.json").write_text(document("plan", "plan-1", PLAN))
    Path("map.json").write_text(document("mapping", "map", bound))
    assert run(["evidence", "import", "model.json", "map.json", str(RAN)]) == 0
    assert run(["keys", "init", "log.example/house"]) == 0
    assert MODEL
    return tmp_path


def at(monkeypatch: pytest.MonkeyPatch, day: datetime) -> None:
    class Then:
        def now(self) -> datetime:
            return day

    monkeypatch.setattr("scalegate.wiring.system_clock", Then)


def committed(monkeypatch: pytest.MonkeyPatch, day: datetime) -> None:
    with monkeypatch.context() as patched:
        at(patched, day)
        assert run(["plan", "commit", "plan.json"]) == 0
    assert run(["evidence", "import", "plan.json", "plan.receipt.yaml"]) == 0


ASKED = ("model:m", "external_general")


def test_a_plan_recorded_before_its_run_opens_the_gate_and_strangers_can_check_it(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["gate", *ASKED]) == 11
    assert "no evidence without such a plan" in " ".join(asked(capsys, "why", *ASKED).split())
    committed(monkeypatch, datetime(2025, 9, 1, tzinfo=UTC))
    assert run(["plan", "check"]) == 0
    checked = made(capsys, "plan", "check")["plans"][0]
    assert checked["is_answered"]
    assert checked["fixed_at"] == "2025-09-01T00:00:01Z"
    assert run(["gate", *ASKED]) == 0
    Path("record").rename("elsewhere")  # without a log nothing bears the receipt out
    assert run(["gate", *ASKED]) == 11
    assert "there is no record here to hold it against" in " ".join(capsys.readouterr().out.split())
    assert run(["gate", *ASKED, "--record", "elsewhere"]) == 0
    assert run(["gate", *ASKED, "--record", "nowhere"]) == 2
    Path("elsewhere").rename("record")
    assert run(["decide", *ASKED]) == 0
    assert run(["bundle", "sent.zip"]) == 0
    found = made(capsys, "verify", "sent.zip", "--root", "record/root.json", "-w", ".")
    (row,) = found["recomputed"]
    assert row == {
        "index": 2, "what": "decision", "missing": "", "other_engine": "", "is_same": True
    }  # fmt: skip
    assert found["decisions"][0]["plans"][0] | {"plan": ""} == {
        "plan": "",
        "entry": 1,
        "recorded_at": "2025-09-01T00:00:01Z",
        "clock": "own",
        "runs": 1,
        "is_shown": True,
    }
    shown = asked(capsys, "verify", "sent.zip", "--root", "record/root.json")
    assert "1 of its runs began after their plan was recorded" in " ".join(shown.split())


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert run(words) == 0
    return capsys.readouterr().out


def test_a_receipt_that_the_log_does_not_bear_out_signs_nothing(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        at(patched, datetime(2025, 9, 1, tzinfo=UTC))
        assert run(["plan", "commit", "plan.json"]) == 0
    forged = yaml.safe_load(Path("plan.receipt.yaml").read_text())
    forged["payload"]["entry"] = 0
    Path("forged.json").write_text(json.dumps(forged))
    assert run(["evidence", "import", "plan.json", "forged.json"]) == 0
    for verb in ("gate", "status", "why", "assess"):
        words = ASKED[:1] if verb in ("status", "assess") else ASKED
        assert run([verb, *words]) == (11 if verb == "gate" else 0)
        said = " ".join(capsys.readouterr().out.split())
        assert "counts as none: entry 0 is not the plan" in said, verb
    (shown,) = made(capsys, "gate", *ASKED, code=11)["decisions"]
    assert "counts as none" in shown["notes"][0]
    assert run(["decide", *ASKED]) == 12  # a signature is not given on it
    assert "not the plan that is named" in capsys.readouterr().err
    assert run(["plan", "check"]) == 12
    assert "is refused" in capsys.readouterr().out


def test_a_receipt_whose_lines_follow_an_edited_policy_signs_nothing(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line moves after the run, and the lab moves its receipt with it."""
    with monkeypatch.context() as patched:
        at(patched, datetime(2025, 9, 1, tzinfo=UTC))
        assert run(["plan", "commit", "plan.json"]) == 0
    path = Path("policies/house@1.yaml")
    path.write_text(path.read_text().replace('"0.95"', '"0.99"'))
    forged = yaml.safe_load(Path("plan.receipt.yaml").read_text())
    other = made(capsys, "plan", "commit", "plan.json", "--out", "other.yaml")
    assert other["entry"] == 2  # another policy is another statement
    forged["payload"]["lines"][0]["sha256"] = other["lines"][0]["sha256"]
    Path("forged.json").write_text(json.dumps(forged))
    assert run(["evidence", "import", "plan.json", "forged.json"]) == 0
    assert run(["decide", *ASKED]) == 12
    assert "other lines than the plan" in capsys.readouterr().err
    assert run(["plan", "check"]) == 12


def test_what_cannot_be_committed_is_said(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "check"]) == 11
    assert "no plan is on record" in capsys.readouterr().out
    assert run(["plan", "commit", "map.json"]) == 2
    assert "not a plan" in capsys.readouterr().err
    wrong = {**PLAN, "runs": [{**PLAN["runs"][0], "answers": ["house@1/nothing"]}]}
    Path("wrong.json").write_text(document("plan", "wrong", wrong))
    assert run(["plan", "commit", "wrong.json"]) == 2
    assert "no policy used here has it" in " ".join(capsys.readouterr().err.split())
    assert run(["plan", "commit", "plan.json", "--key", "record/keys/gate.pem"]) == 12
    assert run(["plan", "commit", "plan.json"]) == 0
    again = made(capsys, "plan", "commit", "plan.json", "-p", "house@1")
    assert (again["entry"], again["is_new"]) == (1, False)
    Path("set.json").write_text(
        document("plan", "s", {**PLAN, "runs": [{**PLAN["runs"][0], "answers": ["a-set/x"]}]})
    )
    assert run(["plan", "commit", "set.json"]) == 2
    assert run(["evidence", "import", "plan.json"]) == 0
    assert run(["plan", "check"]) == 11
    assert "not recorded" in capsys.readouterr().out
    Path("record/log").rename("moved")
    assert run(["plan", "check"]) == 2
    assert run(["plan", "check", "--log", "moved"]) == 11
    again = made(capsys, "plan", "commit", "plan.json", "-p", "house@1", "--log", "moved")
    assert (again["entry"], again["is_new"]) == (1, False)
