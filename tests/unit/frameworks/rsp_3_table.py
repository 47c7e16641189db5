"""Situations that every version 3.x of Anthropic's RSP treats alike, each with its clause.

The clauses are printed on different pages, so each version's test gives its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level
from tests.unit.frameworks.rsp_versions import Changes, Row

ALLOW, ALLOW_WITH, RESTRICT, HOLD, WITHDRAW = EffectLevel
GENERAL, LIMITED, INTERNAL = Gate.EXTERNAL_GENERAL, Gate.EXTERNAL_LIMITED, Gate.INTERNAL
STORE, TRAIN, WEIGHTS = Gate.STORE, Gate.TRAIN, Gate.OPEN_WEIGHTS
CROSSED, NOT = Level.CROSSED, Level.NOT_RULED_OUT
CB_1, CB_2 = {"CB-1": CROSSED}, {"CB-2": CROSSED}
TM_1, TM_2 = {"TM1": CROSSED}, {"TM2": CROSSED}
GUARDS = frozenset({"asl3-classifier-guards"})
SECURITY = frozenset({"asl3-security-controls"})
EXPANDED = frozenset({"asl3-expanded-uses"})
MOONSHOT = frozenset({"moonshot-security"})
LEAD: Changes = {"facts": {"lead-is-clear": True}}
SAFE_RIVALS: Changes = {"facts": {"competitors-argue-containment": True}}
UPLEVEL: Changes = {
    "facts": {"competitor-mitigation-better": True, "competitor-mitigation-affordable": True}
}
OVERVIEW: Changes = {"readings": {"company-column": "overview-only"}}
GOALS: Changes = {"readings": {"roadmap-measures": "goals-only"}}
UNREPORTED: Changes = {"documents": {"risk-report.covered": False}}

ROWS = (
    Row(says="nothing is crossed", clause="{decide}", gate=GENERAL, expect=ALLOW),
    Row(says="nothing is crossed", clause="{decide}", gate=TRAIN, expect=ALLOW),
    Row(says="nothing is crossed", clause="{cb1}", gate=STORE, expect=ALLOW),
    Row(
        says="the officer has not approved",
        clause="{officer}",
        gate=INTERNAL,
        changes={"acts": {"development-deployment-approval": False}},
        expect=HOLD,
    ),
    Row(
        says="a plan of the report without determination",
        clause="{decide}",
        gate=GENERAL,
        changes={"facts": {"downstream-of-risk-report": True}},
        expect=HOLD,
    ),
    Row(
        says="a plan of the report, determined",
        clause="{decide}",
        gate=GENERAL,
        changes={
            "facts": {"downstream-of-risk-report": True},
            "acts": {"risk-report-determination": True},
        },
        expect=ALLOW,
    ),
    Row(
        says="nobody says whether the plan follows from the report",
        clause="{decide}",
        gate=GENERAL,
        changes={"facts": {"downstream-of-risk-report": None}},
        expect=HOLD,
    ),
    # marginal risk
    Row(
        says="marginal risk decides, Board and Trust silent",
        clause="{marginal}",
        gate=TRAIN,
        changes={"facts": {"marginal-risk-decisive": True}},
        expect=HOLD,
    ),
    Row(
        says="marginal risk decides, Board and Trust approve",
        clause="{marginal}",
        gate=TRAIN,
        changes={
            "facts": {"marginal-risk-decisive": True},
            "acts": {"board-and-trust-approval": True},
        },
        expect=ALLOW,
    ),
    # Appendix A
    Row(
        says="highly capable, no evidence of a lead",
        clause="{apa}",
        gate=GENERAL,
        levels=TM_2,
        expect=ALLOW,
    ),
    Row(
        says="highly capable and in the lead",
        clause="{apa}",
        gate=GENERAL,
        levels=TM_2,
        changes=LEAD,
        expect=HOLD,
    ),
    Row(
        says="highly capable and in the lead",
        clause="{apa}",
        gate=TRAIN,
        levels=TM_2,
        changes=LEAD,
        expect=HOLD,
    ),
    Row(
        says="highly capable soon, and in the lead",
        clause="{apa}",
        gate=TRAIN,
        flags={"TM2": Flag.FORECAST},
        changes=LEAD,
        expect=HOLD,
    ),
    Row(
        says="in the lead, not highly capable",
        clause="{apa}",
        gate=TRAIN,
        changes=LEAD,
        expect=ALLOW,
    ),
    Row(
        says="in the lead with a strong argument",
        clause="{apa}",
        gate=GENERAL,
        levels=TM_2,
        changes={**LEAD, "documents": {"containment-argument.covered": True}},
        expect=ALLOW,
    ),
    Row(
        says="the lead is no longer believed in",
        clause="{apa}",
        gate=GENERAL,
        levels=TM_2,
        changes={"facts": {"lead-is-clear": True, "lead-no-longer-believed": True}},
        expect=ALLOW,
    ),
    Row(
        says="all rivals argue containment",
        clause="{apa}",
        gate=GENERAL,
        levels=TM_2,
        changes=SAFE_RIVALS,
        expect=HOLD,
    ),
    Row(
        says="all rivals argue containment, posture no worse",
        clause="{apa}",
        gate=GENERAL,
        levels=TM_2,
        changes={"facts": {"competitors-argue-containment": True, "posture-matched": True}},
        expect=ALLOW,
    ),
    Row(
        says="a rival has a better mitigation",
        clause="{apa}",
        gate=GENERAL,
        changes=UPLEVEL,
        expect=ALLOW_WITH,
    ),
    Row(
        says="a rival's better mitigation, cost unknown",
        clause="{apa}",
        gate=GENERAL,
        changes={"facts": {"competitor-mitigation-better": True}},
        expect=ALLOW,
    ),
    # company column, chemical and biological
    Row(
        says="CB-1 with ASL-3 protections", clause="{cb1}", gate=GENERAL, levels=CB_1, expect=ALLOW
    ),
    Row(
        says="CB-1 without classifier guards",
        clause="{cb1}",
        gate=GENERAL,
        levels=CB_1,
        absent=GUARDS,
        expect=HOLD,
    ),
    Row(
        says="CB-1 not ruled out, without classifier guards",
        clause="{cb1}",
        gate=LIMITED,
        levels={"CB-1": NOT},
        absent=GUARDS,
        expect=HOLD,
    ),
    Row(
        says="CB-1 treated as crossed, without guards",
        clause="{cb1}",
        gate=GENERAL,
        flags={"CB-1": Flag.TREATED_AS},
        absent=GUARDS,
        expect=HOLD,
    ),
    Row(
        says="CB-1 without guards, column read as overview",
        clause="{cb1}",
        gate=GENERAL,
        levels=CB_1,
        absent=GUARDS,
        changes=OVERVIEW,
        expect=ALLOW,
    ),
    Row(
        says="no guards needed to train",
        clause="{cb1}",
        gate=TRAIN,
        levels=CB_1,
        absent=GUARDS,
        expect=ALLOW,
    ),
    Row(
        says="CB-1 without security controls",
        clause="{cb1}",
        gate=STORE,
        levels=CB_1,
        absent=SECURITY,
        expect=HOLD,
    ),
    Row(
        says="CB-1 asks no expanded uses",
        clause="{cb1}",
        gate=GENERAL,
        levels=CB_1,
        absent=EXPANDED,
        expect=ALLOW,
    ),
    Row(
        says="CB-2 without expanded uses",
        clause="{cb2}",
        gate=GENERAL,
        levels=CB_2,
        absent=EXPANDED,
        expect=HOLD,
    ),
    Row(
        says="CB-2 with expanded uses, no RAND SL4",
        clause="{cb2}",
        gate=GENERAL,
        levels=CB_2,
        expect=ALLOW,
    ),
    Row(
        says="CB-1 was never assessed",
        clause="{cb1}",
        gate=GENERAL,
        levels={"CB-1": Level.UNASSESSED},
        expect=HOLD,
    ),
    # company column, misalignment and R&D
    Row(
        says="TM1 described in the report", clause="{tm1}", gate=INTERNAL, levels=TM_1, expect=ALLOW
    ),
    Row(
        says="TM1 not yet described",
        clause="{tm1}",
        gate=INTERNAL,
        levels=TM_1,
        changes=UNREPORTED,
        expect=ALLOW_WITH,
    ),
    Row(
        says="TM2 without security research",
        clause="{tm2}",
        gate=TRAIN,
        levels=TM_2,
        absent=MOONSHOT,
        expect=HOLD,
    ),
    Row(
        says="TM2 without security research, read as goals",
        clause="{tm2}",
        gate=TRAIN,
        levels=TM_2,
        absent=MOONSHOT,
        changes=GOALS,
        expect=ALLOW,
    ),
    Row(
        says="TM2 without external review",
        clause="{tm2}",
        gate=GENERAL,
        levels=TM_2,
        changes={"documents": {"external-review.covered": False}},
        expect=HOLD,
    ),
    Row(
        says="TM2 redacted without review, read as goals",
        clause="{review}",
        gate=GENERAL,
        levels=TM_2,
        changes={
            **GOALS,
            "documents": {"external-review.covered": False},
            "facts": {"report-significantly-redacted": True},
        },
        expect=ALLOW_WITH,
    ),
    # disclosure never holds
    Row(
        says="not in the latest report",
        clause="{scope}",
        gate=GENERAL,
        changes=UNREPORTED,
        expect=ALLOW_WITH,
    ),
    Row(
        says="not in the latest report",
        clause="{scope}",
        gate=GENERAL,
        ask=Ask.CONTINUE,
        changes=UNREPORTED,
        expect=ALLOW_WITH,
    ),
    Row(
        says="partners only, strictest reading",
        clause="{scope}",
        gate=LIMITED,
        changes=UNREPORTED,
        expect=ALLOW_WITH,
    ),
    Row(
        says="partners only, public means open to all",
        clause="{scope}",
        gate=LIMITED,
        changes={**UNREPORTED, "readings": {"public-deployment": "open-to-the-public"}},
        expect=ALLOW,
    ),
    Row(
        says="large-scale autonomous research, not in the report",
        clause="{scope}",
        gate=INTERNAL,
        changes={**UNREPORTED, "facts": {"large-scale-autonomous-research": True}},
        expect=ALLOW_WITH,
    ),
    Row(
        says="an ordinary internal model",
        clause="{scope}",
        gate=INTERNAL,
        changes=UNREPORTED,
        expect=ALLOW,
    ),
    Row(
        says="weights released past CB-1 with protections",
        clause="{cb1}",
        gate=WEIGHTS,
        levels=CB_1,
        expect=ALLOW,
    ),
)


def rows_at(pages: Mapping[str, str]) -> tuple[Row, ...]:
    """The shared rows, each with the clause and page of one version."""
    return tuple(replace(row, clause=row.clause.format_map(pages)) for row in ROWS)
