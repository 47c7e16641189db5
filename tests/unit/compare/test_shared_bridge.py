"""Between two labs, thresholds of one domain and tier are looked at together, and nothing else."""

from __future__ import annotations

import pytest

from scalegate.app.comparing import (
    ANY_BRIDGE,
    ComparisonResult,
    check_certificate,
    compare_versions,
)
from scalegate.compare.bridge import PartKind
from scalegate.compare.bridge_faults import bridge_faults
from scalegate.compare.shared_bridge import shared_bridge
from scalegate.policy.crosswalk import Analogy
from scalegate.policy.vocabulary import Gate
from scalegate.wiring import policy_source
from tests.strategies.policies import policy_of
from tests.unit.compare.test_bridge import renamed
from tests.unit.compare.toy_pairs import row

PAIR = ("openai-pf@2", "gdm-fsf@3.1")


@pytest.fixture(scope="module")
def result() -> ComparisonResult:
    return compare_versions(*PAIR, policy_source())


def test_thresholds_of_one_domain_and_tier_are_matched_with_the_reasons_of_both_tables(
    result: ComparisonResult,
) -> None:
    bridge = result.readings.bridge
    assert bridge is not None
    assert not list(bridge_faults(bridge, *result.policies))
    matched = {(each.old, each.new): each for each in bridge.entries if each.is_match}
    assert {each.kind for each in matched.values()} == {PartKind.THRESHOLD}
    entry = matched[("CYBER-HIGH",), ("CYBER-UPLIFT-1",)]
    assert "`serious` in the domain cyber" in entry.reason
    assert "openai-pf@2 (near): High is the first level" in entry.reason
    assert "analogies, not equalities" in bridge.statement


def test_what_one_lab_holds_and_the_other_lets_through_is_found_at_the_same_threshold(
    result: ComparisonResult,
) -> None:
    gaps = [
        gap
        for comparison in result.difference.comparisons
        if comparison.gate is Gate.TRAIN
        for item in comparison.clauses
        if item.clause == "CRITICAL-HALT-AISI"
        for gap in item.gaps
    ]
    names = {value.name for gap in gaps for value in gap.deviations}
    assert "MLRD-AUTOMATION-1" in names  # the shared id of the two thresholds


def test_a_certificate_across_labs_names_the_bridge_that_was_made(
    result: ComparisonResult,
) -> None:
    held = check_certificate(PAIR, policy_source(), result.certificate().to_mapping(), ANY_BRIDGE)
    assert result.readings.bridge is not None
    assert held.bridge_digest == result.readings.bridge.digest


def analogy(framework: str, native: str, tier: str) -> Analogy:
    return Analogy(
        framework=framework,
        kind="tier",
        native=native,
        title=native,
        neutral=tier,
        fit="near",
        why="A reason.",
        cites=(),
    )


def test_several_with_several_are_not_matched_and_shared_ids_are_held_apart() -> None:
    old = policy_of([row()])
    new = renamed(policy_of([row()])).model_copy(update={"id": "other"})
    both = [analogy(policy.name, name, "serious") for policy in (old, new) for name in ("T1", "T2")]
    assert shared_bridge(old, new, both) is None
    one = [*both, analogy(old.name, "T3", "extreme"), analogy(new.name, "T3", "extreme")]
    bridge = shared_bridge(old, new, one)
    assert bridge is not None
    assert [each.old for each in bridge.entries if each.is_match] == [("T3",)]
    assert not list(bridge_faults(bridge, old, new))
    apart = {named.id for each in bridge.entries if not each.is_match for named in each.named()}
    assert {"T1", "T2", "G1", "K"} <= apart
    assert "T3" not in apart
