"""Every predicate is written by a verb, in the form that its published schema says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scalegate.adapters.documents import read_document
from scalegate.app.record.bundling import read_files
from scalegate.app.record.planning import plan_statement
from scalegate.app.record.predicates import SAID
from scalegate.cli.main import run
from scalegate.evidence.documents.plans import CommittedLine
from scalegate.ledger.statements import SUMMARY, Predicate
from tests.e2e.test_cli_permit import FACT, MODEL, lab, made, manifest

__all__ = ["lab"]
ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "reference" / "examples"
SCHEMAS = ROOT / "docs" / "reference" / "schemas" / "statements"
SLSA = ROOT / "tests" / "data" / "slsa" / "verification-summary-v1.json"
WAIVER = """\
about: model:m
framework: house@1
gate: external_general
clauses: [WATCH]
by: {name: Ada, role: board}
reason: the drill is next week
from: "2026-01-01T00:00:00Z"
until: "2099-01-01T00:00:00Z"
conditions: [twenty testers at most]
"""
DUTY = """\
about: model:m
framework: house@1
duty: REPORT
state: missed
at: "2026-03-01T00:00:00Z"
by: {name: Grace, role: officer}
"""
SPECIFICATION = f"""\
framework: house@1
standard: HOUSE-3
by: {{name: Ada, role: board}}
effectiveFrom: "2026-01-01T00:00:00Z"
withheld: true
reason: security
text: {"a" * 64}
"""


def statements(folder: Path) -> list[Any]:
    """Return what every envelope in a log says."""
    paths = (folder / "record" / "log" / "statement").glob("*/*")
    return [json.loads(b64decode(json.loads(path.read_bytes())["payload"])) for path in paths]


def schema(kind: Predicate) -> Draft202012Validator:
    content = json.loads((SCHEMAS / f"{kind}-v1.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def test_the_schemas_and_their_page_are_up_to_date() -> None:
    assert set(SAID) == set(Predicate)
    ran = subprocess.run(
        [sys.executable, "tools/generate_statement_schemas.py", "--check"],
        cwd=ROOT, env={"PYTHONPATH": "src"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_predicate_is_written_in_its_published_form(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = lab / "lab"
    texts = {"waiver": WAIVER, "duty": DUTY, "specification": SPECIFICATION}
    for kind, text in texts.items():
        (here / f"{kind}.yaml").write_text(text, encoding="utf-8")
        assert run(["record", kind, f"{kind}.yaml"]) == 0
    for kind in ("act", "order", "incident", "document", "safeguard-status"):
        assert run(["record", kind, str(EXAMPLES / f"{kind}.yaml")]) == 0
    assert run(["record", "evidence", str(EXAMPLES / "published-result.yaml")]) == 0
    assert run(["record", "register-edge", str(EXAMPLES / "model.yaml")]) == 0
    (here / "run.eval").write_bytes(b"a log")
    assert run(["record", "evidence", "run.eval"]) == 0
    assert run(["record", "policy", "anthropic-rsp@2.2"]) == 0
    capsys.readouterr()
    assert run(["diff", "anthropic-rsp@2.1", "anthropic-rsp@2.2", "--json"]) == 14
    (here / "diff.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert run(["record", "policy-diff", "diff.json", "--certificate", "diff.json"]) == 0
    (here / "fact.yaml").write_text(FACT, encoding="utf-8")
    assert run(["evidence", "import", "fact.yaml"]) == 0
    assert manifest(capsys)
    issued = made(capsys, "permit", "issue", "model:m", "external_general", "--manifest",
                  "manifest.json", "--vsa", "vsa.jsonl")  # fmt: skip
    (here / "gone.yaml").write_text(
        f"digests: [{issued['envelope']}]\nwhat: permit\nreason: a classifier fails\n"
        "by: {name: Ada, role: board}\n",
        encoding="utf-8",
    )
    assert run(["record", "withdrawal", "gone.yaml"]) == 0
    found = statements(here)
    written = {each["predicateType"].split("/")[-2] for each in found}
    written.remove("verification_summary")
    elsewhere = {
        Predicate.EVALUATION_PLAN,
        Predicate.DISCLOSURE,
    }  # test_cli_plan, test_cli_disclose
    assert written == set(Predicate) - elsewhere
    for each in found:
        if each["predicateType"] == SUMMARY:
            check_summary(here, each, issued)
            continue
        kind = Predicate(each["predicateType"].split("/")[-2])
        schema(kind).validate(each)
        assert not schema(kind).is_valid(each | {"predicate": {}})
        assert not schema(kind).is_valid({**each, "predicate": {**each["predicate"], "n": 1}})
        assert schema(kind).is_valid({**each, "predicate": {**each["predicate"], "later": "x"}})
    assert run(["ledger", "verify"]) == 0
    refused = ["permit", "verify", "permit.json", "external_general", "--manifest", "manifest.json"]
    assert run(refused) == 12  # withdrawn


def test_plans_and_disclosures_have_their_published_form() -> None:
    """Their verbs have tests of their own; here only the form of what these write."""
    record = read_document(EXAMPLES / "plan.yaml")
    line = CommittedLine(clause="house@1/line", sha256="a" * 64, statement="at most 0.5")
    content = json.loads(plan_statement(record, [line], ()).to_payload())
    schema(Predicate.EVALUATION_PLAN).validate(content)
    folder = ROOT / "conformance" / "ledger" / "disclosure-holds-and-is-answered"
    files = read_files((folder / "bundle.zip").read_bytes())
    seen = set()
    for path in sorted(files):
        if path.startswith("statement/"):
            said = json.loads(b64decode(json.loads(files[path])["payload"]))
            kind = Predicate(said["predicateType"].split("/")[-2])
            seen.add(kind)
            schema(kind).validate(said)
    assert {Predicate.EVIDENCE, Predicate.DISCLOSURE} <= seen


def check_summary(here: Path, said: Any, issued: Any) -> None:
    """A SLSA consumer finds the weights, our gate as the level, and the decision by its digest."""
    (row,) = (here / "vsa.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(b64decode(json.loads(row)["payload"])) == said
    Draft202012Validator(json.loads(SLSA.read_text(encoding="utf-8"))).validate(said)
    bound = json.loads((here / "manifest.json").read_text(encoding="utf-8"))
    assert [each["digest"]["sha256"] for each in said["subject"]] == [bound["weights"]]
    predicate = said["predicate"]
    assert predicate["verificationResult"] == "PASSED"
    assert predicate["verifiedLevels"] == ["SCALEGATE_EXTERNAL_GENERAL_START"]
    decided = predicate["inputAttestations"][0]["digest"]["sha256"]
    assert (here / "record" / "log" / "statement" / decided[:2] / decided).is_file()
    assert issued["envelope"] != decided


def test_an_open_decision_is_summed_up_in_the_log(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = lab / "lab"
    held = decided(capsys, 11)
    assert held["summary"] is None
    (here / "fact.yaml").write_text(FACT, encoding="utf-8")
    assert run(["evidence", "import", "fact.yaml"]) == 0
    about = ("decide", "model:m", "external_general")
    assert decided(capsys, 0, "--no-vsa")["summary"] is None
    assert run([*about, "--no-vsa", "--vsa", "v.jsonl"]) == 2
    before = (here / "record" / "log" / "checkpoint").read_bytes()
    assert run([*about, "--vsa", "nowhere/v.jsonl"]) == 2
    assert (here / "record" / "log" / "checkpoint").read_bytes() == before
    found = decided(capsys, 0, "--vsa", "v.jsonl")
    summed = found["summary"]
    assert (summed["index"], summed["subject"]) == (found["index"] + 1, "register:model:m")
    (here / "named.yaml").write_text(
        MODEL.replace('"series:m"', '"series:m", checkpoints: [{id: "checkpoint:m/final",'
                      f' weights_sha256: "{"a" * 64}"}}]')
        .replace('known_from: "2025-01-01"', 'known_from: "2025-01-02"'),
        encoding="utf-8",
    )  # fmt: skip
    assert run(["evidence", "import", "named.yaml"]) == 0
    by_weights = made(capsys, "decide", "checkpoint:m/final", "external_general", code=0)
    weighed = by_weights["decisions"][0]["summary"]
    assert (weighed["subject"], weighed["sha256"]) == ("checkpoint:m/final", "a" * 64)
    assert run(about) == 0
    assert "SLSA summary: PASSED" in capsys.readouterr().out
    checker = Draft202012Validator(json.loads(SLSA.read_text(encoding="utf-8")))
    said = [each for each in statements(here) if each["predicateType"] == SUMMARY]
    assert len(said) == 3
    for each in said:
        checker.validate(each)
    assert run(["bundle", "record.zip", "--workspace", "."]) == 0
    seen = made(capsys, "verify", "record.zip", "--root", "record/root.json", "--recompute-all")
    assert [each["is_compared"] for each in seen["summaries"]] == [True] * 3
    assert any("the weights of a SLSA summary" in each for each in seen["not_checked"])
    assert run(["verify", "record.zip", "--root", "record/root.json"]) == 0
    assert "SLSA summary, PASSED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("waiver", WAIVER.replace("reason: the drill is next week\n", "")),
        ("waiver", WAIVER.replace("{name: Ada, role: board}", "Ada")),
        ("waiver", WAIVER.replace("2099", "2020")),
        ("waiver", WAIVER.replace("[WATCH]", "[]")),
        ("waiver", "- a list\n"),
        ("waiver", "\udcff"),
        ("duty", DUTY.replace("missed", "forgotten")),
        ("specification", SPECIFICATION.replace("a" * 64, "short")),
        ("withdrawal", "digests: []\n"),
        ("withdrawal", "digests: [x]\n"),
        ("policy-diff", "{}"),
        ("policy-diff", '{"kind": "diff"}'),
        ("policy-diff", "no json"),
        ("act", (EXAMPLES / "incident.yaml").read_text(encoding="utf-8")),
        ("register-edge", (EXAMPLES / "incident.yaml").read_text(encoding="utf-8")),
    ],
)
def test_what_has_not_the_form_is_not_recorded(
    lab: Path, kind: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lab / "lab" / "said.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = (lab / "lab" / "record" / "log" / "checkpoint").read_bytes()
    capsys.readouterr()
    assert run(["record", kind, "said.yaml", "--json"]) in {2, 12}
    assert json.loads(capsys.readouterr().out)["kind"] == "error"
    assert (lab / "lab" / "record" / "log" / "checkpoint").read_bytes() == before


def decided(capsys: pytest.CaptureFixture[str], code: int, *more: str) -> Any:
    found = made(capsys, "decide", "model:m", "external_general", *more, code=code)
    return found["decisions"][0]


def test_a_waiver_stands_beside_a_hold_and_opens_nothing(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = lab / "lab"
    plain = decided(capsys, 11, "--condition", "twenty testers", "--dissent", "Bob: too early")
    (here / "waiver.yaml").write_text(WAIVER, encoding="utf-8")
    assert run(["record", "waiver", "waiver.yaml"]) == 0
    waived = decided(capsys, 11)
    assert (plain["effect"], plain["waivers"]) == ("hold", [])
    assert waived["effect"] == "hold"
    assert [each["by"]["name"] for each in waived["waivers"]] == ["Ada"]
    assert manifest(capsys)
    words = ("permit", "issue", "model:m", "external_general", "--manifest", "manifest.json")
    assert made(capsys, *words, code=11)["is_issued"] is False
    assert run(["decide", "model:m", "external_general"]) == 11
    assert "a waiver opens nothing" in capsys.readouterr().out
    shown_beside_every_answer(here, capsys)
    assert run(["bundle", "record.zip"]) == 0
    seen = made(capsys, "verify", "record.zip", "--root", "record/root.json")
    assert [len(each["waivers"]) for each in seen["decisions"]] == [0, 1, 1, 1]
    assert seen["decisions"][0]["dissent"] == "Bob: too early"
    assert run(["verify", "record.zip", "--root", "record/root.json"]) == 0
    said = capsys.readouterr().out
    assert "dissent: Bob: too early" in said
    assert "condition: twenty testers" in said
    found = [each for each in statements(here) if "gate-decision" in each["predicateType"]]
    assert ["twenty testers"] in [each["predicate"]["conditions"] for each in found]


def shown_beside_every_answer(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = ["model:m", "external_general"]
    for words, code in ((["gate", *about], 11), (["why", *about], 0), (["status"], 0)):
        (found,) = [
            each
            for each in made(capsys, *words, code=code)["decisions"]
            if each["gate"] == "external_general"
        ]
        assert [each["is_in_force"] for each in found["waivers"]] == [True]
        assert found["waivers"][0]["by"] == "Ada (board)"
        assert run(words) == code
        said = " ".join(capsys.readouterr().out.split())
        assert "waiver of Ada (board)" in said
        assert "the answer stands" in said
    assert made(capsys, "gate", *about, "--as-of", "2100-01-01", code=11)["decisions"][0][
        "waivers"
    ][0] | {"by": ""} == {**found["waivers"][0], "by": "", "is_in_force": False}
    assert run(["report", "--out", "page.html"]) == 0
    page = (here / "page.html").read_text(encoding="utf-8")
    assert "Recorded waivers; they open nothing" in page
    assert run(["gate", *about, "--record", "nowhere"]) == 2
    capsys.readouterr()


def test_an_ended_other_or_withdrawn_waiver_counts_as_none(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = lab / "lab"
    others = [
        WAIVER.replace('until: "2099', 'until: "2026').replace('from: "2026', 'from: "2025'),
        WAIVER.replace('from: "2026', 'from: "2098'),
        WAIVER.replace("external_general", "internal"),
        WAIVER.replace("house@1", "house@2"),
        WAIVER.replace("model:m", "model:n"),
    ]
    for at, text in enumerate(others):
        (here / f"{at}.yaml").write_text(text, encoding="utf-8")
        assert run(["record", "waiver", f"{at}.yaml"]) == 0
    assert decided(capsys, 11)["waivers"] == []
    (here / "waiver.yaml").write_text(WAIVER, encoding="utf-8")
    recorded = made(capsys, "record", "waiver", "waiver.yaml")["entries"][0]
    assert len(decided(capsys, 11)["waivers"]) == 1
    (here / "gone.yaml").write_text(
        f"digests: [{recorded['envelope']}]\nwhat: waiver\nreason: void\n"
        "by: {name: Ada, role: board}\n",
        encoding="utf-8",
    )
    assert run(["record", "withdrawal", "gone.yaml"]) == 0
    assert decided(capsys, 11)["waivers"] == []


def test_approvers_sign_one_after_the_other(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = lab / "lab"
    (here / "waiver.yaml").write_text(WAIVER, encoding="utf-8")
    for name in ("approver-2", "approver-3"):
        (here / "record" / "keys" / f"{name}.pem").rename(here / f"{name}.pem")
    assert run(["record", "waiver", "waiver.yaml"]) == 2
    assert run(["record", "waiver", "waiver.yaml", "--out", "w.json"]) == 0
    assert run(["ledger", "add", "w.json"]) == 12
    assert run(["keys", "sign", "w.json", "--key", "approver-2.pem"]) == 0
    assert run(["ledger", "add", "w.json"]) == 0
    more = ("--key", "approver-2.pem", "--key", "approver-3.pem")
    again = made(capsys, "record", "waiver", "waiver.yaml", *more)
    assert again["entries"][0]["is_new"] is True
    assert run(["record", "register-edge", str(EXAMPLES / "model.yaml"), "--out", "e.json"]) == 2


def test_a_verifier_that_remembers_the_log_is_not_shown_an_older_copy(
    lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (lab / "fact.yaml").write_text(FACT, encoding="utf-8")
    assert run(["evidence", "import", "../fact.yaml"]) == 0
    assert manifest(capsys)
    issued = made(capsys, "permit", "issue", "model:m", "external_general", "--manifest",
                  "manifest.json")  # fmt: skip
    here = lab / "lab"
    shutil.copytree(here / "record", lab / "older")
    check = ["permit", "verify", "permit.json", "external_general", "--manifest", "manifest.json"]
    assert run(check) == 0
    assert "not remembered" in capsys.readouterr().out
    assert made(capsys, *check, "--memory", "seen.json")["is_remembered"] is True
    (here / "gone.yaml").write_text(
        f"digests: [{issued['envelope']}]\nwhat: permit\nreason: a classifier fails\n"
        "by: {name: Ada, role: board}\n",
        encoding="utf-8",
    )
    assert run(["record", "withdrawal", "gone.yaml"]) == 0
    monkeypatch.setenv("SCALEGATE_MEMORY", str(here / "seen.json"))
    assert run(check) == 12
    assert "withdrawn" in capsys.readouterr().err
    assert run([*check, "--record", str(lab / "older")]) == 12  # in it, nothing is withdrawn
    assert "shorter than what was seen" in " ".join(capsys.readouterr().err.split())
    (here / "seen.json").write_text("{}")
    assert run(check) == 12
    assert "memory of the log is damaged" in " ".join(capsys.readouterr().err.split())


def test_a_revoked_gate_key_decides_and_permits_no_more(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (lab / "fact.yaml").write_text(FACT, encoding="utf-8")
    assert run(["evidence", "import", "../fact.yaml"]) == 0
    assert manifest(capsys)
    about = ("model:m", "external_general")
    issue = ("permit", "issue", *about, "--manifest", "manifest.json")
    check = ["permit", "verify", "permit.json", about[1], "--manifest", "manifest.json"]
    assert made(capsys, *issue)["is_issued"]
    assert run(check) == 0
    assert run(["keys", "make", "new.pem"]) == 0
    assert run(["keys", "rotate", "--replace", "gate=new.pub"]) == 0
    checkpoint = lab / "lab" / "record" / "log" / "checkpoint"
    before = checkpoint.read_bytes()
    assert run(check) == 12  # what the revoked key let pass is to be decided anew
    old = ["--key", "record/keys/gate.pem"]
    assert run(["decide", *about, *old]) == 12
    assert run([*issue, *old]) == 12
    assert "no key that the trust document names signed this" in capsys.readouterr().err
    assert run(["decide", *about]) == 2
    assert "put `new.pem` into record/keys" in " ".join(capsys.readouterr().err.split())
    assert checkpoint.read_bytes() == before
    shutil.copy("new.pem", "record/keys/new.pem")
    assert made(capsys, *issue)["is_issued"]
    assert run(check) == 0
    assert run(["ledger", "verify"]) == 0
