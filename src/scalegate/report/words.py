"""State words: one function per kind of state gives its word, its symbol and its meaning.

1. Command line, JSON and HTML all take the words from here, so they cannot drift apart.
2. A state is always a word and a symbol. `tone` picks a colour, which never carries meaning alone.
3. A gate at which a policy binds nothing is `NOT GOVERNED`, never a kind of open.
4. A shut gate says in a second word whether a requirement is known to be unmet, whether that is
   inconclusive (nothing but missing knowledge holds it), or whether an order holds it.
5. `allow_with` while something is still owed beforehand is `NOT YET`, never a kind of open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scalegate.estimate.model import Outcome as VerdictOutcome
from scalegate.gate.clocks import ClockState
from scalegate.gate.incident_book import IncidentState
from scalegate.gate.model import Decision, Grade
from scalegate.policy.vocabulary import Ask, EffectLevel, Flag, Gate, Level, SafeguardState


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """How one state is shown."""

    word: str
    """The word, the same on every screen."""
    symbol: str
    """A sign that can be told from the others without colour."""
    ascii: str
    """The sign for terminals that cannot show `symbol`."""
    tone: str
    """Name of a colour group: `open`, `owed`, `limit`, `hold`, `stop`, `unknown`, `none`."""
    meaning: str
    """What the word means, for the glossary."""
    qualifier: str = ""
    """A second word where the first has two cases, such as a hold for what is not known."""

    @property
    def label(self) -> str:
        """Symbol and word."""
        return f"{self.symbol} {self.word}"

    @property
    def ascii_label(self) -> str:
        """Symbol and word, in ASCII."""
        return f"{self.ascii} {self.word}"

    def to_mapping(self) -> dict[str, str]:
        """Return plain data for `--json`."""
        found = {"word": self.word, "symbol": self.symbol}
        return {**found, "qualifier": self.qualifier} if self.qualifier else found


def _word(word: str, signs: str, tone: str, meaning: str, *, qualifier: str = "") -> Word:
    symbol, ascii_sign = signs.split()
    return Word(
        word=word,
        symbol=symbol,
        ascii=ascii_sign,
        tone=tone,
        meaning=meaning,
        qualifier=qualifier,
    )


EFFECTS = {
    EffectLevel.ALLOW: _word("OPEN", "✓ +", "open", "Every binding row of the gate is satisfied."),
    EffectLevel.ALLOW_WITH: _word(
        "OPEN WITH", "✚ *", "owed", "Satisfied, with obligations that are owed while it stays open."
    ),
    EffectLevel.RESTRICT: _word(
        "RESTRICT", "◐ ~", "limit", "Only within the limits named; not open for what was asked."
    ),
    EffectLevel.HOLD: _word("HOLD", "■ !", "hold", "Do not start or widen; pause a run."),
    EffectLevel.WITHDRAW: _word(
        "WITHDRAW", "✖ x", "stop", "Stop what runs; where weights are stored, lock them."
    ),
}
NOT_YET = _word(
    "NOT YET",
    "◔ o",
    "limit",
    "Satisfied, but something that must come first is not yet recorded as met: the gate is shut.",
)
NOT_GOVERNED = _word(
    "NOT GOVERNED",
    "∅ -",
    "none",
    "The policy binds nothing at this gate. That is not permission.",
)
NO_PART = _word(
    "no part", "· .", "none", "No row that fixes the answer at a gate asked about names it."
)

NO_LONGER = _word(
    "not in force", "○ -", "none", "An order that has not begun, has ended or was lifted."
)
NO_CONTRIBUTION = _word(
    "no contribution", "· .", "none", "A line that is shown and does not change the status."
)

LEVELS = {
    Level.NOT_REQUIRED: _word(
        "not required", "○ -", "none", "The policy exempts this subject, by a rule that is cited."
    ),
    Level.RULED_OUT: _word(
        "ruled out",
        "✓ +",
        "open",
        "The bound lies on the safe side of the line, allowances included.",
    ),
    Level.NOT_RULED_OUT: _word(
        "not ruled out", "≈ ~", "limit", "The evidence does not exclude the level."
    ),
    Level.CROSSED: _word("crossed", "▲ !", "hold", "Shown, or determined, to have the capability."),
    Level.UNASSESSED: _word(
        "unassessed", "? ?", "unknown", "No evidence that counts; it decides as if crossed."
    ),
}
FLAGS = {
    Flag.ALERT: _word("alert", "⚑ !", "hold", "An alert line was reached and is not released."),
    Flag.FORECAST: _word(
        "forecast", "↗ >", "limit", "Expected to cross before the next assessment."
    ),
    Flag.TREATED_AS: _word(
        "treated as crossed", "≡ =", "limit", "Handled as crossed by precaution, without a finding."
    ),
}
SAFEGUARDS = {
    SafeguardState.LIVE_AND_SUFFICIENT: _word(
        "live and sufficient", "✓ +", "open", "On at every registered surface, shown to be enough."
    ),
    SafeguardState.LIVE_UNPROVEN: _word(
        "live, unproven", "◐ ~", "limit", "On, without evidence on record that it is enough."
    ),
    SafeguardState.PROVEN_NOT_LIVE: _word(
        "proven, not live", "◔ o", "limit", "Shown to be enough, but not on where it must be."
    ),
    SafeguardState.STALE: _word("stale", "↻ @", "limit", "Its evidence has expired."),
    SafeguardState.ABSENT: _word("absent", "○ -", "hold", "Nothing on record says that it is on."),
    SafeguardState.BREACHED: _word("breached", "✖ x", "stop", "An incident impugns it."),
}
GRADES = {
    Grade.AGREES: _word("agrees", "= =", "open", "Says what the engine finds."),
    Grade.STRICTER: _word("stricter", "▲ ^", "none", "Stricter than the finding; always counts."),
    Grade.PRECAUTIONARY: _word(
        "precautionary", "≡ ~", "none", "Treats what is unassessed as crossed, by precaution."
    ),
    Grade.JUDGED: _word(
        "judged", "◇ <", "limit", "Softer than the finding, where no line speaks against it."
    ),
    Grade.AGAINST_INDICATORS: _word(
        "against indicators", "≠ #", "hold", "Softer than lines of the policy that were reached."
    ),
    Grade.AGAINST_ACT_AS_IF: _word(
        "against the act-as-if rule",
        "≠ #",
        "hold",
        "Softer than the policy's own rule for what is not excluded.",
    ),
    Grade.WITHOUT_EVIDENCE: _word(
        "without evidence", "? ?", "unknown", "Stated with nothing on record to judge it by."
    ),
}
VERDICTS = {
    VerdictOutcome.RULED_OUT: _word(
        "rules out", "✓ +", "open", "The bound lies on the safe side of the effective line."
    ),
    VerdictOutcome.RULED_IN: _word(
        "rules in", "▲ !", "hold", "The other bound lies on the dangerous side of the line."
    ),
    VerdictOutcome.NOT_RULED_OUT: _word(
        "does not rule out", "≈ ~", "limit", "Neither bound settles it."
    ),
    VerdictOutcome.BLUNT: _word(
        "blunt", "⊘ /", "unknown", "Could not have cleared even a model at the safe level."
    ),
    VerdictOutcome.SUSPECT: _word(
        "suspect", "⚐ ?", "limit", "Would rule out, but a sign of hidden ability is open."
    ),
    VerdictOutcome.INVALID: _word(
        "invalid", "? ?", "unknown", "A hard condition failed: the eval says nothing."
    ),
}
CLOCKS = {
    ClockState.OVERDUE: _word("overdue", "✖ x", "stop", "The window closed and nothing was done."),
    ClockState.RUNNING: _word("running", "◔ o", "limit", "The window is open."),
    ClockState.FULFILLED: _word("fulfilled", "✓ +", "open", "Recorded as done."),
    ClockState.NOT_STARTED: _word(
        "not started", "○ -", "none", "Nobody recorded the event that starts it."
    ),
    ClockState.NO_WINDOW: _word(
        "no window", "∅ -", "none", "Started; the text gives no length of time."
    ),
}
INCIDENTS = {
    IncidentState.GOING_ON: _word("going on", "✖ x", "stop", "It has not ended."),
    IncidentState.ENDED: _word(
        "ended, not closed", "◔ o", "hold", "Over; it breaches what it names until it is closed."
    ),
    IncidentState.CLOSED: _word(
        "closed", "✓ +", "none", "An act that counts closed it; it breaches nothing any more."
    ),
    IncidentState.NOT_BEGUN: _word(
        "not begun", "○ -", "none", "Recorded before its first instant."
    ),
}
_MET = _word("met", "✓ +", "open", "In a why: this part holds.")
_UNMET = _word("not met", "✖ x", "hold", "In a why: this part does not hold, or is not shown to.")
_OPEN = _word("not asked", "· .", "none", "In a why: the question does not arise.")

GATES = {
    Gate.STORE: "store weights",
    Gate.TRAIN: "train",
    Gate.INTERNAL: "use internally",
    Gate.INTERNAL_HIGH_RISK: "use internally, high risk",
    Gate.EXTERNAL_LIMITED: "limited external release",
    Gate.EXTERNAL_GENERAL: "general release",
    Gate.OPEN_WEIGHTS: "release weights",
}
ASKS = {Ask.START: "to start or widen", Ask.CONTINUE: "to continue"}


def effect_word(level: EffectLevel) -> Word:
    """Return the word of an effect by itself, as in a row's `otherwise`."""
    return EFFECTS[level]


def decision_word(decision: Decision) -> Word:
    """Return the word of a decision, the only place where one is chosen."""
    if not decision.governed and decision.level <= EffectLevel.ALLOW_WITH:
        return NOT_GOVERNED
    if decision.level is EffectLevel.ALLOW_WITH and decision.before:
        return NOT_YET
    word = EFFECTS[decision.level]
    if decision.level < EffectLevel.RESTRICT:
        return word
    if decision.level > decision.outcome.level:
        return replace(word, qualifier="by order")
    return replace(word, qualifier="inconclusive" if decision.inconclusive else "requirement unmet")


def level_word(level: Level) -> Word:
    """Return the word of a threshold's level."""
    return LEVELS[level]


def contribution_word(level: Level | None) -> Word:
    """Return the word of what one line contributes to its threshold; None: nothing."""
    return NO_CONTRIBUTION if level is None else LEVELS[level]


def flag_words(flags: Iterable[Flag]) -> tuple[Word, ...]:
    """Return the words of a status's flags, in the order of the vocabulary."""
    present = frozenset(flags)
    return tuple(word for flag, word in FLAGS.items() if flag in present)


def safeguard_word(state: SafeguardState) -> Word:
    """Return the word of a safeguard's state."""
    return SAFEGUARDS[state]


def grade_word(grade: Grade) -> Word:
    """Return the word of a determination's grade."""
    return GRADES[grade]


def verdict_word(outcome: VerdictOutcome) -> Word:
    """Return the word of a verdict about one line."""
    return VERDICTS[outcome]


def clock_word(state: ClockState) -> Word:
    """Return the word of a clock's state."""
    return CLOCKS[state]


def incident_word(state: IncidentState) -> Word:
    """Return the word of where an incident stands."""
    return INCIDENTS[state]


def part_word(*, holds: bool | None) -> Word:
    """Return the word of one node of a why."""
    if holds is None:
        return _OPEN
    return _MET if holds else _UNMET


def limit_text(complete_up_to: int | None) -> str:
    """Say how far a search for sets of work went; empty where it found every set."""
    if complete_up_to is None:
        return ""
    return (
        f"every set of at most {complete_up_to} changes is here; beyond that the search ended, and"
        " there may be others"
    )


def gate_words(gate: Gate, ask: Ask) -> str:
    """Name a gate and what is asked at it, in words."""
    return f"{GATES[gate]}, {ASKS[ask]}"


def glossary() -> tuple[tuple[str, tuple[Word, ...]], ...]:
    """Return every state word by group, with its meaning."""
    return (
        ("Gates", (*EFFECTS.values(), NOT_YET, NOT_GOVERNED)),
        ("Thresholds", (*LEVELS.values(), *FLAGS.values())),
        ("Verdicts about one line", tuple(VERDICTS.values())),
        ("Safeguards", tuple(SAFEGUARDS.values())),
        ("Determinations, beside the finding", tuple(GRADES.values())),
        ("Clocks", tuple(CLOCKS.values())),
        ("Orders", (NO_LONGER,)),
        ("Incidents", tuple(INCIDENTS.values())),
        ("Parts of a why", (_MET, _UNMET, _OPEN)),
    )
