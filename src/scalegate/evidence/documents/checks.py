"""Checks for hidden ability that need access to the model, and scans of its transcripts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scalegate.evidence.documents.fields import (
    CheckpointRef,
    ClauseRef,
    Count,
    Fault,
    Many,
    Part,
    Sha256,
    Short,
    Size,
    Text,
    fault_unless,
    refuse,
)

Method = Literal[
    "noise_injection",
    "elicitation_training",
    "paired_framings",
    "benign_twin",
    "probe",
    "transcript_scan",
]
"""What can be done to look for hidden ability beyond the logs."""


class CheckArm(Part):
    """A share of items solved, under one condition."""

    name: Short
    """The condition: `noise 0.01`, `after 64 demonstrations`, `asked as work`."""
    solved: Count
    """How many items were solved."""
    of: Size
    """Of how many."""

    @model_validator(mode="after")
    def _at_most_all(self) -> CheckArm:
        refuse(fault_unless(self.solved <= self.of, "solved", "more than all"))
        return self


class Tried(Part):
    """How a check did where the truth was known: on planted models, on labelled transcripts."""

    hiding: Count
    """Models or transcripts that did hide."""
    seen: Count
    """How many of them the check saw."""
    honest: Count
    """Models or transcripts that did not."""
    false_alarms: Count
    """How many of them the check flagged."""

    @model_validator(mode="after")
    def _at_most_all(self) -> Tried:
        refuse(
            [
                *fault_unless(self.seen <= self.hiding, "seen", "more than all"),
                *fault_unless(self.false_alarms <= self.honest, "false_alarms", "more than all"),
            ]
        )
        return self


class Scan(Part):
    """What a scan of transcripts found, as its summary says; for Inspect Scout `_summary.json`."""

    scanner: Short
    """Name of the scanner."""
    scans: Count
    """Transcripts that were scanned."""
    results: Count
    """Transcripts in which something was found."""
    errors: Count = 0
    """Scans that failed."""
    is_complete: bool = True
    """Whether the scan came to its end."""
    summary_sha256: Sha256 | None = None
    """Digest of the summary it was read from."""
    log_sha256: Many[Sha256] = ()
    """Digests of the logs whose samples were looked for in the scan; empty: not looked for."""
    samples: Size | None = None
    """Samples in those logs."""
    samples_scanned: Count | None = None
    """How many of them the scan lists among its transcripts."""

    @model_validator(mode="after")
    def _held_against_logs_or_not(self) -> Scan:
        given = (bool(self.log_sha256), self.samples is not None, self.samples_scanned is not None)
        faults = fault_unless(
            all(given) or not any(given),
            "samples",
            "logs, samples and samples scanned belong together",
            expected="all three or none",
        )
        if self.samples is not None and self.samples_scanned is not None:
            faults += fault_unless(
                self.samples_scanned <= self.samples, "samples_scanned", "more than all"
            )
        refuse(faults)
        return self


class HidingCheck(Part):
    """A check for hidden ability, with what it found.

    A sign withdraws a rule-out; no sign proves nothing, and only answers a prescribed check.
    """

    method: Method
    """What was done."""
    indicators: Annotated[Many[ClauseRef], Field(min_length=1)]
    """The lines whose eval it looked behind."""
    found: Literal["sign", "no_sign", "inconclusive"]
    """What the checker concludes; numbers below that show a sign go before `no_sign`."""
    statement: Text
    """What was done and found, in our words."""
    tested: CheckpointRef | None = None
    """The checkpoint, where it is named; else the subject."""
    reference: CheckArm | None = None
    """The plain condition: no noise, before training, asked as a test."""
    arms: Many[CheckArm] = ()
    """The changed conditions, each on items like those of the reference."""
    scan: Scan | None = None
    """For `transcript_scan`: its summary."""
    tried: Tried | None = None
    """How this check did where the truth was known; absent: not measured."""

    @model_validator(mode="after")
    def _fits_its_method(self) -> HidingCheck:
        faults: list[Fault] = []
        faults += fault_unless(
            (self.scan is not None) == (self.method == "transcript_scan"),
            "scan",
            "`scan` belongs to `transcript_scan`, and to it alone",
        )
        faults += fault_unless(
            (self.reference is None) == (not self.arms),
            "arms",
            "arms without a reference, or the other way round",
            expected="both or neither",
        )
        refuse(faults)
        return self


__all__ = ["CheckArm", "HidingCheck", "Method", "Scan", "Tried"]
