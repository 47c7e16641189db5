"""A bundle is made on one side and checked on another, from the command line."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scalegate.cli.main import run
from tests.e2e.test_cli_permit import FACT, lab

ROOT = Path(__file__).parents[2]
__all__ = ["lab"]  # the fixture: a workspace with a policy, a model and a record


def made(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_bundle_is_checked_without_the_workspace(
    lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["decide", "model:m", "external_general"]) == 11
    (lab / "seen").write_bytes(Path("record/log/checkpoint").read_bytes())
    assert run(["decide", "model:m", "external_general", "--reasons", "again"]) == 11
    first = made(capsys, "bundle", "../sent.zip")
    (lab / "root.json").write_bytes(Path("record/root.json").read_bytes())
    assert made(capsys, "bundle", "../again.zip")["sha256"] == first["sha256"]
    monkeypatch.chdir(lab)
    check = ("verify", "sent.zip", "--root", "root.json")
    found = made(capsys, *check, "--seen", "seen")
    assert (found["size"], found["contains"], found["withheld"]) == (3, 2, [])
    assert [each["effect"] for each in found["decisions"]] == ["hold", "hold"]
    assert any("expired" in each for each in found["not_checked"])
    assert run([*check, "--seen", "seen"]) == 0
    assert run(check) == 0
    shown = capsys.readouterr().out
    assert "8. not checked" in shown
    assert "the bundle holds" in shown


def test_decisions_are_computed_anew_from_a_workspace(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decide", "model:m", "external_general"]) == 11
    assert run(["bundle", "sent.zip"]) == 0
    check = ("verify", "sent.zip", "--root", "record/root.json")
    assert made(capsys, *check)["recomputed"] is None
    found = made(capsys, *check, "-w", ".")
    (row,) = found["recomputed"]
    assert row == {
        "index": 1, "what": "decision", "missing": "", "other_engine": "", "is_same": True
    }  # fmt: skip
    assert not any("follows from" in each for each in found["not_checked"])
    assert run(["init", "../other", "--policy", "house@1"]) in {0, 2}
    (lab / "other" / "policies" / "house@1.yaml").write_bytes(
        (lab / "lab" / "policies" / "house@1.yaml").read_bytes()
    )
    without = made(capsys, *check, "-w", "../other")  # the same policy, none of the evidence
    assert without["recomputed"][0]["missing"]
    policy = lab / "lab" / "policies" / "house@1.yaml"
    policy.write_text(policy.read_text() + "# another text\n")
    found = made(capsys, *check, "-w", ".")
    assert "policy" in found["recomputed"][0]["missing"]
    assert any("follows from" in each for each in found["not_checked"])
    assert run([*check, "-w", "."]) == 0
    assert "could not be recomputed" in capsys.readouterr().out


def test_a_decision_by_proved_bounds_is_computed_anew_by_them(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["assess", "model:m", "--proved"]) == 0
    made(capsys, "decide", "model:m", "external_general", "--proved", code=11)
    statements = [path.read_bytes() for path in Path("record/log/statement").rglob("*")
                  if path.is_file()]  # fmt: skip
    said = [base64.b64decode(json.loads(each)["payload"]) for each in statements]
    assert sum(b'"bounds":"proved"' in each for each in said) == 1
    assert run(["bundle", "sent.zip"]) == 0
    found = made(capsys, "verify", "sent.zip", "--root", "record/root.json", "-w", ".")
    (row,) = found["recomputed"]
    assert row == {
        "index": 1, "what": "decision", "missing": "", "other_engine": "", "is_same": True
    }  # fmt: skip


def test_a_bundle_with_material_needs_no_workspace(
    lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = ROOT / "examples" / "inspect-logs" / "logs" / "inspect_scout__websearch.eval"
    assert run(["evidence", "import", str(log)]) == 0
    assert run(["decide", "model:m", "external_general"]) == 11
    sent = made(capsys, "bundle", "../sent.zip", "-w", ".")
    assert sent["material"]["carried"] == {
        "list": 3, "policy": 1, "document": 1, "runs": 0, "table": 1,
    }  # fmt: skip
    assert made(capsys, "bundle", "../again.zip", "-w", ".")["sha256"] == sent["sha256"]
    assert made(capsys, "bundle", "../less.zip", "-w", ".", "--without", "logs")["material"]
    assert run(["bundle", "../none.zip", "--without", "logs"]) == 2
    assert run(["bundle", "../none.zip"]) == 0
    (lab / "root.json").write_bytes(Path("record/root.json").read_bytes())
    monkeypatch.chdir(lab)
    whole = ("--root", "root.json", "--recompute-all")
    found = made(capsys, "verify", "sent.zip", *whole)
    (row,) = found["recomputed"]
    assert row == {
        "index": 1, "what": "decision", "missing": "", "other_engine": "", "is_same": True
    }  # fmt: skip
    assert run(["verify", "sent.zip", *whole]) == 0
    assert "1  the same bytes" in capsys.readouterr().out
    assert any("give the logs" in each for each in found["not_checked"])
    held_against_the_log(lab, log, capsys)
    less = made(capsys, "verify", "less.zip", "--root", "root.json")
    assert "the sender left it out" in less["recomputed"][0]["missing"]
    assert [each["part"] for each in less["material"]["withheld"]] == ["table"]
    assert run(["verify", "less.zip", *whole]) == 12
    assert run(["verify", "less.zip", "--root", "root.json"]) == 0
    assert "could not be recomputed" in capsys.readouterr().out


def held_against_the_log(lab: Path, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = ("verify", "sent.zip", "--root", "root.json", "--logs")
    (lab / "logs").mkdir()
    (seen,) = made(capsys, *again, "logs")["tables"]
    assert seen["missing"] == "the log is not at hand"
    (lab / "logs" / "any-name.eval").write_bytes(log.read_bytes())
    found = made(capsys, *again, "logs")
    assert [(each["missing"], each["samples"] > 0) for each in found["tables"]] == [("", True)]
    assert not any("give the logs" in each for each in found["not_checked"])
    assert run([*again, "logs"]) == 0
    assert "10. tables of samples: 1 of 1" in capsys.readouterr().out
    assert run([*again, "nowhere"]) == 2
    (less,) = made(capsys, "verify", "less.zip", *again[2:], "logs")["tables"]
    assert less["missing"] == "the table is withheld"
    assert run(["verify", "none.zip", *again[2:], "logs"]) == 2


def test_a_table_that_is_not_that_of_its_log_names_the_sample(
    lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate's own key signs a table that was bent before the decision."""
    from scalegate.evidence import sample_table

    log = ROOT / "examples" / "inspect-logs" / "logs" / "inspect_scout__websearch.eval"
    assert run(["evidence", "import", str(log)]) == 0
    honest = sample_table.table_bytes

    def bent(found: Any) -> bytes:
        content, count = re.subn(rb'"values":\[[^,\]]+', b'"values":[0.125', honest(found), count=1)
        assert count == 1
        return content

    with monkeypatch.context() as patched:
        patched.setattr(sample_table, "table_bytes", bent)
        assert run(["decide", "model:m", "external_general"]) == 11
        assert run(["bundle", "sent.zip", "-w", "."]) == 0
    check = ("verify", "sent.zip", "--root", "record/root.json", "--logs", str(log.parent))
    assert run([*check[:4]]) == 0
    assert run(check) == 12
    shown = " ".join(capsys.readouterr().err.split())
    assert "not that of its log" in shown
    assert "sample `" in shown
    assert "`0.125`" in shown


def test_a_policy_is_kept_as_it_was_when_it_decided(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decide", "model:m", "external_general"]) == 11
    policy = lab / "lab" / "policies" / "house@1.yaml"
    policy.write_text(policy.read_text().replace("otherwise: hold", "otherwise: restrict"))
    assert run(["bundle", "sent.zip", "-w", "."]) == 0
    check = ("verify", "sent.zip", "--root", "record/root.json", "--recompute-all")
    assert made(capsys, *check)["recomputed"][0]["missing"] == ""
    policy.write_text("no policy at all")
    assert run(["bundle", "sent.zip", "-w", "."]) == 0
    assert run(check) == 0


def test_what_a_workspace_no_longer_has_is_withheld_as_such(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decide", "model:m", "external_general"]) == 11
    policy = lab / "lab" / "policies" / "house@1.yaml"
    policy.write_text(policy.read_text() + "# another text\n")
    for kept in Path("record/material").glob("*/*"):
        kept.write_bytes(b"altered")  # as good as gone
    sent = made(capsys, "bundle", "sent.zip", "-w", ".")
    assert [each["reason"] for each in sent["material"]["withheld"]] == ["not-kept"]
    found = made(capsys, "verify", "sent.zip", "--root", "record/root.json")
    assert "no longer has it" in found["recomputed"][0]["missing"]
    assert run(["bundle", "plain.zip"]) == 0
    assert run(["verify", "plain.zip", "--root", "record/root.json", "--recompute-all"]) == 12


def test_evidence_that_came_later_does_not_hide_what_was_decided_from(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decide", "model:m", "external_general"]) == 11
    (lab / "fact.yaml").write_text(FACT)  # says that it was known before
    assert run(["evidence", "import", "../fact.yaml"]) == 0
    assert run(["bundle", "sent.zip", "-w", "."]) == 0
    found = made(capsys, "verify", "sent.zip", "--root", "record/root.json")
    assert found["recomputed"][0]["missing"] == ""


def test_swapped_evidence_in_the_workspace_exits_12(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decide", "model:m", "external_general"]) == 11
    assert run(["bundle", "sent.zip"]) == 0
    kept = (lab / "model.yaml").read_bytes()
    stored = [
        path for path in (lab / "lab").rglob("*") if path.is_file() and path.read_bytes() == kept
    ]
    assert stored
    for path in stored:
        path.chmod(0o644)
        path.write_bytes(kept + b"# swapped\n")
    check = ("verify", "sent.zip", "--root", "record/root.json")
    assert run([*check, "-w", "."]) == 12
    assert "Traceback" not in capsys.readouterr().err


@pytest.fixture
def decide_lying(lab: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, object], Path]:
    """Record a decision in which one field is another than the engine's, and bundle the log."""
    from scalegate.app.record import deciding, recording

    honest = deciding.decision_statement

    def decide(field: str, lie: object) -> Path:
        def lying(*given: Any, **more: Any) -> Any:
            stated = honest(*given, **more)
            return replace(stated, predicate={**stated.predicate, field: lie})

        with monkeypatch.context() as patched:
            patched.setattr(recording, "decision_statement", lying)
            assert run(["decide", "model:m", "external_general"]) == 11
        assert run(["bundle", "sent.zip"]) == 0
        return lab

    return decide


CHECK = ("verify", "sent.zip", "--root", "record/root.json")


@pytest.mark.parametrize(
    ("field", "lie"), [("effect", "allow"), ("isOpen", True), ("determining", [])]
)
def test_a_decision_that_does_not_follow_exits_12(
    decide_lying: Callable[[str, object], Path],
    capsys: pytest.CaptureFixture[str],
    field: str,
    lie: object,
) -> None:
    decide_lying(field, lie)
    assert run(CHECK) == 0
    assert run([*CHECK, "-w", "."]) == 12
    assert f"another `{field}` for gate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("field", "lie"), [("gate", "nowhere"), ("ask", "perhaps"), ("asOf", "today")]
)
def test_a_decision_that_asks_nothing_we_know_could_not_be_recomputed(
    decide_lying: Callable[[str, object], Path],
    capsys: pytest.CaptureFixture[str],
    field: str,
    lie: object,
) -> None:
    decide_lying(field, lie)
    found = made(capsys, *CHECK, "-w", ".")
    assert "cannot be decided here" in found["recomputed"][0]["missing"]
    assert any("follows from" in each for each in found["not_checked"])


def test_a_fault_of_the_engine_is_not_taken_for_a_gap(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scalegate.app.record import following

    def broken(*given: object, **more: object) -> None:
        raise ValueError("engine fault")

    assert run(["decide", "model:m", "external_general"]) == 11
    assert run(["bundle", "sent.zip"]) == 0
    monkeypatch.setattr(following, "decide_all", broken)
    assert run([*CHECK, "-w", "."]) == 1


def test_a_damaged_bundle_exits_12_without_a_traceback(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bundle", "sent.zip"]) == 0
    content = bytearray(Path("sent.zip").read_bytes())
    content[len(content) // 2] ^= 1
    Path("sent.zip").write_bytes(content)
    assert run(["verify", "sent.zip", "--root", "record/root.json"]) == 12
    Path("sent.zip").write_bytes(b"")
    assert run(["verify", "sent.zip", "--root", "record/root.json"]) == 12
    assert run(["verify", "sent.zip", "--root", "no-such.json"]) == 2
    assert run(["verify", "no-such.zip", "--root", "record/root.json"]) == 2
    seen = ("--seen", "no-such")
    assert run(["verify", "sent.zip", "--root", "record/root.json", *seen]) == 2
    assert run(["bundle", "sent.zip", "--record", "nowhere"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_published_site_is_a_log_that_can_be_bundled(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--reasons", "<script>alert(1)</script>\u202e")
    assert run(["decide", "model:m", "external_general", *words]) == 11
    assert made(capsys, "publish", "site")["files"] == len(
        [path for path in Path("site").rglob("*") if path.is_file() and path.name != ".lock"]
    )
    assert run(["publish", "site"]) == 2
    pages = [path.read_text(encoding="utf-8") for path in Path("site").rglob("*.html")]
    assert len(pages) == 3
    assert all("<script" not in page and "\u202e" not in page for page in pages)
    assert any("&lt;script&gt;" in page for page in pages)
    assert any("<strong>hold</strong>" in page for page in pages)
    Path("mirror").mkdir()
    Path("site").rename("mirror/log")
    assert (
        made(capsys, "bundle", "a.zip", "--record", "mirror")["sha256"]
        == (made(capsys, "bundle", "b.zip")["sha256"])
    )
    envelope = next(Path("record/log/statement").rglob("*/*"))
    envelope.write_bytes(envelope.read_bytes().replace(b"sig", b"gis"))
    assert run(["publish", "elsewhere"]) == 12
    assert not Path("elsewhere").exists()
