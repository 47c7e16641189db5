"""A plan that came after the run, a line moved after it, runs picked or repeated: held, or 12."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scalegate.app.record.arguing import check_bundle
from scalegate.app.record.bundling import write_files
from scalegate.app.record.planning import Standing, receipt_document
from scalegate.base.errors import TrustError
from scalegate.evidence.record import Record
from scalegate.gate.model import Assessment, Reason
from scalegate.gate.preregistered import line_digest
from scalegate.ledger.checkpoints import cosign, parse_checkpoint
from scalegate.ledger.leaves import leaf_of
from scalegate.ledger.notes import NoteKind
from scalegate.ledger.tree import Tree
from scalegate.ledger.trust import start_trust
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import Level
from tests.attacks.test_bundles import ROOT, TRUST, checkpoint, decision, files_of
from tests.strategies import lab
from tests.unit.ledger.signers import Signer, said, sealed, trust_content

LOG, AGAIN = lab.DIGESTS["e"], lab.DIGESTS["f"]
STARTED = datetime(2025, 11, 20, tzinfo=UTC)
CITE = lab.CITE


def policy(rule: str = "recorded", **line: Any) -> Policy:
    """Return a policy with one line, which asks for pre-registration."""
    return lab.policy_of(
        lab.row("K", **{"if": {"status": "T4", "at_least": "crossed"}}),
        thresholds=[lab.threshold("T4", lab.line("L1", **line))],
        semantics={"preregistration": {"rule": rule, "cite": CITE}},
    )


def a_log(**changes: Any) -> Any:
    runs = [lab.Run(item=str(at), score=0.0) for at in range(200)]
    return lab.eval_log(runs, started_at=STARTED, **changes)


def binding(name: str = "L1", digest: str = LOG) -> Record:
    return lab.mapping(
        "L1",
        id=f"map-{name}",
        selects={"log_sha256": digest},
        taken_on=lab.HELPFUL,
        scorer="match",
        elicitation={"level": "E2", "description": "scaffolded"},
    )


def a_plan(**changes: Any) -> Record:
    return lab.plan(lab.planned("L1", **{"eval": {"name": "task"}, **changes}))


def receipt(plan: Record, asked: Policy, **changes: Any) -> Record:
    (line,) = asked.thresholds[0].indicators
    payload = {
        "plan": plan.digest,
        "envelope": "0" * 64,
        "log": "log.example/lab",
        "entry": 1,
        "recorded_at": "2025-11-01",
        "clock": "own",
        "checkpoint": "x",
        "lines": [{"clause": "lab@1/L1", "sha256": line_digest(line), "statement": "as it was"}],
        **changes,
    }
    return lab.doc("plan-receipt", "receipt", payload)


def held(
    asked: Policy, *records: Record, logs: dict[str, Any] | None = None
) -> tuple[Level, tuple[Reason, ...], str]:
    found: Assessment = lab.world(*records, policy=asked, logs=logs or {LOG: a_log()})
    finding = found.findings["T4"]
    return finding.own, finding.reasons, finding.indicators[0].text


def test_a_recorded_plan_that_precedes_the_run_lets_it_rule_out() -> None:
    asked, plan = policy(), a_plan()
    level, reasons, text = held(asked, binding(), plan, receipt(plan, asked))
    assert (level, reasons) == (Level.RULED_OUT, (Reason.LINE_CLEARED,))
    assert "entry 1 of `log.example/lab`" in text
    assert "the lab's own clock" in text
    assert "its own word" in text


def moved(name: str) -> list[Record]:
    """Return what is on record in one attack."""
    asked, plan = policy(), a_plan()
    good = receipt(plan, asked)
    longer = a_plan(samples=199)
    return {
        "no plan at all": [],
        "a plan without a receipt": [plan],
        "a receipt of another plan": [plan, receipt(longer, asked)],
        "recorded after the run": [plan, receipt(plan, asked, recorded_at="2025-11-21")],
        "the plan was edited after it was recorded": [longer, good],
        "the line was edited after it was recorded": [
            plan, receipt(plan, policy(value="0.45"))
        ],
        "the line is not in the receipt": [plan, receipt(plan, asked, lines=[])],
        "another version of the evaluation": [
            another := a_plan(eval={"name": "task", "task_version": "2"}),
            receipt(another, asked),
        ],
    }[name]  # fmt: skip


ATTACKS = {
    "no plan at all": "answers no recorded plan",
    "a plan without a receipt": "answers no recorded plan",
    "a receipt of another plan": "answers no recorded plan",
    "recorded after the run": "it started at 2025-11-20",
    "the plan was edited after it was recorded": "answers no recorded plan",
    "the line was edited after it was recorded": "the line was changed after it was recorded",
    "the line is not in the receipt": "answers no recorded plan",
    "another version of the evaluation": "task version",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_evidence_without_a_plan_before_it_cannot_rule_out(name: str) -> None:
    level, reasons, text = held(policy(), binding(), *moved(name))
    assert level > Level.RULED_OUT
    assert Reason.NOT_PREREGISTERED in reasons or "version" in name
    assert ATTACKS[name] in text
    free = lab.policy_of(
        lab.row("K", **{"if": {"status": "T4", "at_least": "crossed"}}),
        thresholds=[lab.threshold("T4", lab.line("L1"))],
    )
    if "version" not in name:
        assert held(free, binding(), *moved(name))[0] is Level.RULED_OUT


def test_where_a_witness_is_asked_the_labs_own_clock_is_not_enough() -> None:
    asked, plan = policy("witnessed"), a_plan()
    own = held(asked, binding(), plan, receipt(plan, asked))
    assert own[:2] == (Level.NOT_RULED_OUT, (Reason.NOT_PREREGISTERED,))
    assert "no witness says" in own[2]
    seen = held(asked, binding(), plan, receipt(plan, asked, clock="witness"))
    assert seen[0] is Level.RULED_OUT
    assert "witnesses' clocks" in seen[2]


def test_a_document_answers_a_plan_only_if_it_says_when_its_runs_began() -> None:
    asked, plan = policy(), lab.plan(lab.planned("L1"))
    level, _, text = held(asked, lab.mapping("L1"), lab.result("L1"), plan, receipt(plan, asked))
    assert level is Level.NOT_RULED_OUT
    assert "the document does not say" in text
    dated = lab.result("L1", started_at="2025-11-15")
    level, _, text = held(asked, lab.mapping("L1"), dated, plan, receipt(plan, asked))
    assert level is Level.RULED_OUT
    early = lab.result("L1", started_at="2025-10-15")
    assert held(asked, lab.mapping("L1"), early, plan, receipt(plan, asked))[0] > Level.RULED_OUT


def test_a_log_without_a_start_answers_nothing() -> None:
    asked, plan = policy(), a_plan()
    undated = lab.eval_log([lab.Run(item=str(at), score=0.0) for at in range(200)])
    records = (binding(), plan, receipt(plan, asked))
    assert held(asked, *records, logs={LOG: undated})[0] > Level.RULED_OUT


def test_picked_runs_hold_and_repeated_attempts_count_by_the_strictest() -> None:
    asked, plan = policy(), a_plan()
    worse = lab.eval_log(
        [lab.Run(item=str(at), score=1.0) for at in range(200)],
        started_at=STARTED + timedelta(days=1),
    )
    recorded = (plan, receipt(plan, asked))
    logs = {LOG: a_log(), AGAIN: worse}
    picked = held(asked, binding(), *recorded, logs=logs)
    assert picked[:2] == (Level.NOT_RULED_OUT, (Reason.LINE_CLEARED, Reason.MISSING_RUNS))
    known = lab.world(binding(), *recorded, policy=asked, logs=logs)
    assert any("left out" in text for text in known.findings["T4"].missing)
    assert lab.decided(known).adverse_register[0] == 1
    both = held(asked, binding(), binding("again", AGAIN), *recorded, logs=logs)
    assert both[:2] == (Level.NOT_RULED_OUT, (Reason.LINE_CLEARED, Reason.LINE_REACHED))


def test_a_planned_run_that_never_came_holds() -> None:
    asked = policy()
    plan = lab.plan(
        lab.planned("L1", eval={"name": "task"}), lab.planned("L1", id="more", eval={"name": "b"})
    )
    level, reasons, _ = held(asked, binding(), plan, receipt(plan, asked))
    assert (level, Reason.MISSING_RUNS in reasons) == (Level.UNASSESSED, True)


# --- in a bundle ----------------------------------------------------------------------------------

DIGEST = "a" * 64
LINES = [{"clause": "lab@1/L1", "says": "as it was", "sha256": DIGEST}]
PLAN = sealed(said("evaluation-plan", {"lines": LINES}, about=b"the plan"), "eval-1")
ENTRIES = (ROOT, PLAN)
SHOWN = [leaf_of(each).to_bytes() for each in ENTRIES]


def row(**changes: Any) -> dict[str, Any]:
    leaf = leaf_of(PLAN)
    return {
        "checkpoint": checkpoint(SHOWN).decode(),
        "clock": "own",
        "entry": "1",
        "envelope": leaf.envelope,
        "lines": {"lab@1/L1": DIGEST},
        "plan": leaf.subjects[0].sha256,
        "recordedAt": "2026-01-01T00:00:00Z",
        "runs": [{"evidence": DIGEST, "startedAt": "2026-01-01T00:00:00Z"}],
        **changes,
    }


def bundle(rows: Any) -> bytes:
    found = decision(2, Tree(SHOWN).root(), plans=rows)
    return write_files(files_of(ROOT, PLAN, found))


def test_a_decision_that_counts_a_recorded_plan_is_held_against_the_log() -> None:
    (seen,) = check_bundle(bundle([row()]), TRUST).decisions
    assert [(each.entry, each.clock, each.runs, each.is_shown) for each in seen.plans] == [
        (1, "own", 1, True)
    ]


LIES: dict[str, tuple[Any, str]] = {
    "the plan stands behind the decision": ([row(entry="2")], "behind the decision"),
    "another entry": ([row(entry="0")], "not the plan that is named"),
    "another plan": ([row(plan=DIGEST)], "records another plan"),
    "a line that was changed since": (
        [row(lines={"lab@1/L1": "b" * 64})],
        "other lines than the plan",
    ),
    "a line added": ([row(lines={"lab@1/L1": DIGEST, "x": DIGEST})], "other lines than the plan"),
    "another envelope": ([row(envelope=DIGEST)], "not the plan that is named"),
    "a run before the plan": (
        [row(runs=[{"evidence": DIGEST, "startedAt": "2025-12-31T23:59:59Z"}])],
        "run started before its plan",
    ),
    "a checkpoint without it": (
        [row(checkpoint=checkpoint(SHOWN[:1]).decode())],
        "not one of this log with it",
    ),
    "a checkpoint of another history": (
        [row(checkpoint=checkpoint(SHOWN[::-1]).decode())],
        "not one of this log with it",
    ),
    "a checkpoint that nobody signed": ([row(checkpoint="x")], "not signed by this log"),
    "a witness that there is not": ([row(clock="witness")], "no quorum of witnesses"),
    "a clock of no kind": ([row(clock="mine")], "no quorum of witnesses"),
    "a run without a start": ([row(runs=[{}])], "does not say when it started"),
    "a start that is no instant": (
        [row(runs=[{"evidence": DIGEST, "startedAt": "soon"}])],
        "not an instant",
    ),
    "no runs": ([row(runs="x")], "has no runs"),
    "a field missing": ([row(entry=None)], "lacks a field"),
    "no list": ({}, "no list"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_decision_that_lies_about_a_plan_is_refused(name: str) -> None:
    rows, expected = LIES[name]
    with pytest.raises(TrustError, match=expected):
        check_bundle(bundle(rows), TRUST)


def test_a_receipt_only_helps() -> None:
    """Law 1: losing a receipt, a good one or a late one, never clears a line."""
    for asked in (policy(), policy("witnessed"), policy("not_required")):
        plan = a_plan()
        late = receipt(plan, asked, recorded_at="2025-11-21")
        for given in (receipt(plan, asked), late):
            with_it = held(asked, binding(), plan, given)[0]
            assert held(asked, binding(), plan)[0] >= with_it


# --- whose clock ----------------------------------------------------------------------------------

SEEN_AT = 1_767_225_600  # 2026-01-01T00:00:00Z


def witnessed(*names: str, seconds: int = SEEN_AT, quorum: int = 2) -> tuple[bytes, bytes]:
    """Return a trust document that asks witnesses, and a checkpoint that these cosigned."""
    signers = {name: Signer(name) for name in ("w-1", "w-2", "w-3")}
    kind = NoteKind.ED25519_COSIGNATURE
    keys = {name: each.note_key(f"{name}.example", kind) for name, each in signers.items()}
    lines = [f"witness {name} {key.to_text()}" for name, key in keys.items()]
    asked = "\n".join([*lines, f"group g {quorum} w-1 w-2 w-3", "quorum g", ""])
    root: bytes = sealed(said("trust", trust_content(witnesses=asked)), "root-1", "root-2")
    note = checkpoint([leaf_of(each).to_bytes() for each in (root, PLAN)])
    head = parse_checkpoint(note).head
    for at, name in enumerate(names):
        line = cosign(head, keys[name], signers[name].sign, seconds=seconds + at)
        note += line.to_line().encode()
    return root, note


def bundle_by_witnesses(root: bytes, note: bytes, **changes: Any) -> bytes:
    leaves = [leaf_of(each).to_bytes() for each in (root, PLAN)]
    given = {"checkpoint": note.decode(), "clock": "witness", "recordedAt": "2026-01-01T00:00:01Z"}
    runs = [{"evidence": DIGEST, "startedAt": "2026-01-02T00:00:00Z"}]
    found = decision(2, Tree(leaves).root(), plans=[row(**{**given, "runs": runs, **changes})])
    files = files_of(root, PLAN, found)
    head = parse_checkpoint(files["checkpoint"]).head
    for name in ("w-1", "w-2"):
        key = Signer(name).note_key(f"{name}.example", NoteKind.ED25519_COSIGNATURE)
        line = cosign(head, key, Signer(name).sign, seconds=SEEN_AT)
        files["checkpoint"] += line.to_line().encode()
    return write_files(files)


def argued_by_witnesses(root: bytes, note: bytes, **changes: Any) -> Any:
    found = bundle_by_witnesses(root, note, **changes)
    return check_bundle(found, start_trust(root)).decisions[0].plans[0]


def test_the_slowest_witness_of_the_quorum_says_by_when() -> None:
    root, note = witnessed("w-1", "w-3")
    seen = argued_by_witnesses(root, note)
    assert (seen.clock, seen.recorded_at) == ("witness", "2026-01-01T00:00:01Z")
    with pytest.raises(TrustError, match="recorded at another time"):
        argued_by_witnesses(root, note, recordedAt="2025-12-31T00:00:00Z")
    with pytest.raises(TrustError, match="no quorum of witnesses"):
        argued_by_witnesses(*witnessed("w-1"))
    with pytest.raises(TrustError, match="no quorum of witnesses"):
        argued_by_witnesses(*witnessed("w-1", "w-2", seconds=1 << 62))


def hidden_plan() -> bytes:
    files = files_of(ROOT, PLAN, decision(2, Tree(SHOWN).root(), plans=[row(lines={})]))
    digest = leaf_of(PLAN).envelope
    del files[f"statement/{digest[:2]}/{digest}"]
    return write_files(files)


QUORUM, ALONE, LATE = (
    witnessed("w-1", "w-3"),
    witnessed("w-1"),
    witnessed("w-1", "w-2", seconds=1 << 62),
)
COUNTED: dict[str, tuple[bytes, bytes, bool]] = {
    "holds": (ROOT, bundle([row()]), True),
    "holds where it is not shown": (ROOT, hidden_plan(), True),
    "holds by a quorum": (QUORUM[0], bundle_by_witnesses(*QUORUM), True),
    "holds by the labs own clock": (
        QUORUM[0], bundle_by_witnesses(*QUORUM, clock="own", recordedAt="2026-01-01T12:00:00Z"),
        True,
    ),
    "earlier than the quorum": (
        QUORUM[0], bundle_by_witnesses(*QUORUM, recordedAt="2025-12-31T00:00:00Z"), False
    ),
    "by one witness of two": (ALONE[0], bundle_by_witnesses(*ALONE), False),
    "by witnesses of no year": (LATE[0], bundle_by_witnesses(*LATE), False),
    **{name: (ROOT, bundle(lie), False) for name, (lie, _) in LIES.items()},
}  # fmt: skip
"""First trust documents, bundles, and whether each holds; `conformance/ledger` has them too."""


def test_a_receipt_has_the_witnesses_time_where_they_reach_the_quorum() -> None:
    plan = a_plan()
    for names, clock, at in (
        (("w-1", "w-2"), "witness", "2026-01-01T00:00:01Z"),
        (("w-1",), "own", "2026-02-01T00:00:01Z"),
    ):
        root, note = witnessed(*names)
        now = datetime(2026, 2, 1, tzinfo=UTC)
        standing = Standing(envelope=DIGEST, entry=1, checkpoint=note, now=now)
        found = receipt_document(plan, (), standing, start_trust(root))["payload"]
        assert (found["clock"], found["recorded_at"]) == (clock, at)


def test_a_plan_that_is_not_shown_is_said_to_be_so() -> None:
    (seen,) = check_bundle(hidden_plan(), TRUST).decisions
    assert [each.is_shown for each in seen.plans] == [False]
