"""The nouns of a decision: findings, judged acts, assessments, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from scalegate.base.citation import Citation
from scalegate.estimate.certificate import GateAnswer
from scalegate.estimate.model import Verdict
from scalegate.evidence.bundle import Bundle
from scalegate.evidence.documents.plans import PlanReceipt
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
    BELOW_FULL_EFFORT = "below_full_effort"
    NOT_FINE_TUNED = "not_fine_tuned"
    NOT_ELICITED = "not_elicited"
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
        Reason.BELOW_FULL_EFFORT,
        Reason.NOT_FINE_TUNED,
        Reason.NOT_ELICITED,
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
    """The checkpoint, where one is meant."""
    deployment: str | None = None
    """The deployment, where the subject is one."""
    run: str | None = None
    """The run, where the subject is one."""
    series: str | None = None
    """The model's series; alerts stick to it."""
    lab: str | None = None
    """Who develops it."""
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
    is_proved: bool = False
    """Whether what rules out must rest on no conjecture (`proving`)."""
    void_receipts: Mapping[str, str] = field(default_factory=dict)
    """Receipts of plans that no log bears out, by digest, with why: they count as none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRef:
    """A piece of evidence, as a decision names it."""

    id: str
    """Id of the document, or digest of the log."""
    digest: str
    """SHA-256 of its canonical form, or of the log file."""
    kind: str
    """Kind of document, or `eval-log`."""
    observed_at: datetime
    """From when it is so; it grows older from then on."""
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
    """The verdict under this reading."""
    decides: bool = True
    """Whether this reading counts; False where the mapping fixed another, with its reason."""
    is_arm: bool = False
    """Whether it is of an arm of elicitation, beside the evidence itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """Whether one piece of evidence answers a recorded plan that precedes its run."""

    evidence: str
    """Id of the document, or digest of the log."""
    holds: bool
    """Whether it does."""
    text: str
    """In one sentence: which plan, where it stands, whose clocks that relies on; or why not."""
    receipt: PlanReceipt | None = None
    """Where the plan stands in a log; None: no recorded plan names this evidence for the line."""
    started_at: datetime | None = None
    """When the run started, by its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorFinding:
    """What the evidence says against one line."""

    indicator: Indicator
    """The line."""
    level: Level | None
    """What it contributes to its threshold; None: nothing (a rule-in line that is not reached, or a
    line that is only worth noting)."""
    reasons: tuple[Reason, ...]
    """Why it contributes what it does."""
    verdicts: tuple[ReadVerdict, ...] = ()
    """Under each reading; the strictest counts."""
    evidence: tuple[EvidenceRef, ...] = ()
    """What was measured."""
    text: str = ""
    """One sentence for a reader."""
    raises_alert: bool = False
    """Whether it raises its threshold's alert."""
    expires_at: datetime | None = None
    """When the evidence stops counting."""
    is_missing: bool = False
    """Whether no evidence at all is bound to the line."""
    mapped_because: tuple[str, ...] = ()
    """Why this evidence was bound to this line: the reasons in the mappings."""
    answers: tuple[PlanAnswer, ...] = ()
    """Whether each piece of evidence answers a recorded plan; empty where no plan is recorded and
    the policy asks for none."""
    gates: tuple[GateAnswer, ...] = ()
    """The sharpness certificate of the strictest verdict; empty where there is no verdict."""
    looked_for_hiding: tuple[str, ...] = ()
    """Tests and checks for hidden ability behind the line, with their measured rates."""
    elicited: tuple[str, ...] = ()
    """What was tried to bring the capability out, by whom and how long; the level that it reaches,
    the gap between its arms, and its budget curves."""
    tried: frozenset[str] = frozenset()
    """What the policy's requirements on elicitation may count as shown: see `Elicited.tried`."""
    unmet: tuple[str, ...] = ()
    """Ids of the requirements on elicitation that bind, arise and are not shown on this line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A determination, beside the finding it answers."""

    act: str
    """Id of the act."""
    by: str
    """Role and name."""
    level: Level
    """The level it determines."""
    grade: Grade
    """How it stands to the engine's own finding."""
    counts: bool
    """Whether it fixes the status; a softer one may only stand beside the finding."""
    statement: str
    """The reasons given."""
    dissent: tuple[str, ...]
    """Views that differ, each with who holds it."""
    decided_at: datetime
    """When it was done."""
    citation: Citation
    """Where it stands."""
    treated_as: bool = False
    """Whether it is precautionary: treated as, not found to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The status of one threshold, and how it came about."""

    threshold: str
    """The threshold's id."""
    status: Status
    """The status that decides."""
    own: Level
    """The engine's own finding, before any act."""
    reasons: tuple[Reason, ...]
    """Why the engine's own finding is what it is; `determined` first where an act counts."""
    indicators: tuple[IndicatorFinding, ...] = ()
    """One finding per line of the threshold, in declared order."""
    judged: tuple[Judged, ...] = ()
    """Determinations, the one that prevails first."""
    concerns: tuple[EvidenceRef, ...] = ()
    """Adverse judgements that were recorded."""
    missing: tuple[str, ...] = ()
    """Planned runs that are absent or short, in words."""
    expires_at: datetime | None = None
    """When the first of the evidence stops counting."""
    text: str = ""
    """The engine's own finding in words."""
    alerts: tuple[str, ...] = ()
    """What raised the alert and is not released, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeguardFinding:
    """The state of one safeguard on the subject."""

    safeguard: str
    """The safeguard's id."""
    state: SafeguardState
    """Its state on the subject."""
    reasons: tuple[Reason, ...]
    """Why, the worst first."""
    evidence: tuple[EvidenceRef, ...] = ()
    """The evidence that decides."""
    surfaces: tuple[tuple[str, SafeguardState], ...] = ()
    """State per surface, where surfaces count."""
    observed_at: datetime | None = None
    """When that was so."""
    expires_at: datetime | None = None
    """When the first of the evidence expires."""
    claimed: str | None = None
    """The state that the source claims."""
    withheld: bool = False
    """Whether it rests on a specification that outsiders cannot read."""
    text: str = ""
    """The reasons in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The value of a fact, act, document aspect, reading, substitute or discretion."""

    name: str
    """Its id in the policy."""
    value: Any
    """The value that decides; None: unknown."""
    evidence: tuple[EvidenceRef, ...] = ()
    """What it rests on."""
    expires_at: datetime | None = None
    """When it stops counting."""
    text: str = ""
    """What is known of it, in words."""
    withheld: bool = False
    """Whether it rests on a text that outsiders cannot read: it is asserted, no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything known of one subject under one framework at one instant."""

    inputs: Inputs
    """What it was computed from."""
    subject: Subject
    """What was assessed."""
    at: datetime
    """The instant asked about."""
    situation: Situation
    """What the policy function is given."""
    findings: Mapping[str, Finding]
    """Per threshold."""
    safeguards: Mapping[str, SafeguardFinding]
    """Per safeguard, substitute and standard named without content."""
    facts: Mapping[str, Named]
    """Per fact."""
    acts: Mapping[str, Named]
    """Per question."""
    documents: Mapping[str, Named]
    """Per `document.aspect`."""
    substitutes: Mapping[str, Named]
    """Per substitute."""
    discretions: Mapping[str, Named]
    """Per discretion."""
    readings: Mapping[str, Named]
    """Per reading: the option fixed, or None."""
    specified: Mapping[str, Named]
    """Per standard named without content."""
    measurements: tuple[Any, ...] = ()
    """What was measured, for asking about a later instant (`measure.Measurement`)."""
    unused: tuple[str, ...] = ()
    """Evidence about other subjects or without an edge to this one, in words."""
    beyond: tuple[str, ...] = ()
    """Safeguards on record that the policy does not ask for, in words; they decide nothing."""
    supposed: frozenset[str] = frozenset()
    """Thresholds whose status is supposed rather than found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInForce:
    """An order from outside the policy that reaches the subject at the gate."""

    id: str
    """Id of the document."""
    authority: str
    """Who ordered it."""
    kind: str
    """Voluntary, incident, court or export control."""
    level: EffectLevel
    """`hold`, `restrict`, or `allow_with` for limits that the subject keeps."""
    limits: Mapping[str, str]
    """For `restrict`: the limits."""
    statement: str
    """What it says."""
    review_on: datetime | None
    """When it is looked at again."""
    because: str = ""
    """By what it reaches the subject, in words."""

    @property
    def is_kept(self) -> bool:
        """Whether the registered subject keeps every limit, so that the order does not restrict."""
        return self.level is EffectLevel.ALLOW_WITH


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One node of the explanation."""

    text: str
    """What this part says."""
    holds: bool | None = None
    """Whether the part is met; None where the question does not arise."""
    citation: str = ""
    """Where the text or the evidence stands."""
    evidence: tuple[str, ...] = ()
    """Ids and digests."""
    children: tuple[Why, ...] = ()
    """What it rests on."""

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
    """What would change, as data."""
    text: str
    """What to do, in words."""
    owner: str = ""
    """Who owns it; empty: nobody is named."""
    lead_days: int | None = None
    """How many days it takes; None: not said."""
    by_judgement: bool = False
    """Whether it is a judgement rather than work."""
    signed_by: tuple[str, ...] = ()
    """For a judgement: the roles that would have to sign."""
    needs_evidence: bool = False
    """Whether evidence that is not there yet would have to show it."""


class OpeningWork(tuple[tuple[Work, ...], ...]):  # noqa: SLOT001 - a tuple can have no slots
    """Sets of work, smallest first, each of which alone opens a gate."""

    complete_up_to: int | None = None
    """Where the search ended early: every set of at most so many changes is there."""

    @classmethod
    def of(
        cls, sets: Iterable[tuple[Work, ...]] = (), complete_up_to: int | None = None
    ) -> OpeningWork:
        """Return these sets."""
        found = cls(sets)
        found.complete_up_to = complete_up_to
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When today's answer turns by itself, and why."""

    at: datetime
    """The instant."""
    becomes: EffectLevel
    """The effect from then on."""
    because: tuple[str, ...]
    """What begins or stops counting then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a framework says of one subject at one gate, and why."""

    framework: str
    """The framework, as `id@version`."""
    policy_digest: str
    """Digest of the policy with its indicator sets."""
    subject: str
    """What was asked for."""
    gate: Gate
    """The gate."""
    ask: Ask
    """To start or widen, or to go on."""
    as_of: datetime
    """The instant asked about."""
    governed: bool
    """Whether a commitment, or an order, binds at this gate."""
    level: EffectLevel
    """The effect; without meaning where the gate is not governed."""
    limits: Mapping[str, str]
    """For `restrict`: each limit, joined where several apply."""
    obligations: tuple[str, ...]
    """What is owed."""
    before: tuple[str, ...]
    """Obligations that must be recorded as met before the act."""
    inconclusive: bool
    """Held only for what is not known, not for what is known to be unmet."""
    outcome: Outcome
    """The policy's own outcome, before orders."""
    why: Why
    """The explanation."""
    orders: tuple[OrderInForce, ...] = ()
    """Orders from outside that reach the subject here."""
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
    """When the answer turns by itself; None: never, or not open."""
    searched: str = ""
    """For a gate that is not governed: where the text was searched."""
    adverse_register: tuple[int, str] = (0, "")
    """Count and head of the register of adverse records."""
    evidence_digest: str = ""
    """Digest of everything that was known."""
    engine: str = ""
    """Version of the engine."""
    answers: tuple[PlanAnswer, ...] = ()
    """Which evidence answers a recorded plan that precedes its run, each piece once."""
    notes: tuple[str, ...] = field(default=())
    """Anything else a reader must know."""
    is_proved: bool = False
    """Whether what rules out was asked to rest on no conjecture."""

    @property
    def is_open(self) -> bool:
        """Whether the gate is open: allowed, or allowed with nothing owed beforehand."""
        if not self.governed:
            return False
        if self.level is EffectLevel.ALLOW_WITH:
            return not self.before
        return self.level is EffectLevel.ALLOW
