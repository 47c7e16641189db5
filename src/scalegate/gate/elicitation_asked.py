"""Check off what a policy asks of elicitation, row by row, against the records of it.

1. A row is checked off by what arms with a result name, where the row says which words show it
   (`shown_by`). Every line that may rule out and that is on the subject's list must have them.
2. A row that names nothing is a matter of judgement: it is shown with its clause, and nothing on
   record checks it off.
3. A row that asks something for some gates only does not arise for a deployment that passes none
   of them. Where the gates of the subject are not said, it does.
4. It is shown, and decides nothing: what elicitation is worth is in the allowance, and a row that
   binds a decision is a commitment of the policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scalegate.gate.model import Assessment
from scalegate.policy.governance import Requirement
from scalegate.policy.vocabulary import IndicatorRole, Measure

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

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        row = self.requirement
        return {
            "id": row.id,
            "statement": row.statement,
            "modality": row.modality.word,
            "clause": str(row.cite),
            "shown_by": list(row.shown_by),
            "is_shown": self.is_shown,
            "text": self.text,
        }


def checked_off(known: Assessment) -> tuple[CheckedOff, ...]:
    """Return every requirement on elicitation of the policy, in its order."""
    tried = _tried(known)
    return tuple(_checked(known, row, tried) for row in known.inputs.policy.elicitation)


def _checked(
    known: Assessment, row: Requirement, tried: Mapping[str, frozenset[str]]
) -> CheckedOff:
    if not row.shown_by:
        text = "a matter of judgement: nothing on record checks it off"
        return CheckedOff(requirement=row, is_shown=None, text=text)
    if not _arises(known, row):
        gates = ", ".join(gate.value.replace("_", " ") for gate in row.at)
        text = f"does not arise: asked at {gates} only"
        return CheckedOff(requirement=row, is_shown=None, text=text)
    if not tried:
        text = "the policy has no line for it to be tried on"
        return CheckedOff(requirement=row, is_shown=None, text=text)
    wanting = {
        line: [word for word in row.shown_by if word not in words] for line, words in tried.items()
    }
    lacking = {line: words for line, words in wanting.items() if words}
    if not lacking:
        return CheckedOff(
            requirement=row,
            is_shown=True,
            text=f"on all {len(tried)} lines that may rule out",
        )
    return CheckedOff(requirement=row, is_shown=False, text=_lacks(lacking, len(tried)))


def _lacks(lacking: Mapping[str, Sequence[str]], count: int) -> str:
    line, words = next(iter(lacking.items()))
    named = ", ".join(word.replace("_", " ") for word in words)
    return f"not on {len(lacking)} of {count} lines; {line} lacks {named}"


def _tried(known: Assessment) -> dict[str, frozenset[str]]:
    """Return what arms with a result name, by line that may rule out."""
    found: dict[str, frozenset[str]] = {
        line.indicator.id: frozenset()
        for finding in known.findings.values()
        for line in finding.indicators
        if line.indicator.role in _RULES_OUT and line.indicator.measure is not Measure.JUDGEMENT
    }
    for line, words in _measured(known):
        if line in found:
            found[line] |= words
    return found


def _measured(known: Assessment) -> Iterator[tuple[str, frozenset[str]]]:
    for item in known.measurements:
        if item.connected:
            yield item.indicator, item.elicited.tried


def _arises(known: Assessment, row: Requirement) -> bool:
    if not row.at or known.subject.deployment is None:
        return True
    said = known.inputs.register.deployments[known.subject.deployment].gates
    return not said or bool({gate.value for gate in row.at} & set(said))
