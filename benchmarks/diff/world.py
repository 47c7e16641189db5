"""Two generated policies, as data, as documents, and as badness of facts for the peers.

Two facts in five are capabilities, two safeguards, one a flag. A rule: if one or two capabilities
reach a level (and sometimes a flag is set), one or two safeguards must reach theirs, or it holds.
The second policy raises some levels, drops some requirements, lowers some levels and adds some
requirements. Every fact pushes one way.

For the peers a fact has a *badness*, from 0 at its best to 3 (a flag: 1). A rule then is a set of
facts with the badness at which it applies, and a set with the badness at which it is unmet.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from scalegate.policy.document import Policy

_CITE = {"document": "Generated", "section": "1", "page": "1"}
LEVELS = 3

Atom = tuple[str, int]
"""A fact and its badness."""
Situation = frozenset[Atom]
"""What departs from the best; each fact with its badness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One commitment."""

    id: str
    applies: tuple[Atom, ...]
    """All of them, for it to apply."""
    unmet: tuple[Atom, ...]
    """Any of them, for it not to be satisfied."""


Rules = tuple[Rule, ...]


def facts_of(count: int) -> dict[str, int]:
    """Return the facts with the worst badness of each."""
    levelled = count * 2 // 5
    names = [f"C{place}" for place in range(levelled)] + [f"G{place}" for place in range(levelled)]
    flags = [f"F{place}" for place in range(count - 2 * levelled)]
    return {**dict.fromkeys(names, LEVELS), **dict.fromkeys(flags, 1)}


def drawn(draw: random.Random, facts: dict[str, int], count: int) -> Rules:
    """Draw rules."""
    kinds = {kind: [name for name in facts if name[0] == kind] for kind in "CGF"}
    found = []
    for number in range(count):
        applies = [
            (name, draw.randint(1, LEVELS)) for name in draw.sample(kinds["C"], draw.randint(1, 2))
        ]
        if draw.random() < 0.3:
            applies.append((draw.choice(kinds["F"]), 1))
        unmet = [
            (name, draw.randint(1, LEVELS)) for name in draw.sample(kinds["G"], draw.randint(1, 2))
        ]
        found.append(Rule(id=f"K{number}", applies=tuple(applies), unmet=tuple(unmet)))
    return tuple(found)


def revised(draw: random.Random, rules: Rules, facts: dict[str, int]) -> Rules:
    """Return the rules with one in ten weakened and one in ten strengthened."""
    found = list(rules)
    guards = [name for name in facts if name[0] == "G"]
    for place in draw.sample(range(len(rules)), len(rules) // 5):
        rule = rules[place]
        (name, level), *rest = rule.applies
        change = draw.randint(0, 3)
        if change == 0 and level < LEVELS:
            found[place] = replace(rule, applies=((name, level + 1), *rest))
        elif change == 1 and len(rule.unmet) > 1:
            found[place] = replace(rule, unmet=rule.unmet[1:])
        elif change == 2 and level > 1:
            found[place] = replace(rule, applies=((name, level - 1), *rest))
        else:
            found[place] = replace(rule, unmet=(*rule.unmet, (draw.choice(guards), 1)))
    return tuple(found)


def policy_of(rules: Rules, facts: dict[str, int], version: str) -> Policy:
    """Write rules as a policy; a capability and a safeguard are numbers."""
    fact = {"statement": "generated", "cite": _CITE}
    return Policy.model_validate(
        {
            "schema": "scalegate/policy@1",
            "id": "generated",
            "version": version,
            "lab": "Nobody",
            "title": "Generated",
            "effective_on": "2025-01-01",
            "source": {"title": "Generated", "published_at_url": "https://example.org"},
            "semantics": {
                name: {"rule": "no_effect", "cite": _CITE} for name in ("not_ruled_out", "forecast")
            },
            "domains": [{"id": "d", "neutral": "cyber", "native": "d", "cite": _CITE}],
            "facts": [
                {"id": name, "type": "boolean" if name[0] == "F" else "number", **fact}
                for name in facts
            ],
            "commitments": [_commitment(rule) for rule in rules],
        }
    )


def _commitment(rule: Rule) -> dict[str, object]:
    trigger = [
        {"fact": name} if name[0] == "F" else {"fact": name, "at_least": level}
        for name, level in rule.applies
    ]
    # A safeguard is unmet at badness 1 where it must be at its highest level, 3.
    wanted = [{"fact": name, "at_least": LEVELS + 1 - level} for name, level in rule.unmet]
    return {
        "id": rule.id,
        "statement": "generated",
        "if": {"all": trigger},
        "at": ["train"],
        "require": {"all": wanted},
        "otherwise": "hold",
        "modality": "must",
        "native_verb": "must",
        "cite": _CITE,
    }
