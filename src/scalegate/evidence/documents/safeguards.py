"""Safeguard evidence: what was measured of a safeguard, where, by whom, and how long it holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from scalegate.evidence.documents.fields import (
    Amount,
    Cite,
    Comparator,
    Duration,
    Fault,
    FrameworkRef,
    Identifier,
    Instant,
    Many,
    Measured,
    Part,
    Proportion,
    Sha256,
    Short,
    Size,
    Text,
    fault_unless,
    refuse,
)

SurfaceKind = Literal[
    "first_party_app",
    "api",
    "fine_tuning_api",
    "third_party_cloud",
    "vendor_access",
    "internal_research",
    "weights",
]
ClaimedState = Literal[
    "live_and_sufficient",
    "live_unproven",
    "proven_not_live",
    "stale",
    "absent",
    "breached",
]


class Digests(Part):
    """What a measurement was bound to; any other digest is another system."""

    weights_sha256: Sha256 | None = None
    """The checkpoint's weights."""
    system_prompt_sha256: Sha256 | None = None
    """The system prompt."""
    safeguard_sha256: Sha256 | None = None
    """The classifier, monitor or control that was tested."""
    configuration_sha256: Sha256 | None = None
    """The deployment's whole configuration."""


class RequiredLine(Part):
    """What the policy or plan required of the check when it was measured."""

    comparator: Comparator
    """On which side of the value the requirement is met."""
    value: Measured
    """The required value, in the check's unit."""
    cite: Cite | None = None
    """Where the requirement stands."""


class Check(Part):
    """One measured check of a safeguard."""

    id: Identifier
    """The check's id, as the policy's safeguard names it."""
    value: Measured
    """What was measured."""
    unit: Short | None = None
    """Unit of the value: `proportion`, `hours`, `days`, `count`."""
    upper: Amount | None = None
    """Upper end of the measurement's interval, in the same unit."""
    lower: Amount | None = None
    """Lower end of the measurement's interval, in the same unit."""
    confidence: Annotated[Proportion, Field(lt=1)] | None = None
    """Confidence of the ends, such as 0.95."""
    n: Size | None = None
    """Attempts, hours or items behind the value."""
    n_of: Short | None = None
    """What `n` counts."""
    required: RequiredLine | None = None
    """The requirement as of the measurement; the policy's own line decides."""
    tester: Short | None = None
    """Who tested."""
    independence: Literal["internal", "other_team", "external", "unstated"] = "unstated"
    """How far the tester stands from the owner."""
    judge: Short | None = None
    """For attack success: which grader, in which version, validated how."""
    bound_to: Digests | None = None
    """Digests that were measured."""
    coverage: Proportion | None = None
    """Share of traffic, copies or users that the check covers."""
    observed_at: Instant | None = None
    """When it was measured; absent: with the document."""
    valid_for: Duration | None = None
    """How long it holds; absent: as long as the document's."""
    cite: Cite | None = None
    """Where it is printed or recorded, if not at the document's source."""
    note: Text | None = None
    """What else to know."""

    @model_validator(mode="after")
    def _value_is_in_its_unit(self) -> Check:
        faults: list[Fault] = []
        value = self.value
        if isinstance(value, Decimal):
            faults += fault_unless(self.unit, "unit", "number without a unit")
            if self.unit == "proportion" and not 0 <= value <= 1:
                hint = "write a percentage as a fraction"
                faults.append(Fault(("value",), "out of range", "from 0 to 1", f"{value}", hint))
        if self.required is not None and type(self.required.value) is not type(value):
            faults.append(
                Fault(("required", "value"), "not of the type that was measured", "the same type")
            )
        if self.lower is not None and self.upper is not None:
            faults += fault_unless(self.lower <= self.upper, "upper", "interval ends swapped")
        refuse(faults)
        return self


class SurfaceStatus(Part):
    """The safeguard on one surface."""

    surface: Short
    """Name of the surface, as the deployment registers it."""
    live: bool
    """Whether it is switched on there."""
    coverage: Proportion | None = None
    """Share of the surface's traffic that it sees."""
    note: Text | None = None
    """Exemptions and bypasses."""


class Sufficiency(Part):
    """Whether somebody showed that the safeguard is enough, and how."""

    shown: bool
    """Whether sufficiency was shown."""
    by: Short | None = None
    """Who concluded it."""
    evidence: Many[Identifier] = ()
    """Ids of documents that show it."""
    statement: Text | None = None
    """The conclusion, in our words."""


class SafeguardStatus(Part):
    """What is known of one safeguard on the subject: live or not, checks, sufficiency."""

    safeguard: Identifier
    """The safeguard's id in the framework."""
    framework: FrameworkRef | None = None
    """The framework that names it."""
    live: bool
    """Whether it is switched on."""
    surfaces: Many[SurfaceStatus] = ()
    """Where, surface by surface; a registered surface that is missing here is not covered."""
    checks: Many[Check] = ()
    """What was measured."""
    sufficiency: Sufficiency | None = None
    """Evidence that it is enough."""
    claimed_state: ClaimedState | None = None
    """The state that the source claims, shown beside the state that follows from the checks."""
    specification: Literal["public", "withheld", "none"] = "none"
    """Whether the standard it answers to has a text that outsiders can read."""
    observed_at: Instant
    """When this was so."""
    valid_for: Duration | None = None
    """How long the evidence holds, unless the policy says less."""
    remarks: Many[Text] = ()
    """Printed limits."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> SafeguardStatus:
        ids = [check.id for check in self.checks]
        names = [status.surface for status in self.surfaces]
        refuse(
            [
                *fault_unless(len(set(ids)) == len(ids), "checks", "check named twice"),
                *fault_unless(len(set(names)) == len(names), "surfaces", "surface named twice"),
            ]
        )
        return self


__all__ = [
    "Check",
    "ClaimedState",
    "Digests",
    "RequiredLine",
    "SafeguardStatus",
    "Sufficiency",
    "SurfaceKind",
    "SurfaceStatus",
]
