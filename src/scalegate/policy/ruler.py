"""What a policy measures: domains, thresholds with their lines, safeguards and their bundles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from scalegate.policy.fields import Cite, Exact, Identifier, Part, Span, Text, YesNo, number_text
from scalegate.policy.vocabulary import (
    Comparator,
    Domain,
    Family,
    IndicatorRole,
    Measure,
    SubstituteKind,
)


class DomainEntry(Part):
    """A domain of danger that the policy names."""

    id: Identifier
    """Id used in this file."""
    neutral: Domain
    """The neutral domain."""
    native: Text
    """The policy's own name."""
    watch_list: YesNo = False
    """True where the policy watches the domain without a threshold."""
    cite: Cite
    """Where the text says so."""


class AllowanceEntry(Part):
    """How far the shown value may lie from the one that counts, declared with the line."""

    component: Literal["elicitation", "growth", "budget", "missing", "grader"]
    """What it is made for."""
    amount: Exact
    """How much, on the axis of the measure: logits of a share, natural logarithm of a fold,
    doublings of minutes. Zero says that the line already contains it."""
    statement: Text
    """What it rests on."""
    cite: Cite | None = None
    """Where the publisher says so."""
    ours: str = ""
    """Filled where the amount is ours and not the publisher's; for elicitation it then makes the
    allowance larger, never smaller."""


class Indicator(Part):
    """A named eval in a harness version, with a measure and an exact line."""

    id: Identifier
    """Id used in this file."""
    threshold: Identifier | None = None
    """The threshold it speaks to; needed only in an indicator set."""
    subjects: tuple[Text, ...] = ()
    """The models or series it was drawn for, as the register names them; empty: every one."""
    eval: Text
    """Name of the eval."""
    harness: str = ""
    """Harness and version; results compare only within one."""
    role: IndicatorRole
    """What passing or failing it may do."""
    measure: Measure
    """What is measured; each measure has one estimand."""
    comparator: Comparator
    """On which side of `value` the line is crossed."""
    value: Exact | Identifier
    """The line; a grade's name where the measure is a judgement."""
    grades: tuple[Identifier, ...] = ()
    """For a judgement: its grades, from harmless to dangerous."""
    unit: Text
    """Unit of the value: `fold`, `share`, `minutes`, `tasks`, `grade`."""
    success_level: Exact | None = None
    """For a time horizon: the success rate it is read at (0.5, 0.8)."""
    of: int | None = Field(default=None, ge=1)
    """For a count: out of how many."""
    estimand: Literal["domain", "fixed_list"] = "domain"
    """Whether the items stand for a domain or are the whole list."""
    safe_level: Exact | None = None
    """Declared safe level at which power is asked (statistics, section 3)."""
    alpha: Exact | None = None
    """One-sided error allowed, where the policy states one."""
    allowances: tuple[AllowanceEntry, ...] = ()
    """Allowances declared with the line. Where the publisher prints none for elicitation, at least
    the default of the level that elicitation records reach is subtracted."""
    ours: str = ""
    """Filled where the line operationalises a text that prints no number: says how, and that it
    is ours, not the policy's."""
    statement: Text
    """What it tests, paraphrased."""
    cite: Cite
    """Where the text says so."""

    @model_validator(mode="before")
    @classmethod
    def _read_value(cls, plain: Any) -> Any:
        """Read the line as a number, unless it is a grade."""
        if isinstance(plain, Mapping) and plain.get("measure") != Measure.JUDGEMENT:
            return {**plain, "value": number_text(plain["value"])} if "value" in plain else plain
        return plain


class Threshold(Part):
    """A level of dangerous capability, or of use by the organisation."""

    id: Identifier
    """Id used in this file."""
    native: Text
    """The policy's own name of it."""
    domain: Identifier
    """The domain it belongs to."""
    kind: Literal["capability", "use", "checkpoint", "tracked"] = "capability"
    """`use` where the organisation's own use crosses it; `tracked` for a lesser level."""
    statement: Text
    """The threshold, paraphrased."""
    operational_test: str = ""
    """The test the text gives, paraphrased; empty where it gives none."""
    above: tuple[Identifier, ...] = ()
    """Lower rungs of the ladder whose requirements this one implies."""
    rules_out: tuple[Identifier, ...] = ()
    """Thresholds that are ruled out when this one is."""
    combine: Literal["all", "any"] = "all"
    """Whether all rule-out indicators must rule out, or one suffices."""
    indicators: tuple[Indicator, ...] = ()
    """The lines of the text that speak to it."""
    required: str = ""
    """The safeguards the text maps to it, in words, for the reader."""
    cite: Cite
    """Where the text says so."""


class Check(Part):
    """One measurable check of a safeguard."""

    id: Identifier
    """Id used in this file."""
    statement: Text
    """What is measured."""
    comparator: Comparator | Literal["is"]
    """How the measured value compares with `value` when the check is met."""
    value: YesNo | Exact | str
    """The required value."""
    unit: str = ""
    """Unit of the value."""
    fresh_for: Span | None = None
    """How long a measurement counts."""
    independent: YesNo = False
    """Whether the tester must be someone else than the operator."""

    @model_validator(mode="before")
    @classmethod
    def _read_value(cls, plain: Any) -> Any:
        """Read what looks like a number as a number, so that text and number never differ."""
        if isinstance(plain, Mapping) and "value" in plain:
            return {**plain, "value": number_text(plain["value"])}
        return plain


class Safeguard(Part):
    """A named requirement with checks and freshness."""

    id: Identifier
    """Id used in this file."""
    native: Text
    """The policy's own name."""
    family: Family
    """The family it belongs to."""
    statement: Text
    """The criterion, paraphrased."""
    checks: tuple[Check, ...] = ()
    """Measurable checks; where the text names none, evidence is a graded assertion."""
    fresh_for: Span | None = None
    """How long its evidence counts; `None`: the text sets no limit."""
    cite: Cite
    """Where the text says so."""


class Standard(Part):
    """A named bundle of safeguards, with the actors in and out of its scope."""

    id: Identifier
    """Id used in this file."""
    native: Text
    """The policy's own name."""
    members: tuple[Identifier, ...] = ()
    """The safeguards it consists of."""
    unspecified: YesNo = False
    """True where the text names it without saying what it consists of: it can never be met, until
    a specification is recorded."""
    in_scope: tuple[Text, ...] = ()
    """Actors it must withstand."""
    out_of_scope: tuple[Text, ...] = ()
    """Actors it need not."""
    cite: Cite
    """Where the text says so."""


class Substitute(Part):
    """What the policy accepts in place of a named requirement."""

    id: Identifier
    """Id used in this file."""
    kind: SubstituteKind
    """Why the policy accepts it."""
    in_place_of: Identifier
    """The standard or safeguard it stands in for."""
    statement: Text
    """What is accepted, paraphrased."""
    approvals: tuple[Identifier, ...] = ()
    """Acts that must be in force before it counts."""
    disclosed_in: Identifier | None = None
    """For `comply_or_disclose`: the document whose publication says what is not complied with."""
    expires_after: Span | None = None
    """How long it may stand in."""
    obligations: tuple[Text, ...] = ()
    """What is owed while it stands in."""
    cite: Cite
    """Where the text says so."""
