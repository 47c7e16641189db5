"""Situations that RSP 2.0 and 2.1 treat alike, each with its clause.

The clauses are printed on different pages, so each version's test gives its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level
from tests.unit.frameworks.rsp_versions import Row

ALLOW, ALLOW_WITH, RESTRICT, HOLD, WITHDRAW = EffectLevel
GENERAL, LIMITED, INTERNAL = Gate.EXTERNAL_GENERAL, Gate.EXTERNAL_LIMITED, Gate.INTERNAL
STORE, TRAIN, WEIGHTS = Gate.STORE, Gate.TRAIN, Gate.OPEN_WEIGHTS
CONTINUE = Ask.CONTINUE
CBRN_3 = {"CBRN-3": Level.NOT_RULED_OUT}
RED_TEAMING = frozenset({"ASL3D-3-red-teaming"})
PERIMETERS = frozenset({"ASL3S-2a-perimeters-and-access"})
RATIO = "effective_compute_vs_asl3_security_model"


@dataclass(frozen=True, kw_only=True)
class Row2(Row):
    """A row that starts from ASL-2 or from ASL-3 in place."""

    base: str = "asl-3"


ROWS = (
    Row2(says="far from everything", clause="{s61}", base="asl-2", gate=GENERAL, expect=ALLOW),
    Row2(says="far from everything", clause="{s61}", base="asl-2", gate=STORE, expect=ALLOW),
    Row2(says="far from everything", clause="{s61}", base="asl-2", gate=TRAIN, expect=ALLOW),
    Row2(
        says="an ASL-2 measure is missing for staff",
        clause="1, p. 6",
        base="asl-2",
        absent=frozenset({"ASL2D-2-harmlessness-and-detection"}),
        gate=INTERNAL,
        expect=HOLD,
    ),
    Row2(
        says="Board and Trust were not told",
        clause="{shared}",
        base="asl-2",
        changes={"acts": {"capability-decision-shared": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="CBRN open, ASL-2 only",
        clause="{as_though}",
        base="asl-2",
        levels=CBRN_3,
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="CBRN forecast to be crossed",
        clause="{forecast}",
        base="asl-2",
        flags={"CBRN-3": Flag.FORECAST},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="it runs already",
        clause="{stronger}",
        base="asl-2",
        levels=CBRN_3,
        gate=GENERAL,
        ask=CONTINUE,
        expect=WITHDRAW,
    ),
    Row2(
        says="its weights lie there",
        clause="{stronger}",
        base="asl-2",
        levels=CBRN_3,
        gate=STORE,
        ask=CONTINUE,
        expect=WITHDRAW,
    ),
    Row2(says="ASL-3 in place", clause="{s61}", levels=CBRN_3, gate=GENERAL, expect=ALLOW_WITH),
    Row2(
        says="red-teaming missing",
        clause="{red}",
        levels=CBRN_3,
        absent=RED_TEAMING,
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="red-teaming missing for staff, read as controls",
        clause="{trusted}",
        levels=CBRN_3,
        absent=RED_TEAMING,
        changes={"readings": {"trusted-use": "controls-instead-of-red-teaming"}},
        gate=INTERNAL,
        expect=ALLOW,
    ),
    Row2(
        says="weights released without red-teaming",
        clause="{red}",
        levels=CBRN_3,
        absent=RED_TEAMING,
        gate=WEIGHTS,
        expect=HOLD,
    ),
    Row2(
        says="interim deployment measures approved",
        clause="{interim}",
        levels=CBRN_3,
        absent=RED_TEAMING,
        changes={"substitutes": {"interim-deployment": True}},
        gate=GENERAL,
        expect=ALLOW_WITH,
    ),
    Row2(
        says="perimeters missing",
        clause="{s61}",
        levels=CBRN_3,
        absent=PERIMETERS,
        gate=STORE,
        expect=HOLD,
    ),
    Row2(
        says="no follow-up assessment",
        clause="{s61}",
        levels=CBRN_3,
        changes={"acts": {"follow-up-decision": False}},
        gate=GENERAL,
        expect=HOLD,
    ),
    Row2(
        says="comparable run without ASL-3 Security",
        clause="{pause}",
        base="asl-2",
        changes={"facts": {RATIO: Decimal(1)}},
        gate=TRAIN,
        ask=CONTINUE,
        expect=HOLD,
    ),
    Row2(
        says="run below the model that needs it",
        clause="{pause}",
        base="asl-2",
        changes={"facts": {RATIO: Decimal("0.99")}},
        gate=TRAIN,
        expect=ALLOW,
    ),
    Row2(
        says="nobody compared the run",
        clause="{pause}",
        base="asl-2",
        changes={"facts": {RATIO: None}},
        gate=TRAIN,
        expect=HOLD,
    ),
    Row2(
        says="security alone is enough to train",
        clause="{pause}",
        levels=CBRN_3,
        absent=RED_TEAMING,
        gate=TRAIN,
        expect=ALLOW,
    ),
    Row2(
        says="the officer set a limit",
        clause="{cap}",
        base="asl-2",
        changes={"facts": {"rso_limits_training": True}},
        gate=TRAIN,
        expect=RESTRICT,
    ),
    Row2(
        says="the checkpoint alone holds nothing",
        clause="{checkpoint}",
        base="asl-2",
        levels={"checkpoint-2-8h": Level.CROSSED},
        gate=GENERAL,
        expect=ALLOW,
    ),
    Row2(
        says="CBRN was never assessed",
        clause="{s61}",
        levels={"CBRN-3": Level.UNASSESSED},
        gate=GENERAL,
        expect=HOLD,
    ),
)


def rows_at(clauses: Mapping[str, str]) -> tuple[Row2, ...]:
    """The shared rows, each with the clause and page of one version."""
    return tuple(replace(row, clause=row.clause.format_map(clauses)) for row in ROWS)
