"""`compare`, `backtest` and `lint --readings` on the shipped policies and cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from scalegate.cli.main import run
from scalegate.wiring import find_frameworks


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_two_versions_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, "compare", "anthropic-rsp@2.2", "anthropic-rsp@3.4")
    old, new = found["policies"]
    cited = [item["cite"] for figure in old["figures"] for item in figure["items"]]
    assert cited
    assert all(cited)
    holds = next(each["items"] for each in old["figures"] if each["key"] == "hold_at_train")
    assert {item["modality"] for item in holds} == {item["text"].split(":")[0] for item in holds}
    pairs = {(each["holds"], each["lets_through"]): each["where"] for each in found["pairs"]}
    assert pairs["anthropic-rsp@3.4", "anthropic-rsp@2.2"] == []
    lost = pairs["anthropic-rsp@2.2", "anthropic-rsp@3.4"]
    assert any(each["gate"] == "train" and each["domain"] == "cbrn" for each in lost)
    assert new["framework"] in found["after_the_table_of_metr"]


def test_the_screen_says_counts_pairs_and_elements(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "gdm-fsf@3.0", "gdm-fsf@3.1", "--clauses"]) == 0
    shown = capsys.readouterr().out
    for part in ("Counts", "How binding it is", "What one holds", "nine common elements"):
        assert part in shown
    assert "1 SECURITY-CBRN-UPLIFT-1 (will): FSF 3.0" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert run(["compare", "gdm-fsf@3.1"]) == 2
    assert "two policies or more" in capsys.readouterr().err


def test_without_names_the_leading_labs_of_the_day_are_compared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = answered(capsys, "compare", "--as-of", "2025-06-01")
    names = {each["framework"] for each in found["policies"]}
    assert names == {"anthropic-rsp@2.2", "openai-pf@2", "gdm-fsf@2.0"}
    assert run(["compare", "--as-of", "2019-01-01"]) == 2
    assert "in force on 2019-01-01: none" in capsys.readouterr().err


def test_past_decisions_are_decided_anew(capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, "backtest", "--policy", "gdm-fsf@2.0", "--history", "google-deepmind")
    rows = found["decisions"]
    assert len(rows) > 5
    assert {each["change"] for each in rows} <= {"same", "stricter", "looser"}
    assert [each["day"] for each in rows] == sorted(each["day"] for each in rows)
    assert all(each["because"] for each in rows if each["change"] == "stricter")
    assert run(["backtest", "--policy", "gdm-fsf@2.0", "--history", "nobody"]) == 2
    assert "google-deepmind" in capsys.readouterr().err
    assert run(["backtest", "--policy", "gdm-fsf@2.0", "--history", "google-deepmind"]) == 0
    assert f"of {len(rows)} past decisions" in capsys.readouterr().out


def test_a_policy_of_the_workspace_is_compared_backtested_and_its_bridge_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No table is about it: its counts are shown, and on shared words it is left out in words."""
    where = ("-w", str(tmp_path))
    assert run(["init", str(tmp_path)]) == 0
    assert run(["policy", "new", "house@1", "--from", "gdm-fsf@3.1", *where]) == 0
    assert run(["compare", "house@1", "gdm-fsf@3.1", *where]) == 0
    assert "house@1 has no table of shared words" in capsys.readouterr().out
    asked = ("backtest", "--policy", "house@1", "--history", "google-deepmind", *where)
    assert len(answered(capsys, *asked)["decisions"]) > 5
    bridge = tmp_path / "bridges" / "house.yaml"
    bridge.parent.mkdir(exist_ok=True)
    head = "schema: scalegate/bridge@1\nold: gdm-fsf@3.1\nnew: house@1\nstatement: a copy\n"
    bridge.write_text(head, encoding="utf-8")
    assert run(["lint", str(bridge), *where]) == 0
    entry = "entries:\n  - {kind: threshold, old: NOPE, reason: none}\n"
    bridge.write_text(head + entry, encoding="utf-8")
    assert run(["lint", str(bridge), *where]) == 2
    assert "unknown threshold" in " ".join(capsys.readouterr().out.split())
    policy = tmp_path / "policies" / "house@1.yaml"
    text = policy.read_text(encoding="utf-8")
    ring = text.replace('version: "1"', 'version: "1"\nsupersedes: house@1', 1)
    for wrong, said in (
        (ring, "supersede each other in a ring"),
        (text.replace("policy@1", "policy@9", 1), "expected `scalegate/policy@1`"),
    ):
        policy.write_text(wrong, encoding="utf-8")
        assert run(["lint", str(policy), *where]) == 2
        assert said in " ".join(capsys.readouterr().out.split())


def test_the_disputed_cyber_clause_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(capsys, "lint", "--readings", "openai-pf@2")
    rows = {each["reading"]: each for each in found["readings"]}
    disputed = rows["cyber-misalignment-scope"]
    assert disputed["gates"] == ["internal", "internal_high_risk"]
    assert disputed["meanings"] == ["unconditional", "with_long_range_autonomy"]


def test_what_a_reading_decides_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(Path(find_frameworks()) / "magic-agi-readiness@1.0.yaml")
    assert run(["lint", "--readings", file]) == 0
    assert "held if it means" in " ".join(capsys.readouterr().out.split())


def test_a_diff_ends_with_past_decisions_where_a_history_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pair = ["diff", "gdm-fsf@3.0", "gdm-fsf@3.1", "--fail-on", "never"]
    assert run([*pair, "--history", "google-deepmind"]) == 0
    shown = capsys.readouterr().out
    panel = " ".join(shown[shown.index("Past decisions") :].split())
    alone = answered(capsys, "backtest", "--policy", "gdm-fsf@3.1", "--history", "google-deepmind")[
        "decisions"
    ]
    differ = [each for each in alone if each["change"] != "same"]
    said = f"of {len(alone)} past decisions, {len(differ)} would differ under gdm-fsf@3.1"
    assert said in panel
    assert run([*pair, "--history", "nobody"]) == 2
    assert run([*pair, "--history", "google-deepmind", "--sarif"]) == 2
    assert "SARIF has no place for past decisions" in " ".join(capsys.readouterr().err.split())
    assert run([*pair, "--history", "google-deepmind", "--md"]) == 0
    written = capsys.readouterr().out
    assert said[1:] in written[written.index("## Past decisions") :].replace("\\", "")
