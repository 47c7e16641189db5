"""Who decides, what is owed and when, and how a framework reads a status."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scalegate.policy.fields import (
    Cite,
    ConditionField,
    Exact,
    GraceSpan,
    Identifier,
    ModalityField,
    Part,
    Span,
    Text,
    YesNo,
)
from scalegate.policy.vocabulary import (
    BoundingRule,
    Gate,
    PreregistrationRule,
    SofterRule,
    StatusRule,
    WeightsRule,
)


class Duty(Part):
    """Something owed in a window that an event starts."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What is owed, paraphrased."""
    starts_on: Text
    """The event."""
    started_by: Literal["self_determined", "event", "calendar"]
    """`self_determined` where the lab's own finding starts it; shown as such."""
    within: Span | None = None
    """The window; `None` where the text gives no length."""
    every: Span | None = None
    """For a recurring duty."""
    to: tuple[Text, ...] = ()
    """Whom it is owed to."""
    must_contain: tuple[Text, ...] = ()
    """What it must contain."""
    modality: ModalityField
    """Strength of the verb as written."""
    native_verb: Text
    """The verb as printed."""
    cite: Cite
    """Where the text says so."""


class RoleEntry(Part):
    """A role of the policy's governance table."""

    id: Identifier
    """Id used in this file."""
    native: Text
    """The policy's own name of the role."""
    neutral: Literal[
        "recommends", "decides", "approves", "informed", "may_overrule", "oversees", "reviews"
    ]
    """What the role does, in neutral words."""
    rank: int = Field(ge=0, le=100)
    """Authority: the higher rank wins where two acts answer one question."""
    cite: Cite
    """Where the text says so."""


class Cadence(Part):
    """When a new assessment is due."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What it says, paraphrased."""
    effective_compute_ratio: Exact | None = None
    """Growth from the root that makes an assessment due."""
    elapsed: Span | None = None
    """Time from the root that makes an assessment due."""
    discretion_of: tuple[Identifier, ...] = ()
    """Roles that may call for an assessment at will."""
    modality: ModalityField
    """Strength of the verb as written."""
    native_verb: Text
    """The verb as printed."""
    cite: Cite
    """Where the text says so."""


ShownBy = Literal[
    "prompting",
    "scaffold",
    "tools",
    "budget",
    "attacker_budget",
    "best_of_n",
    "temperature_sweep",
    "development_set_plateau",
    "helpful_only",
    "fine_tuning",
    "external_team",
]
"""What an elicitation record can show: what its arms tried, that a budget curve reaches what the
threat actor can spend, that an external team tried."""


class Requirement(Part):
    """One elicitation requirement: unmet, a line of the policy is not ruled out."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What it says, paraphrased."""
    shown_by: tuple[ShownBy, ...] = ()
    """What elicitation records must show on every line for it to be checked off, where the text
    names it; empty: a matter of judgement, which decides nothing."""
    at: tuple[Gate, ...] = ()
    """Gates for which the text asks it; empty: always."""
    modality: ModalityField
    """Strength of the verb as written."""
    native_verb: Text
    """The verb as printed."""
    binding: YesNo | None = None
    """Whether a line that lacks it is not ruled out; default from the modality (`must` and `will`
    bind)."""
    binding_reason: str = ""
    """Why `binding` departs from the modality's default."""
    cite: Cite
    """Where the text says so."""

    @property
    def binds(self) -> bool:
        """Whether a line that lacks it is held, rather than the row being shown as advice."""
        return self.modality.binds if self.binding is None else self.binding


class Cited(Part):
    """A rule with the clause it comes from, or the note that it is ours."""

    rule: str
    """The rule."""
    cite: Cite | None = None
    """Where the text says so; `None` where it is silent."""
    ours: str = ""
    """Filled where the text is silent: why this rule stands in, and that it is ours."""


class NotRuledOut(Cited):
    """What `not_ruled_out` does."""

    rule: StatusRule = StatusRule.TREAT_AS_CROSSED
    """What it does."""


class ForecastRule(Cited):
    """What the flag `forecast` does beyond conditions that name it."""

    rule: StatusRule = StatusRule.TREAT_AS_CROSSED
    """What it does."""


class SofterDetermination(Cited):
    """What a determination softer than the finding does."""

    rule: SofterRule = SofterRule.SHOWN_BESIDE
    """What it does."""


class Bounding(Cited):
    """What it does that a model is shown to be bounded by a reference in some domains."""

    rule: BoundingRule = BoundingRule.SHOWN_BESIDE
    """What it does; `inherits`: in those domains, where nothing was found on the model itself, it
    has the status of the reference."""


class OpenWeights(Cited):
    """What evidence a rule-out needs where weights are released."""

    rule: WeightsRule = WeightsRule.OWN_EVIDENCE
    """`own_evidence`: it must have been tried on a variant fine-tuned to bring the capability out,
    since whoever has the weights can do that."""


class Preregistration(Cited):
    """What a rule-out needs of the plan that its evidence answers."""

    rule: PreregistrationRule = PreregistrationRule.NOT_REQUIRED
    """`recorded`: only a run that a plan in the log precedes rules out, by the lab's own clock or a
    witness's; `witnessed`: by a witness's. Lines on a judgement are no runs, and are exempt."""


class Exemption(Part):
    """A cited rule by which a subject needs no assessment (`not_required`)."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What it says, paraphrased."""
    when: ConditionField
    """When the subject is exempt; it must be shown to hold."""
    thresholds: tuple[Identifier, ...]
    """The thresholds it exempts from."""
    inherits: YesNo = True
    """True where the subject keeps the root's determination and safeguards."""
    cite: Cite
    """Where the text says so."""


class Carriage(Part):
    """Which edges of the register carry a rule-out from the tested checkpoint to the subject."""

    edges: tuple[
        Literal["checkpoint_of", "helpful_only", "fine_tuned", "quantised", "distilled"], ...
    ] = ("helpful_only", "fine_tuned")
    """The kinds of edges that carry."""
    statement: str = ""
    """What the text says of it, paraphrased."""
    cite: Cite | None = None
    """Where the text says so; `None` where it is silent."""
    ours: str = ""
    """Filled where the text is silent: why this rule stands in, and that it is ours."""


class Grace(Part):
    """How long what runs already may go on when its permit has ended or the log is out of reach.

    Nothing starts or widens by grace, and a withdrawal or a later decision ends it at once. A grace
    longer than the default counts only with the clause that states it.
    """

    training: GraceSpan = "1h"
    """For a training run, which is to stop at its next checkpoint before that; `none`: at once."""
    serving: GraceSpan = "24h"
    """For anything else that runs; `none`: it stops at once."""
    afterwards: str = ""
    """To what it is restricted then, paraphrased; empty: it stops."""
    cite: Cite | None = None
    """Where the text says so; `None` where it is silent."""
    ours: str = ""
    """Filled where the text is silent: why this stands in, and that it is ours."""


class Semantics(Part):
    """How this framework reads statuses."""

    not_ruled_out: NotRuledOut = NotRuledOut(ours="the text is silent; the strict rule is ours")
    """What the level `not_ruled_out` does."""
    forecast: ForecastRule = ForecastRule(ours="the text is silent; the strict rule is ours")
    """What the flag `forecast` does."""
    softer_determination: SofterDetermination = SofterDetermination(
        ours="the text is silent; a softer determination is shown beside the finding"
    )
    """What a determination softer than the finding does."""
    carriage: Carriage = Carriage(ours="the text is silent; variants made to elicit carry")
    """Which edges carry a rule-out."""
    bounding: Bounding = Bounding(ours="the text is silent; a bound is shown beside the finding")
    """What a bound by another model does."""
    open_weights: OpenWeights = OpenWeights(
        ours="the text is silent; whoever has the weights can fine-tune them"
    )
    """What evidence a rule-out needs where weights are released."""
    preregistration: Preregistration = Preregistration(
        ours="the text is silent; whether a plan was recorded is shown beside the finding"
    )
    """Whether evidence without a plan in the log, recorded before the run, can rule out."""
    grace: Grace = Grace(ours="the text is silent; the short default is ours")
    """How long what runs already goes on without a permit, and what happens then."""
    verdict_valid_for: Span | None = None
    """How long a rule-out holds before a new assessment is due."""


class CarriedOver(Part):
    """A state under another version of the framework that stands under this one, as the text says.

    Nothing else crosses a revision: what was found or raised under another version says nothing
    here until somebody finds or raises it anew.
    """

    id: Identifier
    """Id used in this file."""
    framework: Text
    """The version it was recorded under, as `id@version`."""
    kind: Literal["threshold", "alert", "forecast", "safeguard"]
    """A determination of a threshold, a flag raised on one, or evidence on a safeguard."""
    was: Identifier
    """The id there."""
    now: Identifier
    """The id here."""
    statement: Text
    """What the text says of it, paraphrased."""
    cite: Cite
    """Where the text says so."""


class Amendment(Part):
    """How the policy itself may change."""

    statement: Text
    """How it may change, paraphrased."""
    proposed_by: tuple[Identifier, ...] = ()
    """Roles that propose."""
    approved_by: tuple[Identifier, ...] = ()
    """Roles that approve."""
    consulted: tuple[Identifier, ...] = ()
    """Roles that are consulted."""
    notice: Span | None = None
    """How long before it takes effect it is announced."""
    cite: Cite
    """Where the text says so."""


class GateNote(Part):
    """Where the text was searched for a gate at which it binds nothing."""

    gate: Gate
    """The gate."""
    searched: Text
    """The sections searched, and what they say instead."""
