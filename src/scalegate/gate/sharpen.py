"""Where evidence would not have shown a crossing: each line that may rule out, cheapest to sharpen.

1. One row for each line that may rule its threshold out, by the strictest verdict that decides. A
   threshold without such a line has one row, with every gate open.
2. Rule-in lines need no sharpness, and are left out.
3. Rows are in the order of what sharpening costs: first by how many gates want evidence, then by
   how many units are wanting; what is sharp comes last. No verdict is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from scalegate.base.instants import format_instant
from scalegate.estimate.certificate import (
    UNALLOWED_LOGITS,
    GateAnswer,
    SharpnessGate,
    all_open,
    conditional_error,
    detection,
    units_more,
)
from scalegate.estimate.model import Verdict
from scalegate.gate.lines import strictest_of
from scalegate.gate.model import Assessment, IndicatorFinding
from scalegate.policy.vocabulary import IndicatorRole

_RULES_OUT = frozenset({IndicatorRole.RULE_OUT, IndicatorRole.ALERT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharpened:
    """How sharp the evidence for one line is, and what would make it sharper."""

    threshold: str
    indicator: str | None
    """The line's id; None: the threshold has no line that may rule it out."""
    gates: tuple[GateAnswer, ...]
    verdict: Verdict | None
    """The strictest verdict; None: there is none."""
    units_more: int | None
    """Units wanting for power; None: it cannot be said, or no number is enough."""
    expires_at: datetime | None = None
    """When the evidence stops counting; None: the framework sets no limit, or there is none."""
    elicited: tuple[str, ...] = ()
    """What was tried to bring the capability out, a sentence each."""

    @property
    def open_gates(self) -> tuple[GateAnswer, ...]:
        """The gates that are not met."""
        return tuple(each for each in self.gates if not each.is_met)

    @property
    def is_sharp(self) -> bool:
        """Whether every gate is met."""
        return not self.open_gates

    @property
    def cost(self) -> tuple[bool, int, float]:
        """What sharpening takes: evidence wanting before units wanting, nothing last."""
        wanting = [each for each in self.open_gates if each.gate is not SharpnessGate.POWER]
        units = inf if self.units_more is None else float(self.units_more)
        return self.is_sharp, len(wanting), units

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        known = self.verdict
        return {
            "threshold": self.threshold,
            "indicator": self.indicator,
            "is_sharp": self.is_sharp,
            "gates": [each.to_mapping() for each in self.gates],
            "units_more": self.units_more,
            "detection_at_line": known and detection(known, unallowed=0.0),
            "detection_with_unallowed_gap": known and detection(known, unallowed=UNALLOWED_LOGITS),
            "unallowed_gap_logits": UNALLOWED_LOGITS,
            "conditional_error": known and conditional_error(known),
            "expires_at": None if self.expires_at is None else format_instant(self.expires_at),
            "elicited": list(self.elicited),
            "verdict": known and known.to_mapping(),
        }


def sharpen(assessment: Assessment) -> tuple[Sharpened, ...]:
    """Return a row for each line that may rule out, in the order of rule 3."""
    rows: list[Sharpened] = []
    for threshold, finding in assessment.findings.items():
        lines = [each for each in finding.indicators if each.indicator.role in _RULES_OUT]
        rows += [_row(threshold, each) for each in lines] or [
            _without(threshold, None, "no line of this threshold may rule it out")
        ]
    return tuple(sorted(rows, key=lambda row: (row.cost, row.threshold, row.indicator or "")))


def _row(threshold: str, line: IndicatorFinding) -> Sharpened:
    if not any(read.decides for read in line.verdicts):
        return _without(threshold, line.indicator.id, line.text or "there is no verdict")
    verdict = strictest_of(line.verdicts)
    return Sharpened(
        threshold=threshold,
        indicator=line.indicator.id,
        gates=line.gates,
        verdict=verdict,
        units_more=units_more(verdict),
        expires_at=line.expires_at,
        elicited=line.elicited,
    )


def _without(threshold: str, indicator: str | None, why: str) -> Sharpened:
    return Sharpened(
        threshold=threshold,
        indicator=indicator,
        gates=all_open(why),
        verdict=None,
        units_more=None,
    )
