"""The second engine of `diff` from the command line: asked for, missing, and its proofs."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from scalegate.cli.main import run

OLD, NEW = "anthropic-rsp@3.1", "anthropic-rsp@3.2"


def test_proofs_go_into_the_certificate_and_are_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tmp_path / "held.json"
    asked = ["diff", OLD, NEW, "--certificate", str(held), "--fail-on", "never"]
    assert run([*asked, "--engine", "sat"]) == 0
    capsys.readouterr()
    assert run(["diff", OLD, NEW, "--verify", str(held), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["proofs"] > 0
    assert said["undecided"] == said["points"] == 0
    assert run([*asked, "--proof"]) == 0
    capsys.readouterr()
    assert run(["diff", OLD, NEW, "--verify", str(held)]) == 0
    assert "proofs of a solver hold" in " ".join(capsys.readouterr().out.split())
    plain = json.loads(held.read_text(encoding="utf-8"))
    place = next(at for at, table in enumerate(plain["tables"]) if table["old_proof"])
    plain["tables"][place]["old_proof"] = "no clause"
    held.write_text(json.dumps(plain), encoding="utf-8")
    assert run(["diff", OLD, NEW, "--verify", str(held)]) == 12


def test_a_proof_without_a_certificate_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", OLD, NEW, "--proof"]) == 2
    assert "--certificate" in capsys.readouterr().err


def test_without_the_extra_what_needs_it_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    held = tmp_path / "held.json"
    assert run(["diff", OLD, NEW, "--engine", "sat"]) == 2
    assert "scalegate[sat]" in capsys.readouterr().err
    assert run(["diff", OLD, NEW, "--certificate", str(held), "--proof"]) == 2
    assert "scalegate[sat]" in capsys.readouterr().err
    assert not held.exists()
    assert run(["diff", OLD, NEW, "--fail-on", "never"]) == 0
