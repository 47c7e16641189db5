"""Arrange assessments and decisions as one report.

1. Order is that of the arguments: subjects and frameworks as first met, gates as decided.
2. Nothing is left out: a gate that was not asked is an empty cell, a threshold without evidence is
   a row that says so, a decision without its assessment is refused.
3. The same arguments give the same report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scalegate.base.errors import UsageError
from scalegate.gate.clocks import Clock
from scalegate.gate.elicitation_asked import checked_off
from scalegate.gate.model import Assessment, Decision
from scalegate.policy.document import Policy
from scalegate.policy.governance import Cited
from scalegate.report.cite import SourceList, is_linkable
from scalegate.report.elicitation_text import checked_off_texts
from scalegate.report.gates import Reasons, expiries, gate_view
from scalegate.report.holdings import (
    Used,
    clock_views,
    collect_evidence,
    evidence_anchors,
    evidence_views,
    named_views,
    safeguard_views,
)
from scalegate.report.ladder import ladders
from scalegate.report.model import (
    ClockView,
    DecisionKey,
    Expiry,
    PolicyView,
    Report,
    Summary,
    SummaryCell,
    WaiverView,
    WorkSets,
    decision_key,
)
from scalegate.report.terminal import because, belongs, turns
from scalegate.report.words import decision_word, gate_words

ClockSets = Mapping[tuple[str, str], Sequence[Clock]]
"""Clocks per framework and subject."""


def arrange(
    assessments: Sequence[Assessment],
    decisions: Sequence[Decision],
    works: Mapping[DecisionKey, WorkSets],
    clocks: ClockSets,
    *,
    engine: str,
    title: str = "",
    generated_for: str = "",
) -> Report:
    """Arrange everything known for a reader.

    Args:
        assessments: one per framework and subject, all at one instant.
        decisions: the gates that were asked about.
        works: per `decision_key`: the sets of work that would open it.
        clocks: per framework and subject: its clocks.
        engine: version of the engine.
        title: title of the report; left out, it names the subjects.
        generated_for: who asked for it.

    Raises:
        UsageError: no assessment, two instants, or a decision without its assessment.
    """
    _check(assessments, decisions)
    sources, used = SourceList(), Used()
    policies: list[PolicyView] = []
    turning: list[Expiry] = []
    running: list[ClockView] = []
    for number, known in enumerate(assessments, start=1):
        anchor = f"policy-{number}"
        mine = [each for each in decisions if belongs(each, known)]
        view = _policy_view(known, (mine, works), (sources, anchor))
        policies.append(view)
        turning += expiries(known, view.gates, anchor)
        collect_evidence(used, known)
        found = clocks.get((known.inputs.policy.name, known.subject.ref), ())
        running += clock_views(known, found, sources)
    evidence, subjects = evidence_views(used, sources), _subjects(assessments)
    return Report(
        title=title or f"Gates of {', '.join(subjects)}",
        generated_for=generated_for,
        asked=tuple(_asked(assessments, decisions)),
        as_of=assessments[0].at,
        engine=engine,
        summaries=tuple(_summary(name, assessments, decisions, policies) for name in subjects),
        expiries=tuple(sorted(turning, key=lambda each: (each.at, each.what))),
        policies=tuple(policies),
        evidence=evidence,
        clocks=tuple(running),
        sources=sources.all(),
        adverse=tuple(_adverse(decisions)),
        anchors=evidence_anchors(evidence),
    )


def with_waivers(report: Report, waivers: Mapping[DecisionKey, Sequence[WaiverView]]) -> Report:
    """Return a report with recorded waivers, per `decision_key`, beside its answers."""
    policies = (
        replace(
            view,
            gates=tuple(
                replace(each, waivers=tuple(waivers.get(decision_key(each.decision), ())))
                for each in view.gates
            ),
        )
        for view in report.policies
    )
    return replace(report, policies=tuple(policies))


def _check(assessments: Sequence[Assessment], decisions: Sequence[Decision]) -> None:
    if not assessments:
        raise UsageError("a report needs at least one assessment", hint="assess a subject first")
    if len({each.at for each in assessments} | {each.as_of for each in decisions}) > 1:
        raise UsageError("a report speaks of one instant", hint="assess and decide at one instant")
    for each in decisions:
        if not any(belongs(each, known) for known in assessments):
            raise UsageError(
                f"decision of `{each.framework}` on `{each.subject}` has no assessment here",
                hint="hand over the assessment it was made from",
            )


def _subjects(assessments: Sequence[Assessment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(known.subject.ref for known in assessments))


def _asked(assessments: Sequence[Assessment], decisions: Sequence[Decision]) -> Iterator[str]:
    for subject in _subjects(assessments):
        mine = [known for known in assessments if known.subject.ref == subject]
        frameworks = dict.fromkeys(known.inputs.policy.name for known in mine)
        gates = dict.fromkeys(
            gate_words(each.gate, each.ask)
            for each in decisions
            if any(belongs(each, known) for known in mine)
        )
        asked = "; ".join(gates) or "no gate"
        yield f"{subject} under {', '.join(frameworks)}: {asked}"


def _adverse(decisions: Sequence[Decision]) -> Iterator[tuple[str, int, str]]:
    seen: set[tuple[str, int, str]] = set()
    for each in decisions:
        row = (each.subject, *each.adverse_register)
        if row not in seen:
            seen.add(row)
            yield row


def _policy_view(
    known: Assessment,
    answered: tuple[Sequence[Decision], Mapping[DecisionKey, WorkSets]],
    placed: tuple[SourceList, str],
) -> PolicyView:
    (decisions, works), (sources, anchor) = answered, placed
    policy = known.inputs.policy
    reasons = Reasons(anchor)
    until = f" until {policy.superseded_on}" if policy.superseded_on else ""
    return PolicyView(
        anchor=anchor,
        framework=policy.name,
        title=policy.title,
        lab=policy.lab,
        subject=known.subject.ref,
        in_force=f"in force from {policy.effective_on}{until}",
        digest=known.inputs.policy_digest,
        indicator_sets=known.inputs.indicator_sets,
        rules=tuple(_rules(policy)),
        source_url=policy.source.published_at_url,
        source_linked=is_linkable(policy.source.published_at_url),
        source_note=policy.source.note,
        ladders=ladders(known, sources, anchor),
        gates=tuple(
            gate_view(known, each, works, (sources, reasons, f"{anchor}-gate-{number}"))
            for number, each in enumerate(decisions, start=1)
        ),
        safeguards=tuple(safeguard_views(known, sources)),
        named=tuple(named_views(known)),
        elicitation=checked_off_texts(checked_off(known)),
        unused=(*known.unused, *known.beyond),
        notes=policy.notes,
    )


def _rules(policy: Policy) -> Iterator[tuple[str, str]]:
    semantics = policy.semantics
    rules: tuple[tuple[str, Cited], ...] = (
        ("a level not ruled out", semantics.not_ruled_out),
        ("a forecast", semantics.forecast),
        ("a softer determination", semantics.softer_determination),
    )
    for name, rule in rules:
        basis = str(rule.cite) if rule.cite is not None else f"ours, not the policy's: {rule.ours}"
        yield name, f"{rule.rule.replace('_', ' ')} ({basis})"


def _summary(
    subject: str,
    assessments: Sequence[Assessment],
    decisions: Sequence[Decision],
    policies: Sequence[PolicyView],
) -> Summary:
    """Lay out every gate asked about against every framework."""
    columns = [
        (known, view)
        for known, view in zip(assessments, policies, strict=True)
        if known.subject.ref == subject
    ]
    cells: dict[str, dict[str, SummaryCell]] = {}
    for known, view in columns:
        for gate in view.gates:
            row = cells.setdefault(gate_words(gate.decision.gate, gate.decision.ask), {})
            row[known.inputs.policy.name] = SummaryCell(
                word=decision_word(gate.decision),
                anchor=gate.anchor,
                because=because(gate.decision),
                turn=turns(gate.decision),
            )
    order = dict.fromkeys(gate_words(each.gate, each.ask) for each in decisions)
    frameworks = tuple(known.inputs.policy.name for known, _ in columns)
    empty = SummaryCell(word=None)
    return Summary(
        subject=subject,
        frameworks=frameworks,
        rows=tuple(
            (name, tuple(cells[name].get(framework, empty) for framework in frameworks))
            for name in order
            if name in cells
        ),
    )
