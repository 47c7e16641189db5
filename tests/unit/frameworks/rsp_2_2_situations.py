"""Situations under Anthropic RSP 2.2 that the tests of its framework file start from."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import scalegate
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Flag, Level, SafeguardState

FILE = Path(scalegate.__file__).parent / "frameworks" / "anthropic-rsp@2.2.yaml"
THRESHOLDS = ("CBRN-3", "CBRN-4", "checkpoint-2-8h", "AIRD-4", "AIRD-5")
MET = SafeguardState.LIVE_AND_SUFFICIENT


@cache
def policy() -> Policy:
    return parse_policy(FILE.read_text(encoding="utf-8"), file=FILE.name)


@cache
def program() -> Program:
    return compile_policy(policy())


def status(level: Level, *flags: Flag) -> Status:
    return Status(level=level, flags=frozenset(flags))


def members(*standards: str) -> frozenset[str]:
    return frozenset(
        name for item in policy().standards if item.id in standards for name in item.members
    )


@cache
def far_from_everything() -> Situation:
    """Every threshold ruled out, the ASL-2 Standards met, the decision made and shared."""
    return Situation(
        statuses={name: status(Level.RULED_OUT) for name in THRESHOLDS},
        safeguards=dict.fromkeys(members("ASL-2-Deployment", "ASL-2-Security"), MET),
        acts={"capability-decision": True, "capability-decision-shared": True},
        documents={"capability-report.approved": True, "capability-report.covered": True},
        facts={"effective_compute_vs_asl3_security_model": Decimal(0)},
    )


@cache
def asl_3_in_place() -> Situation:
    """The same with both ASL-3 Standards met, decided, shared, and the follow-up done."""
    base = far_from_everything()
    met = dict.fromkeys(members("ASL-3-Deployment", "ASL-3-Security"), MET)
    acts = (
        "safeguards-decision-deployment",
        "safeguards-decision-security",
        "safeguards-decision-shared",
        "follow-up-decision",
    )
    return replace(
        base,
        safeguards={**base.safeguards, **met},
        acts={**base.acts, **dict.fromkeys(acts, True)},
        documents={
            **base.documents,
            "safeguards-report-deployment.approved": True,
            "safeguards-report-security.approved": True,
        },
    )
