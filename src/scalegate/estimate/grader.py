"""Correct a bound on graded scores for a grader that errs, by an audit of its verdicts.

1. A grader of sensitivity s and false-positive rate f shows a rate q = f + (s - f) p where the true
   rate is p. So p is at most (U - f_L) / (s_L - f_L), with U the upper bound of q, s_L the lower
   bound of s and f_L the lower bound of f, each at alpha / 3: together they err at most alpha.
2. s_L comes from audited *true successes* and f_L from audited *true failures*, both by
   Clopper-Pearson. f_L may be 0; fewer audited failures only make the bound wider.
3. Without an audit of true successes there is no correction: agreement with another grader says
   nothing about the successes that both miss.

*Not checked here:* that the audited items are drawn like the items of the eval, and that the
grader errs independently of the item. Verdicts are pass or fail, averaged inside a unit; partial
credit of a rubric is not covered.

Source: Rogan and Gladen 1978, with bounds in place of the estimates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import clopper_pearson_lower, upper_bound
from scalegate.estimate.model import Insufficient, InsufficientReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a person who knows the truth found about the grader's verdicts.

    Raises:
        UsageError: a count below 0, or more passed than were audited.
    """

    successes: int
    """Audited true successes."""
    passed_successes: int
    """How many of them the grader passed."""
    failures: int = 0
    """Audited true failures."""
    passed_failures: int = 0
    """How many of them the grader passed."""

    def __post_init__(self) -> None:
        pairs = (
            (self.passed_successes, self.successes),
            (self.passed_failures, self.failures),
        )
        if any(not 0 <= passed <= seen for passed, seen in pairs):
            raise UsageError("an audit passes between 0 and all of the items that it saw")


def corrected_upper(
    x: Sequence[float], alpha: float, *, audit: Audit | None
) -> float | Insufficient:
    """Return the upper bound of the true rate at level 1 - alpha, or why there is none.

    Args:
        x: one share of passed verdicts in [0, 1] per independent unit; missing counts as passed.
        alpha: error probability in (0, 0.5], shared by the three bounds.
        audit: the audit of this grader; None when there was none.

    Raises:
        UsageError: `alpha` outside (0, 0.5].
    """
    if not x:
        return Insufficient(reason=InsufficientReason.NO_DATA, detail="no unit was graded")
    outside = sum(1 for value in x if not (isfinite(value) and 0.0 <= value <= 1.0))
    if outside:
        return Insufficient(
            reason=InsufficientReason.OUT_OF_RANGE, detail=f"{outside} scores outside [0, 1]"
        )
    if audit is None or audit.successes == 0:
        return Insufficient(
            reason=InsufficientReason.UNSUPPORTED,
            detail="the grader was not audited on true successes",
        )
    share = alpha / 3.0
    found = upper_bound(x, share)
    sensitivity = clopper_pearson_lower(audit.passed_successes, audit.successes, share)
    false_pass = clopper_pearson_lower(audit.passed_failures, audit.failures, share)
    if sensitivity <= false_pass:
        return Insufficient(
            reason=InsufficientReason.DEGENERATE,
            detail="the audit does not show that the grader passes successes more often",
        )
    return min(1.0, max(0.0, found - false_pass) / (sensitivity - false_pass))
