"""RSP 2.2 with one thing changed, and the published versions beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scalegate.app.workspace import framework_entries, policies_of
from scalegate.compare.certificate import certify, verify
from scalegate.compare.diff import diff
from scalegate.compare.model import Change, Strength, Verdict
from scalegate.policy.compile import Program, compile_policy
from scalegate.policy.conditions import ALWAYS
from scalegate.policy.document import Policy
from scalegate.policy.parse import parse_policy
from scalegate.policy.vocabulary import EffectLevel, Gate, Modality
from scalegate.wiring import policy_source

FRAMEWORKS = Path(__file__).parents[3] / "src" / "scalegate" / "frameworks"


def load(name: str) -> Policy:
    return parse_policy((FRAMEWORKS / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rsp() -> Policy:
    return load("anthropic-rsp@2.2")


def changed_row(policy: Policy, name: str, **update: Any) -> Program:
    rows = tuple(
        row.model_copy(update=update) if row.id == name else row for row in policy.commitments
    )
    return compile_policy(policy.model_copy(update={"commitments": rows}))


def test_the_policy_does_not_differ_from_itself(rsp: Policy) -> None:
    found = diff(compile_policy(rsp), compile_policy(rsp))
    assert found.verdict is Verdict.EQUIVALENT
    assert not found.elements
    assert not found.unmatched


@pytest.mark.slow
def test_no_shipped_policy_differs_from_itself() -> None:
    source = policy_source()
    names = [each.name for each in framework_entries(source)]
    for named in policies_of(source, names):
        program = compile_policy(named.policy)
        found = diff(program, program)
        assert found.verdict is Verdict.EQUIVALENT, named.policy.name
        assert not found.elements
        assert not found.unmatched


def test_a_dropped_requirement_is_attributed_to_its_clause(rsp: Policy) -> None:
    found = diff(compile_policy(rsp), changed_row(rsp, "follow-up-assessment", require=ALWAYS))
    assert found.verdict is Verdict.LOOSENED
    assert {item.clause for each in found.comparisons for item in each.clauses} == {
        "follow-up-assessment"
    }
    for comparison in found.comparisons:
        for gap in comparison.loosened:
            assert "follow-up-decision" in {each.name for each in gap.deviations}


def test_a_weakened_effect_is_looser_where_the_strict_effect_was(rsp: Policy) -> None:
    row = next(row for row in rsp.commitments if row.id == "cbrn-3-open-weights")
    softer = row.otherwise.model_copy(update={"level": EffectLevel.RESTRICT})
    found = diff(compile_policy(rsp), changed_row(rsp, row.id, otherwise=softer))
    assert {each.gate for each in found.comparisons if each.loosened} == {Gate.OPEN_WEIGHTS}
    assert {each.cut for each in found.comparisons if each.loosened} == {EffectLevel.HOLD}


def test_a_weakened_verb_is_looser_among_the_rows_of_that_verb(rsp: Policy) -> None:
    new = changed_row(rsp, "asl-2-security", modality=Modality.WILL, native_verb="will meet")
    found = diff(compile_policy(rsp), new)
    assert {each.strength for each in found.comparisons if each.loosened} == {Strength.MUST}
    assert [(each.name, each.change) for each in found.elements] == [
        ("asl-2-security: modality", Change.LOOSENED)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(FRAMEWORKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_version_beside_each_other_of_its_lab(path: Path) -> None:
    old = load(path.stem)
    program = compile_policy(old)
    assert diff(program, program).verdict is Verdict.EQUIVALENT
    for other in sorted(FRAMEWORKS.glob(f"{old.id}@*.yaml")):
        new = compile_policy(load(other.stem))
        there, back = diff(program, new), diff(new, program)
        assert there.is_decided
        for left, right in zip(there.comparisons, back.comparisons, strict=True):
            assert len(left.loosened) == len(right.tightened)
            assert len(left.tightened) == len(right.loosened)
        verify(certify(program, new), program, new)
