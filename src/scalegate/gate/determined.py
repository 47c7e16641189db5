"""Determinations: human answers beside the engine's own finding, graded and never silent.

1. A determination at least as strict as the finding counts.
2. A softer one is graded. `judged`: the threshold has no executable line, and the act rests on
   documents that are on record. `against_indicators`: a line, a plan or a concern says otherwise.
   `against_act_as_if`: the evidence is inconclusive and the framework itself says that then the
   threshold counts as crossed. `without_evidence`: the act rests on nothing on record.
3. Of the softer ones, `judged` counts. `against_indicators` counts only where the framework says,
   cited, that its indicators inform and do not decide (`softer_determination: counts`), and never
   against a planned run that is absent or a line that was not validly measured. The others never
   count. All are shown.
4. An `unassessed` threshold that whoever decides determines to be crossed, or not to be ruled out,
   on documents that are on record, counts as crossed (`precautionary`): the worst truth about the
   capability is then acted upon, and only full safeguards open anything.
5. An act of a role that the policy's table does not name, or that does not decide there, makes
   nothing softer; it is shown, and where it is stricter it counts.
"""

from __future__ import annotations

from datetime import datetime

from scalegate.gate.acts import InForce, acts_on, is_grounded, may_decide
from scalegate.gate.model import Grade, Inputs, Judged, Reason, Subject
from scalegate.policy.document import Threshold
from scalegate.policy.situation import Status
from scalegate.policy.vocabulary import Flag, Level, SofterRule, StatusRule

ANSWERS = {
    "ruled_out": Level.RULED_OUT,
    "not_reached": Level.RULED_OUT,
    "not_crossed": Level.RULED_OUT,
    "below": Level.RULED_OUT,
    "not_required": Level.RULED_OUT,
    "not_ruled_out": Level.NOT_RULED_OUT,
    "cannot_rule_out": Level.NOT_RULED_OUT,
    "undetermined": Level.NOT_RULED_OUT,
    "crossed": Level.CROSSED,
    "reached": Level.CROSSED,
    "treated_as": Level.CROSSED,
}
"""Words of a determination. Any other word is read as `not_ruled_out`."""

_INCONCLUSIVE = frozenset(
    {
        Reason.BLUNT,
        Reason.SUSPECT,
        Reason.INCONCLUSIVE,
        Reason.INVALID,
        Reason.STALE,
        Reason.NOT_ELICITED,
    }
)


_UNMEASURED = frozenset(
    {
        Reason.MISSING_RUNS,
        Reason.NO_EVIDENCE,
        Reason.INVALID,
        Reason.UNREADABLE,
        Reason.STALE,
        Reason.IMPUGNED,
    }
)
"""What was promised and is not there: no judgement stands in for it."""


def determine(
    inputs: Inputs,
    subject: Subject,
    asked: tuple[Threshold, datetime],
    own: tuple[Level, tuple[Reason, ...]],
) -> tuple[Status, tuple[Judged, ...]]:
    """Return the status that decides, and every determination, the one that prevails first."""
    threshold, at = asked
    question = f"threshold:{inputs.policy.name}/{threshold.id}"
    judged = [
        _judged(inputs, item, own)
        for item in acts_on(inputs, subject, question, at)
        if item.act.act == "determine"
    ]
    # Law 6: a stricter determination always counts, whoever else said something softer.
    counting = [item for item in judged if item.counts]
    stricter = [
        item for item in counting if item.level >= own[0] or item.grade is Grade.PRECAUTIONARY
    ]
    prevailing = (
        max(stricter, key=lambda item: item.level) if stricter else next(iter(counting), None)
    )
    level = own[0] if prevailing is None else prevailing.level
    flags = {Flag.TREATED_AS} if any(item.treated_as for item in stricter) else set()
    ordered = sorted(judged, key=lambda item: item is not prevailing)
    return Status(level=level, flags=frozenset(flags)), tuple(ordered)


def _judged(inputs: Inputs, item: InForce, own: tuple[Level, tuple[Reason, ...]]) -> Judged:
    act = item.act
    level = ANSWERS.get(act.answer, Level.NOT_RULED_OUT)
    grade = _grade(inputs, item, level, own)
    if grade is Grade.PRECAUTIONARY:
        level = Level.CROSSED
    return Judged(
        act=item.record.id,
        by=f"{act.by.role} ({act.by.name})" if act.by.name else act.by.role,
        level=level,
        grade=grade,
        counts=_counts(inputs, item, grade, own),
        statement=act.statement,
        dissent=tuple(f"{view.by}: {view.statement}" for view in act.dissent),
        decided_at=item.decided_at,
        citation=item.record.source.to_citation(),
        treated_as=act.treated_as,
    )


def _grade(
    inputs: Inputs, item: InForce, level: Level, own: tuple[Level, tuple[Reason, ...]]
) -> Grade:
    if level >= own[0]:
        return Grade.AGREES if level is own[0] else Grade.STRICTER
    if not is_grounded(inputs, item):
        return Grade.WITHOUT_EVIDENCE
    if own[0] is Level.UNASSESSED and level >= Level.NOT_RULED_OUT:
        return Grade.PRECAUTIONARY
    if own[1] == (Reason.NO_INDICATOR,):
        return Grade.JUDGED
    rule = inputs.policy.semantics.not_ruled_out
    acts_as_if = rule.rule is StatusRule.TREAT_AS_CROSSED and rule.cite is not None
    if acts_as_if and set(own[1]) <= _INCONCLUSIVE:
        return Grade.AGAINST_ACT_AS_IF
    return Grade.AGAINST_INDICATORS


def _counts(
    inputs: Inputs, item: InForce, grade: Grade, own: tuple[Level, tuple[Reason, ...]]
) -> bool:
    if grade in (Grade.AGREES, Grade.STRICTER):
        return True
    if not may_decide(inputs, item):
        return False
    if grade in (Grade.JUDGED, Grade.PRECAUTIONARY):
        return True
    softer = inputs.policy.semantics.softer_determination
    return (
        grade is Grade.AGAINST_INDICATORS
        and softer.rule is SofterRule.COUNTS
        and softer.cite is not None
        and own[0] is not Level.UNASSESSED
        and not _UNMEASURED & set(own[1])
    )
