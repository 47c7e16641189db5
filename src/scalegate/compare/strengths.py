"""One policy as several programs: the rows that decide, and the rows of each strength of verb.

Turning "must hold" into "intends to hold" changes nothing among the rows of both verbs together;
it is seen where only rows with the stronger verb count. So each policy is compared once over its
binding rows, and once per verb over the rows with that verb or a stronger one, whether or not they
decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scalegate.compare.model import Strength
from scalegate.policy.compile import Program
from scalegate.policy.document import Commitment, Policy


def strengths_of(*policies: Policy) -> tuple[Strength, ...]:
    """Return the strengths at which these policies can differ, binding rows first."""
    used = {row.modality for policy in policies for row in policy.commitments}
    return tuple(
        strength for strength in Strength if strength.modality is None or strength.modality in used
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which commitments count at a strength."""

    names: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[Commitment], strength: Strength) -> Selection:
        """Return the commitments of these that count."""
        weakest = strength.modality
        counted = (
            row.id for row in rows if (row.binds if weakest is None else row.modality >= weakest)
        )
        return cls(names=frozenset(counted))

    def view(self, every: Program) -> Program:
        """Return the program with only these rows; its literals and bits stay as they are."""
        rows = {
            at: tuple(row for row in found if row.name in self.names)
            for at, found in every.rows.items()
        }
        steps = {
            at: tuple(step for step in found if step.row.name in self.names)
            for at, found in every.steps.items()
        }
        return replace(
            every,
            rows={at: found for at, found in rows.items() if found},
            steps={at: found for at, found in steps.items() if found},
        )
