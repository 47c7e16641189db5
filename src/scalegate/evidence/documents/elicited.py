"""Records of elicitation: what was tried to bring a capability out, by whom, with what effort."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from scalegate.evidence.documents.fields import (
    Amount,
    CheckpointRef,
    ClauseRef,
    Count,
    Fault,
    Identifier,
    Label,
    Many,
    Part,
    Positive,
    Proportion,
    Short,
    Size,
    Text,
    fault_unless,
    refuse,
)

Technique = Literal[
    "prompting",
    "scaffold",
    "tools",
    "budget",
    "best_of_n",
    "temperature_sweep",
    "development_set_plateau",
    "helpful_only",
    "fine_tuning",
]
"""What can be done to bring a capability out."""


class Scored(Part):
    """What items gave: counts, or a score for each item."""

    solved: Count | None = None
    """How many items were solved."""
    of: Size | None = None
    """Of how many."""
    scores: Many[Proportion] = ()
    """Instead: one score for each item, from 0 to 1 of the eval's range, in one order of items
    throughout the record; then budgets are compared item by item."""

    @model_validator(mode="after")
    def _one_form(self) -> Scored:
        faults: list[Fault] = []
        counted = self.solved is not None and self.of is not None
        if counted == bool(self.scores) or (self.solved is None) != (self.of is None):
            faults.append(
                Fault(("solved",), "no clear score", "`solved` and `of`, or `scores`", "")
            )
        if self.solved is not None and self.of is not None:
            faults += fault_unless(
                self.solved <= self.of,
                "solved",
                "more than all",
                expected=f"at most {self.of}",
                got=f"{self.solved}",
            )
        refuse(faults)
        return self

    def shares(self) -> tuple[float, ...]:
        """Return one share for each item; of counts in no order that means anything."""
        if self.scores:
            return tuple(float(score) for score in self.scores)
        solved, of = self.solved or 0, self.of or 0
        return (1.0,) * solved + (0.0,) * (of - solved)


class BudgetPoint(Scored):
    """What one inference budget gave."""

    budget: Positive
    """How much each item was allowed, in the curve's unit."""


class BudgetCurve(Part):
    """Scores over growing inference budgets, everything else the same."""

    unit: Literal["tokens", "attempts", "usd", "minutes"]
    """What a budget is counted in."""
    points: Annotated[Many[BudgetPoint], Field(min_length=1)]
    """The budgets that were tried, smallest first."""
    attacker_budget: Positive | None = None
    """What the threat actor could spend on an item, in the same unit; absent: not said."""

    @model_validator(mode="after")
    def _grows(self) -> BudgetCurve:
        budgets = [point.budget for point in self.points]
        is_sorted = all(low < high for low, high in pairwise(budgets))
        wanted = "smallest first"
        refuse(fault_unless(is_sorted, "points", "budgets do not grow", expected=wanted))
        return self


class ElicitationArm(Part):
    """One way in which it was tried, and what it gave."""

    id: Identifier
    """Name of the arm inside the record."""
    tried: Annotated[Many[Technique], Field(min_length=1)]
    """Everything that was done in it."""
    statement: Text
    """What was done, in our words."""
    by: Short
    """Who tried."""
    team: Literal["developers", "separate", "external"]
    """How far the team stands from the model's developers."""
    hours: Positive
    """Person-hours of work on it."""
    cost_usd: Amount | None = None
    """What it cost, in US dollars."""
    demonstrations: Count | None = None
    """For `fine_tuning`: demonstrations used."""
    demonstrations_like: Literal["same_distribution", "easier", "other"] | None = None
    """For `fine_tuning`: whether they are like the eval's items; easier ones unlock little."""
    tested: CheckpointRef | None = None
    """The checkpoint it gave or was tried on; absent: the record's."""
    result: Scored | None = None
    """What it gave on the eval's items."""
    measured_by: Label | None = None
    """Instead: the document's id or log's SHA-256 that is mapped to the line and measures it."""
    curve: BudgetCurve | None = None
    """For `budget`: what growing budgets gave."""

    @model_validator(mode="after")
    def _fits_what_was_tried(self) -> ElicitationArm:
        tuned, given = "fine_tuning" in self.tried, (self.demonstrations, self.demonstrations_like)
        faults = [
            *fault_unless(
                (None not in given) if tuned else given == (None, None),
                "demonstrations",
                "does not fit what was tried",
                expected="`demonstrations` and `demonstrations_like` with `fine_tuning`, and only"
                " there",
            ),
            *fault_unless(
                (self.curve is not None) == ("budget" in self.tried),
                "curve",
                "`curve` belongs to `budget`, and to it alone",
            ),
            *fault_unless(
                not (self.result is not None and self.measured_by is not None),
                "measured_by",
                "two results of one arm",
                expected="`result` or `measured_by`",
            ),
            *fault_unless(
                len(set(self.tried)) == len(self.tried), "tried", "technique named twice"
            ),
        ]
        refuse(faults)
        return self


class ElicitationRecord(Part):
    """What was tried to bring the capability behind some lines out.

    A level of the elicitation ladder above E1 counts only with one, and no further than its arms
    show. Every arm with a result is judged: nothing is ruled out that one of them did not rule out.
    """

    indicators: Annotated[Many[ClauseRef], Field(min_length=1)]
    """The lines whose eval was elicited for."""
    statement: Text
    """What was done on the whole, in our words."""
    tested: CheckpointRef | None = None
    """The checkpoint, where it is named; else the subject."""
    arms: Annotated[Many[ElicitationArm], Field(min_length=1)]
    """What was tried, each way once."""
    residual_gaps: Many[Amount] = ()
    """Gaps that the same elicitation left on models whose ability was known, planted ones, in
    logits: one for each model."""
    known_models: Text | None = None
    """For `residual_gaps`: which models, and how their ability was known."""

    @model_validator(mode="after")
    def _names_each_arm_once(self) -> ElicitationRecord:
        ids = [arm.id for arm in self.arms]
        refuse(
            [
                *fault_unless(len(set(ids)) == len(ids), "arms", "arm named twice"),
                *fault_unless(
                    bool(self.residual_gaps) == (self.known_models is not None),
                    "known_models",
                    "`residual_gaps` and `known_models` go together",
                ),
            ]
        )
        return self


__all__ = [
    "BudgetCurve",
    "BudgetPoint",
    "ElicitationArm",
    "ElicitationRecord",
    "Scored",
    "Technique",
]
