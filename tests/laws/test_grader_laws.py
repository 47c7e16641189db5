"""The corrected bound follows its formula, never undercuts a perfect grader, and keeps alpha."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import upper_bound
from scalegate.estimate.grader import Audit, corrected_upper
from scalegate.estimate.model import Insufficient

SCORES = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(x=SCORES, seen=st.integers(20, 200), missed=st.integers(0, 9), passed=st.integers(0, 3))
def test_it_is_the_formula_with_bounds_of_an_independent_library(
    x: list[float], seen: int, missed: int, passed: int
) -> None:
    audit = Audit(
        successes=seen, passed_successes=seen - missed, failures=50, passed_failures=passed
    )
    share = 0.05 / 3
    hits = int(sum(x))
    top = 1.0 if hits == len(x) else beta.ppf(1 - share, hits + 1, len(x) - hits)
    s_low = beta.ppf(share, seen - missed, missed + 1)
    f_low = 0.0 if passed == 0 else beta.ppf(share, passed, 50 - passed + 1)
    expected = min(1.0, max(0.0, top - f_low) / (s_low - f_low))
    assert corrected_upper(x, 0.05, audit=audit) == pytest.approx(expected, abs=1e-9)


@given(x=SCORES, missed=st.integers(0, 10))
def test_without_false_passes_the_correction_only_raises(x: list[float], missed: int) -> None:
    found = corrected_upper(x, 0.05, audit=Audit(successes=100, passed_successes=100 - missed))
    assert isinstance(found, float)
    assert found >= upper_bound(x, 0.05 / 3) - 1e-12


def test_a_model_at_the_line_is_cleared_no_more_often_than_alpha() -> None:
    rng, wrong, plain = np.random.default_rng(3), 0, 0
    for _ in range(400):  # sensitivity .9, no false pass, true rate .5 at a line of .5
        x = (rng.random(100) < 0.45).astype(float).tolist()
        audit = Audit(successes=100, passed_successes=int(rng.binomial(100, 0.9)))
        found = corrected_upper(x, 0.05, audit=audit)
        assert isinstance(found, float)
        wrong += found < 0.5
        plain += upper_bound(x, 0.05) < 0.5
    assert wrong <= 0.05 * 400
    assert plain > 0.15 * 400  # what the error of the grader does without correction


@pytest.mark.parametrize(
    ("x", "audit", "reason"),
    [
        ([], Audit(successes=9, passed_successes=9), "no_data"),
        ([nan], Audit(successes=9, passed_successes=9), "out_of_range"),
        ([1.5], Audit(successes=9, passed_successes=9), "out_of_range"),
        ([0.0], None, "unsupported"),
        ([0.0], Audit(successes=0, passed_successes=0, failures=9), "unsupported"),
        ([0.0], Audit(successes=9, passed_successes=0), "degenerate"),
        (
            [0.0],
            Audit(successes=9, passed_successes=3, failures=90, passed_failures=80),
            "degenerate",
        ),
    ],
)
def test_bad_input_is_a_reason_and_never_a_number(
    x: list[float], audit: Audit | None, reason: str
) -> None:
    found = corrected_upper(x, 0.05, audit=audit)
    assert isinstance(found, Insufficient)
    assert found.reason == reason


def test_an_audit_that_passes_more_than_it_saw_is_an_error() -> None:
    with pytest.raises(UsageError, match="audit"):
        Audit(successes=3, passed_successes=4)
