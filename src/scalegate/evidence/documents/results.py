"""Measured capability: published results, uplift trials, horizon runs, judgements."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import model_validator

from scalegate.evidence.documents.fields import (
    Amount,
    CheckpointRef,
    Cite,
    Comparator,
    Count,
    Elicitation,
    EvalName,
    Exact,
    Fault,
    Identifier,
    Instant,
    Many,
    Part,
    Positive,
    Question,
    Sha256,
    Short,
    Size,
    Text,
    Word,
    fault_unless,
    refuse,
)

Variant = Literal[
    "shipped",
    "helpful_only",
    "reduced_refusals",
    "fine_tuned",
    "adversarially_fine_tuned",
    "base",
    "early_snapshot",
    "several",
    "unstated",
]
"""Which variant of the model was tested."""
Measure = Literal[
    "proportion", "mean_score", "fold_uplift", "count_of", "minutes", "elo", "qualitative"
]
Relation = Literal["equals", "about", "at_most", "at_least", "below", "above"]

_UNIT_OF: dict[str, str] = {
    "proportion": "proportion",
    "fold_uplift": "fold",
    "count_of": "count",
    "minutes": "minutes",
    "elo": "elo",
}


class Interval(Part):
    """A printed spread around a value; what kind it is matters, so `unstated` is a kind."""

    kind: Literal["sd", "se", "ci95", "unstated"]
    """What the printed plus-minus means."""
    half_width: Amount | None = None
    """The number after the plus-minus sign, in the unit of the value."""
    lower: Exact | None = None
    """Lower end, where both ends are printed."""
    upper: Exact | None = None
    """Upper end, where both ends are printed."""

    @model_validator(mode="after")
    def _one_form(self) -> Interval:
        ends = (self.lower is not None) + (self.upper is not None)
        both = self.half_width is not None and ends == 0
        refuse(
            fault_unless(
                both or (self.half_width is None and ends == 2),
                "half_width",
                "interval without one clear form",
                expected="either `half_width`, or `lower` and `upper`",
            )
        )
        if self.lower is not None and self.upper is not None:
            refuse(fault_unless(self.lower <= self.upper, "upper", "interval ends swapped"))
        return self


class PrintedLine(Part):
    """A line that the publisher drew for this evaluation, and what they said of it."""

    role: Literal["rule_out", "rule_in", "alert", "trigger_assessment", "notable", "baseline"]
    """What crossing it does, by the publisher's words."""
    comparator: Comparator
    """On which side of the value the line counts as crossed."""
    value: Exact
    """The value of the line, in the unit of what it is drawn on."""
    drawn_on: Literal["value", "fold", "treated_mean"] = "value"
    """Which number it is drawn on; a trial has a fold and a treated mean."""
    outcome: Literal["crossed", "not_crossed", "unclear", "unstated"] = "unstated"
    """What the publisher says of this model and this line."""
    note: Text | None = None
    """What else is printed about the line, in our words."""
    cite: Cite | None = None
    """Where the line is printed, if not at the document's source."""


class Aggregation(Part):
    """How attempts at one item became one score."""

    kind: Literal["mean", "median", "pass_at", "best_of", "consensus_of", "all_of", "max"]
    """The rule."""
    k: Size | None = None
    """How many attempts, where the rule has a number."""


class PublishedResult(Part):
    """A result as somebody printed it: point, n, interval, lines, remarks."""

    eval: EvalName
    """Which evaluation, in which harness version."""
    variant: Variant
    """Which variant of the model was tested."""
    tested: CheckpointRef | None = None
    """The checkpoint that was tested, where it is named; else the subject."""
    started_at: Instant | None = None
    """When the first of its runs began; without it the result answers no recorded plan."""
    measure: Measure
    """What the number is."""
    unit: Short | None = None
    """`proportion`, `fold`, `minutes`, `elo`, `count`; for a mean score the name of its unit."""
    value: Exact | None = None
    """The printed point, unless counted or qualitative."""
    value_is: Relation = "equals"
    """Whether the print gives the value or only a side of it (`below 42 %`)."""
    count: Count | None = None
    """For `count_of`: how many."""
    of: Size | None = None
    """For `count_of`: of how many."""
    raw_value: Exact | None = None
    """The same score with refusals counted as failures, where `value` is adjusted for them; both
    are judged, and the stricter counts."""
    raw_count: Count | None = None
    """The same for `count_of`."""
    scale_max: Positive | None = None
    """For a mean score: the best score there is."""
    n: Size | None = None
    """Items, tasks or trials behind the value, if printed."""
    n_of: Short | None = None
    """What `n` counts: questions, tasks, trials, participants."""
    epochs: Size | None = None
    """Attempts at each item, if printed."""
    aggregation: Aggregation | None = None
    """How attempts became a score, if printed."""
    interval: Interval | None = None
    """The printed spread, if any."""
    statement: Text | None = None
    """For a qualitative result: what was found, in our words."""
    outcome: Literal["no_concern", "some_concern", "substantial_concern"] | None = None
    """For a qualitative result: the grade that the printed words support."""
    grade: Identifier | None = None
    """For a qualitative result, instead of `outcome`: the grade in the words of the line it is for,
    where a policy grades its line in its own."""
    direction: Literal["higher_is_more_capable", "lower_is_more_capable"] = "higher_is_more_capable"
    """Which way the score points."""
    elicitation: Elicitation | None = None
    """How hard it was tried; absent counts as `E0`."""
    lines: Many[PrintedLine] = ()
    """The lines printed beside the result."""
    remarks: Many[Text] = ()
    """Printed limits: token limits, contamination, saturation, excluded tasks."""

    @model_validator(mode="after")
    def _fits_its_measure(self) -> PublishedResult:
        if self.measure == "qualitative":
            refuse(_qualitative(self))
            return self
        own = fault_unless(self.grade is None, "grade", f"not used for `{self.measure}`")
        measured = _counted(self) if self.measure == "count_of" else _pointed(self)
        refuse([*measured, *own, *_unit_fits(self)])
        return self


def _counted(result: PublishedResult) -> list[Fault]:
    faults = [
        *fault_unless(result.count is not None, "count", "missing for `count_of`"),
        *fault_unless(result.of is not None, "of", "missing for `count_of`"),
        *fault_unless(result.raw_value is None, "raw_value", "not used for `count_of`"),
        *fault_unless(result.value is None, "value", "not used for `count_of`", hint="use `count`"),
    ]
    if result.count is not None and result.of is not None and result.count > result.of:
        faults.append(
            Fault(("count",), "more than all", f"at most `of` ({result.of})", f"{result.count}")
        )
    return faults


def _qualitative(result: PublishedResult) -> list[Fault]:
    return [
        *fault_unless(result.statement, "statement", "missing for `qualitative`"),
        *fault_unless(result.value is None, "value", "not used for `qualitative`"),
        *fault_unless(
            not (result.outcome and result.grade),
            "grade",
            "two grades of one result",
            expected="`outcome` or `grade`",
        ),
        *fault_unless(
            (result.raw_value, result.raw_count) == (None, None),
            "raw_value",
            "not used for `qualitative`",
        ),
    ]


def _pointed(result: PublishedResult) -> list[Fault]:
    if result.value is None:
        return [Fault(("value",), f"missing for `{result.measure}`", "a number")]
    faults = [
        *fault_unless(result.count is None, "count", f"not used for `{result.measure}`"),
        *fault_unless(result.raw_count is None, "raw_count", f"not used for `{result.measure}`"),
    ]
    value = result.value
    if result.measure == "proportion" and not 0 <= value <= 1:
        hint = "write a percentage as a fraction"
        faults.append(Fault(("value",), "out of range", "from 0 to 1", f"{value}", hint))
    if result.measure in ("fold_uplift", "minutes", "elo") and value < 0:
        faults.append(Fault(("value",), "out of range", "zero or more", f"{value}"))
    beyond = result.measure == "mean_score" and result.scale_max and value > result.scale_max
    if beyond:
        faults.append(
            Fault(
                ("value",), "out of range", f"at most `scale_max` ({result.scale_max})", f"{value}"
            )
        )
    return faults


def _unit_fits(result: PublishedResult) -> list[Fault]:
    if result.measure == "mean_score":
        return fault_unless(result.unit, "unit", "missing for `mean_score`", expected="its name")
    wanted = _UNIT_OF[result.measure]
    return fault_unless(
        result.unit == wanted,
        "unit",
        "wrong unit",
        expected=f"`{wanted}` for `{result.measure}`",
        got=f"`{result.unit}`" if result.unit else "none",
        hint="convert the number and name its unit",
    )


class Spread(Part):
    """The printed spread of an arm."""

    kind: Literal["sd", "se", "unstated"]
    """Standard deviation of participants, standard error of the mean, or not said."""
    value: Amount
    """The number after the plus-minus sign, in the unit of the mean."""


class Arm(Part):
    """One arm of a trial: printed summary, or the participants' scores."""

    label: Short | None = None
    """What the participants had: a model, search only."""
    mean: Amount | None = None
    """Mean score, on the trial's scale."""
    spread: Spread | None = None
    """The printed spread, if any."""
    n: Size | None = None
    """Participants in the arm."""
    n_min: Size | None = None
    """Fewest participants that the print allows."""
    n_max: Size | None = None
    """Most participants that the print allows."""
    scores: Many[Amount] = ()
    """Raw scores, one per participant who finished, where they are known."""
    dropped: Count | None = None
    """With `scores`: participants without one; they count as the worse news. Absent: not said."""

    @model_validator(mode="after")
    def _one_size(self) -> Arm:
        ranged = (self.n_min, self.n_max) != (None, None)
        refuse(
            [
                *fault_unless(
                    self.mean is not None or self.scores,
                    "mean",
                    "arm without a result",
                    expected="`mean` or `scores`",
                ),
                *fault_unless(
                    not (ranged and self.n is not None),
                    "n",
                    "two sizes",
                    expected="`n`, or `n_min` and `n_max`",
                ),
                *fault_unless(
                    self.n is None or not self.scores or self.n == len(self.scores),
                    "n",
                    "size differs from the scores",
                    expected=f"{len(self.scores)}",
                    got=f"{self.n}",
                ),
                *fault_unless(
                    self.dropped is None or self.scores,
                    "dropped",
                    "drop-outs beside a printed summary",
                    expected="`scores` of those who finished",
                    hint="a printed mean does not say what became of those who did not",
                ),
                *fault_unless(
                    self.n_min is None or self.n_max is None or self.n_min <= self.n_max,
                    "n_max",
                    "range ends swapped",
                ),
            ]
        )
        return self


class UpliftTrial(Part):
    """A trial of two arms: how much better people do with the model."""

    task: Text
    """What participants had to do, in our words."""
    eval: EvalName | None = None
    """Name and version of the trial, where it has one."""
    variant: Variant
    """Which variant of the model the treated arm had."""
    tested: CheckpointRef | None = None
    """The checkpoint that was used, where it is named; else the subject."""
    started_at: Instant | None = None
    """When the first of its runs began; without it the result answers no recorded plan."""
    control: Arm
    """The arm without the model."""
    treated: Arm
    """The arm with the model."""
    unit: Literal["proportion", "points"]
    """Unit of means, spreads and scores: `proportion` is from 0 to 1."""
    scale_max: Positive
    """The best score there is; 1 for a proportion."""
    printed_fold: Positive | None = None
    """Treated over control, as printed."""
    lines: Many[PrintedLine] = ()
    """Acceptable and significant lines, as printed, each drawn on the fold or the mean."""
    population: Text | None = None
    """Who took part."""
    hours: Positive | None = None
    """How long participants had, in hours."""
    elicitation: Elicitation | None = None
    """How hard it was tried; absent counts as `E0`."""
    remarks: Many[Text] = ()
    """Printed limits."""

    @model_validator(mode="after")
    def _within_scale(self) -> UpliftTrial:
        faults: list[Fault] = []
        if self.unit == "proportion" and self.scale_max != 1:
            faults.append(
                Fault(("scale_max",), "wrong scale", "1 for `proportion`", f"{self.scale_max}")
            )
        for name, arm in (("control", self.control), ("treated", self.treated)):
            faults.extend(_beyond(name, arm, self.scale_max))
        refuse(faults)
        return self


def _beyond(name: str, arm: Arm, scale_max: Decimal) -> list[Fault]:
    expected = f"at most `scale_max` ({scale_max})"
    faults: list[Fault] = []
    if arm.mean is not None and arm.mean > scale_max:
        faults.append(Fault((name, "mean"), "out of range", expected, f"{arm.mean}"))
    for index, score in enumerate(arm.scores):
        if score > scale_max:
            faults.append(Fault((name, "scores", index), "out of range", expected, f"{score}"))
    return faults


class HorizonRun(Part):
    """One attempt at one task that people were timed on."""

    task: Short
    """Name of the task."""
    family: Short
    """Family of the task: the unit that would be drawn anew."""
    human_minutes: Positive
    """How long a skilled person takes, in minutes."""
    success: bool
    """Whether the attempt succeeded."""
    weight: Amount | None = None
    """Weight that the publisher gives the run, if any."""
    stopped_by_limit: bool = False
    """Whether tokens, time, another limit or an error ended it: then failure is no evidence."""


class HorizonFile(Part):
    """A file of runs beside the document."""

    path: Short
    """Path relative to the document; it may not leave the document's folder."""
    sha256: Sha256
    """Digest of the file."""
    format: Literal["metr-runs-jsonl"]
    """How the file is read."""
    alias: Short
    """The name that the file gives the model."""


class HorizonRuns(Part):
    """Attempts at tasks with known human time, inline or in a file."""

    eval: EvalName
    """The task suite and its version."""
    variant: Variant
    """Which variant of the model was tested."""
    tested: CheckpointRef | None = None
    """The checkpoint that was tested, where it is named; else the subject."""
    started_at: Instant | None = None
    """When the first of its runs began; without it the result answers no recorded plan."""
    file: HorizonFile | None = None
    """The file of runs; or give `runs`."""
    runs: Many[HorizonRun] = ()
    """The runs; or give `file`."""
    weighting: Literal["equal", "publisher"] = "equal"
    """Whether tasks weigh alike or as the publisher weighs them."""
    elicitation: Elicitation | None = None
    """How hard it was tried; absent counts as `E0`."""
    remarks: Many[Text] = ()
    """Printed limits."""

    @model_validator(mode="after")
    def _one_source(self) -> HorizonRuns:
        refuse(
            fault_unless(
                (self.file is None) != (not self.runs),
                "file",
                "runs without one clear place",
                expected="either `file` or `runs`",
            )
        )
        return self


SCALES: dict[str, tuple[str, ...]] = {
    "concern": ("no_concern", "some_concern", "substantial_concern"),
    "crossing": ("ruled_out", "unlikely", "cannot_rule_out", "likely", "crossed"),
    "sufficiency": ("sufficient", "partly_sufficient", "insufficient"),
}
"""The closed scales of a judgement, each from least to most concern."""


class Judge(Part):
    """Who judged: a role or an organisation, by name where it is public."""

    role: Word | None = None
    """Role, such as `domain_expert` or `responsible_scaling_officer`."""
    organisation: Short | None = None
    """Organisation, such as a contractor or an institute."""
    independent: bool | None = None
    """Whether it is independent of the developer; absent is not independent."""

    @model_validator(mode="after")
    def _is_named(self) -> Judge:
        refuse(
            fault_unless(
                self.role or self.organisation,
                "role",
                "nobody named",
                expected="`role` or `organisation`",
            )
        )
        return self


class Dissent(Part):
    """A view that differs from the answer, kept beside it."""

    by: Short
    """Who dissents."""
    answer: Word | None = None
    """Their answer on the same scale, if they gave one."""
    statement: Text
    """What they say, in our words."""


class Judgement(Part):
    """A graded answer of a named role to a question."""

    by: Judge
    """Who judged."""
    question: Question
    """What was asked: `threshold:...`, `indicator:...`, `safeguard:...`."""
    statement: Text
    """The judgement, in our words."""
    scale: Literal["concern", "crossing", "sufficiency"]
    """The closed scale of the answer."""
    answer: Word
    """A word of the scale."""
    basis: Text | None = None
    """What it rests on."""
    evidence: Many[Short] = ()
    """Ids of the documents it rests on."""
    access: Text | None = None
    """What the judge could see and test."""
    participants: Size | None = None
    """How many people judged."""
    judged_at: Instant | None = None
    """When, if it differs from `true_from`."""
    dissent: Many[Dissent] = ()
    """Views that differ."""

    @model_validator(mode="after")
    def _answers_on_its_scale(self) -> Judgement:
        words = SCALES[self.scale]
        faults = fault_unless(
            self.answer in words,
            "answer",
            "not a word of the scale",
            expected=" < ".join(words),
            got=f"`{self.answer}`",
        )
        for index, dissent in enumerate(self.dissent):
            if dissent.answer is not None and dissent.answer not in words:
                expected = " < ".join(words)
                path = ("dissent", index, "answer")
                faults.append(
                    Fault(path, "not a word of the scale", expected, f"`{dissent.answer}`")
                )
        refuse(faults)
        return self

    @property
    def concern_rank(self) -> int:
        """Place on the scale; 0 is the least concern."""
        return SCALES[self.scale].index(self.answer)


__all__ = [
    "SCALES",
    "Aggregation",
    "Arm",
    "Dissent",
    "HorizonFile",
    "HorizonRun",
    "HorizonRuns",
    "Interval",
    "Judge",
    "Judgement",
    "Measure",
    "PrintedLine",
    "PublishedResult",
    "Relation",
    "Spread",
    "UpliftTrial",
    "Variant",
]
