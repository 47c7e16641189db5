"""Say what a decision takes on somebody's word: texts that outsiders cannot read.

A specification or a safeguard's standard whose text is withheld counts as *asserted*. Every
decision of a gate at which a row names it says so, whatever the answer is.
"""

from __future__ import annotations

from collections.abc import Iterator

from scalegate.gate.model import Assessment, Named, SafeguardFinding
from scalegate.policy.conditions import atoms_of
from scalegate.policy.document import Commitment
from scalegate.policy.vocabulary import Ask, Gate


def asserted(known: Assessment, gate: Gate, ask: Ask) -> Iterator[str]:
    """Yield what rests on a text that outsiders cannot read, each once, in words."""
    members = {item.id: item.members for item in known.inputs.policy.standards}
    named: dict[str, None] = {}
    for row in known.inputs.policy.commitments:
        if row.binds and gate in row.at and ask in row.asks:
            named |= dict.fromkeys(_names(row, members))
    specified = [name for name in named if _is_withheld(known.specified.get(name))]
    if specified:
        listed = ", ".join(specified)
        yield f"rests on {listed} as asserted: the text of its specification is not public"
    guards = [name for name in named if _is_withheld(known.safeguards.get(name))]
    if guards:
        listed = ", ".join(guards)
        yield f"rests on {listed} as asserted: what the evidence answers to is withheld"


def _is_withheld(item: Named | SafeguardFinding | None) -> bool:
    return item is not None and item.withheld


def _names(row: Commitment, members: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for atom, _ in (*atoms_of(row.if_), *atoms_of(row.require)):
        if atom.word in ("specified", "met"):
            yield atom.name
            yield from members.get(atom.name, ())
        elif atom.word == "safeguard":
            yield atom.name
