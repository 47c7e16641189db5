"""Compare what should have run with what did (design, law 2).

The whole rule:

1. A planned run is met by an observed run of the same evaluation on the planned checkpoint, or,
   where the plan leaves it open, on one that the caller says counts. Names are compared exactly;
   a version or digest that the plan names must be the observed one. One observed run meets one
   planned run, of all plans given: who planned two and shows one has left one out.
2. A planned run without any observed run is `absent`. One whose observed runs all have another
   task version, dataset or harness version is `other_version`, which is as good as absent.
3. Fewer samples, epochs, or a lower elicitation level than planned is reported for the best of
   the matching runs. A level counts as far as it is proved for each line that the planned run is
   to answer, and the least of them counts. Samples count only if they are scored; where the plan
   lets a run stop early and its log names that rule, if they are listed: what they show is for the
   bound to say. Where it plans looks, the runs count together, and the size of any look is enough.
4. A run that started before the plan was fixed, or whose start is unknown, was not planned: it is
   reported as `before_plan` and meets nothing.
5. A run that no plan names is `extra`, where the plan says that it is complete.
6. Several runs that meet one planned run are `repeated` attempts: the strictest counts, so they are
   listed and block nothing. A run of a planned evaluation on the same service that no mapping
   binds to a checkpoint is `left_out`: an attempt that nobody judged, which blocks.
7. Nothing is skipped: each planned run is met, or stands in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scalegate.base.plain_text import plain
from scalegate.evidence.documents.fields import Level
from scalegate.evidence.documents.plans import Plan, PlannedRun, Stopping
from scalegate.evidence.eval_log import StopRecord

_LEVELS: tuple[Level, ...] = ("E0", "E1", "E2", "E3a", "E3b", "E3c")


_Place = tuple[int, str]
"""Which plan, and which of its runs."""


class Shortfall(StrEnum):
    """How what ran differs from what was planned."""

    ABSENT = "absent"
    OTHER_VERSION = "other_version"
    FEWER_SAMPLES = "fewer_samples"
    FEWER_EPOCHS = "fewer_epochs"
    LOWER_ELICITATION = "lower_elicitation"
    BEFORE_PLAN = "before_plan"
    EXTRA = "extra"
    REPEATED = "repeated"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRun:
    """One evaluation that ran, as its log says; only what a plan can speak of."""

    digest: str
    """SHA-256 of the log."""
    name: str
    """The task's name, exactly as logged."""
    taken_on: str | None
    """The checkpoint, by a mapping; None is no planned checkpoint."""
    task_version: str | None = None
    """The task's version, exactly as logged."""
    harness: str | None = None
    """What ran it."""
    harness_version: str | None = None
    """Version of the harness."""
    dataset_sha256: str | None = None
    """Digest of the samples."""
    scored_samples: int = 0
    """Distinct samples with a score in every epoch counted below."""
    items: frozenset[str] = frozenset()
    """Their ids, where they are known."""
    listed_samples: int | None = None
    """Where it stopped by the rule that its log names: the samples that it listed."""
    stopping: StopRecord | None = None
    """That rule, as the log says."""
    epochs: int = 1
    """Attempts at each sample."""
    elicitation: Level = "E0"
    """How hard it was tried, as far as that counts by word alone."""
    elicitation_on: tuple[tuple[str, Level], ...] = ()
    """The same for each threshold and line that it is bound to, as far as it is proved there."""
    claimed: Level | None = None
    """What is claimed of it."""
    started_at: datetime | None = None
    """When it started; None cannot have been planned."""
    model: str | None = None
    """The service that was asked, as logged."""
    is_start_known: bool = True
    """False where a document reports it that does not say when its runs began: its own instant
    then stands in above, which is later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One difference between plan and observation; a value, never an error."""

    shortfall: Shortfall
    """What differs."""
    planned: str | None
    """Id of the planned run; None for an extra run."""
    observed: str | None
    """Digest of the log; None for an absent run."""
    answers: tuple[str, ...]
    """Thresholds and indicators that the planned run should answer."""
    expected: str = ""
    """What the plan says."""
    got: str = ""
    """What was observed."""

    @property
    def is_blocking(self) -> bool:
        """Whether the planned run cannot count as done; an extra or repeated run blocks nothing."""
        return self.shortfall not in (Shortfall.EXTRA, Shortfall.REPEATED)


def missing_from(
    plans: Sequence[tuple[Plan, frozenset[str]]], observed: Iterable[ObservedRun]
) -> tuple[tuple[Missing, ...], ...]:
    """Return, for each plan, every difference between it and what ran.

    Args:
        plans: what should run; with each, the checkpoints and models on which a run counts, for
            planned runs that name no checkpoint (`Register.connected_to` of the plan's subject).
        observed: what ran, each log once.
    """
    runs = sorted(set(observed), key=lambda run: (run.name, run.digest))
    same = {
        (at, planned.id): [
            run
            for run in runs
            if _was_planned(plan, run) and is_same_task(planned, run, counts_on=counts_on)
        ]
        for at, (plan, counts_on) in enumerate(plans)
        for planned in plan.runs
    }
    own = _one_for_each([plan for plan, _ in plans], same)
    return tuple(
        (
            *_missing_of(at, plan, runs, (same, own)),
            *_besides(plan, runs, [same[at, each.id] for each in plan.runs], counts_on),
        )
        for at, (plan, counts_on) in enumerate(plans)
    )


def _missing_of(
    at: int,
    plan: Plan,
    runs: list[ObservedRun],
    matched: tuple[Mapping[_Place, list[ObservedRun]], Mapping[_Place, str]],
) -> Iterator[Missing]:
    """Yield what the planned runs of a plan lack, and other attempts at them."""
    same, own = matched
    taken = set(own.values())
    late = [run for run in runs if _was_planned(plan, run)]
    for planned in plan.runs:
        mine, met = same[at, planned.id], own.get((at, planned.id))
        meeting = mine if planned.looks else [run for run in mine if run.digest == met]
        free = [run for run in mine if run.digest not in taken]
        yield from _shortfalls(planned, meeting, others=mine)
        yield from _attempts(planned, [*meeting, *free], _left_out(planned, mine, late))


def _besides(
    plan: Plan,
    runs: list[ObservedRun],
    same: list[list[ObservedRun]],
    counts_on: frozenset[str],
) -> Iterator[Missing]:
    """Yield the runs that began before the plan, and those it does not name."""
    late = [run for run in runs if _was_planned(plan, run)]
    yield from _early(plan, [run for run in runs if run not in late], counts_on=counts_on)
    if plan.is_complete:
        used = {
            run.digest
            for planned, mine in zip(plan.runs, same, strict=True)
            for run in (*mine, *_left_out(planned, mine, late))
        }
        yield from (_extra(run) for run in late if run.digest not in used)


def _one_for_each(
    plans: Sequence[Plan], same: Mapping[_Place, list[ObservedRun]]
) -> dict[_Place, str]:
    """Return, for planned runs, the observed run that meets each, no run twice (rule 1).

    As many planned runs as can be are met in full; what is left over goes to the others in order,
    to say in what it falls short. Runs that looks count together are theirs.
    """
    every = {(at, each.id): each for at, plan in enumerate(plans) for each in plan.runs}
    taken = {run.digest for place, each in every.items() if each.looks for run in same[place]}
    places = {place: each for place, each in every.items() if not each.looks}
    kept: dict[_Place, list[str]] = {}
    fits: dict[_Place, list[str]] = {}
    for place, planned in places.items():
        runs = [run for run in same[place] if run.digest not in taken]
        alike = [run for run in runs if not version_differences(planned, run)]
        kept[place] = [run.digest for run in alike if not _amounts(planned, run)]
        fits[place] = [run.digest for run in (*alike, *runs)]
    return _left_over(_matched(kept), fits)


def _left_over(own: dict[_Place, str], fits: Mapping[_Place, list[str]]) -> dict[_Place, str]:
    used = set(own.values())
    for place, digests in fits.items():
        if place not in own and (digest := next((d for d in digests if d not in used), None)):
            own[place] = digest
            used.add(digest)
    return own


def _matched(kept: Mapping[_Place, list[str]]) -> dict[_Place, str]:
    """Give as many planned runs as can be an observed run of their own."""
    names = [digest for digests in kept.values() for digest in digests]
    if len(names) == len(set(names)):  # nothing is asked for twice
        return {place: digests[0] for place, digests in kept.items() if digests}
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    places, columns = list(kept), {digest: at for at, digest in enumerate(sorted(set(names)))}
    edges = [(row, columns[each]) for row, place in enumerate(places) for each in kept[place]]
    rows, cols = zip(*edges, strict=True)
    shape = (len(places), len(columns))
    graph = coo_array(([1] * len(edges), (rows, cols)), shape=shape).tocsr()
    found, digests = maximum_bipartite_matching(graph, perm_type="column"), list(columns)
    return {place: digests[at] for place, at in zip(places, found, strict=True) if at >= 0}


def planned_for(
    plan: Plan, observed: Iterable[ObservedRun], *, counts_on: frozenset[str]
) -> dict[str, PlannedRun]:
    """Return, for each run that a plan fixed before it began, what the plan says of it."""
    return {
        run.digest: planned
        for planned in plan.runs
        for run in observed
        if _was_planned(plan, run)
        and is_same_task(planned, run, counts_on=counts_on)
        and not version_differences(planned, run)
    }


def kept_by(
    plan: Plan, observed: Iterable[ObservedRun], *, counts_on: frozenset[str]
) -> dict[str, int]:
    """Return, for each log that kept its promise to the sample, how many samples were promised.

    More samples than promised is no kept promise: somebody went on.
    """
    found: dict[str, int] = {}
    runs = tuple(observed)
    for planned in plan.runs:
        fitting = [
            run
            for run in runs
            if _was_planned(plan, run)
            and is_same_task(planned, run, counts_on=counts_on)
            and not version_differences(planned, run)
        ]
        for run in _together(planned, fitting):
            sizes = planned.looks or (planned.samples,)
            if not _amounts(planned, run) and run.scored_samples in sizes:
                same = fitting if planned.looks else [run]
                found |= {each.digest: run.scored_samples for each in same}
    return found


def _together(planned: PlannedRun, runs: list[ObservedRun]) -> list[ObservedRun]:
    """Return runs as they count: where looks are planned all items at the least of the efforts."""
    if not planned.looks or not runs:
        return runs
    items = frozenset[str]().union(*(run.items for run in runs))
    least = min(runs, key=lambda run: _LEVELS.index(_level(planned, run)))
    epochs = min(run.epochs for run in runs)
    return [replace(least, items=items, scored_samples=len(items), epochs=epochs)]


def _was_planned(plan: Plan, run: ObservedRun) -> bool:
    return run.started_at is not None and run.started_at >= plan.committed_at


def is_same_task(planned: PlannedRun, run: ObservedRun, *, counts_on: frozenset[str]) -> bool:
    """Say whether a run is of the planned evaluation, on a checkpoint that counts (rule 1)."""
    if planned.eval.name != run.name or run.taken_on is None:
        return False
    if planned.tested is not None:
        return run.taken_on == planned.tested
    return run.taken_on in counts_on


def _shortfalls(
    planned: PlannedRun, same: list[ObservedRun], *, others: list[ObservedRun]
) -> list[Missing]:
    if not same:
        got = f"{len(others)} such, which meet other planned runs" if others else "nothing"
        return [_missing(planned, Shortfall.ABSENT, None, expected=_described(planned), got=got)]
    fitting = [run for run in same if not version_differences(planned, run)]
    if not fitting:
        return [
            _missing(planned, Shortfall.OTHER_VERSION, run, expected=expected, got=got)
            for run in same
            for expected, got in version_differences(planned, run)
        ]
    return min((_amounts(planned, run) for run in _together(planned, fitting)), key=len)


def version_differences(planned: PlannedRun, run: ObservedRun) -> list[tuple[str, str]]:
    """Return in which versions and digests a run differs from the plan: expected and got."""
    pairs = (
        ("task version", planned.eval.task_version, run.task_version),
        ("dataset", planned.eval.dataset_sha256, run.dataset_sha256),
        ("harness", planned.eval.harness, run.harness),
        ("harness version", planned.eval.harness_version, run.harness_version),
    )
    return [
        (f"{name} `{plain(wanted, limit=80)}`", f"`{plain(got, limit=80)}`" if got else "unknown")
        for name, wanted, got in pairs
        if wanted is not None and wanted != got
    ]


def stop_differences(planned: Stopping, recorded: StopRecord | None) -> list[str]:
    """Return in what the rule that a log names differs from the planned one, in words."""
    said = recorded or StopRecord(manager="none")
    pairs = (
        ("manager", planned.rule, said.manager),
        ("line", float(planned.line), said.line),
        ("alpha", float(planned.alpha), said.alpha),
        ("score", planned.score, said.score),
    )
    return [f"{name} {got}, planned {wanted}" for name, wanted, got in pairs if wanted != got]


def _amounts(planned: PlannedRun, run: ObservedRun) -> list[Missing]:
    found: list[Missing] = []
    may_stop = planned.stopping is not None and not stop_differences(planned.stopping, run.stopping)
    samples = (run.listed_samples or 0) if may_stop else run.scored_samples
    if samples < planned.samples and samples not in planned.looks:
        found.append(
            _missing(
                planned,
                Shortfall.FEWER_SAMPLES,
                run,
                expected=f"{planned.samples} samples",
                got=f"{samples} {'listed' if may_stop else 'scored'}",
            )
        )
    if run.epochs < planned.epochs:
        found.append(
            _missing(
                planned,
                Shortfall.FEWER_EPOCHS,
                run,
                expected=f"{planned.epochs} epochs",
                got=f"{run.epochs}",
            )
        )
    level = _level(planned, run)
    if _LEVELS.index(level) < _LEVELS.index(planned.elicitation):
        more = run.claimed is not None and _LEVELS.index(run.claimed) > _LEVELS.index(level)
        bare = f"{level}: {run.claimed} is claimed, and no elicitation-record proves it"
        got = bare if more else level
        expected = planned.elicitation
        found.append(
            _missing(planned, Shortfall.LOWER_ELICITATION, run, expected=expected, got=got)
        )
    return found


def _level(planned: PlannedRun, run: ObservedRun) -> Level:
    """Return the least that counts on what the planned run is to answer (rule 3)."""
    asked = [level for clause, level in run.elicitation_on if clause in planned.answers]
    return min(asked or [run.elicitation], key=_LEVELS.index)


def _early(plan: Plan, early: list[ObservedRun], *, counts_on: frozenset[str]) -> list[Missing]:
    found: list[Missing] = []
    for run in early:
        planned = next((p for p in plan.runs if is_same_task(p, run, counts_on=counts_on)), None)
        if planned is None and not plan.is_complete:
            continue
        found.append(
            Missing(
                shortfall=Shortfall.BEFORE_PLAN,
                planned=planned.id if planned else None,
                observed=run.digest,
                answers=planned.answers if planned else (),
                expected=f"a start at or after {plan.committed_at.isoformat()}",
                got=run.started_at.isoformat() if run.started_at else "no start known",
            )
        )
    return found


def _left_out(
    planned: PlannedRun, same: list[ObservedRun], late: list[ObservedRun]
) -> list[ObservedRun]:
    asked = {run.model for run in same if run.model}
    return [
        run
        for run in late
        if run.name == planned.eval.name and run.taken_on is None and run.model in asked
    ]


def _attempts(
    planned: PlannedRun, same: list[ObservedRun], aside: list[ObservedRun]
) -> list[Missing]:
    got = f"{len(same)} runs; the strictest counts"
    repeated = [] if planned.looks else same[1:]
    found = [
        _missing(planned, Shortfall.REPEATED, run, expected="one run", got=got) for run in repeated
    ]
    found += [
        _missing(
            planned,
            Shortfall.LEFT_OUT,
            run,
            expected="a mapping that binds every attempt",
            got=f"log {run.digest[:12]} is bound to nothing",
        )
        for run in aside
    ]
    return found


def _extra(run: ObservedRun) -> Missing:
    return Missing(
        shortfall=Shortfall.EXTRA,
        planned=None,
        observed=run.digest,
        answers=(),
        expected="a run that the plan names",
        got=f"`{plain(run.name, limit=80)}`",
    )


def _missing(
    planned: PlannedRun,
    shortfall: Shortfall,
    run: ObservedRun | None,
    *,
    expected: str,
    got: str = "nothing",
) -> Missing:
    return Missing(
        shortfall=shortfall,
        planned=planned.id,
        observed=run.digest if run else None,
        answers=planned.answers,
        expected=expected,
        got=got,
    )


def _described(planned: PlannedRun) -> str:
    return (
        f"`{plain(planned.eval.name, limit=80)}`, {planned.samples} samples x"
        f" {planned.epochs} epochs at {planned.elicitation}"
    )
