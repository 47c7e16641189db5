"""A phrase for each reason of the closed list."""

from __future__ import annotations

from collections.abc import Iterable

from scalegate.gate.model import Reason

PHRASES = {
    Reason.NO_EVIDENCE: "no evidence on record",
    Reason.NO_INDICATOR: "no line to measure against",
    Reason.LINE_CLEARED: "bound clears the line",
    Reason.LINE_REACHED: "bound reaches the line",
    Reason.RULED_IN: "shown to lie beyond the line",
    Reason.BLUNT: "eval too blunt to clear anything",
    Reason.SUSPECT: "a sign of hidden ability is open",
    Reason.INVALID: "evidence invalid",
    Reason.INCONCLUSIVE: "evidence inconclusive",
    Reason.STALE: "evidence expired",
    Reason.MISSING_RUNS: "planned runs missing",
    Reason.NOT_PREREGISTERED: "no plan declared beforehand",
    Reason.NO_EDGE: "evidence of another model, without an edge to this one",
    Reason.BELOW_FULL_EFFORT: "tried at less than the highest effort",
    Reason.NOT_ELICITED: "the policy asks for elicitation that no record shows",
    Reason.NOT_FINE_TUNED: "no evidence from a variant fine-tuned to bring the capability out",
    Reason.IMPUGNED: "evidence impugned by an incident",
    Reason.EXPERT_CONCERN: "an expert recorded a concern",
    Reason.BOUNDED_BY_REFERENCE: "bounded by a reference model",
    Reason.INHERITED: "inherited from the last comprehensive assessment",
    Reason.INFERRED: "follows from another threshold",
    Reason.EXEMPT: "exempt by a cited rule",
    Reason.DETERMINED: "fixed by a determination",
    Reason.TREATED_AS: "treated as crossed by precaution",
    Reason.NOT_LIVE: "switched off",
    Reason.SURFACE_NOT_COVERED: "not live on every surface",
    Reason.NO_DEPLOYMENT: "no deployment registered to be live on",
    Reason.CHECK_FAILED: "a check is not met",
    Reason.CHECK_MISSING: "a check was not measured",
    Reason.OTHER_SYSTEM: "measured on another system than the one deployed",
    Reason.PARTIAL_COVERAGE: "covers only part",
    Reason.NOT_INDEPENDENT: "tester not independent",
    Reason.SUFFICIENCY_NOT_SHOWN: "nobody showed on record that it is enough",
    Reason.BREACHED: "breached by an incident",
    Reason.SHOWN: "shown by evidence",
    Reason.CONFLICT: "records contradict each other",
    Reason.UNREADABLE: "evidence cannot be read",
}


def phrase(reason: Reason) -> str:
    """Return the reason in words."""
    return PHRASES.get(reason, reason.value.replace("_", " "))


def phrases(reasons: Iterable[Reason]) -> str:
    """Return several reasons in words, each once, in order."""
    return "; ".join(phrase(reason) for reason in dict.fromkeys(reasons))
