"""What runs already asks to go on: by grace it does, for a while; a withdrawal stops it at once."""

from __future__ import annotations

import shutil
from datetime import timedelta

from scalegate.base.instants import format_instant, parse_instant
from tests.attacks.record.stage import GATE, Stage, payload_of

ON = ("--ask", "continue")
VERIFY = ("verify", "--root", "record/root.json")
STATED = """\
semantics:
  grace: {serving: 72h, afterwards: staff only, cite: {document: House, section: "2"}}
"""


def after_the_end(stage: Stage, hours: int) -> tuple[str, str]:
    end = parse_instant(stage.json(*stage.passing())["until"])
    return "--as-of", format_instant(end + timedelta(hours=hours))


def test_what_runs_goes_on_aloud_and_nothing_starts(stage: Stage) -> None:
    soon, late = after_the_end(stage, 1), after_the_end(stage, 25)
    said = stage.json(*stage.passing(), *ON, *soon)
    assert (said["is_by_grace"], said["exit_code"]) == (True, 0)
    assert "permit is for another ask (rule 3); expected start" in said["because"]
    stage.done(*stage.passing(), *ON, *soon)
    assert "GOING ON BY GRACE" in stage.capsys.readouterr().err
    assert "not in force" in stage.refused(*stage.passing(), *soon)
    assert "its grace too" in stage.refused(*stage.passing(), *ON, *late)
    stage.refused(*stage.passing(stage.manifest(audience="general")), *ON, *soon)


def test_a_withdrawal_stops_what_runs_at_once(stage: Stage) -> None:
    soon = after_the_end(stage, 1)
    (stage.folder / "gone.yaml").write_text(
        f"digests: [{stage.statement('permit').name}]\nwhat: permit\nreason: x\n"
        "by: {name: Ada, role: board}\n",
        encoding="utf-8",
    )
    stage.done("record", "withdrawal", "gone.yaml")
    assert "withdrawn" in stage.refused(*stage.passing(), *ON)
    assert "withdrawn" in stage.refused(*stage.passing(), *ON, *soon)


def test_without_the_log_what_runs_goes_on_and_a_damaged_log_stops_it(stage: Stage) -> None:
    soon, late = after_the_end(stage, 1), after_the_end(stage, 25)
    tile = stage.newest_entries()
    content = tile.read_bytes()
    tile.write_bytes(content.replace(b"model:m", b"model:n"))
    stage.refused(*stage.passing(), *ON)
    shutil.rmtree(stage.log)
    said = stage.json(*stage.passing(), *ON)
    assert (said["is_by_grace"], said["log_size"]) == (True, None)
    assert "cannot be reached" in said["because"]
    stage.done(*stage.passing(), *ON, *soon)
    assert "its grace too" in stage.refused(*stage.passing(), *ON, *late)
    stage.refused(*stage.passing(), code=2)
    stage.refused(*stage.passing(stage.manifest(surface="web")), *ON)
    permit = stage.folder / "permit.json"
    permit.write_bytes(permit.read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
    stage.refused(*stage.passing(), *ON)


def test_a_permit_cannot_grant_more_than_the_policy_that_it_names(stage: Stage) -> None:
    policy = stage.folder / "policies" / "house@1.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text + STATED, encoding="utf-8")
    issue = ("permit", "issue", "model:m", GATE, "--manifest", "manifest.json")
    assert "than house@1 grants" in stage.refused(*issue, "--grace", "73h")
    said = stage.json(*issue)
    assert said["grace"] == {"length": "3d", "afterwards": "house@1: staff only",
                             "stated_by": ["house@1"]}  # fmt: skip
    going = stage.json(*stage.passing(), *ON, *after_the_end(stage, 71))
    assert going["then"] == "house@1: staff only"
    assert "its grace too" in stage.refused(*stage.passing(), *ON, *after_the_end(stage, 73))
    stage.done("bundle", "more.zip", "-w", ".")
    anew = {row["index"]: row for row in stage.json(*VERIFY, "more.zip")["recomputed"]}
    assert (anew[said["index"]]["what"], anew[said["index"]]["is_same"]) == ("permit", True)

    longer = payload_of((stage.folder / "permit.json").read_bytes())["predicate"]
    longer["grace"] = str(9 * 86_400)
    stage.done("ledger", "add", stage.sealed("permit", longer, "gate"))
    stage.done("bundle", "most.zip", "-w", ".")
    found = stage.refused(*VERIFY, "most.zip")
    assert "permit grants a longer grace than house@1" in found
    assert "expected at most 3d; got 9d" in found


def test_a_permit_cannot_grant_more_than_another_policy_that_decided_it(stage: Stage) -> None:
    other = stage.folder / "policies" / "strict@1.yaml"
    text = (stage.folder / "policies" / "house@1.yaml").read_text(encoding="utf-8")
    strict = STATED.replace("72h, afterwards: staff only", "none")
    other.write_text(text.replace("id: house", "id: strict") + strict, encoding="utf-8")
    both = ("-p", "house@1", "-p", "strict@1")
    said = stage.json("permit", "issue", "model:m", GATE, "--manifest", "manifest.json", *both)
    assert said["grace"]["length"] == "none"
    assert "its grace too" in stage.refused(*stage.passing(), *ON, *after_the_end(stage, 0))

    usual = payload_of((stage.folder / "permit.json").read_bytes())["predicate"]
    del usual["grace"], usual["graceStatedBy"]
    stage.done("ledger", "add", stage.sealed("permit", usual, "gate"))
    stage.done("bundle", "more.zip", "-w", ".")
    assert "a longer grace than strict@1" in stage.refused(*VERIFY, "more.zip")
