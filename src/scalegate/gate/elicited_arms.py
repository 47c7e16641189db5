"""Judge each arm of elicitation on its line, and compare the arms, in the scale of the line.

1. On a line of shares an arm's scores are a share of the line's range.
2. On a fold line an arm's scores are those of participants who had the model so elicited: it is
   judged as the treated arm of the trial that is measured, over that trial's control arm.
3. Of minutes and ratings the scores of items say nothing, nor of folds without a trial: such an arm
   is no estimate, and the line is not ruled out. What the arm gave in the line's own measure goes
   into a document that is mapped to the line; the arm names it (`measured_by`), and it is judged as
   any measurement is.
4. Against a rule-in line an arm that is no estimate says nothing, and hides no other.
5. On folds, minutes and ratings arms are compared by what documents of theirs give, or by rule 2:
   as a factor, of ratings as points. The interval holds for all arms at once (Bonferroni), under
   every reading of what was printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scalegate.estimate.elicited import Arm
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason, Scale
from scalegate.estimate.proportion import estimate_proportion, rescaled
from scalegate.estimate.scale import is_share
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.results import UpliftTrial
from scalegate.evidence.record import Record
from scalegate.gate.readings_of import Answer, Estimator, arm_readings, printed_readings
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import IndicatorRole, Measure

SCALES = {
    Measure.PROPORTION: Scale.PROBABILITY,
    Measure.MEAN_SCORE: Scale.SCORE,
    Measure.COUNT_OF: Scale.COUNT,
    Measure.FOLD_UPLIFT: Scale.RATIO,
    Measure.HORIZON_MINUTES: Scale.MINUTES,
    Measure.ELO: Scale.ELO,
}
_Line = tuple[Indicator, Binding]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedArm:
    """One arm in the scale of its line."""

    label: str
    """For a reader."""
    estimate: Answer
    """By the usual bound, or why there is none."""
    proved: Answer | None = None
    """By a bound that is proved; None: there is none of its own."""


def judged_arms(
    arms: Sequence[Arm], line: _Line, alpha: float, documents: Iterable[Record]
) -> Iterator[JudgedArm]:
    """Yield each arm as what can be judged against the line (rules 1 to 4).

    Args:
        arms: those with scores.
        line: the line, and the mapping of what was measured on it.
        alpha: one-sided error of each bound; against a rule-in line it is shared out over the arms.
        documents: what is measured on the line, first what this mapping measures.
    """
    indicator = line[0]
    is_in = indicator.role is IndicatorRole.RULE_IN
    each = alpha / (len(arms) + 1) if is_in else alpha
    trials = [d.payload for d in documents if isinstance(d.payload, UpliftTrial)]
    for arm in arms:
        for found in _judged(arm, line, each, trials):
            if not (is_in and isinstance(found.estimate, Insufficient)):
                yield found


def _judged(
    arm: Arm, line: _Line, alpha: float, trials: Sequence[UpliftTrial]
) -> Iterator[JudgedArm]:
    indicator, binding = line
    scale, label = SCALES.get(indicator.measure), f"arm {arm.name}"
    if scale is None:
        return
    if is_share(scale):
        yield JudgedArm(label=label, estimate=_share(arm, line, alpha, scale))
    elif scale is Scale.RATIO and trials:
        for reading in arm_readings(trials[0], arm.shares, binding.spread_read_as):
            found = reading.estimate(alpha)
            if reading.decides and found is not None:
                said = f"{label}, {reading.label}" if reading.label else label
                yield JudgedArm(label=said, estimate=found, proved=reading.proved(alpha))
    else:
        yield JudgedArm(label=label, estimate=_unlike(arm, scale))


def _share(arm: Arm, line: _Line, alpha: float, scale: Scale) -> Answer:
    indicator, binding = line
    top = _top(indicator, binding)
    if top is None:
        why = f"{arm.name}: the line's range is not said, so its shares cannot be compared"
        return Insufficient(reason=InsufficientReason.UNSUPPORTED, detail=why)
    found = estimate_proportion(
        high=arm.shares, low=arm.shares, alpha=alpha, estimand=f"{indicator.measure.value}"
    )
    if isinstance(found, Estimate) and set(arm.shares) <= {0.0, 1.0}:
        # The same bound by its own name: of counts it rests on no conjecture.
        found = replace(found, method="clopper_pearson_printed")
    if isinstance(found, Estimate) and scale is not Scale.PROBABILITY:
        found = rescaled(found, (0.0, top), scale=scale)
    return found


def _top(indicator: Indicator, binding: Binding) -> float | None:
    if indicator.measure is Measure.PROPORTION:
        return 1.0
    if indicator.measure is Measure.COUNT_OF:
        return None if indicator.of is None else float(indicator.of)
    return None if binding.scale_max is None else float(binding.scale_max)


_SAID = {
    Scale.RATIO: "a fold without a trial that gives a control arm",
    Scale.MINUTES: "a time horizon",
    Scale.ELO: "a rating",
}


def _unlike(arm: Arm, scale: Scale) -> Insufficient:
    why = (
        f"{arm.name}: scores of items cannot be compared with {_SAID[scale]}; map what the arm gave"
        " in the line's own measure, and name it in the arm (`measured_by`)"
    )
    return Insufficient(reason=InsufficientReason.UNSUPPORTED, detail=why)


def gap_on_line(
    arms: Sequence[tuple[Arm, str | None]],
    line: _Line,
    alpha: float,
    documents: Mapping[str, Record],
) -> Iterator[str]:
    """Yield how far the strongest arm lies above the weakest on a line of no share (rule 5).

    Args:
        arms: those with a result, each with what it is measured by.
        line: the line, and the mapping of what was measured on it.
        alpha: half of the error of the interval.
        documents: what is measured on the line, by id and by digest.
    """
    if len(arms) < 2:
        return
    given = {arm.name: tuple(_given(arm, by, line, documents)) for arm, by in arms}
    count = sum(bool(each) for each in given.values())
    seen = {
        name: seen
        for name, each in given.items()
        if each and (seen := _seen(each, alpha / count)) is not None
    }
    scale = SCALES[line[0].measure]
    if len(seen) < 2:
        yield (
            f"the gap between arms cannot be said: of {len(arms)} arms {len(seen)} gave a"
            f" {_MEASURE[scale]} of their own"
        )
        return
    weak, strong = (pick(seen, key=lambda name: seen[name][1]) for pick in (min, max))
    yield (
        f"gap between weakest arm {weak} and strongest {strong}:"
        f" {_between(seen[weak], seen[strong], scale)}, {1.0 - 2.0 * alpha:.0%} for all arms)"
    )


_MEASURE = {Scale.RATIO: "fold", Scale.MINUTES: "time horizon", Scale.ELO: "rating"}
_Seen = tuple[float, float, float | None]
"""Lower bound, point, upper bound."""


def _given(
    arm: Arm, by: str | None, line: _Line, documents: Mapping[str, Record]
) -> Iterator[Estimator]:
    document = documents.get(by or "")
    if document is not None:
        yield from (each.estimate for each in printed_readings(document, line[0]))
    elif arm.shares and line[0].measure is Measure.FOLD_UPLIFT:
        trials = [d.payload for d in documents.values() if isinstance(d.payload, UpliftTrial)]
        for trial in trials[:1]:
            yield from (each.estimate for each in arm_readings(trial, arm.shares, None))


def _seen(given: Iterable[Estimator], alpha: float) -> _Seen | None:
    """Return what holds under every reading; None where one has no estimate."""
    found = [estimate(alpha) for estimate in given]
    known = [each for each in found if isinstance(each, Estimate)]
    if len(known) < len(found):
        return None
    tops = [each.upper for each in known if each.upper is not None]
    upper = max(tops) if len(tops) == len(known) else None
    return min(each.lower for each in known), known[0].point, upper


def _between(weak: _Seen, strong: _Seen, scale: Scale) -> str:
    """Say the gap with its interval, which is left open for the words behind it."""
    if scale is Scale.ELO:
        least = None if weak[2] is None else strong[0] - weak[2]
        most = None if strong[2] is None else strong[2] - weak[0]
        return f"{strong[1] - weak[1]:.4g} points ({_ends(least, most)}"
    least = 0.0 if weak[2] is None else strong[0] / weak[2]
    most = None if strong[2] is None or weak[0] <= 0.0 else strong[2] / weak[0]
    return f"{strong[1] / weak[1]:.3g} times ({_ends(least, most)}"


def _ends(least: float | None, most: float | None) -> str:
    low = "no lower end" if least is None else f"from {least:.3g}"
    return f"{low}, no upper end" if most is None else f"{low} to {most:.3g}"
