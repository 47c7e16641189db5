"""The if-then clauses that each of the three policies stands or falls by are binding rows.

RSP 2.2, section 6.1 (p. 15): a model is deployed or stored only under the safeguards that its
thresholds require. FSF 3.1, section 2.1.2, step (2) (p. 10): with a misuse level reached, external
deployments take place only after a decision of governance. PF 2, Table 1 (p. 6-7): six cells.
"""

from __future__ import annotations

import pytest

from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Commitment
from scalegate.policy.vocabulary import EffectLevel, Gate
from tests.unit.frameworks.rsp_versions import policy_of

EXTERNAL = frozenset({Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS})
USES = EXTERNAL | {Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK}


def binding_on(name: str, threshold: str, section: str) -> list[Commitment]:
    """The binding rows that apply by this threshold and cite this section."""
    return [
        row
        for row in policy_of(name).commitments
        if row.binds
        and section in row.cite.section
        and any(
            atom.word in {"status", "flag"} and atom.name.rsplit(".", 1)[0] == threshold
            for atom, _ in atoms_of(row.if_)
        )
    ]


def gates_held(rows: list[Commitment]) -> frozenset[Gate]:
    """The gates at which one of the rows holds what is to begin, unless it is satisfied."""
    return frozenset(
        gate for row in rows if row.otherwise.level >= EffectLevel.HOLD for gate in row.at
    )


@pytest.mark.parametrize("threshold", ["CBRN-3", "CBRN-4", "AIRD-4"])
def test_rsp_2_2_section_6_1_binds_deployment_and_storage(threshold: str) -> None:
    rows = binding_on("anthropic-rsp@2.2", threshold, "6.1")
    assert gates_held(rows) >= USES | {Gate.STORE}
    assert all(row.cite.page for row in rows)


@pytest.mark.parametrize(
    "threshold", ["CBRN-UPLIFT-TCL", "CBRN-UPLIFT-1", "CYBER-UPLIFT-1", "MANIPULATION-1"]
)
def test_fsf_3_1_section_2_1_2_step_2_binds_external_deployment(threshold: str) -> None:
    rows = binding_on("gdm-fsf@3.1", threshold, "2.1.2")
    assert gates_held(rows) == EXTERNAL
    assert {row.native_verb for row in rows} == {"take place only after"}


TABLE_1: dict[str, dict[str, frozenset[Gate] | set[Gate]]] = {
    "BIO-HIGH": {"security": USES | {Gate.TRAIN}, "misuse": EXTERNAL},
    "BIO-CRITICAL": {"halt": {Gate.TRAIN}},
    "CYBER-HIGH": {
        "security": USES | {Gate.TRAIN},
        "misuse": EXTERNAL,
        "misalignment": {Gate.INTERNAL, Gate.INTERNAL_HIGH_RISK},
    },
    "CYBER-CRITICAL": {"halt": {Gate.TRAIN}},
    "AISI-HIGH": {"security": USES | {Gate.TRAIN}},
    "AISI-CRITICAL": {"halt": {Gate.TRAIN}},
}
"""What each cell of PF 2, Table 1 asks, and at which gates."""
STANDARDS = {
    "security": ("PF-SECURITY-HIGH",),
    "misuse": ("PF-MISUSE-HIGH-BIO", "PF-MISUSE-HIGH-CYBER"),
    "misalignment": ("PF-MISALIGNMENT-HIGH-CYBER",),
    "halt": ("PF-CRITICAL-BIO", "PF-CRITICAL-CYBER", "PF-CRITICAL-AISI"),
}


@pytest.mark.parametrize(
    ("threshold", "asked"), [(cell, asked) for cell, said in TABLE_1.items() for asked in said]
)
def test_every_cell_of_pf_2_table_1_binds(threshold: str, asked: str) -> None:
    rows = [
        row
        for row in binding_on("openai-pf@2", threshold, "Table 1")
        if any(
            atom.name in STANDARDS[asked]
            and atom.word == ("specified" if asked == "halt" else "met")
            for atom, _ in atoms_of(row.require)
        )
    ]
    assert gates_held(rows) >= TABLE_1[threshold][asked]
    assert all(row.cite.page for row in rows)


def test_table_1_has_six_cells_and_lists_no_misuse_safeguard_at_high_self_improvement() -> None:
    thresholds = {item.id for item in policy_of("openai-pf@2").thresholds}
    assert thresholds == set(TABLE_1)
    rows = binding_on("openai-pf@2", "AISI-HIGH", "Table 1")
    asked = {atom.name for row in rows for atom, _ in atoms_of(row.require)}
    assert asked == {"PF-SECURITY-HIGH"}
