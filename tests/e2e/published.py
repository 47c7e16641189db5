"""The published cases of the examples, read from disk and assessed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from scalegate.adapters.documents import read_case
from scalegate.base.canonical import sha256_hex
from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.case import Case
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.model import Assessment, Inputs
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.parse import parse_indicator_set, parse_policy, with_indicators

ROOT = Path(__file__).parents[2]
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


def subject(name: str) -> str:
    """Return what the case's first gate is asked for."""
    file = case(name).file
    return file.gates[0].of or file.subject


__all__ = ["at_instant", "case", "case_assessment", "case_inputs", "program", "subject"]
