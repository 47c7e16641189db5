"""Anthropic RSP 2.2 as data: situations, and the effect that a clause of the text gives each.

Pages are the file's own count, as in the framework file. The expectations are written from the
text, not from the encoding.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from scalegate.policy.evaluate import strictest
from scalegate.policy.situation import Situation
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Level
from tests.unit.frameworks.rsp_2_2_situations import (
    asl_3_in_place,
    far_from_everything,
    program,
    status,
)

START, CONTINUE = Ask.START, Ask.CONTINUE
ALLOW, ALLOW_WITH, RESTRICT, HOLD, WITHDRAW = EffectLevel
GENERAL, LIMITED, INTERNAL = Gate.EXTERNAL_GENERAL, Gate.EXTERNAL_LIMITED, Gate.INTERNAL
STORE, TRAIN, WEIGHTS = Gate.STORE, Gate.TRAIN, Gate.OPEN_WEIGHTS
READ_STORE = {"store-needs": "security-only"}
READ_TRUSTED = {"trusted-use": "controls-instead-of-red-teaming"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A situation, a gate, and the effect that the cited clause gives."""

    says: str
    clause: str
    gate: Gate
    expect: EffectLevel
    ask: Ask = START
    base: str = "asl-3"
    levels: dict[str, Level] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def situation(self) -> Situation:
        start = asl_3_in_place() if self.base == "asl-3" else far_from_everything()
        statuses = {name: status(level) for name, level in self.levels.items()}
        safeguards = {
            name: state for name, state in start.safeguards.items() if name not in self.absent
        }
        made = replace(start, statuses={**start.statuses, **statuses}, safeguards=safeguards)
        for name, values in self.changes.items():
            made = replace(made, **{name: {**getattr(made, name), **values}})
        return made


NOT, CROSSED = Level.NOT_RULED_OUT, Level.CROSSED
CBRN_3 = {"CBRN-3": NOT}
AIRD_4 = {"AIRD-4": NOT}
ASL_3_DEPLOYMENT = frozenset(
    {
        "ASL3D-1-threat-modeling",
        "ASL3D-2-defense-in-depth",
        "ASL3D-3-red-teaming",
        "ASL3D-4-rapid-remediation",
        "ASL3D-5-monitoring",
        "ASL3D-6-trusted-users",
        "ASL3D-7-third-party-environments",
    }
)
PERIMETERS = frozenset({"ASL3S-2a-perimeters-and-access"})
RED_TEAMING = frozenset({"ASL3D-3-red-teaming"})
INTERIM_D = {"substitutes": {"interim-deployment": True}}
INTERIM_S = {"substitutes": {"interim-security": True}}
RATIO = "effective_compute_vs_asl3_security_model"

ROWS = (
    # 6.1 (1): far from every threshold, ASL-2 appropriate
    Row(
        says="far from everything",
        clause="6.1 (1), p. 15",
        base="asl-2",
        gate=GENERAL,
        expect=ALLOW,
    ),
    Row(
        says="far from everything", clause="6.1 (1), p. 15", base="asl-2", gate=STORE, expect=ALLOW
    ),
    Row(says="far from everything", clause="6.1, p. 15", base="asl-2", gate=TRAIN, expect=ALLOW),
    Row(
        says="an ASL-2 security measure is missing",
        clause="1, p. 6",
        base="asl-2",
        absent=frozenset({"ASL2S-1-supply-chain"}),
        gate=STORE,
        expect=HOLD,
    ),
    Row(
        says="an ASL-2 deployment measure is missing for staff",
        clause="1, p. 6",
        base="asl-2",
        absent=frozenset({"ASL2D-2-harmlessness-and-detection"}),
        gate=INTERNAL,
        expect=HOLD,
    ),
    Row(
        says="Board and Trust were not told",
        clause="3.3 step 4, p. 11",
        base="asl-2",
        changes={"acts": {"capability-decision-shared": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="nobody decided on the Capability Report",
        clause="3.3 step 2, p. 11",
        base="asl-2",
        changes={"documents": {"capability-report.approved": False}},
        gate=LIMITED,
        expect=HOLD,
    ),
    Row(
        says="staff use before the decision, strictest reading",
        clause="1, p. 6; 3.3, p. 11",
        base="asl-2",
        changes={"acts": {"capability-decision": False}},
        gate=INTERNAL,
        expect=HOLD,
    ),
    Row(
        says="staff use before the decision, read as external only",
        clause="3.3, p. 11",
        base="asl-2",
        changes={
            "acts": {"capability-decision": False, "development-deployment-approval": True},
            "readings": {"deployment-decision": "external-only"},
        },
        gate=INTERNAL,
        expect=ALLOW,
    ),
    # 3.3: unable to make the showing, act as though it had surpassed
    Row(
        says="CBRN-3 open, ASL-2 only",
        clause="3.3, p. 11",
        base="asl-2",
        levels=CBRN_3,
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="it runs already",
        clause="6.2, p. 15",
        base="asl-2",
        levels=CBRN_3,
        gate=GENERAL,
        ask=CONTINUE,
        expect=WITHDRAW,
    ),
    Row(
        says="its weights lie there",
        clause="6.2, p. 15",
        base="asl-2",
        levels=CBRN_3,
        gate=STORE,
        ask=CONTINUE,
        expect=WITHDRAW,
    ),
    Row(
        says="CBRN-3 open, ASL-3 in place",
        clause="6.1 (2), p. 15",
        levels=CBRN_3,
        gate=GENERAL,
        expect=ALLOW_WITH,
    ),
    Row(
        says="CBRN-3 crossed, ASL-3 in place",
        clause="6.1 (2), p. 15",
        levels={"CBRN-3": CROSSED},
        gate=GENERAL,
        expect=ALLOW_WITH,
    ),
    Row(
        says="stored with ASL-3 in place",
        clause="6.1 (2), p. 15",
        levels=CBRN_3,
        gate=STORE,
        expect=ALLOW,
    ),
    Row(
        says="red-teaming missing",
        clause="4.1 criterion 3, p. 12",
        levels=CBRN_3,
        absent=RED_TEAMING,
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="red-teaming missing for trusted users",
        clause="4.1, p. 12",
        levels=CBRN_3,
        absent=RED_TEAMING,
        gate=LIMITED,
        expect=HOLD,
    ),
    Row(
        says="red-teaming replaced by controls for trusted users",
        clause="Changelog 2.0, p. 22",
        levels=CBRN_3,
        absent=RED_TEAMING,
        changes={"readings": READ_TRUSTED},
        gate=LIMITED,
        expect=ALLOW,
    ),
    Row(
        says="that reading does not reach the public",
        clause="Changelog 2.0, p. 22",
        levels=CBRN_3,
        absent=RED_TEAMING,
        changes={"readings": READ_TRUSTED},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="a perimeter is missing",
        clause="4.2 criterion 2a, p. 13",
        levels=CBRN_3,
        absent=PERIMETERS,
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="stored without a perimeter",
        clause="6.2, p. 15",
        levels=CBRN_3,
        absent=PERIMETERS,
        gate=STORE,
        expect=HOLD,
    ),
    Row(
        says="weights would be released",
        clause="4.1 note 10, p. 12",
        levels=CBRN_3,
        absent=RED_TEAMING,
        changes=INTERIM_D,
        gate=WEIGHTS,
        expect=HOLD,
    ),
    Row(
        says="weights out, nothing to withdraw",
        clause="6.2, p. 15",
        base="asl-2",
        levels=CBRN_3,
        gate=WEIGHTS,
        ask=CONTINUE,
        expect=HOLD,
    ),
    # 6.2: interim measures
    Row(
        says="interim deployment measures",
        clause="6.2, p. 15",
        levels=CBRN_3,
        absent=ASL_3_DEPLOYMENT,
        changes=INTERIM_D,
        gate=GENERAL,
        expect=ALLOW_WITH,
    ),
    Row(
        says="interim security measures",
        clause="6.2, p. 15",
        levels=CBRN_3,
        absent=PERIMETERS,
        changes=INTERIM_S,
        gate=STORE,
        expect=ALLOW_WITH,
    ),
    Row(
        says="interim security does not end the pause",
        clause="6.2, p. 15",
        levels=CBRN_3,
        absent=PERIMETERS,
        changes=INTERIM_S,
        gate=TRAIN,
        expect=HOLD,
    ),
    Row(
        says="interim for the wrong standard",
        clause="6.2, p. 15",
        levels=CBRN_3,
        absent=PERIMETERS,
        changes=INTERIM_D,
        gate=GENERAL,
        expect=HOLD,
    ),
    # 6.1 read literally for storage
    Row(
        says="stored without the Deployment Standard",
        clause="6.1, p. 15",
        levels=CBRN_3,
        absent=ASL_3_DEPLOYMENT,
        gate=STORE,
        expect=HOLD,
    ),
    Row(
        says="stored, security alone asked",
        clause="6.2, p. 15",
        levels=CBRN_3,
        absent=ASL_3_DEPLOYMENT,
        changes={"readings": READ_STORE},
        gate=STORE,
        expect=ALLOW,
    ),
    # 4.3 and 5: decision and follow-up
    Row(
        says="no decision on deployment safeguards",
        clause="4.3 step 2, p. 14",
        levels=CBRN_3,
        changes={"acts": {"safeguards-decision-deployment": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="no Safeguards Report on security",
        clause="4.3 step 1, p. 14",
        levels=CBRN_3,
        changes={"documents": {"safeguards-report-security.approved": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="safeguards decision not shared",
        clause="4.3 step 4, p. 14",
        levels=CBRN_3,
        changes={"acts": {"safeguards-decision-shared": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="no follow-up assessment",
        clause="4.3 and 5, p. 14",
        levels=CBRN_3,
        changes={"acts": {"follow-up-decision": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="no follow-up before training on",
        clause="4.3, p. 14",
        levels=CBRN_3,
        changes={"acts": {"follow-up-decision": False}},
        gate=TRAIN,
        expect=HOLD,
    ),
    # 6.2: pause of comparable training
    Row(
        says="comparable run, no ASL-3 Security",
        clause="6.2 note 13, p. 15",
        base="asl-2",
        changes={"facts": {RATIO: Decimal(1)}},
        gate=TRAIN,
        ask=CONTINUE,
        expect=HOLD,
    ),
    Row(
        says="run below the model that needs it",
        clause="6.2 note 13, p. 15",
        base="asl-2",
        changes={"facts": {RATIO: Decimal("0.99")}},
        gate=TRAIN,
        expect=ALLOW,
    ),
    Row(
        says="nobody compared the run",
        clause="6.2, p. 15",
        base="asl-2",
        changes={"facts": {RATIO: None}},
        gate=TRAIN,
        expect=HOLD,
    ),
    Row(
        says="security alone is enough to train",
        clause="6.2 note 13, p. 15",
        levels=CBRN_3,
        absent=ASL_3_DEPLOYMENT,
        gate=TRAIN,
        expect=ALLOW,
    ),
    Row(
        says="security not found sufficient",
        clause="6.2, p. 15",
        changes={"facts": {RATIO: Decimal(2)}, "acts": {"safeguards-decision-security": False}},
        gate=TRAIN,
        expect=HOLD,
    ),
    Row(
        says="the officer set a limit",
        clause="3.3 note 8, p. 11",
        base="asl-2",
        changes={"facts": {"rso_limits_training": True}},
        gate=TRAIN,
        expect=RESTRICT,
    ),
    Row(
        says="the limit ends with ASL-3 measures",
        clause="3.3 note 8, p. 11",
        changes={"facts": {"rso_limits_training": True}},
        gate=TRAIN,
        expect=ALLOW,
    ),
    # AI R&D
    Row(
        says="AI R&D-4 without affirmative case",
        clause="2, p. 8",
        levels=AIRD_4,
        gate=INTERNAL,
        expect=HOLD,
    ),
    Row(
        says="AI R&D-4 with affirmative case",
        clause="2, p. 8",
        levels=AIRD_4,
        changes={"documents": {"misalignment-affirmative-case.covered": True}},
        gate=INTERNAL,
        expect=ALLOW,
    ),
    Row(
        says="AI R&D-4 asks no ASL-3 Deployment Standard",
        clause="2, p. 8",
        levels=AIRD_4,
        absent=ASL_3_DEPLOYMENT,
        changes={"documents": {"misalignment-affirmative-case.covered": True}},
        gate=GENERAL,
        expect=ALLOW,
    ),
    Row(
        says="AI R&D-4 without ASL-3 Security",
        clause="2, p. 8",
        levels=AIRD_4,
        absent=PERIMETERS,
        changes={"documents": {"misalignment-affirmative-case.covered": True}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="the checkpoint alone holds nothing",
        clause="2, p. 8",
        base="asl-2",
        levels={"checkpoint-2-8h": CROSSED},
        gate=GENERAL,
        expect=ALLOW,
    ),
    Row(
        says="AI R&D-5 needs ASL-4 Security",
        clause="2, p. 8",
        levels={"AIRD-5": NOT},
        changes={"documents": {"misalignment-affirmative-case.covered": True}},
        gate=STORE,
        expect=HOLD,
    ),
    # CBRN-4
    Row(
        says="CBRN-4 open",
        clause="6.1, p. 15; 2, p. 8",
        levels={"CBRN-4": NOT},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row(
        says="CBRN-4 open and running",
        clause="6.1, p. 15",
        levels={"CBRN-4": NOT},
        gate=GENERAL,
        ask=CONTINUE,
        expect=WITHDRAW,
    ),
    Row(
        says="CBRN-4 open, training",
        clause="2, p. 8; 4.3, p. 14",
        levels={"CBRN-4": NOT},
        gate=TRAIN,
        expect=HOLD,
    ),
    Row(
        says="CBRN-4 with ASL-4 specified and met",
        clause="2, p. 8",
        levels={"CBRN-4": NOT},
        changes={
            "specified": {"ASL-4-Deployment": True, "ASL-4-Security": True},
            "specified_members": {"ASL-4-Deployment": True, "ASL-4-Security": True},
        },
        gate=GENERAL,
        expect=ALLOW_WITH,
    ),
    # unassessed
    Row(
        says="CBRN-3 was never assessed",
        clause="6.1 (1), p. 15",
        levels={"CBRN-3": Level.UNASSESSED},
        gate=GENERAL,
        expect=HOLD,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.says} at {row.gate} ({row.clause})")
def test_situation_has_the_effect_its_clause_gives(row: Row) -> None:
    outcome, _ = strictest(program(), row.situation(), row.gate, row.ask)
    assert outcome.governed
    assert outcome.level is row.expect, outcome.determining
