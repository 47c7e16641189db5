"""Toy policies of a few rows, over the vocabulary of the random ones, with single changes."""

from __future__ import annotations

from typing import Any

from scalegate.compare.diff import diff
from scalegate.compare.model import Comparison, Difference, Strength
from scalegate.policy.compile import compile_policy
from scalegate.policy.document import Policy
from scalegate.policy.vocabulary import Ask, EffectLevel, Gate
from tests.strategies.policies import CITE, policy_of

CROSSED = {"status": "T1", "at_least": "crossed"}


def row(name: str = "K", *, if_: Any = CROSSED, **changed: Any) -> dict[str, Any]:
    """Return a row that holds training while T1 is crossed and G1 is not live."""
    return {
        "id": name,
        "statement": "a row",
        "if": if_,
        "at": ["train"],
        "require": {"safeguard": "G1"},
        "otherwise": "hold",
        "modality": "must",
        "native_verb": "must",
        "cite": CITE,
        **changed,
    }


def compared(old: list[dict[str, Any]], new: list[dict[str, Any]], **made: Any) -> Difference:
    """Return the difference of two policies of these rows."""
    return between(policy_of(old), policy_of(new, **made))


def between(old: Policy, new: Policy) -> Difference:
    return diff(compile_policy(old), compile_policy(new))


def at(
    difference: Difference,
    gate: Gate = Gate.TRAIN,
    cut: EffectLevel = EffectLevel.HOLD,
    strength: Strength = Strength.BINDING,
) -> Comparison:
    """Return one comparison of a difference."""
    return next(
        each
        for each in difference.comparisons
        if (each.gate, each.ask, each.cut, each.strength) == (gate, Ask.START, cut, strength)
    )


def shown(comparison: Comparison) -> list[list[str]]:
    """Return the loosened situations, each as the names of what departs from the best."""
    return sorted(sorted(each.name for each in gap.deviations) for gap in comparison.loosened)
