"""Bounds that rest on no conjecture, where a reader asks for them (`--proved`).

1. What is compared with a rule-out line is the worse of the usual bound and a proved one, so asking
   for proof never opens anything, and nobody gains by trying both. The other side, which rules in,
   stays: an error there holds.
2. From logs: one attempt per item, picked by the seed that a plan fixed before the run, and
   Clopper-Pearson, where the scores are 0 or 1 and items are the units. Else the betting e-value
   over all units.
3. Units that are all 0 or 1 have Clopper-Pearson already; so have counts of listed tasks and
   shares printed with their n. A run that was stopped early is bounded by bets already.
4. An uplift whose scores are given has a bound for each arm at half of the error.
5. What has no proved bound (a printed uplift, a horizon, a printed interval) cannot be ruled out,
   and the estimate says why there is none.

Source: Clopper and Pearson 1934; Waudby-Smith and Ramdas, arXiv 2010.09686; `estimate.proved`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scalegate.estimate.model import Estimate, Insufficient
from scalegate.estimate.proved import estimate_betting, estimate_one_epoch
from scalegate.evidence.units import UnitScores, merge_units
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import Comparator

Answer = Estimate | Insufficient
_PROVED = frozenset(
    {
        "clopper_pearson_printed",
        "clopper_pearson_fixed_list",
        "clopper_pearson_one_epoch",
        "betting_e_value",
    }
)
_WHY = {
    "fieller_welch": "a mean and a spread say too little, give the score of each participant",
    "logistic_hierarchical_bootstrap": "the logistic curve through the tasks is an assumption",
}
"""Why there is none, by the usual method."""
_PRINTED = "how the printed interval was made cannot be checked"
NOTE = "judged by proved bounds: the worse of the usual bound and a proved one"
"""What a decision says of itself when it was asked for so."""


def proven(
    answer: Answer,
    indicator: Indicator,
    parts: Sequence[UnitScores],
    *,
    seed: str | None = None,
    other: Answer | None = None,
) -> Answer:
    """Return an estimate whose rule-out side is proved, or has no bound.

    Args:
        answer: by the usual bound, in the scale of the line.
        indicator: the line.
        parts: what it was made from, of one rule; none for a document.
        seed: the text that a plan fixed to pick attempts by; None: none.
        other: for a document, what its reading has by a proved bound; None: nothing.
    """
    if isinstance(answer, Insufficient) or answer.method in _PROVED:
        return answer
    if isinstance(other, Estimate):
        return _worse(answer, other, indicator, span=1.0)
    if not parts:
        is_counted = answer.estimand == "n_of_m" and answer.n_samples == answer.n_units
        return answer if is_counted else _unbounded(answer, indicator)
    units = merge_units(parts)
    low, top = units.rule.floor, units.rule.ceiling
    if {*units.low, *units.high} <= {low, top}:
        return replace(answer, notes=(*answer.notes, "units of 0 or 1: Clopper-Pearson, proved"))
    found = _one_epoch(units, answer.alpha, seed) if seed is not None else None
    if not isinstance(found, Estimate):
        found = estimate_betting(
            high=[(each - low) / (top - low) for each in units.high],
            low=[(each - low) / (top - low) for each in units.low],
            alpha=answer.alpha,
        )
    if isinstance(found, Insufficient):
        return _unbounded(answer, indicator)
    span = (answer.support[1] or top) - answer.support[0]
    return _worse(answer, found, indicator, span=span)


def _is_high(indicator: Indicator) -> bool:
    return indicator.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)


def _unbounded(answer: Estimate, indicator: Indicator) -> Estimate:
    why = _WHY.get(answer.method, _PRINTED if "printed" in answer.method else "")
    note = ": ".join(filter(None, (f"no proved bound for {answer.method}", why)))
    notes = (*answer.notes, f"{note}; nothing is excluded")
    if _is_high(indicator):
        return replace(answer, upper=None, notes=notes)
    return replace(answer, lower=min(answer.lower, answer.support[0]), notes=notes)


def _worse(answer: Estimate, found: Estimate, indicator: Indicator, *, span: float) -> Estimate:
    start = answer.support[0]
    notes = (*answer.notes, *found.notes, f"the worse of {answer.method} and {found.method}")
    if _is_high(indicator):
        proved = None if found.upper is None else start + span * found.upper
        upper = None if proved is None or answer.upper is None else max(answer.upper, proved)
        return replace(answer, upper=upper, method=found.method, notes=notes)
    lower = min(answer.lower, start + span * found.lower)
    return replace(answer, lower=lower, method=found.method, notes=notes)


def _one_epoch(units: UnitScores, alpha: float, seed: str) -> Answer | None:
    """Return the bound from one attempt per item, or None where attempts are not 0 or 1."""
    rule = units.rule
    if rule.family_key or rule.over_epochs != "mean" or (rule.floor, rule.ceiling) != (0.0, 1.0):
        return None
    by_item: dict[str, dict[int, list[tuple[float, float]]]] = {item: {} for item in units.unit_ids}
    for run in units.runs:
        if run.item in by_item:
            by_item[run.item].setdefault(run.epoch, []).append((run.low, run.high))
    outcomes: dict[str, list[int | None]] = {}
    for item, epochs in by_item.items():
        ends = [
            (min(low for low, _ in found), max(high for _, high in found))
            for _, found in sorted(epochs.items())
        ]
        if any(end not in (0.0, 1.0) for pair in ends for end in pair):
            return None
        absent: list[int | None] = [None] * (units.planned_epochs - len(ends))
        outcomes[item] = [int(low) if low == high else None for low, high in ends] + absent
    return estimate_one_epoch(epochs=outcomes, seed=seed, alpha=alpha)
