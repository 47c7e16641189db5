"""Check off what a policy asks of elicitation, row by row, and hold each line to it.

1. A row is checked off by what arms with a result name, where the row says which words show it
   (`shown_by`), or by the variant that was measured: a helpful-only or a fine-tuned one. Every
   line that may rule out and that is on the subject's list must have them.
2. A row that names nothing is a matter of judgement: it is shown with its clause, nothing on
   record checks it off, and it decides nothing here.
3. A row that asks something for some gates only holds at those gates and nowhere else (`at_gate`).
   It is shown as not arising for a deployment that passes none of them, and for a run if they are
   releases to outsiders.
4. A row for every gate that binds (by its modality, `must` and `will`; otherwise by `binding` with
   a reason) and is not shown on a rule-out or alert line keeps that line from ruling out
   (`not_elicited`), and S4 of its certificate open. Other rows are shown as advice.
5. A line on a judgement is exempt: no arm is run on it.
6. Records only help: losing one never makes a row shown.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scalegate.estimate.certificate import GateAnswer, SharpnessGate
from scalegate.gate.model import Assessment, IndicatorFinding, Inputs, Reason, Subject
from scalegate.policy.document import Indicator, Policy
from scalegate.policy.governance import Requirement
from scalegate.policy.vocabulary import RELEASES, Gate, IndicatorRole, Level, Measure

_RULES_OUT = frozenset({IndicatorRole.RULE_OUT, IndicatorRole.ALERT})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOff:
    """One requirement of the policy, and whether records of elicitation show it."""

    requirement: Requirement
    """The row, with its clause."""
    is_shown: bool | None
    """Whether it is; None: nothing on record could, or the question does not arise."""
    text: str
    """Why, in one sentence."""

    @property
    def holds(self) -> bool:
        """Whether lines that lack it rule nothing out."""
        return self.is_shown is False and self.requirement.binds

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        row = self.requirement
        return {
            "id": row.id,
            "statement": row.statement,
            "modality": row.modality.word,
            "binds": row.binds,
            "clause": str(row.cite),
            "shown_by": list(row.shown_by),
            "is_shown": self.is_shown,
            "holds": self.holds,
            "text": self.text,
        }


def checked_off(known: Assessment) -> tuple[CheckedOff, ...]:
    """Return every requirement on elicitation of the policy, in its order."""
    tried = {
        line.indicator.id: line.tried
        for finding in known.findings.values()
        for line in finding.indicators
        if _is_asked(line.indicator)
    }
    return tuple(_checked(known, row, tried) for row in known.inputs.policy.elicitation)


def holder_to_rows(inputs: Inputs) -> Callable[[IndicatorFinding], IndicatorFinding]:
    """Return what holds each line to the rows that bind at every gate (rule 4)."""
    rows = [row for row in inputs.policy.elicitation if row.binds and row.shown_by and not row.at]

    def hold(line: IndicatorFinding) -> IndicatorFinding:
        if not rows or not _is_asked(line.indicator):
            return line
        unmet = [row for row in rows if _lacking(row, line.tried)]
        if not unmet:
            return line
        names = tuple(row.id for row in unmet)
        shown = replace(line, unmet=names, gates=_opened(line.gates, names))
        if line.level is not Level.RULED_OUT:
            return shown
        said = "; ".join(_unmet(row, line.tried) for row in unmet)
        return replace(
            shown,
            level=Level.NOT_RULED_OUT,
            reasons=(Reason.NOT_ELICITED,),
            raises_alert=line.indicator.role is IndicatorRole.ALERT,
            text=f"not ruled out, as the policy asks for more elicitation: {said}; {_NEXT};"
            f" by its numbers alone {line.text}",
        )

    return hold


def rows_at(policy: Policy, gates: Container[Gate]) -> list[Requirement]:
    """Return the rows that bind, can be shown, and are asked for these gates only (rule 3)."""
    rows = [row for row in policy.elicitation if row.binds and row.shown_by]
    return [row for row in rows if any(gate in gates for gate in row.at)]


def wanting(rows: Sequence[Requirement], lines: Iterable[IndicatorFinding]) -> str:
    """Say which rows are not shown on lines that rule out; empty: none, or no line is asked."""
    said = [
        f"{line.indicator.id}: {_unmet(row, line.tried)}"
        for line in lines
        if _is_asked(line.indicator)
        for row in rows
        if _lacking(row, line.tried)
    ]
    return "; ".join((*said, _NEXT)) if said else ""


def _opened(gates: tuple[GateAnswer, ...], unmet: tuple[str, ...]) -> tuple[GateAnswer, ...]:
    """Return a certificate with S4 open: what the policy itself asks is not shown."""
    said = f"the policy asks for what no record shows: {', '.join(unmet)}"
    return tuple(
        replace(each, is_met=False, text=f"{each.text}; {said}")
        if each.gate is SharpnessGate.ELICITATION
        else each
        for each in gates
    )


_NEXT = "next: put arms that tried it, with their results, into an elicitation-record"


def _unmet(row: Requirement, tried: frozenset[str]) -> str:
    has = [word for word in row.shown_by if word in tried]
    got = _words(has) if has else "none of them"
    return (
        f"`{row.id}` ({row.modality.word}, {row.cite}) is not shown; expected"
        f" {_words(row.shown_by)}; got {got}"
    )


def _is_asked(indicator: Indicator) -> bool:
    return indicator.role in _RULES_OUT and indicator.measure is not Measure.JUDGEMENT


def _lacking(row: Requirement, tried: frozenset[str]) -> list[str]:
    return [word for word in row.shown_by if word not in tried]


def _checked(
    known: Assessment, row: Requirement, tried: Mapping[str, frozenset[str]]
) -> CheckedOff:
    if not row.shown_by:
        text = "a matter of judgement: nothing on record checks it off"
        return CheckedOff(requirement=row, is_shown=None, text=text)
    if not _arises(known.inputs, known.subject, row):
        gates = ", ".join(gate.value.replace("_", " ") for gate in row.at)
        text = f"does not arise: asked at {gates} only"
        return CheckedOff(requirement=row, is_shown=None, text=text)
    if not tried:
        text = "the policy has no line for it to be tried on"
        return CheckedOff(requirement=row, is_shown=None, text=text)
    lacking = {line: words for line, had in tried.items() if (words := _lacking(row, had))}
    if not lacking:
        return CheckedOff(
            requirement=row,
            is_shown=True,
            text=f"on all {len(tried)} lines that may rule out",
        )
    where = f" at {_words([gate.value for gate in row.at])}" if row.at else ""
    holds = f"; they rule nothing out{where}" if row.binds else "; the row does not bind"
    return CheckedOff(requirement=row, is_shown=False, text=f"{_lacks(lacking, len(tried))}{holds}")


def _lacks(lacking: Mapping[str, Sequence[str]], count: int) -> str:
    line, words = next(iter(lacking.items()))
    return f"not on {len(lacking)} of {count} lines; {line} lacks {_words(words)}"


def _words(words: Sequence[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)


def _arises(inputs: Inputs, subject: Subject, row: Requirement) -> bool:
    if not row.at:
        return True
    if subject.run is not None:
        return not RELEASES.issuperset(row.at)
    if subject.deployment is None:
        return True
    said = inputs.register.deployments[subject.deployment].gates
    return not said or bool({gate.value for gate in row.at} & set(said))
