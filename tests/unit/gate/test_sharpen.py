"""A row of sharpness says its numbers, and what there is none of."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from scalegate.estimate.certificate import certificate
from scalegate.estimate.model import CrossedWhen, Estimate, Insufficient, InsufficientReason, Line
from scalegate.estimate.proportion import estimate_proportion
from scalegate.estimate.verdict import judge_line
from scalegate.gate.sharpen import Sharpened
from scalegate.report.sharpness_text import row_head, row_numbers

LINE = Line(value=Decimal("0.5"), crossed_when=CrossedWhen.AT_LEAST)
ENDS = datetime(2031, 1, 1, tzinfo=UTC)


def row(estimate: Estimate | Insufficient, ends: datetime | None = None) -> Sharpened:
    verdict = judge_line(estimate, LINE, elicitation="E2")
    return Sharpened(
        threshold="T",
        indicator="i",
        gates=certificate(verdict, missing=(True, "missing samples")),
        verdict=verdict,
        units_more=None,
        expires_at=ends,
    )


def test_a_row_says_what_its_error_is_conditional_on_and_when_it_expires() -> None:
    found = estimate_proportion(high=[0.0] * 59, low=[0.0] * 59, alpha=0.05)
    said = row_numbers(row(found, ENDS))
    assert "59 units, 59 samples" in said[0]
    assert said[2] == "allowance for elicitation: 1.5 logit (alone: line 0.182), never evidenced"
    assert "; detectable excess " in said[3]
    assert said[4:6] == ("positive control: none on record", "negative control: none on record")
    assert "5.00% conditional on" in said[6]
    assert "2031-01-01" in said[7]
    assert row(found, ENDS).to_mapping()["expires_at"] is not None


def test_without_an_estimate_no_number_is_said() -> None:
    lacking = Insufficient(reason=InsufficientReason.NO_DATA, detail="no sample")
    assert row_numbers(row(lacking)) == (
        "no estimate: no sample",
        "allowances: none",
        "positive control: none on record",
        "negative control: none on record",
        "looks on record: 1; expires: no limit set",
    )
    bare = Sharpened(threshold="T", indicator=None, gates=(), verdict=None, units_more=None)
    assert row_numbers(bare) == ()
    assert row_head(bare) == "no verdict"


def test_a_threshold_without_a_line_that_rules_out_has_one_row() -> None:
    from scalegate.gate.sharpen import _without

    found = _without("T", None, "nothing")
    assert (found.is_sharp, len(found.open_gates), found.cost[1]) == (False, 8, 7)
