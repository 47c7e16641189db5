"""Design an evaluation before it runs: from a line of a policy, or from a bare number.

A line of a policy is taken only if it is a share that is crossed from below; what the policy
declares with it (safe level, error, allowances) counts unless the caller says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scalegate.app.workspace import policies_of
from scalegate.base.errors import UsageError
from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.estimate.design import Answer, Question
from scalegate.estimate.elicited import wanted_for
from scalegate.estimate.model import AllowanceComponent, ElicitationLevel
from scalegate.policy.vocabulary import Comparator, Measure

if TYPE_CHECKING:
    from scalegate.policy.document import Indicator, Policy
    from scalegate.ports import PolicySource

_SHARES = (Measure.PROPORTION, Measure.MEAN_SCORE)
_FROM_BELOW = (Comparator.AT_LEAST, Comparator.ABOVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a caller says of a design; None leaves it to the policy's line, or to the default."""

    line: Decimal | None = None
    safe: float | None = None
    elicitation: ElicitationLevel = ElicitationLevel.E2
    allowances: Mapping[AllowanceComponent, float] = field(default_factory=dict)
    alpha: float | None = None
    power: float = 0.80
    rho: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """What a plan says beside its numbers."""

    id: str
    subject: str
    eval_name: str
    answers: str
    """The line that the run is to answer: `ID@VERSION/indicator`."""
    committed_at: datetime


def question_of(wish: Wish, indicator: Indicator | None = None) -> Question:
    """Return the question that a wish puts, with what a policy's line declares.

    Raises:
        UsageError: no line, or a line that is no share crossed from below.
    """
    declared: dict[AllowanceComponent, float] = {}
    line, safe, alpha = wish.line, wish.safe, wish.alpha
    if indicator is not None:
        line = _share(indicator) if line is None else line
        if safe is None and indicator.safe_level is not None:
            safe = float(indicator.safe_level)
        if alpha is None and indicator.alpha is not None:
            alpha = float(indicator.alpha)
        declared = _declared(indicator, wish.elicitation)
    if line is None:
        raise UsageError(
            "no line to design for",
            hint="give `--line SHARE`, or `--policy ID@VERSION` with `--indicator ID`",
        )
    amounts = {**declared, **wish.allowances}
    return Question(
        line=line,
        safe=0.0 if safe is None else safe,
        elicitation=wish.elicitation,
        allowances=tuple(sorted(amounts.items())),
        alpha=0.05 if alpha is None else alpha,
        power=wish.power,
        rho=wish.rho,
    )


def _declared(indicator: Indicator, level: ElicitationLevel) -> dict[AllowanceComponent, float]:
    """Return what counts of a line's allowances: one for elicitation that is ours only adds."""
    found: dict[AllowanceComponent, float] = {}
    for entry in indicator.allowances:
        component = AllowanceComponent(entry.component)
        found[component] = found.get(component, 0.0) + float(entry.amount)
    gap = AllowanceComponent.ELICITATION
    entries = [entry for entry in indicator.allowances if entry.component == gap.value]
    if any(entry.cite is None or entry.ours for entry in entries):
        found[gap] = max(found[gap], level.default_logits or 0.0)
    return found


def must_be_on_record(level: ElicitationLevel, policy: Policy | None) -> tuple[str, ...]:
    """Return what records must show before such a run rules out, a sentence each.

    Args:
        level: the elicitation that is designed for.
        policy: the policy that draws the line; None: a bare number.
    """
    found: list[str] = []
    if level not in (ElicitationLevel.E0, ElicitationLevel.E1):
        first = ElicitationLevel.E1
        found.append(
            f"{level.value}: an elicitation-record of the line, whose arms with a result name"
            f" {_words(wanted_for(level))}; without it the run counts as {first.value}, with"
            f" {first.default_logits:g} logits"
        )
    for row in policy.elicitation if policy else ():
        if row.binds and row.shown_by:
            gates = f" (at {_words([gate.value for gate in row.at])})" if row.at else ""
            found.append(
                f"the policy's `{row.id}`{gates}: arms or a variant that show"
                f" {_words(row.shown_by)}; without them the line is not ruled out [{row.cite}]"
            )
    return tuple(found)


def _words(words: Sequence[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)


def line_of(source: PolicySource, policy: str, name: str) -> tuple[Policy, Indicator]:
    """Return a policy and a line of it, its indicator sets included.

    Raises:
        UsageError: no such policy, or no such line in it; the lines there are are named.
    """
    found = policies_of(source, [policy])[0].policy
    lines = {each.id: each for threshold in found.thresholds for each in threshold.indicators}
    if name not in lines:
        shares = sorted(each.id for each in lines.values() if each.measure in _SHARES)
        raise UsageError(
            f"`{plain(policy)}` has no line `{plain(name)}`",
            hint=f"its lines on shares: {', '.join(shares) or 'none'}",
        )
    return found, lines[name]


def _share(indicator: Indicator) -> Decimal:
    value = indicator.value
    usable = indicator.measure in _SHARES and indicator.comparator in _FROM_BELOW
    if not usable or not isinstance(value, Decimal) or not 0 < value < 1:
        raise UsageError(
            f"`{indicator.id}` is no share that is crossed from below",
            hint=f"it is `{indicator.measure.value}` {indicator.comparator.value} {value}; "
            "a number of items is known for shares only",
        )
    return value


def plan_document(answer: Answer, head: PlanHead) -> dict[str, Any]:
    """Return an evaluation plan as a document, at the size that was found.

    Raises:
        UsageError: no size does what was asked, so there is nothing to plan.
    """
    size = answer.chosen
    if size is None:
        raise UsageError(
            "no plan: no number of items does what was asked",
            hint="choose a lower safe level, better elicitation or smaller allowances",
        )
    instant = format_instant(head.committed_at)
    run = {
        "id": "run-1",
        "eval": {"name": head.eval_name},
        "samples": size.units,
        "epochs": size.epochs,
        "elicitation": answer.question.elicitation.value,
        "answers": [head.answers],
    }
    return {
        "schema": "scalegate/plan@1",
        "id": head.id,
        "subject": head.subject,
        "true_from": instant,
        "known_from": instant,
        "source": {"document": "Evaluation design", "mark": "record"},
        "payload": {"runs": [run], "committed_at": instant},
    }


def design_mapping(answer: Answer, on_record: Sequence[str]) -> dict[str, Any]:
    """Return the answer as plain data for `--json`, with what must be on record for it."""
    asked = answer.question
    return {
        "line": str(asked.line),
        "effective_line": answer.effective_line,
        "safe_level": asked.safe,
        "elicitation": asked.elicitation.value,
        "alpha": asked.alpha,
        "power": asked.power,
        "rho": asked.rho,
        "allowances": [
            {"component": component.value, "logits": logits, "costs_units": units}
            for component, logits, units in answer.costs
        ],
        "fewest_units_without_success": answer.fewest,
        "sizes": [
            {"epochs": epochs, "size": None if size is None else size.to_mapping()}
            for epochs, size in answer.sizes
        ],
        "curve": {
            "epochs": answer.epochs,
            "points": [{"units": units, "power": power} for units, power in answer.curve],
        },
        "must_be_on_record": list(on_record),
        "never_ruled_out": list(answer.never),
    }
