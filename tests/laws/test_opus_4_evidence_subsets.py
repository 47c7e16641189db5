"""Opus 4 under RSP 2.2: removing any subset of the printed evidence never rules CBRN-3 out.

The case has some 85 records. `TestOnlyTheseRecordsBearOnCbrn3` shows which of them the finding on
CBRN-3 reads at all; over those, `TestRemovingAnySubsetOfTheEvidenceNeverRulesCbrn3Out` goes through
every subset, none left out. The register (model and deployment) stays: without it nothing can be
asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.documents.plans import Mapping
from scalegate.evidence.documents.records import Act
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess
from scalegate.gate.judge import findings
from scalegate.gate.measure import Measurement, measure_all
from scalegate.gate.model import Finding, Inputs, Subject
from scalegate.gate.refer import resolve_subject
from scalegate.policy.vocabulary import IndicatorRole, Level
from tests.e2e.published import case, case_assessment, case_inputs, subject

REGISTER = frozenset({Kind.MODEL, Kind.DEPLOYMENT})
MAY_GO = tuple(record for record in case("opus-4").records if record.kind not in REGISTER)
AT = case("opus-4").file.as_of
LINES = frozenset(
    line.id
    for threshold in case_inputs("opus-4").policy.thresholds
    if threshold.id == "CBRN-3"
    for line in threshold.indicators
)


def selected(mapping: Record) -> str:
    """Return the id of the document that a mapping selects."""
    found = mapping.payload_as(Mapping).selects.document
    assert found is not None
    return found


def line_of(mapping: Record) -> str:
    return mapping.payload_as(Mapping).indicator.partition("/")[2]


MAPPINGS = tuple(r for r in MAY_GO if r.kind is Kind.MAPPING and line_of(r) in LINES)
"""What binds a printed result to a line of CBRN-3: the case's own reading, not printed evidence."""
MEASURED = tuple(r for r in MAY_GO if r.id in {selected(mapping) for mapping in MAPPINGS})
"""The printed results on lines of CBRN-3."""
DETERMINATIONS = tuple(
    r
    for r in MAY_GO
    if r.kind is Kind.ACT and r.payload_as(Act).question.endswith("anthropic-rsp@2.2/CBRN-3")
)
"""The published determinations on CBRN-3."""
GROUNDS = tuple(
    r
    for r in MAY_GO
    if r.id in {name for d in DETERMINATIONS for name in d.payload_as(Act).grounds}
)
"""The documents that these determinations rest on."""
EVIDENCE = (*MEASURED, *DETERMINATIONS, *GROUNDS)
OTHERS = tuple(r for r in MAY_GO if r not in EVIDENCE and r not in MAPPINGS)


class Watched(Bundle[EvalLog]):
    """A bundle that notes which kinds of record were asked for."""

    asked: set[Kind]

    def of_kind(self, kind: Kind) -> tuple[Record, ...]:
        self.asked.add(kind)
        return super().of_kind(kind)


@cache
def base() -> tuple[Inputs, Subject]:
    """Return the case's inputs with CBRN-3 as the policy's only threshold, and the subject."""
    inputs = case_inputs("opus-4")
    only = tuple(item for item in inputs.policy.thresholds if item.id == "CBRN-3")
    reduced = inputs.policy.model_copy(update={"thresholds": only})
    return replace(inputs, policy=reduced), resolve_subject(inputs.register, subject("opus-4"))


@cache
def measurements(*, with_documents: bool) -> dict[str, Measurement]:
    """Return each mapping's measurement on CBRN-3, with its document on record or without it."""
    inputs, asked = base()
    if not with_documents:
        names = {record.id for record in MEASURED}
        kept = [record for record in inputs.bundle.records if record.id not in names]
        inputs = replace(inputs, bundle=bundle_of(kept, {}))
    return {item.mapping.id: item for item in measure_all(inputs, asked)}


def without(lost: Iterable[Record]) -> Finding:
    """Return the finding on CBRN-3 without some records; what can be computed once is."""
    inputs, asked = base()
    gone = {record.id for record in lost}
    kept = tuple(record for record in inputs.bundle.records if record.id not in gone)
    names = {record.id for record in kept} | {record.digest for record in kept}
    chosen = [
        measurements(with_documents=selected(mapping) not in gone)[mapping.id]
        for mapping in MAPPINGS
        if mapping.id not in gone
    ]
    bundle: Bundle[EvalLog] = Bundle(records=kept, logs={}, history=kept)
    reduced = replace(inputs, bundle=bundle, ids=frozenset(names))
    return findings(reduced, asked, chosen, AT)["CBRN-3"]


def is_held_open(finding: Finding) -> bool:
    return finding.own >= Level.NOT_RULED_OUT and finding.status.level >= Level.NOT_RULED_OUT


def subsets(records: Iterable[Record]) -> Iterator[tuple[Record, ...]]:
    """Yield every subset, the empty and the whole one included."""
    whole = tuple(records)
    return chain.from_iterable(combinations(whole, size) for size in range(len(whole) + 1))


class TestOnlyTheseRecordsBearOnCbrn3:
    """By construction: which kinds are read, which questions count, which lines are its own."""

    def test_the_records_are_sorted_completely(self) -> None:
        assert len(MAY_GO) == len(EVIDENCE) + len(MAPPINGS) + len(OTHERS) > 80
        assert (len(MEASURED), len(DETERMINATIONS), len(GROUNDS)) == (9, 2, 1)
        assert len(MAPPINGS) == 12

    def test_which_kinds_of_record_the_finding_asks_for(self) -> None:
        inputs, asked = base()
        bundle = Watched(
            records=inputs.bundle.records, logs=inputs.bundle.logs, history=inputs.bundle.history
        )
        bundle.__dict__["asked"] = set()
        found = findings(
            replace(inputs, bundle=bundle),
            asked,
            list(measurements(with_documents=True).values()),
            AT,
        )
        assert found["CBRN-3"] == without([])
        beside = {Kind.ACT, Kind.JUDGEMENT, Kind.INCIDENT, Kind.PLAN, Kind.PLAN_RECEIPT}
        assert bundle.asked == beside | {Kind.MAPPING}
        # Mappings are asked for only to find alerts of the series, and no line is one.
        roles = {line.indicator.role for line in found["CBRN-3"].indicators}
        assert roles == {IndicatorRole.RULE_OUT, IndicatorRole.RULE_IN}

    def test_no_other_record_is_about_cbrn_3(self) -> None:
        """Of the kinds asked for, the others answer other questions and reverse nothing."""
        of_kind = {kind: [r for r in OTHERS if r.kind is kind] for kind in Kind}
        assert not of_kind[Kind.INCIDENT]
        assert not of_kind[Kind.PLAN] + of_kind[Kind.PLAN_RECEIPT]
        assert len(of_kind[Kind.ACT]) == 12
        for record in of_kind[Kind.ACT]:
            act = record.payload_as(Act)
            assert not act.question.endswith("/CBRN-3")
            assert act.act != "reverse"
        for record in of_kind[Kind.MAPPING]:
            assert line_of(record) not in LINES

    def test_no_other_threshold_is_read_by_it(self) -> None:
        for threshold in case_inputs("opus-4").policy.thresholds:
            assert "CBRN-3" not in threshold.rules_out

    def test_a_measurement_reads_its_own_mapping_and_document_only(self) -> None:
        """Each is the same when every other record but the register is gone."""
        inputs, asked = base()
        for mapping in MAPPINGS:
            own = {mapping.id, selected(mapping)}
            kept = [r for r in inputs.bundle.records if r.kind in REGISTER or r.id in own]
            alone = replace(inputs, bundle=bundle_of(kept, {}))
            assert measure_all(alone, asked) == (measurements(with_documents=True)[mapping.id],)

    @given(st.data())
    @settings(max_examples=8)
    def test_the_short_way_finds_what_a_whole_assessment_finds(self, data: st.DataObject) -> None:
        lost = data.draw(st.lists(st.sampled_from(MAY_GO), unique_by=lambda item: item.id))
        gone = {record.id for record in lost}
        kept = [record for record in case("opus-4").records if record.id not in gone]
        whole = assess(case_inputs("opus-4", kept), subject("opus-4"), AT)
        assert whole.findings["CBRN-3"] == without(lost)


class TestRemovingAnySubsetOfTheEvidenceNeverRulesCbrn3Out:
    """With all printed evidence CBRN-3 is not ruled out, and removing any subset of that evidence
    never rules it out.
    """

    def test_with_all_of_it(self) -> None:
        finding = case_assessment("opus-4").findings["CBRN-3"]
        assert finding == without([])
        assert finding.own is Level.NOT_RULED_OUT
        assert finding.status.level is Level.NOT_RULED_OUT

    def test_without_all_of_it(self) -> None:
        assert without(MEASURED).own is Level.UNASSESSED
        assert without(MAY_GO).own is Level.UNASSESSED

    def test_without_any_subset_of_what_bears_on_it(self) -> None:
        """All 4,096, whether everything else is on record or gone as well."""
        seen = 0
        for lost in subsets(EVIDENCE):
            finding = without(lost)
            assert is_held_open(finding), [record.id for record in lost]
            assert without((*lost, *OTHERS)) == finding, [record.id for record in lost]
            seen += 1
        assert seen == 2**12

    def test_without_any_subset_of_the_mappings(self) -> None:
        """All 4,096: losing the reading that binds a result is no way out either."""
        for lost in subsets(MAPPINGS):
            assert is_held_open(without(lost)), [record.id for record in lost]

    @pytest.mark.slow
    def test_without_any_subset_of_both(self) -> None:
        """What a line contributes depends on its own mapping and document, so all 16.8 million
        subsets of both come down to which lines are measured, and those are gone through here.
        """
        for lost in subsets(MAPPINGS):
            for acts in subsets((*DETERMINATIONS, *GROUNDS)):
                assert is_held_open(without((*lost, *acts)))

    @pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda item: item.id)
    def test_losing_the_document_is_losing_the_mapping(self, mapping: Record) -> None:
        """The step that the count above rests on, for each line."""
        line, document = line_of(mapping), [r for r in MEASURED if r.id == selected(mapping)]
        levels = set()
        for lost in ([mapping], document, [mapping, *document]):
            found = next(i for i in without(lost).indicators if i.indicator.id == line)
            levels.add((found.level, found.reasons))
        assert len(levels) == 1

    @pytest.mark.parametrize("lost", [(), EVIDENCE], ids=["nothing", "everything"])
    @pytest.mark.slow
    def test_the_other_acts_change_nothing(self, lost: tuple[Record, ...]) -> None:
        expected = without(lost)
        acts = [record for record in OTHERS if record.kind is Kind.ACT]
        for others in subsets(acts):
            assert without((*lost, *others)) == expected

    def test_everything_else_changes_nothing(self) -> None:
        for lost in ((), MEASURED, DETERMINATIONS, GROUNDS, EVIDENCE):
            assert without((*lost, *OTHERS)) == without(lost)
            for record in OTHERS:
                assert without((*lost, record)) == without(lost)
