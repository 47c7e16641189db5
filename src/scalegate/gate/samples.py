"""From logs to an estimate: validity counted, the cautious completion applied.

1. The scorer is the one the mapping names; a log with one scorer needs no name.
2. Logs of one task are merged sample by sample; the best run is never chosen.
3. Attempts count as the mapping says: their mean, the best of all, or the best of k, where attempts
   that are wanting are missing data. Any other rule is refused.
4. Flags that say the log is not what it claims (another model served, another task version, early
   stopping without a bound that allows it) make the verdict invalid; all others widen the bounds.
   Invalid too: a log that cannot be read as the mapping says, beside others that can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import nsmallest
from types import MappingProxyType

from scalegate.base.errors import UnknownName, UsageError
from scalegate.base.plain_text import plain
from scalegate.estimate.model import Estimate, Insufficient, InsufficientReason
from scalegate.estimate.n_of_m import estimate_n_of_m
from scalegate.estimate.proportion import estimate_mean_score, estimate_proportion
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.documents.plans import PlannedRun
from scalegate.evidence.eval_log import EvalLog, FlagKind
from scalegate.evidence.looks import looks_at
from scalegate.evidence.units import Cautious, OverEpochs, UnitScores, cautious_units, merge_units
from scalegate.evidence.validity import ValidityReport, check_log, check_together
from scalegate.gate.model import EvidenceRef
from scalegate.gate.proving import proven
from scalegate.gate.stopped import is_stoppable, sequential_share, why_refused
from scalegate.policy.document import Indicator
from scalegate.policy.vocabulary import Comparator, Measure

Logs = Sequence[tuple[str, EvalLog]]
SHOWN_SAMPLES = 12
_BEST = frozenset({"pass_at", "best_of", "max"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """What logs say of one line."""

    estimate: Estimate | Insufficient | None
    """The estimate, or why there is none; None: no log could be read."""
    evidence: tuple[EvidenceRef, ...]
    """The logs, with their flags."""
    invalid: tuple[str, ...]
    """Sentences, one per hard condition that failed."""
    problems: tuple[str, ...]
    """Logs that could not be read so, each with why."""
    observed_at: datetime | None
    """When the oldest of the logs was finished."""
    n_looks: int = 1
    """How often results were complete before more were gathered, the last time included."""
    promised_looks: int = 1
    """Over how many looks, fixed by a plan, the error is shared out."""


def from_logs(
    logs: Logs,
    indicator: Indicator,
    binding: Binding,
    alpha: float,
    *,
    planned: Mapping[str, PlannedRun] = MappingProxyType({}),
    is_proved: bool = False,
) -> Sampled:
    """Estimate from logs, in the measure of an indicator.

    Args:
        logs: each with its digest, read in full.
        indicator: the line.
        binding: how the logs are read.
        alpha: error probability of each bound.
        planned: by digest, what a plan fixed of a run before it began (`stopped`, `proving`).
        is_proved: whether the rule-out side must rest on no conjecture.
    """
    top = float(binding.scale_max) if binding.scale_max else 1.0
    read = _gathered(logs, (indicator, binding, top), planned)
    sizes = looks_at(log for _, log in logs)
    promised, broken = _promised_looks(logs, sizes, planned)
    read.invalid += [broken] if broken else []
    estimate = _answer(logs, read, (indicator, top, alpha / promised))
    if is_proved and estimate is not None:
        rule = planned.get(logs[0][0]) if len(logs) == 1 else None
        estimate = proven(estimate, indicator, read.parts, seed=rule.seed if rule else None)
    return Sampled(
        estimate=estimate,
        evidence=tuple(read.refs),
        invalid=tuple(dict.fromkeys(read.invalid)),
        problems=tuple(read.problems),
        observed_at=min((ref.observed_at for ref in read.refs), default=None),
        n_looks=len(sizes),
        promised_looks=promised,
    )


def _promised_looks(
    logs: Logs, sizes: tuple[int, ...], planned: Mapping[str, PlannedRun]
) -> tuple[int, str]:
    """Return over how many looks a plan shares out the error, and how it was broken, if it was."""
    plans = [planned[digest] for digest, _ in logs if digest in planned and planned[digest].looks]
    if not plans:
        return 1, ""
    looks = plans[0].looks
    if len(plans) < len(logs) or any(plan != plans[0] for plan in plans):
        return len(looks), "looks: not every log answers the one planned run with looks"
    if not set(sizes) <= set(looks) or len(set(sizes)) < len(sizes):
        seen, said = (", ".join(map(str, each)) for each in (sizes, looks))
        return len(looks), f"looks: at {seen} items, planned were {said}"
    return len(looks), ""


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What was read of several logs so far."""

    refs: list[EvidenceRef] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: list[UnitScores] = field(default_factory=list)


def _gathered(
    logs: Logs, asked: tuple[Indicator, Binding, float], planned: Mapping[str, PlannedRun]
) -> _Gathered:
    indicator, binding, top = asked
    read = _Gathered()
    for digest, log in logs:
        try:
            scorer = _scorer(log, binding)
            report = check_log(log, scorer=scorer, score_range=(0.0, top))
            read.parts.append(_units(log, scorer, asked))
        except (UnknownName, UsageError) as fault:
            read.problems.append(f"{digest[:12]}: {fault}")
            continue
        read.refs.append(_ref(digest, log, report))
        read.invalid += _hard(report)
        if is_stoppable(log):
            refused = why_refused(logs, (indicator, binding, scorer), planned)
            read.invalid += [f"early stopped: {refused}"] if refused else []
    together = check_together([log for _, log in logs])
    read.invalid += [_said(flag.kind, flag.count) for flag in together]
    # What cannot be read is not left out: a log that speaks against the subject would be, too.
    read.invalid += read.problems
    return read


def _answer(
    logs: Logs, read: _Gathered, asked: tuple[Indicator, float, float]
) -> Estimate | Insufficient | None:
    indicator, top, alpha = asked
    if not read.parts:
        return None
    if len(logs) == 1 and is_stoppable(logs[0][1]) and not read.invalid:
        return sequential_share(logs[0][1], read.parts[0], alpha)
    return _together(read.parts, (indicator, top), alpha)


def unit_shares(log: EvalLog, indicator: Indicator, binding: Binding) -> tuple[float, ...]:
    """Return the share of each unit, the middle of what is missing; empty if it cannot be read."""
    top = float(binding.scale_max) if binding.scale_max else 1.0
    try:
        units = _units(log, _scorer(log, binding), (indicator, binding, top))
    except (UnknownName, UsageError):
        return ()
    return tuple((high + low) / 2.0 / top for high, low in zip(units.high, units.low, strict=True))


def scorer_in(log: EvalLog, binding: Binding) -> str | None:
    """Return the score column that a mapping means in a log; None: there is none such."""
    try:
        return _scorer(log, binding)
    except UnknownName:
        return None


def _scorer(log: EvalLog, binding: Binding) -> str:
    named = binding.scorer or (binding.selects.task.scorer if binding.selects.task else None)
    columns = [column.name for column in log.samples.scores]
    if not columns:
        raise UnknownName("scorer", named or "(none named)", known=("none: the log has no scores",))
    if named is not None:
        wanted = f"{named}/{binding.metric_key}" if binding.metric_key else named
        found = [name for name in columns if name == wanted]
    elif binding.metric_key:
        wanted = f"*/{binding.metric_key}"
        found = [name for name in columns if name.endswith(wanted[1:])]
    else:
        wanted, found = "(none named)", columns
    if len(found) != 1:
        raise UnknownName("scorer", wanted, known=columns)
    return found[0]


def _units(log: EvalLog, scorer: str, how: tuple[Indicator, Binding, float]) -> UnitScores:
    indicator, binding, top = how
    high_is_dangerous = indicator.comparator in (Comparator.AT_LEAST, Comparator.ABOVE)
    cautious: Cautious = "success" if high_is_dangerous else "failure"
    over, best_of = _over_epochs(binding)
    return cautious_units(
        log,
        scorer,
        family_key=binding.family_key,
        cautious=cautious,
        over_epochs=over,
        best_of=best_of,
        score_range=(0.0, top),
    )


def _over_epochs(binding: Binding) -> tuple[OverEpochs, int]:
    """Return how attempts count, and the best of how many (0: of all).

    Raises:
        UsageError: a rule that attempts in a log are not bounded by.
    """
    attempts = binding.attempts
    if attempts is None or attempts.kind == "mean":
        return "mean", 0
    if attempts.kind in _BEST:
        return "max", 0 if attempts.kind == "max" else attempts.k or 0
    raise UsageError(
        f"attempts that count as `{attempts.kind}` cannot be bounded from a log",
        hint="map it with `mean`, `max`, `pass_at` or `best_of`",
    )


def _together(
    parts: Sequence[UnitScores], how: tuple[Indicator, float], alpha: float
) -> Estimate | Insufficient:
    bare = _without_family(parts)
    if bare:
        return Insufficient(reason=InsufficientReason.DEGENERATE, detail=bare)
    if len({part.rule for part in parts}) > 1:
        detail = "the logs are not of one task, version and model, so they make no one result"
        return Insufficient(reason=InsufficientReason.DEGENERATE, detail=detail)
    return _estimate(parts, how, alpha)


def _without_family(parts: Sequence[UnitScores]) -> str:
    """Say which items that ran name no family, where families are the unit; empty: none."""
    key = parts[0].rule.family_key
    if not key:
        return ""
    ran = {run.item for part in parts for run in part.runs}
    bare = ran - {run.item for part in parts for run in part.runs if run.family}
    name = f"`{plain(key, limit=60)}`"
    if not bare:
        return ""
    if bare == ran:
        return f"no item names its family under {name}"
    return (
        f"{len(bare)} of {len(ran)} items, `{plain(min(bare), limit=60)}` for one, name no family"
        f" under {name}: items of one family rise and fall together, so they are no units of their"
        " own; name a family for each, one by itself where it has no kin"
    )


def _estimate(
    parts: Sequence[UnitScores], how: tuple[Indicator, float], alpha: float
) -> Estimate | Insufficient:
    indicator, top = how
    units = merge_units(parts)
    samples, missing = sum(units.attempts), sum(units.missing)
    if indicator.measure is Measure.COUNT_OF:
        if indicator.of is not None and units.n_units > indicator.of:
            detail = f"{units.n_units} tasks in the log, but the line is out of {indicator.of}"
            return Insufficient(reason=InsufficientReason.OUT_OF_RANGE, detail=detail)
        solved = [int(low > 0) for low in units.low]
        maybe = [int(high > low) for high, low in zip(units.high, units.low, strict=True)]
        return estimate_n_of_m(
            successes=solved,
            missing=[m if not s else 0 for m, s in zip(maybe, solved, strict=True)],
            trials=[1] * len(solved),
            m=indicator.of or len(solved),
            tasks="fixed" if indicator.estimand == "fixed_list" else "sampled",
            alpha=alpha,
        )
    unit = "family" if units.rule.family_key else "item"
    if indicator.measure is Measure.MEAN_SCORE:
        return estimate_mean_score(
            high=units.high,
            low=units.low,
            alpha=alpha,
            declared_range=(0.0, top),
            n_samples=samples,
            missing=missing,
            unit=unit,
        )
    return estimate_proportion(
        high=units.high, low=units.low, alpha=alpha, n_samples=samples, missing=missing, unit=unit
    )


_HARD = frozenset(
    {
        FlagKind.MIXED_MODELS,
        FlagKind.REPORTED_MODEL,
        FlagKind.PLAN_MISMATCH,
        FlagKind.NO_SAMPLES,
    }
)


def _hard(report: ValidityReport) -> list[str]:
    return [_said(flag.kind, flag.count) for flag in report.flags if flag.kind in _HARD]


def _said(kind: FlagKind, count: int) -> str:
    return f"{kind.value.replace('_', ' ')} ({count})"


def _ref(digest: str, log: EvalLog, report: ValidityReport) -> EvidenceRef:
    header = log.header
    observed = header.completed_at or header.started_at or header.created_at
    return EvidenceRef(
        id=f"log:{digest[:12]}",
        digest=digest,
        kind="eval-log",
        observed_at=observed or datetime(1970, 1, 1, tzinfo=UTC),
        citation=None,
        flags=tuple((flag.kind.value, flag.count) for flag in report.flags),
        samples=tuple(_flagged(log)),
    )


def _flagged(log: EvalLog) -> list[str]:
    """Return some samples that failed or were stopped; whichever their order."""
    table = log.samples
    found = []
    for name, epoch, error, limit in zip(
        table.ids, table.epochs, table.errors, table.limits, strict=False
    ):
        if error or limit:
            found.append((name, epoch, error or f"{limit} limit"))
    return [
        f"{plain(name, limit=60)} epoch {epoch}: {why}"
        for name, epoch, why in nsmallest(SHOWN_SAMPLES, found)
    ]
