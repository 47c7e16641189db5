"""Find what a policy leaves open: true of the text, and worth knowing before one relies on it.

1. A threshold that no line can rule out, or that no line can trigger, is decided by signed
   determinations alone. A line that is always or never crossed, whatever is measured, does neither.
2. A safeguard without a check, and a duty without an addressee, are kept by whoever says so.
3. A gate at which nothing binds is open to anything.
4. A fact of burden `to_hold` binds only once somebody shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from scalegate.base.yaml_text import DocumentPath
from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Fact, Indicator, Policy
from scalegate.policy.vocabulary import Burden, Comparator, IndicatorRole, Measure

Found = tuple[str, DocumentPath, str]
_TRIGGERS = frozenset(
    {IndicatorRole.RULE_IN, IndicatorRole.ALERT, IndicatorRole.TRIGGER_ASSESSMENT}
)


def openness_findings(policy: Policy) -> Iterator[Found]:
    """Yield what the policy leaves open, each with its place."""
    yield from _thresholds(policy)
    for index, safeguard in enumerate(policy.safeguards):
        if not safeguard.checks:
            yield "SG0803", ("safeguards", index), f"`{safeguard.id}` has no check"
    for index, duty in enumerate(policy.duties):
        if not duty.to:
            yield "SG0804", ("duties", index), f"`{duty.id}` is owed to nobody who is named"
    for index, note in enumerate(policy.silent_at):
        yield "SG0805", ("silent_at", index), f"nothing binds at `{note.gate.value}`"
    yield from _unarmed(policy)


def _thresholds(policy: Policy) -> Iterator[Found]:
    for index, threshold in enumerate(policy.thresholds):
        path: DocumentPath = ("thresholds", index)
        roles = {line.role for line in threshold.indicators if can_fall_either_way(line)}
        if IndicatorRole.RULE_OUT not in roles:
            yield "SG0801", path, f"no line can rule out `{threshold.id}`"
        if not roles & _TRIGGERS:
            yield "SG0802", path, f"no line can trigger `{threshold.id}`"


def _unarmed(policy: Policy) -> Iterator[Found]:
    for index, fact in enumerate(policy.facts):
        if fact.burden is Burden.TO_HOLD:
            rows = ", ".join(f"`{name}`" for name in _rows_of(policy, fact)) or "no row"
            yield "SG0806", ("facts", index), f"{rows} binds only once `{fact.id}` is shown"


def can_fall_either_way(line: Indicator) -> bool:
    """Say whether some result crosses the line and some does not.

    A share lies between 0 and 1, a count between 0 and its whole; folds, minutes and ratings are
    above 0.
    """
    least, most = _range(line)
    if not isinstance(line.value, Decimal):
        known = len(line.grades)
        return known > 1 and _grade_splits(line)
    value = line.value
    crossed_by_most = {
        Comparator.AT_LEAST: most is None or most >= value,
        Comparator.ABOVE: most is None or most > value,
        Comparator.AT_MOST: least is None or least <= value,
        Comparator.BELOW: least is None or least < value,
    }
    spared_by_least = {
        Comparator.AT_LEAST: least is None or least < value,
        Comparator.ABOVE: least is None or least <= value,
        Comparator.AT_MOST: most is None or most > value,
        Comparator.BELOW: most is None or most >= value,
    }
    return crossed_by_most[line.comparator] and spared_by_least[line.comparator]


def _range(line: Indicator) -> tuple[Decimal | None, Decimal | None]:
    if line.measure is Measure.PROPORTION:
        return Decimal(0), Decimal(1)
    if line.measure is Measure.COUNT_OF:
        return Decimal(0), None if line.of is None else Decimal(line.of)
    if line.measure in {Measure.FOLD_UPLIFT, Measure.HORIZON_MINUTES, Measure.ELO}:
        return Decimal(0), None
    return None, None


def _grade_splits(line: Indicator) -> bool:
    place, last = line.grades.index(str(line.value)), len(line.grades) - 1
    return {
        Comparator.AT_LEAST: place > 0,
        Comparator.ABOVE: place < last,
        Comparator.AT_MOST: place < last,
        Comparator.BELOW: place > 0,
    }[line.comparator]


def _rows_of(policy: Policy, fact: Fact) -> Iterator[str]:
    for row in policy.commitments:
        atoms = [atom for part in (row.if_, row.require) for atom, _ in atoms_of(part)]
        if any(atom.word == "fact" and atom.name == fact.id for atom in atoms):
            yield row.id
