"""A policy document, as a validated, frozen value (policy language 1).

The models follow the file; each field says what it means beneath it. Unknown fields are refused.
References between parts are resolved in `parse`, not here. The parts stand in `fields`, `ruler`
and `governance`.

Does not check: that a paraphrase is faithful to the text it cites; people do that, from the
citation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from scalegate.policy.conditions import ALWAYS
from scalegate.policy.fields import (
    Cite,
    ConditionField,
    Day,
    EffectField,
    Identifier,
    ModalityField,
    Part,
    Source,
    Span,
    Text,
    YesNo,
)
from scalegate.policy.governance import (
    Amendment,
    Cadence,
    Carriage,
    CarriedOver,
    Cited,
    Duty,
    Exemption,
    ForecastRule,
    GateNote,
    NotRuledOut,
    Requirement,
    RoleEntry,
    Semantics,
    SofterDetermination,
)
from scalegate.policy.ruler import (
    Check,
    DomainEntry,
    Indicator,
    Safeguard,
    Standard,
    Substitute,
    Threshold,
)
from scalegate.policy.vocabulary import (
    Ask,
    Burden,
    DocumentAspect,
    FactType,
    Gate,
)

__all__ = [
    "Amendment",
    "Cadence",
    "Carriage",
    "CarriedOver",
    "Check",
    "Cite",
    "Cited",
    "Commitment",
    "Discretion",
    "DocumentKind",
    "DomainEntry",
    "Duty",
    "Effect",
    "EffectOrWord",
    "Exemption",
    "Fact",
    "ForecastRule",
    "GateNote",
    "Indicator",
    "IndicatorSet",
    "NotRuledOut",
    "Option",
    "Over",
    "Part",
    "Policy",
    "Question",
    "Reading",
    "Requirement",
    "RoleEntry",
    "Safeguard",
    "Semantics",
    "SentTo",
    "SofterDetermination",
    "Source",
    "Standard",
    "Substitute",
    "Test",
    "Threshold",
]


class Over(Part):
    """How the register of models shows a fact, beside the documents that do.

    What ranges over models becomes a value before the policy function sees it.
    """

    among: Literal["other_models", "parent"]
    """`other_models` of the lab; or the `parent` that the subject was distilled, fine-tuned or
    quantised from."""
    where: ConditionField = ALWAYS
    """Which of them count: a condition on statuses and flags alone; left out, all."""
    gives: Literal["compute_ratio_to_least", "holds"]
    """For a number: the subject's effective compute as a multiple of that of the least of those
    which may fulfil `where`. For a boolean: whether any of them is shown to fulfil it."""


class Fact(Part):
    """A named fact about the world that a condition may compare with a constant."""

    id: Identifier
    """Id used in this file."""
    type: FactType
    """`boolean`, `number` or `choice`."""
    statement: Text
    """What is true when the fact is, paraphrased."""
    unit: str = ""
    """For a number: its unit."""
    choices: tuple[Identifier, ...] = ()
    """For a choice: its values."""
    burden: Burden = Burden.TO_RELEASE
    """Who must show it; `to_release`: unknown is the worst value."""
    fresh_for: Span | None = None
    """How long a record of it counts; `None`: the text sets no limit."""
    over: Over | None = None
    """How the register shows it; `None`: documents alone do."""
    cite: Cite
    """Where the text says so."""


class Question(Part):
    """A question that a signed act answers: who recommends, decides, approves, is informed."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """The question, paraphrased."""
    act: Literal["recommend", "determine", "interpret", "approve", "inform", "reverse"]
    """The kind of act that answers it."""
    by: tuple[Identifier, ...]
    """Roles that may answer; each must unless `any_of` is set."""
    any_of: YesNo = False
    """True where one of the roles suffices."""
    expires_after: Span | None = None
    """How long an answer counts."""
    cite: Cite
    """Where the text says so."""


class SentTo(Part):
    """An audience that must have received a document, and how much may be withheld from it."""

    audience: Text
    """Whom, as documents name them: `public`, `Board`, `external reviewer`."""
    redaction: Literal["none", "minor", "significant"] = "significant"
    """The most that may be withheld."""
    within: Span | None = None
    """How long after its coverage date it must have been sent; `None`: the text sets no time."""


class DocumentKind(Part):
    """A document that conditions and duties refer to."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What it says, paraphrased."""
    must_contain: tuple[Text, ...] = ()
    """What the text wants in it."""
    covers_within: Span | None = None
    """For `covered`: how old its coverage date may be."""
    approved_by: tuple[Identifier, ...] = ()
    """Roles whose approval makes it `approved`."""
    sent_to: tuple[SentTo, ...] = ()
    """Audiences that must all have received it for `sent`."""
    aspects: tuple[DocumentAspect, ...] = (DocumentAspect.COVERED,)
    """What conditions may ask of it."""
    cite: Cite
    """Where the text says so."""


class Effect(Part):
    """What a gate does when a row is not satisfied."""

    level: EffectField
    """How strict it is."""
    limits: Mapping[str, str] = {}
    """For `restrict`: audience, surface, compute cap, blocked domain, fallback."""
    obligations: tuple[Text, ...] = ()
    """What is owed while it lasts."""

    @property
    def key(self) -> tuple[int, tuple[tuple[str, str], ...]]:
        """Order of strictness: level first."""
        return int(self.level), tuple(sorted(self.limits.items()))


def _effect(value: object) -> object:
    return {"level": value} if isinstance(value, str) else value


_EffectWord = Literal["allow", "allow_with", "restrict", "hold", "withdraw"]
EffectOrWord = Annotated[
    Effect, BeforeValidator(_effect, json_schema_input_type=_EffectWord | Effect)
]


class Commitment(Part):
    """One row: if condition, at gates, require condition, otherwise effect."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """The clause, paraphrased."""
    if_: ConditionField = Field(default=ALWAYS, alias="if")
    """When the row applies; left out, always."""
    at: tuple[Gate, ...] = Field(min_length=1)
    """The gates at which it stands."""
    asks: tuple[Ask, ...] = (Ask.START, Ask.CONTINUE)
    """Whether it stands for beginning, for going on, or for both."""
    require: ConditionField = ALWAYS
    """What must hold while it applies; left out, nothing."""
    otherwise: EffectOrWord
    """What the gates do when it applies and the requirement does not hold."""
    obligations: tuple[Text, ...] = ()
    """Owed while the row applies and is satisfied; they make the effect `allow_with`."""
    before: tuple[Text, ...] = ()
    """Obligations that must be recorded as met before the act."""
    modality: ModalityField
    """Strength of the verb as written."""
    native_verb: Text
    """The verb as printed."""
    binding: YesNo | None = None
    """Whether the row decides; default from the modality (`must` and `will` bind)."""
    binding_reason: str = ""
    """Why `binding` departs from the modality's default."""
    addressee: Literal["company", "industry", "government", "developers"] = "company"
    """Whom the text binds."""
    cite: Cite
    """Where the text says so."""

    @property
    def binds(self) -> bool:
        """Whether this row decides, rather than being shown as advice."""
        return self.modality.binds if self.binding is None else self.binding


class Test(Part):
    """One test of a discretion."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What must be shown, paraphrased."""
    evidence: Text
    """What evidence the text asks for."""


class Discretion(Part):
    """A way out that the policy gives the lab. Uninvoked it has no effect."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """The way out, paraphrased."""
    invoked_by: tuple[Identifier, ...]
    """Roles that may invoke it."""
    tests: tuple[Test, ...] = ()
    """Each must be shown."""
    notice: str = ""
    """Whom the text wants told, and when."""
    approvals: tuple[Identifier, ...] = ()
    """Acts that must be in force."""
    expires_after: Span | None = None
    """How long it lasts once invoked."""
    releases: tuple[Identifier, ...] = ()
    """Commitments that it may soften when invoked."""
    obligations: tuple[Text, ...] = ()
    """What is owed while it is invoked."""
    cite: Cite
    """Where the text says so."""


class Option(Part):
    """One meaning of an ambiguous clause."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """The meaning, paraphrased."""
    held_by: str = ""
    """Who reads it so, with a citation."""


class Reading(Part):
    """An ambiguous clause with its possible meanings; unresolved, the strictest holds."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What is ambiguous."""
    options: tuple[Option, ...] = Field(min_length=2)
    """The possible meanings."""
    fixed_by: tuple[Identifier, ...] = ()
    """Roles that may fix it by an `interpret` act."""
    cite: Cite
    """Where the text says so."""


class Policy(Part):
    """A framework in one version."""

    schema_: Literal["scalegate/policy@1"] = Field(alias="schema")
    """The format of the document and its version."""
    id: Identifier
    """Id of the framework, the same in every version."""
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,20}$")]
    """The version, as the lab numbers it."""
    lab: Text
    """Who published it."""
    title: Text
    """Title as published."""
    effective_on: Day
    """First day in force."""
    superseded_on: Day | None = None
    """First day no longer in force."""
    supersedes: str | None = None
    """The version before, as `id@version`."""
    source: Source
    """The text it was read from."""
    scope: str = ""
    """Which models and acts it covers, paraphrased."""
    semantics: Semantics = Semantics()
    """How it reads statuses."""
    domains: tuple[DomainEntry, ...] = Field(min_length=1)
    """Domains of danger it names."""
    thresholds: tuple[Threshold, ...] = ()
    """Levels of danger, in any order."""
    safeguards: tuple[Safeguard, ...] = ()
    """Requirements with checks."""
    standards: tuple[Standard, ...] = ()
    """Bundles of safeguards."""
    substitutes: tuple[Substitute, ...] = ()
    """What it accepts in place of a requirement."""
    facts: tuple[Fact, ...] = ()
    """Facts that conditions compare."""
    roles: tuple[RoleEntry, ...] = ()
    """The governance table."""
    questions: tuple[Question, ...] = ()
    """Questions that signed acts answer."""
    documents: tuple[DocumentKind, ...] = ()
    """Documents that conditions and duties refer to."""
    commitments: tuple[Commitment, ...] = Field(min_length=1)
    """The rows. A policy without any is refused."""
    discretions: tuple[Discretion, ...] = ()
    """Ways out."""
    readings: tuple[Reading, ...] = ()
    """Ambiguous clauses."""
    duties: tuple[Duty, ...] = ()
    """What is owed, and when."""
    cadence: tuple[Cadence, ...] = ()
    """When a new assessment is due."""
    elicitation: tuple[Requirement, ...] = ()
    """How hard evaluators must try."""
    exemptions: tuple[Exemption, ...] = ()
    """When no assessment is needed."""
    carried_over: tuple[CarriedOver, ...] = ()
    """What was recorded under another version and stands under this one."""
    amendment: Amendment | None = None
    """How the policy may change."""
    silent_at: tuple[GateNote, ...] = ()
    """Gates at which the text binds nothing, with where it was searched."""
    notes: tuple[Text, ...] = ()
    """Doubts of the encoder that a reviewer should see."""

    @property
    def name(self) -> str:
        """The framework's name, such as `anthropic-rsp@2.2`."""
        return f"{self.id}@{self.version}"

    def to_plain(self) -> dict[str, Any]:
        """Return the document as plain data; numbers are decimal strings."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class IndicatorSet(Part):
    """Lines published outside the policy (a system card, a lab's plan) for its thresholds."""

    schema_: Literal["scalegate/indicators@1"] = Field(alias="schema")
    """The format of the document and its version."""
    id: Identifier
    """Id of the set."""
    framework: str
    """The framework, as `anthropic-rsp@2.2`."""
    applies_to: Text
    """The models or assessment it was published for."""
    subjects: tuple[Text, ...] = ()
    """The same as the register names them: the lines are on no other subject's list. Empty: they
    are on every subject's."""
    effective_on: Day
    """First day it was in use."""
    source: Source
    """Where it was published."""
    combine: Mapping[str, Literal["all", "any"]] = {}
    """Per threshold, where the source says how its indicators combine."""
    indicators: tuple[Indicator, ...] = Field(min_length=1)
    """The lines."""
    notes: tuple[Text, ...] = ()
    """Doubts of the encoder that a reviewer should see."""
