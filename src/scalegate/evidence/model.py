"""The words of this room that need nothing else: kinds of document, subjects."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of evidence document, as `schema: scalegate/<kind>@1` names them."""

    PUBLISHED_RESULT = "published-result"
    UPLIFT_TRIAL = "uplift-trial"
    HORIZON_RUNS = "horizon-runs"
    JUDGEMENT = "judgement"
    SAFEGUARD_STATUS = "safeguard-status"
    MODEL = "model"
    DEPLOYMENT = "deployment"
    RUN = "run"
    FACT = "fact"
    ACT = "act"
    ORDER = "order"
    INCIDENT = "incident"
    DOCUMENT = "document"
    PLAN = "plan"
    PLAN_RECEIPT = "plan-receipt"
    HIDING_CHECK = "hiding-check"
    ELICITATION_RECORD = "elicitation-record"
    MAPPING = "mapping"

    @property
    def schema(self) -> str:
        """The name of the kind's format, version included."""
        return f"scalegate/{self.value}@1"


def subject_kind(subject: str) -> str:
    """Return the kind of a subject: `model` of `model:claude-opus-4`."""
    return subject.split(":", 1)[0]


def subject_name(subject: str) -> str:
    """Return the name of a subject: `claude-opus-4` of `model:claude-opus-4`."""
    return subject.split(":", 1)[-1]
