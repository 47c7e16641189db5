"""What each choice about the acquisition line gives is printed beside the case, as computed.

Two choices decide the line: what the printed plus-minus means, and how much elicitation allowance
it takes. The cases print all four combinations, so that nothing rests on one silently.
"""

from __future__ import annotations

from typing import Literal

import pytest

from scalegate.estimate.model import Outcome, Verdict
from scalegate.policy.vocabulary import Level
from tests.e2e.published import ROOT, with_line

LINE = "uplift-acceptable"
SPREADS: tuple[Literal["sd", "se"], ...] = ("sd", "se")
WORDS = {"sd": "standard deviation", "se": "standard error"}
COMBINATIONS = [(spread, declared) for spread in SPREADS for declared in (True, False)]


def verdict(name: str, spread: Literal["sd", "se"], *, declared: bool) -> Verdict:
    """Return the verdict that counts when the line stands alone under one combination."""
    finding = with_line(name, LINE, zero_allowance=declared, spread_read_as=spread)
    (counting,) = [item.verdict for item in finding.indicators[0].verdicts if item.decides]
    return counting


def row(name: str, spread: Literal["sd", "se"], *, declared: bool) -> str:
    found = verdict(name, spread, declared=declared)
    assert found.bound is not None
    assert found.effective_line is not None
    allowance = "0, if it were printed" if declared else f"default, {found.tolerated_gap:g}"
    outcome = found.outcome.value.replace("_", " ")
    return (
        f"| {WORDS[spread]} | {allowance} | {found.bound:.3g} "
        f"| {found.effective_line:.3g} | {outcome} |"
    )


@pytest.mark.parametrize("name", ["sonnet-4", "opus-4"])
def test_the_case_prints_what_each_combination_gives(name: str) -> None:
    page = (ROOT / "examples" / name / "README.md").read_text(encoding="utf-8")
    rows = [row(name, spread, declared=declared) for spread, declared in COMBINATIONS]
    assert "\n".join(rows) in page, "\n".join(rows)


def test_one_combination_of_four_rules_out_for_sonnet_4_and_none_for_opus_4() -> None:
    for name, expected in (("sonnet-4", [("sd", True)]), ("opus-4", [])):
        ruled_out = [
            (spread, declared)
            for spread, declared in COMBINATIONS
            if verdict(name, spread, declared=declared).outcome is Outcome.RULED_OUT
        ]
        assert ruled_out == expected, name


@pytest.mark.parametrize("name", ["sonnet-4", "opus-4"])
@pytest.mark.parametrize(("spread", "declared"), COMBINATIONS)
def test_with_all_lines_no_combination_changes_the_finding(
    name: str, spread: Literal["sd", "se"], declared: bool
) -> None:
    finding = with_line(name, LINE, alone=False, zero_allowance=declared, spread_read_as=spread)
    assert finding.own is Level.NOT_RULED_OUT
