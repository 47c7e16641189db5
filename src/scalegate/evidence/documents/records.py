"""Facts, acts, orders, incidents, and the documents that a lab writes about a model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scalegate.evidence.documents.fields import (
    ClauseRef,
    Domain,
    FrameworkRef,
    Identifier,
    Instant,
    Many,
    Measured,
    Part,
    Positive,
    Question,
    Sha256,
    Short,
    Subject,
    Text,
    Word,
    fault_unless,
    refuse,
)
from scalegate.evidence.documents.results import Dissent
from scalegate.evidence.documents.safeguards import SurfaceKind


class FactEntry(Part):
    """The value of a fact that a policy names."""

    fact: Identifier
    """The fact's id in the framework."""
    framework: FrameworkRef | None = None
    """The framework that names it; absent: every framework that does."""
    value: Measured
    """Its value: a number, true or false, or one of its words."""
    unit: Short | None = None
    """Unit of a number."""
    valid_until: Instant | None = None
    """When it stops being known."""
    shown_by: Many[Identifier] = ()
    """Ids of documents that show it."""


class ActedBy(Part):
    """Who acted: a role, a person, a body."""

    role: Identifier
    """The role, as the policy's table of authority names it."""
    name: Short | None = None
    """The person or body."""


class Act(Part):
    """A human act on a named question, as recorded; unsigned."""

    act: Literal[
        "recommend",
        "determine",
        "interpret",
        "approve",
        "inform",
        "invoke",
        "reverse",
        "override",
    ]
    """What was done."""
    by: ActedBy
    """Who did it."""
    question: Question
    """The question it answers: `threshold:anthropic-rsp@2.2/CBRN-3`."""
    answer: Identifier
    """The answer, in the policy's words: a status, a meaning, `approved`, `invoked`."""
    treated_as: bool = False
    """Whether the answer is precautionary: treated as, not found to be."""
    to: Short | None = None
    """For `inform`: who was told."""
    text: Literal["public", "withheld"] | None = None
    """For what an act specifies or interprets: whether outsiders can read it. What is withheld is
    only asserted, and every decision that rests on it says so."""
    reverses: Identifier | None = None
    """For `reverse` and `override`: the id of the act or decision it turns."""
    statement: Text
    """The reasons given, in our words."""
    grounds: Many[Identifier] = ()
    """Ids of the documents it rests on."""
    dissent: Many[Dissent] = ()
    """Views that differ."""
    acted_at: Instant | None = None
    """When, if it differs from `true_from`."""
    expires_at: Instant | None = None
    """When it stops counting, where it does."""
    recorded_by: Short | None = None
    """Who typed it in; an unsigned act is only as good as they are."""

    @model_validator(mode="after")
    def _turns_something(self) -> Act:
        refuse(
            fault_unless(
                self.act != "reverse" or self.reverses,
                "reverses",
                "missing for `reverse`",
                expected="the id of the act it turns",
            )
        )
        return self


AudienceWord = Literal["staff", "named_testers", "vetted_tier", "everyone"]
"""Who may use a deployment, narrowest first."""


class Limits(Part):
    """How a restriction narrows what is allowed; an absent limit does not narrow."""

    audience: AudienceWord | None = None
    """The widest audience."""
    surfaces: Many[SurfaceKind] = ()
    """The only surfaces; empty: all."""
    effective_compute_ratio: Positive | None = None
    """The most effective compute, relative to the root."""
    blocked_domains: Many[Domain] = ()
    """Domains that must be blocked."""
    fallback: Short | None = None
    """What must answer instead."""
    jurisdictions: Many[Short] = ()
    """The only jurisdictions; empty: all."""


class Selector(Part):
    """Which deployments, runs or models something reaches; at least one way must be given.

    Every way given must fit. What the register does not say of a deployment or run fits.
    """

    subjects: Many[Subject] = ()
    """Named subjects."""
    except_subjects: Many[Subject] = ()
    """Not these: what is released from an order by name."""
    gates: Many[
        Literal[
            "store",
            "train",
            "internal",
            "internal_high_risk",
            "external_limited",
            "external_general",
            "open_weights",
        ]
    ] = ()
    """Only at these gates; empty: at all."""
    run_kinds: Many[Word] = ()
    """Only runs of these kinds; empty: all."""
    labels: Many[Word] = ()
    """Only deployments and runs with one of these labels; empty: all."""
    effective_compute_at_least: Positive | None = None
    """Only runs that plan or used this much effective compute, relative to the root."""
    surfaces: Many[SurfaceKind] = ()
    """Only deployments reached by one of these; empty: all."""
    audiences: Many[AudienceWord] = ()
    """Only deployments for one of these audiences; empty: all."""
    jurisdictions: Many[Short] = ()
    """Only deployments offered in one of these; empty: all."""

    @property
    def of_runs(self) -> bool:
        """Whether it speaks of runs alone."""
        return bool(self.run_kinds) or self.effective_compute_at_least is not None

    @property
    def of_deployments(self) -> bool:
        """Whether it speaks of deployments alone."""
        return bool(self.surfaces or self.audiences or self.jurisdictions)

    @property
    def is_empty(self) -> bool:
        """Whether it names no way of reaching anything."""
        return not (
            self.subjects or self.gates or self.labels or self.of_runs or self.of_deployments
        )


class Order(Part):
    """A hold or restriction from outside the policy; it opens nothing."""

    authority: Short
    """Who ordered it."""
    kind: Literal["voluntary", "incident", "court", "export_control"]
    """What sort of order it is."""
    reaches: Selector
    """Deployments, runs, models and gates that it reaches."""
    effect: Literal["hold", "restrict"]
    """What it does."""
    limits: Limits | None = None
    """For `restrict`: the limits."""
    statement: Text
    """What it says, in our words."""
    review_on: Instant | None = None
    """When it is looked at again."""
    lifted_at: Instant | None = None
    """When it was lifted, where it was."""
    incident: Identifier | None = None
    """For an order after an incident: its id."""

    @model_validator(mode="after")
    def _restricts_something(self) -> Order:
        refuse(
            [
                *fault_unless(
                    (self.limits is not None) == (self.effect == "restrict"),
                    "limits",
                    "`limits` belong to `restrict`, and to it alone",
                ),
                *fault_unless(
                    not self.reaches.is_empty,
                    "reaches",
                    "order that reaches nothing",
                    expected="`subjects`, `gates`, `run_kinds` or another way to select",
                ),
                *fault_unless(
                    not (self.reaches.of_runs and self.reaches.of_deployments),
                    "reaches",
                    "order on runs and on deployments at once, which nothing is",
                    expected="one order for runs and one for deployments",
                ),
            ]
        )
        return self


class Period(Part):
    """When something went on; without an end it still does."""

    start: Instant
    """First instant."""
    end: Instant | None = None
    """Last instant, if it ended."""

    @model_validator(mode="after")
    def _runs_forward(self) -> Period:
        refuse(
            fault_unless(self.end is None or self.start <= self.end, "end", "ends before it starts")
        )
        return self


class Incident(Part):
    """Something went wrong: when, what it puts in doubt, and what closed it."""

    summary: Text
    """What happened, in our words."""
    occurred: Period
    """When it went on."""
    discovered_at: Instant
    """When it was found."""
    severity: Literal["notable", "serious", "critical"]
    """How bad, by the lab's or the recorder's grade."""
    safeguards: Many[Identifier] = ()
    """Safeguards it breaches while it went on."""
    evidence: Many[Identifier] = ()
    """Ids of evidence that it puts in doubt."""
    domains: Many[Domain] = ()
    """Domains it touches."""
    reported_to: Many[Short] = ()
    """Who was told."""
    starts: Many[ClauseRef] = ()
    """Duties whose window begins when it was found: `sb-53@2026/critical-incident-report`."""
    closed_by: Identifier | None = None
    """Id of the act that closed it."""
    closed_at: Instant | None = None
    """When it was closed."""

    @model_validator(mode="after")
    def _closes_by_an_act(self) -> Incident:
        refuse(
            [
                *fault_unless(
                    (self.closed_by is None) == (self.closed_at is None),
                    "closed_by",
                    "half a closure",
                    expected="`closed_by` and `closed_at`, or neither",
                ),
                *fault_unless(
                    self.discovered_at >= self.occurred.start,
                    "discovered_at",
                    "found before it started",
                ),
            ]
        )
        return self


class Approval(Part):
    """Somebody approved a document."""

    role: Identifier
    """Their role, as the policy names it."""
    name: Short | None = None
    """The person or body."""
    approved_at: Instant
    """When."""


class Audience(Part):
    """Who received a document, and how much of it."""

    name: Short
    """Who."""
    redaction: Literal["none", "minor", "significant", "unstated"] = "unstated"
    """How much was withheld from them."""
    sent_at: Instant | None = None
    """When they received it."""


class DocumentEntry(Part):
    """A report, case or card that a lab wrote: what it covers, who approved and received it."""

    kind: Literal[
        "capability_report",
        "safeguards_report",
        "risk_report",
        "safety_case",
        "system_card",
        "external_review",
        "roadmap",
        "notice",
        "other",
    ]
    """What sort of document it is, in neutral words."""
    native_kind: Short | None = None
    """What its lab calls it, or the policy's id for it."""
    title: Short
    """Its title."""
    framework: FrameworkRef | None = None
    """The framework it answers to."""
    sha256: Sha256 | None = None
    """Digest of its bytes."""
    coverage_until: Instant
    """The date up to which it covers what happened."""
    covers: Annotated[Many[Subject], Field(min_length=1)]
    """Models, deployments or runs that it covers."""
    thresholds: Many[Short] = ()
    """Thresholds that it speaks to."""
    contains: Many[Text] = ()
    """Required contents that it has, as the policy lists them."""
    audiences: Many[Audience] = ()
    """Who received it."""
    approvals: Many[Approval] = ()
    """Who approved it."""
    published: bool
    """Whether the public can read it."""
    published_at: Instant | None = None
    """When it was published."""

    @model_validator(mode="after")
    def _is_published_once(self) -> DocumentEntry:
        refuse(
            fault_unless(
                self.published or self.published_at is None,
                "published_at",
                "date of a publication that did not happen",
            )
        )
        return self


__all__ = [
    "Act",
    "ActedBy",
    "Approval",
    "Audience",
    "AudienceWord",
    "DocumentEntry",
    "FactEntry",
    "Incident",
    "Limits",
    "Order",
    "Period",
    "Selector",
]
