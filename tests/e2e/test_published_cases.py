"""The published cases of Claude Opus 4 and Claude Sonnet 4 under RSP 2.2, decided as printed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.evidence.documents.plans import Mapping
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.judge import findings
from scalegate.gate.measure import Measurement, measure_all
from scalegate.gate.model import Finding, Grade, Reason, Why
from scalegate.gate.refer import resolve_subject
from scalegate.policy.compile import compile_policy
from scalegate.policy.vocabulary import Gate, Level
from tests.e2e.published import case, case_assessment, case_inputs, program, subject

MEASURED = frozenset({Kind.PUBLISHED_RESULT, Kind.UPLIFT_TRIAL, Kind.JUDGEMENT})
REGISTER = frozenset({Kind.MODEL, Kind.DEPLOYMENT})


@cache
def measured(*, with_documents: bool) -> dict[str, Measurement]:
    """Return the measurement of each mapping of Opus 4, with its document or without."""
    records = case("opus-4").records
    if not with_documents:
        records = tuple(record for record in records if record.kind not in MEASURED)
    inputs = case_inputs("opus-4", records)
    found = measure_all(inputs, resolve_subject(inputs.register, subject("opus-4")))
    return {item.mapping.id: item for item in found}


def cbrn_3_without(lost: Iterable[Record]) -> Finding:
    """Return the finding on CBRN-3 for Opus 4 without these records, estimates reused.

    A measurement depends on its mapping and on the document it selects only, so it is computed
    once with and once without the document.
    """
    gone = {record.id for record in lost}
    kept = [record for record in case("opus-4").records if record.id not in gone]
    inputs = case_inputs("opus-4", kept)
    chosen = []
    for record in inputs.bundle.of_kind(Kind.MAPPING):
        document = record.payload_as(Mapping).selects.document
        chosen.append(measured(with_documents=document not in gone)[record.id])
    asked = resolve_subject(inputs.register, subject("opus-4"))
    return findings(inputs, asked, chosen, case("opus-4").file.as_of)["CBRN-3"]


def is_held_open(finding: Finding) -> bool:
    return finding.own >= Level.NOT_RULED_OUT and finding.status.level >= Level.NOT_RULED_OUT


class TestRemovingAnyEvidenceNeverRulesOutCbrn3ForOpus4:
    """With all printed evidence CBRN-3 is not ruled out, and removing any subset of that evidence
    never rules it out.
    """

    def test_with_all_of_it(self) -> None:
        finding = case_assessment("opus-4").findings["CBRN-3"]
        assert finding.own is Level.NOT_RULED_OUT
        assert finding.status.level is Level.NOT_RULED_OUT

    @pytest.mark.parametrize(
        "record",
        [item for item in case("opus-4").records if item.kind not in REGISTER],
        ids=lambda item: item.id,
    )
    def test_without_any_one_record(self, record: Record) -> None:
        assert is_held_open(cbrn_3_without([record]))

    def test_without_any_two_records_that_bear_on_thresholds(self) -> None:
        kinds = MEASURED | {Kind.ACT, Kind.DOCUMENT}
        evidence = [record for record in case("opus-4").records if record.kind in kinds]
        assert len(evidence) > 30
        for pair in combinations(evidence, 2):
            assert is_held_open(cbrn_3_without(pair)), [record.id for record in pair]

    @given(st.data())
    @settings(max_examples=150)
    def test_without_any_subset(self, data: st.DataObject) -> None:
        may_go = [record for record in case("opus-4").records if record.kind not in REGISTER]
        lost = data.draw(st.lists(st.sampled_from(may_go), unique_by=lambda item: item.id))
        assert is_held_open(cbrn_3_without(lost))

    def test_without_all_of_it(self) -> None:
        lost = [record for record in case("opus-4").records if record.kind in MEASURED]
        assert cbrn_3_without(lost).own is Level.UNASSESSED

    @given(st.data())
    @settings(max_examples=3)
    def test_reusing_estimates_changes_nothing(self, data: st.DataObject) -> None:
        evidence = [record for record in case("opus-4").records if record.kind in MEASURED]
        lost = data.draw(st.lists(st.sampled_from(evidence), unique_by=lambda item: item.id))
        gone = {record.id for record in lost}
        kept = [record for record in case("opus-4").records if record.id not in gone]
        inputs = case_inputs("opus-4", kept)
        again = assess(inputs, subject("opus-4"), case("opus-4").file.as_of).findings["CBRN-3"]
        assert again == cbrn_3_without(lost)


def with_only(name: str, line: str) -> Finding:
    """Return the finding on CBRN-3 where the threshold has this one line."""
    policy = program(name)[0].policy
    threshold = next(item for item in policy.thresholds if item.id == "CBRN-3")
    alone = tuple(item for item in threshold.indicators if item.id == line)
    assert alone
    changed = threshold.model_copy(update={"indicators": alone})
    thresholds = tuple(changed if item.id == "CBRN-3" else item for item in policy.thresholds)
    whole = case_inputs(name)
    inputs = inputs_of(
        compile_policy(policy.model_copy(update={"thresholds": thresholds})),
        whole.bundle,
        policy_digest=whole.policy_digest,
        indicator_sets=whole.indicator_sets,
    )
    return assess(inputs, subject(name), case(name).file.as_of).findings["CBRN-3"]


def test_the_acquisition_uplift_line_alone_rules_out_for_sonnet_4() -> None:
    finding = with_only("sonnet-4", "uplift-acceptable")
    assert finding.own is Level.RULED_OUT
    assert finding.reasons[-1] is Reason.LINE_CLEARED


def test_the_acquisition_uplift_line_alone_does_not_rule_out_for_opus_4() -> None:
    finding = with_only("opus-4", "uplift-acceptable")
    assert finding.own is Level.NOT_RULED_OUT
    assert finding.status.level is Level.NOT_RULED_OUT


@pytest.mark.parametrize("name", ["opus-4", "sonnet-4"])
def test_both_readings_of_the_printed_plus_minus_are_shown(name: str) -> None:
    finding = case_assessment(name).findings["CBRN-3"]
    line = next(item for item in finding.indicators if item.indicator.id == "uplift-acceptable")
    shown = {item.reading: item.decides for item in line.verdicts}
    assert shown == {"plus-minus read as SD": True, "plus-minus read as SE": False}
    said = texts(decide(case_assessment(name), Gate.EXTERNAL_GENERAL).why)
    assert any(text.startswith("plus-minus read as SD: ") for text in said)
    assert any(text.startswith("plus-minus read as SE (does not decide): ") for text in said)


def texts(why: Why) -> list[str]:
    return [why.text, *(text for child in why.children for text in texts(child))]


def test_opus_4_the_published_determination_agrees_with_the_finding() -> None:
    finding = case_assessment("opus-4").findings["CBRN-3"]
    assert {item.grade for item in finding.judged} == {Grade.AGREES}
    assert {item.level for item in finding.judged} == {Level.NOT_RULED_OUT}


def test_sonnet_4_the_published_determination_stands_beside_the_finding_with_the_cause() -> None:
    """The card determines CBRN-3 ruled out; printed results without n bound nothing."""
    finding = case_assessment("sonnet-4").findings["CBRN-3"]
    assert finding.own is Level.NOT_RULED_OUT
    assert {item.grade for item in finding.judged} == {Grade.AGAINST_INDICATORS}
    causes = {
        line.indicator.id: line.text
        for line in finding.indicators
        if line.level is Level.NOT_RULED_OUT
    }
    assert "neither n nor an interval was printed" in causes["long-form-virology-1-rule-out"]
    said = texts(decide(case_assessment("sonnet-4"), Gate.EXTERNAL_GENERAL).why)
    assert any("graded against indicators" in text for text in said)
    assert any("own finding not ruled out" in text for text in said)


@pytest.mark.parametrize("name", ["opus-4", "sonnet-4"])
def test_a_determination_on_what_was_not_measured_is_shown_and_does_not_count(name: str) -> None:
    known = case_assessment(name)
    finding = known.findings["AIRD-4"]
    assert finding.own is Level.UNASSESSED
    assert finding.judged
    assert not any(item.counts for item in finding.judged)
    beside = decide(known, Gate.EXTERNAL_GENERAL).judgements
    assert any(text.startswith("AIRD-4: ") for text in beside)


@pytest.mark.parametrize("name", ["opus-4", "sonnet-4"])
@pytest.mark.parametrize("gate", [Gate.EXTERNAL_GENERAL, Gate.STORE, Gate.INTERNAL])
def test_no_gate_of_the_case_opens_on_the_public_record(name: str, gate: Gate) -> None:
    decision = decide(case_assessment(name), gate)
    assert decision.governed
    assert not decision.is_open
    assert decision.why.children
