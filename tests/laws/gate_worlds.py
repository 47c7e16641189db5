"""What the laws of the gate share: deciding every gate of a world, and comparing decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from hypothesis import settings

from scalegate.evidence.eval_log import EvalLog
from scalegate.evidence.record import Record
from scalegate.gate.assess import assess
from scalegate.gate.decide import decide
from scalegate.gate.model import Assessment, Decision
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate
from scalegate.report.json_view import decision_to_mapping
from tests.strategies import lab
from tests.strategies.worlds import World

FEWER = settings(max_examples=max(settings().max_examples * 2 // 5, 10))
"""Whole decisions are dear: two fifths of the profile's examples, forty where it has a hundred."""
GATES = (Gate.EXTERNAL_GENERAL, Gate.INTERNAL)
SUBJECTS = (lab.DEPLOYMENT, lab.MODEL)


def assess_in(
    world: World,
    *,
    records: Iterable[Record] | None = None,
    logs: Mapping[str, EvalLog] | None = None,
    policy: Policy | None = None,
    ref: str = lab.DEPLOYMENT,
) -> Assessment:
    """Assess a subject of a world, with other records, logs or policy where given."""
    found = lab.inputs(
        policy or world.policy,
        world.records if records is None else records,
        world.logs if logs is None else logs,
    )
    return assess(found, ref, lab.AT)


def decisions(known: Assessment, *, turns: bool = False) -> list[Decision]:
    """Decide both gates, to start and to continue."""
    return [decide(known, gate, ask, turns=turns) for gate in GATES for ask in Ask]


def is_no_more_permissive(before: Decision, after: Decision) -> bool:
    """Say whether the second decision lets through no more than the first."""
    if not before.governed:
        # For comparison the most permissive verdict there is; never open.
        return True
    if after.level < before.level or (after.is_open and not before.is_open):
        return False
    if before.level is after.level is EffectLevel.RESTRICT:
        return all(
            set(value.split(" and ")) <= set(after.limits.get(key, "").split(" and "))
            for key, value in before.limits.items()
        )
    return True


def text_of(decision: Decision) -> str:
    """Return the canonical text of a decision."""
    return json.dumps(decision_to_mapping(decision), sort_keys=True, ensure_ascii=False)
