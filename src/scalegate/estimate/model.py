"""The nouns of estimation: an estimate or why there is none, a line, allowances, a verdict.

1. An estimate always has two one-sided bounds, each wrong with probability at most `alpha`, both
   under the cautious completion of missing data. No data gives `Insufficient`, never a number.
2. A line is exact (`Decimal`) and says which side of it is crossed.
3. An allowance names how far the shown score may lie from the score that counts, and its unit.
4. An error budget prints a total only when every term of it was evidenced.
5. A verdict is plain data about one estimate against one line; only RULED_OUT clears anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Any

from scalegate.base.errors import UsageError


class Scale(StrEnum):
    """What kind of number an estimate is, and so on which axis allowances are taken."""

    PROBABILITY = "probability"
    """A rate or mean in [0, 1]; allowances in logits."""
    SCORE = "score"
    """A mean in a declared range (`support`); allowances in logits of the rescaled score."""
    COUNT = "count"
    """A number out of a declared total (`support`); allowances in logits of the share."""
    RATIO = "ratio"
    """A fold change above 0; allowances in natural logarithms of the ratio."""
    MINUTES = "minutes"
    """A duration above 0; allowances in doublings."""
    ELO = "elo"
    """A rating above 0 of which 400 points multiply the odds by ten; allowances in points."""


class AllowanceUnit(StrEnum):
    """The axis on which an allowance is measured."""

    LOGIT = "logit"
    LOG_RATIO = "log_ratio"
    DOUBLINGS = "doublings"
    ELO_POINTS = "elo_points"


UNIT_OF_SCALE: dict[Scale, AllowanceUnit] = {
    Scale.PROBABILITY: AllowanceUnit.LOGIT,
    Scale.SCORE: AllowanceUnit.LOGIT,
    Scale.COUNT: AllowanceUnit.LOGIT,
    Scale.RATIO: AllowanceUnit.LOG_RATIO,
    Scale.MINUTES: AllowanceUnit.DOUBLINGS,
    Scale.ELO: AllowanceUnit.ELO_POINTS,
}
"""The only unit of allowance that each scale accepts."""


class InsufficientReason(StrEnum):
    """Why there is no estimate."""

    NO_DATA = "no_data"
    ALL_MISSING = "all_missing"
    TOO_FEW_UNITS = "too_few_units"
    BELOW_MINIMUM_DESIGN = "below_minimum_design"
    NO_SAMPLE_SIZE = "no_sample_size"
    ATTAINABILITY = "attainability"
    DEGENERATE = "degenerate"
    OUT_OF_RANGE = "out_of_range"
    EARLY_STOPPED_WITHOUT_SEQUENTIAL_BOUND = "early_stopped_without_sequential_bound"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insufficient:
    """There is no estimate, and this is why."""

    reason: InsufficientReason
    """The kind of lack, from a closed list."""
    detail: str
    """One sentence for a reader, naming the numbers."""
    observed: float | None = None
    """The value that was printed or seen, for display only: it bounds nothing."""

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json` and records."""
        return {"reason": self.reason.value, "detail": self.detail, "observed": self.observed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with two one-sided bounds, and what it was made from.

    Guarantees:
        `lower <= point <= upper`, and never zero width.

    Raises:
        UsageError: a number that is not finite, bounds out of order or of zero width,
            or an `alpha` outside (0, 0.5].
    """

    estimand: str
    """What is estimated, such as `proportion` or `time_horizon_50`."""
    unit: str
    """The unit of analysis: the highest level that would be drawn again in a rebuilt eval."""
    n_units: int
    """How many units there are."""
    n_samples: int
    """How many samples lie in them, missing ones included."""
    n_effective: float
    """The number of independent 0/1 trials that would be as precise; between the two above."""
    point: float
    """The value seen, in the unit of `scale`; with missing data the middle of its range."""
    lower: float
    """One-sided lower bound at level 1 - alpha, every missing sample counted as a failure."""
    upper: float | None
    """One-sided upper bound at level 1 - alpha, every missing sample counted as a success;
    None when no finite bound exists: nothing above the point is excluded."""
    alpha: float
    """Error probability of each bound by itself."""
    method: str
    """The method of the bounds, such as `gaffke_beta`."""
    scale: Scale
    """What kind of number this is."""
    missing: int = 0
    """How many samples were completed cautiously."""
    notes: tuple[str, ...] = ()
    """Caveats for a reader, in order."""
    support: tuple[float, float | None] = (0.0, 1.0)
    """Smallest and largest possible value; None where there is no largest."""
    ceiling: float | None = None
    """The largest line this design can speak to (90th percentile of task lengths; score ceiling
    over control mean); None where `support` says it all."""
    anytime_valid: bool = False
    """Whether the bounds hold however often the results were looked at."""

    def __post_init__(self) -> None:
        numbers = (self.point, self.lower, self.alpha, self.n_effective)
        ends = (self.upper, self.ceiling, *self.support)
        if not all(map(isfinite, numbers + tuple([end for end in ends if end is not None]))):
            raise UsageError("an estimate holds only finite numbers", hint="use Insufficient")
        if not 0 < self.alpha <= 0.5:
            raise UsageError(f"alpha must lie in (0, 0.5]; got `{self.alpha}`")
        if self.lower > self.point or (self.upper is not None and self.upper < self.point):
            raise UsageError("bounds of an estimate must enclose its point")
        if self.upper == self.lower or self.n_units < 1:
            raise UsageError(
                "an estimate never has zero width or no units", hint="use Insufficient"
            )

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json` and records."""
        return {
            "estimand": self.estimand,
            "unit": self.unit,
            "n_units": self.n_units,
            "n_samples": self.n_samples,
            "n_effective": self.n_effective,
            "point": self.point,
            "lower": self.lower,
            "upper": self.upper,
            "alpha": self.alpha,
            "method": self.method,
            "scale": self.scale.value,
            "missing": self.missing,
            "notes": list(self.notes),
            "support": list(self.support),
            "ceiling": self.ceiling,
            "anytime_valid": self.anytime_valid,
        }


class AllowanceComponent(StrEnum):
    """What an allowance is made for."""

    ELICITATION = "elicitation"
    GROWTH = "growth"
    BUDGET = "budget"
    MISSING = "missing"
    GRADER = "grader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How far the score that counts may lie beyond the score that was shown.

    Raises:
        UsageError: an amount that is negative or not finite.
    """

    component: AllowanceComponent
    """What it is made for."""
    amount: float
    """How much, in `unit`, at least 0."""
    unit: AllowanceUnit = AllowanceUnit.LOGIT
    """The axis of `amount`; must fit the scale of the estimate."""
    evidence: str | None = None
    """What the amount rests on; None: never evidenced, and the error budget says so."""

    def __post_init__(self) -> None:
        if not isfinite(self.amount) or self.amount < 0:
            raise UsageError(f"an allowance is finite and at least 0; got `{self.amount}`")

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json` and records."""
        return {
            "component": self.component.value,
            "amount": self.amount,
            "unit": self.unit.value,
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBudget:
    """The ways in which a RULED_OUT can be wrong, each with its probability where evidenced."""

    alpha: float
    """Sampling error of the bound."""
    elicitation: float | None = None
    """Probability that the elicitation gap exceeds its allowance; None: never evidenced."""
    growth: float | None = None
    """Probability that growth until the next assessment exceeds its allowance; None likewise."""
    validity: float | None = None
    """Probability that the eval does not measure what its line means, or was not a random
    sample of its domain; None likewise."""

    @property
    def total(self) -> float | None:
        """The union bound of all four terms, or None when any was never evidenced."""
        terms = (self.elicitation, self.growth, self.validity)
        if any(term is None for term in terms):
            return None
        return min(1.0, self.alpha + sum(term for term in terms if term is not None))

    def to_sentence(self) -> str:
        """Say the budget in one sentence; no total is printed while a term lacks evidence."""
        named = {
            "elicitation": self.elicitation,
            "growth": self.growth,
            "validity": self.validity,
        }
        absent = [name for name, term in named.items() if term is None]
        given = [f"{name} {term:.2%}" for name, term in named.items() if term is not None]
        parts = ", ".join([f"sampling {self.alpha:.2%}", *given])
        if absent:
            return f"{parts}; no total: never evidenced: {', '.join(absent)}"
        return f"{parts}; at most {self.total:.2%} in total by the union bound"

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json` and records."""
        return {
            "alpha": self.alpha,
            "elicitation": self.elicitation,
            "growth": self.growth,
            "validity": self.validity,
            "total": self.total,
            "sentence": self.to_sentence(),
        }


class CrossedWhen(StrEnum):
    """Which side of a line is crossed, and whether the line itself is."""

    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"

    @property
    def higher_is_dangerous(self) -> bool:
        """Whether large values are the crossed ones."""
        return self is CrossedWhen.AT_LEAST or self is CrossedWhen.ABOVE

    @property
    def line_itself_is_crossed(self) -> bool:
        """Whether a value exactly on the line is crossed."""
        return self in (CrossedWhen.AT_LEAST, CrossedWhen.AT_MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An exact value of an indicator, and the side of it that is crossed.

    Raises:
        UsageError: a value that is not finite.
    """

    value: Decimal
    """The value in the unit of the estimate, exactly as the policy prints it."""
    crossed_when: CrossedWhen
    """Which side counts as crossed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "crossed_when", CrossedWhen(self.crossed_when))
        if not self.value.is_finite():
            raise UsageError(f"a line is finite; got `{self.value}`")

    def to_mapping(self) -> dict[str, str]:
        """Return plain data for `--json` and records."""
        return {"value": str(self.value), "crossed_when": self.crossed_when.value}


class ElicitationLevel(StrEnum):
    """How hard it was tried to make the model show what it can do.

    Source: the ladder and default allowances of `docs/explanation/statistics.md`; the numbers
    come from small planted models and are defaults of ours, to be overridden by evidence.
    """

    E0 = "E0"
    """Plain prompt only: nothing can be ruled out."""
    E1 = "E1"
    """With scaffold and tools, refusals removed."""
    E2 = "E2"
    """Also best of n, temperatures, an independent team, a plateau on a development set."""
    E3A = "E3a"
    """Also fine-tuning on at least 16 demonstrations from the same distribution."""
    E3B = "E3b"
    """At least 64 such demonstrations."""
    E3C = "E3c"
    """At least 256, the best of all arms."""

    @property
    def default_logits(self) -> float | None:
        """Default allowance in logits; None for E0, where no allowance helps."""
        return _DEFAULT_LOGITS[self]

    @property
    def covers_sandbagging(self) -> bool:
        """Whether the level means anything against a model that hides ability on purpose."""
        return self in (ElicitationLevel.E3A, ElicitationLevel.E3B, ElicitationLevel.E3C)


_DEFAULT_LOGITS: dict[ElicitationLevel, float | None] = {
    ElicitationLevel.E0: None,
    ElicitationLevel.E1: 2.0,
    ElicitationLevel.E2: 1.5,
    ElicitationLevel.E3A: 1.75,
    ElicitationLevel.E3B: 1.25,
    ElicitationLevel.E3C: 0.75,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What was promised before the eval was run: error rates, and the level called safe.

    Raises:
        UsageError: a rate outside (0, 0.5], or `rho` outside [0, 1].
    """

    p_safe: float | None = None
    """A value, in the unit of the estimate, of a model that should be cleared. None: not
    declared; power is then taken at the least dangerous value there is, a bare minimum."""
    alpha: float = 0.05
    """Largest error accepted of the bound that rules out."""
    beta: float = 0.20
    """Largest accepted probability that a model at `p_safe` is not cleared."""
    alpha_in: float = 0.05
    """Largest error accepted of the bound that rules in."""
    rho: float = 0.5
    """Correlation of samples inside a unit assumed for power."""
    n_minimum: int = 1
    """Fewest units that were promised; fewer make the verdict INVALID."""
    looks: int = 1
    """Looks at fixed sizes that were promised; each bound may err by `alpha` over so many."""

    def __post_init__(self) -> None:
        if not all(0 < rate <= 0.5 for rate in (self.alpha, self.beta, self.alpha_in)):
            raise UsageError("alpha, beta and alpha_in must lie in (0, 0.5]")
        if not 0 <= self.rho <= 1:
            raise UsageError(f"rho must lie in [0, 1]; got `{self.rho}`")
        if self.looks < 1:
            raise UsageError(f"at least one look is promised; got `{self.looks}`")
        if self.p_safe is not None and not isfinite(self.p_safe):
            raise UsageError(f"p_safe must be finite; got `{self.p_safe}`")

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json` and records."""
        return {
            "p_safe": self.p_safe,
            "alpha": self.alpha,
            "beta": self.beta,
            "alpha_in": self.alpha_in,
            "rho": self.rho,
            "n_minimum": self.n_minimum,
            "looks": self.looks,
        }


class Outcome(StrEnum):
    """What a verdict says. Everything but RULED_OUT counts as crossed."""

    RULED_OUT = "ruled_out"
    """The bound lies on the safe side of the line with all allowances, by a sharp eval."""
    RULED_IN = "ruled_in"
    """The other bound lies on the dangerous side of the line."""
    NOT_RULED_OUT = "not_ruled_out"
    """Neither: more evidence of safety or safeguards are needed."""
    BLUNT = "blunt"
    """This eval could not have cleared even a safe model: build a better one."""
    SUSPECT = "suspect"
    """Would be ruled out, but a sign of hidden ability is open."""
    INVALID = "invalid"
    """A hard condition failed or there is no estimate: the eval says nothing."""


class VerdictReason(StrEnum):
    """Why a verdict is what it is, from a closed list; the first ones decide."""

    INSUFFICIENT = "insufficient"
    HARD_GATE_FAILED = "hard_gate_failed"
    ALLOWANCE_UNIT_MISMATCH = "allowance_unit_mismatch"
    LINE_OUT_OF_RANGE = "line_out_of_range"
    BELOW_MINIMUM_DESIGN = "below_minimum_design"
    PEEKED_WITHOUT_SEQUENTIAL_BOUND = "peeked_without_sequential_bound"
    POSITIVE_CONTROL_FAILED = "positive_control_failed"
    NEGATIVE_CONTROL_FAILED = "negative_control_failed"
    BEYOND_LINE = "beyond_line"
    ABOVE_RULE_OUT_LINE = "above_rule_out_line"
    BOUND_CLEARS_LINE = "bound_clears_line"
    BOUND_REACHES_LINE = "bound_reaches_line"
    NO_ELICITATION_EVIDENCE = "no_elicitation_evidence"
    ELICITATION_DOES_NOT_COVER_SANDBAGGING = "elicitation_does_not_cover_sandbagging"
    BUDGET_NOT_BOUNDED = "budget_not_bounded"
    SANDBAGGING_FLAG_OPEN = "sandbagging_flag_open"
    POWER_TOO_LOW = "power_too_low"
    LINE_BEYOND_DESIGN = "line_beyond_design"
    ALPHA_ABOVE_DESIGN = "alpha_above_design"
    RULE_IN_LINE_ONLY = "rule_in_line_only"
    SAFE_LEVEL_UNDECLARED = "safe_level_undeclared"
    NO_POSITIVE_CONTROL = "no_positive_control"
    DEFAULT_ALLOWANCE = "default_allowance"


class Role(StrEnum):
    """What a policy uses the indicator for."""

    RULE_OUT = "rule_out"
    """May rule out; passing the line only removes this evidence, it rules nothing in."""
    RULE_IN = "rule_in"
    """May rule in; staying below the line rules nothing out."""
    ALERT = "alert"
    """May answer either way."""
    TRIGGER_ASSESSMENT = "trigger_assessment"
    """May answer either way."""
    NOTABLE = "notable"
    """May answer either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One estimate against one line, with everything that decided it."""

    outcome: Outcome
    """The answer."""
    reasons: tuple[VerdictReason, ...]
    """Why: the deciding reason first, then others that hold, then caveats."""
    details: tuple[str, ...]
    """Sentences for a reader."""
    role: Role
    """The role under which it was judged."""
    estimate: Estimate | Insufficient
    """The estimate, or why there is none."""
    line: Line
    """The line as the policy prints it."""
    effective_line: float | None
    """The line after all allowances, rounded towards caution; None when it has none."""
    bound: float | None
    """The bound that was compared with `effective_line`; None when there is none."""
    power_at_safe: float | None
    """Probability that this design clears a model at the declared safe level."""
    minimum_detectable_excess: float | None
    """Smallest distance beyond the line that this design rules in with power 1 - beta."""
    clearable_deficit: float | None
    """Smallest distance on the safe side of the line that it rules out with power 1 - beta."""
    tolerated_gap: float | None
    """Sum of all allowances: the largest gap at the line that cannot cause a false clearance
    beyond the error of the bound."""
    allowances: tuple[Allowance, ...]
    """The allowances that were subtracted."""
    error_budget: ErrorBudget
    """How a RULED_OUT could be wrong."""
    elicitation: ElicitationLevel
    """How hard ability was looked for."""
    design: Design
    """What was promised before."""
    n_looks: int = 1
    """How often results were looked at before completion, the final look included."""
    positive_control: Estimate | None = None
    """What the same harness showed on a subject known to be beyond the line."""
    negative_control: Estimate | None = None
    """What it showed on a subject known to be far on the safe side of it."""

    @property
    def counts_as_crossed(self) -> bool:
        """Whether the precautionary reading treats the line as crossed."""
        return self.outcome is not Outcome.RULED_OUT

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json` and records."""
        key = "estimate" if isinstance(self.estimate, Estimate) else "insufficient"
        return {
            "outcome": self.outcome.value,
            "counts_as_crossed": self.counts_as_crossed,
            "reasons": [reason.value for reason in self.reasons],
            "details": list(self.details),
            "role": self.role.value,
            key: self.estimate.to_mapping(),
            "line": self.line.to_mapping(),
            "effective_line": self.effective_line,
            "bound": self.bound,
            "power_at_safe": self.power_at_safe,
            "minimum_detectable_excess": self.minimum_detectable_excess,
            "clearable_deficit": self.clearable_deficit,
            "tolerated_gap": self.tolerated_gap,
            "allowances": _mappings(self.allowances),
            "error_budget": self.error_budget.to_mapping(),
            "elicitation": self.elicitation.value,
            "design": self.design.to_mapping(),
            "n_looks": self.n_looks,
            "positive_control": _control(self.positive_control),
            "negative_control": _control(self.negative_control),
        }


def _control(shown: Estimate | None) -> dict[str, Any] | None:
    return None if shown is None else shown.to_mapping()


def _mappings(allowances: Iterable[Allowance]) -> list[dict[str, Any]]:
    return [allowance.to_mapping() for allowance in allowances]
