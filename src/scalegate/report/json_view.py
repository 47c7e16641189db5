"""Write decisions and assessments as plain data for `--json`, complete and in a stable order.

1. Every reason, number, citation and digest is there; nothing is shortened or rounded.
2. An exact number is decimal text, so that no reader rounds it. An estimate is a JSON number.
3. States stand by their vocabulary name, and beside it as the word and symbol that screens show.
4. `schema_version` goes up in its first part when a reader of the old form would go wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from scalegate.base.instants import format_instant
from scalegate.estimate.certificate import conditional_error, line_after
from scalegate.estimate.model import Verdict
from scalegate.gate.clocks import Clock
from scalegate.gate.elicitation_asked import checked_off
from scalegate.gate.model import (
    Assessment,
    Decision,
    EvidenceRef,
    Finding,
    IndicatorFinding,
    Judged,
    Named,
    PlanAnswer,
    SafeguardFinding,
    Subject,
    Why,
    Work,
)
from scalegate.policy.document import Part
from scalegate.policy.evaluate import Outcome
from scalegate.policy.vocabulary import NamedEnum
from scalegate.report.model import WorkSets
from scalegate.report.words import (
    decision_word,
    flag_words,
    grade_word,
    level_word,
    safeguard_word,
)

SCHEMA_VERSION = "1.0"
"""Version of the plain data below."""


def to_plain(value: Any) -> Any:
    """Return any value of the gate as plain data, by its kind.

    Raises:
        TypeError: a kind of value that no decision holds.
    """
    if value is None or (isinstance(value, bool | int | float) and not isinstance(value, Enum)):
        return value
    if isinstance(value, NamedEnum):
        return value.word
    if isinstance(value, Enum):
        return to_plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in sorted(value.items())}
    return _compound(value)


def _compound(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(to_plain(each) for each in value)
    if isinstance(value, tuple | list):
        return [to_plain(each) for each in value]
    if isinstance(value, Part):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, Verdict | Why):
        return value.to_mapping()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    raise TypeError(f"no plain form for `{type(value).__name__}`")


def decision_to_mapping(decision: Decision) -> dict[str, Any]:
    """Return a decision as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "decision",
        "framework": decision.framework,
        "policy_digest": decision.policy_digest,
        "subject": decision.subject,
        "gate": decision.gate.value,
        "ask": decision.ask.value,
        "as_of": format_instant(decision.as_of),
        "governed": decision.governed,
        "effect": decision.level.word,
        "is_open": decision.is_open,
        "shown_as": decision_word(decision).to_mapping(),
        "inconclusive": decision.inconclusive,
        "limits": to_plain(decision.limits),
        "obligations": list(decision.obligations),
        "before": list(decision.before),
        "policy_outcome": _outcome(decision.outcome),
        "why": decision.why.to_mapping(),
        "orders": to_plain(decision.orders),
        "readings": [
            {"chosen": to_plain(chosen), "effect": level.word}
            for chosen, level in decision.readings
        ],
        "depends_on_reading": decision.depends_on_reading,
        "advice": [each.to_mapping() for each in decision.advice],
        "unarmed": list(decision.unarmed),
        "judgements": list(decision.judgements),
        "holds_from": to_plain(decision.holds_from),
        "searched": decision.searched,
        "adverse_register": dict(zip(("count", "head"), decision.adverse_register, strict=True)),
        "evidence_digest": decision.evidence_digest,
        "engine": decision.engine,
        "answers": [_answer(each) for each in decision.answers],
        "notes": list(decision.notes),
        "is_proved": decision.is_proved,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    """Return what the policy itself says, before orders."""
    return {
        "governed": outcome.governed,
        "effect": outcome.level.word,
        "limits": to_plain(outcome.limits),
        "obligations": list(outcome.obligations),
        "before": list(outcome.before),
        "determining": list(outcome.determining),
        "softened_by": list(outcome.softened_by),
    }


def assessment_to_mapping(known: Assessment) -> dict[str, Any]:
    """Return an assessment as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "assessment",
        "framework": known.inputs.policy.name,
        "policy_digest": known.inputs.policy_digest,
        "indicator_sets": list(known.inputs.indicator_sets),
        "subject": _subject(known.subject),
        "as_of": format_instant(known.at),
        "thresholds": [
            _finding(known, item.id)
            for item in known.inputs.policy.thresholds
            if item.id in known.findings
        ],
        "safeguards": [
            _safeguard(known.safeguards[item.id])
            for item in known.inputs.policy.safeguards
            if item.id in known.safeguards
        ],
        "facts": _named(known.facts),
        "acts": _named(known.acts),
        "documents": _named(known.documents),
        "substitutes": _named(known.substitutes),
        "discretions": _named(known.discretions),
        "readings": _named(known.readings),
        "specified": _named(known.specified),
        "elicitation_asked": [each.to_mapping() for each in checked_off(known)],
        "unused": list(known.unused),
        "beyond": list(known.beyond),
    }


def works_to_list(sets: WorkSets) -> list[dict[str, Any]]:
    """Return sets of work as plain data, in the order given; judgement sets are marked."""
    return [
        {
            "by_judgement": any(work.by_judgement for work in each),
            "work": [_work(work) for work in each],
        }
        for each in sets
    ]


def clocks_to_list(clocks: Iterable[Clock]) -> list[dict[str, Any]]:
    """Return clocks as plain data, in the order given."""
    return [to_plain(clock) for clock in clocks]


def _work(work: Work) -> dict[str, Any]:
    return {
        "kind": work.move.kind.value,
        "name": work.move.name,
        "value": to_plain(work.move.value),
        "text": work.text,
        "owner": work.owner,
        "lead_days": work.lead_days,
        "by_judgement": work.by_judgement,
        "signed_by": list(work.signed_by),
        "needs_evidence": work.needs_evidence,
    }


def _subject(subject: Subject) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(subject)
    surfaces = [
        {"surface": name, "registered": registered} for name, registered in subject.surfaces
    ]
    return {**plain, "surfaces": surfaces}


def _finding(known: Assessment, name: str) -> dict[str, Any]:
    finding: Finding = known.findings[name]
    return {
        "threshold": name,
        "level": finding.status.level.word,
        "shown_as": level_word(finding.status.level).to_mapping(),
        "flags": [word.word for word in flag_words(finding.status.flags)],
        "own": finding.own.word,
        "reasons": to_plain(finding.reasons),
        "text": finding.text,
        "indicators": [_indicator(each) for each in finding.indicators],
        "judged": [_judged(each) for each in finding.judged],
        "concerns": [evidence_to_mapping(ref) for ref in finding.concerns],
        "missing": list(finding.missing),
        "expires_at": to_plain(finding.expires_at),
    }


def _indicator(item: IndicatorFinding) -> dict[str, Any]:
    return {
        "id": item.indicator.id,
        "line": to_plain(item.indicator),
        "level": None if item.level is None else item.level.word,
        "reasons": to_plain(item.reasons),
        "text": item.text,
        "raises_alert": item.raises_alert,
        "is_missing": item.is_missing,
        "mapped_because": list(item.mapped_because),
        "expires_at": to_plain(item.expires_at),
        "verdicts": [
            {
                "reading": read.reading,
                "decides": read.decides,
                "is_arm": read.is_arm,
                **read.verdict.to_mapping(),
                "conditional_error": conditional_error(read.verdict),
                "line_after_each_allowance": [
                    line_after(read.verdict, each) for each in read.verdict.allowances
                ],
            }
            for read in item.verdicts
        ],
        "gates": [each.to_mapping() for each in item.gates],
        "looked_for_hiding": list(item.looked_for_hiding),
        "elicited": list(item.elicited),
        "unmet_elicitation": list(item.unmet),
        "evidence": [evidence_to_mapping(ref) for ref in item.evidence],
        "plans": [_answer(each) for each in item.answers],
    }


def _answer(item: PlanAnswer) -> dict[str, Any]:
    receipt = item.receipt
    return {
        "evidence": item.evidence,
        "holds": item.holds,
        "text": item.text,
        "plan": receipt.plan if receipt else None,
        "entry": receipt.entry if receipt else None,
        "recorded_at": format_instant(receipt.recorded_at) if receipt else None,
        "clock": receipt.clock if receipt else None,
        "started_at": format_instant(item.started_at) if item.started_at else None,
    }


def _judged(item: Judged) -> dict[str, Any]:
    return {
        "act": item.act,
        "by": item.by,
        "level": item.level.word,
        "grade": item.grade.value,
        "shown_as": grade_word(item.grade).to_mapping(),
        "counts": item.counts,
        "signed": False,
        "treated_as": item.treated_as,
        "statement": item.statement,
        "dissent": list(item.dissent),
        "decided_at": format_instant(item.decided_at),
        "citation": item.citation.to_mapping(),
    }


def _safeguard(item: SafeguardFinding) -> dict[str, Any]:
    return {
        "safeguard": item.safeguard,
        "state": item.state.word,
        "shown_as": safeguard_word(item.state).to_mapping(),
        "claimed": item.claimed,
        "reasons": to_plain(item.reasons),
        "text": item.text,
        "surfaces": [{"surface": name, "state": own.word} for name, own in item.surfaces],
        "observed_at": to_plain(item.observed_at),
        "expires_at": to_plain(item.expires_at),
        "withheld": item.withheld,
        "evidence": [evidence_to_mapping(ref) for ref in item.evidence],
    }


def _named(table: Mapping[str, Named]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "value": to_plain(item.value),
            "text": item.text,
            "expires_at": to_plain(item.expires_at),
            "evidence": [evidence_to_mapping(ref) for ref in item.evidence],
        }
        for name, item in sorted(table.items())
    ]


def evidence_to_mapping(ref: EvidenceRef) -> dict[str, Any]:
    """Return the reference of a piece of evidence as plain data."""
    return {
        "id": ref.id,
        "digest": ref.digest,
        "kind": ref.kind,
        "observed_at": format_instant(ref.observed_at),
        "citation": None if ref.citation is None else ref.citation.to_mapping(),
        "flags": dict(ref.flags),
        "samples": list(ref.samples),
    }
