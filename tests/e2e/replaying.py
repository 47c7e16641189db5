"""Replay a case folder on the real path, and write down what came out.

The form is `scalegate/expected@1` (docs/reference/cases.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scalegate.adapters.documents import read_case
from scalegate.adapters.inspect_log import read_log
from scalegate.base.canonical import sha256_hex
from scalegate.evidence.bundle import Bundle, bundle_of
from scalegate.evidence.case import AskedGate, Case
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.validity import check_log
from scalegate.gate.assess import assess, at_instant, inputs_of
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision, Finding, Inputs, Judged
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import IndicatorSet, Policy
from scalegate.policy.parse import (
    framework_of,
    parse_indicator_set,
    parse_policy,
    with_indicators,
)
from scalegate.policy.vocabulary import Ask, Gate

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FRAMEWORKS = ROOT / "src" / "scalegate" / "frameworks"

# Instants are left out: what a case pins is what was found, not for how long.


def case_folders() -> tuple[Path, ...]:
    """Every case of `examples/`, by name."""
    return tuple(sorted(file.parent for file in EXAMPLES.glob("*/case.yaml")))


def replay(folder: Path) -> dict[str, Any]:
    """Read a case, decide every gate under every framework, and return `expected.json`'s form.

    The `cause` of a difference is written by people; it is the one thing that is not found here.
    """
    case = read_case(folder)
    logs = dict(_logs(folder, case))
    bundle = bundle_of(case.records, {log.digest_sha256: log for log in logs.values()})
    found: dict[str, Any] = {
        "schema": "scalegate/expected@1",
        "case": case.file.id,
        "frameworks": {name: _framework(case, bundle, name) for name in case.file.frameworks},
    }
    if logs:
        found["logs"] = {name: _seen(log) for name, log in logs.items()}
    return found


def without_causes(expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return an expectation without what people wrote into it."""
    return {
        **expected,
        "frameworks": {
            name: {
                **part,
                "findings": {
                    threshold: {key: value for key, value in found.items() if key != "cause"}
                    for threshold, found in part["findings"].items()
                },
            }
            for name, part in expected["frameworks"].items()
        },
    }


def differs(finding: Mapping[str, Any]) -> bool:
    """Say whether a published determination is another level than the engine's own finding."""
    return any(item["level"] != finding["own"] for item in finding.get("determinations", ()))


def inputs_for(case: Case, bundle: Bundle[EvalLog], framework: str) -> Inputs:
    """Return what a framework decides the case from, at the case's instants."""
    policy, sets = policy_of(case, framework)
    named = [item.id for item in sets]
    program = compile_policy(with_indicators(policy, sets))
    digest = sha256_hex((FRAMEWORKS / f"{framework}.yaml").read_bytes())
    inputs = inputs_of(program, bundle, policy_digest=digest, indicator_sets=named)
    return at_instant(inputs, case.file.as_of, case.file.known_at or case.file.as_of)


def policy_of(case: Case, framework: str) -> tuple[Policy, tuple[IndicatorSet, ...]]:
    """Return a framework, and the indicator sets that the case names for it."""
    file = f"{framework}.yaml"
    policy = parse_policy((FRAMEWORKS / file).read_text(encoding="utf-8"), file=file)
    mine = [
        parse_indicator_set(text, policy, file=name)
        for name, text in case.indicators.items()
        if framework_of(text, file=name) == framework
    ]
    return policy, tuple(item for item in mine if item.id in case.file.indicator_sets)


def _framework(case: Case, bundle: Bundle[EvalLog], name: str) -> dict[str, Any]:
    inputs = inputs_for(case, bundle, name)
    asked = [(gate, _assessed(case, inputs, gate)) for gate in case.file.gates]
    model = assess(inputs, case.file.subject, case.file.as_of)
    return {
        "findings": {
            threshold: _finding(found) for threshold, found in sorted(model.findings.items())
        },
        "gates": [
            _gate(gate, decide(known, Gate(gate.gate), Ask(gate.ask))) for gate, known in asked
        ],
    }


def _assessed(case: Case, inputs: Inputs, gate: AskedGate) -> Assessment:
    return assess(inputs, gate.of or case.file.subject, case.file.as_of)


def _finding(found: Finding) -> dict[str, Any]:
    written: dict[str, Any] = {
        "own": found.own.word,
        "status": found.status.level.word,
        "reasons": [reason.value for reason in found.reasons],
    }
    if found.status.flags:
        written["flags"] = sorted(flag.value for flag in found.status.flags)
    if found.judged:
        written["determinations"] = [_determination(item) for item in _in_order(found.judged)]
    return written


def _in_order(judged: Iterable[Judged]) -> list[Judged]:
    return sorted(judged, key=lambda item: item.by)


def _determination(item: Judged) -> dict[str, Any]:
    return {
        "by": item.by,
        "level": item.level.word,
        "grade": item.grade.value,
        "counts": item.counts,
    }


def _gate(asked: AskedGate, decision: Decision) -> dict[str, Any]:
    effect = decision.level.name.lower() if decision.governed else "ungoverned"
    written: dict[str, Any] = {"gate": asked.gate, "ask": asked.ask}
    if asked.of:
        written["of"] = asked.of
    return {**written, "effect": effect, "inconclusive": decision.inconclusive}


def _logs(folder: Path, case: Case) -> Iterator[tuple[str, EvalLog]]:
    for name in case.logs:
        yield name, read_log(folder / name)


def _seen(log: EvalLog) -> dict[str, Any]:
    """What a log shows, for each of its scores; the worst count of a flag where they differ."""
    reports = [check_log(log, scorer=name) for name in log.samples.score_names or ("",)]
    flags: dict[str, int] = {}
    for kind in sorted({kind for report in reports for kind in report.kinds}):
        flags[kind.value] = max(report.count(kind) for report in reports)
    return {
        "samples": len(log.samples),
        "clean": min(report.clean for report in reports),
        "flags": flags,
    }
