"""Keys, the log and a witness from the command line, as somebody new to them would."""

import json
import os
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scalegate.app.record.witnessing import witness_key
from scalegate.cli.main import run
from scalegate.ledger.signing import Algorithm
from scalegate.wiring import new_signer
from tests.unit.ledger.signers import said

ORIGIN = "log.example/our-lab"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run(["keys", "init", ORIGIN]) == 0
    return tmp_path / "record"


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def said_of(kind: str, note: str) -> dict[str, object]:
    if kind == "evidence":
        return {"shown": {"note": note}}
    return {"document": {"schema": f"scalegate/{kind}@1", "id": note, "subject": "model:m"}}


def envelope(folder: Path, record: Path, kind: str, *names: str, note: str = "x") -> str:
    content = said(kind, {"about": "model:m", **said_of(kind, note)})
    return sealed_by(record, folder, content, *names)


def sealed_by(record: Path, folder: Path, payload: bytes, *names: str) -> str:
    from scalegate.app.record.sealing import seal
    from scalegate.ledger.statements import parse_statement
    from scalegate.wiring import signer_of

    signers = [signer_of(record / "keys" / f"{name}.pem") for name in names]
    path = folder / f"{sha256(payload).hexdigest()}.json"
    path.write_bytes(seal(parse_statement(payload), signers))
    return str(path)


def test_a_record_is_begun_listed_and_verified(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = answer(capsys, "keys", "list")
    assert keys["origin"] == ORIGIN
    assert keys["roles"]["root"]["threshold"] == 2
    found = answer(capsys, "ledger", "verify", "--root", "record/root.json")
    assert (found["size"], found["vouched"], found["faults"]) == (1, 1, [])
    run(["ledger", "verify"])
    said_on_screen = capsys.readouterr().out
    assert "bring your own with --root" in " ".join(said_on_screen.split())
    assert "not checked" in said_on_screen
    modes = {path.stat().st_mode & 0o777 for path in (record / "keys").glob("*.pem")}
    assert modes == {0o600}
    assert run(["keys", "init", ORIGIN]) == 2
    Path("witnesses.txt").write_text("quorum nobody\n")
    assert run(["keys", "init", "two words", "--record", "other"]) == 12
    assert run(["keys", "init", ORIGIN, "--record", "other", "--witnesses", "witnesses.txt"]) == 12
    assert not Path("other").exists()  # not a key was made


def test_envelopes_of_the_right_roles_are_added_once(
    tmp_path: Path, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = envelope(tmp_path, record, "evidence", "evaluator")
    added = answer(capsys, "ledger", "add", good)["entries"]
    assert [(each["index"], each["is_new"]) for each in added] == [(1, True)]
    assert answer(capsys, "ledger", "add", good)["entries"][0]["is_new"] is False
    assert run(["ledger", "add", envelope(tmp_path, record, "evidence", "gate", note="y")]) == 12
    assert run(["ledger", "add", envelope(tmp_path, record, "act", "approver-1", note="z")]) == 12
    two = envelope(tmp_path, record, "act", "approver-1", "approver-3", note="both")
    assert run(["ledger", "add", two]) == 0
    rows = answer(capsys, "ledger", "list", "--from", "1")["entries"]
    assert [each["type"].split("/")[-2] for each in rows] == ["evidence", "act"]
    assert answer(capsys, "ledger", "verify")["vouched"] == 3


def test_a_statement_that_has_not_the_form_of_its_predicate_is_not_added(
    tmp_path: Path, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = envelope(tmp_path, record, "order", "approver-1", "approver-2")
    for bad, place in (
        ({"about": "model:m"}, "predicate/shown"),
        ({"about": ["model:m"], "shown": {}}, "predicate/about"),
    ):
        path = sealed_by(record, tmp_path, said("evidence", bad), "evaluator")
        assert run(["ledger", "add", path]) == 12
        assert place in " ".join(capsys.readouterr().err.split())
    other = {"schema": "scalegate/act@1", "id": "o", "subject": "model:m"}
    mixed = said("order", {"about": "model:m", "document": other})
    assert (
        run(["ledger", "add", sealed_by(record, tmp_path, mixed, "approver-1", "approver-2")]) == 12
    )
    assert "predicate/document/schema" in " ".join(capsys.readouterr().err.split())
    assert answer(capsys, "ledger", "list")["entries"][1:] == []
    more = said("evidence", {"about": "model:m", "shown": {}, "laterField": "kept"})
    assert run(["ledger", "add", odd, sealed_by(record, tmp_path, more, "evaluator")]) == 0


def test_a_proof_is_checked_without_the_log(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from scalegate.ledger.leaves import leaf_of
    from scalegate.ledger.log_proofs import verify_log_proof
    from scalegate.ledger.trust import start_trust

    assert run(["ledger", "prove", "0", "--out", "first.tlog-proof"]) == 0
    root = (record / "root.json").read_bytes()
    trust = start_trust(root)
    proof, _ = verify_log_proof(
        Path("first.tlog-proof").read_bytes(),
        entry=leaf_of(root).to_bytes(),
        policy=trust.witnesses,
        logs=trust.log_keys,
    )
    assert proof.index == 0
    capsys.readouterr()
    assert run(["ledger", "prove", "0"]) == 0
    assert capsys.readouterr().out == Path("first.tlog-proof").read_text()
    assert run(["ledger", "prove", "9"]) == 12


def changed_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    "place", ["checkpoint", "tile/entries/000.p/2", "tile/0/000.p/2", "statement/*/*", "gone"]
)
def test_a_changed_log_is_refused_with_12(
    tmp_path: Path, record: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ledger", "add", envelope(tmp_path, record, "evidence", "evaluator")]) == 0
    if place == "gone":
        (record / "log" / "tile" / "entries" / "000.p" / "2").unlink()
    else:
        changed_byte(min((record / "log").glob(place)))
    assert run(["ledger", "verify"]) == 12
    assert "Traceback" not in capsys.readouterr().err


def test_an_envelope_that_is_not_shown_is_said_to_be_so(
    tmp_path: Path, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    added = answer(capsys, "ledger", "add", envelope(tmp_path, record, "evidence", "evaluator"))[
        "entries"
    ]
    digest = added[0]["envelope"]
    (record / "log" / "statement" / digest[:2] / digest).unlink()
    assert answer(capsys, "ledger", "verify")["hidden"] == [1]
    run(["ledger", "list"])
    assert "not shown" in " ".join(capsys.readouterr().out.split())


def test_keys_are_made_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["keys", "make", "new.pem", "--algorithm", "ml-dsa-44"]) == 0
    assert (tmp_path / "new.pub").exists()
    assert run(["keys", "make", "new.pem"]) == 2
    assert run(["keys", "make", "other.pem", "--algorithm", "rsa"]) == 2
    assert "ml-dsa-44" in capsys.readouterr().err


def test_where_there_is_no_record_the_next_step_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["ledger", "list"], ["ledger", "verify"], ["keys", "list"]):
        assert run(words) in {1, 2}
    assert "keys init" in capsys.readouterr().err


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_witness_process_cosigns_over_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name, port = "witness.example/press", free_port()
    key = witness_key(new_signer(tmp_path / "w.pem", algorithm=Algorithm.ED25519), name)
    asked = f"witness press {key.to_text()} http://127.0.0.1:{port}\nquorum press\n"
    (tmp_path / "witnesses.txt").write_text(asked)
    assert run(["keys", "init", ORIGIN, "--witnesses", "witnesses.txt"]) == 0
    assert run(["ledger", "verify"]) == 12
    assert run(["ledger", "witness"]) == 12
    assert "no answer" in " ".join(capsys.readouterr().out.split())
    log_key = answer(capsys, "keys", "list")["log"][0]
    words = ["witness", "serve", "--key", "w.pem", "--name", name, "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "scalegate.cli", *words, "--log", log_key],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        try:
            assert served.stdout is not None
            policy_line = [served.stdout.readline() for _ in range(2)][1]
            assert policy_line == f"  witness {name} {key.to_text()} http://127.0.0.1:{port}\n"
            assert answer(capsys, "ledger", "witness")["is_reached"] is True
            assert answer(capsys, "ledger", "verify")["cosigned"][0]["name"] == name
            served.terminate()
            assert served.stdout.readline() == "stopped\n"
            assert served.wait(10) == 0
        finally:
            served.kill()
