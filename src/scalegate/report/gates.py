"""Arrange one decision for a reader, and what turns next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from scalegate.base.instants import format_day
from scalegate.gate.model import Assessment, Decision, Named, OpeningWork, Why, Work
from scalegate.policy.document import Commitment
from scalegate.report.cite import SourceList
from scalegate.report.model import (
    ClauseView,
    DecisionKey,
    Expiry,
    GateView,
    Opening,
    Reasoned,
    WorkSets,
    decision_key,
)
from scalegate.report.numerals import day, in_days
from scalegate.report.terminal import because
from scalegate.report.words import ASKS, GATES, Word, decision_word, effect_word, limit_text


class Reasons:
    """Explanations under construction: equal parts are shown once and referred to after that."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._shown: dict[Why, str] = {}

    def show(self, why: Why) -> Reasoned:
        """Arrange one explanation after those shown before."""
        same_as = self._shown.get(why, "") if why.children else ""
        anchor = ""
        if why.children and not same_as:
            anchor = f"{self._prefix}-why-{len(self._shown) + 1}"
            self._shown[why] = anchor
        return Reasoned(
            text=why.text,
            holds=why.holds,
            citation=why.citation,
            evidence=why.evidence,
            anchor=anchor,
            same_as=same_as,
            children=() if same_as else tuple(self.show(each) for each in why.children),
        )


def gate_view(
    known: Assessment,
    decision: Decision,
    works: Mapping[DecisionKey, WorkSets],
    placed: tuple[SourceList, Reasons, str],
) -> GateView:
    """Arrange a decision; `placed` are the lists of sources and reasons, and its heading's id."""
    sources, reasons, anchor = placed
    rows = {row.id: row for row in known.inputs.policy.commitments}
    sets = works.get(decision_key(decision), ())
    judged = tuple(each for each in sets if any(work.by_judgement for work in each))
    return GateView(
        anchor=anchor,
        gate=GATES[decision.gate],
        ask=ASKS[decision.ask],
        word=decision_word(decision),
        summary=because(decision),
        decision=decision,
        clauses=tuple(
            _clause(rows[name], sources) for name in decision.outcome.determining if name in rows
        ),
        why=reasons.show(decision.why),
        advice=tuple(reasons.show(each) for each in decision.advice),
        work=_opening([each for each in sets if each not in judged]),
        judgement=_opening(judged),
        has_work=decision_key(decision) in works,
        work_limit=limit_text(sets.complete_up_to if isinstance(sets, OpeningWork) else None),
        turn=_turn(decision),
        readings=tuple(_readings(decision)),
        readings_differ=len({level for _, level in decision.readings}) > 1,
        orders=tuple(
            (
                order.authority,
                order.kind,
                effect_word(order.level).label,
                order.statement,
                day(order.review_on),
            )
            for order in decision.orders
        ),
    )


def _opening(sets: Sequence[tuple[Work, ...]]) -> Opening:
    shared = [work for work in sets[0] if all(work in each for each in sets)] if sets else []
    rest = [tuple(work for work in each if work not in shared) for each in sets]
    return Opening(shared=tuple(shared), rest=tuple(each for each in rest if each), count=len(sets))


def _clause(row: Commitment, sources: SourceList) -> ClauseView:
    return ClauseView(
        id=row.id,
        statement=row.statement,
        verb=f"“{row.native_verb}” ({row.modality.word.replace('_', ' ')})",
        otherwise=effect_word(row.otherwise.level),
        binding_reason=row.binding_reason,
        source=sources.cite(row.cite),
    )


def _turn(decision: Decision) -> str:
    turn = decision.holds_from
    if turn is None:
        return ""
    why = "; ".join(turn.because)
    becomes = effect_word(turn.becomes).word
    when = f"{format_day(turn.at)} ({in_days(turn.at, decision.as_of)})"
    return f"Turns to {becomes} on {when}{': ' + why if why else ''}."


def _readings(decision: Decision) -> Iterator[tuple[str, Word]]:
    for chosen, level in decision.readings:
        said = "; ".join(f"{name}: {option}" for name, option in sorted(chosen.items()))
        yield said, effect_word(level)


def expiries(known: Assessment, views: Iterable[GateView], place: str) -> Iterator[Expiry]:
    """Yield what turns by itself after the instant asked about: answers, then evidence."""
    framework = known.inputs.policy.name
    for view in views:
        turn = view.decision.holds_from
        if turn is not None:
            becomes = effect_word(turn.becomes).label
            what = f"{framework}, {view.gate}, {view.ask}: turns to {becomes}"
            yield Expiry(
                at=turn.at,
                day=format_day(turn.at),
                distance=in_days(turn.at, known.at),
                what=what,
                anchor=view.anchor,
            )
    ends = [("evidence on", name, each.expires_at) for name, each in known.findings.items()]
    ends += [("safeguard", name, each.expires_at) for name, each in known.safeguards.items()]
    for kind, table in named_tables(known):
        ends += [(kind, name, each.expires_at) for name, each in table.items()]
    grouped: dict[tuple[object, str], list[str]] = {}
    for kind, name, at in ends:
        if at is not None and at > known.at:
            grouped.setdefault((at, kind), []).append(name)
    for kind, _, at in ends:
        names = grouped.pop((at, kind), None)
        if at is not None and names:
            yield Expiry(
                at=at,
                day=format_day(at),
                distance=in_days(at, known.at),
                what=f"{framework}, {kind} {', '.join(sorted(names))}: stops counting",
                anchor=place,
            )


def named_tables(known: Assessment) -> tuple[tuple[str, Mapping[str, Named]], ...]:
    """Return the tables of named values, each with the word for its rows."""
    return (
        ("fact", known.facts),
        ("act", known.acts),
        ("document", known.documents),
        ("substitute", known.substitutes),
        ("discretion", known.discretions),
        ("reading", known.readings),
        ("specification of", known.specified),
    )
