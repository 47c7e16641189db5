"""A gate is met only by what the verdict carries, and an unallowed gap costs detection."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from scalegate.estimate.certificate import (
    SharpnessGate,
    all_open,
    certificate,
    conditional_error,
    detection,
    units_more,
)
from scalegate.estimate.model import (
    Allowance,
    AllowanceComponent,
    CrossedWhen,
    Design,
    ErrorBudget,
    Estimate,
    Insufficient,
    InsufficientReason,
    Line,
    Scale,
    Verdict,
)
from scalegate.estimate.proportion import estimate_proportion
from scalegate.estimate.verdict import judge_line

LINE = Line(value=Decimal("0.5"), crossed_when=CrossedWhen.AT_LEAST)
SAFE = Design(p_safe=0.1, n_minimum=20)
NOTHING = Insufficient(reason=InsufficientReason.NO_DATA, detail="no sample")


def scored(n: int, *, solved: int = 0) -> Estimate:
    scores = [1.0] * solved + [0.0] * (n - solved)
    found = estimate_proportion(high=scores, low=scores, alpha=0.05)
    assert isinstance(found, Estimate)
    return found


def evidenced(evidence: str | None = "measured") -> tuple[Allowance, ...]:
    named = (AllowanceComponent.ELICITATION, AllowanceComponent.BUDGET, AllowanceComponent.GRADER)
    return tuple(Allowance(component=each, amount=0.1, evidence=evidence) for each in named)


def best(n: int = 100, *, design: Design = SAFE) -> Verdict:
    return judge_line(
        scored(n),
        LINE,
        elicitation="E3c",
        allowances=evidenced(),
        design=design,
        positive_control=scored(100, solved=95),
        negative_control=scored(100),
    )


def open_in(verdict: Verdict, *, is_told: bool = True) -> set[str]:
    return {
        each.gate.value
        for each in certificate(verdict, missing=(is_told, "said"))
        if not each.is_met
    }


def test_all_evidence_leaves_no_gate_open() -> None:
    assert open_in(best()) == set()


def test_a_promise_of_samples_is_as_good_as_one_of_units() -> None:
    bare = best(design=replace(SAFE, n_minimum=1))
    assert open_in(bare) == {"S8"}
    assert all(
        each.is_met for each in certificate(bare, missing=(True, "missing samples"), promised=100)
    )


def test_a_floor_is_shown_on_the_safe_side_whichever_that_is() -> None:
    low = Line(value=Decimal("0.5"), crossed_when=CrossedWhen.AT_MOST)
    high_floor = judge_line(scored(90, solved=90), low, negative_control=scored(90, solved=90))
    assert "S2" not in open_in(high_floor)
    spoiled = judge_line(scored(90), LINE, negative_control=scored(90, solved=90))
    assert "S2" in open_in(spoiled)
    assert spoiled.outcome.value == "invalid"


@pytest.mark.parametrize(
    ("verdict", "gate"),
    [
        (replace(best(), positive_control=None), "S1"),
        (judge_line(scored(90), LINE, positive_control=scored(90)), "S1"),
        (judge_line(scored(90), LINE, invalid_flags=("mixed models",)), "S3"),
        (judge_line(NOTHING, LINE), "S3"),
        (judge_line(scored(90), LINE), "S4"),
        (judge_line(scored(90), LINE, elicitation="E2", allowances=evidenced()), "S4"),
        (judge_line(scored(90), LINE, elicitation="E3c"), "S4"),
        (judge_line(scored(90), LINE, elicitation="E3c", allowances=evidenced(None)), "S5"),
        (judge_line(NOTHING, LINE), "S6"),
        (judge_line(scored(90), LINE), "S6"),
        (best(20, design=replace(SAFE, p_safe=0.45)), "S6"),
        (judge_line(scored(90), LINE, elicitation="E3c", allowances=evidenced(None)), "S7"),
        (judge_line(NOTHING, LINE), "S8"),
        (judge_line(scored(90), LINE), "S8"),
        (judge_line(scored(90), LINE, n_looks=2), "S8"),
    ],
)
def test_what_is_not_there_leaves_its_gate_open(verdict: Verdict, gate: str) -> None:
    assert gate in open_in(verdict)


def test_a_printed_figure_does_not_meet_the_harness_gate() -> None:
    assert open_in(best(), is_told=False) == {"S3"}


def test_a_bound_that_allows_many_looks_meets_the_last_gate() -> None:
    verdict = judge_line(replace(scored(90), anytime_valid=True), LINE, n_looks=9)
    assert "S8" not in open_in(verdict)


def test_without_a_verdict_every_gate_is_open() -> None:
    found = all_open("no evidence")
    assert [each.gate for each in found] == list(SharpnessGate)
    assert not any(each.is_met for each in found)
    assert found[0].to_mapping() == {"gate": "S1", "is_met": False, "text": "no evidence"}


@pytest.mark.parametrize("n", [20, 50, 200, 1000])
def test_detection_holds_within_the_allowances_and_falls_beyond_them(n: int) -> None:
    verdict = best(n)
    within, beyond = detection(verdict, unallowed=0.0), detection(verdict, unallowed=0.5)
    assert within is not None
    assert beyond is not None
    assert within >= 0.95 - 1e-9
    assert beyond < within


def test_a_larger_eval_is_more_confidently_wrong_about_an_unallowed_gap() -> None:
    found = [detection(best(n), unallowed=0.5) or 0.0 for n in (30, 100, 500)]
    assert found == sorted(found, reverse=True)


def test_units_wanting_give_the_power_that_was_promised() -> None:
    design = replace(SAFE, p_safe=0.3)
    wanting = units_more(best(20, design=design))
    assert wanting is not None
    assert wanting > 0
    enough = best(20 + wanting, design=design)
    assert enough.power_at_safe is not None
    assert enough.power_at_safe >= 0.8
    assert units_more(enough) == 0


@pytest.mark.parametrize("p_safe", [None, 0.4999, 0.9])
def test_no_number_is_proposed_where_none_is_known_or_enough(p_safe: float | None) -> None:
    assert units_more(best(30, design=Design(p_safe=p_safe))) is None


def test_without_an_estimate_or_a_bound_nothing_is_said() -> None:
    ratio = replace(scored(50), scale=Scale.RATIO, support=(0.0, None), upper=None)
    for estimate in (NOTHING, ratio):
        verdict = judge_line(estimate, LINE)
        assert detection(verdict, unallowed=0.0) is None
        assert units_more(verdict) is None


def wide(scale: Scale, upper: float, safe: float | None = 1.0) -> Verdict:
    point = 1.1 if scale is not Scale.ELO else 1100.0
    estimate = replace(
        scored(50), scale=scale, support=(0.0, None), point=point, lower=point / 2.0, upper=upper
    )
    at = Line(value=Decimal(3) if point < 2.0 else Decimal(1500), crossed_when=CrossedWhen.AT_LEAST)
    return judge_line(estimate, at, elicitation="E1", design=Design(p_safe=safe))


@pytest.mark.parametrize(
    ("scale", "upper"), [(Scale.RATIO, 1.6), (Scale.MINUTES, 1.6), (Scale.ELO, 1150.0)]
)
def test_what_is_no_share_is_detected_by_the_width_that_was_seen(
    scale: Scale, upper: float
) -> None:
    verdict = wide(scale, upper)
    assert detection(verdict, unallowed=0.0) == pytest.approx(0.95)
    by_gap = [detection(verdict, unallowed=gap) or 0.0 for gap in (0.0, 0.2, 0.5)]
    assert by_gap == sorted(by_gap, reverse=True)
    assert by_gap[-1] < 0.95


def test_units_of_a_fold_shrink_its_width_with_the_root_of_their_number() -> None:
    assert units_more(wide(Scale.RATIO, 1.6, safe=0.0)) == 0
    dull = wide(Scale.RATIO, 1.6, safe=0.38)
    more = units_more(dull)
    assert dull.power_at_safe is not None
    assert dull.power_at_safe < 0.8
    assert more is not None
    assert more > 0
    factor = ((50 + more) / 50) ** 0.5
    narrower = wide(Scale.RATIO, 1.1 * (1.6 / 1.1) ** (1.0 / factor), safe=0.38)
    assert narrower.power_at_safe == pytest.approx(0.8, abs=0.02)
    assert units_more(wide(Scale.RATIO, 1.6, safe=2.9)) is None
    assert units_more(wide(Scale.ELO, 1150.0, safe=1000.0)) is None


def test_where_low_is_dangerous_the_line_is_read_upside_down() -> None:
    line = Line(value=Decimal("0.5"), crossed_when=CrossedWhen.AT_MOST)
    verdict = judge_line(
        scored(50, solved=50),
        line,
        elicitation="E3c",
        allowances=evidenced(),
        design=Design(p_safe=0.9),
    )
    assert units_more(verdict) == 0
    assert (detection(verdict, unallowed=0.0) or 0.0) >= 0.95 - 1e-9
    beyond_range = replace(verdict, effective_line=1.0)
    assert detection(beyond_range, unallowed=0.0) is None


def test_an_error_is_never_printed_without_what_it_is_conditional_on() -> None:
    said = conditional_error(best())
    assert said.startswith("5.00% conditional on a gap within 0.3, and what was never evidenced")
    assert "gap" not in conditional_error(judge_line(NOTHING, LINE))
    partly = replace(best(), error_budget=ErrorBudget(alpha=0.05, elicitation=0.01, growth=0.0))
    assert conditional_error(partly).endswith("never evidenced: validity")
    whole = ErrorBudget(alpha=0.05, elicitation=0.01, growth=0.0, validity=0.02)
    assert "at most 8.00%" in conditional_error(replace(best(), error_budget=whole))
