"""What each predicate of ours says, field by field: its form, for whoever writes or reads it.

1. A field that is not listed is kept and ignored, and ignoring one never opens a gate: whoever
   reads a statement of a later version sees at most less of it.
2. Every value is text, true, false, a list or an object. Numbers are decimal text.
3. The JSON Schemas in docs/reference/schemas/statements are written from these models
   (tools/generate_statement_schemas.py). A change that refuses an old statement is a new version of
   the predicate, `.../v2`.

Source: predicate guidelines of the in-toto attestation framework (names, unknown fields).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from scalegate.base.plain_text import plain
from scalegate.ledger.faults import MalformedRecord
from scalegate.ledger.statements import TYPE, Predicate, Statement

Line = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,18})$")]
At = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(Z|[+-][0-9:]{5})$")
]


class Said(BaseModel):
    """What a statement says. Fields that are not listed are kept."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    def to_predicate(self) -> dict[str, Any]:
        """Write it as a statement has it."""
        return self.model_dump(by_alias=True)


class Person(Said):
    """Somebody, in a role."""

    name: Name
    """Who."""
    role: Name
    """In which role, as the policy or the lab calls it."""


class SaidDocument(Said):
    """A document in full: every field as imported, numbers as text."""

    schema_: Annotated[str, StringConstraints(pattern=r"^scalegate/[a-z-]+@1$")] = Field(
        alias="schema"
    )
    """Its kind."""
    id: Name
    """Its name; a later version keeps it."""
    subject: Name
    """What it is about."""


class ClauseSaid(Said):
    """One row of a policy."""

    id: Name
    """Its id in the policy file."""
    says: Line
    """What it asks for, in the words of the policy file."""
    modality: Name
    """`must`, `will`, ... as the text has it."""
    binding: bool
    """Whether it decides."""
    where: Name
    """Document, section and page of the text."""


class PolicySaid(Said):
    """A policy is published. Subjects: its digest, and that of the text that was read."""

    framework: Name
    """`id@version`."""
    title: Line
    """Its title."""
    lab: Name
    """Whose it is."""
    effective_on: Name
    """First day in force."""
    supersedes: str
    """The version before; empty for a first."""
    clauses: list[ClauseSaid] = Field(min_length=1)
    """Its rows."""


class DiffRow(Said):
    """One comparison: a gate, asked in one way, at one cut."""

    gate: Name
    """The gate."""
    ask: Name
    """`start` or `continue`."""
    cut: Name
    """Which effects are told apart."""
    strength: Name
    """Which rows count."""
    verdict: Name
    """`equivalent`, `loosened`, `tightened`, `incomparable`, or why it was not decided."""
    loosened: Count
    """Minimal situations that the newer lets through and the older holds."""
    tightened: Count
    """The other way."""


class PolicyDiffSaid(Said):
    """What a revision loosened and tightened. Subjects: the two policies."""

    old: Name
    """The earlier version."""
    new: Name
    """The later version."""
    verdict: Name
    """Over all comparisons."""
    is_looser_somewhere: bool
    """Whether the newer lets anything through that the older holds."""
    is_stricter_somewhere: bool
    """Whether it holds anything that the older lets through."""
    comparisons: list[DiffRow] = Field(min_length=1)
    """Every comparison."""
    difference: Digest
    """SHA-256 of the whole difference, as `diff --json` writes it, numbers as text, canonical."""
    certificate: str
    """SHA-256 of the certificate's file; empty where none was made."""
    engine: Name
    """Version of the engine."""


class PlanLine(Said):
    """A line as it stood when the plan was recorded."""

    clause: Name
    """Its name."""
    says: Line
    """What it says."""
    sha256: Digest
    """Digest of the line."""


class PlanSaid(Said):
    """What will be run, before it is run. Subjects: the plan, and the policies of its lines."""

    about: Name
    """The model or checkpoint."""
    plan: SaidDocument
    """The plan in full."""
    lines: list[PlanLine]
    """Every line that its runs are to answer."""


class EvidenceSaid(Said):
    """Evidence was imported. Subject: its digest, or what commits to its withheld parts."""

    about: Name
    """What it is about."""
    shown: dict[str, Any]
    """The document, or the part that is shown."""
    withheld: dict[str, Any] | None = None
    """Names, reasons and commitments of what is not (docs/how-to/withhold-and-open.md)."""


class RecordedSaid(Said):
    """A document is recorded in full. Subject: its digest, as evidence lists name it."""

    about: Name
    """What it is about."""
    document: SaidDocument
    """The document."""


class EdgeSaid(Said):
    """How one checkpoint came from another."""

    kind: Name
    """`variant_of`, `checkpoint_of`, `successor_of`, `bounded_by`."""
    start: Name
    """From which."""
    to: Name
    """To which."""


class RegisterEdgeSaid(Said):
    """An edge of the model register. Subject: the model document that has it."""

    about: Name
    """The model."""
    edge: EdgeSaid
    """The edge."""


class SpecificationSaid(Said):
    """A standard that was only named is specified. Subject: the text, by its digest."""

    framework: Name
    """Whose standard."""
    standard: Name
    """Its id."""
    by: Person
    """Who specifies it."""
    effective_from: At
    """From when."""
    withheld: bool
    """Whether the text is withheld; then it counts as asserted only."""
    reason: str = ""
    """Why it is withheld."""


class DecisionSaid(Said):
    """The answer at a gate. Subjects: the evidence, by the name of what was asked; the policy."""

    framework: Name
    """Under which policy."""
    gate: Name
    """At which gate."""
    ask: Name
    """`start` or `continue`."""
    effect: Literal["allow", "allow_with", "restrict", "hold", "withdraw", "ungoverned"]
    """What was decided."""
    is_open: bool
    """Whether the gate is open."""
    inconclusive: bool
    """Whether it holds for want of evidence only."""
    as_of: At
    """Of when it speaks."""
    decided_at: At
    """When it was signed, by the signer's word."""
    adverse: dict[str, str]
    """Count and head of the register of adverse records."""
    determining: list[str]
    """The rows that fixed it."""
    obligations: list[str]
    """What is owed with it."""
    explanation: Digest
    """SHA-256 of the whole explanation."""
    engine: Name
    """Version of the engine."""
    log: dict[str, str]
    """Size and root of the log that the signer had seen."""
    plans: list[Any]
    """Recorded plans that its evidence answers."""
    tables: Digest
    """SHA-256 of the list of tables of samples."""
    reasons: str
    """Why, in words."""
    dissent: str
    """Who disagrees, and why."""
    build: str | None = None
    """Digest of the engine's source and surroundings; the same build gives the same bytes."""
    bounds: str | None = None
    """`proved` where only proved bounds may rule out; absent for the usual ones."""
    conditions: list[str] = Field(default_factory=list)
    """What whoever decides adds; the engine does not read it."""
    waivers: list[WaiverRow] = Field(default_factory=list)
    """Waivers in force beside it. They change nothing of the effect."""


class WaiverRow(Said):
    """A recorded waiver that stands beside a decision."""

    entry: Count
    """Where it stands in the log."""
    envelope: Digest
    """Its envelope."""
    by: Person
    """Who waives."""
    reason: Line
    """Why."""
    until: At
    """Until before when."""


class WaiverSaid(Said):
    """Somebody lets something pass. Subject: what it is about, by the digest of the waiver's text.

    It opens no gate and is no ground for a permit: the finding stays as it is, with this beside it.
    """

    about: Name
    """The deployment, run or model."""
    framework: Name
    """Under which policy."""
    gate: Name
    """At which gate."""
    clauses: list[Name] = Field(min_length=1)
    """Which rows or thresholds are waived."""
    by: Person
    """Who waives."""
    reason: Line
    """Why."""
    from_: At = Field(alias="from")
    """From when."""
    until: At
    """Until before when; then it counts as none."""
    conditions: list[str] = Field(default_factory=list)
    """Under which conditions."""


class DutySaid(Said):
    """A duty started, was fulfilled or was missed. Subject: the text of this."""

    about: Name
    """The lab, model or deployment that owes."""
    framework: Name
    """Under which policy."""
    duty: Name
    """Its id in the policy."""
    state: Literal["started", "fulfilled", "missed"]
    """What happened."""
    at: At
    """When."""
    due: str = ""
    """By when it is owed; empty where it has no window."""
    by: Person
    """Who says so."""
    to: list[str] = Field(default_factory=list)
    """To whom it is owed."""
    documents: list[Digest] = Field(default_factory=list)
    """What fulfils it, by digest."""
    reason: str = ""
    """In words."""


class WithdrawalSaid(Said):
    """An envelope is no longer shown, or a permit no longer holds. Subjects: their digests."""

    by: Person
    """Who withdraws."""
    reason: Line
    """Why."""
    what: Literal["permit", "decision", "manifest", "envelope", "waiver"]
    """What the subjects are."""


class GraceStated(Said):
    """A policy that states a permit's grace."""

    framework: Name
    """Its name."""
    policy: Digest
    """Its digest, as decisions name it."""


class PermitSaid(Said):
    """This may pass this gate, for a while. Subject: the manifest of what it consists of."""

    gate: Name
    """The gate."""
    ask: Name
    """`start` or `continue`."""
    from_: At = Field(alias="from")
    """From when."""
    until: At
    """Until before when."""
    decision: Digest
    """The envelope of the decision that it rests on."""
    log_size: Count
    """Entries of the log that the issuer had seen."""
    grace: Count | None = None
    """Seconds that what runs may go on after its end; absent: an hour for training, else a day."""
    afterwards: str = ""
    """What is to happen then; absent: the default."""
    grace_stated_by: list[GraceStated] = Field(default_factory=list)
    """The policies that state this grace; absent: none does, and it is at most the default."""


class DisclosureSaid(Said):
    """Withheld items are demanded, opened, or refused with a reason. Subjects: what they are of."""

    demands: dict[str, Any] | None = None
    """How many items of which list an auditor wants, and the log as it was then."""
    opens: dict[str, str] | None = None
    """The entry and envelope that committed to them."""
    answers: Count | None = None
    """The entry of the demand that this answers."""
    fields: list[str] = Field(default_factory=list)
    """Fields, in the form of RFC 9901."""
    items: list[Any] = Field(default_factory=list)
    """Items, each with its salt and path."""
    refused: list[Any] = Field(default_factory=list)
    """Items that stay closed, each with a reason code."""


class TrustKey(Said):
    """A public key."""

    algorithm: Literal["ed25519", "ml-dsa-44", "ecdsa-p256"]
    """What it verifies."""
    owner: str
    """Who holds the private half."""
    public: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
    """The raw key, base64."""


class TrustRole(Said):
    """Who may sign what."""

    keys: list[Digest] = Field(min_length=1)
    """Ids: SHA-256 of the algorithm's name, a colon and the raw key."""
    signs: list[Name] = Field(min_length=1)
    """Predicates."""
    threshold: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,18}$")]
    """How many of the keys must sign."""


class TrustSaid(Said):
    """Which keys fill which roles, from this version on. Subjects: the keys."""

    version: Count
    """From 1, by one at a time."""
    previous: str
    """SHA-256 of the payload of the version before; empty for the first."""
    expires: At
    """When nothing new is accepted any more."""
    keys: list[TrustKey] = Field(min_length=1)
    """All keys."""
    roles: dict[str, TrustRole]
    """By name; `root` among them."""
    log: list[Name] = Field(min_length=1)
    """Verifier keys of the log (C2SP signed-note)."""
    witnesses: str
    """A C2SP tlog-policy file."""


SAID: dict[Predicate, type[Said]] = {
    Predicate.POLICY: PolicySaid,
    Predicate.POLICY_DIFF: PolicyDiffSaid,
    Predicate.EVALUATION_PLAN: PlanSaid,
    Predicate.EVIDENCE: EvidenceSaid,
    Predicate.SAFEGUARD_STATUS: RecordedSaid,
    Predicate.ACT: RecordedSaid,
    Predicate.ORDER: RecordedSaid,
    Predicate.INCIDENT: RecordedSaid,
    Predicate.SPECIFICATION: SpecificationSaid,
    Predicate.DOCUMENT: RecordedSaid,
    Predicate.REGISTER_EDGE: RegisterEdgeSaid,
    Predicate.GATE_DECISION: DecisionSaid,
    Predicate.WAIVER: WaiverSaid,
    Predicate.DUTY: DutySaid,
    Predicate.DISCLOSURE: DisclosureSaid,
    Predicate.TRUST: TrustSaid,
    Predicate.PERMIT: PermitSaid,
    Predicate.WITHDRAWAL: WithdrawalSaid,
}
"""The form of every predicate."""
DOCUMENTED = {
    each: f"scalegate/{each}@1"
    for each in (
        Predicate.SAFEGUARD_STATUS,
        Predicate.ACT,
        Predicate.ORDER,
        Predicate.INCIDENT,
        Predicate.DOCUMENT,
    )
}
"""Predicates that record a document of the kind of the same name."""


def check_said(statement: Statement) -> None:
    """Refuse a statement of a predicate of ours that has not its published form.

    Raises:
        MalformedRecord: a field is missing or of another form; the first such field is named.

    Does not check: a predicate that is not ours, and fields that are not listed.
    """
    kind = statement.kind
    if kind is None:
        return
    try:
        SAID[kind].model_validate(statement.predicate)
    except ValidationError as cause:
        fault = cause.errors(include_url=False, include_input=False)[0]
        place = "/".join(("predicate", *(str(each) for each in fault["loc"])))
        raise MalformedRecord(
            f"statement has not the form of `{kind}`",
            where=f"`{plain(place, limit=200)}`",
            expected="what docs/reference/statements.md lists",
            got=plain(fault["msg"], limit=200),
        ) from None
    wanted = DOCUMENTED.get(kind)
    document = statement.predicate.get("document")
    if wanted and isinstance(document, Mapping) and document.get("schema") != wanted:
        raise MalformedRecord(
            f"statement has not the form of `{kind}`",
            where="`predicate/document/schema`",
            expected=f"`{wanted}`",
            got=f"`{plain(str(document.get('schema')), limit=80)}`",
        )


def schema_of(kind: Predicate) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a whole statement of a predicate."""
    said = SAID[kind].model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    defs = said.pop("$defs", {})
    if kind in DOCUMENTED:
        defs["SaidDocument"]["properties"]["schema"] = {"const": DOCUMENTED[kind]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{kind.uri}/schema",
        "title": f"Statement of the predicate {kind}, version 1",
        "type": "object",
        "required": ["_type", "subject", "predicateType", "predicate"],
        "properties": {
            "_type": {"const": TYPE},
            "predicateType": {"const": kind.uri},
            "subject": {"type": "array", "minItems": 1, "maxItems": 256, "items": SUBJECT},
            "predicate": {**said, "allOf": [{"$ref": "#/$defs/WithoutNumbers"}]},
        },
        "$defs": {**defs, "WithoutNumbers": WITHOUT_NUMBERS},
    }


SUBJECT = {
    "type": "object",
    "required": ["name", "digest"],
    "properties": {
        "name": {"type": "string"},
        "digest": {
            "type": "object",
            "required": ["sha256"],
            "properties": {"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        },
    },
}
WITHOUT_NUMBERS = {
    "description": "Text, true, false, null, a list or an object: numbers are decimal text.",
    "type": ["string", "boolean", "null", "array", "object"],
    "items": {"$ref": "#/$defs/WithoutNumbers"},
    "additionalProperties": {"$ref": "#/$defs/WithoutNumbers"},
}
DecisionSaid.model_rebuild()
