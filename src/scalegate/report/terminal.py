"""Rows of the tables that the command line prints and the report shows, as plain values.

1. A threshold's row names the gates at which a determining row of the policy mentions it. It takes
   the word of the strictest of those decisions; where none mentions it, it says so.
2. `9/11` counts the safeguards that the rows mentioning the threshold ask for, whatever way they
   are combined, and how many of them are live and sufficient.
3. Nothing here decides: every word comes from `words`, every value from `gate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scalegate.estimate.model import CrossedWhen, Insufficient, Outcome, Verdict
from scalegate.gate.model import Assessment, Decision, Finding, IndicatorFinding, ReadVerdict, Why
from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Commitment, Policy
from scalegate.policy.vocabulary import EffectLevel, Level, SafeguardState
from scalegate.report.numerals import SHORT_UNITS, day, exact, rounded, rounded_beside
from scalegate.report.reasons import phrases
from scalegate.report.words import (
    NO_PART,
    Word,
    decision_word,
    flag_words,
    gate_words,
    grade_word,
    level_word,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One threshold of one framework: the line an RSO reads in the morning."""

    framework: str
    subject: str
    domain: str
    """The policy's own name of the domain's entry."""
    threshold: str
    native: str
    evidence: str
    """The deciding evidence in one phrase."""
    level: Word
    flags: tuple[Word, ...]
    safeguards: str
    """`9/11`; a dash where no row asks for any."""
    gate: Word
    gates: tuple[str, ...]
    """Names of the gates at which the threshold takes part in the answer."""
    next_expiry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One gate under one framework."""

    framework: str
    subject: str
    gate: str
    """In words, with what is asked."""
    word: Word
    because: str
    """What fixes the answer, in one line."""
    turns: str
    """When the answer turns by itself, and to what."""


def status_rows(assessment: Assessment, decisions: Sequence[Decision]) -> tuple[StatusRow, ...]:
    """Return one row per threshold of the assessed framework, in declared order."""
    policy = assessment.inputs.policy
    mine = [each for each in decisions if belongs(each, assessment)]
    natives = {domain.id: domain.native for domain in policy.domains}
    rows = []
    for threshold in policy.thresholds:
        finding = assessment.findings.get(threshold.id)
        if finding is None:
            continue
        part = taking_part(policy, threshold.id, mine)
        strictest = max(part, key=_strictness, default=None)
        rows.append(
            StatusRow(
                framework=policy.name,
                subject=assessment.subject.ref,
                domain=natives.get(threshold.domain, threshold.domain),
                threshold=threshold.id,
                native=threshold.native,
                evidence=evidence_phrase(finding),
                level=level_word(finding.status.level),
                flags=flag_words(finding.status.flags),
                safeguards=safeguards_met(assessment, threshold.id),
                gate=NO_PART if strictest is None else decision_word(strictest),
                gates=tuple(gate_words(each.gate, each.ask) for each in part),
                next_expiry=day(finding.expires_at),
            )
        )
    return tuple(rows)


def gate_rows(decisions: Iterable[Decision]) -> tuple[GateRow, ...]:
    """Return one row per decision, in the order given."""
    return tuple(
        GateRow(
            framework=decision.framework,
            subject=decision.subject,
            gate=gate_words(decision.gate, decision.ask),
            word=decision_word(decision),
            because=because(decision),
            turns=turns(decision),
        )
        for decision in decisions
    )


def belongs(decision: Decision, assessment: Assessment) -> bool:
    """Say whether a decision was made of this assessment's framework and subject."""
    made_of = (assessment.inputs.policy.name, assessment.subject.ref)
    return (decision.framework, decision.subject) == made_of


def _strictness(decision: Decision) -> tuple[int, int]:
    return int(decision.level), len(decision.before)


def because(decision: Decision) -> str:
    """Say in one line what fixes the answer."""
    word = decision_word(decision)
    if word.word == "NOT GOVERNED":
        return f"searched: {decision.searched}" if decision.searched else "no row binds here"
    named = [
        f"order of {order.authority}"
        for order in decision.orders
        if order.level >= EffectLevel.RESTRICT
    ]
    if not named or decision.outcome.level >= EffectLevel.RESTRICT:
        named += decision.outcome.determining  # beside an order, only what holds by itself
    shown = ", ".join(named[:3])
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return shown + more


def turns(decision: Decision) -> str:
    """Say when the answer turns by itself, and to what; empty where nothing turns it."""
    turn = decision.holds_from
    if turn is None:
        return ""
    return f"{turn.becomes.word.replace('_', ' ')} from {day(turn.at)}"


def unmet_parts(why: Why) -> Iterator[Why]:
    """Yield the innermost parts of an explanation that do not hold, in order."""
    below = [part for child in why.children for part in unmet_parts(child)]
    if below:
        yield from below
    elif why.holds is False:
        yield why


def mentioning(policy: Policy, threshold: str) -> Iterator[Commitment]:
    """Yield the binding rows whose condition or requirement names the threshold."""
    for row in policy.commitments:
        atoms = (*atoms_of(row.if_), *atoms_of(row.require))
        if row.binds and any(
            atom.word in ("status", "flag") and atom.name.partition(".")[0] == threshold
            for atom, _ in atoms
        ):
            yield row


def taking_part(policy: Policy, threshold: str, decisions: Iterable[Decision]) -> list[Decision]:
    """Return the decisions that a row naming the threshold fixes."""
    rows = {row.id for row in mentioning(policy, threshold)}
    return [each for each in decisions if rows & set(each.outcome.determining)]


def safeguards_met(assessment: Assessment, threshold: str) -> str:
    """Count the safeguards asked for because of a threshold: `9/11`, or a dash for none."""
    policy = assessment.inputs.policy
    standards = {standard.id: standard for standard in policy.standards}
    states: dict[str, bool] = {}
    for row in mentioning(policy, threshold):
        for atom, _ in atoms_of(row.require):
            names: tuple[str, ...] = ()
            if atom.word == "safeguard":
                names = (atom.name,)
            elif atom.word == "met" and atom.name in standards:
                names = standards[atom.name].members or (atom.name,)
            states |= {name: _is_met(assessment, name) for name in names}
    return f"{sum(states.values())}/{len(states)}" if states else "–"


def _is_met(assessment: Assessment, name: str) -> bool:
    found = assessment.safeguards.get(name)
    return found is not None and found.state is SafeguardState.LIVE_AND_SUFFICIENT


def deciding(finding: Finding) -> tuple[IndicatorFinding, ReadVerdict] | None:
    """Return the indicator and verdict that a phrase should show: the strictest that counts."""
    found = [
        (item.level, _SEVERITY[read.verdict.outcome], item, read)
        for item in finding.indicators
        for read in item.verdicts
        if read.decides and item.level is not None
    ]
    worst = max(found, key=lambda each: each[:2], default=None)
    return None if worst is None else worst[2:]


_SEVERITY = {
    Outcome.RULED_OUT: 0,
    Outcome.INVALID: 1,
    Outcome.BLUNT: 2,
    Outcome.SUSPECT: 3,
    Outcome.NOT_RULED_OUT: 4,
    Outcome.RULED_IN: 5,
}


def evidence_phrase(finding: Finding) -> str:
    """Say in one phrase what the evidence for a threshold shows."""
    if finding.missing:
        count = len(finding.missing)
        return f"{count} planned run{'' if count == 1 else 's'} missing"
    lines = [item for item in finding.indicators if item.level is not None]
    bare = sum(item.is_missing for item in lines)
    if bare and finding.own is Level.UNASSESSED:
        return f"no evidence on {bare} of {len(lines)} line{'' if len(lines) == 1 else 's'}"
    prevailing = finding.judged[0] if finding.judged and finding.judged[0].counts else None
    if prevailing is not None and finding.status.level is not finding.own:
        own = finding.own.word.replace("_", " ")
        return f"determined ({grade_word(prevailing.grade).word}); own finding {own}"
    shown = deciding(finding)
    if shown is not None:
        return verdict_phrase(shown[1].verdict)
    return phrases(finding.reasons) or "no evidence on record"


def verdict_phrase(verdict: Verdict) -> str:
    """Say in one phrase how the bound stands to the line, such as `upper 0.31 ≥ 0.2`."""
    if isinstance(verdict.estimate, Insufficient):
        return verdict.estimate.reason.value.replace("_", " ")
    unit = SHORT_UNITS.get(verdict.estimate.scale, "")
    line = verdict.line.value
    higher = CrossedWhen(verdict.line.crossed_when).higher_is_dangerous
    if verdict.bound is None:
        side = "no upper bound" if higher else "no lower bound"
        return f"{side}, line {exact(line)}{unit}"
    is_upper = verdict.bound == verdict.estimate.upper
    name = "upper" if is_upper else "lower"
    effective = verdict.effective_line
    value = float(line) if effective is None else effective
    sign = _sign(verdict.bound, value)
    same = rounded(value, digits=6) == rounded(float(line), digits=6)
    against = exact(line) if same else rounded(value)
    note = "" if same else f" (line {exact(line)}{unit})"
    return f"{name} {rounded_beside(verdict.bound, value)}{unit} {sign} {against}{unit}{note}"


def _sign(bound: float, line: float) -> str:
    if bound == line:
        return "="
    return "<" if bound < line else ">"
