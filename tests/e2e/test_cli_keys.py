"""Keys change hands by the root keys of before and after; what a removed key signs is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scalegate.cli.main import run
from tests.e2e.test_cli_record import answer, envelope, record

__all__ = ["record"]
VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "check_bundle.py"


def made(name: str, algorithm: str = "ed25519") -> str:
    assert run(["keys", "make", f"{name}.pem", "--algorithm", algorithm]) == 0
    return f"{name}.pub"


def test_a_replaced_key_signs_no_more(
    tmp_path: Path, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = envelope(tmp_path, record, "evidence", "evaluator", note="before")
    assert run(["ledger", "add", before]) == 0
    new = made("new", "ecdsa-p256")  # as tokens and key services sign
    found = answer(capsys, "keys", "rotate", "--replace", f"evaluator={new}")
    assert (found["version"], found["index"]) == (2, 2)
    late = envelope(tmp_path, record, "evidence", "evaluator", note="late")
    assert run(["ledger", "add", late]) == 12
    (record / "keys" / "new.pem").write_bytes(Path("new.pem").read_bytes())
    (record / "keys" / "new.pem").chmod(0o600)
    assert run(["ledger", "add", envelope(tmp_path, record, "evidence", "new", note="new")]) == 0
    seen = answer(capsys, "ledger", "verify", "--root", "record/root.json")
    assert (seen["trust_version"], seen["vouched"], seen["faults"]) == (2, 4, [])


def test_root_keys_in_several_hands_sign_one_after_the_other(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = record / "keys"
    for name in ("root-1", "root-2", "root-3"):
        (keys / f"{name}.pem").rename(f"{name}.pem")
    words = ["keys", "rotate", "--replace", f"root-3={made('root-4')}", "--key", "root-1.pem"]
    assert run(words) == 2  # one of two, and no draft asked for
    draft = answer(capsys, *words, "--out", "next.json")
    assert [(each["version"], each["got"]) for each in draft["missing"]] == [(1, 1), (2, 1)]
    assert run(["ledger", "add", "next.json"]) == 12
    signed = answer(capsys, "keys", "sign", "next.json", "--key", "root-2.pem")
    assert len(signed["key_ids"]) == 2
    assert run(["keys", "sign", "next.json", "--key", "root-2.pem"]) == 2  # once is enough
    assert run(["ledger", "add", "next.json"]) == 0
    assert answer(capsys, "keys", "list")["version"] == 2
    assert run(["ledger", "verify"]) == 0
    assert run(["ledger", "add", "next.json"]) == 0  # again: it is there


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--expires", "2020-01-01"],
        ["--replace", "nobody=new.pub"],
        ["--replace", "gate"],
        ["--replace", "gate=record/keys/auditor.pub"],
        ["--replace", "gate=new.pub", "--replace", "gate=new.pub"],
        ["--replace", "gate=new.pub", "--add", "auditor=new.pub"],
        ["--replace", "gate=new.pub", "--remove", "gate"],
        ["--remove", "gate"],
        ["--add", "nothing=new.pub"],
        ["--threshold", "approver=4"],
        ["--threshold", "approver=0"],
        ["--threshold", "approver=two"],
        ["--remove", "root-1", "--remove", "root-2"],
        ["--replace", "gate=absent.pub"],
    ],
)
def test_a_rotation_that_makes_no_sense_is_refused_in_words(
    record: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    made("new")
    size = (record / "log" / "checkpoint").read_bytes()
    capsys.readouterr()
    assert run(["keys", "rotate", *words, "--json"]) in (1, 2)
    assert json.loads(capsys.readouterr().out)["kind"] == "error"
    assert (record / "log" / "checkpoint").read_bytes() == size


def test_a_later_end_and_other_thresholds_are_a_rotation_too(
    record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = Path("witnesses")
    policy.write_text("quorum none\n", encoding="utf-8")
    assert run(["keys", "rotate", "--expires", "2099-01-01", "--witnesses", str(policy)]) == 0
    words = ["--threshold", "approver=3", "--add", f"gate={made('gate-2')}", "--remove", "auditor"]
    assert run(["keys", "rotate", *words, "--add", f"auditor={made('institute')}"]) == 0
    found = answer(capsys, "keys", "list")
    assert found["roles"]["approver"]["threshold"] == 3
    assert [each["owner"] for each in found["roles"]["auditor"]["keys"]] == ["institute"]
    assert [each["owner"] for each in found["roles"]["gate"]["keys"]] == ["gate", "gate-2"]


def test_after_its_end_only_a_successor_is_taken(tmp_path: Path, record: Path) -> None:
    """The first document is replaced by one that has ended; then nothing else is taken."""
    from datetime import UTC, datetime

    from scalegate.app.record.admitting import admit
    from scalegate.base.errors import TrustError
    from scalegate.ledger.trust import start_trust

    class Late:
        def now(self) -> datetime:
            return datetime(2100, 1, 1, tzinfo=UTC)

    content = Path(envelope(tmp_path, record, "evidence", "evaluator")).read_bytes()
    trusts = [start_trust((record / "root.json").read_bytes())]
    with pytest.raises(TrustError, match="expired"):
        admit(trusts, content, clock=Late())
    assert run(["keys", "rotate", "--expires", "2101-01-01", "--out", "next.json"]) == 0
    admit(trusts, Path("next.json").read_bytes(), clock=Late())
    admit(trusts, content, clock=Late())
    assert [each.version for each in trusts] == [1, 2]


def test_the_logs_own_key_changes_and_the_old_one_appends_no_more(
    tmp_path: Path, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = record / "log" / "checkpoint"
    seen = tmp_path / "seen"
    seen.write_bytes(checkpoint.read_bytes())
    made("new-log")
    assert run(["keys", "rotate", "--log-key", "record/keys/gate.pem"]) == 2  # it has a role
    draft = ["keys", "rotate", "--log-key", "new-log.pem", "--out", "next.json"]
    assert run(draft) == 0
    assert run(["ledger", "add", "next.json"]) == 2  # the old key may not sign what comes after it
    assert checkpoint.read_bytes() == seen.read_bytes()
    assert run(["ledger", "add", "next.json", "--log-key", "new-log.pem"]) == 0
    held = record / "keys" / "log.pem"
    assert held.read_bytes() == Path("new-log.pem").read_bytes()
    assert held.stat().st_mode & 0o777 == 0o600
    assert run(["ledger", "add", envelope(tmp_path, record, "evidence", "evaluator")]) == 0
    found = answer(capsys, "ledger", "verify", "--root", "record/root.json")
    assert (found["size"], found["trust_version"], found["faults"]) == (3, 2, [])
    assert run(["bundle", "r.zip"]) == 0
    words = ["verify", "r.zip", "--root", "record/root.json", "--seen", str(seen)]
    assert answer(capsys, *words)["contains"] == 1  # signed by the key before
    ran = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *words[1:]], capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    new = held.read_bytes()
    held.write_bytes((record / "keys" / "log-before-2.pem").read_bytes())
    assert (
        run(["ledger", "add", envelope(tmp_path, record, "evidence", "evaluator", note="z")]) == 2
    )
    held.write_bytes(new)
    assert run(["keys", "rotate", "--log-key", "new-log.pem"]) == 2  # it is the log's already


def test_what_a_person_reads(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (record / "keys" / "root-2.pem").rename("root-2.pem")
    (record / "keys" / "root-3.pem").unlink()
    made("new")
    assert run(["keys", "rotate", "--replace", "gate=new.pub", "--out", "next.json"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "nothing is recorded yet" in shown
    assert "root keys of version 1: 1 of 2 signed" in shown
    assert run(["keys", "sign", "next.json", "--key", "root-2.pem"]) == 0
    assert "2 signatures; none is checked here" in " ".join(capsys.readouterr().out.split())
    assert run(["ledger", "add", "next.json"]) == 0
    assert run(["keys", "rotate", "--expires", "2098-01-01", "--key", "root-2.pem",
                "--key", "record/keys/root-1.pem"]) == 0  # fmt: skip
    assert "version 3 is entry 2" in capsys.readouterr().out
    assert run(["keys", "list"]) == 0
    assert "trust document version 3 of log.example/our-lab" in capsys.readouterr().out
    assert run(["keys", "make", "other.pem", "--algorithm", "rsa"]) == 2
    (record / "keys" / "root-1.pem").unlink()
    assert run(["keys", "rotate", "--expires", "2099-01-01"]) == 2
    assert "no root key is here" in capsys.readouterr().err


def test_a_key_file_is_not_replaced_over_one_that_is_kept(tmp_path: Path, record: Path) -> None:
    from scalegate.base.errors import OutsideError, UsageError
    from scalegate.wiring import replace_key_file

    made("new")
    held = record / "keys" / "log.pem"
    before = held.read_bytes()
    with pytest.raises(UsageError, match="exists"):
        replace_key_file(held, tmp_path / "new.pem", kept=record / "keys" / "gate.pem")
    with pytest.raises(OutsideError, match="cannot replace"):
        replace_key_file(held, tmp_path / "new.pem", kept=tmp_path / "nowhere" / "old.pem")
    assert held.read_bytes() == before
    assert not (record / "keys" / "log.pem.new").exists()
