"""Write a comparison as plain data: every item, families instead of long lists.

Questions with the same rows share one answer. `comparisons` says per gate, ask, cut and strength
how many minimal situations there are; `answers` lists them once, as families (`compare.families`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scalegate.compare.families import Family, families_of, plainest
from scalegate.compare.model import (
    Attribution,
    Change,
    Comparison,
    Difference,
    Element,
    Unmatched,
    VariableValue,
    Verdict,
)
from scalegate.compare.point_values import cell_word
from scalegate.compare.rivals import Readings
from scalegate.compare.sentences import (
    cited,
    element_text,
    sentence,
    situation_text,
    unmatched_text,
)
from scalegate.policy.document import Policy

Policies = tuple[Policy, Policy]


def difference_mapping(readings: Readings, crossed: Policies) -> dict[str, Any]:
    """Return a comparison as plain data.

    Args:
        readings: the comparison under the bridge and its rivals.
        crossed: both policies in the words of the bridge.
    """
    difference = readings.main
    return {
        "old": {"name": difference.old, "digest": difference.digests[0]},
        "new": {"name": difference.new, "digest": difference.digests[1]},
        "verdict": difference.verdict.value,
        "bridge": _bridge(readings),
        "is_looser_somewhere": readings.is_looser_somewhere,
        "is_stricter_somewhere": difference.is_stricter_somewhere,
        "comparisons": [_comparison(each) for each in difference.comparisons],
        "answers": [_answer(each, crossed) for each in _first_of_each(difference).values()],
        "unmatched": [_unmatched(each) for each in difference.unmatched],
        "elements": [_element(each) for each in difference.elements],
        "only_under_rivals": [
            {"claim": list(claim), "rivals": list(names)} for claim, names in readings.only_under()
        ],
    }


def _bridge(readings: Readings) -> dict[str, Any] | None:
    bridge = readings.bridge
    if bridge is None:
        return None
    return {
        "name": bridge.name,
        "digest": bridge.digest,
        "statement": bridge.statement,
        "rivals": [
            {"id": rival.id, "held_by": rival.held_by, "reason": rival.reason}
            for rival in bridge.rivals
        ],
    }


def _answer(comparison: Comparison, crossed: Policies) -> dict[str, Any]:
    lists = {
        change.value: [_family(family, comparison, crossed) for family in families_of(gaps)]
        for change, gaps in (
            (Change.LOOSENED, comparison.loosened),
            (Change.TIGHTENED, comparison.tightened),
        )
    }
    return {
        "answer": comparison.answer,
        "said_of": {"gate": comparison.gate.value, "ask": comparison.ask.value},
        **lists,
        "by_commitment": [_attribution(item, crossed) for item in comparison.clauses],
    }


def _family(family: Family, comparison: Comparison, crossed: Policies) -> dict[str, Any]:
    gap = family.gap
    holds, lets = crossed if gap.change is Change.LOOSENED else crossed[::-1]
    return {
        "sentence": sentence(gap, comparison, *crossed),
        "situations": family.count,
        "places": [[_value(value) for value in place] for place in family.places],
        "commitments": [{"id": name, "cite": cited(holds, [name])} for name in gap.clauses],
        "effect": gap.effect.word,
        "instead": {
            "governed": gap.instead.governed,
            "effect": gap.instead.level.word,
            "obligations": list(gap.instead.obligations),
            "advice": [{"id": name, "cite": cited(lets, [name])} for name in gap.advice],
        },
        "unless_shown": list(gap.unless_shown),
        "reach": [_value(value) for value in gap.reach],
    }


def _attribution(item: Attribution, crossed: Policies) -> dict[str, Any]:
    smallest = next(plainest(item.gaps))
    return {
        "commitment": item.clause,
        "change": item.change.value,
        "still_there": item.still_there,
        "heirs": list(item.heirs),
        "situations": len(item.gaps),
        "smallest": situation_text(smallest.deviations, crossed),
    }


def _first_of_each(difference: Difference) -> Mapping[int, Comparison]:
    found: dict[int, Comparison] = {}
    for comparison in difference.comparisons:
        if comparison.verdict not in (Verdict.EQUIVALENT, Verdict.UNDECIDED):
            found.setdefault(comparison.answer, comparison)
    return found


def _comparison(each: Comparison) -> dict[str, Any]:
    return {
        "gate": each.gate.value,
        "ask": each.ask.value,
        "cut": each.cut.word,
        "strength": each.strength.value,
        "verdict": each.verdict.value,
        "loosened": len(each.loosened),
        "tightened": len(each.tightened),
        "answer": each.answer,
        "engine": each.engine.value,
        "refused": each.refused,
    }


def _value(value: VariableValue) -> dict[str, Any]:
    return {
        "kind": value.kind.value,
        "name": value.name,
        "value": cell_word(value.cell),
        "known_to": sorted(value.known_to),
    }


def _unmatched(item: Unmatched) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "name": item.name,
        "side": item.side.value,
        "commitments": list(item.clauses),
        "sentence": unmatched_text(item),
    }


def _element(item: Element) -> dict[str, Any]:
    return {
        "what": item.what,
        "name": item.name,
        "change": item.change.value,
        "old": item.old,
        "new": item.new,
        "cites": list(item.cites),
        "sentence": element_text(item),
    }
