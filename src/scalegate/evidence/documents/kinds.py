"""Which payload belongs to which kind of document, and what each may be about."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from types import MappingProxyType

from scalegate.evidence.documents.checks import HidingCheck
from scalegate.evidence.documents.elicited import ElicitationRecord
from scalegate.evidence.documents.fields import Part
from scalegate.evidence.documents.plans import Mapping, Plan, PlanReceipt
from scalegate.evidence.documents.records import (
    Act,
    DocumentEntry,
    FactEntry,
    Incident,
    Order,
)
from scalegate.evidence.documents.registry import DeploymentEntry, ModelEntry, RunEntry
from scalegate.evidence.documents.results import (
    HorizonRuns,
    Judgement,
    PublishedResult,
    UpliftTrial,
)
from scalegate.evidence.documents.safeguards import SafeguardStatus
from scalegate.evidence.model import Kind

PAYLOADS: ReadOnly[Kind, type[Part]] = MappingProxyType(
    {
        Kind.PUBLISHED_RESULT: PublishedResult,
        Kind.UPLIFT_TRIAL: UpliftTrial,
        Kind.HORIZON_RUNS: HorizonRuns,
        Kind.JUDGEMENT: Judgement,
        Kind.SAFEGUARD_STATUS: SafeguardStatus,
        Kind.MODEL: ModelEntry,
        Kind.DEPLOYMENT: DeploymentEntry,
        Kind.RUN: RunEntry,
        Kind.FACT: FactEntry,
        Kind.ACT: Act,
        Kind.ORDER: Order,
        Kind.INCIDENT: Incident,
        Kind.DOCUMENT: DocumentEntry,
        Kind.PLAN: Plan,
        Kind.PLAN_RECEIPT: PlanReceipt,
        Kind.HIDING_CHECK: HidingCheck,
        Kind.ELICITATION_RECORD: ElicitationRecord,
        Kind.MAPPING: Mapping,
    }
)
"""The payload model of each kind."""

_TESTED = frozenset({"model", "checkpoint"})
SUBJECTS: ReadOnly[Kind, frozenset[str]] = MappingProxyType(
    {
        Kind.PUBLISHED_RESULT: _TESTED,
        Kind.UPLIFT_TRIAL: _TESTED,
        Kind.HORIZON_RUNS: _TESTED,
        Kind.HIDING_CHECK: _TESTED,
        Kind.ELICITATION_RECORD: _TESTED,
        Kind.SAFEGUARD_STATUS: frozenset(
            {"deployment", "model", "checkpoint", "run", "lab", "safeguard"}
        ),
        Kind.MODEL: frozenset({"model"}),
        Kind.DEPLOYMENT: frozenset({"deployment"}),
        Kind.RUN: frozenset({"run"}),
        Kind.PLAN: frozenset({"model", "checkpoint", "series", "run", "deployment"}),
        Kind.PLAN_RECEIPT: frozenset({"model", "checkpoint", "series", "run", "deployment"}),
    }
)
"""What a document of a kind may be about; a kind that is missing here may be about anything."""
