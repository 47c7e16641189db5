"""Versions of Anthropic's RSP, and the situations that the tests of their files start from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import scalegate
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Commitment, Duty, Policy
from scalegate.policy.evaluate import Outcome, evaluate, strictest
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level, SafeguardState

FOLDER = Path(scalegate.__file__).parent / "frameworks"
MET = SafeguardState.LIVE_AND_SUFFICIENT
Changes = dict[str, dict[str, Any]]


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def policy_of(name: str) -> Policy:
    return parse_policy(text_of(name), file=f"{name}.yaml")


@cache
def program_of(name: str) -> Program:
    return compile_policy(policy_of(name))


def row_of(name: str, commitment: str) -> Commitment:
    return next(row for row in policy_of(name).commitments if row.id == commitment)


def duty_of(name: str, duty: str) -> Duty:
    return next(item for item in policy_of(name).duties if item.id == duty)


def duties_of(name: str) -> frozenset[str]:
    return frozenset(item.id for item in policy_of(name).duties)


def members_of(name: str, *standards: str) -> frozenset[str]:
    return frozenset(
        member
        for item in policy_of(name).standards
        if item.id in standards
        for member in item.members
    )


def status(level: Level, *flags: Flag) -> Status:
    return Status(level=level, flags=frozenset(flags))


def changed(base: Situation, changes: Changes) -> Situation:
    made = base
    for name, values in changes.items():
        made = replace(made, **{name: {**getattr(made, name), **values}})
    return made


def outcome_of(name: str, situation: Situation, gate: Gate, ask: Ask = Ask.START) -> Outcome:
    """The outcome under the strictest reading."""
    return strictest(program_of(name), situation, gate, ask)[0]


def level_of(name: str, situation: Situation, gate: Gate, ask: Ask = Ask.START) -> EffectLevel:
    return outcome_of(name, situation, gate, ask).level


def plain_level_of(name: str, situation: Situation, gate: Gate) -> EffectLevel:
    """The effect with unresolved readings at their worst option at each place."""
    return evaluate(program_of(name), situation, gate).level


@dataclass(frozen=True, kw_only=True)
class Row:
    """A change of a base situation, a gate, and the effect that the cited clause gives."""

    says: str
    clause: str
    gate: Gate
    expect: EffectLevel
    ask: Ask = Ask.START
    levels: dict[str, Level] = field(default_factory=dict)
    flags: dict[str, Flag] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    changes: Changes = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.says} at {self.gate} ({self.clause})"

    def situation(self, start: Situation) -> Situation:
        statuses = {
            name: Status(
                level=self.levels.get(name, given.level),
                flags=frozenset({self.flags[name]} if name in self.flags else ()),
            )
            for name, given in start.statuses.items()
        }
        safeguards = {
            name: state for name, state in start.safeguards.items() if name not in self.absent
        }
        return changed(replace(start, statuses=statuses, safeguards=safeguards), self.changes)


THRESHOLDS_3 = ("CB-1", "CB-2", "TM1", "TM2")


@cache
def nothing_crossed_3(name: str) -> Situation:
    """Under RSP 3.x: nothing crossed, plans kept, approved, reported; no competitor evidence."""
    policy = policy_of(name)
    shown = {"lead-is-clear", "competitors-argue-containment"}
    shown |= {"competitor-mitigation-better", "competitor-mitigation-affordable"}
    industry = {item.id for item in policy.safeguards if item.id.startswith("industry-")}
    return Situation(
        statuses={threshold: status(Level.RULED_OUT) for threshold in THRESHOLDS_3},
        safeguards={item.id: MET for item in policy.safeguards if item.id not in industry},
        acts={"development-deployment-approval": True},
        documents={
            "risk-report.covered": True,
            "risk-report.approved": True,
            "risk-report.published": True,
            "external-review.covered": True,
        },
        facts={item.id: False for item in policy.facts if item.id not in shown},
    )


ASL_2 = ("ASL-2-Deployment", "ASL-2-Security")
ASL_3 = ("ASL-3-Deployment", "ASL-3-Security")


@cache
def far_from_everything_2(name: str) -> Situation:
    """Under RSP 2.x: every threshold ruled out, ASL-2 met, the decision made and shared."""
    return Situation(
        statuses={item.id: status(Level.RULED_OUT) for item in policy_of(name).thresholds},
        safeguards=dict.fromkeys(members_of(name, *ASL_2), MET),
        acts={"capability-decision": True, "capability-decision-shared": True},
        documents={"capability-report.approved": True, "capability-report.covered": True},
        facts={"effective_compute_vs_asl3_security_model": Decimal(0)},
    )


@cache
def asl_3_in_place_2(name: str) -> Situation:
    """The same with both ASL-3 Standards met, decided, shared, and the follow-up done."""
    base = far_from_everything_2(name)
    acts = (
        "safeguards-decision-deployment",
        "safeguards-decision-security",
        "safeguards-decision-shared",
        "follow-up-decision",
        "next-thresholds-in-policy",
    )
    asked = {item.id for item in policy_of(name).questions}
    return changed(
        base,
        {
            "safeguards": dict.fromkeys(members_of(name, *ASL_3), MET),
            "acts": {act: True for act in acts if act in asked},
            "documents": {
                "safeguards-report-deployment.approved": True,
                "safeguards-report-security.approved": True,
            },
        },
    )
