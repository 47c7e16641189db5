"""The nouns of a report: everything a page shows, arranged and worded, nothing left to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scalegate.gate.model import Decision, Work
from scalegate.policy.vocabulary import Ask, Gate
from scalegate.report.words import Word

DecisionKey = tuple[str, str, Gate, Ask]
"""Framework, subject, gate and ask: what tells one decision of a report from another."""

WorkSets = tuple[tuple[Work, ...], ...]
"""Sets of work; doing exactly one of them opens the gate."""


def decision_key(decision: Decision) -> DecisionKey:
    """Return the key under which the sets of work of a decision are handed to `arrange`."""
    return decision.framework, decision.subject, decision.gate, decision.ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place in a document, as the report's list of sources has it."""

    number: int
    """Its number in the list."""
    label: str
    """Document, section and page."""
    url: str
    """The publisher's address as recorded; shown as text even where it is not linked."""
    linked: bool
    """Whether the address may be linked: http or https and nothing odd in it."""

    @property
    def anchor(self) -> str:
        """The id of its entry in the list."""
        return f"source-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One track of a chart: an interval against its lines, in units of the drawing."""

    label: str
    """What is drawn: indicator and reading."""
    state: Word
    """The verdict in words, or the threshold's level where there is no estimate."""
    caption: str
    """The numbers in one line."""
    y: float
    """Top of the track."""
    start: float | None = None
    """Left end of the interval; None where there is no estimate."""
    end: float | None = None
    point: float | None = None
    line: float | None = None
    """The policy's line."""
    effective: float | None = None
    """The line after allowances."""
    open_right: bool = False
    """Whether the interval has no upper end, or leaves the drawing."""
    open_left: bool = False
    """Whether the interval leaves the drawing to the left."""
    danger_start: float | None = None
    """Left end of the crossed side of the line."""
    danger_end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Intervals against lines on one axis."""

    anchor: str
    title: str
    description: str
    """The text alternative: what each track shows, in a sentence each."""
    axis: str
    """Name and unit of the axis, and whether it is logarithmic."""
    ticks: tuple[tuple[float, str], ...]
    """Position and text of each tick."""
    bars: tuple[Bar, ...]
    width: float
    height: float
    axis_y: float
    """Where the axis stands."""
    has_effective: bool
    """Whether any track has a line after allowances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """One estimate against one line, as text: a row of the table that stands beside the chart."""

    indicator: str
    eval: str
    reading: str
    verdict: Word
    point: str
    interval: str
    line: str
    effective: str
    units: str
    """How many units and samples, and how many of them are missing."""
    allowances: tuple[str, ...]
    budget: str
    details: tuple[str, ...]
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorView:
    """What the evidence says of one line."""

    id: str
    eval: str
    role: str
    rule: str
    """The line, with its side."""
    statement: str
    level: Word
    reasons: str
    text: str
    ours: str
    source: Source
    evidence: tuple[str, ...]
    until: str
    """How long it counts, in words; empty where nothing ends it."""
    mapped_because: tuple[str, ...]
    alert: bool
    rests_on: tuple[str, ...] = ()
    """What its verdicts rest on, what was looked at, and the gates of sharpness, a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedView:
    """A determination, beside the finding."""

    act: str
    by: str
    level: Word
    grade: Word
    counts: bool
    statement: str
    dissent: tuple[str, ...]
    decided: str
    source: Source
    treated_as: bool
    cause: str
    """Why it differs from the engine's own finding; empty where it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One threshold: where the model stands, the finding and what was determined."""

    id: str
    native: str
    anchor: str
    height: int
    """How many rungs lie below it."""
    level: Word
    """The level that decides."""
    flags: tuple[Word, ...]
    own: Word
    """The engine's own finding."""
    evidence: str
    """The deciding evidence in one phrase."""
    reasons: str
    text: str
    statement: str
    operational_test: str
    required: str
    source: Source
    missing: tuple[str, ...]
    concerns: tuple[str, ...]
    until: str
    """How long the finding counts, in words; empty where nothing ends it."""
    indicators: tuple[IndicatorView, ...]
    judged: tuple[JudgedView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The thresholds of one domain, highest first."""

    domain: str
    native: str
    watch_list: bool
    source: Source
    rungs: tuple[Rung, ...]
    charts: tuple[Chart, ...]
    verdicts: tuple[VerdictRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseView:
    """A row of the policy that fixes a decision."""

    id: str
    statement: str
    verb: str
    """The verb as printed, with its modality."""
    otherwise: Word
    binding_reason: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned:
    """One part of an explanation, with the place of an equal part that was shown before."""

    text: str
    holds: bool | None
    citation: str
    evidence: tuple[str, ...]
    anchor: str
    """The id of this part; empty for a part without parts of its own."""
    same_as: str
    """The id of an equal part shown before, whose parts are not repeated; empty for none."""
    children: tuple[Reasoned, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Sets of work with what they share told apart."""

    shared: tuple[Work, ...]
    """What every set contains."""
    rest: WorkSets
    """What each set contains beside that, smallest first; empty where there is one set only."""
    count: int
    """How many sets there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverView:
    """A recorded waiver beside an answer, which it does not change."""

    entry: int
    """Where it stands in the log, from 0."""
    by: str
    """Who waives, with the role."""
    reason: str
    until: str
    """Until before when, as it was written."""
    is_in_force: bool
    """Whether it is in force at the instant asked about; else it has ended, and counts as none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """One decision, with everything a reader may ask of it."""

    anchor: str
    gate: str
    ask: str
    word: Word
    summary: str
    """One line: what fixes the answer."""
    decision: Decision
    clauses: tuple[ClauseView, ...]
    why: Reasoned
    advice: tuple[Reasoned, ...]
    work: Opening
    judgement: Opening
    """Sets that need a judgement, told apart from work."""
    has_work: bool
    """Whether sets of work were computed for this gate."""
    work_limit: str
    """How far the search for sets went; empty where every set is there."""
    turn: str
    """When today's answer turns by itself, and to what."""
    readings: tuple[tuple[str, Word], ...]
    readings_differ: bool
    """Whether some reading gives another effect than another."""
    orders: tuple[tuple[str, str, str, str, str], ...]
    """Authority, kind, effect, statement, review date."""
    waivers: tuple[WaiverView, ...] = ()
    """Recorded waivers beside the answer; they change nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeguardView:
    """A safeguard on the subject."""

    id: str
    native: str
    family: str
    state: Word
    claimed: str
    differs: bool
    """Whether the claimed state is another than the one derived."""
    reasons: str
    text: str
    observed: str
    age: str
    expires: str
    surfaces: tuple[tuple[str, Word], ...]
    withheld: bool
    source: Source
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedView:
    """A fact, act, document aspect, reading, substitute or discretion."""

    kind: str
    name: str
    value: str
    text: str
    expires: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """A piece of evidence."""

    id: str
    anchor: str
    kind: str
    observed: str
    source: Source | None
    flags: tuple[tuple[str, int], ...]
    samples: tuple[str, ...]
    digest: str
    used_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """One framework on one subject."""

    anchor: str
    framework: str
    title: str
    lab: str
    subject: str
    in_force: str
    digest: str
    indicator_sets: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    """How the framework reads a status, and whether that is its text or ours."""
    source_url: str
    source_linked: bool
    source_note: str
    ladders: tuple[Ladder, ...]
    gates: tuple[GateView, ...]
    safeguards: tuple[SafeguardView, ...]
    named: tuple[NamedView, ...]
    elicitation: tuple[str, ...]
    """What the policy asks of elicitation, and whether records show it, a sentence each."""
    unused: tuple[str, ...]
    notes: tuple[str, ...]


MOST_BESIDE = 4
"""So many frameworks fit beside each other on paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryCell:
    """One gate under one framework."""

    word: Word | None
    """None where the gate was not asked under this framework."""
    anchor: str = ""
    because: str = ""
    turn: str = ""


SummaryRow = tuple[str, tuple[SummaryCell, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All gates of one subject under all frameworks."""

    subject: str
    frameworks: tuple[str, ...]
    rows: tuple[SummaryRow, ...]
    """One per gate, a cell per framework."""

    @property
    def is_turned(self) -> bool:
        """Whether the frameworks are rows on a page: more of them than gates do not fit beside."""
        return len(self.frameworks) > MOST_BESIDE and len(self.frameworks) > len(self.rows) > 0

    @property
    def shown(self) -> tuple[tuple[str, ...], tuple[SummaryRow, ...]]:
        """The heads of the columns, and the rows, as they fit on a page."""
        if not self.is_turned:
            return self.frameworks, self.rows
        columns = zip(*(cells for _, cells in self.rows), strict=True)
        return (
            tuple(name for name, _ in self.rows),
            tuple(zip(self.frameworks, columns, strict=True)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Something that turns by itself."""

    at: datetime
    day: str
    distance: str
    what: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """A duty with its window."""

    duty: str
    statement: str
    framework: str
    subject: str
    state: Word
    starts_on: str
    started: str
    due: str
    distance: str
    started_by: str
    to: tuple[str, ...]
    must_contain: tuple[str, ...]
    modality: str
    source: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a page shows, in order."""

    title: str
    generated_for: str
    """Who asked; empty where nobody is named."""
    asked: tuple[str, ...]
    """What was asked, a sentence each."""
    as_of: datetime
    engine: str
    summaries: tuple[Summary, ...]
    expiries: tuple[Expiry, ...]
    policies: tuple[PolicyView, ...]
    evidence: tuple[EvidenceView, ...]
    clocks: tuple[ClockView, ...]
    sources: tuple[Source, ...]
    adverse: tuple[tuple[str, int, str], ...] = ()
    """Per subject: count and head of the register of adverse records."""
    anchors: Mapping[str, str] = field(default_factory=dict)
    """From the id or digest of evidence to the id of its entry."""
