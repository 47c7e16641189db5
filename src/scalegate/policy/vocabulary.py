"""The words a policy uses, each a closed and ordered list.

Order matters: `max` of two effects is the stricter one, `max` of two levels the more dangerous
one, `max` of two safeguard states the worse one. The meanings are the glossary's.
"""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum


class Gate(StrEnum):
    """A point at which a model may be held."""

    STORE = "store"
    TRAIN = "train"
    INTERNAL = "internal"
    INTERNAL_HIGH_RISK = "internal_high_risk"
    EXTERNAL_LIMITED = "external_limited"
    EXTERNAL_GENERAL = "external_general"
    OPEN_WEIGHTS = "open_weights"


RELEASES = frozenset({Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL, Gate.OPEN_WEIGHTS})
"""Gates at which something reaches people outside of the lab."""


class Ask(StrEnum):
    """Whether something is to begin or widen, or to go on."""

    START = "start"
    CONTINUE = "continue"


class NamedEnum(IntEnum):
    """An ordered enum that documents write by its lower-case name."""

    @property
    def word(self) -> str:
        """The word used in documents and on screens."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: object) -> NamedEnum | None:
        """Return the member with this lower-case name, or None."""
        if not isinstance(word, str) or word != word.lower():
            return None
        return cls.__members__.get(word.upper())


class Level(NamedEnum):
    """The level of a threshold's status, from harmless to held."""

    NOT_REQUIRED = 0
    RULED_OUT = 1
    NOT_RULED_OUT = 2
    CROSSED = 3
    UNASSESSED = 4


class Flag(StrEnum):
    """Independent marks beside the level of a status."""

    ALERT = "alert"
    FORECAST = "forecast"
    TREATED_AS = "treated_as"


class SafeguardState(NamedEnum):
    """What is known of a safeguard on one deployment, from best to worst."""

    LIVE_AND_SUFFICIENT = 0
    LIVE_UNPROVEN = 1
    PROVEN_NOT_LIVE = 2
    STALE = 3
    ABSENT = 4
    BREACHED = 5


class EffectLevel(NamedEnum):
    """What a gate does, from most to least permissive."""

    ALLOW = 0
    ALLOW_WITH = 1
    RESTRICT = 2
    HOLD = 3
    WITHDRAW = 4


class Modality(NamedEnum):
    """Strength of the verb as written, weakest first (`must` is the strongest)."""

    RECOMMENDS_INDUSTRY = 0
    MAY = 1
    AIM = 2
    INTEND = 3
    WOULD = 4
    WILL = 5
    MUST = 6

    @property
    def binds(self) -> bool:
        """Whether a row with this verb binds unless the file gives a reason (design)."""
        return self >= Modality.WILL


class Domain(StrEnum):
    """Neutral names of the domains of danger."""

    CBRN = "cbrn"
    CYBER = "cyber"
    AI_RND = "ai_rnd"
    MISALIGNMENT = "misalignment"
    MANIPULATION = "manipulation"
    AUTONOMY = "autonomy"


class Family(StrEnum):
    """Families of safeguards."""

    WEIGHT_SECURITY = "weight_security"
    DEPLOYMENT_FILTERS = "deployment_filters"
    ACCESS_CONTROLS = "access_controls"
    ALIGNMENT_EVIDENCE = "alignment_evidence"
    RESPONSE = "response"
    PROCESS = "process"


class IndicatorRole(StrEnum):
    """What passing or failing an indicator may do."""

    RULE_OUT = "rule_out"
    RULE_IN = "rule_in"
    ALERT = "alert"
    TRIGGER_ASSESSMENT = "trigger_assessment"
    NOTABLE = "notable"


class Measure(StrEnum):
    """What an indicator measures; each has one estimand in `estimate`."""

    PROPORTION = "proportion"
    MEAN_SCORE = "mean_score"
    FOLD_UPLIFT = "fold_uplift"
    HORIZON_MINUTES = "horizon_minutes"
    ELO = "elo"
    COUNT_OF = "count_of"
    JUDGEMENT = "judgement"


class Comparator(StrEnum):
    """On which side of its value a line counts as crossed."""

    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"


class Burden(StrEnum):
    """Who must show a fact: unknown is the worst value, or does not bind."""

    TO_RELEASE = "to_release"
    TO_HOLD = "to_hold"


class StatusRule(StrEnum):
    """What a status short of `crossed` does under a framework."""

    TREAT_AS_CROSSED = "treat_as_crossed"
    DETERMINATION_REQUIRED = "determination_required"
    NO_EFFECT = "no_effect"


class SofterRule(StrEnum):
    """What a determination softer than the finding does under a framework."""

    COUNTS = "counts"
    SHOWN_BESIDE = "shown_beside"


class BoundingRule(StrEnum):
    """What it does under a framework that a model is shown to be bounded by another one."""

    INHERITS = "inherits"
    SHOWN_BESIDE = "shown_beside"


class WeightsRule(StrEnum):
    """What evidence a rule-out needs where weights are released, under a framework."""

    OWN_EVIDENCE = "own_evidence"
    AS_ELSEWHERE = "as_elsewhere"


class PreregistrationRule(StrEnum):
    """What a rule-out needs of the plan that its evidence answers, under a framework."""

    NOT_REQUIRED = "not_required"
    RECORDED = "recorded"
    WITNESSED = "witnessed"


class SubstituteKind(StrEnum):
    """Why a policy accepts something in place of a named requirement."""

    INTERIM = "interim"
    ADEQUACY_JUDGEMENT = "adequacy_judgement"
    OPEN_RELEASE_BENEFIT = "open_release_benefit"
    COMPLY_OR_DISCLOSE = "comply_or_disclose"


class FactType(StrEnum):
    """Type of a named fact."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    CHOICE = "choice"


class DocumentAspect(StrEnum):
    """What a condition may ask of a document."""

    COVERED = "covered"
    APPROVED = "approved"
    PUBLISHED = "published"
    SENT = "sent"


class Redaction(NamedEnum):
    """How much of a document is withheld from an audience; what is not said is the most."""

    NONE = 0
    MINOR = 1
    SIGNIFICANT = 2
    UNSTATED = 3


class Kind(Enum):
    """Kind of a variable of the policy function."""

    STATUS = "status"
    FLAG = "flag"
    SAFEGUARD = "safeguard"
    SPECIFIED = "specified"
    SUBSTITUTE = "substitute"
    ACT = "act"
    DOCUMENT = "document"
    FACT = "fact"
    DISCRETION = "discretion"
    READING = "reading"
