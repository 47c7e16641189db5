"""The published cases of the examples, read from disk and assessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from scalegate.adapters.documents import read_case
from scalegate.base.canonical import sha256_hex
from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.case import Case
from scalegate.evidence.documents.plans import Mapping
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.model import Assessment, Finding, Inputs
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.fields import Cite
from scalegate.policy.parse import parse_indicator_set, parse_policy, with_indicators
from scalegate.policy.ruler import AllowanceEntry

ROOT = Path(__file__).parents[2]
NOTHING_MISSED = AllowanceEntry(
    component="elicitation",
    amount=Decimal(0),
    statement="nothing was missed",
    cite=Cite(document="for a test: as if the card said so"),
)
FRAMEWORK = ROOT / "src" / "scalegate" / "frameworks" / "anthropic-rsp@2.2.yaml"


@cache
def case(name: str) -> Case:
    """Return a case of the examples."""
    return read_case(ROOT / "examples" / name)


@cache
def program(name: str) -> tuple[Program, str]:
    """Return the case's framework with its indicator sets, compiled, and its digest."""
    text = FRAMEWORK.read_text(encoding="utf-8")
    policy = parse_policy(text, file=FRAMEWORK.name)
    sets = [parse_indicator_set(each, policy) for each in case(name).indicators.values()]
    return compile_policy(with_indicators(policy, sets)), sha256_hex(text.encode())


def case_inputs(name: str, records: Iterable[Record] | None = None) -> Inputs:
    """Return the inputs of a case, or of some of its records."""
    compiled, digest = program(name)
    found = case(name)
    chosen = found.records if records is None else records
    bundle: Bundle[EvalLog] = bundle_of(chosen, {})
    return inputs_of(
        compiled,
        bundle.as_of(found.file.as_of, found.file.known_at or found.file.as_of),
        policy_digest=digest,
        indicator_sets=found.file.indicator_sets,
    )


@cache
def case_assessment(name: str) -> Assessment:
    """Return the assessment of the case's deployment with everything that is printed."""
    return assess(case_inputs(name), subject(name), case(name).file.as_of)


def with_line(
    name: str,
    line: str,
    *,
    alone: bool = True,
    zero_allowance: bool = False,
    spread_read_as: Literal["sd", "se"] | None = None,
) -> Finding:
    """Return the finding on CBRN-3 of a case with another choice about one of its lines.

    Args:
        name: the case.
        line: the indicator.
        alone: whether the threshold has this one line only.
        zero_allowance: as if the card printed that nothing was missed; else the default counts.
        spread_read_as: the meaning of a printed plus-minus; None leaves the mapping's choice.
    """
    policy = program(name)[0].policy
    threshold = next(item for item in policy.thresholds if item.id == "CBRN-3")
    assert line in {item.id for item in threshold.indicators}
    lines = tuple(
        item.model_copy(update={"allowances": (NOTHING_MISSED,)})
        if item.id == line and zero_allowance
        else item
        for item in threshold.indicators
        if item.id == line or not alone
    )
    changed = threshold.model_copy(update={"indicators": lines})
    thresholds = tuple(changed if item.id == "CBRN-3" else item for item in policy.thresholds)
    whole = case_inputs(name, [_read_as(item, line, spread_read_as) for item in case(name).records])
    inputs = inputs_of(
        compile_policy(policy.model_copy(update={"thresholds": thresholds})),
        whole.bundle,
        policy_digest=whole.policy_digest,
        indicator_sets=whole.indicator_sets,
    )
    return assess(inputs, subject(name), case(name).file.as_of).findings["CBRN-3"]


def _read_as(record: Record, line: str, spread: Literal["sd", "se"] | None) -> Record:
    """Return a mapping onto the line with another meaning of the plus-minus; others unchanged."""
    if spread is None or record.kind is not Kind.MAPPING:
        return record
    mapping = record.payload_as(Mapping)
    if not mapping.indicator.endswith(f"/{line}"):
        return record
    return replace(record, payload=mapping.model_copy(update={"spread_read_as": spread}))


def subject(name: str) -> str:
    """Return what the case's first gate is asked for."""
    file = case(name).file
    return file.gates[0].of or file.subject


__all__ = [
    "at_instant",
    "case",
    "case_assessment",
    "case_inputs",
    "program",
    "subject",
    "with_line",
]
