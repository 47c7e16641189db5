"""Two versions of a source, compared: the lines, the plain data, the certificate, the exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scalegate.app.case_answers import shelf_of
from scalegate.app.comparing import (
    ANY_BRIDGE,
    Choice,
    ComparisonResult,
    check_certificate,
    compare_versions,
)
from scalegate.app.labs import backtest, compare_labs
from scalegate.base.errors import (
    DigestMismatch,
    DocumentFaults,
    FormatError,
    TrustError,
    UnknownName,
)
from scalegate.cli.main import run
from scalegate.cli.verb_diff import FailOn, exit_code
from scalegate.compare.diff import diff
from scalegate.compare.model import Change, Difference, Verdict
from scalegate.policy.compile import compile_policy
from scalegate.wiring import policy_source, read_policy_text
from tests.strategies.policies import policy_of
from tests.unit.compare.toy_pairs import row

OLD, NEW = "anthropic-rsp@2.1", "anthropic-rsp@2.2"


@pytest.fixture(scope="module")
def result() -> ComparisonResult:
    return compare_versions(OLD, NEW, policy_source())


def test_the_view_names_the_verdict_each_commitment_once_and_both_citations(
    result: ComparisonResult,
) -> None:
    view = result.view()
    assert view.verdict is Verdict.LOOSENED
    (found,) = [each for each in view.clauses[Change.LOOSENED] if each.id == "asl-3-security"]
    said = found.families[0].said
    assert "Insider risk controls (insiders who have, or can ask for, access" in said.situation
    assert "RSP 2.1, 2, rows CBRN-3" in said.holds
    assert "RSP 2.2, 2, rows CBRN-3" in said.instead
    (unmatched,) = view.unmatched
    assert (unmatched.policy, unmatched.change) == (OLD, Change.LOOSENED)


def test_the_plain_data_is_json_and_has_every_item(result: ComparisonResult) -> None:
    plain: dict[str, Any] = json.loads(json.dumps(result.to_mapping(), allow_nan=False))
    assert plain["verdict"] == "loosened"
    counts = {each["answer"]: each["loosened"] for each in plain["comparisons"]}
    for answer in plain["answers"]:
        assert sum(each["situations"] for each in answer["loosened"]) == counts[answer["answer"]]
        assert all(each["sentence"] and each["commitments"] for each in answer["loosened"])


@pytest.mark.parametrize(
    ("old", "new", "fail_on", "code"),
    [
        (OLD, NEW, FailOn.LOOSER, 14),
        (OLD, NEW, FailOn.LOOSER_GATES, 14),
        (OLD, NEW, FailOn.NEVER, 0),
        (NEW, OLD, FailOn.LOOSER_GATES, 0),
        (NEW, NEW, FailOn.DIFFERENT, 0),
    ],
)
def test_the_exit_code_is_14_for_what_was_asked_to_fail(
    old: str, new: str, fail_on: FailOn, code: int
) -> None:
    assert exit_code(compare_versions(old, new, policy_source()), fail_on) == code


def test_what_a_rival_reading_alone_lets_fail_fails() -> None:
    """Under the bridge nothing differs at a gate; a rival takes the new G1 for another thing."""
    kept = compare_versions(NEW, NEW, policy_source())
    old, new = (
        compile_policy(policy_of([row()])),
        compile_policy(policy_of([row(require="always")])),
    )
    same, looser, stricter = diff(old, old), diff(old, new), diff(new, old)

    def code(rival: Difference, fail_on: FailOn) -> int:
        readings = replace(kept.readings, main=same, rivals={"other": rival}, kept={})
        return exit_code(replace(kept, readings=readings), fail_on)

    assert code(looser, FailOn.LOOSER_GATES) == code(looser, FailOn.LOOSER) == 14
    assert code(stricter, FailOn.LOOSER_GATES) == code(stricter, FailOn.LOOSER) == 0
    assert code(stricter, FailOn.DIFFERENT) == 14
    assert code(same, FailOn.DIFFERENT) == 0


def test_a_certificate_is_checked_against_its_own_pair_only(result: ComparisonResult) -> None:
    plain = json.loads(json.dumps(result.certificate().to_mapping()))
    assert check_certificate((OLD, NEW), policy_source(), plain).old == OLD
    with pytest.raises(DigestMismatch):
        check_certificate((NEW, OLD), policy_source(), plain)
    plain["tables"][0]["old"].pop()
    with pytest.raises(TrustError):
        check_certificate((OLD, NEW), policy_source(), plain)
    with pytest.raises(FormatError):
        check_certificate((OLD, NEW), policy_source(), {"schema_": "something else"})


def test_a_version_that_nobody_has_is_named(result: ComparisonResult) -> None:
    with pytest.raises(UnknownName):
        compare_versions(OLD, "anthropic-rsp@99", policy_source())


def test_the_verb_writes_a_certificate_and_refuses_a_forged_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.json"
    assert run(["diff", OLD, NEW, "--certificate", str(path)]) == 14
    assert f"{OLD} -> {NEW}: loosened" in capsys.readouterr().out
    assert run(["diff", OLD, NEW, "--verify", str(path)]) == 0
    page = tmp_path / "page.html"
    assert run(["diff", OLD, NEW, "--verify", str(path), "--html", str(page)]) == 2
    assert not page.exists()
    forged = json.loads(path.read_text(encoding="utf-8"))
    forged["tables"][0]["new"].append(forged["tables"][0]["new"][0])
    path.write_text(json.dumps(forged), encoding="utf-8")
    assert run(["diff", OLD, NEW, "--verify", str(path)]) == 12


RING = """\
schema: scalegate/policy@1
id: ring
version: "{version}"
lab: Ring
title: Ring
effective_on: "2025-01-01"
supersedes: ring@{before}
"""


def test_versions_that_supersede_each_other_in_a_ring_are_refused_with_file_and_line(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    for version, before in (("1", "2"), ("2", "1")):
        (folder / f"{version}.yaml").write_text(RING.format(version=version, before=before))
    with pytest.raises(DocumentFaults, match=r"policies/2\.yaml:7: .*in a ring"):
        compare_versions("ring@1", "ring@2", policy_source(tmp_path))
    with pytest.raises(DocumentFaults, match="in a ring"):
        compare_labs(policy_source(tmp_path), ["ring@1", "ring@2"])
    source = policy_source(tmp_path)
    with pytest.raises(DocumentFaults, match="in a ring"):
        backtest(source, shelf_of(source), (), policy="ring@1")


def test_a_policy_of_another_language_version_is_refused_with_file_and_line_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path)]) == 0
    folder = tmp_path / "policies"
    folder.mkdir(exist_ok=True)
    later = RING.format(version="1", before="0").replace("policy@1", "policy@9")
    (folder / "later.yaml").write_text("# of a later engine\n" + later)
    page = tmp_path / "page.html"
    assert run(["diff", "-w", str(tmp_path), OLD, "ring@1", "--html", str(page)]) == 2
    assert "policies/later.yaml:2:" in capsys.readouterr().err
    assert not page.exists()


def test_a_bridge_of_the_workspace_or_of_the_command_line_goes_before_the_shipped_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = ("anthropic-rsp@3.3", "anthropic-rsp@3.4")
    text = "schema: scalegate/bridge@1\nold: {}\nnew: {}\nstatement: mine\n"
    (tmp_path / "bridges").mkdir()
    (tmp_path / "bridges" / "mine.yaml").write_text(text.format(*pair))
    (tmp_path / "turned.yaml").write_text(text.format(*reversed(pair)))
    (tmp_path / "wrong.yaml").write_text(text.format(OLD, NEW))

    def statement(choice: Choice, folder: Path | None = tmp_path) -> str | None:
        bridge = compare_versions(*pair, policy_source(folder), choice).readings.bridge
        return bridge.statement if bridge else None

    shipped = statement(ANY_BRIDGE, None)
    assert shipped is not None
    assert shipped != "mine"
    assert statement(ANY_BRIDGE) == "mine"
    assert statement(Choice(is_none=True)) is None
    turned = read_policy_text(tmp_path / "turned.yaml")
    assert statement(Choice(given=turned)) == "mine"
    assert run(["diff", *pair, "--bridge", str(tmp_path / "wrong.yaml")]) == 2
    assert "wrong.yaml:2: another policy" in capsys.readouterr().err
    (tmp_path / "bridges" / "too.yaml").write_text(text.format(*pair))
    with pytest.raises(DocumentFaults, match="two bridges between the same policies"):
        statement(ANY_BRIDGE)
