"""Design an evaluation before it runs: from a line of a policy, or from a bare number.

A line of a policy is taken only if it is a share that is crossed from below; what the policy
declares with it (safe level, error, allowances) counts unless the caller says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scalegate.app.workspace import policies_of
from scalegate.base.errors import UsageError
from scalegate.base.instants import format_instant
from scalegate.base.plain_text import plain
from scalegate.estimate.design import Answer, Question
from scalegate.estimate.model import AllowanceComponent, ElicitationLevel
from scalegate.policy.vocabulary import Comparator, Measure

if TYPE_CHECKING:
    from scalegate.policy.document import Indicator
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
        for entry in indicator.allowances:
            declared[AllowanceComponent(entry.component)] = float(entry.amount)
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


def indicator_of(source: PolicySource, policy: str, name: str) -> Indicator:
    """Return a line of a policy, its indicator sets included.

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
    return lines[name]


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


def design_mapping(answer: Answer) -> dict[str, Any]:
    """Return the answer as plain data for `--json`."""
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
        "never_ruled_out": list(answer.never),
    }
