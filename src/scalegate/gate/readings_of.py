"""Every meaning of a printed result, each as something that can be estimated.

A card that prints `63 % ± 13 %` without saying what the plus-minus is has several meanings. Each is
a `Reading`; who decides among them is said in `measure`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from scalegate.estimate.horizon import HorizonRun as Run
from scalegate.estimate.horizon import estimate_time_horizon, summarise_runs
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale
from scalegate.estimate.n_of_m import estimate_n_of_m
from scalegate.estimate.printed import IntervalKind, PrintedInterval, estimate_printed
from scalegate.estimate.proved_uplift import estimate_proved_uplift
from scalegate.estimate.uplift import ArmScores, ArmSummary, Spread, estimate_fold_uplift
from scalegate.evidence.documents.fields import Elicitation
from scalegate.evidence.documents.results import (
    Arm,
    HorizonRuns,
    Interval,
    Judgement,
    PublishedResult,
    UpliftTrial,
)
from scalegate.evidence.record import Record
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import Measure

Answer = Estimate | Insufficient
Estimator = Callable[[float], Answer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One meaning of what was printed."""

    label: str = ""
    """The meaning, in words; empty where there is only one."""
    estimate: Estimator = lambda _: None
    """From a one-sided error to an estimate; None for a graded answer."""
    proved: Estimator = lambda _: None
    """The same by a bound that is proved; None where there is none."""
    elicitation: Elicitation | None = None
    """How hard it was tried, as the document says."""
    grade: str | None = None
    """For a judgement: the grade."""
    problem: str = ""
    """Why the document cannot be read as the indicator's measure."""
    decides: bool = True
    """Whether this meaning counts; False where the mapping fixed another."""


def printed_readings(
    document: Record, indicator: Indicator, *, spread_read_as: str | None = None
) -> tuple[Reading, ...]:
    """Return the meanings of a document for an indicator.

    Args:
        document: the mapped evidence.
        indicator: the line; its measure says how to read the evidence.
        spread_read_as: the meaning the mapping fixed for a plus-minus of unstated kind.
    """
    payload = document.payload
    found: Iterator[Reading]
    if isinstance(payload, PublishedResult):
        found = _published(payload, indicator, spread_read_as)
    elif isinstance(payload, UpliftTrial) and indicator.measure is Measure.FOLD_UPLIFT:
        found = _trial(payload, spread_read_as)
    elif isinstance(payload, HorizonRuns) and indicator.measure is Measure.HORIZON_MINUTES:
        found = iter([_horizon(document, payload, indicator)])
    elif isinstance(payload, Judgement) and indicator.measure is Measure.JUDGEMENT:
        found = iter([Reading(grade=payload.answer)])
    else:
        text = f"a `{document.kind}` cannot be read as `{indicator.measure.value}`"
        found = iter([Reading(problem=text)])
    return tuple(found)


_FITS = {
    Measure.PROPORTION: ("proportion", "mean_score"),
    Measure.MEAN_SCORE: ("mean_score", "proportion"),
    Measure.FOLD_UPLIFT: ("fold_uplift",),
    Measure.HORIZON_MINUTES: ("minutes",),
    Measure.ELO: ("elo",),
    Measure.COUNT_OF: ("count_of",),
    Measure.JUDGEMENT: ("qualitative",),
}


def _published(
    result: PublishedResult, indicator: Indicator, spread_read_as: str | None
) -> Iterator[Reading]:
    if result.measure not in _FITS[indicator.measure]:
        yield Reading(problem=f"`{result.measure}` cannot be read as `{indicator.measure.value}`")
        return
    if result.measure == "qualitative":
        yield Reading(grade=result.grade or result.outcome, elicitation=result.elicitation)
        return
    given = [(result, _ADJUSTED if _raw_of(result) is not None else "")]
    given += [(raw, _RAW) for raw in (_raw_of(result),) if raw is not None]
    for each, label in given:
        if each.measure == "count_of":
            found = iter([_counted(each, indicator)])
        else:
            found = _pointed(each, indicator, spread_read_as)
        for reading in found:
            both = ", ".join(text for text in (label, reading.label) if text)
            yield replace(reading, label=both)


_ADJUSTED, _RAW = "adjusted for refusals", "refusals counted as failures"


def _raw_of(result: PublishedResult) -> PublishedResult | None:
    """Return the result with the raw score in the adjusted one's place; None where none is given.

    The printed spread is around the adjusted score, so it moves with the score.
    """
    if result.raw_count is not None:
        return result.model_copy(update={"count": result.raw_count, "raw_count": None})
    if result.raw_value is None or result.value is None:
        return None
    interval = result.interval
    if interval is not None and interval.lower is not None and interval.upper is not None:
        moved = result.raw_value - result.value
        lower = interval.lower + moved
        lower = max(lower, Decimal(0)) if interval.lower >= 0 else lower  # no share is below none
        interval = interval.model_copy(update={"lower": lower, "upper": interval.upper + moved})
    update = {"value": result.raw_value, "raw_value": None, "interval": interval}
    return result.model_copy(update=update)


def _counted(result: PublishedResult, indicator: Indicator) -> Reading:
    count, of = result.count or 0, result.of or 0
    if indicator.of is not None and indicator.of != of:
        return Reading(problem=f"counted out of {of}, but the line is out of {indicator.of}")
    successes = [1] * count + [0] * (of - count)

    def estimate(alpha: float) -> Answer:
        return estimate_n_of_m(
            successes=successes,
            missing=[0] * of,
            trials=[1] * of,
            m=of,
            tasks="fixed" if indicator.estimand == "fixed_list" else "sampled",
            alpha=alpha,
        )

    return Reading(estimate=estimate, elicitation=result.elicitation)


_SCALE = {
    Measure.PROPORTION: Scale.PROBABILITY,
    Measure.MEAN_SCORE: Scale.SCORE,
    Measure.FOLD_UPLIFT: Scale.RATIO,
    Measure.HORIZON_MINUTES: Scale.MINUTES,
    Measure.ELO: Scale.ELO,
}


def _pointed(
    result: PublishedResult, indicator: Indicator, spread_read_as: str | None
) -> Iterator[Reading]:
    value = result.value
    if value is None or result.value_is not in ("equals", "about"):
        yield Reading(estimate=lambda _: _only_a_side(result), elicitation=result.elicitation)
        return
    for label, interval, decides in _intervals(result.interval, value, spread_read_as):
        yield Reading(
            label=label,
            elicitation=result.elicitation,
            decides=decides,
            estimate=partial(_printed, result, indicator, interval),
        )


def _only_a_side(result: PublishedResult) -> Insufficient:
    return Insufficient(
        reason=InsufficientReason.UNSUPPORTED,
        detail=f"printed only as {result.value_is.replace('_', ' ')} {result.value}",
        observed=_seen(result),
    )


def _seen(result: PublishedResult) -> float | None:
    """What is printed as above a value is at least that; what is printed as below is not known."""
    if result.value is None or result.value_is not in ("at_least", "above"):
        return None
    return float(result.value)


def _printed(
    result: PublishedResult, indicator: Indicator, interval: PrintedInterval | None, alpha: float
) -> Answer:
    value = result.value
    assert value is not None
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return estimate_printed(
        point=float(value),
        alpha=alpha,
        scale=_SCALE[indicator.measure],
        n=result.n,
        interval=interval,
        rounding=0.5 * 10.0 ** -max(places, 0),
        support=(0.0, float(result.scale_max) if result.scale_max is not None else 1.0),
        estimand=indicator.measure.value,
        unit=result.n_of or "printed unit",
    )


def _intervals(
    interval: Interval | None, value: Decimal, spread_read_as: str | None
) -> Iterator[tuple[str, PrintedInterval | None, bool]]:
    if interval is None:
        yield "", None, True
        return
    low, high = interval.lower, interval.upper
    if interval.half_width is not None:
        low, high = value - interval.half_width, value + interval.half_width
    assert low is not None
    assert high is not None
    kinds = {
        "sd": ((IntervalKind.SD, "SD"),),
        "se": ((IntervalKind.SE, "SE"),),
        "ci95": ((IntervalKind.TWO_SIDED, "95 % interval"),),
    }.get(
        interval.kind,
        (
            (IntervalKind.SD, "SD"),
            (IntervalKind.SE, "SE"),
            (IntervalKind.TWO_SIDED, "95 % interval"),
        ),
    )
    for kind, word in kinds:
        label = f"plus-minus read as {word}" if interval.kind == "unstated" else ""
        decides = spread_read_as in (None, kind.value) or interval.kind != "unstated"
        yield label, PrintedInterval(kind=kind, lower=float(low), upper=float(high)), decides


def _trial(trial: UpliftTrial, spread_read_as: str | None) -> Iterator[Reading]:
    kinds: set[str] = {
        arm.spread.kind for arm in (trial.control, trial.treated) if arm.spread is not None
    }
    unstated = "unstated" in kinds
    spreads = (Spread.SD, Spread.SE) if unstated else (_stated(kinds),)
    for spread in spreads:
        yield Reading(
            label=f"plus-minus read as {spread.value.upper()}" if unstated else "",
            elicitation=trial.elicitation,
            decides=spread_read_as in (None, spread.value) or not unstated,
            estimate=partial(_fold, trial, spread),
            proved=partial(_proved_fold, trial),
        )


def arm_readings(
    trial: UpliftTrial, shares: Sequence[float], spread_read_as: str | None
) -> Iterator[Reading]:
    """Yield the readings of a trial with other participants in place of those of its treated arm.

    Args:
        trial: the trial, whose control arm stays.
        shares: one share of the trial's range for each of these participants.
        spread_read_as: the meaning the mapping fixed for a plus-minus of unstated kind.
    """
    scores = tuple(Decimal(repr(share)) * trial.scale_max for share in shares)
    yield from _trial(
        trial.model_copy(update={"treated": Arm(scores=scores, dropped=0)}), spread_read_as
    )


def _stated(kinds: set[str]) -> Spread:
    return Spread.SE if kinds == {"se"} else Spread.SD


def _fold(trial: UpliftTrial, spread: Spread, alpha: float) -> Answer:
    treated, control = _arm(trial.treated), _arm(trial.control)
    if isinstance(treated, Insufficient):
        return treated
    if isinstance(control, Insufficient):
        return control
    return estimate_fold_uplift(
        treated=treated,
        control=control,
        alpha=alpha,
        spread=spread,
        score_range=(0.0, float(trial.scale_max)),
    )


def _proved_fold(trial: UpliftTrial, alpha: float) -> Answer | None:
    treated, control = _arm(trial.treated), _arm(trial.control)
    if not isinstance(treated, ArmScores) or not isinstance(control, ArmScores):
        return None
    return estimate_proved_uplift(
        treated=treated,
        control=control,
        alpha=alpha,
        score_range=(0.0, float(trial.scale_max)),
    )


def _arm(arm: Arm) -> ArmSummary | ArmScores | Insufficient:
    if arm.scores:
        scores = tuple(float(score) for score in arm.scores)
        return ArmScores(scores=scores, dropped=arm.dropped or 0)
    n = arm.n if arm.n is not None else arm.n_min
    if arm.mean is None or arm.spread is None or n is None:
        return Insufficient(
            reason=InsufficientReason.NO_SAMPLE_SIZE,
            detail="an arm is printed without its mean, spread or number of participants",
            observed=float(arm.mean) if arm.mean is not None else None,
        )
    return ArmSummary(mean=float(arm.mean), spread=float(arm.spread.value), n=n)


def missing_in(payload: object) -> tuple[bool, str]:
    """Say whether evidence tells what became of whatever was not measured, and in which word."""
    if isinstance(payload, HorizonRuns):
        return True, "runs that a limit or an error stopped"
    if not isinstance(payload, UpliftTrial):
        return False, "a printed figure does not say what became of errors and refusals"
    arms = (payload.control, payload.treated)
    if not all(arm.scores for arm in arms):
        return False, "a printed summary of an arm does not say what became of drop-outs"
    if any(arm.dropped is None for arm in arms):
        return False, "the scores are there, and not how many participants dropped out (`dropped`)"
    return True, "drop-outs"


def _horizon(document: Record, payload: HorizonRuns, indicator: Indicator) -> Reading:
    runs = [
        Run(
            family=run.family,
            task=run.task,
            human_minutes=float(run.human_minutes),
            succeeded=run.success,
            limit_stopped=run.stopped_by_limit,
        )
        for run in (document.attached or payload.runs)
    ]
    level = float(indicator.success_level) if indicator.success_level is not None else 0.5

    def estimate(alpha: float) -> Answer:
        return estimate_time_horizon(
            summarise_runs(runs),
            alpha=alpha,
            evidence_digest=document.digest,
            success_level=level,
        )

    return Reading(estimate=estimate, elicitation=payload.elicitation)
