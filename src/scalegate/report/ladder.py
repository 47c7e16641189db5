"""Arrange the thresholds of a framework as ladders, with where the model stands on each.

1. A domain's thresholds stand highest first: the more rungs lie below one, the higher it stands.
2. The status that decides, the engine's own finding and each determination stand side by side.
3. A threshold without an estimate keeps its track on the chart, drawn empty and said to be so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from scalegate.estimate.model import Estimate, Verdict
from scalegate.gate.lines import sentence
from scalegate.gate.model import (
    Assessment,
    EvidenceRef,
    Finding,
    IndicatorFinding,
    Judged,
    ReadVerdict,
)
from scalegate.policy.document import DomainEntry, Indicator, Policy, Threshold
from scalegate.policy.vocabulary import Comparator
from scalegate.report.chart import Track, draw_chart, group_key
from scalegate.report.cite import SourceList
from scalegate.report.model import Chart, IndicatorView, JudgedView, Ladder, Rung, VerdictRow
from scalegate.report.numerals import day, exact, rounded, with_unit
from scalegate.report.reasons import phrases
from scalegate.report.terminal import evidence_phrase
from scalegate.report.verdict_text import gate_texts, verdict_numbers
from scalegate.report.words import (
    contribution_word,
    flag_words,
    grade_word,
    level_word,
    verdict_word,
)

COMPARATORS = {
    Comparator.AT_LEAST: "at or above",
    Comparator.ABOVE: "above",
    Comparator.AT_MOST: "at or below",
    Comparator.BELOW: "below",
}


def evidence_key(ref: EvidenceRef) -> str:
    """Return how a why names a piece of evidence: its id and the start of its digest."""
    return f"{ref.id} ({ref.digest[:12]})"


def ladders(known: Assessment, sources: SourceList, anchor: str) -> tuple[Ladder, ...]:
    """Return one ladder per domain of the policy, in declared order."""
    policy = known.inputs.policy
    heights = _heights(policy)
    found = []
    for number, domain in enumerate(policy.domains, start=1):
        mine = [item for item in policy.thresholds if item.domain == domain.id]
        mine.sort(key=lambda item: -heights[item.id])
        pairs = [(item, known.findings[item.id]) for item in mine if item.id in known.findings]
        place = f"{anchor}-domain-{number}"
        found.append(
            Ladder(
                domain=domain.id,
                native=domain.native,
                watch_list=domain.watch_list,
                source=sources.cite(domain.cite),
                rungs=tuple(
                    _rung(pair, heights[pair[0].id], sources, f"{place}-rung-{rung}")
                    for rung, pair in enumerate(pairs, start=1)
                ),
                charts=tuple(_charts(domain, pairs, place)),
                verdicts=tuple(_verdict_rows(pairs)),
            )
        )
    return tuple(found)


def _heights(policy: Policy) -> Mapping[str, int]:
    """Count the rungs below each threshold: those it stands above, and those they rule out."""
    below: dict[str, set[str]] = {item.id: set(item.above) for item in policy.thresholds}
    for item in policy.thresholds:
        for higher in item.rules_out:
            below.setdefault(higher, set()).add(item.id)
    heights: dict[str, int] = {}
    for name, lower_ones in below.items():
        seen: set[str] = set()
        waiting = list(lower_ones)
        while waiting:
            lower = waiting.pop()
            if lower not in seen:
                seen.add(lower)
                waiting.extend(below.get(lower, ()))
        heights[name] = len(seen - {name})
    return heights


def _rung(pair: tuple[Threshold, Finding], height: int, sources: SourceList, anchor: str) -> Rung:
    threshold, finding = pair
    return Rung(
        id=threshold.id,
        native=threshold.native,
        anchor=anchor,
        height=height,
        level=level_word(finding.status.level),
        flags=flag_words(finding.status.flags),
        own=level_word(finding.own),
        evidence=evidence_phrase(finding),
        reasons=phrases(finding.reasons),
        text=finding.text,
        statement=threshold.statement,
        operational_test=threshold.operational_test,
        required=threshold.required,
        source=sources.cite(threshold.cite),
        missing=finding.missing,
        concerns=tuple(evidence_key(ref) for ref in finding.concerns),
        until=_until(finding.expires_at),
        indicators=tuple(_indicator(item, sources) for item in finding.indicators),
        judged=tuple(_judged(item, finding, sources) for item in finding.judged),
    )


def _until(instant: datetime | None) -> str:
    return f"counts until {day(instant)}" if instant is not None else ""


def rule_text(indicator: Indicator) -> str:
    """Say a line with its side and unit, such as `at or above 120 minutes`."""
    value = indicator.value if isinstance(indicator.value, str) else exact(indicator.value)
    unit = "" if indicator.unit in ("share", "grade") else f" {indicator.unit}"
    of = f" of {indicator.of}" if indicator.of is not None else ""
    return f"crossed {COMPARATORS[indicator.comparator]} {value}{of}{unit}"


def _indicator(item: IndicatorFinding, sources: SourceList) -> IndicatorView:
    indicator = item.indicator
    return IndicatorView(
        id=indicator.id,
        eval=indicator.eval,
        role=indicator.role.value.replace("_", " "),
        rule=rule_text(indicator),
        statement=indicator.statement,
        level=contribution_word(item.level),
        reasons=phrases(item.reasons),
        text=item.text,
        ours=indicator.ours,
        source=sources.cite(indicator.cite),
        evidence=tuple(evidence_key(ref) for ref in item.evidence),
        until=_until(item.expires_at),
        mapped_because=item.mapped_because,
        alert=item.raises_alert,
        rests_on=tuple(_rests_on(item)),
    )


def _rests_on(item: IndicatorFinding) -> Iterator[str]:
    for read in item.verdicts:
        start = f"{read.reading}: " if read.reading else ""
        if read.is_arm:
            yield f"{start}{sentence(read.verdict)}"
            continue
        for text in verdict_numbers(read.verdict, expires_at=item.expires_at):
            yield f"{start}{text}"
    yield from item.elicited
    yield from item.looked_for_hiding
    yield from gate_texts(item.gates)


def _judged(item: Judged, finding: Finding, sources: SourceList) -> JudgedView:
    grade = grade_word(item.grade)
    cause = ""
    if item.level is not finding.own:
        cause = (
            f"The engine finds {level_word(finding.own).word} "
            f"({phrases(finding.reasons) or 'no reason recorded'}); this determination says "
            f"{level_word(item.level).word}. Graded {grade.word}: {grade.meaning}"
        )
    return JudgedView(
        act=item.act,
        by=item.by,
        level=level_word(item.level),
        grade=grade,
        counts=item.counts,
        statement=item.statement,
        dissent=item.dissent,
        decided=day(item.decided_at),
        source=sources.cite(item.citation),
        treated_as=item.treated_as,
        cause=cause,
    )


Pairs = Iterable[tuple[Threshold, Finding]]


def _label(threshold: Threshold, indicator: Indicator, read: ReadVerdict) -> str:
    return f"{threshold.id}: {indicator.id}{'' if read.decides else ' (set aside)'}"


def _tracks(pairs: Pairs) -> Iterator[tuple[Threshold, Track]]:
    for threshold, finding in pairs:
        drawn = False
        for item in finding.indicators:
            for read in item.verdicts:
                drawn = True
                yield (
                    threshold,
                    Track(
                        label=_label(threshold, item.indicator, read),
                        state=verdict_word(read.verdict.outcome),
                        verdict=read.verdict,
                        reading=read.reading,
                    ),
                )
        if not drawn:
            state = level_word(finding.status.level)
            yield threshold, Track(label=threshold.id, state=state, verdict=None)


def _charts(domain: DomainEntry, pairs: Pairs, place: str) -> Iterator[Chart]:
    """Yield one chart per kind of number; what has no estimate stands on the first."""
    groups: dict[tuple[str, float], list[Track]] = {}
    without: list[Track] = []
    for _, track in _tracks(pairs):
        estimate = track.estimate
        if estimate is None:
            without.append(track)
        else:
            groups.setdefault(group_key(estimate), []).append(track)
    for number, tracks in enumerate(groups.values(), start=1):
        shown = [track for track in without if track.verdict is None] if number == 1 else []
        title = f"{domain.native}: where the model stands"
        if len(groups) > 1:
            title += f" ({number} of {len(groups)})"
        yield draw_chart(f"{place}-chart-{number}", title, [*shown, *tracks])


def _verdict_rows(pairs: Pairs) -> Iterator[VerdictRow]:
    for threshold, finding in pairs:
        for item in finding.indicators:
            for read in item.verdicts:
                yield _verdict_row(threshold, item, read)


def _verdict_row(threshold: Threshold, item: IndicatorFinding, read: ReadVerdict) -> VerdictRow:
    verdict = read.verdict
    estimate = verdict.estimate
    point, interval, units = "–", "none", ""
    if isinstance(estimate, Estimate):
        point = with_unit(estimate.point, estimate.scale)
        interval = f"{rounded(estimate.lower)} to {with_unit(estimate.upper, estimate.scale)}"
        units = f"{estimate.n_units} {estimate.unit}, {estimate.n_samples} samples"
        if estimate.missing:
            units += f", {estimate.missing} missing (completed cautiously)"
    else:
        units = estimate.detail
    effective = verdict.effective_line
    return VerdictRow(
        indicator=f"{threshold.id}: {item.indicator.id}",
        eval=f"{item.indicator.eval}, {item.indicator.role.value.replace('_', '-')} line",
        reading=read.reading,
        verdict=verdict_word(verdict.outcome),
        point=point,
        interval=interval,
        line=f"{exact(verdict.line.value)} {item.indicator.unit}",
        effective="none" if effective is None else rounded(effective),
        units=units,
        allowances=tuple(_allowances(verdict)),
        budget=verdict.error_budget.to_sentence() if isinstance(estimate, Estimate) else "",
        details=tuple(each for each in verdict.details if units not in each),
        decides=read.decides,
    )


def _allowances(verdict: Verdict) -> Iterator[str]:
    for each in verdict.allowances:
        basis = each.evidence or "never evidenced, a default"
        unit = each.unit.value.replace("_", " ")
        yield f"{each.component.value} {rounded(each.amount)} {unit} ({basis})"
