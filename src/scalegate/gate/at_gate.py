"""What a finding is worth at one gate: what the policy, or the release of weights, asks there only.

1. Whoever has the weights can fine-tune them. So at `open_weights` a rule-out that rests on lines
   counts only if every line that rules out was also cleared on a variant fine-tuned to bring the
   capability out, unless the framework says otherwise (`semantics.open_weights`). Otherwise the
   threshold is `not_ruled_out` there.
2. A rule-out that was inferred, or that comes from a bound by another model, is none there.
3. A determination of people and an exemption stand as they do elsewhere.
4. Weights are in other hands, whichever gate is asked about, where the deployment itself has a
   surface `weights` or passes `open_weights`, or where another one of the same model does and has
   an instant at which it opened: then the same holds for every release to outsiders.
5. What a binding row of the policy asks of elicitation at some gates only is asked of the lines
   that rule out there; where one does not show it, the threshold is `not_ruled_out`
   (`not_elicited`). What is asked at `open_weights` is asked of each release in rule 4; rules 2
   and 3 hold here too.

Source: design, "Gate"; OpenAI PF 2, 3.1 (fit elicitation to the expected access); its model card of
gpt-oss, whose levels rest on adversarially fine-tuned variants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scalegate.gate.elicitation_asked import rows_at, wanting
from scalegate.gate.model import Assessment, Finding, IndicatorFinding, Reason
from scalegate.policy.governance import Requirement
from scalegate.policy.situation import Status
from scalegate.policy.vocabulary import RELEASES, Gate, IndicatorRole, Level, WeightsRule

_FROM_OTHERS = frozenset({Reason.INFERRED, Reason.BOUNDED_BY_REFERENCE})


def at_gate(known: Assessment, gate: Gate) -> Assessment:
    """Return the assessment as it counts at a gate."""
    is_release = gate in RELEASES and (gate is Gate.OPEN_WEIGHTS or _weights_are_out(known))
    rule = known.inputs.policy.semantics.open_weights.rule
    if rule is not WeightsRule.AS_ELSEWHERE and is_release:
        known = _with(known, _untuned(known))
    rows = rows_at(known.inputs.policy, {gate, Gate.OPEN_WEIGHTS} if is_release else {gate})
    return _with(known, _unelicited(known, rows)) if rows else known


def _with(known: Assessment, lowered: Mapping[str, Finding]) -> Assessment:
    if not lowered:
        return known
    statuses = {name: finding.status for name, finding in lowered.items()}
    return replace(
        known,
        findings={**known.findings, **lowered},
        situation=replace(known.situation, statuses={**known.situation.statuses, **statuses}),
    )


def _untuned(known: Assessment) -> dict[str, Finding]:
    tuned = {ref.id for item in known.measurements if item.is_fine_tuned for ref in item.evidence}
    return {
        name: _lowered(finding, Reason.NOT_FINE_TUNED, _UNTUNED)
        for name, finding in _open_to_doubt(known)
        if _is_from_others(finding)
        or not all(tuned & {ref.id for ref in line.evidence} for line in _clearing(finding))
    }


def _unelicited(known: Assessment, rows: Sequence[Requirement]) -> dict[str, Finding]:
    """Return the findings that rows for a gate lower (rule 5)."""
    return {
        name: _lowered(finding, Reason.NOT_ELICITED, f"not ruled out at this gate: {said}")
        for name, finding in _open_to_doubt(known)
        if (said := _OF_OTHERS if _is_from_others(finding) else wanting(rows, _clearing(finding)))
    }


def _weights_are_out(known: Assessment) -> bool:
    """Say whether the register declares that outsiders have the weights (rule 4)."""
    register, subject = known.inputs.register, known.subject
    for ref, entry in register.deployments.items():
        if register.model_of.get(entry.checkpoint) != subject.model:
            continue
        releases = "open_weights" in entry.gates or "weights" in {s.kind for s in entry.surfaces}
        if releases and (ref == subject.deployment or entry.opened_at is not None):
            return True
    return False


def _open_to_doubt(known: Assessment) -> Iterator[tuple[str, Finding]]:
    """Yield the findings that rule out and are not the word of people (rule 3)."""
    for name, finding in known.findings.items():
        judged = Reason.DETERMINED in finding.reasons and finding.own is not Level.RULED_OUT
        if finding.status.level is not Level.RULED_OUT or name in known.supposed:
            continue
        if _is_from_others(finding) or not judged:
            yield name, finding


def _is_from_others(finding: Finding) -> bool:
    return bool(_FROM_OTHERS & set(finding.reasons))


def _clearing(finding: Finding) -> list[IndicatorFinding]:
    return [
        line
        for line in finding.indicators
        if line.indicator.role is IndicatorRole.RULE_OUT and line.level is Level.RULED_OUT
    ]


_UNTUNED = (
    "not ruled out for weights in other hands: no variant fine-tuned to bring it out was shown to"
    " lack it"
)
_OF_OTHERS = "what was inferred, or is bounded by another model, shows no elicitation of its own"


def _lowered(finding: Finding, reason: Reason, text: str) -> Finding:
    return replace(
        finding,
        status=Status(level=Level.NOT_RULED_OUT, flags=finding.status.flags),
        reasons=(reason,),
        text=text,
    )
