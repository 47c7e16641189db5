"""Evaluation plans, and the explicit mapping from an evaluation to an indicator."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from scalegate.evidence.documents.checks import Method
from scalegate.evidence.documents.fields import (
    CheckpointRef,
    ClauseRef,
    Count,
    Elicitation,
    EvalName,
    Fault,
    Identifier,
    Instant,
    Label,
    Level,
    Many,
    Part,
    Proportion,
    Sha256,
    Short,
    Size,
    Text,
    fault_unless,
    refuse,
)
from scalegate.evidence.documents.results import Aggregation, Variant


class Stopping(Part):
    """How a run may be stopped before its end: by a rule whose bound allows it."""

    rule: Literal["scalegate.StopWhenSettled/1"]
    """The early-stopping manager, with its version."""
    line: Proportion
    """The effective line that it asks about: allowances already subtracted."""
    alpha: Annotated[Proportion, Field(gt=0)]
    """Error probability of each of its two questions."""
    score: Short
    """Name of the scorer whose value it judges."""


class PlannedRun(Part):
    """One evaluation that should run."""

    id: Identifier
    """Name of the planned run inside the plan."""
    eval: EvalName
    """Which evaluation, in which version."""
    tested: CheckpointRef | None = None
    """The checkpoint to test; absent: the plan's subject."""
    variant: Variant = "unstated"
    """The variant to test."""
    samples: Size
    """How many samples."""
    epochs: Size = 1
    """How many attempts at each."""
    elicitation: Level
    """How hard it will be tried."""
    answers: Annotated[Many[ClauseRef], Field(min_length=1)]
    """Thresholds and indicators that it is meant to answer."""
    stopping: Stopping | None = None
    """How it may stop before `samples` have run; absent: not at all."""
    seed: Short | None = None
    """Text that picks one attempt of each item, where a decision asks for proved bounds."""
    looks: Many[Size] = ()
    """Samples at which results are looked at before more are gathered, the last one `samples`; the
    error is shared out over them. Absent: one look."""

    @model_validator(mode="after")
    def _looks_grow(self) -> PlannedRun:
        steps = all(low < high for low, high in pairwise(self.looks))
        fits = len(self.looks) > 1 and steps and self.looks[-1] == self.samples
        refuse(
            [
                *fault_unless(
                    not self.looks or fits,
                    "looks",
                    "looks that do not grow to `samples`",
                    expected=f"two or more growing sizes, the last {self.samples}",
                ),
                *fault_unless(
                    not (self.looks and self.stopping),
                    "looks",
                    "looks at fixed sizes, and a rule that looks after every item",
                    expected="`looks` or `stopping`",
                ),
            ]
        )
        return self


class PlannedCheck(Part):
    """A check for hidden ability that is prescribed: nothing is ruled out without its answer."""

    method: Method
    """What is to be done."""
    answers: Annotated[Many[ClauseRef], Field(min_length=1)]
    """Thresholds and indicators whose evals it looks behind."""


class Plan(Part):
    """The evaluations that should run, fixed before they do."""

    runs: Annotated[Many[PlannedRun], Field(min_length=1)]
    """What should run."""
    committed_at: Instant
    """When the plan was fixed; a run that started earlier was not planned."""
    recorded_by: Short | None = None
    """Who fixed it."""
    is_complete: bool = True
    """Whether it lists everything that will run: then another run is reported as extra."""
    checks: Many[PlannedCheck] = ()
    """Checks for hidden ability that must be on record before a line is ruled out."""

    @model_validator(mode="after")
    def _names_each_run_once(self) -> Plan:
        ids = [run.id for run in self.runs]
        refuse(fault_unless(len(set(ids)) == len(ids), "runs", "planned run named twice"))
        return self


class CommittedLine(Part):
    """A line as it stood when the plan was recorded."""

    clause: ClauseRef
    """The line, by the policy that carries it: `anthropic-rsp@2.2/acquisition-uplift`."""
    sha256: Sha256
    """Digest of what it says, without prose and citation; a changed line has another."""
    statement: Short
    """What it said, in short."""


class PlanReceipt(Part):
    """Where a plan stands in a log, and by when it stood there.

    Written by `scalegate plan commit`. Whoever decides from it takes its word; `scalegate plan
    check`, `decide` and `verify` compare it with the log.
    """

    plan: Sha256
    """Digest of the plan's canonical form."""
    envelope: Sha256
    """Digest of the signed envelope that records it."""
    log: Short
    """The log's name."""
    entry: Count
    """Where it stands in the log, from 0."""
    recorded_at: Instant
    """By when, at the latest, it stood there."""
    clock: Literal["own", "witness"]
    """Whose clock says so: the lab's own, or that of the witnesses who cosigned the checkpoint."""
    checkpoint: Annotated[str, StringConstraints(min_length=1, max_length=65536)]
    """A checkpoint of the log that contains it, with the signatures it then had."""
    lines: Many[CommittedLine] = ()
    """The lines that its runs are to answer, as they then stood."""

    @model_validator(mode="after")
    def _names_each_line_once(self) -> PlanReceipt:
        names = [line.clause for line in self.lines]
        refuse(fault_unless(len(set(names)) == len(names), "lines", "line named twice"))
        return self


class TaskSelector(Part):
    """Logs by their task: version and scorer too, since a name alone proves nothing."""

    name: Short
    """The task's name, exactly as logged."""
    version: Label
    """The task's version, exactly as logged."""
    scorer: Short
    """The scorer that counts."""


class EvidenceSelector(Part):
    """What is mapped: exactly one of a document, a log, a task."""

    document: Identifier | None = None
    """Id of a published result, trial, judgement or horizon document."""
    log_sha256: Sha256 | None = None
    """Digest of one log file."""
    task: TaskSelector | None = None
    """All logs of one task in one version."""

    @model_validator(mode="after")
    def _selects_one(self) -> EvidenceSelector:
        given = [x for x in (self.document, self.log_sha256, self.task) if x is not None]
        refuse(
            fault_unless(
                len(given) == 1,
                "document",
                "selector without one clear meaning",
                expected="exactly one of `document`, `log_sha256`, `task`",
                got=f"{len(given)}",
            )
        )
        return self


class Mapping(Part):
    """Says that some evidence bears on an indicator, and why; nothing else makes that link."""

    selects: EvidenceSelector
    """The evidence."""
    indicator: ClauseRef
    """The indicator: `anthropic-rsp@2.2/acquisition-uplift`, or `set/indicator` of a set."""
    reason: Text
    """Why this evidence measures what the indicator asks, in our words."""
    taken_on: CheckpointRef | None = None
    """The checkpoint that a log was taken on: a log names a service, not weights."""
    scorer: Short | None = None
    """For one log with several scorers: the one that counts."""
    metric_key: Short | None = None
    """For a score that is a mapping: the key that counts."""
    direction: Literal["higher_is_more_capable", "lower_is_more_capable"] = "higher_is_more_capable"
    """Which way the score points."""
    family_key: Short | None = None
    """Sample metadata key that names the task family: the unit that would be drawn anew."""
    scale_max: Annotated[Size, Field()] | None = None
    """For a mean score: the best score there is."""
    attempts: Aggregation | None = None
    """How attempts count: their mean, the best of all (`max`), or of k (`pass_at`, `best_of`)."""
    spread_read_as: Literal["sd", "se"] | None = None
    """How a printed plus-minus of unstated kind is read, for the reason given; absent: the
    stricter reading counts. Every reading is shown either way."""
    elicitation: Elicitation | None = None
    """How hard it was tried; absent: what the document says, and for a log `E0`."""
    variant: Variant | None = None
    """For logs: which variant was tested."""
    chance: Annotated[Proportion, Field(gt=0, lt=1)] | None = None
    """For logs of multiple choice: the success rate of guessing, to look for signs of hiding."""
    difficulty_key: Short | None = None
    """For logs: sample metadata key with the item's difficulty in logits, for the same."""
    control: Literal["positive", "negative"] | None = None
    """For what does not measure the subject but the eval: the same eval on something known to be
    beyond the line (`positive`), or known to be far below it (`negative`). Absent: a measurement
    of the subject."""

    @model_validator(mode="after")
    def _log_has_a_checkpoint(self) -> Mapping:
        faults: list[Fault] = []
        if self.control is not None:
            faults += fault_unless(
                self.selects.task is None,
                "control",
                "control selected by its task",
                expected="`log_sha256` or `document`",
                hint="the task's logs are those of the subject; name the control's by digest",
            )
        if self.selects.document is None:
            faults += fault_unless(
                self.taken_on,
                "taken_on",
                "missing for a log",
                expected="the checkpoint that it was taken on",
            )
        refuse(faults)
        return self


__all__ = [
    "CommittedLine",
    "EvidenceSelector",
    "Mapping",
    "Plan",
    "PlanReceipt",
    "PlannedCheck",
    "PlannedRun",
    "Stopping",
    "TaskSelector",
]
