"""Arrange what is on record: safeguards, named values, evidence, clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from scalegate.gate.clocks import Clock, ClockState
from scalegate.gate.model import Assessment, EvidenceRef, Named, SafeguardFinding
from scalegate.policy.document import Safeguard
from scalegate.report.cite import SourceList
from scalegate.report.gates import named_tables
from scalegate.report.ladder import evidence_key
from scalegate.report.model import ClockView, EvidenceView, NamedView, SafeguardView
from scalegate.report.numerals import day, exact, in_days
from scalegate.report.reasons import phrases
from scalegate.report.words import clock_word, safeguard_word

Used = dict[tuple[str, str], tuple[EvidenceRef, dict[str, None]]]
"""Each piece of evidence by id and digest, with what it is used for, in order."""


def safeguard_views(known: Assessment, sources: SourceList) -> Iterator[SafeguardView]:
    """Yield the safeguards of the policy in declared order."""
    for item in known.inputs.policy.safeguards:
        finding = known.safeguards.get(item.id)
        if finding is not None:
            yield _safeguard(item, finding, sources, known.at)


def _safeguard(
    item: Safeguard, finding: SafeguardFinding, sources: SourceList, at: datetime
) -> SafeguardView:
    state = safeguard_word(finding.state)
    observed = finding.observed_at
    return SafeguardView(
        id=item.id,
        native=item.native,
        family=item.family.value.replace("_", " "),
        state=state,
        claimed=(finding.claimed or "").replace("_", " "),
        differs=finding.claimed is not None and finding.claimed != finding.state.word,
        reasons=phrases(finding.reasons),
        text=finding.text,
        observed=day(observed),
        age="" if observed is None else in_days(observed, at),
        expires=day(finding.expires_at),
        surfaces=tuple((name, safeguard_word(own)) for name, own in finding.surfaces),
        withheld=finding.withheld,
        source=sources.cite(item.cite),
        evidence=tuple(evidence_key(ref) for ref in finding.evidence),
    )


def named_views(known: Assessment) -> Iterator[NamedView]:
    """Yield facts, acts, documents, substitutes, discretions, readings and specifications."""
    for kind, table in named_tables(known):
        for name, item in table.items():
            yield NamedView(
                kind=kind,
                name=name,
                value=value_text(item.value),
                text=item.text,
                expires=day(item.expires_at),
                evidence=tuple(evidence_key(ref) for ref in item.evidence),
            )


def value_text(value: object) -> str:
    """Say the value of a fact or act; None is said to be unknown."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return exact(value) if isinstance(value, Decimal) else str(value)


def collect_evidence(used: Used, known: Assessment) -> None:
    """Add every piece of evidence that an assessment names, with what it is used for."""
    prefix = known.inputs.policy.name
    for name, finding in known.findings.items():
        for item in finding.indicators:
            _add(used, item.evidence, f"{prefix} {name}: {item.indicator.id}")
        _add(used, finding.concerns, f"{prefix} {name}: concern")
    for name, safeguard in known.safeguards.items():
        _add(used, safeguard.evidence, f"{prefix} {name}")
    for kind, table in named_tables(known):
        _add_named(used, table, f"{prefix} {kind}")


def _add_named(used: Used, table: Mapping[str, Named], prefix: str) -> None:
    for name, item in table.items():
        _add(used, item.evidence, f"{prefix} {name}")


def _add(used: Used, refs: Iterable[EvidenceRef], purpose: str) -> None:
    for ref in refs:
        known, purposes = used.setdefault((ref.id, ref.digest), (ref, {}))
        if len(ref.flags) > len(known.flags):
            used[ref.id, ref.digest] = (ref, purposes)
        purposes[purpose] = None


def evidence_views(used: Used, sources: SourceList) -> tuple[EvidenceView, ...]:
    """Arrange the collected evidence by kind and id."""
    ordered = sorted(used.values(), key=lambda pair: (pair[0].kind, pair[0].id, pair[0].digest))
    return tuple(
        EvidenceView(
            id=ref.id,
            anchor=f"evidence-{number}",
            kind=ref.kind,
            observed=day(ref.observed_at),
            source=None if ref.citation is None else sources.cite(ref.citation),
            flags=ref.flags,
            samples=ref.samples,
            digest=ref.digest,
            used_for=tuple(purposes),
        )
        for number, (ref, purposes) in enumerate(ordered, start=1)
    )


def evidence_anchors(views: Iterable[EvidenceView]) -> dict[str, str]:
    """Map every way in which evidence is named to the id of its entry."""
    found: dict[str, str] = {}
    for view in views:
        found[f"{view.id} ({view.digest[:12]})"] = view.anchor
        found.setdefault(view.id, view.anchor)
        found.setdefault(view.digest, view.anchor)
    return found


def clock_views(
    known: Assessment, clocks: Sequence[Clock], sources: SourceList
) -> Iterator[ClockView]:
    """Yield the clocks of one framework on one subject, in the order given."""
    duties = {duty.id: duty for duty in known.inputs.policy.duties}
    for clock in clocks:
        duty = duties.get(clock.duty)
        due = clock.due_at
        yield ClockView(
            duty=clock.duty,
            statement=clock.statement,
            framework=clock.framework,
            subject=known.subject.ref,
            state=clock_word(clock.state),
            starts_on=clock.starts_on,
            started=day(clock.started_at),
            due=day(due),
            distance=""
            if due is None or clock.state is ClockState.FULFILLED
            else in_days(due, known.at),
            started_by=clock.started_by,
            to=clock.to,
            must_contain=() if duty is None else duty.must_contain,
            modality=clock.modality,
            source=None if duty is None else sources.cite(duty.cite),
        )
