"""Read a log that was stopped early: the bound that allows it, from the samples themselves.

1. Only a run that was to be stopped by `scalegate.StopWhenSettled/1`, as a plan said before it
   began: the manager's line, alpha and score in the log must be those of the planned run.
2. What the manager says was settled is not believed. The bound is computed anew, from the samples
   in the order in which the log lists its items, which the log must say was shuffled.
3. The listed items up to the first that has not run in every epoch count; what ran beyond it was
   running when the question was settled, and counts for nothing. An attempt that was not cleanly
   measured counts as the worse news.
4. The bound holds at whatever item the list was cut, so it needs no trust in the rule that cut it.
5. One log: of several that were stopped, somebody could have kept the best. Shares only, and no
   families: the list orders items.

*Not checked here:* that the order was shuffled as the log says, and that no other run was begun and
thrown away; a recorded plan that is complete shows the latter (`planned`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scalegate.estimate.model import Estimate, Insufficient
from scalegate.estimate.proved import estimate_sequential
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.plans import PlannedRun
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.plan import stop_differences
from scalegate.evidence.units import UnitScores
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import Measure

MANAGER = "scalegate.StopWhenSettled/1"


def is_stoppable(log: EvalLog) -> bool:
    """Say whether a run could have been stopped early, so that a bound for a fixed size errs."""
    return log.header.has_early_stopping or bool(log.header.early_stop_count)


def why_refused(
    logs: Sequence[tuple[str, EvalLog]],
    asked: tuple[Indicator, Binding, str],
    planned: Mapping[str, PlannedRun],
) -> str:
    """Say why a log that could have been stopped early is no evidence here; empty: it is.

    Args:
        logs: all logs of the measurement.
        asked: the line, the mapping, and the score column that counts.
        planned: by digest, what a plan fixed before the run.
    """
    indicator, binding, scorer = asked
    if len(logs) > 1:
        return f"one of {len(logs)} logs that are judged together was to be stopped early"
    ((digest, log),) = logs
    header, ids = log.header, log.header.planned_ids
    if header.stopping is None or header.stopping.manager != MANAGER:
        return f"its early stopping is not by `{MANAGER}`, whose bound is known"
    rule = planned[digest].stopping if digest in planned else None
    if rule is None:
        return "no plan fixed the rule by which it stops, before it began"
    found = stop_differences(rule, header.stopping)
    if header.stopping.score != scorer:
        found.append(f"score `{header.stopping.score}`, the mapping's is `{scorer}`")
    if found:
        return f"it was stopped by another rule than was asked: {'; '.join(found)}"
    if not header.is_shuffled or not ids or len(set(ids)) != len(ids):
        return "the log does not say that its items were shuffled, lists none, or one twice"
    if indicator.measure is not Measure.PROPORTION or binding.family_key or binding.scale_max:
        return "a stopped run bounds shares of single items only"
    return ""


def sequential_share(log: EvalLog, units: UnitScores, alpha: float) -> Estimate | Insufficient:
    """Return the share with bounds that hold wherever the list was cut (rules 2 to 4).

    Args:
        log: the log, read in full, that `why_refused` has nothing against.
        units: its items by `cautious_units`, one unit for each.
        alpha: error probability of each bound, in (0, 0.5].
    """
    ran: dict[str, set[int]] = {}
    for item, epoch in zip(log.samples.ids, log.samples.epochs, strict=True):
        ran.setdefault(item, set()).add(epoch)
    place = {name: index for index, name in enumerate(units.unit_ids)}
    counted: list[int] = []
    for item in log.header.planned_ids:
        if len(ran.get(item, ())) < log.header.planned_epochs:
            break
        counted.append(place[item])
    return estimate_sequential(
        high=[units.high[index] for index in counted],
        low=[units.low[index] for index in counted],
        alpha=alpha,
        n_samples=sum(units.attempts[index] for index in counted),
        missing=sum(units.missing[index] for index in counted),
    )
