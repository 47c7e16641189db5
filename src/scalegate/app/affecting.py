"""Ask what relied on something: over every subject and policy, or the ones named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalegate.app.deciding import Prepared, gates_for, subjects_of
from scalegate.evidence.relies import Rest, named_in, rests_on
from scalegate.gate.affected import Affected, affected
from scalegate.gate.assess import assess
from scalegate.policy.vocabulary import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """Everything that relied on one thing."""

    name: str
    """Id of the document, digest of the log, or `safeguard:NAME`."""
    resting: tuple[Rest, ...]
    """What on record rests on it."""
    affected: tuple[Affected, ...]
    """Subjects and policies of which something relied on it."""


def trace(prepared: Prepared, ref: str, subjects: Sequence[str] = (), *, ask: Ask) -> Traced:
    """Find everything that relied on a document, a log or a safeguard.

    Raises:
        UnknownName: nothing on record has this name, or more than one thing has.
    """
    name = named_in(prepared.bundle, ref)
    resting = rests_on(prepared.bundle, name)
    found = []
    for subject in subjects or subjects_of(prepared):
        asked = [(gate, ask) for gate in gates_for(prepared, subject)]
        for inputs in prepared.inputs:
            known = assess(inputs, subject, prepared.instants.true_at)
            each = affected(known, name, resting, asked)
            if each.touched or each.gates:
                found.append(each)
    return Traced(name=name, resting=resting, affected=tuple(found))
