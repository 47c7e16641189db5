"""Bound a fold uplift without assuming anything of the spread of scores.

1. Participants of both arms are independent, and each has a score in the declared range.
2. The mean of each arm is bounded at half of alpha: Clopper-Pearson where every score is at an end
   of the range, bets at once otherwise. Both hold together with probability 1 - alpha (Bonferroni).
3. The ratio is at most the upper bound of the treated arm over the lower bound of the control arm;
   where that lower bound is 0 nothing is excluded.
4. A drop-out counts as in `uplift`: against the claim that the bound makes.
5. Printed summaries have no such bound here: a mean and a plus-minus do not give the scores.

Source: Clopper and Pearson 1934; Waudby-Smith and Ramdas, arXiv 2010.09686, as in `proved`.
"""

from __future__ import annotations

from math import fsum

from scalegate.base.errors import UsageError
from scalegate.estimate.bound import clopper_pearson_lower, clopper_pearson_upper
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale
from scalegate.estimate.proved import betting_upper_bound
from scalegate.estimate.uplift import ArmScores


def estimate_proved_uplift(
    *,
    treated: ArmScores,
    control: ArmScores,
    alpha: float,
    score_range: tuple[float, float] = (0.0, 1.0),
) -> Estimate | Insufficient:
    """Estimate treated mean over control mean by bounds that are proved.

    Args:
        treated: the arm with the model.
        control: the arm without.
        alpha: error probability of each bound of the ratio.
        score_range: smallest and largest possible score, the smallest at least 0.

    Raises:
        UsageError: a range that is empty or reaches below 0, or an `alpha` outside (0, 0.5].
    """
    floor, top = score_range
    if not 0.0 < alpha <= 0.5 or not 0.0 <= floor < top:
        raise UsageError("alpha must lie in (0, 0.5] and the score range be positive, not empty")
    arms = (treated, control)
    if not all(arm.scores and arm.dropped >= 0 for arm in arms):
        detail = "an arm has no participant with a score"
        return Insufficient(reason=InsufficientReason.NO_DATA, detail=detail)
    if not all(floor <= score <= top for arm in arms for score in arm.scores):
        detail = f"a score lies outside of {floor:g} to {top:g}"
        return Insufficient(reason=InsufficientReason.OUT_OF_RANGE, detail=detail)
    (least, most), (base_least, base_most) = (_ends(arm, alpha / 2.0, score_range) for arm in arms)
    middles = [fsum(arm.scores) / len(arm.scores) for arm in arms]
    if middles[1] <= 0.0:
        detail = "the control arm has a mean of 0: no ratio can be bounded"
        return Insufficient(reason=InsufficientReason.DEGENERATE, detail=detail)
    point, n = middles[0] / middles[1], sum(len(arm.scores) + arm.dropped for arm in arms)
    upper = max(point, most / base_least) if base_least > 0.0 else None
    return Estimate(
        estimand="fold_uplift",
        unit="participant",
        n_units=n,
        n_samples=n,
        n_effective=float(n),
        point=point,
        lower=min(point, least / base_most),
        upper=upper,
        alpha=alpha,
        method="bonferroni_of_arms",
        scale=Scale.RATIO,
        missing=sum(arm.dropped for arm in arms),
        notes=("each arm is bounded by itself, at half of the error",),
        support=(0.0, None),
    )


def _ends(arm: ArmScores, alpha: float, score_range: tuple[float, float]) -> tuple[float, float]:
    """Return both bounds of the mean of an arm, drop-outs counted against each (rule 2, 4)."""
    floor, top = score_range
    n = len(arm.scores) + arm.dropped
    if {*arm.scores} <= {floor, top}:
        solved = sum(score == top for score in arm.scores)
        ends = (
            clopper_pearson_lower(solved, n, alpha),
            clopper_pearson_upper(solved + arm.dropped, n, alpha),
        )
    else:
        shares = [(score - floor) / (top - floor) for score in arm.scores]
        gone = [1.0] * arm.dropped
        ends = (
            1.0 - betting_upper_bound([*(1.0 - share for share in shares), *gone], alpha),
            betting_upper_bound([*shares, *gone], alpha),
        )
    return floor + (top - floor) * ends[0], floor + (top - floor) * ends[1]
