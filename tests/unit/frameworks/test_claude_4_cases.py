"""The cases made from the Claude 4 system card: every document reads, every reference exists."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from scalegate.evidence.case import parse_case
from scalegate.evidence.documents.plans import Mapping
from scalegate.evidence.documents.records import Act
from scalegate.evidence.documents.results import Judgement, PublishedResult, UpliftTrial
from scalegate.evidence.documents.safeguards import SafeguardStatus
from scalegate.evidence.model import Kind
from scalegate.evidence.parse import parse_document
from scalegate.evidence.record import Record
from scalegate.evidence.register import register_from
from scalegate.policy.document import IndicatorSet
from scalegate.policy.parse import parse_indicator_set
from tests.unit.frameworks.rsp_2_2_situations import policy

EXAMPLES = Path(__file__).parents[3] / "examples"
CASES = ("opus-4", "sonnet-4")


@cache
def records(case: str) -> dict[str, Record]:
    files = sorted((EXAMPLES / case / "documents").glob("*.yaml"))
    read = [parse_document(file.read_text(encoding="utf-8"), file=file.name) for file in files]
    assert [f"{record.id}.yaml" for record in read] == [file.name for file in files]
    return {record.id: record for record in read}


def of_kind(case: str, kind: Kind) -> list[Record]:
    return [record for record in records(case).values() if record.kind is kind]


@cache
def lines(case: str) -> IndicatorSet:
    file = EXAMPLES / case / "indicators" / "claude-4-card.yaml"
    return parse_indicator_set(file.read_text(encoding="utf-8"), policy(), file=file.name)


@pytest.mark.parametrize("case", CASES)
def test_case_names_its_own_framework_first_and_its_register_fits(case: str) -> None:
    file = parse_case((EXAMPLES / case / "case.yaml").read_text(encoding="utf-8"))
    assert file.frameworks == (policy().name, "openai-pf@2", "gdm-fsf@3.1")
    assert file.indicator_sets == (lines(case).id,)
    register = register_from(records(case).values())
    assert register.resolve(file.subject).model == file.subject


@pytest.mark.parametrize("case", CASES)
def test_every_mapping_binds_a_document_of_the_case_to_a_line_of_the_card(case: str) -> None:
    known = {f"{lines(case).id}/{line.id}" for line in lines(case).indicators}
    for record in of_kind(case, Kind.MAPPING):
        mapping = record.payload_as(Mapping)
        assert mapping.selects.document in records(case)
        assert mapping.indicator in known


@pytest.mark.parametrize("case", CASES)
def test_every_measurement_is_bound_to_some_line(case: str) -> None:
    bound = {record.payload_as(Mapping).selects.document for record in of_kind(case, Kind.MAPPING)}
    measured = {
        record.id
        for record in records(case).values()
        if isinstance(record.payload, (PublishedResult, UpliftTrial, Judgement))
    }
    assert measured == bound


@pytest.mark.parametrize("case", CASES)
def test_grades_of_the_documents_are_grades_of_their_lines(case: str) -> None:
    by_id = {line.id: line for line in lines(case).indicators}
    for record in of_kind(case, Kind.MAPPING):
        mapping = record.payload_as(Mapping)
        line = by_id[mapping.indicator.rpartition("/")[2]]
        payload = records(case)[str(mapping.selects.document)].payload
        graded = None
        if isinstance(payload, Judgement):
            graded = payload.answer
        elif isinstance(payload, PublishedResult):
            graded = payload.outcome
        assert (graded in line.grades) if line.grades else (graded is None), record.id


@pytest.mark.parametrize("case", CASES)
def test_acts_and_safeguards_speak_of_what_the_policy_names(case: str) -> None:
    name = policy().name
    questions = {f"question:{name}/{item.id}" for item in policy().questions}
    questions |= {f"threshold:{name}/{item.id}" for item in policy().thresholds}
    roles = {item.id for item in policy().roles}
    for record in of_kind(case, Kind.ACT):
        act = record.payload_as(Act)
        assert act.question in questions
        assert act.by.role in roles
        assert set(act.grounds) <= set(records(case))
    safeguards = {item.id for item in policy().safeguards}
    for record in of_kind(case, Kind.SAFEGUARD_STATUS):
        assert record.payload_as(SafeguardStatus).safeguard in safeguards


@pytest.mark.parametrize("case", CASES)
def test_no_document_claims_that_sufficiency_was_shown(case: str) -> None:
    """The public record that was read has the lab's claim per standard, no case per criterion."""
    for record in of_kind(case, Kind.SAFEGUARD_STATUS):
        assert record.payload_as(SafeguardStatus).sufficiency is None


def test_both_cases_carry_the_same_lines_of_the_one_card() -> None:
    """A case folder stands alone, so the set is there twice; one card must not become two."""
    files = [EXAMPLES / case / "indicators" / "claude-4-card.yaml" for case in CASES]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_determinations_of_the_card_differ_between_the_models() -> None:
    """Card, 1.2.3 and 1.2.4, p. 9-10."""
    question = f"threshold:{policy().name}/CBRN-3"
    answers = {
        case: {
            act.answer
            for record in of_kind(case, Kind.ACT)
            for act in [record.payload_as(Act)]
            if act.question == question
        }
        for case in CASES
    }
    assert answers == {"opus-4": {"not_ruled_out"}, "sonnet-4": {"ruled_out"}}
