"""A generated policy of 200 commitments, the same policy in Cedar, and random situations.

20 thresholds, 20 safeguards, 10 facts. Each row: if up to two thresholds reach a level (and
sometimes a number or a flagged fact does), require one to three safeguards, otherwise hold. The
situations have no unknowns: Cedar skips a rule whose attribute is missing, which opens the gate,
so only known values can be compared.
"""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from scalegate.policy.document import Policy
from scalegate.policy.situation import Situation, Status
from scalegate.policy.vocabulary import Level, SafeguardState

ROOT = Path(__file__).resolve().parents[2]
ROWS = 200
THRESHOLDS = [f"T{number}" for number in range(20)]
SAFEGUARDS = [f"G{number}" for number in range(20)]
NUMBERS = [f"N{number}" for number in range(5)]
BOOLEANS = [f"B{number}" for number in range(5)]
LEVELS = [Level.RULED_OUT, Level.NOT_RULED_OUT, Level.CROSSED]
_CITE = {"document": "Generated", "section": "1", "page": "1"}

Rows = list[dict[str, Any]]


def rows(draw: random.Random) -> Rows:
    """Draw the rows, as data that both languages are written from."""
    found: Rows = []
    for number in range(ROWS):
        count = draw.choice((1, 2, 2))
        found.append(
            {
                "id": f"C{number:03}",
                "levels": {name: draw.choice(LEVELS) for name in draw.sample(THRESHOLDS, count)},
                "number": (draw.choice(NUMBERS), draw.randint(1, 9))
                if draw.random() < 0.2
                else None,
                "boolean": draw.choice(BOOLEANS) if draw.random() < 0.2 else None,
                "safeguards": {
                    name: draw.choice(list(SafeguardState)[:3])
                    for name in draw.sample(SAFEGUARDS, draw.choice((1, 2, 3)))
                },
            }
        )
    return found


def policy_of(rows: Rows) -> Policy:
    """Write the rows as a policy."""
    guard = {"family": "response", "statement": "generated", "cite": _CITE}
    return Policy.model_validate(
        {
            "schema": "scalegate/policy@1",
            "id": "generated",
            "version": "1",
            "lab": "Nobody",
            "title": "Generated",
            "effective_on": "2025-01-01",
            "source": {"title": "Generated", "published_at_url": "https://example.org"},
            "semantics": {
                "not_ruled_out": {"rule": "no_effect", "cite": _CITE},
                "forecast": {"rule": "no_effect", "cite": _CITE},
            },
            "domains": [{"id": "d", "neutral": "cyber", "native": "d", "cite": _CITE}],
            "thresholds": [
                {"id": name, "native": name, "domain": "d", "statement": "x", "cite": _CITE}
                for name in THRESHOLDS
            ],
            "safeguards": [{"id": name, "native": name, **guard} for name in SAFEGUARDS],
            "facts": [
                {"id": name, "type": kind, "statement": "x", "cite": _CITE}
                for kind, names in (("number", NUMBERS), ("boolean", BOOLEANS))
                for name in names
            ],
            "commitments": [_commitment(row) for row in rows],
        }
    )


def _commitment(row: dict[str, Any]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"status": name, "at_least": level.word} for name, level in row["levels"].items()
    ]
    if row["number"]:
        name, least = row["number"]
        parts.append({"fact": name, "at_least": least})
    if row["boolean"]:
        parts.append({"fact": row["boolean"]})
    return {
        "id": row["id"],
        "statement": "generated",
        "if": {"all": parts},
        "at": ["external_general"],
        "require": {
            "all": [
                {"safeguard": name, "at_least": state.word}
                for name, state in row["safeguards"].items()
            ]
        },
        "otherwise": "hold",
        "modality": "must",
        "native_verb": "must",
        "cite": _CITE,
    }


def cedar_of(rows: Rows) -> str:
    """Write the rows as Cedar policies over the attributes of the resource."""
    texts = ["permit (principal, action, resource);"]
    for row in rows:
        when = [f"resource.{name} >= {int(level)}" for name, level in row["levels"].items()]
        if row["number"]:
            name, least = row["number"]
            when.append(f"resource.{name} >= {least}")
        if row["boolean"]:
            when.append(f"resource.{row['boolean']}")
        met = [f"resource.{name} <= {int(state)}" for name, state in row["safeguards"].items()]
        condition = " && ".join([*when, f"!({' && '.join(met)})"])
        texts.append(
            f'@id("{row["id"]}") forbid (principal, action == Action::"external_general",'
            f" resource) when {{ {condition} }};"
        )
    return "\n".join(texts)


def situation(draw: random.Random) -> Situation:
    """Draw a situation in which a few rows fire, or none."""
    calm = draw.random()
    states = list(SafeguardState)
    return Situation(
        statuses={
            name: Status(level=Level.RULED_OUT if draw.random() < calm else draw.choice(LEVELS))
            for name in THRESHOLDS
        },
        safeguards={
            name: states[0] if draw.random() < calm else draw.choice(states) for name in SAFEGUARDS
        },
        facts={
            **{name: Decimal(draw.randint(0, 10)) for name in NUMBERS},
            **{name: draw.random() < 0.5 for name in BOOLEANS},
        },
    )


def attributes_of(situation: Situation) -> dict[str, Any]:
    """Write a situation as the attributes of a Cedar entity."""
    facts = {
        name: int(value) if isinstance(value, Decimal) else value
        for name, value in situation.facts.items()
    }
    return {
        **{name: int(status.level) for name, status in situation.statuses.items()},
        **{name: int(state) for name, state in situation.safeguards.items()},
        **facts,
    }


def entities_of(situations: list[Situation]) -> str:
    """Write the situations as Cedar entities `Model::"0"`, `Model::"1"`, ... in JSON."""
    return json.dumps(
        [
            {
                "uid": {"type": "Model", "id": str(number)},
                "attrs": attributes_of(item),
                "parents": [],
            }
            for number, item in enumerate(situations)
        ]
    )
