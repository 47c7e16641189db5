"""Ask Cedar, with policies and entities parsed once and reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cedarpy

from benchmarks.gate.world import Rows, attributes_of, cedar_of, entities_of
from scalegate.policy.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Cedar:
    """Everything that Cedar can be given before it is asked."""

    policies: Any
    names: dict[str, str]
    """The row of each policy, by Cedar's own id."""
    entities: list[Any]
    """Per situation: its entity, parsed."""
    requests: list[dict[str, Any]]
    """Per situation: its request."""

    def ask(self, number: int) -> Any:
        """Return Cedar's answer to one situation."""
        return cedarpy.is_authorized(self.requests[number], self.policies, self.entities[number])

    def firing(self, number: int) -> tuple[bool, frozenset[str]]:
        """Return whether the request is allowed, and the rows that forbid it."""
        answer = self.ask(number)
        assert not answer.diagnostics.errors
        reasons = (self.names.get(reason) for reason in answer.diagnostics.reasons)
        return bool(answer.allowed), frozenset(name for name in reasons if name)


def cedar_for(rows: Rows, situations: list[Situation]) -> Cedar:
    """Parse the policies and the entities once."""
    text = cedar_of(rows)
    # Cedar numbers policies in the order of the text: policy0 is the permit.
    names = {f"policy{number}": row["id"] for number, row in enumerate(rows, start=1)}
    names |= {row["id"]: row["id"] for row in rows}
    return Cedar(
        policies=cedarpy.PolicySet.from_str(text),
        names=names,
        entities=[cedarpy.Entities.from_json_str(entities_of([item])) for item in situations],
        requests=[
            {
                "principal": 'Lab::"a"',
                "action": 'Action::"external_general"',
                "resource": 'Model::"0"',
                "context": {},
            }
            for _ in situations
        ],
    )


__all__ = ["Cedar", "attributes_of", "cedar_for"]
