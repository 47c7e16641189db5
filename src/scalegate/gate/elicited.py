"""What is on record of elicitation behind a line, and how far a claimed level counts.

1. A claimed level counts by itself as E1 at most: it is declared, no evidence. More counts only
   with elicitation records about the line on the subject, and no further than their arms with a
   result reach together, or than is claimed. Where nobody claims a level, the arms' counts.
2. What an incident puts in doubt supports no level. What its arms show against the subject counts.
3. Arms are an AND: each arm with scores is judged against the line beside the evidence itself, and
   the strictest verdict counts (`elicited_arms`).
4. What budgets beyond those tried cost is an allowance, the largest over all curves; a curve that
   nothing bounds withholds the rule-out.
5. What the policy itself prints as its allowance counts. One that is declared as ours, or without
   a citation, is no evidence: it makes the allowance larger, never smaller.
6. So losing a record never raises a level, nor lowers the allowance of a level. What its arms and
   curves show against the subject would be lost too; so all records stand on the adverse register.

*Not checked here:* that an arm was tried as its record says, and by whom.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from scalegate.base.plain_text import plain
from scalegate.estimate.elicited import (
    Arm,
    Curve,
    Point,
    gap_allowance,
    judge_curve,
    measured_gap,
    supported_level,
)
from scalegate.estimate.model import (
    UNIT_OF_SCALE,
    Allowance,
    AllowanceComponent,
    AllowanceUnit,
    ElicitationLevel,
)
from scalegate.estimate.scale import in_unit, is_share
from scalegate.evidence.documents.elicited import ElicitationArm, ElicitationRecord
from scalegate.evidence.documents.fields import Elicitation
from scalegate.evidence.documents.fields import Level as Word
from scalegate.evidence.documents.plans import Mapping as Binding
from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.model import Kind
from scalegate.evidence.record import Record
from scalegate.gate.elicited_arms import SCALES, JudgedArm, gap_on_line, judged_arms
from scalegate.gate.model import EvidenceRef, Inputs, Subject
from scalegate.gate.refer import bears_on, clauses_of
from scalegate.gate.samples import unit_shares
from scalegate.policy.document import Indicator, Threshold
from scalegate.policy.ruler import AllowanceEntry

_RUNGS = tuple(ElicitationLevel)
AS_WORD: dict[ElicitationLevel, Word] = dict(zip(_RUNGS, get_args(Word), strict=True))
"""A level as documents write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elicited:
    """How hard ability was sought behind one line, as far as it is evidenced."""

    level: ElicitationLevel = ElicitationLevel.E0
    """What counts."""
    allowances: tuple[Allowance, ...] = ()
    """Those of the line, with what the records make of elicitation and budget."""
    arms: tuple[JudgedArm, ...] = ()
    """Arms with scores, in the scale of the line (rule 3)."""
    withholds: tuple[str, ...] = ()
    """Why nothing can be ruled out, one sentence each (rule 4)."""
    shown: tuple[str, ...] = ()
    """What is on record, a sentence each."""
    tried: frozenset[str] = frozenset()
    """Everything that arms with a result tried; also `external_team` where one of them was by an
    external team, and `attacker_budget` where budgets reach what the threat actor can spend."""
    budget: tuple[bool, str] | None = None
    """Whether budgets were tried as S5 asks, and what they show; None: none are on record."""

    @property
    def is_fine_tuned(self) -> bool:
        """Whether an arm with a result was fine-tuned."""
        return "fine_tuning" in self.tried


NOT_ELICITED = Elicited()
"""Nothing is on record, and nothing is claimed."""
Shares = tuple[float, ...]
_Asked = tuple[Threshold, Indicator, Binding]


def elicited_behind(
    inputs: Inputs,
    subject: Subject,
    asked: _Asked,
    measured: tuple[Elicitation | None, float, Sequence[EvidenceRef]],
) -> Elicited:
    """Return what was tried behind a line.

    Args:
        inputs: what was known.
        subject: whom the line is asked about.
        asked: the threshold, its line, and the mapping of what was measured.
        measured: what is claimed of the evidence, the error of each bound, and the evidence.
    """
    claim, alpha, refs = measured
    records = tuple(elicitation_records(inputs, subject, asked[0].id, asked[1].id))
    claimed = None if claim is None else ElicitationLevel(claim.level)
    if not records:
        return _unrecorded(claimed, asked[1])
    own: dict[str, Shares] = {name: () for ref in refs for name in (ref.id, ref.digest)}
    named = {arm.measured_by for each in records for arm in each.payload_as(ElicitationRecord).arms}
    for name, read in _mapped(inputs, subject, asked):
        own[name] = unit_shares(read[0], asked[1], read[1]) if read and name in named else ()
    believed = [record for record in records if record.id in inputs.ids]
    known = [(record, arm) for record in records for arm in _with_result(record, own)]
    counted, level, wants = _counted(claimed, believed, own)
    scored = [_arm(*each, own) for each in known if each[1].result is not None]
    every = [_arm(*each, own) for each in known]
    curves = tuple(_curves(records, alpha))
    documents = _documents(inputs, own)
    return Elicited(
        level=counted,
        allowances=tuple(_allowances(asked[1], counted, believed, curves)),
        arms=tuple(judged_arms(scored, asked[1:], alpha, _own_first(documents, refs))),
        withholds=tuple(dict.fromkeys(curve.blocks for _, curve in curves if curve.blocks)),
        shown=(
            *_shown(records, own, (counted, level, wants), curves),
            *_gap(known, every, asked, (alpha, documents)),
            *_only_declared(asked[1]),
        ),
        tried=frozenset(_words_of(believed, own, alpha)),
        budget=_budget(curves),
    )


def counted_level(
    inputs: Inputs, subject: Subject, asked: _Asked, measured: tuple[Elicitation | None, set[str]]
) -> ElicitationLevel:
    """Return the level that counts behind a line (rules 1 and 2).

    Args:
        inputs: what was known.
        subject: whom the line is asked about.
        asked: the threshold, its line, and the mapping of what was measured.
        measured: what is claimed of the evidence, and the ids and digests of the evidence.
    """
    claim, names = measured
    records = elicitation_records(inputs, subject, asked[0].id, asked[1].id)
    believed = [record for record in records if record.id in inputs.ids]
    claimed = None if claim is None else ElicitationLevel(claim.level)
    if not believed:
        return _by_word(claimed)
    known = {*names, *(name for name, _ in _mapped(inputs, subject, asked))}
    return _counted(claimed, believed, dict.fromkeys(known, ()))[0]


def level_by_word(claim: Elicitation | None) -> ElicitationLevel:
    """Return what a claim counts for where no line is asked about (rule 1)."""
    return _by_word(None if claim is None else ElicitationLevel(claim.level))


def _counted(
    claimed: ElicitationLevel | None, believed: Sequence[Record], own: Mapping[str, Shares]
) -> tuple[ElicitationLevel, ElicitationLevel, tuple[str, ...]]:
    """Return what counts, what the arms reach, and what the next level wants (rules 1 and 2)."""
    known = [_arm(record, arm, own) for record in believed for arm in _with_result(record, own)]
    level, wants = supported_level(known)
    by_arms = level if claimed is None else min(level, claimed, key=_RUNGS.index)
    return max(_by_word(claimed), by_arms, key=_RUNGS.index), level, wants


def _words_of(records: Sequence[Record], own: Container[str], alpha: float) -> Iterator[str]:
    for record in records:
        for arm in _with_result(record, own):
            yield from arm.tried
            if arm.team == "external":
                yield "external_team"
    curves = [curve for _, curve in _curves(records, alpha)]
    if curves and all(curve.is_answered for curve in curves):
        yield "attacker_budget"


def elicitation_records(
    inputs: Inputs, subject: Subject, threshold: str, line: str
) -> Iterator[Record]:
    """Yield the records about a line, or its threshold, on the subject."""
    clauses = clauses_of(inputs, line, threshold)
    for record in inputs.bundle.of_kind(Kind.ELICITATION_RECORD):
        said = record.payload_as(ElicitationRecord)
        about = said.tested or record.subject
        if clauses & set(said.indicators) and bears_on(inputs, about, subject):
            yield record


def _mapped(
    inputs: Inputs, subject: Subject, asked: _Asked
) -> Iterator[tuple[str, tuple[EvalLog, Binding] | None]]:
    """Yield what is mapped to a line and joined to the subject: it is measured, each by itself.

    Of each its name; where it is a log, with how it is read.
    """
    about = subject.checkpoint or subject.model or subject.ref
    clause = asked[2].indicator

    def is_joined(tested: str) -> bool:
        return tested in subject.names or inputs.register.carry(tested, about).connected

    for record in inputs.bundle.of_kind(Kind.MAPPING):
        binding = record.payload_as(Binding)
        if binding.indicator != clause or binding.control is not None:
            continue
        document = inputs.bundle.find(binding.selects.document or "")
        if document is not None:
            tested = getattr(document.payload, "tested", None) or document.subject
            if is_joined(tested):
                yield from ((name, None) for name in (document.id, document.digest))
        log = inputs.bundle.logs.get(binding.selects.log_sha256 or "")
        if log is not None and is_joined(binding.taken_on or ""):
            yield str(binding.selects.log_sha256), (log, binding)


def _unrecorded(claimed: ElicitationLevel | None, indicator: Indicator) -> Elicited:
    """Return what a level counts for without a record (rule 1)."""
    level = _by_word(claimed)
    shown = tuple(_only_declared(indicator))
    if claimed is not None and claimed is not ElicitationLevel.E0:
        counts = "" if claimed is level else f"; it counts as {level.value}"
        said = f"{claimed.value} is declared, no evidence: no elicitation record{counts}"
        shown = (said, *shown)
    return Elicited(
        level=level,
        allowances=tuple(_allowances(indicator, level, (), ())),
        shown=shown,
    )


def _only_declared(indicator: Indicator) -> Iterator[str]:
    """Say which allowance was declared as ours, which makes none smaller (rule 5)."""
    if indicator.measure not in SCALES:
        return
    for entry in indicator.allowances:
        if entry.component == "elicitation" and not _is_printed(entry):
            unit = UNIT_OF_SCALE[SCALES[indicator.measure]].value
            yield f"an allowance of {entry.amount} {unit} is declared, no evidence"


def _is_printed(entry: AllowanceEntry) -> bool:
    """Say whether the publisher prints the amount, rather than we."""
    return entry.cite is not None and not entry.ours


def _by_word(claimed: ElicitationLevel | None) -> ElicitationLevel:
    """Return what a claim counts for by itself: E1 at most."""
    return min(claimed or ElicitationLevel.E0, ElicitationLevel.E1, key=_RUNGS.index)


def _with_result(record: Record, own: Container[str]) -> Iterator[ElicitationArm]:
    """Yield the arms that have scores, or whose result is evidence that is measured here."""
    for arm in record.payload_as(ElicitationRecord).arms:
        if arm.result is not None or arm.measured_by in own:
            yield arm


def _arm(record: Record, arm: ElicitationArm, own: Mapping[str, Shares]) -> Arm:
    like = arm.demonstrations_like == "same_distribution"
    return Arm(
        name=f"`{plain(arm.id, limit=60)}` of {record.id}",
        tried=frozenset(arm.tried),
        is_independent=arm.team != "developers",
        demonstrations=(arm.demonstrations or 0) if like else 0,
        shares=arm.result.shares() if arm.result else own.get(arm.measured_by or "", ()),
    )


def _curves(records: Sequence[Record], alpha: float) -> Iterator[tuple[str, Curve]]:
    for record in records:
        for arm in record.payload_as(ElicitationRecord).arms:
            if arm.curve is None:
                continue
            points = [
                Point(
                    budget=float(point.budget),
                    shares=point.shares(),
                    is_by_item=bool(point.scores),
                )
                for point in arm.curve.points
            ]
            actor = arm.curve.attacker_budget
            found = judge_curve(points, None if actor is None else float(actor), alpha)
            yield f"`{plain(arm.id, limit=60)}` of {record.id}", found


def _budget(curves: Sequence[tuple[str, Curve]]) -> tuple[bool, str] | None:
    if not curves:
        return None
    open_ones = [(name, curve) for name, curve in curves if not curve.is_answered]
    name, curve = (open_ones or curves)[0]
    return not open_ones, f"budget curve of {name}: {curve.text}"


def _allowances(
    indicator: Indicator,
    level: ElicitationLevel,
    records: Sequence[Record],
    curves: Sequence[tuple[str, Curve]],
) -> Iterator[Allowance]:
    """Yield the allowances of a line (rules 4 and 5)."""
    if indicator.measure not in SCALES:  # a judgement has no axis
        return
    unit = UNIT_OF_SCALE[SCALES[indicator.measure]]
    declared: dict[AllowanceComponent, list[AllowanceEntry]] = {}
    for entry in indicator.allowances:
        declared.setdefault(AllowanceComponent(entry.component), []).append(entry)
    gaps = declared.pop(AllowanceComponent.ELICITATION, [])
    budgets = declared.pop(AllowanceComponent.BUDGET, [])
    for component, entries in declared.items():
        for entry in entries:
            yield _declared(component, entry, unit)
    yield from _for_gap(gaps, level, records, unit)
    yield from _for_budget(budgets, curves, unit)


def _declared(
    component: AllowanceComponent, entry: AllowanceEntry, unit: AllowanceUnit
) -> Allowance:
    return Allowance(
        component=component, amount=float(entry.amount), unit=unit, evidence=entry.statement
    )


def _for_gap(
    entries: Sequence[AllowanceEntry],
    level: ElicitationLevel,
    records: Sequence[Record],
    unit: AllowanceUnit,
) -> Iterator[Allowance]:
    said = [record.payload_as(ElicitationRecord) for record in records]
    left = [float(gap) for each in said for gap in each.residual_gaps]
    amount = float(sum(entry.amount for entry in entries))
    is_printed = all(map(_is_printed, entries))
    if entries and is_printed and in_unit(max(left, default=0.0), unit) <= amount:
        yield from (_declared(AllowanceComponent.ELICITATION, entry, unit) for entry in entries)
        return
    found = gap_allowance(level, left)
    if found is None:  # at E0 no allowance helps: nothing is ruled out
        return
    logits, evidence = found
    if not evidence and records:
        evidence = f"{level.value} by {', '.join(record.id for record in records)}"
    yield Allowance(
        component=AllowanceComponent.ELICITATION,
        amount=max(in_unit(logits, unit), amount),
        unit=unit,
        evidence=evidence or None,
    )


def _for_budget(
    entries: Sequence[AllowanceEntry],
    curves: Sequence[tuple[str, Curve]],
    unit: AllowanceUnit,
) -> Iterator[Allowance]:
    charged = [(in_unit(curve.logits, unit), name) for name, curve in curves if curve.is_answered]
    most, name = max(charged, default=(0.0, ""))
    if charged and (not entries or most > float(sum(entry.amount for entry in entries))):
        yield Allowance(
            component=AllowanceComponent.BUDGET,
            amount=most,
            unit=unit,
            evidence=f"budget curve of {name}",
        )
        return
    yield from (_declared(AllowanceComponent.BUDGET, entry, unit) for entry in entries)


def _shown(
    records: Sequence[Record],
    own: Container[str],
    levels: tuple[ElicitationLevel, ElicitationLevel, tuple[str, ...]],
    curves: Sequence[tuple[str, Curve]],
) -> Iterator[str]:
    counted, reached, wants = levels
    for record in records:
        for arm in record.payload_as(ElicitationRecord).arms:
            yield f"arm `{plain(arm.id, limit=60)}` of {record.id}: {_tried(arm, own)}"
    said = "" if counted is reached else f", {counted.value} counts by what is claimed"
    next_one = f"; for the next level: {_words(', '.join(wants))}" if wants else ""
    yield f"the arms reach {reached.value}{said}{next_one}"
    for name, curve in curves:
        yield f"budget curve of {name}: {curve.text}"


def _gap(
    known: Sequence[tuple[Record, ElicitationArm]],
    arms: Sequence[Arm],
    asked: _Asked,
    how: tuple[float, Mapping[str, Record]],
) -> Iterator[str]:
    """Say how far the strongest arm lies above the weakest, where the numbers tell."""
    (_, indicator, binding), (alpha, documents) = asked, how
    scale = SCALES.get(indicator.measure)
    if scale is not None and not is_share(scale):
        named = [(arm, each.measured_by) for (_, each), arm in zip(known, arms, strict=True)]
        yield from gap_on_line(named, (indicator, binding), alpha, documents)
        return
    gap = measured_gap(arms, 2.0 * alpha)
    if gap is not None:
        yield (
            f"gap between weakest arm {gap.weakest} and strongest {gap.strongest}: {gap.gap:.3g}"
            f" (from {gap.lower:.3g} to {gap.upper:.3g}, {1.0 - 2.0 * alpha:.0%} for all arms)"
        )


def _own_first(documents: Mapping[str, Record], refs: Sequence[EvidenceRef]) -> list[Record]:
    mine = [documents[ref.id] for ref in refs if ref.id in documents]
    return [*mine, *documents.values()]


def _documents(inputs: Inputs, names: Container[str]) -> dict[str, Record]:
    """Return the documents among what is measured on the line, by id and by digest."""
    return {
        name: record
        for record in inputs.bundle.records
        for name in (record.id, record.digest)
        if name in names
    }


def _tried(arm: ElicitationArm, own: Container[str]) -> str:
    who = f"by {plain(arm.by, limit=80)} ({arm.team}), {arm.hours:f} person-hours"
    cost = "" if arm.cost_usd is None else f", {arm.cost_usd:f} USD"
    tuned = ""
    if arm.demonstrations is not None and arm.demonstrations_like is not None:
        tuned = f", {arm.demonstrations} demonstrations ({_words(arm.demonstrations_like)})"
    return f"{_words(', '.join(arm.tried))}{tuned}; {who}{cost}; {_gave(arm, own)}"


def _gave(arm: ElicitationArm, own: Container[str]) -> str:
    if arm.result is None:
        if not arm.measured_by:
            return "no result: it counts for none"
        named = plain(arm.measured_by, limit=80)
        if arm.measured_by in own:
            return f"measured by {named}"
        return f"no mapping binds `{named}`, which measures it, to this line: it counts for none"
    shares = arm.result.shares()
    return f"{sum(shares):.4g} of {len(shares)}"


def _words(text: str) -> str:
    return text.replace("_", " ")
