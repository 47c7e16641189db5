"""Before the run: how many items and epochs can rule a share out, and what none of them can.

1. The line is moved by all allowances, as `verdict` will move it afterwards.
2. The formula of `power` proposes a number of units; simulation with the bound that will judge the
   run confirms it, or asks for more. The smallest confirmed number is the answer.
3. Whoever is as capable as the moved line is never cleared but by chance (at most alpha): where
   the safe level is not below it, no number of items is enough, and that is said.
4. An allowance costs the items that would do without it, all else equal.

Only shares with a dangerous upper side: a line on a ratio or a duration has no number of items
that a formula knows. Not checked: whether items are a sample of the domain, and whether a model
beyond the threshold must score above the line at all.

Source: `docs/explanation/statistics.md`, "Before the run"; Clopper and Pearson 1934 for the count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from math import fsum, inf, isfinite
from typing import Any

from scalegate.base.errors import UsageError
from scalegate.estimate.model import AllowanceComponent, ElicitationLevel
from scalegate.estimate.power import (
    MOST_UNITS,
    clearing_count,
    effective_trials,
    fewest_units,
    power_of_share,
    simulated_power,
)
from scalegate.estimate.scale import moved_share, to_float

EPOCHS = (1, 2, 4, 10)
"""Attempts at each item for which the number of items is given."""
CURVE_UNITS = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a design has to do: clear a model at a safe level, at a line, after allowances.

    Raises:
        UsageError: a line or safe level outside its range, a rate outside (0, 0.5], a negative
            allowance or one that is named twice, correlation outside [0, 1].
    """

    line: Decimal
    """The line, a share in (0, 1) that is crossed from below."""
    safe: float
    """True share of a model that should be cleared, in [0, 1)."""
    elicitation: ElicitationLevel
    """How hard ability will be looked for; gives the default allowance for it."""
    allowances: tuple[tuple[AllowanceComponent, float], ...] = ()
    """Amounts in logits. Without one for elicitation the default of the level is added."""
    alpha: float = 0.05
    """Largest error of the bound that rules out."""
    power: float = 0.80
    """Least probability of clearing a model at the safe level."""
    rho: float = 0.5
    """Correlation of attempts at one item."""

    def __post_init__(self) -> None:
        if not (self.line.is_finite() and 0 < self.line < 1):
            raise UsageError(f"a line must lie between 0 and 1; got `{self.line}`")
        if not 0.0 <= self.safe < 1.0:
            raise UsageError(f"a safe level must lie in [0, 1); got `{self.safe}`")
        if not 0.0 < self.alpha <= 0.5 or not 0.5 <= self.power < 1.0:
            got = f"alpha {self.alpha:g}, power {self.power:g}"
            raise UsageError(f"alpha must lie in (0, 0.5], and power in [0.5, 1); got {got}")
        if not 0.0 <= self.rho <= 1.0:
            raise UsageError(f"rho must lie in [0, 1]; got `{self.rho}`")
        if any(not isfinite(amount) or amount < 0 for _, amount in self.allowances):
            got = ", ".join(f"{name.value} {amount:g}" for name, amount in self.allowances)
            raise UsageError(f"an allowance must be a number of logits, 0 or more; got {got}")
        names = [component for component, _ in self.allowances]
        if len(set(names)) != len(names):
            raise UsageError("an allowance is named twice")

    def applied(self) -> tuple[tuple[AllowanceComponent, float], ...]:
        """Return all allowances, with the level's default where none is for elicitation."""
        if any(component is AllowanceComponent.ELICITATION for component, _ in self.allowances):
            return self.allowances
        default = self.elicitation.default_logits
        if default is None:
            return self.allowances
        return ((AllowanceComponent.ELICITATION, default), *self.allowances)

    def effective_line(self) -> float:
        """Return the line after all allowances, a share."""
        return moved_share(to_float(self.line, towards=-inf), gap=self.gap())

    def gap(self) -> float:
        """Return the sum of all allowances, in logits."""
        return fsum(amount for _, amount in self.applied())


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A number of items and attempts that does what was asked."""

    units: int
    """Items, or families of items where there are any: what would be drawn anew."""
    epochs: int
    """Attempts at each."""
    power: float
    """Probability of clearing a model at the safe level, by the formula."""
    simulated: float
    """The same by simulation with the bound that judges the run."""
    clearable: float | None
    """Highest true share that this size clears with the power asked for."""

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "units": self.units,
            "epochs": self.epochs,
            "samples": self.units * self.epochs,
            "power": self.power,
            "simulated_power": self.simulated,
            "clearable_share": self.clearable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What it takes, what each allowance costs, and what no size can do."""

    question: Question
    effective_line: float
    """The line after allowances."""
    fewest: int | None
    """Items without a single success that clear the moved line; None: no number does."""
    sizes: tuple[tuple[int, Size | None], ...]
    """For each number of attempts the smallest size; None: more than `MOST_UNITS`, or never."""
    costs: tuple[tuple[AllowanceComponent, float, int | None], ...]
    """Each allowance with its logits and the items that it adds; None: nothing can be said."""
    curve: tuple[tuple[int, float], ...]
    """Power at the safe level by the number of items."""
    epochs: int
    """Attempts at each item for costs and curve."""
    never: tuple[str, ...]
    """What such an eval can never rule out, in sentences."""

    @property
    def chosen(self) -> Size | None:
        """The smallest size at the number of attempts asked for."""
        return dict(self.sizes)[self.epochs]


def design(question: Question, *, epochs: int = 1, seed: int = 0) -> Answer:
    """Return what it takes to clear a model at the safe level.

    Args:
        question: the line, the safe level, allowances and error rates.
        epochs: attempts at each item for costs and curve, at least 1.
        seed: of the simulations; the same seed gives the same answer.

    Raises:
        UsageError: fewer than one attempt.
    """
    if epochs < 1:
        raise UsageError(f"attempts must be at least 1; got `{epochs}`")
    line = question.effective_line()
    many = sorted({*EPOCHS, epochs})
    sizes = tuple((each, smallest(question, epochs=each, seed=seed)) for each in many)
    return Answer(
        question=question,
        effective_line=line,
        fewest=fewest_units(line, question.alpha) if _may_rule_out(question) else None,
        sizes=sizes,
        costs=tuple(_costs(question, dict(sizes)[epochs], epochs=epochs, seed=seed)),
        curve=tuple((n, _power(question, n, epochs)) for n in CURVE_UNITS),
        epochs=epochs,
        never=tuple(_never(question)),
    )


def smallest(question: Question, *, epochs: int, seed: int) -> Size | None:
    """Return the smallest size that clears a model at the safe level, or None.

    Power rises in steps, not evenly: a larger number can do a little less than a smaller one.
    """
    if not _may_rule_out(question) or question.safe >= question.effective_line():
        return None
    units = fewest_units(question.effective_line(), question.alpha)
    while units <= MOST_UNITS:
        power = _power(question, units, epochs)
        if power < question.power:
            units += 1
            continue
        simulated = _confirmed(question, units, epochs, seed)
        if simulated >= question.power:
            return Size(
                units=units,
                epochs=epochs,
                power=power,
                simulated=simulated,
                clearable=_clearable(question, units, epochs),
            )
        units += max(1, units // 25)
    return None


def _may_rule_out(question: Question) -> bool:
    return question.elicitation is not ElicitationLevel.E0 and question.effective_line() > 0.0


def _power(question: Question, units: int, epochs: int) -> float:
    # The bound is over units: with fewer than these not even a run of failures clears the line,
    # whatever the formula makes of many attempts at each.
    if not _may_rule_out(question) or units < fewest_units(
        question.effective_line(), question.alpha
    ):
        return 0.0
    n_eff = effective_trials(units, units * epochs, question.rho)
    line = question.effective_line()
    return power_of_share(line, question.safe, n_eff=n_eff, alpha=question.alpha)


def _clearable(question: Question, units: int, epochs: int) -> float | None:
    from scipy.special import betaincinv

    n_eff = effective_trials(units, units * epochs, question.rho)
    count = clearing_count(question.effective_line(), n_eff, question.alpha)
    if not 0 <= count < n_eff:
        return None
    return float(betaincinv(count + 1.0, n_eff - count, 1.0 - question.power))


def _confirmed(question: Question, units: int, epochs: int, seed: int) -> float:
    return simulated_power(
        safe=question.safe,
        line=question.effective_line(),
        n_units=units,
        epochs=epochs,
        rho=question.rho,
        alpha=question.alpha,
        seed=seed,
    )


def _costs(
    question: Question, size: Size | None, *, epochs: int, seed: int
) -> Iterator[tuple[AllowanceComponent, float, int | None]]:
    applied = question.applied()
    for component, amount in applied:
        left = tuple((each, 0.0 if each is component else logits) for each, logits in applied)
        without = smallest(replace(question, allowances=left), epochs=epochs, seed=seed)
        if size is None or without is None:
            yield component, amount, None
        else:
            yield component, amount, size.units - without.units


def _never(question: Question) -> Iterator[str]:
    level, line = question.elicitation, question.effective_line()
    if level is ElicitationLevel.E0:
        yield "anything: a plain prompt shows too little to rule out what the model can do"
        return
    if question.safe >= line:
        yield (
            f"a model at the safe level of {question.safe:g}: after allowances the line lies at "
            f"{line:.3g}, and nobody at or above it is cleared but by chance"
        )
    chance = f"but by chance (at most {question.alpha:g})"
    yield f"a model whose true share is {line:.3g} or more, {chance}"
    allowed = f"{question.gap():g} logits in all"
    yield (
        f"more hidden ability than was allowed for: {allowed}. A larger eval is then "
        "more confidently wrong"
    )
    if not level.covers_sandbagging:
        yield f"a model that hides what it can do: {level.value} means nothing against it"
    if not any(component is AllowanceComponent.GROWTH for component, _ in question.allowances):
        yield "growth until the next assessment: no allowance was made for it"
    yield "a threshold that a model may cross without scoring above this line"
