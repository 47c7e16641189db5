"""Ways in which published tools showed green where nothing was shown; each must fail closed here.

Each test names what went wrong elsewhere, and takes the real way: documents and logs are read,
assessed and decided.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scalegate.adapters.policy_files import PolicyFiles
from scalegate.app.deciding import Instants, exit_code_of, prepare
from scalegate.app.workspace import load_policies
from scalegate.base.errors import ScalegateError, UnknownName
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.record import Record
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision, Reason
from scalegate.policy.vocabulary import EffectLevel, Gate, Level, SafeguardState
from scalegate.report.arrange import arrange
from scalegate.report.html import render_html
from scalegate.report.json_view import assessment_to_mapping, decision_to_mapping
from scalegate.report.terminal import gate_rows
from scalegate.report.words import decision_word
from scalegate.wiring import create_workspace
from tests.strategies import lab
from tests.strategies.lab import Run

LOG, OTHER = lab.DIGESTS["e"], lab.DIGESTS["f"]
POLICY = lab.policy_of(
    lab.row("K", **{"if": {"status": "T4", "at_least": "not_ruled_out"}}),
    thresholds=[lab.threshold("T4", lab.line("L1"))],
)
ELICITED: lab.Plain = {"elicitation": {"level": "E2", "description": "scaffolded"}}
BINDING = lab.mapping("L1", selects={"log_sha256": LOG}, taken_on=lab.HELPFUL, **ELICITED)


def known_of(log: EvalLog | None, *records: Record) -> Assessment:
    logs = {} if log is None else {LOG: log}
    return lab.world(BINDING, *records, policy=POLICY, logs=logs)


def resisted(count: int) -> list[Run]:
    return [Run(item=f"i{index}", score=0.0) for index in range(count)]


def failed(count: int) -> list[Run]:
    return [Run(item=f"e{index}", error="errored", unscored="absent") for index in range(count)]


class TestErroredAttemptsDoNotCountAsResisted:
    """Seen: three endpoint failures were reported as 100 % resistance (wandb/rai-toolkit #66)."""

    def test_all_errored_is_inconclusive_with_an_exit_code_of_its_own(self) -> None:
        decision = lab.decided(known_of(lab.eval_log(failed(3))))
        assert (decision.is_open, decision.inconclusive) == (False, True)
        assert exit_code_of(decision) == 11

    def test_errors_count_as_the_worse_news_and_apart(self) -> None:
        clean = known_of(lab.eval_log(resisted(60))).findings["T4"]
        mixed = known_of(lab.eval_log([*resisted(60), *failed(60)])).findings["T4"]
        assert clean.status.level is Level.RULED_OUT
        assert mixed.status.level is Level.NOT_RULED_OUT
        assert dict(mixed.indicators[0].evidence[0].flags)["errored"] == 60


class TestNothingTestedIsNeverALowRisk:
    """Seen: 0 scenarios tested, risk LOW (a published report of Project-AI)."""

    @pytest.mark.parametrize("log", [None, lab.eval_log([])], ids=["no log", "empty log"])
    def test_no_samples(self, log: EvalLog | None) -> None:
        known = known_of(log)
        assert known.findings["T4"].status.level is Level.UNASSESSED
        assert not lab.decided(known).is_open

    def test_a_threshold_without_any_line(self) -> None:
        rows = lab.row("K", **{"if": {"status": "T3", "at_least": "crossed"}})
        known = lab.world(lab.case_document(), lab.status("s"), policy=lab.policy_of(rows))
        assert known.findings["T3"].reasons == (Reason.NO_INDICATOR,)
        assert not lab.decided(known).is_open, "no safeguard satisfies what nobody assessed"


class TestAPlannedRunThatNeverRanIsVisible:
    """Seen: a planned model that never booted wrote no file and so was invisible; an empty section
    scored PASS (Avarok-Cybersecurity/atlas #249).
    """

    def test_it_holds_and_is_named(self) -> None:
        plan = lab.plan(lab.planned("never-booted", answers=[f"{lab.FRAMEWORK}/T4"]))
        known = known_of(lab.eval_log(resisted(60)), plan)
        decision = lab.decided(known)
        assert not decision.is_open
        assert "run-never-booted: absent" in json.dumps(decision_to_mapping(decision))

    def test_an_empty_plan_and_an_empty_policy_are_refused(self) -> None:
        with pytest.raises(ScalegateError):
            lab.plan()
        with pytest.raises(ScalegateError):
            lab.policy_of()


class TestEveryPlannedItemAppearsInEveryOutput:
    """Seen: where a freshness query fails, the node is left out of the result (dbt,
    `freshness.json`).
    """

    def test_what_has_no_evidence_or_cannot_be_read_is_listed_as_such(self) -> None:
        known = lab.world(lab.mapping("P1"), lab.filters(valid_for="1d"))
        plain = assessment_to_mapping(known)
        policy = known.inputs.policy
        states = {item["safeguard"]: item["state"] for item in plain["safeguards"]}
        assert states == {"G1": "stale", "G2": "absent"}
        assert [item["threshold"] for item in plain["thresholds"]] == [
            item.id for item in policy.thresholds
        ]
        lines = [line["id"] for item in plain["thresholds"] for line in item["indicators"]]
        assert lines == [line.id for item in policy.thresholds for line in item.indicators]
        assert {item["name"] for item in plain["facts"]} == {item.id for item in policy.facts}


class TestAMissingPolicyIsAnError:
    """Seen: a missing file was read as an empty list of rules (Threshold-Analyzer)."""

    def test_a_named_policy_that_is_not_there(self, tmp_path: Path) -> None:
        workspace = create_workspace(tmp_path / "w", frameworks=("nobody-policy@1",))
        with pytest.raises(UnknownName):
            load_policies(workspace)
        with pytest.raises(UnknownName):
            prepare(workspace, Instants(true_at=lab.AT, known_at=lab.AT))

    def test_no_folder_of_policies_decides_nothing(self, tmp_path: Path) -> None:
        source = PolicyFiles(shipped=tmp_path / "gone", own_policies=None, own_sets=None)
        assert source.policies() == ()
        workspace = create_workspace(tmp_path / "w", frameworks=("anthropic-rsp@2.2",))
        emptied = type(workspace)(
            **{
                name: getattr(workspace, name)
                for name in ("folder", "settings", "store", "reader", "clock")
            },
            policies=source,
        )
        with pytest.raises(UnknownName):
            load_policies(emptied)


def views(known: Assessment, gate: Gate) -> tuple[Decision, dict[str, Any], str, str]:
    decision = decide(known, gate)
    (row,) = gate_rows([decision])
    page = render_html(arrange([known], [decision], {}, {}, engine="test"))
    return decision, decision_to_mapping(decision), str(row.word), page


@pytest.mark.parametrize("gate", [Gate.EXTERNAL_GENERAL, Gate.TRAIN])
@pytest.mark.parametrize(
    "records",
    [[], lab.clean(), [*lab.clean(), lab.order()], [lab.incident()]],
    ids=["nothing", "clean", "ordered", "incident"],
)
def test_every_surface_renders_the_one_decision(records: list[Record], gate: Gate) -> None:
    """Seen: verdict bands written in nine places had drifted apart; the command line and the
    report disagreed (peopleworks/SignsofAI #48).
    """
    decision, plain, on_screen, page = views(lab.world(*records), gate)
    word = decision_word(decision)
    assert on_screen == str(word)
    assert plain["shown_as"] == word.to_mapping()
    assert (plain["effect"], plain["is_open"]) == (decision.level.word, decision.is_open)
    assert re.search(rf"</span> {re.escape(word.word)}\b", page)
    assert (exit_code_of(decision) == 0) is decision.is_open is plain["is_open"]


class TestTheApprovedArtefactIsTheServedOne:
    """Seen: the approved artefact and the served one differed (`main`, `latest`, a bucket's alias;
    UnitOneAI/SecuritySkills #2179).
    """

    @pytest.mark.parametrize(
        "bound",
        [
            {"weights_sha256": lab.DIGESTS["f"]},
            {"configuration_sha256": lab.DIGESTS["f"]},
            {"system_prompt_sha256": lab.DIGESTS["f"]},
        ],
        ids=["weights", "configuration", "system prompt"],
    )
    def test_evidence_on_another_system_proves_nothing(self, bound: lab.Plain) -> None:
        policy = lab.policy_of(lab.row("K", **{"if": "always", "require": {"safeguard": "G1"}}))
        tested = [lab.asr(bound_to=bound)]
        known = lab.world(lab.case_document(), lab.filters(checks=tested), policy=policy)
        assert known.safeguards["G1"].reasons == (Reason.OTHER_SYSTEM,)
        assert not lab.decided(known).is_open

    def test_a_digest_that_the_deployment_does_not_give_cannot_be_shown_equal(self) -> None:
        policy = lab.policy_of(lab.row("K", **{"if": "always", "require": {"safeguard": "G1"}}))
        tested = [lab.asr(bound_to={"configuration_sha256": lab.DIGESTS["b"]})]
        records = [lab.case_document(), lab.filters(checks=tested)]
        assert lab.decided(lab.world(*records, policy=policy)).is_open
        silent = lab.deployment(configuration={})
        assert not lab.decided(lab.world(*records, silent, policy=policy)).is_open

    def test_evidence_on_the_checkpoint_before_does_not_carry(self) -> None:
        other = lab.result("P1", subject=lab.ROOT, tested="checkpoint:root/final")
        records = [record for record in lab.clean() if record.id != "result-P1"]
        known = lab.world(*records, other)
        assert known.findings["T1"].status.level is Level.UNASSESSED


class TestWhatIsCutOffIsMissed:
    """Seen: walking a chain misses a tail that was cut off; integrity is not completeness
    (martinholovsky/SOTA-skills #74).
    """

    def test_an_adverse_record_cut_off_changes_the_head_that_the_decision_names(self) -> None:
        kept = lab.clean()
        views = [
            lab.incident(safeguards=["G1"]),
            lab.judgement("view", "some_concern", question=f"threshold:{lab.FRAMEWORK}/T3"),
            lab.reverse("undo", "nothing"),
            lab.act("alert", "alert:T3", "reached", act="determine"),
            lab.order(reaches={"gates": ["store"]}),
            lab.doc("fact", "f", {"fact": "F1", "value": False}),
        ]
        for cut in views:
            whole = lab.decided(lab.world(*kept, *views, lab.fact("g", "F1", True)))
            rest = [record for record in views if record is not cut]
            after = lab.decided(lab.world(*kept, *rest, lab.fact("g", "F1", True)))
            assert whole.adverse_register != after.adverse_register
            assert whole.evidence_digest != after.evidence_digest

    def test_a_correction_cut_off_changes_it_too(self) -> None:
        first = lab.status("status-g2", known_from="2025-12-01")
        second = lab.status("status-g2", known_from="2025-12-09", live=False)
        records = [record for record in lab.clean() if record.id != "status-g2"]
        whole = lab.decided(lab.world(*records, first, second))
        cut = lab.decided(lab.world(*records, first))
        assert whole.adverse_register != cut.adverse_register

    def test_a_log_cut_short_is_below_its_plan(self) -> None:
        run = lab.planned("task", samples=60, answers=[f"{lab.FRAMEWORK}/L1"])
        planned = lab.plan({**run, "eval": {"name": "task", "task_version": "1"}})
        started = {"started_at": lab.AT.replace(year=2025, month=12)}
        whole = known_of(lab.eval_log(resisted(60), **started), planned)
        cut = known_of(lab.eval_log(resisted(40), **started), planned)
        assert lab.decided(whole).is_open
        assert not lab.decided(cut).is_open
        assert "fewer samples" in cut.findings["T4"].missing[0]

    def test_of_two_logs_of_a_task_losing_the_worse_one_is_seen(self) -> None:
        selects = {"task": {"name": "task", "version": "1", "scorer": "match"}}
        binding = lab.mapping("L1", selects=selects, taken_on=lab.HELPFUL, **ELICITED)
        good = lab.eval_log(resisted(60))
        bad = lab.eval_log([Run(item=f"b{index}") for index in range(60)], eval_id="e2")
        both = lab.world(binding, policy=POLICY, logs={LOG: good, OTHER: bad})
        one = lab.world(binding, policy=POLICY, logs={LOG: good})
        assert both.findings["T4"].status.level is Level.NOT_RULED_OUT
        assert lab.decided(both).adverse_register != lab.decided(one).adverse_register


class TestScoringAgainGivesTheSame:
    """Seen: the first and the second run over the same data gave different scores (moonshot-data
    #78).
    """

    def test_a_stored_log_is_estimated_alike_each_time(self) -> None:
        runs = [*resisted(50), *failed(2), Run(item="solved")]
        texts = {
            json.dumps(decision_to_mapping(lab.decided(known_of(lab.eval_log(order)))))
            for order in (runs, runs, list(reversed(runs)))
            for _ in range(2)
        }
        estimates = {
            str(known_of(lab.eval_log(order)).findings["T4"].indicators[0].verdicts)
            for order in (runs, list(reversed(runs)))
        }
        assert len(estimates) == 1
        assert len(texts) == 1


def test_a_claim_of_success_in_the_source_is_never_used() -> None:
    """Every status a source claims stands beside the state that follows from its checks."""
    claims = lab.status("s", claimed_state="live_and_sufficient", sufficiency={"shown": True})
    known = lab.world(claims)
    assert known.safeguards["G2"].state is SafeguardState.LIVE_UNPROVEN
    logs = lab.eval_log(failed(60), status="success", is_finished=True)
    assert lab.decided(known_of(logs)).level is EffectLevel.HOLD
