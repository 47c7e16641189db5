"""What a finding is worth at one gate: where weights are released, fine-tuning must be bounded too.

1. Whoever has the weights can fine-tune them. So at `open_weights` a rule-out that rests on lines
   counts only if every line that rules out was also cleared on a variant fine-tuned to bring the
   capability out, unless the framework says otherwise (`semantics.open_weights`). Otherwise the
   threshold is `not_ruled_out` there.
2. A rule-out that was inferred, or that comes from a bound by another model, is none there.
3. A determination of people and an exemption stand as they do elsewhere.
4. Weights are in other hands, whichever gate is asked about, where the deployment itself has a
   surface `weights` or passes `open_weights`, or where another one of the same model does and has
   an instant at which it opened: then the same holds for every release to outsiders.

Source: design, "Gate"; OpenAI PF 2, 3.1 (fit elicitation to the expected access); its model card of
gpt-oss, whose levels rest on adversarially fine-tuned variants.
"""

from __future__ import annotations

from dataclasses import replace

from scalegate.gate.model import Assessment, Finding, Reason
from scalegate.policy.situation import Status
from scalegate.policy.vocabulary import Gate, IndicatorRole, Level, WeightsRule

_OUTWARD = frozenset({Gate.EXTERNAL_LIMITED, Gate.EXTERNAL_GENERAL})
_FROM_OTHERS = frozenset({Reason.INFERRED, Reason.BOUNDED_BY_REFERENCE})


def at_gate(known: Assessment, gate: Gate) -> Assessment:
    """Return the assessment as it counts at a gate."""
    rule = known.inputs.policy.semantics.open_weights.rule
    if rule is WeightsRule.AS_ELSEWHERE or not (
        gate is Gate.OPEN_WEIGHTS or (gate in _OUTWARD and _weights_are_out(known))
    ):
        return known
    tuned = {ref.id for item in known.measurements if item.is_fine_tuned for ref in item.evidence}
    lowered = {
        name: _lowered(finding)
        for name, finding in known.findings.items()
        if name not in known.supposed and _lacks_tuning(finding, tuned)
    }
    if not lowered:
        return known
    statuses = {name: finding.status for name, finding in lowered.items()}
    return replace(
        known,
        findings={**known.findings, **lowered},
        situation=replace(known.situation, statuses={**known.situation.statuses, **statuses}),
    )


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


def _lacks_tuning(finding: Finding, tuned: set[str]) -> bool:
    if finding.status.level is not Level.RULED_OUT:
        return False
    if _FROM_OTHERS & set(finding.reasons):
        return True
    if Reason.DETERMINED in finding.reasons and finding.own is not Level.RULED_OUT:
        return False
    clearing = [
        line
        for line in finding.indicators
        if line.indicator.role is IndicatorRole.RULE_OUT and line.level is Level.RULED_OUT
    ]
    return not all(tuned & {ref.id for ref in line.evidence} for line in clearing)


def _lowered(finding: Finding) -> Finding:
    return replace(
        finding,
        status=Status(level=Level.NOT_RULED_OUT, flags=finding.status.flags),
        reasons=(Reason.NOT_FINE_TUNED,),
        text="not ruled out for weights in other hands: no variant fine-tuned to bring it out was"
        " shown to lack it",
    )
