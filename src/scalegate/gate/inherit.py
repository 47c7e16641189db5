"""What a subject has from another model: by a rule that exempts it, or by a bound.

1. A subject that a cited rule exempts has `not_required`, or what its root has if that is worse,
   with the concerns about the root.
   The root is the last comprehensively assessed model; a model in between passes nothing on.
2. A subject that the register says is bounded by a reference in a domain, from now on or before,
   with evidence that is on record, has the status of the reference there, flags included, if the
   framework lets bounds count (`semantics.bounding`). Else the bound is shown beside the finding.
3. Of several references the one with the mildest status counts: each is a bound by itself.
4. A bound only stands in for what was not assessed. What was found on the subject itself, for it
   or against it, stays; nothing adverse is outweighed by what another model did.
5. What is inherited lasts no longer than what it is inherited from.

Source: design, "Model register"; Anthropic RSP 2.2, 3.1; Google DeepMind FSF 3.1, 1.3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from scalegate.evidence.register import Bound
from scalegate.gate.judge import findings
from scalegate.gate.measure import measure_all
from scalegate.gate.model import Assessment, Finding, Inputs, Reason
from scalegate.gate.refer import resolve_subject
from scalegate.policy.evaluate import condition_holds
from scalegate.policy.situation import Status
from scalegate.policy.vocabulary import BoundingRule, Domain, Flag, Level


def inherited(known: Assessment) -> Mapping[str, Finding] | None:
    """Return the findings with what the subject has from others; None where it has nothing."""
    exempted = _exempted(known)
    own = {**known.findings, **exempted}
    bounded = dict(_bounded(known.inputs, known.subject.ref, own, known.at))
    return {**own, **bounded} if exempted or bounded else None


def _exempted(known: Assessment) -> dict[str, Finding]:
    """Return the findings on thresholds that a cited rule exempts the subject from."""
    applying = [
        rule
        for rule in known.inputs.policy.exemptions
        if condition_holds(known.inputs.policy, rule.when, known.situation)
    ]
    if not applying:
        return {}
    root = _root_findings(known) if any(rule.inherits for rule in applying) else None
    exempted: dict[str, list[Finding]] = {}
    for rule in applying:
        if rule.inherits and root is None:
            continue
        for name in rule.thresholds:
            above = root[name] if root and rule.inherits else None
            exempted.setdefault(name, []).append(_exempt(known.findings[name], above))
    # Several rules on one threshold: the strictest result stands.
    return {
        name: max(found, key=lambda item: item.status.level) for name, found in exempted.items()
    }


def _root_findings(known: Assessment) -> Mapping[str, Finding] | None:
    register, subject = known.inputs.register, known.subject
    growth = register.growth(subject.model) if subject.model else None
    if growth is None or growth.root == subject.model:
        return None
    return _findings_of(known.inputs, growth.root, known.at)


def _findings_of(inputs: Inputs, ref: str, at: datetime) -> Mapping[str, Finding]:
    """Return the findings on another registered model, with its own bounds."""
    subject = resolve_subject(inputs.register, ref)
    own = findings(inputs, subject, measure_all(inputs, subject), at)
    return {**own, **dict(_bounded(inputs, ref, own, at))}


def _is_adverse(own: Finding) -> bool:
    """Say whether anything on the subject itself speaks against it.

    A line that a mapping names is on the closed list, so losing its evidence is adverse too.
    """
    listed = any(not line.is_missing for line in own.indicators) or bool(own.missing)
    said = bool(own.concerns) or any(item.level > Level.RULED_OUT for item in own.judged)
    return own.status.level in (Level.NOT_RULED_OUT, Level.CROSSED) or (
        (listed or said) and own.status.level > Level.RULED_OUT
    )


def _exempt(own: Finding, root: Finding | None) -> Finding:
    """An exempt subject keeps its root's status where that is worse than `ruled_out`."""
    from_root = root is not None and root.status.level > Level.RULED_OUT
    level = root.status.level if root and from_root else Level.NOT_REQUIRED
    # Adverse evidence on the subject itself still counts: exemption is from assessment only.
    adverse = _is_adverse(own)
    level = max(level, own.status.level) if adverse else level
    reason = Reason.INHERITED if from_root else Reason.EXEMPT
    whence = f" from {root.threshold} of its root" if root else " by a cited rule"
    return replace(
        own,
        status=Status(level=level, flags=_joined_flags(own, root)),
        reasons=(reason, *own.reasons) if adverse else (reason,),
        concerns=(*own.concerns, *(root.concerns if root and from_root else ())),
        expires_at=_first_end(own, root),
        text=f"{level.word.replace('_', ' ')}: {reason.value}{whence}",
    )


def _joined_flags(own: Finding, other: Finding | None) -> frozenset[Flag]:
    return own.status.flags | (other.status.flags if other else frozenset())


def _first_end(own: Finding, other: Finding | None) -> datetime | None:
    ends = [end for item in (own, other) if item for end in [item.expires_at] if end is not None]
    return min(ends, default=None)


def _bounded(
    inputs: Inputs, ref: str, own: Mapping[str, Finding], at: datetime
) -> Iterator[tuple[str, Finding]]:
    """Yield the findings that a bound changes, or that it is to be shown beside."""
    neutral = {entry.id: entry.neutral for entry in inputs.policy.domains}
    for threshold in inputs.policy.thresholds:
        found = own[threshold.id]
        holding = [
            bound
            for bound in inputs.register.bounds_of(ref)
            if _holds(inputs, bound, neutral[threshold.domain], at)
        ]
        if not holding or found.status.level is not Level.UNASSESSED or _is_adverse(found):
            continue
        others = [(bound, _findings_of(inputs, bound.by, at)[threshold.id]) for bound in holding]
        bound, reference = min(others, key=lambda pair: (pair[1].status.level, pair[0].by))
        yield threshold.id, _with_bound(inputs, found, bound, reference)


def _holds(inputs: Inputs, bound: Bound, domain: Domain, at: datetime) -> bool:
    return (
        domain.value in bound.domains
        and bound.framework in (None, inputs.policy.name)
        and (bound.since is None or bound.since <= at)
        and set(bound.evidence) <= inputs.ids
    )


def _with_bound(inputs: Inputs, own: Finding, bound: Bound, reference: Finding) -> Finding:
    level = reference.status.level
    word = level.word.replace("_", " ")
    said = f"bounded by {bound.by}, which is {word}"
    counts = inputs.policy.semantics.bounding.rule is BoundingRule.INHERITS
    if not counts or level is Level.UNASSESSED:
        why = "" if counts else "; the framework has no rule by which that counts"
        return replace(own, text=f"{own.text}; {said}{why}")
    return replace(
        own,
        status=Status(level=level, flags=_joined_flags(own, reference)),
        reasons=(Reason.BOUNDED_BY_REFERENCE,),
        expires_at=_first_end(own, reference),
        text=f"{word}: {said} ({', '.join(bound.evidence)})",
    )
