"""Which safeguards the rows on a threshold ask for, and which of them are not live yet.

1. A row is about a threshold if its `if` compares its status or names its flag.
2. What such a row's `require` names counts: safeguards, and the members of standards it wants met.
   A standard without known content counts by its own name.
3. *Live* is live and sufficient on the subject, as the assessment found it. What an alternative
   would do instead is not weighed: every part that is named is listed.

Does not check: whether the safeguards together open a gate (`why-not` does).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scalegate.gate.model import Assessment
from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Commitment, Policy
from scalegate.policy.vocabulary import SafeguardState

_TRIGGERS = ("status", "flag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One safeguard that the next step of a ladder asks for."""

    name: str
    """Its id, or that of a standard without known content."""
    state: str
    """Its state on the subject, in the policy's words."""
    is_live: bool
    """Whether it is live and sufficient."""
    rows: tuple[str, ...]
    """The commitments that ask for it."""
    owner: str = ""
    """Who owns the work; empty where the workspace does not say."""
    lead_days: int | None = None
    """How long the work takes; None where the workspace does not say."""

    def is_late(self, days: float | None) -> bool:
        """Whether it is not live and needs longer than `days`; an unknown lead time is late."""
        if self.is_live or days is None:
            return False
        return self.lead_days is None or self.lead_days > days

    def to_mapping(self) -> dict[str, Any]:
        """Return plain data for `--json`."""
        return {
            "name": self.name,
            "state": self.state,
            "is_live": self.is_live,
            "rows": list(self.rows),
            "owner": self.owner,
            "lead_days": self.lead_days,
        }


def needs_of(
    known: Assessment, threshold: str, owners: Mapping[str, tuple[str, int | None]]
) -> tuple[Need, ...]:
    """Return what the rows on a threshold ask for, what is not live first, then by name."""
    rows: dict[str, list[str]] = {}
    policy = known.inputs.policy
    for row in policy.commitments:
        if row.binds and _is_about(row, threshold):
            for name in dict.fromkeys(_named(row, policy)):
                rows.setdefault(name, []).append(row.id)
    found = (_need(known, name, tuple(ids), owners) for name, ids in rows.items())
    return tuple(sorted(found, key=lambda need: (need.is_live, need.name)))


def _is_about(row: Commitment, threshold: str) -> bool:
    return any(
        atom.word in _TRIGGERS and threshold in (atom.name, atom.constant)
        for atom, _ in atoms_of(row.if_)
    )


def _named(row: Commitment, policy: Policy) -> Iterator[str]:
    standards = {each.id: each for each in policy.standards}
    for atom, _ in atoms_of(row.require):
        if atom.word == "safeguard":
            yield atom.name
        elif atom.word in ("met", "specified"):
            standard = standards[atom.name]
            yield from standard.members or (standard.id,)


def _need(
    known: Assessment,
    name: str,
    rows: tuple[str, ...],
    owners: Mapping[str, tuple[str, int | None]],
) -> Need:
    finding = known.safeguards.get(name)
    owner, days = owners.get(name, ("", None))
    is_live = finding is not None and finding.state is SafeguardState.LIVE_AND_SUFFICIENT
    return Need(
        name=name,
        state="unknown" if finding is None else finding.state.word.replace("_", " "),
        is_live=is_live,
        rows=rows,
        owner=owner,
        lead_days=days,
    )
