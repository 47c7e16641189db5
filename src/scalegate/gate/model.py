"""The nouns of a decision: findings, judged acts, assessments, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from scalegate.base.citation import Citation
from scalegate.estimate.model import Verdict
from scalegate.evidence.bundle import Bundle
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.register import Register
from scalegate.policy.compile import Program
from scalegate.policy.document import Indicator, Policy
from scalegate.policy.evaluate import Outcome
from scalegate.policy.opening import Move
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate, Level, SafeguardState


class Reason(StrEnum):
    """Why a status or a safeguard's state is what it is, from a closed list."""

    NO_EVIDENCE = "no_evidence"
    NO_INDICATOR = "no_indicator"
    LINE_CLEARED = "line_cleared"
    LINE_REACHED = "line_reached"
    RULED_IN = "ruled_in"
    BLUNT = "blunt"
    SUSPECT = "suspect"
    INVALID = "invalid"
    INCONCLUSIVE = "inconclusive"
    STALE = "stale"
    MISSING_RUNS = "missing_runs"
    NOT_PREREGISTERED = "not_preregistered"
    NO_EDGE = "no_edge"
    IMPUGNED = "impugned"
    EXPERT_CONCERN = "expert_concern"
    BOUNDED_BY_REFERENCE = "bounded_by_reference"
    INHERITED = "inherited"
    INFERRED = "inferred"
    EXEMPT = "exempt"
    DETERMINED = "determined"
    TREATED_AS = "treated_as"
    NOT_LIVE = "not_live"
    SURFACE_NOT_COVERED = "surface_not_covered"
    NO_DEPLOYMENT = "no_deployment"
    CHECK_FAILED = "check_failed"
    CHECK_MISSING = "check_missing"
    OTHER_SYSTEM = "other_system"
    PARTIAL_COVERAGE = "partial_coverage"
    NOT_INDEPENDENT = "not_independent"
    SUFFICIENCY_NOT_SHOWN = "sufficiency_not_shown"
    BREACHED = "breached"
    SHOWN = "shown"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"


INCONCLUSIVE_REASONS = frozenset(
    {
        Reason.NO_EVIDENCE,
        Reason.NO_INDICATOR,
        Reason.BLUNT,
        Reason.SUSPECT,
        Reason.INVALID,
        Reason.INCONCLUSIVE,
        Reason.STALE,
        Reason.MISSING_RUNS,
        Reason.NOT_PREREGISTERED,
        Reason.NO_EDGE,
        Reason.IMPUGNED,
        Reason.CHECK_MISSING,
        Reason.SUFFICIENCY_NOT_SHOWN,
        Reason.NO_DEPLOYMENT,
        Reason.OTHER_SYSTEM,
        Reason.CONFLICT,
        Reason.UNREADABLE,
    }
)
"""Reasons that say what is not known, rather than what is known to be unmet (exit code 11)."""


class Grade(StrEnum):
    """How a determination stands to the engine's own finding."""

    AGREES = "agrees"
    STRICTER = "stricter"
    PRECAUTIONARY = "precautionary"
    JUDGED = "judged"
    AGAINST_INDICATORS = "against_indicators"
    AGAINST_ACT_AS_IF = "against_act_as_if"
    WITHOUT_EVIDENCE = "without_evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a gate is asked for, resolved in the register."""

    ref: str
    """As asked: `deployment:...`, `run:...`, `checkpoint:...` or `model:...`."""
    model: str | None
    """`model:...`; None for a run from scratch without a named model."""
    checkpoint: str | None = None
    deployment: str | None = None
    run: str | None = None
    series: str | None = None
    lab: str | None = None
    surfaces: tuple[tuple[str, bool], ...] = ()
    """Each surface of the deployment, and whether it is registered."""
    weights_sha256: str | None = None
    """Digest of the checkpoint's weights, where the register gives one."""
    configuration_sha256: str | None = None
    """Digest of the deployment's configuration."""
    system_prompt_sha256: str | None = None
    """Digest of the deployment's system prompt."""

    @property
    def names(self) -> frozenset[str]:
        """Every reference that means this subject or what contains it."""
        found = (self.model, self.checkpoint, self.deployment, self.run, self.series, self.lab)
        return frozenset(name for name in (self.ref, *found) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything a decision is computed from."""

    policy: Policy
    """The framework, with the indicator sets in force."""
    program: Program
    """The same, compiled."""
    policy_digest: str
    """Digest of the canonical form of the policy document and its indicator sets."""
    bundle: Bundle[EvalLog]
    """What was known at the instant asked about."""
    register: Register
    """The register built from the bundle."""
    indicator_sets: tuple[str, ...] = ()
    """Ids of the indicator sets whose lines the policy carries."""
    ids: frozenset[str] = frozenset()
    """Ids of every document in force, and digests of every log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRef:
    """A piece of evidence, as a decision names it."""

    id: str
    """Id of the document, or digest of the log."""
    digest: str
    kind: str
    observed_at: datetime
    citation: Citation | None
    """Where it stands; None for a log, which is its own source."""
    flags: tuple[tuple[str, int], ...] = ()
    """Validity flags with their counts."""
    samples: tuple[str, ...] = ()
    """Some samples that carry the flags, for drilling down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadVerdict:
    """A verdict under one reading of what was printed."""

    reading: str
    """Which reading, such as `plus-minus read as SD`; empty where there is one meaning."""
    verdict: Verdict
    decides: bool = True
    """Whether this reading counts; False where the mapping fixed another, with its reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorFinding:
    """What the evidence says against one line."""

    indicator: Indicator
    level: Level | None
    """What it contributes to its threshold; None: nothing (a rule-in line that is not reached, or a
    line that is only worth noting)."""
    reasons: tuple[Reason, ...]
    verdicts: tuple[ReadVerdict, ...] = ()
    """Under each reading; the strictest counts."""
    evidence: tuple[EvidenceRef, ...] = ()
    text: str = ""
    """One sentence for a reader."""
    raises_alert: bool = False
    expires_at: datetime | None = None
    """When the evidence stops counting."""
    is_missing: bool = False
    """Whether no evidence at all is bound to the line."""
    mapped_because: tuple[str, ...] = ()
    """Why this evidence was bound to this line: the reasons in the mappings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A determination, beside the finding it answers."""

    act: str
    """Id of the act."""
    by: str
    """Role and name."""
    level: Level
    grade: Grade
    counts: bool
    """Whether it fixes the status; a softer one may only stand beside the finding."""
    statement: str
    dissent: tuple[str, ...]
    decided_at: datetime
    citation: Citation
    treated_as: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The status of one threshold, and how it came about."""

    threshold: str
    status: Status
    """The status that decides."""
    own: Level
    """The engine's own finding, before any act."""
    reasons: tuple[Reason, ...]
    indicators: tuple[IndicatorFinding, ...] = ()
    judged: tuple[Judged, ...] = ()
    """Determinations, the one that prevails first."""
    concerns: tuple[EvidenceRef, ...] = ()
    """Adverse judgements that were recorded."""
    missing: tuple[str, ...] = ()
    """Planned runs that are absent or short, in words."""
    expires_at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeguardFinding:
    """The state of one safeguard on the subject."""

    safeguard: str
    state: SafeguardState
    reasons: tuple[Reason, ...]
    evidence: tuple[EvidenceRef, ...] = ()
    surfaces: tuple[tuple[str, SafeguardState], ...] = ()
    """State per surface, where surfaces count."""
    observed_at: datetime | None = None
    expires_at: datetime | None = None
    claimed: str | None = None
    """The state that the source claims."""
    withheld: bool = False
    """Whether it rests on a specification that outsiders cannot read."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The value of a fact, act, document aspect, reading, substitute or discretion."""

    name: str
    value: Any
    """The value that decides; None: unknown."""
    evidence: tuple[EvidenceRef, ...] = ()
    expires_at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything known of one subject under one framework at one instant."""

    inputs: Inputs
    subject: Subject
    at: datetime
    situation: Situation
    findings: Mapping[str, Finding]
    safeguards: Mapping[str, SafeguardFinding]
    facts: Mapping[str, Named]
    acts: Mapping[str, Named]
    documents: Mapping[str, Named]
    substitutes: Mapping[str, Named]
    discretions: Mapping[str, Named]
    readings: Mapping[str, Named]
    specified: Mapping[str, Named]
    measurements: tuple[Any, ...] = ()
    """What was measured, for asking about a later instant (`measure.Measurement`)."""
    unused: tuple[str, ...] = ()
    """Evidence about other subjects or without an edge to this one, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInForce:
    """An order from outside the policy that reaches the subject at the gate."""

    id: str
    authority: str
    kind: str
    level: EffectLevel
    limits: Mapping[str, str]
    statement: str
    review_on: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One node of the explanation."""

    text: str
    holds: bool | None = None
    """Whether the part is met; None where the question does not arise."""
    citation: str = ""
    evidence: tuple[str, ...] = ()
    """Ids and digests."""
    children: tuple[Why, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "text": self.text,
            "holds": self.holds,
            "citation": self.citation,
            "evidence": list(self.evidence),
            "children": [child.to_mapping() for child in self.children],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One piece of work that would help open a gate."""

    move: Move
    text: str
    owner: str = ""
    lead_days: int | None = None
    by_judgement: bool = False
    """Whether it is a judgement rather than work."""
    signed_by: tuple[str, ...] = ()
    """For a judgement: the roles that would have to sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When today's answer turns by itself, and why."""

    at: datetime
    becomes: EffectLevel
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a framework says of one subject at one gate, and why."""

    framework: str
    policy_digest: str
    subject: str
    gate: Gate
    ask: Ask
    as_of: datetime
    governed: bool
    level: EffectLevel
    """The effect; without meaning where the gate is not governed."""
    limits: Mapping[str, str]
    obligations: tuple[str, ...]
    before: tuple[str, ...]
    """Obligations that must be recorded as met before the act."""
    inconclusive: bool
    """Held only for what is not known, not for what is known to be unmet."""
    outcome: Outcome
    """The policy's own outcome, before orders."""
    why: Why
    orders: tuple[OrderInForce, ...] = ()
    readings: tuple[tuple[Mapping[str, str], EffectLevel], ...] = ()
    """The effect under each combination of unresolved readings, where they differ."""
    depends_on_reading: bool = False
    """Whether some reading opens the gate and another holds it."""
    advice: tuple[Why, ...] = ()
    """Rows that do not bind and are not followed."""
    unarmed: tuple[str, ...] = ()
    """Clauses that would hold if their facts were shown (burden to hold)."""
    judgements: tuple[str, ...] = ()
    """Softer determinations that stand beside the finding, with what they would change."""
    holds_from: Turn | None = None
    searched: str = ""
    """For a gate that is not governed: where the text was searched."""
    adverse_register: tuple[int, str] = (0, "")
    """Count and head of the register of adverse records."""
    evidence_digest: str = ""
    engine: str = ""
    """Version of the engine."""
    notes: tuple[str, ...] = field(default=())

    @property
    def is_open(self) -> bool:
        """Whether the gate is open: allowed, or allowed with nothing owed beforehand."""
        if not self.governed:
            return False
        if self.level is EffectLevel.ALLOW_WITH:
            return not self.before
        return self.level is EffectLevel.ALLOW
