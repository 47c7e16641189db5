"""Evidence documents: what is read, what is refused, and how the faults are told."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scalegate.base.errors import DocumentFaults, FormatError
from scalegate.base.yaml_text import parse_yaml
from scalegate.evidence.documents.kinds import PAYLOADS
from scalegate.evidence.documents.results import HorizonRuns, PublishedResult, UpliftTrial
from scalegate.evidence.model import Kind, subject_kind, subject_name
from scalegate.evidence.parse import parse_document

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs" / "reference"
EXAMPLES = REFERENCE / "examples"

RESULT = """\
schema: scalegate/published-result@1
id: r1
subject: model:m
true_from: 2025-05-22
known_from: 2025-05-22T16:00:00+02:00
source: {document: A card, section: 7.10, page: 99, mark: primary}
payload:
  eval: {name: Some questions, harness_version: 2}
  variant: helpful_only
  measure: proportion
  unit: proportion
  value: 0.830
  n: 33
  interval: {kind: unstated, half_width: 0.080}
"""


def example(kind: Kind) -> str:
    return (EXAMPLES / f"{kind.value}.yaml").read_text(encoding="utf-8")


def faults_of(text: str) -> tuple[FormatError, ...]:
    with pytest.raises(DocumentFaults) as raised:
        parse_document(text, file="d.yaml")
    return raised.value.faults


def only_fault(text: str) -> FormatError:
    faults = faults_of(text)
    assert len(faults) == 1, faults
    return faults[0]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_an_example_that_imports(kind: Kind) -> None:
    record = parse_document(example(kind), file=f"{kind.value}.yaml")
    assert record.kind is kind
    assert type(record.payload) is PAYLOADS[kind]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_json_schema_of_a_kind_accepts_its_example(kind: Kind) -> None:
    schema = json.loads((REFERENCE / "schemas" / f"{kind.value}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    document = _floats(parse_yaml(example(kind)).value)
    assert list(validator.iter_errors(document)) == []
    assert list(validator.iter_errors({**document, "surprise": 1}))
    assert list(validator.iter_errors({**document, "schema": "scalegate/other@1"}))


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_floats(entry) for entry in value]
    return float(value) if isinstance(value, Decimal) else value


def test_the_reference_page_and_the_schemas_are_up_to_date() -> None:
    result = subprocess.run(
        [sys.executable, "tools/generate_document_reference.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_record_keeps_what_was_written() -> None:
    record = parse_document(RESULT, file="d.yaml")
    payload = record.payload_as(PublishedResult)
    assert record.known_from == datetime(2025, 5, 22, 14, tzinfo=UTC)
    assert (record.source.section, record.source.page) == ("7.10", "99")
    assert str(record.source.to_citation()) == "A card, §7.10, p. 99"
    assert str(payload.value) == "0.830"
    assert payload.eval.harness_version == "2"
    assert payload.interval is not None
    assert str(payload.interval.half_width) == "0.080"
    assert (subject_kind(record.subject), subject_name(record.subject)) == ("model", "m")


def test_layout_and_format_do_not_change_the_digest_but_the_decimals_printed_do() -> None:
    record = parse_document(RESULT)
    reordered = "note: null\n# a remark\n" + RESULT.replace(
        "{document: A card, section: 7.10", '{section: "7.10", document: A card'
    )
    spelled_out = RESULT.replace("2025-05-22\n", "2025-05-22T00:00:00Z\n").replace(
        "  n: 33\n", "  n: 33\n  epochs: null\n  remarks: []\n  value_is: equals\n"
    )
    for text in (reordered, spelled_out):
        again = parse_document(text)
        assert again.digest == record.digest
        assert again == record
        assert again.bytes_sha256 != record.bytes_sha256
    assert parse_document(RESULT.replace("0.830", "0.83")).digest != record.digest


def test_every_fault_of_envelope_and_payload_is_told_at_once_with_its_line() -> None:
    text = (
        RESULT.replace("mark: primary", "mark: hearsay")
        .replace("2025-05-22T16:00:00+02:00", "2025-05-22T16:00:00")
        .replace("  variant: helpful_only\n", "  varaint: helpful_only\n")
        .replace("n: 33", "n: -33")
        .replace("name: Some questions", "name: 3.1")
    )
    found = {(fault.line, fault.path, fault.what) for fault in faults_of(text)}
    assert found == {
        (5, "known_from", "instant without a zone"),
        (6, "source.mark", "value not accepted"),
        (7, "payload.variant", "field missing"),
        (8, "payload.eval.name", "value of the wrong type"),
        (9, "payload.varaint", "unknown field"),
        (13, "payload.n", "value out of range"),
    }


def test_a_fault_says_what_was_expected_and_what_stood_there() -> None:
    unknown = only_fault(RESULT + "surprise: 1\n")
    assert unknown.what == "unknown field"
    assert "`true_until`" in unknown.expected
    assert unknown.got == "`surprise`"
    close = only_fault(RESULT + "nots: x\n")
    assert close.expected == "perhaps `note`"
    unquoted = only_fault(RESULT.replace("id: r1", "id: 3.1"))
    assert (unquoted.expected, unquoted.got) == ("text", "`3.1`")
    assert unquoted.hint == "quote it to make it text"
    small = only_fault(RESULT.replace("n: 33", "n: 0"))
    assert (small.expected, small.got) == ("at least 1", "`0`")
    listed = only_fault(RESULT.replace("value: 0.830", "value: [1]"))
    assert (listed.expected, listed.got) == ("a number", "a list")


@pytest.mark.parametrize(
    ("old", "new", "path", "what"),
    [
        ("value: 0.830", "value: 83", "payload.value", "out of range"),
        ("value: 0.830", "value: -0.1", "payload.value", "out of range"),
        ("value: 0.830", "value: true", "payload.value", "value of the wrong type"),
        ("value: 0.830", "value: '0.83'", "payload.value", "value of the wrong type"),
        ("value: 0.830", "value: .nan", "payload.value", "number is not finite"),
        ("value: 0.830", "value: null", "payload.value", "missing for `proportion`"),
        ("unit: proportion", "unit: percent", "payload.unit", "wrong unit"),
        ("  unit: proportion\n", "", "payload.unit", "wrong unit"),
        ("measure: proportion", "measure: fold_uplift", "payload.unit", "wrong unit"),
        ("  n: 33\n", "  n: 33\n  count: 3\n", "payload.count", "not used for `proportion`"),
        ("half_width: 0.080", "lower: 0.1", "payload.interval.half_width",
         "interval without one clear form"),
        ("half_width: 0.080", "lower: 0.9, upper: 0.1", "payload.interval.upper",
         "interval ends swapped"),
        ("half_width: 0.080", "half_width: -0.1", "payload.interval.half_width",
         "value out of range"),
        ("model:m", "deployment:m", "subject", "a `published-result` cannot be about this"),
        ("model:m", "planet:m", "subject", "value not accepted"),
        ("model:m", "model:../../etc", "subject", "value not accepted"),
        ("id: r1", "id: a/b", "id", "value not accepted"),
        ("2025-05-22\n", "2025-02-30\n", "true_from", "not an instant"),
        ("2025-05-22\n", "2025-05-22\ntrue_until: 2025-05-22\n", "true_until",
         "ends before it starts"),
        ("2025-05-22\n", "2025-05-22 10:00\n", "true_from", "instant without a zone"),
        ("published-result@1", "published-result@2", "schema", "unknown schema"),
        ("schema: scalegate/published-result@1\n", "", "schema", "no schema named"),
    ],
)  # fmt: skip
def test_a_wrong_number_unit_date_or_name_is_one_clear_fault(
    old: str, new: str, path: str, what: str
) -> None:
    assert old in RESULT
    fault = only_fault(RESULT.replace(old, new, 1))
    assert (fault.path, fault.what, fault.file) == (path, what, "d.yaml")


def test_a_document_that_is_no_mapping_is_refused() -> None:
    assert only_fault("[1, 2]").what == "not an evidence document"
    assert only_fault(RESULT.split("payload:", maxsplit=1)[0]).what == "field missing"
    bare = faults_of(RESULT.split("payload:", maxsplit=1)[0] + "payload: 3\n")
    assert [(fault.path, fault.expected) for fault in bare] == [("payload", "a mapping")]


@pytest.mark.parametrize(
    ("kind", "old", "new", "path", "what"),
    [
        (Kind.UPLIFT_TRIAL, "scale_max: 1", "scale_max: 100", "payload.scale_max", "wrong scale"),
        (Kind.UPLIFT_TRIAL, "mean: 0.63", "mean: 63", "payload.treated.mean", "out of range"),
        (Kind.UPLIFT_TRIAL, "n_max: 10", "n_max: 3", "payload.control.n_max",
         "range ends swapped"),
        (Kind.UPLIFT_TRIAL, "n_max: 10", "n_max: 10\n    n: 9", "payload.control.n", "two sizes"),
        (Kind.UPLIFT_TRIAL, "mean: 0.25\n", "label: x\n", "payload.control.label",
         "duplicate key"),
        (Kind.UPLIFT_TRIAL, "    mean: 0.25\n", "", "payload.control.mean",
         "arm without a result"),
        (Kind.UPLIFT_TRIAL, "mean: 0.25\n", "mean: 0.25\n    scores: [0.5, 2]\n",
         "payload.control.scores[1]", "out of range"),
        (Kind.HORIZON_RUNS, "human_minutes: 12", "human_minutes: 0",
         "payload.runs[1].human_minutes", "value out of range"),
        (Kind.HORIZON_RUNS, "success: false", "success: 0", "payload.runs[2].success",
         "value of the wrong type"),
        (Kind.HORIZON_RUNS, "weight: 0.5\n", "weight: -0.5\n", "payload.runs[2].weight",
         "value out of range"),
        (Kind.JUDGEMENT, "substantial_concern", "crossed", "payload.answer",
         "not a word of the scale"),
        (Kind.JUDGEMENT, "{role: domain_expert, organisation: Deloitte}", "{}",
         "payload.by.role", "nobody named"),
        (Kind.SAFEGUARD_STATUS, "value: 0.02", "value: 2", "payload.checks[0].value",
         "out of range"),
        (Kind.SAFEGUARD_STATUS, "      unit: proportion\n", "", "payload.checks[0].unit",
         "number without a unit"),
        (Kind.SAFEGUARD_STATUS, "value: 0.06", "value: 'low'",
         "payload.checks[0].required.value", "not of the type that was measured"),
        (Kind.SAFEGUARD_STATUS, "upper: 0.05", "upper: 0.05\n      lower: 0.06",
         "payload.checks[0].upper", "interval ends swapped"),
        (Kind.SAFEGUARD_STATUS, "id: fail-closed-drill", "id: attack-success",
         "payload.checks", "check named twice"),
        (Kind.SAFEGUARD_STATUS, "surface: batch", "surface: api", "payload.surfaces",
         "surface named twice"),
        (Kind.SAFEGUARD_STATUS, "value: true", "value: {a: 1}", "payload.checks[1].value",
         "value of the wrong type"),
        (Kind.SAFEGUARD_STATUS, "valid_for: 90d", "valid_for: 3 months",
         "payload.checks[0].valid_for", "not a duration"),
        (Kind.MODEL, "variant: helpful_only", "since: 2026-01-01", "payload.edges[0].variant",
         "`variant` belongs to `variant_of`, and to it alone"),
        (Kind.MODEL, "is_root: true", "is_root: true\n  root: model:other", "payload.root",
         "a root has no other root"),
        (Kind.MODEL, "is_root: true", "effective_compute_ratio: 2", "payload.root",
         "growth without a root"),
        (Kind.MODEL, "to: checkpoint:example-2/final", "to: model:example-2",
         "payload.edges[0].to", "wrong end of `variant_of`"),
        (Kind.MODEL, '"checkpoint:example-2/int8", role', '"checkpoint:example-2/final", role',
         "payload.checkpoints", "checkpoint named twice"),
        (Kind.DEPLOYMENT, "name: batch", "name: api", "payload.surfaces", "surface named twice"),
        (Kind.DEPLOYMENT, "audience: everyone", "audience: all", "payload.audience",
         "value not accepted"),
        (Kind.RUN, "  unit: ratio_to_root\n", "", "payload.unit", "compute without a unit"),
        (Kind.RUN, "effective_compute: 1.4", "effective_compute: 0",
         "payload.planned_effective_compute", "value out of range"),
        (Kind.ACT, "act: determine", "act: reverse", "payload.reverses",
         "missing for `reverse`"),
        (Kind.ACT, "threshold:anthropic", "anthropic", "payload.question", "value not accepted"),
        (Kind.ORDER, "effect: restrict", "effect: hold", "payload.limits",
         "`limits` belong to `restrict`, and to it alone"),
        (Kind.ORDER, '    subjects: ["deployment:example-api"]\n    gates: [external_general]\n',
         "    subjects: []\n", "payload.reaches", "order that reaches nothing"),
        (Kind.INCIDENT, "end: 2026-04-02T17:05:00Z", "end: 2026-03-01",
         "payload.occurred.end", "ends before it starts"),
        (Kind.INCIDENT, "severity: serious", "severity: serious\n  closed_by: act-1",
         "payload.closed_by", "half a closure"),
        (Kind.INCIDENT, "discovered_at: 2026-04-02T16:40:00Z", "discovered_at: 2026-01-01",
         "payload.discovered_at", "found before it started"),
        (Kind.DOCUMENT, "published: true", "published: false", "payload.published_at",
         "date of a publication that did not happen"),
        (Kind.PLAN, "samples: 120", "samples: 0", "payload.runs[0].samples",
         "value out of range"),
        (Kind.PLAN, "answers: [anthropic-rsp@2.2/CBRN-3]", "answers: []",
         "payload.runs[0].answers", "value out of range"),
        (Kind.MAPPING, "  taken_on: checkpoint:example-2/helpful-only\n", "",
         "payload.taken_on", "missing for a log"),
        (Kind.MAPPING, ("  reason: The questions were written for this indicator and reviewed by"
         " two virologists.\n"), "", "payload.reason", "field missing"),
        (Kind.MAPPING, "selects:\n", "selects:\n    document: a\n", "payload.selects.document",
         "selector without one clear meaning"),
    ],
)  # fmt: skip
def test_what_the_fields_of_a_kind_say_together_is_checked(
    kind: Kind, old: str, new: str, path: str, what: str
) -> None:
    text = example(kind)
    assert old in text
    fault = only_fault(text.replace(old, new, 1))
    assert (fault.path, fault.what) == (path, what)


def test_a_count_is_written_as_a_count() -> None:
    counted = (
        RESULT.replace("measure: proportion", "measure: count_of")
        .replace("unit: proportion", "unit: count")
        .replace("value: 0.830", "count: 17\n  of: 33")
    )
    payload = parse_document(counted).payload_as(PublishedResult)
    assert (payload.count, payload.of) == (17, 33)
    assert only_fault(counted.replace("count: 17", "count: 34")).what == "more than all"
    assert only_fault(counted.replace("  of: 33\n", "")).path == "payload.of"
    assert only_fault(counted + "  value: 0.5\n").path == "payload.value"


def test_a_mean_score_names_its_unit_and_stays_within_its_scale() -> None:
    mean = RESULT.replace("measure: proportion", "measure: mean_score").replace(
        "unit: proportion", "unit: tasks\n  scale_max: 42"
    )
    within = parse_document(mean.replace("0.830", "16.6")).payload_as(PublishedResult)
    assert within.value == Decimal("16.6")
    assert only_fault(mean.replace("0.830", "43")).path == "payload.value"
    assert only_fault(mean.replace("  unit: tasks\n", "")).path == "payload.unit"


def test_a_qualitative_result_needs_its_statement() -> None:
    words = RESULT.replace("measure: proportion", "measure: qualitative").replace(
        "  value: 0.830\n", "  statement: Nothing of concern.\n"
    )
    assert parse_document(words).payload_as(PublishedResult).value is None
    assert only_fault(words.replace("  statement: Nothing of concern.\n", "")).path == (
        "payload.statement"
    )


def test_a_qualitative_result_has_one_grade_of_the_common_scale_or_of_its_line() -> None:
    words = RESULT.replace("measure: proportion", "measure: qualitative").replace(
        "  value: 0.830\n", "  statement: It cannot.\n  grade: does-not-substitute\n"
    )
    payload = parse_document(words).payload_as(PublishedResult)
    assert (payload.grade, payload.outcome) == ("does-not-substitute", None)
    assert only_fault(words + "  outcome: no_concern\n").what == "two grades of one result"
    assert only_fault(RESULT + "  grade: low\n").what == "not used for `proportion`"


def test_fold_and_minutes_are_not_negative() -> None:
    for measure, unit in (("fold_uplift", "fold"), ("minutes", "minutes")):
        text = RESULT.replace("measure: proportion", f"measure: {measure}").replace(
            "unit: proportion", f"unit: {unit}"
        )
        assert parse_document(text.replace("0.830", "288.5")).kind is Kind.PUBLISHED_RESULT
        assert only_fault(text.replace("0.830", "-1")).path == "payload.value"


def test_an_arm_may_have_raw_scores_and_their_number_must_agree() -> None:
    text = example(Kind.UPLIFT_TRIAL).replace(
        "    mean: 0.25\n    spread: {kind: unstated, value: 0.13}\n    n_min: 8\n    n_max: 10\n",
        "    scores: [0.1, 0.25, 0.4]\n    n: 3\n",
    )
    control = parse_document(text).payload_as(UpliftTrial).control
    assert control.scores == (Decimal("0.1"), Decimal("0.25"), Decimal("0.4"))
    assert only_fault(text.replace("n: 3\n", "n: 4\n")).what == "size differs from the scores"
    told = text.replace("n: 3\n", "n: 3\n    dropped: 2\n")
    assert parse_document(told).payload_as(UpliftTrial).control.dropped == 2
    bare = example(Kind.UPLIFT_TRIAL).replace(
        "    n_max: 10\n", "    n_max: 10\n    dropped: 2\n", 1
    )
    assert only_fault(bare).what == "drop-outs beside a printed summary"


def test_horizon_runs_stand_in_one_place() -> None:
    text = example(Kind.HORIZON_RUNS)
    runs = parse_document(text).payload_as(HorizonRuns).runs
    assert [run.stopped_by_limit for run in runs] == [False, False, True]
    file = "  file: {path: a.jsonl, sha256: " + "a" * 64 + ", format: metr-runs-jsonl, alias: o1}\n"
    both = text.replace("  weighting: equal\n", file)
    assert only_fault(both).what == "runs without one clear place"


def test_a_duration_is_kept_as_one() -> None:
    from scalegate.evidence.documents.safeguards import SafeguardStatus

    status = parse_document(example(Kind.SAFEGUARD_STATUS)).payload_as(SafeguardStatus)
    assert status.valid_for == timedelta(days=30)
    assert status.checks[1].value is True


def test_a_record_cannot_be_changed() -> None:
    record = parse_document(RESULT)
    with pytest.raises(AttributeError):
        record.id = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        record.payload.measure = "minutes"  # type: ignore[attr-defined]


def test_asking_a_record_for_the_wrong_payload_is_a_bug() -> None:
    with pytest.raises(TypeError, match="published-result"):
        parse_document(RESULT).payload_as(UpliftTrial)


def test_a_dissenting_answer_is_a_word_of_the_same_scale() -> None:
    text = example(Kind.JUDGEMENT) + (
        "  dissent:\n    - {by: One, answer: no_concern, statement: Less.}\n"
        "    - {by: Two, answer: likely, statement: More.}\n"
    )
    fault = only_fault(text)
    assert (fault.path, fault.what) == (
        "payload.dissent[1].answer",
        "not a word of the scale",
    )


def test_long_text_is_refused_with_the_length_that_is_accepted() -> None:
    fault = only_fault(RESULT + f"note: {'x' * 4001}\n")
    assert (fault.path, fault.expected) == ("note", "at most this long: 4000")
    empty = only_fault(RESULT + "note: ''\n")
    assert empty.expected == "at least this long: 1"


def test_a_mapping_of_a_document_needs_no_checkpoint() -> None:
    text = example(Kind.MAPPING)
    by_id = text.replace(
        "    task: {name: example/virology, version: 2, scorer: match}\n", "    document: r1\n"
    ).replace("  taken_on: checkpoint:example-2/helpful-only\n", "")
    assert parse_document(by_id).kind is Kind.MAPPING
