"""Looking after every unit: the state is a function of the prefix, and agrees with the e-value."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalegate.base.errors import UsageError
from scalegate.estimate.proved import e_upper_bound, e_value
from scalegate.estimate.sequential import Looks, Settled, begin

UNITS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=60)
LINES = st.sampled_from([0.05, 0.2, 0.5, 0.8])


def run(values: list[float], line: float, alpha: float = 0.05) -> Looks:
    looks = begin(line=line, alpha=alpha)
    for value in values:
        looks = looks.after(high=value, low=value)
    return looks


@settings(max_examples=60, deadline=None)
@given(values=UNITS, line=LINES)
def test_the_evidence_is_the_e_value_of_the_whole_list(values: list[float], line: float) -> None:
    looks = run(values, line)
    assert looks.n_units == len(values)
    assert looks.e_below == pytest.approx(e_value(values, line), rel=1e-9)
    mirrored = [1.0 - value for value in values]
    assert looks.e_above == pytest.approx(e_value(mirrored, 1.0 - line), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(values=UNITS, line=LINES)
def test_below_is_settled_when_the_bound_of_a_prefix_lies_below_the_line(
    values: list[float], line: float
) -> None:
    bound = e_upper_bound(values, 0.05)
    if abs(bound - line) > 1e-9:
        assert (run(values, line).below.settled_at is not None) == (bound < line)


@settings(max_examples=60, deadline=None)
@given(values=UNITS, more=UNITS, line=LINES)
def test_more_units_never_unsettle(values: list[float], more: list[float], line: float) -> None:
    first, later = run(values, line), run([*values, *more], line)
    if first.settled_at is not None:
        assert later.settled_at == first.settled_at
        assert later.settled in {first.settled, Settled.CONTRADICTION}


@settings(max_examples=60, deadline=None)
@given(values=UNITS, line=LINES)
def test_missing_samples_settle_nothing_sooner(values: list[float], line: float) -> None:
    whole, holed = begin(line=line, alpha=0.05), begin(line=line, alpha=0.05)
    for number, value in enumerate(values):
        whole = whole.after(high=value, low=value)
        lost = number % 3 == 0
        holed = holed.after(high=1.0 if lost else value, low=0.0 if lost else value)
        assert holed.e_below <= whole.e_below * (1 + 1e-9)
        assert holed.e_above <= whole.e_above * (1 + 1e-9)


def test_both_ends_settle_and_a_break_of_the_order_is_named() -> None:
    assert run([], 0.5).settled is Settled.OPEN
    below, above = run([0.0] * 20, 0.5), run([1.0] * 20, 0.5)
    assert (below.settled, above.settled) == (Settled.BELOW, Settled.ABOVE)
    assert below.settled_at == above.settled_at
    torn = run([0.0] * 10 + [1.0] * 300, 0.5)
    assert torn.settled is Settled.CONTRADICTION
    assert torn.settled_at == torn.below.settled_at


@pytest.mark.parametrize(("high", "low"), [(nan, 0.0), (1.1, 0.0), (0.2, 0.4), (0.5, -0.1)])
def test_a_unit_outside_the_range_is_an_error(high: float, low: float) -> None:
    with pytest.raises(UsageError, match="low <= high"):
        begin(line=0.5, alpha=0.05).after(high=high, low=low)


@pytest.mark.parametrize(("line", "alpha"), [(0.0, 0.05), (1.0, 0.05), (nan, 0.05), (0.5, 0.6)])
def test_a_line_or_alpha_outside_its_range_is_an_error(line: float, alpha: float) -> None:
    with pytest.raises(UsageError, match="must lie in"):
        begin(line=line, alpha=alpha)
